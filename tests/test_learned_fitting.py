"""One code from units that people read: what is chosen stands on units that were not seen, and on people alone."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import binomtest, norm

from coding.learned import DIGITS, NEVER, LearnedCode, LeftOut
from coding.taggers.learned import fitting
from coding.taggers.learned.fitting import (
    LEAST_BEARING,
    LEAST_CLUSTERS,
    MISSED,
    N_FOLDS,
    SURE,
    Examples,
    average_precision,
    divide,
    fit_code,
)


def examples(seed, *, n=120, n_clusters=8, share=0.3, signal=2.0, n_weak=0, n_features=6):
    """Return units of which the first feature says, the more the signal, whether they bear the code."""
    chance = np.random.default_rng(seed)
    bears = chance.random(n + n_weak) < share
    rows = chance.normal(size=(n + n_weak, n_features))
    rows[:, 0] += signal * bears
    by_person = np.arange(n + n_weak) < n
    return Examples(
        csr_array(rows),
        bears,
        chance.integers(0, n_clusters, n + n_weak),
        np.where(by_person, 1.0, 0.2),
        by_person,
    )


def fitted(of, *, target="f1", seed=1):
    return fit_code("role", "meaning", of, target=target, seed=seed)


seeds = st.integers(0, 10**6)


# Folds


@settings(max_examples=200)
@given(seeds, st.integers(3, 30), st.floats(0.05, 0.95))
def test_no_cluster_lies_in_two_folds_and_every_unit_is_scored_once(seed, n_clusters, share):
    of = examples(seed, n_clusters=n_clusters, share=share)
    assume(len(set(of.clusters[of.bears])) >= LEAST_CLUSTERS)
    assume(len(set(of.clusters[~of.bears])) >= LEAST_CLUSTERS)
    folds = divide(of.bears, of.clusters, seed=seed)
    assert 2 < len(folds) <= N_FOLDS
    assert sorted(place for _, score in folds for place in score) == list(range(len(of.bears)))
    for learn, score in folds:
        assert set(of.clusters[learn]) & set(of.clusters[score]) == set()
        assert set(of.bears[learn].tolist()) == {True, False}


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=9), seeds)
def test_every_fold_learns_from_units_with_and_without_the_code(counts, seed):
    bears = np.repeat([True, False] * len(counts), [n for pair in counts for n in pair])
    clusters = np.repeat(np.repeat(np.arange(len(counts)), 2), [n for pair in counts for n in pair])
    assume(not fitting._lacking(bears, clusters))
    for learn, score in divide(bears, clusters, seed=seed):
        assert set(bears[learn].tolist()) == {True, False}
        assert len(score)


# Calibration


@settings(max_examples=40)
@given(seeds, st.floats(0.1, 0.9), st.floats(-2, 6))
def test_the_curve_is_the_likeliest_one_for_smoothed_targets(seed, share, signal):
    chance = np.random.default_rng(seed)
    bears = chance.random(300) < share
    assume(0 < bears.sum() < len(bears))
    scores = chance.normal(size=300) * 3 + signal * bears
    slope, shift = fitting._platt(scores, bears)
    n_bearing = bears.sum()
    wanted = np.where(bears, (n_bearing + 1) / (n_bearing + 2), 1 / (len(bears) - n_bearing + 2))
    said = 1 / (1 + np.exp(-(slope * scores + shift)))
    # where the likelihood is greatest, and it has one summit, what is said is off nowhere on the whole
    assert np.mean(said - wanted) == pytest.approx(0, abs=1e-7)
    assert np.mean((said - wanted) * scores) == pytest.approx(0, abs=1e-7)


def test_the_curve_is_that_of_a_plain_search():
    from scipy.optimize import minimize

    chance = np.random.default_rng(4)
    bears = chance.random(200) < 0.2
    scores = chance.normal(size=200) + 2 * bears - 1
    n_bearing, n_others = bears.sum(), (~bears).sum()

    def surprise(curve):
        said = 1 / (1 + np.exp(-(curve[0] * scores + curve[1])))
        wanted = np.where(bears, (n_bearing + 1) / (n_bearing + 2), 1 / (n_others + 2))
        return -np.sum(wanted * np.log(said) + (1 - wanted) * np.log(1 - said))

    found = minimize(surprise, [1, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert fitting._platt(scores, bears) == pytest.approx(found.x, abs=1e-5)


def test_scores_that_divide_units_wholly_give_no_certainty():
    bears = np.repeat([True, False], 20)
    slope, shift = fitting._platt(np.where(bears, 1.0, -1.0), bears)
    said = 1 / (1 + np.exp(-(slope * np.array([1.0, -1.0]) + shift)))
    assert said == pytest.approx([21 / 22, 1 / 22])


@given(seeds)
def test_a_greater_score_is_never_less_probable(seed):
    learned = fitted(examples(3))
    scores = np.sort(np.random.default_rng(seed).normal(size=50) * 1e3)
    probabilities = learned.probability(scores)
    assert np.all(np.diff(probabilities) >= 0)
    assert np.all((probabilities >= 0) & (probabilities <= 1))
    assert np.array_equal(probabilities, np.round(probabilities, DIGITS))


# Thresholds


def quality(bears, said):
    both = (bears & said).sum()
    precision = both / said.sum() if said.any() else 0.0
    return precision, 2 * both / (bears.sum() + said.sum())


@settings(max_examples=40)
@given(seeds, st.floats(0.15, 0.8), st.floats(0.5, 4))
def test_no_other_threshold_has_a_better_f1_by_the_probabilities(seed, share, signal):
    of = examples(seed, share=share, signal=signal)
    learned = fitted(of)
    assume(isinstance(learned, LearnedCode))
    probabilities = learned.probability(learned.scores)

    def expected(limit):
        said = probabilities >= limit
        return 2 * probabilities[said].sum() / (said.sum() + probabilities.sum())

    every = [expected(limit) for limit in probabilities]
    assert expected(learned.threshold) == pytest.approx(max(every), abs=1e-12)


@settings(max_examples=20)
@given(seeds, st.floats(0.2, 0.6))
def test_no_other_threshold_would_have_been_much_better(seed, share):
    of = examples(seed, n=600, n_clusters=30, share=share, signal=2.5)
    learned = fitted(of)
    assume(isinstance(learned, LearnedCode))
    probabilities = learned.probability(learned.scores)
    every = [quality(of.bears, probabilities >= limit)[1] for limit in probabilities]
    assert quality(of.bears, probabilities >= learned.threshold)[1] >= max(every) - 0.05


@settings(max_examples=40)
@given(seeds, st.sampled_from([0.3, 0.6, 0.8, 0.95]), st.floats(0.5, 3))
def test_a_precision_is_reached_by_the_lowest_threshold_that_does_or_by_none(seed, target, signal):
    of = examples(seed, signal=signal)
    learned = fitted(of, target=target)
    assume(isinstance(learned, LearnedCode))
    probabilities = learned.probability(learned.scores)
    reaching = [limit for limit in probabilities if least(of.bears[probabilities >= limit]) >= target]
    assert learned.threshold == (min(reaching) if reaching else NEVER)


def least(right):
    """Return the precision above which it lies with a certainty of .9, by SciPy."""
    found = binomtest(int(right.sum()), len(right), alternative="greater")
    return found.proportion_ci(SURE, method="wilson").low


def test_a_few_units_that_are_right_are_no_precision():
    bears = np.repeat([True, False], [6, 94])
    probabilities = np.where(bears, 0.9, np.tile([0.5, 0.1], 50))
    assert fitting.threshold_for(probabilities, bears, 0.8) == NEVER
    bears[6] = True
    assert fitting.threshold_for(np.where(bears, 0.9, 0.1), bears, 0.8) == 0.9


def test_a_precision_that_is_asked_for_is_reached_on_new_units_nine_times_in_ten():
    chance = np.random.default_rng(4)
    reached = []
    for _ in range(200):
        bears = chance.random(800) < 0.15
        scores = chance.normal(size=800) + 2.5 * bears
        threshold = fitting.threshold_for(scores, bears, 0.8)
        right, wrong = (share * norm.sf(threshold - mean) for share, mean in ((0.15, 2.5), (0.85, 0)))
        reached.append(right / (right + wrong) >= 0.8)
    assert np.mean(reached) >= 0.85


def test_a_code_that_cannot_be_given_precisely_is_never_given_nor_said_to_be_absent():
    # the surest units of all do not bear it, so that no threshold is precise enough
    bears = np.tile([True, False, False], 40)
    rows = np.zeros((120, 1))
    rows[bears, 0] = 1
    rows[np.arange(1, 120, 6), 0] = 1.5
    clusters = np.repeat(np.arange(8), 15)
    of = Examples(csr_array(rows), bears, clusters, np.ones(120), np.ones(120, dtype=bool))
    learned = fitted(of, target=0.99)
    assert (learned.threshold, learned.low) == (NEVER, 0.0)
    surest = learned.probability(np.array([-1e9, 0.0, 1e9]))
    assert not np.any((surest >= learned.threshold) | (surest < learned.low))


@settings(max_examples=40)
@given(seeds, st.floats(0.15, 0.8), st.floats(0.5, 4), st.sampled_from(["f1", 0.5, 0.8]))
def test_at_most_one_bearing_unit_in_twenty_lies_below_the_band(seed, share, signal, target):
    of = examples(seed, share=share, signal=signal)
    learned = fitted(of, target=target)
    assume(isinstance(learned, LearnedCode))
    bearing = learned.probability(learned.scores)[of.bears]
    assert (bearing < learned.low).sum() <= MISSED * len(bearing)
    assert 0 <= learned.low <= learned.threshold
    if 0 < learned.low < learned.threshold:  # and no higher bound would do
        assert (bearing <= learned.low).sum() > MISSED * (len(bearing) - 1)


# What it stands on


def test_scores_are_those_of_models_that_had_not_seen_the_cluster():
    of = examples(5)
    learned = fitted(of)
    for learn, score in divide(of.bears, of.clusters, seed=1):
        other = fitting._model(of, np.isin(np.arange(len(of.bears)), learn), learned.strength, 1)
        assert np.array_equal(learned.scores[score], other.decision_function(of.rows[score]))


def test_what_a_cluster_says_of_itself_does_not_reach_its_own_scores():
    of = examples(6)
    for _, score in divide(of.bears, of.clusters, seed=1):
        rows = of.rows.toarray()
        rows[score] = 0
        blank = fitting._held_out(
            replace(of, rows=csr_array(rows)), divide(of.bears, of.clusters, seed=1), 1.0, 1
        )
        assert len(set(blank[score].tolist())) == 1


def test_the_strength_is_the_one_with_the_best_average_precision():
    of = examples(7, signal=1.0)
    learned = fitted(of)
    folds = divide(of.bears, of.clusters, seed=1)
    tried = {
        strength: average_precision(of.bears, fitting._held_out(of, folds, strength, 1))
        for strength in fitting.STRENGTHS
    }
    assert tried[learned.strength] == max(tried.values())


def test_units_that_only_rules_have_read_touch_neither_calibration_nor_threshold():
    of = examples(8, n_weak=200, signal=1.5)
    learned = fitted(of)
    assert len(learned.scores) == learned.n_units == 120
    assert learned.n_bearing == of.bears[:120].sum()
    assert (learned.slope, learned.shift) == fitting._platt(learned.scores, of.bears[:120])
    probabilities = learned.probability(learned.scores)
    assert learned.threshold == fitting.threshold_for(probabilities, of.bears[:120], "f1")


def test_units_that_only_rules_have_read_teach():
    of = examples(9, n_weak=200)
    alone = Examples(of.rows[:120], of.bears[:120], of.clusters[:120], of.weights[:120], of.by_person[:120])
    assert not np.allclose(fitted(of).weights, fitted(alone).weights)


@pytest.mark.parametrize("wrong", [True, False])
def test_units_that_only_rules_have_read_make_no_code_learnable(wrong):
    of = examples(10, n=60, n_weak=200, share=0.5)
    bears = of.bears.copy()
    bears[:60] = wrong
    assert isinstance(fitted(replace(of, bears=bears)), LeftOut)


# What cannot be learned


def held(bearing, others):
    """Return units of which these numbers by cluster bear the code, and do not."""
    counts = [n for pair in zip(bearing, others, strict=True) for n in pair]
    bears = np.repeat([True, False] * len(bearing), counts)
    clusters = np.repeat(np.repeat(np.arange(len(bearing)), 2), counts)
    rows = np.random.default_rng(1).normal(size=(len(bears), 3)) + 3 * bears[:, None]
    return Examples(csr_array(rows), bears, clusters, np.ones(len(bears)), np.ones(len(bears), dtype=bool))


@pytest.mark.parametrize(
    ("bearing", "others", "reason"),
    [
        ([3, 3, 3], [20, 20, 20], "fewer than 10 units bear it"),
        ([0, 0, 0], [20, 20, 20], "fewer than 10 units bear it"),
        ([20, 20, 0], [20, 20, 20], "units that bear it lie in fewer than 3 clusters"),
        ([20, 20, 20], [3, 3, 3], "fewer than 10 units do not bear it"),
        ([20, 20, 20], [20, 20, 0], "units that do not bear it lie in fewer than 3 clusters"),
        ([20, 20, 20], [0, 0, 0], "every unit that was read bears it"),
    ],
)
def test_too_few_units_or_clusters_are_named(bearing, others, reason):
    assert fitted(held(bearing, others)) == LeftOut("role", reason, sum(bearing))


def test_just_enough_is_learned():
    learned = fitted(held([4, 3, 3], [4, 3, 3]))
    assert (learned.n_units, learned.n_bearing, learned.n_clusters) == (20, LEAST_BEARING, LEAST_CLUSTERS)


@settings(max_examples=60)
@given(seeds, st.sampled_from(["f1", 0.8]))
def test_noise_is_refused_or_learned_as_noise_and_never_crashes(seed, target):
    learned = fitted(examples(seed, n=60, n_clusters=5, signal=0.0), target=target)
    if isinstance(learned, LeftOut):
        assert learned.reason
    else:
        assert learned.slope > 0


def test_a_code_of_which_nothing_can_be_foreseen_is_left_out():
    chance = np.random.default_rng(2)
    found = [fitted(examples(seed, signal=0.0), seed=int(chance.integers(99))) for seed in range(12)]
    said = {each.reason for each in found if isinstance(each, LeftOut)}
    assert said == {"what was learned says nothing of units it had not seen"}


# Determinism

FIT = """
import hashlib, sys
import numpy as np
from scipy.sparse import random_array
from coding.taggers.learned.fitting import Examples, fit_code
chance = np.random.default_rng(3)
rows = random_array((2000, 300), density=0.05, format="csr", rng=chance)
rows.indices, rows.indptr = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
bears = rows[:, [0]].toarray().ravel() + chance.random(2000) * 0.7 > 0.65
of = Examples(rows, bears, chance.integers(0, 40, 2000), np.ones(2000), np.ones(2000, dtype=bool))
learned = fit_code("role", "m", of, target="f1", seed=1)
numbers = [learned.intercept, learned.slope, learned.shift, learned.threshold, learned.low, learned.strength]
parts = [learned.weights.tobytes(), learned.scores.tobytes(), np.array(numbers).tobytes()]
print(hashlib.sha256(b"".join(parts)).hexdigest())
"""


def test_the_same_seed_gives_the_same_arrays_in_every_process():
    said = set()
    for threads, hashing in (("1", "1"), ("2", "7")):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        ran = subprocess.run(
            [sys.executable, "-c", FIT],
            env=os.environ | dict.fromkeys(names, threads) | {"PYTHONHASHSEED": hashing},
            capture_output=True,
            text=True,
            check=True,
        )
        said.add(ran.stdout)
    assert len(said) == 1
