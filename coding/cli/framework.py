"""Commands about summaries of cells: `coding framework`, `coding summarise`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own, open_project
from coding.cli.show import is_piped, note, print_entry, print_json, print_table, progress
from coding.cli.write_up import Out, publish, wanted_format
from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coding.cells import CellName
    from coding.framework import Framework, Summary
    from coding.project import Project
    from coding.study import Run


@app.command()
def framework(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    codes: Annotated[
        list[str] | None, typer.Option(help="Only this code and those below it; may be repeated.")
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            min=1, help="Levels of codes: 1 for the topmost; else these and all that is summarised."
        ),
    ] = None,
    coder: Annotated[
        list[str] | None, typer.Option("--coder", "-c", help="Only this coder's summaries; may be repeated.")
    ] = None,
    format: Annotated[  # noqa: A002  the word of the command line
        str | None, typer.Option("--format", help="markdown, latex, docx, html, csv or xlsx.")
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print or write what people wrote of each cell of the matrix of codes and donors."""
    from coding.framework import shown_codes
    from coding.framework_tables import plain
    from coding.study import run

    wanted = _wanted_format(format, out)
    opened = open_project(project, as_json=as_json)
    with progress("reading and coding the texts"):
        done = run(opened, study)
    found = _framework(opened, done, coder, is_to_fill_in=wanted == "xlsx" and not as_json)
    rows = shown_codes(found, done.codebook, codes=codes, depth=depth)
    if as_json:
        print_json(plain(found, rows, texts=done.texts))
    elif wanted is not None:
        _publish(found, done, rows, coder, format=wanted, out=out)
    else:
        _print(found, rows, texts=done.texts)


