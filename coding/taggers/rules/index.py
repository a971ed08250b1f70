"""The token index: every text as arrays of word numbers with their code-point offsets.

A text is cut at white space and at hyphens and dashes (a hyphen counts as a space), each distinct
piece is tokenised once by spaCy and remembered. So spaCy defines the tokens, and every phrase is
an intersection of sorted arrays.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coding.model import Document
from coding.units import paragraph_spans, sentence_spans

Positions = NDArray[np.int64]
Spans = Callable[[str], Sequence[tuple[int, int]]]

_PIECE = re.compile(r"[^\s\-\u2010-\u2015\u2212]+")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'"})


def fold(word: str) -> str:
    """Return the form under which words are compared when case does not matter."""
    return word.lower().translate(_APOSTROPHES)


class Tokeniser:
    """spaCy's tokens for one piece of text at a time, remembered."""

    def __init__(self, language: str) -> None:
        import spacy

        self._tokenise = spacy.blank(language).tokenizer
        self._known: dict[str, tuple[tuple[int, str], ...]] = {}

    def piece(self, piece: str) -> tuple[tuple[int, str], ...]:
        """Return the tokens of a piece without white space: offset in the piece, and word."""
        found = self._known.get(piece)
        if found is None:
            found = tuple((token.idx, token.text) for token in self._tokenise(piece))
            self._known[piece] = found
        return found

    def words(self, text: str) -> list[str]:
        """Return the tokens of a text."""
        return [word for match in _PIECE.finditer(text) for _, word in self.piece(match.group())]


@lru_cache(maxsize=8)
def tokeniser(language: str) -> Tokeniser:
    """Return the tokeniser of a language; making one is slow, so it is kept."""
    return Tokeniser(language)


@dataclass(frozen=True, slots=True)
class TokenIndex:
    """Tokens of several documents, one after the other.

    Attributes
    ----------
    token : number of each token's word in `words`, length T
    start, end : code-point offsets of each token in its document, length T
    sentence, paragraph, document : running number of where each token stands, length T
    n_words : how many word tokens (with a letter or digit) stand before each token, length T + 1
    """

    documents: tuple[Document, ...]
    words: tuple[str, ...]
    token: Positions
    start: Positions
    end: Positions
    sentence: Positions
    paragraph: Positions
    document: Positions
    n_words: Positions
    _order: Positions = field(repr=False)
    _bounds: Positions = field(repr=False)
    _folded: dict[str, list[int]] = field(repr=False)
    _sorted: list[str] = field(repr=False)

    @classmethod
    def build(cls, documents: Iterable[Document], language: str) -> TokenIndex:
        """Return the index of these documents."""
        texts = tuple(documents)
        pieces = tokeniser(language)
        numbers: dict[str, int] = {}
        token: list[int] = []
        start: list[int] = []
        end: list[int] = []
        sizes = []
        for text in texts:
            before = len(token)
            for match in _PIECE.finditer(text.text):
                at = match.start()
                for offset, word in pieces.piece(match.group()):
                    token.append(numbers.setdefault(word, len(numbers)))
                    start.append(at + offset)
                    end.append(at + offset + len(word))
            sizes.append(len(token) - before)
        starts = np.array(start, dtype=np.int64)
        ids = np.array(token, dtype=np.int64)
        words = tuple(numbers)
        is_word = np.array([any(c.isalnum() for c in word) for word in words], dtype=np.int64)
        folded: dict[str, list[int]] = {}
        for word, number in numbers.items():
            folded.setdefault(fold(word), []).append(number)
        return cls(
            documents=texts,
            words=words,
            token=ids,
            start=starts,
            end=np.array(end, dtype=np.int64),
            sentence=_numbered(texts, sizes, starts, sentence_spans),
            paragraph=_numbered(texts, sizes, starts, paragraph_spans),
            document=np.repeat(np.arange(len(texts)), sizes),
            n_words=np.concatenate([[0], np.cumsum(is_word[ids])]).astype(np.int64),
            _order=np.argsort(ids, kind="stable"),
            _bounds=np.concatenate([[0], np.cumsum(np.bincount(ids, minlength=len(words)))]),
            _folded=folded,
            _sorted=sorted(folded),
        )

    def positions(self, word: str, *, prefix: bool, case: bool) -> Positions:
        """Return the sorted positions of the tokens that a word (or its beginning) matches."""
        if case:
            ids = [i for i, w in enumerate(self.words) if w == word or (prefix and w.startswith(word))]
        elif prefix:
            ids = [i for known in self._beginning(fold(word)) for i in self._folded[known]]
        else:
            ids = self._folded.get(fold(word), [])
        if not ids:
            return np.empty(0, dtype=np.int64)
        found = [self._order[self._bounds[i] : self._bounds[i + 1]] for i in ids]
        return np.sort(np.concatenate(found))

    def _beginning(self, prefix: str) -> list[str]:
        first = bisect_left(self._sorted, prefix)
        last = bisect_left(self._sorted, prefix + "\U0010ffff")
        return self._sorted[first:last]


def _numbered(
    documents: Sequence[Document], sizes: Sequence[int], starts: Positions, spans: Spans
) -> Positions:
    """Return for each token the running number of the sentence (or paragraph) in which it begins."""
    numbers, before, first = [], 0, 0
    for document, size in zip(documents, sizes, strict=True):
        begins = np.array([span[0] for span in spans(document.text)], dtype=np.int64)
        inside = np.searchsorted(begins, starts[first : first + size], side="right") - 1
        numbers.append(inside + before)
        before += len(begins)
        first += size
    return np.concatenate(numbers) if numbers else np.empty(0, dtype=np.int64)
