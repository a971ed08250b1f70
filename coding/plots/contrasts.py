"""Contrasts: each difference with its interval, and the one that holds for all of them together.

What is too long for a page of a paper is parted into several, between the shares of one category.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.plots.sheet import INK, PAGE, QUIET, SMALL, TEXT, WHITE, Sheet, height_of, width_of
from coding.plots.words import joined, percent, points, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.figure import Figure

    from coding.contrasting import Comparison, Contrasts
    from coding.findings import Side

_NAMES = 66.0  # width of what is compared, in millimetres
_LEFT, _RIGHT = 71.0, 131.0  # the ends of the scale
_MIDDLE, _HALF = (_LEFT + _RIGHT) / 2, (_RIGHT - _LEFT) / 2
_POINTS, _RATIO = 147.0, PAGE  # where the numbers end
_LIMITS = (5, 10, 20, 30, 40, 50, 60, 80, 100)  # of the scale, in points
_ROOM = 204.0  # for the contrasts of a page; with title, scale and caption it is some 240 mm high
_ABOVE, _BELOW_NAME = 1.5, 1.0  # what is free above and below the name of a share
_BETWEEN, _AFTER = 0.3, 1.8  # between the lines of a contrast, and after it
_GREY = "#9A9A9A"  # of what is not to be trusted


def differences(found: Contrasts, *, texts: str = "", least_clusters: int = 0) -> Figure:
    """Draw each difference as a dot with its interval and, thinner, that which is adjusted for their number.

    Parameters
    ----------
    found : see `contrasts`
    texts : what the texts are, such as "in digests"; written below the title
    least_clusters : that a study asks for on each side; a contrast with fewer is grey, its dot hollow

    Returns
    -------
    Figure
        175 mm wide, contrasts of one share together; the scale reaches as far as the intervals. A contrast
        without a difference has the reason in place of its dot.

    Raises
    ------
    CodingError
        If there are more contrasts than a page of a paper holds, with what to do instead.
    """
    pages = difference_pages(found, texts=texts, least_clusters=least_clusters)
    if len(pages) > 1:
        raise CodingError(
            f"{len(found)} contrasts are too many for one figure as high as a page. Draw {len(pages)} "
            "figures with `plots.difference_pages`, or take fewer cases or codes."
        )
    return pages[0]


def difference_pages(found: Contrasts, *, texts: str = "", least_clusters: int = 0) -> list[Figure]:
    """Draw the differences in as many figures as it takes for each to fit on a page; see `differences`.

    Contrasts within one code stay on a page where they fit on one, else those of one share do. The scale is
    the same on all pages, and each has title, heads and caption, so that it can be read by itself.
    """
    pages = _pages(found)
    return [_Drawn(found, rows, i, len(pages), least_clusters).draw(texts) for i, rows in enumerate(pages, 1)]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One page: some of the contrasts, and what is the same on all pages."""

    found: Contrasts
    rows: Sequence[Comparison]
    number: int
    n_pages: int
    least: int

    def draw(self, texts: str) -> Figure:
        sheet, named = Sheet(PAGE), _only_pair(self.found)
        page = f"page {self.number} of {self.n_pages}" if self.n_pages > 1 else ""
        y = sheet.head(
            joined(_title(self.found), texts),
            joined(named, "difference of two shares in percentage points", page),
        )
        if not self.rows:
            sheet.write(0, y + 1, "There is no contrast.", colour=QUIET)
            return sheet.finish(y + 2, "")
        top = y = _heads(sheet, y)
        for what, rows in groupby(self.rows, lambda row: row.contrast.what):
            y = self._share(sheet, what, list(rows), y, named=bool(named))
        _scale(sheet, top, y, _limit(self.found))
        return sheet.finish(y + 3.4, _caption(self.found, self.least))

    def _share(self, sheet: Sheet, what: str, rows: Sequence[Comparison], y: float, *, named: bool) -> float:
        """Draw the contrasts of one share from y down, below its name where pairs are named in its rows."""
        sheet.line([(0, y), (PAGE, y)])
        y += _ABOVE
        if not named:
            y = sheet.write(0, y, what, bold=True, width=_NAMES, top=True) + _BELOW_NAME
        limit = _limit(self.found)
        for row in rows:
            name = what if named else _pair(row)
            y = _row(sheet, row, name, y, limit, is_few=row.n_clusters < self.least)
        return y


