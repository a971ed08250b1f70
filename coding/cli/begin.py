"""Commands with which a project begins: `coding init`, `coding add`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own, own_codebook
from coding.cli.show import note, print_json, print_table

if TYPE_CHECKING:
    from coding.adding import Added
    from coding.project import Project


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="NAME", help="A new folder; the study is named after it.")
    ],
    *,
    codebook: Annotated[
        str,
        typer.Option(
            help="constructivist (the one that comes with Normatrix) or empty (examples to replace)."
        ),
    ] = "constructivist",
    as_json: AsJson = False,
) -> None:
    """Begin a project in a new folder: a codebook, a study to fill in, and no texts yet."""
    from coding.starting import start

    started = start(folder, codebook=codebook)
    if as_json:
        print_json(
            {
                "folder": folder.as_posix(),
                "study": started.study,
                "codebook": started.codebook,
                "files": list(started.files),
                "next": list(started.steps),
            }
        )
        return
    print_table(["file", ""], [[(folder / name).as_posix(), what] for name, what in started.files.items()])
    note("Next:\n" + "\n".join(f"  {step}" for step in started.steps))


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Texts, or folders with texts.")],
    *,
    donor: Annotated[str, typer.Option(help="Id of the donor, such as south-korea.")],
    year: Annotated[int, typer.Option(help="Year of the texts.")],
    title: Annotated[
        str | None, typer.Option(help="Title of the text; else made of the file's name.")
    ] = None,
    fidelity: Annotated[
        str | None, typer.Option(help="original, digest or translation; else original.")
    ] = None,
    source_kind: Annotated[
        str | None,
        typer.Option(help="primary (the donor speaks) or secondary (others about it); else primary."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the texts; else en.")] = None,
    url: Annotated[str | None, typer.Option(help="Where they were found.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published them.")] = None,
    date: Annotated[str | None, typer.Option(help="2019, 2019-03 or 2019-03-14.")] = None,
    type: Annotated[str | None, typer.Option(help="Kind of text, such as speech.")] = None,  # noqa: A002
    name: Annotated[str | None, typer.Option(help="Name of a new donor; else made of its id.")] = None,
    iso: Annotated[str | None, typer.Option(help="ISO 3166 code of a new donor, such as KOR.")] = None,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Copy texts into the folder of a donor, and write their variables to its case.yaml."""
    from coding.adding import add as bring_in

    opened = open_own(project)
    added = bring_in(
        opened, files, donor=donor, year=year, title=title, fidelity=fidelity or "original",
        source_kind=source_kind or "primary", language=language, url=url, publisher=publisher, date=date,
        type=type, name=name, iso=iso,
    )  # fmt: skip
    if as_json:
        print_json(_plain(added))
        return
    _print_added(added)
    if left := _unsearched(opened, added):
        note(left)
    _note_the_rest(added)


def _unsearched(project: Project, added: Added) -> str:
    """Say of how many of the new documents the rules of the project's codebook do not read the language."""
    from coding.errors import CodingError
    from coding.taggers.rules.languages import unsearched

    try:
        book = own_codebook(project)
    except CodingError:  # there is none, there are several, or it is wrong: `coding check` says so
        return ""
    return unsearched(book, added.documents.values())


def _plain(added: Added) -> dict[str, object]:
    return {
        "documents": [
            {"id": document.id, "file": file.as_posix(), "digest": document.digest, **document.variables}
            for file, document in added.documents.items()
        ],
        "unchanged": list(added.unchanged),
        "left_out": [file.as_posix() for file in added.left_out],
        "same_text": dict(added.twins),
        "case": added.case,
        "new_case": added.new_case,
        "study": added.study,
        "still_wrong": list(added.still_wrong),
    }


def _print_added(added: Added) -> None:
    """Print the new documents; what was said of them, or taken for granted, is the same for all."""
    if not added.documents:
        return
    rows = [[d.id, str(d.variables["title"]), f"{len(d.text):,}"] for d in added.documents.values()]
    print_table(["document", "title", "characters"], rows, numbers=(2,))
    one = next(iter(added.documents.values())).variables
    shared = ("year", "fidelity", "source_kind", "language")
    said = ", ".join(f"{name.replace('_', ' ')} {one[name]}" for name in shared)
    note(f"Of {'it' if len(rows) == 1 else 'each'}: {said}. To correct that or say more: {added.case}.")


def _note_the_rest(added: Added) -> None:
    """Say what became of the other files, and what next."""
    if added.unchanged:
        note(f"There already, with this text and these variables: {', '.join(added.unchanged)}.")
    if added.left_out:
        note(f"Left out, since no format reads them: {', '.join(file.name for file in added.left_out)}.")
    for document, other in added.twins.items():
        note(f"{document} has the same text as {other}: it would count twice.")
    if added.new_case:
        note("The donor is new: add to the `aliases` there the names by which texts speak of it.")
    if added.study:
        note(added.study)
    if added.still_wrong:
        note(f"Something else in corpus/ was wrong and still is: {len(added.still_wrong)} to mend.")
    note("Next: coding check" if added.documents else "Nothing has changed.")
