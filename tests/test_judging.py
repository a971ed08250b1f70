"""What readers said of the units drawn: only blind readings that cover a unit, for the codes they were made for."""

import copy
import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.batch import Look, act, new_id, now
from coding.codebook import Code, Codebook, Example, Rule
from coding.errors import CodingError, StaleText
from coding.formats.samples import read_sample, write_sample
from coding.judging import judged, progress
from coding.model import Case, Coded, CodedSegment, Coder, Corpus, Document, Reading, machine_coded
from coding.sample import UNPLACED, Drawn, Framed
from coding.sampling import draw
from coding.store import Store
from coding.units import unitise

BRIDGE = Rule("joins", "phrase", ("bridge",), matches=(Example("A bridge."),))
CODES = (
    Code("role", "Role", "What it does for others."),
    Code("role.bridge", "Bridge", "It joins.", parent="role", rules=(BRIDGE,)),
    Code("role.bridge.wide", "Wide bridge", "It joins many.", parent="role.bridge"),
    Code("role.mediator", "Mediator", "It calms.", parent="role"),
    Code("behaviour", "Behaviour", "What it does."),
    Code("orientation", "Orientation", "What it is about."),
)
BOOK = Codebook("book", "1.0.0", CODES)
CASES = {"norland": Case("norland", "Norland"), "japan": Case("japan", "Japan", aliases=("日本",))}
MIXED = "It begins. 日本は話す。한국은 훈련한다.\r\n\r\nNorland 👩🏽‍💻 talks. E\u0301te\u0301 begins."
ASKED = ("role", "behaviour")


def one_text(n, *, document, donor="norland", **variables):
    text = " ".join(f"Sentence number {i} is here." for i in range(n))
    return Document(document, text, {"donor": donor, **variables})


CORPUS = Corpus(
    (
        one_text(4, document="norland/a", family="one"),
        one_text(3, document="norland/b", family="one"),
        Document("norland/c", MIXED, {"donor": "norland", "about": ("norland", "japan")}),
        one_text(5, document="japan/a", donor="japan"),
    ),
    CASES,
)


def units_of(corpus=CORPUS, unit="sentence"):
    return [one for document in corpus for one in unitise(document, unit)]


UNITS = units_of()


def found_by_rules(corpus=CORPUS, *, book=BOOK):
    """Return what the coder found: a bridge in every fourth unit, behaviour in every fifth."""
    coder = Coder("rules", "rules")
    segments = []
    for i, unit in enumerate(units_of(corpus)):
        if i % 4 == 0:
            segments.append(machine_coded(unit, book["role.bridge"], coder, "joins, spans"))
        if i % 5 == 0:
            segments.append(machine_coded(unit, book["behaviour"], coder, "trains"))
    readings = tuple(Reading("rules", d.whole, kind="rules") for d in corpus)
    return Coded(tuple(segments), readings)


LATER = "2999-01-01T00:00:00.000000Z"  # than any sample


def sampled(*, corpus=CORPUS, coder=None, **asked):
    asked = {
        "name": "first", "coder": "rules", "readers": ["anna"], "codes": ASKED, "unit": "sentence",
        "counts": "any", "rollup": True, "by": "donor", "n_found": 2, "n_others": 2, "seed": 1,
    } | asked  # fmt: skip
    return draw(coder or found_by_rules(corpus), corpus, BOOK, **asked)


def judgement(reader, unit, *given_codes, asked=ASKED, blind=True, book=BOOK, at=LATER, sample="first"):
    """Return that a reader has read a unit for the codes asked, and found some of them there."""
    segments = tuple(
        CodedSegment(f"{reader}{unit.document}{unit.start}{code}", unit, code, book[code].meaning, reader)
        for code in given_codes
    )
    filed = Reading(reader, unit, asked, at=at, blind=blind, sample=sample, given=given_codes)
    return Coded(segments, (filed,))


def together(*parts):
    return sum(parts, Coded())


def seen(sample, *parts, corpus=CORPUS, book=BOOK, coder=None):
    """Return what was judged, beside what the coder finds."""
    coder = found_by_rules() if coder is None else coder
    return judged(sample, corpus, book, people=together(*parts), coder=coder)


