"""Rules are tested documents: their `matches` and `rejects` run, and every rule must be able to hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.model import Document
from coding.patterns import Word, parse, sequences
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.match import hits

if TYPE_CHECKING:
    from coding.codebook import Codebook, Rule


def problems(codebook: Codebook) -> list[str]:
    """Return what is wrong with the rules of a codebook, one line each; empty if all is well.

    A rule is wrong if it does not hit a sentence in its `matches`, hits one in its `rejects`, has
    no `matches`, or cannot hit even a sentence made of its own words (the silent failure).
    """
    found = []
    for code in codebook.codes:
        for rule in code.rules:
            where = f"codebook {codebook.id}, code {code.id}, rule {rule.id}"
            found += [f"{where}: {what}" for what in _problems(rule, codebook.language)]
    return found


def _problems(rule: Rule, language: str) -> list[str]:
    if not rule.matches:
        return ["has no `matches`. Give it a sentence that it must hit."]
    found = [
        f"does not match its own words, {own!r}: it can never hit. Look at its `unless` and `within`."
        for own in [_own_words(rule)]
        if not _hits(rule, own, language)
    ]
    found += [
        f"should match but does not: {sentence!r}"
        for sentence in rule.matches
        if not _hits(rule, sentence, language)
    ]
    found += [
        f"should reject but matches: {sentence!r}"
        for sentence in rule.rejects
        if _hits(rule, sentence, language)
    ]
    return found


def _own_words(rule: Rule) -> str:
    """Return the words of the rule's first sequence; of both patterns for `near`."""
    patterns = rule.patterns if rule.kind == "near" else rule.patterns[:1]
    first = [next(sequences(parse(pattern))) for pattern in patterns]
    return " ".join(item.word for sequence in first for item in sequence if isinstance(item, Word))


def _hits(rule: Rule, sentence: str, language: str) -> bool:
    index = TokenIndex.build([Document("example", sentence)], language)
    return len(hits(rule, index, language)[0]) > 0
