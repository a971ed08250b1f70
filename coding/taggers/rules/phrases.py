"""Where a phrase stands: runs of words found from their rarest one, gaps bridged, alternatives merged.

A span is a pair (first token, last token), both included. All spans that the grammar allows are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coding.patterns import Choice, Gap, Phrase, Word, parse
from coding.taggers.rules.index import Compared, TokenIndex
from coding.taggers.rules.spelling import Slot
from coding.taggers.rules.tokens import Ints

Spans = tuple[Ints, Ints]

_NO_TOKENS: Ints = np.empty(0, dtype=np.int32)
_PLAIN = re.compile(r"[^()|?*.]+")
NONE: Spans = (_NO_TOKENS, _NO_TOKENS)


def phrase(pattern: str, index: TokenIndex, compared: Compared) -> Spans:
    """Return all spans of one phrase, sorted, each once, across any boundary."""
    reader = _Reader(index, compared)
    if _PLAIN.fullmatch(pattern):  # the usual case, and the quickest: one run of words
        cut = index.tokeniser.words
        slots = [index.plain_slot(token, compared) for word in pattern.split() for token in cut(word)]
        if slots:
            return reader.filled(slots, open_end=False)
    return reader.read(parse(pattern), _State(fresh=True)).ended()


@dataclass(frozen=True, slots=True)
class _State:
    """How far the items read so far reach.

    `spans` are what was read, by the gap that may follow; `fresh` says that nothing has had to be
    read yet, so that any token may come first.
    """

    fresh: bool = False
    spans: Mapping[int, Spans] = field(default_factory=dict)

    @property
    def lost(self) -> bool:
        return not self.fresh and not any(len(first) for first, _ in self.spans.values())

    def ended(self) -> Spans:
        return union(list(self.spans.values()))


_Run = tuple[tuple[Word, ...], ...]  # places one after the other, each with its words


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the items of a phrase, all places of the index at once."""

    index: TokenIndex
    compared: Compared

    def read(self, items: Phrase, state: _State) -> _State:
        for item in _in_runs(items, self.index.language):
            if state.lost:
                break
            match item:
                case Gap(most):
                    state = _State(spans={most: state.ended()})
                case Choice(phrases, optional):
                    ends = [state] if optional else []
                    state = _merged([*ends, *(self.read(each, state) for each in phrases)])
                case tuple():
                    state = self._step(self._run(item), state)
        return state

    def _run(self, run: _Run) -> Spans:
        slots = [self.index.slot(words, self.compared) for words in run]
        return self.filled(slots, open_end=any(word.prefix for word in run[-1]))

    def filled(self, slots: Sequence[Slot], *, open_end: bool) -> Spans:
        """Return where places in a row are filled: looked for at the rarest, tested at the others."""
        size, tokens = len(slots), self.index.spelling(self.compared).number
        if size == 1:
            first = last = slots[0].positions
            return self._whole_words(first, last, open_end=open_end)
        sizes = [len(slot.positions) for slot in slots]
        rarest = sizes.index(min(sizes))
        first = slots[rarest].positions - rarest if rarest else slots[0].positions
        if len(first) and (first[0] < 0 or first[-1] + size > len(tokens)):
            first = first[(first >= 0) & (first + size <= len(tokens))]
        for i, slot in enumerate(slots):
            if i != rarest and len(first):
                first = first[slot.holds(tokens[first + i])]
        return self._whole_words(first, first + (size - 1), open_end=open_end)

    def _whole_words(self, first: Ints, last: Ints, *, open_end: bool) -> Spans:
        """Keep what begins and ends where words do, in languages that do not part their words."""
        if self.index.tokens.begins is None or self.index.tokens.ends is None:
            return first, last
        kept = self.index.tokens.begins[first]
        if not open_end:
            kept = kept & self.index.tokens.ends[last]
        return first[kept], last[kept]

    def _step(self, then: Spans, state: _State) -> _State:
        found = [_follow(spans, then, self.index, gap) for gap, spans in state.spans.items() if len(spans[0])]
        return _State(spans={0: union([*found, then] if state.fresh else found)})


@lru_cache(maxsize=65536)
def _in_runs(items: Phrase, language: str) -> tuple[_Run | Gap | Choice, ...]:
    """Return the items with neighbouring words, and choices among single words, joined to runs.

    Words are cut as texts are cut, so one word of a pattern may fill several places.
    """
    joined: list[_Run | Gap | Choice] = []
    for item in items.items:
        run = _as_run(item, language)
        if run is None:
            assert not isinstance(item, Word)
            joined.append(_without_single_words(item, language))
        elif joined and isinstance(joined[-1], tuple):
            joined[-1] = (*joined[-1], *run)
        else:
            joined.append(run)
    return tuple(joined)


