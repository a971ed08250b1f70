"""Adjudicate: where two people who read the same documents coded differently, and what was ruled on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coding.batch import Cause
from coding.model import Coded
from coding.review import by_cause, disagreements, firsthand, rulings_on
from coding.sight import read_whole
from coding.web.agreed import agreed
from coding.web.colours import colour
from coding.web.filters import address
from coding.web.pages.review import acts, title
from coding.web.passage import Piece, Stretch, pieces, stretch
from coding.web.shown import page
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coding.batch import Decision, Memo
    from coding.codebook import Codebook
    from coding.model import CodedSegment, Document
    from coding.review import Disagreement
    from coding.sight import Sight
    from coding.web.desk import Files, Work

router = APIRouter()

State = Literal["open", "settled", "all"]
LISTED = 50

_Text = Annotated[str, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, and the documents that both have read: those that may be shown, and those left out."""

    first: str
    second: str
    documents: frozenset[str]
    withheld: frozenset[str]


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two coded in a passage.

    Attributes
    ----------
    number : of the segment in its passage, from 1
    contested : whether the other coder did not give its code to these words
    instead : what stands in its place by the last decision
    """

    number: int
    segment: CodedSegment
    words: str
    contested: bool
    memos: tuple[Memo, ...]
    decision: Decision | None
    instead: CodedSegment | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A disagreement as it is shown large.

    Attributes
    ----------
    mine : what is taken back to reopen it, rulings and what they put in place; empty if others ruled too
    """

    found: Disagreement
    document: Document
    around: Stretch
    pieces: tuple[Piece, ...]
    first: tuple[Side, ...]
    second: tuple[Side, ...]
    settled: bool
    mine: tuple[str, ...]


@router.get("/review/disagreements")
def adjudicate(
    request: Request,
    desk: TheDesk,
    who: Visitor,
    first: _Text = "",
    second: _Text = "",
    state: State = "open",
    at: _Text = "",
) -> Response:
    """Show one passage on which two people disagree, and the others in a list."""
    files, work, seeing = desk.files, desk.work, desk.sight(who.coder)
    pairs = _pairs(files, work, seeing)
    pair = _chosen(pairs, first, second)
    every = _disagreements(pair, files, work)
    wanted = {"open": (False,), "settled": (True,), "all": (False, True)}[state]
    listed = [each for each in every if each.is_settled(work.latest) in wanted]
    place = _place(listed, at, files)
    begin = place // LISTED * LISTED
    shown = listed[begin : begin + LISTED]
    desk.saw(who.coder, {each.document for each in shown})
    book = files.codebook

    def to(id_: str = "", asked: State = state) -> str:
        names = (("first", pair.first), ("second", pair.second)) if pair else ()
        asks = ("state", "" if asked == "open" else asked), ("at", id_)
        return address("/review/disagreements", *names, *asks)

    return page(
        request,
        "disagreements.html.j2",
        pairs=pairs,
        pair=pair,
        people=sorted({name for each in pairs for name in (each.first, each.second)}),
        asked=(first, second),
        state=state,
        every=every,
        agreed=agreed(pair.first, pair.second, pair.documents, files, work, seeing, every) if pair else None,
        n_open=sum(not each.is_settled(work.latest) for each in every),
        listed=listed,
        place=place,
        begin=begin,
        shown=shown,
        one=_passage(listed[place], files, work, who.coder) if shown else None,
        settled=lambda each: each.is_settled(work.latest),
        words=lambda each: files.corpus[each.document].text[each.start : each.end],
        names=lambda segments: list(dict.fromkeys(_name(book, s.code) for s in segments)),
        name=lambda code: _name(book, code),
        colour=lambda code: colour(book, code),
        codes=[(code, len(book.ancestors(code.id))) for code in book.codes if not code.retired],
        causes=get_args(Cause),
        rulings=_rulings(work, seeing),
        title=lambda document: title(files.corpus[document]),
        to=to,
        undo=acts(desk, who.coder)["undo"],
        n_listed=LISTED,
    )


