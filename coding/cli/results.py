"""Commands that compare: `coding reproduce`, `coding matrix`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coding.cli.app import AsJson, ProjectFolder, app
from coding.cli.show import is_piped, note, print_entry, print_json, print_table, progress

if TYPE_CHECKING:
    from coding.matrix import Cell, Matrix
    from coding.study import Finding

SIGNS = {"supported": "✓", "contradicted": "✗", "undetermined": "?", None: " "}
LEGEND = "Zeros: 0 read, none; – searched, none found; · not examined."
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
    as_json: AsJson = False,
) -> None:
    """Run a study: matrix, figures, evidence, and a verdict on each finding."""
    from coding.project import Project
    from coding.results import findings_json, write_results
    from coding.study import run

    with progress("reading and coding the texts") as say:
        found = run(Project.open(project), study)
        files = write_results(found, out / found.study.id, figures=figures, progress=say)
    if as_json:
        print_json({**findings_json(found), "files": [path.as_posix() for path in files]})
        return
    fidelity = " and ".join(f"{kind}s" for kind in found.study.corpus.fidelity)
    note(f"{found.study.title}: {len(found.corpus)} {fidelity}, {len(found.coded.segments)} coded segments")
    note(f"Each number: {found.matrix.measurement}. {LEGEND}")
    tops = [code.id for code in found.codebook.children(None)]
    _print_matrix(found.matrix, tops)
    _print_findings(found.findings)
    note(
        f"Written to {out / found.study.id}{'' if figures else ' (without figures)'}: open report.html there."
    )


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
    as_json: AsJson = False,
) -> None:
    """Print the matrix of codes and donors. Decisions are the study's unless given here."""
    from coding.project import Project
    from coding.study import run

    changed = {"measure": measure, "unit": unit, "weight": weight}
    found = run(Project.open(project), study, changed={k: v for k, v in changed.items() if v is not None})
    if cell is not None:
        _print_cell(found.matrix.cell(*cell), found.corpus, as_json=as_json)
        return
    codes = [c for c in found.matrix.codes if code is None or code in (c, *found.codebook.ancestors(c))]
    if code is not None and not codes:
        found.matrix.cell(found.matrix.cases[0], code)
    if as_json:
        print_json([_cell_json(c) for c in found.matrix if c.code in codes])
        return
    note(f"Each number: {found.matrix.measurement}. {LEGEND}")
    _print_matrix(found.matrix, codes)


def _print_matrix(table: Matrix, codes: list[str]) -> None:
    head = ["code", *(table.names[case] for case in table.cases)]
    share = table.measurement.measure in ("share", "profile")
    rows = [
        [table.names[code] if "." not in code else f"  {table.names[code]}"]
        + [_shown(table.cells[code, case], share=share) for case in table.cases]
        for code in codes
    ]
    print_table(head, rows, numbers=range(1, len(head)))


def _shown(cell: Cell, *, share: bool) -> str:
    if cell.state != "present":
        return ZEROS[cell.state]
    if cell.value is None:
        return "·"
    number = f"{cell.value:.3f}" if share else f"{cell.value:.4g}"
    return f"{number} ({cell.n}/{cell.base})"


def _print_findings(findings: tuple[Finding, ...]) -> None:
    head = ["", "verdict", "finding", "difference", "interval", "why"]
    rows = [
        [SIGNS[finding.verdict], finding.said, finding.claim.title, *_estimate(finding), finding.reason]
        for finding in findings
    ]
    if is_piped():
        print_table(head, rows)
        return
    for sign, said, title, difference, interval, reason in rows:
        estimate = f"{difference} ({interval})" if interval else difference
        print_entry(f"{sign or ' '} {title}", said, f"{estimate}: {reason}" if estimate else reason)


def _estimate(finding: Finding) -> tuple[str, str]:
    """Return the difference of a tested claim and its interval as they are printed."""
    found = finding.contrasts[0] if finding.verdict else None
    if found is None or found.difference is None:
        return "", ""
    if found.low is None or found.high is None:
        return f"{found.difference:+.2f}", ""
    return f"{found.difference:+.2f}", f"{found.low:+.2f} to {found.high:+.2f}"


def _print_cell(cell: Cell, corpus: object, *, as_json: bool) -> None:
    from coding.model import Corpus

    assert isinstance(corpus, Corpus)
    quotes = cell.quotes(corpus)
    if as_json:
        print_json({**_cell_json(cell), "quotes": quotes})
        return
    rows = [
        [s.segment.document, str(s.segment.start), str(s.segment.end), s.code, s.because, quote]
        for s, quote in zip(cell.coded.segments, quotes, strict=True)
    ]
    print_table(["document", "start", "end", "code", "rule", "quote"], rows, numbers=(1, 2))


def _cell_json(cell: Cell) -> dict[str, object]:
    return {
        "code": cell.code, "case": cell.case, "value": cell.value, "units": cell.n, "base": cell.base,
        "documents": cell.n_documents, "segments": len(cell.coded.segments), "state": cell.state,
    }  # fmt: skip
