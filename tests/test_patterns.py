"""The language of phrases: what a pattern stands for, and what it refuses."""

import re
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.patterns import Gap, PatternError, Word, parse, sequences


def written(pattern):
    return [" ".join(map(shown, sequence)) for sequence in sequences(parse(pattern))]


def shown(item):
    return f"..{item.most}" if isinstance(item, Gap) else item.word + "*" * item.prefix


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
        ("(a|a)", ["a", "a"]),
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
        ("schol*ship", "column 6: '*' stands at the end of a word only"),
        ("(" * 21 + "a" + ")" * 21, "column 21: more than 20 brackets"),
    ],
)
def test_a_wrong_pattern_says_where_and_why(pattern, message):
    with pytest.raises(PatternError, match=re.escape(message)):
        parse(pattern)


@given(st.text("ab()|?*. -'5", max_size=25))
def test_any_text_is_parsed_or_refused_never_crashes(pattern):
    try:
        phrase = parse(pattern)
    except CodingError:
        return
    for sequence in islice(sequences(phrase), 1000):
        assert isinstance(sequence[0], Word)
        assert isinstance(sequence[-1], Word)
        assert not any(isinstance(a, Gap) and isinstance(b, Gap) for a, b in pairwise(sequence))


def test_many_alternatives_cost_no_more_than_they_are_long():
    phrase = parse(" ".join(["(a|b|c)?"] * 40) + " d")
    assert len(phrase.items) == 41
