"""Where people, rules and models that have read the same unit do not say the same of it, and why not.

A conflict is a unit and a code. Only who has read the unit for the code says anything: a model that abstained
says nothing, and nor does who has not read it. Two people alone are no conflict here: their disagreements are
in `coding.review`. A code is given where it, or one below it, is. A ruling on what is contested settles it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from coding.codebook import in_words
from coding.model import Coded, CodedSegment, Coder, CoderKind, Corpus, Segment
from coding.units import ABSENT, PRESENT, UNREAD, Counts, Unit, on_units

if TYPE_CHECKING:
    from coding.batch import Decision, Memo
    from coding.codebook import Code, Codebook
    from coding.learned import Model
    from coding.model import Document, Reading
    from coding.units import Projection

Kind = Literal[
    "people against rules and model",
    "people against model",
    "people against rules",
    "people divided",
    "machine against machine",
]

KINDS: tuple[Kind, ...] = get_args(Kind)  # in the order in which conflicts are listed
LONGEST_WORDS = 160  # code points of what a person coded, as a reason quotes it
_ORDER: tuple[CoderKind, ...] = ("person", "rules", "model")


@dataclass(frozen=True, slots=True)
class Side:
    """What one coder says of a unit and a code, and why.

    Attributes
    ----------
    says : whether the unit bears the code
    evidence : the coded segments by which it says so; empty if it says no
    reasons : in words: one for each of them, or one for the no
    """

    coder: str
    kind: CoderKind
    says: bool
    evidence: tuple[CodedSegment, ...]
    reasons: tuple[str, ...]

    @property
    def score(self) -> float | None:
        """The highest probability that it gives; None if it gives none, as a no never does."""
        return max((one.score for one in self.evidence if one.score is not None), default=None)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A unit and a code on which those who have read it do not say the same; one of them is no person.

    Attributes
    ----------
    sides : people, then rules, then models, each kind in the order of their names
    """

    unit: Segment
    code: str
    kind: Kind
    sides: tuple[Side, ...]

    @property
    def id(self) -> str:
        """An id that stays while the unit and the code do."""
        return f"{self.unit.document}:{self.unit.start}-{self.unit.end}:{self.code}"

    @property
    def contested(self) -> tuple[CodedSegment, ...]:
        """The coded segments that say yes: a ruling is about all of them."""
        return tuple(segment for side in self.sides for segment in side.evidence)

    @property
    def surest(self) -> float | None:
        """The highest probability that a model gives the code here; None if none says yes."""
        return max((side.score for side in self.sides if side.score is not None), default=None)

    def is_settled(self, last: Mapping[str, Decision]) -> bool:
        """Say whether every contested segment was decided on, here or elsewhere, whatever was decided."""
        return all(segment.id in last for segment in self.contested)


def unit_of(models: Iterable[Model]) -> Unit:
    """Return the unit in which models can be compared: the widest of theirs, a sentence if there are none.

    Who says that a paragraph bears a code does not say so of each of its sentences.
    """
    widest: Unit = max((model.unit for model in models), key=get_args(Unit).index, default="sentence")
    return widest


