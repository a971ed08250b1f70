"""A look before anything is coded: which documents of a large corpus a study would count, and which not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coding.attribution import NAMED_BY_MENTION
from coding.errors import CodingError, refuse
from coding.large import places
from coding.large.columns import Columns, lack
from coding.large.counts import SELECTING, lacking
from coding.large.work import as_parquet
from coding.model import Document
from coding.selection import OTHER_CASE, Selection, cases_of, why_left_out

_MOST = 5  # partitions that are looked at


@dataclass(frozen=True, slots=True)
class Look:
    """What a study would count of some partitions.

    Attributes
    ----------
    n_looked, n_parts : partitions that were looked at, and all
    n_documents, n_counted : rows in those looked at, and how many of them the study would count
    left_out : why not the others, by `coding.selection` or for want of a variable
    donors : of those that are of another case, how many are of each, the commonest first
    replaced : columns in whose place something is said of all documents
    """

    n_looked: int
    n_parts: int
    n_documents: int
    n_counted: int
    left_out: Mapping[str, int]
    donors: Mapping[str, int]
    replaced: tuple[str, ...]


def look(named: Sequence[str], columns: Columns, selection: Selection, *, by: Sequence[str]) -> Look | None:
    """Return what a study would count of some partitions spread over all: their texts are not read.

    Partitions that cannot be read are left to those who code; None if no other is looked at.

    Parameters
    ----------
    named : files, folders, patterns, addresses
    by : the variables whose values make a case

    Raises
    ------
    CodingError
        If there is no partition, or none of those looked at has the columns that are needed.
    """
    files = places.partitions(named)
    n = min(_MOST, len(files))
    seen = _Seen(columns, selection, tuple(by))
    problems: dict[str, list[str]] = {}
    for place in (files[i * (len(files) - 1) // max(1, n - 1)] for i in range(n)):
        try:
            seen.partition(place)
        except _Columns as error:
            for problem in error.problems:
                problems.setdefault(problem, []).append(place)
        except (CodingError, OSError):
            continue
    if not seen.n:
        refuse([f"{_listed(where)}: {problem}" for problem, where in problems.items()])
        return None
    return seen.found(len(files))


def needed(by: Sequence[str]) -> tuple[str, ...]:
    """Return the variables without which a study counts no document."""
    return tuple(dict.fromkeys((*by, NAMED_BY_MENTION, *SELECTING)))


class _Columns(CodingError):  # noqa: N818  it names what was met, not that it is an error
    """A partition lacks columns."""


class _Seen:
    """What was found in the partitions that were looked at so far."""

    def __init__(self, columns: Columns, selection: Selection, by: tuple[str, ...]) -> None:
        self.n = 0
        self._columns, self._selection, self._by = columns, selection, by
        self._why: Counter[str] = Counter()
        self._donors: Counter[str] = Counter()
        self._replaced: set[str] = set()

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
                every = self._columns.of(parquet.schema_arrow, needed=needed(self._by))
            except CodingError as error:
                raise _Columns(str(error), error.problems) from error
            own = {name: every[name] for name in (*needed(self._by), "about") if name in every}
            table = parquet.read(columns=list(dict.fromkeys(own.values())), use_threads=False)
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

    def found(self, n_parts: int) -> Look:
        """Return what was found, of so many partitions in all."""
        return Look(
            self.n,
            n_parts,
            self._why.total(),
            self._why[""],
            {reason: n for reason, n in self._why.most_common() if reason},
            dict(self._donors.most_common()),
            tuple(sorted(self._replaced)),
        )

    def _reason(self, document: Document) -> str | None:
        """Return why a document would be left out; None if it would be counted."""
        if name := lacking(document.variables, self._by):
            return lack(name, document.variables.get(name))
        return why_left_out(document, self._selection)


def _listed(where: Sequence[str]) -> str:
    more = len(where) - 1
    return f"{where[0]}{f' and {more} more that were looked at' if more else ''}"
