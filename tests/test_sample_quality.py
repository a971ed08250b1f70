"""Precision, recall, differences between cases and corrected shares, from a sample that readers judged."""

from collections import Counter

import numpy as np
import pytest

from coding.errors import CodingError
from coding.judging import Judged, Progress
from coding.model import Segment
from coding.sample import NOTHING, Drawn, Framed, Sample, Stratum
from coding.sample_quality import sample_quality

UNJUDGED = None


def judged(rows, *, per_cluster=2, rules=None, codes=("role",)):
    """Return what was judged of units given as (cases, found, drawn, said); strata are cases and found."""
    keys = [(cases, found) for cases, found, *_ in rows]
    order = list(dict.fromkeys(keys))
    units = tuple(Segment(f"d{i // per_cluster}", i, i + 1, "") for i in range(len(rows)))
    strata = [order.index(key) for key in keys]
    n_drawn = Counter(stratum for stratum, row in zip(strata, rows, strict=True) if row[2])
    drawn = [i for i, row in enumerate(rows) if row[2]]
    sample = Sample(
        name="first", at="2026-11-25T00:00:00.000000Z", coder="rules", readers=("anna",), codebook="book",
        digest="", codes=dict.fromkeys(codes, ""), unit="sentence", counts="any", rollup=True, by=("donor",),
        where=(),
        n_found=1,
        n_others=1,
        seed=1,
        reworded=(), documents={"all": Framed("", tuple(strata))},
        strata=tuple(
            Stratum(cases, codes[0] if found else NOTHING, strata.count(place), n_drawn[place])
            for place, (cases, found) in enumerate(order)
        ),
        drawn=tuple(Drawn(units[i], strata[i]) for i in drawn),
    )  # fmt: skip
    said = np.array([np.nan if row[3] is None else float(row[3]) for row in rows])
    return Judged(
        sample=sample, codes=codes, units=units, cases=tuple(row[0] for row in rows),
        clusters=np.arange(len(rows)) // per_cluster, strata=np.array(strata),
        found=np.array([[row[1]] for row in rows], dtype=bool), said=said[:, None],
        is_drawn=np.array([row[2] for row in rows]), rules=rules or {},
        readers=(Progress("anna", int((~np.isnan(said)).sum()), 0, ()),), has_changed=False,
    )  # fmt: skip


def many(case, *, right=0, alone=0, missed=0, nothing=0):
    """Return units of a case, all drawn and judged."""
    kinds = [(True, 1)] * right + [(True, 0)] * alone + [(False, 1)] * missed + [(False, 0)] * nothing
    return [((case,), found, True, said) for found, said in kinds]


def quality(rows, **more):
    return sample_quality(judged(rows, **more), seed=1, width=0.2)


def test_where_all_units_are_judged_the_figures_are_plain_counts():
    found = quality(many("japan", right=8, alone=2, missed=4, nothing=26))
    rates, shares = found.rates["role", "", "japan"], found.shares[0]
    assert (rates.n_units, rates.n_found, rates.n_judged, rates.n_judged_found) == (40, 10, 40, 10)
    assert rates.precision.value == pytest.approx(0.8)
    assert rates.recall.value == pytest.approx(8 / 12)
    assert shares.naive.value == pytest.approx(10 / 40)
    for corrected in (shares.sample, shares.ppi, shares.rogan_gladen):
        assert corrected.value == pytest.approx(12 / 40)


def test_a_unit_that_stands_for_ten_counts_ten_times():
    hits = many("japan", right=10)
    others = [
        (("japan",), False, i % 10 == 0, (1 if i == 0 else 0) if i % 10 == 0 else UNJUDGED)
        for i in range(100)
    ]
    found = quality([*hits, *others])
    assert found.rates["role", "", ""].recall.value == pytest.approx(10 / (10 + 10))
    assert found.shares[0].sample.value == found.shares[0].ppi.value == pytest.approx(20 / 110)


def test_units_of_two_cases_count_for_both_and_once_for_all():
    both = [(("japan", "south-korea"), True, True, 1)] * 4
    found = quality([*both, *many("japan", alone=4, nothing=10), *many("south-korea", missed=4, nothing=10)])
    assert [found.rates["role", "", case].n_found for case in ("", "japan", "south-korea")] == [8, 8, 4]
    assert found.rates["role", "", ""].precision.value == pytest.approx(0.5)
    assert found.rates["role", "", "south-korea"].precision.value == 1
    assert found.rates["role", "", "japan"].recall.value == 1


def test_two_readers_who_differ_make_half_a_unit():
    rows = [(("japan",), True, True, 0.5)] * 6 + many("japan", nothing=10)
    assert quality(rows).rates["role", "", ""].precision.value == pytest.approx(0.5)


def test_where_only_hits_are_drawn_there_is_precision_and_no_recall():
    others = [(("japan",), False, False, UNJUDGED)] * 30
    found = quality([*many("japan", right=8, alone=2), *others])
    rates, shares = found.rates["role", "", ""], found.shares[0]
    assert rates.precision.value == pytest.approx(0.8)
    assert shares.naive.value == pytest.approx(10 / 40)
    for refused in (rates.recall, shares.sample, shares.ppi, shares.rogan_gladen):
        assert (refused.value, refused.reason) == (None, "30 sentences had no chance of being drawn")