def said_of(found, unit):
    """Return by code what readers said of a unit; None where nobody judged it."""
    row = found.said[found.units.index(unit)]
    return {
        code: None if np.isnan(value) else float(value) for code, value in zip(found.codes, row, strict=True)
    }


NOT_JUDGED = dict.fromkeys(ASKED)


def first_of(sample):
    return sample.drawn[0].segment


# What counts


@settings(max_examples=80)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_what_readers_said_is_what_plain_counting_has(seed, n_readers):
    chance = random.Random(seed)
    readers = ["anna", "ben", "carl"][:n_readers]
    sample = sampled(readers=readers, seed=seed, n_found=chance.randint(0, 3), n_others=chance.randint(1, 4))
    parts, votes = [], {}
    for reader in readers:
        for unit in UNITS:
            if chance.random() < 0.6:
                asked = ASKED if chance.random() < 0.8 else ASKED[:1]
                given_codes = [code for code in asked if chance.random() < 0.4]
                blind = chance.random() < 0.8
                parts.append(judgement(reader, unit, *given_codes, asked=asked, blind=blind))
                if blind and asked == ASKED:
                    votes |= {(reader, unit, code): code in given_codes for code in asked}
    found = seen(sample, *parts)
    units = {one.segment for one in sample.drawn}
    for unit in found.units:
        for code in ASKED:
            answers = [votes[key] for r in readers if (key := (r, unit, code)) in votes and unit in units]
            assert said_of(found, unit)[code] == (sum(answers) / len(answers) if answers else None)
    for one in found.readers:
        done = {unit for unit in units if all((one.reader, unit, code) in votes for code in ASKED)}
        assert one.n_judged == len(done)
        assert one.left == tuple(d.segment for d in sample.drawn if d.segment not in done)
    assert found.readers == progress(sample, CORPUS, BOOK, together(*parts))
    assert found.is_drawn.tolist() == [unit in units for unit in found.units]


def test_what_the_coder_found_stands_for_all_units_with_their_cases_clusters_and_strata():
    sample = sampled()
    found = seen(sample)
    placed = [
        unit
        for unit in UNITS
        if sample.documents[unit.document].strata[unitise(CORPUS[unit.document], "sentence").index(unit)] >= 0
    ]
    assert list(found.units) == placed
    assert found.found[:, 0].tolist() == [UNITS.index(unit) % 4 == 0 for unit in placed]
    assert found.found[:, 1].tolist() == [UNITS.index(unit) % 5 == 0 for unit in placed]
    assert np.isnan(found.said).all()
    names = [CORPUS[unit.document].cluster for unit in placed]
    assert [found.clusters[i] == found.clusters[0] for i in range(len(placed))] == [n == "one" for n in names]
    for cases, stratum in zip(found.cases, found.strata, strict=True):
        assert cases == sample.strata[stratum].cases
    assert np.bincount(found.strata).tolist() == [s.n_units for s in sample.strata]


def test_units_that_were_not_drawn_are_left_aside_whoever_has_judged_them():
    sample = sampled()
    drawn = {one.segment for one in sample.drawn}
    assert len(drawn) < len(UNITS)
    found = seen(sample, *(judgement("anna", unit, "role") for unit in UNITS))
    for unit in found.units:
        assert said_of(found, unit) == ({"role": 1, "behaviour": 0} if unit in drawn else NOT_JUDGED)
    assert (found.readers[0].n_judged, found.readers[0].left) == (len(drawn), ())


def test_who_has_read_a_document_whole_has_judged_none_of_its_units():
    sample = sampled()
    whole = Coded(
        tuple(
            CodedSegment(f"{i}", unit, "role", BOOK["role"].meaning, "anna") for i, unit in enumerate(UNITS)
        ),
        tuple(Reading("anna", document.whole, at=LATER) for document in CORPUS),
    )
    found = seen(sample, whole)
    assert {said_of(found, unit)["role"] for unit in found.units} == {None}
    assert len(found.readers[0].left) == len(sample.drawn)


def test_of_two_judgements_of_a_unit_the_later_holds():
    sample = sampled()
    unit = first_of(sample)
    before = judgement("anna", unit, "role", at="2000-01-01T00:00:00.000000Z")
    assert said_of(seen(sample, before, judgement("anna", unit)), unit) == {"role": 0, "behaviour": 0}
    assert said_of(seen(sample, judgement("anna", unit), before), unit) == {"role": 0, "behaviour": 0}


