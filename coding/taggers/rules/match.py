"""Where a rule hits: sorted arrays of token positions, intersected and merged.

A hit is a pair (first token, last token), both included, inside one sentence (or paragraph). All
hits that the grammar allows are found; which of nested ones to keep is the study's decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coding.patterns import Choice, Gap, Phrase, Word, parse
from coding.taggers.rules.index import Positions, TokenIndex, Tokeniser, tokeniser

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coding.codebook import Rule

Hits = tuple[Positions, Positions]

_NONE: Hits = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def hits(rule: Rule, index: TokenIndex, language: str) -> Hits:
    """Return the first and last token of every hit of a rule, sorted, each once."""
    found = [phrase(pattern, index, language, case=rule.case) for pattern in rule.patterns]
    place = index.sentence if rule.scope == "sentence" else index.paragraph
    if rule.kind == "near":
        hit = _near(found[0], found[1], index, within=rule.within, ordered=rule.ordered)
    else:
        hit = _union(found)
    hit = _select(hit, place[hit[0]] == place[hit[1]])
    for pattern in rule.unless if len(hit[0]) else ():
        before = phrase(pattern, index, language, case=rule.case)
        hit = _select(hit, ~_preceded(hit, before, index, rule.unless_within))
    return hit


def phrase(pattern: str, index: TokenIndex, language: str, *, case: bool) -> Hits:
    """Return the hits of one phrase: all spans that its grammar allows, across any boundary."""
    return _Reader(index, tokeniser(language), case).read(parse(pattern), _State(fresh=True)).ended()


@dataclass(frozen=True, slots=True)
class _State:
    """How far the items read so far reach.

    `hits` are the spans read, by the gap that may follow them; `fresh` says that nothing has had
    to be read yet, so that any token may come first.
    """

    fresh: bool = False
    hits: Mapping[int, Hits] = field(default_factory=dict)

    @property
    def lost(self) -> bool:
        return not self.fresh and not any(len(first) for first, _ in self.hits.values())

    def ended(self) -> Hits:
        return _union(list(self.hits.values()))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the items of a phrase, all places of the index at once."""

    index: TokenIndex
    tokens: Tokeniser
    case: bool

    def read(self, phrase: Phrase, state: _State) -> _State:
        for item in phrase.items:
            if state.lost:
                break
            match item:
                case Gap(most):
                    state = _State(hits={most: state.ended()})
                case Word():
                    state = self._words([item], state)
                case Choice(phrases, optional):
                    state = self._choice(phrases, state, optional=optional)
        return state

    def _choice(self, phrases: tuple[Phrase, ...], state: _State, *, optional: bool) -> _State:
        """Take all alternatives that are single words in one step, the others one by one."""
        single: list[Word] = []
        ends = [state] if optional else []
        for phrase in phrases:
            if len(phrase.items) == 1 and isinstance(phrase.items[0], Word):
                single.append(phrase.items[0])
            else:
                ends.append(self.read(phrase, state))
        if single:
            ends.append(self._words(single, state))
        return _merged(ends)

    def _words(self, words: list[Word], state: _State) -> _State:
        """Read one of several words; cut as texts are cut, a word may be several tokens."""
        alone: list[Positions] = []
        ends: list[_State] = []
        for word in words:
            *begin, last = self.tokens.words(word.word) or [word.word]
            positions = self.index.positions(last, prefix=word.prefix, case=self.case)
            if not len(positions):
                continue
            if not begin:
                alone.append(positions)
                continue
            reached = state
            for token in begin:
                reached = self._step(self.index.positions(token, prefix=False, case=self.case), reached)
            ends.append(self._step(positions, reached))
        if alone:
            ends.append(self._step(np.unique(np.concatenate(alone)), state))
        return _merged(ends)

    def _step(self, then: Positions, state: _State) -> _State:
        found = [
            _follow(first, last, then, self.index, gap)
            for gap, (first, last) in state.hits.items()
            if len(first)
        ]
        if state.fresh:
            found.append((then, then))
        return _State(hits={0: _union(found)})


def _merged(states: list[_State]) -> _State:
    gaps = {gap for state in states for gap in state.hits}
    hits = {gap: _union([s.hits[gap] for s in states if gap in s.hits]) for gap in gaps}
    return _State(any(state.fresh for state in states), hits)


def _follow(first: Positions, last: Positions, then: Positions, index: TokenIndex, gap: int) -> Hits:
    """Join each hit so far with every following position that leaves at most `gap` words between."""
    if gap == 0:
        furthest = last + 1
    else:
        words_so_far = index.n_words[last + 1] + gap
        furthest = np.searchsorted(index.n_words[:-1], words_so_far, side="right") - 1
    low = np.searchsorted(then, last, side="right")
    high = np.searchsorted(then, furthest, side="right")
    counts = np.maximum(high - low, 0)
    return _sorted_once(np.repeat(first, counts), then[_ranges(low, counts)])


def _near(left: Hits, right: Hits, index: TokenIndex, *, within: int, ordered: bool) -> Hits:
    pairs = [_after(left, right, index, within)]
    if not ordered:
        pairs.append(_after(right, left, index, within))
    return _union(pairs)


def _after(left: Hits, right: Hits, index: TokenIndex, within: int) -> Hits:
    """Return the spans from a left hit to a right hit that begins after it, near enough."""
    order = np.argsort(right[0], kind="stable")
    begins, ends = right[0][order], right[1][order]
    words_so_far = index.n_words[left[1] + 1] + within
    furthest = np.searchsorted(index.n_words[:-1], words_so_far, side="right") - 1
    low = np.searchsorted(begins, left[1], side="right")
    high = np.searchsorted(begins, furthest, side="right")
    counts = np.maximum(high - low, 0)
    return _sorted_once(np.repeat(left[0], counts), ends[_ranges(low, counts)])


def _preceded(hit: Hits, before: Hits, index: TokenIndex, within: int) -> NDArray[np.bool_]:
    """Say of each hit whether a `before` hit lies wholly in the `within` words before it."""
    preceded = np.zeros(len(hit[0]), dtype=np.bool_)
    for first, last in zip(*before, strict=True):
        words_between = index.n_words[hit[0]] - index.n_words[first]
        near = (last < hit[0]) & (words_between <= within)
        preceded |= near & (index.sentence[hit[0]] == index.sentence[first])
    return preceded


def _ranges(low: Positions, counts: Positions) -> Positions:
    """Concatenate the ranges low[i] .. low[i] + counts[i]."""
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    found: Positions = np.repeat(low, counts) + offsets
    return found


def _select(hit: Hits, mask: NDArray[np.bool_]) -> Hits:
    return hit[0][mask], hit[1][mask]


def _union(found: list[Hits]) -> Hits:
    several = [hit for hit in found if len(hit[0])]
    if len(several) < 2:
        return several[0] if several else _NONE
    return _sorted_once(np.concatenate([f[0] for f in several]), np.concatenate([f[1] for f in several]))


def _sorted_once(first: Positions, last: Positions) -> Hits:
    """Return the pairs in order, each once. All hits that pass through here are such pairs."""
    if not len(first):
        return _NONE
    size = last.max() + 1
    pairs = np.unique(first * size + last)
    return pairs // size, pairs % size
