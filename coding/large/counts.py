"""Documents and counts of a tagged folder as columns of numbers: no object for each unit or document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.attribution import NAMED_BY_MENTION
from coding.cases import is_single
from coding.errors import CodingError
from coding.large.tagged import Tagged
from coding.model import Corpus, Document, Value

if TYPE_CHECKING:
    import pyarrow as pa

    from coding.model import Case
    from coding.selection import Selection

Integers = NDArray[np.int64]
Places = NDArray[np.int32]  # places in a list: half the memory where there are millions
Pattern = tuple[tuple[str, ...], tuple[str, ...]]

_SELECTING = ("fidelity", "source_kind", "year")  # variables by which studies select, besides the donor

_BETWEEN, _APART = "\x1f", "\x1e"  # stand in no id of a code or case


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """D documents and R rows of counts, each a number of units of one document that are alike.

    Attributes
    ----------
    kinds : a document without text for each combination of variables: the first that has it
    kind : (D,), the place of its kind in `kinds`
    cluster : (D,), the place in `cluster_names`: of the document's family, else of its id
    document, units, pattern, named : (R,), the document, how many units, the place in `patterns` and that in
        `speaks_of`
    patterns : which codes units bear, and for which they were not read
    speaks_of : cases of which units speak
    starts : (P + 1,), the first document of each of P partitions
    """

    kinds: Corpus
    kind: Places = field(repr=False)
    cluster: Places = field(repr=False)
    cluster_names: tuple[str, ...] = field(repr=False)
    document: Places = field(repr=False)
    units: Integers = field(repr=False)
    pattern: Places = field(repr=False)
    named: Places = field(repr=False)
    patterns: tuple[Pattern, ...] = field(repr=False)
    speaks_of: tuple[tuple[str, ...], ...] = field(repr=False)
    starts: Integers = field(repr=False)

    @property
    def alike(self) -> dict[str, int]:
        """How many documents there are of each kind, by the id of its first."""
        n = np.bincount(self.kind, minlength=len(self.kinds))
        return {document.id: int(n[i]) for i, document in enumerate(self.kinds)}

    def by_partition(self, documents: Integers) -> dict[int, Integers]:
        """Return for each partition that has some of these documents their places in it."""
        at = np.searchsorted(self.starts, documents, side="right") - 1
        return {int(p): documents[at == p] - self.starts[p] for p in np.unique(at)}


def read_counts(tagged: Tagged, cases: Mapping[str, Case]) -> Counts:
    """Return the documents of a tagged folder and their counts.

    Parameters
    ----------
    cases : known by their names

    Raises
    ------
    CodingError
        If a file is not the one that was written, or an id stands in two partitions.
    """
    tagged.refuse_changed(("documents", "counts"))
    documents = _Documents((*tagged.settings.by, "donor", "about", *_SELECTING))
    patterns, speaks_of = _Numbered(), _Numbered()
    rows = []
    for partition in range(len(tagged.names)):
        first = documents.n
        ids = documents.add(tagged.table("documents", partition))
        rows.append(_rows(tagged.table("counts", partition), ids, first, patterns, speaks_of))
    document, units, pattern, named = (np.concatenate(column) for column in zip(*rows, strict=True))
    kinds, kind = documents.kinds()
    cluster, cluster_names = documents.clusters()
    return Counts(
        kinds=Corpus(kinds, dict(cases)),
        kind=kind,
        cluster=cluster,
        cluster_names=cluster_names,
        document=document.astype(np.int32),
        units=units.astype(np.int64),
        pattern=pattern.astype(np.int32),
        named=named.astype(np.int32),
        patterns=tuple(_pattern(str(value or "")) for value in patterns.values),
        speaks_of=tuple(_parts(str(value or "")) for value in speaks_of.values),
        starts=np.array(documents.starts, dtype=np.int64),
    )


def needed(selection: Selection, by: Sequence[str]) -> tuple[str, ...]:
    """Return the variables without which a study counts no document.

    Parameters
    ----------
    by : the variables whose values make a case
    """
    return tuple(dict.fromkeys((*by, NAMED_BY_MENTION, *selection.asks)))


def lacking(variables: Mapping[str, Value], needed: Sequence[str]) -> str | None:
    """Return the first variable of which a document has no single value, of those that it needs."""
    return next((name for name in needed if not is_single(variables.get(name))), None)


def ids_of(tagged: Tagged, partition: int, places: Integers) -> list[str]:
    """Return the ids of some documents of a partition."""
    ids = tagged.table("documents", partition, ["id"])["id"]
    return [str(each) for each in ids.take(places.tolist()).to_pylist()]


def _rows(
    table: pa.Table, ids: pa.ChunkedArray, first: int, patterns: _Numbered, speaks_of: _Numbered
) -> tuple[NDArray[np.generic], ...]:
    """Return document, units, pattern and cases of each row of counts of a partition."""
    import pyarrow.compute as pc

    joined = {name: pc.binary_join(table[name], _BETWEEN) for name in ("bears", "unread", "cases")}
    both = pc.binary_join_element_wise(joined["bears"], joined["unread"], _APART)
    document = pc.index_in(table["document"], value_set=ids.combine_chunks())
    return (
        document.to_numpy() + first,
        table["units"].to_numpy(),
        patterns.of(both),
        speaks_of.of(joined["cases"]),
    )


def _parts(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(_BETWEEN)) if joined else ()


def _pattern(both: str) -> Pattern:
    bears, _, unread = both.partition(_APART)
    return _parts(bears), _parts(unread)


class _Numbered:
    """Values, each with its number, from partition to partition."""

    def __init__(self) -> None:
        self._numbers: dict[Value, int] = {}

    @property
    def values(self) -> list[Value]:
        """Each value once, by its number."""
        return list(self._numbers)

    def of(self, column: pa.ChunkedArray) -> Places:
        """Return the number of each cell of a column."""
        places, values = _encoded(column)
        own = [self._numbers.setdefault(value, len(self._numbers)) for value in (*values, None)]
        return np.array(own, dtype=np.int32)[places]


def _encoded(column: pa.ChunkedArray) -> tuple[Integers, list[Value]]:
    """Return for each cell of a column the place of its value among its values, -1 for none; and these."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_list = pa.types.is_list(column.type)
    encoded = (pc.binary_join(column, _BETWEEN) if is_list else column).combine_chunks().dictionary_encode()
    places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    values = encoded.dictionary.to_pylist()
    return places, [_parts(value) or None for value in values] if is_list else values


