"""Units and codes as columns of yes and no, for many matrices of the same texts.

The texts are laid end to end, so that every question of where a segment lies is answered by a search in a
sorted array. The answers are those of `coding.units.on_units`, without its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.attribution import attribute
from coding.matrix import counts_for
from coding.units import read_for, unitise

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.model import Coded, CodedSegment, Corpus
    from coding.units import Counts, Unit

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cut:
    """The units of all documents, laid end to end.

    Attributes
    ----------
    starts, ends : of each unit, ascending
    begins : of each document, where its text begins
    documents, clusters : of each unit
    cases : for each case its units
    """

    starts: Places
    ends: Places
    begins: Mapping[str, int]
    documents: tuple[str, ...]
    clusters: tuple[str, ...]
    cases: Mapping[str, Mask]

    @classmethod
    def of(cls, corpus: Corpus, unit: Unit, *, by: str, among: Sequence[str] | None) -> Cut:
        """Return the texts of a corpus cut into units, each with its cases (`coding.attribution`)."""
        units = tuple(u for document in corpus for u in unitise(document, unit))
        begins = dict(_laid_end_to_end(corpus))
        placed = attribute(units, corpus, by=by, among=among)
        return cls(
            np.array([begins[u.document] + u.start for u in units], dtype=np.int64),
            np.array([begins[u.document] + u.end for u in units], dtype=np.int64),
            begins,
            tuple(u.document for u in units),
            tuple(corpus[u.document].cluster for u in units),
            {
                case: np.array([case in named for named in placed.cases], dtype=np.bool_)
                for case in dict.fromkeys(among or placed.known)
            },
        )

    def rows(self, start: int, end: int) -> slice:
        """Return the units that a stretch overlaps."""
        first = np.searchsorted(self.ends, start, side="right")
        return slice(int(first), int(np.searchsorted(self.starts, end, side="left")))

    def touched(self, segments: Sequence[CodedSegment], *, counts: Counts) -> Mask:
        """Return which units some segment counts for."""
        found = np.zeros(len(self.starts), dtype=np.bool_)
        starts = np.array([self.begins[s.segment.document] + s.segment.start for s in segments])
        ends = np.array([self.begins[s.segment.document] + s.segment.end for s in segments])
        first = np.searchsorted(self.ends, starts, side="right")
        behind = np.searchsorted(self.starts, ends, side="left")
        found[first[behind - first == 1]] = True
        for i in np.flatnonzero(behind - first > 1):
            rows = slice(first[i], behind[i])
            if counts == "any":
                found[rows] = True
            else:
                shared = np.minimum(self.ends[rows], ends[i]) - np.maximum(self.starts[rows], starts[i])
                found[first[i] + int(shared.argmax())] = True  # of equals the first
        return found


class Projected:
    """Which units bear a code, and which were read for it."""

    def __init__(
        self, cut: Cut, coded: Coded, codebook: Codebook, *, counts: Counts, rollup: bool, implies: bool
    ) -> None:
        self._n = len(cut.starts)
        self._codebook = codebook
        self._counting = {
            code.id: counts_for(code.id, codebook, rollup=rollup, implies=implies)
            for code in codebook.codes
            if not code.retired
        }
        by_code: dict[str, list[CodedSegment]] = {}
        for segment in coded.segments:
            by_code.setdefault(segment.code, []).append(segment)
        self._own = {
            code: cut.touched(segments, counts=counts)
            for code, segments in by_code.items()
            if code in self._counting
        }
        self._readings = list(_readings(cut, coded, self._counting))
        self._bears: dict[str, Mask] = {}
        self._bears_any: dict[str, Mask] = {}

    def read(self, code: str) -> Mask:
        """Return which units were read for a code."""
        masks = [mask for codes, mask in self._readings if code in codes]
        return np.logical_or.reduce(masks) if masks else np.zeros(self._n, dtype=np.bool_)

    def bears(self, code: str) -> Mask:
        """Return which units bear a code, where they were read for it."""
        if code not in self._bears:
            own = [mask for each, mask in self._own.items() if code in self._counting[each]]
            any_of = np.logical_or.reduce(own) if own else np.zeros(self._n, dtype=np.bool_)
            self._bears[code] = any_of & self.read(code)
        return self._bears[code]

    def bears_any(self, family: str) -> Mask:
        """Return which units bear a code of a family."""
        if family not in self._bears_any:
            members = [code for code in self._counting if self._codebook.family(code) == family]
            self._bears_any[family] = np.logical_or.reduce([self.bears(code) for code in members])
        return self._bears_any[family]


def _readings(
    cut: Cut, coded: Coded, counting: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[set[str], Mask]]:
    """Yield readings for the same codes together: these codes, and the units read for them."""
    masks: dict[tuple[bool, tuple[str, ...] | None], Mask] = {}
    codes: dict[tuple[bool, tuple[str, ...] | None], set[str]] = {}
    for reading in coded.readings:
        alike = (reading.kind == "rules", reading.codes)
        if alike not in masks:
            masks[alike] = np.zeros(len(cut.starts), dtype=np.bool_)
            codes[alike] = read_for(reading, counting)
        begin = cut.begins[reading.segment.document]
        masks[alike][cut.rows(begin + reading.segment.start, begin + reading.segment.end)] = True
    for alike, mask in masks.items():
        yield codes[alike], mask


def _laid_end_to_end(corpus: Corpus) -> Iterator[tuple[str, int]]:
    begins = 0
    for document in corpus:
        yield document.id, begins
        begins += len(document.text) + 1
