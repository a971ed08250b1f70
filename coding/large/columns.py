"""Which columns of a partition hold what: the texts, their ids, their variables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from math import isnan
from typing import TYPE_CHECKING, get_args

from coding.errors import CodingError, choose, nearest, refuse
from coding.formats.case_edit import Fidelity, SourceKind
from coding.model import Document, Value

if TYPE_CHECKING:
    from pyarrow import DataType, RecordBatch, Schema

    from coding.model import Case

DONORS = ("donor", "about")
LISTS = ("about", "recipient", "agency", "source_language")

_LAST_YEAR = 9999
_DATE = re.compile(r"\s*(\d{4})-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:[T ].*)?)?\s*$")
_ALLOWED = {"fidelity": get_args(Fidelity), "source_kind": get_args(SourceKind)}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what.

    Attributes
    ----------
    id, text : columns with the documents' ids and texts
    variables : document variables that stand in columns of other names
    given : variables that are the same for all documents
    donors : the id of a case for each way in which a donor may be written, in small letters
    """

    id: str = "id"
    text: str = "text"
    variables: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Value] = field(default_factory=dict)
    donors: Mapping[str, str] = field(default_factory=dict)

    def of(self, schema: Schema, *, needed: Sequence[str]) -> dict[str, str]:
        """Return for each variable the column that holds it.

        Parameters
        ----------
        needed : variables without which the documents cannot be counted

        Raises
        ------
        CodingError
            Listing columns that are not there, stand twice, or hold something else than texts.
        """
        from pyarrow import types

        names = list(schema.names)
        problems = [
            f"no column '{column}' for {what}.{nearest(column, names)} Name it with {option}."
            for what, column, option in (("ids", self.id, "--id"), ("texts", self.text, "--text"))
            if column not in names
        ]
        problems += [f"column '{n}' stands {k} times." for n, k in Counter(names).items() if k > 1]
        problems += [
            f"no column '{column}' for the variable '{name}'.{nearest(column, names)}"
            for name, column in self.variables.items()
            if column not in names
        ]
        taken = {self.id, self.text, *self.variables.values()}
        own = {name: name for name in names if name not in taken and name not in self.variables}
        found = {
            name: column for name, column in (own | dict(self.variables)).items() if name not in self.given
        }
        refuse(
            problems
            + [
                f"no column '{name}', by which documents are counted.{nearest(name, names)} {named(name)}"
                for name in dict.fromkeys(needed)
                if name not in found and name not in self.given
            ]
        )
        if not any(
            is_text(schema.field(self.text).type) for is_text in (types.is_string, types.is_large_string)
        ):
            raise CodingError(f"column '{self.text}' holds {schema.field(self.text).type}, not texts.")
        return found

    def documents(
        self, batch: RecordBatch, variables: Mapping[str, str], left: Counter[str]
    ) -> Iterator[Document]:
        """Yield the documents of some rows; those that are none join the counts of `left`, by why not."""
        ids, texts = batch.column(self.id).to_pylist(), batch.column(self.text).to_pylist()
        for name, text, said in zip(ids, texts, self.values(batch, variables), strict=True):
            if name is None or str(name) == "":
                left["no id"] += 1
            elif not text or text.isspace():
                left["no text"] += 1
            else:
                yield Document(str(name), text, said)

    def values(self, batch: RecordBatch, variables: Mapping[str, str]) -> Iterator[dict[str, Value]]:
        """Yield the variables of each row: those that it has, and those that are said of all.

        A donor that is written by name or ISO code is the case that is meant.
        """
        given = {name: self._meant(name, _value(name, value)) for name, value in self.given.items()}
        columns = {name: batch.column(column).to_pylist() for name, column in variables.items()}
        for row in range(batch.num_rows):
            said = {name: self._meant(name, _value(name, cells[row])) for name, cells in columns.items()}
            yield {**{name: value for name, value in said.items() if value is not None}, **given}

    def donor(self, written: str) -> str:
        """Return the case that is meant by a donor as it is written; as it is if none is."""
        return self.donors.get(written.strip().casefold(), written)

    def _meant(self, name: str, value: Value) -> Value:
        if name not in DONORS or not self.donors:
            return value
        if isinstance(value, tuple):
            return tuple(map(self.donor, value))
        return self.donor(value) if isinstance(value, str) else value


