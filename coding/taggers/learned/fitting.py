"""One code learned from units that people read: a linear model, calibrated, with a threshold.

Everything that is said of how good it is comes from units that it had not seen: the units are divided into
folds, no cluster of documents into two, and each fold is scored by a model that learned from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from coding.resampling import Floats, Integers

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.linear_model import LogisticRegression

Bools = NDArray[np.bool_]
Fold = tuple[Integers, Integers]
Target = Literal["f1"] | float

N_FOLDS = 5
LEAST_BEARING = 10  # units that bear a code, from which it can be learned
LEAST_CLUSTERS = 3  # clusters in which they lie
STRENGTHS = (1.0, 4.0, 16.0)  # inverse of how strongly weights are kept small; the best by average precision
MISSED = 0.05  # of the units that bear a code, the share that may lie below the band


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """N units from which one code is learned.

    Attributes
    ----------
    rows : (N, F), their features
    bears : (N,), whether each bears the code
    clusters : (N,), numbers of the clusters of their documents
    weights : (N,), how much each weighs while learning
    by_person : (N,), whether a person judged it: calibration and threshold stand on these alone
    """

    rows: csr_array
    bears: Bools
    clusters: Integers
    weights: Floats
    by_person: Bools


@dataclass(frozen=True, slots=True, eq=False)
class LearnedCode:
    """What was learned of one code.

    Attributes
    ----------
    meaning : what the code meant to those who coded
    weights, intercept : of the linear model, (F,)
    slope, shift : the probability is 1 / (1 + exp(-(slope * score + shift)))
    threshold : from this probability on a unit is said to bear the code
    low : below it is said not to; between the two nothing is said
    strength : the one of `STRENGTHS` that was taken
    n_units, n_bearing, n_clusters : units it learned from, those that bear the code, and clusters of these
    scores : (n_units,), the score of each unit that a person judged, by a model that had not seen it
    """

    code: str
    meaning: str
    weights: Floats = field(repr=False)
    intercept: float
    slope: float
    shift: float
    threshold: float
    low: float
    strength: float
    n_units: int
    n_bearing: int
    n_clusters: int
    scores: Floats = field(repr=False)

    def probability(self, scores: Floats) -> Floats:
        """Return the probability that belongs to each score."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * scores + self.shift, -500, 500))))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A code that could not be learned, and why."""

    code: str
    reason: str


def fit_code(
    code: str, meaning: str, examples: Examples, *, target: Target, seed: int
) -> LearnedCode | LeftOut:
    """Return what can be learned of a code.

    Parameters
    ----------
    target : "f1", the threshold with the best F1; or a precision, the lowest threshold that reaches it

    Source
    ------
    Calibration: Platt (1999), "Probabilistic outputs for support vector machines", in *Advances in Large
    Margin Classifiers*, with its smoothed targets.
    """
    bears, read = examples.bears, examples.by_person
    n_bearing, n_clusters = int((bears & read).sum()), len(np.unique(examples.clusters[bears & read]))
    if n_bearing < LEAST_BEARING:
        return LeftOut(code, f"{n_bearing} units bear it; it takes {LEAST_BEARING}")
    if n_clusters < LEAST_CLUSTERS:
        return LeftOut(code, f"units that bear it lie in {n_clusters} clusters; it takes {LEAST_CLUSTERS}")
    if bears[read].all():
        return LeftOut(code, "every unit that was read bears it")
    folds = divide(bears, examples.clusters, seed=seed)
    tried = [(strength, _held_out(examples, folds, strength, seed)) for strength in STRENGTHS]
    strength, scores = max(tried, key=lambda each: average_precision(bears[read], each[1][read]))
    slope, shift = _platt(scores[read], bears[read])
    model = _model(examples, np.ones(len(bears), dtype=np.bool_), strength, seed)
    learned = LearnedCode(
        code=code,
        meaning=meaning,
        weights=np.asarray(model.coef_[0]),
        intercept=float(model.intercept_[0]),
        slope=slope,
        shift=shift,
        threshold=1.0,
        low=1.0,
        strength=strength,
        n_units=int(read.sum()),
        n_bearing=n_bearing,
        n_clusters=n_clusters,
        scores=scores[read],
    )
    probabilities = learned.probability(learned.scores)
    threshold = _threshold(probabilities, bears[read], target)
    low = float(np.quantile(probabilities[bears[read]], MISSED, method="lower"))
    return replace(learned, threshold=threshold, low=min(low, threshold))


def divide(bears: Bools, clusters: Integers, *, seed: int) -> list[Fold]:
    """Return folds as places to learn from and to score: no cluster in two, the code in each if it can be."""
    from sklearn.model_selection import StratifiedGroupKFold

    n = min(N_FOLDS, len(np.unique(clusters[bears])))
    folds = StratifiedGroupKFold(n_splits=n, shuffle=True, random_state=seed)
    found = folds.split(np.zeros(len(bears)), bears, clusters)
    return [(learn, score) for learn, score in found if bears[learn].any()]


def average_precision(bears: Bools, scores: Floats) -> float:
    """Return the mean precision over the units that bear the code, ordered by score."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(bears, scores))


def _held_out(
    examples: Examples, folds: Sequence[tuple[Integers, Integers]], strength: float, seed: int
) -> Floats:
    """Return for each unit its score by a model that has not seen its cluster."""
    scores = np.zeros(len(examples.bears))
    for learn, score in folds:
        among = np.zeros(len(scores), dtype=np.bool_)
        among[learn] = True
        model = _model(examples, among, strength, seed)
        scores[score] = model.decision_function(examples.rows[score])
    return scores


def _model(examples: Examples, among: Bools, strength: float, seed: int) -> LogisticRegression:
    """Return a linear model of some units, in which those with and without the code weigh alike."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=strength, solver="liblinear", class_weight="balanced", random_state=seed, max_iter=1000
    )
    places = np.flatnonzero(among)
    return model.fit(examples.rows[places], examples.bears[places], sample_weight=examples.weights[places])


def _platt(scores: Floats, bears: Bools) -> tuple[float, float]:
    """Return slope and shift of the curve from score to probability, its targets smoothed as in Platt."""
    from sklearn.linear_model import LogisticRegression

    n_bearing = int(bears.sum())
    high, low = (n_bearing + 1) / (n_bearing + 2), 1 / (len(bears) - n_bearing + 2)
    wanted = np.where(bears, high, low)
    curve = LogisticRegression(C=1e6, max_iter=1000).fit(
        np.concatenate([scores, scores])[:, None],
        np.repeat([1, 0], len(scores)),
        sample_weight=np.concatenate([wanted, 1 - wanted]),
    )
    return max(float(curve.coef_[0, 0]), 0.0), float(curve.intercept_[0])


def _threshold(probabilities: Floats, bears: Bools, target: Target) -> float:
    """Return the probability from which a unit is said to bear the code."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, thresholds = precision_recall_curve(bears, probabilities)
    precision, recall = precision[:-1], recall[:-1]  # the last has no threshold
    if target == "f1":
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        return float(thresholds[int(f1.argmax())])
    reached = np.flatnonzero(precision >= target)
    return float(thresholds[reached[0]]) if len(reached) else float(np.nextafter(thresholds[-1], 2))
