"""How good a model would be, as a page to read, print and append: one HTML file that loads nothing.

Names and texts come from outside; they are escaped, under a policy that allows no script.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import TYPE_CHECKING

from coding.plots import svg
from coding.plots.learning import calibration, learning_curve
from coding.resampling import LEVEL
from coding.templating import environment, source

if TYPE_CHECKING:
    from jinja2 import Environment
    from matplotlib.figure import Figure

    from coding.codebook import Codebook
    from coding.estimating import Estimate
    from coding.learned import Model
    from coding.learning import LearningReport, Mistake
    from coding.model import Corpus, Document

MOST = 10  # errors of each kind that the page shows of a code

_LOOKS = {
    "words": "words, pairs of words and runs of letters",
    "context": "the same of the units before and after",
    "rules": "what the rules find in the unit",
    "embeddings": "the sentence vector",
}


@dataclass(frozen=True, slots=True)
class Error:
    """An error of a model in context.

    Attributes
    ----------
    before, after : the units beside it, shortened
    """

    mistake: Mistake
    document: Document
    before: str
    quote: str
    after: str


@dataclass(frozen=True, slots=True)
class Errors:
    """The errors of one code: so many units missed and found alone, and the surest of each."""

    code: str
    n_missed: int
    n_alone: int
    missed: tuple[Error, ...]
    alone: tuple[Error, ...]


def page(
    model: Model,
    found: LearningReport,
    corpus: Corpus,
    codebook: Codebook,
    *,
    coders: Sequence[str],
    most: int = MOST,
) -> str:
    """Return what was learned, and how good it would be on texts that were not seen, as a page.

    Of each code the surest errors of each kind are shown, and the page says of how many.

    Parameters
    ----------
    found : the report on models trained as this one was
    coders : whose coding taught it
    most : errors of each kind and code that are shown
    """
    pages = _environment()
    style = "".join(source(pages, name) for name in ("report.css", "learning_page.css"))
    digest = b64encode(sha256(style.encode()).digest()).decode()
    names = {code.id: code.name or code.id for code in codebook.codes}
    return pages.get_template("learning_page.html.j2").render(
        model=model,
        found=found,
        codebook=codebook,
        coders=coders,
        names=names,
        case=corpus.name,
        looks=[_LOOKS.get(name, name) for name in _looked_at(model)],
        target="the best F1" if model.target == "f1" else f"a precision of {model.target:g}",
        with_rules=any(one.rules is not None for one in found.codes.values()),
        by_case=any(len(one.by_case) > 1 for one in found.codes.values()),
        reasons=_reasons(found, names),
        calibration=_picture(calibration(found, names)),
        curve=_picture(learning_curve(found)),
        errors=_errors(model, found, corpus, most),
        n_errors=len(found.mistakes),
        most=most,
        level=LEVEL,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'",
    )


def _looked_at(model: Model) -> list[str]:
    return [part.name for part in fields(model.recipe) if getattr(model.recipe, part.name)]


def _reasons(found: LearningReport, names: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return where a figure is missing, which, and why."""
    said: list[tuple[str, str, str]] = []
    for code, one in found.codes.items():
        figures: list[tuple[str, Estimate]] = [
            (what, getattr(one.model, what.lower())) for what in ("Precision", "Recall", "F1")
        ]
        figures.append(("Average precision", one.average_precision))
        if one.rules is not None:
            figures.append(("F1 of the rules", one.rules.f1))
        said += [(names.get(code, code), what, each.reason) for what, each in figures if each.value is None]
    return said


def _errors(model: Model, found: LearningReport, corpus: Corpus, most: int) -> list[Errors]:
    """Return for each code with errors the surest of each kind, in context."""
    listed = []
    for code in found.codes:
        own = [one for one in found.mistakes if one.code == code]
        missed, alone = ([one for one in own if one.missed == so] for so in (True, False))
        shown = [tuple(_error(one, model, corpus) for one in kind[:most]) for kind in (missed, alone)]
        if own:
            listed.append(Errors(code, len(missed), len(alone), *shown))
    return listed


def _error(mistake: Mistake, model: Model, corpus: Corpus) -> Error:
    from coding.surroundings import cut

    document, place = corpus[mistake.segment.document], mistake.segment
    before, after = cut(document, model.unit).neighbours(document.text, place.start, place.end)
    return Error(mistake, document, before, document.quote(place), after)


def _picture(figure: Figure) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg(figure)).decode()}"


def _environment() -> Environment:
    made = environment()
    made.filters["number"] = lambda value: "none" if value is None else f"{value:.2f}"
    return made
