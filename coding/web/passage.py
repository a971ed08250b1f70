"""What stands around coded words, as the review pages show it: their sentences and the next ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from coding.surroundings import LONGEST_NEIGHBOUR, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coding.model import CodedSegment, Document

_LEVELS = 8  # lines drawn over or under the words; further ones share the last


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words of a document, without a gap, that hold a passage.

    Attributes
    ----------
    start, end : the stretch; its ends may cut a neighbouring sentence that is long
    first, last : the sentences that the passage touches
    cut_before, cut_after : whether an end cuts a sentence
    """

    text: str
    start: int
    end: int
    first: int
    last: int
    cut_before: bool
    cut_after: bool

    def words(self, start: int, end: int) -> str:
        """Return the words from `start` to `end`, in code points of the document."""
        return self.text[start:end]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words between two bounds of coded segments.

    Attributes
    ----------
    above, below : the segments that bear on them, each with the level of its line, the innermost first
    """

    words: str
    above: tuple[tuple[int, CodedSegment], ...]
    below: tuple[tuple[int, CodedSegment], ...]


def stretch(document: Document, start: int, end: int) -> Stretch:
    """Return the sentences that a passage touches, with the sentence before them and the one behind."""
    sentences = cut(document, "sentence")
    first, last = sentences.around(start, end)
    begin, behind = sentences.touched(first, last)
    before = int(sentences.starts[begin - 1]) if begin else first
    after = int(sentences.ends[behind]) if behind < len(sentences.ends) else last
    left, right = max(before, first - LONGEST_NEIGHBOUR), min(after, last + LONGEST_NEIGHBOUR)
    return Stretch(document.text, left, right, first, last, left > before, right < after)


def pieces(
    text: str, start: int, end: int, above: Sequence[CodedSegment], below: Sequence[CodedSegment]
) -> list[Piece]:
    """Return the words from `start` to `end`, cut where segments begin and end, with the lines they bear."""
    bounds = {
        bound
        for coded in (*above, *below)
        for bound in (coded.segment.start, coded.segment.end)
        if start < bound < end
    }
    lines = [_levels(above), _levels(below)]
    return [
        Piece(text[one:other], *(_bearing(levels, one) for levels in lines))
        for one, other in pairwise(sorted({start, end, *bounds}))
    ]


def _levels(segments: Iterable[CodedSegment]) -> list[tuple[int, CodedSegment]]:
    """Give each segment the lowest level on which no other touches it, in the order of the text."""
    ends: list[int] = []
    found = []
    for coded in sorted(segments, key=lambda s: (s.segment.start, -s.segment.end, s.id)):
        free = [level for level, end in enumerate(ends) if end <= coded.segment.start]
        level = free[0] if free else len(ends)
        ends[level : level + 1] = [coded.segment.end]
        found.append((min(level, _LEVELS - 1), coded))
    return found


def _bearing(levels: Iterable[tuple[int, CodedSegment]], at: int) -> tuple[tuple[int, CodedSegment], ...]:
    borne = [(level, s) for level, s in levels if s.segment.start <= at < s.segment.end]
    return tuple(sorted(borne, key=lambda line: line[0]))
