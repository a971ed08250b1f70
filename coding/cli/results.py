"""Commands that compare: `coding reproduce`, `coding matrix`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app, open_project
from coding.cli.fetch import note_missing, wanted_texts
from coding.cli.show import (
    is_piped,
    note,
    print_below,
    print_entry,
    print_json,
    print_passage,
    print_table,
    progress,
)
from coding.cli.tagged import Partial, TaggedFolder, refuse_alone
from coding.cli.write_up import Format, Out, publish, wanted_format
from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.findings import Contrast
    from coding.formats.measured import Measured
    from coding.large.carried import CountedRun
    from coding.matrices import AnyCell, AnyMatrix
    from coding.matrix import Cell
    from coding.model import Corpus, Segment
    from coding.study import Finding, Run, Study

SIGNS = {"supported": "✓", "contradicted": "✗", "undetermined": "?", None: " "}
LEGEND = "Zeros: 0 read, none; – searched, none found; · not examined."
_SHARES = (
    "Beside each share: units that bear the code / units of the base; where each document counts alike, a "
    "share is not their ratio."
)
ZEROS = {"absent": "0", "searched": "–", "not examined": "·"}


@app.command()
def reproduce(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the results; a folder of the study's name is made in it.")
    ] = Path("out"),
    figures: Annotated[bool, typer.Option("--figures/--no-figures", help="Draw the figures.")] = True,
    docx: Annotated[bool, typer.Option("--docx", help="Write the report as a Word document too.")] = False,
    texts: Annotated[
        str, typer.Option(help="corpus, or originals: those fetched by `coding fetch` instead of digests.")
    ] = "corpus",
    tagged: TaggedFolder = None,
    partial: Partial = False,
    as_json: AsJson = False,
) -> None:
    """Run a study: matrix, figures, evidence, and a verdict on each finding."""
    from coding.kept_universes import kept_universes, left_over
    from coding.results import findings_json, write_results
    from coding.study import run

    if tagged is not None:
        from coding.cli.tagged import reproduce_counted

        if docx or texts != "corpus":
            raise CodingError("--tagged counts units of a large corpus: without --docx and --texts.")
        reproduce_counted(project, study, tagged, partial=partial, out=out, figures=figures, as_json=as_json)
        return
    refuse_alone(partial=partial)
    opened = open_project(project, as_json=as_json)
    with progress("reading and coding the texts") as say:
        found = run(opened, study, texts=wanted_texts(texts))
        folder = out / (found.study.id if texts == "corpus" else f"{found.study.id}-{texts}")
        universes = kept_universes(opened, study, folder) if texts == "corpus" else None
        files = write_results(found, folder, figures=figures, progress=say, docx=docx, universes=universes)
    if as_json:
        without = {"missing": list(found.missing)} if texts == "originals" else {}
        print_json({**findings_json(found), **without, "files": [path.as_posix() for path in files]})
        return
    note(
        f"{found.study.title}: {len(found.corpus)} {found.texts}, {len(found.coded.segments)} coded segments"
    )
    note(f"Each number: {found.matrix.measurement}. {LEGEND}")
    note_unread(found)
    tops = [code.id for code in found.codebook.children(None)]
    print_matrix(found.matrix, tops)
    print_findings(found.findings)
    if "rules" in found.study.coders:
        note(quality_in_words(found.measured))
    if texts == "originals":
        note_missing(opened, found)
    note(f"Written to {folder}{'' if figures else ' (without figures)'}: open report.html there.")
    if universes is None and left_over(folder):
        note(_left_out(found.study))


def _left_out(study: Study) -> str:
    """Say that kept universes are not in the report, and what to do."""
    said = (
        "Robustness is left out of the report: robustness.json and its curves in figures/ do not fit the "
        "study as it is now."
    )
    if study.robustness is None:
        return f"{said} It has no `robustness` any more, so they can go."
    return f"{said} `coding robustness {study.id}` computes them anew."


def quality_in_words(measured: Measured | None) -> str:
    """Say how well the rules behind the verdicts find what readers find."""
    if measured is None or measured.macro_f1 is None:
        return "How well the rules find what readers find was not measured for this version of the codebook."
    by_category = ", ".join(
        f"{name} {one.f1:.2f}" for name, one in measured.categories.items() if one.f1 is not None
    )
    readers = (
        f" (readers with one another {measured.macro_f1_readers:.2f})" if measured.macro_f1_readers else ""
    )
    return f"Rules against readers, on {measured.texts}: F1 {measured.macro_f1:.2f}{readers}: {by_category}."


@app.command()
def matrix(
    study: Annotated[str | None, typer.Argument(help="Id of the study; else the project's own.")] = None,
    *,
    project: ProjectFolder = None,
    code: Annotated[str | None, typer.Option(help="Only this code and those below it.")] = None,
    measure: Annotated[
        str | None, typer.Option(help="segments, units, share, profile, documents or rate.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="sentence, paragraph or document.")] = None,
    weight: Annotated[str | None, typer.Option(help="document or unit: which of them count alike.")] = None,
    cell: Annotated[
        tuple[str, str] | None, typer.Option(help="CASE CODE: print the passages of one cell.")
    ] = None,
    tagged: TaggedFolder = None,
    partial: Partial = False,
    most: Annotated[int, typer.Option(min=1, help="With --tagged and --cell: so many passages.")] = 20,
    format: Format = None,  # noqa: A002  the word of the command line
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print or write the matrix of codes and donors. Decisions are the study's unless given here."""
    from coding.study import run

    wanted = wanted_format(format, out)
    if cell is not None and wanted is not None:
        raise CodingError("--cell prints passages and goes with no --format and no --out.")
    asked = {"measure": measure, "unit": unit, "weight": weight}
    changed = {name: value for name, value in asked.items() if value is not None}
    if tagged is not None:
        from coding.cli.tagged import print_counted

        print_counted(
            project, study, tagged, partial=partial, changed=changed, code=code, cell=cell, most=most,
            format=wanted, out=out, as_json=as_json,
        )  # fmt: skip
        return
    refuse_alone(partial=partial)
    opened = open_project(project, as_json=as_json)
    found = run(opened, study, changed=changed)
    if cell is not None:
        _print_cell(found.matrix.cell(*cell), found, as_json=as_json)
        return
    codes = codes_below(code, found)
    if as_json:
        print_json([_cell_json(c) for c in found.matrix if c.code in codes])
        return
    if wanted is not None:
        _publish_matrix(found, codes, format=wanted, out=out)
        return
    note(f"Each number: {found.matrix.measurement}. {LEGEND}")
    note_unread(found)
    print_matrix(found.matrix, codes)


