"""How a study was done, for a paper: `coding methods`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import note, print_json, print_text, progress

if TYPE_CHECKING:
    from coding.methods_text import Methods
    from coding.methods_text.checklists import Answer

_SHORT = {"md": "markdown", "tex": "latex"}


@app.command()
def methods(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    format: Annotated[  # noqa: A002  the word of the command line
        str | None, typer.Option("--format", help="text, markdown (md), latex (tex), docx or html.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; its ending says the format.")
    ] = None,
    results: Annotated[
        Path, typer.Option(help="Folder of results, in which `coding robustness` kept what it found.")
    ] = Path("out"),
    as_json: AsJson = False,
) -> None:
    """Write how a study was done, with every number from the project and every gap plain to see."""
    from coding.citations import references
    from coding.cli.sampled import qualities_of
    from coding.kept_universes import kept_universes
    from coding.methods_text import methods as of
    from coding.methods_text import methods_paper
    from coding.paper.written import write, written
    from coding.study import run

    wanted = _wanted(format, out)
    opened = open_project(project, as_json=as_json)
    with progress("reading and coding the texts"):
        done = run(opened, study)
        found = of(
            opened,
            done,
            samples=qualities_of(opened, done.study),
            multiverse=kept_universes(opened, done.study.id, results / done.study.id),
            references=references(opened.root),
        )
    if as_json:
        print_json(_json(found))
        return
    if out is None:
        print_text(written(methods_paper(found), wanted).decode().rstrip("\n"))
    else:
        write(methods_paper(found), out, format=wanted)
        note(f"Written: {out}.")
    note(f"{found.n_gaps}, in brackets: they are yours to fill.")


def _wanted(format: str | None, out: Path | None) -> str:  # noqa: A002  the word of the command line
    from coding.errors import CodingError, choose
    from coding.paper.written import FOR_TEXTS, format_of

    if format is None:
        return "text" if out is None else format_of(out, FOR_TEXTS)
    named = _SHORT.get(format, format)
    choose(named, list(FOR_TEXTS), "format")
    if out is None and named == "docx":
        raise CodingError("docx goes into a file: name one with --out, such as --out methods.docx.")
    return named


def _json(found: Methods) -> dict[str, object]:
    return {
        "study": found.run.study.id,
        "sections": [
            {"name": section.name, "title": section.title, "said": list(section.said)}
            for section in found.sections
        ],
        "decisions": [{"name": name, "value": value, "why": why} for name, value, why in found.decisions],
        "gaps": list(found.gaps),
        "gaps_of_checklists": list(found.gaps_of_checklists),
        "coreq": [_answer(one) for one in found.coreq],
        "srqr": [_answer(one) for one in found.srqr],
        "provenance": dict(found.run.provenance),
    }


def _answer(one: Answer) -> dict[str, object]:
    return {"number": one.number, "point": one.point, "state": one.state, "says": one.says}
