"""A suggestion explained by example: the nearest units that people have read, with its code and without.

Nearness is that of words: the cosine of what a model looks at in two units' own words. Of a model that looks
at no words it is that of their sentence vectors. What stands beside a unit, and what rules find in it, do not
count: a reader should see in the two texts why they are near.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from coding.errors import CodingError, nearest
from coding.model import Corpus
from coding.resampling import Floats, Integers
from coding.taggers.learned.training import training_set
from coding.taggers.learned.words import Weigher
from coding.units import ABSENT, PRESENT, Projection, counting, on_units, read_for

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from coding.model import Coded, Reading, Segment
    from coding.taggers.learned import LearnedTagger
    from coding.taggers.learned.recipe import Vectors

MOST = 2  # examples of each kind
DIGITS = 6  # of a nearness: what differs further behind differs by the order of sums alone

_AT_ONCE = 128  # units compared at once


@dataclass(frozen=True, slots=True)
class Example:
    """A unit that people have read for a code, near to another unit.

    Attributes
    ----------
    bears : whether it bears the code, by what people said
    coders : who gave the code; of a unit without it, who read it for the code
    nearness : cosine, above 0 and at most 1
    is_same : whether its words are the very same
    """

    segment: Segment
    bears: bool
    coders: tuple[str, ...]
    nearness: float
    is_same: bool


class Examples:
    """The units that people have read, to be held beside a model's suggestions. Threads may share it."""

    def __init__(
        self, tagger: LearnedTagger, coded: Coded, corpus: Corpus, *, vectors: Vectors | None = None
    ) -> None:
        """Look at the units that people have read for the codes of a model.

        Parameters
        ----------
        coded : what people coded and read in these texts
        vectors : gives texts their sentence vectors; needed if the model looks at no words

        Raises
        ------
        CodingError
            If nobody has read a unit, a code was coded in another meaning, or the model looks at nothing
            that can be compared.
        StaleText
            If a coded text has changed since.
        """
        model = tagger.model
        self._model, self._corpus, self._coded = model, corpus, coded
        self._codes = tuple(each.code for each in model.codes)
        self._targets = counting(tagger.codebook, self._codes, rollup=model.rollup)
        self._look = _looking(tagger, vectors)
        read = training_set(
            coded, corpus, tagger.codebook,
            codes=self._codes, unit=model.unit, counts=model.counts, rollup=model.rollup, weak=None,
        )  # fmt: skip
        self._units, self._values = read.units, read.values
        self._texts = self._words(read.units)
        self._rows = _turned(self._look(self._texts))
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, unit in enumerate(read.units):
            self._places[unit.document].append(place)
        self._readings: dict[str, list[Reading]] = defaultdict(list)
        for reading in coded.readings:
            if reading.kind == "person":
                self._readings[reading.segment.document].append(reading)
        self._lock = Lock()

    def nearest(
        self, units: Sequence[Segment], code: str, *, most: int = MOST
    ) -> tuple[tuple[Example, ...], ...]:
        """Return for each unit those nearest to it that bear a code, then those that do not.

        Parameters
        ----------
        most : how many of each kind; fewer if no others have anything in common with the unit

        Returns
        -------
        tuple of tuples, one for each unit
            The nearest first; of equals the one that comes first in the corpus. What shares words with a
            unit in the same place is no example of it.

        Raises
        ------
        CodingError
            If the model has not learned the code.
        StaleText
            If the text of a unit has changed since.
        """
        if code not in self._codes:
            raise CodingError(f"{self._model.name} has not learned '{code}'.{nearest(code, self._codes)}")
        column = self._codes.index(code)
        kinds = [np.flatnonzero(self._values[:, column] == said) for said in (PRESENT, ABSENT)]
        found: list[tuple[Example, ...]] = []
        for first in range(0, len(units), _AT_ONCE):
            some = units[first : first + _AT_ONCE]
            texts = self._words(some)
            with self._lock:
                nearness = self._nearness(texts)
            for unit, text, near in zip(some, texts, nearness, strict=True):
                near[self._own(unit)] = 0
                places = [place for kind in kinds for place in _largest(near, kind, most)]
                found.append(tuple(self._example(place, column, near, text) for place in places))
        return tuple(found)

    def _words(self, units: Sequence[Segment]) -> list[str]:
        return [self._corpus[unit.document].quote(unit) for unit in units]

    def _nearness(self, texts: Sequence[str]) -> Floats:
        """Return the cosines of texts and units: (texts, units)."""
        product = self._look(texts) @ self._rows
        whole = product if isinstance(product, np.ndarray) else product.toarray()
        return np.asarray(np.round(whole, DIGITS).clip(max=1))

    def _own(self, unit: Segment) -> list[int]:
        """Return the places of the units that share words with this one."""
        return [place for place in self._places.get(unit.document, ()) if self._units[place].overlap(unit)]

    def _example(self, place: int, column: int, near: Floats, text: str) -> Example:
        bears, unit = bool(self._values[place, column] == PRESENT), self._units[place]
        coders = self._coders(unit, self._codes[column], bears=bears)
        return Example(unit, bears, coders, float(near[place]), self._texts[place] == text)

    def _coders(self, unit: Segment, code: str, *, bears: bool) -> tuple[str, ...]:
        """Return who gave a code; where nobody did, or a machine's word was accepted, who read the unit."""
        readers = {
            reading.coder
            for reading in self._readings[unit.document]
            if reading.segment.overlap(unit) and code in read_for(reading, self._targets)
        }
        evidence = self._said.evidence[self._numbers[unit], code] if bears else ()
        return tuple(sorted({each.coder for each in evidence} & readers or readers))

    @cached_property
    def _said(self) -> Projection:
        """Who said what of the units: needed only where examples are found."""
        read = {unit.document for unit in self._units}
        texts = Corpus(tuple(d for d in self._corpus if d.id in read), self._corpus.known_cases)
        unit, counts = self._model.unit, self._model.counts
        return on_units(self._coded, texts, unit=unit, counts=counts, counts_for=self._targets)

    @cached_property
    def _numbers(self) -> dict[Segment, int]:
        return {unit: number for number, unit in enumerate(self._said.units)}


