"""What a model looks at in a unit: its words, those beside it, what rules find in it, what it means.

Each is a block of columns. They stand side by side in the order of `Recipe`, and a model has a weight for
every column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from coding.learned import Recipe
from coding.taggers.learned.words import Weigher
from coding.units import PRESENT, Unit, counting, on_units, unitise

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from coding.codebook import Codebook
    from coding.model import Case, Document, Segment
    from coding.resampling import Floats

BESIDE = 0.5  # how much the words beside a unit weigh against its own


class Vectors(Protocol):
    """Gives texts their sentence vectors; `id` identifies the numbers."""

    @property
    def id(self) -> str:
        """What a model keeps of them, to refuse others."""

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return a row of numbers for each text: (N, V)."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What a model sees in N units: for each block its columns, and how many each has."""

    blocks: tuple[csr_array | Floats, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """How many columns each block has."""
        return tuple(int(block.shape[1]) for block in self.blocks)

    def rows(self) -> csr_array:
        """Return all blocks side by side, to learn from: (N, F)."""
        from scipy.sparse import csr_array, hstack

        joined = csr_array(hstack([csr_array(block) for block in self.blocks], format="csr"))
        joined.indices, joined.indptr = joined.indices.astype(np.int32), joined.indptr.astype(np.int32)
        return joined

    def scores(self, weights: Floats, intercepts: Floats) -> Floats:
        """Return the score of each unit for each code: (N, C) for weights (F, C)."""
        found, first = np.zeros((self.blocks[0].shape[0], weights.shape[1])), 0
        for block, width in zip(self.blocks, self.widths, strict=True):
            found += block @ weights[first : first + width]
            first += width
        return np.asarray(found + intercepts)


class Looker:
    """Looks at units as a recipe says."""

    def __init__(
        self,
        recipe: Recipe,
        weigher: Weigher | None,
        codebook: Codebook,
        rule_codes: Sequence[str],
        vectors: Vectors | None,
    ) -> None:
        self.recipe, self.weigher = recipe, weigher
        self._codebook, self._rule_codes, self._vectors = codebook, tuple(rule_codes), vectors

    def look(
        self, documents: Sequence[Document], cases: Mapping[str, Case], unit: Unit
    ) -> tuple[tuple[Segment, ...], Looked]:
        """Return the units of documents, and what is seen in each."""
        units: list[Segment] = []
        own: list[str] = []
        beside: list[str] = []
        for document in documents:
            cut = unitise(document, unit)
            texts = [document.text[each.start : each.end] for each in cut]
            units += cut
            own += texts
            beside += [" ".join(texts[max(0, i - 1) : i] + texts[i + 1 : i + 2]) for i in range(len(texts))]
        blocks: list[csr_array | Floats] = []
        if self.weigher is not None:
            blocks += self.weigher.blocks(own)
            if self.recipe.context:
                blocks += [block * BESIDE for block in self.weigher.blocks(beside)]
        if self.recipe.rules:
            blocks.append(self._found(documents, cases, unit))
        if self._vectors is not None:
            blocks.append(self._vectors(own))
        return tuple(units), Looked(tuple(blocks))

    def _found(self, documents: Sequence[Document], cases: Mapping[str, Case], unit: Unit) -> csr_array:
        """Return which codes the rules find in each unit: (N, codes with rules)."""
        from scipy.sparse import csr_array

        from coding.model import Corpus
        from coding.taggers.rules import RuleTagger

        corpus = Corpus(tuple(documents), cases)
        coded = RuleTagger(self._codebook, overlap="longest", cases=cases).tag(corpus)
        targets = counting(self._codebook, self._rule_codes, rollup=True)
        found = on_units(coded, corpus, unit=unit, counts="any", counts_for=targets)
        columns = [found.codes.index(code) for code in self._rule_codes]
        return csr_array((found.values[:, columns] == PRESENT).astype(np.float64))
