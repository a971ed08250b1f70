"""Pieces of text that lie on pages, put in the order in which they are read.

Headers and footers go first: what stands at one height at the top or bottom of most pages, numbers aside.
Then each page is cut into columns, where a strip stays free over several lines, and the pieces into lines.
`coding.formats.prose` makes paragraphs of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from statistics import median

from coding.formats.prose import Line, are_unparted, joined

_BAND = 0.12  # of the height of a page: where headers and footers stand
_MOST = 0.6  # of the pages: what stands on more of them is a header or footer
_LEAST_PAGES = 3  # of words; of numbers two
_SAME_ROW = 0.5  # of the lower height: how much two pieces share of it in one row
_GUTTER = 0.9  # of the size of the letters: the least width of a strip between columns
_LEAST_ROWS = 4  # of words on each side of it
_ALIGNED, _AT_EDGE = 0.5, 0.5  # of the size of the letters; of its rows: so many begin so near to its edge
_NARROWEST = 40  # points: columns of numbers are narrower
_FULL = 0.5  # of the width of a column is full of words, on average: else it is a table, read by rows

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBERS_ALONE = re.compile(r"\W*(page|seite|p\.)?\W*#(\W*(of|von|/|\|)?\W*#)?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Words beside one another on a page; sizes in points, from the lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page with what stands on it."""

    width: float
    height: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Arranged:
    """A text with form feeds between its pages.

    Attributes
    ----------
    running : the headers and footers that were left out, each once, with # for numbers
    n_running : how often they stood on pages
    """

    text: str
    running: tuple[str, ...]
    n_running: int


def arranged(pages: Sequence[Page]) -> Arranged:
    """Return the text of pages without their headers and footers."""
    running = _running(pages)
    inside = [
        [piece for piece in page.pieces if _key(piece, page) not in running[number % 2]]
        for number, page in enumerate(pages)
    ]
    gutters = _gutters(inside)
    text = joined([list(_in_order(pieces, count(), gutters)) for pieces in inside])
    said = dict.fromkeys(key[2] for keys in running for key in sorted(keys))
    return Arranged(text, tuple(said), sum(len(page.pieces) for page in pages) - sum(map(len, inside)))


_Key = tuple[str, int, str]


def _running(pages: Sequence[Page]) -> tuple[set[_Key], set[_Key]]:
    """Return the keys of headers and footers of the first, third, ... pages, and of those between."""
    shown = [(number, page) for number, page in enumerate(pages) if page.pieces]
    found: tuple[set[_Key], set[_Key]] = (set(), set())
    for parities in ((0, 1), (0,), (1,)):  # headers of left and right pages may differ
        of = [page for number, page in shown if number % 2 in parities]
        counts = Counter(key for page in of for key in {_key(piece, page) for piece in page.pieces})
        for key, n in counts.items():
            least = 2 if _NUMBERS_ALONE.fullmatch(key[2]) and len(parities) == 2 else _LEAST_PAGES
            if key[0] and n >= least and n > _MOST * len(of):
                for parity in parities:
                    found[parity].add(key)
    of_chapters = _of_chapters([page for _, page in shown])
    return found[0] | of_chapters, found[1] | of_chapters


def _of_chapters(pages: Sequence[Page]) -> set[_Key]:
    """Return the keys of headers that change with the chapter: first or last on most pages, at one height."""
    outer: Counter[_Key] = Counter()
    for page in pages:
        ends = (max(page.pieces, key=lambda p: p.bottom), min(page.pieces, key=lambda p: p.bottom))
        rows = [piece for end in ends for piece in page.pieces if _beside(end, piece)]
        outer.update({_key(piece, page) for piece in rows})
    again = {key: n for key, n in outer.items() if key[0] and n > 1}
    heights: Counter[tuple[str, int]] = Counter()
    for key, n in again.items():
        heights[key[:2]] += n
    return {key for key in again if heights[key[:2]] > max(_LEAST_PAGES, _MOST * len(pages))}


def _key(piece: Piece, page: Page) -> _Key:
    """Return where a piece stands and what it says, numbers aside; an empty place inside the page."""
    place = (
        "top"
        if piece.bottom > (1 - _BAND) * page.height
        else "bottom"
        if piece.top < _BAND * page.height
        else ""
    )
    return place, round(piece.bottom / 3), _NUMBER.sub("#", piece.text.casefold())


def _gutters(pages: Iterable[Sequence[Piece]]) -> tuple[float, ...]:
    """Return the middles of the strips that part columns on some page: on others a column may be short."""
    found = []
    for pieces in pages:
        rows, first = _rows(pieces), 0
        while first < len(rows):
            first, gutter = _band(rows, first, ())
            found += [sum(gutter) / 2] if gutter else []
    return tuple(dict.fromkeys(map(round, found)))


