"""How good a model would be on texts that it has not seen: by fold, by donor, and by donors left out.

The clusters of documents that people read are divided into folds. For each fold a model learns from the
others, with everything that is chosen there (features, strength, calibration, thresholds), and foresees the
units of the fold. What it said of them is held against what people said, beside what rules find in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.attribution import attribute
from coding.errors import CodingError
from coding.estimating import Estimate, proportion
from coding.held_out import Bools, Plan, Said, Told, Trial, folds_of, held_out
from coding.model import Coded, Corpus, Reading, Segment
from coding.resampling import LEVEL, Floats, drawn
from coding.review import latest
from coding.taggers.learned.training import training_set
from coding.units import PRESENT, UNREAD, Targets, counting, on_units

if TYPE_CHECKING:
    from coding.batch import Decision
    from coding.codebook import Codebook

N_REPLICATES = 300  # of clusters, for the interval of average precision
FRACTIONS = (0.125, 0.25, 0.5, 1.0)  # of the clusters learned from, for the learning curve
BINS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)  # of probabilities, for calibration


@dataclass(frozen=True, slots=True)
class Scored:
    """How what was said of units stands against what people said, for one code.

    Attributes
    ----------
    n_units, n_bearing, n_said : units that people judged; that bear the code; said to bear it
    precision, recall, f1 : with intervals at 95 %, clusters of documents left out one at a time
    """

    n_units: int
    n_bearing: int
    n_said: int
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class Bin:
    """Units whose probability lies between two bounds: how many, the mean of it, the share that bears."""

    low: float
    high: float
    n: int
    probability: float
    share: float


@dataclass(frozen=True, slots=True)
class CodeReport:
    """How good a model would be on one code.

    Attributes
    ----------
    model, rules : what was said by models that had not seen the units, and by the rules; None without rules
    average_precision : over all thresholds; by chance it is the share of units that bear the code
    accuracy, majority : share of units of which the model said what people did; of which who always says no,
        or always yes, would
    n_abstained : units in the band, of which the model says nothing; above they count as not said to bear it
    brier : mean squared distance of the probability from what people said, 0 best; None if none was foreseen
    calibration : by probability
    by_case, left_out : the model in each case; and one that learned from the other cases alone
    n_folds : folds in which the code could be learned; units of the others count as not said to bear it
    """

    code: str
    model: Scored
    rules: Scored | None
    average_precision: Estimate
    accuracy: float
    majority: float
    n_abstained: int
    brier: float | None
    calibration: tuple[Bin, ...]
    by_case: Mapping[str, Scored]
    left_out: Mapping[str, Scored]
    n_folds: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """A unit of which the model said something else than people did."""

    segment: Segment
    code: str
    probability: float
    missed: bool


@dataclass(frozen=True, slots=True, eq=False)
class LearningReport:
    """How good models would be on texts that they have not seen.

    Attributes
    ----------
    curve : for each number of clusters learned from, the mean F1 over codes
    mistakes : the surest first
    """

    n_units: int
    n_clusters: int
    n_folds: int
    codes: Mapping[str, CodeReport]
    curve: tuple[tuple[float, float], ...]
    mistakes: tuple[Mistake, ...] = field(repr=False)

    @property
    def macro_f1(self) -> float | None:
        """The mean F1 over codes; None if one has none."""
        return _mean([each.model.f1.value for each in self.codes.values()])

    @property
    def hardly_learned(self) -> tuple[str, ...]:
        """The codes that some fold could not learn, for want of units that bear them."""
        return tuple(code for code, each in self.codes.items() if each.n_folds < self.n_folds)

    @property
    def macro_f1_learned(self) -> float | None:
        """The mean F1 over the codes that every fold could learn; None if there is none."""
        hardly = self.hardly_learned
        return _mean([each.model.f1.value for code, each in self.codes.items() if code not in hardly])

    @property
    def macro_f1_rules(self) -> float | None:
        """That of the rules."""
        return _mean([None if each.rules is None else each.rules.f1.value for each in self.codes.values()])


def from_decisions(
    coded: Coded, decisions: Sequence[Decision], coders: Sequence[str], counts_for: Targets
) -> Coded:
    """Return what decisions on suggestions teach: that words bear a code, or that they do not.

    Parameters
    ----------
    coded : all that stands in the store
    coders : whose decisions count
    counts_for : for each code those that words bear too which bear it. Words that do not bear it may bear
        those for another reason, of which nothing is known.
    """
    machines = {reading.coder for reading in coded.readings if reading.kind != "person"}
    known = {segment.id: segment for segment in coded.segments}
    segments, readings = [], []
    for decision in latest(decisions).values():
        about = known.get(decision.about)
        if about is None or about.coder not in machines or decision.coder not in coders:
            continue
        readings.append(Reading(decision.coder, about.segment, (about.code,), decision.at, blind=False))
        instead = known.get(decision.instead or "")
        stands = about if decision.ruling == "accept" else instead
        if stands is not None:
            segments.append(stands)
            borne = counts_for.get(stands.code, (stands.code,))
            readings.append(Reading(decision.coder, stands.segment, borne, decision.at, blind=False))
    return Coded(tuple(segments), tuple(readings))


def learning_report(
    coded: Coded,
    corpus: Corpus,
    codebook: Codebook,
    plan: Plan,
    *,
    by: str | Sequence[str],
    rules: Coded | None,
    weak: Coded | None = None,
    told: Told = lambda _: None,
) -> LearningReport:
    """Return how good models trained so would be on texts that they have not seen.

    Parameters
    ----------
    coded : what people coded and read; of this alone is said how good a model is
    by : the document variables whose values make a case
    rules : what rules find in these texts, to be held against people beside the model
    weak : what rules coded, if models are to learn from it as well

    Raises
    ------
    CodingError
        If people's readings lie in fewer than two clusters, or no code can be learned.
    """
    known = training_set(
        coded, corpus, codebook, codes=plan.codes, unit=plan.unit, counts=plan.counts, rollup=plan.rollup,
        weak=None,
    )  # fmt: skip
    n_clusters = int(known.clusters.max()) + 1
    if n_clusters < 2:
        raise CodingError(
            "what was read lies in one cluster of documents, so that nothing is left to try a model on. Read "
            "documents of other projects or events."
        )
    trial = Trial(coded, corpus, codebook, plan, weak, known.units, told)
    folds = folds_of(known.clusters, (known.values == PRESENT).any(1), plan.seed)
    whole = held_out(trial, known.clusters, folds, 1.0)
    by_rules = _by_rules(rules, corpus, codebook, plan, known.units)
    cases = attribute(known.units, corpus, by=by).cases
    names = tuple(dict.fromkeys(case for of_unit in cases for case in of_unit))
    inside = {case: np.array([case in of_unit for of_unit in cases]) for case in names}
    apart = {case: trial.foresee(~mask, mask) for case, mask in inside.items() if len(names) > 1}
    codes = {
        code: _report(code, i, known.values[:, i], known.clusters, whole, by_rules, inside, apart, plan.seed)
        for i, code in enumerate(plan.codes)
    }
    curve = []
    for fraction in FRACTIONS:
        told(f"learning from {fraction:.0%} of the documents")
        part = whole if fraction == 1 else held_out(trial, known.clusters, folds, fraction)
        f1 = [
            _scored(known.values[:, i], part.said[:, i], known.clusters).f1.value
            for i in range(len(plan.codes))
        ]
        curve.append((fraction * n_clusters * (1 - 1 / len(folds)), float(np.mean([v or 0.0 for v in f1]))))
    return LearningReport(
        len(known.units),
        n_clusters,
        len(folds),
        codes,
        tuple(curve),
        tuple(_mistakes(known.values, known.units, whole, plan)),
    )


def _by_rules(
    rules: Coded | None, corpus: Corpus, codebook: Codebook, plan: Plan, units: Sequence[Segment]
) -> Bools | None:
    """Return which units the rules find each code in."""
    if rules is None:
        return None
    there = dict.fromkeys(unit.document for unit in units)
    texts = Corpus(tuple(corpus[name] for name in there), corpus.known_cases)
    targets = counting(codebook, plan.codes, rollup=plan.rollup)
    found = on_units(rules, texts, unit=plan.unit, counts=plan.counts, counts_for=targets)
    rows = {unit: row for row, unit in enumerate(found.units)}
    columns = [found.codes.index(code) for code in plan.codes]
    return np.asarray(found.values[[rows[unit] for unit in units]][:, columns] == PRESENT)


def _report(
    code: str,
    column: int,
    values: NDArray[np.int8],
    clusters: NDArray[np.int64],
    whole: Said,
    by_rules: Bools | None,
    inside: Mapping[str, Bools],
    apart: Mapping[str, Said],
    seed: int,
) -> CodeReport:
    bears, read = values == PRESENT, values != UNREAD
    said, probability = whole.said[:, column], whole.probabilities[:, column]
    foreseen = read & ~np.isnan(probability)
    share = float(bears[read].mean()) if read.any() else 0.0
    return CodeReport(
        code=code,
        model=_scored(values, said, clusters),
        rules=None if by_rules is None else _scored(values, by_rules[:, column], clusters),
        average_precision=_average_precision(
            bears[foreseen], probability[foreseen], clusters[foreseen], seed
        ),
        accuracy=float((said == bears)[read].mean()) if read.any() else 0.0,
        majority=max(share, 1 - share),
        n_abstained=int((whole.abstained[:, column] & read).sum()),
        brier=float(((probability - bears)[foreseen] ** 2).mean()) if foreseen.any() else None,
        calibration=tuple(_bins(bears[foreseen], probability[foreseen])),
        by_case={case: _scored(values, said, clusters, among=mask) for case, mask in inside.items()},
        left_out={
            case: _scored(values, apart[case].said[:, column], clusters, among=mask)
            for case, mask in inside.items()
            if case in apart and apart[case].n_folds[column]
        },
        n_folds=int(whole.n_folds[column]),
    )


def _scored(
    values: NDArray[np.int8], said: Bools, clusters: NDArray[np.int64], *, among: Bools | None = None
) -> Scored:
    """Return precision, recall and F1 of what was said, over the units that people judged.

    F1 is twice what both gave, over what either gave: a weighted proportion, so that all three have the
    interval of one.
    """
    read = values != UNREAD if among is None else (values != UNREAD) & among
    bears, said = values == PRESENT, said & read
    both = bears & said

    def share(of: Bools, weights: Floats, reason: str) -> Estimate:
        found = proportion(both[of].astype(np.float64), weights[of], clusters[of])
        if found is None:
            return Estimate(None, reason=reason)
        low, high = found.interval
        return Estimate(found.value, low, high, n=found.n, n_clusters=found.n_clusters)

    alike, bearing = np.ones(len(values)), bears & read
    return Scored(
        n_units=int(read.sum()),
        n_bearing=int(bearing.sum()),
        n_said=int(said.sum()),
        precision=share(said, alike, "it was found in no unit"),
        recall=share(bearing, alike, "nobody gave it"),
        f1=share(said | bearing, np.where(both, 2.0, 1.0), "it was found in no unit, and nobody gave it"),
    )


def _average_precision(
    bears: Bools, probabilities: Floats, clusters: NDArray[np.int64], seed: int
) -> Estimate:
    from sklearn.metrics import average_precision_score

    if not bears.any():
        return Estimate(None, reason="no unit that was foreseen bears it")
    value = float(average_precision_score(bears, probabilities))
    _, inside = np.unique(clusters, return_inverse=True)
    n_clusters = int(inside.max()) + 1
    replicates = [
        average_precision_score(bears, probabilities, sample_weight=times[inside])
        for times in drawn(n_clusters, n_replicates=N_REPLICATES, seed=seed)
        if (times[inside] * bears).any()
    ]
    low, high = np.quantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(
        value, min(float(low), value), max(float(high), value), n=len(bears), n_clusters=n_clusters
    )


def _bins(bears: Bools, probabilities: Floats) -> Iterator[Bin]:
    """Yield the bins that hold a unit."""
    for low, high in pairwise(BINS):
        inside = (probabilities >= low) & ((probabilities < high) | (high == 1))
        if inside.any():
            yield Bin(
                low, high, int(inside.sum()), float(probabilities[inside].mean()), float(bears[inside].mean())
            )


def _mistakes(values: NDArray[np.int8], units: Sequence[Segment], whole: Said, plan: Plan) -> list[Mistake]:
    wrong = (values != UNREAD) & (whole.said != (values == PRESENT)) & ~np.isnan(whole.probabilities)
    found = [
        Mistake(
            units[row],
            plan.codes[column],
            float(whole.probabilities[row, column]),
            not whole.said[row, column],
        )
        for row, column in np.argwhere(wrong).tolist()
    ]
    return sorted(found, key=lambda one: one.probability if one.missed else 1 - one.probability)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) and known else None