class _Documents:
    """Documents as they come from partition to partition: their variables as numbers, and their clusters."""

    def __init__(self, variables: Sequence[str]) -> None:
        self.starts = [0]
        self._numbers = {name: _Numbered() for name in dict.fromkeys(variables)}
        self._places: dict[str, list[Places]] = {name: [] for name in self._numbers}
        self._ids: list[pa.ChunkedArray] = []
        self._clusters: list[pa.Array] = []

    @property
    def n(self) -> int:
        """How many there are."""
        return self.starts[-1]

    def add(self, table: pa.Table) -> pa.ChunkedArray:
        """Take the documents of a partition; return their ids."""
        import pyarrow as pa

        ids = table["id"]
        for name, numbers in self._numbers.items():
            column = f"variable {name}"
            there = table[column] if column in table.column_names else pa.chunked_array([pa.nulls(len(ids))])
            self._places[name].append(numbers.of(there))
        self._ids.append(ids)
        self._clusters.append(_clusters(table, ids))
        self.starts.append(self.n + len(ids))
        return ids

    def kinds(self) -> tuple[tuple[Document, ...], Places]:
        """Return a document of each kind, in the order in which they come, and the kind of each document."""
        self._refuse_twice()
        columns = {name: np.concatenate(places) for name, places in self._places.items()}
        alike = np.zeros(self.n, dtype=np.int64)
        for name, column in columns.items():
            n = len(self._numbers[name].values)
            alike = np.unique(alike * n + column, return_inverse=True)[1]
        _, first, kind = np.unique(alike, return_index=True, return_inverse=True)
        order = np.argsort(first)
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        return tuple(self._document(int(i), columns) for i in first[order]), place[kind]

    def _refuse_twice(self) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        ids = pa.chunked_array([chunk for column in self._ids for chunk in column.chunks], pa.string())
        n = self.n - pc.count_distinct(ids).as_py()
        if n:
            raise CodingError(
                f"{n:,} documents have an id that another partition has too: they would count twice. Give "
                "each an id of its own and code again; partitions that did not change are not done again."
            )

    def clusters(self) -> tuple[Places, tuple[str, ...]]:
        """Return for each document the place of its cluster, and the names of the clusters."""
        import pyarrow as pa

        encoded = pa.chunked_array(self._clusters, pa.string()).combine_chunks().dictionary_encode()
        return encoded.indices.to_numpy().astype(np.int32), tuple(encoded.dictionary.to_pylist())

    def _document(self, place: int, columns: Mapping[str, Places]) -> Document:
        values = {name: self._numbers[name].values[column[place]] for name, column in columns.items()}
        partition = int(np.searchsorted(self.starts, place, side="right")) - 1
        name = str(self._ids[partition][place - self.starts[partition]])
        return Document(name, "", {key: value for key, value in values.items() if value is not None})


def _clusters(table: pa.Table, ids: pa.ChunkedArray) -> pa.Array:
    """Return the cluster of each document, as `coding.model.Document.cluster` names it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    own = ids.combine_chunks()
    if "variable family" not in table.column_names:
        return own
    places, values = _encoded(table["variable family"])
    names = pa.array([*(str(value) if value else None for value in values), None], pa.string())
    return pc.coalesce(names.take(pa.array(places % len(names))), own)
