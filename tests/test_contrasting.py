"""Contrasts of many cases together: each is the single one, what stands beside it keeps its laws."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from compared import NAMES, corpora, matrix, two_sides
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.contrasting import adjusted, as_value, contrasts, larger, left_out
from coding.errors import CodingError
from coding.findings import LEVEL, contrast, interval, sums
from coding.matrix import tabulate
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, machine_coded

SMALL = {
    "n/1": "PPT", "n/2": "P-", "n/3": "PT", "n/4": "P", "s/1": "TT", "s/2": "PT", "s/3": "T", "s/4": "T-",
    "w/1": "PT", "w/2": "PP", "w/3": "-T",
}  # fmt: skip
TWO = {name: said for name, said in SMALL.items() if name[0] != "w"}
SHARED = TWO | {"n/both": [("ns", "P"), ("n", "T"), ("s", "-")]}
weights = st.sampled_from(["document", "unit"])
bases = st.sampled_from(["coded", "searched"])


def compared(documents, weight="unit", **changed):
    asked = {"on": ["aim.peace"], "within": None, "pairs": [("n", "s")], "base": "searched", "seed": 1}
    return contrasts(matrix(documents, weight), **asked | changed)


@settings(max_examples=30)
@given(corpora(), weights, bases)
def test_each_row_is_the_contrast_of_its_pair_alone(documents, weight, base):
    table = matrix(documents, weight)
    asked = {"within": None, "base": base, "seed": 3}
    rows = contrasts(table, on=["aim.peace", "role"], pairs="every pair", **asked).rows
    pairs = list(combinations("nsw", 2))
    assert [(row.code, row.first + row.second) for row in rows] == [
        (code, pair) for code in ("aim.peace", "role") for pair in pairs
    ]
    for row in rows:
        assert row.contrast == contrast(table, *row.first, *row.second, on=row.code, **asked)


@settings(max_examples=30)
@given(corpora("ns"), weights, bases)
def test_each_against_all_of_two_cases_is_their_pair(documents, weight, base):
    table = matrix(documents, weight)
    asked = {"on": ["aim.peace"], "within": None, "base": base, "seed": 1}
    (row,) = contrasts(table, pairs="each against all", **asked).rows
    assert row == contrasts(table, pairs=[("n", "s")], **asked).rows[0]
    assert row.contrast == contrast(table, "n", "s", on="aim.peace", within=None, base=base, seed=1)


@settings(max_examples=30)
@given(corpora(), weights, bases)
def test_all_others_are_one_case_of_all_their_units(documents, weight, base):
    """Renaming two cases into one gives the same numbers, unless a text names both."""
    apart = {name: said for name, said in documents.items() if isinstance(said, str)}
    joined = {("s/w" + name[1:] if name[0] == "w" else name): said for name, said in apart.items()}
    asked = {"on": ["aim.peace"], "within": None, "base": base, "seed": 1}
    row = contrasts(matrix(apart, weight), pairs=[("n", None)], **asked).rows[0].contrast
    alone = contrasts(matrix(joined, weight), pairs=[("n", "s")], **asked).rows[0].contrast
    assert row.second.name == "all others"
    assert (row.second.n, row.second.base) == (alone.second.n, alone.second.base)
    for name in ("difference", "low", "high"):
        assert getattr(row, name) == pytest.approx(getattr(alone, name), abs=1e-9)


def test_each_case_stands_against_all_others_together():
    rows = compared(SMALL, pairs="each against all").rows
    assert [(row.first, row.second) for row in rows] == [
        (("n",), ("s", "w")), (("s",), ("n", "w")), (("w",), ("n", "s")),
    ]  # fmt: skip
    assert (rows[0].contrast.second.n, rows[0].contrast.second.base) == (1 + 3, 7 + 6)


def test_a_unit_that_names_two_of_the_others_counts_once_among_them():
    documents = SMALL | {"w/both": [("sw", "P"), ("s", "T")]}
    row = compared(documents, pairs=[("n", None)]).rows[0].contrast
    assert (row.second.n, row.second.base) == (4 + 1, 13 + 2)


def test_a_document_of_two_donors_counts_on_both_sides_as_one_cluster():
    table = matrix(SHARED)
    sides = [sums(table, [case], on="aim.peace", within=None, base="searched") for case in "ns"]
    assert set(sides[0].clusters) & set(sides[1].clusters) == {"n/both"}
    apart = [replace(side, clusters=tuple(f"{i}{c}" for c in side.clusters)) for i, side in enumerate(sides)]
    row = compared(SHARED).rows[0].contrast
    assert (row.low, row.high) == interval(*sides)[:2]
    assert (row.low, row.high) != interval(*apart)[:2]


@settings(max_examples=30)
@given(corpora("ns"), weights, bases)
def test_swapping_the_cases_negates_the_difference_and_inverts_the_ratio(documents, weight, base):
    one, two = compared(documents, weight, base=base, pairs=[("n", "s"), ("s", "n")]).rows
    assert bool(one.contrast.reason) == bool(two.contrast.reason)
    if one.contrast.difference is not None:
        assert one.contrast.difference == pytest.approx(-two.contrast.difference)
        assert one.contrast.placebo == pytest.approx(two.contrast.placebo, abs=0.05)
    if one.contrast.low is not None:
        assert (one.contrast.low, one.contrast.high) == pytest.approx((-two.contrast.high, -two.contrast.low))
        assert (one.adjusted_low, one.adjusted_high) == pytest.approx((-two.adjusted_high, -two.adjusted_low))
    if one.ratio.value is not None:
        assert one.ratio.value == pytest.approx(1 / two.ratio.value)
    if one.ratio.low is not None:
        assert (one.ratio.low, one.ratio.high) == pytest.approx((1 / two.ratio.high, 1 / two.ratio.low))
    turned = {i.document: i.difference for i in two.influences}
    for influence in one.influences:
        other = turned.pop(influence.document)
        assert influence.difference == pytest.approx(None if other is None else -other, abs=1e-9)
    assert not turned


# Without a document.


@settings(max_examples=30)
@given(corpora("ns", most=3), weights, bases)
def test_a_contrast_without_a_document_is_that_of_the_corpus_without_it(documents, weight, base):
    (row,) = compared(documents, weight, base=base).rows
    for influence in row.influences:
        left = {name: said for name, said in documents.items() if name != influence.document}
        if {name[0] for name in left} < {"n", "s"}:
            assert influence.difference is None or "n/shared" in left
            continue
        found = contrast(matrix(left, weight), "n", "s", on="aim.peace", within=None, base=base, seed=1)
        assert influence.difference == pytest.approx(found.difference, abs=1e-9)
        assert (influence.low, influence.high) == pytest.approx((found.low, found.high), abs=1e-9)


def test_every_document_of_the_base_is_left_out_once_the_strongest_first():
    (row,) = compared(SHARED).rows
    assert sorted(i.document for i in row.influences) == sorted(SHARED)
    changes = [abs(i.change) for i in row.influences]
    assert changes == sorted(changes, reverse=True)
    assert row.strongest is row.influences[0]
    assert all(i.change == pytest.approx(i.difference - row.contrast.difference) for i in row.influences)


def test_a_document_without_a_unit_of_the_base_has_no_influence():
    (row,) = compared(TWO | {"n/none": "---"}, base="coded").rows
    assert "n/none" not in [i.document for i in row.influences]


def test_it_is_said_when_a_single_document_turns_the_sign_or_the_verdict():
    turned = compared({"n/1": "PPPPP", "n/2": "-T-T", "s/1": "P-", "s/2": "-P"}).rows[0]
    assert turned.contrast.difference > 0
    assert [i.document for i in turned.influences if i.turns_sign] == ["n/1"]
    alike = {f"n/{i}": "P" for i in range(5)} | {f"s/{i}": "T" for i in range(5)}
    sure = compared(alike, base="coded").rows[0]
    assert sure.larger == "first"
    assert not any(i.turns_sign or i.turns_verdict for i in sure.influences)
    few = {name: said for name, said in alike.items() if name[2] in "01"} | {"s/2": "T"}
    hangs = compared(few, base="coded").rows[0]
    assert (hangs.larger == "undetermined") == (hangs.contrast.low <= 0 <= hangs.contrast.high)
    for influence in (*sure.influences, *hangs.influences):
        row = sure if influence in sure.influences else hangs
        assert influence.turns_verdict == (larger(influence.low, influence.high) != row.larger)


def test_without_its_last_document_a_share_has_no_base_and_that_document_comes_first():
    (row,) = compared({"n/1": "PT", "s/1": "T", "s/2": "P", "s/3": "P"}).rows
    assert (row.strongest.document, row.strongest.difference, row.strongest.change) == ("n/1", None, None)
    assert not row.strongest.turns_sign


# Many contrasts.


def test_each_adjusted_interval_is_that_of_bonferronis_level():
    found = compared(SMALL, on=["aim.peace", "aim.trade"], pairs="every pair")
    assert len(found) == 6
    table = matrix(SMALL)
    for row in found:
        one, two = (
            sums(table, cases, on=row.code, within=None, base="searched") for cases in (row.first, row.second)
        )
        assert (row.adjusted_low, row.adjusted_high) == interval(one, two, level=1 - (1 - LEVEL) / 6)[:2]
        assert row.adjusted_low <= row.contrast.low <= row.contrast.high <= row.adjusted_high


def test_a_single_contrast_needs_no_adjustment():
    (row,) = compared(SMALL).rows
    assert (row.adjusted_low, row.adjusted_high) == (row.contrast.low, row.contrast.high)
    assert row.adjusted_placebo == row.contrast.placebo


def test_the_adjusted_placebo_is_the_printed_example_of_holm():
    """Four values at one go, by hand: 0.005 x 4, 0.01 x 3, then 0.03 x 2, and never less than the one before."""
    assert adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.none() | st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_lies_between_the_plain_value_and_bonferroni_and_keeps_what_is_missing(values):
    found = adjusted(values)
    assert [value is None for value in found] == [value is None for value in values]
    known = [(value, after) for value, after in zip(values, found, strict=True) if value is not None]
    assert all(value <= after <= min(1, value * len(values)) for value, after in known)
    assert [after for _, after in sorted(known)] == sorted(after for _, after in known)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=10), st.floats(0.01, 0.2))
def test_holm_rejects_what_the_step_down_test_rejects(values, level):
    rejected = set()
    for step, i in enumerate(np.argsort(values, kind="stable")):
        if values[i] * (len(values) - step) > level:
            break
        rejected.add(int(i))
    assert {i for i, value in enumerate(adjusted(values)) if value <= level} == rejected


# What a number opens to.


@settings(max_examples=30)
@given(corpora(), bases)
def test_the_passages_behind_a_share_are_those_of_its_units_and_nothing_else(documents, base):
    table = matrix(documents)
    for row in contrasts(table, on=["aim.peace"], within=["role"], pairs="every pair", base=base, seed=1):
        for cases, coded, side in zip(
            (row.first, row.second), row.coded, (row.contrast.first, row.contrast.second), strict=True
        ):
            places = {(s.segment.document, s.segment.start) for s in coded.segments}
            bearing = table.bears("aim.peace") & table.bears("role")
            units = [table.projection.units[i] for i in table.rows[cases[0]] if bearing[i]]
            assert len(units) == side.n
            assert places == {(unit.document, unit.start) for unit in units}
            assert {s.code for s in coded.segments} <= {"aim.peace", "role"}


def test_the_passages_of_a_cell_are_those_of_the_matrix():
    table = matrix(SHARED)
    (row,) = contrasts(table, on=["aim.peace"], within=None, pairs=[("n", "s")], base="searched", seed=1)
    for case, coded in zip("ns", row.coded, strict=True):
        assert coded.segments == table.cell(case, "aim.peace").coded.segments


def test_a_composition_is_compared_part_by_part_within_each_category():
    documents = {"n/1": "ppt", "n/2": "p", "s/1": "tA", "s/2": "tp", "s/3": "A"}
    found = compared(documents, on=["aim.peace", "aim.trade"], within=["role", "act"], base="coded")
    assert [(row.within, row.code) for row in found] == [
        ("role", "aim.peace"), ("role", "aim.trade"), ("act", "aim.peace"), ("act", "aim.trade"),
    ]  # fmt: skip
    assert (found.rows[0].contrast.first.n, found.rows[0].contrast.first.base) == (3, 4)
    assert found.rows[0].contrast.difference == pytest.approx(3 / 4 - 1 / 3)
    assert found.rows[0].contrast.what == "Peace in Role"
    assert found.rows[2].contrast.reason == "Norland: no unit in the base"
    assert found.rows[2].influences == ()


def test_a_frame_has_a_row_for_each_contrast_and_what_is_missing_stays_missing():
    found = compared({"n/1": "P", "n/2": "PT", "s/1": "--", "s/2": "-"}, base="coded")
    frame = found.frame()
    assert list(frame["first"]) == ["Norland"]
    assert frame["difference"].isna().all()
    assert list(frame["reason"]) == ["Sudland: no unit in the base"]
    assert set(as_value(found.rows[0])) == set(frame.columns)


# What is refused.


def test_unknown_names_are_all_listed_with_the_nearest():
    with pytest.raises(CodingError) as refused:
        compared(
            SMALL, on=["aim.peac"], within=["rol"], pairs=[("Norlnd", "s"), ("n", "Norland"), ("x", None)]
        )
    said = str(refused.value)
    for part in (
        "'aim.peac'", "Did you mean 'aim.peace'", "'rol'", "'Norlnd'", "'n' is compared with itself", "'x'",
    ):  # fmt: skip
        assert part in said


def test_one_case_alone_is_not_compared():
    with pytest.raises(CodingError, match="a contrast needs two"):
        compared({"n/1": "PT"}, pairs="each against all")


def test_an_unknown_way_of_pairing_names_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'every pair'"):
        compared(SMALL, pairs="every pairs")
    with pytest.raises(CodingError, match="Did you mean 'coded'"):
        compared(SMALL, base="code")


def test_a_pair_and_a_code_that_are_asked_for_twice_count_once():
    found = compared(SMALL, on=["aim.peace", "aim.peace"], pairs=[("n", "s"), ("Norland", "Sudland")])
    assert len(found) == 1


@given(two_sides())
def test_a_share_is_surely_larger_only_where_the_interval_leaves_zero(sides):
    low, high, _ = interval(*sides)
    assert larger(low, high) == ("first" if low > 0 else "second" if high < 0 else "undetermined")
    assert larger(None, None) == "undetermined"


def test_a_code_is_not_compared_within_one_below_it_where_every_unit_bears_it():
    with pytest.raises(CodingError, match=r"^'aim' is compared within 'aim\.peace', .* by roll-up or implic"):
        compared(SMALL, on=["aim"], within=["aim.peace"])
    found = compared(SMALL, on=["aim", "role"], within=["aim.peace", "role"])
    assert [(row.code, row.within) for row in found] == [("role", "aim.peace"), ("aim", "role")]
    assert found.left_out == ("Aim, of all in Peace", "Role, of all in Role")


def test_what_is_left_out_counts_in_no_correction():
    asked = {"on": ["aim", "role"], "within": ["aim.peace"]}
    (row,) = compared(SMALL, **asked).rows
    assert row == compared(SMALL, on=["role"], within=["aim.peace"]).rows[0]
    assert row.adjusted_placebo == row.contrast.placebo


def test_a_code_is_not_compared_in_what_is_coded_with_it_or_below_it_alone():
    with pytest.raises(CodingError, match=r"^'aim' is compared within its own family.* base 'searched'"):
        compared(SMALL, on=["aim"], base="coded")
    assert compared(SMALL, on=["aim", "role"], base="coded").left_out == ("Aim, of what is coded as aim",)


@settings(max_examples=30)
@given(corpora(), weights, bases)
def test_a_share_that_is_left_out_is_all_of_its_base_in_every_case(documents, weight, base):
    table = matrix(documents, weight)
    for code in table.codes:
        for within in (None, *table.codes):
            if left_out(table, [code], [within], base=base):
                sides = [sums(table, [case], on=code, within=within, base=base) for case in table.cases]
                assert {one.n / one.base for one in sides if one.base} <= {1.0}


def implying(*, rollup, implies, below=False):
    """Make a matrix in which every unit bears a deed; `below` also by a code that implies nothing itself."""
    book = Codebook(
        "book",
        "1.0.0",
        (
            Code("aim", "Aim", "d"),
            Code("deed", "Deed", "d", implies=("aim",)),
            *((Code("deed.kind", "Kind", "d", parent="deed"),) if below else ()),
        ),
        families={"aim": ("aim",), "deed": ("deed",)},
    )
    texts = tuple(Document(f"{c}/{i}", "It is.", {"donor": c}) for c in "ns" for i in range(2))
    corpus = Corpus(texts, {c: Case(c, NAMES[c]) for c in "ns"})
    rules = Coder("rules", "rules")
    segments = tuple(machine_coded(d.whole, book["deed"], rules, "r") for d in texts)
    coded = Coded(segments, tuple(Reading("rules", d.whole, kind="rules") for d in texts))
    return tabulate(
        coded, corpus, book, by="donor", measure="share", unit="sentence", counts="any", weight="unit",
        rollup=rollup, implies=implies,
    )  # fmt: skip


def test_only_what_roll_up_and_implication_decide_is_left_out_and_not_what_texts_happen_to_say():
    asked = {"on": ["aim"], "within": ["deed"], "pairs": "every pair", "base": "searched", "seed": 1}
    with pytest.raises(CodingError, match="'aim' is compared within 'deed'"):
        contrasts(implying(rollup=True, implies=True), **asked)
    # A unit that bears `deed` by the code below it need not bear what `deed` implies.
    (row,) = contrasts(implying(rollup=True, implies=True, below=True), **asked).rows
    assert row.contrast.first.share == 1
    (row,) = contrasts(implying(rollup=True, implies=False), **asked).rows
    assert row.contrast.first.share == 0
    # Without roll-up a code above is coded by itself, and may or may not stand with one below it.
    below = {"on": ["deed"], "within": ["deed.kind"], "pairs": "every pair", "base": "searched", "seed": 1}
    assert contrasts(implying(rollup=False, implies=False, below=True), **below).left_out == ()
