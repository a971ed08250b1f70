"""Rules that look at the text itself or at spaCy's own tokens: `regex` and `pattern`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from coding.errors import CodingError
from coding.patterns import Word
from coding.taggers.rules.tokens import BY_CHARACTER, REMEMBERED

if TYPE_CHECKING:
    from spacy.matcher import Matcher

    from coding.codebook import Rule
    from coding.taggers.rules.index import TokenIndex, Units

Cut = tuple[int, int, int]  # document, start, end

PATIENCE = 5.0  # seconds for one regular expression on one document

_FROM_A_PIPELINE = {
    "POS", "TAG", "MORPH", "DEP", "LEMMA", "SENT_START", "ENT_TYPE", "ENT_IOB", "ENT_ID", "ENT_KB_ID",
}  # fmt: skip


def regex_spans(rule: Rule, index: TokenIndex) -> Iterator[Cut]:
    """Yield every match of the rule's regular expressions that is not empty.

    Raises
    ------
    CodingError
        If one takes longer than `PATIENCE` on a document.
    """
    import regex

    flags = regex.VERSION1 if rule.case else regex.VERSION1 | regex.IGNORECASE
    for written in rule.patterns:
        compiled = regex.compile(written, flags)
        for number, document in enumerate(index.documents):
            try:
                for found in compiled.finditer(document.text, timeout=PATIENCE):
                    if found.end() > found.start():
                        yield number, found.start(), found.end()
            except TimeoutError as error:
                raise CodingError(
                    f"rule '{rule.id}': its regex took longer than {PATIENCE:g} seconds on {document.id}: "
                    f"{written!r}. Make it simpler: nested repetitions such as (a+)+ never end."
                ) from error


def token_spans(rule: Rule, index: TokenIndex, units: Units) -> Iterator[Cut]:
    """Yield every match of a spaCy token pattern, looked for where its rarest required word stands.

    Parameters
    ----------
    units : the sentences (or paragraphs) in which the pattern may match

    Raises
    ------
    CodingError
        If the pattern is not valid, or the language has no spaCy tokens here.
    """
    matcher = _matcher(rule, index.language)
    nlp = _nlp(index.language)
    for first, last in _candidates(rule, index, units):
        number = int(index.document[first])
        start, end = int(index.start[first]), int(index.end[last])
        text = nlp.make_doc(index.documents[number].text[start:end])
        for _, begin, stop in matcher(text):
            span = text[begin:stop]
            if len(span):
                yield number, start + span.start_char, start + span.end_char


def _candidates(rule: Rule, index: TokenIndex, units: Units) -> Iterator[tuple[int, int]]:
    slots = [index.slot(words, (False, False)) for words in _required(rule, index)]
    if slots:
        numbers = np.unique(units.around(min((slot.positions for slot in slots), key=len)))
    else:
        numbers = np.arange(len(units.first), dtype=np.int32)
    yield from zip(units.first[numbers].tolist(), units.last[numbers].tolist(), strict=True)


def _required(rule: Rule, index: TokenIndex) -> Iterator[tuple[Word, ...]]:
    """Yield the words of which one must stand in the text, for each token that must match."""
    for token in json.loads(rule.patterns[0]):
        if token.get("OP", "1") not in ("1", "+"):
            continue
        for key in ("LOWER", "TEXT", "ORTH"):
            said = token.get(key)
            words = [said] if isinstance(said, str) else said.get("IN", []) if isinstance(said, dict) else []
            # A token of spaCy's may be several here, where hyphens cut: the longest part must stand.
            parts = [max(index.tokeniser.words(str(word)), key=len, default="") for word in words]
            if parts and all(parts):
                yield tuple(Word(part) for part in parts)


@lru_cache(maxsize=4096)
def _matcher_of(pattern: str, language: str) -> Matcher:
    from spacy.matcher import Matcher

    matcher = Matcher(_nlp(language).vocab, validate=True)
    matcher.add("rule", [json.loads(pattern)])
    return matcher


def _matcher(rule: Rule, language: str) -> Matcher:
    if language in BY_CHARACTER:
        raise CodingError(
            f"rule '{rule.id}': a `pattern` needs spaCy's tokens, which '{language}' has not here. "
            "Use phrases."
        )
    asked = {key for token in json.loads(rule.patterns[0]) for key in token}
    unknown = sorted(asked & _FROM_A_PIPELINE)
    if unknown:
        raise CodingError(
            f"rule '{rule.id}': {', '.join(unknown)} comes from a trained pipeline, which is not used here. "
            "Ask for LOWER, TEXT, SHAPE, IS_TITLE and the like, or write a phrase."
        )
    _forget(language)
    try:
        return _matcher_of(rule.patterns[0], language)
    except (ValueError, re.error) as error:
        lines = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
        said = " ".join(lines[1:] or lines)
        raise CodingError(f"rule '{rule.id}': not a token pattern that spaCy takes: {said}") from error


@lru_cache(maxsize=8)
def _nlp(language: str) -> Any:
    import spacy

    return spacy.blank(language)


def _forget(language: str) -> None:
    """Begin anew when spaCy has seen many words: it keeps all of them, and of names there is no end."""
    if len(_nlp(language).vocab.strings) > REMEMBERED:
        _nlp.cache_clear()
        _matcher_of.cache_clear()
