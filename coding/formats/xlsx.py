"""Excel workbooks. Cells from texts are texts: never a formula, never a link."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from coding.errors import CodingError
from coding.formats.extraction import member, opened_zip, refuse_entities
from coding.locators import as_shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from coding.formats.csv import Cell

SUFFIXES = (".xlsx",)

MOST_CHARACTERS = 32_767
_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  the format knows no time zones
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_sheets(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> None:
    """Write a workbook: for each sheet its rows, the first being the header.

    A text longer than a cell can hold is cut and ends in '[...]'; control characters, which the
    format cannot hold, become U+FFFD.
    """
    import xlsxwriter

    written = BytesIO()  # a full disk is then an OSError like any other
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"created": _ANY_DAY})  # the same sheets are the same bytes
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        body = book.add_format({"text_wrap": True, "valign": "top"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    style = head if r == 0 else body
                    if isinstance(cell, str):
                        sheet.write_string(r, c, _fitting(cell), style)
                    elif cell is not None:
                        sheet.write(r, c, cell, style)
            sheet.freeze_panes(1, 0)
            for c, width in enumerate(_widths(rows)):
                sheet.set_column(c, c, width)
            if rows:
                sheet.autofilter(0, 0, max(len(rows) - 1, 0), max(len(rows[0]) - 1, 0))
    path.write_bytes(written.getvalue())


def read_sheets(path: Path) -> dict[str, list[list[Cell]]]:
    """Return the rows of every sheet, all of a sheet equally long; a formula is read as its last result.

    Raises
    ------
    CodingError
        If the file cannot be read or is no workbook.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise CodingError(f"{path}: cannot be read: {error.strerror}.") from error
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise CodingError(f"{path}: is no Excel workbook. Save it as .xlsx, or as .csv.") from error
    with closing(book):
        return {
            sheet.title: _filled([list(row) for row in sheet.iter_rows(values_only=True)])
            for sheet in book.worksheets
        }


def read_rows(raw: bytes) -> list[list[str]]:
    """Return the rows of the first sheet of a workbook as texts; dates as 2019-03-14.

    Raises
    ------
    CodingError
        If it is no workbook, is protected, or would unpack to more than a table is.
    """
    archive = opened_zip(raw, "Excel workbook")
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            refuse_entities(member(archive, name, "Excel workbook"), name)
    import openpyxl

    try:
        book = openpyxl.load_workbook(BytesIO(raw), read_only=True, data_only=True)
    except (KeyError, ValueError) as error:
        raise CodingError("is no Excel workbook. Save it as .xlsx, or as .csv.") from error
    with closing(book):
        rows = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else ()
        return [[_said(cell) for cell in row] for row in rows]


def _filled(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return rows filled up to the longest: a sheet that does not say its size ends each at its last cell."""
    longest = max((len(row) for row in rows), default=0)
    return [[*row, *[None] * (longest - len(row))] for row in rows]


def _said(cell: object) -> str:
    """Return what a cell says: a whole number without a point, a day without an hour."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _fitting(text: str) -> str:
    text = _CONTROL.sub("\ufffd", as_shown(text))
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 6] + " [...]"


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return a width for each column: that of its longest cell, between 8 and 60 characters."""
    columns = max((len(row) for row in rows), default=0)
    return [
        min(60, max(8, *(len(str(row[c])) + 2 for row in rows if c < len(row) and row[c] is not None), 8))
        for c in range(columns)
    ]
