"""What a full-text query asks for: words, phrases, beginnings of words, alternatives, exclusions.

Whatever is typed asks for something or is refused in words: nothing in it reaches FTS5 but letters and
digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.folding import BREAK, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MOST = 100  # words of a query
_HELP = 'Write words (all are looked for), "a phrase", begin*, this OR that, -without.'
_TERM = re.compile(r'(-?)(?:["“”„]([^"“”„]*)["“”](\*?)|(\S+))')
_OR = "OR"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side; of the last only the beginning if `is_prefix`."""

    words: tuple[str, ...]
    is_prefix: bool = False

    def __str__(self) -> str:
        """Write the term for FTS5. Words are letters and digits, so none can break out of the quotes."""
        return f'"{" ".join(self.words)}"{"*" if self.is_prefix else ""}'

    def found(self, words: list[str]) -> Iterator[tuple[int, int]]:
        """Yield the first and last word of each place where the term stands."""
        *before, last = self.words
        n = len(before)
        for i, word in enumerate(words[n:]):
            if (word == last or (self.is_prefix and word.startswith(last))) and words[i : i + n] == before:
                yield i, i + n


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for: one term of each group, and none of `without`."""

    groups: tuple[tuple[Term, ...], ...]
    without: tuple[Term, ...]

    def __str__(self) -> str:
        """Write the query for FTS5."""
        wanted = " AND ".join(_either(group) for group in self.groups)
        return f"({wanted}) NOT {_either(self.without)}" if self.without else wanted

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms that are looked for."""
        return tuple(dict.fromkeys(term for group in self.groups for term in group))


def parse(query: str) -> Asked:
    """Return what a query asks for.

    Raises
    ------
    CodingError
        If it holds no word to look for, only words to do without, or too many words.

    Examples
    --------
    >>> str(parse('train* Japan OR Korea "rule of law" -army'))
    '(("train"*) AND ("japan" OR "korea") AND ("rule of law")) NOT ("army")'
    """
    parts = [part for part in map(_part, _TERM.finditer(query)) if part[1].words]
    n_words = sum(len(term.words) for sign, term in parts if sign != _OR)
    if n_words > _MOST:
        raise CodingError(f"the query has {n_words} words. Write {_MOST} at most.")
    groups: list[list[Term]] = []
    joined = False
    for i, (sign, term) in enumerate(parts):
        if sign == _OR and 0 < i < len(parts) - 1 and parts[i - 1][0] == parts[i + 1][0] == "":
            joined = True
        elif sign != "-":
            if joined:
                groups[-1].append(term)
            else:
                groups.append([term])
            joined = False
    without = [term for sign, term in parts if sign == "-"]
    if not groups:
        what = "says only what to do without" if without else "holds no word to look for"
        raise CodingError(f"the query {what}. {_HELP}")
    return Asked(tuple(map(tuple, groups)), tuple(without))


def _part(match: re.Match[str]) -> tuple[str, Term]:
    """Return a part of a query with its sign: "" for what is looked for, "-" or "OR"."""
    minus, phrase, star, plain = match.groups()
    written = phrase if plain is None else plain
    found = words(written)
    while found and found[-1] == BREAK:
        found.pop()
    while found and found[0] == BREAK:
        found.pop(0)
    return (_OR if match[0] == _OR else minus), Term(tuple(found), bool(star) or written.endswith("*"))


def _either(terms: Iterable[Term]) -> str:
    return f"({' OR '.join(map(str, terms))})"
