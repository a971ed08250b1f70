"""Commands about people's work: who reads what, what was done, undone, saved, taken elsewhere and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, chosen, me, open_own
from coding.cli.show import is_piped, note, print_entry, print_json, print_table, printable

if TYPE_CHECKING:
    from coding.batch import Assignment, Batch
    from coding.cli.acts import Record
    from coding.model import Document
    from coding.sight import Sight
    from coding.upkeep import Merged

_SHOWN = 3


@app.command()
def assign(
    *,
    project: ProjectFolder = None,
    coders: Annotated[
        list[str] | None, typer.Option("--coder", "-c", help="Who reads; may be repeated.")
    ] = None,
    twice: Annotated[float, typer.Option(help="Share of the documents that two coders read, 0 to 1.")] = 0.0,
    pilot: Annotated[
        int, typer.Option(min=0, help="A pilot instead: so many documents, read by every coder.")
    ] = 0,
    name: Annotated[
        str | None, typer.Option("--round", help="Name of the round; 'pilot' for a pilot, else 'main'.")
    ] = None,
    documents: Annotated[
        list[str] | None, typer.Option(help="Only this document, or all of a donor; may be repeated.")
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind/--open", help="Whether others' coding is hidden until it is read.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the draw; the same seed deals the same.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be dealt; keep nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Deal documents out to coders: who reads what, what share is read twice, a pilot read by all."""
    from coding.assigning import deal
    from coding.attribution import NAMED_BY_MENTION
    from coding.batch import Assignment, act
    from coding.coders import refuse_machines
    from coding.model import Coder

    opened = open_own(project)
    corpus = chosen(opened.corpus, documents)
    with opened.store() as store:
        refuse_machines(coders or [], store.coders())
        dealt = deal(
            corpus.documents,
            coders or [],
            round=name or ("pilot" if pilot else "main"),
            by=NAMED_BY_MENTION,
            twice=twice,
            pilot=pilot,
            blind=blind,
            seed=seed,
            before=store.rows(Assignment),
        )
        if dealt.assignments and not dry_run:
            known = {coder.id for coder in store.coders()}
            new = [Coder(coder, "person") for coder in coders or [] if coder not in known]
            store.add(act(me(), "assign", *new, *dealt.assignments))
    if as_json:
        print_json([_plain(each) for each in dealt.assignments])
        return
    texts = {document.id: document for document in corpus}
    print_table(
        ["coder", "round", "documents", "read twice", "words", *corpus.cases(NAMED_BY_MENTION)],
        _dealt(dealt.assignments, texts, list(corpus.cases(NAMED_BY_MENTION))),
        numbers=range(2, 5 + len(corpus.known_cases)),
    )
    if dealt.already:
        note(f"{len(dealt.already)} documents were in this round already and stay as they are.")
    note("Nothing was kept." if dry_run else "`coding assignments` shows each list; `coding serve` opens it.")


