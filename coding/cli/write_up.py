"""Results for a paper: `coding findings`, and the formats of `coding matrix`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeGuard

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import note, print_json, progress
from coding.cli.tagged import Partial, TaggedFolder, refuse_alone

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from coding.large.carried import CountedRun
    from coding.paper import Paper
    from coding.results import Table
    from coding.study import Run

Format = Annotated[
    str | None, typer.Option("--format", help="markdown, latex, docx, csv or xlsx: a table for a paper.")
]
Out = Annotated[Path | None, typer.Option("--out", help="File to write; its ending says the format.")]

TABLES = {"csv": ".csv", "xlsx": ".xlsx"}
FIGURES = (".png", ".svg")


@app.command()
def findings(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    tagged: TaggedFolder = None,
    partial: Partial = False,
    format: Format = None,  # noqa: A002  the word of the command line
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print what came of each claim of a study, or write it as a table for a paper."""
    from coding.cli.results import print_findings
    from coding.results import findings_json, findings_table
    from coding.study import run
    from coding.write_up import findings_paper

    wanted = wanted_format(format, out)
    found: Run | CountedRun
    if tagged is not None:
        from coding.cli.tagged import counted
        from coding.counted_results import counted_json

        found = counted(project, study, tagged, partial=partial, as_json=as_json)
        plain = counted_json(found) if as_json else {}
    else:
        refuse_alone(partial=partial)
        with progress("reading and coding the texts"):
            found = run(open_project(project, as_json=as_json), study)
        plain = findings_json(found) if as_json else {}
    if as_json:
        print_json(plain)
    elif wanted is not None:
        refuse_claimless(found)
        publish(findings_paper(found), findings_table(found), sheet="findings", format=wanted, out=out)
    elif found.findings:
        print_findings(found.findings)
    else:
        note("The study names no claim.")


def refuse_claimless(found: Run | CountedRun) -> None:
    """Raise if a study tests no claim: nothing can be written of what came of them.

    Raises
    ------
    CodingError
        Saying where claims are named.
    """
    from coding.errors import CodingError

    if not found.findings:
        raise CodingError(
            f"study {found.study.id} tests no claim, so there is nothing to write. Name claims under "
            f"`findings` in studies/{found.study.id}.yaml; `coding matrix --out` writes its matrix."
        )


def wanted_format(
    format: str | None,  # noqa: A002  the word of the command line
    out: Path | None,
    *,
    figures: bool = False,
) -> str | None:
    """Return the format that is asked for; None if the terminal is.

    Parameters
    ----------
    figures : whether the command draws one too, so that its endings are named with the others

    Raises
    ------
    CodingError
        If there is no such format, or it is one that only a file can hold and none is named.
    """
    from coding.errors import CodingError, choose
    from coding.paper.written import FORMATS, format_of

    formats = FORMATS | TABLES
    if format is None:
        drawn = {ending[1:]: ending for ending in FIGURES} if figures else {}
        return None if out is None else format_of(out, formats | drawn)
    choose(format, list(formats), "format")
    if out is None and format in ("docx", *TABLES):
        raise CodingError(f"{format} goes into a file: name one with --out, such as --out results.{format}.")
    return format


def publish(paper: Paper, rows: Table, *, sheet: str, format: str, out: Path | None) -> None:  # noqa: A002  the same
    """Write results in a format to a file, or as text to standard output."""
    from coding.paper.written import write, written
    from coding.results import write_table

    if out is None:
        typer.echo(written(paper, format).decode(), nl=False)
        return
    if format in TABLES:
        write_table(out, rows, sheet=sheet)
    else:
        write(paper, out, format=format)
    note(f"Written: {out}.")


def is_figure(out: Path | None) -> TypeGuard[Path]:
    """Say whether the name of a file ends as a figure's does."""
    return out is not None and out.suffix.lower() in FIGURES


def draw(figure: Figure, out: Path) -> None:
    """Write a figure, by the ending of its file as PNG or as SVG.

    Raises
    ------
    CodingError
        If the ending is another, or the file cannot be written.
    """
    from coding import plots
    from coding.errors import CodingError
    from coding.files import replacing

    if not is_figure(out):
        raise CodingError(f"{out}: a figure is a .png or a .svg. End the name of --out in one of them.")
    drawn = plots.svg(figure) if out.suffix.lower() == ".svg" else plots.png(figure)
    with replacing([out]) as (beside,):
        beside.write_bytes(drawn)
    note(f"Written: {out}.")
