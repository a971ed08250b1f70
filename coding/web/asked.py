"""What the app's JSON API takes and gives. Offsets are half-open and count Unicode code points."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from coding.batch import About, Cause

Id = Annotated[str, Field(min_length=1, max_length=200)]
BatchId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        description="Made by the sender (a random UUID), so that a request sent twice is kept once.",
    ),
]
Words = Annotated[str, Field(max_length=100_000)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Span(_Asked):
    """Words of a document: if `quote` is not what stands there, the answer is 409."""

    document: Id
    digest: Annotated[str, Field(max_length=64)]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    quote: Annotated[str, Field(max_length=1_000_000)]


class NewSegments(Span):
    """Codes for these words, one coded segment a code; `replaces` are segments of one's own taken back."""

    batch: BatchId
    codes: Annotated[list[Id], Field(min_length=1, max_length=50)]
    replaces: Annotated[list[Id], Field(max_length=50)] = []
    memo: Words = ""


class TakeBack(_Asked):
    """Coded segments, memos, readings or queries of one's own that are to stand no longer."""

    batch: BatchId
    ids: Annotated[list[Id], Field(min_length=1, max_length=1000)]


class NewReading(_Asked):
    """I have read this document, whole and for all codes."""

    batch: BatchId
    document: Id
    digest: Annotated[str, Field(max_length=64)]


class NewJudgement(_Asked):
    """These codes, and no other of those asked for, are what a unit of a blind sample bears: maybe none.

    `place` is that of the unit in the sample, from 0; if `quote` is not what stands there, the answer is 409.
    """

    batch: BatchId
    sample: Annotated[str, Field(min_length=1, max_length=64)]
    place: Annotated[int, Field(ge=0)]
    quote: Annotated[str, Field(max_length=1_000_000)]
    codes: Annotated[list[Id], Field(max_length=1000)] = []


class NewLook(_Asked):
    """Show me what others coded here; a reading that I file later is not blind."""

    batch: BatchId
    document: Id


class NewMemo(_Asked):
    """A memo; `replaces` is an earlier one of one's own. An empty text only takes that back."""

    batch: BatchId
    about: About
    subject: Annotated[str, Field(min_length=1, max_length=1000)]
    text: Words
    replaces: Id | None = None


class Instead(Span):
    """What stands in the place of a recoded segment."""

    code: Id


class Ruled(_Asked):
    """A ruling on one coded segment. A rejection or recoding has a reason."""

    about: Id
    ruling: Literal["accept", "reject", "recode"]
    reason: Words = ""
    cause: Cause | None = None
    instead: Instead | None = None


class NewDecisions(_Asked):
    """Rulings that are kept together or not at all."""

    batch: BatchId
    decisions: Annotated[list[Ruled], Field(min_length=1, max_length=1000)]


class StillHold(_Asked):
    """What I coded so under an earlier meaning of this code bears it in its meaning of today too."""

    batch: BatchId
    code: Id


class Again(_Asked):
    """Undo, or do again, one's own last act: the one named, if it is named."""

    batch: BatchId
    of: Id | None = None


class NewQuery(_Asked):
    """A retrieval query to be kept under a name."""

    batch: BatchId
    name: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class LastAct(BaseModel):
    """An act that can be undone or done again; `document` is where, if it is in one and no judgement.

    A memo about a cell is a `summary`, which the page of its cell undoes.
    """

    batch: str
    act: str
    document: str | None


class Kept(BaseModel):
    """What was kept: ids of new rows, and what an undo and a redo would be of."""

    batch: str
    ids: list[str]
    undo: LastAct | None
    redo: LastAct | None


class SegmentShown(BaseModel):
    """A coded segment as the reading page shows it."""

    id: str
    start: int
    end: int
    code: str
    coder: str
    kind: Literal["person", "rules", "model"]
    mine: bool
    because: str
    memos: int
    ruling: str | None


class MemoShown(BaseModel):
    """A memo."""

    id: str
    about: About
    subject: str
    text: str
    coder: str
    at: str
    mine: bool


class DocumentShown(BaseModel):
    """A document as the reading page needs it, with what this coder may see of it.

    `covered`: others' coding is left out; `read`, `read_blind`: whether the coder has read it as it now is,
    and before seeing that; `blind`: it is to be read, or parts of it to be judged, so.
    """

    id: str
    digest: str
    length: int
    covered: bool
    read: bool
    read_blind: bool
    blind: bool
    segments: list[SegmentShown]
    memos: list[MemoShown]
    undo: LastAct | None
    redo: LastAct | None


class TextShown(BaseModel):
    """A document's text."""

    id: str
    digest: str
    text: str


class CodeShown(BaseModel):
    """A code as the palette shows it."""

    id: str
    name: str
    path: str
    family: str
    parent: str | None
    depth: int
    definition: str
    include: str
    exclude: str
    examples: list[str]
    retired: bool


class Problem(BaseModel):
    """What went wrong: where, what, what next."""

    message: str
    problems: list[str]


class Failed(BaseModel):
    """The shape of every error."""

    error: Problem


ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Failed} for status in (400, 401, 403, 404, 409, 413, 503)
}
