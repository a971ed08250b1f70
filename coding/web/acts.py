"""The acts of a coder, as the app's API takes them: each kept once, whole or not at all."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import APIRouter

from coding.batch import Batch, Decision, Look, Memo, Query, now
from coding.cells import cell_name
from coding.errors import CodingError, StaleText, nearest, refuse
from coding.framework import cell_of
from coding.locators import as_shown
from coding.model import CodedSegment, Reading
from coding.web.asked import (
    ANSWERS,
    Again,
    Kept,
    LastAct,
    NewDecisions,
    NewJudgement,
    NewLook,
    NewMemo,
    NewQuery,
    NewReading,
    NewSegments,
    Ruled,
    Span,
    StillHold,
    TakeBack,
)
from coding.web.desk import Desk, NotThere
from coding.web.visit import Author, TheDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from coding.batch import Act, Row
    from coding.codebook import Code
    from coding.model import Segment
    from coding.sample import Sample
    from coding.store import Store

router = APIRouter(prefix="/api", responses=ANSWERS)


@router.post("/segments")
def code(asked: NewSegments, desk: TheDesk, who: Author) -> Kept:
    """Code words of a document."""

    def rows() -> list[Row]:
        segment = _place(asked, desk)
        words = _words(segment, desk)
        codes = [_usable(name, desk) for name in dict.fromkeys(asked.codes)]
        made: list[Row] = [
            CodedSegment(_id(asked.batch, i), segment, each.id, each.meaning, who.coder, quote=words)
            for i, each in enumerate(codes)
        ]
        if asked.memo.strip():
            about = _id(asked.batch, 0)
            made.append(Memo(_id(asked.batch, "memo"), "segment", about, asked.memo, who.coder, now()))
        return made

    return _keep(desk, who.coder, asked.batch, "code", rows, replaces=lambda: asked.replaces)


@router.post("/take-back")
def take_back(asked: TakeBack, desk: TheDesk, who: Author) -> Kept:
    """Take back what one has added oneself."""
    return _keep(desk, who.coder, asked.batch, "take back", list, replaces=lambda: asked.ids)


@router.post("/still-hold")
def still_hold(asked: StillHold, desk: TheDesk, who: Author) -> Kept:
    """Say that one's own earlier coding still holds, now that the code's definition has changed."""

    def earlier() -> list[CodedSegment]:
        code = desk.files.codebook[asked.code]
        mine = desk.work.coded.by(who.coder).segments
        return [each for each in mine if each.code == code.id and not code.holds(each.meaning)]

    def rows() -> list[Row]:
        meaning = desk.files.codebook[asked.code].meaning
        return [replace(segment, meaning=meaning) for segment in earlier()]

    def ids() -> list[str]:
        return [segment.id for segment in earlier()]

    return _keep(desk, who.coder, asked.batch, "code", rows, replaces=ids)


@router.post("/readings")
def read(asked: NewReading, desk: TheDesk, who: Author) -> Kept:
    """File that one has read a document whole; from then on others' coding shows."""

    def rows() -> list[Row]:
        document = desk.files.document(asked.document)
        if document.digest != asked.digest:
            raise StaleText(f"{document.id} has changed since the page was loaded. Load it again.")
        with desk.store() as store:
            blind = not store.has_seen(who.coder, document.id)
        name = _id(asked.batch, "reading")
        return [Reading(who.coder, document.whole, at=now(), blind=blind, kind="person", id=name)]

    return _keep(desk, who.coder, asked.batch, "read", rows)


@router.post("/judgements")
def judge(asked: NewJudgement, desk: TheDesk, who: Author) -> Kept:
    """File which of the codes asked for a unit of a blind sample bears."""

    def rows() -> list[Row]:
        sample = desk.files.sample(asked.sample)
        unit = _to_judge(asked, sample, desk, who.coder)
        unasked = [code for code in asked.codes if code not in sample.codes]
        refuse([f"'{code}' is not asked for here.{nearest(code, sample.codes)}" for code in unasked])
        codes = [_usable(name, desk) for name in dict.fromkeys(asked.codes)]
        name = _id(asked.batch, "reading")
        return [
            Reading(
                who.coder,
                unit,
                tuple(sample.codes),
                now(),
                id=name,
                sample=sample.name,
                given=tuple(each.id for each in codes),
            ),
            *(
                CodedSegment(
                    _id(asked.batch, i), unit, each.id, each.meaning, who.coder, quote=_words(unit, desk)
                )
                for i, each in enumerate(codes)
            ),
        ]

    return _keep(desk, who.coder, asked.batch, "read", rows)