def named(variable: str) -> str:
    """Say how a variable is given to documents that lack it."""
    values = "|".join(_ALLOWED.get(variable, ("VALUE",)))
    return (
        f"Name its column with --variable {variable}=COLUMN, or say it of all with --set {variable}={values}."
    )


def ways_to_write(cases: Mapping[str, Case]) -> dict[str, str]:
    """Return the id of a case for each way in which a table may write it: by id, name and ISO code.

    What may mean two cases means none; an id means its own.
    """
    found: dict[str, set[str]] = {}
    for case in cases.values():
        for written in {case.name.casefold(), case.iso.casefold()} - {""}:
            found.setdefault(written, set()).add(case.id)
    sure = {written: ids.pop() for written, ids in found.items() if len(ids) == 1}
    return sure | {case.casefold(): case for case in cases}


def whole_year(cell: object) -> int | None:
    """Return a year, also one that a table holds as 2015.0 or as text; that of a date, also if it is text.

    As text a date is written as in ISO 8601, 2015-03-02. None if it is none.
    """
    if isinstance(cell, str) and (found := _DATE.match(cell)):
        cell = found[1]
    if isinstance(cell, date):
        return cell.year
    if isinstance(cell, float | Decimal):
        cell = int(cell) if cell == cell // 1 else None
    said = str(cell)
    return int(said) if said.isdecimal() and 0 < int(said) <= _LAST_YEAR else None


def lack(name: str, value: Value) -> str:
    """Say in a few words what a document lacks that has no single value of a variable."""
    return f"more than one {name}" if isinstance(value, tuple) else f"no {name}"


def stored_types(
    schema: Schema, variables: Mapping[str, str], given: Mapping[str, Value]
) -> dict[str, DataType]:
    """Return the types in which variables are written; those that cannot be one are left out.

    Parameters
    ----------
    schema : of the partition
    variables : the column of each
    """
    import pyarrow as pa

    found = {}
    for name, column in variables.items():
        kind = schema.field(column).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if name == "year":
            found[name] = pa.int64()
        elif name in LISTS or pa.types.is_list(kind) or pa.types.is_large_list(kind):
            found[name] = pa.list_(pa.string())
        elif pa.types.is_boolean(kind):
            found[name] = pa.bool_()
        elif pa.types.is_integer(kind):
            found[name] = pa.int64()
        elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            found[name] = pa.float64()
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_temporal(kind):
            found[name] = pa.string()
    for name, value in given.items():
        one = pa.int64() if isinstance(value, int) else pa.string()
        found[name] = pa.list_(pa.string()) if name in LISTS else one
    return found


def given_values(written: Sequence[str]) -> dict[str, Value]:
    """Return the variables that are said of all documents, as `--set NAME=VALUE` says them.

    Raises
    ------
    CodingError
        If one has no name or value, a name is said twice, or a value is none that the variable can have.
    """
    said = given_variables(written, "--set")
    for name, allowed in _ALLOWED.items():
        if name in said:
            choose(said[name], allowed, f"--set {name}")
    found: dict[str, Value] = dict(said)
    if "year" in said:
        if not re.fullmatch(r"[1-9]\d{3}", said["year"]):
            raise CodingError(f"--set year: '{said['year']}' is no year. Write four digits.")
        found["year"] = int(said["year"])
    return found


def given_variables(written: Sequence[str], option: str) -> dict[str, str]:
    """Return what NAME=VALUE options say.

    Raises
    ------
    CodingError
        If one has no name or value, or a name is said twice.
    """
    found: dict[str, str] = {}
    for each in written:
        name, sign, value = each.partition("=")
        if not (sign and name.strip() and value.strip()):
            raise CodingError(f"{option}: '{each}' says nothing. Write {option} NAME=VALUE.")
        if name.strip() in found:
            raise CodingError(f"{option}: '{name.strip()}' is said twice.")
        found[name.strip()] = value.strip()
    return found


def _value(name: str, cell: object) -> Value:
    """Return the value of a cell as a document variable; None if it has none."""
    if name == "year":
        return whole_year(cell)
    if cell is None or (isinstance(cell, float) and isnan(cell)):
        return None
    if isinstance(cell, list | tuple):
        return tuple(str(each) for each in cell if each is not None) or None
    if name in LISTS:
        return tuple(part for each in str(cell).split(";") if (part := each.strip())) or None
    if isinstance(cell, str | bool | int | float):
        return cell
    if isinstance(cell, Decimal):
        return float(cell)
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