def _pages(found: Contrasts) -> list[list[Comparison]]:
    """Return the contrasts of each page, in order; one page without any if there is none."""
    named = bool(_only_pair(found))
    pages: list[list[Comparison]] = [[]]
    for rows in _kept_together(found):
        if pages[-1] and _height([*pages[-1], *rows], named=named) > _ROOM:
            pages.append([])
        pages[-1] += rows
    return pages


def _kept_together(found: Contrasts) -> Iterator[list[Comparison]]:
    """Yield what a page does not part: what lies within one code, else one share, else each contrast."""
    named = bool(_only_pair(found))
    for within, chapter in groupby(found, lambda row: row.within):
        rows = list(chapter)
        if within is not None and _height(rows, named=named) <= _ROOM:
            yield rows
            continue
        for _, share in groupby(rows, lambda row: row.contrast.what):
            of_share = list(share)
            fits = _height(of_share, named=named) <= _ROOM
            yield from [of_share] if fits else [[row] for row in of_share]


def _height(rows: Sequence[Comparison], *, named: bool) -> float:
    """Return how much room contrasts take, in millimetres, each share with its line and name."""
    high = 0.0
    for what, of_share in groupby(rows, lambda row: row.contrast.what):
        high += _ABOVE + (0.0 if named else height_of(what, _NAMES, TEXT, bold=True) + _BELOW_NAME)
        for row in of_share:
            name = what if named else _pair(row)
            high += height_of(name, _NAMES, TEXT) + height_of(_sides(row), _NAMES, SMALL) + _BETWEEN + _AFTER
    return high


def _only_pair(found: Contrasts) -> str:
    """Name the pair of all contrasts; nothing if there are several."""
    pairs = list(dict.fromkeys(_pair(row) for row in found))
    return pairs[0] if len(pairs) == 1 else ""


def _title(found: Contrasts) -> str:
    """Say how many differences are sure."""
    if len(found) < 2:
        return "Difference of two shares"
    alone = sum(row.larger != "undetermined" for row in found)
    together = sum(row.larger_of_all != "undetermined" for row in found)
    return f"{len(found)} contrasts: {alone} beyond zero by themselves, {together} all taken together"


def _caption(found: Contrasts, least: int) -> str:
    n, drawn = len(found), [row for row in found if row.contrast.difference is not None]
    hollow = " Hollow: there is no interval." if any(row.contrast.low is None for row in drawn) else ""
    if any(row.n_clusters < least for row in drawn):
        hollow = (
            f" Hollow and grey: fewer than {least} independent documents or projects on a side, so that no "
            "interval is to be trusted."
        )
    together = f"; thin line: the interval that holds for all {n} contrasts together" if n > 1 else ""
    return (
        "Dot: difference, first share minus second; thick line: its interval, which says how far it hangs on "
        f"the choice of documents{together}.{hollow} Below the names: each share, with its units / base; "
        "independent documents or projects. Ratio: first over second."
    )


def _pair(row: Comparison) -> str:
    return f"{row.contrast.first.name} − {row.contrast.second.name}"


def _limit(found: Contrasts) -> int:
    """Return where the scale ends: at the first of `_LIMITS` that holds all intervals."""
    ends = [
        100 * abs(value)
        for row in found
        for one in (row.contrast.difference, row.contrast.low, row.contrast.high)
        for value in _known(one, row.adjusted_low, row.adjusted_high)
    ]
    return next((limit for limit in _LIMITS if limit >= max(ends, default=0.0)), _LIMITS[-1])


