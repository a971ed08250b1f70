"""The command that puts a new text in the place of a document's, with its coding: `coding realign`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, me, open_own
from coding.cli.show import is_piped, note, print_below, print_entry, print_json, print_table, progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coding.batch import Batch
    from coding.new_edition import NewEdition
    from coding.realigning import ReadingPlaced, SegmentPlaced, SelectionPlaced

_SAME_LETTERS = "same letters, written otherwise"
_LOST = {
    "gone": "no place: the words are gone",
    "several": "no place: several are as good",
    "text not kept": "no place: its text is not kept (--old)",
}


@app.command()
def realign(
    document: Annotated[str, typer.Argument(help="Id of the document, such as japan/strategy-2018.")],
    new: Annotated[
        Path, typer.Argument(help="File of the new text; that in corpus/ if it is there already.")
    ],
    *,
    project: ProjectFolder = None,
    old: Annotated[
        Path | None,
        typer.Option(help="File of the text as it was coded, if corpus/ has the new one already."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of a text that is not UTF-8, such as cp1252.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would come of it; write nothing.")
    ] = False,
    coder: Annotated[str | None, typer.Option("--coder", "-c", help="Who does it; else the login.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a new text in the place of a document's; coded segments, readings and memos keep their words."""
    from coding.coders import refuse_machines
    from coding.model import Coder
    from coding.new_edition import look

    opened = open_own(project)
    with progress("laying the texts side by side"):
        found = look(opened, document, new, old=old, encoding=encoding)
    refuse_machines([coder] if coder else [], (Coder(name, "model") for name in found.machines))
    batch = None if dry_run else found.write(by=coder or me())
    if as_json:
        print_json(_json(found, batch, dry_run=dry_run))
        return
    placed: tuple[SegmentPlaced | SelectionPlaced, ...]
    placed = (*found.realigned.segments, *found.realigned.selections)
    _print_placed([each for each in placed if dry_run or is_piped() or _how(each) != "exact"])
    for line in _told(found, batch, dry_run=dry_run):
        note(line)


def _print_placed(shown: Sequence[SegmentPlaced | SelectionPlaced]) -> None:
    """Print what became of coded segments and of selections, whose code is empty.

    To a reader all words are shown, the new ones where they are others.
    """
    told = [(*_said(each), each) for each in shown]
    if is_piped():
        rows = [[coder, code, _how(each), quote, each.words] for coder, code, quote, each in told]
        print_table(["coder", "code", "how", "old words", "new words"], rows)
        return
    for coder, code, quote, each in told:
        print_entry(f"{code or 'without a code'}  {coder}".rstrip(), _how(each), quote)
        if each.words not in ("", quote):
            print_below("now:", each.words)


def _said(each: SegmentPlaced | SelectionPlaced) -> tuple[str, str, str]:
    """Return coder, code and words of a coded segment, or of a selection without a code."""
    from coding.realigning import SegmentPlaced

    if isinstance(each, SegmentPlaced):
        return each.coded.coder, each.coded.code, each.coded.quote
    return each.selection.coder, "", each.quote or each.selection.name


def _how(each: SegmentPlaced | SelectionPlaced) -> str:
    """Return in words what became of a coded segment or a selection."""
    if isinstance(each.found, str):
        return _LOST[each.found]
    return _SAME_LETTERS if each.found.how == "same letters" else each.found.how


