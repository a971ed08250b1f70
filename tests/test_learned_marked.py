"""What people marked in a unit teaches beside the unit itself, and nothing is said of how good a model is by it."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook, Example, Rule
from coding.model import Coded, CodedSegment, Coder, Corpus, Document, Reading, machine_coded
from coding.taggers.learned import LearnedTagger, Recipe
from coding.taggers.learned.training import training_set
from coding.units import unitise

GROUPS = Code(
    "groups", "Groups", "People with something in common.",
    rules=(Rule("words", "phrase", ("young", "nurses"), matches=(Example("The young."),)),),
)  # fmt: skip
BOOK = Codebook("book", "1.0.0", (GROUPS, Code("other", "Other", "Anything else.")))
TEXT = "We help \U0001f600 young people and nurses today. \r\nRoads are long.\n\n\u65e5\u672c\u306f\u5e73\u548c\u3092\u7bc9\u304f\u3002 Cafe\u0301 owners pay tax."
SENTENCES = unitise(Document("d", TEXT), "sentence")


def at(words, coder="anna", code=GROUPS, document="d", text=TEXT):
    start = text.index(words)
    place = Document(document, text).segment(start, start + len(words))
    return CodedSegment(f"{coder}{start}-{len(words)}{code.id}", place, code.id, code.meaning, coder)


def of(*segments, readings=None, text=TEXT):
    document = Document("d", text)
    if readings is None:
        readings = [Reading(coder, document.whole) for coder in dict.fromkeys(s.coder for s in segments)]
    return training_set(
        Coded(segments, tuple(readings)), Corpus((document,)), BOOK,
        codes=("groups", "other"), unit="sentence", counts="any", rollup=False, weak=None,
    )  # fmt: skip


def texts(found):
    return [(each.document.text, each.bears) for each in found.marked]


def test_what_was_marked_bears_the_code_and_what_was_left_does_not():
    found = of(at("young people"), at("owners"))
    assert texts(found) == [
        ("young people", True), ("We help \U0001f600 and nurses today.", False),
        ("owners", True), ("Cafe\u0301 pay tax.", False),
    ]  # fmt: skip
    assert [(each.row, each.column) for each in found.marked] == [(0, 0), (0, 0), (3, 0), (3, 0)]


def test_several_passages_of_a_unit_stand_beside_one_another_and_once():
    found = of(at("young people"), at("people and"), at("nurses"), at("young", "ben"))
    assert texts(found) == [
        ("young people and ; nurses", True), ("We help \U0001f600 today.", False)
    ]  # fmt: skip


def test_who_marked_a_whole_unit_or_several_has_not_said_which_words_bear_the_code():
    assert of(at("Roads are long.")).marked == ()
    assert of(at("Roads are long")).marked == ()  # a full stop is no word
    crossing = at(TEXT[TEXT.index("nurses") : TEXT.index(" are long")])
    assert texts(of(crossing)) == [
        ("nurses today.", True), ("We help \U0001f600 young people and", False),
        ("Roads", True), ("are long.", False),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 40)), min_size=1, max_size=5))
def test_no_letter_of_a_unit_is_lost_or_stands_twice(places):
    document = Document("d", TEXT)
    segments = [
        CodedSegment(f"{n}", document.segment(a, min(a + size, len(TEXT))), "groups", GROUPS.meaning, "anna")
        for n, (a, size) in enumerate(places)
    ]
    found = of(*segments)
    inside = {i for s in segments for i in range(s.segment.start, s.segment.end)}
    for marked, rest in zip(found.marked[::2], found.marked[1::2], strict=True):
        unit = found.units[marked.row]
        assert (marked.bears, rest.bears, rest.row) == (True, False, marked.row)
        for one, wanted in ((marked, True), (rest, False)):
            there = [TEXT[i] for i in range(unit.start, unit.end) if (i in inside) is wanted]
            assert "".join(one.document.text.replace(" ; ", "").split()) == "".join("".join(there).split())


def test_words_that_a_machine_marked_are_nobodys():
    document = Document("d", TEXT)
    by_rules = machine_coded(at("young").segment, GROUPS, Coder("rules", "rules"), "young")
    accepted = Reading("anna", by_rules.segment, ("groups",))
    readings = [Reading("rules", document.whole, kind="rules"), accepted]
    assert of(by_rules, readings=readings).marked == ()
    assert of(by_rules, at("nurses"), readings=[*readings, Reading("anna", document.whole)]).marked == ()


def test_of_a_unit_that_was_read_in_part_nobody_knows_what_was_left():
    place = at("young people")
    assert of(place, readings=[Reading("anna", place.segment)]).marked == ()
    other = Reading("anna", Document("d", TEXT).whole, ("other",))
    assert of(place, readings=[Reading("anna", place.segment, ("groups",)), other]).marked == ()
    assert len(of(place, readings=[Reading("anna", SENTENCES[0])]).marked) == 2


def test_what_was_marked_is_part_of_what_identifies_a_training_set():
    assert of(at("young people")).digest != of(at("young")).digest
    assert of(at("Roads are long.")).digest == of(at("Roads are long")).digest


# What a model learns of it


def corpus_of(seed=1, n=24):
    """Return texts in which sentences with a group always speak of the weather too."""
    chance = random.Random(seed)
    groups, fill = ("nurses", "farmers", "teachers", "pilots"), ("roads", "taxes", "ships", "trains")
    documents, segments = [], []
    for i in range(n):
        lines, marks = [], []
        for _ in range(8):
            word = chance.choice(groups) if chance.random() < 0.5 else ""
            begin = sum(map(len, lines)) + len(lines)
            tail = f"under rain with {chance.choice(fill)}." if word else f"for {chance.choice(fill)} here."
            lines.append(f"We plan {word or 'things'} {tail}")
            if word:
                marks.append((begin + len("We plan "), begin + len("We plan ") + len(word)))
        document = Document(f"d{i}", " ".join(lines))
        documents.append(document)
        segments += [
            CodedSegment(f"{i}-{a}", document.segment(a, b), "groups", GROUPS.meaning, "anna")
            for a, b in marks
        ]
    return Corpus(tuple(documents)), tuple(segments)


def learned(segments, corpus, **asked):
    coded = Coded(segments, tuple(Reading("anna", d.whole) for d in corpus))
    return LearnedTagger.fit(
        coded, corpus, BOOK, unit="sentence", counts="any", rollup=False, target="f1", seed=1,
        codes=["groups"], **asked,
    ).model  # fmt: skip


def whole(segments, corpus):
    """Return the same segments, each as long as its sentence."""
    units = [unit for document in corpus for unit in unitise(document, "sentence")]
    return tuple(replace(s, segment=next(u for u in units if u.overlap(s.segment))) for s in segments)


def test_a_model_learns_which_words_matter():
    corpus, segments = corpus_of()
    marked, unmarked = learned(segments, corpus), learned(whole(segments, corpus), corpus)

    def weight(model, word):
        return model.codes[0].weights[model.vocabulary.words.index(word)]

    assert weight(marked, "rain") < weight(marked, "nurses")
    assert weight(marked, "rain") < weight(unmarked, "rain")
    assert weight(unmarked, "rain") > weight(unmarked, "nurses")


def test_probabilities_thresholds_and_figures_stand_on_units_alone():
    corpus, segments = corpus_of()
    marked, unmarked = learned(segments, corpus).codes[0], learned(whole(segments, corpus), corpus).codes[0]
    assert (marked.n_units, marked.n_bearing, marked.n_clusters) == (
        unmarked.n_units, unmarked.n_bearing, unmarked.n_clusters,
    )  # fmt: skip
    assert len(marked.scores) == marked.n_units == 24 * 8


@pytest.mark.parametrize(
    "recipe", [Recipe(context=True), Recipe(rules=True), Recipe(words=False, rules=True)]
)
def test_what_was_marked_is_looked_at_as_units_are(recipe):
    corpus, segments = corpus_of(n=8)
    model = learned(segments, corpus, recipe=recipe)
    assert np.isfinite(model.codes[0].weights).all()
    assert (
        learned(segments, corpus, recipe=recipe).codes[0].weights.tolist() == model.codes[0].weights.tolist()
    )
