"""Commands with which a project begins: `coding init`, `coding add`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own, own_codebook
from coding.cli.show import is_piped, note, print_json, print_table, progress
from coding.errors import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coding.adding import Added
    from coding.bibliography import Match
    from coding.model import Document
    from coding.project import Project
    from coding.sources import RowIs

_FOUND_BY = {"file": "file", "name": "name of file", "key": "key", "title": "title"}


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
    donor: Annotated[
        str | None,
        typer.Option(help="Id of the donor, such as south-korea; else each row of a table says its own."),
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Year of the texts for which no row of a table and no entry says one.")
    ] = None,
    title: Annotated[
        str | None, typer.Option(help="Title of the text; else that in the file, or made of its name.")
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
    rows: Annotated[
        str,
        typer.Option(
            help="Of a table: document (each row is one), or segment (those of one --id are one document, a "
            "paragraph each)."
        ),
    ] = "document",
    speaker: Annotated[
        str | None,
        typer.Option(help="With --rows segment: the column that says who speaks, put before the words."),
    ] = None,
    donor_column: Annotated[
        str | None,
        typer.Option(help="Of a table: the column with the ids of donors, if it is not called donor."),
    ] = None,
    bibliography: Annotated[
        Path | None,
        typer.Option(help="BibTeX, CSL-JSON or RIS that says title, year, key and more of each text."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show how the texts would be read; write nothing.")
    ] = False,
    project: ProjectFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put texts into the folders of their donors, and write their variables to case.yaml there.

    Texts are taken out of html, pdf, docx, odt and epub, and of the rows of csv and xlsx.
    """
    from coding.adding import add as bring_in
    from coding.bibliography import read_bibliography
    from coding.sources import Wanted

    opened = open_own(project)
    wanted = Wanted(encoding, text, id, cast("RowIs", rows), speaker, donor_column)
    with progress("reading"):
        entries = None if bibliography is None else read_bibliography(bibliography)
        added = bring_in(
            opened, files, donor=donor, year=year, title=title, fidelity=fidelity or "original",
            source_kind=source_kind or "primary", language=language, url=url, publisher=publisher, date=date,
            type=type, name=name, iso=iso, wanted=wanted, bibliography=entries,
            dry_run=dry_run,
        )  # fmt: skip
    if as_json:
        print_json({**_plain(added), "written": not dry_run and bool(added.documents)})
        refuse(added.refused)
        return
    _print_added(added, is_given=language is not None)
    if left := _unsearched(opened, added):
        note(left)
    _note_the_rest(added, asked=bibliography is not None, year=year)
    if dry_run:
        for sentence in added.missing:
            note(f"Still to be said: {sentence}")
        note("Nothing was written (--dry-run).")
        refuse(added.refused)
    else:
        note("Next: coding check" if added.documents else "Nothing has changed.")


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
        "case": added.cases[0] if len(added.cases) == 1 else None,
        "cases": list(added.cases),
        "new_case": added.new_case,
        "study": added.study,
        "still_wrong": list(added.still_wrong),
        "missing": list(added.missing),
        "refused": list(added.refused),
        "bibliography": {
            "broken": list(added.broken),
            "without_text": list(added.without_text),
            "new_references": list(added.references),
        },
    }


def _document(document: Document, added: Added) -> dict[str, object]:
    source, language = added.sources[document.id], added.languages[document.id]
    match = added.matches[document.id]
    return {
        "id": document.id,
        "file": source.path.as_posix(),
        "digest": document.digest,
        **document.variables,
        "entry": match.entry and {"key": match.entry.key, "by": match.by},
        "may_be": [] if match.entry else [entry.key for entry in match.entries],
        "read": {
            "format": source.format,
            "encoding": source.encoding or None,
            "pages": source.pages,
            "paragraphs": source.n_paragraphs,
            "characters": len(document.text),
            "dropped": dict(source.dropped),
            "notes": list(source.notes),
            "title": source.title or None,
            "date": source.date or None,
            "language": asdict(language),
        },
    }


def _print_added(added: Added, *, is_given: bool) -> None:
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
        and values != {"None"}
    ]
    of = "it" if len(rows) == 1 else "each"
    note(f"Of {of}: {', '.join(said)}. To correct that or say more: {', '.join(added.cases)}.")
    for document in added.documents:
        _note_reading(document, added, is_given=is_given)


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


def _dropped(document: str, added: Added, *, but: Sequence[str] = ()) -> str:
    dropped = added.sources[document].dropped
    return ", ".join(f"{kind}: {n}" for kind, n in dropped.items() if kind not in but)