def codes_below(code: str | None, found: Run | CountedRun) -> list[str]:
    """Return a code of a matrix and those below it; all if none is named.

    Raises
    ------
    CodingError
        Naming the nearest code if it is unknown.
    """
    codes = [c for c in found.matrix.codes if code is None or code in (c, *found.codebook.ancestors(c))]
    if code is not None and not codes:
        found.matrix.cell(found.matrix.cases[0], code)
    return codes


def note_unread(found: Run) -> None:
    """Say how many coded segments count nowhere, since their coder has filed no reading there."""
    if found.n_unread:
        from coding.checks import unread

        note(unread(found.study.id, found.n_unread))


def _publish_matrix(found: Run, codes: list[str], *, format: str, out: Path | None) -> None:  # noqa: A002  the same
    from coding.results import matrix_table
    from coding.write_up import matrix_paper

    head, *rows = matrix_table(found)
    kept = [head, *(row for row in rows if row[0] in codes)]
    publish(matrix_paper(found, codes=codes), kept, sheet="matrix", format=format, out=out)


def print_matrix(table: AnyMatrix, codes: list[str]) -> None:
    """Print the cells of some codes, each with its base."""
    head = ["code", *(table.names[case] for case in table.cases)]
    share = table.measurement.measure in ("share", "profile")
    rows = [
        [table.names[code] if "." not in code else f"  {table.names[code]}"]
        + [_shown(table.cells[code, case], share=share) for case in table.cases]
        for code in codes
    ]
    print_table(head, rows, numbers=range(1, len(head)))


def _shown(cell: AnyCell, *, share: bool) -> str:
    if cell.state != "present":
        return ZEROS[cell.state]
    if cell.value is None:
        return "·"
    number = f"{cell.value:.3f}" if share else f"{cell.value:.4g}"
    return f"{number} ({cell.n}/{cell.base})"


