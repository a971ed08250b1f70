"""Ratios of shares: inverse when turned round, scale-free, worked by hand, and held as often as promised."""

import numpy as np
import pytest
from compared import clusters, sums, two_sides
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import t

from coding.findings import ClusterSums
from coding.ratios import ratio, ratio_interval

NAMES = ("North", "South")


def above_nought(sides):
    assume(all(side.y.sum() > 0 for side in sides))
    return sides


def plain(one, two):
    return one.y.sum() / one.x.sum() / (two.y.sum() / two.x.sum())


@given(two_sides())
def test_swapping_the_sides_inverts_the_ratio_and_its_interval(sides):
    one, two = above_nought(sides)
    found, other = ratio(one, two, names=NAMES), ratio(two, one, names=NAMES)
    assert found.value == pytest.approx(1 / other.value)
    assert (found.low, found.high) == pytest.approx((1 / other.high, 1 / other.low))


@given(two_sides())
def test_the_interval_is_above_nought_and_holds_the_plain_ratio(sides):
    one, two = above_nought(sides)
    low, high = ratio_interval(one, two)
    assert 0 < low <= plain(one, two) * (1 + 1e-12)
    assert plain(one, two) <= high * (1 + 1e-12)


@given(two_sides())
def test_a_stricter_level_widens_the_interval(sides):
    one, two = above_nought(sides)
    low, high = ratio_interval(one, two, level=0.95)
    wider_low, wider_high = ratio_interval(one, two, level=0.99)
    assert wider_low <= low
    assert wider_high >= high


@given(two_sides(), st.floats(0.01, 100))
def test_the_size_of_a_unit_does_not_matter_where_what_is_coded_is_the_base(sides, factor):
    one, two = above_nought(sides)
    coded = [ClusterSums(s.clusters, s.y, s.x, s.n, s.base) for s in (one, two)]
    larger = [ClusterSums(s.clusters, s.y * factor, s.x * factor, s.n, s.base) for s in (one, two)]
    assert ratio_interval(*larger) == pytest.approx(ratio_interval(*coded))


@given(clusters)
def test_a_side_and_itself_have_the_ratio_one_inside_an_interval_around_it(pairs):
    side = sums(pairs, n_shared=len(pairs))
    above_nought([side])
    low, high = ratio_interval(side, side)
    assert low == pytest.approx(1 / high)
    assert low <= 1 <= high


def test_the_interval_of_a_small_example_is_that_worked_by_hand():
    """Four clusters of one unit, two bearing, against four of which one does.

    With two units of which one bears added: shares 3/6 and 2/6, parts of the base 1/6 four times and 1/3.
    Residuals over the share times 6: +-1/6 four times and 0; -1/6 three times, 1/3, and 1/6 of what is added.
    Squared and over 1 - part they add up to (6/5) 4/36 = 2/15 and (6/5) 7/36 + (3/2) 1/36 = 11/40.
    """
    one, two = sums([(1, 1), (1, 1), (0, 1), (0, 1)], "a"), sums([(1, 1), (0, 1), (0, 1), (0, 1)], "b")
    h = np.array([1 / 6] * 4 + [1 / 3])
    a = h**2 / (1 - h)
    side_df = 1 / ((h**2).sum() + a.sum() ** 2 - (a**2).sum())
    v1, v2 = 2 / 15, 11 / 40
    df = (v1 + v2) ** 2 / ((v1**2 + v2**2) / side_df)
    half = t.ppf(0.975, df) * (v1 + v2) ** 0.5
    assert np.log(ratio_interval(one, two)) == pytest.approx([np.log(1.5) - half, np.log(1.5) + half])
    assert ratio(one, two, names=NAMES).value == pytest.approx(2)


