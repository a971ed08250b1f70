"""Donors side by side: for each category how much of a donor's text it is, and with which orientation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.parts import key, paints_of, part_box
from coding.plots.sheet import LINE, PAGE, QUIET, SMALL, Sheet, height_of
from coding.plots.words import base_in_words, joined, number, short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from coding.matrices import AnyCell, AnyMatrix
    from coding.matrix import Composition

_NAMES = 31.0  # width of the names of the categories, in millimetres
_GAP = 2.4  # between donors
_BAR = 3.4  # how high bars are
_UNDER = 4.6  # from the upper edge of a row to its bars
_ROW = 9.6
_MOST = 6  # donors beside one another


def side_by_side(
    matrix: AnyMatrix, compositions: Mapping[str, Mapping[str, Composition]], *, texts: str = ""
) -> Figure:
    """Draw for each category and donor a bar: as long as the cell is large, divided by orientation.

    Parameters
    ----------
    matrix : for the cells; of any measure
    compositions : for each category and case its composition (`Matrix.compose`)
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide; a column for each case, all bars to one scale. Above each bar its value, beside it the
        units that bear the category / the units of the base. Where there is none, the sign of its zero.
    """
    sheet = Sheet(PAGE)
    said = joined(f"{matrix.measurement}, by orientation", texts)
    y = sheet.head("Categories and orientations, donor by donor", said)
    every = [found for cases in compositions.values() for found in cases.values()]
    if not every:
        sheet.write(0, y + 1, "There is no category.", colour=QUIET)
        return sheet.finish(y + 2, "")
    paints = paints_of(list(dict.fromkeys(part for found in every for part in found.counts)))
    y = key(sheet, [(matrix.names.get(part, part), paint) for part, paint in paints.items()], _NAMES, y)
    largest = max(
        (matrix.cell(case, code).value or 0 for code in compositions for case in matrix.cases), default=0
    )
    for first in range(0, len(matrix.cases), _MOST):
        some = range(first, min(first + _MOST, len(matrix.cases)))
        y = _panel(sheet, matrix, compositions, paints, some, y, largest) + 3
    return sheet.finish(y - 3, _caption(matrix))


def _panel(
    sheet: Sheet,
    matrix: AnyMatrix,
    compositions: Mapping[str, Mapping[str, Composition]],
    paints: Mapping[str, str],
    some: range,
    y: float,
    largest: float,
) -> float:
    """Draw some of the cases beside one another; return the y below."""
    wide = (PAGE - _NAMES) / len(some) - _GAP
    starts = {matrix.cases[i]: _NAMES + place * (wide + _GAP) for place, i in enumerate(some)}
    height = max(height_of(matrix.names[case], wide - 3.4, SMALL) for case in starts)
    for i, (case, x) in zip(some, starts.items(), strict=True):
        sheet.donor(i, x, y + height / 2 + 0.5, matrix.names[case], width=wide)
    y += height + 2
    for code, cases in compositions.items():
        sheet.line([(0, y), (PAGE, y)])
        sheet.write(0, y + _ROW / 2, matrix.names[code], width=_NAMES - 3)
        for case, x in starts.items():
            _cell(sheet, matrix, matrix.cell(case, code), x, y, wide)
            sheet.line([(x, y + _UNDER + _BAR), (x + wide, y + _UNDER + _BAR)], behind=True)
            length = wide * (matrix.cell(case, code).value or 0) / largest if largest else 0
            _bar(sheet, cases[case], paints, x, y + _UNDER, length)
        y += _ROW
    sheet.line([(0, y), (PAGE, y)])
    return y


def _cell(sheet: Sheet, matrix: AnyMatrix, cell: AnyCell, x: float, y: float, wide: float) -> None:
    """Write the value of a cell above its bar, and what it stands on."""
    from coding.plots.heat import ZEROS

    value = number(cell.value, matrix.measurement.measure) if cell.n and cell.value is not None else ""
    sheet.write(x, y + 2.6, value or ZEROS.get(cell.state, "0"))
    sheet.write(
        x + wide,
        y + 2.7,
        f"{short(cell.n, figures=2)}/{short(cell.base, figures=2)}",
        size=SMALL,
        colour=QUIET,
        align="right",
    )


def _bar(
    sheet: Sheet, found: Composition, paints: Mapping[str, str], x: float, y: float, length: float
) -> None:
    for part, n in found.counts.items():
        if n:
            width = length * n / found.base
            part_box(sheet, x, y, width, _BAR, paints[part])
            if part == "none":  # pale on white
                sheet.box(x + 0.15, y + 0.15, max(0.0, width - 0.3), _BAR - 0.3, "none", edge=LINE)
            x += width


def _caption(matrix: AnyMatrix) -> str:
    unit = matrix.measurement.unit
    return (
        f"Bars: as long as the number above them, all to one scale; their parts: how the {unit}s of the "
        f"category divide. Grey: {unit}s that bear the category / {base_in_words(matrix)}. mixed: {unit}s "
        f"that bear several orientations; none: {unit}s that bear none. Bars of few {unit}s say little."
    )
