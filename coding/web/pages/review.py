"""Review: what rules, models and other people suggest, one suggestion at a time, for someone to decide on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coding.codebook import in_words
from coding.review import Precision, precision
from coding.web.colours import colour
from coding.web.contested import n_open
from coding.web.nearest import Near, near
from coding.web.passage import Stretch, stretch
from coding.web.queue import (
    MACHINES,
    ORDERS,
    PEOPLE,
    STATES,
    Asked,
    Mine,
    Order,
    Queue,
    State,
    queue,
    refuse_unknown,
    split_codes,
)
from coding.web.shown import page
from coding.web.visit import TheDesk, Visitor
from coding.web.wanted import everybody

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coding.batch import Decision, Memo
    from coding.codebook import Code, Codebook
    from coding.model import CodedSegment, Corpus, Document
    from coding.sight import Sight
    from coding.web.desk import Desk, Files, Work

router = APIRouter()

LISTED = 50  # suggestions in the list beside the passage
_MOST = 100_000

_Text = Annotated[str, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A coded segment as it stands in the list, with its words and its code's name and colour.

    Attributes
    ----------
    mine : what the asking coder did there on their own, as in `coding.web.queue.Queue`
    """

    segment: CodedSegment
    words: str
    name: str
    colour: int
    document: Document
    decision: Decision | None
    mine: Mine | None = None


@dataclass(frozen=True, slots=True)
class One:
    """The suggestion that is shown large.

    Attributes
    ----------
    rules : each rule that hit, in words; None for one that the codebook no longer has
    instead : what stands in its place by the last decision
    """

    shown: Shown
    around: Stretch
    code: Code | None
    path: str
    rules: tuple[tuple[str, list[tuple[str, str]] | None], ...]
    memos: tuple[Memo, ...]
    instead: Shown | None


@router.get("/review")
def review(
    request: Request,
    desk: TheDesk,
    who: Visitor,
    coder: _Text = MACHINES,
    code: _Text = "",
    texts: _Text = "",
    state: State = "undecided",
    sample: Annotated[str, Query(max_length=10)] = "",
    queue_: Annotated[Literal["", "split"], Query(alias="queue")] = "",
    order: Order = "text",
    at: _Text = "",
) -> Response:
    """Show one suggestion of a queue, and those around it in a list."""
    n = min(int(sample), _MOST) if sample.isascii() and sample.isdigit() else 0
    asked = Asked(coder, code, texts, state, n, split=queue_ == "split", order=order)
    files, work, seeing = desk.files, desk.work, desk.sight(who.coder)
    refuse_unknown(files, code=code, texts=texts, coder=(coder, [*everybody(work), PEOPLE]))
    found = queue(asked, files, work, seeing)
    place = found.place(work.by_id.get(at))
    first = place // LISTED * LISTED
    listed = found.listed[first : first + LISTED]
    seen = {s.segment.document for s in listed if s.coder != who.coder}
    desk.saw(who.coder, seen)
    so_far, split = precision(found.every, work.latest), split_codes(files)
    return page(
        request,
        "review.html.j2",
        asked=asked,
        queue=found,
        place=place,
        first=first,
        n_unread=len(seen - seeing.read),
        entries=[_shown(segment, files, work, found.mine.get(segment.id)) for segment in listed],
        one=_one(found.listed[place], files, work, found.mine) if listed else None,
        near=_near(found.listed[place], desk, files, work, seeing) if listed else None,
        before=found.listed[place - 1].id if place else "",
        after=found.listed[place + 1].id if place + 1 < len(found.listed) else "",
        precision=so_far,
        basis=basis(found, so_far),
        table=_table(found.every, files, work),
        split=split,
        n_split=len(queue(Asked(split=True), files, work, seeing).listed) if split else 0,
        suggested=any(each.kind != "person" for each in work.coders),
        acts=acts(desk, who.coder),
        coders=_coders(work, who.coder),
        codes=_codes(files.codebook),
        donors=_donors(files.corpus),
        title=title,
        states=STATES,
        orders=ORDERS,
        kind=work.kind,
        me=who.coder,
        n_conflicts=n_open(desk, who.coder),
        n_listed=LISTED,
    )


def title(document: Document) -> str:
    """Return under which name a document is shown."""
    return str(document.variables.get("title") or document.id)


