"""What REFI-QDA cannot say, in a note of the project that this program reads again: a JSON line each.

Readings, decisions, the kind of a coder, what a code meant and why it was given, which names are titles.
Another program shows it as a note, and a person can read it. A line that cannot be read, or speaks of what is
not there, is counted.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from coding.batch import Decision
from coding.cells import cell_name
from coding.errors import CodingError
from coding.model import Coder, Reading

_SAID = "For Normatrix, which reads it again: please leave it as it is. A line is one JSON object."


@dataclass(frozen=True, slots=True)
class Extra:
    """What is said of a coded segment besides: `coding` is its GUID in the file.

    Attributes
    ----------
    meaning : what the code meant then, if it means something else in the codebook that goes with it
    was : its id, if that is no GUID
    """

    coding: str
    meaning: str | None = None
    because: str = ""
    score: float | None = None
    was: str = ""


@dataclass(frozen=True, slots=True)
class ExtraMemo:
    """What is said besides of a memo that is the note of this GUID.

    Attributes
    ----------
    was, at : its id and time, where they could not stand there
    about, subject : what it is about, if that is nothing that a file can have: a cell, by its name
    """

    note: str
    was: str
    at: str
    about: Literal["", "cell"] = ""
    subject: str = ""

    def __post_init__(self) -> None:
        if self.about:
            cell_name(self.subject)


@dataclass(frozen=True, slots=True)
class Title:
    """The name of the selection of this GUID is a title: it says nothing of what offsets count."""

    selection: str


@dataclass(frozen=True, slots=True)
class Beyond:
    """All that is said besides."""

    coders: tuple[Coder, ...] = ()
    segments: tuple[Extra, ...] = ()
    memos: tuple[ExtraMemo, ...] = ()
    readings: tuple[Reading, ...] = ()
    decisions: tuple[Decision, ...] = ()
    titles: tuple[Title, ...] = ()


def said(beyond: Beyond) -> str:
    """Return the text of the note; empty if there is nothing to say."""
    lines = [
        json.dumps({name: _short(row)}, ensure_ascii=False, sort_keys=True)
        for name in _KINDS
        for row in getattr(beyond, name)
    ]
    return "\n".join([_SAID, *lines, ""]) if lines else ""


def heard(text: str) -> tuple[Beyond, int]:
    """Return what the text of a note says, and how many of its lines cannot be read."""
    found: dict[str, list[Any]] = {name: [] for name in _KINDS}
    n_unread = 0
    for line in filter(str.strip, text.split("\n")):
        if line.strip() == _SAID:
            continue
        try:
            ((name, given),) = json.loads(line).items()
            found[name].append(_adapter(name).validate_python(given, extra="forbid"))
        except (ValueError, AttributeError, KeyError, TypeError, RecursionError, CodingError):
            n_unread += 1
    return Beyond(**{name: tuple(rows) for name, rows in found.items()}), n_unread


_KINDS: dict[str, type] = {
    "coders": Coder, "segments": Extra, "memos": ExtraMemo, "readings": Reading, "decisions": Decision,
    "titles": Title,
}  # fmt: skip


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[name])


def _short(row: Any) -> dict[str, Any]:
    """Return a row without what is as by default."""
    given = asdict(row)
    return {each.name: given[each.name] for each in fields(row) if given[each.name] != each.default}
