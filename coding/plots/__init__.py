"""Pictures of a matrix and its findings, of agreement, of what stands together, of texts and of time.

Each function returns a matplotlib `Figure`, the same for notebook, report and file; as the last line
of a notebook's cell it shows itself. `svg` and `png` turn one into bytes that are equal from run to
run. matplotlib is loaded when the first is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.beside import side_by_side
from coding.plots.contrasts import difference_pages, differences
from coding.plots.curve import specification_curve
from coding.plots.dates import timeline
from coding.plots.forest import agreement
from coding.plots.heat import heatmap
from coding.plots.intervals import estimates
from coding.plots.pairs import cooccurrence
from coding.plots.parts import composition
from coding.plots.ranks import ranking
from coding.plots.sheet import png, svg
from coding.plots.strip import portrait
from coding.plots.ways import pathways
from coding.plots.years import by_year

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from coding.findings import Contrast, Verdict
    from coding.study import Finding, Run

__all__ = [
    "agreement",
    "by_year",
    "composition",
    "contrasts_of",
    "cooccurrence",
    "difference_pages",
    "differences",
    "draw_all",
    "estimates",
    "heatmap",
    "pathways",
    "png",
    "portrait",
    "ranking",
    "side_by_side",
    "specification_curve",
    "svg",
    "timeline",
    "write_figures",
]


def draw_all(run: Run, folder: Path) -> dict[str, bytes]:
    """Write every figure of a run into a folder as PNG and SVG; return the SVG bytes by name.

    The names are `heatmap`, `composition`, `side-by-side` (of three cases or more), `by-year`, `estimates`
    (if a finding compares), `timeline`, and `pathways` (if the study states the steps of one).
    """
    from coding.steps import categories_of, pathways_of

    matrix, unit = run.matrix, run.matrix.measurement.unit
    codes = [code.id for code in run.codebook.children(None) if code.id in matrix.codes]
    texts = f"in {run.texts}"
    years = {d.id: year for d in run.corpus if isinstance(year := d.variables.get("year"), int)}
    figures = {
        "heatmap": heatmap(matrix, codes=codes, texts=texts),
        "composition": composition(run.compositions, matrix.names, unit=unit, texts=texts),
        "by-year": by_year(matrix, years, codes=codes, texts=texts),
    }
    if compared := contrasts_of(run.findings):
        figures["estimates"] = estimates(compared, texts=texts)
    figures["timeline"] = timeline(matrix, run.corpus, codes=categories_of(run), texts=texts)
    if run.study.pathway:
        figures["pathways"] = pathways(pathways_of(run), texts=texts)
    if len(matrix.cases) > 2:
        figures["side-by-side"] = side_by_side(matrix, run.compositions, texts=texts)
    return write_figures(figures, folder)


def write_figures(figures: Mapping[str, Figure], folder: Path) -> dict[str, bytes]:
    """Write figures into a folder as PNG and SVG, by name; return the SVG bytes."""
    drawn = {name: svg(figure) for name, figure in figures.items()}
    for name, figure in figures.items():
        (folder / f"{name}.svg").write_bytes(drawn[name])
        (folder / f"{name}.png").write_bytes(png(figure))
    return drawn


def contrasts_of(findings: Sequence[Finding]) -> list[tuple[str, Contrast, Verdict | None]]:
    """Return every contrast of some findings once, under the title of the first that has it."""
    found: list[tuple[str, Contrast, Verdict | None]] = []
    for finding in findings:
        for contrast in finding.contrasts:
            title = finding.claim.title if finding.verdict else contrast.what
            if all(contrast != known for _, known, _ in found):
                found.append((title, contrast, finding.verdict))
    return found
