"""Pathways: how the codes of one step stand together with those of the next, donor by donor.

A theory that says how norms, identities, roles and interests lead to behaviour names steps in an order. Here
is counted, for each case and each two neighbouring steps, how many places bear a code of both, which
passages these are, where nothing was found, and whether the orientation stays the same from one step to the
next. All of it is described and nothing tested: that two codes stand in one text is no sign that one led to
the other (docs/methods/pathways.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from coding.codebook import Codebook
from coding.cooccurrence import Codes, Cooccurrence, Meeting, Pair, codes_at, cooccur
from coding.errors import CodingError, nearest, refuse
from coding.matrix import Matrix, State
from coding.model import Corpus
from coding.units import PRESENT, UNREAD, Unit

MIXED, NONE, UNEXAMINED = "mixed", "none", "unread"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the pathway: categories that stand for one thing, and the codes by which it is shown."""

    name: str
    categories: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether the orientation of one step is that of the next, in the places that bear both.

    Attributes
    ----------
    n : places that bear both steps
    n_oriented : those in which both steps bear some orientation; the base
    n_same : those of the base in which one orientation at least bears on both
    first, second : how the n places divide, by the orientation of the one step and of the other: a number
        for each orientation alone, then for `mixed`, `none` and `unread`
    """

    n: int
    n_oriented: int
    n_same: int
    first: Mapping[str, int]
    second: Mapping[str, int]

    @property
    def share(self) -> float | None:
        """Of the places where both steps are oriented, the share in which one stays; None of none."""
        return self.n_same / self.n_oriented if self.n_oriented else None


@dataclass(frozen=True, slots=True)
class Link:
    """Two neighbouring steps of one case.

    Attributes
    ----------
    whole : any code of the one step with any of the other
    pairs : each code of the one with each of the other
    kept : None if the codebook has no such family as was asked for
    """

    first: Step
    second: Step
    whole: Pair
    pairs: tuple[Pair, ...]
    kept: Kept | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A step, or two neighbouring steps, of which a case has no place; `state` says which zero that is."""

    steps: tuple[Step, ...]
    state: State


