"""Rules are tested documents: their `matches` and `rejects` run, and every rule must be able to hit.

A rule that can never hit, one that says what another says, and one whose every hit another rule of the
same code finds as well are mistakes that stay silent in use; here they are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from coding.errors import closest
from coding.model import Case, Document
from coding.patterns import Gap, Word, parse, sequences
from coding.taggers.rules.actor import Voices
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.match import Miss, Searched, hits
from coding.taggers.rules.tokens import BY_CHARACTER

if TYPE_CHECKING:
    from coding.codebook import Code, Codebook, Example, Rule

MOST_WAYS = 400  # a rule that can be said in more ways is not compared with others
# A donor and another, to try rules that ask for the actor.
OWN, OTHER = Case("xyzzyland", "Xyzzyland"), Case("plughland", "Plughland")
_FILLER = "xyzzy"  # a word that no rule names
_ENDING = "zzq"  # an ending that no rule names


@dataclass(frozen=True, slots=True)
class _Case:
    """A text that a rule must hit, or must not hit."""

    where: str
    rule: Rule
    text: Document
    wanted: bool
    problem: str


def problems(codebook: Codebook, cases: Mapping[str, Case] | None = None) -> list[str]:
    """Return what is wrong with the rules of a codebook, one line each; empty if all is well.

    A rule is wrong if it does not hit a sentence in its `matches`, hits one in its `rejects`, has
    no `matches`, cannot hit even a sentence made of its own words (the silent failure), says what
    another rule of its code says, or hits only what another of them hits as well.

    Parameters
    ----------
    cases : mapping, optional
        The cases whose names tell the `actor` of an example. The donor of an example may be invented:
        *norland* is then called Norland.
    """
    found = []
    tried: list[_Case] = []
    for code in codebook.codes:
        for rule in code.rules:
            where = f"codebooks/{codebook.id}.yaml, code {code.id}, rule {rule.id}"
            if not rule.matches:
                found.append(f"{where}: has no `matches`. Give it a sentence that it must hit.")
            tried += _tried(where, rule)
    known = {**_invented(codebook), **(cases or {}), OWN.id: OWN, OTHER.id: OTHER}
    found += _misspelt(codebook, cases or {})
    searched = Searched(TokenIndex.build([case.text for case in tried], codebook.language), Voices(known))
    found += _failed(tried, searched)
    for code in codebook.codes:
        found += [
            f"codebooks/{codebook.id}.yaml, code {code.id}, {said}" for said in _redundant(code, codebook)
        ]
    return found


def _examples(codebook: Codebook) -> Iterator[tuple[Code, Rule, Example]]:
    for code in codebook.codes:
        for rule in code.rules:
            for example in (*rule.matches, *rule.rejects):
                yield code, rule, example


def _invented(codebook: Codebook) -> dict[str, Case]:
    """Return the donors of examples as cases that go by their own id."""
    donors = {example.donor for _, _, example in _examples(codebook) if example.donor}
    return {donor: Case(donor, donor.replace("-", " ").title()) for donor in donors}


def _misspelt(codebook: Codebook, cases: Mapping[str, Case]) -> Iterator[str]:
    """Yield the donors of examples that are nearly, but not, a case of the project."""
    for code, rule, example in _examples(codebook):
        near = closest(example.donor, cases, cutoff=0.8) if example.donor not in ("", *cases) else None
        if near:
            yield (
                f"codebooks/{codebook.id}.yaml, code {code.id}, rule {rule.id}: no case '{example.donor}'. "
                f"Did you mean '{near}'?"
            )


def _tried(where: str, rule: Rule) -> Iterator[_Case]:
    if rule.kind in ("phrase", "near", "all"):
        own = _own_words(rule)
        yield _Case(
            where,
            rule,
            _own_text(rule, own),
            wanted=True,
            problem=f"does not match its own words, {own!r}: it can never hit. "
            "Look at its `unless` and `within`.",
        )
    for examples, wanted, verb in (
        (rule.matches, True, "match but does not"),
        (rule.rejects, False, "reject but matches"),
    ):
        for example in examples:
            yield _Case(where, rule, _example(example), wanted, f"should {verb}: {example.text!r}")


def _example(example: Example) -> Document:
    return Document("example", example.text, {"donor": example.donor or None})


def _own_text(rule: Rule, words: str) -> Document:
    """Return a rule's own words as a document that speaks of the actor for whom the rule asks."""
    named = {"self": OWN.name, "other": OTHER.name, "any": ""}[rule.actor]
    return Document("own words", f"{words} {named}".strip(), {"donor": OWN.id})


