"""A look before anything is coded: which documents of a large corpus a study would count, and which not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coding.errors import CodingError, refuse
from coding.large import places
from coding.large.columns import Columns, lack, whole_year
from coding.large.counts import lacking, needed
from coding.large.work import as_parquet
from coding.model import Document
from coding.selection import OTHER_CASE, Selection, cases_of, why_left_out

_MOST = 5  # partitions that are looked at
_TOLD = ("donor", "year")  # variables of which it is said how they are written
_NOTHING = ("None", "nan", "")


@dataclass(frozen=True, slots=True)
class Look:
    """What a study would count of some partitions.

    Attributes
    ----------
    n_looked, n_parts : partitions that were looked at, and all
    n_documents, n_counted : rows in those looked at, and how many of them the study would count
    left_out : why not the others, by `coding.selection` or for want of a variable
    donors : of those that are of another case, how many are of each, the commonest first
    meant : how many rows write a donor otherwise than by its id, by what they write and the id
    no_year : a cell that should be a year and is none; empty if there is none such
    replaced : columns in whose place something is said of all documents
    unread : why partitions could not be looked at
    """

    n_looked: int
    n_parts: int
    n_documents: int
    n_counted: int
    left_out: Mapping[str, int]
    donors: Mapping[str, int]
    meant: Mapping[str, Mapping[str, int]]
    no_year: str
    replaced: tuple[str, ...]
    unread: Mapping[str, str]

    @property
    def is_vain(self) -> bool:
        """Whether all that can be read was looked at, and the study counts none of it."""
        return self.n_looked + len(self.unread) == self.n_parts and not self.n_counted


def look(named: Sequence[str], columns: Columns, selection: Selection, *, by: Sequence[str]) -> Look | None:
    """Return what a study would count of some partitions spread over all: their texts are not read.

    If it counts none of them the others are looked at too, until it counts some. Partitions that cannot be
    read are left to those who code; None if no other is looked at.

    Parameters
    ----------
    named : files, folders, patterns, addresses
    by : the variables whose values make a case

    Raises
    ------
    CodingError
        If there is no partition, or none of those looked at first has the columns that are needed.
    """
    files = places.partitions(named)
    n = min(_MOST, len(files))
    first = list(dict.fromkeys(files[i * (len(files) - 1) // max(1, n - 1)] for i in range(n)))
    seen = _Seen(columns, selection, tuple(by))
    problems: dict[str, list[str]] = {}
    for i, place in enumerate([*first, *(place for place in files if place not in first)]):
        if i >= n and (seen.counts_some or not seen.n):
            break
        try:
            seen.partition(place)
        except _Columns as error:
            for problem in error.problems:
                problems.setdefault(problem, []).append(place)
            seen.unread[place] = " ".join(error.problems)
        except (CodingError, OSError) as error:
            seen.unread[place] = str(error).removeprefix(f"{place}: ")
    if not seen.n:
        refuse([f"{_listed(where)}: {problem}" for problem, where in problems.items()])
        return None
    return seen.found(len(files))


class _Columns(CodingError):  # noqa: N818  it names what was met, not that it is an error
    """A partition lacks columns."""


class _Seen:
    """What was found in the partitions that were looked at so far."""

    def __init__(self, columns: Columns, selection: Selection, by: tuple[str, ...]) -> None:
        self.n = 0
        self.unread: dict[str, str] = {}
        self._columns, self._selection = columns, selection
        self._needed = needed(selection, by)
        self._why: Counter[str] = Counter()
        self._donors: Counter[str] = Counter()
        self._meant: dict[str, Counter[str]] = {}
        self._no_year = ""
        self._replaced: set[str] = set()

    @property
    def counts_some(self) -> bool:
        """Whether the study would count a document."""
        return self._why[""] > 0

    def partition(self, place: str) -> None:
        """Take in a partition, wholly or not at all.

        Raises
        ------
        CodingError
            If it cannot be read; a `_Columns` if it lacks some.
        """
        import pyarrow.parquet as pq

        why, donors = Counter[str](), Counter[str]()
        with places.reading(place) as file, as_parquet():
            parquet = pq.ParquetFile(file, pre_buffer=False)
            there = set(parquet.schema_arrow.names)
            try:
                every = self._columns.of(parquet.schema_arrow, needed=self._needed)
            except CodingError as error:
                raise _Columns(str(error), error.problems) from error
            own = {name: every[name] for name in (*self._needed, "about") if name in every}
            table = parquet.read(columns=list(dict.fromkeys(own.values())), use_threads=False)
            cells = {name: Counter(map(str, table[own[name]].to_pylist())) for name in _TOLD if name in own}
            for batch in table.to_batches():
                for variables in self._columns.values(batch, own):
                    document = Document("", "", variables)
                    reason = self._reason(document)
                    why[reason or ""] += 1
                    donors.update(cases_of(document) if reason == OTHER_CASE else ())
        self.n += 1
        self._why += why
        self._donors += donors
        self._replaced |= there & set(self._columns.given)
        self._tell(cells)

    def _tell(self, cells: Mapping[str, Counter[str]]) -> None:
        for written, n in cells.get("donor", Counter[str]()).items():
            if (case := self._columns.donor(written)) != written:
                self._meant.setdefault(case, Counter())[written] += n
        if not self._no_year:
            wrong = (
                cell
                for cell in cells.get("year", ())
                if cell not in _NOTHING and not whole_year(_number(cell))
            )
            self._no_year = next(wrong, "")

    def found(self, n_parts: int) -> Look:
        """Return what was found, of so many partitions in all."""
        return Look(
            n_looked=self.n,
            n_parts=n_parts,
            n_documents=self._why.total(),
            n_counted=self._why[""],
            left_out={reason: n for reason, n in self._why.most_common() if reason},
            donors=dict(self._donors.most_common()),
            meant={case: dict(ways) for case, ways in self._meant.items()},
            no_year=self._no_year,
            replaced=tuple(sorted(self._replaced)),
            unread=self.unread,
        )

    def _reason(self, document: Document) -> str | None:
        """Return why a document would be left out; None if it would be counted."""
        if name := lacking(document.variables, self._needed):
            return lack(name, document.variables.get(name))
        return why_left_out(document, self._selection)


def _number(cell: str) -> object:
    """Return a number that was written as text, so far as it is one."""
    try:
        return float(cell)
    except ValueError:
        return cell


def _listed(where: Sequence[str]) -> str:
    more = len(where) - 1
    return f"{where[0]}{f' and {more} more that were looked at' if more else ''}"
