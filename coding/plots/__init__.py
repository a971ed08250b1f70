"""Pictures of a matrix and its findings: heat matrix, composition, years, estimates; and of agreement.

Each function returns a matplotlib `Figure`, the same for notebook, report and file; as the last line
of a notebook's cell it shows itself. `svg` and `png` turn one into bytes that are equal from run to
run. matplotlib is loaded when the first is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.forest import agreement
from coding.plots.heat import heatmap
from coding.plots.intervals import estimates
from coding.plots.parts import composition
from coding.plots.sheet import png, svg
from coding.plots.years import by_year

if TYPE_CHECKING:
    from pathlib import Path

    from coding.findings import Contrast, Verdict
    from coding.study import Run

__all__ = ["agreement", "by_year", "composition", "draw_all", "estimates", "heatmap", "png", "svg"]


def draw_all(run: Run, folder: Path) -> dict[str, bytes]:
    """Write every figure of a run into a folder as PNG and SVG; return the SVG bytes by name.

    The names are `heatmap`, `composition`, `by-year` and `estimates`.
    """
    matrix, unit = run.matrix, run.matrix.measurement.unit
    codes = [code.id for code in run.codebook.children(None) if code.id in matrix.codes]
    texts = f"in {run.texts}"
    years = {d.id: year for d in run.corpus if isinstance(year := d.variables.get("year"), int)}
    figures = {
        "heatmap": heatmap(matrix, codes=codes, texts=texts),
        "composition": composition(run.compositions, matrix.names, unit=unit, texts=texts),
        "by-year": by_year(matrix, years, codes=codes, texts=texts),
        "estimates": estimates(_contrasts(run), texts=texts),
    }
    drawn = {name: svg(figure) for name, figure in figures.items()}
    for name, figure in figures.items():
        (folder / f"{name}.svg").write_bytes(drawn[name])
        (folder / f"{name}.png").write_bytes(png(figure))
    return drawn


def _contrasts(run: Run) -> list[tuple[str, Contrast, Verdict | None]]:
    """Return every contrast of a run once, under the title of the first finding that has it."""
    found: list[tuple[str, Contrast, Verdict | None]] = []
    for finding in run.findings:
        for contrast in finding.contrasts:
            title = finding.claim.title if finding.verdict else contrast.what
            if all(contrast != known for _, known, _ in found):
                found.append((title, contrast, finding.verdict))
    return found
