"""Excel workbooks. Cells from texts are texts: never a formula, never a link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from coding.formats.csv import Cell

SUFFIXES = (".xlsx",)

MOST_CHARACTERS = 32_767
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_sheets(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> None:
    """Write a workbook: for each sheet its rows, the first being the header.

    A text longer than a cell can hold is cut and ends in '[...]'; control characters, which the
    format cannot hold, become U+FFFD.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
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


def read_sheets(path: Path) -> dict[str, list[list[Cell]]]:
    """Return the rows of every sheet. Needs openpyxl (`pip install openpyxl`)."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return {
        sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets
    }


def _fitting(text: str) -> str:
    text = _CONTROL.sub("\ufffd", text)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 6] + " [...]"


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return a width for each column: that of its longest cell, between 8 and 60 characters."""
    columns = max((len(row) for row in rows), default=0)
    return [
        min(60, max(8, *(len(str(row[c])) + 2 for row in rows if c < len(row) and row[c] is not None), 8))
        for c in range(columns)
    ]
