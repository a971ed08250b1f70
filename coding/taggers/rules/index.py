"""The token index: texts as arrays of word numbers with their code-point offsets.

Each number keeps its postings, so a phrase is an intersection of sorted arrays, and a word that stands
for many (a beginning, inflected forms) is a set of numbers, looked up once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coding.model import Document
from coding.patterns import Word
from coding.taggers.rules.forms import forms
from coding.taggers.rules.spelling import Slot, Spelling
from coding.taggers.rules.tokens import Ints, Tokeniser, Tokens, fold, tokeniser
from coding.units import paragraph_spans, sentence_spans

Spans = Callable[[str], Sequence[tuple[int, int]]]
Compared = tuple[bool, bool]  # by the letter; with inflected forms

# What ends a sentence, and the quotation marks and brackets that may follow before the next begins.
_STOPS = frozenset(".?!\u2026\u3002\uff01\uff1f\uff61\"'*)]}\u2019\u201d\u00bb\u300d\u300f\uff09\u3011")

_NOWHERE: Ints = np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class TokenIndex:
    """Tokens of several documents, one after the other.

    Attributes
    ----------
    start, end : code-point offsets of each token in its document, length T
    document : number of the document of each token, length T
    sentence, paragraph : first token of the sentence (paragraph) in which each token begins, length T
    n_words : how many word tokens (with a letter or digit) stand before each token, length T + 1
    """

    documents: tuple[Document, ...]
    language: str
    tokens: Tokens
    _found: dict[tuple[tuple[Word, ...], Compared], Slot] = field(default_factory=dict, repr=False)
    _plain: dict[tuple[str, Compared], Slot] = field(default_factory=dict, repr=False)

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
    def _bounds(self) -> list[int]:
        return [0, *np.cumsum(self.tokens.sizes).tolist()]

    @cached_property
    def paragraph(self) -> Ints:
        """First token of the paragraph in which each token begins."""
        first, last = self._paragraphs.first, self._paragraphs.last
        return np.repeat(first, last - first + 1)

    @property
    def sentence(self) -> Ints:
        """First token of the sentence in which each token begins."""
        return self._sentences_of(np.arange(len(self.documents)))

    def place(self, scope: str) -> Ints:
        """Return for each token the first of its sentence or paragraph."""
        return self.sentence if scope == "sentence" else self.paragraph

    def units(self, scope: str) -> Units:
        """Return the sentences or the paragraphs that hold tokens."""
        return self._sentences if scope == "sentence" else self._paragraphs

    @cached_property
    def _sentences(self) -> Units:
        first = np.flatnonzero(self.sentence == np.arange(len(self.start), dtype=np.int32))
        return self._units(first.astype(np.int32))

    @cached_property
    def _paragraphs(self) -> Units:
        begins = [self._begins(number, paragraph_spans) for number in range(len(self.documents))]
        return self._units(np.concatenate(begins) if begins else _NOWHERE)

    def _units(self, first: Ints) -> Units:
        return Units(first, np.append(first, len(self.start)).astype(np.int32)[1:] - 1)

    def together(self, first: Ints, last: Ints, scope: str) -> NDArray[np.bool_]:
        """Say of pairs of tokens, the second no earlier, whether they lie in one sentence or paragraph.

        Sentences are looked for only in documents where a mark that may end one stands between.
        """
        if scope == "paragraph":
            return np.asarray(self.paragraph[first] == self.paragraph[last])
        same = np.asarray(self.document[first] == self.document[last])
        may_part = same & (self._n_stops[last] > self._n_stops[first])
        if may_part.any():
            doubtful = np.flatnonzero(may_part)
            one, other = first[doubtful], last[doubtful]
            sentence = self._sentences_of(np.unique(self.document[one]))
            same[doubtful] = sentence[one] == sentence[other]
        return same

    @cached_property
    def _partial(self) -> tuple[Ints, set[int]]:
        """Sentences as far as they were looked for, and the documents in which they were."""
        return np.full(len(self.start), -1, dtype=np.int32), set()

    def _sentences_of(self, documents: NDArray[np.integer]) -> Ints:
        found, known = self._partial
        for number in documents.tolist():
            if number not in known:
                begins = self._begins(number, sentence_spans)
                ends = np.append(begins, self._bounds[number + 1])[1:]
                found[self._bounds[number] : self._bounds[number + 1]] = np.repeat(begins, ends - begins)
                known.add(number)
        return found

    @cached_property
    def _n_stops(self) -> Ints:
        """How many tokens behind which a sentence may end stand before each token.

        These are the marks that end one, what may close behind them, and the last of a paragraph.
        """
        may_end = np.array([not _STOPS.isdisjoint(word) for word in self.tokens.words], dtype=np.bool_)
        ends = may_end[self.tokens.token]
        ends[self._paragraphs.last] = True
        return np.concatenate([[0], np.cumsum(ends, dtype=np.int32)]).astype(np.int32)

    @cached_property
    def n_words(self) -> Ints:
        """How many words stand before each token, and before the end."""
        is_word = np.array([any(map(str.isalnum, word)) for word in self.tokens.words], dtype=np.bool_)
        counted = is_word[self.tokens.token]
        if self.tokens.begins is not None:
            counted &= self.tokens.begins
        return np.concatenate([[0], np.cumsum(counted, dtype=np.int32)]).astype(np.int32)

    def spelling(self, compared: Compared) -> Spelling:
        """Return the tokens as they are compared: letter by letter, or folded."""
        return self._by_letter if compared[0] else self._by_form

    @cached_property
    def _by_form(self) -> Spelling:
        forms = [word.lower() if word.isascii() else fold(word) for word in self.tokens.words]
        return Spelling.of(forms, self.tokens.token)

    @cached_property
    def _by_letter(self) -> Spelling:
        return Spelling.of(self.tokens.words, self.tokens.token)

    def slot(self, words: tuple[Word, ...], compared: Compared) -> Slot:
        """Return the tokens that one of several words (each one token) stands for."""
        key = (words, compared)
        if key not in self._found:
            found = {form for word in words for form in self._forms(word.word, compared, prefix=word.prefix)}
            self._found[key] = self.spelling(compared).slot(found)
        return self._found[key]

    def plain_slot(self, word: str, compared: Compared) -> Slot:
        """Return the tokens that one word without a star stands for: the usual case, with a shorter key."""
        key = (word, compared)
        if key not in self._plain:
            self._plain[key] = self.spelling(compared).slot(self._forms(word, compared, prefix=False))
        return self._plain[key]

    def _forms(self, word: str, compared: Compared, *, prefix: bool) -> Iterable[str]:
        """Return the spellings for which a word stands; not all of them need stand in the texts."""
        case, lemma = compared
        written = word if case else fold(word)
        if prefix:
            return self.spelling(compared).beginning(written)
        return forms(written, self.language) if lemma and not case else (written,)

    def _begins(self, number: int, spans: Spans) -> Ints:
        """Return the tokens with which the units of a document begin. A unit without tokens has none."""
        first, last = self._bounds[number], self._bounds[number + 1]
        starts = [start for start, _ in spans(self.documents[number].text)]
        begins = np.unique(first + np.searchsorted(self.start[first:last], starts, side="left"))
        return begins[begins < last].astype(np.int32)


@dataclass(frozen=True, slots=True)
class Units:
    """Sentences or paragraphs in order: first and last token of each."""

    first: Ints
    last: Ints

    def around(self, tokens: Ints) -> Ints:
        """Return the number of the unit in which each token stands."""
        return (np.searchsorted(self.first, tokens, side="right") - 1).astype(np.int32)
