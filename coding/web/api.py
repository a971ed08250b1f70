"""The JSON API of the app: every act of a coder, and what the reading page asks."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from fastapi import Query as Asked

from coding.batch import Batch, Decision, Look, Memo, Query, now
from coding.errors import CodingError, StaleText
from coding.model import CodedSegment, Reading
from coding.units import sentence_spans
from coding.web.asked import (
    Again,
    CodeShown,
    DocumentShown,
    Failed,
    Instead,
    Kept,
    MemoShown,
    NewDecisions,
    NewLook,
    NewMemo,
    NewQuery,
    NewReading,
    NewSegments,
    SegmentShown,
    Span,
    StillHold,
    TakeBack,
    TextShown,
)
from coding.web.desk import Desk, NotThere
from coding.web.visit import Author, TheDesk, Visitor

if TYPE_CHECKING:
    from coding.batch import Act, Row
    from coding.model import Document, Segment
    from coding.web.desk import Work

_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Failed} for status in (400, 401, 403, 404, 409, 413)
}
router = APIRouter(prefix="/api", responses=_ANSWERS)

DocumentId = Annotated[str, Asked(max_length=300)]


@router.post("/segments")
def code(asked: NewSegments, desk: TheDesk, who: Author) -> Kept:
    """Code words of a document."""
    segment = _place(asked, desk)
    book = desk.files.codebook
    segments = []
    for i, name in enumerate(dict.fromkeys(asked.codes)):
        _refuse_unusable(name, desk)
        segments.append(
            CodedSegment(_id(asked.batch, i), segment, name, book[name].meaning, who.coder, quote=asked.quote)
        )
    rows: list[Row] = [*segments]
    if asked.memo.strip():
        memo = Memo(_id(asked.batch, "memo"), "segment", segments[0].id, asked.memo, who.coder, now())
        rows.append(memo)
    return _keep(desk, who.coder, asked.batch, "code", rows, replaces=asked.replaces)


@router.post("/take-back")
def take_back(asked: TakeBack, desk: TheDesk, who: Author) -> Kept:
    """Take back what one has added oneself."""
    return _keep(desk, who.coder, asked.batch, "take back", [], replaces=asked.ids)


@router.post("/still-hold")
def still_hold(asked: StillHold, desk: TheDesk, who: Author) -> Kept:
    """Say that one's own earlier coding still holds, now that the code's definition has changed."""
    book = desk.files.codebook
    code = book[asked.code]
    earlier = [
        segment
        for segment in desk.work.coded.by(who.coder).segments
        if segment.code == code.id and not code.holds(segment.meaning)
    ]
    rows: list[Row] = [replace(segment, meaning=code.meaning) for segment in earlier]
    return _keep(desk, who.coder, asked.batch, "code", rows, replaces=[segment.id for segment in earlier])


@router.post("/readings")
def read(asked: NewReading, desk: TheDesk, who: Author) -> Kept:
    """File that one has read a document whole; from then on others' coding shows."""
    document = desk.files.document(asked.document)
    if document.digest != asked.digest:
        raise StaleText(f"{document.id} has changed since the page was loaded. Load it again.")
    blind = document.id not in desk.sight(who.coder).looked
    reading = Reading(
        who.coder, document.whole, at=now(), blind=blind, kind="person", id=_id(asked.batch, "reading")
    )
    return _keep(desk, who.coder, asked.batch, "read", [reading])


@router.post("/looks")
def look(asked: NewLook, desk: TheDesk, who: Author) -> Kept:
    """Show what others coded before one has filed a reading; that reading will not be blind."""
    document = desk.files.document(asked.document)
    row = Look(_id(asked.batch, "look"), who.coder, document.id)
    return _keep(desk, who.coder, asked.batch, "look", [row])


@router.post("/memos")
def note(asked: NewMemo, desk: TheDesk, who: Author) -> Kept:
    """Write, rewrite or take back a memo."""
    _refuse_unknown_subject(asked, desk)
    rows: list[Row] = []
    if asked.text.strip():
        memo = Memo(_id(asked.batch, "memo"), asked.about, asked.subject, asked.text, who.coder, now())
        rows.append(memo)
    elif asked.replaces is None:
        raise CodingError("The memo is empty. Write something.")
    replaces = [asked.replaces] if asked.replaces else []
    return _keep(desk, who.coder, asked.batch, "memo", rows, replaces=replaces)


@router.post("/decisions")
def decide(asked: NewDecisions, desk: TheDesk, who: Author) -> Kept:
    """Rule on coded segments of others: accept, reject, recode."""
    known = desk.work.by_id
    rows: list[Row] = []
    for i, ruled in enumerate(asked.decisions):
        if ruled.about not in known:
            raise NotThere(f"There is no coded segment {ruled.about} that stands. Load the page again.")
        if ruled.ruling != "accept" and not (ruled.reason.strip() or ruled.cause):
            raise CodingError("Say why: a rejection or recoding has a reason.")
        instead = None
        if (ruled.ruling == "recode") != (ruled.instead is not None):
            raise CodingError("A recoding, and nothing else, says what stands in its place.")
        if ruled.instead is not None:
            instead = _instead(ruled.instead, desk, who.coder, _id(asked.batch, f"instead {i}"))
            rows.append(instead)
        rows.append(
            Decision(
                _id(asked.batch, i),
                ruled.about,
                ruled.ruling,
                who.coder,
                now(),
                ruled.reason,
                ruled.cause,
                instead.id if instead else None,
            )
        )
    return _keep(desk, who.coder, asked.batch, "decide", rows)


