"""What follows from how a coder errs: recall, the share that bears a code, and where there is no answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.correcting import NO_BETTER, NONE_GIVEN, Parts
from coding.estimating import Proportion

shares = st.floats(0.01, 0.99)


def whole(value, n=100.0):
    return Proportion(value, int(n), n, 20)


def parts(found, right, missed, *, n=100.0, seed=1, **lacking):
    return Parts(
        whole(found, 1000.0),
        None if right is None else whole(right, n),
        None if missed is None else whole(missed, n),
        n_judged=50,
        n_clusters=20,
        seed=(seed,),
        **lacking,
    )


@given(shares, shares, shares)
def test_all_that_bears_the_code_is_found_or_missed(found, right, missed):
    one = parts(found, right, missed)
    assert one.share.value == pytest.approx(found * right + (1 - found) * missed)
    assert one.recall.value == pytest.approx(found * right / one.share.value)
    assert one.precision.value == pytest.approx(right)


def test_the_share_is_what_prediction_powered_inference_gives_with_its_weight_tuned():
    # ppi-python 0.2.3: ppi_mean_pointestimate(Y, Yhat, Yhat_unlabeled, lam=17/35) of 40 units judged (12 found,
    # 9 of them right; 4 of the other 28 missed) and 160 not judged (30 found); 17/35 is the covariance of what
    # is given and found over the variance of what is found, times 160/200
    assert pytest.approx(17 / 35) == (9 / 12 - 4 / 28) * 160 / 200
    assert parts(42 / 200, 9 / 12, 4 / 28).share.value == pytest.approx(0.2703571428571429)


@given(shares, shares, shares)
def test_rogan_and_gladen_with_a_cases_own_errors_give_its_own_share(found, right, missed):
    one = parts(found, right, missed)
    corrected = one.rogan_gladen(one)
    if right > missed + 1e-6:
        assert corrected.value == pytest.approx(one.share.value, abs=1e-6)
    elif right < missed - 1e-6:
        assert corrected.value is None
        assert corrected.reason == NO_BETTER


def test_rogan_and_gladen_reproduce_a_worked_example():
    # found 22 % with sensitivity .85 and specificity .9: (.22 + .9 - 1) / (.85 + .9 - 1) = .16
    bearing = 0.2  # of all cases together
    found = bearing * 0.85 + (1 - bearing) * 0.1
    everywhere = parts(found, bearing * 0.85 / found, bearing * 0.15 / (1 - found), seed=2)
    assert parts(0.22, None, None).rogan_gladen(everywhere).value == pytest.approx(0.16)


def test_a_corrected_share_stays_between_none_and_all():
    everywhere = parts(0.3, 0.9, 0.01, seed=2)
    assert parts(0.001, None, None).rogan_gladen(everywhere).value == 0
    assert parts(0.999, None, None).rogan_gladen(everywhere).value == 1


def test_what_was_found_nowhere_has_no_precision_and_is_all_missed():
    one = parts(0.0, None, 0.1)
    assert (one.precision.value, one.precision.reason) == (None, "it was found in no unit")
    assert one.recall.value == 0
    assert one.share.value == pytest.approx(0.1)


def test_what_readers_gave_to_nothing_has_no_recall():
    one = parts(0.2, 0.0, 0.0)
    assert (one.recall.value, one.recall.reason) == (None, NONE_GIVEN)
    assert one.share.value == 0
    assert one.share.high > 0


def test_where_nothing_was_seen_to_be_missed_recall_is_whole_and_its_interval_is_not():
    one = parts(0.05, 0.9, 0.0, n=40.0)
    assert one.recall.value == one.recall.high == 1
    assert one.recall.low < 0.8


def test_what_is_lacking_is_said_wherever_it_is_needed():
    one = parts(0.2, 0.9, None, why_not_missed="the others were not drawn")
    assert one.precision.value == pytest.approx(0.9)
    for estimate in (one.recall, one.share, parts(0.1, 0.5, 0.1).rogan_gladen(one)):
        assert (estimate.value, estimate.low, estimate.reason) == (None, None, "the others were not drawn")


@given(shares, shares, shares)
def test_more_judgements_never_widen_an_interval(found, right, missed):
    one = parts(found, right, missed, n=30.0)
    few, many = one.times_for_precision(0.3), one.times_for_precision(0.1)
    assert few is not None
    assert many is None or many >= few >= 1
    assert one.times_for_recall(1.0) == 1


def test_no_number_of_judgements_makes_recall_surer_than_the_documents_are():
    one = Parts(Proportion(0.2, 100, 8.0, 4), whole(0.8), whole(0.1), n_judged=50, n_clusters=4, seed=(1,))
    assert one.times_for_recall(0.1) is None


def test_draws_are_the_same_for_the_same_seed_and_independent_for_another():
    one, again, other = (parts(0.2, 0.8, 0.1, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.recall.draws, again.recall.draws)
    assert abs(np.corrcoef(one.recall.draws, other.recall.draws)[0, 1]) < 0.1
