"""The passages for and against each claim, gathered to be shown or written: `coding evidence`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.show import note, print_json, print_table, progress
from coding.cli.write_up import refuse_claimless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.evidence import Evidence, Numbered
    from coding.project import Project
    from coding.study import Run


@app.command()
def evidence(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    claim: Annotated[str | None, typer.Option(help="Id of one claim; else all.")] = None,
    most: Annotated[
        int | None, typer.Option(min=1, help="So many passages of each group at most; else all.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="FILE.docx, FILE.md, or a folder, which gets a file a claim.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Gather the passages for and against each claim of a study, with notes and sources."""
    from coding.evidence import evidence as gather
    from coding.evidence_pack import counted
    from coding.study import run

    _refuse_ending(out)
    opened = open_project(project, as_json=as_json)
    with progress("reading and coding the texts"):
        done = run(opened, study)
        found = gather(done, claim=claim, most=most)
    if out is not None:
        refuse_claimless(done)
    unit = done.matrix.measurement.unit
    if as_json:
        print_json([_evidence_json(one) for one in found])
    elif not found:
        note("The study names no claim.")
    else:
        print_table(
            ["claim", "verdict", "evidence"],
            [[one.finding.claim.id, one.finding.said, counted(one, unit)] for one in found],
        )
    if out is not None:
        _write_evidence(opened, done, found, out)


def _refuse_ending(out: Path | None) -> None:
    from coding.errors import CodingError

    if out is not None and out.suffix not in ("", ".md", ".docx"):
        raise CodingError(f"{out}: name a file that ends in .docx or .md, or a folder.")


def _write_evidence(project: Project, done: Run, found: Sequence[Evidence], out: Path) -> None:
    from coding.citations import references
    from coding.evidence_pack import pack, packs
    from coding.files import replacing
    from coding.paper.written import write, written

    known, memos = references(project.root), project.memos
    if out.suffix:
        write(pack(done, found, memos=memos, references=known), out)
        note(f"Written: {out}.")
        return
    papers = packs(done, found, memos=memos, references=known)
    with replacing([out / name for name in papers]) as places:
        for place, paper in zip(places, papers.values(), strict=True):
            place.write_bytes(written(paper, "markdown"))
    note(f"Written: {out} ({len(papers)} files; begin with index.md).")


def _evidence_json(one: Evidence) -> dict[str, object]:
    """Return the evidence for a claim as plain values; passages by their numbers and places."""
    return {
        "claim": one.finding.claim.id,
        "said": one.finding.said,
        "groups": [
            {
                "speaks": group.speaks, "part": group.part, "case": group.case, "within": group.within,
                "what": group.what, "units": group.n_units, "passages": group.n_passages,
                "left_out": group.n_left_out, "shown": [_passage_json(each) for each in group.passages],
            }
            for group in one.groups
        ],
    }  # fmt: skip


def _passage_json(one: Numbered) -> dict[str, object]:
    passage = one.passage
    return {
        "number": one.number, "again": one.again, "document": passage.document.id,
        "start": passage.start, "end": passage.end,
        "text": passage.document.text[passage.start : passage.end],
        "segments": [hit.id for hit in passage.hits],
    }  # fmt: skip
