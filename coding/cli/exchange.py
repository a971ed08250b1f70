"""Files of other programs as the commands `coding export` and `coding import` write and take them in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.cli.app import me, own_codebook
from coding.cli.show import is_piped, note, print_json, print_table
from coding.formats.exchange import ENDINGS as OTHERS
from coding.formats.exchange import TEXTLESS, called, ending

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from coding.formats.refi.nouns import Dropped, Exchanged
    from coding.project import Project
    from coding.received import Arriving, TakenIn

WRITTEN = (".qdpx", ".qdc", *OTHERS)
READ = (".qdpx", ".qde", ".qdc", *OTHERS)

_SHOWN = 10
_OF_DONOR = re.compile(r"([^=\s]+)=(.+)")
_UNPLACED = "that was not placed"
_WAITING = ("coded segment", "document")  # as they stand in what waits
_OF_REFI = ("Rule", "Reading", "Decision")  # other formats say how many are lost


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user asks of an import, as the options say it."""

    codebook: str | None
    offsets: str | None
    coder: str | None
    donor: str | None
    names: Sequence[str]
    codes: Sequence[str]
    variables: Mapping[str, str | int | None]
    read: bool
    encoding: str | None
    force: bool
    dry_run: bool

    @property
    def anything(self) -> bool:
        """Whether any option is given."""
        given = (self.codebook, self.offsets, self.coder, self.donor, self.encoding, *self.names, *self.codes)
        return (
            self.dry_run
            or self.read
            or self.force
            or any(value is not None for value in (*given, *self.variables.values()))
        )


def is_other(path: Path) -> bool:
    """Say whether a file is one for other programs, by its name."""
    return path.name.lower().endswith(READ)


def export_file(
    project: Project, out: Path, *, codebook: str | None, suggestions: bool, as_json: bool
) -> None:
    """Write a project, or a codebook alone, for other programs, and say what the file cannot hold."""
    from coding.exporting import exported, exported_codebook
    from coding.formats import exchange
    from coding.formats.refi.writer import write
    from coding.keeping import kept_in

    if out.suffix.lower() == ".qdc":
        book = own_codebook(project) if codebook is None else project.codebook(codebook)
        made = exported_codebook(book, kept_in(project))
    else:
        names = project.codebooks if codebook is None else (codebook,)
        made = exported(project, [project.codebook(name) for name in names], suggestions=suggestions)
    told = made.told
    lost: tuple[Dropped, ...] = ()
    if ending(out) is None:
        write(out, made.exchanged)
    else:
        lost = exchange.write(out, made.exchanged)
        told = (*(each for each in told if each.what not in _OF_REFI), *lost)
    counts = _held(made.exchanged, out, lost)
    if as_json:
        print_json({"file": str(out), **counts, "told": _plain(told)})
        return
    said = ", ".join(_counted(n, what.removesuffix("s")) for what, n in counts.items() if n)
    without = ", of which it has no text" if ending(out) in TEXTLESS and counts["documents"] else ""
    note(f"Written to {out}: {said or 'nothing'}{without}.")
    _tell(f"{'REFI-QDA' if ending(out) is None else called(out)} cannot say all of it:", told)
    if out.suffix.lower() == ".qdpx":
        note("Assignments, saved queries and the history of acts are not in it: `coding export x.jsonl`.")


def _held(exchanged: Exchanged, out: Path, lost: Sequence[Dropped]) -> dict[str, int]:
    """Return how much of each kind is in a file that was written.

    Formats without texts speak of no document in which nothing was coded; only REFI-QDA and Taguette have
    codes besides what they are given to. `lost` is what the format has no place for.
    """
    end = ending(out)
    n_coded = [
        len(source.codings) + sum(len(selection.codings) for selection in source.selections)
        for source in exchanged.sources
    ]
    n_lost = sum(each.n for each in lost if each.what == "Coded segment")
    counts = {
        "coded segments": sum(n_coded) - n_lost,
        "documents": sum(n > 0 for n in n_coded) if end in TEXTLESS else len(n_coded),
    }
    if end in (None, ".sqlite3"):
        counts["codes"] = len(exchanged.codes)
    return counts if end else {**counts, "notes": len(exchanged.notes)}


