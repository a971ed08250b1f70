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
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Iterator

Ints = NDArray[np.int32]
Boundaries = Callable[[str], Iterable[tuple[int, int]]]

HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
BY_CHARACTER = {"ja": "sudachi", "ko": "kiwi"}

_PIECE = re.compile(rf"[^\s{re.escape(HYPHENS)}]+")
_MARKED = re.compile(r"[A-Za-z]{2,}[,;:?!]|[A-Za-z]?[a-z]{2,}\.")
_SEPARATOR = "\ue000"  # private use: no tokenizer knows it, so nothing is read across it
# Apostrophes are one; soft hyphens and zero-width characters are not seen, so they are not compared.
_ALIKE = str.maketrans({"\u2019": "'", "\u02bc": "'"} | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_ANALYSED_AT_ONCE = 10_000  # code points; Sudachi takes 49,149 bytes


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


class SpacyTokeniser:
    """spaCy's tokens for each piece of a text, remembered."""

    def __init__(self, language: str) -> None:
        import spacy

        try:
            self._nlp = spacy.blank(language)
        except (ImportError, ModuleNotFoundError) as error:
            raise CodingError(
                f"language '{language}': {str(error).splitlines()[0]} "
                "Give a language that spaCy knows, such as en."
            ) from error
        self.name = f"spaCy {language}"
        self._known: dict[str, tuple[tuple[int, str], ...]] = {}
        self._special: frozenset[str] = frozenset(getattr(self._nlp.tokenizer, "rules", None) or ())

    def read(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts."""
        places = [_pieces(text) for text in texts]
        pieces = list(chain.from_iterable(found for found, _ in places))
        distinct: defaultdict[str, int] = defaultdict()
        distinct.default_factory = distinct.__len__  # a new piece gets the next number
        piece = np.fromiter(map(distinct.__getitem__, pieces), np.int32, len(pieces))
        self._learn([piece for piece in distinct if piece not in self._known])
        inside = [self._known[piece] for piece in distinct]
        numbers: dict[str, int] = {}
        flat = [
            (numbers.setdefault(word, len(numbers)), at, len(word)) for known in inside for at, word in known
        ]
        number, offset, length = np.array(flat, dtype=np.int32).reshape(-1, 3).T
        how_many = np.fromiter(map(len, inside), np.int32, len(inside))
        first = np.cumsum(how_many, dtype=np.int32) - how_many
        counts = how_many[piece]
        begin = np.concatenate([starts for _, starts in places]) if places else np.empty(0, np.int32)
        until = np.cumsum(counts, dtype=np.int32)
        whole = int(until[-1]) if len(until) else 0
        taken = np.repeat(first[piece] - (until - counts), counts) + np.arange(whole, dtype=np.int32)
        start = (np.repeat(begin, counts) + offset[taken]).astype(np.int32)
        bounds = np.concatenate([[0], until])
        cuts = bounds[np.cumsum([0, *(len(found) for found, _ in places)])]
        return Tokens(
            tuple(numbers), number[taken], start, start + length[taken], tuple(np.diff(cuts).tolist())
        )

    def words(self, pattern: str) -> list[str]:
        """Return the tokens of a word of a pattern."""
        if pattern.isascii() and pattern.isalpha() and pattern not in self._special:
            return [pattern]
        pieces = _PIECE.findall(pattern)
        self._learn([piece for piece in pieces if piece not in self._known])
        return [word for piece in pieces for _, word in self._known[piece]]

    def _learn(self, pieces: Sequence[str]) -> None:
        """Tokenise pieces, many in one go: a separator keeps each to itself.

        A piece of unaccented letters is one token unless it is a special case: no rule of spaCy's
        for the beginning, inside or end of words fits letters alone. In English the same holds of such a
        piece and one mark behind it, which is a token of its own (tests hold both to that).
        """
        plain = []
        for piece in pieces:
            if piece.isascii() and piece.isalpha() and piece not in self._special:
                self._known[piece] = ((0, piece),)
            elif self._marked(piece):
                self._known[piece] = ((0, piece[:-1]), (len(piece) - 1, piece[-1]))
            elif _SEPARATOR not in piece:
                plain.append(piece)
        found = iter(self._nlp.make_doc(f" {_SEPARATOR} ".join(plain))) if plain else iter(())
        for piece in plain:
            tokens: list[tuple[int, str]] = []
            at = 0
            for token in found:
                if token.text == _SEPARATOR:
                    break
                tokens.append((at, token.text))
                at += len(token.text)
            if "".join(word for _, word in tokens) != piece:  # a tokenizer with white space of its own
                tokens = [(token.idx, token.text) for token in self._nlp.make_doc(piece)]
            self._known[piece] = tuple(tokens)
        for piece in (piece for piece in pieces if piece not in self._known):
            self._known[piece] = tuple((token.idx, token.text) for token in self._nlp.make_doc(piece))

    def _marked(self, piece: str) -> bool:
        return (
            self._nlp.lang == "en"
            and _MARKED.fullmatch(piece) is not None
            and piece not in self._special
            and piece[:-1] not in self._special
        )


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
