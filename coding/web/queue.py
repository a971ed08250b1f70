"""The review queue: which suggestions are to decide on, in the order of the texts."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from coding.model import Coded
from coding.review import firsthand
from coding.web.filters import address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coding.batch import Decision
    from coding.model import CodedSegment, Document
    from coding.sight import Sight
    from coding.web.desk import Files, Work

State = Literal["undecided", "decided", "all"]
MACHINES, PEOPLE = "", "@people"  # no coder is called so


@dataclass(frozen=True, slots=True)
class Asked:
    """Which suggestions, as the address says.

    Attributes
    ----------
    coder : one coder, `MACHINES` or `PEOPLE`
    code : a code, with those below it; all if empty
    texts : a donor, or the id of a document; all if empty
    sample : how many are drawn at random from all that match; 0 for all of them
    split : instead of suggestions, anybody's segments whose code was split
    """

    coder: str = MACHINES
    code: str = ""
    texts: str = ""
    state: State = "undecided"
    sample: int = 0
    split: bool = False

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
    order : the place of each document
    """

    every: tuple[CodedSegment, ...]
    listed: tuple[CodedSegment, ...]
    n_matching: int
    withheld: tuple[str, ...]
    n_stale: int
    order: Mapping[str, int]

    def place(self, segment: CodedSegment | None) -> int:
        """Return where a segment stands in the list; of one that does not, where it would; else 0."""
        if segment is None or not self.listed:
            return 0
        here = _key(segment, self.order)
        return bisect_left(self.listed, here, key=lambda s: _key(s, self.order)) % len(self.listed)


def queue(asked: Asked, files: Files, work: Work, seeing: Sight) -> Queue:
    """Return what matches, without what the coder may not see yet."""
    digests = {document.id: document.digest for document in files.corpus}
    order = {document: place for place, document in enumerate(digests)}
    matching = _matching(_candidates(asked, files, work, seeing.coder), asked, files)
    visible = seeing.in_lists(Coded(tuple(matching))).segments
    current = [s for s in visible if digests.get(s.segment.document) == s.segment.digest]
    drawn = sorted(_drawn(current, asked.sample), key=lambda s: _key(s, order))
    wanted = {"undecided": (False,), "decided": (True,), "all": (False, True)}[asked.state]
    return Queue(
        every=tuple(drawn),
        listed=tuple(s for s in drawn if is_decided(s, work.latest, split=asked.split) in wanted),
        n_matching=len(current),
        withheld=tuple(d.id for d in files.corpus if _is_chosen(d, asked) and seeing.is_withheld(d.id)),
        n_stale=len(visible) - len(current),
        order=order,
    )


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


def _key(segment: CodedSegment, order: Mapping[str, int]) -> tuple[int, int, int, str, str]:
    place = segment.segment
    return order.get(place.document, len(order)), place.start, place.end, segment.code, segment.id
