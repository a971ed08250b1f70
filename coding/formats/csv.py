"""CSV tables. A text that a spreadsheet would take for a formula is written with an apostrophe."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from coding.errors import CodingError, refuse
from coding.formats.text import decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = (".csv",)

Cell = str | int | float | bool | None

LONGEST_CELL = 10_000_000  # characters: a cell may hold a whole text

_FORMULA = (*"=+-@\t\r\n'", *"\uff1d\uff0b\uff0d\uff20")


def write_table(path: Path, table: Sequence[Sequence[Cell]]) -> None:
    """Write rows, the first being the header. Missing values are empty cells."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([_safe(cell) for cell in row] for row in table)


def read_table(path: Path) -> list[list[str]]:
    """Return the rows as texts; the apostrophe before a would-be formula is taken off."""
    return rows_of(decode(path))


def rows_of(text: str, *, delimiter: str = ",") -> list[list[str]]:
    """Return the rows of a table that is written with commas, or with another sign between its cells.

    Raises
    ------
    CodingError
        If a cell is longer than the format takes, or a quotation mark is left open.
    """
    usual = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise CodingError(f"is no table: {error}. Save it as .xlsx.") from error
    finally:
        csv.field_size_limit(usual)
    return [[cell.removeprefix("'") for cell in row] for row in rows if row]


def refuse_longer(table: Sequence[Sequence[str]], *, delimiter: str = ",") -> None:
    """Every row ends where the head does: a comma that parts a text in two is seen.

    Parameters
    ----------
    table : rows of cells; the first is the head
    delimiter : the sign between them, for the message

    Raises
    ------
    CodingError
        Listing each row with words to the right of the last column that has a name.
    """
    n_columns, *n_cells = map(_n_filled, table) if table else [0]
    sign = {",": "a comma", ";": "a semicolon", "\t": "a tab"}.get(delimiter, f"'{delimiter}'")
    refuse(
        [
            f"row {number} has {n} cells, the head {n_columns}: is {sign} in a text not quoted? Put that "
            "text in quotation marks, or name each column."
            for number, n in enumerate(n_cells, start=2)
            if n > n_columns
        ]
    )


def _n_filled(row: Sequence[str]) -> int:
    """Return how many cells a row has, without the empty ones at its end.

    Examples
    --------
    >>> _n_filled(["a", "", "b", " ", ""])
    3
    """
    return max((n for n, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _safe(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet runs.

    Examples
    --------
    >>> _safe("=1+1"), _safe("plain"), _safe(-1)
    ("'=1+1", 'plain', -1)
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
