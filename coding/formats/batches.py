"""The record of a project's work as JSON Lines: a line a batch, in the order of their times.

Two exports of one project differ only by the lines of the acts between them, so a version control system
shows the work as it was done, and merging two copies is keeping the lines of both.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from coding.batch import (
    Assignment,
    Batch,
    Decision,
    Edition,
    Kept,
    Look,
    Memo,
    Placing,
    Query,
    Row,
    TakenBack,
)
from coding.errors import CodingError, refuse
from coding.formats.text import decode, write_text
from coding.model import CodedSegment, Coder, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SUFFIXES = (".jsonl",)
MOST_BYTES = 200_000_000  # 40,000 coded segments are about 25 million

_KEYS: dict[str, type[Row]] = {
    "coders": Coder,
    "assignments": Assignment,
    "looks": Look,
    "readings": Reading,
    "segments": CodedSegment,
    "memos": Memo,
    "decisions": Decision,
    "queries": Query,
    "kept": Kept,
    "editions": Edition,
    "placings": Placing,
    "taken_back": TakenBack,
}


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: str
    at: str
    coder: str
    act: str
    undoes: str | None = None


def write_batches(path: Path, batches: Iterable[Batch]) -> None:
    """Write batches, sorted by time and id."""
    ordered = sorted(batches, key=lambda batch: (batch.at, batch.id))
    write_text(path, "".join(f"{_line(batch)}\n" for batch in ordered))


def read_batches(path: Path, *, name: str | None = None) -> list[Batch]:
    """Return the batches of a file.

    Raises
    ------
    CodingError
        Listing every line that is no batch, with what is wrong in it; or if the file is larger than is read.
    """
    shown = name or str(path)
    _refuse_larger(path, shown)
    found, problems = [], []
    for number, line in enumerate(decode(path, name=shown).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(_batch(line))
        except CodingError as error:
            problems += [f"{shown}, line {number}: {problem}" for problem in error.problems]
    refuse(problems)
    return found


def _refuse_larger(path: Path, shown: str) -> None:
    """Raise before anything is read of a file that is larger than `MOST_BYTES`."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CodingError(f"{shown}: cannot be read: {error.strerror}.") from error
    if size > MOST_BYTES:
        raise CodingError(
            f"{shown}: has {size / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:,.0f} MB are read. Part it between "
            "lines, and import the parts one after the other: each line is an act of its own."
        )


def _line(batch: Batch) -> str:
    values: dict[str, Any] = {"id": batch.id, "at": batch.at, "coder": batch.coder, "act": batch.act}
    if batch.undoes is not None:
        values["undoes"] = batch.undoes
    for key, kind in _KEYS.items():
        rows = [_adapter(key).dump_python(row, mode="json", exclude_defaults=True) for row in batch.of(kind)]
        if rows:
            values[key] = rows
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _batch(line: str) -> Batch:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise CodingError(f"no valid JSON ({error}). A line was cut or changed; export once more.") from error
    if not isinstance(values, dict):
        raise CodingError("no batch, which is a JSON object. Is this a file of `coding export`?")
    rows: list[Row] = []
    problems: list[str] = []
    for key in _KEYS:
        for i, row in enumerate(_listed(values.pop(key, []), key, problems)):
            try:
                rows.append(_adapter(key).validate_json(json.dumps(row), strict=True, extra="forbid"))
            except ValidationError as error:
                problems += _messages(error, f"{key} {i + 1}")
            except CodingError as error:
                problems.append(f"{key} {i + 1}: {error}")
    try:
        head = _Head.model_validate(values)
    except ValidationError as error:
        problems += _messages(error, "batch")
    refuse(problems)
    return Batch(head.id, head.at, head.coder, head.act, tuple(rows), head.undoes)  # type: ignore[arg-type]


def _listed(value: object, key: str, problems: list[str]) -> list[object]:
    if isinstance(value, list):
        return value
    problems.append(f"{key}: not a list.")
    return []


def _messages(error: ValidationError, where: str) -> list[str]:
    return [
        f"{where}, {'.'.join(str(part) for part in details['loc']) or 'value'}: {details['msg']}."
        for details in error.errors()
    ]


@cache
def _adapter(key: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KEYS[key])