def import_file(project: Project, file: Path, asked: Asked, *, as_json: bool) -> None:
    """Look at a file of another program, and take it in unless only a look is asked for."""
    arriving = _look(project, file, asked)
    if asked.dry_run:
        if as_json:
            print_json(_told(arriving, None))
        else:
            _print_look(arriving, file)
        return
    from coding.received import take_in

    _refuse_unplaced(arriving, file)
    taken = take_in(project, arriving, by=asked.coder or me())
    if as_json:
        print_json(_told(arriving, taken))
        return
    _print_taken(arriving, taken, file)


def _look(project: Project, file: Path, asked: Asked) -> Arriving:
    from coding.batch import refuse_coder
    from coding.coders import refuse_machines
    from coding.formats.refi.offsets import convention
    from coding.received import About, look, look_at_codebook
    from coding.received.people import NOBODY

    if file.suffix.lower() == ".qdc":
        return look_at_codebook(project, file, codebook=asked.codebook)
    if asked.coder is not None:
        refuse_coder(asked.coder)
        with project.store() as store:
            refuse_machines([asked.coder], store.coders())
    variables = {name: value for name, value in asked.variables.items() if value is not None}
    name, names = _of_donors(asked.names, "--name")
    iso, codes = _of_donors(asked.codes, "--iso")
    about = About(asked.donor, variables, name, iso, names, codes)
    offsets = None if asked.offsets is None else convention(asked.offsets)
    return look(
        project,
        file,
        codebook=asked.codebook,
        offsets=offsets,
        about=about,
        coder=asked.coder or NOBODY,
        read=asked.read,
        encoding=asked.encoding,
        force=asked.force,
    )


def _of_donors(said: Sequence[str], option: str) -> tuple[str | None, dict[str, str]]:
    """Return what is said of no donor by its id (VALUE), and what is said of each (DONOR=VALUE)."""
    from coding.errors import CodingError

    found = [_OF_DONOR.fullmatch(each) for each in said]
    bare = [each for each, of_donor in zip(said, found, strict=True) if of_donor is None]
    if len(bare) > 1:
        raise CodingError(
            f"{option}: {bare[0]}, {bare[1]}: whose are they? Write {option} DONOR=VALUE for each."
        )
    return (bare[0] if bare else None), {each[1]: each[2] for each in found if each}


def _refuse_unplaced(arriving: Arriving, file: Path) -> None:
    """Raise if a file has coded segments, and none of them could be placed."""
    from coding.errors import CodingError

    unplaced = [each for each in arriving.dropped if each.what.endswith(_UNPLACED)]
    if not unplaced or any(source.selections for source in arriving.exchanged.sources):
        return
    n, shown = sum(each.n for each in unplaced), "\n  ".join(map(str, unplaced[:_SHOWN]))
    more = f"\n  and {len(unplaced) - _SHOWN} more" if len(unplaced) > _SHOWN else ""
    raise CodingError(f"{file.name}: nothing of it can be placed ({n}):\n  {shown}{more}")


def _told(arriving: Arriving, taken: TakenIn | None) -> dict[str, object]:
    """Return what a script wants to know: of a look also each selection with its words."""
    solved = arriving.solved
    told: dict[str, object] = {
        "offsets": None
        if solved is None
        else {
            "convention": str(solved.convention),
            "decided_by": solved.by,
            "score": solved.score,
            "runner_up": None
            if solved.runner_up is None
            else {"convention": str(solved.runner_up[0]), "score": solved.runner_up[1]},
            "names": dict(solved.checks),
        },
        "documents": [
            {"source": placed.source, "document": placed.document.id, "by": placed.how}
            for placed in arriving.texts.placed.values()
        ],
        "codebook": None if arriving.codes.new is None else arriving.codes.new.id,
        "new": arriving.people.n_segments,
        "waiting": dict(zip(("coded segments", "documents"), arriving.n_waiting, strict=True)),
        "known": arriving.people.n_known,
        "memos": {"new": arriving.people.n_memos, "known": arriving.people.n_known_memos},
        "kept": arriving.people.n_kept,
        "read": arriving.people.n_filed,
        "unread": [{"coder": coder, "document": document} for coder, document in arriving.people.unread],
        "dropped": _plain(arriving.dropped),
        "problems": list(arriving.problems),
    }
    if taken is None:
        return {**told, "selections": list(_selections(arriving))}
    return {
        **told,
        "batch": None if taken.batch is None else taken.batch.id,
        "files": list(taken.files),
        "study": list(taken.study),
    }


