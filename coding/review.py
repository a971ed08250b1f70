"""What stands after review, how often suggestions were right, and where coders disagree.

`resolve` applies decisions to coded segments; `disagreements` lists the passages that two coders have both
read and coded differently, for someone to rule on; `rulings_on` returns those rulings to the code.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, get_args

from coding.batch import Cause
from coding.cells import cell_name, with_codes
from coding.errors import CodingError, choose
from coding.model import Coded
from coding.revision import carry
from coding.sight import read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from coding.batch import Decision, Memo
    from coding.codebook import Codebook
    from coding.model import CodedSegment, Corpus
    from coding.revision import Succession

Unreviewed = Literal["keep", "drop"]

LEVEL = 0.95


def resolve(coded: Coded, decisions: Iterable[Decision], *, unreviewed: Unreviewed, pool: Coded) -> Coded:
    """Return the coded segments that stand once decisions are applied; readings stay.

    What stands in the place of another stands through the decision that put it there, not by itself. A
    recoding whose segment does not stand any more (it was taken back) counts as no decision: without an
    earlier one the recoded segment is undecided. The same words with the same code stand once for a coder,
    and once if several decisions put them in the place of others.

    Parameters
    ----------
    unreviewed : {"keep", "drop"}
        Whether a rule's or model's segment on which nobody has decided stands. A person's always does.
    pool : Coded
        Where the segments are found that stand in the place of recoded ones.
    """
    choose(unreviewed, get_args(Unreviewed), "unreviewed")
    decisions = tuple(decisions)
    placed = {decision.instead for decision in decisions}
    last = latest(holding(decisions, pool))
    people = {reading.coder for reading in (*coded.readings, *pool.readings) if reading.kind == "person"}
    machines = {reading.coder for reading in coded.readings if reading.kind != "person"} - people
    known = {segment.id: segment for segment in pool.segments}
    standing: dict[str, CodedSegment] = {}
    for segment in firsthand(without_twins(coded, decisions), decisions).segments:
        ruled = _followed(segment, last, known)
        if ruled is None and segment.id not in last:
            if unreviewed == "keep" or segment.coder not in machines:
                standing[segment.id] = segment
        elif ruled is not None:
            standing[ruled.id] = ruled
    once = _once(standing.values(), lambda s: (s.segment, s.code, "" if s.id in placed else s.id))
    return Coded(_once(once, _alike), coded.readings)


def holding(decisions: Iterable[Decision], coded: Coded) -> tuple[Decision, ...]:
    """Return the decisions without recodings whose segment in the place of another stands no more."""
    standing = {segment.id for segment in coded.segments}
    return tuple(d for d in decisions if d.instead is None or d.instead in standing)


def latest(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """Return the last decision on each coded segment."""
    ordered = sorted(decisions, key=lambda decision: (decision.at, decision.id))
    return {decision.about: decision for decision in ordered}


def firsthand(coded: Coded, decisions: Iterable[Decision]) -> Coded:
    """Return what coders coded themselves: without the segments that decisions put in the place of others."""
    placed = {decision.instead for decision in decisions}
    return Coded(tuple(s for s in coded.segments if s.id not in placed), coded.readings)


def without_twins(coded: Coded, decisions: Iterable[Decision]) -> Coded:
    """Return of several coded segments with the same words, code and coder only that of the smallest id.

    So it is where two copies of a project were merged, or two codes that one coder gave the same words.
    What decisions put in the place of others is kept apart, since each may be decided on anew.
    """
    placed = {decision.instead for decision in decisions}
    return Coded(
        _once(coded.segments, lambda s: (*_alike(s), s.id if s.id in placed else "")), coded.readings
    )


def carried(coded: Coded, through: Sequence[Succession], codebooks: Iterable[Codebook]) -> Coded:
    """Return the coded segments and readings under the codes that came after theirs, in the meaning of these.

    Who moves or merges a code says that what bore it bears the other. What bears a code that was split
    keeps its id: which of the new ones it bears, a person has to say. What bears one code twice by now is
    kept twice: see `without_twins`.
    """
    if not through:
        return coded
    after = carry({*(s.code for s in coded.segments), *_read_for(coded)}, through).sure
    meanings = {code.id: code.meaning for codebook in codebooks for code in codebook.codes}
    return Coded(
        tuple(
            s
            if (code := after.get(s.code, s.code)) == s.code
            else replace(s, code=code, meaning=meanings.get(code, s.meaning))
            for s in coded.segments
        ),
        tuple(
            r if r.codes is None else replace(r, codes=_after(r.codes, after), given=_after(r.given, after))
            for r in coded.readings
        ),
    )


def _after(codes: tuple[str, ...] | None, after: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the codes that came after these, each once."""
    return None if codes is None else tuple(dict.fromkeys(after.get(code, code) for code in codes))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A passage that both coders have read and coded differently.

    Attributes
    ----------
    start, end : from the first to the last code point that either coded
    first, second : what each coded there; one of them may be empty
    agreed : codes that both gave, on overlapping words
    """

    document: str
    start: int
    end: int
    first: tuple[CodedSegment, ...]
    second: tuple[CodedSegment, ...]
    agreed: tuple[str, ...]

    @property
    def id(self) -> str:
        """An id that stays while the passage does."""
        return f"{self.document}:{self.start}-{self.end}"

    @property
    def contested(self) -> tuple[CodedSegment, ...]:
        """The segments whose code the other coder gave to none of their words."""
        return (*_alone(self.first, self.second), *_alone(self.second, self.first))

    def is_settled(self, last: Mapping[str, Decision]) -> bool:
        """Say whether every contested segment was ruled on."""
        return all(segment.id in last for segment in self.contested)


def disagreements(coded: Coded, corpus: Corpus, first: str, second: str) -> list[Disagreement]:
    """Return the passages of documents read by both coders in which one gave a code that the other did not.

    Segments of either coder that overlap form one passage. A code is agreed on where both gave it to
    words that overlap, whatever the bounds. What was coded in an earlier text of a document is left out.

    Raises
    ------
    CodingError
        If no document was read by both.
    """
    both = read_whole(coded.readings, corpus, first) & read_whole(coded.readings, corpus, second)
    if not both:
        raise CodingError(
            f"{first} and {second} have read no document both. Assign some to both: `coding assign --twice`."
        )
    by_document: dict[str, list[CodedSegment]] = defaultdict(list)
    for segment in coded.segments:
        place = segment.segment
        if (
            segment.coder in (first, second)
            and place.document in both
            and place.digest == corpus[place.document].digest
        ):
            by_document[segment.segment.document].append(segment)
    found = []
    for document in sorted(by_document):
        for passage in _touching(by_document[document]):
            one = tuple(s for s in passage if s.coder == first)
            other = tuple(s for s in passage if s.coder == second)
            agreed = tuple(dict.fromkeys(a.code for a in one for b in other if _same(a, b)))
            start = min(s.segment.start for s in passage)
            end = max(s.segment.end for s in passage)
            disagreement = Disagreement(document, start, end, one, other, agreed)
            if disagreement.contested:
                found.append(disagreement)
    return found


def rulings_on(code: str, decisions: Iterable[Decision], coded: Coded) -> list[tuple[Decision, CodedSegment]]:
    """Return the rulings on a code's segments that name a cause, each with its segment, the newest first.

    Of several rulings on one segment only the last holds, and is returned.
    """
    known = {segment.id: segment for segment in coded.segments if segment.code == code}
    found = [
        decision for decision in latest(decisions).values() if decision.cause and decision.about in known
    ]
    found.sort(key=lambda decision: (decision.at, decision.id), reverse=True)
    return [(decision, known[decision.about]) for decision in found]


def by_cause(rulings: Iterable[tuple[Decision, CodedSegment]]) -> dict[Cause, int]:
    """Return how many rulings name each cause; causes that none names are there with 0."""
    counts: dict[Cause, int] = dict.fromkeys(get_args(Cause), 0)
    for decision, _ in rulings:
        if decision.cause is not None:
            counts[decision.cause] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Precision:
    """How many of the suggestions that were decided on were right as they stood."""

    accepted: int
    recoded: int
    rejected: int

    @property
    def decided(self) -> int:
        """How many were decided on."""
        return self.accepted + self.recoded + self.rejected

    @property
    def share(self) -> float | None:
        """The accepted among them, 0..1; None if nothing was decided."""
        return self.accepted / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The share's interval at `LEVEL`, as if they were drawn at random; None if nothing was decided."""
        return wilson(self.accepted, self.decided) if self.decided else None


