"""Which codes stand together: for each two codes, how many places bear both.

A place is a sentence, a paragraph or a document. Of a document that speaks of several cases, a place of a
case holds only those units that are the case's. That two codes stand together says that a text says both
there; it does not say that it joins them, nor that one follows from the other (docs/methods/pathways.md).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, choose, nearest
from coding.matrix import Matrix, State
from coding.model import CodedSegment, Corpus, Segment
from coding.units import ABSENT, PRESENT, UNREAD, Unit, unitise

if TYPE_CHECKING:
    import pandas as pd

    from coding.codebook import Codebook

_FROM_FINE = get_args(Unit)  # sentence, paragraph, document
Codes = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """How two codes stand to one another in the places that were read for both.

    Attributes
    ----------
    first, second : the ids; of several codes, of which a place bears any, joined by " or "
    n_both : places that bear both
    n_first, n_second : places that bear the one, the other
    base : places read for both
    n_unread : units that were not read for both; they count neither as bearing nor as not bearing
    n_documents : documents with a place that bears both
    state : present, absent (people read all of the base), searched (found none), not examined
    places : those that bear both, in the order of the corpus
    """

    first: str
    second: str
    n_both: int
    n_first: int
    n_second: int
    base: int
    n_unread: int
    n_documents: int
    state: State
    places: tuple[Segment, ...] = field(repr=False)

    @property
    def n_either(self) -> int:
        """Places that bear one of them, or both."""
        return self.n_first + self.n_second - self.n_both

    @property
    def jaccard(self) -> float | None:
        """Of the places that bear either, the share that bears both; None where none bears either.

        Source
        ------
        Jaccard, "The distribution of the flora in the alpine zone", *New Phytologist* 11 (1912).
        """
        return self.n_both / self.n_either if self.n_either else None

    @property
    def lift(self) -> float | None:
        """How many times as often both stand together as they would by chance; None if one is missing.

        By chance: each standing anywhere alike. 1: as often as that; 0: never. With few places it leaps, so
        it is to be read beside `n_both`.

        Source
        ------
        Brin, Motwani, Ullman & Tsur, "Dynamic itemset counting and implication rules for market basket
        data", *SIGMOD* (1997), who call it interest.
        """
        alone = self.n_first * self.n_second
        return self.n_both * self.base / alone if alone else None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A place that bears two codes, with the coded segments that count there for the one and the other."""

    place: Segment
    first: tuple[CodedSegment, ...]
    second: tuple[CodedSegment, ...]


