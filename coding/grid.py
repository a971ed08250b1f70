"""The other ways in which a study could as well have been decided, and all their combinations.

A study file lists under `robustness` further values of its decisions. A *universe* is one combination: a
whole study, decided otherwise. The first universe is the study as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from coding.attribution import NAMED_BY_MENTION
from coding.coders import RULES
from coding.errors import nearest
from coding.matrix import Weight
from coding.selection import Years, why_none_is_left
from coding.taggers.rules import Overlap
from coding.units import Counts, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coding.codebook import Code, Codebook
    from coding.formats.yaml import Tree
    from coding.model import Corpus
    from coding.study import Study

MOST = 100_000  # universes

EACH_CODE, EACH_RULE = "each code", "each rule"
OF_A_RULE = "rule "

Span = tuple[int | None, int | None]
Kinds = tuple[str, ...]
Value = str | bool | float | None | Span | Kinds

_STRICT = ConfigDict(extra="forbid", strict=True)
_Fidelity = Annotated[list[Literal["original", "digest", "translation"]], Field(min_length=1)]
_SourceKind = Annotated[list[Literal["primary", "secondary"]], Field(min_length=1)]
_Share = Annotated[float, Field(ge=0, le=1)]


class Grid(BaseModel):
    """Values of decisions besides the study's own; what is not listed stays as the study has it."""

    model_config = _STRICT
    unless: list[bool] = []
    overlap: list[Overlap] = []
    leave_out: list[str] = []
    threshold: list[_Share] = []
    unit: list[Unit] = []
    counts: list[Counts] = []
    rollup: list[bool] = []
    implies: list[bool] = []
    fidelity: list[_Fidelity] = []
    source_kind: list[_SourceKind] = []
    years: list[Years] = []
    weight: list[Weight] = []

    def said(self) -> str:
        """Say which decisions vary, in words."""
        return ", ".join(name.replace("_", " ") for name in type(self).model_fields if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Universe:
    """One value for every decision that can vary.

    Attributes
    ----------
    unless : whether what cancels a hit (`unless` of a rule) is heeded
    overlap, unit, counts, rollup, implies, fidelity, source_kind, years, weight : as in a study
    leave_out : a code, left out with those below it, or "rule " and the id of a rule; empty for nothing
    threshold : the least score at which what a model coded counts; None for the model's own
    """

    unless: bool
    overlap: Overlap
    leave_out: str
    threshold: float | None
    unit: Unit
    counts: Counts
    rollup: bool
    implies: bool
    fidelity: Kinds
    source_kind: Kinds
    years: Span
    weight: Weight


@dataclass(frozen=True, slots=True)
class Options:
    """The values of one decision, the study's own first."""

    name: str
    values: tuple[Value, ...]

    @property
    def title(self) -> str:
        """The decision in words."""
        return self.name.replace("_", " ")


def own_universe(study: Study) -> Universe:
    """Return the universe that is the study as it is."""
    decided, corpus = study.measurement, study.corpus
    return Universe(
        unless=True,
        overlap=study.overlap,
        leave_out="",
        threshold=None,
        unit=decided.unit,
        counts=decided.counts,
        rollup=decided.rollup,
        implies=decided.implies,
        fidelity=_in_order(corpus.fidelity),
        source_kind=_in_order(corpus.source_kind),
        years=(corpus.years.first, corpus.years.last),
        weight=decided.weight,
    )


def options(study: Study, codebook: Codebook) -> tuple[Options, ...]:
    """Return every decision with its values, in the order of the fields of `Universe`."""
    own, grid = own_universe(study), study.robustness or Grid()
    listed: dict[str, list[Value]] = {
        name: [_value(value) for value in getattr(grid, name)] for name in type(grid).model_fields
    }
    listed["leave_out"] = [one for name in grid.leave_out for one in _left_out(name, study, codebook)]
    return tuple(
        Options(each.name, tuple(dict.fromkeys([getattr(own, each.name), *listed[each.name]])))
        for each in fields(Universe)
    )


def universes(choices: tuple[Options, ...]) -> Iterator[Universe]:
    """Yield every combination, the study's own first; the last decision varies fastest."""
    for values in product(*(each.values for each in choices)):
        # The values stand in the order of the fields.
        yield Universe(*values)  # type: ignore[arg-type]


def n_universes(choices: tuple[Options, ...]) -> int:
    """Return how many combinations there are."""
    return prod(len(each.values) for each in choices)


def in_words(name: str, value: Value) -> str:
    """Return a value of a decision in words.

    Examples
    --------
    >>> in_words("years", (None, 2021)), in_words("unless", False), in_words("leave_out", "")
    ('to 2021', 'not heeded', 'nothing')
    """
    match name, value:
        case "years", (first, last):
            said = [f"{word} {year}" for word, year in (("from", first), ("to", last)) if year is not None]
            return " ".join(said) or "all"
        case "unless", bool():
            return "heeded" if value else "not heeded"
        case (("rollup" | "implies"), bool()):
            return "yes" if value else "no"
        case "leave_out", _:
            return str(value) or "nothing"
        case "threshold", _:
            return "the model's own" if value is None else f"at least {value:g}"
        case _, tuple():
            return " and ".join(map(str, value))
    return str(value)


def problems(study: Study, tree: Tree, codebook: Codebook, corpus: Corpus) -> Iterator[str]:
    """Yield what is wrong with the values under `robustness`, each with its place in the study file."""
    grid = study.robustness
    if grid is None:
        return
    yield from _twice(grid, tree)
    for i, name in enumerate(grid.leave_out):
        if said := _unfit(name, study, codebook):
            yield f"{tree.where('robustness', 'leave_out', i)}: {said}"
    yield from _without_effect(study, tree)
    yield from _empty(study, tree, corpus)
    n = n_universes(options(study, codebook))
    if n == 1:
        yield (
            f"{tree.where('robustness')}: nothing varies, for these are the study's own values. List another "
            "for one decision, such as `unit: [paragraph]`, or take `robustness` out."
        )
    if n > MOST:
        yield (
            f"{tree.where('robustness')}: these are {n:,} universes, more than {MOST:,}. Take out values "
            "that nobody would defend, or decisions that do not matter here."
        )


def without(codebook: Codebook, left_out: str) -> Codebook:
    """Return a codebook without a code and those below it (they are retired), or without a rule."""
    if not left_out:
        return codebook
    if not left_out.startswith(OF_A_RULE):
        gone = _below(left_out, codebook)
        codes = (replace(code, retired=True) if code.id in gone else code for code in codebook.codes)
        return replace(codebook, codes=tuple(codes))
    rule = left_out.removeprefix(OF_A_RULE)
    return replace(codebook, codes=tuple(_without_rule(code, rule) for code in codebook.codes))


def heedless(codebook: Codebook) -> Codebook:
    """Return a codebook whose rules know no `unless`."""
    codes = (
        replace(code, rules=tuple(replace(rule, unless=()) for rule in code.rules)) for code in codebook.codes
    )
    return replace(codebook, codes=tuple(codes))


def _without_rule(code: Code, rule: str) -> Code:
    kept = tuple(each for each in code.rules if each.id != rule)
    return code if len(kept) == len(code.rules) else replace(code, rules=kept)


def _in_order(kinds: Sequence[str]) -> Kinds:
    return tuple(sorted(set(kinds)))


def _value(value: object) -> Value:
    match value:
        case Years():
            return value.first, value.last
        case list():
            return _in_order(value)
        case str() | bool() | float() | int():
            return value
    raise TypeError(value)


def _left_out(name: str, study: Study, codebook: Codebook) -> Iterator[str]:
    """Yield what one entry of `leave_out` stands for."""
    used = [code for code in codebook.codes if not code.retired]
    if name == EACH_CODE:
        above = {code.parent for code in used}
        kept = _named(study)
        yield from (code.id for code in used if code.id not in above and code.id not in kept)
    elif name == EACH_RULE:
        yield from (OF_A_RULE + rule.id for code in used for rule in code.rules)
    else:
        yield name


def _named(study: Study) -> set[str]:
    """Return the codes that claims name: without one of them there would be no claim."""
    tests = [claim.test for claim in study.findings]
    return {code for test in tests for key in ("on", "versus", "within", "along") for code in test.names(key)}


def _below(code: str, codebook: Codebook) -> set[str]:
    return {each.id for each in codebook.codes if code in (each.id, *codebook.ancestors(each.id))}


def _unfit(name: str, study: Study, codebook: Codebook) -> str | None:
    """Say why something cannot be left out; None if it can."""
    used = [code for code in codebook.codes if not code.retired]
    rules = [rule.id for code in used for rule in code.rules]
    if name in (EACH_CODE, EACH_RULE):
        return None
    if name.startswith(OF_A_RULE):
        rule = name.removeprefix(OF_A_RULE)
        return None if rule in rules else f"no rule '{rule}'.{nearest(rule, rules)}"
    if name not in {code.id for code in used}:
        known = [EACH_CODE, EACH_RULE, *(code.id for code in used), *(OF_A_RULE + rule for rule in rules)]
        return f"no code '{name}'.{nearest(name, known)}"
    named = sorted(_below(name, codebook) & _named(study))
    return f"a claim names '{named[0]}', so it cannot be left out. Name another code." if named else None


def _twice(grid: Grid, tree: Tree) -> Iterator[str]:
    for name in type(grid).model_fields:
        values = [_value(value) for value in getattr(grid, name)]
        for i, value in enumerate(values):
            if value in values[:i]:
                yield f"{tree.where('robustness', name, i)}: {in_words(name, value)!r} stands twice."


def _without_effect(study: Study, tree: Tree) -> Iterator[str]:
    """Yield decisions that cannot change anything, since nobody codes to whom they would apply."""
    grid = study.robustness
    assert grid is not None
    if RULES not in study.coders:
        for name in ("unless", "overlap"):
            if getattr(grid, name):
                yield f"{tree.where('robustness', name)}: no rules code in this study. Take `{name}` out."
    if grid.threshold and set(study.coders) == {RULES}:
        yield f"{tree.where('robustness', 'threshold')}: no model codes in this study. Take `threshold` out."


def _empty(study: Study, tree: Tree, corpus: Corpus) -> Iterator[str]:
    """Yield values that, with all else as the study has it, leave a case without a document."""
    grid = study.robustness
    assert grid is not None
    for name in ("fidelity", "source_kind", "years"):
        for i, value in enumerate(getattr(grid, name)):
            selection = study.corpus.model_copy(update={name: value})
            for case in study.corpus.cases:
                said = why_none_is_left(corpus, selection, case, by=NAMED_BY_MENTION)
                if said and case in corpus.known_cases:
                    yield f"{tree.where('robustness', name, i)}: {said}"
