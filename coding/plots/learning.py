"""How good a model would be: whether its probabilities hold, and what learning from more texts brings."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from coding.plots.sheet import COLUMN, LINE, PAGE, PALE, QUIET, SMALL, Ink, Sheet, height_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from coding.learning import CodeReport, LearningReport

_ACROSS = 4  # panels in a row
_PITCH = PAGE / _ACROSS
_SIDE = _PITCH - 12.0  # of a panel, in millimetres
_LEFT = 7.0  # of a panel, for the names of places
_INSET = 2.6  # within its edges, so that the largest dot at 0 hides no name
_WIDEST, _LEAST = 4.6, 1.2  # dots, millimetres across
_HEIGHT = 46.0  # of the curve
_START, _END = 7.0, COLUMN - 16.0  # of the curve, where it begins and ends
_PLACES = (0.0, 0.5, 1.0)
_MODEL: Ink = ("#0072B2", "o")
_BY_PROBABILITY = (
    "Right: the mean probability that models gave to units that they had not seen; up: the share of these "
    "units that bear the code, as people said. Units are grouped by probability; the area of a dot is their "
    "number, and a small dot may lie anywhere by chance. On the line a probability means what it says; above "
    "it the model says too little, below it too much."
)
_BY_SIZE = (
    "Each dot: the mean F1 over the codes, on units that the models had not seen, by how many clusters of "
    "documents they had learned from, each time twice as many; a code that could not be learned counts as 0. "
    "A line that still rises says that more reading would help."
)


def calibration(found: LearningReport, names: Mapping[str, str]) -> Figure:
    """Draw for each code a small panel: the share of units that bear it, by the probability given.

    Parameters
    ----------
    names : under which codes are shown

    Returns
    -------
    Figure
        175 mm wide, four panels in a row, in the order of the report. A code that no model could learn
        has words in place of its panel.
    """
    sheet = Sheet(PAGE)
    y = sheet.head(
        "Does its probability mean what it says?", "On units that the models had not seen, by code"
    )
    largest = max((each.n for one in found.codes.values() for each in one.calibration), default=1)
    codes = list(found.codes.values())
    for first in range(0, len(codes), _ACROSS):
        y = _row(sheet, y, codes[first : first + _ACROSS], names, largest)
    return sheet.finish(y, f"{_BY_PROBABILITY} The largest dot: {largest} units.")


def learning_curve(found: LearningReport) -> Figure:
    """Draw the mean F1 over codes by how much was learned from; that of the rules as a line beside it.

    Returns
    -------
    Figure
        85 mm wide, F1 from 0 to 1.
    """
    sheet = Sheet(COLUMN)
    y = sheet.head("Would more reading help?", "Mean F1 over codes, on units that the models had not seen")
    bottom = y + _HEIGHT
    sheet.box(_START, y, _END - _START, _HEIGHT, PALE)
    for value in _PLACES:
        at = bottom - value * _HEIGHT
        sheet.line([(_START, at), (_END, at)], colour=LINE, weight=0.4)
        sheet.write(_START - 1.2, at, f"{value:g}", size=SMALL, colour=QUIET, align="right")
    step = (_END - _START) / max(1, len(found.curve))
    points = [(_START + (i + 0.5) * step, bottom - f1 * _HEIGHT) for i, (_, f1) in enumerate(found.curve)]
    rules = found.macro_f1_rules
    if rules is not None:
        at = bottom - rules * _HEIGHT
        sheet.line([(_START, at), (_END, at)], colour=QUIET, weight=0.9, dotted=True)
        sheet.write(_END + 2, at, f"rules {rules:.2f}", size=SMALL, colour=QUIET)
    if len(points) > 1:
        sheet.line(points, colour=_MODEL[0], weight=1.2)
    for (x, at), (n, f1) in zip(points, found.curve, strict=True):
        sheet.dot(_MODEL, x, at, 2.3)
        sheet.write(x + 1.2, at + 2.6 if f1 > 0.1 else at - 2.6, f"{f1:.2f}", size=SMALL)
        sheet.line([(x, bottom), (x, bottom + 0.9)], colour=QUIET)
        sheet.write(x, bottom + 2.4, f"{n:.0f}", size=SMALL, colour=QUIET, align="center")
    sheet.write(_END + 2, bottom + 2.4, "clusters", size=SMALL, colour=QUIET)
    return sheet.finish(bottom + 3.4, _BY_SIZE)


def _row(
    sheet: Sheet, y: float, codes: Sequence[CodeReport], names: Mapping[str, str], largest: int
) -> float:
    """Draw a row of panels; return the y below it."""
    said = [names.get(one.code, one.code) for one in codes]
    top = y + max(height_of(name, _PITCH - 4, SMALL, bold=True) for name in said) + 1
    for i, (one, name) in enumerate(zip(codes, said, strict=True)):
        left = i * _PITCH + _LEFT
        sheet.write(left, y, name, size=SMALL, bold=True, width=_PITCH - _LEFT, top=True)
        if one.calibration:
            _panel(sheet, left, top, one, largest)
        else:
            said_of = "No model could learn it from a part of the texts."
            sheet.write(left, top + 2, said_of, size=SMALL, colour=QUIET, width=_SIDE, top=True)
    return top + _SIDE + 7


def _panel(sheet: Sheet, left: float, top: float, one: CodeReport, largest: int) -> None:
    inside = _SIDE - 2 * _INSET

    def at(right: float, up: float) -> tuple[float, float]:
        return left + _INSET + right * inside, top + _INSET + (1 - up) * inside

    sheet.box(left, top, _SIDE, _SIDE, PALE)
    for value in _PLACES:
        x, y = at(value, value)
        sheet.line([(left, y), (left + _SIDE, y)], colour=LINE, weight=0.4)
        sheet.write(left - 1.2, y, f"{value:g}", size=SMALL, colour=QUIET, align="right")
        sheet.write(x, top + _SIDE + 2, f"{value:g}", size=SMALL, colour=QUIET, align="center")
    sheet.line([at(0, 0), at(1, 1)], colour=QUIET, weight=0.5)
    dots = [at(each.probability, each.share) for each in one.calibration]
    if len(dots) > 1:
        sheet.line(dots, colour=_MODEL[0], weight=0.6)
    for (x, y), each in zip(dots, one.calibration, strict=True):
        sheet.dot(_MODEL, x, y, max(_LEAST, _WIDEST * sqrt(each.n / largest)))
