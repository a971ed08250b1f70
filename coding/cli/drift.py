"""What a change of a codebook does to a study: `coding drift`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.codebook import Named, named_codebook
from coding.cli.show import is_piped, note, print_below, print_json, print_passage, print_table, progress
from coding.cli.write_up import Format, Out, publish, wanted_format

if TYPE_CHECKING:
    from coding.drift import Drift, RuleChange, SegmentChange
    from coding.matrix import Cell
    from coding.model import CodedSegment
    from coding.paper import Table
    from coding.study import Finding
    from coding.two_codebooks import CellChange, FindingChange

CONTEXT = 60  # code points on each side of a segment that is shown


@app.command()
def drift(
    old: Named,
    new: Named,
    *,
    project: ProjectFolder = None,
    study: Annotated[
        str | None,
        typer.Option(help="Id of the study whose texts and decisions hold; else the project's own."),
    ] = None,
    code: Annotated[str | None, typer.Option(help="Only this code and those below it.")] = None,
    passages: Annotated[
        bool, typer.Option("--passages", help="Show each segment that vanished, came or moved, and why.")
    ] = False,
    format: Format = None,  # noqa: A002  the word of the command line
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Say what a codebook's change does to a study: segments, cells, findings, and by which rule."""
    from coding.drift import drift as compare
    from coding.drift_paper import drift_paper, segment_rows

    wanted = wanted_format(format, out)
    opened = open_project(project, as_json=as_json)
    first, second = named_codebook(opened, old), named_codebook(opened, new)
    with progress("coding the texts by both codebooks"):
        found = compare(opened, first, second, study, files=(_file(old), _file(new)))
        found = found if code is None else found.of(code)
    if as_json:
        print_json(_json(found))
    elif wanted is not None:
        publish(drift_paper(found), segment_rows(found), sheet="drift", format=wanted, out=out)
    else:
        _print(found, passages=passages)


def _file(named: str) -> str:
    """Return where a codebook is read from that is named by its id or its file."""
    return named if Path(named).suffix in (".yaml", ".yml") else f"codebooks/{named}.yaml"


def _print(found: Drift, *, passages: bool) -> None:
    from coding.drift_paper import books, cells_table, findings_table, rules_table, same_version

    n_changed = len(found.vanished) + len(found.came) + len(found.moved)
    note(
        f"{books(found)}, study {found.study.id}, in {found.texts}: of the rules' coded segments "
        f"{found.n_kept} are as before, {len(found.vanished)} vanished, {len(found.came)} came, "
        f"{len(found.moved)} bear the code that came after theirs."
    )
    if found.is_same_version:
        note(same_version(found))
    for table in (rules_table(found), cells_table(found)):
        if table.rows:
            _print_table(table)
    if passages:
        _print_passages(found)
    _print_table(findings_table(found))
    for one in found.findings:
        if one.why:
            note(f"{one.claim.title}: {one.why}")
    _note_rest(found)
    if n_changed and not passages:
        note("--passages shows the segments, each with its reason.")


def _print_table(table: Table) -> None:
    print_table(table.head, [row.cells for row in table.rows], numbers=table.numbers)


def _print_passages(found: Drift) -> None:
    from coding.drift_paper import segment_rows

    if is_piped():
        head, *rows = [["" if cell is None else str(cell) for cell in row] for row in segment_rows(found)]
        print_table(head, rows, numbers=(2, 3))
        return
    for name, some in (("vanished", found.vanished), ("came", found.came)):
        for one in some:
            _print_passage(found, one.segment, f"{name}: {one.segment.code}")
            print_below("", f"{one.cause.code}, rule {one.cause.rule}: {one.cause.why}")
    for move in found.moved:
        _print_passage(found, move.after, f"{move.before.code} → {move.after.code}")


def _print_passage(found: Drift, segment: CodedSegment, said: str) -> None:
    place = segment.segment
    text = found.corpus[place.document].text
    before, after = text[max(0, place.start - CONTEXT) : place.start], text[place.end : place.end + CONTEXT]
    where = f"{place.document} {place.start}:{place.end}"
    print_passage(where, said, before, text[place.start : place.end], after)


def _note_rest(found: Drift) -> None:
    """Say what changed through no rule, and what of people's work rests on what changed."""
    if found.by_no_rule:
        n = len(found.by_no_rule)
        note(f"{n} cell{'s' * (n != 1)} changed through no segment: in the base, or by where codes stand.")
    for one in found.people:
        note(f"{one.n} coded segment{'s' * (one.n != 1)} of people rest on {one.code}: {one.why}.")
    if not found.people:
        note("No coded segment of people rests on a code whose meaning changed.")
    if found.n_decisions:
        n = found.n_decisions
        note(
            f"{n} decision{'s' * (n != 1)} on the rules' segments would have to be made again: the rules of "
            "their code say something else."
        )


def _json(found: Drift) -> dict[str, object]:
    return {
        "study": found.study.id,
        "texts": found.texts,
        **{
            side: {"id": book.id, "version": book.version, "digest": book.digest, "file": file}
            for side, book, file in zip(("old", "new"), (found.old, found.new), found.files, strict=True)
        },
        "same_version": found.is_same_version,
        "segments": {
            "kept": found.n_kept,
            "vanished": [_segment_json(one) for one in found.vanished],
            "came": [_segment_json(one) for one in found.came],
            "moved": [
                {**_place(one.before), "code": one.before.code, "code_after": one.after.code}
                for one in found.moved
            ],
        },
        "rules": [_rule_json(one) for one in found.rules],
        "cells": [_cell_json(one) for one in found.cells],
        "findings": [_finding_json(one) for one in found.findings],
        "people": [{"code": one.code, "segments": one.n, "why": one.why} for one in found.people],
        "decisions": found.n_decisions,
    }


def _segment_json(one: SegmentChange) -> dict[str, object]:
    cause = one.cause
    return {
        **_place(one.segment), "code": one.segment.code, "rule": one.segment.because,
        "accounts": {"code": cause.code, "rule": cause.rule}, "kind": cause.kind, "why": cause.why,
    }  # fmt: skip


def _place(segment: CodedSegment) -> dict[str, object]:
    return {
        "document": segment.segment.document,
        "start": segment.segment.start,
        "end": segment.segment.end,
    }


def _rule_json(one: RuleChange) -> dict[str, object]:
    return {
        "code": one.code,
        "rule": one.rule,
        "change": one.change,
        "vanished": len(one.vanished),
        "came": len(one.came),
        "cells": [{"code": cell.code, "case": cell.case} for cell in one.cells],
    }


def _cell_json(one: CellChange) -> dict[str, object]:
    def side(cell: Cell | None) -> dict[str, object] | None:
        if cell is None:
            return None
        return {"value": cell.value, "units": cell.n, "base": cell.base, "state": cell.state}

    return {"code": one.code, "case": one.case, "before": side(one.before), "after": side(one.after)}


def _finding_json(one: FindingChange) -> dict[str, object]:
    def side(found: Finding | None) -> dict[str, object] | None:
        if found is None:
            return None
        contrasts = [
            {
                "what": contrast.what,
                "shares": [contrast.first.share, contrast.second.share],
                "difference": contrast.difference,
                "interval": None if contrast.low is None else [contrast.low, contrast.high],
            }
            for contrast in found.contrasts
        ]
        return {"verdict": found.verdict, "reason": found.reason, "contrasts": contrasts}

    return {
        "finding": one.claim.id,
        "changed": one.is_changed,
        "before": side(one.before),
        "after": side(one.after),
        "why": one.why,
    }