def conflicts(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    *,
    unit: Unit,
    counts: Counts,
    models: Mapping[str, Model],
    memos: Iterable[Memo] = (),
) -> list[Conflict]:
    """Return the conflicts, those first in which reading settles most.

    People who agree among themselves against all machines that speak, rules and a model, come first; then
    people against a model, people against rules, people who are divided whatever machines say, and what
    nobody has read, on which machines differ. In each the surest probability of a yes comes first, then what
    has none (of a no a model keeps none), in the order of the texts.

    A conflict on a code is left out if all its coders and all it contests stand in conflicts on codes below
    it, in the same unit; of a coder who gave the unit a code and one below it, only the latter is counted in
    that. The rules have read for a code if they search for it or for all codes below it.

    Parameters
    ----------
    coded : what coders coded themselves (`coding.review.firsthand`), with their readings
    unit, counts : as in `on_units`
    models : those at hand, by the coder as which each codes; they tell below what probability it says no
    memos : those on coded segments are reasons of who wrote them

    Raises
    ------
    StaleText
        If a coded text has changed since.
    """
    coded.refuse_stale(corpus)
    known = _Known(codebook, _leaves(codebook), models, _by_subject(memos))
    by_document = _by_document(coded)
    order = {document.id: place for place, document in enumerate(corpus)}
    found = [
        conflict
        for document in corpus
        for conflict in _of_document(document, by_document[document.id], known, unit, counts)
    ]

    def key(one: Conflict) -> tuple[int, float, int, int, int, str]:
        place = one.unit
        surest = 0.0 if one.surest is None else one.surest
        return KINDS.index(one.kind), -surest, order[place.document], place.start, place.end, one.code

    return sorted(found, key=key)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of codes and coders. `leaves` are the lowest codes in use below one that has any."""

    codebook: Codebook
    leaves: Mapping[str, set[str]] = field(repr=False)
    models: Mapping[str, Model]
    memos: Mapping[str, Sequence[Memo]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Voice:
    """What one coder says in one document; evidence under the codes that were given."""

    coder: Coder
    on: Projection
    given: Mapping[str, CodedSegment]

    def evidence(self, row: int, code: str) -> tuple[CodedSegment, ...]:
        return tuple(self.given[segment.id] for segment in self.on.evidence.get((row, code), ()))

    def codes(self, row: int, codebook: Codebook) -> tuple[str, ...]:
        """Return the codes given to a unit, without those above another of them."""
        values = zip(self.on.codes, self.on.values[row], strict=True)
        return _narrowest([code for code, value in values if value == PRESENT], codebook)


def _by_subject(memos: Iterable[Memo]) -> dict[str, list[Memo]]:
    found: dict[str, list[Memo]] = defaultdict(list)
    for memo in memos:
        if memo.about == "segment":
            found[memo.subject].append(memo)
    return found


def _by_document(coded: Coded) -> dict[str, Coded]:
    segments: dict[str, list[CodedSegment]] = defaultdict(list)
    readings: dict[str, list[Reading]] = defaultdict(list)
    for segment in coded.segments:
        segments[segment.segment.document].append(segment)
    for reading in coded.readings:
        readings[reading.segment.document].append(reading)
    found: dict[str, Coded] = defaultdict(Coded)
    return found | {name: Coded(tuple(segments[name]), tuple(its)) for name, its in readings.items()}


def _of_document(
    document: Document, coded: Coded, known: _Known, unit: Unit, counts: Counts
) -> Iterator[Conflict]:
    coders = {reading.coder: Coder(reading.coder, reading.kind) for reading in coded.readings}
    codes = _in_use(known.codebook, {segment.code for segment in coded.segments})
    if len(coders) < 2 or all(coder.kind == "person" for coder in coders.values()) or not codes:
        return
    ordered = sorted(coders.values(), key=lambda coder: (_ORDER.index(coder.kind), coder.id))
    texts, counts_for = Corpus((document,)), {code: (code,) for code in codes}
    voices = []
    for coder in ordered:
        own = coded.by(coder.id)
        on = on_units(_widened(own, known), texts, unit=unit, counts=counts, counts_for=counts_for)
        voices.append(_Voice(coder, on, {segment.id: segment for segment in own.segments}))
    values = np.stack([voice.on.values for voice in voices])
    by_machine = np.array([voice.coder.kind != "person" for voice in voices])
    differ = (values == PRESENT).any(0) & (values == ABSENT).any(0) & (values[by_machine] != UNREAD).any(0)
    for row in np.flatnonzero(differ.any(1)).tolist():
        here = [codes[column] for column in np.flatnonzero(differ[row])]
        yield from _telling([_conflict(row, code, voices, document, known) for code in here], known.codebook)


def _in_use(codebook: Codebook, given: set[str]) -> tuple[str, ...]:
    """Return the codes in use that were given, themselves or one below them, in the codebook's order."""
    known = [code for code in given if code in codebook]
    wanted = {up for code in known for up in (code, *codebook.ancestors(code))}
    return tuple(code.id for code in codebook.codes if code.id in wanted and not code.retired)


def _widened(own: Coded, known: _Known) -> Coded:
    """Return what a coder coded under the codes above as well, and the readings of rules for these too."""
    book = known.codebook
    segments = tuple(
        replaced(segment, code=code)
        for segment in own.segments
        if segment.code in book
        for code in (segment.code, *book.ancestors(segment.code))
    )
    return Coded(segments, tuple(_searched(r, known) if r.kind == "rules" else r for r in own.readings))


def _searched(reading: Reading, known: _Known) -> Reading:
    """Return a reading of the rules that is one for the codes above as well, where all below are searched."""
    if reading.codes is None:
        return reading
    above = (code for code, leaves in known.leaves.items() if leaves <= set(reading.codes or ()))
    return replaced(reading, codes=tuple(dict.fromkeys([*reading.codes, *above])))


