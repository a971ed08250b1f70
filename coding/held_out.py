"""What models say of units that they have not seen: each learns from other clusters of documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError
from coding.model import Coded, Corpus, Segment
from coding.resampling import Floats
from coding.taggers.learned import LearnedTagger

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.learned import Recipe, Target
    from coding.taggers.learned.recipe import Vectors
    from coding.units import Counts, Unit

Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]
Told = Callable[[str], None]

N_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How models are to be trained: the keywords of `LearnedTagger.fit`."""

    codes: tuple[str, ...]
    unit: Unit
    counts: Counts
    rollup: bool
    target: Target
    seed: int
    recipe: Recipe
    vectors: Vectors | None = None

    def fit(
        self, coded: Coded, corpus: Corpus, codebook: Codebook, *, name: str, weak: Coded | None, told: Told
    ) -> LearnedTagger:
        """Return a tagger trained so."""
        return LearnedTagger.fit(
            coded,
            corpus,
            codebook,
            unit=self.unit,
            counts=self.counts,
            rollup=self.rollup,
            target=self.target,
            seed=self.seed,
            codes=self.codes,
            recipe=self.recipe,
            weak=weak,
            name=name,
            vectors=self.vectors,
            told=told,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What models said of U units for C codes.

    Attributes
    ----------
    probabilities : (U, C), nan where no model learned the code, or none was asked
    said, abstained : (U, C), whether the unit was said to bear the code; whether nothing was said
    n_folds : (C,), models that could learn the code
    """

    probabilities: Floats
    said: Bools
    abstained: Bools
    n_folds: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What all models have in common, and the units on which they are tried."""

    coded: Coded
    corpus: Corpus
    codebook: Codebook
    plan: Plan
    weak: Coded | None
    units: tuple[Segment, ...]
    told: Told

    def foresee(self, learn: Bools, score: Bools) -> Said:
        """Return what a model says of some units that has learned from the documents of others."""
        shape = (len(self.units), len(self.plan.codes))
        found = Said(
            np.full(shape, np.nan),
            np.zeros(shape, dtype=np.bool_),
            np.zeros(shape, dtype=np.bool_),
            np.zeros(shape[1], dtype=np.int64),
        )
        tried = {unit.document for unit, so in zip(self.units, score, strict=True) if so}
        known = {unit.document for unit in self.units}
        taught = {unit.document for unit, so in zip(self.units, learn, strict=True) if so} - tried
        away = {self.corpus[name].cluster for name in tried}
        among = tuple(
            d
            for d in self.corpus
            if d.id in taught or (self.weak and d.id not in known and d.cluster not in away)
        )
        self.told(f"learning from {len(taught)} documents, trying on {len(tried)}")
        try:
            tagger = self.plan.fit(
                self.coded, Corpus(among, self.corpus.known_cases), self.codebook,
                name="model", weak=self.weak, told=lambda _: None,
            )  # fmt: skip
        except CodingError:  # too little to learn any code from: said as codes that no fold could learn
            return found
        rows = {unit: row for row, unit in enumerate(self.units) if score[row]}
        for some in tagger.foresee(
            Corpus(tuple(self.corpus[name] for name in sorted(tried)), self.corpus.known_cases)
        ):
            here = [(rows[unit], place) for place, unit in enumerate(some.units) if unit in rows]
            to, of = (list(each) for each in zip(*here, strict=True)) if here else ([], [])
            for place, learned in enumerate(tagger.model.codes):
                column = self.plan.codes.index(learned.code)
                probability = some.probabilities[of, place]
                found.probabilities[to, column] = probability
                found.said[to, column] = probability >= learned.threshold
                found.abstained[to, column] = (probability >= learned.low) & (probability < learned.threshold)
        for learned in tagger.model.codes:
            found.n_folds[self.plan.codes.index(learned.code)] += 1
        return found


def folds_of(clusters: NDArray[np.int64], bears: Bools, seed: int) -> list[Bools]:
    """Return for each fold its units: no cluster in two, and units with any code in each if that can be."""
    from sklearn.model_selection import StratifiedGroupKFold

    n = min(N_FOLDS, len(np.unique(clusters)))
    splits = StratifiedGroupKFold(n_splits=n, shuffle=True, random_state=seed).split(
        clusters, bears, clusters
    )
    folds = []
    for _, places in splits:
        fold = np.zeros(len(clusters), dtype=np.bool_)
        fold[places] = True
        if len(places):
            folds.append(fold)
    return folds


def held_out(trial: Trial, clusters: NDArray[np.int64], folds: Sequence[Bools], fraction: float) -> Said:
    """Return what a model says of every unit that learned from a fraction of the other folds' clusters."""
    random = np.random.default_rng(trial.plan.seed)
    order = random.permutation(int(clusters.max()) + 1)
    parts = []
    for fold in folds:
        others = order[np.isin(order, np.unique(clusters[~fold]))]
        kept = others[: max(1, round(fraction * len(others)))]
        parts.append(trial.foresee(np.isin(clusters, kept) & ~fold, fold))
    return Said(
        np.select([fold[:, None] for fold in folds], [part.probabilities for part in parts], np.nan),
        np.any([part.said for part in parts], axis=0),
        np.any([part.abstained for part in parts], axis=0),
        np.sum([part.n_folds for part in parts], axis=0),
    )
