"""How far coders agree, as a page to read, print and append: one HTML file that loads nothing.

Names and texts come from outside; they are escaped, under a policy that allows no script.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from coding.figures import FEW, HIGH_PERCENT, LOW_KAPPA, RARE, SHARED
from coding.plots import agreement as draw
from coding.plots import svg
from coding.resampling import LEAST_CLUSTERS, LEAST_DIFFERING, LEVEL
from coding.templating import environment, source

if TYPE_CHECKING:
    from jinja2 import Environment

    from coding.agreeing import Agreement
    from coding.figures import Figures

MOST = 500  # units on which coders differ that the page shows

_COLUMNS = {
    "percent": "agree",
    "positive": "positive",
    "alpha": "alpha",
    "masi": "MASI",
    "unitizing": "spans",
    "ac1": "AC1",
    "cohen": "Cohen",
    "scott": "Scott",
    "fleiss": "Fleiss",
    "negative": "negative",
    "code_points": "F1 text",
    "segments": "F1 segments",
}


def page(found: Agreement) -> str:
    """Return an agreement as a page: figures, picture, confusions, disagreements in context, how it was done.

    Of the units on which coders differ at most `MOST` are shown, and the page says so.
    """
    pages = _environment()
    style = "".join(source(pages, name) for name in ("report.css", "agreement_page.css"))
    digest = b64encode(sha256(style.encode()).digest()).decode()
    differences = found.differences()
    rows = [(_name(found, one.on), one) for one in found.by_code.values() if one.n_coded]
    for family, (read, coded) in found.families.items():
        rows += [(f"{family}, units read", read), (f"{family}, units coded", coded)]
    rows += [("All codes, units read", found.over_read), ("All codes, units coded", found.over_coded)]
    shown = {name for _, one in rows for name in one.statistics}
    return pages.get_template("agreement_page.html.j2").render(
        found=found,
        title=f"Agreement of {' and '.join(found.between)}",
        columns={name: said for name, said in _COLUMNS.items() if name in shown},
        rows=rows,
        without=[one for one in found.by_code.values() if not one.n_coded],
        reasons=_reasons(rows),
        picture=f"data:image/svg+xml;base64,{b64encode(svg(draw(found))).decode()}",
        differences=differences[:MOST],
        n_differences=len(differences),
        n_documents=len({unit.document for unit in found.stack.units}),
        name=lambda code: _name(found, code),
        titles={document.id: str(document.variables.get("title") or "") for document in found.corpus},
        level=LEVEL,
        least=(LEAST_CLUSTERS, LEAST_DIFFERING),
        few=FEW,
        paradox=(LOW_KAPPA, HIGH_PERCENT, RARE),
        shared=SHARED,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'",
    )


def _reasons(rows: list[tuple[str, Figures]]) -> list[tuple[str, str, str]]:
    """Return where a value is missing, which, and why; then where alpha has no interval, and why."""
    missing = [
        (name, one.name, one.reason)
        for name, figures in rows
        for one in figures.statistics.values()
        if one.value is None
    ]
    bare = [
        (name, f"interval of {figures['alpha'].name}", figures["alpha"].no_interval)
        for name, figures in rows
        if figures["alpha"].value is not None and figures["alpha"].no_interval
    ]
    return [*missing, *bare]


def _name(found: Agreement, code: str) -> str:
    return found.codebook[code].name or code


def _environment() -> Environment:
    made = environment()
    made.filters["number"] = lambda value: f"{value:.2f}".replace("-", "−")
    return made
