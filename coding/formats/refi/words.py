"""Whether words are what a name says, and whether a stretch of text begins and ends where words do."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

_WHITE = re.compile(r"[\s\x00-\x1f\ufffe\uffff]")  # white space, and what XML cannot hold
_ELLIPSES = ("…", "...")
_STOPS = frozenset(".!?…。！？")
_BEGINNING = re.compile(r"(\A|\n|[.!?…]\s+|[。！？]\s*)\Z")  # what stands before a sentence
_LINE = 0.85  # what a whole line is worth: it is meant, but a line without its end is meant more often
_LEAST_START = 50  # characters; a shorter name without a sign that it was cut is no beginning
# Scripts that write without spaces: Thai to Myanmar, Khmer, kana and Han.
_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)


def flat(text: str) -> str:
    r"""Return a text with each white space as a plain space, as a `name` in XML has it.

    Examples
    --------
    >>> flat("one\ntwo")
    'one two'
    """
    return _WHITE.sub(" ", text) if not text.isprintable() or "\u3000" in text or "\xa0" in text else text


def is_start(name: str, words: str) -> bool:
    """Say whether words, given flat, begin as a name that was cut says.

    Examples
    --------
    >>> is_start("For some rea…", "For some reason"), is_start("For", "For some reason")
    (True, False)
    """
    said = flat(name)
    for sign in _ELLIPSES:
        if said.endswith(sign) and len(said) > len(sign):
            cut = said.removesuffix(sign).rstrip()
            return len(words) > len(cut) and words.startswith(cut)
    return len(words) > len(said) >= _LEAST_START and words.startswith(said)


@dataclass(frozen=True, slots=True)
class Edges:
    """How many stretches of text are clean, lines, loose, cut, short or open, as `cut_at` says."""

    n_clean: int = 0
    n_line: int = 0
    n_loose: int = 0
    n_cut: int = 0
    n_short: int = 0
    n_open: int = 0

    @property
    def n(self) -> int:
        """How many tell anything; short and open ones do not."""
        return self.n_clean + self.n_line + self.n_loose + self.n_cut

    @property
    def score(self) -> float:
        """The share of the clean ones among those that tell anything, a line nearly so; 0 if none does."""
        return (self.n_clean + _LINE * self.n_line) / self.n if self.n else 0.0

    def is_worse(self, other: Edges) -> bool:
        """Say whether more words are cut than by others, or more edges bad, but one in a hundred."""
        few = (self.n + self.n_short + self.n_open) // 100
        n_bad, n_other = (each.n_wrong + each.n_short for each in (self, other))
        return self.n_cut > other.n_cut + few or n_bad > n_other + few

    @property
    def n_wrong(self) -> int:
        """How many nobody would have selected so, but by mistake."""
        return self.n_cut + self.n_loose

    @classmethod
    def of(cls, kinds: Iterable[str]) -> Self:
        """Return the counts of stretches, as `cut_at` calls them."""
        return cls(**{f"n_{kind}": n for kind, n in Counter(kinds).items()})


def cut_at(text: str, span: tuple[int, int] | None) -> str:
    """Return how a stretch stands to the words of its text: clean, line, short, loose, cut or open.

    A line is a whole one with its end, as some programs select it. Loose is white space at an edge. Short is
    a sentence without its stop. Cut is a word in two. Open is where two letters of a script are parted that
    puts no spaces between words: nobody can tell.

    Examples
    --------
    >>> [cut_at("The cat sat.", span) for span in ((4, 7), (4, 8), (4, 6))], cut_at("日本語", (0, 2))
    (['clean', 'loose', 'cut'], 'open')
    """
    if span is None or span[0] >= span[1]:
        return "cut"
    start, end = span
    inside = text[start], text[end - 1]
    beside = text[start - 1 : start], text[end : end + 1]  # nothing at the ends of the text
    pairs = tuple(zip(inside, beside, strict=True))
    if any(_in_a_word(a, b) for a, b in pairs):
        return "cut"
    if any(char.isspace() for char in inside):
        is_line = inside[1] == "\n" and not inside[0].isspace() and beside[0] in ("\n", "")
        return "line" if is_line else "loose"
    if beside[1] in _STOPS and _BEGINNING.search(text, max(0, start - 4), start):
        return "short"
    return "open" if any(_UNSPACED.match(a) and _UNSPACED.match(b) for a, b in pairs) else "clean"


def _in_a_word(one: str, other: str) -> bool:
    if _UNSPACED.match(one) and _UNSPACED.match(other):
        return False
    return _is_letter(one) and _is_letter(other)


def _is_letter(char: str) -> bool:
    return char.isalnum() or (char != "" and unicodedata.category(char)[0] == "M")
