"""Conflicts: where people, rules and models differ on a sentence, one at a time, for someone to rule on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast, get_args

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coding.batch import Cause
from coding.conflicts import KINDS
from coding.web.colours import colour
from coding.web.contested import STATES, Asked, State, contested, queue
from coding.web.kept import answer
from coding.web.pages.review import acts, title
from coding.web.passage import Piece, Stretch, pieces, stretch
from coding.web.queue import refuse_unknown
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coding.batch import Decision
    from coding.codebook import Code
    from coding.conflicts import Conflict, Kind, Side
    from coding.model import CodedSegment, Document
    from coding.web.contested import Contested
    from coding.web.desk import Files, Work

router = APIRouter()

LISTED = 50  # conflicts in the list beside the passage

_Text = Annotated[str, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class Given:
    """A reason, with the coded segment that it is about and the last decision on that, if there are any."""

    reason: str
    segment: CodedSegment | None
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class One:
    """The conflict that is shown large.

    Attributes
    ----------
    pieces : its words; people's coded segments above the line, those of rules and models below it
    path : what its code stands under
    sides : what each coder says, and why
    beyond : whose coded segments reach beyond the unit
    narrower : names of codes below this one that were given
    ruled : the last decisions on what is contested, the newest first
    mine : what is taken back to reopen it, rulings and what they put in place; empty if others ruled too
    """

    found: Conflict
    document: Document
    around: Stretch
    pieces: tuple[Piece, ...]
    code: Code
    path: str
    sides: tuple[tuple[Side, tuple[Given, ...]], ...]
    beyond: tuple[str, ...]
    narrower: tuple[str, ...]
    ruled: tuple[Decision, ...]
    settled: bool
    mine: tuple[str, ...]


@router.get("/conflicts")
def show(
    request: Request,
    desk: TheDesk,
    who: Visitor,
    code: _Text = "",
    texts: _Text = "",
    kind: _Text = "",
    state: State = "open",
    at: _Text = "",
) -> Response:
    """Show one conflict of the queue, and those around it in a list."""
    files, work, seeing = desk.files, desk.work, desk.sight(who.coder)
    refuse_unknown(files, code=code, texts=texts, kind=(kind, KINDS))
    asked, book = Asked(code, texts, cast("Kind", kind), state), files.codebook

    def shown(found: Contested) -> Mapping[str, object]:
        listed = queue(asked, found, files, work, seeing)
        place = listed.place(at)
        first = place // LISTED * LISTED
        entries = listed.listed[first : first + LISTED]
        seen = {one.unit.document for one in entries}
        desk.saw(who.coder, seen)
        return {
            "n_unread": len(seen - seeing.read),
            "queue": listed,
            "n_open": sum(not one.is_settled(work.latest) for one in listed.every),
            "place": place,
            "first": first,
            "entries": entries,
            "one": _one(entries[place - first], files, work, who.coder) if entries else None,
            "acts": acts(desk, who.coder),
        }

    return answer(
        request,
        "conflicts.html.j2",
        contested(desk.root, files, work),
        shown,
        here="/review",
        asked=asked,
        kinds=KINDS,
        states=STATES,
        codes=[(each, len(book.ancestors(each.id))) for each in book.codes if not each.retired],
        donors=[(case, files.corpus.name(case), of) for case, of in files.corpus.cases("donor").items()],
        causes=get_args(Cause),
        title=lambda document: title(files.corpus[document]),
        words=lambda one: files.corpus[one.unit.document].quote(one.unit),
        name=lambda code: book[code].name,
        colour=lambda code: colour(book, code),
        settled=lambda one: one.is_settled(work.latest),
        n_listed=LISTED,
    )


def _one(found: Conflict, files: Files, work: Work, me: str) -> One:
    document, book, unit = files.corpus[found.unit.document], files.codebook, found.unit
    around = stretch(document, unit.start, unit.end)
    people = [segment for side in found.sides if side.kind == "person" for segment in side.evidence]
    machines = [segment for side in found.sides if side.kind != "person" for segment in side.evidence]
    about = {segment.id for segment in found.contested}
    rulings = [decision for decision in work.decisions if decision.about in about]
    alone = all(decision.coder == me for decision in rulings)
    ruled = (work.latest[id_] for id_ in about if id_ in work.latest)
    names = (book[segment.code].name for segment in found.contested if segment.code != found.code)
    return One(
        found,
        document,
        around,
        tuple(pieces(document.text, around.first, around.last, people, machines)),
        book[found.code],
        " › ".join(book[up].name for up in reversed(book.ancestors(found.code))),
        tuple((side, _given(side, work)) for side in found.sides),
        tuple(side.coder for side in found.sides if any(_reaches(each, found) for each in side.evidence)),
        tuple(dict.fromkeys(names)),
        tuple(sorted(ruled, key=lambda decision: (decision.at, decision.id), reverse=True)),
        found.is_settled(work.latest),
        tuple(id_ for each in rulings for id_ in (each.id, each.instead) if id_) if alone else (),
    )


def _given(side: Side, work: Work) -> tuple[Given, ...]:
    if not side.evidence:
        return tuple(Given(reason, None, None) for reason in side.reasons)
    both = zip(side.reasons, side.evidence, strict=True)
    return tuple(Given(reason, segment, work.latest.get(segment.id)) for reason, segment in both)


def _reaches(segment: CodedSegment, found: Conflict) -> bool:
    return segment.segment.start < found.unit.start or segment.segment.end > found.unit.end
