"""Commands that look at the project itself: `coding check`, `coding codes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import note, print_json, print_table, print_text

if TYPE_CHECKING:
    from coding.codebook import Code, Codebook
    from coding.project import Project


@app.command()
def check(*, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Check texts, case files, codebooks (each rule's examples run) and studies."""
    from dataclasses import asdict

    from coding.checks import check as look

    found = look(open_project(project, as_json=as_json))
    if as_json:
        print_json(asdict(found))
    else:
        typer.echo(f"All is well: {found}.")


@app.command()
def codes(
    code: Annotated[str | None, typer.Argument(help="Show this code whole.")] = None,
    *,
    project: ProjectFolder = None,
    codebook: Annotated[
        str | None,
        typer.Option(help="Id of the codebook; else that of the project's study, else the only one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the codes of a codebook, or show one with its definition and rules."""
    opened = open_project(project, as_json=as_json)
    book = opened.codebook(codebook) if codebook else _own_codebook(opened)
    shown = book.codes if code is None else (book[code],)
    if as_json:
        print_json([_plain(c) for c in shown])
    elif code is None:
        rows = [["  " * len(book.ancestors(c.id)) + c.id, c.name, str(len(c.rules))] for c in shown]
        print_table(["code", "name", "rules"], rows, numbers=(2,))
        note(f"Codebook {book.id} {book.version}, {len(book.codes)} codes. `coding codes CODE` shows one.")
    else:
        _print_code(shown[0], book)


def _own_codebook(project: Project) -> Codebook:
    """Return the codebook of the project's study; without a single study, the only codebook."""
    from coding.errors import CodingError
    from coding.study import read_checked

    if project.study or len(project.studies) == 1:
        return read_checked(project)[1]
    if len(project.codebooks) == 1:
        return project.codebook(project.codebooks[0])
    known = ", ".join(project.codebooks) or "there is none in codebooks/"
    raise CodingError(f"name a codebook with --codebook: {known}.")


def _plain(code: Code) -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(code), "meaning": code.meaning}


def _print_code(code: Code, book: Codebook) -> None:
    from coding.codebook import in_words

    above = "".join(f"{book[up].name} › " for up in reversed(book.ancestors(code.id)))
    lines = [f"{above}{code.name}  [{code.id}]", "", code.definition]
    for title, text in (("Include", code.include), ("Exclude", code.exclude), ("Source", code.source)):
        lines += ["", f"{title}: {text}"] if text else []
    lines += [f"Example: {example}" for example in code.examples]
    for rule in code.rules:
        lines += ["", f"Rule {rule.id}"]
        lines += [f"  {heading.lower()}: {said}" for heading, said in in_words(rule)]
        lines += [f"  matches: {example.text}" for example in rule.matches]
        lines += [f"  rejects: {example.text}" for example in rule.rejects]
    print_text("\n".join(lines))
