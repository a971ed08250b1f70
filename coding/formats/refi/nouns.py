"""What a REFI-QDA file says, in plain frozen types that know nothing of a project.

Ids are GUIDs in small letters without braces. An absent name or time is the empty string. Offsets of a
`Selection` are as the file writes them: what they count is for `coding.formats.refi.offsets` to find out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Literal

VariableType = Literal["Text", "Boolean", "Integer", "Float", "Date", "DateTime"]
Told = str | int | float | bool | None

PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ZONE = r"(Z|[+-]\d\d:\d\d)?"
_DATE = re.compile(rf"\d{{4}}-\d\d-\d\d{_ZONE}")
_TIME = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?{_ZONE}")


def plain_guid(written: str) -> str:
    """Return a GUID in small letters, without braces and white space.

    Examples
    --------
    >>> plain_guid(" {0F8A1907-7E42-4739-8610-A676B4D1B69F}")
    '0f8a1907-7e42-4739-8610-a676b4d1b69f'
    """
    return written.strip(" \t\r\n{}").lower()


def is_guid(text: str) -> bool:
    """Say whether a text is a GUID as `plain_guid` gives it."""
    return _GUID.fullmatch(text) is not None


def is_time(text: str) -> bool:
    """Say whether a text is a time as attributes have it.

    Examples
    --------
    >>> is_time("2026-01-02T03:04:05.6Z"), is_time("some day")
    (True, False)
    """
    return _TIME.fullmatch(text) is not None


def fits(kind: VariableType, value: Told) -> bool:
    """Say whether a variable of this type can have the value.

    Examples
    --------
    >>> fits("Integer", 3), fits("Integer", "three"), fits("Date", "2026-01-02"), fits("Text", 3)
    (True, False, True, False)
    """
    match kind:
        case "Boolean":
            return isinstance(value, bool)
        case "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Float":
            return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        case "Date" | "DateTime":
            return (
                isinstance(value, str) and (_DATE if kind == "Date" else _TIME).fullmatch(value) is not None
            )
    return isinstance(value, str)


def written(value: Told) -> str:
    """Return a value as the text of its element.

    Examples
    --------
    >>> written(True), written(0.00001), written("three")
    ('true', '0.00001', 'three')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) and isfinite(value) else str(value)


@dataclass(frozen=True, slots=True)
class User:
    """Who coded; `id` is what the other program calls them besides."""

    guid: str
    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class FileCode:
    """A code of the file; `parent` is the GUID of the code above it."""

    guid: str
    name: str
    description: str = ""
    parent: str | None = None
    color: str = ""
    is_codable: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coding:
    """A user gave a code to a selection, or to a whole source."""

    guid: str
    code: str
    user: str = ""
    at: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """A stretch of a source, from `start` to `end` as written; without a coding it is an annotation."""

    guid: str
    start: int
    end: int
    name: str = ""
    codings: tuple[Coding, ...] = ()
    user: str = ""
    at: str = ""
    description: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VariableValue:
    """The value of a variable; None where the file leaves it empty."""

    variable: str
    value: Told


@dataclass(frozen=True, slots=True)
class Source:
    """A text with its selections.

    Attributes
    ----------
    text : as the file has it, with byte order mark and line ends; None where it is not there
    codings : those of the whole source
    """

    guid: str
    name: str
    text: str | None = field(repr=False)
    selections: tuple[Selection, ...] = ()
    codings: tuple[Coding, ...] = ()
    values: tuple[VariableValue, ...] = ()
    description: str = ""
    notes: tuple[str, ...] = ()
    user: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A memo; what it is about names it."""

    guid: str
    name: str
    text: str
    user: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of sources or cases."""

    guid: str
    name: str
    type: VariableType = "Text"
    description: str = ""


@dataclass(frozen=True, slots=True)
class FileCase:
    """A case with the sources, selections and codes that belong to it."""

    guid: str
    name: str
    description: str = ""
    codes: tuple[str, ...] = ()
    values: tuple[VariableValue, ...] = ()
    sources: tuple[str, ...] = ()
    selections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Set:
    """Codes, sources and notes put together under a name."""

    guid: str
    name: str
    description: str = ""
    codes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link from one thing of the file to another."""

    guid: str
    name: str = ""
    direction: str = ""
    origin: str = ""
    target: str = ""
    color: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many of a kind of thing were left out, and why."""

    what: str
    n: int
    why: str

    def __str__(self) -> str:
        """Return it as a line: '3 × PictureSource: pictures are not read.'."""
        return f"{self.n} × {self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """All that a file says and we have a place for, and what was dropped when it was read."""

    name: str = ""
    origin: str = ""
    description: str = ""
    user: str = ""
    at: str = ""
    users: tuple[User, ...] = ()
    codes: tuple[FileCode, ...] = ()
    variables: tuple[Variable, ...] = ()
    cases: tuple[FileCase, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[Note, ...] = ()
    links: tuple[Link, ...] = ()
    sets: tuple[Set, ...] = ()
    about: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()

    def __repr__(self) -> str:
        n_codings = sum(len(s.codings) for source in self.sources for s in source.selections)
        return (
            f"<Exchanged {self.name!r}: {len(self.sources)} sources, {len(self.codes)} codes, "
            f"{n_codings} codings>"
        )


class Tally:
    """Counts what is dropped, in the order in which it is met."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def drop(self, what: str, why: str, n: int = 1) -> None:
        """Count `n` more of a kind of thing that is dropped."""
        if n:
            self._counts[what, why] += n

    def told(self) -> tuple[Dropped, ...]:
        """Return what was dropped."""
        return tuple(Dropped(what, n, why) for (what, why), n in self._counts.items())
