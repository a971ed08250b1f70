"""What the reading page asks of the app's API. `coding.web.acts` has what a coder does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter
from fastapi import Query as Asked

from coding.units import sentence_spans
from coding.web.acts import last_act, undone_act
from coding.web.asked import ANSWERS, CodeShown, DocumentShown, MemoShown, SegmentShown, TextShown
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from coding.batch import Memo
    from coding.model import CodedSegment
    from coding.web.desk import Work

router = APIRouter(prefix="/api", responses=ANSWERS)

DocumentId = Annotated[str, Asked(max_length=300)]


@router.get("/document")
def document(id: DocumentId, desk: TheDesk, who: Visitor) -> DocumentShown:  # noqa: A002  the API's word
    """Return what this coder may see of a document."""
    found = desk.files.document(id)
    seeing = desk.sight(who.coder)
    covered = seeing.is_covered(found.id)
    work = desk.work
    segments = [
        segment
        for segment in work.by_document.get(found.id, ())
        if segment.segment.digest == found.digest and (segment.coder == who.coder or not covered)
    ]
    ids = {segment.id for segment in segments}
    memos = [
        memo
        for memo in work.memos
        if memo.about == "code"
        or (
            (memo.coder == who.coder or not covered)
            and memo.subject in (ids if memo.about == "segment" else {found.id})
        )
    ]
    n_memos = Counter(memo.subject for memo in memos)
    whole = (who.coder, found.whole, None)
    readings = [r for r in work.coded.readings if (r.coder, r.segment, r.codes) == whole]
    with desk.store() as store:
        last, undone = last_act(store, who.coder), undone_act(store, who.coder)
    return DocumentShown(
        id=found.id,
        digest=found.digest,
        length=len(found.text),
        covered=covered,
        read=found.id in seeing.read,
        read_blind=bool(readings) and all(reading.blind for reading in readings),
        blind=found.id in seeing.blind,
        segments=[
            _shown(segment, work, who.coder, n_memos[segment.id], covered=covered) for segment in segments
        ],
        memos=[_memo(memo, who.coder) for memo in memos],
        undo=last,
        redo=undone,
    )


@router.get("/text")
def text(id: DocumentId, desk: TheDesk, who: Visitor) -> TextShown:  # noqa: A002, ARG001
    """Return a document's text, to which all offsets refer."""
    found = desk.files.document(id)
    return TextShown(id=found.id, digest=found.digest, text=found.text)


@router.get("/sentences")
def sentences(id: DocumentId, desk: TheDesk, who: Visitor) -> list[tuple[int, int]]:  # noqa: A002, ARG001
    """Return the spans of a document's sentences."""
    return list(sentence_spans(desk.files.document(id).text))


@router.get("/codes")
def codes(desk: TheDesk, who: Visitor) -> list[CodeShown]:  # noqa: ARG001  only for those who are known
    """Return the codes of the codebook, in its order."""
    book = desk.files.codebook
    return [
        CodeShown(
            id=each.id,
            name=each.name,
            path=" › ".join(book[up].name for up in reversed(book.ancestors(each.id))),
            family=book.family(each.id),
            parent=each.parent,
            depth=len(book.ancestors(each.id)),
            definition=each.definition,
            include=each.include,
            exclude=each.exclude,
            examples=list(each.examples),
            retired=each.retired,
        )
        for each in book.codes
    ]


def _shown(segment: CodedSegment, work: Work, coder: str, n_memos: int, *, covered: bool) -> SegmentShown:
    decision = work.latest.get(segment.id)
    if decision is not None and covered and decision.coder != coder:
        decision = None
    return SegmentShown(
        id=segment.id,
        start=segment.segment.start,
        end=segment.segment.end,
        code=segment.code,
        coder=segment.coder,
        kind=work.kind(segment.coder),
        mine=segment.coder == coder,
        because=segment.because,
        memos=n_memos,
        ruling=decision.ruling if decision else None,
    )


def _memo(memo: Memo, coder: str) -> MemoShown:
    return MemoShown(
        id=memo.id,
        about=memo.about,
        subject=memo.subject,
        text=memo.text,
        coder=memo.coder,
        at=memo.at,
        mine=memo.coder == coder,
    )
