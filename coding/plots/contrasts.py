"""Contrasts: each difference with its interval, and the one that holds for all of them together."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from coding.plots.sheet import INK, PAGE, QUIET, SMALL, WHITE, Ink, Sheet, height_of, width_of
from coding.plots.words import joined, percent, points, times

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from coding.contrasting import Comparison, Contrasts
    from coding.findings import Side

_NAMES = 66.0  # width of what is compared, in millimetres
_LEFT, _RIGHT = 71.0, 131.0  # the ends of the scale
_MIDDLE, _HALF = (_LEFT + _RIGHT) / 2, (_RIGHT - _LEFT) / 2
_POINTS, _RATIO = 147.0, PAGE  # where the numbers end
_LIMITS = (5, 10, 20, 30, 40, 50, 60, 80, 100)  # of the scale, in points
_DOT: Ink = (INK, "o")


def differences(found: Contrasts, *, texts: str = "") -> Figure:
    """Draw each difference as a dot with its interval and, thinner, that which is adjusted for their number.

    Parameters
    ----------
    found : see `contrasts`
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide, contrasts of one share together; the scale reaches as far as the intervals. A contrast
        without a difference has the reason in place of its dot.
    """
    sheet = Sheet(PAGE)
    pairs = list(dict.fromkeys(_pair(row) for row in found))
    named = pairs[0] if len(pairs) == 1 else ""
    y = sheet.head(
        joined(_title(found), texts), joined(named, "difference of two shares in percentage points")
    )
    if not found.rows:
        sheet.write(0, y + 1, "There is no contrast.", colour=QUIET)
        return sheet.finish(y + 2, "")
    limit = _limit(found)
    top = y = _heads(sheet, y)
    for what, rows in groupby(found, lambda row: row.contrast.what):
        sheet.line([(0, y), (PAGE, y)])
        y += 1.5
        if not named:
            y = sheet.write(0, y, what, bold=True, width=_NAMES, top=True) + 1
        for row in rows:
            y = _row(sheet, row, what if named else _pair(row), y, limit)
    _scale(sheet, top, y, limit)
    return sheet.finish(y + 3.4, _caption(len(found)))


def _title(found: Contrasts) -> str:
    """Say how many differences are sure."""
    if len(found) < 2:
        return "Difference of two shares"
    alone = sum(row.larger != "undetermined" for row in found)
    together = sum(row.larger_of_all != "undetermined" for row in found)
    return f"{len(found)} contrasts: {alone} beyond zero by themselves, {together} all taken together"


def _caption(n: int) -> str:
    together = f"; thin line: the interval that holds for all {n} contrasts together" if n > 1 else ""
    return (
        "Dot: difference, first share minus second; thick line: its interval, which says how far it hangs on "
        f"the choice of documents{together}. Hollow: there is no interval. Grey: each share, with its units "
        "/ base; documents or projects. Ratio: first over second."
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


def _row(sheet: Sheet, row: Comparison, name: str, y: float, limit: int) -> float:
    """Draw a contrast from y down; return the y below."""
    found = row.contrast
    below = sheet.write(0, y, name, width=_NAMES, top=True)
    sides = f"{_side(found.first)} · {_side(found.second)}"
    below = sheet.write(0, below + 0.3, sides, size=SMALL, colour=QUIET, width=_NAMES, top=True)
    middle = (y + below) / 2
    if found.difference is None:
        _reason(sheet, found.reason, middle)
        return below + 1.8
    at = [_MIDDLE + 100 * value / limit * _HALF for value in _known(found.difference, found.low, found.high)]
    wide = [_MIDDLE + 100 * v / limit * _HALF for v in _known(row.adjusted_low, row.adjusted_high)]
    if wide:
        sheet.line([(x, middle) for x in wide], colour=INK, weight=0.5)
        for x in wide:
            sheet.line([(x, middle - 0.8), (x, middle + 0.8)], colour=INK, weight=0.5)
    if len(at) == 3:
        sheet.line([(at[1], middle), (at[2], middle)], colour=INK, weight=1.8)
    sheet.dot(_DOT, at[0], middle, 2.3, filled=len(at) == 3)
    sheet.write(_POINTS, middle, points(found.difference), align="right")
    ratio = "–" if row.ratio.value is None else times(row.ratio.value)
    sheet.write(_RATIO, middle, ratio, align="right", colour=QUIET if ratio == "–" else INK)
    return below + 1.8


def _known(*values: float | None) -> list[float]:
    return [value for value in values if value is not None]


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