def _heads(sheet: Sheet, y: float) -> float:
    sheet.write(_MIDDLE - 2, y + 1, "← second larger", size=SMALL, colour=QUIET, align="right")
    sheet.write(_MIDDLE + 2, y + 1, "first larger →", size=SMALL, colour=QUIET)
    sheet.write(_POINTS, y + 1, "points", size=SMALL, colour=QUIET, align="right")
    sheet.write(_RATIO, y + 1, "ratio", size=SMALL, colour=QUIET, align="right")
    return y + 3.4


def _row(sheet: Sheet, row: Comparison, name: str, y: float, limit: int, *, is_few: bool) -> float:
    """Draw a contrast from y down, in grey where it rests on few documents; return the y below."""
    found = row.contrast
    below = sheet.write(0, y, name, width=_NAMES, top=True)
    below = sheet.write(0, below + _BETWEEN, _sides(row), size=SMALL, colour=QUIET, width=_NAMES, top=True)
    middle = (y + below) / 2
    if found.difference is None:
        _reason(sheet, found.reason, middle)
        return below + _AFTER
    _estimate(sheet, row, middle, limit, is_few=is_few)
    sheet.write(_POINTS, middle, points(found.difference), align="right")
    ratio = "–" if row.ratio.value is None else times(row.ratio.value)
    sheet.write(_RATIO, middle, ratio, align="right", colour=QUIET if ratio == "–" else INK)
    return below + _AFTER


def _estimate(sheet: Sheet, row: Comparison, y: float, limit: int, *, is_few: bool) -> None:
    """Draw the dot on its intervals; a hollow one covers them, so that no line runs through it."""
    found, colour = row.contrast, _GREY if is_few else INK
    at = [_MIDDLE + 100 * v / limit * _HALF for v in _known(found.difference, found.low, found.high)]
    wide = [_MIDDLE + 100 * v / limit * _HALF for v in _known(row.adjusted_low, row.adjusted_high)]
    if wide:
        sheet.line([(x, y) for x in wide], colour=colour, weight=0.5)
        for x in wide:
            sheet.line([(x, y - 0.8), (x, y + 0.8)], colour=colour, weight=0.5)
    if len(at) == 3:
        sheet.line([(at[1], y), (at[2], y)], colour=colour, weight=1.0 if is_few else 1.8)
    if len(at) == 3 and is_few:
        sheet.dot((WHITE, "o"), at[0], y, 2.1)
    sheet.dot((colour, "o"), at[0], y, 2.3, filled=len(at) == 3 and not is_few)


def _known(*values: float | None) -> list[float]:
    return [value for value in values if value is not None]


def _sides(row: Comparison) -> str:
    return f"{_side(row.contrast.first)} · {_side(row.contrast.second)}"


def _side(side: Side) -> str:
    if side.share is None:
        return f"{side.name}: no base"
    return f"{side.name} {percent(side.share)} ({side.n}/{side.base}; {side.n_clusters})"


def _reason(sheet: Sheet, reason: str, y: float) -> None:
    """Write a reason around the middle y on a clear field, so that the line at zero does not cross it."""
    height = height_of(reason, 2 * _HALF, SMALL)
    width = min(width_of(reason, SMALL), 2 * _HALF) + 1.5
    sheet.box(_MIDDLE - width / 2, y - height / 2, width, height, WHITE)
    sheet.write(_MIDDLE, y, reason, size=SMALL, colour=QUIET, width=2 * _HALF, align="center")


def _scale(sheet: Sheet, top: float, bottom: float, limit: int) -> None:
    """Draw the line at zero behind everything, and name places on the scale."""
    sheet.line([(_MIDDLE, top), (_MIDDLE, bottom)], colour=QUIET, weight=0.7, behind=True)
    for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
        x = _MIDDLE + part * _HALF
        sheet.line([(x, bottom), (x, bottom + 0.9)], colour=QUIET)
        said = f"{part * limit:+.3g}".replace("-", "−") if part else "0"
        sheet.write(x, bottom + 2.4, said, size=SMALL, colour=QUIET, align="center")
    sheet.line([(_LEFT, bottom), (_RIGHT, bottom)], colour=QUIET)
