"""What a study carried out on counts leaves on disk: matrix, findings, figures; no report of all passages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from coding.formats import csv
from coding.results import finding_json, write_whole
from coding.study import fidelity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.figure import Figure

    from coding.large.carried import CountedRun
    from coding.large.counted import CountedCell
    from coding.results import Table


def write_counted(
    run: CountedRun, out: Path, *, figures: bool, progress: Callable[[str], None]
) -> list[Path]:
    """Write all results of a run on counts into the folder `out` and return the files, in order.

    Parameters
    ----------
    figures : whether to draw the figures: heatmap, composition, estimates if a finding compares, of three
        cases or more side by side; those in time need the documents themselves
    progress : called with a few words before each step

    Raises
    ------
    CodingError
        If the folder cannot be written; then nothing in it has changed.
    """

    def write(staging: Path) -> None:
        progress("writing tables")
        csv.write_table(staging / "matrix.csv", counted_table(run))
        text = json.dumps(counted_json(run), ensure_ascii=False, indent=2)
        (staging / "findings.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        if figures:
            from coding import plots

            progress("drawing figures")
            (staging / "figures").mkdir()
            plots.write_figures(counted_figures(run), staging / "figures")

    return write_whole(out, write)


def counted_table(run: CountedRun) -> Table:
    """Return one row for each code and case: value, base, and which zero a zero is."""
    head = ["code", "name", "parent", "case", "value", "units", "base_units", "documents", "state"]
    rows: Table = [
        [
            cell.code, run.codebook[cell.code].name, run.codebook[cell.code].parent,
            run.matrix.names[cell.case], cell.value, cell.n, cell.base, cell.n_documents, cell.state,
        ]
        for cell in run.matrix
    ]  # fmt: skip
    return [[*head], *rows]


def counted_json(run: CountedRun) -> dict[str, object]:
    """Return the findings as plain values, by the names of `coding.results.findings_json`."""
    return {
        "study": run.study.id,
        "title": run.study.title,
        "fidelity": list(fidelity(run.kinds)),
        "documents": dict(run.n_documents),
        "measurement": run.study.measurement.model_dump(),
        "coders": run.study.coders,
        "review": {},
        "not counted": {},
        "left out": dict(run.left_out),
        "unplaced": run.matrix.n_unplaced,
        "findings": [finding_json(finding) for finding in run.findings],
        "provenance": dict(run.provenance),
    }


def texts_counted(run: CountedRun) -> str:
    """Return how many documents were counted, what they are, and which are not in it."""
    return f"{sum(run.n_documents.values()):,} {run.texts}"


def counted_figures(run: CountedRun) -> dict[str, Figure]:
    """Return the figures that need no texts, by name; each says in which texts, and which are not in it."""
    from coding import plots

    matrix, texts = run.matrix, f"in {texts_counted(run)}"
    codes = [code.id for code in run.codebook.children(None) if code.id in matrix.codes]
    figures = {
        "heatmap": plots.heatmap(matrix, codes=codes, texts=texts),
        "composition": plots.composition(
            run.compositions, matrix.names, unit=matrix.measurement.unit, texts=texts
        ),
    }
    if compared := plots.contrasts_of(run.findings):
        figures["estimates"] = plots.estimates(compared, texts=texts)
    if len(matrix.cases) > 2:
        figures["side-by-side"] = plots.side_by_side(matrix, run.compositions, texts=texts)
    return figures


def cell_json(cell: CountedCell) -> dict[str, object]:
    """Return a cell as plain values."""
    return {
        "code": cell.code, "case": cell.case, "value": cell.value, "units": cell.n, "base": cell.base,
        "documents": cell.n_documents, "state": cell.state,
    }  # fmt: skip