def basis(found: Queue, so_far: Precision) -> str:
    """Return what the share of right suggestions speaks of, in words.

    It is an estimate only where a random sample was drawn and all of it decided.
    """
    n, left = len(found.every), len(found.every) - so_far.decided
    if n < found.n_matching:
        drawn = f"This queue is a random sample of {n} of the {found.n_matching:,} suggestions that match"
        if left:
            return f"{drawn}. {left} of it are undecided: until then the figure is of what was reviewed."
        return f"{drawn}, and all of it is decided: the figure is an estimate for all {found.n_matching:,}."
    if not left:
        return "Everything that matches is decided: this is the share itself, and needs no interval."
    return (
        "This queue is no random sample: it follows the texts. The figure is of what was reviewed, and "
        "speaks for nothing else."
    )


def acts(desk: Desk, coder: str) -> dict[str, object]:
    """Return which of the coder's acts undo would undo, and whether one can be done again."""
    with desk.store() as store:
        last = store.to_undo(coder)
        batch = store.get(last) if last else None
        return {"undo": batch.act if batch else "", "redo": store.to_redo(coder) is not None}


def _shown(segment: CodedSegment, files: Files, work: Work, mine: Mine | None = None) -> Shown:
    document, book, place = files.corpus[segment.segment.document], files.codebook, segment.segment
    return Shown(
        segment,
        document.text[place.start : place.end],
        book[segment.code].name if segment.code in book else segment.code,
        colour(book, segment.code),
        document,
        work.latest.get(segment.id),
        mine,
    )


def _one(segment: CodedSegment, files: Files, work: Work, mine: Mapping[str, Mine]) -> One:
    book, shown = files.codebook, _shown(segment, files, work, mine.get(segment.id))
    code = next((each for each in book.codes if each.id == segment.code), None)
    instead = work.by_id.get(shown.decision.instead or "") if shown.decision else None
    return One(
        shown,
        stretch(shown.document, segment.segment.start, segment.segment.end),
        code,
        " › ".join(book[up].name for up in reversed(book.ancestors(segment.code))) if code else "",
        _rules(segment, code) if work.kind(segment.coder) == "rules" else (),
        tuple(memo for memo in work.memos if memo.about == "segment" and memo.subject == segment.id),
        _shown(instead, files, work) if instead else None,
    )


def _near(segment: CodedSegment, desk: Desk, files: Files, work: Work, seeing: Sight) -> Near | None:
    """Return what is near to a model's suggestion; None of others."""
    return near(desk, files, work, seeing, segment) if work.kind(segment.coder) == "model" else None


def _rules(segment: CodedSegment, code: Code | None) -> tuple[tuple[str, list[tuple[str, str]] | None], ...]:
    known = {rule.id: in_words(rule) for rule in code.rules} if code else {}
    return tuple((name, known.get(name)) for name in _named(segment))


def _named(segment: CodedSegment) -> list[str]:
    """Return the ids of the rules that a suggestion of the rules comes from."""
    return [name for name in segment.because.split(", ") if name]


def _table(segments: Iterable[CodedSegment], files: Files, work: Work) -> list[tuple[Shown, str, Precision]]:
    """Return how many were right, for each code, coder and rule; what two rules found counts for both."""
    groups: dict[tuple[str, str, str], list[CodedSegment]] = defaultdict(list)
    for segment in segments:
        if segment.id in work.latest:
            rules = _named(segment) if work.kind(segment.coder) == "rules" else []
            for rule in rules or [""]:
                groups[segment.code, segment.coder, rule].append(segment)
    return [
        (_shown(group[0], files, work), rule, precision(group, work.latest))
        for (_, _, rule), group in sorted(groups.items())
    ]


def _coders(work: Work, me: str) -> list[tuple[str, str]]:
    """Return whose suggestions can be asked for, with what that is called."""
    there = [name for name in everybody(work) if name != me]
    machines = [(name, name) for name in there if work.kind(name) != "person"]
    people = [(name, name) for name in there if work.kind(name) == "person"]
    return [
        (MACHINES, "rules and models"),
        *(machines if len(machines) > 1 else []),
        *([(PEOPLE, "other people")] if people else []),
        *(people if len(people) > 1 else []),
    ]


def _codes(book: Codebook) -> list[tuple[Code, int, str, int]]:
    """Return the codes in use, each with its depth, its path and its colour."""
    return [
        (
            code,
            len(above := book.ancestors(code.id)),
            " › ".join(book[up].name for up in reversed(above)),
            colour(book, code.id),
        )
        for code in book.codes
        if not code.retired
    ]


def _donors(corpus: Corpus) -> list[tuple[str, str, list[Document]]]:
    """Return the donors with their names and documents."""
    found: dict[str, list[Document]] = defaultdict(list)
    for document in corpus:
        found[str(document.variables.get("donor") or "")].append(document)
    return [(donor, corpus.name(donor), documents) for donor, documents in found.items()]
