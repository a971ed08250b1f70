"""Two texts side by side: matches are equal words in order; what could as well be another is told."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.aligning import align, likeness

TEXTS = st.text(alphabet=list("ab e\u0301.\né海は😀\u200d"), max_size=40)


def matched(old, new):
    """Return the pairs of words that were matched."""
    found = align(old, new)
    return [
        (old[found.starts[i] : found.ends[i]], new[found.new_starts[j] : found.new_ends[j]])
        for i, j in enumerate(found.image)
        if j >= 0
    ]


@given(TEXTS, TEXTS)
def test_what_is_matched_is_the_same_and_in_order(old, new):
    found = align(old, new)
    assert all(one == other for one, other in matched(old, new))
    images = [j for j in found.image if j >= 0]
    assert all(j < after for j, after in pairwise(images))


@given(TEXTS)
def test_a_text_is_its_own_match_and_nothing_of_it_slides(text):
    found = align(text, text)
    assert found.image == list(range(len(found.starts)))
    assert not any(found.sliding)
    assert list(found.gaps()) == []


@given(TEXTS, TEXTS)
def test_gaps_and_matches_hold_every_word_of_both_texts_once(old, new):
    found = align(old, new)
    gaps = list(found.gaps())
    n_matched = len(found.matched)
    assert sum(gap.end - gap.start for gap in gaps) + n_matched == len(found.starts)
    assert sum(gap.new_end - gap.new_start for gap in gaps) + n_matched == len(found.new_starts)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's a test.", ["It", "'", "s", "a", "test", "."]),
        ("サイバー攻撃", list("サイバー攻撃")),
        ("cafe\u0301 1,5", ["cafe\u0301", "1", ",", "5"]),
        ("한국어 훈련", ["한국어", "훈련"]),
        ("APT攻撃", ["APT", "攻", "撃"]),
    ],
)
def test_words_are_those_of_the_script(text, words):
    found = align(text, "")
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == words


def test_what_could_stand_on_either_side_of_a_deletion_slides():
    found = align("A. Yes sir. Yes sir. B", "A. Yes sir. B")
    assert found.sliding[2:4] == [True, True]
    assert not found.sliding[0]
    assert not found.sliding[-1]


def test_two_texts_that_share_a_word_by_chance_share_nothing():
    old = (
        "alpha "
        + " ".join(f"old{i}" for i in range(40))
        + " treaty "
        + " ".join(f"was{i}" for i in range(40))
    )
    new = (
        "beta " + " ".join(f"new{i}" for i in range(40)) + " treaty " + " ".join(f"now{i}" for i in range(40))
    )
    assert matched(old, new) == []


def test_what_was_put_in_has_no_origin_and_what_was_mended_has_the_one_of_its_place():
    found = align("It is tbe norm.", "It is not the norm.")
    put_in = [i for i, origin in enumerate(found.origins) if origin == (0, 0)]
    assert [found.new[found.new_starts[i] : found.new_ends[i]] for i in put_in] == ["not", "the"]
    mended = align("It is tbe co-\noperation of all.", "It is the cooperation of all.")
    assert (0, 0) not in mended.origins
    other = align("It is a norm of states.", "It is a norm of all states.")
    assert other.origins[5] == (0, 0)
    assert other.origins[6] == (16, 22)


@given(TEXTS, TEXTS)
def test_likeness_is_a_share_and_the_same_is_most_alike(one, other):
    assert 0 <= likeness(one, other) <= 1
    assert not one or likeness(one, one) == 1
