"""Where a stretch of text stands among the units of its document: those it touches, and their neighbours.

A text is cut once; after that every question is answered by two searches in sorted arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from coding.errors import choose
from coding.model import Document
from coding.units import Unit, paragraph_spans, sentence_spans

LONGEST_NEIGHBOUR = 220  # code points of a neighbouring unit, so that it does not drown what it stands beside


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A text cut into units, in order and without overlap.

    Attributes
    ----------
    starts, ends : where each unit starts and ends, int64 arrays, length U
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def touched(self, start: int, end: int) -> tuple[int, int]:
        """Return the first unit that a stretch touches, and the one behind the last; equal if none."""
        first = np.searchsorted(self.ends, start, side="right")
        behind = np.searchsorted(self.starts, end, side="left")
        return int(first), int(behind)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Return start and end of the units that a stretch touches, with the stretch itself."""
        first, behind = self.touched(start, end)
        if first >= behind:
            return start, end
        return min(start, int(self.starts[first])), max(end, int(self.ends[behind - 1]))

    def neighbours(self, text: str, start: int, end: int) -> tuple[str, str]:
        """Return the units before and after a stretch, shortened; empty at the ends of the text."""
        first, behind = self.touched(start, end)
        before = text[self.starts[first - 1] : self.ends[first - 1]] if first else ""
        after = text[self.starts[behind] : self.ends[behind]] if behind < len(self.starts) else ""
        return _shortened(before, tail=True), _shortened(after, tail=False)


def cut(document: Document, unit: Unit) -> Cut:
    """Return the units of a document as they lie in its text.

    Raises
    ------
    CodingError
        If `unit` is not sentence, paragraph or document.
    """
    choose(unit, get_args(Unit), "unit")
    if unit == "document":
        spans = [(0, len(document.text))] if document.text else []
    else:
        spans = list(sentence_spans(document.text) if unit == "sentence" else paragraph_spans(document.text))
    starts, ends = np.array(spans, dtype=np.int64).reshape(-1, 2).T.copy()
    return Cut(starts, ends)


def _shortened(text: str, *, tail: bool) -> str:
    if len(text) <= LONGEST_NEIGHBOUR:
        return text
    return f"… {text[-LONGEST_NEIGHBOUR:]}" if tail else f"{text[:LONGEST_NEIGHBOUR]} …"
