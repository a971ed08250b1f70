"""Estimates: differences of two shares, their intervals, and the verdicts on the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.sheet import INK, PAGE, QUIET, SMALL, WHITE, Ink, Sheet, height_of, width_of
from coding.plots.words import joined, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from coding.findings import Contrast, Side, Verdict

SIGNS = {"supported": "✓", "contradicted": "✗", "undetermined": "?"}

_MIDDLE, _HALF = 107.0, 31.0  # of the scale from -1 to 1, in millimetres
_TITLE = _MIDDLE - _HALF - 5  # width of the titles
_VERDICT = _MIDDLE + _HALF + 5  # where the verdicts begin
_DOT: Ink = (INK, "o")


def estimates(contrasts: Sequence[tuple[str, Contrast, Verdict | None]], *, texts: str = "") -> Figure:
    """Draw each difference of two shares as a dot with its interval, and its verdict as sign and word.

    Parameters
    ----------
    contrasts : for each its title, the contrast and the verdict (None: described, not tested)
    texts : what the texts are, such as "in digests"; written in the title, beside the verdicts

    Returns
    -------
    Figure
        175 mm wide. A contrast without a difference has the reason in place of its dot; one
        without an interval has a hollow dot and the reason.
    """
    sheet = Sheet(PAGE)
    y = sheet.head(
        joined(_title([verdict for _, _, verdict in contrasts if verdict]), texts),
        "Difference in percentage points, first share minus second, with its interval",
    )
    if not contrasts:
        sheet.write(0, y + 1, "There is no contrast.", colour=QUIET)
        return sheet.finish(y + 2, "")
    sheet.write(_MIDDLE - 2, y + 1, "← second larger", size=SMALL, colour=QUIET, align="right")
    sheet.write(_MIDDLE + 2, y + 1, "first larger →", size=SMALL, colour=QUIET)
    top = y = y + 3.4
    for title, found, verdict in contrasts:
        sheet.line([(0, y), (PAGE, y)])
        below = sheet.write(0, y + 1.5, title, width=_TITLE, top=True)
        sides = f"{_side(found.first)} · {_side(found.second)}"
        below = sheet.write(0, below + 0.3, sides, size=SMALL, colour=QUIET, width=_TITLE, top=True)
        bottom = max(below + 1.8, y + _height(found) + 3)
        _estimate(sheet, found, (y + bottom) / 2)
        _write_verdict(sheet, verdict, (y + bottom) / 2)
        y = bottom
    _scale(sheet, top, y)
    return sheet.finish(y + 3.4, _CAPTION)


_CAPTION = (
    "Dot: difference; line: its interval, which says how far it hangs on the choice of documents. "
    "Grey: each share, with its units / base in brackets; where each document counts alike, a share is not "
    "the plain ratio of the two."
)


def _title(verdicts: list[Verdict]) -> str:
    """Say how the tests went; without a test, only what is shown."""
    if not verdicts:
        return "Differences of two shares"
    said = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in SIGNS if verdict in verdicts)
    return f"{len(verdicts)} claim{'s' * (len(verdicts) > 1)} tested: {said}"


def _side(side: Side) -> str:
    if side.share is None:
        return f"{side.name}: no base"
    return f"{side.name} {percent(side.share)} ({side.n}/{side.base})"


def _height(found: Contrast) -> float:
    """Return the height that dot and reason need, in millimetres."""
    dot = 0.0 if found.difference is None else 3.0
    return dot + (height_of(found.reason, 2 * _HALF, SMALL) if found.reason else 0.0)


def _estimate(sheet: Sheet, found: Contrast, y: float) -> None:
    """Draw dot and interval, or the reason that there is none, around the middle y."""
    top = y - _height(found) / 2
    if found.difference is not None:
        x = _MIDDLE + found.difference * _HALF
        at, known = (top + 1.5, False) if found.reason else (y, True)
        if found.low is not None and found.high is not None:
            ends = [(_MIDDLE + found.low * _HALF, at), (_MIDDLE + found.high * _HALF, at)]
            sheet.line(ends, colour=INK, weight=1.3)
        sheet.dot(_DOT, x, at, 2.3, filled=known)
        top += 3.0
    if found.reason:
        _write_reason(sheet, found.reason, top)


def _write_reason(sheet: Sheet, reason: str, y: float) -> None:
    """Write a reason on a clear field, so that the line at zero does not cross it."""
    height = height_of(reason, 2 * _HALF, SMALL)
    width = min(width_of(reason, SMALL), 2 * _HALF) + 1.5
    sheet.box(_MIDDLE - width / 2, y, width, height, WHITE)
    sheet.write(_MIDDLE, y, reason, size=SMALL, colour=QUIET, width=2 * _HALF, align="center", top=True)


def _write_verdict(sheet: Sheet, verdict: Verdict | None, y: float) -> None:
    if verdict is None:
        sheet.write(_VERDICT, y, "described", colour=QUIET)
        return
    bold = verdict != "undetermined"
    sheet.write(_VERDICT, y, SIGNS[verdict], bold=bold)
    sheet.write(_VERDICT + 4, y, verdict, bold=bold)


def _scale(sheet: Sheet, top: float, bottom: float) -> None:
    """Draw the line at zero behind everything, and name places from -100 to 100 points."""
    sheet.line([(_MIDDLE, top), (_MIDDLE, bottom)], colour=QUIET, weight=0.7, behind=True)
    for points in (-100, -50, 0, 50, 100):
        x = _MIDDLE + points / 100 * _HALF
        sheet.line([(x, bottom), (x, bottom + 0.9)], colour=QUIET)
        said = f"{points:+d}".replace("-", "−") if points else "0"
        sheet.write(x, bottom + 2.4, said, size=SMALL, colour=QUIET, align="center")
    sheet.line([(_MIDDLE - _HALF, bottom), (_MIDDLE + _HALF, bottom)], colour=QUIET)