@dataclass(frozen=True, slots=True)
class Way:
    """One category of each step, and the documents that bear all of them."""

    categories: tuple[str, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pathway:
    """The pathway of one case.

    Attributes
    ----------
    found : the places of the case and what they bear
    steps : for each step the places that bear it, as the pair of the step with itself
    links : one fewer than steps
    held : for each document of the case, which steps it bears; None of a step for which it was not read
    n_units, n_unread : units of the case, and those of them that were not read for every step
    ways : whole ways through all steps inside one document, those with most documents first
    """

    case: str
    found: Cooccurrence = field(repr=False)
    steps: tuple[Pair, ...]
    links: tuple[Link, ...]
    held: Mapping[str, tuple[bool | None, ...]] = field(repr=False)
    n_units: int
    n_unread: int
    ways: tuple[Way, ...]
    oriented: Mapping[str, NDArray[np.bool_]] = field(repr=False)

    @property
    def read(self) -> tuple[str, ...]:
        """The documents that were read for every step: all of them, or some units."""
        return tuple(document for document, steps in self.held.items() if None not in steps)

    @property
    def whole(self) -> tuple[str, ...]:
        """The documents that bear every step."""
        return tuple(document for document, steps in self.held.items() if all(steps))

    def meetings(self, first: Codes, second: Codes) -> tuple[Meeting, ...]:
        """Return the places that bear both codes, each with the coded segments behind it."""
        return self.found.meetings(first, second)


@dataclass(frozen=True, slots=True)
class Pathways:
    """The pathways of all cases of a matrix, along the same steps.

    Attributes
    ----------
    together : what a place is, in which codes stand together
    orientations : the codes of the family that is followed from step to step; none if it was not asked for
    """

    matrix: Matrix = field(repr=False)
    together: Unit
    steps: tuple[Step, ...]
    orientations: tuple[str, ...]
    by_case: Mapping[str, Pathway] = field(repr=False)

    def __repr__(self) -> str:
        along = " → ".join(step.name for step in self.steps)
        return f"<Pathways: {along}, by {self.together}, {', '.join(self.by_case)}>"

    def __getitem__(self, case: str) -> Pathway:
        """Return the pathway of a case, given by id or shown name."""
        return self.by_case[self.matrix.case(case)]

    @property
    def is_kept_by_itself(self) -> bool:
        """Whether a place is a unit, so that orientation, coded by unit, is the same at both ends."""
        return self.together == self.matrix.measurement.unit

    def gaps(self, case: str) -> tuple[Gap, ...]:
        """Return the steps and then the links of which a case has no place."""
        found = self[case]
        own = zip(((step,) for step in self.steps), found.steps, strict=True)
        linked = (((link.first, link.second), link.whole) for link in found.links)
        return tuple(Gap(steps, pair.state) for steps, pair in (*own, *linked) if not pair.n_both)


def trace(
    matrix: Matrix,
    corpus: Corpus,
    codebook: Codebook,
    *,
    along: Sequence[Sequence[str]],
    depth: int,
    together: Unit,
    orientation: str | None,
) -> Pathways:
    """Return how the codes of each step stand together with those of the next, for each case.

    Parameters
    ----------
    along : the steps in their order, each with its categories: two categories of one step are two forms of
        one thing, such as normative and material interests
    depth : 0 shows a step by its categories, 1 by the codes right below them, and so on. What is coded with
        a category itself is shown by it alone, and always counted in the whole link.
    together : {"sentence", "paragraph", "document"}
        In what two codes stand together; not finer than the unit of the matrix.
    orientation : the family of codes that is followed from step to step; None if none is

    Raises
    ------
    CodingError
        If a code or the family is unknown, a code stands in two steps, or there are fewer than two steps; if
        a place would be finer than the unit of the matrix.
    """
    if orientation is not None and orientation not in matrix.parts:
        raise CodingError(f"the codebook has no family '{orientation}'.{nearest(orientation, matrix.parts)}")
    steps = _steps(codebook, along, depth)
    codes = tuple(dict.fromkeys(code for step in steps for code in (*step.categories, *step.codes)))
    parts = matrix.parts.get(orientation, ()) if orientation else ()
    found = {
        case: _of_case(cooccur(matrix, corpus, codes=codes, together=together, case=case), steps, parts)
        for case in matrix.cases
    }
    return Pathways(matrix, together, steps, parts, found)


def part_of(orientations: Sequence[str], bears: NDArray[np.bool_]) -> list[str]:
    """Return the part of a composition to which each place belongs.

    Parameters
    ----------
    bears : (P, O + 1), whether the place bears each orientation; last, whether it was read for any
    """
    return [
        orientations[int(row.argmax())]
        if row[:-1].sum() == 1
        else MIXED
        if row[:-1].any()
        else NONE
        if row[-1]
        else UNEXAMINED
        for row in bears
    ]


def _steps(codebook: Codebook, along: Sequence[Sequence[str]], depth: int) -> tuple[Step, ...]:
    if len(along) < 2 or not all(along):
        raise CodingError("a pathway has two steps or more, each with a code. Name them in their order.")
    if depth < 0:
        raise CodingError(f"depth: {depth} is below 0. 0 shows categories, 1 the codes right below them.")
    known = [code.id for code in codebook.codes if not code.retired]
    named = [code for step in along for code in step]
    problems = [f"the codebook has no code '{c}'.{nearest(c, known)}" for c in named if c not in known]
    problems += [
        f"'{code}' stands twice in the pathway." for code in dict.fromkeys(named) if named.count(code) > 1
    ]
    refuse(problems)
    return tuple(
        Step(
            " or ".join(codebook[code].name for code in step),
            tuple(step),
            codes_at(codebook, step, depth=depth),
        )
        for step in along
    )


def _of_case(found: Cooccurrence, steps: Sequence[Step], orientations: Sequence[str]) -> Pathway:
    oriented = {code: _oriented(found, code, orientations) for code in found.codes}
    return Pathway(
        case=found.case or "",
        found=found,
        steps=tuple(found.pair(step.categories, step.categories) for step in steps),
        links=tuple(_link(found, one, two, oriented, orientations) for one, two in pairwise(steps)),
        held=_held(found, steps),
        n_units=found.n_units,
        n_unread=found.n_unread(*(step.categories for step in steps)),
        ways=_ways(found, steps),
        oriented=oriented,
    )


def _link(
    found: Cooccurrence,
    first: Step,
    second: Step,
    oriented: Mapping[str, NDArray[np.bool_]],
    orientations: Sequence[str],
) -> Link:
    whole = found.pair(first.categories, second.categories)
    both = np.asarray(
        (found.column(first.categories) == PRESENT) & (found.column(second.categories) == PRESENT)
    )
    ends = [np.logical_or.reduce([oriented[c] for c in step.categories])[both] for step in (first, second)]
    return Link(
        first=first,
        second=second,
        whole=whole,
        pairs=tuple(found.pair(one, two) for one in first.codes for two in second.codes),
        kept=_kept(orientations, *ends) if orientations else None,
    )


def _kept(orientations: Sequence[str], first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Kept:
    one, two = first[:, :-1], second[:, :-1]
    order = (*orientations, MIXED, NONE, UNEXAMINED)
    parts = [part_of(orientations, end) for end in (first, second)]
    return Kept(
        n=len(first),
        n_oriented=int((one.any(axis=1) & two.any(axis=1)).sum()),
        n_same=int((one & two).any(axis=1).sum()),
        first={part: parts[0].count(part) for part in order},
        second={part: parts[1].count(part) for part in order},
    )


def _oriented(found: Cooccurrence, code: str, orientations: Sequence[str]) -> NDArray[np.bool_]:
    """Return (P, O + 1): of the units of each place that bear a code, whether one bears each orientation.

    In the last column stands whether one was read for any orientation.
    """
    matrix = found.matrix
    columns = [matrix.projection.codes.index(part) for part in orientations]
    values = matrix.projection.values[:, columns]
    bears_code = matrix.bears(code)
    per_unit = np.column_stack([values == PRESENT, (values != UNREAD).any(axis=1)]) & bears_code[:, None]
    return np.array([per_unit[list(rows)].any(axis=0) for rows in found.rows]).reshape(-1, len(columns) + 1)


def _held(found: Cooccurrence, steps: Sequence[Step]) -> dict[str, tuple[bool | None, ...]]:
    """Return for each document of a case which steps some place of it bears; None where none was read."""
    values = np.column_stack([found.column(step.categories) for step in steps])
    held: dict[str, NDArray[np.int8]] = {}
    for place, row in zip(found.places, values, strict=True):
        held[place.document] = np.maximum(row, held.get(place.document, row))
    return {
        document: tuple(None if value == UNREAD else bool(value == PRESENT) for value in row)
        for document, row in held.items()
    }


def _ways(found: Cooccurrence, steps: Sequence[Step]) -> tuple[Way, ...]:
    by_category = {
        code: {found.places[i].document for i in np.flatnonzero(found.column(code) == PRESENT)}
        for step in steps
        for code in step.categories
    }
    documents = tuple(dict.fromkeys(place.document for place in found.places))
    ways = list(_through(steps, by_category, documents))
    return tuple(sorted(ways, key=lambda way: -len(way.documents)))


def _through(
    steps: Sequence[Step], by_category: Mapping[str, set[str]], documents: Sequence[str]
) -> Iterator[Way]:
    for chosen in product(*(step.categories for step in steps)):
        through = set.intersection(*(by_category[code] for code in chosen))
        if through:
            yield Way(chosen, tuple(document for document in documents if document in through))
