"""The act that applies the codebook's rules: what they find is kept as suggestions to review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from coding.batch import TakenBack
from coding.model import CodedSegment
from coding.suggesting import suggest
from coding.web.asked import ANSWERS, BatchId
from coding.web.visit import Author, TheDesk

if TYPE_CHECKING:
    from coding.taggers.rules import Overlap
    from coding.web.desk import Desk

router = APIRouter(prefix="/api", responses=ANSWERS)


class NewTagging(BaseModel):
    """Apply the rules of the codebook to all documents."""

    model_config = ConfigDict(extra="forbid")

    batch: BatchId


class Tagged(BaseModel):
    """What came of it: the batch that was kept, if anything was new or gone, and how much was."""

    batch: str | None
    n_new: int
    n_gone: int


@router.post("/tag")
def tag(asked: NewTagging, desk: TheDesk, who: Author) -> Tagged:  # noqa: ARG001  sent twice it finds nothing new
    """Keep what the rules find now in the place of what they found before."""
    files = desk.files
    overlap = overlap_of(desk)
    with desk.acting, desk.store() as store:
        batch = suggest(store, files.codebook, files.corpus, overlap=overlap, by=who.coder)
    if batch is None:
        return Tagged(batch=None, n_new=0, n_gone=0)
    return Tagged(batch=batch.id, n_new=len(batch.of(CodedSegment)), n_gone=len(batch.of(TakenBack)))


def overlap_of(desk: Desk) -> Overlap:
    """Return what the project's study says of hits inside longer ones; without one they are dropped."""
    from coding.study import read_checked

    project = desk.project()
    if project.study or len(project.studies) == 1:
        plan, book = read_checked(project)
        if book.id == desk.files.codebook.id:
            return plan.overlap
    return "longest"
