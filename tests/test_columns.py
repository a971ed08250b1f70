"""Columns of yes and no say what the projection says of every unit and code."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.codebook import Code, Codebook, Rule
from coding.columns import Cut, Projected
from coding.matrix import counts_for
from coding.model import Case, Coded, CodedSegment, Corpus, Document, Reading
from coding.units import PRESENT, UNREAD, on_units, unitise

RULE = Rule("r", "phrase", ("word",))
BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("role", "Role", "d"),
        Code("role.bridge", "Bridge", "d", parent="role", implies=("aim.peace",), rules=(RULE,)),
        Code("aim", "Aim", "d"),
        Code("aim.peace", "Peace", "d", parent="aim", rules=(RULE,)),
        Code("old", "Old", "d", retired=True),
    ),
)
CODES = [code.id for code in BOOK.codes if not code.retired]
CORPUS = Corpus(
    tuple(
        Document(f"norland/{i}", text, {"donor": "norland"})
        for i, text in enumerate(
            (
                "One sentence. Another one.\n\nA second paragraph. With two.",
                "🙂 Short.",
                "Three. Small. Words.",
            )
        )
    ),
    {"norland": Case("norland", "Norland")},
)
UNITS = ("sentence", "paragraph", "document")


@st.composite
def coded(draw):
    segments, readings = [], []
    for n in range(draw(st.integers(0, 8))):
        place = draw(st.sampled_from(CORPUS.documents))
        start = draw(st.integers(0, len(place.text) - 1))
        end = draw(st.integers(start + 1, len(place.text)))
        code = draw(st.sampled_from([*CODES, "old"]))
        segments.append(CodedSegment(str(n), place.segment(start, end), code, "", "anna"))
    for n in range(draw(st.integers(0, 4))):
        place = draw(st.sampled_from(CORPUS.documents))
        start = draw(st.integers(0, len(place.text) - 1))
        codes = draw(st.none() | st.lists(st.sampled_from(CODES), min_size=1, unique=True).map(tuple))
        kind = draw(st.sampled_from(["person", "rules"]))
        readings.append(Reading(f"c{n}", place.segment(start, len(place.text)), codes, kind=kind))
    return Coded(tuple(segments), tuple(readings))


@settings(max_examples=200)
@given(
    coded(), st.sampled_from(UNITS), st.sampled_from(["any", "greater part"]), st.booleans(), st.booleans()
)
def test_columns_are_those_of_the_projection(given_, unit, counts, rollup, implies):
    counting = {code: counts_for(code, BOOK, rollup=rollup, implies=implies) for code in CODES}
    expected = on_units(given_, CORPUS, unit=unit, counts=counts, counts_for=counting)
    cut = Cut.of(CORPUS, unit, by="donor", among=["norland"])
    found = Projected(cut, given_, BOOK, counts=counts, rollup=rollup, implies=implies)
    for code in CODES:
        column = expected.column(code)
        assert (found.read(code) == (column != UNREAD)).all()
        assert (found.bears(code) == (column == PRESENT)).all()
    of_family = [expected.column(code) == PRESENT for code in ("role", "role.bridge")]
    assert (found.bears_any("role") == np.logical_or.reduce(of_family)).all()


@pytest.mark.parametrize("unit", UNITS)
def test_units_laid_end_to_end_are_found_again(unit):
    cut = Cut.of(CORPUS, unit, by="donor", among=None)
    units = [each for document in CORPUS for each in unitise(document, unit)]
    for row, each in enumerate(units):
        begin = cut.begins[each.document]
        assert cut.rows(begin + each.start, begin + each.end) == slice(row, row + 1)
        assert cut.documents[row] == each.document
    assert cut.cases["norland"].all()