def test_what_was_read_with_open_eyes_does_not_count_and_is_counted_as_such():
    sample = sampled()
    first, second, third, *others = [one.segment for one in sample.drawn]
    found = seen(
        sample,
        judgement("anna", first, "role", blind=False),
        judgement("anna", second, "role"),
        judgement("anna", third, blind=False),
        judgement("anna", third, "behaviour"),
    )
    assert said_of(found, first) == NOT_JUDGED
    assert said_of(found, second) == {"role": 1, "behaviour": 0}
    assert said_of(found, third) == {"role": 0, "behaviour": 1}
    (anna,) = found.readers
    assert (anna.n_judged, anna.n_open) == (2, 1)
    assert anna.left == (first, *others)


def test_what_was_coded_after_seeing_others_does_not_change_a_blind_judgement():
    sample = sampled()
    unit = first_of(sample)
    words = CORPUS[unit.document].segment(unit.start, unit.start + 3)
    afterwards = Coded(
        (CodedSegment("later", words, "role", BOOK["role"].meaning, "anna"),),
        (Reading("anna", CORPUS[unit.document].whole, blind=False),),
    )
    assert said_of(seen(sample, judgement("anna", unit), afterwards), unit) == {"role": 0, "behaviour": 0}


def test_who_is_no_reader_of_the_sample_says_nothing():
    sample = sampled()
    unit = first_of(sample)
    found = seen(sample, judgement("zoe", unit, "role"))
    assert said_of(found, unit) == NOT_JUDGED
    assert [one.reader for one in found.readers] == ["anna"]


def test_two_readers_count_alike_and_one_who_has_not_judged_does_not_count():
    sample = sampled(readers=["anna", "ben"])
    first, second = (one.segment for one in sample.drawn[:2])
    found = seen(
        sample,
        judgement("anna", first, "role"),
        judgement("ben", first, "behaviour", "role"),
        judgement("ben", second, "behaviour"),
    )
    assert said_of(found, first) == {"role": 1, "behaviour": 0.5}
    assert said_of(found, second) == {"role": 0, "behaviour": 1}
    assert [(one.reader, one.n_judged) for one in found.readers] == [("anna", 1), ("ben", 2)]


def test_a_unit_judged_for_some_of_the_codes_is_still_to_be_judged():
    sample = sampled()
    unit = first_of(sample)
    found = seen(sample, judgement("anna", unit, asked=("role",)))
    assert said_of(found, unit) == NOT_JUDGED
    assert (found.readers[0].n_judged, found.readers[0].left[0]) == (0, unit)


def test_silence_without_a_reading_is_no_answer():
    sample = sampled()
    unit = first_of(sample)
    coded = replace(judgement("anna", unit, "role"), readings=())
    assert said_of(seen(sample, coded), unit) == NOT_JUDGED


def test_a_reading_for_a_narrower_code_alone_is_no_answer_for_the_wider_one():
    sample = sampled()
    unit = first_of(sample)
    found = seen(sample, judgement("anna", unit, asked=("role.bridge",)))
    assert said_of(found, unit) == NOT_JUDGED
    assert found.readers[0].n_judged == 0


def test_a_reading_of_a_part_of_a_unit_does_not_judge_it():
    sample = sampled(unit="paragraph", n_others=9)
    sentence = units_of()[0]
    (paragraph,) = unitise(CORPUS[sentence.document], "paragraph")
    found = seen(sample, judgement("anna", sentence))
    assert said_of(found, paragraph) == NOT_JUDGED
    assert found.readers[0].n_judged == 0


def test_what_was_judged_of_a_paragraph_in_another_sample_is_no_answer_about_its_sentences():
    sample = sampled(n_found=9, n_others=9)
    (paragraph,) = unitise(CORPUS["norland/a"], "paragraph")
    first, second, *_ = unitise(CORPUS["norland/a"], "sentence")
    of_paragraph = judgement("anna", paragraph, "role")
    found = seen(sample, of_paragraph, judgement("anna", first, "behaviour"))
    assert said_of(found, first) == {"role": 0, "behaviour": 1}
    assert said_of(found, second) == NOT_JUDGED
    paragraphs = sampled(unit="paragraph", n_found=9, n_others=9)
    found = seen(paragraphs, of_paragraph, judgement("anna", first, "behaviour"))
    assert said_of(found, paragraph) == {"role": 1, "behaviour": 0}


