"""Texts as numbers: how often words, pairs of words and runs of letters stand in them (TF-IDF).

The numbers are those of scikit-learn's `TfidfVectorizer` with words 1 to 2 and characters within words 3 to
5. They are made in another way, since a text repeats its words: what stands between white space is divided
once, whatever the number of texts, and all else is arithmetic on whole numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.learned import PAIR, Vocabulary

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Integers = NDArray[np.int64]

_WORD = re.compile(r"(?u)\b\w\w+\b")
SHORTEST, LONGEST = 3, 5  # of runs of letters
LEAST_TEXTS = 2  # in which a feature stands, to be one


def learn_vocabulary(texts: Sequence[str]) -> Vocabulary:
    """Return the features that stand in two texts or more.

    Source
    ------
    Inverse document frequency as scikit-learn smooths it: ln((1 + n) / (1 + n with it)) + 1.
    """
    word_texts, run_texts = (_document_frequency(texts, features) for features in (_words_of, _runs_of))
    words, runs = (
        sorted(name for name, n in each.items() if n >= LEAST_TEXTS) for each in (word_texts, run_texts)
    )

    def weights(names: Sequence[str], frequency: Mapping[str, int]) -> NDArray[np.float64]:
        standing = np.array([frequency[name] for name in names], dtype=np.float64)
        return np.asarray(np.log((1 + len(texts)) / (1 + standing)) + 1)

    return Vocabulary(tuple(words), tuple(runs), weights(words, word_texts), weights(runs, run_texts))


class Weigher:
    """Turns texts into rows of weighted features. What it has divided once it remembers."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        singles = [word for word in vocabulary.words if PAIR not in word]
        self._word_ids = {word: i for i, word in enumerate(singles)}
        self._n_words = len(singles)
        columns = {word: i for i, word in enumerate(vocabulary.words)}
        self._of_single = np.array([columns[word] for word in singles], dtype=np.int64)
        parts = [word.split(PAIR) for word in vocabulary.words if PAIR in word]
        keys = np.array([self._key(*pair) for pair in parts], dtype=np.int64)
        order = np.argsort(keys)
        self._pair_keys = keys[order]
        pairs = [columns[word] for word in vocabulary.words if PAIR in word]
        self._of_pair = np.array(pairs, dtype=np.int64)[order]
        self._run_ids = {run: i for i, run in enumerate(vocabulary.runs)}
        self._chunks: dict[str, int] = {}
        self._chunk_words, self._chunk_runs = _Lists(), _Lists()

    def blocks(self, texts: Sequence[str]) -> tuple[csr_array, csr_array]:
        """Return the features of texts, words and pairs (N, W) and runs (N, R), each row with length 1."""
        chunks, of_text = self._divided(texts)
        words = self._words(chunks, of_text, len(texts))
        runs = self._runs(chunks, of_text, len(texts))
        return (
            _weighted(words, self.vocabulary.word_weights),
            _weighted(runs, self.vocabulary.run_weights),
        )

    def _key(self, first: str, second: str) -> int:
        """Return the number of a pair of words; a word that is no feature by itself has one of its own."""
        ids = [self._word_ids.setdefault(word, len(self._word_ids)) for word in (first, second)]
        return ids[0] * _MOST_WORDS + ids[1]

    def _divided(self, texts: Sequence[str]) -> tuple[Integers, Integers]:
        """Return the numbers of all chunks between white space, and of the text in which each stands."""
        lists = [text.lower().split() for text in texts]
        known = self._chunks
        for chunk in set(chain.from_iterable(lists)) - known.keys():
            known[chunk] = len(known)
            self._chunk_words.add(self._word_ids.get(word, UNKNOWN) for word in _WORD.findall(chunk))
            found = (self._run_ids.get(run, UNKNOWN) for run in _runs(chunk))
            self._chunk_runs.add(run for run in found if run != UNKNOWN)
        chunks = np.fromiter((known[chunk] for chunk in chain.from_iterable(lists)), dtype=np.int64)
        return chunks, np.repeat(np.arange(len(texts)), [len(each) for each in lists])

    def _words(self, chunks: Integers, of_text: Integers, n: int) -> csr_array:
        words, of_chunk = self._chunk_words.joined(chunks)
        texts = of_text[of_chunk]
        is_single = (words >= 0) & (words < self._n_words)
        rows, columns = [texts[is_single]], [self._of_single[words[is_single]]]
        if len(self._pair_keys) and len(words) > 1:
            both = (words[:-1] >= 0) & (words[1:] >= 0) & (texts[:-1] == texts[1:])
            keys = words[:-1][both] * _MOST_WORDS + words[1:][both]
            places = np.minimum(np.searchsorted(self._pair_keys, keys), len(self._pair_keys) - 1)
            known = self._pair_keys[places] == keys
            rows.append(texts[:-1][both][known])
            columns.append(self._of_pair[places[known]])
        return _counted(np.concatenate(rows), np.concatenate(columns), (n, len(self.vocabulary.words)))

    def _runs(self, chunks: Integers, of_text: Integers, n: int) -> csr_array:
        there, inside = np.unique(chunks, return_inverse=True)
        runs, of_chunk = self._chunk_runs.joined(there)
        per_chunk = _counted(of_chunk, runs, (len(there), len(self.vocabulary.runs)))
        counted = _counted(of_text, inside, (n, len(there))) @ per_chunk
        counted.sort_indices()  # else their order, and the last digit of sums, follow what was seen before
        return counted


