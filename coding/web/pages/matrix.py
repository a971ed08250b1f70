"""The matrix: a sentence of decisions, a number for each code and case, and the passages behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from coding.coders import RULES
from coding.errors import CodingError, refuse
from coding.passages import by_document
from coding.plots.heat import ZEROS
from coding.results import matrix_table, wide_table
from coding.study import fidelity, in_words
from coding.web.asking import Asking, read_address
from coding.web.attached import as_csv, as_xlsx, attached
from coding.web.colours import colour
from coding.web.kept import answer
from coding.web.shown import page
from coding.web.summarised import summarised
from coding.web.tabulated import ON_A_PAGE, Opened, Table, opened, tabulated
from coding.web.told import told
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from coding.results import Table as Rows
    from coding.web.desk import Desk

router = APIRouter()


@router.get("/matrix")
def matrix(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Show the matrix that the address asks for, and the passages of a cell if it names one."""
    pairs = request.query_params.multi_items()
    if any(not value for _, value in pairs):  # choices left empty: they say nothing
        return RedirectResponse(f"/matrix?{urlencode([pair for pair in pairs if pair[1]])}", status_code=303)
    return _shown(request, desk, who.coder, "matrix.html.j2")


@router.get("/matrix/cell")
def cell(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Show the passages of one cell."""
    if not (request.query_params.get("code") and request.query_params.get("case")):
        raise CodingError("Which cell? Open one from the matrix.")
    return _shown(request, desk, who.coder, "matrix_cell.html.j2")


@router.get("/matrix.csv")
def csv_file(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Return the matrix as a table: a row for each code and case."""
    return _file(request, desk, who.coder, "csv")


@router.get("/matrix.xlsx")
def xlsx_file(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Return the matrix as a workbook: codes by cases, the bases, and what was decided."""
    return _file(request, desk, who.coder, "xlsx")


def _shown(request: Request, desk: Desk, coder: str, template: str) -> Response:
    read = read_address(request, desk)
    book = desk.files.codebook
    shown = {
        "asked": read,
        "wanted": read.wanted,
        "by_document": by_document,
        "colour": lambda code: colour(book, code),
        "zeros": ZEROS,
        "n_texts": len(desk.files.corpus),
        "readers": _readers(desk) if read.wanted.coder == (RULES,) else [],
        "fidelity": lambda table: in_words(fidelity(table.corpus)),
    }
    if read.problems:
        return page(request, template, status=400, **shown, found=None, problems=read.problems)

    def show(table: Table) -> dict[str, object]:
        cell = opened(table, read.code, read.case, first=read.first) if read.code and read.case else None
        sight = desk.sight(coder)
        alone = [cell.cell.case] if cell and template == "matrix_cell.html.j2" else None
        numbers = told(table.matrix, table.whose, sight, cases=alone)
        passages = {document for document in _seen(cell, coder) if sight.is_covered(document)}
        said = summarised(desk, coder, table.matrix)
        words = said.told([(cell.cell.code, cell.cell.case)] if cell else [])
        desk.saw(coder, numbers | passages | words)
        return {
            "opened": cell,
            "said": said,
            "n_words": len(words),
            "more": _more(cell, read) if cell else [],
            "n_told": len(numbers),
            "n_new": len(numbers | passages if alone else passages - numbers),
        }

    return answer(request, template, tabulated(desk, coder, read.wanted, read.plan), show, **shown)


def _readers(desk: Desk) -> list[str]:
    """Return the people who have read something, in order of their names."""
    read = {reading.coder for reading in desk.work.coded.readings}
    return sorted(read - {RULES} - {coder.id for coder in desk.work.coders if coder.kind != "person"})


def _seen(cell: Opened | None, coder: str) -> set[str]:
    """Return the documents of which passages are shown that somebody else has coded."""
    passages = cell.passages if cell else ()
    return {p.document.id for _, p in passages if any(hit.coder != coder for hit in p.hits)}


def _more(cell: Opened, read: Asking) -> list[tuple[str, str]]:
    """Return where other passages of the cell are shown: words, address."""
    last = read.first + len(cell.passages) - 1
    spans = []
    if read.first > 1:
        spans.append((max(1, read.first - ON_A_PAGE), read.first - 1))
    if last < cell.n:
        spans.append((last + 1, min(cell.n, last + ON_A_PAGE)))
    here = [("code", cell.cell.code), ("case", cell.cell.case)]
    return [
        (f"Passages {one} to {other}", read.wanted.address("/matrix/cell", *here, ("from", str(one))))
        for one, other in spans
    ]


def _file(request: Request, desk: Desk, coder: str, kind: Literal["csv", "xlsx"]) -> Response:
    read = read_address(request, desk)
    refuse(read.problems)
    table = tabulated(desk, coder, read.wanted, read.plan).result()
    desk.saw(coder, told(table.matrix, table.whose, desk.sight(coder)))
    rows = matrix_table(table)
    if kind == "csv":
        return attached(as_csv(rows), "matrix.csv")
    sheets = {"matrix": wide_table(table), "bases": rows, "about": _about(table, read, desk)}
    return attached(as_xlsx(sheets), "matrix.xlsx")


def _about(table: Table, read: Asking, desk: Desk) -> Rows:
    """Return what the numbers of a workbook stand on."""
    book = table.codebook
    said: list[tuple[str, str | int]] = [
        ("project", desk.root.name),
        *read.wanted.pairs,
        ("each number", str(table.matrix.measurement)),
        ("documents", len(table.corpus)),
        ("texts", in_words(fidelity(table.corpus))),
        ("codebook", f"{book.id} {book.version}"),
        ("codebook digest", book.digest),
        ("documents left out of others' coding, to be read or judged blind", table.n_withheld),
        ("coded segments without a reading of their coder", table.n_unread),
        ("coded segments in earlier texts", table.n_stale),
    ]
    rows: Rows = [["what", "value"]]
    rows += [[what, value] for what, value in said]
    return rows
