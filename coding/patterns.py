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
from dataclasses import dataclass
from itertools import product

from coding.errors import CodingError

DEFAULT_GAP = 3
MOST_SEQUENCES = 2000

_TOKEN = re.compile(
    r"\s+|(?P<gap>\.\.(?P<most>\d*))|(?P<mark>[()|?])|(?P<word>[^\s()|?*]+?(?=\.\.|[\s()|?*]|$)\*?)"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a sequence; `gap` words at most may stand between it and the word before."""

    word: str
    prefix: bool = False
    gap: int = 0


Sequence = tuple[Term, ...]


class PatternError(CodingError):
    """A pattern that the grammar does not allow."""


def parse(pattern: str) -> tuple[Sequence, ...]:
    """Return every plain sequence of words that the pattern stands for, in the order written.

    Raises
    ------
    PatternError
        Naming the column and what to write instead.

    Examples
    --------
    >>> [" ".join(term.word for term in sequence) for sequence in parse("(train|teach) the? police")]
    ['train the police', 'train police', 'teach the police', 'teach police']
    """
    sequences = _Parser(pattern).pattern()
    unique = tuple(dict.fromkeys(tuple(sequence) for sequence in sequences))
    for sequence in unique:
        if not any(isinstance(item, Term) for item in sequence):
            raise PatternError(f"'{pattern}' can stand for no word at all. Make one word obligatory.")
    return tuple(_with_gaps(pattern, sequence) for sequence in unique)


@dataclass(frozen=True, slots=True)
class _Gap:
    most: int


_Items = tuple[Term | _Gap, ...]


def _with_gaps(pattern: str, items: _Items) -> Sequence:
    terms: list[Term] = []
    gap = 0
    for i, item in enumerate(items):
        if isinstance(item, Term):
            terms.append(Term(item.word, item.prefix, gap))
            gap = 0
        elif i in (0, len(items) - 1) or isinstance(items[i + 1], _Gap):
            raise PatternError(f"'{pattern}': a gap '..' needs a word before it and a word after it.")
        else:
            gap = item.most
    return tuple(terms)


class _Parser:
    """Recursive descent over the EBNF above; every method returns the sequences it has read."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._tokens = list(self._scan())
        self._at = 0

    def _scan(self) -> list[tuple[int, str, re.Match[str]]]:
        found, position = [], 0
        while position < len(self._pattern):
            match = _TOKEN.match(self._pattern, position)
            if match is None or not match.group():
                raise self._error("unexpected character", position)
            if match.lastgroup and not match.group().isspace():
                kind = "gap" if match["gap"] else "mark" if match["mark"] else "word"
                found.append((position, kind, match))
            position = match.end()
        return found

    def _error(self, what: str, position: int | None = None) -> PatternError:
        if position is None:
            position = self._tokens[self._at][0] if self._at < len(self._tokens) else len(self._pattern)
        return PatternError(f"'{self._pattern}', column {position + 1}: {what}.")

    def _mark(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][2].group() == mark:
            self._at += 1
            return True
        return False

    def pattern(self, depth: int = 0) -> list[_Items]:
        sequences = self._sequence(depth)
        if self._at < len(self._tokens):
            what = "a ')' without its '('" if self._mark(")") else "'|' stands only inside ( )"
            raise self._error(what, self._tokens[min(self._at, len(self._tokens)) - 1][0])
        return sequences

    def _sequence(self, depth: int) -> list[_Items]:
        parts: list[list[_Items]] = []
        while self._at < len(self._tokens):
            position, kind, match = self._tokens[self._at]
            if kind == "mark" and match.group() in ")|":
                break
            parts.append(self._item(position, kind, match, depth))
            size = 1
            for part in parts:
                size *= len(part)
            if size > MOST_SEQUENCES:
                raise self._error(f"more than {MOST_SEQUENCES} alternatives; divide the rule in two")
        if not parts:
            raise self._error("a word is missing here")
        return [tuple(item for part in combination for item in part) for combination in product(*parts)]

    def _item(self, position: int, kind: str, match: re.Match[str], depth: int) -> list[_Items]:
        self._at += 1
        if kind == "gap":
            most = int(match["most"]) if match["most"] else DEFAULT_GAP
            if most == 0:
                raise self._error("a gap '..0' holds no word; leave it out", position)
            return [(_Gap(most),)]
        if match.group() == "?":
            raise self._error("'?' follows a word or a group, without a space before it", position)
        found = self._group(position, depth + 1) if match.group() == "(" else [_word(match.group())]
        return [*found, ()] if self._mark("?") else found

    def _group(self, position: int, depth: int) -> list[_Items]:
        alternatives = self._sequence(depth)
        while self._mark("|"):
            alternatives += self._sequence(depth)
        if not self._mark(")"):
            raise self._error("this '(' is never closed", position)
        return alternatives


def _word(written: str) -> _Items:
    return (Term(written.removesuffix("*"), prefix=written.endswith("*")),)