def test_what_was_judged_in_another_sample_is_judged_anew():
    first, second = (sampled(seed=seed, name=name) for seed, name in ((1, "first"), (2, "second")))
    both = {one.segment for one in first.drawn} & {one.segment for one in second.drawn}
    assert both
    parts = [judgement("anna", one.segment, "role") for one in first.drawn]
    (anna,) = seen(second, *parts).readers
    assert set(anna.left) == {one.segment for one in second.drawn}


def test_with_rollup_what_a_reader_gave_below_a_code_counts_for_it():
    unit = first_of(sampled())
    wide = judgement("anna", unit, "role.bridge.wide")
    assert said_of(seen(sampled(), wide), unit) == {"role": 1, "behaviour": 0}
    coder = Coded((), tuple(Reading("rules", d.whole) for d in CORPUS))
    plain = sampled(rollup=False, coder=coder, n_others=99)
    assert said_of(seen(plain, wide, coder=coder), unit) == {"role": 0, "behaviour": 0}


def test_the_left_units_stand_in_the_order_of_the_sample():
    sample = sampled(n_found=9, n_others=9, seed=5)
    order = [one.segment for one in sample.drawn]
    done = set(order[::3])
    (anna,) = progress(sample, CORPUS, BOOK, together(*(judgement("anna", unit) for unit in done)))
    assert list(anna.left) == [unit for unit in order if unit not in done]
    assert order != sorted(order, key=lambda unit: (unit.document, unit.start))


def test_errors_are_the_units_in_which_the_coder_and_a_reader_differ():
    sample = sampled(readers=["anna", "ben"], n_found=99, n_others=99)
    hit, miss = (unit for unit in UNITS if UNITS.index(unit) in (4, 6))
    parts = [
        judgement(reader, unit) for reader in ("anna", "ben") for unit in UNITS if unit not in (hit, miss)
    ]
    parts += [judgement("anna", hit, "role"), judgement("ben", hit)]
    parts += [judgement("anna", miss, "role"), judgement("ben", miss)]
    found = seen(sample, *parts)
    errors = {kind: {found.units[i] for i in places} for kind, places in found.errors("role").items()}
    assert errors["missed"] == {miss}
    assert errors["found alone"] == {
        unit for i, unit in enumerate(UNITS) if i % 4 == 0 and unit in found.units
    }
    with pytest.raises(CodingError, match="Did you mean 'role'"):
        found.errors("roel")


# What has changed since


def changed(corpus, name, text):
    return Corpus(
        tuple(Document(d.id, text, d.variables) if d.id == name else d for d in corpus), corpus.known_cases
    )


def test_a_text_that_has_changed_since_the_draw_is_stale():
    sample = sampled()
    other = changed(CORPUS, "japan/a", CORPUS["japan/a"].text + " More.")
    with pytest.raises(StaleText, match="japan/a has changed"):
        seen(sample, corpus=other, coder=found_by_rules(other))


def test_units_of_a_text_that_has_changed_are_still_to_be_judged():
    sample = sampled(n_found=99, n_others=99)
    everything = together(*(judgement("anna", unit) for unit in UNITS))
    other = changed(CORPUS, "japan/a", CORPUS["japan/a"].text + " More.")
    (anna,) = progress(sample, other, BOOK, everything)
    assert {unit.document for unit in anna.left} == {"japan/a"}
    assert anna.n_judged == len(sample.drawn) - len(anna.left)
    gone = Corpus(tuple(d for d in CORPUS if d.id != "japan/a"), CASES)
    (anna,) = progress(sample, gone, BOOK, everything)
    assert {unit.document for unit in anna.left} == {"japan/a"}


def test_what_was_judged_in_an_earlier_text_says_nothing_of_the_new_one():
    sample = sampled()
    unit = first_of(sample)
    whole = replace(CORPUS[unit.document].whole, digest="earlier")
    earlier = judgement("anna", replace(unit, digest="earlier"), "role") + Coded(
        (), (Reading("anna", whole),)
    )
    found = seen(sample, earlier)
    assert said_of(found, unit) == NOT_JUDGED
    assert found.readers == progress(sample, CORPUS, BOOK, earlier)
    found = seen(sample, replace(earlier, readings=judgement("anna", unit).readings))
    assert said_of(found, unit) == {"role": 0, "behaviour": 0}


