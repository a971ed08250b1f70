"""What a browser takes along: a file under its name, as the kind that its ending says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

from coding.formats import csv, xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coding.formats.csv import Cell

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain; charset=utf-8",
}


def attached(content: bytes, name: str) -> Response:
    """Return a file that the browser keeps.

    Parameters
    ----------
    name : under which it is kept; ends in one of `KINDS`
    """
    return Response(
        content,
        media_type=KINDS[name.rpartition(".")[2]],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def as_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return a table as the content of a CSV file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        csv.write_table(path, rows)
        return path.read_bytes()


def as_xlsx(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """Return the sheets of a workbook as the content of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xlsx"
        xlsx.write_sheets(path, sheets)
        return path.read_bytes()
