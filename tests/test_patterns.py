"""The language of phrases: what a pattern stands for, and what it refuses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.patterns import PatternError, Term, parse


def written(pattern):
    return [
        " ".join((f"..{t.gap} " if t.gap else "") + t.word + ("*" if t.prefix else "") for t in sequence)
        for sequence in parse(pattern)
    ]


@pytest.mark.parametrize(
    ("pattern", "sequences"),
    [
        ("norm entrepreneur", ["norm entrepreneur"]),
        ("(a b|c) d", ["a b d", "c d"]),
        ("a b? c", ["a b c", "a c"]),
        ("(a|b)? c", ["a c", "b c", "c"]),
        ("train* .. police", ["train* ..3 police"]),
        ("train* ..7 police", ["train* ..7 police"]),
        ("a..b", ["a ..3 b"]),
        ("((a|b) c)? d", ["a c d", "b c d", "d"]),
        ("a? a", ["a a", "a"]),
        ("(a|a)", ["a"]),
    ],
)
def test_a_pattern_stands_for_these_sequences(pattern, sequences):
    assert written(pattern) == sequences


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "a word is missing"),
        ("   ", "a word is missing"),
        ("(a|b", "column 1: this '(' is never closed"),
        ("a) b", "column 2: a ')' without its '('"),
        ("a | b", "'|' stands only inside"),
        ("(a||b)", "column 4: a word is missing"),
        ("()", "a word is missing"),
        ("?a", "'?' follows a word"),
        (".. a", "a gap '..' needs a word before"),
        ("a ..", "a gap '..' needs a word before"),
        ("a .. .. b", "a gap '..' needs a word before"),
        ("a ..0 b", "a gap '..0' holds no word"),
        ("a? .. b", "a gap '..' needs a word before"),
        ("a?", "can stand for no word at all"),
        ("* a", "unexpected character"),
        ("(a|b)" * 12, "more than 2000 alternatives"),
    ],
)
def test_a_wrong_pattern_says_where_and_why(pattern, message):
    with pytest.raises(PatternError, match=re.escape(message)):
        parse(pattern)


@given(st.text("ab()|?*. -'5", max_size=25))
def test_any_text_is_parsed_or_refused_never_crashes(pattern):
    try:
        sequences = parse(pattern)
    except CodingError:
        return
    assert all(isinstance(term, Term) for sequence in sequences for term in sequence)
    assert all(sequences)
