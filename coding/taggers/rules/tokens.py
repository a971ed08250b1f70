"""How texts become words: spaCy's tokens, or characters with the word boundaries of an analyser.

A text is cut at white space and at hyphens and dashes (a hyphen counts as a space). In most languages
each piece is then tokenised by spaCy, every distinct piece once. Japanese and Korean are read
character by character, and Sudachi or kiwi, where installed, say where words begin and end.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, installed_by

if TYPE_CHECKING:
    from collections.abc import Iterator

Ints = NDArray[np.int32]
Boundaries = Callable[[str], Iterable[tuple[int, int]]]
Pieces = dict[str, tuple[str, ...]]

HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
BY_CHARACTER = {"ja": "sudachi", "ko": "kiwi"}

_PIECE = re.compile(rf"[^\s{re.escape(HYPHENS)}]+")
_MARKED = re.compile(r"([A-Za-z]{2,})([,;:?!]|(?<=[a-z]{2})\.|['\u2019]s)")
_SEPARATOR = "\ue000"  # private use: no tokenizer knows it, so nothing is read across it
# Apostrophes are one; soft hyphens and zero-width characters are not seen, so they are not compared.
_ALIKE = str.maketrans({"\u2019": "'", "\u02bc": "'"} | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_ANALYSED_AT_ONCE = 10_000  # code points; Sudachi takes 49,149 bytes
REMEMBERED = 65_536  # distinct pieces of texts; of names and numbers there is no end


def fold(word: str) -> str:
    """Return the form under which words are compared when case does not matter.

    Examples
    --------
    >>> fold("Japan\u2019s"), fold("ＣＥＲＴ"), fold("capa\u00adcity")
    ("japan's", 'cert', 'capacity')
    """
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", word).lower().translate(_ALIKE)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of several texts, one after the other.

    Attributes
    ----------
    words : distinct tokens as they stand in the texts
    token : number in `words` of each token, length T
    start, end : code points of each token in its text, length T
    sizes : tokens of each text
    begins, ends : whether a word begins (ends) with each token, length T; None where every token is a word
    """

    words: tuple[str, ...]
    token: Ints
    start: Ints
    end: Ints
    sizes: tuple[int, ...]
    begins: NDArray[np.bool_] | None = None
    ends: NDArray[np.bool_] | None = None


