"""The comparative matrix: codes by cases, every number with its base and its passages.

A number stands on decisions (unit, measure, weight, ...). Each is a keyword without a default, is
kept with the matrix, and a cell knows three zeros: a person read and found none, rules searched
and found none, nobody looked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from coding.attribution import attribute
from coding.cases import as_written, variables_of
from coding.errors import CodingError, choose, nearest, refuse
from coding.model import Coded, CodedSegment, Corpus, Segment, Value
from coding.surroundings import cut
from coding.units import PRESENT, UNREAD, Counts, Projection, Unit, on_units

if TYPE_CHECKING:
    import pandas as pd

    from coding.codebook import Codebook

Measure = Literal["segments", "units", "share", "profile", "documents", "rate"]
Weight = Literal["document", "unit"]
State = Literal["present", "absent", "searched", "not examined"]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The decisions behind every number of a matrix.

    Attributes
    ----------
    by : the document variable whose values are the cases; or several, whose combinations are
    measure : what a cell's value is
        ``segments``  coded segments · ``units``  units that bear the code ·
        ``share``  units that bear it / units searched, 0..1 ·
        ``profile``  units that bear it / units that bear any code of its family, 0..1 ·
        ``documents``  documents with such a unit · ``rate``  coded segments per 1,000 words searched
    unit : sentence, paragraph or document
    counts : when a segment counts for a unit: "any" overlap, or the one with its "greater part"
    weight : for share, profile and rate: each "document" alike (the mean over the documents that
        have a base), or each "unit" alike (all units of the case together)
    rollup : whether a segment counts for the codes above its own
    implies : whether it counts for the codes that its own implies
    """

    by: str | Sequence[str]
    measure: Measure
    unit: Unit
    counts: Counts
    weight: Weight
    rollup: bool
    implies: bool

    def __post_init__(self) -> None:
        variables = variables_of(self.by)
        object.__setattr__(self, "by", variables if len(variables) > 1 else variables[0])
        for value, allowed, what in (
            (self.measure, get_args(Measure), "measure"),
            (self.unit, get_args(Unit), "unit"),
            (self.counts, get_args(Counts), "counts"),
            (self.weight, get_args(Weight), "weight"),
        ):
            choose(value, allowed, what)

    @property
    def variables(self) -> tuple[str, ...]:
        """The document variables whose values make a case."""
        return variables_of(self.by)

    def __str__(self) -> str:
        """Say the decisions in one sentence."""
        what = {
            "segments": "coded segments",
            "units": f"{self.unit}s that bear the code",
            "share": f"share of searched {self.unit}s",
            "profile": f"share of the {self.unit}s coded in the family",
            "documents": "documents with the code",
            "rate": "coded segments per 1,000 words",
        }[self.measure]
        weighted = f", each {self.weight} alike" if self.measure in ("share", "profile", "rate") else ""
        whole = ", with the codes below" if self.rollup else ""
        return f"{what}{weighted}{whole}{', with implied codes' if self.implies else ''}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One number with its base and its passages.

    Attributes
    ----------
    value : the measure; None where nothing was searched, or where the base is empty
    n : units that bear the code
    base : units searched (for `profile`: units coded in the family)
    n_documents : documents with such a unit
    state : present, absent (a person read all), searched (found none), not examined
    coded : the coded segments behind the number
    """

    code: str
    case: str
    value: float | None
    n: int
    base: int
    n_documents: int
    state: State
    coded: Coded = field(repr=False)

    def quotes(self, corpus: Corpus) -> list[str]:
        """Return the words behind the number."""
        return self.coded.quotes(corpus)

    def passages(self, corpus: Corpus, *, unit: Unit) -> list[Segment]:
        """Return for each quote the units that it touches, as one segment."""
        cuts = {name: cut(corpus[name], unit) for name in {s.segment.document for s in self.coded.segments}}
        places = [s.segment for s in self.coded.segments]
        return [corpus[p.document].segment(*cuts[p.document].around(p.start, p.end)) for p in places]


@dataclass(frozen=True, slots=True)
class Composition:
    """How the units of a case that bear `within` divide over the codes of a family.

    `counts` holds a number of units for each code of the family that stands alone, then for
    `mixed` (several) and `none`; they add up to `base`. Units read for no code of the family are
    left out.
    """

    case: str
    within: str
    counts: Mapping[str, int]

    @property
    def base(self) -> int:
        """All units that bear `within`."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Matrix:
    """Codes x cases. `matrix.cell("Japan", "role")` gives a cell; the unit table stays at hand.

    Attributes
    ----------
    codes, cases : ids in the order of the codebook and the corpus
    names : shown names of codes and cases
    cells : for each (code, case)
    projection : units x codes
    rows : for each case the rows of its units in the projection
    clusters : for each unit its document's family, else its document
    families : for each family all its codes; `parts` those into which it divides
    unplaced : units of shared documents that name no case
    """

    measurement: Measurement
    codes: tuple[str, ...]
    cases: tuple[str, ...]
    names: Mapping[str, str] = field(repr=False)
    cells: Mapping[tuple[str, str], Cell] = field(repr=False)
    projection: Projection = field(repr=False)
    rows: Mapping[str, NDArray[np.int64]] = field(repr=False)
    clusters: tuple[str, ...] = field(repr=False)
    families: Mapping[str, tuple[str, ...]] = field(repr=False)
    parts: Mapping[str, tuple[str, ...]] = field(repr=False)
    unplaced: tuple[Segment, ...] = field(repr=False)

    def __repr__(self) -> str:
        size = f"{len(self.codes)} codes x {len(self.cases)} cases ({', '.join(self.cases)})"
        return f"<Matrix: {size}, {self.measurement}>"

    def cell(self, case: str | tuple[Value, ...], code: str) -> Cell:
        """Return the cell of a case (by id, by shown name, or by the values that make it) and a code.

        Raises
        ------
        CodingError
            Naming the nearest known case or code.
        """
        if code not in self.codes:
            raise CodingError(f"the matrix has no code '{code}'.{nearest(code, self.codes)}")
        return self.cells[code, self.case(case)]

    def case(self, case: str | tuple[Value, ...]) -> str:
        """Return the id of a case given by id, by shown name, or by the values that make it."""
        return find_case(case, self.cases, self.names)

    def size(self, case: str) -> tuple[int, int]:
        """Return how many units a case has, and in how many documents."""
        rows = self.rows[self.case(case)]
        return len(rows), len({self.projection.units[row].document for row in rows})

    @property
    def n_unplaced(self) -> int:
        """How many units of shared documents name no case."""
        return len(self.unplaced)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells.values())

    def frame(self) -> pd.DataFrame:
        """Return the values, codes as rows and cases as columns; missing where nothing was searched."""
        import pandas as pd

        rows = [[self.cells[code, case].value for case in self.cases] for code in self.codes]
        columns = [self.names[case] for case in self.cases]
        return pd.DataFrame(rows, index=list(self.codes), columns=columns, dtype=float)

    def bears(self, code: str) -> NDArray[np.bool_]:
        """Say of every unit whether it bears a code."""
        if code not in self.codes:
            raise CodingError(f"the matrix has no code '{code}'.{nearest(code, self.codes)}")
        return np.asarray(self.projection.column(code) == PRESENT)

    def is_read(self, code: str) -> NDArray[np.bool_]:
        """Say of every unit whether it was read for a code."""
        return np.asarray(self.projection.column(code) != UNREAD)

    def bears_any(self, family: str) -> NDArray[np.bool_]:
        """Say of every unit whether it bears a code of a family."""
        columns = [self.projection.codes.index(code) for code in self.families[family]]
        return np.asarray((self.projection.values[:, columns] == PRESENT).any(axis=1))

    def family(self, code: str) -> str:
        """Return the family that a code belongs to."""
        return next(family for family, members in self.families.items() if code in members)

    def compose(self, family: str, *, within: str) -> dict[str, Composition]:
        """Return for each case how its units that bear `within` divide over a family's codes."""
        if family not in self.parts:
            raise CodingError(f"the codebook has no family '{family}'.{nearest(family, self.parts)}")
        parts = self.parts[family]
        bearing = np.stack([self.bears(code) for code in parts], axis=1)
        inside = self.bears(within) & np.any([self.is_read(code) for code in parts], axis=0)
        return {
            case: _composition(case, within, parts, bearing[rows[inside[rows]]])
            for case, rows in self.rows.items()
        }