def _as_run(item: Word | Gap | Choice, language: str) -> _Run | None:
    """Return an item as places in a row if it is a word, or one of several words of one token each."""
    match item:
        case Word():
            return tuple((word,) for word in _cut(item, language))
        case Choice(phrases, False):
            runs = [_single(each, language) for each in phrases]
            if all(run is not None for run in runs):
                return (tuple(dict.fromkeys(word for run in runs if run is not None for word in run)),)
    return None


def _single(items: Phrase, language: str) -> tuple[Word, ...] | None:
    if len(items.items) == 1 and isinstance(items.items[0], Word):
        cut = _cut(items.items[0], language)
        return cut if len(cut) == 1 else None
    return None


def _without_single_words(item: Gap | Choice, language: str) -> Gap | Choice:
    """Return a choice whose alternatives of one token each are one alternative, to be read in one step."""
    if isinstance(item, Gap):
        return item
    single = tuple(each for each in item.phrases if _single(each, language) is not None)
    if len(single) < 2:
        return item
    others = tuple(each for each in item.phrases if each not in single)
    return Choice((Phrase((Choice(single, optional=False),)), *others), item.optional)


@lru_cache(maxsize=65536)
def _cut(word: Word, language: str) -> tuple[Word, ...]:
    from coding.taggers.rules.tokens import tokeniser

    *begin, last = tokeniser(language).words(word.word) or [word.word]
    return (*(Word(token) for token in begin), Word(last, word.prefix))


def _merged(states: list[_State]) -> _State:
    gaps = {gap for state in states for gap in state.spans}
    spans = {gap: union([s.spans[gap] for s in states if gap in s.spans]) for gap in gaps}
    return _State(any(state.fresh for state in states), spans)


def _follow(left: Spans, right: Spans, index: TokenIndex, gap: int) -> Spans:
    """Join each span with every span on its right that leaves at most `gap` words between."""
    if gap == 0:
        return _adjacent(left, right)
    return after(left, right, index, gap)


def _adjacent(left: Spans, right: Spans) -> Spans:
    order = np.argsort(left[1], kind="stable")
    firsts, lasts = left[0][order], left[1][order]
    low = np.searchsorted(lasts, right[0] - 1, side="left")
    high = np.searchsorted(lasts, right[0] - 1, side="right")
    counts = high - low
    return in_order(firsts[_ranges(low, counts)], np.repeat(right[1], counts))


def after(left: Spans, right: Spans, index: TokenIndex, within: int) -> Spans:
    """Return the spans from one on the left to one on the right with at most `within` words between.

    The smaller side looks for the larger one's places.
    """
    if len(left[0]) <= len(right[0]):
        begins, ends = right  # sorted by their first token
        furthest = _up_to(index, index.n_words[left[1] + 1] + within)
        low = np.searchsorted(begins, left[1], side="right")
        counts = np.maximum(np.searchsorted(begins, furthest, side="right") - low, 0)
        return in_order(np.repeat(left[0], counts), ends[_ranges(low, counts)])
    order = np.argsort(left[1], kind="stable")
    firsts, lasts = left[0][order], left[1][order]
    earliest = np.searchsorted(index.n_words, index.n_words[right[0]] - within, side="left") - 1
    low = np.searchsorted(lasts, earliest, side="left")
    counts = np.maximum(np.searchsorted(lasts, right[0], side="left") - low, 0)
    return in_order(firsts[_ranges(low, counts)], np.repeat(right[1], counts))


def _up_to(index: TokenIndex, words: Ints) -> NDArray[np.int64]:
    """Return the last token before which no more than so many words stand."""
    return np.searchsorted(index.n_words[:-1], words, side="right") - 1


def _ranges(low: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Concatenate the ranges low[i] .. low[i] + counts[i]."""
    ends = np.cumsum(counts)
    whole = int(ends[-1]) if len(ends) else 0
    return np.repeat(low - (ends - counts), counts) + np.arange(whole)


def select(spans: Spans, mask: NDArray[np.bool_]) -> Spans:
    """Return the spans for which the mask holds."""
    return spans[0][mask], spans[1][mask]


def union(found: list[Spans]) -> Spans:
    """Return all spans in order, each once."""
    several = [spans for spans in found if len(spans[0])]
    if len(several) < 2:
        return several[0] if several else NONE
    return in_order(np.concatenate([s[0] for s in several]), np.concatenate([s[1] for s in several]))


def in_order(first: Ints, last: Ints) -> Spans:
    """Return pairs in order, each once. All spans that leave this module are such pairs."""
    if len(first) < 2:
        return first, last
    size = np.int64(last.max()) + 1
    pairs = np.unique(first * size + last)
    return (pairs // size).astype(np.int32), (pairs % size).astype(np.int32)


def pairs_of(spans: Spans) -> Iterator[tuple[int, int]]:
    """Yield the spans as plain numbers."""
    return zip(spans[0].tolist(), spans[1].tolist(), strict=True)
