"""Pieces of text that lie on pages, put in the order in which they are read.

Headers and footers go first: what stands at one height at the top or bottom of most pages, numbers aside.
Then each page is cut into columns, where a strip stays free over several lines, and the pieces into lines.
A line over the whole width ends columns, and so does a table above or below them. What the places of words
do not tell is said: pages with tables are named. `coding.formats.prose` makes paragraphs of the lines.
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
_NARROWEST = 8  # times the size of the letters: columns of numbers and of single words are narrower
_SAME_GAP = 0.15  # of the size of the letters: so nearly alike are the gaps of a line that is set flush
_SPARSE = 0.4  # of the width of the page is full of words, at most, in a row of a table of cells
_SAME_STEP, _STEADY = 0.25, 0.5  # of the usual step between lines; of the steps: so many are nearly as it
_SAME_PITCH = 1.4  # times: so much farther may the lines of one column be apart
_PARTED = 0.8  # times the size of the letters: a gap over the whole width parts blocks
_WIDE_GAP = 1.5  # times the size of the letters: words of one line stand nearer
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
    unsure : numbers of the pages, from 1, with tables or words set apart: their order may be another
    """

    text: str
    running: tuple[str, ...]
    n_running: int
    unsure: tuple[int, ...] = ()


def arranged(pages: Sequence[Page]) -> Arranged:
    """Return the text of pages without their headers and footers."""
    running = _running(pages)
    inside = [
        [piece for piece in page.pieces if _key(piece, page) not in running[number % 2]]
        for number, page in enumerate(pages)
    ]
    gutters = _gutters(inside)
    lines = [list(_in_order(pieces, count(), gutters)) for pieces in inside]
    said = dict.fromkeys(key[2] for keys in running for key in sorted(keys))
    return Arranged(
        text=joined(lines),
        running=tuple(said),
        n_running=sum(len(page.pieces) for page in pages) - sum(map(len, inside)),
        unsure=tuple(n for n, page in enumerate(lines, start=1) if any(line.is_of_cells for line in page)),
    )


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


_Gutter = tuple[float, float]  # the middle of a strip between columns, and where the right one begins


def _gutters(pages: Iterable[Sequence[Piece]]) -> tuple[_Gutter, ...]:
    """Return the strips that part columns on some page: on others a column may be short."""
    found = []
    for pieces in pages:
        rows, first = _rows(pieces), 0
        while first < len(rows):
            first, gutter = _band(rows, first, ())
            found += [(round(sum(gutter) / 2), round(gutter[1]))] if gutter else []
    return tuple(dict.fromkeys(found))


def _in_order(pieces: Sequence[Piece], numbers: Iterator[int], gutters: Sequence[_Gutter]) -> Iterator[Line]:
    """Yield the lines of a part of a page in the order in which they are read, its columns numbered."""
    rows = _rows(pieces)
    first, column = 0, next(numbers)
    while first < len(rows):
        behind, gutter = _band(rows, first, gutters)
        if gutter is None:
            yield _line(rows[first], column, is_of_cells=_is_in_a_table(rows, first))
        else:
            inside = [piece for row in rows[first:behind] for piece in row]
            middle = sum(gutter) / 2
            for side in (False, True):
                own = [piece for piece in inside if (piece.right > middle) is side]
                yield from _in_order(own, numbers, gutters)
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