@dataclass(frozen=True, slots=True)
class Cooccurrence:
    """Places x codes, of a case or of all. `pair` counts two codes, `frame` all of them.

    Attributes
    ----------
    together : what a place is
    case : its id; None if the places of all cases are counted, each once
    codes : the codes of the table, in order
    places : length P
    values : int8 array (P, all codes of the matrix): 1 (bears it), 0 (read, does not), -1 (not read)
    by_person : bool array of the same shape, whether people read all units of the place that were read
    rows : for each place the rows of its units in the matrix's projection
    """

    matrix: Matrix = field(repr=False)
    together: Unit
    case: str | None
    codes: tuple[str, ...]
    places: tuple[Segment, ...] = field(repr=False)
    values: NDArray[np.int8] = field(repr=False)
    by_person: NDArray[np.bool_] = field(repr=False)
    rows: tuple[tuple[int, ...], ...] = field(repr=False)

    def column(self, codes: Codes) -> NDArray[np.int8]:
        """Return the values of a code; of several, 1 where any is borne and 0 where all were read for.

        Raises
        ------
        CodingError
            Naming the nearest code if one is unknown.
        """
        return _any_of(self.values[:, _columns(self.matrix, codes)])

    @property
    def n_units(self) -> int:
        """Units of all places, read or not."""
        return sum(map(len, self.rows))

    @property
    def read(self) -> tuple[Segment, ...]:
        """The places that were read for one of the codes of the table at least."""
        read = (self.values[:, _columns(self.matrix, self.codes)] != UNREAD).any(axis=1)
        return tuple(self.places[i] for i in np.flatnonzero(read))

    def n_unread(self, *codes: Codes) -> int:
        """Return how many units were not read for all of some codes, or groups of codes, as in `column`."""
        rows = np.array([row for place in self.rows for row in place], dtype=np.int64)[:, None]
        values = self.matrix.projection.values
        columns = [_any_of(values[rows, _columns(self.matrix, each)]) == UNREAD for each in codes]
        return int(np.any(columns, axis=0).sum()) if columns else 0

    def pair(self, first: Codes, second: Codes) -> Pair:
        """Return how two codes stand to one another, or two groups of codes; a code with itself is its n."""
        one, two = self.column(first), self.column(second)
        read = (one != UNREAD) & (two != UNREAD)
        both = (one == PRESENT) & (two == PRESENT)
        places = tuple(self.places[i] for i in np.flatnonzero(both))
        asked = _columns(self.matrix, first) + _columns(self.matrix, second)
        by_person = bool(self.by_person[read][:, asked].all())
        return Pair(
            first=_joined(first),
            second=_joined(second),
            n_both=len(places),
            n_first=int((one[read] == PRESENT).sum()),
            n_second=int((two[read] == PRESENT).sum()),
            base=int(read.sum()),
            n_unread=self.n_unread(first, second),
            n_documents=len({place.document for place in places}),
            state=_state(int(read.sum()), len(places), by_person=by_person),
            places=places,
        )

    def __iter__(self) -> Iterator[Pair]:
        """Yield every two codes once, in order."""
        return (self.pair(one, two) for one, two in combinations(self.codes, 2))

    def counts(self) -> NDArray[np.int64]:
        """Return (C, C), how many places bear both codes; in the diagonal those that bear the code."""
        bears = (self.values[:, _columns(self.matrix, self.codes)] == PRESENT).astype(np.int64)
        return np.asarray(bears.T @ bears)

    def frame(self) -> pd.DataFrame:
        """Return the counts with the ids of the codes as rows and columns."""
        import pandas as pd

        return pd.DataFrame(self.counts(), index=list(self.codes), columns=list(self.codes))

    def meetings(self, first: Codes, second: Codes) -> tuple[Meeting, ...]:
        """Return the places that bear both, each with the coded segments behind it."""
        both = (self.column(first) == PRESENT) & (self.column(second) == PRESENT)
        return tuple(
            Meeting(self.places[i], self._behind(i, first), self._behind(i, second))
            for i in map(int, np.flatnonzero(both))
        )

    def _behind(self, place: int, codes: Codes) -> tuple[CodedSegment, ...]:
        evidence = self.matrix.projection.evidence
        found = [
            s for row in self.rows[place] for code in _listed(codes) for s in evidence.get((row, code), ())
        ]
        ordered = sorted(found, key=lambda s: (s.segment.start, s.segment.end, s.code))
        return tuple({s.id: s for s in ordered}.values())