@router.post("/looks")
def look(asked: NewLook, desk: TheDesk, who: Author) -> Kept:
    """Show what others coded before one has filed a reading; that reading will not be blind."""

    def rows() -> list[Row]:
        return [Look(_id(asked.batch, "look"), who.coder, desk.files.document(asked.document).id)]

    return _keep(desk, who.coder, asked.batch, "look", rows)


@router.post("/memos")
def note(asked: NewMemo, desk: TheDesk, who: Author) -> Kept:
    """Write, rewrite or take back a memo."""

    def rows() -> list[Row]:
        _refuse_unknown_subject(asked, desk)
        if asked.text.strip():
            name = _id(asked.batch, "memo")
            return [Memo(name, asked.about, asked.subject, asked.text, who.coder, now())]
        if asked.replaces is None:
            raise CodingError("The memo is empty. Write something.")
        return []

    earlier = [asked.replaces] if asked.replaces else []
    return _keep(desk, who.coder, asked.batch, "memo", rows, replaces=lambda: earlier)


@router.post("/decisions")
def decide(asked: NewDecisions, desk: TheDesk, who: Author) -> Kept:
    """Rule on coded segments of others: accept, reject, recode."""

    def rows() -> list[Row]:
        made: list[Row] = []
        for i, ruled in enumerate(asked.decisions):
            made += _ruled(ruled, desk, who.coder, asked.batch, i)
        return made

    return _keep(desk, who.coder, asked.batch, "decide", rows)


@router.post("/queries")
def keep_query(asked: NewQuery, desk: TheDesk, who: Author) -> Kept:
    """Keep a query under a name."""

    def rows() -> list[Row]:
        return [Query(_id(asked.batch, "query"), asked.name, asked.text)]

    return _keep(desk, who.coder, asked.batch, "query", rows)


@router.post("/undo")
def undo(asked: Again, desk: TheDesk, who: Author) -> Kept:
    """Undo one's own last act; if it is named and another came last, the answer is 409."""
    with desk.acting, desk.store() as store:
        if store.get(asked.batch) is None:
            last = store.to_undo(who.coder)
            _refuse_other(asked.of, last, "undo")
            store.undo(last or "", by=who.coder, id=asked.batch)
    return _kept(desk, who.coder, asked.batch, [])


@router.post("/redo")
def redo(asked: Again, desk: TheDesk, who: Author) -> Kept:
    """Do again what one has undone last; if it is named and another was, the answer is 409."""
    with desk.acting, desk.store() as store:
        if store.get(asked.batch) is None:
            last = store.to_redo(who.coder)
            _refuse_other(asked.of, last, "do again")
            store.redo(last or "", by=who.coder, id=asked.batch)
    return _kept(desk, who.coder, asked.batch, [])


def _keep(
    desk: Desk,
    coder: str,
    batch: str,
    kind: Act,
    rows: Callable[[], list[Row]],
    *,
    replaces: Callable[[], list[str]] = list,
) -> Kept:
    """Add a batch. One that was kept before is answered as it was, whatever has changed since."""
    with desk.acting, desk.store() as store:
        before = store.get(batch)
        if before is None:
            gone = store.to_take_back(replaces(), of=coder, through=desk.files.successions)
            before = Batch(batch, now(), coder, kind, (*rows(), *gone))
            desk.add(before)
        elif before.coder != coder or before.act != kind:
            raise CodingError(f"batch {batch} is another act already. Send a new id.")
    return _kept(desk, coder, batch, [row.id for row in before.rows if hasattr(row, "id")])


def _kept(desk: Desk, coder: str, batch: str, ids: list[str]) -> Kept:
    with desk.store() as store:
        return Kept(batch=batch, ids=ids, undo=last_act(store, coder), redo=undone_act(store, coder))


def last_act(store: Store, coder: str) -> LastAct | None:
    """Return what an undo of this coder would undo."""
    last = store.to_undo(coder)
    return None if last is None else _act(store, last)


def undone_act(store: Store, coder: str) -> LastAct | None:
    """Return what a redo of this coder would let stand again."""
    last = store.to_redo(coder)
    return None if last is None else _act(store, last)


def _act(store: Store, batch: str) -> LastAct:
    found = store.get(batch)
    assert found is not None
    judges = found.act == "read" and any(reading.codes is not None for reading in found.of(Reading))
    places = set() if judges else store.documents_of(found)  # who judges blind is not told where
    summarises = any(memo.about == "cell" for memo in found.of(Memo))
    kind = "summary" if summarises else found.act
    return LastAct(batch=batch, act=kind, document=places.pop() if len(places) == 1 else None)


