"""Proportions of a sample of units: what they stand on, their intervals, and what more units would give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coding.estimating import MOST_TIMES, Proportion, of_draws, proportion, times_needed


def of(values, clusters=None, weights=None):
    n = len(values)
    return proportion(
        np.array(values, dtype=float),
        np.ones(n) if weights is None else np.array(weights, dtype=float),
        np.arange(n) if clusters is None else np.array(clusters),
    )


def test_of_no_units_there_is_no_proportion():
    assert of([]) is None


def test_each_unit_counts_for_as_many_as_it_was_drawn_from():
    assert of([1, 0, 0], weights=[8, 1, 1]).value == pytest.approx(0.8)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=40), st.integers(1, 5))
def test_a_proportion_stands_on_at_most_the_units_there_are_and_lies_in_its_interval(values, per_cluster):
    found = of(values, clusters=np.arange(len(values)) // per_cluster)
    assert 0 < found.n_effective <= found.n == len(values)
    low, high = found.interval
    assert 0 <= low <= found.value <= high <= 1


def test_many_units_drawn_from_everywhere_say_as_much_as_they_are():
    values = [1, 0, 1, 1, 0, 1, 0, 1] * 50
    assert of(values).n_effective == pytest.approx(400, rel=0.01)


def test_the_interval_is_that_of_jeffreys():
    # Brown, Cai and DasGupta (2001), table 5: 7 of 10, and 0 of 10, at 95 %, as Beta(x + 1/2, n - x + 1/2)
    low, high = Proportion(0.7, 10, 10.0, 10).interval
    assert (low, high) == pytest.approx(stats.beta(7.5, 3.5).ppf([0.025, 0.975]))
    low, high = Proportion(0.0, 10, 10.0, 10).interval
    assert low == 0
    assert high == pytest.approx(stats.beta(0.5, 10.5).ppf(0.975))
    assert Proportion(1.0, 10, 10.0, 10).interval[1] == 1


def test_units_that_are_alike_within_clusters_say_less():
    alike, mixed = [1] * 10 + [0] * 10, [1, 0] * 10
    clusters = np.arange(20) // 5
    assert of(alike, clusters).n_effective < 4
    assert of(mixed, clusters).n_effective > 4 * of(alike, clusters).n_effective


def test_the_spread_between_clusters_is_that_of_a_ratio_left_out_one_at_a_time():
    random = np.random.default_rng(2)
    values, clusters, weights = random.random(60) < 0.4, np.arange(60) // 4, random.integers(1, 9, 60)
    found = of(values, clusters, weights)
    ratios = []
    for cluster in range(15):
        rest = clusters != cluster
        ratios.append((values * weights)[rest].sum() / weights[rest].sum())
    variance = 14 / 15 * np.sum((np.array(ratios) - np.mean(ratios)) ** 2)
    shrunk = (stats.t(59).ppf(0.975) / stats.t(14).ppf(0.975)) ** 2
    kish = weights.sum() ** 2 / (weights**2).sum()
    wanted = min(kish, found.value * (1 - found.value) / variance) * shrunk
    assert found.n_effective == pytest.approx(wanted)


def test_where_all_units_say_the_same_those_of_one_document_still_say_less():
    scattered, together = of([1] * 12), of([1] * 12, clusters=[0] * 6 + [1] * 6)
    assert scattered.interval[0] > together.interval[0]
    assert scattered.interval[1] == together.interval[1] == 1


def test_one_cluster_says_next_to_nothing():
    low, high = of([1, 0, 1, 1], clusters=[0, 0, 0, 0]).interval
    assert high - low > 0.9


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
def test_an_interval_holds_the_truth_about_as_often_as_it_promises(share):
    random = np.random.default_rng(4)
    held = []
    for _ in range(400):
        clusters = np.repeat(np.arange(15), 6)
        of_cluster = random.beta(6 * share, 6 * (1 - share), 15)
        low, high = of(random.random(90) < of_cluster[clusters], clusters).interval
        held.append(low <= share <= high)
    assert 0.91 <= np.mean(held) <= 0.995


def test_draws_have_the_quantiles_of_the_interval():
    found = Proportion(0.3, 40, 25.0, 12)
    draws = found.drawn(np.random.default_rng(1))
    assert np.quantile(draws, [0.025, 0.975]) == pytest.approx(found.interval, abs=0.02)


def test_an_estimate_made_of_draws_holds_its_own_value():
    assert of_draws(0.9, np.array([0.1, 0.2, np.nan]), n=3, n_clusters=2).high == 0.9
    found = of_draws(0.5, np.full(3, np.nan), n=3, n_clusters=2)
    assert (found.low, found.high, found.width) == (None, None, None)
    assert found.reason == "no draw has a value"


def test_four_times_as_many_judgements_halve_an_interval():
    found = Proportion(0.5, 100, 100.0, 100)
    low, high = found.interval

    def width(times):
        low, high = found.times(times).interval
        return high - low

    assert times_needed(width, (high - low) / 2) == pytest.approx(4, rel=0.05)
    assert times_needed(width, high - low) == 1
    assert times_needed(width, 1e-6) is None
    assert width(times_needed(width, 0.05)) <= 0.05
    assert times_needed(width, 0.05) < MOST_TIMES
