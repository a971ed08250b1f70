"""How many of the words of a text a codebook's rules know, whatever they make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from coding.patterns import Choice, Phrase, Word, parse
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.tokens import Ints, fold

if TYPE_CHECKING:
    from coding.codebook import Codebook, Rule
    from coding.model import Document

_OF_PHRASES = ("phrase", "near", "all")


def known_words(codebook: Codebook, documents: Sequence[Document]) -> dict[str, tuple[int, int]]:
    """Return for each document how many of its content words stand in a phrase of some rule, and of how many.

    A content word is a run of letters that is no stop word of spaCy's list for the language of the codebook.
    Rules of other kinds than phrases (`regex`, `pattern`) have no words to be counted.

    Examples
    --------
    >>> from coding.codebook import Code, Codebook, Rule
    >>> from coding.model import Document
    >>> code = Code("role", "Role", "What it does.", rules=(Rule("r", "phrase", ("train the police",)),))
    >>> known_words(Codebook("b", "1.0.0", (code,)), [Document("d", "It trained officers of the police.")])
    {'d': (2, 3)}
    """
    index = TokenIndex.build(documents, codebook.language)
    stop = _stop_words(codebook.language)
    content = np.array(
        [any(map(str.isalpha, word)) and fold(word) not in stop for word in index.tokens.words],
        dtype=np.bool_,
    )
    is_content = content[index.tokens.token] if len(index.tokens.token) else np.zeros(0, dtype=np.bool_)
    is_known = np.zeros(len(is_content), dtype=np.bool_)
    for rule in (rule for code in codebook.codes if not code.retired for rule in code.rules):
        for places in _places(rule, index):
            is_known[places] = True
    n = len(index.documents)
    known = np.bincount(index.document[is_content & is_known], minlength=n)
    whole = np.bincount(index.document[is_content], minlength=n)
    return {d.id: (int(known[i]), int(whole[i])) for i, d in enumerate(index.documents)}


def _places(rule: Rule, index: TokenIndex) -> Iterator[Ints]:
    """Yield where each word of a rule's phrases stands."""
    if rule.kind not in _OF_PHRASES:
        return
    compared = (rule.case, rule.match == "lemma")
    for word in {word for pattern in rule.patterns for word in _words(parse(pattern))}:
        for token in index.tokeniser.words(word.word):
            yield index.slot((Word(token, word.prefix),), compared).positions


def _words(phrase: Phrase) -> Iterator[Word]:
    for item in phrase.items:
        if isinstance(item, Word):
            yield item
        elif isinstance(item, Choice):
            for each in item.phrases:
                yield from _words(each)


@lru_cache(maxsize=8)
def _stop_words(language: str) -> frozenset[str]:
    import spacy

    return frozenset(map(fold, spacy.blank(language).Defaults.stop_words))
