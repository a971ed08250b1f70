"""The acts that change the codebook: other words for a code, a new one; codes moved, merged, split, retired.

Each brings along the digest of the codebook that its sender saw. If another one is in the file by now the
answer is 409 and nothing was written; but words that the file already says are written, by whomever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from coding.editing import FIELDS, add_code, edit_code, revise_codebook
from coding.errors import Changed, CodingError
from coding.revision import Merge, Move, Retire, Split
from coding.web.asked import ANSWERS, Id, Words
from coding.web.desk import NotThere
from coding.web.visit import Author, TheDesk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coding.codebook import Codebook
    from coding.project import Project
    from coding.revision import Step
    from coding.web.desk import Desk

router = APIRouter(prefix="/api/codebook", responses=ANSWERS)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen: Annotated[str, Field(max_length=64, description="Digest of the codebook that the sender saw.")]


class NewWords(_Asked):
    """Other words for a code: what is left out stays as it is, what is empty is taken out."""

    code: Id
    name: Words | None = None
    definition: Words | None = None
    include: Words | None = None
    exclude: Words | None = None
    examples: Annotated[list[Words], Field(max_length=500)] | None = None
    source: Words | None = None


class NewCode(_Asked):
    """One more code."""

    id: Annotated[str, Field(max_length=200)]
    name: Words
    definition: Words
    parent: Id | None = None
    include: Words = ""
    exclude: Words = ""
    examples: Annotated[list[Words], Field(max_length=500)] = []


class NewMove(_Asked):
    """The code stands below another, or at the top; under another id, if one is given."""

    code: Id
    under: Id | None = None
    new: Annotated[str, Field(max_length=200)] = ""


class NewMerge(_Asked):
    """What a code holds goes to another, which exists."""

    code: Id
    into: Id


class Part(BaseModel):
    """A new code of a split."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=200)]
    name: Words
    definition: Words


class NewSplit(_Asked):
    """Several new codes take the place of one, which is retired."""

    code: Id
    into: Annotated[list[Part], Field(min_length=2, max_length=20)]


class NewRetirement(_Asked):
    """The code is used no more."""

    code: Id
    why: Words


class Written(BaseModel):
    """What the codebook is now.

    Attributes
    ----------
    code : the code's id now
    changed : whether anything was written
    n_earlier : of what the coder may see, the segments that were coded under another meaning of the code
    """

    codebook: str
    version: str
    digest: str
    code: str
    changed: bool
    other_meaning: bool
    n_earlier: int


@router.post("/code")
def reword(asked: NewWords, desk: TheDesk, who: Author) -> Written:
    """Write other words for a code."""
    before = _book(desk, asked.code)
    changes = {field: getattr(asked, field) for field in FIELDS if field in asked.model_fields_set}
    project = desk.project()
    try:
        edit = edit_code(project, before.id, asked.code, changes, seen=asked.seen)
    except Changed:
        now = _saying_so(project, before.id, asked.code, changes)
        if now is None:
            raise
        return _written(desk, who.coder, now, now, asked.code)
    edit.write()
    return _written(desk, who.coder, edit.old, edit.new, asked.code)


@router.post("/codes")
def add(asked: NewCode, desk: TheDesk, who: Author) -> Written:
    """Add a code."""
    before = desk.files.codebook
    given = asked.model_dump(exclude={"seen"})
    project = desk.project()
    try:
        edit = add_code(project, before.id, **given, seen=asked.seen)
    except Changed:
        changes = {field: value for field, value in given.items() if field in FIELDS}
        now = _saying_so(project, before.id, asked.id, changes)
        if now is None:
            raise
        return _written(desk, who.coder, now, now, asked.id)
    edit.write()
    return _written(desk, who.coder, edit.old, edit.new, asked.id)


@router.post("/move")
def move(asked: NewMove, desk: TheDesk, who: Author) -> Written:
    """Put a code below another."""
    step = Move(asked.code, asked.under, asked.new or None)
    return _revised(desk, who.coder, step, asked, now=asked.new or asked.code)


@router.post("/merge")
def merge(asked: NewMerge, desk: TheDesk, who: Author) -> Written:
    """Put what a code holds into another."""
    if asked.code == asked.into:
        raise CodingError("Into: a code cannot go into itself. Choose another.")
    return _revised(desk, who.coder, Merge((asked.code,), asked.into), asked, now=asked.into)


@router.post("/split")
def split(asked: NewSplit, desk: TheDesk, who: Author) -> Written:
    """Put new codes in the place of one."""
    parts = tuple(part.model_dump() for part in asked.into)
    return _revised(desk, who.coder, Split(asked.code, parts), asked, now=asked.code)


@router.post("/retire")
def retire(asked: NewRetirement, desk: TheDesk, who: Author) -> Written:
    """Use a code no more."""
    if not asked.why.strip():
        raise CodingError("Why: is empty. Say why the code is used no more.")
    return _revised(desk, who.coder, Retire(asked.code, asked.why.strip()), asked, now=asked.code)


def _revised(
    desk: Desk, coder: str, step: Step, asked: NewMove | NewMerge | NewSplit | NewRetirement, *, now: str
) -> Written:
    before = _book(desk, asked.code)
    applied = revise_codebook(desk.project(), before.id, [step], seen=asked.seen)
    applied.write()
    return _written(desk, coder, applied.revised.old, applied.revised.new, now)


def _book(desk: Desk, code: str) -> Codebook:
    """Return the codebook as the app has it, if it holds a code."""
    book = desk.files.codebook
    if code not in book:
        raise NotThere(f"There is no code '{code}' in codebook {book.id}. Load the page again.")
    return book


def _saying_so(project: Project, codebook: str, code: str, changes: Mapping[str, Any]) -> Codebook | None:
    """Return the codebook in the file if it already says of a code what was asked for; else None."""
    book = project.codebook(codebook)
    if code not in book or edit_code(project, codebook, code, changes, seen=book.digest).new != book:
        return None
    return book


def _written(desk: Desk, coder: str, before: Codebook, now: Codebook, code: str) -> Written:
    desk.look_again()
    visible = desk.sight(coder).in_lists(desk.work.coded)
    return Written(
        codebook=now.id,
        version=now.version,
        digest=now.digest,
        code=code,
        changed=now.digest != before.digest,
        other_meaning=code in before and before[code].meaning != now[code].meaning,
        n_earlier=sum(s.code == code and not now[code].holds(s.meaning) for s in visible.segments),
    )