class Tokeniser(Protocol):
    """What cuts texts and patterns into tokens, both in the same way."""

    @property
    def name(self) -> str:
        """How the words were found, as the user is told."""
        ...

    def read(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts."""
        ...

    def words(self, pattern: str) -> list[str]:
        """Return the tokens of a word of a pattern."""
        ...


@lru_cache(maxsize=8)
def tokeniser(language: str) -> Tokeniser:
    """Return the tokeniser of a language; making one is slow, so it is kept.

    Raises
    ------
    CodingError
        If the language is unknown.
    """
    if language in BY_CHARACTER:
        return CharacterTokeniser(language)
    return SpacyTokeniser(language)


def missing_analyser(language: str) -> str:
    """Return what to install so that words are told apart; empty if they are."""
    if tokeniser(language).name.startswith("characters"):
        return f" With {installed_by(language)} phrases begin and end with words."
    return ""


class SpacyTokeniser:
    """spaCy's tokens for each piece of a text, remembered.

    Parameters
    ----------
    language : as spaCy names it
    most : pieces that are remembered; beyond it all are forgotten: memory does not grow with the texts
    """

    def __init__(self, language: str, *, most: int = REMEMBERED) -> None:
        import spacy

        try:
            self._nlp = spacy.blank(language)
        except (ImportError, ModuleNotFoundError) as error:
            raise CodingError(
                f"language '{language}': {str(error).splitlines()[0]} "
                "Give a language that spaCy knows, such as en."
            ) from error
        self.name = f"spaCy {language}"
        self._language, self._most = language, most
        self._known: Pieces = {}
        self._special: frozenset[str] = frozenset(getattr(self._nlp.tokenizer, "rules", None) or ())

    def read(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts."""
        places = [_pieces(text) for text in texts]
        piece, pieces = _numbered(list(chain.from_iterable(found for found, _ in places)))
        inside = self._cut(pieces)
        how_many = np.fromiter(map(len, inside), np.int32, len(inside))
        tokens = list(chain.from_iterable(inside))
        number, words = _numbered(tokens)
        length = np.fromiter(map(len, tokens), np.int32, len(tokens))
        first = np.cumsum(how_many, dtype=np.int32) - how_many
        # A piece holds no white space, so its tokens follow one another.
        ends = np.cumsum(length, dtype=np.int32)
        offset = ends - length - np.repeat(np.append(0, ends)[first], how_many)
        counts = how_many[piece]
        until = np.cumsum(counts, dtype=np.int32)
        whole = int(until[-1]) if len(until) else 0
        taken = np.repeat(first[piece] - (until - counts), counts) + np.arange(whole, dtype=np.int32)
        begin = np.concatenate([starts for _, starts in places]) if places else np.empty(0, np.int32)
        start = (np.repeat(begin, counts) + offset[taken]).astype(np.int32)
        cuts = np.append(0, until)[np.cumsum([0, *(len(found) for found, _ in places)])]
        sizes = tuple(np.diff(cuts).tolist())
        return Tokens(tuple(words), number[taken], start, start + length[taken], sizes)

    def words(self, pattern: str) -> list[str]:
        """Return the tokens of a word of a pattern."""
        if pattern.isascii() and pattern.isalpha() and pattern not in self._special:
            return [pattern]
        return list(chain.from_iterable(self._cut(_PIECE.findall(pattern))))

    def _cut(self, pieces: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the tokens of each piece, remembered if it was seen before."""
        if len(self._known) > self._most:
            self._forget()
        known = self._known  # another thread may forget meanwhile
        self._learn([piece for piece in pieces if piece not in known], known)
        return [known[piece] for piece in pieces]

    def _forget(self) -> None:
        """Begin anew: spaCy too keeps what it has seen, in its vocabulary and beside its tokenizer."""
        import spacy

        self._nlp, self._known = spacy.blank(self._language), {}

    def _learn(self, pieces: Sequence[str], known: Pieces) -> None:
        """Tokenise pieces, many in one go: a separator keeps each to itself.

        A piece of unaccented letters is one token unless it is a special case: no rule of spaCy's
        for the beginning, inside or end of words fits letters alone. In English the same holds of such a
        piece before a mark or a genitive, which is a token of its own (tests hold both to that).
        """
        plain = []
        for piece in pieces:
            if piece.isascii() and piece.isalpha() and piece not in self._special:
                known[piece] = (piece,)
            elif (marked := self._marked(piece)) is not None:
                known[piece] = marked
            elif _SEPARATOR not in piece:
                plain.append(piece)
        found = iter(self._nlp.make_doc(f" {_SEPARATOR} ".join(plain))) if plain else iter(())
        for piece in plain:
            tokens = tuple(takewhile(lambda text: text != _SEPARATOR, (token.text for token in found)))
            if "".join(tokens) != piece:  # a tokenizer with white space of its own
                tokens = tuple(token.text for token in self._nlp.make_doc(piece))
            known[piece] = tokens
        for piece in (piece for piece in pieces if piece not in known):
            known[piece] = tuple(token.text for token in self._nlp.make_doc(piece))

    def _marked(self, piece: str) -> tuple[str, str] | None:
        found = _MARKED.fullmatch(piece) if self._nlp.lang == "en" and piece not in self._special else None
        if found is None or found[1] in self._special:
            return None
        return found[1], found[2]


def _numbered(texts: Sequence[str]) -> tuple[Ints, list[str]]:
    """Return the number of each text among the distinct ones, and these in the order of their first place."""
    distinct: defaultdict[str, int] = defaultdict()
    distinct.default_factory = distinct.__len__  # a new text gets the next number
    numbers = np.fromiter(map(distinct.__getitem__, texts), np.int32, len(texts))
    return numbers, list(distinct)


def _pieces(text: str) -> tuple[list[str], Ints]:
    """Return what stands between white space and hyphens, and where each piece begins."""
    spaced = text
    for hyphen in HYPHENS:
        spaced = spaced.replace(hyphen, " ")
    if text.isascii():
        codes: NDArray[np.integer] = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    else:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    gap = np.ones(len(text) + 1, dtype=np.bool_)
    gap[1:] = _gaps()[codes]
    return spaced.split(), np.flatnonzero(gap[:-1] & ~gap[1:]).astype(np.int32)


@lru_cache(maxsize=1)
def _gaps() -> NDArray[np.bool_]:
    """Say of every code point whether it is white space or a hyphen."""
    gaps = np.zeros(0x110000, dtype=np.bool_)
    for code in range(0x3001):  # no white space lies beyond
        gaps[code] = chr(code).isspace() or chr(code) in HYPHENS
    return gaps


_RUN = re.compile(
    rf"[^\W\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\s{re.escape(HYPHENS)}]"
)


class CharacterTokeniser:
    """Characters as tokens, runs of Latin letters and digits as one; an analyser marks the words."""

    def __init__(self, language: str) -> None:
        analyser = _ANALYSERS[language]()
        self.name = f"{BY_CHARACTER[language]}, {language}" if analyser else f"characters, {language}"
        self._boundaries = analyser

    def read(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts."""
        numbers: dict[str, int] = {}
        token, start, end, sizes = [], [], [], []
        begins: list[NDArray[np.bool_]] = []
        ends: list[NDArray[np.bool_]] = []
        for text in texts:
            found = [(m.start(), m.end()) for m in _RUN.finditer(text)]
            token += [numbers.setdefault(text[a:b], len(numbers)) for a, b in found]
            start += [a for a, _ in found]
            end += [b for _, b in found]
            sizes.append(len(found))
            if self._boundaries:
                firsts, lasts = self._word_edges(text)
                begins.append(np.array([a in firsts for a, _ in found], dtype=np.bool_))
                ends.append(np.array([b in lasts for _, b in found], dtype=np.bool_))
        return Tokens(
            words=tuple(numbers),
            token=np.array(token, dtype=np.int32),
            start=np.array(start, dtype=np.int32),
            end=np.array(end, dtype=np.int32),
            sizes=tuple(sizes),
            begins=np.concatenate(begins) if begins else None,
            ends=np.concatenate(ends) if ends else None,
        )

    def words(self, pattern: str) -> list[str]:
        """Return the tokens of a word of a pattern."""
        return _RUN.findall(pattern)

    def _word_edges(self, text: str) -> tuple[set[int], set[int]]:
        assert self._boundaries is not None
        spans = [
            (at + first, at + last) for at, part in _lines(text) for first, last in self._boundaries(part)
        ]
        return {first for first, _ in spans}, {last for _, last in spans}


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the text in parts that an analyser takes, with the place of each."""
    at = 0
    while at < len(text):
        end = text.find("\n", at, at + _ANALYSED_AT_ONCE) + 1
        if not end and at + _ANALYSED_AT_ONCE < len(text):  # a long line: cut behind a full stop or a space
            end = max(text.rfind(mark, at, at + _ANALYSED_AT_ONCE) for mark in "\u3002. ") + 1
        end = end or min(at + _ANALYSED_AT_ONCE, len(text))
        yield at, text[at:end]
        at = end


def _sudachi() -> Boundaries | None:
    try:
        from sudachipy import Dictionary, SplitMode
    except ModuleNotFoundError:
        return None
    # The shortest units: a phrase may be longer than a word, never shorter than the shortest.
    analyser = Dictionary().tokenizer(SplitMode.A)
    return lambda text: [(m.begin(), m.end()) for m in analyser.tokenize(text)]


def _kiwi() -> Boundaries | None:
    try:
        from kiwipiepy import Kiwi
    except ModuleNotFoundError:
        return None
    analyser = Kiwi()
    return lambda text: [(token.start, token.end) for token in analyser.tokenize(text)]


_ANALYSERS: dict[str, Callable[[], Boundaries | None]] = {"ja": _sudachi, "ko": _kiwi}
