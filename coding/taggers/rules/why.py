"""Why a passage is coded, and why it nearly was: the rule, the words that matched, what turned it away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.model import Case, Document, Segment
from coding.patterns import Choice, Gap, Phrase, Word, parse
from coding.taggers.rules import Overlap, find, longest, unbeaten
from coding.taggers.rules.actor import Voices
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.match import Hits, Miss, Searched, hits
from coding.taggers.rules.tokens import Ints

if TYPE_CHECKING:
    from coding.codebook import Code, Codebook, Rule

LONGER = "longer"
BEATEN = "beaten"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule makes of some words.

    Attributes
    ----------
    kind : "hit", or what turned a near-miss away: "unless", "actor", "distance", "scope", "longer", "beaten"
    reason : the same in words; empty for a hit
    words : the words that matched, gaps left out, in code points of the document
    """

    code: str
    rule: str
    segment: Segment
    kind: str
    reason: str
    words: tuple[tuple[int, int], ...]


def outcomes(
    codebook: Codebook,
    documents: Sequence[Document],
    *,
    overlap: Overlap,
    cases: Mapping[str, Case],
    codes: Sequence[str] | None = None,
) -> list[Outcome]:
    """Return every hit and near-miss, code by code.

    Parameters
    ----------
    codes : sequence of str, optional
        Only for these codes; for all if left out.
    """
    searched = Searched(TokenIndex.build(documents, codebook.language), Voices(cases))
    in_use = [code for code in codebook.codes if not code.retired]
    found = {code.id: find(code, searched) for code in in_use}
    kept = unbeaten(codebook, found)
    final = {code: longest(spans) for code, spans in kept.items()} if overlap == "longest" else kept
    numbers = {document.id: number for number, document in enumerate(documents)}
    told = []
    for code in in_use:
        if codes is not None and code.id not in codes:
            continue
        for outcome in _of_code(code, searched):
            place = outcome.segment
            span = (numbers[place.document], place.start, place.end)
            if outcome.kind != "hit" or span in final[code.id]:
                told.append(outcome)
            elif span in kept[code.id]:
                told.append(_turned(outcome, LONGER, "it lies inside a longer hit of the same code"))
            else:
                winners = [other.id for other in codebook.codes if code.id in other.beats]
                why = f"a hit of {' or '.join(winners)} overlaps it and beats it"
                told.append(_turned(outcome, BEATEN, why))
    return told


def _turned(outcome: Outcome, kind: str, reason: str) -> Outcome:
    return Outcome(outcome.code, outcome.rule, outcome.segment, kind, reason, outcome.words)


def _of_code(code: Code, searched: Searched) -> Iterator[Outcome]:
    for rule in code.rules:
        misses: list[Miss] = []
        found = hits(rule, searched, misses)
        words = _word_positions(rule, searched)
        for i in range(len(found)):
            yield _outcome(code, rule, found, i, searched, words, "hit", "")
        for miss in misses:
            for i in np.flatnonzero(_in_one_document(miss.hits, searched)).tolist():
                yield _outcome(code, rule, miss.hits, i, searched, words, miss.kind, miss.reason(i))


def _in_one_document(found: Hits, searched: Searched) -> NDArray[np.bool_]:
    """Say which near-misses are one: words at the end of a document and the start of the next are none."""
    document = searched.index.document
    return np.asarray(document[found.first] == document[found.last])


def _outcome(
    code: Code,
    rule: Rule,
    found: Hits,
    i: int,
    searched: Searched,
    words: Ints | None,
    kind: str,
    reason: str,
) -> Outcome:
    index = searched.index
    document = index.documents[int(index.document[found.first[i]])]
    start, end = int(found.start[i]), int(found.end[i])
    matched: tuple[tuple[int, int], ...] = ((start, end),)
    if words is not None:
        inside = words[(words >= found.first[i]) & (words <= found.last[i])]
        matched = tuple((int(index.start[w]), int(index.end[w])) for w in inside)
    return Outcome(code.id, rule.id, document.segment(start, end), kind, reason, matched)


def _word_positions(rule: Rule, searched: Searched) -> Ints | None:
    """Return where any word of the rule's phrases stands; None for rules without phrases."""
    if rule.kind in ("regex", "pattern"):
        return None
    compared = (rule.case, rule.match == "lemma")
    index = searched.index
    parts = [
        Word(part, word.prefix and last)
        for pattern in rule.patterns
        for word in _words(parse(pattern))
        for part, last in _parts(index.tokeniser.words(word.word))
    ]
    return index.slot(tuple(dict.fromkeys(parts)), compared).positions


def _parts(tokens: Sequence[str]) -> Iterator[tuple[str, bool]]:
    for i, token in enumerate(tokens):
        yield token, i == len(tokens) - 1


def _words(item: Word | Gap | Choice | Phrase) -> Iterator[Word]:
    match item:
        case Word():
            yield item
        case Choice(parts, _) | Phrase(parts):
            for part in parts:
                yield from _words(part)
