"""What differs between codebooks: every kind of difference is told once, and nothing else is."""

from dataclasses import replace

import pytest
from drawn import codebooks
from hypothesis import HealthCheck, given, settings

from coding.codebook import Code, Codebook, Example, Rule
from coding.differences import Difference, compare, in_short

POLICE = Rule("police", "phrase", ("police",), matches=(Example("The police."),))
ROLE = Code("role", "Role", "What it does for others.")
BRIDGE = Code("role.bridge", "Bridge", "It joins.", parent="role", rules=(POLICE,))
BOOK = Codebook("book", "1.0.0", (ROLE, BRIDGE))


def of(*codes, **changes):
    return replace(BOOK, codes=codes, **changes)


@given(codebooks())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_codebook_does_not_differ_from_itself(book):
    assert compare(book, book) == ()


@given(codebooks(), codebooks())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_is_added_one_way_is_removed_the_other(one, other):
    there, back = compare(one, other), compare(other, one)
    assert {d.code for d in there if d.kind == "added"} == {d.code for d in back if d.kind == "removed"}
    assert {d.code for d in there if d.kind == "retired"} == {d.code for d in back if d.kind == "restored"}
    assert {(d.code, d.what) for d in there if d.kind == "meaning"} == {
        (d.code, d.what) for d in back if d.kind == "meaning"
    }


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (of(ROLE), [Difference("removed", "role.bridge", old="Bridge")]),
        (of(ROLE, BRIDGE, Code("own", "Own", "x")), [Difference("added", "own", new="Own")]),
        (of(ROLE, replace(BRIDGE, name="Bridges")), [Difference("renamed", "role.bridge", "name", "Bridge", "Bridges")]),
        (of(ROLE, replace(BRIDGE, parent=None)), [Difference("moved", "role.bridge", "parent", "role", None)]),
        (of(ROLE, replace(BRIDGE, retired=True)), [Difference("retired", "role.bridge")]),
        (of(ROLE, replace(BRIDGE, exclude="Tunnels.")), [Difference("reworded", "role.bridge", "exclude", None, "Tunnels.")]),
        (of(ROLE, replace(BRIDGE, examples=("a", "b"))), [Difference("reworded", "role.bridge", "examples", None, "a; b")]),
        (of(ROLE, replace(BRIDGE, implies=("role",))), [Difference("meaning", "role.bridge", "implies", None, "role")]),
        (of(ROLE, replace(BRIDGE, rules=())), [Difference("meaning", "role.bridge", "rule police", "Phrase: police", None)]),
        (
            of(ROLE, replace(BRIDGE, rules=(replace(POLICE, unless=("no",)),))),
            [Difference("meaning", "role.bridge", "rule police", "Phrase: police", "Phrase: police; Unless: no, in the 3 words before")],
        ),
        (
            of(ROLE, replace(BRIDGE, rules=(replace(POLICE, rejects=(Example("Politics."),)),))),
            [Difference("examples", "role.bridge", "rule police", "matches The police.", "matches The police.; rejects Politics.")],
        ),
        (replace(BOOK, families={"category": ("role",)}), [Difference("family", "category", "", None, "role")]),
        (replace(BOOK, language="ja"), [Difference("language", "book", "", "en", "ja")]),
        (replace(BOOK, version="2.0.0"), []),
        (of(BRIDGE, ROLE), []),
    ],
)  # fmt: skip
def test_each_difference_is_told_with_what_was_and_what_is(after, found):
    assert list(compare(BOOK, after)) == found


def test_a_code_with_another_id_and_the_same_words_is_probably_moved():
    found = compare(BOOK, of(ROLE, replace(BRIDGE, id="own", parent=None)))
    assert [d.kind for d in found] == ["removed", "added", "probably moved"]
    assert found[-1] == Difference("probably moved", "own", "id", "role.bridge", "own")


def test_of_two_that_look_alike_none_is_probably_moved():
    twins = (replace(BRIDGE, id="one"), replace(BRIDGE, id="two"))
    assert "probably moved" not in {d.kind for d in compare(BOOK, of(ROLE, *twins))}


LONG = "Phrase: (robbery|piracy|fraud) ..4 (at sea|in ports|on roads), in the waters of the region, within a sentence"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Role", "Roles", "'Role' → 'Roles'"),
        (None, "A police.", "A police."),
        ("Gone.", None, "Gone."),
        (None, None, ""),
        ("Role", "Role", "the same in words"),
        (
            LONG,
            LONG.replace("piracy|", ""),
            "'piracy' taken out in 'Phrase: (robbery|piracy|fraud) ..4 (at sea|in…'",
        ),
        (
            LONG,
            LONG.replace("ports|", "ports|under water|"),
            "'under water' added in '…) ..4 (at sea|in ports|under water|on roads), in the…'",
        ),
        (
            LONG,
            LONG.replace("..4", "..2"),
            "'4' → '2' in '…|piracy|fraud) ..4 (at sea|in ports|on…'",
        ),
    ],
)
def test_of_a_long_text_what_differs_is_shown_with_words_around_it(old, new, said):
    assert in_short(Difference("meaning", "role", "rule police", old, new)) == said


@given(codebooks(), codebooks())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_differs_is_never_shown_alike(one, other):
    for each in compare(one, other):
        if each.old and each.new:
            assert in_short(each)


def test_texts_with_little_in_common_are_both_shown_whole():
    old, new = (
        "It does this and that for people at home. " * 3,
        "Others, elsewhere, want something: money! " * 3,
    )
    assert in_short(Difference("reworded", "role", "definition", old, new)) == f"'{old}' → '{new}'"