def _failed(tried: list[_Case], searched: Searched) -> Iterator[str]:
    """Yield what the texts show, in their order. Each rule runs once over the texts of all."""
    hit: dict[int, set[int]] = {}
    for case in tried:
        if id(case.rule) not in hit:
            first = hits(case.rule, searched).first
            hit[id(case.rule)] = set(np.unique(searched.index.document[first]).tolist())
    for number, case in enumerate(tried):
        if (number in hit[id(case.rule)]) != case.wanted:
            yield f"{case.where}: {case.problem}{_why_not(case, searched) if case.wanted else ''}"


def _why_not(case: _Case, searched: Searched) -> str:
    """Say what turned the words of an example away, if they were nearly hit."""
    alone = Searched(TokenIndex.build([case.text], searched.index.language), searched.voices)
    misses: list[Miss] = []
    hits(case.rule, alone, misses)
    said = next((miss.reason(0) for miss in misses), "")
    if said and case.rule.actor != "any" and not case.text.variables["donor"]:
        said += "; the example names no `donor`"
    return f" ({said})" if said else ""


def _own_words(rule: Rule) -> str:
    """Return the words of the rule's first sequence; of all patterns for `near` and `all`."""
    patterns = rule.patterns[:1] if rule.kind == "phrase" else rule.patterns
    first = [next(sequences(parse(pattern))) for pattern in patterns]
    return " ".join(item.word for sequence in first for item in sequence if isinstance(item, Word))


def _redundant(code: Code, codebook: Codebook) -> Iterator[str]:
    """Yield for each rule whether another rule of its code says, or finds, the same.

    Where words are not parted by spaces the ways to say a rule cannot be joined, so only what is said
    is compared.
    """
    said: dict[tuple[object, ...], str] = {}
    distinct = []
    for rule in code.rules:
        if rule.says in said:
            yield f"rule {rule.id}: says what rule {said[rule.says]} says. Remove one."
        else:
            said[rule.says] = rule.id
            distinct.append(rule)
    ways = {rule.id: _ways(rule) for rule in distinct if codebook.language not in BY_CHARACTER}
    texts = [Document(rule, way) for rule, found in ways.items() for way in found]
    if len(distinct) < 2 or not texts:
        return
    searched = Searched(TokenIndex.build(texts, codebook.language))
    reached: dict[str, set[int]] = {}
    for rule in distinct:
        first = hits(rule, searched).first if rule.actor == "any" else np.empty(0, np.int32)
        reached[rule.id] = set(np.unique(searched.index.document[first]).tolist())
    own = {rule: {i for i, text in enumerate(texts) if text.id == rule} for rule in ways}
    for rule in distinct:
        for other in distinct:
            if other is not rule and own[rule.id] and _finds_all(other, rule, reached, own):
                yield f"rule {rule.id}: rule {other.id} finds all that it finds. Remove it, or narrow one."
                break


def _finds_all(other: Rule, rule: Rule, reached: Mapping[str, set[int]], own: Mapping[str, set[int]]) -> bool:
    if other.kind == "all" and rule.kind != "all":
        return False
    asks_less = (
        not other.case
        and set(other.unless) <= set(rule.unless)
        and (not other.unless or other.unless_in == rule.unless_in)
        and (not other.unless or other.unless_within <= rule.unless_within)
        and other.actor in ("any", rule.actor)
        and (other.match == "lemma" or rule.match == "surface")
        and (other.scope == "paragraph" or rule.scope == "sentence")
        and other.covers == rule.covers
    )
    alike = own[other.id] <= reached[rule.id] and rule.id > other.id  # of two alike the second is told
    return (
        asks_less and own[rule.id] <= reached[other.id] and (alike or not own[other.id] <= reached[rule.id])
    )


def _ways(rule: Rule) -> list[str]:
    """Return all ways in which a rule can be said, gaps filled; none if they are too many or not words."""
    if rule.kind not in ("phrase", "near") or rule.case:
        return []
    said = [_said(pattern, MOST_WAYS) for pattern in rule.patterns]
    if rule.kind == "phrase":
        ways = [way for found in said for way in found]
    else:
        filled = " ".join([_FILLER] * rule.within)
        pairs = (
            [(one, other) for one in said[0] for other in said[1]]
            if len(said[0]) * len(said[1]) <= MOST_WAYS
            else []
        )
        ways = [f"{one} {filled} {other}" for one, other in pairs]
        ways += [] if rule.ordered else [f"{other} {filled} {one}" for one, other in pairs]
    return ways if all(said) and len(ways) <= MOST_WAYS else []


def _said(pattern: str, most: int) -> list[str]:
    found = list(islice(sequences(parse(pattern)), most + 1))
    return [" ".join(map(_word, sequence)) for sequence in found] if len(found) <= most else []


def _word(item: Word | Gap) -> str:
    if isinstance(item, Gap):
        return " ".join([_FILLER] * item.most)
    return item.word + _ENDING if item.prefix else item.word
