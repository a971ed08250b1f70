"""A stretch of text stands in the units that it touches, between their neighbours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.model import Document
from coding.surroundings import LONGEST_NEIGHBOUR, cut
from coding.units import unitise

TEXTS = ("One here. Two 😀 there.\n\nThree.  \n\n", "日本は橋である。警察を訓練する。", "without an end", " ")


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.sampled_from(["sentence", "paragraph", "document"]), st.data())
def test_a_cut_finds_the_units_that_a_stretch_touches(text, unit, data):
    document = Document("d", text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    units = unitise(document, unit)
    own = [n for n, u in enumerate(units) if u.overlap(document.segment(start, end))]
    found = cut(document, unit)
    assert list(range(*found.touched(start, end))) == own
    around = [(units[n].start, units[n].end) for n in own] + [(start, end)]
    assert found.around(start, end) == (min(a for a, _ in around), max(b for _, b in around))


def test_neighbours_are_the_units_before_and_after():
    document = Document("d", TEXTS[0])
    found = cut(document, "sentence")
    assert found.neighbours(document.text, 10, 22) == ("One here.", "Three.")
    assert found.neighbours(document.text, 0, 3) == ("", "Two 😀 there.")
    assert found.neighbours(document.text, 24, 30) == ("Two 😀 there.", "")


def test_a_long_neighbour_is_shortened_towards_the_stretch():
    text = f"{'far ' * 100}near. Middle. {'near ' * 100}far."
    start = text.index("Middle")
    before, after = cut(Document("d", text), "sentence").neighbours(text, start, start + 7)
    assert before.startswith("… ")
    assert before.endswith("far near.")
    assert after.startswith("near near")
    assert after.endswith(" …")
    assert len(before) == len(after) == LONGEST_NEIGHBOUR + 2


def test_an_empty_text_has_no_units_and_an_unknown_unit_names_the_nearest():
    assert cut(Document("d", ""), "document").touched(0, 1) == (0, 0)
    with pytest.raises(CodingError, match="Did you mean 'paragraph'"):
        cut(Document("d", "x"), "paragrap")