def test_before_a_stratum_is_judged_nothing_is_said_of_its_units():
    others = [(("japan",), False, True, UNJUDGED)] * 20
    found = quality([*many("japan", right=8), *others])
    assert found.rates["role", "", ""].recall.reason == "some strata are not judged yet"


def test_an_unfinished_sample_gives_no_prediction_powered_share_and_says_how_many_are_left():
    others = [(("japan",), False, True, 0 if i < 15 else UNJUDGED) for i in range(20)]
    shares = quality([*many("japan", right=8), *others]).shares[0]
    assert shares.ppi.value is None
    assert shares.ppi.reason == "5 of the 28 sentences drawn are not judged blind"
    assert shares.sample.value == pytest.approx(8 / 28)


def test_few_documents_give_no_prediction_powered_share():
    rows = many("japan", right=8, missed=2, nothing=14)
    assert quality(rows, per_cluster=6).shares[0].ppi.reason == (
        "units are judged in 4 clusters of documents; it takes 5"
    )
    assert quality(rows, per_cluster=4).shares[0].ppi.value == pytest.approx(10 / 24)


def test_cases_in_which_the_coder_errs_differently_are_named():
    first, second = (
        many("japan", right=28, alone=2, nothing=60),
        many("south-korea", right=6, alone=24, nothing=60),
    )
    found = quality([*first, *second])
    (warned,) = [one for one in found.warnings if one.what == "precision"]
    assert warned.cases == ("japan", "south-korea")
    assert warned.value == pytest.approx(28 / 30 - 6 / 30)
    assert 0 < warned.low < warned.value < warned.high
    assert [one.errs_differently for one in found.shares] == [True, True]


def test_cases_in_which_it_errs_alike_are_not_named():
    rows = [
        *many("japan", right=24, alone=6, nothing=60),
        *many("south-korea", right=24, alone=6, nothing=60),
    ]
    found = quality(rows)
    assert found.warnings == ()
    assert not any(one.errs_differently for one in found.shares)


def test_a_difference_that_stands_on_next_to_nothing_is_no_warning():
    rows = [*many("japan", right=30, nothing=30), *many("south-korea", alone=3, nothing=30)]
    found = quality(rows, per_cluster=1)
    (one,) = [one for one in found.differences if one.what == "precision"]
    assert one.low > 0
    assert not one.is_sure


def test_a_rule_has_precision_and_what_it_brings_and_is_compared_by_precision_alone():
    rows = [
        *many("japan", right=6, alone=2, missed=2, nothing=10),
        *many("south-korea", right=6, missed=2, nothing=10),
    ]
    mask = np.array([i < 4 or 20 <= i < 22 for i in range(len(rows))])
    found = quality(rows, rules={("role.donor", "as-donor"): (0, mask)})
    rates = found.rates["role", "as-donor", ""]
    assert (rates.n_found, rates.precision.value) == (6, 1)
    assert rates.recall.value == pytest.approx(6 / 16)
    assert {(one.rule, one.what) for one in found.differences} == {
        ("", "precision"), ("", "recall"), ("as-donor", "precision"),
    }  # fmt: skip


def test_rules_of_one_name_under_two_codes_are_two_rules():
    rows = many("japan", right=6, alone=2, missed=2, nothing=10)
    first, second = (np.array([i in places for i in range(len(rows))]) for places in ((0, 1), (6, 7)))
    found = quality(rows, rules={("role.a", "named"): (0, first), ("role.b", "named"): (0, second)})
    assert found.rates["role", "role.a: named", ""].precision.value == 1
    assert found.rates["role", "role.b: named", ""].precision.value == 0


def test_how_many_more_judgements_a_width_needs_grows_as_it_narrows():
    rows = judged(many("japan", right=40, alone=20, missed=5, nothing=300), per_cluster=1)
    needed = [
        sample_quality(rows, seed=1, width=width).rates["role", "", ""].more_for_precision
        for width in (0.9, 0.2, 0.1)
    ]
    assert needed[0] == 0
    # an interval of 60 units with a share of 2/3 is about .235 wide: 1.96 * 2 * sqrt(2/9 / n) = .2 at n = 85
    assert needed[1] == pytest.approx(85 - 60, abs=4)
    assert needed[2] == pytest.approx(341 - 60, abs=8)


def test_the_same_seed_gives_the_same_intervals():
    rows = many("japan", right=8, alone=2, missed=4, nothing=26)
    one, other = quality(rows), quality(rows)
    assert one.shares == other.shares
    assert one.rates == other.rates


def test_nothing_judged_and_no_width_are_refused():
    nothing = judged([(("japan",), True, True, UNJUDGED)])
    with pytest.raises(CodingError, match="nothing of the sample first is judged yet"):
        sample_quality(nothing, seed=1, width=0.2)
    for width in (0, 1, -0.5):
        with pytest.raises(CodingError, match="A width lies between 0 and 1"):
            sample_quality(nothing, seed=1, width=width)
