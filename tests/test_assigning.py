"""Dealing documents out: everyone gets their share within each donor, and the same seed deals the same."""

import math
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.assigning import deal
from coding.batch import Assignment
from coding.errors import CodingError
from coding.model import Document

CODERS = ("anna", "ben", "carl", "dora")
sizes = st.dictionaries(st.sampled_from(["north", "south", "east"]), st.integers(1, 12), min_size=1)


def documents(sizes):
    return [
        Document(f"{case}/{i}", "word " * (i * 7 % 11 + 1), {"donor": case})
        for case, n in sizes.items()
        for i in range(n)
    ]


def dealt(texts, coders, *, twice=0.0, pilot=0, seed=1, before=(), name="main", blind=True):
    return deal(
        texts, coders, round=name, by="donor", twice=twice, pilot=pilot, blind=blind, seed=seed, before=before
    )


@given(sizes, st.integers(2, 4), st.integers(0, 100), st.integers(0, 99))
def test_each_document_is_read_and_the_stated_share_of_each_donor_twice(sizes, n, percent, seed):
    found = dealt(documents(sizes), CODERS[:n], twice=percent / 100, seed=seed).assignments
    readers = {}
    for one in found:
        readers.setdefault(one.document, []).append(one.coder)
    assert set(readers) == {document.id for document in documents(sizes)}
    assert all(len(set(coders)) == len(coders) <= 2 for coders in readers.values())
    for case, size in sizes.items():
        n_twice = sum(len(coders) == 2 for name, coders in readers.items() if name.startswith(case))
        assert n_twice == math.ceil(Fraction(percent, 100) * size)


@pytest.mark.parametrize(("twice", "n_twice"), [(0.07, 7), (0.14, 14), (0.28, 28), (0.071, 8), (0.2, 20)])
def test_a_share_is_rounded_up_by_what_it_says_not_by_what_its_binary_fraction_adds(twice, n_twice):
    assert len(dealt(documents({"north": 100}), CODERS[:2], twice=twice).assignments) == 100 + n_twice


@given(sizes, st.integers(1, 4), st.integers(0, 99))
def test_within_a_donor_nobody_has_more_than_one_document_more_than_another(sizes, n, seed):
    found = dealt(documents(sizes), CODERS[:n], seed=seed).assignments
    for case in sizes:
        counts = Counter(dict.fromkeys(CODERS[:n], 0))
        counts.update(one.coder for one in found if one.document.startswith(case))
        assert max(counts.values()) - min(counts.values()) <= 1


@given(sizes, st.integers(1, 4), st.integers(1, 9))
def test_everyone_reads_the_pilot_and_it_is_spread_over_the_donors(sizes, n, pilot):
    found = dealt(documents(sizes), CODERS[:n], pilot=pilot).assignments
    chosen = {one.document for one in found}
    assert len(chosen) == min(pilot, sum(sizes.values()))
    assert {(one.coder, one.document) for one in found} == {(c, d) for c in CODERS[:n] for d in chosen}
    in_cases = Counter(document.split("/")[0] for document in chosen)
    for case, size in sizes.items():
        assert in_cases[case] >= min(size, pilot // len(sizes))


@given(sizes, st.floats(0, 1), st.integers(0, 99))
def test_the_same_seed_deals_the_same(sizes, twice, seed):
    one, other = (
        [(a.coder, a.document) for a in dealt(documents(sizes), CODERS, twice=twice, seed=seed).assignments]
        for _ in range(2)
    )
    assert one == other


@given(sizes, st.integers(1, 9), st.integers(0, 99), st.integers(0, 99))
def test_who_joins_a_pilot_later_reads_the_same_documents_as_the_others(sizes, pilot, seed, later):
    texts = documents(sizes)
    first = dealt(texts, CODERS[:2], pilot=pilot, seed=seed, name="pilot").assignments
    joined = dealt(texts, CODERS[:3], pilot=pilot, seed=later, name="pilot", before=first)
    assert {one.coder for one in joined.assignments} == {"carl"}
    assert {one.document for one in joined.assignments} == {one.document for one in first}
    assert joined.already == ()
    again = dealt(texts, CODERS[:3], pilot=pilot, name="pilot", before=[*first, *joined.assignments])
    assert again.assignments == ()
    assert set(again.already) == {one.document for one in first}


@given(sizes, st.integers(1, 5), st.integers(1, 5))
def test_a_pilot_that_is_enlarged_keeps_its_documents_and_is_spread_as_a_new_one(sizes, pilot, more):
    texts = documents(sizes)
    first = dealt(texts, ["anna"], pilot=pilot, seed=1, name="pilot").assignments
    added = dealt(texts, ["anna", "ben"], pilot=pilot + more, seed=2, name="pilot", before=first).assignments
    of_ben = {one.document for one in added if one.coder == "ben"}
    of_anna = {one.document for one in (*first, *added) if one.coder == "anna"}
    assert of_ben == of_anna
    assert len(of_ben) == min(pilot + more, len(texts))
    in_cases = Counter(document.split("/")[0] for document in of_ben)
    assert all(in_cases[case] >= min(size, (pilot + more) // len(sizes)) for case, size in sizes.items())


def test_pairs_of_readers_take_turns():
    found = dealt(documents({"north": 12, "south": 12}), CODERS[:3], twice=1.0).assignments
    readers = {}
    for one in found:
        readers.setdefault(one.document, set()).add(one.coder)
    counts = Counter(map(frozenset, readers.values()))
    assert len(counts) == 3
    assert max(counts.values()) - min(counts.values()) <= 2


def test_what_is_in_the_round_already_is_left_alone():
    texts = documents({"north": 4})
    before = [Assignment("1", "zoe", "north/2", "main"), Assignment("2", "zoe", "north/3", "pilot")]
    found = dealt(texts, ["anna"], before=before)
    assert {one.document for one in found.assignments} == {"north/0", "north/1", "north/3"}
    assert found.already == ("north/2",)


@pytest.mark.parametrize(
    ("coders", "twice", "said"),
    [
        ([], 0, "nobody to read. Name coders"),
        (["anna", "anna"], 0, "named twice"),
        (["anna"], 0.5, "Name another"),
        (["anna", "ben"], 1.5, "between 0 and 1"),
        (["a b"], 0, "cannot be a coder's name"),
    ],
)
def test_what_cannot_be_dealt_says_why(coders, twice, said):
    with pytest.raises(CodingError, match=said):
        dealt(documents({"north": 2}), coders, twice=twice)


def test_without_documents_it_says_how_to_bring_some_in():
    with pytest.raises(CodingError, match="nothing to be read.*coding add"):
        dealt([], ["anna"])
