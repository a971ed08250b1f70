"""What a study run leaves on disk: tables, findings, the report, figures.

Everything is written beside the target first and moved into place at the end, so a failure or
Ctrl-C leaves the earlier results whole. Files of the reader's own in the folder are not touched.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from errno import EISDIR
from pathlib import Path
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.files import replacing
from coding.formats import csv, xlsx
from coding.kept_universes import kept_figures
from coding.locators import locator
from coding.report import FIGURES
from coding.study import fidelity
from coding.units import UNREAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coding.codebook import Codebook
    from coding.findings import Contrast, Side
    from coding.formats.csv import Cell as TableCell
    from coding.large.carried import CountedRun
    from coding.model import Coded, Corpus
    from coding.passages import Tabulated
    from coding.robustness import Multiverse
    from coding.study import Finding, Run

Table = list[list["TableCell"]]

_VARIABLES = (
    "donor",
    "title",
    "publisher",
    "author",
    "year",
    "date",
    "source_kind",
    "family",
    "fidelity",
    "url",
    "citation",
)


def write_results(
    run: Run,
    out: Path,
    *,
    figures: bool,
    progress: Callable[[str], None],
    docx: bool = False,
    universes: Multiverse | None = None,
) -> list[Path]:
    """Write all results of a run into the folder `out` and return the files, in order.

    Parameters
    ----------
    figures : whether to draw the figures, the slowest part
    progress : called with a few words before each step
    docx : whether to write the report as a Word document too
    universes : of the same study, for the report; with figures also their curves that the folder holds

    Raises
    ------
    CodingError
        If the folder cannot be written; then nothing in it has changed.
    """

    def write(staging: Path) -> None:
        curves = kept_figures(universes, out) if universes and figures else {}
        _write_all(run, staging, figures=figures, progress=progress, universes=universes, curves=curves)
        if docx:
            progress("writing the report for Word")
            _write_paper(run, staging)

    return write_whole(out, write)


def write_whole(out: Path, write: Callable[[Path], None]) -> list[Path]:
    """Put what `write` leaves in a folder into the folder `out`, all of it or nothing; return the files.

    Raises
    ------
    CodingError
        If the folder cannot be written; then nothing in it has changed.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise CodingError(
            f"{out}: cannot be written: {error.strerror}. Choose another folder with --out."
        ) from error
    try:
        write(staging)
        return _move(staging, out)
    except OSError as error:
        raise CodingError(
            f"{out}: cannot be written: {error.strerror}. Choose another folder with --out."
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def write_coded(path: Path, coded: Coded, corpus: Corpus, codebook: Codebook) -> None:
    """Write coded segments as a table, by the ending of `path` as CSV or as an Excel workbook.

    Raises
    ------
    CodingError
        If the ending is another, or the file cannot be written; then an earlier file is still there.
    """
    write_table(path, evidence_table(coded, corpus, codebook), sheet="coded")


def write_table(path: Path, table: Table, *, sheet: str) -> None:
    """Write a table, by the ending of `path` as CSV or as the only sheet of an Excel workbook.

    Raises
    ------
    CodingError
        If the ending is another, or the file cannot be written; then an earlier file is still there.
    """
    writers: dict[str, Callable[[Path, Table], None]] = {
        ".csv": csv.write_table,
        ".xlsx": lambda target, rows: xlsx.write_sheets(target, {sheet: rows}),
    }
    if path.suffix not in writers:
        raise CodingError(f"{path}: end the name in {' or '.join(writers)}.")
    with replacing([path]) as (beside,):
        writers[path.suffix](beside, table)


def _write_all(
    run: Run,
    folder: Path,
    *,
    figures: bool,
    progress: Callable[[str], None],
    universes: Multiverse | None,
    curves: Mapping[str, bytes],
) -> None:
    from coding.report import render

    progress("writing tables")
    csv.write_table(folder / "matrix.csv", matrix_table(run))
    csv.write_table(folder / "units.csv", units_table(run))
    xlsx.write_sheets(
        folder / "matrix.xlsx",
        {
            "matrix": wide_table(run),
            "bases": matrix_table(run),
            "findings": findings_table(run),
            "evidence": evidence_table(run.coded, run.corpus, run.codebook),
            "about": about_table(run),
        },
    )
    text = json.dumps(findings_json(run), ensure_ascii=False, indent=2)
    (folder / "findings.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    drawn: dict[str, bytes] = {}
    if figures:
        from coding import plots

        progress("drawing figures")
        (folder / "figures").mkdir()
        drawn = plots.draw_all(run, folder / "figures")
    progress("writing the report")
    page = render(run, drawn, universes=universes, curves=curves)
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")


def _write_paper(run: Run, folder: Path) -> None:
    from coding.paper.word import word
    from coding.report_paper import report_paper

    page = (folder / "report.html").read_text(encoding="utf-8")
    pictures = {path.stem: path.read_bytes() for path in (folder / "figures").glob("*.png")}
    (folder / "report.docx").write_bytes(word(report_paper(run, page, pictures)))


def _move(staging: Path, out: Path) -> list[Path]:
    """Put new results in the place of old ones: all, or none. What only an earlier run wrote goes."""
    places = [path.relative_to(staging) for path in sorted(staging.rglob("*")) if path.is_file()]
    figures = (Path("figures", f"{name}.{kind}") for name in FIGURES for kind in ("png", "svg"))
    earlier = (*figures, Path("report.docx"))
    for place in places:
        if (out / place).is_dir():
            raise IsADirectoryError(EISDIR, "a folder is in the way", str(out / place))
    aside = Path(tempfile.mkdtemp(dir=staging))
    done: list[Path] = []
    try:
        for place in dict.fromkeys([*places, *earlier]):
            target, old, new = out / place, aside / place, staging / place
            if not new.exists() and not target.exists():
                continue
            for folder in (target.parent, old.parent):
                folder.mkdir(parents=True, exist_ok=True)
            done.append(place)
            if target.exists():
                target.replace(old)
            if new.exists():
                new.replace(target)
    except BaseException:
        for place in reversed(done):
            (out / place).unlink(missing_ok=True)
            if (aside / place).exists():
                (aside / place).replace(out / place)
        raise
    return [out / place for place in places]


def matrix_table(run: Tabulated) -> Table:
    """Return one row for each code and case: value, base, and which zero a zero is."""
    head: list[TableCell] = [
        "code", "name", "parent", "case", "value", "units", "base_units", "documents", "segments", "state",
    ]  # fmt: skip
    rows: Table = [
        [
            cell.code,
            run.codebook[cell.code].name,
            run.codebook[cell.code].parent,
            run.matrix.names[cell.case],
            cell.value,
            cell.n,
            cell.base,
            cell.n_documents,
            len(cell.coded.segments),
            cell.state,
        ]
        for cell in run.matrix
    ]
    return [head, *rows]


def wide_table(run: Tabulated) -> Table:
    """Return codes as rows and cases as columns; empty where nothing was examined."""
    matrix = run.matrix
    head: list[TableCell] = ["code", "name", *(matrix.names[case] for case in matrix.cases)]
    rows: Table = [
        [code, matrix.names[code], *(matrix.cells[code, case].value for case in matrix.cases)]
        for code in matrix.codes
    ]
    return [head, *rows]


def units_table(run: Run) -> Table:
    """Return one row for each unit and a column for each code: 1, 0, or empty where not read."""
    matrix, projection = run.matrix, run.matrix.projection
    cases: dict[int, list[str]] = {}
    for case, rows in matrix.rows.items():
        for row in rows:
            cases.setdefault(int(row), []).append(case)
    head: list[TableCell] = [
        "document",
        "start",
        "end",
        "cases",
        "cluster",
        "year",
        "text",
        *projection.codes,
    ]
    table: Table = [head]
    for row, unit in enumerate(projection.units):
        document = run.corpus[unit.document]
        values = [None if v == UNREAD else int(v) for v in projection.values[row]]
        year = document.variables["year"]
        table.append(
            [
                unit.document, unit.start, unit.end, " ".join(cases.get(row, [])), matrix.clusters[row],
                year if isinstance(year, int) else None, document.quote(unit), *values,
            ]
        )  # fmt: skip
    return table


def evidence_table(coded: Coded, corpus: Corpus, codebook: Codebook) -> Table:
    """Return one row for each coded segment: quote, document, offsets, rule."""
    head: list[TableCell] = [
        "code",
        "name",
        "quote",
        "document",
        "start",
        "end",
        "locator",
        "rule",
        "coder",
        *_VARIABLES,
        "id",
    ]
    table: Table = [head]
    for segment in coded.segments:
        document = corpus[segment.segment.document]
        variables = [document.variables.get(name) for name in _VARIABLES]
        table.append(
            [
                segment.code, codebook[segment.code].name, document.quote(segment.segment), document.id,
                segment.segment.start, segment.segment.end, locator(document, segment.segment),
                segment.because, segment.coder,
                *("; ".join(v) if isinstance(v, tuple) else v for v in variables), segment.id,
            ]
        )  # fmt: skip
    return table


def findings_table(run: Run | CountedRun) -> Table:
    """Return one row for each finding and contrast."""
    head: list[TableCell] = [
        "finding", "claim", "source", "verdict", "reason", "share", "first", "second",
        "first_share", "second_share", "difference", "low", "high", "placebo",
        "first_clusters", "second_clusters",
    ]  # fmt: skip
    table: Table = [head]
    for finding in run.findings:
        begin: list[TableCell] = [
            finding.claim.id, finding.claim.claim, finding.claim.source.citation,
            finding.said, finding.reason,
        ]  # fmt: skip
        table += [begin + _contrast_row(contrast) for contrast in finding.contrasts]
        if not finding.contrasts:
            table.append(begin + [None] * (len(head) - len(begin)))
    return table


def _contrast_row(contrast: Contrast) -> list[TableCell]:
    one, two = contrast.first, contrast.second
    return [
        contrast.what, one.name, two.name, one.share, two.share, contrast.difference,
        contrast.low, contrast.high, contrast.placebo, one.n_clusters, two.n_clusters,
    ]  # fmt: skip


def about_table(run: Run) -> Table:
    """Return what identifies the run and the decisions behind it."""
    decisions = run.study.measurement.model_dump()
    rows = {"study": run.study.id, "title": run.study.title, **decisions, **run.provenance}
    rows |= {f"review: {what}": value for what, value in _review(run).items()}
    where = {"unread": "not read by their coder", "stale": "in earlier texts"}
    rows |= {f"not counted: coded segments {where[why]}": n for why, n in _not_counted(run).items()}
    rows |= {f"left out: {reason}": n for reason, n in run.left_out.items()}
    return [["what", "value"], *([key, _plain(value)] for key, value in rows.items())]


def _plain(value: object) -> TableCell:
    return value if isinstance(value, str | int | float | bool) else str(value)


def findings_json(run: Run) -> dict[str, object]:
    """Return the findings as plain values (docs/reference/results.md)."""
    return {
        "study": run.study.id,
        "title": run.study.title,
        "fidelity": list(fidelity(run.corpus)),
        "documents": {case: len(found) for case, found in run.corpus.cases(run.study.measurement.by).items()},
        "measurement": run.study.measurement.model_dump(),
        "coders": run.study.coders,
        "review": _review(run),
        "not counted": _not_counted(run),
        "findings": [finding_json(finding) for finding in run.findings],
        "provenance": dict(run.provenance),
    }


def _review(run: Run) -> dict[str, int | str]:
    """Return how review was applied, and what it made of the coding; nothing if it was not."""
    if run.reviewed is None or run.study.unreviewed is None:
        return {}
    found = run.reviewed
    return {
        "unreviewed": run.study.unreviewed, "accepted": found.n_accepted, "rejected": found.n_rejected,
        "recoded": found.n_recoded, "undecided": found.n_unreviewed,
    }  # fmt: skip


def _not_counted(run: Run) -> dict[str, int]:
    """Return how many coded segments of people count nowhere, and why; nothing if people do not count."""
    return {"unread": run.n_unread, "stale": run.n_stale} if run.study.asks_the_store else {}


def finding_json(finding: Finding) -> dict[str, object]:
    """Return a finding as plain values (docs/reference/results.md)."""
    return {
        "id": finding.claim.id,
        "title": finding.claim.title,
        "claim": finding.claim.claim,
        "kind": finding.claim.kind,
        "source": finding.claim.source.model_dump(),
        "verdict": finding.verdict,
        "said": finding.said,
        "reason": finding.reason,
        "contrasts": [_contrast(contrast) for contrast in finding.contrasts],
        "compositions": {
            code: {case: dict(found.counts) for case, found in cases.items()}
            for code, cases in finding.compositions.items()
        },
    }


def _contrast(contrast: Contrast) -> dict[str, object]:
    return {
        "what": contrast.what,
        "first": _side(contrast.first),
        "second": _side(contrast.second),
        "difference": contrast.difference,
        "interval": None if contrast.low is None else [contrast.low, contrast.high],
        "df": contrast.df,
        "placebo": contrast.placebo,
        "reason": contrast.reason,
        **({"no placebo": contrast.no_placebo} if contrast.no_placebo else {}),
    }


def _side(side: Side) -> Mapping[str, object]:
    return {
        "name": side.name,
        "units": side.n,
        "base": side.base,
        "clusters": side.n_clusters,
        "share": side.share,
    }
