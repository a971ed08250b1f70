"""The command that fetches the originals of digests: `coding fetch`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_own
from coding.cli.show import is_piped, note, print_json, print_table, progress
from coding.errors import CodingError, choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.fetching import Result
    from coding.model import Document
    from coding.originals import Texts
    from coding.project import Project
    from coding.study import Run

SOME_FAILED = 1


@app.command()
def fetch(
    documents: Annotated[
        list[str] | None, typer.Argument(metavar="DOCUMENT", help="Ids of digests; all if none is named.")
    ] = None,
    *,
    project: ProjectFolder = None,
    donor: Annotated[str | None, typer.Option(help="Only the digests of this donor.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="Of one DOCUMENT: a file that you saved yourself; nothing is asked."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of --file, if its text is not UTF-8.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be asked for; ask nothing, write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch the originals of digests by their addresses, live or from the web archive, into originals/.

    Ends with exit code 1 if some could not be had.
    """
    from coding.fetching import chosen_digests, looked

    opened = open_own(project)
    digests = chosen_digests(opened, documents or [], donor)
    if file is not None:
        results: Sequence[Result] = [_taken(opened, digests, file, encoding, dry_run=dry_run)]
    elif encoding is not None:
        raise CodingError("--encoding is of a --file; what is fetched says its own.")
    else:
        results = looked(opened, digests) if dry_run else _fetched(opened, digests)
    if as_json:
        print_json([_plain(result) for result in results])
    else:
        _print(results, dry_run=dry_run)
    if not dry_run and not all(result.fetched.is_there for result in results):
        raise typer.Exit(SOME_FAILED)


def wanted_texts(texts: str) -> Texts:
    """Return on which texts a study runs.

    Raises
    ------
    CodingError
        If there is no such choice.
    """
    choose(texts, ("corpus", "originals"), "--texts")
    return "originals" if texts == "originals" else "corpus"


def note_missing(project: Project, run: Run) -> None:
    """Say which documents of a run on originals have none, and why; what the study says of it besides."""
    from coding.originals import originals_of
    from coding.study import read_study

    journal = originals_of(project).journal
    for name in run.missing:
        line = journal.get(name)
        note(f"{name}: {'; '.join(line.why) if line else 'its original was not fetched: `coding fetch`'}")
    by_donor = Counter(str(project.corpus[name].variables["donor"]) for name in run.missing)
    counted = ", ".join(f"{n} of {project.corpus.name(donor)}" for donor, n in by_donor.items())
    if counted:
        note(f"Left out for want of an original: {counted}.")
    own, _ = read_study(project.study_path(run.study.id))
    for sentence in run.study.notes[len(own.notes) :]:
        note(sentence)


def _fetched(project: Project, digests: Sequence[Document]) -> list[Result]:
    from coding.fetching import fetch
    from coding.remote.visitor import Visitor

    found = []
    with progress("asking") as say:
        for result in fetch(project, digests, Visitor(), told=say):
            found.append(result)
            if is_piped():
                note(f"{len(found)} of {len(digests)}: {result.fetched.document}: {_how(result)}")
    return found


def _taken(
    project: Project, digests: Sequence[Document], file: Path, encoding: str | None, *, dry_run: bool
) -> Result:
    from coding.fetching import take
    from coding.remote.visitor import Visitor

    if len(digests) != 1:
        raise CodingError(f"--file is the original of one document; {len(digests)} are meant. Name one.")
    if dry_run:
        raise CodingError("--file asks nothing, and goes with no --dry-run.")
    return take(project, digests[0], file, Visitor(), encoding=encoding)


def _print(results: Sequence[Result], *, dry_run: bool) -> None:
    """Print a line for each document; below the table why some are missing, and what to look at."""
    head = ["document", "original", "from", "of"]
    rows = [
        [
            *(result.fetched.document, _to_come(result) if dry_run else _how(result)),
            result.fetched.address or result.fetched.url,
            result.fetched.snapshot or result.fetched.at[:10],
        ]
        for result in results
    ]
    if is_piped():
        rows = [[*row, "; ".join(each.fetched.why)] for row, each in zip(rows, results, strict=True)]
        print_table([*head, "why"], rows)
    else:
        print_table(head, rows, cut=[2])
    for result in results:
        said = [] if is_piped() else list(result.fetched.why)
        said += result.fetched.notes if result.is_new else ()
        for sentence in said:
            note(f"{result.fetched.document}: {sentence}")
    _note_the_rest(results, dry_run=dry_run)


def _note_the_rest(results: Sequence[Result], *, dry_run: bool) -> None:
    """Say how many originals there are, which of them are the same, and what next."""
    n_missing = sum(map(_is_missing, results))
    note(f"{len(results) - n_missing} of {len(results)} originals are there.")
    files = Counter(each.fetched.sha256 for each in results if each.fetched.sha256)
    for sha256 in (sha256 for sha256, n in files.items() if n > 1):
        names = [each.fetched.document for each in results if each.fetched.sha256 == sha256]
        note(f"{' and '.join(names)} have the same file: it counts more than once.")
    if dry_run:
        n_without = sum(_is_missing(each) and not each.fetched.url for each in results)
        if n_without:
            note(f"{n_without} cannot be asked for: their case files name no `url`.")
        note("Nothing was asked, nothing was written.")
    elif n_missing:
        note("What is missing can be saved from a browser: `coding fetch DOCUMENT --file FILE`.")


def _to_come(result: Result) -> str:
    """Return what would become of an original: whether there is an address that would be asked."""
    if not _is_missing(result):
        return _how(result)
    return "to fetch" if result.fetched.url else "no address"


def _how(result: Result) -> str:
    if _is_missing(result):
        return "missing"
    return result.fetched.how if result.is_new else f"{result.fetched.how}, there already"


def _is_missing(result: Result) -> bool:
    return not result.fetched.is_there


def _plain(result: Result) -> dict[str, object]:
    return {**asdict(result.fetched), "new": result.is_new}
