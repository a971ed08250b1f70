"""Agreement: for each code a dot with its interval, and what it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.sheet import INK, PAGE, QUIET, SMALL, Ink, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from coding.agreeing import Agreement
    from coding.figures import Figures
    from coding.resampling import Statistic

_ZERO, _ONE = 80.0, 130.0  # where 0 and 1 lie, in millimetres
_LEAST = -0.4  # a value further below stands at this end, with an arrow
_NAME = _ZERO + _LEAST * (_ONE - _ZERO) - 4  # width of the names
_SAID = _ONE + 4  # where the numbers begin
_DOT: Ink = (INK, "o")
_PLACES = (-0.4, 0.0, 0.4, 0.667, 0.8, 1.0)
_CAPTION = (
    "Dot: the value; line: its interval, which says how far it hangs on the choice of documents; a hollow "
    "dot has none. 1 is perfect agreement, 0 what chance would give. Right: the value, and in brackets how "
    "many units someone coded / how many were read."
)


def agreement(found: Agreement, *, statistic: str = "alpha") -> Figure:
    """Draw a statistic of each code that someone gave, and over all, as a dot with its interval.

    Parameters
    ----------
    statistic : its short name, see `Figures`

    Returns
    -------
    Figure
        175 mm wide, codes in the order of the codebook. A code without a value has the reason in place of
        its dot; codes that nobody gave are left out and counted.
    """
    sheet = Sheet(PAGE)
    used = [one for one in found.by_code.values() if one.n_coded]
    named = [(found.codebook[one.on].name or one.on, one) for one in used]
    overall = [("All codes, units read", found.over_read), ("All codes, units coded", found.over_coded)]
    y = sheet.head(
        f"Agreement of {', '.join(found.between)}",
        f"{found.over_read[statistic].name}, by {found.unit}, with its interval",
    )
    top = y
    for name, figures in [*named, *overall]:
        if figures is found.over_read and named:
            sheet.line([(0, y), (PAGE, y)])
        y = _line(sheet, y, name, figures, figures[statistic])
    _scale(sheet, top, y)
    n_left = len(found.by_code) - len(used)
    left = f" Codes that nobody gave, or two did not read: {n_left}." if n_left else ""
    return sheet.finish(y + 3.4, _CAPTION + left)


def _line(sheet: Sheet, y: float, name: str, figures: Figures, statistic: Statistic) -> float:
    """Draw one line of the figure; return the y below it."""
    below = max(sheet.write(0, y + 0.8, name, width=_NAME, top=True) + 0.8, y + 4.8)
    middle = (y + below) / 2
    base = f"({figures.n_coded}/{figures.n_units})"
    if statistic.value is None:
        sheet.write(_ZERO + 1, middle, "no value", size=SMALL, colour=QUIET)
        sheet.write(_SAID, middle, f"{statistic.reason} {base}", size=SMALL, colour=QUIET, width=PAGE - _SAID)
        return below
    has_interval = statistic.low is not None and statistic.high is not None
    if statistic.low is not None and statistic.high is not None:
        ends = [(_at(statistic.low), middle), (_at(statistic.high), middle)]
        sheet.line(ends, colour=INK, weight=1.3)
    sheet.dot(_DOT, _at(statistic.value), middle, 2.3, filled=has_interval)
    beyond = "← " if statistic.value < _LEAST else ""
    said = f"{beyond}{statistic.value:.2f}".replace("-", "−")
    sheet.write(_SAID, middle, said)
    sheet.write(_SAID + 11, middle, base, size=SMALL, colour=QUIET)
    return below


def _at(value: float) -> float:
    return _ZERO + max(value, _LEAST) * (_ONE - _ZERO)


def _scale(sheet: Sheet, top: float, bottom: float) -> None:
    """Draw the lines at 0 and 1 behind everything, and name places on the scale."""
    for value in (0.0, 1.0):
        sheet.line([(_at(value), top), (_at(value), bottom)], colour=QUIET, weight=0.7, behind=True)
    for value in _PLACES:
        x = _at(value)
        sheet.line([(x, bottom), (x, bottom + 0.9)], colour=QUIET)
        said = f"{value:.2g}".replace("-", "−")
        sheet.write(x, bottom + 2.4, said, size=SMALL, colour=QUIET, align="center")
    sheet.line([(_at(_LEAST), bottom), (_at(1.0), bottom)], colour=QUIET)
