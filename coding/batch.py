"""What people leave behind, act by act: a `Batch` is one act, kept whole or not at all.

Nothing is edited. A coded segment that is taken back, a memo that is rewritten and a batch that is undone
are acts of their own. So the set of all batches is the whole history of the work, and two copies of a
project are merged by putting their batches together.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, TypeVar, get_args

from coding.cells import cell_name
from coding.errors import CodingError, choose
from coding.model import CodedSegment, Coder, Corpus, Reading, Segment

Ruling = Literal["accept", "reject", "recode"]
Cause = Literal["ambiguous text", "codebook gap", "slip"]
About = Literal["segment", "code", "document", "cell"]
Keeping = Literal[
    "file", "project", "code", "document", "case", "variable", "set", "link", "note", "selection",
]  # fmt: skip
Act = Literal[
    "coder", "assign", "look", "read", "code", "take back", "memo", "decide", "tag", "query", "realign",
    "import", "undo", "redo",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """A ruling on a coded segment, by someone who reviewed it.

    Attributes
    ----------
    about : id of the coded segment
    ruling : it stands (accept), it does not (reject), or `instead` stands in its place (recode)
    reason : why, in the reviewer's words
    cause : what a disagreement came from, where coders disagreed
    instead : id of the coded segment that stands in its place: with another code, or another span
    """

    id: str
    about: str
    ruling: Ruling
    coder: str
    at: str
    reason: str = ""
    cause: Cause | None = None
    instead: str | None = None

    def __post_init__(self) -> None:
        choose(self.ruling, get_args(Ruling), "ruling")
        if self.cause is not None:
            choose(self.cause, get_args(Cause), "cause")
        if (self.ruling == "recode") != (self.instead is not None):
            raise CodingError(
                f"decision {self.id}: a recoding, and nothing else, names the segment that stands instead."
            )


@dataclass(frozen=True, slots=True)
class Memo:
    """A coder's note about a coded segment, a code or a document, whose id is `subject`, or about a cell.

    Of a cell `subject` is the name (`coding.cells`): such a memo is a summary of what stands in it.
    """

    id: str
    about: About
    subject: str
    text: str
    coder: str
    at: str

    def __post_init__(self) -> None:
        choose(self.about, get_args(About), "about")
        if self.about == "cell":
            cell_name(self.subject)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A coder is to read a document, in a named round; blind unless said otherwise."""

    id: str
    coder: str
    document: str
    round: str
    blind: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """A coder has seen what others coded in a document: a reading filed afterwards is not blind."""

    id: str
    coder: str
    document: str


@dataclass(frozen=True, slots=True)
class Query:
    """A retrieval query, kept under a name."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a file of another program said that has no place of its own here; `coding export` says it again.

    Attributes
    ----------
    id : the GUID under which it stands in files; of what is said of a thing that is known here, that thing's
    kind : what it is, or what it is said of; of `file` the name of a file that was taken in
    said : a JSON object with the rest; what it names is named by what that is here and its id here
    """

    id: str
    kind: Keeping
    name: str = ""
    said: str = "{}"

    def __post_init__(self) -> None:
        choose(self.kind, get_args(Keeping), "kind")
        try:
            said = json.loads(self.said)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise CodingError(f"kept {self.kind} {self.id}: what it said is no JSON object. Export it anew.")


@dataclass(frozen=True, slots=True)
class Edition:
    """The text of the digest `after` was put in the place of the text of the digest `before`."""

    id: str
    document: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Placing:
    """In the text of that digest, what is kept under the id `row` stands there.

    Attributes
    ----------
    row : id of a coded segment, a reading, or a selection that is kept; a reading of which parts are left
        has a placing for each
    becomes : its id there, if it is another: those of rules and models follow from what they say
    """

    id: str
    row: str
    segment: Segment
    becomes: str = ""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What `batch` added under the id `row` (a coded segment, reading, memo, ...) no longer stands."""

    row: str
    batch: str


_OfTexts = Edition | Placing
_OfPeople = Coder | Assignment | Look | Reading | CodedSegment | Memo | Decision | Query
Row = _OfPeople | Kept | _OfTexts | TakenBack
KINDS: tuple[type[Row], ...] = get_args(Row)

_Kind = TypeVar("_Kind", bound=Row)
_CODER = re.compile(r"[^\W_][\w.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Batch:
    """One act: who did it, when, and what it added or took back.

    Attributes
    ----------
    at : as `now` writes it
    rows : in the order of `KINDS`, each kind in the order given
    undoes : for an undo the batch that no longer stands; for a redo the undo that no longer does
    """

    id: str
    at: str
    coder: str
    act: Act
    rows: tuple[Row, ...] = ()
    undoes: str | None = None

    def __post_init__(self) -> None:
        choose(self.act, get_args(Act), "act")
        refuse_coder(self.coder)
        if (self.undoes is not None) != (self.act in ("undo", "redo")):
            raise CodingError(f"batch {self.id}: an undo or redo, and nothing else, names what it undoes.")
        object.__setattr__(self, "rows", tuple(sorted(self.rows, key=lambda row: KINDS.index(type(row)))))

    def of(self, kind: type[_Kind]) -> tuple[_Kind, ...]:
        """Return its rows of one kind."""
        return tuple(row for row in self.rows if isinstance(row, kind))


def act(coder: str, kind: Act, *rows: Row, id: str | None = None) -> Batch:  # noqa: A002  it is the batch's id
    """Return a batch of now; with a new id unless it has one already."""
    return Batch(id or new_id(), now(), coder, kind, rows)


def now() -> str:
    """Return the time, in UTC, so that later is greater: 2026-11-25T16:20:11.123456Z."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def new_id() -> str:
    """Return an id that nothing else has."""
    return str(uuid.uuid4())


def quoted(segments: Iterable[CodedSegment], corpus: Corpus) -> tuple[CodedSegment, ...]:
    """Return the coded segments with the words that they have in the texts.

    Raises
    ------
    CodingError
        If a document is not there, or a segment reaches beyond its text.
    StaleText
        If a text has changed since.
    """
    found = []
    for coded in segments:
        document = corpus[coded.segment.document]
        document.segment(coded.segment.start, coded.segment.end)
        found.append(replace(coded, quote=document.quote(coded.segment)))
    return tuple(found)


def refuse_coder(coder: str) -> None:
    """Raise unless a name can be that of a coder: letters, digits and . _ - @, a letter or digit first."""
    if not _CODER.fullmatch(coder):
        raise CodingError(
            f"{coder!r} cannot be a coder's name. Take letters, digits and . _ - @, at most 64 of them, "
            "a letter or digit first."
        )
