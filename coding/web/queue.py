"""The review queue: which suggestions are to decide on, in which order, and what the coder did there."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Literal, get_args

from coding.errors import closest
from coding.model import Coded
from coding.review import firsthand
from coding.web.desk import NotThere
from coding.web.filters import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from coding.batch import Decision
    from coding.codebook import Codebook
    from coding.model import CodedSegment, Document, Reading, Segment
    from coding.sight import Sight
    from coding.web.desk import Files, Work

State = Literal["undecided", "coded", "decided", "all"]
Order = Literal["text", "surest", "unsure"]
Mine = Literal["coded", "read"]

STATES: tuple[State, ...] = get_args(State)
ORDERS: tuple[Order, ...] = get_args(Order)
MACHINES, PEOPLE = "", "@people"  # no coder is called so

_Key = tuple[float, int, int, int, str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which suggestions, as the address says.

    Attributes
    ----------
    coder : one coder, `MACHINES` or `PEOPLE`
    code : a code, with those below it; all if empty
    texts : a donor, or the id of a document; all if empty
    state : "coded" are those on which nobody has decided, and whose words the asking coder coded so
    sample : how many are drawn at random from all that match; 0 for all of them
    split : instead of suggestions, anybody's segments whose code was split
    order : as the texts stand, the surest first, or the least sure; what has no probability comes last
    """

    coder: str = MACHINES
    code: str = ""
    texts: str = ""
    state: State = "undecided"
    sample: int = 0
    split: bool = False
    order: Order = "text"

    @property
    def leaves_out(self) -> bool:
        """Whether what the coder coded so is left out: not of a sample, whose figure needs all of it."""
        return self.state == "undecided" and not self.sample and not self.split

    def address(self, at: str = "", **changed: object) -> str:
        """Return the address of the queue with something else asked for.

        Examples
        --------
        >>> Asked(code="role").address("s1", state="all")
        '/review?code=role&state=all&at=s1'
        """
        asked = replace(self, **changed)  # type: ignore[arg-type]
        return address(
            "/review",
            ("coder", asked.coder),
            ("code", asked.code),
            ("texts", asked.texts),
            ("state", "" if asked.state == "undecided" else asked.state),
            ("sample", str(asked.sample or "")),
            ("queue", "split" if asked.split else ""),
            ("order", "" if asked.order == "text" else asked.order),
            ("at", at),
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """What is to review.

    Attributes
    ----------
    every : all that match, in order; drawn from `n_matching` where a sample was asked for
    listed : those of them in the state asked for
    withheld : documents of the chosen texts that are left out, since the coder is to read or judge them
        blind, whether or not anything is coded in them
    n_stale : suggestions left out, since their text has changed
    mine : of machines' suggestions in `every`, by id: "coded" if the coder gave the same code to words of
        it, "read" if they read it for the code and gave neither it nor one below it
    n_coded : suggestions on which nobody has decided, and which are "coded"
    key : what they are sorted by
    """

    every: tuple[CodedSegment, ...]
    listed: tuple[CodedSegment, ...]
    n_matching: int
    withheld: tuple[str, ...]
    n_stale: int
    mine: Mapping[str, Mine]
    n_coded: int
    key: Callable[[CodedSegment], _Key] = field(repr=False)

    def place(self, segment: CodedSegment | None) -> int:
        """Return where a segment stands in the list; of one that does not, where it would; else 0."""
        if segment is None or not self.listed:
            return 0
        return bisect_left(self.listed, self.key(segment), key=self.key) % len(self.listed)


def queue(asked: Asked, files: Files, work: Work, seeing: Sight) -> Queue:
    """Return what matches, without what the coder may not see yet."""
    digests = {document.id: document.digest for document in files.corpus}
    key = partial(_key, places={name: place for place, name in enumerate(digests)}, order=asked.order)
    matching = _matching(_candidates(asked, files, work, seeing.coder), asked, files)
    visible = seeing.in_lists(Coded(tuple(matching))).segments
    current = [s for s in visible if digests.get(s.segment.document) == s.segment.digest]
    drawn = sorted(_drawn(current, asked.sample), key=key)
    mine = {} if asked.split else _mine(drawn, files.codebook, work, seeing.coder)
    states = [_state(s, asked, work.latest, mine) for s in drawn]
    wanted = _wanted(asked)
    return Queue(
        every=tuple(drawn),
        listed=tuple(s for s, its in zip(drawn, states, strict=True) if its in wanted),
        n_matching=len(current),
        withheld=tuple(d.id for d in files.corpus if _is_chosen(d, asked) and seeing.is_withheld(d.id)),
        n_stale=len(visible) - len(current),
        mine=mine,
        n_coded=states.count("coded"),
        key=key,
    )


def refuse_unknown(files: Files, *, code: str, texts: str, **others: tuple[str, Iterable[str]]) -> None:
    """Do nothing if an address asks for what there is.

    Parameters
    ----------
    code, texts : as asked for; nothing is asked for if empty
    others : anything else, by what it is called, with what there is of it

    Raises
    ------
    NotThere
        Naming for each what is nearest to it, and all that can be chosen.
    """
    codes = [each.id for each in files.codebook.codes]
    before = [each.old for each in files.successions]
    donors = list(dict.fromkeys(str(document.variables.get("donor") or "") for document in files.corpus))
    documents = [document.id for document in files.corpus]
    problems = [
        *_unknown("code", code, codes, before),
        *_unknown("donor or document", texts, [*donors, *documents]),
        *(each for what, (value, known) in others.items() for each in _unknown(what, value, known)),
    ]
    if problems:
        raise NotThere("\n".join(problems), problems)


def is_decided(segment: CodedSegment, last: Mapping[str, Decision], *, split: bool) -> bool:
    """Say whether somebody has decided; on a segment whose code was split, an accept chooses no new code."""
    decision = last.get(segment.id)
    return decision is not None and not (split and decision.ruling == "accept")


def split_codes(files: Files) -> dict[str, tuple[str, ...]]:
    """Return the codes in use no more that several came after, with these."""
    book = files.codebook
    return {
        each.old: tuple(new for new in each.new if new in book and not book[new].retired)
        for each in files.successions
        if len(each.new) > 1 and (each.old not in book or book[each.old].retired)
    }


def _unknown(what: str, value: str, known: Iterable[str], besides: Iterable[str] = ()) -> list[str]:
    """Return what is said of a value that is neither known nor one of those besides, which are not listed."""
    choices = [each for each in known if each]
    if not value or value in {*choices, *besides}:
        return []
    close = closest(value, [*choices, *besides])
    meant = f" Did you mean '{close}'?" if close else ""
    return [f"There is no {what} '{value}' here.{meant}", f"You can choose: {', '.join(choices) or 'none'}."]


def _wanted(asked: Asked) -> frozenset[State]:
    """Return in which states suggestions are listed."""
    if asked.state == "all":
        return frozenset(STATES)
    also: tuple[State, ...] = ("coded",) if asked.state == "undecided" and not asked.leaves_out else ()
    return frozenset((asked.state, *also))


def _state(
    segment: CodedSegment, asked: Asked, last: Mapping[str, Decision], mine: Mapping[str, Mine]
) -> State:
    """Return in which of the states but "all" a suggestion is."""
    if is_decided(segment, last, split=asked.split):
        return "decided"
    return "coded" if mine.get(segment.id) == "coded" else "undecided"


def _mine(segments: Iterable[CodedSegment], book: Codebook, work: Work, me: str) -> dict[str, Mine]:
    """Return what a coder did on their own where machines suggest something, where they did anything."""
    own = firsthand(work.coded.by(me), work.decisions)
    given: dict[str, list[CodedSegment]] = defaultdict(list)
    for segment in own.segments:
        given[segment.segment.document].append(segment)
    read: dict[str, list[Reading]] = defaultdict(list)
    for reading in own.readings:
        read[reading.segment.document].append(reading)
    found: dict[str, Mine] = {}
    for one in segments:
        place = one.segment
        if work.kind(one.coder) == "person":
            continue
        codes = {s.code for s in given[place.document] if _overlap(s.segment, place)}
        below = any(one.code in book.ancestors(code) for code in codes if code in book)
        if one.code in codes:
            found[one.id] = "coded"
        elif not below and any(_covers(reading, one) for reading in read[place.document]):
            found[one.id] = "read"
    return found


def _overlap(one: Segment, other: Segment) -> bool:
    return one.digest == other.digest and one.overlap(other) > 0


def _covers(reading: Reading, one: CodedSegment) -> bool:
    """Say whether a reading is of all words of a suggestion, and for its code."""
    there, place = reading.segment, one.segment
    whole = there.digest == place.digest and there.start <= place.start and place.end <= there.end
    return whole and (reading.codes is None or one.code in reading.codes)


def _candidates(asked: Asked, files: Files, work: Work, me: str) -> Iterable[CodedSegment]:
    if asked.split:
        split = split_codes(files)
        replaced = {decision.instead for decision in work.decisions}
        replaced -= {decision.instead for decision in work.latest.values()}
        return (s for s in work.coded.segments if s.code in split and s.id not in replaced)
    others = (s for s in firsthand(work.coded, work.decisions).segments if s.coder != me)
    if asked.coder in (MACHINES, PEOPLE):
        return (s for s in others if (work.kind(s.coder) == "person") == (asked.coder == PEOPLE))
    return (s for s in others if s.coder == asked.coder)


def _matching(segments: Iterable[CodedSegment], asked: Asked, files: Files) -> list[CodedSegment]:
    """Return the segments of a code, or one below it, in a donor's documents or a single one."""
    book = files.codebook
    codes = {asked.code} | {code.id for code in book.codes if asked.code in book.ancestors(code.id)}
    documents = {d.id for d in files.corpus if _is_chosen(d, asked)}
    return [
        s
        for s in segments
        if (not asked.code or s.code in codes) and (not asked.texts or s.segment.document in documents)
    ]


def _is_chosen(document: Document, asked: Asked) -> bool:
    return asked.texts in ("", document.id, document.variables.get("donor"))


def _drawn(segments: Sequence[CodedSegment], n: int) -> Sequence[CodedSegment]:
    """Return n of the segments, drawn by a digest of their ids: the same ones each time."""
    if not n:
        return segments
    return sorted(segments, key=lambda s: hashlib.sha256(s.id.encode()).digest())[:n]


def _key(segment: CodedSegment, places: Mapping[str, int], order: Order) -> _Key:
    place, sure = segment.segment, 0.0
    if order != "text":
        sure = inf if segment.score is None else -segment.score if order == "surest" else segment.score
    there = places.get(place.document, len(places))
    return sure, there, place.start, place.end, segment.code, segment.id
