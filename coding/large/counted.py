"""A matrix made of counts: codes by cases of a corpus whose units are nowhere at hand.

A row of counts says how many units of a document speak of the same cases and bear the same codes. What is
above a code, or implied by it, is added here, once for each pattern of codes; everything else is sums over
rows. Cells, compositions and sums over clusters are those of `coding.matrix` and `coding.findings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, choose, nearest
from coding.findings import Base, ClusterSums
from coding.matrix import Composition, Measure, Measurement, State, counts_for, families_of, find_case
from coding.model import Value
from coding.units import ABSENT, PRESENT, UNREAD

if TYPE_CHECKING:
    import pandas as pd

    from coding.codebook import Codebook
    from coding.large.counts import Counts, Integers, Pattern

MEASURES: tuple[Measure, ...] = ("units", "share", "profile", "documents")

Values = NDArray[np.int8]
Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CountedCell:
    """One number with its base. See `coding.matrix.Cell`; its passages are read where they lie.

    Attributes
    ----------
    n_read : units searched for the code
    """

    code: str
    case: str
    value: float | None
    n: int
    base: int
    n_documents: int
    state: State
    n_read: int


@dataclass(frozen=True, slots=True)
class CountedMatrix:
    """Codes x cases, of counts.

    Attributes
    ----------
    codes, cases, names, cells, families, parts : as in `coding.matrix.Matrix`
    n_unplaced : units of selected documents that name no case
    targets : for each code those for which a segment of it counts
    values : (patterns, codes), 1, 0 or -1 as in `coding.units.Projection`
    rows : for each case its rows of counts
    """

    measurement: Measurement
    codes: tuple[str, ...]
    cases: tuple[str, ...]
    names: Mapping[str, str] = field(repr=False)
    cells: Mapping[tuple[str, str], CountedCell] = field(repr=False)
    families: Mapping[str, tuple[str, ...]] = field(repr=False)
    parts: Mapping[str, tuple[str, ...]] = field(repr=False)
    n_unplaced: int = field(repr=False)
    targets: Mapping[str, tuple[str, ...]] = field(repr=False)
    values: Values = field(repr=False)
    rows: Mapping[str, Integers] = field(repr=False)
    counts: Counts = field(repr=False)

    def __repr__(self) -> str:
        size = f"{len(self.codes)} codes x {len(self.cases)} cases ({', '.join(self.cases)})"
        return f"<CountedMatrix: {size}, {self.measurement}>"

    def __iter__(self) -> Iterator[CountedCell]:
        return iter(self.cells.values())

    def frame(self) -> pd.DataFrame:
        """Return the values, codes as rows and cases as columns; missing where nothing was searched."""
        import pandas as pd

        rows = [[self.cells[code, case].value for case in self.cases] for code in self.codes]
        columns = [self.names[case] for case in self.cases]
        return pd.DataFrame(rows, index=list(self.codes), columns=columns, dtype=float)

    def cell(self, case: str | tuple[Value, ...], code: str) -> CountedCell:
        """Return the cell of a case and a code.

        Raises
        ------
        CodingError
            Naming the nearest known case or code.
        """
        self._column(code)
        return self.cells[code, self.case(case)]

    def case(self, case: str | tuple[Value, ...]) -> str:
        """Return the id of a case given by id, by shown name, or by the values that make it."""
        return find_case(case, self.cases, self.names)

    def family(self, code: str) -> str:
        """Return the family that a code belongs to."""
        return next(family for family, members in self.families.items() if code in members)

    def size(self, case: str) -> tuple[int, int]:
        """Return how many units a case has, and in how many documents."""
        rows = self.rows[self.case(case)]
        return int(self.counts.units[rows].sum()), len(_each(self.counts.document[rows]))

    def compose(self, family: str, *, within: str) -> dict[str, Composition]:
        """Return for each case how its units that bear `within` divide over a family's codes."""
        if family not in self.parts:
            raise CodingError(f"the codebook has no family '{family}'.{nearest(family, self.parts)}")
        parts = self.parts[family]
        own = self.values[:, [self._column(part) for part in parts]]
        several = (own == PRESENT).sum(axis=1)
        part = np.where(several == 1, (own == PRESENT).argmax(axis=1), len(parts) + (several == 0))
        inside = (self.values[:, self._column(within)] == PRESENT) & (own != UNREAD).any(axis=1)
        found = {}
        for case, rows in self.rows.items():
            kept = rows[inside[self.counts.pattern[rows]]]
            n = _summed(part[self.counts.pattern[kept]], self.counts.units[kept], len(parts) + 2)
            numbers = dict(zip((*parts, "mixed", "none"), map(int, n), strict=True))
            found[case] = Composition(case, within, numbers)
        return found

    def cluster_sums(self, cases: Sequence[str], *, on: str, within: str | None, base: Base) -> ClusterSums:
        """Return the sums over clusters of a share, in one case or in several taken together.

        As `coding.findings.sums`: clusters and what is added to each in the same order.
        """
        choose(base, get_args(Base), "base")
        inside = self.values[:, self._column(on)] != UNREAD
        if within:
            inside = inside & (self.values[:, self._column(within)] == PRESENT)
        if base == "coded":
            inside = inside & self._bears_any(on)
        rows = _each(np.concatenate([self.rows[self.case(case)] for case in cases]))
        rows = rows[inside[self.counts.pattern[rows]]]
        bears = self._bears(on, rows)
        units = self.counts.units[rows]
        documents, place = np.unique(self.counts.document[rows], return_inverse=True)
        whole = _summed(place, units, len(documents))
        size = whole if self.measurement.weight == "unit" else np.ones(len(documents))
        share = _summed(place, units * bears, len(documents)) / whole
        clusters, first, of = np.unique(
            self.counts.cluster[documents], return_index=True, return_inverse=True
        )
        order = np.argsort(first)
        y, x = (_summed(of, each, len(clusters))[order] for each in (share * size, size))
        names = tuple(self.counts.cluster_names[i] for i in clusters[order].tolist())
        return ClusterSums(names, y, x, int(units[bears].sum()), int(units.sum()), base == "searched")

    def documents_of(self, case: str, code: str) -> tuple[Integers, NDArray[np.bool_]]:
        """Return the documents with a unit of a case that bears a code; and whether all such units are its.

        In a document about several cases other units that bear the code may speak of another, or of none.
        """
        bearing = np.flatnonzero(self._bears(code, np.arange(len(self.counts.units))))
        own = np.isin(bearing, self.rows[self.case(case)])
        documents, others = (_each(self.counts.document[bearing[some]]) for some in (own, ~own))
        return documents, ~np.isin(documents, others)

    def _column(self, code: str) -> int:
        if code not in self.codes:
            raise CodingError(f"the matrix has no code '{code}'.{nearest(code, self.codes)}")
        return self.codes.index(code)

    def _bears(self, code: str, rows: Integers) -> NDArray[np.bool_]:
        return np.asarray(self.values[self.counts.pattern[rows], self._column(code)] == PRESENT)

    def _bears_any(self, code: str) -> NDArray[np.bool_]:
        """Say of every pattern whether it bears a code of the family of another."""
        columns = [self._column(each) for each in self.families[self.family(code)]]
        return np.asarray((self.values[:, columns] == PRESENT).any(axis=1))


