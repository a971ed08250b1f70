"""Differences and weights of values: sets, numbers, places; and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.distances import between_ranks, differences, disagreements, masi_distance
from coding.errors import CodingError

sets = st.frozensets(st.sampled_from("abc"))


@given(sets, sets)
def test_masi_is_symmetric_and_nought_for_equal_sets_alone(one, other):
    assert masi_distance(one, other) == masi_distance(other, one)
    assert 0 <= masi_distance(one, other) <= 1
    assert (masi_distance(one, other) == 0) == (one == other)


def test_masi_weighs_what_sets_share_by_how_they_lie():
    a, b, ab, abc, bd = map(frozenset, ("a", "b", "ab", "abc", "bd"))
    assert masi_distance(a, b) == 1
    assert masi_distance(ab, abc) == pytest.approx(1 - 2 / 3 * 2 / 3)
    assert masi_distance(ab, bd) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi_distance(frozenset(), frozenset()) == 0
    assert masi_distance(frozenset(), a) == 1


def test_weights_take_numbers_for_what_they_are_and_words_by_their_places():
    assert disagreements("linear", (1, 2, 5)).tolist() == [[0, 0.25, 1], [0.25, 0, 0.75], [1, 0.75, 0]]
    assert disagreements("linear", ("low", "middle", "high"))[0].tolist() == [0, 0.5, 1]
    assert disagreements("ordinal", (1, 2, 5))[0].tolist() == pytest.approx([0, 1 / 3, 1])


def test_two_ranks_are_as_far_apart_as_the_values_given_between_them():
    """Krippendorff 2011: the two themselves count half each."""
    given_values = np.array([9.0, 13, 10, 5, 3])
    apart = between_ranks(given_values)
    assert apart[0, 3] == (9 / 2 + 13 + 10 + 5 / 2) ** 2
    assert (np.diag(apart) == 0).all()
    assert (apart == apart.T).all()


def test_ratios_of_nought_to_nought_are_not_apart():
    assert differences("ratio", (0, 1, 3)).tolist() == [[0, 1, 1], [1, 0, 0.25], [1, 0.25, 0]]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: differences("interval", ("a", "b")), "needs numbers, the values are"),
        (lambda: differences("ratio", (-1, 1)), "numbers that are not below 0"),
        (lambda: differences("masi", ("a", "b")), "of frozensets"),
        (lambda: differences("nominl", ("a", "b")), "Did you mean 'nominal'"),
        (lambda: disagreements("squared", (0, 1)), "weights: 'squared' is not one of"),
        (lambda: differences(np.ones((2, 2)), (0, 1)), "holds 0 on the diagonal"),
        (lambda: disagreements(np.eye(3), (0, 1)), r"has the shape \(2, 2\)"),
    ],
)
def test_what_does_not_fit_the_values_is_refused_with_a_remedy(act, said):
    with pytest.raises(CodingError, match=said):
        act()