def test_texts_that_changed_places_leave_their_units_to_be_judged():
    sample = sampled(n_found=99, n_others=99)
    everything = together(*(judgement("anna", unit) for unit in UNITS))
    a, b = CORPUS["norland/a"].text, CORPUS["japan/a"].text
    swapped = changed(changed(CORPUS, "norland/a", b), "japan/a", a)
    (anna,) = progress(sample, swapped, BOOK, everything)
    assert {unit.document for unit in anna.left} == {"norland/a", "japan/a"}


def test_a_document_that_is_gone_is_named():
    gone = Corpus(tuple(d for d in CORPUS if d.id != "japan/a"), CASES)
    with pytest.raises(CodingError, match="japan/a is not in the corpus any more"):
        seen(sampled(), corpus=gone)


def test_documents_that_came_later_or_stand_in_another_order_change_nothing():
    sample = sampled()
    more = Corpus((one_text(3, document="japan/new", donor="japan"), *reversed(CORPUS.documents)), CASES)
    parts = [judgement("anna", one.segment, "role") for one in sample.drawn]
    one, other = seen(sample, *parts), seen(sample, *parts, corpus=more, coder=found_by_rules())
    assert one.units == other.units
    np.testing.assert_array_equal(one.said, other.said)
    np.testing.assert_array_equal(one.found, other.found)


def with_code(code, **changes):
    return replace(BOOK, codes=tuple(replace(c, **changes) if c.id == code else c for c in BOOK.codes))


def test_a_code_that_means_something_else_is_refused():
    with pytest.raises(CodingError, match="readers were asked for 'role' in another meaning"):
        seen(sampled(), book=with_code("role", definition="Another."))
    renamed = seen(sampled(), book=with_code("role", name="Part"))
    assert renamed.has_changed


def test_a_code_that_is_gone_is_refused():
    without = replace(BOOK, codes=tuple(code for code in BOOK.codes if code.id != "behaviour"))
    coder = Coded(
        tuple(s for s in found_by_rules().segments if s.code != "behaviour"), found_by_rules().readings
    )
    with pytest.raises(CodingError, match="asks for 'behaviour', which book 1.0.0 does not know"):
        seen(sampled(), book=without, coder=coder)
    with pytest.raises(CodingError, match="behaviour"):
        progress(sampled(), CORPUS, without, Coded())


def test_a_code_that_is_retired_can_still_be_judged():
    retired = with_code("behaviour", retired=True)
    unit = first_of(sampled())
    found = seen(sampled(), judgement("anna", unit, "behaviour"), book=retired)
    assert said_of(found, unit) == {"role": 0, "behaviour": 1}


def test_what_a_reader_coded_elsewhere_in_whatever_meaning_does_not_touch_the_judgement():
    sample = sampled()
    unit = first_of(sample)
    answer = judgement("anna", unit, "behaviour")
    other = CodedSegment("x", unit, "role", "earlier", "anna")
    assert said_of(seen(sample, answer, Coded((other,))), unit) == {"role": 0, "behaviour": 1}
    assert said_of(seen(sample, replace(answer, segments=())), unit) == {"role": 0, "behaviour": 1}


def test_what_others_than_readers_coded_in_another_meaning_does_not_matter():
    sample = sampled()
    unit = first_of(sample)
    earlier = replace(judgement("zoe", unit, "role").segments[0], meaning="earlier")
    found = seen(sample, judgement("anna", unit, "role"), Coded((earlier,)))
    assert said_of(found, unit)["role"] == 1


def test_all_that_asks_another_question_is_told_at_once():
    book = replace(
        BOOK, codes=tuple(replace(c, definition="Another.") if c.id in ASKED else c for c in BOOK.codes)
    )
    with pytest.raises(CodingError) as caught:
        seen(sampled(), book=book)
    assert len(caught.value.problems) == 2


