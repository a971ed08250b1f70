"""What stands around coded words, and lines over and under them that never run into each other."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from coding.model import CodedSegment, Document
from coding.surroundings import LONGEST_NEIGHBOUR
from coding.web.passage import pieces, stretch

TEXT = "Norland trains 👩🏽‍✈️ police. It is a bridge to 日本. Then it rests."
DOCUMENT = Document("d", TEXT)


def segments(coder):
    spans = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 20))
    return st.lists(spans, max_size=6).map(
        lambda drawn: [
            CodedSegment(f"{coder}{i}", DOCUMENT.segment(s, min(s + n, len(TEXT))), "role", "m", coder)
            for i, (s, n) in enumerate(drawn)
        ]
    )


@given(segments("anna"), segments("ben"))
def test_every_word_stands_once_with_exactly_the_lines_of_its_segments(first, second):
    found, at = pieces(TEXT, 0, len(TEXT), first, second), 0
    for piece in found:
        for lines, given_ in ((piece.above, first), (piece.below, second)):
            over = {s.id for s in given_ if s.segment.start < at + len(piece.words) and at < s.segment.end}
            assert {s.id for _, s in lines} == over
            assert [level for level, _ in lines] == sorted({level for level, _ in lines})
        at += len(piece.words)
    assert "".join(piece.words for piece in found) == TEXT


@given(segments("anna"))
def test_segments_that_share_words_have_lines_on_different_levels_all_along(drawn):
    levels = {}
    for piece in pieces(TEXT, 0, len(TEXT), drawn, ()):
        for level, segment in piece.above:
            assert levels.setdefault(segment.id, level) == level
    for one, other in combinations(drawn, 2):
        if one.segment.overlap(other.segment):
            assert levels[one.id] != levels[other.id]


def test_a_passage_stands_in_its_sentences_between_their_neighbours():
    start = TEXT.index("bridge")
    found = stretch(DOCUMENT, start, start + 6)
    assert found.words(found.first, found.last) == "It is a bridge to 日本."
    assert found.words(found.start, found.end) == TEXT
    assert (found.cut_before, found.cut_after) == (False, False)


def test_a_passage_across_sentences_stands_in_all_of_them():
    found = stretch(DOCUMENT, TEXT.index("police"), TEXT.index("bridge"))
    assert found.words(found.first, found.last) == TEXT[: TEXT.index(" Then")]
    assert found.words(found.last, found.end) == " Then it rests."


def test_long_neighbours_are_cut_and_that_is_said():
    long = "word " * 100 + "end."
    document = Document("d", f"{long} It is a bridge. {long}")
    start = document.text.index("bridge")
    found = stretch(document, start, start + 6)
    assert (found.cut_before, found.cut_after) == (True, True)
    assert found.first - found.start == found.end - found.last == LONGEST_NEIGHBOUR


@given(st.text(max_size=60), st.integers(0, 59), st.integers(1, 60))
def test_a_stretch_holds_its_passage_whatever_the_text(text, start, n):
    start, end = min(start, len(text)), min(start + n, len(text))
    if start < end:
        found = stretch(Document("d", text), start, end)
        assert 0 <= found.start <= found.first <= start < end <= found.last <= found.end <= len(text)