def precision(segments: Iterable[CodedSegment], last: Mapping[str, Decision]) -> Precision:
    """Return how many of these segments the last decisions accepted, recoded and rejected."""
    rulings = [last[segment.id].ruling for segment in segments if segment.id in last]
    return Precision(*(rulings.count(ruling) for ruling in ("accept", "recode", "reject")))


def wilson(k: int, n: int) -> tuple[float, float]:
    """Return the score interval of a share, k of n, at `LEVEL`.

    Parameters
    ----------
    n : at least 1

    Source
    ------
    Wilson (1927), *Journal of the American Statistical Association* 22, 209-212.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    middle = (k + z * z / 2) / (n + z * z)
    reach = z / (n + z * z) * sqrt(k * (n - k) / n + z * z / 4)
    return (middle - reach if k else 0.0), (middle + reach if k < n else 1.0)


def _followed(
    segment: CodedSegment, last: Mapping[str, Decision], known: Mapping[str, CodedSegment]
) -> CodedSegment | None:
    """Return what stands for a segment that was decided on; None if nothing does, or nobody decided."""
    seen: set[str] = set()
    while (decision := last.get(segment.id)) is not None and segment.id not in seen:
        seen.add(segment.id)
        if decision.ruling == "accept":
            return segment
        if decision.ruling == "reject":
            return None
        assert decision.instead is not None
        segment = known[decision.instead]
    return segment if seen else None


def carried_memos(memos: Sequence[Memo], through: Sequence[Succession]) -> tuple[Memo, ...]:
    """Return the memos, those about codes and cells under the codes that came after theirs."""
    of_cells = {cell_name(memo.subject).code for memo in memos if memo.about == "cell"}
    after = carry(of_cells | {memo.subject for memo in memos if memo.about == "code"}, through).sure

    def today(memo: Memo) -> str:
        if memo.about == "cell":
            return with_codes(memo.subject, after)
        return after.get(memo.subject, memo.subject) if memo.about == "code" else memo.subject

    return tuple(replace(memo, subject=today(memo)) for memo in memos)


def _once(
    segments: Iterable[CodedSegment], alike: Callable[[CodedSegment], tuple[object, ...]]
) -> tuple[CodedSegment, ...]:
    """Return of the segments that are alike only that of the smallest id, where the first of them stood."""
    chosen: dict[tuple[object, ...], CodedSegment] = {}
    for segment in segments:
        key = alike(segment)
        if key not in chosen or segment.id < chosen[key].id:
            chosen[key] = segment
    return tuple(chosen.values())


def _alike(segment: CodedSegment) -> tuple[object, ...]:
    return segment.segment, segment.code, segment.coder


def _read_for(coded: Coded) -> set[str]:
    return {code for reading in coded.readings for code in reading.codes or ()}


def _alone(some: Sequence[CodedSegment], others: Sequence[CodedSegment]) -> tuple[CodedSegment, ...]:
    return tuple(one for one in some if not any(_same(one, other) for other in others))


def _same(a: CodedSegment, b: CodedSegment) -> bool:
    return a.code == b.code and a.segment.overlap(b.segment) > 0


def _touching(segments: Sequence[CodedSegment]) -> Iterator[list[CodedSegment]]:
    """Yield groups of segments that overlap, directly or through others, in the order of the text."""
    ordered = sorted(segments, key=lambda s: (s.segment.start, s.segment.end))
    group: list[CodedSegment] = []
    end = 0
    for segment in ordered:
        if group and segment.segment.start >= end:
            yield group
            group = []
        group.append(segment)
        end = max(end, segment.segment.end)
    if group:
        yield group