def test_rules_that_changed_since_the_draw_are_judged_as_they_are_today():
    sample = sampled()
    assert not seen(sample).has_changed
    wider = replace(BRIDGE, patterns=("bridge", "here"))
    book = with_code("role.bridge", rules=(wider,))
    today = Coded(
        tuple(machine_coded(unit, book["role.bridge"], Coder("rules", "rules"), "joins") for unit in UNITS),
        found_by_rules().readings,
    )
    unit = first_of(sample)
    found = seen(sample, judgement("anna", unit, "role"), book=book, coder=today)
    assert found.has_changed
    assert found.found[:, 0].all()
    assert not found.found[:, 1].any()
    assert said_of(found, unit) == {"role": 1, "behaviour": 0}
    assert np.bincount(found.strata).tolist() == [s.n_units for s in sample.strata]


def test_a_coder_who_does_not_read_all_the_texts_any_more_is_refused():
    coder = replace(found_by_rules(), readings=found_by_rules().readings[1:])
    with pytest.raises(CodingError, match="rules has not read all the texts of first"):
        seen(sampled(), coder=coder)


def test_a_text_that_is_divided_otherwise_than_then_is_refused():
    sample = sampled()
    framed = sample.documents["japan/a"]
    longer = replace(
        sample,
        documents={**sample.documents, "japan/a": Framed(framed.digest, (*framed.strata, -1))},
    )
    with pytest.raises(
        CodingError, match="japan/a is divided into 5 sentences; when first was drawn it was 6"
    ):
        seen(longer)


def test_what_the_coder_coded_in_another_meaning_is_refused():
    by_rules = found_by_rules()
    earlier = replace(by_rules, segments=tuple(replace(s, meaning="earlier") for s in by_rules.segments))
    with pytest.raises(CodingError, match="rules coded 'role.bridge' in another meaning"):
        seen(sampled(), coder=earlier)


def test_what_others_coded_is_not_what_the_coder_found():
    sample = sampled()
    parts = [judgement("anna", one.segment, "role", "behaviour") for one in sample.drawn]
    alone, among_others = (
        seen(sample, *parts),
        seen(sample, *parts, coder=found_by_rules() + together(*parts)),
    )
    np.testing.assert_array_equal(alone.found, among_others.found)


# Rules


def test_a_rule_counts_for_the_nearest_code_above_that_was_asked_for():
    def places(codes):
        found = seen(sampled(codes=codes, n_others=9))
        return {key: codes[place] for key, (place, _) in found.rules.items()}

    assert places(["role", "behaviour"]) == {
        ("role.bridge", "joins"): "role",
        ("role.bridge", "spans"): "role",
        ("behaviour", "trains"): "behaviour",
    }
    assert places(["role", "role.bridge", "behaviour"])["role.bridge", "joins"] == "role.bridge"


def test_a_rule_of_a_code_that_was_not_asked_for_is_left_out():
    found = seen(sampled(codes=["role"]))
    assert set(found.rules) == {("role.bridge", "joins"), ("role.bridge", "spans")}
    coder = Coded(found_by_rules().segments, found_by_rules().readings)
    plain = seen(sampled(codes=["role", "behaviour"], rollup=False, coder=coder), coder=coder)
    assert set(plain.rules) == {("behaviour", "trains")}


def test_the_mask_of_a_rule_is_where_it_found_its_code():
    found = seen(sampled())
    _, mask = found.rules["role.bridge", "joins"]
    assert [unit for unit, so in zip(found.units, mask, strict=True) if so] == [
        unit for i, unit in enumerate(UNITS) if i % 4 == 0 and unit in found.units
    ]
    for place, each in found.rules.values():
        assert not (each & ~found.found[:, place]).any()


# Files changed by hand


def leaves(value, path=()):
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield (*path, key)
        yield from leaves(part, (*path, key))


OTHERS = [
    None,
    0,
    -1,
    1,
    3,
    10**6,
    10**30,
    0.5,
    "",
    "0",
    "role",
    "norland/a",
    "japan",
    [],
    {},
    [0],
    ["anna"],
    True,
]