def _refuse_other(asked: str | None, last: str | None, what: str) -> None:
    if last is None:
        raise CodingError(f"There is nothing of yours to {what}.")
    if asked is not None and asked != last:
        raise StaleText(f"Another act of yours came last: there is nothing of this page to {what}.")


def _id(batch: str, what: object) -> str:
    """Return the id of a row of a batch: the same when the request is sent again."""
    return str(uuid.uuid5(uuid.UUID(batch), str(what)))


def _place(span: Span, desk: Desk) -> Segment:
    found = desk.files.document(span.document)
    if found.digest != span.digest:
        raise StaleText(f"{found.id} has changed since the page was loaded. Load it again.")
    segment = found.segment(span.start, span.end)
    if as_shown(found.quote(segment)) != as_shown(span.quote):
        raise StaleText(
            f"{found.id}: the words at {span.start} to {span.end} are {found.quote(segment)[:80]!r}, not "
            f"{span.quote[:80]!r}. Offsets count Unicode code points of the text; load the page again."
        )
    return segment


def _words(place: Segment, desk: Desk) -> str:
    return desk.files.document(place.document).quote(place)


def _to_judge(asked: NewJudgement, sample: Sample, desk: Desk, coder: str) -> Segment:
    """Return the unit that is judged; messages do not say in which document it stands."""
    standing = desk.standings(coder).get(sample.name)
    if standing is None:
        raise CodingError(
            f"{coder} is no reader of the sample {sample.name}. "
            f"`coding sample {sample.name} --reader {coder}` adds one."
        )
    if standing.refused:
        raise CodingError(standing.refused)
    if asked.place >= standing.n_drawn:
        raise NotThere(f"The sample {sample.name} has {standing.n_drawn} units. Load the page again.")
    unit = sample.drawn[asked.place].segment
    if asked.place in standing.stale or as_shown(_words(unit, desk)) != as_shown(asked.quote):
        raise StaleText("The words to judge have changed since the page was loaded. Load it again.")
    if asked.place in standing.seen:
        raise CodingError(
            "You have seen what others coded in the document of these words: they cannot be judged blind."
        )
    if asked.place not in standing.left:
        raise CodingError("You have judged this unit already. Undo that judgement to judge it anew.")
    return unit


def _usable(code: str, desk: Desk) -> Code:
    found = desk.files.codebook[code]
    if found.retired:
        raise CodingError(f"'{code}' is retired. Choose a code that is in use.")
    return found


def _ruled(ruled: Ruled, desk: Desk, coder: str, batch: str, number: int) -> list[Row]:
    """Return the rows of a ruling: the decision, and what stands instead."""
    known = desk.work.by_id
    if ruled.about not in known:
        raise NotThere(f"There is no coded segment {ruled.about} that stands. Load the page again.")
    if ruled.ruling != "accept" and not (ruled.reason.strip() or ruled.cause):
        raise CodingError("Say why: a rejection or recoding has a reason.")
    if (ruled.ruling == "recode") != (ruled.instead is not None):
        raise CodingError("A recoding, and nothing else, says what stands in its place.")
    rows: list[Row] = []
    instead = None
    if ruled.instead is not None:
        if ruled.instead.document != known[ruled.about].segment.document:
            raise CodingError("What stands instead lies in another document. Choose words of the same one.")
        instead = _id(batch, f"instead {number}")
        code = _usable(ruled.instead.code, desk)
        place = _place(ruled.instead, desk)
        rows.append(CodedSegment(instead, place, code.id, code.meaning, coder, quote=_words(place, desk)))
    name = _id(batch, number)
    made = Decision(name, ruled.about, ruled.ruling, coder, now(), ruled.reason, ruled.cause, instead)
    return [*rows, made]


def _refuse_unknown_subject(asked: NewMemo, desk: Desk) -> None:
    if asked.about == "document":
        desk.files.document(asked.subject)
    elif asked.about == "code":
        desk.files.codebook[asked.subject]
    elif asked.about == "cell":
        name = cell_name(asked.subject)
        files = desk.files
        known = cell_of(name.case, name.code, by=name.by, corpus=files.corpus, codebook=files.codebook)
        if known != name:
            raise NotThere(f"There is no cell {name}. It is called {known}.")
    elif asked.subject not in desk.work.by_id:
        raise NotThere(f"There is no coded segment {asked.subject} that stands. Load the page again.")