def _selections(arriving: Arriving) -> Iterator[dict[str, object]]:
    from coding.formats.refi.description import id_in
    from coding.formats.refi.offsets import check

    solved = arriving.solved
    if solved is None:
        return
    names = {code.guid: id_in(code.description) or code.name for code in arriving.exchanged.codes}
    for source in arriving.exchanged.sources:
        if source.guid not in solved.texts:
            continue
        placed, text = arriving.texts.placed.get(source.guid), solved.texts[source.guid].plain
        for selection, span in zip(source.selections, solved.spans[source.guid], strict=True):
            yield {
                "selection": selection.guid,
                "source": source.name,
                "document": None if placed is None else placed.document.id,
                "start": None if span is None else span[0],
                "end": None if span is None else span[1],
                "words": None if span is None else text[span[0] : span[1]],
                "name": selection.name or None,
                "check": check(text, span, selection.name),
                "codes": [names.get(coding.code, coding.code) for coding in selection.codings],
            }


def _print_look(arriving: Arriving, file: Path) -> None:
    rows = list(_selections(arriving))
    doubtful = [row for row in rows if row["check"] in ("another name", "name elsewhere")]
    shown = rows if is_piped() else (doubtful or rows)[:_SHOWN]
    head = ["document", "start", "end", "words", "name", "codes"]
    table = [
        [
            str(row["document"] or row["source"]),
            "" if row["start"] is None else str(row["start"]),
            "" if row["end"] is None else str(row["end"]),
            str(row["words"] or ""),
            str(row["check"]),
            "; ".join(map(str, row["codes"])) if isinstance(row["codes"], list) else "",
        ]
        for row in shown
    ]
    for problem in arriving.problems:
        note(f"It would be refused: {problem}")
    print_table(head, table, numbers=(1, 2), cut=(3,))
    if len(shown) < len(rows):
        note(f"{len(shown)} of {len(rows):,} selections; `--json` or a pipe gives all.")
    _say_offsets(arriving)
    _say_counts(arriving, would=True)
    _say_read(arriving, file, would=True)
    _tell("Left out, or become something else:", arriving.dropped)
    if any(arriving.n_waiting):
        note("What else would be left out can be said once all codes and documents are here.")
    note("Nothing was kept.")


def _print_taken(arriving: Arriving, taken: TakenIn, file: Path) -> None:
    _say_offsets(arriving)
    _say_counts(arriving, would=False)
    texts = [file for file in taken.files if file.endswith(".txt")]
    written = [file for file in taken.files if file not in texts]
    written += [f"{len(texts)} texts"] if len(texts) > 1 else texts
    if written:
        note(f"Written: {', '.join(written)}.")
    for sentence in taken.study:
        note(sentence)
    _tell("Left out, or become something else:", arriving.dropped)
    if taken.batch is not None:
        note(f"Kept as batch {taken.batch.id[:8]}; `coding undo {taken.batch.id[:8]}` takes that back.")
    elif not taken.files:
        note(f"{'What could be taken in' if arriving.dropped else 'All of it'} was here already.")
    _say_read(arriving, file)