def _band(
    rows: Sequence[Sequence[Piece]], first: int, gutters: Sequence[_Gutter]
) -> tuple[int, _Strip | None]:
    """Return where the rows end that begin with `first` and leave a strip free, and the strip.

    Where there is none, or no columns beside it, the row stands alone.

    Parameters
    ----------
    gutters : strips that part columns elsewhere
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
    end, gutter = best
    if gutter is None:
        return best
    begin, end = _without_tables(rows, first, end, gutter)
    return (end, gutter) if begin == first else (first + 1, None)


def _without_tables(rows: Sequence[Sequence[Piece]], first: int, end: int, gutter: _Strip) -> tuple[int, int]:
    """Return where columns begin and end, without the tables and notes over the whole width around them."""
    width = max(row[-1].right for row in rows) - min(row[0].left for row in rows)
    begins = _edge(rows[first:end], gutter)
    blocks = _blocks(rows, first, end)
    are_tables = [_is_a_table(rows[a:b], gutter, begins, width) for a, b in blocks]
    columns = [
        not table and _is_beside(rows[a:b], gutter) for (a, b), table in zip(blocks, are_tables, strict=True)
    ]
    if any(are_tables[: columns.index(True) if any(columns) else None]):
        return first + 1, end
    kept = len(blocks)
    for i in range(len(blocks) - 1, 0, -1):
        if are_tables[i]:
            kept = i
        elif columns[i]:
            break
    headed = kept < len(blocks) and kept > 1 and not _is_beside(rows[slice(*blocks[kept - 1])], gutter)
    if headed and _is_beside(rows[blocks[kept - 2][1] - 1 : blocks[kept - 2][1]], gutter):
        kept -= 1  # its title, since both columns end above it
    return first, blocks[kept - 1][1]


def _blocks(rows: Sequence[Sequence[Piece]], first: int, end: int) -> list[tuple[int, int]]:
    """Return where rows begin and end between which the whole width is free."""
    cuts, low = [first], min(piece.bottom for piece in rows[first])
    for n in range(first + 1, end):
        if low - max(piece.top for piece in rows[n]) > _PARTED * rows[n][0].size:
            cuts.append(n)
        low = min(low, *(piece.bottom for piece in rows[n]))
    return list(pairwise([*cuts, end]))


def _is_a_table(rows: Sequence[Sequence[Piece]], gutter: _Strip, begins: float, width: float) -> bool:
    """Say whether most rows that stand on both sides of a gutter are cells, and not lines of columns."""
    both = [row for row in rows if _is_beside([row], gutter)]
    return sum(_is_of_cells(row, gutter, begins, width) for row in both) * 2 > len(both)


def _is_of_cells(row: Sequence[Piece], gutter: _Strip, begins: float, width: float) -> bool:
    edge = next(piece for piece in row if piece.left >= gutter[1])
    moved = abs(edge.left - begins) > _ALIGNED * edge.size
    return _full(row) < _SPARSE * width and (moved or len(row) > 2)


def _is_beside(rows: Sequence[Sequence[Piece]], gutter: _Strip) -> bool:
    """Say whether some row stands on both sides of a gutter."""
    return any(row[0].left < gutter[0] and row[-1].left >= gutter[1] for row in rows)


def _edge(rows: Sequence[Sequence[Piece]], gutter: _Strip) -> float:
    """Return where most lines of the right column begin."""
    firsts = Counter(
        round(next(piece.left for piece in row if piece.left >= gutter[1]))
        for row in rows
        if row[-1].left >= gutter[1]
    )
    return firsts.most_common(1)[0][0]


def _full(row: Sequence[Piece]) -> float:
    return sum(piece.right - piece.left for piece in row)


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


def _parts_columns(rows: Sequence[Sequence[Piece]], strip: _Strip, gutters: Sequence[_Gutter]) -> bool:
    """Say whether columns of prose stand beside one another on both sides of a strip."""
    begins = next((begin for middle, begin in gutters if strip[0] < middle < strip[1]), None)
    known = begins is not None
    width = max(row[-1].right for row in rows) - min(row[0].left for row in rows)
    if begins is not None and _is_a_table(rows, strip, begins, width):
        return False
    if not known and _is_a_river(rows, strip):
        return False
    sides, steps = [], []
    for side in (False, True):
        found = [[p for p in row if (p.left >= strip[1]) is side] for row in rows]
        kept = [part for part in found if part]
        if not kept or not (known or _is_prose(kept)):
            return False
        steps.append(_step(kept))
        sides.append((min(part[0].bottom for part in kept), max(part[0].top for part in kept)))
    if not known and max(steps) > _SAME_PITCH * min(steps):
        return False
    (low, high), (other_low, other_high) = sides
    shared = min(high, other_high) - max(low, other_low)
    return shared > _SAME_ROW * min(high - low, other_high - other_low)


def _is_a_river(rows: Sequence[Sequence[Piece]], strip: _Strip) -> bool:
    """Say whether a strip is where gaps of lines that are set flush happen to lie beneath one another."""
    across = [row for row in rows if _is_beside([row], strip) and len(row) > 2]
    return sum(map(_is_set_flush, across)) * 2 > len(across)


def _is_set_flush(row: Sequence[Piece]) -> bool:
    """Say whether the words of a row stand equally far apart, at two gaps or more: it is one line."""
    gaps = [after.left - before.right for before, after in pairwise(row)]
    return len(gaps) > 1 and max(gaps) - min(gaps) <= _SAME_GAP * row[0].size


def _is_in_a_table(rows: Sequence[Sequence[Piece]], n: int) -> bool:
    """Say whether a row is one of two or three that leave a wide strip free, not as lines set flush do."""
    spans = [(i, j) for i in range(max(0, n - 2), n + 1) for j in range(n, min(len(rows), i + 3)) if i < j]
    return any(
        all(piece.right <= begin or piece.left >= end for row in rows[i + 1 : j] for piece in row)
        for i, j in spans
        for begin, end in _shared_gaps(rows[i], rows[j])
    )


def _shared_gaps(row: Sequence[Piece], other: Sequence[Piece]) -> Iterator[_Strip]:
    if _may_be_flush(row, other):
        return
    for begin, end in _wide_gaps(row):
        for other_begin, other_end in _wide_gaps(other):
            shared = max(begin, other_begin), min(end, other_end)
            if shared[0] < shared[1]:
                yield shared


def _may_be_flush(row: Sequence[Piece], other: Sequence[Piece]) -> bool:
    """Say whether rows of two words end beneath one another, and not in numbers: lines set flush."""
    ends_alike = abs(row[-1].right - other[-1].right) < _SAME_GAP * row[0].size
    no_number = not any(c.isdigit() for c in row[-1].text + other[-1].text)
    return ends_alike and no_number and len(row) == len(other) == 2


def _wide_gaps(row: Sequence[Piece]) -> Iterator[_Strip]:
    if not _is_set_flush(row):
        for before, after in pairwise(row):
            if after.left - before.right > _WIDE_GAP * after.size:
                yield before.right, after.left


def _is_prose(rows: Sequence[Sequence[Piece]]) -> bool:
    """Say whether rows are a column of prose: many, beginning beneath one another, as wide as can be."""
    widths = [_full(row) for row in rows]
    usual = median(widths)
    edge = min(row[0].left for row in rows)
    at_edge = sum(row[0].left - edge < _ALIGNED * row[0].size for row in rows)
    return (
        len(rows) >= _LEAST_ROWS
        and usual >= max(_FULL * max(widths), _NARROWEST * median(row[0].size for row in rows))
        and at_edge >= _AT_EDGE * len(rows)
        and _are_steady(rows)
    )


def _are_steady(rows: Sequence[Sequence[Piece]]) -> bool:
    """Say whether most rows are as far below one another as is usual: those of a table are not."""
    steps = [before[0].bottom - after[0].bottom for before, after in pairwise(rows)]
    usual = _step(rows)
    return sum(abs(step - usual) <= _SAME_STEP * usual for step in steps) >= _STEADY * len(steps)


def _step(rows: Sequence[Sequence[Piece]]) -> float:
    """Return the usual distance of rows; 0 if there is one."""
    return median([one[0].bottom - other[0].bottom for one, other in pairwise(rows)] or [0])


def _line(row: Sequence[Piece], column: int, *, is_of_cells: bool) -> Line:
    return Line(
        text=_in_a_row(row),
        left=row[0].left,
        right=row[-1].right,
        bottom=median(piece.bottom for piece in row),
        size=median(piece.size for piece in row),
        bold=all(piece.bold for piece in row),
        column=column,
        is_of_cells=is_of_cells,
    )


def _in_a_row(row: Sequence[Piece]) -> str:
    """Return the words of a row; Chinese and Japanese have no space where the gap is none."""
    text = row[0].text
    for before, piece in pairwise(row):
        close = piece.left - before.right < before.size and are_unparted(before.text, piece.text)
        text += piece.text if close else f" {piece.text}"
    return text
