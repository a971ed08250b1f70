"""Ranks: they follow from surely larger and smaller cases, and hold together."""

import numpy as np
import pytest
from compared import corpora, matrix, sums
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.contrasting import contrasts
from coding.errors import CodingError
from coding.ranking import ranks, surely_larger

APART = {f"{case}/{i}": letter for case, letter in (("n", "P"), ("s", "T"), ("w", "PT")) for i in range(8)}


def ranked(documents, weight="unit", **changed):
    return ranks(matrix(documents, weight), **{"on": "aim.peace", "within": None, "base": "coded"} | changed)


def test_cases_that_lie_apart_have_one_rank_each():
    found = ranked(APART)
    assert [(row.case, row.rank, row.low, row.high) for row in found.rows] == [
        ("n", 1, 1, 1), ("w", 2, 2, 2), ("s", 3, 3, 3),
    ]  # fmt: skip
    assert found.rows[1].larger == ("n",)
    assert found.rows[1].smaller == ("s",)
    assert (found.what, found.n_pairs) == ("Peace, of what is coded as aim", 3)


def test_cases_that_are_alike_share_a_rank_and_could_have_any():
    found = ranked({f"{case}/{i}": "PT" for case in "nsw" for i in range(3)})
    assert [(row.rank, row.low, row.high) for row in found.rows] == [(1, 1, 3)] * 3


def test_a_case_without_a_base_has_no_rank_and_takes_none():
    found = ranked({"n/1": "P", "n/2": "PT", "s/1": "T", "s/2": "T", "w/1": "--"})
    assert [(row.case, row.rank) for row in found.rows] == [("n", 1), ("s", 2), ("w", None)]
    assert [row.high for row in found.rows] == [2, 2, None]
    assert found.n_pairs == 1


def test_a_case_of_one_cluster_is_surely_larger_than_none():
    documents = {name: said for name, said in APART.items() if name[0] != "n" or name == "n/1"}
    found = ranked(documents)
    assert [(row.case, row.rank, row.low, row.high) for row in found.rows] == [
        ("n", 1, 1, 3), ("w", 2, 1, 2), ("s", 3, 2, 3),
    ]  # fmt: skip


@settings(max_examples=40)
@given(corpora(), st.sampled_from(["document", "unit"]), st.sampled_from(["coded", "searched"]))
def test_a_rank_lies_in_its_interval_and_follows_from_the_adjusted_contrasts(documents, weight, base):
    table = matrix(documents, weight)
    found = ranks(table, on="aim.peace", within=None, base=base)
    known = [row for row in found.rows if row.rank is not None]
    shares = [row.side.share for row in known]
    assert shares == sorted(shares, reverse=True)
    for row in known:
        assert 1 <= row.low <= row.rank <= row.high <= len(known)
        assert row.rank == 1 + sum(share > row.side.share for share in shares)
        assert (row.low, row.high) == (1 + len(row.larger), len(known) - len(row.smaller))
    if len(known) == 3:
        rows = contrasts(table, on=["aim.peace"], within=None, pairs="every pair", base=base, seed=1)
        sure = {
            (*row.first, *row.second) if row.larger_of_all == "first" else (*row.second, *row.first)
            for row in rows
            if row.larger_of_all != "undetermined"
        }
        assert sure == {(row.case, other) for row in known for other in row.smaller}


@settings(max_examples=40)
@given(corpora())
def test_the_surely_larger_and_the_surely_smaller_mirror_each_other(documents):
    rows = {row.case: row for row in ranked(documents, base="searched").rows}
    assert {(a, b) for a in rows for b in rows[a].smaller} == {(a, b) for b in rows for a in rows[b].larger}


def test_ranks_hold_together_about_as_often_as_they_say():
    random = np.random.default_rng(2)
    shares = [0.4, 0.4, 0.6, 0.9]
    held = 0
    for _ in range(150):
        sides = {}
        for i, share in enumerate(shares):
            size = random.choice([1, 2, 5], p=[0.6, 0.3, 0.1], size=12)
            own = random.beta(4 * share, 4 * (1 - share), size=12)
            sides[str(i)] = sums(list(zip(random.binomial(size, own), size, strict=True)), f"{i} ")
        held += all(shares[int(one)] > shares[int(two)] for one, two in surely_larger(sides))
    assert held / 150 >= 0.93


def test_a_share_within_a_category_is_ranked_in_its_own_base():
    documents = {"n/1": "pT", "n/2": "p", "s/1": "tP", "s/2": "t"}
    found = ranked(documents, within="role")
    assert [(row.case, row.side.share) for row in found.rows] == [("n", 1.0), ("s", 0.0)]
    assert found.what == "Peace in Role"
    assert ranked(documents).rows[0].side.share == pytest.approx(2 / 3)


def test_an_unknown_code_or_case_names_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'aim.peace'"):
        ranked(APART, on="aim.peac")
    with pytest.raises(CodingError, match="Did you mean 'role'"):
        ranked(APART, within="roles")
