"""How good a model would be on texts that it has not seen, and what decisions teach it."""

import random

import numpy as np
import pytest

from coding.batch import Decision
from coding.codebook import Code, Codebook
from coding.errors import CodingError
from coding.held_out import Plan, folds_of
from coding.learning import from_decisions, learning_report
from coding.model import Case, Coded, CodedSegment, Coder, Corpus, Document, Reading, machine_coded
from coding.taggers.learned.recipe import Recipe
from coding.units import unitise

BOOK = Codebook(
    "book", "1", (*(Code(name, name, f"What {name} is.") for name in ("role", "behaviour", "rare")),)
)
CASES = {"norland": Case("norland", "Norland"), "sudland": Case("sudland", "Sudland")}
WORDS = {"role": "stands as a partner", "behaviour": "trained the police"}
OTHER = ["The sea was calm", "Reports were filed", "The year went by", "Ships came and went"]


def made_up(n_documents=24, *, seed=3):
    """Return texts in which a sentence bears a code if it has the code's words, and what a person coded there."""
    chance = random.Random(seed)
    documents, segments, readings = [], [], []
    for number in range(n_documents):
        kinds = [chance.choice(["role", "behaviour", "", ""]) for _ in range(6)]
        text = " ".join(f"{chance.choice(OTHER)} and it {WORDS.get(kind, 'rained')} there." for kind in kinds)
        document = Document(
            f"d{number}", text, {"donor": list(CASES)[number % 2], "family": f"f{number // 2}"}
        )
        documents.append(document)
        readings.append(Reading("anna", document.whole))
        for kind, unit in zip(kinds, unitise(document, "sentence"), strict=True):
            if kind:
                segments.append(CodedSegment(f"{number}{unit.start}", unit, kind, BOOK[kind].meaning, "anna"))
    return Corpus(tuple(documents), CASES), Coded(tuple(segments), tuple(readings))


CORPUS, CODED = made_up()


def plan(**more):
    asked = {
        "codes": ("role", "behaviour"), "unit": "sentence", "counts": "any", "rollup": True, "target": "f1",
        "seed": 1, "recipe": Recipe(),
    } | more  # fmt: skip
    return Plan(**asked)


@pytest.fixture(scope="module")
def report():
    by_rules = Coded(CODED.segments[::2], tuple(Reading("rules", d.whole, kind="rules") for d in CORPUS))
    return learning_report(CODED, CORPUS, BOOK, plan(), by="donor", rules=by_rules)


def test_what_can_be_learned_is_found_in_texts_that_were_not_seen(report):
    assert report.n_units == 6 * 24
    assert report.n_clusters == 12
    for one in report.codes.values():
        assert one.model.f1.value > 0.95
        assert one.average_precision.value > 0.95
        assert one.model.f1.low <= one.model.f1.value <= one.model.f1.high
        assert one.n_folds == 5
        assert one.accuracy > one.majority
    assert report.macro_f1 == pytest.approx(np.mean([one.model.f1.value for one in report.codes.values()]))


def test_rules_are_held_against_the_same_units(report):
    for code, one in report.codes.items():
        n = sum(segment.code == code for segment in CODED.segments)
        half = sum(segment.code == code for segment in CODED.segments[::2])
        assert (one.rules.n_bearing, one.rules.n_said) == (n, half)
        assert one.rules.precision.value == 1
        assert one.rules.recall.value == pytest.approx(half / n)
        assert one.rules.f1.value == pytest.approx(2 * half / (n + half))


def test_cases_add_up_to_the_whole_and_each_is_tried_by_a_model_of_the_others(report):
    for one in report.codes.values():
        assert sum(each.n_bearing for each in one.by_case.values()) == one.model.n_bearing
        assert set(one.left_out) == set(CASES)
        assert all(each.f1.value > 0.9 for each in one.left_out.values())