@router.post("/queries")
def keep_query(asked: NewQuery, desk: TheDesk, who: Author) -> Kept:
    """Keep a query under a name."""
    row = Query(_id(asked.batch, "query"), asked.name, asked.text)
    return _keep(desk, who.coder, asked.batch, "query", [row])


@router.post("/undo")
def undo(asked: Again, desk: TheDesk, who: Author) -> Kept:
    """Undo one's own last act."""
    with desk.acting, desk.store() as store:
        if store.get(asked.batch) is None:
            last = store.to_undo(who.coder)
            if last is None:
                raise CodingError("There is nothing of yours to undo.")
            store.undo(last, by=who.coder, id=asked.batch)
    return _kept(desk, who.coder, asked.batch, [])


@router.post("/redo")
def redo(asked: Again, desk: TheDesk, who: Author) -> Kept:
    """Do again what one has undone last."""
    with desk.acting, desk.store() as store:
        if store.get(asked.batch) is None:
            last = store.to_redo(who.coder)
            if last is None:
                raise CodingError("There is nothing of yours to do again.")
            store.redo(last, by=who.coder, id=asked.batch)
    return _kept(desk, who.coder, asked.batch, [])


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
        if (
            memo.subject == found.id and memo.about == "document" and (memo.coder == who.coder or not covered)
        )
        or (memo.about == "code" and (memo.coder == who.coder or not covered))
        or (memo.about == "segment" and memo.subject in ids)
    ]
    n_memos = Counter(memo.subject for memo in memos)
    whole = (who.coder, found.whole, None)
    readings = [r for r in work.coded.readings if (r.coder, r.segment, r.codes) == whole]
    with desk.store() as store:
        can = (store.to_undo(who.coder) is not None, store.to_redo(who.coder) is not None)
    return DocumentShown(
        id=found.id,
        digest=found.digest,
        length=len(found.text),
        covered=covered,
        read=found.id in seeing.read,
        read_blind=bool(readings) and all(reading.blind for reading in readings),
        blind=found.id in seeing.blind,
        segments=[_shown(segment, work, who.coder, n_memos[segment.id]) for segment in segments],
        memos=[_memo(memo, who.coder) for memo in memos],
        can_undo=can[0],
        can_redo=can[1],
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


def _keep(
    desk: Desk, coder: str, batch: str, kind: Act, rows: list[Row], *, replaces: list[str] | None = None
) -> Kept:
    """Add a batch; one that came before, from the same coder, is left as it was kept."""
    with desk.acting, desk.store() as store:
        before = store.get(batch)
        if before is None:
            gone = store.to_take_back(replaces or [], of=coder)
            before = Batch(batch, now(), coder, kind, (*rows, *gone))
            desk.add(before)
        elif before.coder != coder or before.act != kind:
            raise CodingError(f"batch {batch} is another act already. Send a new id.")
    return _kept(desk, coder, batch, [row.id for row in before.rows if hasattr(row, "id")])


def _kept(desk: Desk, coder: str, batch: str, ids: list[str]) -> Kept:
    with desk.store() as store:
        can_undo, can_redo = store.to_undo(coder) is not None, store.to_redo(coder) is not None
    return Kept(batch=batch, ids=ids, can_undo=can_undo, can_redo=can_redo)


def _id(batch: str, what: object) -> str:
    """Return the id of a row of a batch: the same when the request is sent again."""
    return str(uuid.uuid5(uuid.UUID(batch), str(what)))


def _place(span: Span, desk: Desk) -> Segment:
    found: Document = desk.files.document(span.document)
    if found.digest != span.digest:
        raise StaleText(f"{found.id} has changed since the page was loaded. Load it again.")
    segment = found.segment(span.start, span.end)
    if found.quote(segment) != span.quote:
        raise StaleText(
            f"{found.id}: the words at {span.start} to {span.end} are {found.quote(segment)[:80]!r}, not "
            f"{span.quote[:80]!r}. Offsets count Unicode code points of the text; load the page again."
        )
    return segment


def _refuse_unusable(code: str, desk: Desk) -> None:
    book = desk.files.codebook
    if book[code].retired:
        raise CodingError(f"'{code}' is retired. Choose a code that is in use.")


def _instead(asked: Instead, desk: Desk, coder: str, id_: str) -> CodedSegment:
    _refuse_unusable(asked.code, desk)
    meaning = desk.files.codebook[asked.code].meaning
    return CodedSegment(id_, _place(asked, desk), asked.code, meaning, coder, quote=asked.quote)


def _refuse_unknown_subject(asked: NewMemo, desk: Desk) -> None:
    if asked.about == "document":
        desk.files.document(asked.subject)
    elif asked.about == "code":
        desk.files.codebook[asked.subject]
    elif asked.subject not in desk.work.by_id:
        raise NotThere(f"There is no coded segment {asked.subject} that stands. Load the page again.")


def _shown(segment: CodedSegment, work: Work, coder: str, n_memos: int) -> SegmentShown:
    decision = work.latest.get(segment.id)
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