def tabulate_counts(
    counts: Counts,
    selected: Sequence[str],
    codebook: Codebook,
    measurement: Measurement,
    *,
    kind: Literal["rules", "model"],
    cases: Sequence[str],
) -> CountedMatrix:
    """Return the matrix of codes and cases.

    Parameters
    ----------
    selected : ids of those of `counts.kinds` whose documents are counted
    kind : of the coder. Rules look for a code wherever they look for one that counts for it; a model that
        knows a kind of role has not said that there is no other
    cases : the columns, in this order

    Raises
    ------
    CodingError
        If the measure counts coded segments: only units are counted.
    """
    if measurement.measure not in MEASURES:
        raise CodingError(
            f"measure '{measurement.measure}': of a large corpus units are counted, not coded segments. Take "
            f"{', '.join(MEASURES)} (--measure), or count the rows of segments/."
        )
    codes = tuple(code.id for code in codebook.codes if not code.retired)
    targets = {
        code: counts_for(code, codebook, rollup=measurement.rollup, implies=measurement.implies)
        for code in codes
    }
    families = families_of(codes, codebook)
    chosen = np.isin([document.id for document in counts.kinds], list(selected))
    kept = np.flatnonzero(chosen[counts.kind[counts.document]])
    speaks = {case: np.array([case in named for named in counts.speaks_of]) for case in cases}
    rows = {case: kept[own[counts.named[kept]]] for case, own in speaks.items()}
    nobody = ~np.any([*speaks.values()], axis=0)
    matrix = CountedMatrix(
        measurement=measurement,
        codes=codes,
        cases=tuple(cases),
        names={c: codebook[c].name for c in codes} | {c: counts.kinds.name(c) for c in cases},
        cells={},
        families=families,
        parts={family: codebook.parts(family) for family in families},
        n_unplaced=int(counts.units[kept[nobody[counts.named[kept]]]].sum()),
        targets=targets,
        values=_values(counts.patterns, targets, kind=kind),
        rows=rows,
        counts=counts,
    )
    cells = {case: _cells(matrix, case) for case in cases}
    return replace(matrix, cells={(code, case): cells[case][code] for code in codes for case in cases})