@app.command()
def summarise(
    case: Annotated[str | None, typer.Argument(help="Id or name of the donor.")] = None,
    code: Annotated[str | None, typer.Argument(help="Id of the code.")] = None,
    file: Annotated[
        Path | None, typer.Argument(help="File with the summary; else it is read from standard input.")
    ] = None,
    *,
    coder: Annotated[str, typer.Option("--coder", "-c", help="Who writes it.")],
    text: Annotated[str | None, typer.Option(help="The summary itself; empty, it takes back yours.")] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Instead: a workbook of `coding framework`, filled in: all changes.",
        ),
    ] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write what a cell of the matrix says in your words, or all that was changed in a workbook."""
    from coding.coders import refuse_machines
    from coding.framework import summarise as write
    from coding.framework_tables import filled_in

    opened = open_own(project)
    if source is not None:
        if case is not None or text is not None:
            raise CodingError("--from takes the summaries out of a workbook: leave case, code and text out.")
        texts: Mapping[CellName, str] = filled_in(source, coder=coder, memos=opened.memos)
    elif case is None or code is None:
        raise CodingError("Of which cell? Name a donor and a code, or a workbook with --from.")
    else:
        said = _text(text, file)
        texts = {_cell(opened, case, code, is_taken_back=not said.strip()): said}
    with opened.store() as store:
        refuse_machines([coder], store.coders())
        batch = write(store, _known(opened, texts), coder=coder, memos=opened.memos)
    new = [name for name, said in texts.items() if said.strip()] if batch else []
    gone = [name for name, said in texts.items() if not said.strip()] if batch else []
    if as_json:
        print_json({"batch": batch.id if batch else None, "written": _names(new), "taken_back": _names(gone)})
        return
    if batch is None:
        note("Nothing is new: it says so already.")
        return
    kept = f"{len(new)} written" + (f", {len(gone)} taken back" if gone else "")
    note(f"Summaries: {kept}. Kept as batch {batch.id[:8]}; `coding undo {batch.id[:8]}` takes that back.")


def _wanted_format(format: str | None, out: Path | None) -> str | None:  # noqa: A002  the word of the command line
    """Return the format that is asked for, of those of all results or HTML; None for the terminal."""
    if format == "html" or (format is None and out is not None and out.suffix.lower() in (".html", ".htm")):
        return "html"
    return wanted_format(format, out)


def _framework(opened: Project, done: Run, coders: Sequence[str] | None, *, is_to_fill_in: bool) -> Framework:
    """Return the matrix of a run with the summaries that stand in the project.

    Parameters
    ----------
    is_to_fill_in : whether a coder who is named may yet have written none; that is said, and no mistake

    Raises
    ------
    CodingError
        Else, if one has written none, naming the nearest who has.
    """
    from coding.errors import nearest, refuse
    from coding.framework import framework as made

    memos = opened.memos
    writers = {memo.coder for memo in memos if memo.about == "cell"}
    unknown = [each for each in coders or () if each not in writers]
    problems = [
        f"'{each}' has written no summary.{nearest(each, writers) if writers else ''}" for each in unknown
    ]
    if not is_to_fill_in:
        refuse(problems)
    for problem in problems:
        note(problem)
    added: Mapping[str, str] = {}
    if opened.store_path.is_file():
        with opened.store() as store:
            added = store.added_at()
    return made(done.matrix, memos, coders=coders or None, added=added)


def _publish(
    found: Framework,
    done: Run,
    rows: list[str],
    coders: Sequence[str] | None,
    *,
    format: str,  # noqa: A002  the word of the command line
    out: Path | None,
) -> None:
    from coding.files import replacing
    from coding.formats import xlsx
    from coding.framework_tables import framework_paper, summary_rows, workbook

    if format == "html":
        _publish_page(found, done, rows, out)
    elif format == "xlsx" and out is not None:
        about = {"study": done.study.id, "texts": done.texts, **done.provenance}
        alone = coders[0] if coders and len(coders) == 1 else None
        with replacing([out]) as (beside,):
            xlsx.write_sheets(beside, workbook(found, rows, coder=alone, about=about))
        note(f"Written: {out}.")
    else:
        paper = framework_paper(found, rows, texts=done.texts)
        publish(paper, summary_rows(found, rows), sheet="summaries", format=format, out=out)


def _publish_page(found: Framework, done: Run, rows: list[str], out: Path | None) -> None:
    from coding.files import replacing
    from coding.framework_page import page

    html = page(found, rows, codebook=done.codebook, title=done.study.title, texts=done.texts)
    if out is None:
        typer.echo(html, nl=False)
        return
    with replacing([out]) as (beside,):
        beside.write_text(html, encoding="utf-8", newline="\n")
    note(f"Written: {out}.")


def _print(found: Framework, rows: list[str], *, texts: str) -> None:
    from coding.write_up import cell_in_words

    matrix = found.matrix
    note(f"Each number: {matrix.measurement}. In {texts}.")
    cells = [(case, code) for code in rows for case in matrix.cases]
    shown = [
        (matrix.names[case], matrix.names[code], cell_in_words(matrix.cells[code, case], matrix), each)
        for case, code in cells
        for each in found.of(case, code)
    ]
    if is_piped():
        head = ["case", "code", "number", "coder", "when (UTC)", "newer segments", "summary"]
        table = [
            [case, code, number, *_who(each), str(each.n_newer), each.memo.text]
            for case, code, number, each in shown
        ]
        print_table(head, table, numbers=(5,))
    else:
        for case, code, number, each in shown:
            newer = f"  ({each.n_newer} coded segments are newer)" if each.n_newer else ""
            print_entry(f"{code}, {case}: {number}", " ".join(_who(each)), each.memo.text + newer)
    n_written = sum(bool(found.of(case, code)) for case, code in cells)
    note(
        f"{n_written} of {len(cells)} cells {'have' if n_written > 1 else 'has'} a summary."
        if n_written
        else "Nobody has summarised one of these cells: open a cell of the Matrix in `coding serve`, or "
        "`coding summarise`."
    )
    if found.elsewhere:
        names = ", ".join(sorted({memo.subject for memo in found.elsewhere}))
        n = len(found.elsewhere)
        many = f"{n} summaries are of cells" if n > 1 else "1 summary is of a cell"
        note(f"{many} that this matrix does not have: {names}.")


def _who(summary: Summary) -> tuple[str, str]:
    return summary.memo.coder, summary.memo.at[:16].replace("T", " ")


def _cell(opened: Project, case: str, code: str, *, is_taken_back: bool) -> CellName:
    """Return the cell of the project's study that is named, of a donor where there is no single study."""
    from coding.attribution import NAMED_BY_MENTION
    from coding.cli.app import own_codebook
    from coding.framework import cell_of
    from coding.study import read_checked

    by, book = NAMED_BY_MENTION, own_codebook(opened)
    if opened.study or len(opened.studies) == 1:
        by = read_checked(opened)[0].measurement.by
    return cell_of(case, code, by=by, corpus=opened.corpus, codebook=book, may_be_retired=is_taken_back)


def _known(opened: Project, texts: Mapping[CellName, str]) -> Mapping[CellName, str]:
    """Return the summaries if there is a code and a case for each; else raise, with all that is wrong."""
    from coding.cli.app import own_codebook
    from coding.errors import refuse
    from coding.framework import cell_of

    corpus, book, problems = opened.corpus, own_codebook(opened), []
    for name, said in texts.items():
        gone = not said.strip()
        try:
            cell_of(name.case, name.code, by=name.by, corpus=corpus, codebook=book, may_be_retired=gone)
        except CodingError as error:
            code = book[name.code].name if name.code in book else name.code
            problems += [f"{corpus.name(name.case)}, {code}: {problem}" for problem in error.problems]
    refuse(problems)
    return texts


def _text(text: str | None, file: Path | None) -> str:
    from coding.formats.text import decode

    if text is not None and file is not None:
        raise CodingError("The summary is given twice: in the command and in a file. Leave one out.")
    if text is not None:
        return text
    if file is not None and str(file) != "-":
        return decode(file).strip("\n")
    if file is None and sys.stdin.isatty():
        raise CodingError("What is the summary? Give it with --text, in a file, or to standard input.")
    return sys.stdin.read().strip("\n")


def _names(names: Sequence[CellName]) -> list[str]:
    return [str(name) for name in names]
