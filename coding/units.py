"""Countable units, and the one projection from free spans to them.

`unitise` cuts a text into sentences, paragraphs or the whole document. `on_units` says for each
unit and code whether the unit bears it (1), was read and does not (0), or was not read (-1). The
matrix, agreement and training all stand on these two and on nothing else.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from coding.errors import choose
from coding.model import Coded, CodedSegment, Corpus, Document, Reading, Segment

if TYPE_CHECKING:
    from coding.codebook import Codebook

Unit = Literal["sentence", "paragraph", "document"]
Counts = Literal["any", "greater part"]
Targets = Mapping[str, tuple[str, ...]]

PRESENT, ABSENT, UNREAD = 1, 0, -1

_IDEOGRAPHIC_STOP = re.compile("[\u3002\uff01\uff1f\uff61]+[\u300d\u300f\uff09\u3011\u201d\u2019)]*")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def paragraph_spans(text: str) -> list[tuple[int, int]]:
    r"""Return the spans of the paragraphs of a text, without the white space around them.

    Blank lines divide paragraphs. Every code point that is not white space lies in exactly one.

    Examples
    --------
    >>> paragraph_spans("One.\n\nTwo\nlines.\n")
    [(0, 4), (6, 16)]
    """
    cuts = [0, *(m.end() for m in _BLANK_LINE.finditer(text)), len(text)]
    return [span for start, end in pairwise(cuts) if (span := _stripped(text, start, end)) is not None]


@lru_cache(maxsize=1024)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of the sentences of a text, without the white space around them.

    A sentence never crosses a blank line, and ends at an ideographic full stop. Other boundaries are
    those of the nupunkt model (docs/decisions).
    """
    import nupunkt

    spans = []
    for start, end in _parts(text):
        for first, last in nupunkt.sent_spans(text[start:end]):
            span = _stripped(text, start + first, start + last)
            if span is not None:
                spans.append(span)
    return tuple(spans)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs, cut after ideographic full stops and the brackets that close behind them."""
    for start, end in paragraph_spans(text):
        cuts = [m.end() for m in _IDEOGRAPHIC_STOP.finditer(text, start, end)]
        yield from pairwise([start, *(cut for cut in cuts if cut < end), end])


def _stripped(text: str, start: int, end: int) -> tuple[int, int] | None:
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    right = len(part.rstrip())
    return (start + left, start + right) if left < right else None


def unitise(document: Document, unit: Unit) -> tuple[Segment, ...]:
    """Return the units of a document, in order, without overlap.

    Parameters
    ----------
    unit : {"sentence", "paragraph", "document"}

    Raises
    ------
    CodingError
        If `unit` is none of the three.
    """
    choose(unit, get_args(Unit), "unit")
    if unit == "document":
        return (document.whole,)
    spans = sentence_spans(document.text) if unit == "sentence" else paragraph_spans(document.text)
    return tuple(document.segment(start, end) for start, end in spans)


@dataclass(frozen=True, slots=True)
class Projection:
    """Units x codes. `values` holds 1 (bears the code), 0 (read, does not), -1 (not read).

    Attributes
    ----------
    units : units in the order of the corpus, length U
    codes : code ids, length C
    values : int8 array (U, C)
    by_person : bool array (U, C), whether a person's reading covers the unit for the code
    unread : coded segments that lie in no unit read for their code; they count nowhere
    evidence : for each (unit, code) with a 1, the coded segments that count for it
    counts_for : for each code those for which a segment of it counts
    """

    units: tuple[Segment, ...]
    codes: tuple[str, ...]
    values: NDArray[np.int8]
    by_person: NDArray[np.bool_] = field(repr=False)
    evidence: Mapping[tuple[int, str], tuple[CodedSegment, ...]] = field(repr=False)
    unread: tuple[CodedSegment, ...] = field(default=(), repr=False)
    counts_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def column(self, code: str) -> NDArray[np.int8]:
        """Return the values of one code, one for each unit."""
        return self.values[:, self.codes.index(code)]


def counting(codebook: Codebook, codes: Sequence[str], *, rollup: bool) -> Targets:
    """Return for each code those for which a segment of it counts: itself, with `rollup` also those above.

    Parameters
    ----------
    codes : ids, of which also retired ones count
    """
    known = [code.id for code in codebook.codes if not code.retired or code.id in codes]
    above = {code: (code, *(codebook.ancestors(code) if rollup else ())) for code in known}
    return {code: tuple(up for up in targets if up in known) for code, targets in above.items()}


def read_for(reading: Reading, counts_for: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the codes of which a reading says yes or no.

    Rules for kinds of role are how rules look for roles. A person who looked for one kind, or a model that
    knows one, has not said that there is no other.
    """
    if reading.codes is None:
        return set(counts_for)
    if reading.kind == "rules":
        return {target for code in reading.codes for target in counts_for.get(code, ())}
    return set(reading.codes) & set(counts_for)


