"""The token index: texts as arrays of word numbers with their code-point offsets.

Each number keeps its postings, so a phrase is an intersection of sorted arrays, and a word that stands
for many (a beginning, inflected forms) is a set of numbers, looked up once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coding.model import Document
from coding.patterns import Word
from coding.taggers.rules.forms import forms
from coding.taggers.rules.tokens import Ints, Tokeniser, Tokens, fold, tokeniser
from coding.units import paragraph_spans, sentence_spans

Spans = Callable[[str], Sequence[tuple[int, int]]]
Compared = tuple[bool, bool]  # by the letter; with inflected forms

_NOWHERE: Ints = np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class TokenIndex:
    """Tokens of several documents, one after the other.

    Attributes
    ----------
    start, end : code-point offsets of each token in its document, length T
    document : number of the document of each token, length T
    sentence, paragraph : running number of where each token begins, length T
    n_words : how many word tokens (with a letter or digit) stand before each token, length T + 1
    """

    documents: tuple[Document, ...]
    language: str
    tokens: Tokens
    _found: dict[tuple[tuple[Word, ...], Compared], Slot] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, documents: Iterable[Document], language: str) -> TokenIndex:
        """Return the index of these documents."""
        texts = tuple(documents)
        return cls(texts, language, tokeniser(language).read([document.text for document in texts]))

    @property
    def start(self) -> Ints:
        """Where each token begins in its document."""
        return self.tokens.start

    @property
    def end(self) -> Ints:
        """Where each token ends in its document."""
        return self.tokens.end

    @property
    def tokeniser(self) -> Tokeniser:
        """What cut the texts, and cuts patterns."""
        return tokeniser(self.language)

    @cached_property
    def document(self) -> Ints:
        """Number of the document of each token."""
        return np.repeat(np.arange(len(self.documents), dtype=np.int32), self.tokens.sizes)

    @cached_property
    def sentence(self) -> Ints:
        """Running number of the sentence in which each token begins."""
        return self._numbered(sentence_spans)

    @cached_property
    def paragraph(self) -> Ints:
        """Running number of the paragraph in which each token begins."""
        return self._numbered(paragraph_spans)

    def place(self, scope: str) -> Ints:
        """Return the numbers of the sentences or paragraphs."""
        return self.sentence if scope == "sentence" else self.paragraph

    @cached_property
    def n_words(self) -> Ints:
        """How many words stand before each token, and before the end."""
        is_word = np.array([any(map(str.isalnum, word)) for word in self.tokens.words], dtype=np.bool_)
        counted = is_word[self.tokens.token]
        if self.tokens.begins is not None:
            counted &= self.tokens.begins
        return np.concatenate([[0], np.cumsum(counted, dtype=np.int32)]).astype(np.int32)

    @cached_property
    def _postings(self) -> tuple[Ints, Ints]:
        numbers = self.tokens.token
        order = np.argsort(numbers, kind="stable").astype(np.int32)
        bounds = np.cumsum(np.bincount(numbers, minlength=len(self.tokens.words)))
        return order, np.concatenate([[0], bounds]).astype(np.int32)

    @cached_property
    def _folded(self) -> dict[str, list[int]]:
        folded: dict[str, list[int]] = {}
        for number, word in enumerate(self.tokens.words):
            folded.setdefault(fold(word), []).append(number)
        return folded

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self._folded)

    def slot(self, words: tuple[Word, ...], compared: Compared) -> Slot:
        """Return the tokens that one of several words (each one token) stands for."""
        key = (words, compared)
        if key not in self._found:
            numbers = sorted({number for word in words for number in self._numbers(word, compared)})
            self._found[key] = Slot(np.array(numbers, dtype=np.int32), self._positions(numbers))
        return self._found[key]

    def _positions(self, numbers: Sequence[int]) -> Ints:
        if not numbers:
            return _NOWHERE
        order, bounds = self._postings
        found = [order[bounds[i] : bounds[i + 1]] for i in numbers]
        return found[0] if len(found) == 1 else np.sort(np.concatenate(found))

    def _numbers(self, word: Word, compared: Compared) -> Iterable[int]:
        case, lemma = compared
        if case:
            return [
                i for i, w in enumerate(self.tokens.words)
                if w == word.word or (word.prefix and w.startswith(word.word))
            ]  # fmt: skip
        folded = fold(word.word)
        if word.prefix:
            wanted: Iterable[str] = self._beginning(folded)
        else:
            wanted = forms(folded, self.language) if lemma else (folded,)
        return [number for form in wanted for number in self._folded.get(form, ())]

    def _beginning(self, prefix: str) -> list[str]:
        first = bisect_left(self._in_order, prefix)
        last = bisect_left(self._in_order, prefix + "\U0010ffff")
        return self._in_order[first:last]

    def _numbered(self, spans: Spans) -> Ints:
        """Return for each token the running number of the sentence (or paragraph) in which it begins."""
        numbers, before, first = [], 0, 0
        for document, size in zip(self.documents, self.tokens.sizes, strict=True):
            begins = np.array([span[0] for span in spans(document.text)], dtype=np.int32)
            inside = np.searchsorted(begins, self.start[first : first + size], side="right") - 1
            numbers.append((inside + before).astype(np.int32))
            before += len(begins)
            first += size
        return np.concatenate(numbers) if numbers else _NOWHERE


@dataclass(frozen=True, slots=True)
class Slot:
    """What may stand at one place of a phrase: numbers of words, and where these stand, both sorted."""

    numbers: Ints
    positions: Ints

    def holds(self, numbers: Ints) -> NDArray[np.bool_]:
        """Say of word numbers whether they are among these."""
        if len(self.numbers) == 1:
            return np.asarray(numbers == self.numbers[0])
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.asarray(self.numbers[at] == numbers)
