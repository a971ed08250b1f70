"""A text changed at single places reads as before and as was meant; a comment stays with what it speaks of."""

import pytest
from edited import WORDS, plain
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coding.formats import splice
from coding.formats.yaml import parse


def values(text):
    return parse(text, name="case.yaml").values


@pytest.mark.parametrize(
    "text",
    [
        "documents:\n  a.txt:\n    title: x\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    title: x   # of x\n\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    about:\n      - x   # of x\n      - y\n  # more\n\n\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt: {title: x}   # of x\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    title: x\n\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    title: x\n",
    ],
)
def test_a_comment_stays_with_what_it_speaks_of(text):
    edited = splice.append(text, ["documents"], {"b.txt": {"title": "z"}})
    new = "  b.txt:\n    title: z\n"
    assert edited.count(new) == 1
    assert edited.replace(new, "") == text
    assert "# of homonyms\n" not in edited or "# of homonyms\nhomonyms" in edited


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("c: {a: x, }   # of c\n", "c: {a: x, b: z, }   # of c\n"),
        ("c: {a: x,\n    n: y}\n", "c: {a: x,\n    n: y, b: z}\n"),
        ("c: {\n  a: x   # of x\n}\n", "c: {\n  a: x,   # of x\n  b: z\n}\n"),
        ("c: {\n  a: x,   # of x\n}\n", "c: {\n  a: x,   # of x\n  b: z,\n}\n"),
        ("c: {\n  a: x   # of x\n  , n: y   # of y\n}\n", "c: {\n  a: x   # of x\n  , n: y,   # of y\n    b: z\n}\n"),
        ("c: {\n  # none yet\n}\n", "c: {\n  # none yet\nb: z}\n"),
    ],
)  # fmt: skip
def test_between_brackets_too_a_comment_stays_beside_what_it_speaks_of(text, becomes):
    assert splice.append(text, ["c"], {"b": "z"}) == becomes
    assert values(becomes) == {"c": {**values(text)["c"], "b": "z"}}


@pytest.mark.parametrize(
    "text",
    [
        "documents: {a.txt: {title: x}, }\n",
        "documents: {\n  a.txt: {title: x}   # of x\n}\nhomonyms: [y]\n",
        "documents: {\n}   # none\nhomonyms: [y]\n",
        "documents:\n    a.txt:\n        title: |\n          x\n          y\n\n    # more\nhomonyms: [y]",
        "documents:\n  a.txt:\n    title: |+\n      x\n\n\n# of homonyms\nhomonyms: [y]\n",
        "documents:\n  a.txt:\n    title:\n# more\nhomonyms: [y]",
        "documents: &all\n  a.txt: {title: x}\n",
        "---\n😀: [y]\ndocuments:\n  a.txt:\n    title: 'x\n      y'\n...\n",
    ],
)
def test_whatever_way_a_file_is_written_what_is_added_reads_beside_what_was_there(text):
    after = values(splice.append(text, ["documents"], {"b.txt": {"title": "z"}}))
    before = values(text)
    assert after == {**before, "documents": {**before["documents"], "b.txt": {"title": "z"}}}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("cases: []   # none\n", "cases: [x, y]   # none\n"),
        ("cases: [a]\n", "cases: [a, x, y]\n"),
        ("cases: [\n  a,   # ours\n  b   # theirs\n]\n", "cases: [\n  a,   # ours\n  b,   # theirs\n  x, y\n]\n"),
        ("cases:\n- a   # ours\n# Which:\nyears: {}\n", "cases:\n- a   # ours\n- x\n- y\n# Which:\nyears: {}\n"),
        ("cases:\n  - a\n  - |\n    b\n\n# the end", "cases:\n  - a\n  - |\n    b\n  - x\n  - y\n\n# the end"),
    ],
)  # fmt: skip
def test_members_of_a_list_are_added_in_its_manner(text, becomes):
    assert splice.append(text, ["cases"], ["x", "y"]) == becomes
    assert values(becomes)["cases"] == [*values(text)["cases"], "x", "y"]


@settings(max_examples=300, deadline=None)
@given(
    text=st.sampled_from(
        ["of:\n  a: {n: 1}   # one\n", "of: {a: {n: 1}}\n", "of: {\n  a: {n: 1}   # one\n}\n", "of: {}\n"]
    ),
    key=WORDS.map(plain).filter(lambda words: words and words != "a"),
    words=WORDS.map(plain),
    number=st.integers(),
)
def test_keys_and_values_come_back_as_they_were_given(text, key, words, number):
    more = {key: {"title": words, "year": number, "about": [words, "x"]}}
    after = splice.append(text, ["of"], more)
    assert values(after)["of"] == {**values(text)["of"], **more}
    assert "# one" not in text or "{n: 1}   # one\n" in after.replace("},", "}")


@settings(max_examples=100, deadline=None)
@given(words=WORDS.map(plain).filter(bool), column=st.integers(0, 6))
@example(words="a" * 90 + " b", column=6)
def test_no_line_is_longer_than_words_make_it(words, column):
    said = splice.put(" " * column + "x: y\n", ["z"], words)
    longest = max(map(len, words.split()), default=0)
    wide = max(map(len, said.split("\n")))
    assert "z: >" not in said or wide <= max(splice.WIDTH, column + 2 + longest)
