"""The heat matrix: codes by cases, every cell with its number and its base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.sheet import COLUMN, LINE, PAGE, PALE, SMALL, TEXT, WHITE, Sheet, height_of, ink_on
from coding.plots.words import base_in_words, cases_in_words, joined, number, short, top_codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from coding.matrices import AnyCell, AnyMatrix

ZEROS = {"absent": "0", "searched": "–", "not examined": "·"}

_NARROW = 3  # so many cases fit into a column
_LEAST = 13.0  # millimetres: below that a number and its base would not fit


def heatmap(matrix: AnyMatrix, *, codes: Sequence[str] | None = None, texts: str = "") -> Figure:
    """Draw codes as rows and cases as columns, each cell shaded by its value, with number and base.

    Parameters
    ----------
    codes : ids, optional
        The top-level codes if left out.
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        85 mm wide for up to three cases, else 175 mm or more. The three zeros differ: `0` a person
        read and found none, `–` rules searched and found none, `·` nobody looked.

    Raises
    ------
    CodingError
        Naming the nearest code if one is unknown.
    """
    shown = top_codes(matrix) if codes is None else codes
    cells = {(code, case): matrix.cell(case, code) for code in shown for case in matrix.cases}
    largest = max((cell.value or 0.0 for cell in cells.values()), default=0.0)
    n_cases = max(len(matrix.cases), 1)
    narrow = n_cases <= _NARROW
    side = 34.0 if narrow else 46.0
    sheet = Sheet(COLUMN if narrow else max(PAGE, side + _LEAST * n_cases))
    width = min((sheet.width - side) / n_cases, 26.0)
    y = sheet.head(
        f"Codes by {' and '.join(matrix.measurement.variables)}", joined(str(matrix.measurement), texts)
    )
    y = _cases(sheet, matrix, y, side, width)
    for j, code in enumerate(shown):
        height = max(8.6, height_of(matrix.names[code], side - 2, TEXT) + 1)
        sheet.write(0, y + height / 2, matrix.names[code], width=side - 2)
        for i, case in enumerate(matrix.cases):
            x = side + i * width
            cell, name = cells[code, case], f"cell-{j}-{i}"
            shade = _shade(cell, largest)
            sheet.box(x + 0.15, y + 0.15, width - 0.3, height - 0.3, shade, edge=_edge(cell), name=name)
            _write(sheet, cell, matrix.measurement.measure, x + width / 2, y + height / 2, shade)
        y += height
    return sheet.finish(y, _caption(matrix))


def _cases(sheet: Sheet, matrix: AnyMatrix, y: float, side: float, width: float) -> float:
    """Name the cases above their columns; return the y below."""
    room = width - 1.5
    height = max((height_of(matrix.names[case], room - 3.4, SMALL) for case in matrix.cases), default=0.0)
    for i, case in enumerate(matrix.cases):
        sheet.donor(i, side + i * width + 0.8, y + height / 2, matrix.names[case], width=room)
    return y + height + 1.2


def _shade(cell: AnyCell, largest: float) -> str:
    """Return the colour of a cell: none for what nobody looked at, pale for a zero, else its value's."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    if cell.state != "present":
        return WHITE if cell.state == "not examined" else PALE
    # cividis turned round: on white paper more is darker
    return to_hex(colormaps["cividis_r"]((cell.value or 0.0) / largest if largest else 0.0))


def _edge(cell: AnyCell) -> str | None:
    return LINE if cell.state == "not examined" else None


def _write(sheet: Sheet, cell: AnyCell, measure: str, x: float, y: float, shade: str) -> None:
    """Write number and base around the middle of a cell."""
    ink = ink_on(shade)
    if cell.state == "not examined":
        sheet.write(x, y, ZEROS[cell.state], colour=ink, align="center", bold=True)
        return
    said = number(cell.value or 0.0, measure) if cell.state == "present" else ZEROS[cell.state]
    sheet.write(x, y - 1.35, said, colour=ink, align="center")
    sheet.write(x, y + 1.75, f"{short(cell.n)}/{short(cell.base)}", size=SMALL, colour=ink, align="center")


def _caption(matrix: AnyMatrix) -> str:
    return (
        f"Below each number: {matrix.measurement.unit}s that bear the code / {base_in_words(matrix)}. "
        f"{cases_in_words(matrix)}. 0: a person read and found none; –: rules searched and found none; "
        "·: nobody looked."
    )
