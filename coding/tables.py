"""The tables of the store: which kind of row is kept in which, and how a row becomes columns and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache
from importlib import resources
from operator import attrgetter
from typing import Any, TypeVar

from coding.batch import Assignment, Decision, Edition, Kept, Look, Memo, Placing, Query, Row, TakenBack
from coding.model import CodedSegment, Coder, Reading, Segment

Column = str | int | float | None

TABLES: dict[type, str] = {
    Coder: "coders",
    Assignment: "assignments",
    Look: "looks",
    Reading: "readings",
    CodedSegment: "segments",
    Memo: "memos",
    Decision: "decisions",
    Query: "queries",
    Kept: "kept",
    Edition: "editions",
    Placing: "placings",
    TakenBack: "taken_back",
}

# Which rows of a table t stand: their batch was not undone, and they were not taken back.
STANDS = (
    "t.batch NOT IN (SELECT batch FROM undone)"
    ' AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.row = t.id AND g."of" = t.batch)'
)

_Kind = TypeVar("_Kind", bound=Row)
_PLACE = ("document", "start", "end", "digest")  # the fields of a Segment, in the columns of a table
_NAMES: dict[tuple[type, str], str] = {(TakenBack, "batch"): "of"}


@cache
def migrations() -> tuple[tuple[str, str], ...]:
    """Return the scripts that make the tables, in order, with their names."""
    folder = resources.files("coding") / "migrations"
    scripts = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple((name, file.read_text(encoding="utf-8")) for name, file in scripts)


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one, so that all of them fit into one transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def columns(kind: type) -> tuple[str, ...]:
    """Return the columns of a kind of row: its fields, with a segment in four."""
    return _COLUMNS[kind]


def select(kind: type) -> str:
    """Return the columns of a kind of row, as a query over its table t names them."""
    return ", ".join(f't."{name}"' for name in columns(kind))


def values(row: Row) -> tuple[Column, ...]:
    """Return what is kept of a row, one value a column."""
    kind = type(row)
    kept: tuple[Column, ...] = _GET[kind](row)
    others = _SWITCHES[kind] + _LISTS[kind]
    return kept if not others else tuple(_written(v) if i in others else v for i, v in enumerate(kept))


def _written(value: object) -> Column:
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return None if value is None else int(bool(value))


def row(kind: type[_Kind], kept: Sequence[Column]) -> _Kind:
    """Return the row of a kind of which these values were kept, in the order of its columns."""
    values: list[Any] = list(kept)
    for i in _SWITCHES[kind]:
        values[i] = bool(values[i])
    for i in _LISTS[kind]:
        values[i] = None if values[i] is None else tuple(json.loads(values[i]))
    at = _PLACED.get(kind)
    if at is not None:
        values[at : at + len(_PLACE)] = [Segment(*values[at : at + len(_PLACE)])]
    return kind(*values)


def _of(kind: type[Row]) -> tuple[str, ...]:
    names: list[str] = []
    for each in fields(kind):
        names += _PLACE if each.name == "segment" else (_NAMES.get((kind, each.name), each.name),)
    return tuple(names)


def _paths(kind: type[Row]) -> Iterator[str]:
    for each in fields(kind):
        yield from (f"segment.{name}" for name in _PLACE) if each.name == "segment" else (each.name,)


_GET = {kind: attrgetter(*_paths(kind)) for kind in TABLES}
_COLUMNS: dict[type, tuple[str, ...]] = {kind: _of(kind) for kind in TABLES}
_SWITCHES = {kind: [i for i, name in enumerate(names) if name == "blind"] for kind, names in _COLUMNS.items()}
_LISTS = {
    kind: [i for i, name in enumerate(names) if name in ("codes", "given")]
    for kind, names in _COLUMNS.items()
}
_PLACED: dict[type, int] = {
    kind: [each.name for each in fields(kind)].index("segment") for kind in (Reading, CodedSegment, Placing)
}