def _leaves(codebook: Codebook) -> dict[str, set[str]]:
    used = [code for code in codebook.codes if not code.retired]
    parents = {code.parent for code in used}
    found: dict[str, set[str]] = defaultdict(set)
    for code in used:
        for up in codebook.ancestors(code.id) if code.id not in parents else ():
            found[up].add(code.id)
    return dict(found)


def _conflict(row: int, code: str, voices: Sequence[_Voice], document: Document, known: _Known) -> Conflict:
    sides = []
    for voice in voices:
        value = voice.on.column(code)[row]
        if value != UNREAD:
            evidence = voice.evidence(row, code)
            reasons = [_why(one, voice.coder.kind, code, document, known) for one in evidence]
            said = tuple(reasons or [_why_not(voice, row, code, known)])
            sides.append(Side(voice.coder.id, voice.coder.kind, bool(evidence), evidence, said))
    return Conflict(voices[0].on.units[row], code, _kind(sides), tuple(sides))


def _kind(sides: Sequence[Side]) -> Kind:
    people = {side.says for side in sides if side.kind == "person"}
    machines = [side for side in sides if side.kind != "person"]
    if not people:
        return "machine against machine"
    if len(people) > 1:
        return "people divided"
    against = [side for side in machines if side.says not in people]
    kinds = {side.kind for side in against}
    if len(kinds) > 1 and against == machines:
        return "people against rules and model"
    return "people against model" if "model" in kinds else "people against rules"


def _telling(found: Sequence[Conflict], codebook: Codebook) -> Iterator[Conflict]:
    """Yield the conflicts on one unit but those of which all is said in conflicts on codes below theirs."""
    for one in found:
        below = [other for other in found if one.code in codebook.ancestors(other.code)]
        coders = {side.coder for other in below for side in other.sides}
        contested = {segment.id for other in below for segment in other.contested}
        own = {segment.id for side in one.sides for segment in _telling_most(side, codebook)}
        if not ({side.coder for side in one.sides} <= coders and own <= contested):
            yield one


def _telling_most(side: Side, codebook: Codebook) -> list[CodedSegment]:
    """Return the evidence without that for a code above another that the coder gave the unit as well."""
    narrowest = _narrowest([one.code for one in side.evidence], codebook)
    return [one for one in side.evidence if one.code in narrowest]


def _narrowest(codes: Sequence[str], codebook: Codebook) -> tuple[str, ...]:
    above = {up for code in codes for up in codebook.ancestors(code)}
    return tuple(code for code in codes if code not in above)


def _why(one: CodedSegment, kind: CoderKind, code: str, document: Document, known: _Known) -> str:
    """Return the reason of a yes."""
    given = known.codebook[one.code]
    narrower = "" if one.code == code else f"{given.name}: "
    earlier = "" if given.holds(one.meaning) else " (in an earlier meaning of the code)"
    words = _short(document.quote(one.segment))
    if kind == "rules":
        said = f"{words} by {_rules(one, given)}"
    elif kind == "model":
        said = "; moved by ".join(filter(None, [_probability(one), one.because]))
    else:
        memos = (f"memo of {memo.coder}: {memo.text.strip()}" for memo in known.memos.get(one.id, ()))
        said = "; ".join([words, *memos])
    return f"{narrower}{said}{earlier}"


def _short(quote: str) -> str:
    words = " ".join(quote.split())
    return f"“{words}”" if len(words) <= LONGEST_WORDS else f"“{words[:LONGEST_WORDS]}…”"


def _rules(one: CodedSegment, code: Code) -> str:
    """Return the rules that hit, in words."""
    rules = {rule.id: rule for rule in code.rules}
    said = [
        f"{name} ({'; '.join(f'{heading}: {text}' for heading, text in in_words(rules[name]))})"
        if name in rules
        else f"{name} (the codebook has this rule no more)"
        for name in filter(None, one.because.split(", "))
    ]
    return " and ".join(said or ["a rule"])


def _probability(one: CodedSegment) -> str:
    return "it said yes" if one.score is None else f"probability {one.score:.2f}"


def _why_not(voice: _Voice, row: int, code: str, known: _Known) -> str:
    """Return the reason of a no."""
    if voice.coder.kind == "rules":
        return "no rule hits"
    if voice.coder.kind == "model":
        model = known.models.get(voice.coder.id)
        low = next((each.low for each in model.codes if each.code == code), None) if model else None
        return "it said no" if low is None else f"below {low:.2g} it says no"
    given = [known.codebook[each].name for each in voice.codes(row, known.codebook)]
    return "read it and did not give it" + (f"; gave {', '.join(given)} there" if given else "")
