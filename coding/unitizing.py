"""How far coders agree on spans: unitizing alpha, and F1 of code points and of segments.

Here coders choose where a segment begins and ends; no units are given. The continuum is the text that all of
them read, in code points: documents, or parts of them, laid end to end. Segments of one coder and code that
overlap are merged into one first; those that only touch stay two. No segment lies across a boundary between
documents, but a gap runs on over it: where nobody coded, the boundary is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from coding.errors import CodingError, refuse
from coding.resampling import Base, Floats, Formula, Integers, Ratio, Statistic, estimated

NO_SEGMENT = "no coder has a segment that could lie elsewhere: nothing could disagree"


@dataclass(frozen=True, slots=True)
class Continuum:
    """The text that all coders read.

    Attributes
    ----------
    lengths : (D,), code points of each document, or part of one, in order
    clusters : (D,), the cluster of each, numbered from 0; None for one cluster, and then no interval
    """

    lengths: Integers
    clusters: Integers | None = None

    def __post_init__(self) -> None:
        if (self.lengths < 1).any():
            raise CodingError("a document of the continuum has no code point. Leave it out.")
        if self.clusters is not None and self.clusters.shape != self.lengths.shape:
            raise CodingError(
                f"{len(self.clusters)} clusters for {len(self.lengths)} documents. Give each document one."
            )

    @property
    def ends(self) -> Integers:
        """Where each document ends, on the continuum."""
        return self.lengths.cumsum()

    @property
    def cluster_of(self) -> Integers:
        """The cluster of each document: (D,)."""
        return np.zeros(len(self.lengths), dtype=np.int64) if self.clusters is None else self.clusters

    def documents_at(self, places: Integers) -> Integers:
        """Return the number of the document of each place."""
        return np.searchsorted(self.ends, places, side="right")

    def spread(self, places: Integers, amounts: Floats) -> Floats:
        """Return for each document the sum of the amounts that stand at its places: (D,)."""
        return _added(self.documents_at(places), amounts, len(self.lengths))


@dataclass(frozen=True, slots=True)
class Spans:
    """The segments of one coder and code on a continuum: sorted, none overlapping another.

    Attributes
    ----------
    starts, ends : (N,), half-open places on the continuum
    """

    starts: Integers
    ends: Integers

    @property
    def lengths(self) -> Floats:
        """How many code points each has."""
        return (self.ends - self.starts).astype(np.float64)


def merged(segments: Sequence[tuple[int, int, int]], continuum: Continuum) -> Spans:
    """Return segments as spans of the continuum; those that overlap become one, those that touch do not.

    Parameters
    ----------
    segments : of one coder and code, each the number of its document in the continuum, start and end in it

    Raises
    ------
    CodingError
        If a segment is empty, or does not lie in its document.

    Examples
    --------
    >>> found = merged([(0, 1, 5), (0, 4, 9), (1, 0, 2)], Continuum(np.array([9, 9])))
    >>> found.starts.tolist(), found.ends.tolist()
    ([1, 9], [9, 11])
    """
    n, lengths = len(continuum.lengths), continuum.lengths
    refuse(
        [
            f"segment {start} to {end} of document {document} does not lie in it. Cut it to what was read."
            for document, start, end in segments
            if not (0 <= document < n and 0 <= start < end <= lengths[document])
        ]
    )
    placed = np.array(sorted(segments), dtype=np.int64).reshape(-1, 3)
    begins = (continuum.ends - lengths)[placed[:, 0]]
    starts, ends = begins + placed[:, 1], np.maximum.accumulate(begins + placed[:, 2])
    opens = np.append(True, starts[1:] >= ends[:-1])[: len(starts)]
    closes = np.append(opens[1:], True)[: len(starts)]
    return Spans(starts[opens], ends[closes])


def unitizing_alpha(
    spans: Mapping[str, Sequence[Spans]], continuum: Continuum, *, draws: Integers | None = None
) -> tuple[tuple[Statistic, ...], Statistic]:
    """Return Krippendorff's alpha for unitizing, of each code and over all of them.

    Two segments that overlap differ by the squares of how far their starts and their ends are apart; a
    segment that meets only a gap of the other coder by the square of its length.

    Parameters
    ----------
    spans : for each code the spans of each coder, of two or more, in one order
    draws : (R, G) of `coding.resampling.drawn`; None for no interval

    Returns
    -------
    tuple of Statistic, Statistic
        1 if all segments begin and end alike, 0 if they lie as if dropped at random on the continuum, below
        0 if they avoid one another. None if nobody has a segment. Over all codes disagreements are
        added up before they are divided, so that a code with long segments weighs more.

    Source
    ------
    Krippendorff, *Content Analysis*, 2nd ed. (2004), 253-254. Krippendorff, Mathet, Bouvry and Widlöcher
    (2016), *Quality & Quantity* 50, 2347-2364, changed it, because it did not behave as expected with more
    than two observers; that is not done here. That documents are laid end to end is ours; chance may drop a
    segment across a boundary, where no coder can. A replicate lays the documents drawn in their order, those
    drawn twice beside themselves.
    """
    found = [_Dropped(coders, continuum) for coders in _compared(spans)]

    def formula(times: Floats) -> Ratio:
        observed, expected = np.array([own.disagreements(times) for own in found]).transpose(1, 2, 0)
        return expected - observed, expected

    return _each_and_all("unitizing alpha", formula, spans, continuum, draws)


def code_point_f1(
    spans: Mapping[str, Sequence[Spans]], continuum: Continuum, *, draws: Integers | None = None
) -> tuple[tuple[Statistic, ...], Statistic]:
    """Return 2 * code points that two coders share / all code points of both, of each code and over all.

    Returns
    -------
    tuple of Statistic, Statistic
        1 if all segments cover the same text, 0 if they share none of it; chance is not taken out. None if
        nobody has a segment. More than two coders are taken in pairs, the sums over all pairs divided.

    Source
    ------
    Hripcsak and Rothschild (2005), *Journal of the American Medical Informatics Association* 12, 296-298:
    it is the positive agreement on code points.
    """

    def matched(one: Spans, other: Spans) -> tuple[Floats, Floats]:
        mine, theirs, shared = _overlapping(one, other)
        return _added(mine, shared, len(one.starts)), _added(theirs, shared, len(other.starts))

    return _f1("F1 of code points", spans, continuum, matched, lambda own: own.lengths, draws)


def segment_f1(
    spans: Mapping[str, Sequence[Spans]],
    continuum: Continuum,
    *,
    share: float,
    draws: Integers | None = None,
) -> tuple[tuple[Statistic, ...], Statistic]:
    """Return the share of segments that another coder's segment matches, of each code and over all.

    Parameters
    ----------
    share : 0..1, two segments match if they share at least this much of the code points that either covers;
        1 asks for the same start and end. Above one half a segment matches one other at most

    Returns
    -------
    tuple of Statistic, Statistic
        1 if every segment is matched, 0 if none is. None if nobody has a segment. More than two coders are
        taken in pairs, as in `code_point_f1`.

    Raises
    ------
    CodingError
        If `share` is not above 0 and at most 1.

    Source
    ------
    Hripcsak and Rothschild (2005), as for `code_point_f1`.
    """
    if not 0 < share <= 1:
        raise CodingError(f"share: {share} is not above 0 and at most 1. One half is usual.")

    def matched(one: Spans, other: Spans) -> tuple[Floats, Floats]:
        mine, theirs, shared = _overlapping(one, other)
        match = shared / (one.lengths[mine] + other.lengths[theirs] - shared) >= share
        ones = np.ones(np.count_nonzero(match))
        found = _added(mine[match], ones, len(one.starts)), _added(theirs[match], ones, len(other.starts))
        return np.minimum(found[0], 1), np.minimum(found[1], 1)

    name = f"F1 of segments that share {share:g}"
    return _f1(name, spans, continuum, matched, lambda own: np.ones(len(own.starts)), draws)


class _Dropped:
    """Observed and expected disagreement on one code; its sums are over documents."""

    def __init__(self, coders: Sequence[Spans], continuum: Continuum) -> None:
        self._coders, self._continuum = coders, continuum
        lengths = np.concatenate([own.lengths for own in coders])
        order = np.argsort(lengths)
        self._lengths = lengths[order]
        self._documents = continuum.documents_at(np.concatenate([own.starts for own in coders])[order])
        self._apart = _all_apart(coders, continuum)

    def disagreements(self, times: Floats) -> tuple[Floats, Floats]:
        """Return observed and expected disagreement; `times` is how often a table holds each document."""
        m, size = len(self._coders), np.maximum(times @ self._continuum.lengths, 1)
        observed = 2 * (times @ self._apart) / (m * (m - 1) * size**2)
        each, length = times[:, self._documents], self._lengths
        meeting = (each.sum(1) - 1) / 3 * (each @ (length * (length - 1) * (2 * length - 1)))
        n_places = m * size * (m * size - 1) - each @ (length * (length - 1))
        expected = 2 / size * (meeting + self._in_gaps(times, each)) / n_places
        return observed, expected

    def _in_gaps(self, times: Floats, each: Floats) -> Floats:
        """Return the places in gaps of all coders for each segment, times its length squared: (R,)."""
        squares = each * self._lengths**2
        none = np.zeros((len(times), 1))
        of_squares = np.hstack([none, squares.cumsum(1)])
        of_rest = np.hstack([none, (squares * (self._lengths - 1)).cumsum(1)])
        found = np.zeros(len(times))
        for own in self._coders:
            gaps, n = _gaps(own, self._continuum, times)
            fitting = np.searchsorted(self._lengths, gaps, side="right")
            in_each = gaps * np.take_along_axis(of_squares, fitting, 1)
            found += (n * (in_each - np.take_along_axis(of_rest, fitting, 1))).sum(1)
        return found


def _gaps(own: Spans, continuum: Continuum, times: Floats) -> tuple[Floats, Floats]:
    """Return lengths of a coder's gaps, and how many there are, in each table: (R, N) twice.

    They lie between two segments of a document, between a document and itself where it stands twice, between
    one document with segments and the next, and behind the last.
    """
    document = continuum.documents_at(own.starts)
    is_inner = document[1:] == document[:-1]
    inner = (own.starts[1:] - own.ends[:-1])[is_inner]
    marked, first = np.unique(document, return_index=True)
    last = np.append(first[1:], len(document))[: len(first)] - 1
    head = own.starts[first] - (continuum.ends - continuum.lengths)[marked]
    tail = continuum.ends[marked] - own.ends[last]
    text = (times * continuum.lengths).cumsum(1)
    n, total = times[:, marked], text[:, -1:]
    opens = text[:, marked] - n * continuum.lengths[marked] + head
    closes = np.maximum.accumulate(np.where(n > 0, text[:, marked] - tail, 0), axis=1)
    closes = np.hstack([np.zeros_like(total), closes])
    lengths = [np.broadcast_to(part, (len(times), len(part))) for part in (inner, head + tail)]
    counts = [times[:, document[1:][is_inner]], np.maximum(n - 1, 0), n > 0, np.ones_like(total)]
    return np.hstack([*lengths, opens - closes[:, :-1], total - closes[:, -1:]]), np.hstack(counts)


def _all_apart(coders: Sequence[Spans], continuum: Continuum) -> Floats:
    return np.asarray(np.sum([_apart(*pair, continuum) for pair in combinations(coders, 2)], axis=0))


def _apart(one: Spans, other: Spans, continuum: Continuum) -> Floats:
    """Return for each document the squared differences of two coders."""
    mine, theirs, _ = _overlapping(one, other)
    meet = (one.starts[mine] - other.starts[theirs]) ** 2 + (one.ends[mine] - other.ends[theirs]) ** 2
    sums = continuum.spread(one.starts[mine], meet.astype(np.float64))
    for own, which in ((one, mine), (other, theirs)):
        is_alone = _added(which, np.ones(len(which)), len(own.starts)) == 0
        sums = sums + continuum.spread(own.starts[is_alone], own.lengths[is_alone] ** 2)
    return sums


def _overlapping(one: Spans, other: Spans) -> tuple[Integers, Integers, Floats]:
    """Return every two segments that overlap, by number in the one and in the other, and what they share."""
    first = np.searchsorted(other.ends, one.starts, side="right")
    n = np.searchsorted(other.starts, one.ends, side="left") - first
    mine = np.repeat(np.arange(len(n)), n)
    theirs = np.arange(n.sum()) + np.repeat(first - n.cumsum() + n, n)
    shared = np.minimum(one.ends[mine], other.ends[theirs]) - np.maximum(
        one.starts[mine], other.starts[theirs]
    )
    return mine, theirs, shared.astype(np.float64)


def _added(numbers: Integers, amounts: Floats, size: int) -> Floats:
    """Return for each number below `size` the sum of the amounts that stand beside it."""
    return np.bincount(numbers, weights=amounts, minlength=size).astype(np.float64)


def _f1(
    name: str,
    spans: Mapping[str, Sequence[Spans]],
    continuum: Continuum,
    matched: Callable[[Spans, Spans], tuple[Floats, Floats]],
    amounts: Callable[[Spans], Floats],
    draws: Integers | None,
) -> tuple[tuple[Statistic, ...], Statistic]:
    """Return what two coders match over all they have, in sums over all pairs of coders."""
    part, whole = np.zeros((2, len(continuum.lengths), len(spans)))
    for code, coders in enumerate(_compared(spans)):
        for pair in combinations(coders, 2):
            for own, match in zip(pair, matched(*pair), strict=True):
                part[:, code] += continuum.spread(own.starts, match)
                whole[:, code] += continuum.spread(own.starts, amounts(own))

    def formula(times: Floats) -> Ratio:
        return times @ part, times @ whole

    return _each_and_all(name, formula, spans, continuum, draws)


def _each_and_all(
    name: str,
    formula: Formula,
    spans: Mapping[str, Sequence[Spans]],
    continuum: Continuum,
    draws: Integers | None,
) -> tuple[tuple[Statistic, ...], Statistic]:
    """Return the statistic of each code, and that of the sums over all codes.

    `formula` takes how often each table holds each document: (R, D).
    """

    def of_each(weights: Floats) -> Ratio:
        return formula(weights[:, continuum.cluster_of])

    def of_all(weights: Floats) -> Ratio:
        part, whole = of_each(weights)
        return part.sum(1, keepdims=True), whole.sum(1, keepdims=True)

    base = _base(list(spans.values()), continuum)
    each = estimated(name, of_each, base, undefined=NO_SEGMENT, draws=draws)
    (whole,) = estimated(name, of_all, _of_all(base), undefined=NO_SEGMENT, draws=draws)
    return each, whole


def _base(found: Sequence[Sequence[Spans]], continuum: Continuum) -> Base:
    n_segments, covered, apart = np.zeros((3, len(continuum.lengths), len(found)))
    for code, coders in enumerate(found):
        for own in coders:
            n_segments[:, code] += continuum.spread(own.starts, np.ones(len(own.starts)))
            covered[:, code] += continuum.spread(own.starts, own.lengths)
        apart[:, code] = _all_apart(coders, continuum)
    clusters = np.arange(continuum.cluster_of.max(initial=0) + 1)
    lies_in = (continuum.cluster_of == clusters[:, None]).astype(np.float64)
    readers = np.array([len(coders) for coders in found])
    size = np.full(len(found), float(continuum.lengths.sum()))
    return Base(
        n_units=size,
        n_pairable=size,
        n_values=n_segments.sum(0),
        readers=readers,
        prevalence=covered.sum(0) / (readers * size),
        held=np.repeat(lies_in.any(1, keepdims=True), len(found), axis=1),
        rarer=lies_in @ n_segments > 0,
        differing=lies_in @ apart > 0,
        width=int(n_segments.sum(0).max()) + 2 * len(continuum.lengths),
    )


def _of_all(base: Base) -> Base:
    return Base(
        n_units=base.n_units[:1],
        n_pairable=base.n_pairable[:1],
        n_values=base.n_values.sum(keepdims=True),
        readers=base.readers.max(keepdims=True),
        prevalence=np.array([np.nan]),
        held=base.held[:, :1],
        rarer=np.asarray(base.rarer.any(1, keepdims=True)),
        differing=np.asarray(base.differing.any(1, keepdims=True)),
        width=base.width,
    )


def _compared(spans: Mapping[str, Sequence[Spans]]) -> list[Sequence[Spans]]:
    """Return the spans of each code, if there are two coders to compare."""
    if not spans:
        raise CodingError("there is no code to compare coders on. Name one.")
    few = [code for code, coders in spans.items() if len(coders) < 2]
    refuse([f"'{code}' has the spans of fewer than two coders. Give those of each." for code in few])
    return list(spans.values())
