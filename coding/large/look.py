"""A look before anything is coded: which documents of a large corpus a study would count, and which not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.attribution import NAMED_BY_MENTION
from coding.errors import CodingError, refuse
from coding.large import places
from coding.large.columns import Columns
from coding.large.counts import SELECTING, lacking, whole_year
from coding.large.work import as_parquet
from coding.model import Document
from coding.selection import Selection, why_left_out

if TYPE_CHECKING:
    import pyarrow as pa

    from coding.model import Value

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
    wanted = dict.fromkeys((*by, "donor", "about", *SELECTING))
    why: Counter[str] = Counter()
    donors: Counter[str] = Counter()
    there, n_looked = set[str](), 0
    problems: dict[str, list[str]] = {}
    for place in (files[i * (len(files) - 1) // max(1, n - 1)] for i in range(n)):
        try:
            schema, table, found = _variables(place, columns, tuple(wanted), needed(by))
        except _Columns as error:
            for problem in error.problems:
                problems.setdefault(problem, []).append(place)
            continue
        except (CodingError, OSError):
            continue
        n_looked += 1
        there |= set(schema.names) & set(columns.given)
        for batch in table.to_batches():
            for variables in columns.values(batch, found):
                reason = _reason(variables, selection, by)
                why[reason or ""] += 1
                if reason == "other case":
                    donors[str(variables.get(NAMED_BY_MENTION))] += 1
    if not n_looked:
        refuse([f"{_listed(where)}: {problem}" for problem, where in problems.items()])
        return None
    left_out = {reason: number for reason, number in why.most_common() if reason}
    return Look(
        n_looked,
        len(files),
        why.total(),
        why[""],
        left_out,
        dict(donors.most_common()),
        tuple(sorted(there)),
    )


def needed(by: Sequence[str]) -> tuple[str, ...]:
    """Return the variables without which a study counts no document."""
    return tuple(dict.fromkeys((*by, NAMED_BY_MENTION, *SELECTING)))


class _Columns(CodingError):  # noqa: N818  it names what was met, not that it is an error
    """A partition lacks columns."""


def _variables(
    place: str, columns: Columns, wanted: Sequence[str], needed: Sequence[str]
) -> tuple[pa.Schema, pa.Table, dict[str, str]]:
    """Return the columns of a partition, some variables of its documents, and the column of each."""
    import pyarrow.parquet as pq

    with places.reading(place) as file, as_parquet():
        parquet = pq.ParquetFile(file, pre_buffer=False)
        schema = parquet.schema_arrow
        try:
            found = columns.of(schema, needed=needed)
        except CodingError as error:
            raise _Columns(str(error), error.problems) from error
        own = {name: column for name, column in found.items() if name in wanted}
        table = parquet.read(columns=list(dict.fromkeys(own.values())), use_threads=False)
    return schema, table, own


def _listed(where: Sequence[str]) -> str:
    more = len(where) - 1
    return f"{where[0]}{f' and {more} more that were looked at' if more else ''}"


def _reason(variables: Mapping[str, Value], selection: Selection, by: Sequence[str]) -> str | None:
    """Return why a document would be left out; None if it would be counted."""
    if lacked := lacking(variables, by):
        return f"no {lacked}"
    document = Document("", "", {**variables, "year": whole_year(variables["year"])})
    return why_left_out(document, selection)