def _values(
    patterns: Sequence[Pattern], targets: Mapping[str, tuple[str, ...]], *, kind: Literal["rules", "model"]
) -> Values:
    """Return for each pattern and code 1, 0 or -1, with what counts for the code from below."""
    column = {code: i for i, code in enumerate(targets)}
    bears, unread = (np.zeros((len(patterns), len(column)), dtype=np.float32) for _ in range(2))
    for row, (borne, not_read) in enumerate(patterns):
        bears[row, [column[code] for code in borne]] = 1
        unread[row, [column[code] for code in not_read]] = 1
    counting = np.zeros((len(column), len(column)), dtype=np.float32)
    for code, above in targets.items():
        counting[column[code], [column[each] for each in above]] = 1
    read = 1 - unread
    is_read = (read @ counting if kind == "rules" else read) > 0
    values = np.where(bears @ counting > 0, PRESENT, ABSENT)
    return np.where(is_read, values, UNREAD).astype(np.int8)


def _cells(matrix: CountedMatrix, case: str) -> dict[str, CountedCell]:
    counts, rows = matrix.counts, matrix.rows[case]
    documents, place = np.unique(counts.document[rows], return_inverse=True)
    pattern, units = counts.pattern[rows], counts.units[rows]
    found = {}
    for column, code in enumerate(matrix.codes):
        values = matrix.values[:, column]
        inside = values != UNREAD
        n_read = int(units[inside[pattern]].sum())
        if matrix.measurement.measure == "profile":
            inside = inside & matrix._bears_any(code)  # noqa: SLF001  of this module
        bears, is_base = (values == PRESENT)[pattern], inside[pattern]
        n_bearing = _summed(place, units * bears, len(documents))
        n_base = _summed(place, units * is_base, len(documents))
        n = int(n_bearing.sum())
        found[code] = CountedCell(
            code=code,
            case=case,
            value=_value(matrix.measurement, n_bearing, n_base),
            n=n,
            base=int(n_base.sum()),
            n_documents=int((n_bearing > 0).sum()),
            state="not examined" if not n_read else "present" if n else "searched",
            n_read=n_read,
        )
    return found


def _value(measurement: Measurement, n_bearing: Sums, n_base: Sums) -> float | None:
    """Return the measure, of the units of each document that bear the code and that are its base."""
    if not n_base.any():
        return None
    match measurement.measure:
        case "units":
            return float(n_bearing.sum())
        case "documents":
            return float((n_bearing > 0).sum())
        case _ if measurement.weight == "unit":
            return float(n_bearing.sum() / n_base.sum())
        case _:
            own = n_base > 0
            return float((n_bearing[own] / n_base[own]).mean())


def _each(places: NDArray[np.integer]) -> Integers:
    """Return each place once, in order: by marking them, for a million are slow to sort."""
    is_there = np.zeros(places.max(initial=-1) + 1, dtype=np.bool_)
    is_there[places] = True
    return np.flatnonzero(is_there)


def _summed(place: NDArray[np.integer], numbers: NDArray[np.generic], n: int) -> Sums:
    """Return the sum of the numbers at each of n places."""
    return np.bincount(place, weights=numbers, minlength=n).astype(np.float64)
