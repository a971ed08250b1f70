"""The framework matrix: what people wrote of each cell, beside its number, with the way to its passages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from coding.errors import refuse
from coding.framework import shown_codes
from coding.framework_tables import framework_paper, summary_rows, workbook
from coding.paper.written import written
from coding.plots.heat import ZEROS
from coding.study import fidelity, in_words
from coding.web.asking import read_address
from coding.web.attached import as_csv, as_xlsx, attached
from coding.web.colours import colour
from coding.web.kept import answer
from coding.web.shown import page
from coding.web.summarised import summarised
from coding.web.tabulated import tabulated
from coding.web.told import told
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from coding.web.desk import Desk
    from coding.web.summarised import Summarised
    from coding.web.tabulated import Table
    from coding.web.wanted import Wanted

router = APIRouter()


@router.get("/matrix/framework")
def framework(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Show the summaries of all cells of the matrix that the address asks for."""
    read = read_address(request, desk)
    book = desk.files.codebook
    shown = {"asked": read, "wanted": read.wanted, "zeros": ZEROS, "colour": lambda code: colour(book, code)}
    if read.problems:
        problems = read.problems
        return page(request, "framework.html.j2", status=400, **shown, found=None, problems=problems)

    def show(table: Table) -> dict[str, object]:
        said = summarised(desk, who.coder, table.matrix)
        rows = _rows(said, table, whole="*" in read.open)
        n_numbers, n_words = _saw(desk, said, table, rows)
        return {
            "said": said,
            "rows": rows,
            "n_told": n_numbers,
            "n_new": n_words,
            "texts": in_words(fidelity(table.corpus)),
        }

    return answer(
        request, "framework.html.j2", tabulated(desk, who.coder, read.wanted, read.plan), show, **shown
    )


@router.get("/matrix/framework.csv")
def csv_file(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Return the summaries as a table: a row for each, and for each cell without one."""
    return _file(request, desk, who.coder, "csv")


@router.get("/matrix/framework.xlsx")
def xlsx_file(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Return the summaries as a workbook: cases by codes, who wrote them, what they stand on."""
    return _file(request, desk, who.coder, "xlsx")


@router.get("/matrix/framework.docx")
def docx_file(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Return the summaries as a Word document."""
    return _file(request, desk, who.coder, "docx")


def _rows(said: Summarised, table: Table, *, whole: bool) -> list[tuple[str, int]]:
    """Return the codes that are shown and how far below others they stand: the topmost, and those summarised.

    Parameters
    ----------
    whole : whether all codes are
    """
    book = table.codebook
    codes = table.matrix.codes if whole else shown_codes(said.framework, book)
    return [(code, len(book.ancestors(code))) for code in codes]


def _saw(desk: Desk, said: Summarised, table: Table, rows: list[tuple[str, int]]) -> tuple[int, int]:
    """Keep that others' work was shown; return of how many unread documents numbers and words tell."""
    numbers = told(table.matrix, table.whose, desk.sight(said.coder))
    words = said.told((code, case) for code, _ in rows for case in table.matrix.cases)
    desk.saw(said.coder, numbers | words)
    return len(numbers - words), len(words)


def _file(request: Request, desk: Desk, coder: str, kind: Literal["csv", "xlsx", "docx"]) -> Response:
    read = read_address(request, desk)
    refuse(read.problems)
    table = tabulated(desk, coder, read.wanted, read.plan).result()
    said = summarised(desk, coder, table.matrix)
    rows = _rows(said, table, whole="*" in read.open)
    _saw(desk, said, table, rows)
    content = _content(said, table, [code for code, _ in rows], kind, read.wanted)
    return attached(content, f"framework.{kind}")


def _content(
    said: Summarised, table: Table, codes: list[str], kind: Literal["csv", "xlsx", "docx"], wanted: Wanted
) -> bytes:
    texts = in_words(fidelity(table.corpus))
    if kind == "docx":
        return written(framework_paper(said.framework, codes, texts=texts), "docx")
    if kind == "csv":
        return as_csv(summary_rows(said.framework, codes))
    about = {
        **{name: value for name, value in wanted.pairs if name not in ("by", "coder")},
        "coded by": ", ".join(wanted.coder),
        "texts": texts,
        "left out": ", ".join(f"others' summaries of {case}" for case in sorted(said.withheld)),
    }
    return as_xlsx(workbook(said.framework, codes, coder=said.only_writer, about=about))
