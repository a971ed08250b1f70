"""Where a rule hits, and where it nearly did.

Each kind of rule finds candidates. A candidate is then held against what the rule asks for, one demand
after the other: to lie in one sentence (or paragraph), to stand without an `unless`, to speak of the
right actor. What fails becomes a near-miss with its reason, if somebody wants to know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coding.codebook import Rule
from coding.taggers.rules.actor import Voices
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.phrases import NONE, Spans, after, in_order, phrase, select, union
from coding.taggers.rules.raw import Cut, regex_spans, token_spans
from coding.taggers.rules.tokens import Ints

Mask = NDArray[np.bool_]
Reason = Callable[[int], str]  # why the nth candidate that was turned away was


@dataclass(frozen=True, slots=True)
class Hits:
    """Spans that belong together, by token and by code point.

    Attributes
    ----------
    first, last : tokens, both included
    start, end : code points in the document, half-open
    """

    first: Ints
    last: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.first)

    def where(self, mask: Mask) -> Hits:
        """Return the hits for which the mask holds."""
        return Hits(self.first[mask], self.last[mask], self.start[mask], self.end[mask])


@dataclass(frozen=True, slots=True)
class Miss:
    """Candidates that a demand of the rule turned away, and why."""

    hits: Hits
    kind: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Searched:
    """Documents in which rules look: their index, and who speaks in them."""

    index: TokenIndex
    voices: Voices = field(default_factory=Voices)


Judged = tuple[Mask, str, Reason]  # what is kept, and how and why the rest is turned away
Demand = Callable[[Rule, Searched, Hits], Judged | None]


def hits(rule: Rule, searched: Searched, misses: list[Miss] | None = None) -> Hits:
    """Return all hits of a rule in order, each once; what it nearly hit joins `misses` if given.

    Raises
    ------
    CodingError
        If a regular expression runs too long, or a token pattern asks for what no tokenizer gives.
    """
    found = _KINDS[rule.kind](rule, searched)
    for demand in _demands(rule):
        if not len(found):
            break
        judged = demand(rule, searched, found)
        if judged is None:
            continue
        kept, kind, reason = judged
        if kept.all():
            continue
        if misses is not None:
            misses.append(Miss(found.where(~kept), kind, reason))
        found = found.where(kept)
    if misses is not None and rule.kind == "near":
        misses.extend(_too_far(rule, searched))
    return _covering(rule, searched, found) if len(found) else found


def _demands(rule: Rule) -> list[Demand]:
    if not rule.unless and rule.actor == "any":
        return [_in_one_place]
    return [_in_one_place, *map(_no_unless, rule.unless), _right_actor]


def _compared(rule: Rule) -> tuple[bool, bool]:
    return rule.case, rule.match == "lemma"


def _as_hits(spans: Spans, index: TokenIndex) -> Hits:
    return Hits(spans[0], spans[1], index.start[spans[0]], index.end[spans[1]])


def _phrases(rule: Rule, searched: Searched) -> Hits:
    spans = union([phrase(pattern, searched.index, _compared(rule)) for pattern in rule.patterns])
    return _as_hits(spans, searched.index)


def _near(rule: Rule, searched: Searched) -> Hits:
    return _as_hits(_pairs(rule, searched.index, rule.within), searched.index)


def _pairs(rule: Rule, index: TokenIndex, within: int) -> Spans:
    one, other = (phrase(pattern, index, _compared(rule)) for pattern in rule.patterns)
    if not len(one[0]) or not len(other[0]):
        return NONE
    forward = after(one, other, index, within)
    return forward if rule.ordered else union([forward, after(other, one, index, within)])


def _all(rule: Rule, searched: Searched) -> Hits:
    """Return the sentences (or paragraphs) that hold every phrase."""
    index, units = searched.index, searched.index.units(rule.scope)
    common: Ints | None = None
    for pattern in rule.patterns:
        first, last = phrase(pattern, index, _compared(rule))
        held = np.unique(units.around(first[index.together(first, last, rule.scope)]))
        common = held if common is None else np.intersect1d(common, held, assume_unique=True)
        if not len(common):
            return _as_hits(NONE, index)
    assert common is not None
    return _as_hits((units.first[common], units.last[common]), index)


def _from_text(cuts: Iterator[Cut], index: TokenIndex) -> Hits:
    """Place spans of code points among the tokens; one that touches no token belongs to the next."""
    bounds = np.cumsum([0, *index.tokens.sizes])
    found: set[tuple[int, int, int, int]] = set()
    for document, start, end in cuts:
        low, high = int(bounds[document]), int(bounds[document + 1])
        if low == high:
            continue
        first = low + int(np.searchsorted(index.end[low:high], start, side="right"))
        last = low + int(np.searchsorted(index.start[low:high], end, side="left")) - 1
        first = min(first, high - 1)
        found.add((first, max(first, last), start, end))
    table = np.array(sorted(found), dtype=np.int32).reshape(-1, 4)
    return Hits(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _regex(rule: Rule, searched: Searched) -> Hits:
    return _from_text(regex_spans(rule, searched.index), searched.index)


def _pattern(rule: Rule, searched: Searched) -> Hits:
    return _from_text(token_spans(rule, searched.index, searched.index.units(rule.scope)), searched.index)


_KINDS: dict[str, Callable[[Rule, Searched], Hits]] = {
    "phrase": _phrases,
    "near": _near,
    "all": _all,
    "regex": _regex,
    "pattern": _pattern,
}


def _in_one_place(rule: Rule, searched: Searched, found: Hits) -> Judged | None:
    if found.first is found.last:
        return None
    kept = searched.index.together(found.first, found.last, rule.scope)
    return kept, "scope", lambda _: f"it runs over the end of a {rule.scope}"


def _no_unless(pattern: str) -> Demand:
    def demand(rule: Rule, searched: Searched, found: Hits) -> Judged | None:
        index = searched.index
        before = phrase(pattern, index, _compared(rule))
        before = select(before, index.together(before[0], before[1], "sentence"))
        if not len(before[0]):
            return None
        if rule.kind == "all" or rule.unless_in == "sentence":
            where, at = _within(rule, searched, found, before)
        else:
            where, at = _preceding(rule, searched, found, before)

        where_it_stands = "in it" if rule.kind == "all" else "before it"
        if rule.unless_in == "sentence" and rule.kind != "all":
            where_it_stands = "in its sentence"

        def reason(number: int) -> str:
            first, last = int(before[0][at[number]]), int(before[1][at[number]])
            text = index.documents[int(index.document[first])].text
            words = " ".join(text[int(index.start[first]) : int(index.end[last])].split())
            return f"unless: '{words}' stands {where_it_stands}"

        missed = np.flatnonzero(where)
        return ~where, "unless", lambda number: reason(int(missed[number]))

    return demand


def _preceding(rule: Rule, searched: Searched, found: Hits, before: Spans) -> tuple[Mask, NDArray[np.int64]]:
    """Say of each hit whether one of `before` lies wholly in the words before it, and which is nearest."""
    index = searched.index
    order = np.argsort(before[1], kind="stable")
    nearest = np.maximum.accumulate(before[0][order])  # among those that end no later, the latest begin
    which = np.searchsorted(before[1][order], found.first, side="left") - 1
    begins = nearest[np.maximum(which, 0)]
    near = (which >= 0) & (index.n_words[found.first] - index.n_words[begins] <= rule.unless_within)
    near[near] = index.together(begins[near], found.first[near], "sentence")
    return near, np.searchsorted(before[0], begins)


def _within(rule: Rule, searched: Searched, found: Hits, before: Spans) -> tuple[Mask, NDArray[np.int64]]:
    """Say of each hit whether one of `before` lies in its sentence (of `all`: in its unit), and which."""
    place = searched.index.place(rule.scope if rule.kind == "all" else "sentence")
    begins = place[before[0]]
    at = np.minimum(np.searchsorted(begins, place[found.first]), len(begins) - 1)
    return begins[at] == place[found.first], at


def _right_actor(rule: Rule, searched: Searched, found: Hits) -> Judged | None:
    if rule.actor == "any":
        return None
    index = searched.index
    sentences = searched.index.units("sentence")
    actors = []
    for token, sentence in zip(found.first.tolist(), sentences.around(found.first).tolist(), strict=True):
        document = index.documents[int(index.document[token])]
        start, end = int(index.start[sentences.first[sentence]]), int(index.end[sentences.last[sentence]])
        actors.append(searched.voices.actor(document, start, end))
    kept = np.array([actor == rule.actor for actor, _ in actors], dtype=np.bool_)
    missed = [said for (_, said), keep in zip(actors, kept, strict=True) if not keep]
    return kept, "actor", lambda number: f"actor {rule.actor}: {missed[number]}"


def _too_far(rule: Rule, searched: Searched) -> Iterator[Miss]:
    """Yield the pairs that stand up to twice as far apart as allowed, in one place."""
    index = searched.index
    wide = _pairs(rule, index, 2 * rule.within + 1)
    wide = select(wide, index.together(wide[0], wide[1], rule.scope))
    near = set(zip(*(side.tolist() for side in _pairs(rule, index, rule.within)), strict=True))
    far = np.array(
        [pair not in near for pair in zip(*(s.tolist() for s in wide), strict=True)], dtype=np.bool_
    )
    if far.any():
        hit = _as_hits(select(wide, far), index)
        yield Miss(hit, "distance", lambda _: f"more than {rule.within} words lie between")


def _covering(rule: Rule, searched: Searched, found: Hits) -> Hits:
    """Return what becomes the coded segments: the hits, or the sentences or paragraphs around them."""
    if rule.covers == "hit":
        return found
    index = searched.index
    units = searched.index.units(rule.covers)
    first, last = units.around(found.first), units.around(found.last)
    return _as_hits(in_order(units.first[first], units.last[last]), index)
