"""Sums over units: conserved over clusters, and refused where a table does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.tally import MISSING, indexed, tally, tally_counts

rows = st.lists(
    st.lists(st.sampled_from([0, 1, 2, MISSING]), min_size=3, max_size=3), min_size=1, max_size=10
)


@given(rows, st.data())
def test_clusters_add_up_to_the_whole_in_whatever_order_units_stand(cells, data):
    values = np.array(cells)
    clusters = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(values), max_size=len(values))))
    parts, whole = tally(values, domain="abc", clusters=clusters), tally(values, domain="abc")
    for name in ("pairs", "coincidences", "unit_pairs", "shares", "given", "paired"):
        assert getattr(parts, name).shape[0] == clusters.max() + 1
        assert getattr(parts, name).sum(0) == pytest.approx(getattr(whole, name)[0])


@given(rows)
def test_each_way_to_count_pairs_counts_what_it_says(cells):
    values = np.array(cells)
    sums, read = tally(values, domain="abc"), (values != MISSING).sum(1)
    assert sums.pairs.sum() == (read * (read - 1)).sum()
    assert sums.coincidences.sum() == pytest.approx(read[read > 1].sum())
    assert sums.unit_pairs.sum() == pytest.approx((read > 1).sum())
    assert sums.shares.sum() == pytest.approx((read > 0).sum())
    assert sums.given.sum() == read.sum()
    assert sums.paired.sum() == read[read > 1].sum()
    assert (sums.pairs == sums.pairs.swapaxes(-1, -2)).all()


def test_a_cluster_without_units_is_kept_and_empty():
    sums = tally(np.array([[1, 1], [0, 1]]), clusters=np.array([3, 1]))
    assert sums.shares.sum((1, 2)).tolist() == [0, 1, 0, 1]
    assert sums.base.held[:, 0].tolist() == [False, True, False, True]


def test_an_index_names_every_value_and_turns_back():
    sets = [[frozenset("ab"), frozenset()], [frozenset("b"), None]]
    for table in ([["b", "a"], [None, "c"]], [[10, 9], [None, 2.5]], sets):
        places, domain = indexed(table)
        assert [[None if i == MISSING else domain[i] for i in unit] for unit in places] == table
    assert indexed([[10, 9], [None, 2.5]])[1] == (2.5, 9, 10)
    assert indexed(sets)[1] == (frozenset(), frozenset("b"), frozenset("ab"))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: tally(np.array([[0, 2]])), "0 to 2, but its values are 0 to 1"),
        (lambda: tally(np.array([[0, -2]])), "-1 where a coder did not read"),
        (lambda: tally(np.array([[0, 1]]), clusters=np.array([0, 1])), r"shape \(2,\) for 1 units"),
        (lambda: tally(np.array([[0, 1]]), clusters=np.array([-1])), "a number from 0"),
        (lambda: tally(np.array([[-1, -1]]), domain=()), "the domain names no value"),
        (lambda: tally_counts(np.array([[1, 1, 0]])), "of 3 values, but the domain names 2"),
        (lambda: indexed([["a", "b"]], ("a",)), "'b', which the domain does not name"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_a_remedy(act, said):
    with pytest.raises(CodingError, match=said):
        act()