def _told(found: NewEdition, batch: Batch | None, *, dry_run: bool) -> Iterator[str]:
    """Yield what the reader should know, in sentences."""
    segments, selections = found.realigned.segments, found.realigned.selections
    if segments:
        yield f"{len(segments)} coded segment{'s' * (len(segments) != 1)}: {_counted(segments)}."
    if any(_how(each) in _LOST.values() for each in segments):
        yield "Those without a place stay in the store, on the earlier text, and count nowhere in the new."
    if selections:
        n = len(selections)
        yield f"{n} selection{'s' * (n != 1)} of other programs without a code: {_counted(selections)}."
    if any(_how(each) in _LOST.values() for each in selections):
        yield "Selections without a place stay in the store as well; `coding export` leaves them out."
    if n := found.realigned.n_unknown:
        yield (
            f"{n} of these stand{'s' * (n == 1)} in a text that is not kept. Give that text with --old: "
            "until then `coding check` goes on to say that the text has changed."
        )
    yield from (_read(each) for each in found.realigned.readings)
    if found.n_suggestions:
        yield (
            f"{found.n_suggestions} coded segments of rules and models on which nobody decided are not "
            "placed: `coding tag` codes the new text."
        )
    yield from found.notes
    if dry_run:
        yield "Nothing was written."
    elif batch is not None:
        what = "The new text is in its place" if found.is_new_text else "The text was there already"
        yield f"{what}. Kept as batch {batch.id[:8]}; `coding undo {batch.id[:8]}` takes that back."
    elif found.is_new_text:
        yield "The new text is in its place; where coding stands in it was kept before."
    elif found.realigned.n_unknown:
        yield "This text is in its place already."
    else:
        yield "This text is in its place already, and nothing is left to place."


def _counted(placed: Sequence[SegmentPlaced | SelectionPlaced]) -> str:
    """Return how many were placed in which way, and how many were not."""
    kinds = Counter(_how(each) for each in placed)
    told = [f"{kinds[kind]} {kind}" for kind in ("exact", "moved", _SAME_LETTERS, "changed") if kinds[kind]]
    n_lost = sum(n for kind, n in kinds.items() if kind in _LOST.values())
    return ", ".join([*(told or ["none placed"]), *([f"{n_lost} without a place"] if n_lost else [])])


def _read(each: ReadingPlaced) -> str:
    reading = each.reading
    if reading.sample:
        what = "holds" if each.parts else "does not hold: the unit has changed and is to be judged again"
        return f"A judgement of {reading.coder} for the sample {reading.sample} {what}."
    covered = f"{each.n_read} of {each.n_sentences} sentences"
    if each.n_read == each.n_sentences:
        return f"What {reading.coder} has read covers the new text."
    return f"What {reading.coder} has read covers {covered} of the new text; the others are to be read."


def _json(found: NewEdition, batch: Batch | None, *, dry_run: bool) -> dict[str, object]:
    segments = [
        {"id": each.coded.id, "coder": each.coded.coder, "code": each.coded.code, **_place(each)}
        for each in found.realigned.segments
    ]
    selections = [
        {"id": each.selection.id, "coder": each.selection.coder, "title": each.selection.name, **_place(each)}
        for each in found.realigned.selections
    ]
    readings = [
        {
            "id": each.reading.id,
            "coder": each.reading.coder,
            "sample": each.reading.sample or None,
            "parts": [list(part) for part in each.parts],
            "sentences": each.n_sentences,
            "read": each.n_read,
            "known": not each.is_new,
        }
        for each in found.realigned.readings
    ]
    return {
        "document": found.before.id,
        "before": found.before.digest,
        "after": found.realigned.new.digest,
        "batch": None if batch is None else batch.id,
        "written": not dry_run and (batch is not None or found.is_new_text),
        "segments": segments,
        "selections": selections,
        "readings": readings,
        "not placed of machines": found.n_suggestions,
        "notes": list(found.notes),
    }


def _place(each: SegmentPlaced | SelectionPlaced) -> dict[str, object]:
    from coding.realigning import SelectionPlaced

    return {
        "how": each.found if isinstance(each.found, str) else each.found.how,
        "start": None if isinstance(each.found, str) else each.found.start,
        "end": None if isinstance(each.found, str) else each.found.end,
        "old": each.quote if isinstance(each, SelectionPlaced) else each.coded.quote,
        "new": each.words,
        "known": not each.is_new,
    }
