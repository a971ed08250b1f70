"""The language of phrases: which words, in which order, with which gaps.

    pattern  = item , { item } ;
    item     = gap | element , [ "?" ] ;
    element  = word | "(" , pattern , { "|" , pattern } , ")" ;
    gap      = ".." , [ digit , { digit } ] ;
    word     = character , { character } , [ "*" ] ;

Items are divided by white space or hyphens. `word*` is any ending, `?` makes the word or group
before it optional, `..` is a gap of up to three words and `..5` of up to five.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from coding.errors import CodingError

DEFAULT_GAP = 3
DEEPEST = 20

_TOKEN = re.compile(r"\s+|\.\.\d*|[()|?]|[^\s()|?*]+?(?=\.\.|[\s()|?*]|$)\*?")
_GOES_ON = re.compile(r"\w|\*")


class Word(NamedTuple):
    """One word; with `prefix`, any word that begins so."""

    word: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `most` words that are not looked at."""

    most: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several phrases, or none of them where it is optional."""

    phrases: tuple[Phrase, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Items in order."""

    items: tuple[Word | Gap | Choice, ...]


class PatternError(CodingError):
    """A pattern that the grammar does not allow."""


@lru_cache(maxsize=16384)
def parse(pattern: str) -> Phrase:
    """Return what a pattern says, item by item.

    Raises
    ------
    PatternError
        Naming the column and what to write instead.
    """
    phrase = _Parser(pattern).pattern()
    if "?" not in pattern and ".." not in pattern:
        return phrase
    edges = _edges(phrase)
    if edges.empty:
        raise PatternError(f"'{pattern}' can stand for no word at all. Make one word obligatory.")
    if edges.gap_first or edges.gap_last or edges.gap_twice:
        raise PatternError(f"'{pattern}': a gap '..' needs a word before it and a word after it.")
    return phrase


def sequences(phrase: Phrase) -> Iterator[tuple[Word | Gap, ...]]:
    """Yield every plain sequence of words and gaps that a phrase stands for, in the order written.

    Examples
    --------
    >>> for sequence in sequences(parse("(train|teach) the? police")):
    ...     print(*(item.word for item in sequence))
    train the police
    train police
    teach the police
    teach police
    """
    parts = [_expanded(item) for item in phrase.items]
    for combination in product(*parts):
        yield tuple(item for part in combination for item in part)


def _expanded(item: Word | Gap | Choice) -> Iterator[tuple[Word | Gap, ...]]:
    if not isinstance(item, Choice):
        yield (item,)
        return
    for phrase in item.phrases:
        yield from sequences(phrase)
    if item.optional:
        yield ()


@dataclass(frozen=True, slots=True)
class _Edges:
    """What some reading of a phrase does: hold nothing, begin or end with a gap, have two in a row."""

    empty: bool = False
    gap_first: bool = False
    gap_last: bool = False
    gap_twice: bool = False


_A_WORD = _Edges()


def _edges(item: Word | Gap | Choice | Phrase) -> _Edges:
    match item:
        case Word():
            return _A_WORD
        case Gap():
            return _Edges(gap_first=True, gap_last=True)
        case Choice(phrases, optional):
            found = [_edges(phrase) for phrase in phrases]
            return _Edges(
                optional or any(e.empty for e in found),
                any(e.gap_first for e in found),
                any(e.gap_last for e in found),
                any(e.gap_twice for e in found),
            )
        case Phrase(items):
            so_far = _Edges(empty=True)
            for edges in map(_edges, items):
                so_far = _Edges(
                    so_far.empty and edges.empty,
                    so_far.gap_first or (so_far.empty and edges.gap_first),
                    edges.gap_last or (edges.empty and so_far.gap_last),
                    so_far.gap_twice or edges.gap_twice or (so_far.gap_last and edges.gap_first),
                )
            return so_far


class _Parser:
    """Recursive descent over the EBNF above; every method returns what it has read."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens = list(self._scan())
        self._at = 0

    def _scan(self) -> Iterator[tuple[int, str]]:
        position = 0
        for match in _TOKEN.finditer(self._pattern):
            text = match.group()
            if match.start() != position or not text:
                break
            position = match.end()
            if text.endswith("*") and _GOES_ON.match(self._pattern, position):
                raise self._error("'*' stands at the end of a word only", position - 1)
            if not text.isspace():
                yield match.start(), text
        if position < len(self._pattern):
            raise self._error("unexpected character", position)

    def _error(self, what: str, position: int | None = None) -> PatternError:
        if position is None:
            position = self._tokens[self._at][0] if self._at < len(self._tokens) else len(self._pattern)
        return PatternError(f"'{self._pattern}', column {position + 1}: {what}.")

    def _mark(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1] == mark:
            self._at += 1
            return True
        return False

    def pattern(self) -> Phrase:
        phrase = self._phrase(depth=0)
        if self._at < len(self._tokens):
            position = self._tokens[self._at][0]
            what = "a ')' without its '('" if self._mark(")") else "'|' stands only inside ( )"
            raise self._error(what, position)
        return phrase

    def _phrase(self, depth: int) -> Phrase:
        items: list[Word | Gap | Choice] = []
        while self._at < len(self._tokens):
            position, text = self._tokens[self._at]
            if text in (")", "|"):
                break
            items.append(self._item(position, text, depth))
        if not items:
            raise self._error("a word is missing here")
        return Phrase(tuple(items))

    def _item(self, position: int, text: str, depth: int) -> Word | Gap | Choice:
        self._at += 1
        if text.startswith(".."):
            most = int(text[2:] or DEFAULT_GAP)
            if most == 0:
                raise self._error("a gap '..0' holds no word; leave it out", position)
            return Gap(most)
        if text == "?":
            raise self._error("'?' follows a word or a group, without a space before it", position)
        if text == "(":
            return self._choice(position, depth + 1)
        word = Word(text[:-1], prefix=True) if text.endswith("*") else Word(text)
        return Choice((Phrase((word,)),), optional=True) if self._mark("?") else word

    def _choice(self, position: int, depth: int) -> Choice:
        if depth > DEEPEST:
            raise self._error(f"more than {DEEPEST} brackets inside one another", position)
        phrases = [self._phrase(depth)]
        while self._mark("|"):
            phrases.append(self._phrase(depth))
        if not self._mark(")"):
            raise self._error("this '(' is never closed", position)
        return Choice(tuple(phrases), optional=self._mark("?"))
