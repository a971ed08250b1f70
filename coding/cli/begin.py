"""Commands with which a project begins: `coding init`, `coding add`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own, own_codebook
from coding.cli.show import is_piped, note, print_json, print_table, progress

if TYPE_CHECKING:
    from coding.adding import Added
    from coding.model import Document
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
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Texts, folders with texts, or patterns ('in/*.pdf')."),
    ],
    *,
    donor: Annotated[str, typer.Option(help="Id of the donor, such as south-korea.")],
    year: Annotated[int | None, typer.Option(help="Year of the texts; rows of a table may say it.")] = None,
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
    language: Annotated[
        str | None, typer.Option(help="Language of the texts; else that which is recognised, else en.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where they were found.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published them.")] = None,
    date: Annotated[str | None, typer.Option(help="2019, 2019-03 or 2019-03-14.")] = None,
    type: Annotated[str | None, typer.Option(help="Kind of text, such as speech.")] = None,  # noqa: A002
    name: Annotated[str | None, typer.Option(help="Name of a new donor; else made of its id.")] = None,
    iso: Annotated[str | None, typer.Option(help="ISO 3166 code of a new donor, such as KOR.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of texts that are not UTF-8, such as cp1252.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Of a table: the column with the texts, a row each.")
    ] = None,
    id: Annotated[str | None, typer.Option(help="Of a table: the column that names the documents.")] = None,  # noqa: A002
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put texts into the folder of a donor, and write their variables to its case.yaml.

    Texts are taken out of html, pdf, docx, odt and epub, and of the rows of csv and xlsx.
    """
    from coding.adding import add as bring_in
    from coding.sources import Wanted

    opened = open_own(project)
    with progress("reading"):
        added = bring_in(
            opened, files, donor=donor, year=year, title=title, fidelity=fidelity or "original",
            source_kind=source_kind or "primary", language=language, url=url, publisher=publisher, date=date,
            type=type, name=name, iso=iso, wanted=Wanted(encoding, text, id),
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
    return unsearched(book, added.documents)


def _plain(added: Added) -> dict[str, object]:
    return {
        "documents": [_document(document, added) for document in added.documents],
        "unchanged": list(added.unchanged),
        "left_out": [file.as_posix() for file in added.left_out],
        "same_text": dict(added.twins),
        "nearly_same_text": [asdict(pair) for pair in added.alike],
        "case": added.case,
        "new_case": added.new_case,
        "study": added.study,
        "still_wrong": list(added.still_wrong),
    }


def _document(document: Document, added: Added) -> dict[str, object]:
    source, language = added.sources[document.id], added.languages[document.id]
    return {
        "id": document.id,
        "file": source.path.as_posix(),
        "digest": document.digest,
        **document.variables,
        "read": {
            "format": source.format,
            "encoding": source.encoding or None,
            "pages": source.pages,
            "paragraphs": source.n_paragraphs,
            "characters": len(document.text),
            "dropped": dict(source.dropped),
            "notes": list(source.notes),
            "language": asdict(language),
        },
    }


def _print_added(added: Added) -> None:
    """Print the new documents and how they were read; what is the same for all is said once."""
    if not added.documents:
        return
    head = ["document", "title", "read", "pages", "paragraphs", "characters", "language"]
    rows = [_row(document, added) for document in added.documents]
    if is_piped():
        print_table([*head, "dropped"], [[*row, _dropped(row[0], added)] for row in rows])
    else:
        print_table([head[0], *head[2:]], [[row[0], *row[2:]] for row in rows], numbers=(2, 3, 4))
    said = [
        f"{name.replace('_', ' ')} {values.pop()}"
        for name in ("year", "fidelity", "source_kind", "language")
        if len(values := {str(document.variables[name]) for document in added.documents}) == 1
    ]
    of = "it" if len(rows) == 1 else "each"
    note(f"Of {of}: {', '.join(said)}. To correct that or say more: {added.case}.")
    for document in added.documents:
        _note_reading(document, added)


def _row(document: Document, added: Added) -> list[str]:
    source = added.sources[document.id]
    return [
        *(document.id, str(document.variables["title"]), source.format),
        *(
            "" if source.pages is None else str(source.pages),
            f"{source.n_paragraphs:,}",
            f"{len(document.text):,}",
        ),
        str(document.variables["language"]),
    ]


def _dropped(document: str, added: Added) -> str:
    return ", ".join(f"{kind}: {n}" for kind, n in added.sources[document].dropped.items())


def _note_reading(document: Document, added: Added) -> None:
    """Say of a document what the reader should know of how it was read."""
    said = list(added.sources[document.id].notes)
    if dropped := _dropped(document.id, added):
        said.append(f"Left out: {dropped}.")
    language = added.languages[document.id]
    own = str(document.variables["language"])
    if language.contradicts(own):
        said.append(f"It seems to be in {language.language}, not {own}: see to its `language`.")
    elif language.is_sure and own != "en":
        said.append(f"Its language was recognised as {own}.")
    elif language.may_not_be(own):
        said.append(f"Its language is unclear, perhaps {language.language}, and was taken to be {own}.")
    for sentence in said:
        note(f"{document.id}: {sentence}")


def _note_the_rest(added: Added) -> None:
    """Say what became of the other files, and what next."""
    if added.unchanged:
        note(f"There already, with this text and these variables: {', '.join(added.unchanged)}.")
    if added.left_out:
        note(f"Left out, since no format reads them: {', '.join(file.name for file in added.left_out)}.")
    for document, other in added.twins.items():
        note(f"{document} has the same text as {other}: it would count twice.")
    for pair in added.alike:
        same = f"{pair.likeness:.0%} the same"
        note(f"{pair.document} has nearly the text of {pair.other} ({same}): it may count twice.")
    if added.new_case:
        note("The donor is new: add to the `aliases` there the names by which texts speak of it.")
    if added.study:
        note(added.study)
    if added.still_wrong:
        note(f"Something else in corpus/ was wrong and still is: {len(added.still_wrong)} to mend.")
    note("Next: coding check" if added.documents else "Nothing has changed.")
