"""One code learned from units that people read: a linear model, calibrated, with a threshold.

Everything that is said of how good it is comes from units that it had not seen: the units are divided into
folds, no cluster of documents into two, and each fold is scored by a model that learned from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.learned import NEVER, LearnedCode, LeftOut, Target
from coding.resampling import Floats, Integers

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from sklearn.linear_model import LogisticRegression

Bools = NDArray[np.bool_]
Fold = tuple[Integers, Integers]

N_FOLDS = 5
LEAST_BEARING = 10  # units that bear a code, and that do not, from which it can be learned
LEAST_CLUSTERS = 3  # clusters in which they lie
STRENGTHS = (1.0, 4.0, 16.0)  # inverse of how strongly weights are kept small; the best by average precision
SURE = 0.9  # with which a precision that was asked for is reached: the least threshold that seems to is lucky
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
    by_person : (N,), whether it is a unit that people judged: calibration and threshold stand on these alone
    """

    rows: csr_array
    bears: Bools
    clusters: Integers
    weights: Floats
    by_person: Bools

    def joined(self, rows: csr_array, bears: Bools, clusters: Integers) -> Examples:
        """Return these with others, which weigh as much and on which no probability or threshold stands."""
        from scipy.sparse import csr_array, vstack

        n = len(bears)
        return Examples(
            csr_array(vstack([self.rows, rows], format="csr")),
            np.concatenate([self.bears, bears]),
            np.concatenate([self.clusters, clusters]),
            np.concatenate([self.weights, np.ones(n)]),
            np.concatenate([self.by_person, np.zeros(n, dtype=np.bool_)]),
        )


def fit_code(
    code: str, meaning: str, examples: Examples, *, target: Target, seed: int
) -> LearnedCode | LeftOut:
    """Return what can be learned of a code.

    Parameters
    ----------
    target : "f1", the threshold with the best F1 by the probabilities; or a precision, the lowest threshold
        from which on it is reached with a certainty of `SURE`

    Source
    ------
    Calibration: Platt (1999), "Probabilistic outputs for support vector machines", in *Advances in Large
    Margin Classifiers*, with its smoothed targets. Least precision: the score interval of Wilson (1927),
    *Journal of the American Statistical Association* 22, 209-212, on one side. F1 by the probabilities: Lewis
    (1995), "Evaluating and optimizing autonomous text classification systems", *SIGIR*, 246-254.
    """
    bears, read = examples.bears, examples.by_person
    lacking = _lacking(bears[read], examples.clusters[read])
    if lacking:
        return LeftOut(code, lacking, int(bears[read].sum()))
    folds = divide(bears, examples.clusters, seed=seed)
    tried = [(strength, _held_out(examples, folds, strength, seed)) for strength in STRENGTHS]
    strength, scores = max(tried, key=lambda each: average_precision(bears[read], each[1][read]))
    slope, shift = _platt(scores[read], bears[read])
    if slope <= 0:
        return LeftOut(code, "what was learned says nothing of units it had not seen", int(bears[read].sum()))
    model = _model(examples, np.ones(len(bears), dtype=np.bool_), strength, seed)
    learned = LearnedCode(
        code=code,
        meaning=meaning,
        weights=np.asarray(model.coef_[0]),
        intercept=float(model.intercept_[0]),
        slope=slope,
        shift=shift,
        threshold=NEVER,
        low=0.0,
        strength=strength,
        n_units=int(read.sum()),
        n_bearing=int(bears[read].sum()),
        n_clusters=len(np.unique(examples.clusters[bears & read])),
        scores=scores[read],
    )
    probabilities = learned.probability(learned.scores)
    threshold = threshold_for(probabilities, bears[read], target)
    if threshold == NEVER:  # a code that is never given is never read for either: its silence would mean no
        return learned
    low = float(np.quantile(probabilities[bears[read]], MISSED, method="lower"))
    return replace(learned, threshold=threshold, low=min(low, threshold))