@given(two_sides())
def test_spread_and_degrees_of_freedom_are_those_of_a_corrected_sandwich_in_matrices(sides):
    """Oracle: one regression on two sides; CR2 and Satterthwaite's degrees of freedom by matrix algebra."""
    one, two = above_nought(sides)
    assume(set(one.clusters) != set(two.clusters))
    assume(any(2 * y != x for side in (one, two) for y, x in zip(side.y, side.x, strict=True)))
    residuals, dfs, shares = [], [], []
    for number, side in enumerate((one, two)):
        y, x = np.append(side.y, side.added / 2), np.append(side.x, side.added)
        ones, weights = np.ones((len(x), 1)), np.diag(x)
        bread = np.linalg.inv(ones.T @ weights @ ones)
        maker = np.eye(len(x)) - ones @ bread @ ones.T @ weights  # of residuals
        corrected = np.diag(1 / np.sqrt(np.diag(maker))) @ maker
        share = float((bread @ ones.T @ weights @ (y / x))[0])
        scores = (bread @ ones.T @ weights) * (corrected @ (y / x)) / share
        names = [*side.clusters, f"added {number}"]
        residuals.append(dict(zip(names, scores[0], strict=True)))
        spread = corrected @ np.diag(1 / x) @ corrected.T  # of residuals, were all units independent
        g = np.diag(x) @ spread @ np.diag(x)
        dfs.append(np.trace(g) ** 2 / np.trace(g @ g))
        shares.append(share)
    every = set(residuals[0]) | set(residuals[1])
    variance = sum((residuals[0].get(c, 0) - residuals[1].get(c, 0)) ** 2 for c in every)
    v1, v2 = (sum(v**2 for v in side.values()) for side in residuals)
    df = (v1 + v2) ** 2 / (v1**2 / dfs[0] + v2**2 / dfs[1])
    middle, half = np.log(shares[0] / shares[1]), t.ppf(0.975, df) * variance**0.5
    expected = [min(middle - half, np.log(plain(one, two))), max(middle + half, np.log(plain(one, two)))]
    assert np.log(ratio_interval(one, two)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_share_of_nought_gives_no_ratio_and_says_whose_it_is():
    none, some = sums([(0, 2), (0, 1)], "a"), sums([(1, 2), (0, 1)], "b")
    found = ratio(none, some, names=NAMES)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.reason.startswith("North: no unit of the base bears the code")
    assert ratio(some, none, names=NAMES).reason.startswith("South")


def test_an_empty_base_gives_no_ratio():
    found = ratio(sums([]), sums([(1, 2), (0, 1)]), names=NAMES)
    assert (found.value, found.reason) == (None, "North: no unit in the base")


def test_one_cluster_gives_a_ratio_without_interval():
    found = ratio(sums([(1, 2)], "a"), sums([(1, 4), (1, 4)], "b"), names=NAMES)
    assert (found.value, found.low, found.high) == (2.0, None, None)
    assert found.reason.startswith("North: all units lie in one cluster")


def coverage(shares, *, n_clusters, searched, n=300, seed=4):
    random = np.random.default_rng(seed)
    held = known = 0
    for _ in range(n):
        sides = []
        for name, true in zip("ab", shares, strict=True):
            size = random.choice([3, 7, 15] if searched else [1, 2, 5], p=[0.4, 0.4, 0.2], size=n_clusters)
            own = random.beta(4 * true, 4 * (1 - true), size=n_clusters)  # likeness within clusters 0.2
            pairs = list(zip(random.binomial(size, own), size, strict=True))
            sides.append(sums(pairs, name, is_of_searched=searched))
        if all(side.n for side in sides):
            low, high = ratio_interval(*sides)
            known += 1
            held += low <= shares[0] / shares[1] <= high
    return held / known


@pytest.mark.parametrize(
    ("shares", "n_clusters", "searched"),
    [((0.5, 0.5), 5, False), ((0.9, 0.6), 12, False), ((0.1, 0.05), 12, True), ((0.4, 0.2), 8, True)],
)
def test_the_interval_holds_the_truth_about_as_often_as_it_says(shares, n_clusters, searched):
    assert coverage(shares, n_clusters=n_clusters, searched=searched) >= 0.92