def find_case(case: str | tuple[Value, ...], cases: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the id of a case given by id, by shown name, or by the values that make it.

    Raises
    ------
    CodingError
        Naming the nearest known case.
    """
    by_name = {names[c]: c for c in cases}
    wanted = as_written(case)
    if wanted in cases:
        return wanted
    if wanted in by_name:
        return by_name[wanted]
    raise CodingError(f"the matrix has no case '{wanted}'.{nearest(wanted, [*cases, *by_name])}")


def _composition(case: str, within: str, codes: tuple[str, ...], bearing: NDArray[np.bool_]) -> Composition:
    several = bearing.sum(axis=1)
    alone = bearing & (several == 1)[:, None]
    counts = {code: int(alone[:, i].sum()) for i, code in enumerate(codes)}
    return Composition(
        case, within, {**counts, "mixed": int((several > 1).sum()), "none": int((several == 0).sum())}
    )


def tabulate(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    *,
    by: str | Sequence[str],
    measure: Measure,
    unit: Unit,
    counts: Counts,
    weight: Weight,
    rollup: bool,
    implies: bool,
    cases: Sequence[str | tuple[Value, ...]] | None = None,
) -> Matrix:
    """Return the matrix of codes and cases. See `Measurement` for every other keyword.

    Parameters
    ----------
    cases : sequence, optional
        The columns, in this order, each an id or the values that make a case; all cases of the
        corpus if left out.

    Raises
    ------
    StaleText
        If a text has changed since it was coded.
    CodingError
        If a coded segment bears an unknown code, or a document belongs to no case.
    """
    measurement = Measurement(
        by=by, measure=measure, unit=unit, counts=counts, weight=weight, rollup=rollup, implies=implies
    )
    codes = tuple(code.id for code in codebook.codes if not code.retired)
    refuse_other_meanings(coded, codebook)
    counting = {code: counts_for(code, codebook, rollup=rollup, implies=implies) for code in codes}
    projection = on_units(coded, corpus, unit=unit, counts=counts, counts_for=counting)
    asked = None if cases is None else [as_written(case) for case in cases]
    placed = attribute(projection.units, corpus, by=measurement.by, among=asked)
    columns = tuple(dict.fromkeys(asked or placed.known))
    families = families_of(codes, codebook)
    matrix = Matrix(
        measurement=measurement,
        codes=codes,
        cases=columns,
        names={c: codebook[c].name for c in codes} | {c: corpus.name(c) for c in columns},
        cells={},
        projection=projection,
        rows={
            case: np.array([i for i, named in enumerate(placed.cases) if case in named], dtype=np.int64)
            for case in columns
        },
        clusters=tuple(corpus[unit.document].cluster for unit in projection.units),
        families=families,
        parts={family: codebook.parts(family) for family in families},
        unplaced=placed.unplaced,
    )
    words = _words(projection, corpus) if measure == "rate" else np.ones(len(projection.units))
    cells = {(code, case): _cell(matrix, code, case, words) for code in codes for case in columns}
    return replace(matrix, cells=cells)


def refuse_other_meanings(coded: Coded, codebook: Codebook) -> None:
    """Raise if coded segments bear codes that the codebook does not know, or not in this meaning."""
    book = f"codebook {codebook.id} {codebook.version}"
    known = [code.id for code in codebook.codes]
    problems = {}
    for segment in coded.segments:
        code = segment.code
        if code not in codebook:
            problems[code] = (
                f"coded segments bear '{code}', which {book} does not know.{nearest(code, known)}"
            )
        elif not codebook[code].holds(segment.meaning):
            problems[code] = (
                f"'{code}' was coded in another meaning than {book} gives it. "
                "Code the texts afresh, say on the code's page that the earlier coding still holds, or take "
                "the codebook with which they were coded."
            )
    refuse([problems[code] for code in sorted(problems)])


def counts_for(code: str, codebook: Codebook, *, rollup: bool, implies: bool) -> tuple[str, ...]:
    """Return the codes for which a segment of `code` counts."""
    own = (code, *(codebook[code].implies if implies else ()))
    above = [up for c in own for up in codebook.ancestors(c)] if rollup else []
    return tuple(code for code in dict.fromkeys([*own, *above]) if not codebook[code].retired)


def families_of(codes: Sequence[str], codebook: Codebook) -> dict[str, tuple[str, ...]]:
    """Return for each family those of some codes that belong to it."""
    families: dict[str, tuple[str, ...]] = {}
    for code in codes:
        families[codebook.family(code)] = (*families.get(codebook.family(code), ()), code)
    return families


def _words(projection: Projection, corpus: Corpus) -> NDArray[np.float64]:
    """Return how many words each unit holds: runs of letters and digits."""
    return np.array(
        [len(_WORD.findall(corpus[u.document].text, u.start, u.end)) for u in projection.units], dtype=float
    )


def _cell(matrix: Matrix, code: str, case: str, words: NDArray[np.float64]) -> Cell:
    values = matrix.projection.column(code)
    rows = matrix.rows[case]
    searched = rows[values[rows] != UNREAD]
    bearing = searched[values[searched] == PRESENT]
    found = [s for row in bearing for s in matrix.projection.evidence[int(row), code]]
    segments = tuple({segment.id: segment for segment in found}.values())
    documents = {matrix.projection.units[row].document for row in bearing}
    base = searched
    if matrix.measurement.measure == "profile":
        base = searched[matrix.bears_any(matrix.family(code))[searched]]
    column = matrix.projection.codes.index(code)
    by_person = bool(matrix.projection.by_person[searched, column].all())
    return Cell(
        code=code,
        case=case,
        value=_value(matrix, segments, bearing, base, words),
        n=len(bearing),
        base=len(base),
        n_documents=len(documents),
        state=_state(len(searched), len(bearing), by_person=by_person),
        coded=Coded(segments),
    )


def _state(n_searched: int, n_bearing: int, *, by_person: bool) -> State:
    if n_searched == 0:
        return "not examined"
    if n_bearing:
        return "present"
    return "absent" if by_person else "searched"


def _value(
    matrix: Matrix,
    segments: tuple[CodedSegment, ...],
    bearing: NDArray[np.int64],
    base: NDArray[np.int64],
    words: NDArray[np.float64],
) -> float | None:
    if len(base) == 0:
        return None
    units = matrix.projection.units
    match matrix.measurement.measure:
        case "segments":
            return float(len(segments))
        case "units":
            return float(len(bearing))
        case "documents":
            return float(len({units[row].document for row in bearing}))
        case "rate":
            places = [s.segment.document for s in segments]
            sizes = [(units[row].document, words[row] / 1000) for row in base]
            return _mean(places, sizes, matrix.measurement.weight)
        case _:
            places = [units[row].document for row in bearing]
            sizes = [(units[row].document, 1.0) for row in base]
            return _mean(places, sizes, matrix.measurement.weight)


def _mean(places: list[str], sizes: list[tuple[str, float]], weight: Weight) -> float | None:
    """Return how much there is for one of `sizes`: over all together, or as the documents' mean."""
    totals: dict[str, float] = {}
    for document, size in sizes:
        totals[document] = totals.get(document, 0.0) + size
    if weight == "unit":
        whole = sum(totals.values())
        return len(places) / whole if whole else None
    rates = [places.count(document) / size for document, size in totals.items() if size]
    return sum(rates) / len(rates) if rates else None