def on_units(
    coded: Coded,
    corpus: Corpus,
    *,
    unit: Unit,
    counts: Counts,
    counts_for: Mapping[str, Sequence[str]],
) -> Projection:
    """Return for each unit and code whether the unit bears the code.

    Parameters
    ----------
    counts : {"any", "greater part"}
        A segment counts for every unit it overlaps, or only for the one that holds most of its
        code points (of equals the first).
    counts_for : mapping
        The codes of the projection, in order; each with the codes for which a segment of it
        counts: itself, and its ancestors or what it implies where the study says so.

    Returns
    -------
    Projection
        A unit is unread for a code when it is touched by no reading for the code or for all codes.
        Rules look for a code wherever they look for one that counts for it. A coded segment counts
        only where a unit was read.

    Raises
    ------
    StaleText
        If a coded text has changed since.
    """
    choose(counts, get_args(Counts), "counts")
    coded.refuse_stale(corpus)
    codes = tuple(counts_for)
    units = tuple(u for document in corpus for u in unitise(document, unit))
    places = _Places(units)
    values = np.full((len(units), len(codes)), UNREAD, dtype=np.int8)
    by_person = np.zeros(values.shape, dtype=np.bool_)
    columns = {code: i for i, code in enumerate(codes)}
    for reading in coded.readings:
        targets = sorted(columns[code] for code in read_for(reading, counts_for))
        for row in places.overlapping(reading.segment):
            values[row, targets] = ABSENT
            by_person[row, targets] |= reading.kind == "person"
    evidence: dict[tuple[int, str], list[CodedSegment]] = defaultdict(list)
    unread = []
    for segment in coded.segments:
        rows = places.overlapping(segment.segment)
        if counts == "greater part" and rows:
            rows = [max(rows, key=lambda row: (units[row].overlap(segment.segment), -row))]
        counted = False
        for target in counts_for.get(segment.code, ()):
            for row in rows:
                if values[row, columns[target]] != UNREAD:
                    values[row, columns[target]] = PRESENT
                    evidence[row, target].append(segment)
                    counted = True
        if rows and not counted:
            unread.append(segment)
    found = {key: tuple(segments) for key, segments in evidence.items()}
    targets_of = {code: tuple(targets) for code, targets in counts_for.items()}
    return Projection(units, codes, values, by_person, found, tuple(unread), targets_of)


class _Places:
    """Finds the units that a segment overlaps."""

    def __init__(self, units: Sequence[Segment]) -> None:
        self._rows: dict[str, list[int]] = defaultdict(list)
        for row, unit in enumerate(units):
            self._rows[unit.document].append(row)
        self._ends = {name: [units[row].end for row in rows] for name, rows in self._rows.items()}
        self._units = units

    def overlapping(self, segment: Segment) -> list[int]:
        rows = self._rows.get(segment.document, [])
        first = bisect_right(self._ends.get(segment.document, []), segment.start)
        found = []
        for row in rows[first:]:
            if self._units[row].start >= segment.end:
                break
            found.append(row)
        return found