def _looking(tagger: LearnedTagger, vectors: Vectors | None) -> Callable[[Sequence[str]], csr_array | Floats]:
    """Return what turns texts into rows whose products are cosines."""
    vocabulary, recipe = tagger.model.vocabulary, tagger.model.recipe
    if vocabulary is not None:
        weigher = Weigher(vocabulary)
        return lambda texts: _of_length_1(weigher.blocks(texts))
    if not recipe.embeddings:
        raise CodingError(
            f"{tagger.model.name} looks at neither words nor sentence vectors: nothing is near."
        )
    if vectors is None:
        raise CodingError(f"{tagger.model.name} looks at sentence vectors, and none are given (`vectors`).")
    return lambda texts: _normed(vectors(texts))


def _of_length_1(blocks: Sequence[csr_array]) -> csr_array:
    """Return blocks side by side. Each row of a block has length 1, or 0 where no word is known."""
    from scipy.sparse import csr_array, diags_array, hstack

    lengths = np.sqrt(sum((np.diff(block.indptr) > 0).astype(np.float64) for block in blocks))
    return csr_array(diags_array(1 / np.maximum(lengths, 1)) @ hstack(blocks, format="csr"))


def _normed(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1))


def _turned(rows: csr_array | Floats) -> csr_array | Floats:
    """Return rows as columns, so kept that products with them are quick."""
    return rows.T if isinstance(rows, np.ndarray) else rows.T.tocsr()


def _largest(near: Floats, among: Integers, most: int) -> list[int]:
    """Return the places with the largest values above 0, the largest first, of equals the first."""
    values = near[among]
    least = np.partition(values, -most)[-most] if most < len(values) else 0.0
    places = among[(values >= least) & (values > 0)]
    order = np.argsort(-near[places], kind="stable")[:most]
    return [int(place) for place in places[order]]
