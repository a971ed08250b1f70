"""Why the rules of one codebook code words that those of another do not, and which rule accounts for it.

A rule may be gone, changed, or turned away by what it asks for; or it hits as before, and a hit of another
rule is in its way. Then that other rule accounts for the words, if it is the one that changed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from coding.errors import closest
from coding.taggers.rules.languages import can_read
from coding.taggers.rules.why import BEATEN, LONGER, outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from coding.codebook import Codebook, Rule
    from coding.model import Case, CodedSegment, Document, Segment
    from coding.taggers.rules import Overlap
    from coding.taggers.rules.why import Outcome

Kind = Literal[
    "code", "rule", "words", "bounds", "unless", "actor", "scope", "distance", "beaten", "longer", "language",
]  # fmt: skip
Named = tuple[str, str]  # a code and a rule of it
Successors = Mapping[str, tuple[str, ...]]

_DEMANDS: tuple[Kind, ...] = ("unless", "actor", "scope", "distance")
_RAW = ("hit", LONGER, BEATEN)  # outcomes of words that a rule finds, whatever is in their way
_PART = re.compile(r"[^\s|()]+")  # a word of a pattern
_ALIKE = 0.6  # how like another a pattern must be to be told as the same one with other words
_LONGEST = 40  # characters of a pattern that are shown
_DETAILS = (
    "within", "ordered", "scope", "match", "case", "unless_within", "unless_in", "actor", "covers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """What accounts for words that are coded under one codebook only.

    Attributes
    ----------
    code, rule : the rule that accounts for them, under the id that its code has in the new codebook; where
        another rule's hit was in the way, or is, that other rule
    kind : the code, or the rule, is in one codebook only (or retired in the other); the rule finds other
        words, or other bounds; what it asks for turns the words away; a hit of another code beats them; a
        longer hit of the same code holds them; the text is not read, since its language is another
    why : the same in words
    """

    code: str
    rule: str
    kind: Kind
    why: str


def causes(
    vanished: Sequence[CodedSegment],
    came: Sequence[CodedSegment],
    *,
    documents: Iterable[Document],
    old: Codebook,
    new: Codebook,
    after: Successors,
    overlap: Overlap,
    cases: Mapping[str, Case],
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """Return for each segment that vanished, and for each that came, what accounts for it.

    Parameters
    ----------
    vanished, came : what the rules of the old codebook alone code, and those of the new one alone
    after : for each code of the old codebook the codes in use in the new one that come after it
    """
    before: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for code, successors in after.items():
        for successor in successors:
            before[successor] += (code,)
    touched = {segment.segment.document for segment in (*vanished, *came)}
    texts = [document for document in documents if document.id in touched]
    lost = _Way(old, new, after, vanished, texts, overlap, cases, is_lost=True)
    gained = _Way(new, old, before, came, texts, overlap, cases, is_lost=False)
    lost.other, gained.other = gained, lost
    return tuple(map(lost.cause, vanished)), tuple(map(gained.cause, came))


def rule_of(codebook: Codebook, code: str, rule: str) -> Rule | None:
    """Return a rule that is looked for; None if there is none, or its code is not in use."""
    if code not in codebook or codebook[code].retired:
        return None
    return next((each for each in codebook[code].rules if each.id == rule), None)


def how(before: Rule, after: Rule) -> str:
    """Say what is not the same in two versions of a rule; empty if they hit the same.

    Examples
    --------
    >>> from coding.codebook import Rule
    >>> one = Rule("r", "near", ("train", "police"), within=4)
    >>> how(one, Rule("r", "near", ("train", "police"), within=2, unless=("not",)))
    "unless 'not' added; within 4 → 2"
    """
    said = [f"{before.kind} → {after.kind}"] if before.kind != after.kind else []
    said += _patterns("", before.patterns, after.patterns)
    said += _patterns("unless ", before.unless, after.unless)
    for detail in _DETAILS:
        was, now = getattr(before, detail), getattr(after, detail)
        if was != now:
            said.append(f"{detail.replace('_', ' ')} {_word(was)} → {_word(now)}")
    return "; ".join(said) or ("" if before.says == after.says else "its phrases in another order")


def _patterns(name: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Say which patterns were taken out, added, or have other words in them."""
    gone = [pattern for pattern in before if pattern not in after]
    come = [pattern for pattern in after if pattern not in before]
    for pattern in gone:
        near = closest(pattern, come, cutoff=_ALIKE)
        if near is None:
            yield f"{name}'{_short(pattern)}' taken out"
            continue
        come.remove(near)
        was, now = _PART.findall(pattern), _PART.findall(near)
        out, new = [word for word in was if word not in now], [word for word in now if word not in was]
        changes = [*(f"'{word}' taken out" for word in out), *(f"'{word}' added" for word in new)]
        what = ", ".join(changes) or f"now '{_short(near)}'"
        yield f"{name}{what} in '{_short(pattern)}'"
    yield from (f"{name}'{_short(pattern)}' added" for pattern in come)


