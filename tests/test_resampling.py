"""Intervals by clusters drawn anew: what they hold, and where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.reliability import krippendorff_alpha, percent_agreement
from coding.resampling import drawn
from coding.tally import tally


def made_up(random, n_clusters=20, *, size=15, share=0.3, wrong=0.15):
    """Draw a table of two coders who err alike often in each cluster, and the clusters of its units."""
    clusters = np.repeat(np.arange(n_clusters), size)
    truth = random.random(len(clusters)) < random.beta(3 * share, 3 * (1 - share), n_clusters)[clusters]
    errs = random.beta(4 * wrong, 4 * (1 - wrong), n_clusters)[clusters]
    values = truth[:, None] ^ (random.random((len(clusters), 2)) < errs[:, None])
    return values.astype(int), clusters


def alpha(values, clusters, n_replicates=2000, seed=1):
    draws = drawn(clusters.max() + 1, n_replicates=n_replicates, seed=seed)
    (found,) = krippendorff_alpha(tally(values, clusters=clusters), level="nominal", draws=draws)
    return found


@given(st.integers(1, 20), st.integers(0, 5))
def test_a_replicate_holds_as_many_clusters_as_there_are(n_clusters, seed):
    draws = drawn(n_clusters, n_replicates=7, seed=seed)
    assert draws.shape == (7, n_clusters)
    assert (draws.sum(1) == n_clusters).all()
    assert (draws == drawn(n_clusters, n_replicates=7, seed=seed)).all()


def test_an_interval_holds_the_truth_about_as_often_as_it_promises():
    random = np.random.default_rng(3)
    values, clusters = made_up(random, 20_000)
    (truth,) = krippendorff_alpha(tally(values, clusters=clusters), level="nominal")
    found = [alpha(*made_up(random), n_replicates=1000) for _ in range(200)]
    assert 0.88 <= np.mean([one.low <= truth.value <= one.high for one in found]) <= 0.98


def test_the_interval_reaches_further_than_plain_percentiles_the_fewer_the_clusters():
    reaches = []
    for n_clusters in (6, 60):
        found = alpha(*made_up(np.random.default_rng(5), n_clusters))
        low, high = np.quantile(found.replicates, [0.025, 0.975])
        assert found.low < low < found.value < high < found.high
        reaches.append((found.high - found.low) / (high - low))
    assert reaches[0] > reaches[1] > 1


def test_of_a_plain_mean_the_interval_is_about_that_of_student():
    n, size = 8, 1000
    agreeing = [500, 560, 600, 630, 670, 700, 740, 800]  # of the units of each cluster
    values = np.concatenate([[[1, 1]] * k + [[1, 0]] * (size - k) for k in agreeing])
    draws = drawn(n, n_replicates=40_000, seed=1)
    (found,) = percent_agreement(tally(values, clusters=np.repeat(np.arange(n), size)), draws=draws)
    half = 2.3646 * np.std(agreeing, ddof=1) / size / n**0.5
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.03)


def test_no_interval_where_few_clusters_hold_the_rarer_value():
    values, clusters = np.zeros((20, 2), dtype=int), np.arange(20) // 2
    values[:8] = [[1, 1], [1, 0]] * 4
    found = alpha(values, clusters)
    assert (found.low, found.high) == (None, None)
    assert found.no_interval.startswith("clusters with anything but the commonest value: 4;")
    values[8] = 1
    assert alpha(values, clusters).no_interval == ""


def test_no_interval_where_coders_differ_in_one_cluster_alone():
    values, clusters = np.tile([[0, 0], [1, 1]], (10, 1)), np.arange(20) // 2
    assert alpha(values, clusters).no_interval.startswith("clusters in which coders differ: 0;")
    values[0] = [0, 1]
    assert alpha(values, clusters).no_interval.startswith("clusters in which coders differ: 1;")
    values[2] = [0, 1]
    assert alpha(values, clusters).low < 1


def test_without_draws_there_is_no_interval():
    (found,) = percent_agreement(tally(np.array([[1, 1], [0, 1]])))
    assert (found.value, found.low, found.no_interval) == (0.5, None, "no clusters were drawn")
    assert (found.n_replicates, found.n_undefined) == (0, 0)


def test_replicates_in_which_nothing_varies_are_counted():
    values, clusters = np.zeros((4, 2), dtype=int), np.arange(4)
    values[2] = [1, 0]
    draws = drawn(4, n_replicates=500, seed=2)
    (found,) = krippendorff_alpha(tally(values, clusters=clusters), level="nominal", draws=draws)
    assert found.n_replicates == 500
    assert found.n_undefined == (draws[:, 2] == 0).sum() > 0
    assert np.isnan(found.replicates).sum() == found.n_undefined


def test_replicates_do_not_depend_on_how_many_are_computed_at_once():
    values, clusters = made_up(np.random.default_rng(1), 60)
    draws = drawn(60, n_replicates=5000, seed=4)
    sums = tally(values, clusters=clusters)
    (all_of_them,) = krippendorff_alpha(sums, level="nominal", draws=draws)
    (some,) = krippendorff_alpha(sums, level="nominal", draws=draws[3000:3010])
    assert some.replicates == pytest.approx(all_of_them.replicates[3000:3010], abs=1e-14)


def test_draws_of_other_clusters_are_refused():
    with pytest.raises(CodingError, match="the draws are of 3 clusters, the units lie in 1"):
        percent_agreement(tally(np.array([[1, 1]])), draws=drawn(3, n_replicates=2, seed=1))
