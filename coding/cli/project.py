"""Commands that look at the project itself: `coding check`, `coding codes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app
from coding.cli.show import note, print_json, print_table

if TYPE_CHECKING:
    from coding.codebook import Code, Codebook


@app.command()
def check(*, project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Check texts, case files, codebooks (each rule's examples run) and studies."""
    from dataclasses import asdict

    from coding.checks import check as look
    from coding.project import Project

    found = look(Project.open(project))
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
        str | None, typer.Option(help="Id of the codebook; else that of the project's study.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the codes of a codebook, or show one with its definition and rules."""
    from coding.project import Project
    from coding.study import read_checked

    opened = Project.open(project)
    book = opened.codebook(codebook) if codebook else read_checked(opened)[1]
    shown = book.codes if code is None else (book[code],)
    if as_json:
        print_json([_plain(c) for c in shown])
    elif code is None:
        rows = [["  " * len(book.ancestors(c.id)) + c.id, c.name, str(len(c.rules))] for c in shown]
        print_table(["code", "name", "rules"], rows, numbers=(2,))
        note(f"Codebook {book.id} {book.version}, {len(book.codes)} codes. `coding codes CODE` shows one.")
    else:
        _print_code(shown[0], book)


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
    typer.echo("\n".join(lines))