def _note_reading(document: Document, added: Added, *, is_given: bool) -> None:
    """Say of a document what the reader should know of how it was read; a given language is believed."""
    said = list(added.sources[document.id].notes)
    told = [
        kind for kind in added.sources[document.id].dropped if any(f"as {kind}:" in note for note in said)
    ]
    if dropped := _dropped(document.id, added, but=told):
        said.append(f"Left out: {dropped}.")
    said += _of_itself(document, added)
    language = added.languages[document.id]
    own = str(document.variables["language"])
    if language.contradicts(own):
        said.append(f"It seems to be in {language.language}, not {own}: see to its `language`.")
    elif language.is_sure and own != "en":
        said.append(f"Its language was recognised as {own}.")
    elif language.may_not_be(own) and (language.is_long or not is_given):
        said.append(
            f"Its language is unclear, perhaps {language.language}, and was taken to be {own}: see to its "
            "`language`."
        )
    elif own == language.taken == "zh" and not (language.is_sure or is_given):
        said.append(
            "It was taken to be zh by its characters alone; a short text may be ja: see to its `language`."
        )
    for sentence in said:
        note(f"{document.id}: {sentence}")


def _of_itself(document: Document, added: Added) -> Iterator[str]:
    """Say what was taken of what a file says of itself, and what it says otherwise."""
    source = added.sources[document.id]
    if source.title and document.variables["title"] == source.title:
        yield f"Its title is that of the file: {source.title!r}."
    year = document.variables["year"]
    if source.date and year is None:
        yield f"The file gives {source.date} as its date."
    elif source.date and str(year) not in source.date:
        yield f"The file gives {source.date} as its date; the year here is {year}."


def _note_entries(added: Added, year: int | None) -> None:
    """Say which texts have entries of the bibliography, and what is left on both sides."""
    matches = {id_: match for id_, match in added.matches.items() if match.entry}
    if added.documents:
        counts = [(by, sum(match.by == by for match in matches.values())) for by in _FOUND_BY]
        how = ", ".join(f"{n} by {_FOUND_BY[by]}" for by, n in counts if n)
        note(f"Entries: {len(matches)} of {len(added.documents)} texts have one{how and f' ({how})'}.")
    for id_, match in added.matches.items():
        if match.entry and match.by == "title":
            note(f"{id_}: by its title its entry is {match.entry.key}.")
        elif match.entries and not match.entry:
            keys = ", ".join(entry.key for entry in match.entries)
            note(f"{id_}: its entry may be {keys} (by {_FOUND_BY[match.by]}); none was taken.")
    if others := [document.id for document in added.documents if _is_of_another_year(document, matches)]:
        note(f"Their entries say another year than their rows, which was taken: {', '.join(others)}.")
    if own := [document.id for document in added.documents if _keeps_its_year(document, added, year)]:
        note(f"Their own year was taken, not {year}: {_first(own)}.")
    if without := [id_ for id_, match in added.matches.items() if not match.entries]:
        note(f"Without an entry: {', '.join(without)}.")
    if added.without_text:
        note(f"Entries without a text here: {_first(added.without_text)}.")
    for key, ids in _shared(matches).items():
        note(f"{' and '.join(ids)} have one entry, {key}: one source may count twice.")
    if added.references:
        note(f"New in corpus/references.bib: {_first(added.references)}.")
    if added.broken:
        note("\n".join(["Not read of the bibliography:", *(f"  {problem}" for problem in added.broken)]))


def _is_of_another_year(document: Document, matches: Mapping[str, Match]) -> bool:
    entry = matches[document.id].entry if document.id in matches else None
    said = entry.words.get("year", "") if entry else ""
    return bool(said) and said != str(document.variables["year"])


def _keeps_its_year(document: Document, added: Added, year: int | None) -> bool:
    """Say whether the entry of a text says another year than an option, and was believed."""
    is_of_its_row = "year" in added.sources[document.id].variables
    return not is_of_its_row and year is not None and document.variables["year"] not in (None, year)


def _shared(matches: Mapping[str, Match]) -> dict[str, list[str]]:
    """Return the documents that have one entry, by its key."""
    found: dict[str, list[str]] = {}
    for id_, match in matches.items():
        if match.entry:
            found.setdefault(match.entry.key, []).append(id_)
    return {key: ids for key, ids in found.items() if len(ids) > 1}


def _first(keys: Sequence[str], n: int = 20) -> str:
    more = f" and {len(keys) - n} more (--json has all)" if len(keys) > n else ""
    return ", ".join(keys[:n]) + more


def _note_the_rest(added: Added, *, asked: bool, year: int | None) -> None:
    """Say what became of the other files; `asked` is a bibliography, `year` what an option says."""
    if added.unchanged:
        note(f"There already, with this text and these variables: {', '.join(added.unchanged)}.")
    if added.left_out:
        note(f"Left out, since no format reads them: {', '.join(file.name for file in added.left_out)}.")
    for document, other in added.twins.items():
        note(f"{document} has the same text as {other}: it would count twice.")
    for pair in added.alike:
        same = f"{pair.likeness:.0%} the same"
        note(f"{pair.document} has nearly the text of {pair.other} ({same}): it may count twice.")
    if asked:
        _note_entries(added, year)
    if added.new_case:
        note("The donor is new: add to the `aliases` there the names by which texts speak of it.")
    if added.study:
        note(added.study)
    if added.still_wrong:
        note(f"Something else in corpus/ was wrong and still is: {len(added.still_wrong)} to mend.")