def divide(bears: Bools, clusters: Integers, *, seed: int) -> list[Fold]:
    """Return folds as places to learn from and to score: no cluster in two, the code in each if it can be."""
    from sklearn.model_selection import StratifiedGroupKFold

    n = min(N_FOLDS, len(np.unique(clusters[bears])), len(np.unique(clusters[~bears])))
    folds = StratifiedGroupKFold(n_splits=n, shuffle=True, random_state=seed)
    return list(folds.split(np.zeros(len(bears)), bears, clusters))


def average_precision(bears: Bools, scores: Floats) -> float:
    """Return the mean precision over the units that bear the code, ordered by score."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(bears, scores))


def threshold_for(probabilities: Floats, bears: Bools, target: Target) -> float:
    """Return the probability from which a unit is said to bear the code; `NEVER` if none is precise."""
    from sklearn.metrics import precision_recall_curve

    if target == "f1":  # by what is expected: by what was seen, a few units that happen to lie so decide
        descending = np.sort(probabilities)[::-1]
        said = np.arange(1, len(descending) + 1)
        f1 = 2 * np.cumsum(descending) / (said + descending.sum())
        return float(descending[int(f1.argmax())])
    precision, _, thresholds = precision_recall_curve(bears, probabilities)
    precision = precision[:-1]  # the last has no threshold
    n_said = len(probabilities) - np.searchsorted(np.sort(probabilities), thresholds)
    reached = np.flatnonzero(_least(precision, n_said) >= target)
    return float(thresholds[reached[0]]) if len(reached) else NEVER


def _lacking(bears: Bools, clusters: Integers) -> str:
    """Return what people's judgements lack to learn from, and to divide into folds; empty if nothing."""
    if not len(bears):
        return "nobody has read a unit for it"
    if bears.all():
        return "every unit that was read bears it"
    for held, said in ((bears, "bear it"), (~bears, "do not bear it")):
        n, n_clusters = int(held.sum()), len(np.unique(clusters[held]))
        if n < LEAST_BEARING:
            return f"fewer than {LEAST_BEARING} units {said}"
        if n_clusters < LEAST_CLUSTERS:
            return f"units that {said} lie in fewer than {LEAST_CLUSTERS} clusters"
    return ""


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
    """Return slope and shift of the curve from score to probability, its targets smoothed as in Platt.

    Its sums are plain ones, so that they do not depend on how many processors share in them.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    n_bearing = int(bears.sum())
    high, low = (n_bearing + 1) / (n_bearing + 2), 1 / (len(bears) - n_bearing + 2)
    wanted = np.where(bears, high, low)

    def loss(curve: Floats) -> float:
        said = curve[0] * scores + curve[1]
        return float((np.logaddexp(0, said) - wanted * said).mean())

    def slopes(curve: Floats) -> Floats:
        beyond = expit(curve[0] * scores + curve[1]) - wanted
        return np.array([(beyond * scores).mean(), beyond.mean()])

    def bends(curve: Floats) -> Floats:
        said = expit(curve[0] * scores + curve[1])
        steep = said * (1 - said)
        across = (steep * scores).mean()
        return np.array([[(steep * scores**2).mean(), across], [across, steep.mean()]])

    start = np.array([0.0, np.log(wanted.mean() / (1 - wanted.mean()))])
    found = minimize(loss, start, jac=slopes, hess=bends, method="trust-exact", options={"gtol": 1e-10})
    return float(found.x[0]), float(found.x[1])


def _least(shares: Floats, n: Integers) -> Floats:
    """Return the shares above which those of all units lie with a certainty of `SURE`, of n drawn."""
    z = NormalDist().inv_cdf(SURE)
    reach = z * np.sqrt(shares * (1 - shares) / n + (z / (2 * n)) ** 2)
    return np.asarray((shares + z * z / (2 * n) - reach) / (1 + z * z / n))