def print_findings(findings: tuple[Finding, ...]) -> None:
    """Print what came of each claim: a table in a pipe, a list for a reader; nothing if there is none."""
    if not findings:
        return
    head = ["", "verdict", "finding", "difference", "interval", "why"]
    rows = [
        [SIGNS[finding.verdict], finding.said, finding.claim.title, *_estimate(finding), finding.reason]
        for finding in findings
    ]
    if is_piped():
        print_table(head, rows)
        return
    for finding, (sign, said, title, difference, interval, reason) in zip(findings, rows, strict=True):
        estimate = f"{difference} ({interval})" if interval else difference
        print_entry(f"{sign or ' '} {title}", said, f"{estimate}: {reason}" if estimate else reason)
        if finding.verdict:
            print_below(_compared(finding.contrasts[0]), "")
    if any(finding.verdict for finding in findings):
        note(_SHARES)


def _compared(found: Contrast) -> str:
    """Say which share was compared, and both with their bases."""
    sides = (
        f"{side.name} {side.share:.2f} ({side.n}/{side.base})"
        if side.share is not None
        else f"{side.name} without a base"
        for side in (found.first, found.second)
    )
    return f"{found.what}: {', '.join(sides)}"


def _estimate(finding: Finding) -> tuple[str, str]:
    """Return the difference of a tested claim and its interval as they are printed."""
    found = finding.contrasts[0] if finding.verdict else None
    if found is None or found.difference is None:
        return "", ""
    if found.low is None or found.high is None:
        return f"{found.difference:+.2f}", ""
    return f"{found.difference:+.2f}", f"{found.low:+.2f} to {found.high:+.2f}"


def _print_cell(cell: Cell, run: Run, *, as_json: bool) -> None:
    unit = run.matrix.measurement.unit
    # A whole document is no passage: there its sentences are shown.
    passages = cell.passages(run.corpus, unit="sentence" if unit == "document" else unit)
    if as_json:
        words = [run.corpus[p.document].quote(p) for p in passages]
        print_json({**_cell_json(cell), "quotes": cell.quotes(run.corpus), "passages": words})
    elif is_piped():
        _print_hits(cell, run.corpus, passages)
    else:
        for coded, passage in zip(cell.coded.segments, passages, strict=True):
            text, hit = run.corpus[passage.document].text, coded.segment
            print_passage(
                f"{hit.document} {hit.start}:{hit.end}",
                f"{coded.code}, rule {coded.because}",
                text[passage.start : hit.start],
                text[hit.start : hit.end],
                text[hit.end : passage.end],
            )
    if not as_json and cell.state != "present":
        n_read = int(run.matrix.is_read(cell.code)[run.matrix.rows[cell.case]].sum())
        note(zero_in_words(cell, n_read, run.matrix))


def _print_hits(cell: Cell, corpus: Corpus, passages: Sequence[Segment]) -> None:
    rows = [
        [s.segment.document, str(s.segment.start), str(s.segment.end), s.code, s.because]
        + [corpus[s.segment.document].quote(part) for part in (s.segment, passage)]
        for s, passage in zip(cell.coded.segments, passages, strict=True)
    ]
    print_table(["document", "start", "end", "code", "rule", "quote", "passage"], rows, numbers=(1, 2))


def zero_in_words(cell: AnyCell, n_read: int, table: AnyMatrix) -> str:
    """Say what an empty cell means, of which so many units were read for its code."""
    case, code = (table.names[name] for name in (cell.case, cell.code))
    read = f"{n_read} {table.measurement.unit}{'s' * (n_read != 1)}"
    said = {
        "absent": f"a person read {read} for {code} and found none",
        "searched": f"rules searched {read} for {code} and found none; other words may say it",
        "not examined": f"nobody looked for {code}, so it may be there or not",
    }[cell.state]
    return f"{case}, {ZEROS[cell.state]}: {said}."


def _cell_json(cell: Cell) -> dict[str, object]:
    return {
        "code": cell.code, "case": cell.case, "value": cell.value, "units": cell.n, "base": cell.base,
        "documents": cell.n_documents, "segments": len(cell.coded.segments), "state": cell.state,
    }  # fmt: skip