def test_the_curve_rises_with_what_is_learned_from(report):
    sizes, f1 = zip(*report.curve, strict=True)
    assert list(sizes) == sorted(sizes)
    assert f1[-1] >= f1[0]
    assert f1[-1] == pytest.approx(report.macro_f1)


def test_bins_hold_every_unit_once(report):
    for one in report.codes.values():
        assert sum(each.n for each in one.calibration) == report.n_units
        assert all(each.low <= each.probability <= each.high for each in one.calibration)


def test_a_mistake_is_a_unit_of_which_the_model_said_something_else():
    wrong = next(s for s in CODED.segments if s.code == "role")
    coded = Coded(tuple(s for s in CODED.segments if s != wrong), CODED.readings)
    found = learning_report(coded, CORPUS, BOOK, plan(), by="donor", rules=None)
    assert (wrong.segment, "role", False) in {(one.segment, one.code, one.missed) for one in found.mistakes}
    assert found.codes["role"].rules is None
    assert found.macro_f1_rules is None


def test_words_that_mean_nothing_are_not_learned():
    chance = random.Random(5)
    segments = [
        CodedSegment(f"{unit.document}{unit.start}", unit, "role", BOOK["role"].meaning, "anna")
        for document in CORPUS
        for unit in unitise(document, "sentence")
        if chance.random() < 0.3
    ]
    found = learning_report(
        Coded(tuple(segments), CODED.readings), CORPUS, BOOK, plan(codes=("role",)), by="donor", rules=None
    )
    assert found.codes["role"].average_precision.value < 0.55


def test_no_cluster_lies_in_two_folds_and_every_unit_in_one():
    clusters = np.repeat(np.arange(11), 4)
    folds = folds_of(clusters, np.arange(44) % 3 == 0, 1)
    assert (np.sum(folds, axis=0) == 1).all()
    for cluster in range(11):
        assert sum(fold[clusters == cluster].any() for fold in folds) == 1


def test_one_cluster_is_too_few():
    corpus = Corpus(
        tuple(Document(d.id, d.text, {"donor": "norland", "family": "one"}) for d in CORPUS), CASES
    )
    with pytest.raises(CodingError, match="lies in one cluster of documents"):
        learning_report(CODED, corpus, BOOK, plan(), by="donor", rules=None)


def test_decisions_teach_what_they_say_and_only_those_on_what_machines_suggested():
    first, second, third = (document.segment(0, 10) for document in CORPUS.documents[:3])
    rules = Coder("rules", "rules")
    suggested = [machine_coded(place, BOOK["role"], rules, "r") for place in (first, second, third)]
    instead = CodedSegment("new", third, "behaviour", BOOK["behaviour"].meaning, "anna")
    of_person = CodedSegment("p", first, "role", BOOK["role"].meaning, "ben")
    coded = Coded(
        (*suggested, instead, of_person),
        (Reading("rules", CORPUS["d0"].whole, kind="rules"), Reading("ben", CORPUS["d0"].whole)),
    )
    decisions = [
        Decision("1", suggested[0].id, "accept", "anna", "2026-01-01"),
        Decision("2", suggested[1].id, "reject", "anna", "2026-01-01"),
        Decision("3", suggested[2].id, "recode", "anna", "2026-01-01", instead="new"),
        Decision("4", "p", "reject", "anna", "2026-01-01"),
        Decision("5", suggested[1].id, "accept", "carl", "2025-01-01"),
    ]
    taught = from_decisions(coded, decisions, ["anna"], {"behaviour": ("behaviour", "acts")})
    assert {(s.segment, s.code) for s in taught.segments} == {(first, "role"), (third, "behaviour")}
    assert {(r.segment, r.codes) for r in taught.readings} == {
        (first, ("role",)), (second, ("role",)), (third, ("role",)), (third, ("behaviour", "acts")),
    }  # fmt: skip
    assert not any(reading.blind for reading in taught.readings)
    assert from_decisions(coded, decisions, ["carl"], {}) == Coded()