def test_whatever_is_changed_by_hand_ends_in_an_answer_or_a_plain_error(tmp_path):
    path = tmp_path / "first.json"
    sample = sampled(readers=["anna", "ben"])
    parts = together(*(judgement("anna", one.segment, "role") for one in sample.drawn))
    write_sample(path, sample)
    values = json.loads(path.read_text(encoding="utf-8"))
    crashed = {}
    for keys in list(leaves(values)):
        for other in OTHERS:
            broken = copy.deepcopy(values)
            place = broken
            for key in keys[:-1]:
                place = place[key]
            if place[keys[-1]] == other:
                continue
            place[keys[-1]] = other
            path.write_text(json.dumps(broken), encoding="utf-8")
            try:
                read = read_sample(path)
                write_sample(path, read)
                assert [s.probability for s in read.strata]
                progress(read, CORPUS, BOOK, parts)
                judged(read, CORPUS, BOOK, people=parts, coder=found_by_rules())
            except CodingError:
                continue
            except Exception as error:  # noqa: BLE001  every crash is listed
                crashed[keys, str(other)] = repr(error)
    assert crashed == {}


@pytest.mark.parametrize(
    "change", ["beyond the text", "between two units", "of another stratum", "of no case"]
)
def test_a_unit_that_cannot_have_been_drawn_is_refused(change):
    sample = sampled(n_found=9, n_others=9)
    first, *others = sample.drawn
    unit = first.segment
    if change == "beyond the text":
        drawn = (replace(first, segment=replace(unit, start=5000, end=5010)), *others)
    elif change == "between two units":
        drawn = (replace(first, segment=replace(unit, start=unit.start + 1)), *others)
    elif change == "of another stratum":
        other = next(one for one in others if one.stratum != first.stratum)
        drawn = tuple(
            Drawn(one.segment, {first: other, other: first}.get(one, one).stratum) for one in sample.drawn
        )
    else:
        nobody, *_ = unitise(CORPUS["norland/c"], "sentence")
        assert sample.documents["norland/c"].strata[0] == UNPLACED
        drawn = (replace(first, segment=nobody), *others)
    with pytest.raises(CodingError, match="first.*(changed by hand|draw another)"):
        seen(replace(sample, drawn=drawn))


# Who has seen what others coded


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "project.db") as opened:
        yield opened


DOCUMENT = CORPUS["norland/a"]


def reading(coder, segment, codes, *, blind=True, **more):
    return Reading(coder, segment, codes, now(), blind, "person", new_id(), **more)


def test_whoever_judged_units_has_not_seen_what_others_coded(store):
    for unit in unitise(DOCUMENT, "sentence"):
        store.add(act("anna", "read", reading("anna", unit, ASKED)))
    store.add(act("anna", "read", reading("anna", DOCUMENT.whole, ASKED)))
    assert not store.has_seen("anna", DOCUMENT.id)


@pytest.mark.parametrize("blind", [True, False])
def test_whoever_read_a_document_for_all_codes_has_seen_it_even_if_that_is_undone(store, blind):
    batch = act("anna", "read", reading("anna", DOCUMENT.whole, None, blind=blind))
    store.add(batch)
    assert store.has_seen("anna", DOCUMENT.id)
    assert not store.has_seen("ben", DOCUMENT.id)
    assert not store.has_seen("anna", "japan/a")
    store.undo(batch.id, by="anna")
    assert store.has_seen("anna", DOCUMENT.id)


def test_whoever_looked_has_seen_it_even_if_that_is_undone(store):
    batch = act("anna", "look", Look(new_id(), "anna", DOCUMENT.id))
    store.add(batch)
    assert store.has_seen("anna", DOCUMENT.id)
    store.undo(batch.id, by="anna")
    assert store.has_seen("anna", DOCUMENT.id)


def test_a_judgement_that_was_kept_comes_back_as_it_was(store):
    sample = sampled()
    unit = first_of(sample)
    store.add(act("anna", "read", reading("anna", unit, ASKED, sample="first", given=("role",))))
    assert said_of(seen(sample, store.coded()), unit) == {"role": 1, "behaviour": 0}


def test_where_a_model_abstains_it_has_found_nothing():
    unit, *others = UNITS
    readings = tuple(Reading("model", each, ASKED, kind="model") for each in others)
    coder = Coded((CodedSegment("m", others[0], "role", BOOK["role"].meaning, "model"),), readings)
    sample = draw(
        coder, CORPUS, BOOK, name="first", coder="model", readers=["anna"], codes=ASKED, unit="sentence",
        counts="any", rollup=True, by="donor", n_found=9, n_others=99, seed=1,
    )  # fmt: skip
    found = seen(sample, judgement("anna", unit, "role"), coder=coder)
    assert not found.found[found.units.index(unit)].any()
    assert found.found[found.units.index(others[0])].any()