@app.command()
def assignments(
    *,
    project: ProjectFolder = None,
    coder: Annotated[str | None, typer.Option("--coder", "-c", help="Only this coder's list.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show who is to read what, and what was read."""
    from coding.batch import Assignment, Look
    from coding.editions import readings_in
    from coding.errors import CodingError, nearest
    from coding.sight import sight

    opened = open_own(project)
    corpus = opened.corpus
    with opened.store() as store:
        rows, looks = store.rows(Assignment), store.rows(Look)
        readings = readings_in(store, lambda: corpus)
    known = list(dict.fromkeys(each.coder for each in rows))
    if coder is not None and coder not in known:
        raise CodingError(f"nothing is assigned to '{coder}'.{nearest(coder, known)}")
    sights = {each: sight(each, corpus, readings=readings, looks=looks, assignments=rows) for each in known}
    shown = [each for each in rows if coder in (None, each.coder)]
    if as_json:
        print_json([{**_plain(each), "state": _state(each, sights[each.coder])} for each in shown])
        return
    table = [
        [
            each.coder,
            each.round,
            each.document,
            "blind" if each.blind else "open",
            _state(each, sights[each.coder]),
        ]
        for each in shown
    ]
    print_table(["coder", "round", "document", "how", "state"], table)
    n_read = sum(each.document in sights[each.coder].read for each in shown)
    note(f"{n_read} of {len(shown)} read." if shown else "Nothing is assigned: `coding assign --coder NAME`.")


@app.command()
def log(
    *,
    project: ProjectFolder = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the latest acts.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List what was done, act by act: in which document, with which code, the first words."""
    from coding.cli.acts import Record

    opened = open_own(project)
    with opened.store() as store:
        every, undone = store.batches(), store.undone()
    record, batches = Record(every), every[-last:]
    if as_json:
        print_json([{**_batch(batch, record), "undone": batch.id in undone} for batch in batches])
        return
    rows = [
        [batch.id[:8], batch.at[:19].replace("T", " "), batch.coder, batch.act, record.told(batch)]
        + (["undone"] if batch.id in undone else [""])
        for batch in batches
    ]
    if is_piped():
        print_table(["batch", "when (UTC)", "coder", "act", "what", ""], rows)
    else:
        for name, at, coder, done, what, state in rows:
            print_entry(f"{name}  {at} UTC  {coder}: {done}", state, what)
    note(
        "`coding undo BATCH` undoes one; undoing an undo lets it stand again. `coding log --json` says all."
        if rows
        else "Nothing was done yet."
    )


@app.command()
def undo(
    batch: Annotated[str, typer.Argument(help="Id of the batch, or its first letters, from `coding log`.")],
    *,
    project: ProjectFolder = None,
    coder: Annotated[str | None, typer.Option("--coder", "-c", help="Who undoes it; else the login.")] = None,
    as_json: AsJson = False,
) -> None:
    """Undo one act, of whomever. It stays in the record, and the undo can be undone."""
    from coding.cli.acts import Record
    from coding.coders import refuse_machines
    from coding.new_edition import realigns, to_tag
    from coding.new_edition import undo as undo_text

    opened = open_own(project)
    with opened.store() as store:
        refuse_machines([coder] if coder else [], store.coders())
        found = store.named(batch)
        by = coder or me()
        is_text = realigns(store, found)
        done = undo_text(opened, found, by=by) if is_text else store.undo(found.id, by=by)
        record = Record(store.batches())
    if as_json:
        print_json(_batch(done, record))
        return
    verb = "Stands again" if done.act == "redo" else "Undone"
    typer.echo(printable(f"{verb}: {found.act} of {found.coder}, {record.told(found)}."))
    if found.act == "import" and done.act == "undo":
        note(
            "Files that it wrote are yours and stay: texts and case.yaml in corpus/, a codebook in "
            "codebooks/, new donors among the `cases` in studies/. Take out by hand what you do not want."
        )
    note(f"Kept as batch {done.id[:8]}; `coding undo {done.id[:8]}` takes that back.")
    if is_text and (document := to_tag(replace(opened), found)):
        note(f"Rules or models coded another text of {document}: `coding tag` codes that of now.")


@app.command()
def backup(
    out: Annotated[
        Path | None, typer.Argument(help="File of the copy; else in backups/, with the time in its name.")
    ] = None,
    *,
    project: ProjectFolder = None,
) -> None:
    """Copy the store, whole and sound, even while people code."""
    from coding.batch import now

    opened = open_own(project)
    moment = now()[:19].replace(":", "").replace("T", "-")
    target = out or opened.root / "backups" / f"project-{moment}.db"
    with opened.store() as store:
        store.backup(target)
    note(
        f"Written to {target}. To go back, stop `coding serve`, put it in the place of "
        "project.db, and remove project.db-wal and project.db-shm."
    )


@app.command("export")
def export_(
    out: Annotated[
        Path,
        typer.Argument(
            help="File to be written: .jsonl, .qdpx, .qdc, .jsonld, .ls.json, .doccano.jsonl, .spacy, .csv, "
            ".xlsx or .sqlite3 (Taguette)"
        ),
    ] = Path("project.jsonl"),
    *,
    project: ProjectFolder = None,
    codebook: Annotated[
        str | None, typer.Option(help="For other programs: this codebook alone; else all; in a .qdc one.")
    ] = None,
    suggestions: Annotated[
        bool, typer.Option("--suggestions", help="For other programs: what rules and models coded as well.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it is there already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything people did as JSON Lines, or the project for other programs: REFI-QDA and more."""
    from coding.cli.exchange import WRITTEN, export_file, is_other
    from coding.errors import CodingError
    from coding.files import replacing
    from coding.formats.batches import SUFFIXES, write_batches

    _refuse_other(out, (*SUFFIXES, *WRITTEN))
    if out.exists() and not overwrite:
        raise CodingError(f"{out} is there already. Choose another name, or replace it: --overwrite.")
    opened = open_own(project)
    if is_other(out):
        export_file(opened, out, codebook=codebook, suggestions=suggestions, as_json=as_json)
        return
    if codebook is not None or suggestions:
        raise CodingError("--codebook and --suggestions are for other programs; a .jsonl holds all acts.")
    with opened.store() as store:
        batches = store.batches()
    with replacing([out]) as (written,):
        write_batches(written, batches)
    if as_json:
        print_json({"file": str(out), "acts": len(batches)})
        return
    note(f"Written to {out}: {len(batches)} acts. `coding import {out.name}` merges it into another copy.")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="File of `coding export` (.jsonl), or of another program: .qdpx, .qde, .qdc, .jsonld, "
            ".ls.json, .doccano.jsonl, .spacy, .csv, .xlsx, .sqlite3",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    project: ProjectFolder = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would come; --json with every selection.")
    ] = False,
    codebook: Annotated[
        str | None, typer.Option(help="Codebook in which the codes are, or a new one for them.")
    ] = None,
    offsets: Annotated[
        str | None, typer.Option(help="What offsets count, if the file does not tell: its message says how.")
    ] = None,
    coder: Annotated[str | None, typer.Option("--coder", "-c", help="Who coded what names nobody.")] = None,
    read: Annotated[
        bool,
        typer.Option("--read", help="Whoever coded in a document has read the whole of it for all codes."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Take --offsets though selections are not what they are called.")
    ] = False,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of a .csv that is not UTF-8, such as cp1252.")
    ] = None,
    donor: Annotated[str | None, typer.Option(help="Of new documents: id of their donor.")] = None,
    year: Annotated[int | None, typer.Option(help="Of new documents: their year.")] = None,
    fidelity: Annotated[
        str | None, typer.Option(help="Of new documents: original, digest or translation.")
    ] = None,
    source_kind: Annotated[str | None, typer.Option(help="Of new documents: primary or secondary.")] = None,
    language: Annotated[str | None, typer.Option(help="Of new documents: their language.")] = None,
    url: Annotated[str | None, typer.Option(help="Of new documents: where they were found.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Of new documents: who published them.")] = None,
    date: Annotated[str | None, typer.Option(help="Of new documents: 2019, 2019-03 or 2019-03-14.")] = None,
    type: Annotated[str | None, typer.Option(help="Of new documents: kind of text.")] = None,  # noqa: A002
    name: Annotated[
        list[str] | None, typer.Option(help="Name of a new donor; of several DONOR=NAME, repeated.")
    ] = None,
    iso: Annotated[
        list[str] | None,
        typer.Option(help="ISO 3166 code of a new donor, such as KOR; of several DONOR=CODE, repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Merge what was done in another copy of the project, or in another program. Nothing comes twice."""
    from coding.cli.exchange import READ, Asked, import_file, is_other
    from coding.errors import CodingError
    from coding.formats.batches import SUFFIXES
    from coding.upkeep import merge

    _refuse_other(file, (*SUFFIXES, *READ))
    variables = {
        "year": year, "fidelity": fidelity, "source_kind": source_kind, "language": language, "url": url,
        "publisher": publisher, "date": date, "type": type,
    }  # fmt: skip
    asked = Asked(
        codebook, offsets, coder, donor, name or [], iso or [], variables, read, encoding, force, dry_run
    )
    opened = open_own(project)
    if is_other(file):
        import_file(opened, file, asked, as_json=as_json)
        return
    if asked.anything:
        raise CodingError("a .jsonl is merged as it is: leave out all options but --project and --json.")
    merged = merge(opened, file)
    if as_json:
        print_json({"new": merged.n_new, "known": merged.n_known, "absent": dict(merged.absent)})
        return
    note(f"{merged.n_new} acts are new, {merged.n_known} were here already. `coding log` lists them.")
    if merged.n_absent:
        note(_absent(merged))


def _absent(merged: Merged) -> str:
    """Say how many acts are about documents that are not here, and what to do."""
    n, documents = merged.n_absent, list(merged.absent)
    shown = ", ".join(documents[:_SHOWN])
    more = f" and {len(documents) - _SHOWN} more" if len(documents) > _SHOWN else ""
    return (
        f"{n} act{'s are' if n != 1 else ' is'} about documents that are not here ({shown}{more}): kept, and "
        "counted nowhere until these are in corpus/. A .jsonl holds no texts; a .qdpx brings them along."
    )


def _refuse_other(path: Path, suffixes: tuple[str, ...]) -> None:
    from coding.errors import CodingError

    if not path.name.lower().endswith(suffixes):
        raise CodingError(f"{path}: only {', '.join(suffixes)} is read and written here.")


def _dealt(rows: tuple[Assignment, ...], texts: dict[str, Document], cases: list[str]) -> list[list[str]]:
    n_readers = Counter(row.document for row in rows)
    table = []
    for coder in dict.fromkeys(row.coder for row in rows):
        mine = [row for row in rows if row.coder == coder]
        documents = [texts[row.document] for row in mine]
        by_case = Counter(str(document.variables["donor"]) for document in documents)
        n_words = sum(len(document.text.split()) for document in documents)
        n_twice = sum(n_readers[row.document] > 1 for row in mine)
        numbers = [len(mine), n_twice, n_words, *(by_case[case] for case in cases)]
        table.append([coder, mine[0].round, *map(str, numbers)])
    return table


def _state(assignment: Assignment, seeing: Sight) -> str:
    if assignment.document in seeing.read:
        return "read"
    return "looked at" if assignment.document in seeing.looked else "to read"


def _plain(row: Assignment) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(row)


def _batch(batch: Batch, record: Record) -> dict[str, object]:
    head = {"batch": batch.id, "at": batch.at, "coder": batch.coder, "act": batch.act, "undoes": batch.undoes}
    return {**head, "rows": record.rows(batch)}