def _say_offsets(arriving: Arriving) -> None:
    solved = arriving.solved
    if solved is None or not solved.checks or solved.by == "format":
        return
    score = "" if solved.score is None else f", borne out by {solved.score:.0%}"
    by = {
        "names": "as the names of the selections say",
        "edges": "as the edges of words say",
        "given": "as you said",
        "format": "as the format has it",
        "writer": "as Normatrix writes them",
        "nothing to tell": "all ways to count them come to the same",
    }[solved.by]
    second = solved.runner_up
    against = "" if second is None else f" (the next, {second[0]}: {second[1]:.0%})"
    note(f"Offsets count {solved.convention}: {by}{score}{against}.")
    n_other = solved.checks.get("another name", 0) + solved.checks.get("name elsewhere", 0)
    if n_other:
        note(f"{n_other} selections have a name that is not their words: `--dry-run` shows them.")


def _say_counts(arriving: Arriving, *, would: bool) -> None:
    if arriving.solved is not None:
        counts = "; ".join(_told_counts(arriving, would=would))
        note(f"{counts}." if counts else "Nothing of it is here yet.")
    waiting = [_counted(n, what) for n, what in zip(arriving.n_waiting, _WAITING, strict=True) if n]
    if waiting:
        note(f"Once that is said or mended, {' and '.join(waiting)} would come.")
    n_kept = 0 if waiting else arriving.people.n_kept
    if n_kept:
        verb = "would be" if would else "is" if n_kept == 1 else "are"
        what = _counted(n_kept, "thing")
        note(f"{what} without a place here {verb} kept for export (sets, links, titles...): `coding kept`.")
    if arriving.codes.new is not None:
        n_codes = _counted(len(arriving.codes.new.codes), "code")
        verb = "would make" if would else "made"
        note(f"{n_codes} {verb} a new codebook: codebooks/{arriving.codes.new.id}.yaml.")


def _told_counts(arriving: Arriving, *, would: bool) -> Iterator[str]:
    """Yield how much of each kind is new, and how much is here; not of what has yet to come."""
    people = arriving.people
    n_new = sum(placed.how == "new" for placed in arriving.texts.placed.values())
    counts = {
        "coded segment": (people.n_segments, people.n_known),
        "memo": (people.n_memos, people.n_known_memos),
        "document": (n_new, len(arriving.texts.placed) - n_new),
    }
    waiting = {what for n, what in zip(arriving.n_waiting, _WAITING, strict=True) if n}
    for what, (n, n_known) in counts.items():
        if n or (what not in waiting and (n_known or what != "memo")):
            yield f"{_counted(n, what)} {_are(n, would=would)} new, {n_known:,} here already"
        elif n_known:
            yield f"{_counted(n_known, what)} {_are(n_known)} here already"
    if n := people.n_known_besides:
        yield f"{n:,} {'reading or decision is' if n == 1 else 'readings and decisions are'} here already"


def _say_read(arriving: Arriving, file: Path, *, would: bool = False) -> None:
    """Say who has read what, or that nobody has: then nothing that was taken in counts in a matrix."""
    people = arriving.people
    if people.n_filed:
        filed = f"{_counted(people.n_filed, 'reading')} {_are(people.n_filed, would=would)} filed, not blind"
        note(f"{filed}: whoever coded in a document has read the whole of it, for all codes, as you said.")
    if people.unread:
        coders = ", ".join(dict.fromkeys(coder for coder, _ in people.unread))
        n = _counted(len({document for _, document in people.unread}), "document")
        note(
            f"No matrix counts what {coders} coded in {n}: no reading says what was read there for what, and "
            f"{file.name} holds none. If all was read, for all codes: `coding import {file.name} --read`."
        )


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def _are(n: int, *, would: bool = False) -> str:
    return "would be" if would else "is" if n == 1 else "are"


def _tell(head: str, dropped: tuple[Dropped, ...]) -> None:
    if dropped:
        note("\n  ".join([head, *map(str, dropped)]))


def _plain(dropped: tuple[Dropped, ...]) -> list[dict[str, object]]:
    return [{"what": each.what, "n": each.n, "why": each.why} for each in dropped]
