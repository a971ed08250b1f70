"""CSV tables. A text that a spreadsheet would take for a formula is written with an apostrophe."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from coding.errors import CodingError
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