def _in_order(pieces: Sequence[Piece], numbers: Iterator[int], gutters: Sequence[float]) -> Iterator[Line]:
    """Yield the lines of a part of a page in the order in which they are read, its columns numbered."""
    rows = _rows(pieces)
    first, column = 0, next(numbers)
    while first < len(rows):
        behind, gutter = _band(rows, first, gutters)
        if gutter is None:
            yield _line(rows[first], column)
        else:
            inside = [piece for row in rows[first:behind] for piece in row]
            middle = sum(gutter) / 2
            yield from _in_order([piece for piece in inside if piece.right <= middle], numbers, gutters)
            yield from _in_order([piece for piece in inside if piece.right > middle], numbers, gutters)
            column = next(numbers)
        first = behind


def _rows(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Return pieces that stand beside one another, from the top of the page to its bottom."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-(p.top + p.bottom), p.left)):
        if rows and _beside(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.left) for row in rows]


def _beside(one: Piece, other: Piece) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > _SAME_ROW * min(one.top - one.bottom, other.top - other.bottom)


_Strip = tuple[float, float]


def _band(rows: Sequence[Sequence[Piece]], first: int, gutters: Sequence[float]) -> tuple[int, _Strip | None]:
    """Return where the rows end that begin with `first` and leave a strip free, and the strip.

    Where there is none, or no columns beside it, the row stands alone.

    Parameters
    ----------
    gutters : middles of strips that part columns elsewhere
    """
    best: tuple[int, _Strip | None] = (first + 1, None)
    left = min(piece.left for row in rows for piece in row)
    right = max(piece.right for row in rows for piece in row)
    free: list[_Strip] = [(left, right)]
    for n in range(first, len(rows)):
        free = [strip for strip in _left_free(free, rows[n]) if _is_wide(strip, rows[n])]
        inner = [strip for strip in free if strip[0] > left and strip[1] < right]
        columns = [strip for strip in inner if _parts_columns(rows[first : n + 1], strip, gutters)]
        if columns:
            best = (n + 1, max(columns, key=lambda strip: strip[1] - strip[0]))
        if not free:
            break
    return best


def _left_free(strips: Iterable[_Strip], row: Sequence[Piece]) -> Iterator[_Strip]:
    """Yield what a row leaves of strips."""
    for start, end in strips:
        at = start
        for piece in row:
            if piece.right > at and piece.left < end:
                if piece.left > at:
                    yield at, piece.left
                at = piece.right
        if at < end:
            yield at, end


def _is_wide(strip: _Strip, row: Sequence[Piece]) -> bool:
    return strip[1] - strip[0] >= _GUTTER * max(piece.size for piece in row)


def _parts_columns(rows: Sequence[Sequence[Piece]], strip: _Strip, gutters: Sequence[float]) -> bool:
    """Say whether columns of prose stand beside one another on both sides of a strip."""
    known = any(strip[0] < gutter < strip[1] for gutter in gutters)
    sides = []
    for side in (False, True):
        found = [[p for p in row if (p.left >= strip[1]) is side] for row in rows]
        kept = [part for part in found if part]
        if not kept or not (known or _is_prose(kept)):
            return False
        sides.append((min(part[0].bottom for part in kept), max(part[0].top for part in kept)))
    (low, high), (other_low, other_high) = sides
    shared = min(high, other_high) - max(low, other_low)
    return shared > _SAME_ROW * min(high - low, other_high - other_low)


def _is_prose(rows: Sequence[Sequence[Piece]]) -> bool:
    """Say whether rows are a column of prose: many, beginning beneath one another, as wide as can be."""
    widths = [sum(piece.right - piece.left for piece in row) for row in rows]
    usual = median(widths)
    edge = min(row[0].left for row in rows)
    at_edge = sum(row[0].left - edge < _ALIGNED * row[0].size for row in rows)
    return (
        len(rows) >= _LEAST_ROWS
        and usual >= max(_FULL * max(widths), _NARROWEST)
        and at_edge >= _AT_EDGE * len(rows)
    )


def _line(row: Sequence[Piece], column: int) -> Line:
    return Line(
        text=_in_a_row(row),
        left=row[0].left,
        right=row[-1].right,
        bottom=median(piece.bottom for piece in row),
        size=median(piece.size for piece in row),
        bold=all(piece.bold for piece in row),
        column=column,
    )


def _in_a_row(row: Sequence[Piece]) -> str:
    """Return the words of a row; Chinese and Japanese have no space where the gap is none."""
    text = row[0].text
    for before, piece in pairwise(row):
        close = piece.left - before.right < before.size and are_unparted(before.text, piece.text)
        text += piece.text if close else f" {piece.text}"
    return text