UNKNOWN = -1
_MOST_WORDS = 2**31


def _document_frequency(texts: Sequence[str], features: Callable[[str], Iterable[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(features(text)))
    return found


def _words_of(text: str) -> Iterator[str]:
    words = _WORD.findall(text.lower())
    yield from words
    yield from (f"{first}{PAIR}{second}" for first, second in pairwise(words))


def _runs_of(text: str) -> Iterator[str]:
    return chain.from_iterable(_runs(chunk) for chunk in text.lower().split())


def _runs(chunk: str) -> Iterator[str]:
    """Yield the runs of letters of a chunk with its edges; one that is shorter yields itself once."""
    padded = f" {chunk} "
    for size in range(SHORTEST, LONGEST + 1):
        if size >= len(padded):
            yield padded
            return
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


class _Lists:
    """Lists of numbers that are only added to, and laid one behind another at once."""

    def __init__(self) -> None:
        self._items: list[int] = []
        self._ends: list[int] = [0]
        self._flat = np.empty(0, dtype=np.int64)
        self._bounds = np.zeros(1, dtype=np.int64)

    def add(self, items: Iterable[int]) -> None:
        self._items.extend(items)
        self._ends.append(len(self._items))

    def joined(self, which: Integers) -> tuple[Integers, Integers]:
        """Return the lists of these numbers one behind another, and for each item the place of its list."""
        if len(self._bounds) < len(self._ends):
            self._flat = np.array(self._items, dtype=np.int64)
            self._bounds = np.array(self._ends, dtype=np.int64)
        starts, sizes = self._bounds[which], np.diff(self._bounds)[which]
        places = np.repeat(np.arange(len(which)), sizes)
        before = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(which) else sizes
        return self._flat[np.arange(len(places)) + (starts - before)[places]], places


def _counted(rows: Integers, columns: Integers, shape: tuple[int, int]) -> csr_array:
    from scipy.sparse import coo_array

    # scikit-learn takes no longer numbers of places than these
    places = rows.astype(np.int32), columns.astype(np.int32)
    return coo_array((np.ones(len(rows)), places), shape=shape).tocsr()


def _weighted(counts: csr_array, weights: NDArray[np.float64]) -> csr_array:
    """Return counts as 1 + ln, times the weights of the features, each row with length 1."""
    from scipy.sparse import csr_array

    values = (1 + np.log(counts.data)) * weights[counts.indices]
    weighted = csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    each = np.repeat(np.where(lengths > 0, lengths, 1), np.diff(weighted.indptr))
    weighted.data /= each
    return weighted