def _short(pattern: str) -> str:
    return pattern if len(pattern) <= _LONGEST else f"{pattern[:_LONGEST]}…"


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """A hit that is in the way of another."""

    code: str
    rule: str
    segment: Segment


@dataclass(slots=True)
class _Way:
    """From the codebook in which segments stand to the one in which they do not."""

    here: Codebook
    there: Codebook
    targets: Successors
    alone: Sequence[CodedSegment]
    documents: Sequence[Document]
    overlap: Overlap
    cases: Mapping[str, Case]
    is_lost: bool
    other: _Way = field(init=False)
    _texts: dict[str, Document] = field(init=False)
    _found: dict[tuple[str, str], list[Outcome]] = field(init=False)
    _at: dict[tuple[str, Segment], CodedSegment] = field(init=False)
    _told: dict[str, Cause | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._texts = {document.id: document for document in self.documents}
        self._at = {(segment.code, segment.segment): segment for segment in self.alone}
        self._found = defaultdict(list)
        asked = {target for segment in self.alone for target in self.after(segment.code)}
        winners = {code.id for code in self.there.codes if asked & set(code.beats)}
        for outcome in outcomes(
            self.there,
            self.documents,
            overlap=self.overlap,
            cases=self.cases,
            codes=sorted(asked | winners),
        ):
            self._found[outcome.segment.document, outcome.code].append(outcome)

    def cause(self, segment: CodedSegment) -> Cause:
        """Return what accounts for a segment."""
        told = self._told.get(segment.id)
        if told is None:
            self._told[segment.id] = None  # being asked
            own = [self._of_rule(segment, rule) for rule in segment.because.split(", ")]
            told = next((one for one in own if one.kind not in (BEATEN, LONGER)), own[0])
            self._told[segment.id] = told
        return told

    def name(self, code: str, rule: str) -> Named:
        """Return a rule of the codebook in which segments stand, under the id its code has in the new one."""
        holders = self._holders(code, rule) if self.is_lost else []
        return (holders[0] if holders else code), rule

    def after(self, code: str) -> tuple[str, ...]:
        """Return the codes in use in the other codebook that stand for a code."""
        return self.targets.get(code, ())

    def asked(self, code: str, segment: Segment) -> Cause | None:
        """Return what accounts for what is coded there in this codebook alone; None if nothing is yet known.

        Nothing is where nothing is coded, and while this is what is being asked.
        """
        known = self._at.get((code, segment))
        if known is None or (known.id in self._told and self._told[known.id] is None):
            return None
        return self.cause(known)

    def _holders(self, code: str, rule: str) -> list[str]:
        return [target for target in self.after(code) if rule_of(self.there, target, rule)]

    def _of_rule(self, segment: CodedSegment, rule: str) -> Cause:
        """Return what became of one of the rules that found a segment."""
        named = self.name(segment.code, rule)
        document = self._texts[segment.segment.document]
        holders = self._holders(segment.code, rule)
        if not self.after(segment.code):
            return Cause(*named, "code", self._no_code(segment.code))
        if not can_read(self.there, document):
            return Cause(*named, "language", self._other_language())
        if not holders:
            return Cause(*named, "rule", self._no_rule(segment.code, rule))
        for target in holders:
            found = [o for o in self._found[document.id, target] if o.rule == rule]
            stopped = [o for o in found if o.segment == segment.segment and o.kind in (LONGER, BEATEN)]
            if stopped:
                return self._stopped(segment, target, stopped[0])
        return self._changed(segment, rule, holders[0], named)

    def _no_code(self, code: str) -> str:
        if code in self.there:
            return "the code is retired" if self.is_lost else "the code was retired"
        return "the code is gone" if self.is_lost else "the code is new"

    def _other_language(self) -> str:
        now = "is now" if self.is_lost else "was"
        return f"the language of the codebook {now} {self.there.language}, which is not that of the text"

    def _no_rule(self, code: str, rule: str) -> str:
        said = "rule removed" if self.is_lost else "rule added"
        own = rule_of(self.here, code, rule)
        known = (other for other in self.there.codes if not other.retired and other.id != code)
        for other in known:
            same = any(r.id == rule or (own and r.says == own.says) for r in other.rules)
            if same and not rule_of(self.here, other.id, rule):
                return f"{said}: it {'stands now' if self.is_lost else 'stood'} under {other.id}"
        return said

    def _changed(self, segment: CodedSegment, rule: str, target: str, named: Named) -> Cause:
        """Return the cause where a rule is in both codebooks and does not find the words in the other."""
        own, others = rule_of(self.here, segment.code, rule), rule_of(self.there, target, rule)
        assert own is not None
        assert others is not None
        change = how(*((own, others) if self.is_lost else (others, own)))
        if not change:
            return Cause(*named, "language", self._other_language())
        near = [
            o
            for o in self._found[segment.segment.document, target]
            if o.segment.overlap(segment.segment) and (o.rule == rule or o.kind == "hit")
        ]
        bounds = [o for o in near if o.kind == "hit"]
        for kind in _DEMANDS:
            turned = [o for o in near if o.kind == kind and o.rule == rule]
            if turned and not any(o.rule == rule for o in bounds):
                reason = turned[0].reason.removeprefix("unless: ")
                reason = reason if self.is_lost else f"under the old one {reason}"
                return Cause(*named, kind, f"rule changed ({change}): {reason}")
        if bounds:
            words = self._quote(bounds[0].segment)
            said = f"the words coded {'are now' if self.is_lost else 'were'} “{words}”"
            return Cause(*named, "bounds", f"rule changed ({change}): {said}")
        return Cause(*named, "words", f"rule changed ({change})")

    def _stopped(self, segment: CodedSegment, target: str, outcome: Outcome) -> Cause:
        """Return the cause where a rule finds the words in both, and in the other a hit is in their way."""
        obstacles = [*self._obstacles(segment.segment, target, outcome.kind)]
        kind: Kind = "beaten" if outcome.kind == BEATEN else "longer"
        one = obstacles[0]
        words = f"“{self._quote(one.segment)}” (rule {one.rule})"
        if kind == "beaten":
            said = f"{one.code} {'beats' if self.is_lost else 'beat'} it with {words}"
        else:
            said = f"it {'lies' if self.is_lost else 'lay'} inside the longer {words}"
        return self._accounted(obstacles, target, kind, said if self.is_lost else f"before, {said}")

    def _obstacles(self, place: Segment, target: str, kind: str) -> Iterator[_Obstacle]:
        document = place.document
        if kind == LONGER:
            around = (o for o in self._found[document, target] if o.kind == "hit")
            yield from (
                _Obstacle(o.code, o.rule, o.segment)
                for o in around
                if o.segment != place and o.segment.start <= place.start and place.end <= o.segment.end
            )
            return
        for code in self.there.codes:
            if target in code.beats:
                raw = (o for o in self._found[document, code.id] if o.kind in _RAW)
                yield from (_Obstacle(o.code, o.rule, o.segment) for o in raw if o.segment.overlap(place))

    def _accounted(self, obstacles: Sequence[_Obstacle], target: str, kind: Kind, said: str) -> Cause:
        """Return the cause under the rule that changed; why its hit is in the way may be yet another."""
        for one in obstacles:
            if self._is_other(one):
                return Cause(*self.other.name(one.code, one.rule), kind, said)
        for one in obstacles:
            first = self.other.asked(one.code, one.segment)
            if first is not None:
                return Cause(first.code, first.rule, kind, f"{said}, for which rule {first.rule} accounts")
        newly = [one for one in obstacles if kind == "beaten" and target not in self._beaten(one.code)]
        one = (newly or obstacles)[0]
        added = f"; that it beats this code is {'new' if self.is_lost else 'no more so'}" if newly else ""
        return Cause(*self.other.name(one.code, one.rule), kind, said + added)

    def _is_other(self, one: _Obstacle) -> bool:
        """Say whether the rule of a hit in the way is another, or none, where the hit is not in the way."""
        own = rule_of(self.there, one.code, one.rule)
        others = (rule_of(self.here, code, one.rule) for code in self.other.after(one.code))
        return own is not None and not any(rule and rule.says == own.says for rule in others)

    def _beaten(self, code: str) -> set[str]:
        """Return the codes of the other codebook that a code of it beats in this one."""
        beaten = {one for own in self.other.after(code) for one in self.here[own].beats}
        return {target for one in beaten for target in self.after(one)}

    def _quote(self, segment: Segment) -> str:
        return " ".join(self._texts[segment.document].quote(segment).split())


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
