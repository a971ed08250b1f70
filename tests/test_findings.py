"""Contrasts: the interval keeps its laws, the placebo is a permutation test, a verdict its rules."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from compared import corpora
from compared import matrix as compared_matrix
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import t

import coding
from coding.codebook import Code, Codebook
from coding.errors import CodingError
from coding.findings import (
    N_PERMUTATIONS,
    ClusterSums,
    Contrast,
    Side,
    _swap_codes,
    contrast,
    contrast_within,
    interval,
    judge,
    placebo,
)
from coding.findings import sums as sums_of
from coding.matrix import tabulate
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, machine_coded
from coding.study import run

BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("role", "Role", "d"),
        Code("aim", "Aim", "d"),
        Code("aim.peace", "Peace", "d", parent="aim"),
        Code("aim.trade", "Trade", "d", parent="aim"),
    ),
    families={"role": ("role",), "aim": ("aim",)},
)
RULES = Coder("rules", "rules")
CODES = {"P": ("aim.peace",), "T": ("aim.trade",), "B": ("aim.peace", "aim.trade"), "-": ()}


def matrix(documents, weight="unit"):
    """Make a matrix from `case/name: letters`, a letter for each sentence; `family=` in the name."""
    texts = [
        Document(
            name,
            " ".join(f"Sentence {i}." for i in range(len(letters))),
            {"donor": name[0], **({"family": name.partition("=")[2]} if "=" in name else {})},
        )
        for name, letters in documents.items()
    ]
    corpus = Corpus(tuple(texts), {"n": Case("n", "Norland"), "s": Case("s", "Sudland")})
    segments = []
    for document, letters in zip(texts, documents.values(), strict=True):
        for i, letter in enumerate(letters):
            start = document.text.index(f"Sentence {i}.")
            place = document.segment(start, start + 8)
            segments += [machine_coded(place, BOOK[code], RULES, "r") for code in CODES[letter]]
    coded = Coded(tuple(segments), tuple(Reading("rules", d.whole, kind="rules") for d in texts))
    return tabulate(
        coded, corpus, BOOK, by="donor", measure="share", unit="sentence", counts="any",
        weight=weight, rollup=True, implies=False,
    )  # fmt: skip


def compared(documents, weight="unit", **changed):
    asked = {"on": "aim.peace", "within": None, "base": "coded", "seed": 1, **changed}
    return contrast(matrix(documents, weight), "n", "s", **asked)


def sums(pairs, prefix="", n_shared=0, *, is_of_searched=False):
    """Make a side from (bearing, base) of each cluster; the first `n_shared` lie on both sides."""
    y, x = np.array(pairs, dtype=float).reshape(-1, 2).T
    names = tuple(f"shared {i}" if i < n_shared else f"{prefix}{i}" for i in range(len(pairs)))
    return ClusterSums(names, y, x, int(y.sum()), int(x.sum()), is_of_searched)


def share(side):
    return side.y.sum() / side.x.sum()


def shrunk(side):
    """With two clusters of mean size at one half, of what was searched with four units at most."""
    added = 2 * side.x.mean()
    if side.is_of_searched:
        added = min(added, 4 * side.x.sum() / side.base)
    return (side.y.sum() + added / 2) / (side.x.sum() + added)


SIDE = (("n/1", "PPT"), ("n/2", "P"), ("n/3", "TP"))
FIVE = {f"n/{i}": "P" for i in range(5)} | {f"s/{i}": "T" for i in range(5)}
cluster = st.integers(1, 8).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base)))
clusters = st.lists(cluster, min_size=2, max_size=12)


@st.composite
def two_sides(draw):
    first, second = draw(clusters), draw(clusters)
    n_shared = draw(st.integers(0, min(len(first), len(second))))
    searched = draw(st.booleans())
    return (
        sums(first, "a", n_shared, is_of_searched=searched),
        sums(second, "b", n_shared, is_of_searched=searched),
    )


# The interval.


@given(two_sides())
def test_swapping_the_sides_turns_the_interval_round(sides):
    low, high, df = interval(*sides)
    other_low, other_high, other_df = interval(*sides[::-1])
    assert (other_low, other_high) == pytest.approx((-high, -low))
    if sides[0].clusters != sides[1].clusters:
        assert other_df == pytest.approx(df)


@given(two_sides())
def test_the_interval_lies_within_the_possible_and_is_made_of_floats(sides):
    found = interval(*sides)
    assert -1 <= found[0] <= found[1] <= 1
    assert [type(value) for value in found] == [float, float, float]


@given(two_sides())
def test_the_interval_holds_the_plain_and_the_shrunken_difference(sides):
    low, high, _ = interval(*sides)
    one, two = sides
    assert low - 1e-12 <= shrunk(one) - shrunk(two) <= high + 1e-12
    assert low - 1e-12 <= share(one) - share(two) <= high + 1e-12


@given(two_sides(), st.floats(0.01, 100))
def test_the_size_of_a_unit_does_not_matter(sides, factor):
    larger = [
        ClusterSums(s.clusters, s.y * factor, s.x * factor, s.n, s.base, s.is_of_searched) for s in sides
    ]
    assert interval(*larger) == pytest.approx(interval(*sides), abs=1e-9)


@given(clusters)
def test_the_same_clusters_on_both_sides_differ_by_nought_and_the_interval_lies_round_it(pairs):
    side = sums(pairs, n_shared=len(pairs))
    low, high, _ = interval(side, side)
    assert low == pytest.approx(-high)
    assert low <= 0 <= high


@given(clusters, clusters)
def test_shared_clusters_that_move_together_narrow_the_interval(one, two):
    size = min(len(one), len(two))
    one = two = one[:size]
    apart = interval(sums(one, "a"), sums(two, "b"))
    together = interval(sums(one, "a", size - 1), sums(two, "b", size - 1))
    assert together[1] - together[0] <= apart[1] - apart[0] + 1e-12


@pytest.mark.parametrize(("bearing", "others"), [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("n", [2, 5, 20])
def test_sides_whose_units_are_all_alike_still_have_a_spread(bearing, others, n):
    low, high, _ = interval(sums([(bearing, 1)] * n, "a"), sums([(others, 1)] * n, "b"))
    assert high - low > 0.1
    assert low <= bearing - others <= high


def test_clusters_that_all_stand_at_one_half_part_nothing():
    low, high, df = interval(sums([(1, 2)] * 3, "a"), sums([(1, 2)] * 4, "b"))
    assert (low, high) == (0, 0)
    assert df == 3


@given(clusters, clusters)
def test_the_degrees_of_freedom_lie_between_the_smaller_side_and_both_together(one, two):
    sides = sums(one, "a"), sums(two, "b")
    assume(any(2 * y != x for y, x in (*one, *two)))
    df = interval(*sides)[2]
    assert min(len(one), len(two)) - 1e-9 <= df <= len(one) + len(two) + 1e-9


def test_two_codes_of_the_same_clusters_have_the_degrees_of_freedom_of_one_side():
    pairs = [(1, 2), (0, 1), (3, 4)]
    other = [(1, 2), (1, 1), (0, 4)]
    assert interval(sums(pairs, n_shared=3), sums(other, n_shared=3))[2] == 3


@given(st.integers(1, 6))
def test_more_of_the_same_clusters_narrow_the_interval(times):
    pairs = [(1, 1), (0, 2), (2, 3)]
    few = interval(sums(pairs * times, "a"), sums(pairs * times, "b"))
    many = interval(sums(pairs * (times + 1), "a"), sums(pairs * (times + 1), "b"))
    assert many[1] - many[0] < few[1] - few[0]


@settings(deadline=None)
@given(two_sides())
def test_the_spread_is_that_of_a_regression_with_cluster_robust_errors(sides):
    """Oracle: weighted least squares of the shares on two sides, its sandwich written out in matrices."""
    low, high, df = interval(*sides)
    assume(-1 < low < high < 1)
    rows, names = [], []
    for number, side in enumerate(sides):
        y, x = np.append(side.y, side.added / 2), np.append(side.x, side.added)
        n = len(x)
        rows += [
            (*(np.eye(2)[number]), yi / xi, xi, (n / (n - 1)) ** 0.5) for yi, xi in zip(y, x, strict=True)
        ]
        names += [*side.clusters, f"added {number}"]
    design, outcome = np.array(rows)[:, :2], np.array(rows)[:, 2]
    weight, correction = np.array(rows)[:, 3], np.array(rows)[:, 4]
    bread = np.linalg.inv(design.T @ (design * weight[:, None]))
    coefficients = bread @ design.T @ (weight * outcome)
    scores = design * (weight * correction * (outcome - design @ coefficients))[:, None]
    of_cluster = [scores[[name == other for other in names]].sum(axis=0) for name in sorted(set(names))]
    covariance = bread @ sum(np.outer(score, score) for score in of_cluster) @ bread
    error = (np.array([1, -1]) @ covariance @ np.array([1, -1])) ** 0.5
    assert (low + high) / 2 == pytest.approx(coefficients[0] - coefficients[1], abs=1e-9)
    assert (high - low) / 2 == pytest.approx(t.ppf(0.975, df) * error, rel=1e-6, abs=1e-9)


def test_the_interval_of_a_small_example_is_that_worked_by_hand():
    """Five clusters of one unit, all bearing, against five of which none does.

    Shares 6/7 and 1/7. Residuals of a side: 1/7 five times, and 2 (1/2 - 6/7) = -5/7 once; squares
    add up to 30/49, over the squared size 49, times 6/5: 36/2401. Twice that, and 10 degrees of freedom.
    """
    low, high, df = interval(sums([(1, 1)] * 5, "a"), sums([(0, 1)] * 5, "b"))
    assert df == pytest.approx(10)
    assert low == pytest.approx(5 / 7 - 2.228138852 * (72 / 2401) ** 0.5)
    assert high == 1


def test_of_what_was_searched_no_more_than_four_units_are_added_in_either_weight():
    """Ten documents of ten units: two mean clusters would be twenty units, or two documents."""
    by_unit = sums([(1, 10)] * 10, is_of_searched=True)
    by_document = ClusterSums(by_unit.clusters, by_unit.y / 10, by_unit.x / 10, 10, 100, is_of_searched=True)
    assert by_unit.added == pytest.approx(4)
    assert by_document.added == pytest.approx(0.4)
    assert sums([(1, 10)] * 10).added == pytest.approx(20)
    assert sums([(1, 1)] * 10, is_of_searched=True).added == pytest.approx(2)


def test_a_rare_code_has_a_narrower_interval_when_few_units_are_added():
    one, two = [(1, 10)] * 6 + [(0, 10)] * 6, [(1, 10)] * 2 + [(0, 10)] * 10
    low, high, _ = interval(sums(one, "a", is_of_searched=True), sums(two, "b", is_of_searched=True))
    wide_low, wide_high, _ = interval(sums(one, "a"), sums(two, "b"))
    assert high - low < 0.6 * (wide_high - wide_low)


@given(two_sides())
def test_a_stricter_level_widens_the_interval(sides):
    low, high, df = interval(*sides)
    wider_low, wider_high, same_df = interval(*sides, level=0.99)
    assert wider_low <= low <= high <= wider_high
    assert same_df == df


@given(corpora("nsw"), st.sampled_from(["document", "unit"]))
def test_several_cases_together_have_the_sums_of_all_their_units_each_once(documents, weight):
    apart = {name: said for name, said in documents.items() if isinstance(said, str)}
    table = compared_matrix(apart, weight)
    alone = [sums_of(table, [c], on="aim.peace", within=None, base="searched") for c in "ns"]
    both = sums_of(table, ["n", "Sudland", "s"], on="aim.peace", within=None, base="searched")
    assert (both.n, both.base) == (sum(s.n for s in alone), sum(s.base for s in alone))
    assert both.y.sum() == pytest.approx(sum(s.y.sum() for s in alone))
    assert set(both.clusters) == set(alone[0].clusters) | set(alone[1].clusters)


def coverage(shares, *, n_clusters, n=400, seed=3):
    random = np.random.default_rng(seed)
    held = 0
    for _ in range(n):
        sides = []
        for name, true in zip("ab", shares, strict=True):
            size = random.choice([1, 2, 5], p=[0.6, 0.3, 0.1], size=n_clusters)
            own = random.beta(4 * true, 4 * (1 - true), size=n_clusters)  # likeness within clusters 0.2
            sides.append(sums(list(zip(random.binomial(size, own), size, strict=True)), name))
        low, high, _ = interval(*sides)
        held += low <= shares[0] - shares[1] <= high
    return held / n


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.6), (0.95, 0.95)])
@pytest.mark.parametrize("n_clusters", [5, 12])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(shares, n_clusters):
    assert coverage(shares, n_clusters=n_clusters) >= 0.92


# Contrasts.


@pytest.mark.parametrize(
    ("weight", "first", "second"), [("unit", 4 / 6, 1 / 3), ("document", (2 / 3 + 1 + 1 / 2) / 3, 1 / 4)]
)
def test_a_contrast_is_the_difference_of_two_shares_under_the_matrix_weight(weight, first, second):
    found = compared(dict(SIDE) | {"s/1": "T-", "s/2": "PT"}, weight)
    assert (found.first.share, found.second.share) == pytest.approx((first, second))
    assert found.difference == pytest.approx(first - second)
    assert (found.first.name, found.first.n, found.first.base, found.first.n_clusters) == ("Norland", 4, 6, 3)


def test_the_base_is_the_units_coded_in_the_family_or_all_that_were_searched():
    documents = {"n/1": "P---", "n/2": "P", "s/1": "T", "s/2": "T-"}
    assert compared(documents).first.base == 2
    assert compared(documents, base="searched").first.base == 5
    with pytest.raises(CodingError, match="Did you mean 'coded'"):
        compared(documents, base="code")


def test_documents_of_one_family_are_one_cluster_but_two_documents():
    documents = {"n/1=x": "P", "n/2=x": "TTT", "n/3": "T", "s/1": "T", "s/2": "P"}
    found = compared(documents, "document")
    assert found.first.n_clusters == 2
    assert found.first.share == pytest.approx(1 / 3)


def test_an_empty_base_gives_no_difference_and_a_reason():
    found = compared({"n/1": "P", "n/2": "P", "s/1": "--", "s/2": "-"})
    assert (found.difference, found.low, found.high, found.placebo) == (None, None, None, None)
    assert found.reason == "Sudland: no unit in the base"
    assert judge(found, least_clusters=2) == ("undetermined", found.reason)


def test_one_cluster_gives_a_difference_without_interval_and_a_reason():
    found = compared({"n/1=x": "P", "n/2=x": "PT", "s/1": "T", "s/2": "T"})
    assert found.difference == pytest.approx(2 / 3)
    assert (found.low, found.high, found.df) == (None, None, None)
    assert found.reason.startswith("Norland: all units lie in one cluster")
    assert judge(found, least_clusters=2) == ("undetermined", found.reason)


def test_two_codes_of_one_case_are_compared_over_the_same_base():
    documents = {"n/1": "PPB", "n/2": "PT-", "n/3": "P"}
    found = contrast_within(
        matrix(documents), "Norland", on="aim.peace", versus="aim.trade", within=None, base="coded", seed=1
    )
    assert (found.first.n, found.second.n) == (5, 2)
    assert found.first.base == found.second.base == 6
    assert found.difference == pytest.approx(3 / 6)
    assert (found.first.name, found.second.name, found.df) == ("Peace", "Trade", 3)


def test_two_codes_of_an_empty_base_have_no_difference():
    found = contrast_within(
        matrix({"n/1": "--"}), "n", on="aim.peace", versus="aim.trade", within=None, base="coded", seed=1
    )
    assert (found.difference, found.placebo) == (None, None)


def test_a_project_on_disk_gives_the_contrast_that_its_texts_hold(sandbox):
    found = run(coding.Project.open(sandbox.root)).findings[0].contrasts[0]
    assert (found.first.share, found.second.share) == (1.0, pytest.approx(1 / 3))
    assert found.low <= found.difference <= found.high


# The placebo.


@settings(deadline=None)
@given(st.lists(cluster, min_size=2, max_size=4), st.lists(cluster, min_size=2, max_size=4))
def test_the_placebo_of_two_cases_is_the_permutation_test_of_all_relabellings(one, two):
    pairs = np.array([*one, *two], dtype=float)

    def gap(first):
        second = [i for i in range(len(pairs)) if i not in first]
        (y1, x1), (y2, x2) = pairs[list(first)].sum(axis=0), pairs[second].sum(axis=0)
        return abs(y1 / x1 - y2 / x2)

    observed = gap(range(len(one)))
    dealt = [gap(first) >= observed - 1e-12 for first in combinations(range(len(pairs)), len(one))]
    assert len(dealt) == comb(len(pairs), len(one))
    exact = float(np.mean(dealt))
    error = (exact * (1 - exact) / N_PERMUTATIONS) ** 0.5
    assert placebo(sums(one, "a"), sums(two, "b"), seed=5) == pytest.approx(
        exact, abs=5 * error + 1 / N_PERMUTATIONS
    )


@settings(deadline=None)
@given(st.lists(st.tuples(cluster, st.integers(0, 8)), min_size=2, max_size=5))
def test_the_placebo_of_two_codes_is_the_test_of_all_swaps(drawn):
    one = sums([pair for pair, _ in drawn])
    two = sums([(min(other, base), base) for (_, base), other in drawn])
    gaps = one.y - two.y
    swapped = [abs(np.dot(signs, gaps)) for signs in product((-1, 1), repeat=len(gaps))]
    exact = float(np.mean([value >= abs(gaps.sum()) - 1e-9 for value in swapped]))
    error = (exact * (1 - exact) / N_PERMUTATIONS) ** 0.5
    assert _swap_codes(one, two, seed=5) == pytest.approx(exact, abs=5 * error + 1 / N_PERMUTATIONS)


def test_the_placebo_is_the_same_under_the_same_seed_and_hardly_another_under_another():
    one, same, other = (compared(FIVE, seed=seed).placebo for seed in (1, 1, 2))
    assert one == same
    assert one == pytest.approx(2 / comb(10, 5), abs=0.006)
    assert other == pytest.approx(one, abs=0.006)


def test_the_placebo_is_never_nought():
    alike = {f"{case}/{i}": "P" for case in "ns" for i in range(3)}
    assert compared(alike).placebo == 1
    assert compared(FIVE).placebo >= 1 / (N_PERMUTATIONS + 1)


# The verdict.


def found(low, high, n_clusters=(9, 9)):
    one, two = (Side(name, 1, 2, n, 0.5) for name, n in zip(("North", "South"), n_clusters, strict=True))
    return Contrast("x", one, two, (low + high) / 2, low, high, 10.0, 0.5)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.4, "supported"),
        (-0.4, -0.01, "contradicted"),
        (-0.1, 0.4, "undetermined"),
        (0.0, 0.4, "undetermined"),
        (-0.4, 0.0, "undetermined"),
        (0.0, 0.0, "undetermined"),
    ],
)
def test_a_claim_is_supported_contradicted_or_undetermined_by_where_the_interval_lies(low, high, verdict):
    assert judge(found(low, high), least_clusters=9)[0] == verdict


@pytest.mark.parametrize("n_clusters", [(4, 9), (9, 4)])
def test_too_few_clusters_leave_a_clear_difference_undetermined_and_the_reason_counts_them(n_clusters):
    clear = found(0.3, 0.6, n_clusters)
    verdict, reason = judge(clear, least_clusters=5)
    assert verdict == "undetermined"
    assert "only 4 independent documents or projects in the base, the study asks for 5" in reason
    assert reason.startswith("North" if n_clusters[0] == 4 else "South")
    assert judge(clear, least_clusters=4)[0] == "supported"


def test_all_against_none_is_supported_one_way_and_contradicted_the_other():
    turned = {("s" if name[0] == "n" else "n") + name[1:]: letters for name, letters in FIVE.items()}
    assert judge(compared(FIVE), least_clusters=5)[0] == "supported"
    assert judge(compared(turned), least_clusters=5)[0] == "contradicted"


def test_codes_of_two_families_have_no_common_base_of_coded_units():
    table = matrix({"n/a": "PT", "n/b": "P-"})
    with pytest.raises(CodingError, match="belong to two families"):
        contrast_within(table, "n", on="role", versus="aim.peace", within=None, base="coded", seed=1)
    found = contrast_within(table, "n", on="role", versus="aim.peace", within=None, base="searched", seed=1)
    assert found.what == "Role over Peace, of all searched, Norland"


def test_units_that_nobody_read_for_the_code_are_no_part_of_its_base():
    text = Document("n/a", "One thing. Another thing.", {"donor": "n"})
    corpus = Corpus((text, Document("s/a", "One thing.", {"donor": "s"})), {})
    coded = Coded((), (Reading("a", text.segment(0, 10), ("aim.peace",)),))
    table = tabulate(
        coded, corpus, BOOK, by="donor", measure="share", unit="sentence", counts="any", weight="unit",
        rollup=True, implies=False,
    )  # fmt: skip
    found = contrast(table, "n", "s", on="aim.peace", within=None, base="searched", seed=1)
    assert (found.first.base, found.second.base) == (1, 0)
    assert found.reason == "s: no unit in the base"
