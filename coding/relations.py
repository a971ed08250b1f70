"""How coded segments stand to one another, and which of them a query selects.

`lay_out` puts the coded segments of a corpus in its order, counts their code points and units through all
documents, and keeps both in arrays. A query is then a matter of sorting and counting: no two segments are
ever compared as a pair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coding.model import CodedSegment, Corpus
from coding.queries import Asked, Either, Parsed, Related, Together
from coding.surroundings import Cut

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The coded segments of a corpus in its order, S of them; of two that begin together the longer first.

    Attributes
    ----------
    document : (S,) number of the document
    start, end : (S,) code points, counted through all texts
    first, behind : (S,) the first unit touched and the one behind the last, counted through all documents;
        equal where a segment touches none (it holds white space only)
    codes, code : the codes borne, and (S,) which of them each segment bears
    unit_document : (U,) for each unit the number of its document
    """

    segments: tuple[CodedSegment, ...]
    document: Whole
    start: Whole
    end: Whole
    first: Whole
    behind: Whole
    codes: tuple[str, ...]
    code: Whole
    unit_document: Whole

    def bearing(self, chosen: Mask) -> Mask:
        """Say of every unit whether one of the chosen segments touches it."""
        n = len(self.unit_document) + 1
        opened = np.bincount(self.first[chosen], minlength=n)
        closed = np.bincount(self.behind[chosen], minlength=n)
        return np.asarray(np.cumsum(opened - closed)[:-1] > 0)

    def touching(self, units: Mask) -> Mask:
        """Say of every segment whether it touches one of these units."""
        before = np.concatenate([[0], np.cumsum(units)])
        return np.asarray(before[self.behind] > before[self.first])


def lay_out(
    segments: tuple[CodedSegment, ...], corpus: Corpus, cuts: Sequence[Cut], *, order: Mapping[str, int]
) -> Layout:
    """Return the coded segments that lie in the documents of a corpus, in its order.

    Parameters
    ----------
    cuts : the units of every document of the corpus, in its order
    order : the place of each code where two segments cover the same words; unknown codes come last

    Raises
    ------
    CodingError
        If a segment ends behind its text.
    """
    numbers = {document.id: n for n, document in enumerate(corpus)}
    inside = [coded for coded in segments if coded.segment.document in numbers]
    codes = tuple(
        sorted({coded.code for coded in inside}, key=lambda code: (order.get(code, len(order)), code))
    )
    places = {code: n for n, code in enumerate(codes)}
    document = _whole([numbers[coded.segment.document] for coded in inside])
    start = _whole([coded.segment.start for coded in inside])
    end = _whole([coded.segment.end for coded in inside])
    code = _whole([places[coded.code] for coded in inside])
    lengths = _whole([len(text.text) for text in corpus])
    for i in np.flatnonzero(end > lengths[document])[:1]:
        corpus.documents[document[i]].segment(int(start[i]), int(end[i]))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    start, end = start + offsets[document], end + offsets[document]
    starts = _joined([cut.starts + offset for cut, offset in zip(cuts, offsets, strict=False)])
    ends = _joined([cut.ends + offset for cut, offset in zip(cuts, offsets, strict=False)])
    ordered = np.lexsort((code, -end, start))
    return Layout(
        segments=tuple(inside[i] for i in ordered),
        document=document[ordered],
        start=start[ordered],
        end=end[ordered],
        first=np.searchsorted(ends, start[ordered], side="right"),
        behind=np.searchsorted(starts, end[ordered], side="left"),
        codes=codes,
        code=code[ordered],
        unit_document=np.repeat(np.arange(len(cuts)), [len(cut.starts) for cut in cuts]),
    )


def select(parsed: Parsed, layout: Layout) -> Mask:
    """Say of every segment whether a query selects it (docs/reference/queries.md)."""
    match parsed:
        case Asked(codes):
            return bearing_one_of(codes, layout)
        case Either(parts):
            return _union([select(part, layout) for part in parts])
        case Together(parts, without):
            return _together(
                [select(part, layout) for part in parts], [select(part, layout) for part in without], layout
            )
        case Related(relation, first, second, apart):
            one, other = select(first, layout), select(second, layout)
            match relation:
                case "within":
                    return _inside(layout, one, other)
                case "overlaps":
                    return _both(layout.start, layout.end, one, other)
                case "near":
                    return _near(layout, one, other, apart)


def bearing_one_of(codes: frozenset[str], layout: Layout) -> Mask:
    """Say of every segment whether it bears one of some codes."""
    wanted = np.array([code in codes for code in layout.codes], dtype=np.bool_)
    return wanted[layout.code]


def _union(parts: list[Mask]) -> Mask:
    return np.asarray(np.logical_or.reduce(parts))


def _together(parts: list[Mask], without: list[Mask], layout: Layout) -> Mask:
    chosen = _union(parts)
    if len(parts) > 1:
        chosen &= layout.touching(np.logical_and.reduce([layout.bearing(part) for part in parts]))
    for part in without:
        chosen &= ~layout.touching(layout.bearing(part))
    return np.asarray(chosen)


def _near(layout: Layout, one: Mask, other: Mask, apart: int) -> Mask:
    """Say which segments of both sides have one of the other side at most `apart` units away."""
    apart = min(apart, len(layout.unit_document))
    # Documents are moved so far from each other that nothing is near across their bounds.
    shift = layout.document * apart
    somewhere = layout.behind > layout.first
    return _both(
        layout.first + shift, layout.behind + shift, one & somewhere, other & somewhere, margin=apart
    )


def _both(low: Whole, high: Whole, one: Mask, other: Mask, *, margin: int = 0) -> Mask:
    """Say which segments of both sides have a partner on the other side."""
    return (one & _has_partner(low, high, other, margin)) | (other & _has_partner(low, high, one, margin))


def _has_partner(low: Whole, high: Whole, others: Mask, margin: int) -> Mask:
    """Say of every segment whether another one, of `others`, meets it once it is widened by a margin.

    Of the others all begin before its end but those that lie behind it, and of these some end before its
    start: so many meet it. It is no partner of its own.
    """
    begun = np.searchsorted(np.sort(low[others]), high + margin, side="left")
    ended = np.searchsorted(np.sort(high[others]), low - margin, side="right")
    return np.asarray(begun - ended - others > 0)


def _inside(layout: Layout, one: Mask, others: Mask) -> Mask:
    """Say which segments of `one` lie inside another one, of `others`.

    In the order of a layout what holds a segment stands before it, unless both cover the same words.
    """
    if not others.any():
        return np.zeros_like(one)
    furthest = np.maximum.accumulate(layout.end[others])
    n_before: Whole = np.cumsum(others) - others
    held = (n_before > 0) & (furthest[n_before - 1] >= layout.end)
    new = (np.diff(layout.start, prepend=-1) != 0) | (np.diff(layout.end, prepend=-1) != 0)
    words = np.cumsum(new) - 1
    n_same = np.bincount(words, weights=others)[words] - others
    return np.asarray(one & (held | (n_same > 0)))


def _whole(numbers: list[int]) -> Whole:
    return np.array(numbers, dtype=np.int64)


def _joined(parts: list[Whole]) -> Whole:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