def cooccur(
    matrix: Matrix, corpus: Corpus, *, codes: Sequence[str], together: Unit, case: str | None = None
) -> Cooccurrence:
    """Return which codes stand together in one place.

    Parameters
    ----------
    codes : ids, in the order of the table
    together : {"sentence", "paragraph", "document"}
        What a place is. It cannot be finer than the unit of the matrix, by which units go to cases. A place
        is made of those of its units that were read: it bears a code if one of them does, and without any
        it counts nowhere.
    case : id or shown name, optional
        Only the places of this case; those of all cases of the matrix, each once, if left out.

    Raises
    ------
    CodingError
        If a code or the case is unknown, or a place would be finer than the unit of the matrix.
    """
    choose(together, _FROM_FINE, "together")
    unit = matrix.measurement.unit
    if _FROM_FINE.index(together) < _FROM_FINE.index(unit):
        raise CodingError(
            f"together: codes are counted by {unit}, so what stands in one {together} is not known. Tabulate "
            f"by {together} (`coding.run(..., changed={{'unit': '{together}'}})`)."
        )
    _columns(matrix, codes)
    of_case = None if case is None else matrix.case(case)
    chosen = list(matrix.rows.values()) if of_case is None else [matrix.rows[of_case]]
    rows = np.unique(np.concatenate([np.array([], dtype=np.int64), *chosen]))
    places, of_row = _places(matrix, corpus, rows, together)
    values = np.full((len(places), len(matrix.projection.codes)), UNREAD, dtype=np.int8)
    np.maximum.at(values, of_row, matrix.projection.values[rows])
    # A place of which people read one part and rules searched another was not read by people.
    by_machine = np.zeros(values.shape, dtype=np.bool_)
    searched = (matrix.projection.values[rows] != UNREAD) & ~matrix.projection.by_person[rows]
    np.logical_or.at(by_machine, of_row, searched)
    by_person = (values != UNREAD) & ~by_machine
    members: list[list[int]] = [[] for _ in places]
    for row, place in zip(rows, of_row, strict=True):
        members[place].append(int(row))
    return Cooccurrence(
        matrix, together, of_case, tuple(codes), places, values, by_person, tuple(map(tuple, members))
    )


def codes_at(codebook: Codebook, codes: Sequence[str], *, depth: int) -> tuple[str, ...]:
    """Return the codes in use that stand `depth` below some codes; a code with none below stands for itself.

    Examples
    --------
    >>> from coding.codebook import Code, Codebook
    >>> codes = Code("a", "A", "d"), Code("a.b", "B", "d", parent="a"), Code("c", "C", "d")
    >>> book = Codebook("b", "1.0.0", codes)
    >>> codes_at(book, ["a", "c"], depth=1)
    ('a.b', 'c')
    """
    found = [codebook[code].id for code in codes]
    for _ in range(depth):
        below = {code: [child.id for child in codebook.children(code)] or [code] for code in found}
        found = [child for code in found for child in below[code]]
    return tuple(dict.fromkeys(found))


def _places(
    matrix: Matrix, corpus: Corpus, rows: NDArray[np.int64], together: Unit
) -> tuple[tuple[Segment, ...], NDArray[np.int64]]:
    """Return the places that hold some units, and for each of these units the number of its place."""
    units = matrix.projection.units
    if together == matrix.measurement.unit:
        return tuple(units[row] for row in rows), np.arange(len(rows))
    cuts = {
        name: unitise(corpus[name], together) for name in dict.fromkeys(units[row].document for row in rows)
    }
    starts = {name: [place.start for place in cut] for name, cut in cuts.items()}
    numbers: dict[Segment, int] = {}
    of_row = []
    for row in rows:
        unit = units[row]
        place = cuts[unit.document][bisect_right(starts[unit.document], unit.start) - 1]
        of_row.append(numbers.setdefault(place, len(numbers)))
    return tuple(numbers), np.array(of_row, dtype=np.int64)


def _any_of(values: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return (N,) of (N, C): 1 where any code is borne, 0 where all were read for, else -1."""
    silent = np.where((values == UNREAD).any(axis=1), UNREAD, ABSENT)
    return np.asarray(np.where((values == PRESENT).any(axis=1), PRESENT, silent), dtype=np.int8)


def _listed(codes: Codes) -> Sequence[str]:
    return [codes] if isinstance(codes, str) else codes


def _joined(codes: Codes) -> str:
    return " or ".join(_listed(codes))


def _columns(matrix: Matrix, codes: Codes) -> list[int]:
    known: Mapping[str, int] = {code: i for i, code in enumerate(matrix.projection.codes)}
    for code in _listed(codes):
        if code not in known:
            raise CodingError(f"the matrix has no code '{code}'.{nearest(code, known)}")
    return [known[code] for code in _listed(codes)]


def _state(n_read: int, n_bearing: int, *, by_person: bool) -> State:
    if n_bearing:
        return "present"
    if not n_read:
        return "not examined"
    return "absent" if by_person else "searched"
