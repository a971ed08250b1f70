"""Units cut a text without loss; the one projection says 1, 0 or not read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code
from coding.errors import CodingError, StaleText
from coding.model import Coded, Coder, Corpus, Document, Reading, machine_coded
from coding.units import on_units, paragraph_spans, sentence_spans, unitise

TEXT = "Japan trains police. Korea builds centres.\n\nBoth hold a dialogue."
ROLE, ACT = Code("role", "Role", "d"), Code("act", "Act", "d")
RULES = Coder("rules", "rules")

prose = st.text(st.sampled_from("ab .!?\n\t\u3000\u00a0日。😀e\u0301"), max_size=60)


@given(prose)
def test_every_visible_code_point_lies_in_exactly_one_sentence_and_paragraph(text):
    for spans in (sentence_spans(text), paragraph_spans(text)):
        inside = [i for start, end in spans for i in range(start, end)]
        assert len(inside) == len(set(inside))
        assert {i for i, c in enumerate(text) if not c.isspace()} <= set(inside)


@given(prose)
def test_units_are_in_order_and_begin_and_end_with_words(text):
    for spans in (sentence_spans(text), paragraph_spans(text)):
        assert list(spans) == sorted(spans)
        assert all(text[s:e] == text[s:e].strip() for s, e in spans)


def test_a_sentence_never_crosses_a_blank_line():
    assert [TEXT[s:e] for s, e in sentence_spans("The heading\n\nThe text.")] != []
    assert ["The heading\n\nThe text."[s:e] for s, e in sentence_spans("The heading\n\nThe text.")] == [
        "The heading",
        "The text.",
    ]


def test_abbreviations_and_broken_lines_do_not_end_a_sentence():
    text = "Mr. Sato met the U.S. envoy on\n3.5 per cent of aid. Then he left."
    assert [text[s:e] for s, e in sentence_spans(text)] == [text[:51], "Then he left."]


def test_an_unknown_unit_names_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'sentence'"):
        unitise(Document("d", TEXT), "sentense")


def projected(coded, *, unit="sentence", counts="any", counts_for=None):
    corpus = Corpus((Document("d", TEXT),))
    return on_units(
        coded, corpus, unit=unit, counts=counts, counts_for=counts_for or {"role": ("role",), "act": ("act",)}
    )


def coded_at(quote, code=ROLE):
    document = Document("d", TEXT)
    start = TEXT.index(quote)
    return machine_coded(document.segment(start, start + len(quote)), code, RULES, "r")


def read(*segments):
    return Coded(segments, (Reading("rules", Document("d", TEXT).whole, kind="rules"),))


def test_silence_means_no_only_where_somebody_read():
    document = Document("d", TEXT)
    coded = Coded((coded_at("trains"),), (Reading("a", document.segment(0, 42), ("role",)),))
    assert projected(coded).column("role").tolist() == [1, 0, -1]
    assert projected(coded).column("act").tolist() == [-1, -1, -1]


def test_a_segment_counts_only_where_its_text_was_read_and_is_named_otherwise():
    coded = Coded((coded_at("dialogue"),), (Reading("a", Document("d", TEXT).segment(0, 20), ("role",)),))
    found = projected(coded)
    assert found.column("role").tolist() == [0, -1, -1]
    assert found.unread == coded.segments
    assert projected(read(coded_at("dialogue"))).unread == ()


@pytest.mark.parametrize(("kind", "value"), [("rules", 0), ("person", -1), ("model", -1)])
def test_rules_look_for_a_code_by_those_below_it_and_others_only_where_they_say_so(kind, value):
    coded = Coded((), (Reading("a", Document("d", TEXT).whole, ("act",), kind=kind),))
    found = projected(coded, counts_for={"act": ("act", "role"), "role": ("role",)})
    assert found.column("act").tolist() == [0, 0, 0]
    assert found.column("role").tolist() == [value] * 3
    assert projected(coded).column("role").tolist() == [-1, -1, -1]


def test_a_reading_of_all_codes_reads_all():
    coded = Coded((), (Reading("a", Document("d", TEXT).whole),))
    assert (projected(coded).values == 0).all()


def test_any_overlap_counts_for_every_unit_and_the_greater_part_for_one():
    crossing = read(coded_at("police. Korea builds"))
    assert projected(crossing).column("role").tolist() == [1, 1, 0]
    assert projected(crossing, counts="greater part").column("role").tolist() == [0, 1, 0]


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 30)), max_size=8))
def test_the_greater_part_conserves_segments(places):
    document = Document("d", TEXT)
    segments = [document.segment(s, min(s + n, len(TEXT))) for s, n in places]
    coded = read(*(machine_coded(s, ROLE, RULES, "r") for s in dict.fromkeys(segments)))
    found = projected(coded, counts="greater part")
    in_a_unit = [s for s in coded.segments if any(u.overlap(s.segment) for u in found.units)]
    assert sum(len(evidence) for evidence in found.evidence.values()) == len(in_a_unit)


def test_a_segment_counts_for_all_that_its_code_counts_for():
    coded = read(coded_at("trains", ACT))
    found = projected(coded, counts_for={"act": ("act", "role"), "role": ("role",)})
    assert found.column("role").tolist() == [1, 0, 0]
    assert found.evidence[0, "role"] == coded.segments


def test_a_changed_text_is_never_projected():
    with pytest.raises(StaleText):
        on_units(
            Coded((coded_at("trains"),)),
            Corpus((Document("d", TEXT + "!"),)),
            unit="sentence",
            counts="any",
            counts_for={"role": ("role",)},
        )


def test_a_person_is_told_from_a_machine():
    whole = Document("d", TEXT).whole
    by_rules = projected(Coded((), (Reading("rules", whole, kind="rules"),)))
    by_person = projected(Coded((), (Reading("a", whole),)))
    assert not by_rules.by_person.any()
    assert np.all(by_person.by_person)
