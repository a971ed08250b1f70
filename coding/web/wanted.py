"""Which matrix is asked for, as an address says it; and what can be chosen instead.

Every decision is a parameter, so that a matrix can be kept as a bookmark. What an address leaves out is as
the study has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast, get_args
from urllib.parse import urlencode

from coding.cases import is_single
from coding.coders import RULES
from coding.errors import nearest
from coding.matrix import Measure, Weight
from coding.model import Corpus
from coding.review import Unreviewed
from coding.units import Counts, Unit

if TYPE_CHECKING:
    from coding.study import Study
    from coding.web.desk import Work

ALL = "-"  # in the place of a study: all documents
AS_CODED = "as-coded"
_FEW = 20  # values of a document variable that is offered for columns
_WEIGHTED = ("share", "profile", "rate")
_SINGLE = ("measure", "weight", "unit", "counts", "rollup", "implies", "review", "study")
_SEVERAL = ("by", "coder")
_BESIDE = ("open", "code", "case", "from")  # what is opened on the page

With = Literal["with", "without"]
Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A matrix that is asked for. See `coding.matrix.Measurement`.

    Attributes
    ----------
    review : as coded, or with unreviewed segments of rules and models kept or dropped
    study : the study whose documents are selected; `ALL` for all documents
    """

    measure: Measure = "share"
    weight: Weight = "document"
    unit: Unit = "sentence"
    counts: Counts = "any"
    rollup: With = "with"
    implies: With = "without"
    by: tuple[str, ...] = ("donor",)
    coder: tuple[str, ...] = (RULES,)
    review: str = AS_CODED
    study: str = ALL

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of its address."""
        single = [(name, getattr(self, name)) for name in _SINGLE]
        return [*single, *(("by", by) for by in self.by), *(("coder", coder) for coder in self.coder)]

    def address(self, path: str, *more: tuple[str, str]) -> str:
        """Return the address of a page about this matrix."""
        return f"{path}?{urlencode([*self.pairs, *more])}"

    @property
    def is_weighted(self) -> bool:
        """Whether the measure is one that weighs documents or units."""
        return self.measure in _WEIGHTED


def usual(plan: Study | None) -> Wanted:
    """Return what an address that says nothing asks for: what the study decides, if there is one."""
    if plan is None:
        return Wanted()
    decided = plan.measurement
    return Wanted(
        measure=decided.measure,
        weight=decided.weight,
        unit=decided.unit,
        counts=decided.counts,
        rollup=_with(decided.rollup),
        implies=_with(decided.implies),
        by=(decided.by,),
        coder=tuple(plan.coders),
        review=plan.unreviewed or AS_CODED,
        study=plan.id,
    )


def options(wanted: Wanted, corpus: Corpus, work: Work, plans: Mapping[str, Study]) -> dict[str, Options]:
    """Return what can be chosen in the place of each decision: values, and how they are said."""
    unit = wanted.unit
    measures = {
        "share": f"share of searched {unit}s",
        "profile": f"share of the {unit}s coded in the family",
        "units": f"number of {unit}s that bear the code",
        "segments": "number of coded segments",
        "documents": "number of documents with the code",
        "rate": "coded segments per 1,000 words",
    }
    return {
        "measure": [(name, measures[name]) for name in sorted(get_args(Measure), key=list(measures).index)],
        "weight": [(name, f"each {name} alike") for name in get_args(Weight)],
        "unit": [(name, name) for name in get_args(Unit)],
        "counts": [("any", "touches it"), ("greater part", "lies in it for the greater part")],
        "rollup": [("with", "with"), ("without", "without")],
        "implies": [("with", "with"), ("without", "without")],
        "review": [
            (AS_CODED, "as coded"),
            ("keep", "as it stands after review, unreviewed kept"),
            ("drop", "as it stands after review, unreviewed dropped"),
        ],
        "study": [
            *((name, f"the documents of the study {name}") for name in plans),
            (ALL, "all documents"),
        ],
        "by": [(name, name.replace("_", " ")) for name in dict.fromkeys([*_few(corpus), *wanted.by])],
        "coder": [(name, name) for name in dict.fromkeys((RULES, *everybody(work)))],
    }


def asked(
    pairs: Sequence[tuple[str, str]], usually: Wanted, chosen: Mapping[str, Options], corpus: Corpus
) -> tuple[Wanted, list[str]]:
    """Return what the parameters of an address ask for, and what is wrong with them.

    What is wrong is left as usual, so that a form can be shown in which it is put right.
    """
    known = [*_SINGLE, *_SEVERAL, *_BESIDE]
    problems = [
        f"'{name}': no such decision.{nearest(name, known)}" for name, _ in pairs if name not in known
    ]
    allowed = {name: [value for value, _ in values] for name, values in chosen.items()}
    allowed["by"] = sorted({name for document in corpus for name in document.variables})
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in allowed or not value:
            continue
        if value in allowed[name]:
            said.setdefault(name, []).append(value)
        else:
            problems.append(f"{name}: '{value}' is not known here.{nearest(value, allowed[name])}")
    single = {name: values[-1] for name, values in said.items() if name in _SINGLE}
    several = {name: tuple(dict.fromkeys(values)) for name, values in said.items() if name in _SEVERAL}
    found = replace(usually, **cast("Any", single | several))  # each is one of those allowed
    unknown = [coder for coder in found.coder if coder not in allowed["coder"]]
    problems += [f"No coder '{c}' has coded or read here.{nearest(c, allowed['coder'])}" for c in unknown]
    known_ones = tuple(coder for coder in found.coder if coder not in unknown)
    return replace(found, coder=known_ones or (RULES,)), problems


def unreviewed(wanted: Wanted) -> Unreviewed | None:
    """Return what becomes of unreviewed segments; None if review is not applied."""
    return next((choice for choice in get_args(Unreviewed) if choice == wanted.review), None)


def everybody(work: Work) -> list[str]:
    """Return the coders here: all whom the store knows, and all who have read.

    Who has coded something in a document that is kept from the asking coder is not told by it.
    """
    return sorted({coder.id for coder in work.coders} | {reading.coder for reading in work.coded.readings})


def _with(decided: bool) -> With:
    return "with" if decided else "without"


def _few(corpus: Corpus) -> Iterable[str]:
    """Return the document variables that every document has once, with few values; the donor first."""
    names = dict.fromkeys(["donor", "year", *(name for d in corpus for name in sorted(d.variables))])
    for name in names:
        values = {document.variables.get(name) for document in corpus}
        if all(map(is_single, values)) and len(values) <= min(_FEW, max(len(corpus) - 1, 1)):
            yield name
