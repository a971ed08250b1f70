"""Where a rule hits: sorted arrays of token positions, intersected and merged.

A hit is a pair (first token, last token), both included, inside one sentence (or paragraph). All
hits that the grammar allows are found; which of nested ones to keep is the study's decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coding.patterns import Sequence, Term, parse
from coding.taggers.rules.index import Positions, TokenIndex, tokeniser

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
    for pattern in rule.unless:
        before = phrase(pattern, index, language, case=rule.case)
        hit = _select(hit, ~_preceded(hit, before, index, rule.unless_within))
    return hit


def phrase(pattern: str, index: TokenIndex, language: str, *, case: bool) -> Hits:
    """Return the hits of one phrase: all spans that its grammar allows, across any boundary."""
    found = [_sequence(_terms(sequence, language), index, case=case) for sequence in parse(pattern)]
    return _union(found)


def _terms(sequence: Sequence, language: str) -> list[Term]:
    """Cut the words of a pattern as texts are cut, so that both agree."""
    cut: list[Term] = []
    for term in sequence:
        words = tokeniser(language).words(term.word)
        for i, word in enumerate(words):
            last = i == len(words) - 1
            cut.append(Term(word, term.prefix and last, term.gap if i == 0 else 0))
    return cut


def _sequence(terms: list[Term], index: TokenIndex, *, case: bool) -> Hits:
    if not terms:
        return _NONE
    first = index.positions(terms[0].word, prefix=terms[0].prefix, case=case)
    last = first
    for term in terms[1:]:
        if not len(first):
            return _NONE
        candidates = index.positions(term.word, prefix=term.prefix, case=case)
        first, last = _follow(first, last, candidates, index, term.gap)
    return first, last


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
    if not found:
        return _NONE
    return _sorted_once(np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]))


def _sorted_once(first: Positions, last: Positions) -> Hits:
    if not len(first):
        return _NONE
    pairs = np.unique(np.stack([first, last], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]