def _pairs(files: Files, work: Work, seeing: Sight) -> list[Pair]:
    """Return every two people who have read a document both, those with most of them first."""
    people = sorted({r.coder for r in work.coded.readings if r.kind == "person"})
    read = {name: read_whole(work.coded.readings, files.corpus, name) for name in people}
    found = []
    for first, second in combinations(people, 2):
        both = read[first] & read[second]
        withheld = frozenset(document for document in both if seeing.is_withheld(document))
        if both:
            found.append(Pair(first, second, both - withheld, withheld))
    return sorted(found, key=lambda pair: (-len(pair.documents), pair.first, pair.second))


def _chosen(pairs: Sequence[Pair], first: str, second: str) -> Pair | None:
    """Return the pair asked for, in either order; if none was, the first; None if they share no document."""
    if not first and not second:
        return pairs[0] if pairs else None
    return next((pair for pair in pairs if {pair.first, pair.second} == {first, second}), None)


def _disagreements(pair: Pair | None, files: Files, work: Work) -> list[Disagreement]:
    """Return where the two disagree in what they coded themselves, in the order of the texts."""
    if pair is None:
        return []
    own = firsthand(work.coded, work.decisions).by(pair.first, pair.second)
    visible = Coded(tuple(s for s in own.segments if s.segment.document in pair.documents), own.readings)
    order = {document.id: place for place, document in enumerate(files.corpus)}
    found = disagreements(visible, files.corpus, pair.first, pair.second)
    return sorted(found, key=lambda each: (order[each.document], each.start))


def _place(listed: Sequence[Disagreement], at: str, files: Files) -> int:
    """Return where a passage stands in the list; of one that is not in it, where it would stand."""
    places = {each.id: place for place, each in enumerate(listed)}
    document, _, span = at.rpartition(":")
    start = span.partition("-")[0]
    if at in places or not listed or not start.isdigit():
        return places.get(at, 0)
    order = {each.id: place for place, each in enumerate(files.corpus)}
    here = (order.get(document, 0), int(start))
    return sum((order[each.document], each.start) < here for each in listed) % len(listed)


def _passage(found: Disagreement, files: Files, work: Work, me: str) -> Passage:
    document = files.corpus[found.document]
    around = stretch(document, found.start, found.end)
    first = _sides(found.first, 1, found, document, work)
    second = _sides(found.second, 1 + len(first), found, document, work)
    segments = {side.segment.id for side in (*first, *second)}
    rulings = [decision for decision in work.decisions if decision.about in segments]
    alone = all(decision.coder == me for decision in rulings)
    return Passage(
        found,
        document,
        around,
        tuple(pieces(document.text, around.first, around.last, found.first, found.second)),
        first,
        second,
        found.is_settled(work.latest),
        tuple(id_ for each in rulings for id_ in (each.id, each.instead) if id_) if alone else (),
    )


def _sides(
    segments: Sequence[CodedSegment], number: int, found: Disagreement, document: Document, work: Work
) -> tuple[Side, ...]:
    contested = {segment.id for segment in found.contested}
    sides = []
    for n, segment in enumerate(segments, number):
        decision = work.latest.get(segment.id)
        sides.append(
            Side(
                n,
                segment,
                document.quote(segment.segment),
                segment.id in contested,
                tuple(m for m in work.memos if m.about == "segment" and m.subject == segment.id),
                decision,
                work.by_id.get(decision.instead or "") if decision else None,
            )
        )
    return tuple(sides)


def _rulings(work: Work, seeing: Sight) -> list[tuple[str, Mapping[Cause, int]]]:
    """Return for each code on which somebody ruled how often each cause was given."""
    visible = seeing.in_lists(work.coded)
    codes = Counter(segment.code for segment in visible.segments if segment.id in work.latest)
    counted = [(code, by_cause(rulings_on(code, work.decisions, visible))) for code in codes]
    found = [(code, causes) for code, causes in counted if any(causes.values())]
    return sorted(found, key=lambda each: (-sum(each[1].values()), each[0]))


def _name(book: Codebook, code: str) -> str:
    return book[code].name if code in book else code
