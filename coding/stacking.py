"""What several coders said of the same units and the same text, laid upon one another.

Only what was read by two coders or more can be compared, code by code: elsewhere silence is no answer. A
coder's reading that is missing stays missing; it is never taken for a *no*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coding.errors import CodingError, nearest, refuse
from coding.model import Coded, Corpus, Segment
from coding.resampling import Integers
from coding.unitizing import Continuum, Spans, merged
from coding.units import PRESENT, UNREAD, Counts, Targets, Unit, on_units, read_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coding.model import Document, Reading


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """U units, each read by two or more of K coders, for C codes.

    Attributes
    ----------
    values : int8 array (U, K, C), 1 if the coder gave the unit the code, 0 if not, -1 if the coder, or all
        but one, did not read the unit for the code
    clusters : (U,), the cluster of each unit's document, numbered from 0
    read_at : for each unit when the last of its coders filed a reading; empty where nobody says
    is_open : bool array (U,), whether a coder could see what others coded there
    """

    coders: tuple[str, ...]
    codes: tuple[str, ...]
    units: tuple[Segment, ...]
    values: NDArray[np.int8] = field(repr=False)
    clusters: Integers = field(repr=False)
    read_at: tuple[str, ...] = field(repr=False)
    is_open: NDArray[np.bool_] = field(repr=False)

    @property
    def coded(self) -> NDArray[np.bool_]:
        """Whether anyone gave the unit any of the codes: (U,)."""
        return np.asarray((self.values == PRESENT).any((1, 2)))

    def places(self, codes: Sequence[str]) -> list[int]:
        """Return the columns of some of the codes."""
        return [self.codes.index(code) for code in codes]


def stack(
    coded: Coded,
    corpus: Corpus,
    *,
    coders: Sequence[str],
    codes: Sequence[str],
    unit: Unit,
    counts: Counts,
    counts_for: Targets,
) -> Stack:
    """Return what each coder said of the units that two or more of them have read.

    Raises
    ------
    CodingError
        If there are fewer than two coders, one of them has filed no reading, or no two have read the same
        unit for the same code.
    StaleText
        If a coded text has changed since.
    """
    _refuse_coders(coded, coders)
    shared = Corpus(_read_by_two(coded, corpus, coders), corpus.known_cases)
    found = [
        on_units(coded.by(coder), shared, unit=unit, counts=counts, counts_for=counts_for) for coder in coders
    ]
    columns = [found[0].codes.index(code) for code in codes]
    values = np.stack([each.values[:, columns] for each in found], axis=1)
    values[np.broadcast_to(((values != UNREAD).sum(1) < 2)[:, None], values.shape)] = UNREAD
    kept = np.flatnonzero((values != UNREAD).any((1, 2)))
    if not len(kept):
        raise CodingError(
            f"{_listed(coders)} have read no {unit} both for the same code. Have some read by both: "
            "`coding assign --twice`, then each says at the end of a document that it is read."
        )
    units = tuple(found[0].units[row] for row in kept)
    names = [shared[one.document].cluster for one in units]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    read_at, is_open = _circumstances(coded.by(*coders).readings, units)
    clusters = np.array([numbers[name] for name in names], dtype=np.int64)
    return Stack(tuple(coders), tuple(codes), units, values[kept], clusters, read_at, is_open)


def lay_out(
    coded: Coded, corpus: Corpus, *, coders: Sequence[str], codes: Sequence[str], counts_for: Targets
) -> tuple[dict[str, list[Spans]], Continuum]:
    """Return for each code the spans of each coder, on the text that all of them read for all these codes.

    Segments are cut to that text.

    Returns
    -------
    tuple of dict, Continuum
        The continuum is empty if there is no such text.
    """
    wanted = set(codes)
    by_document: dict[str, list[Reading]] = defaultdict(list)
    for reading in coded.by(*coders).readings:
        by_document[reading.segment.document].append(reading)
    stretches = [
        (document, start, end)
        for document in corpus
        for start, end in _read_by_all(by_document[document.id], coders, wanted, counts_for)
    ]
    clusters = {name: n for n, name in enumerate(dict.fromkeys(d.cluster for d, _, _ in stretches))}
    continuum = Continuum(
        np.array([end - start for _, start, end in stretches], dtype=np.int64),
        np.array([clusters[document.cluster] for document, _, _ in stretches], dtype=np.int64),
    )
    places: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for number, (document, start, end) in enumerate(stretches):
        places[document.id].append((number, start, end))
    cut: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for segment in coded.by(*coders).segments:
        begin, stop = segment.segment.start, segment.segment.end
        for number, start, end in places[segment.segment.document]:
            if begin < end and start < stop:
                piece = (number, max(begin, start) - start, min(stop, end) - start)
                for code in counts_for.get(segment.code, ()):
                    cut[segment.coder, code].append(piece)
    return {code: [merged(cut[coder, code], continuum) for coder in coders] for code in codes}, continuum


def _refuse_coders(coded: Coded, coders: Sequence[str]) -> None:
    if len(set(coders)) < 2 or len(set(coders)) < len(coders):
        said = f"only {coders[0]}" if len(set(coders)) == 1 else _listed(coders) or "nobody"
        raise CodingError(f"agreement is between two different coders or more, not {said}. Name each once.")
    readers = {reading.coder for reading in coded.readings}
    authors = {segment.coder for segment in coded.segments}
    refuse(
        [
            f"{coder} has coded here but filed no reading, so that silence does not mean no. Say at the end "
            "of each document that it is read."
            if coder in authors
            else f"'{coder}' has read nothing here.{nearest(coder, readers)}"
            for coder in coders
            if coder not in readers
        ]
    )


def _read_by_two(coded: Coded, corpus: Corpus, coders: Sequence[str]) -> tuple[Document, ...]:
    readers: dict[str, set[str]] = defaultdict(set)
    for reading in coded.readings:
        if reading.coder in coders:
            readers[reading.segment.document].add(reading.coder)
    return tuple(document for document in corpus if len(readers[document.id]) > 1)


def _circumstances(
    readings: Sequence[Reading], units: Sequence[Segment]
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Return for each unit when it was read last, and whether a reader could see what others coded."""
    by_document: dict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_document[reading.segment.document].append(reading)
    last, is_open = [], []
    for one in units:
        own = [reading for reading in by_document[one.document] if reading.segment.overlap(one)]
        latest: dict[str, str] = {}
        for reading in own:
            latest[reading.coder] = max(latest.get(reading.coder, ""), reading.at or "")
        last.append(max(latest.values(), default=""))
        is_open.append(any(not reading.blind for reading in own))
    return tuple(last), np.array(is_open, dtype=np.bool_)


def _read_by_all(
    readings: Sequence[Reading], coders: Sequence[str], wanted: set[str], counts_for: Targets
) -> list[tuple[int, int]]:
    """Return the stretches of a document that every coder read for all wanted codes."""

    def covers(coder: str, start: int, end: int) -> bool:
        read: set[str] = set()
        for reading in readings:
            place = reading.segment
            if reading.coder == coder and place.start <= start and end <= place.end:
                read |= read_for(reading, counts_for)
        return read >= wanted

    if len({reading.coder for reading in readings}) < len(coders):
        return []
    bounds = sorted({bound for r in readings for bound in (r.segment.start, r.segment.end)})
    found: list[tuple[int, int]] = []
    for start, end in pairwise(bounds):
        if all(covers(coder, start, end) for coder in coders):
            joins = bool(found) and found[-1][1] == start
            found[-1:] = [(found[-1][0], end)] if joins else [*found[-1:], (start, end)]
    return found


def _listed(coders: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(coders[:-1]), *coders[-1:]]))
