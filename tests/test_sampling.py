"""Drawing a blind sample: every unit has a known chance, and what was drawn is kept as it was."""

import json
import math
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.attribution import attribute
from coding.codebook import Code, Codebook
from coding.errors import CodingError, StaleText
from coding.formats.samples import read_sample, write_sample
from coding.model import Case, Coded, CodedSegment, Corpus, Document, Reading
from coding.sample import NOTHING, UNPLACED, Drawn, Framed, Sample, Stratum
from coding.sampling import draw, spread
from coding.units import unitise

CODES = (
    Code("role", "Role", "What it does for others."),
    Code("role.bridge", "Bridge", "It joins.", parent="role"),
    Code("role.mediator", "Mediator", "It calms.", parent="role"),
    Code("behaviour", "Behaviour", "What it does."),
    Code("orientation", "Orientation", "What it is about."),
    Code("old", "Old", "What is not coded any more.", retired=True),
)
BOOK = Codebook("book", "1.0.0", CODES)
CASES = {"norland": Case("norland", "Norland"), "japan": Case("japan", "Japan", aliases=("日本",))}
PIECES = [
    "Norland trains police.", "It is a bridge.", "日本は警察を訓練する。", "한국은 경찰을 훈련한다.",
    "Japan and Norland 🤝 talk 👩🏽‍💻.", "e\u0301t\u00e9 begins!", "日本とNorlandは話す。", "Norland met Japan.",
]  # fmt: skip
ENDS = [" ", "\n", "\n\n", "\r\n", "\r\n\r\n"]


@st.composite
def corpora(draw_):
    """Draw texts of two donors in several scripts, some about both donors, some of one family."""
    documents = []
    for i in range(draw_(st.integers(1, 6))):
        pieces = draw_(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6))
        text = "".join(piece + draw_(st.sampled_from(ENDS)) for piece in pieces)
        variables = {"donor": draw_(st.sampled_from(sorted(CASES))), "year": 2015}
        if draw_(st.booleans()):
            variables["family"] = draw_(st.sampled_from(["one", "two"]))
        if draw_(st.booleans()):
            variables["about"] = tuple(sorted(CASES))
        documents.append(Document(f"d{i}", text, variables))
    return Corpus(tuple(documents), CASES)


def units_of(corpus, unit="sentence"):
    return [one for document in corpus for one in unitise(document, unit)]


def by_chance(corpus, codes, seed, *, unit="sentence"):
    """Return for each unit which codes it bears, some seldom, some often."""
    chance = random.Random(seed)
    often = {code: chance.choice([0.0, 0.1, 0.3, 0.6]) for code in codes}
    return {one: [code for code in codes if chance.random() < often[code]] for one in units_of(corpus, unit)}


def coding(corpus, bears, *, coder="rules", read=None):
    """Return what a coder gave units, all texts being read for all codes."""
    segments = [
        CodedSegment(f"{coder}{i}{code}", unit, code, BOOK[code].meaning, coder)
        for i, (unit, codes) in enumerate(bears.items())
        for code in codes
    ]
    documents = [d for d in corpus if read is None or d.id in read]
    return Coded(tuple(segments), tuple(Reading(coder, d.whole, kind="rules") for d in documents))


def sampled(coded, corpus, **asked):
    asked = {
        "name": "first", "coder": "rules", "readers": ["anna"], "codes": ["role", "behaviour"], "by": "donor",
        "unit": "sentence", "counts": "any", "rollup": True, "n_found": 2, "n_others": 3, "seed": 1,
    } | asked  # fmt: skip
    return draw(coded, corpus, BOOK, **asked)


def drawn(corpus, bears, **asked):
    return sampled(coding(corpus, bears), corpus, **asked)


def one_text(n, *, document="d", donor="norland", **variables):
    text = " ".join(f"Sentence number {i} is here." for i in range(n))
    return Document(document, text, {"donor": donor, **variables})


def plain_corpus(*sizes, family=None):
    documents = (one_text(n, document=f"d{i}", **(family or {})) for i, n in enumerate(sizes))
    return Corpus(tuple(documents), CASES)


asked_codes = st.lists(
    st.sampled_from(["role", "role.bridge", "role.mediator", "behaviour"]), min_size=1, unique=True
)
numbers = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(any)


def borne(codes, *, rollup):
    """Return the codes that a unit bears which these were given to."""
    above = {up for code in codes for up in BOOK.ancestors(code)} if rollup else set()
    return {*codes, *above}


def stratum_by_hand(corpus, bears, asked, *, rollup):
    """Return for each unit its cases and its rarest code, as plain counting has it."""
    units = list(bears)
    cases = attribute(units, corpus, by="donor").cases
    found = [borne(bears[unit], rollup=rollup) & set(asked) for unit in units]
    n = Counter(code for codes in found for code in codes)
    order = [code.id for code in BOOK.codes]
    rarest = [min(codes, key=lambda c: (n[c], order.index(c)), default=NOTHING) for codes in found]
    return dict(zip(units, zip(map(sorted, cases), rarest, strict=True), strict=True))


def has_drawn_some(corpus, bears, asked, n_found, n_others, *, rollup):
    by_hand = stratum_by_hand(corpus, bears, asked, rollup=rollup).values()
    return any(n_others if found == NOTHING else n_found for cases, found in by_hand if cases)


@settings(max_examples=150)
@given(corpora(), asked_codes, numbers, st.booleans(), st.integers(0, 9**9))
def test_every_unit_stands_with_those_of_its_cases_and_its_rarest_code_or_is_unplaced(
    corpus, asked, n, rollup, seed
):
    bears = by_chance(corpus, [code.id for code in CODES[:5]], seed)
    if not has_drawn_some(corpus, bears, asked, *n, rollup=rollup):
        return
    found = drawn(corpus, bears, codes=asked, rollup=rollup, n_found=n[0], n_others=n[1], seed=seed)
    by_hand = stratum_by_hand(corpus, bears, asked, rollup=rollup)
    assert list(found.documents) == [document.id for document in corpus]
    for document in corpus:
        framed = found.documents[document.id]
        assert framed.digest == document.digest
        for unit, place in zip(unitise(document, "sentence"), framed.strata, strict=True):
            cases, code = by_hand[unit]
            if cases:
                assert (list(found.strata[place].cases), found.strata[place].found) == (cases, code)
            else:
                assert place == UNPLACED
    assert len({(s.cases, s.found) for s in found.strata}) == len(found.strata)
    assert found.n_units + found.n_unplaced == len(bears)
    assert found.n_unplaced == sum(not cases for cases, _ in by_hand.values())
    assert set(found.cases) == {case for cases, _ in by_hand.values() for case in cases}


@settings(max_examples=150)
@given(corpora(), asked_codes, numbers, st.integers(0, 9**9))
def test_of_each_stratum_as_many_are_drawn_as_asked_or_all_that_there_are(corpus, asked, n, seed):
    bears = by_chance(corpus, asked, seed)
    if not has_drawn_some(corpus, bears, asked, *n, rollup=True):
        return
    found = drawn(corpus, bears, codes=asked, n_found=n[0], n_others=n[1], seed=seed)
    in_stratum = {
        unit: place
        for document in corpus
        for unit, place in zip(
            unitise(document, "sentence"), found.documents[document.id].strata, strict=True
        )
    }
    assert len({one.segment for one in found.drawn}) == len(found.drawn)
    assert all(in_stratum[one.segment] == one.stratum for one in found.drawn)
    n_drawn = Counter(one.stratum for one in found.drawn)
    n_units = Counter(in_stratum.values())
    for place, stratum in enumerate(found.strata):
        wanted = n[1] if stratum.found == NOTHING else n[0]
        assert stratum.n_units == n_units[place]
        assert stratum.n_drawn == n_drawn[place] == min(wanted, n_units[place])
        assert stratum.probability == stratum.n_drawn / stratum.n_units
    weights = sum(1 / found.probability(one) for one in found.drawn)
    assert weights == pytest.approx(sum(s.n_units for s in found.strata if s.n_drawn))
    if all(n):
        assert weights == pytest.approx(found.n_units)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=8), st.floats(0, 1), st.integers(0, 9**9))
def test_each_cluster_gives_its_share_rounded_up_or_down(sizes, share, seed):
    clusters = [f"c{i}" for i, size in enumerate(sizes) for _ in range(size)]
    n = round(share * len(clusters))
    places = spread(clusters, n, np.random.default_rng(seed))
    assert len(set(places)) == len(places) == n
    given_by = Counter(clusters[i] for i in places)
    for i, size in enumerate(sizes):
        exact = size * n / len(clusters)
        assert math.floor(exact) <= given_by[f"c{i}"] <= math.ceil(exact)


def test_documents_of_one_family_are_one_cluster_and_others_are_their_own():
    documents = [one_text(10, document=f"f{i}", family="one") for i in range(5)]
    documents += [one_text(10, document=f"d{i}") for i in range(5)]
    corpus = Corpus(tuple(documents), CASES)
    for seed in range(20):
        found = drawn(corpus, by_chance(corpus, [], 0), n_others=10, seed=seed)
        clusters = Counter(corpus[one.segment.document].cluster for one in found.drawn)
        assert clusters == {"one": 5, **{f"d{i}": 1 for i in range(5)}}


def too_uneven(counts, n_seeds, probability):
    """Say whether units were drawn more unevenly than chance would, once in a million such tests."""
    expected, spread_of_one = n_seeds * probability, math.sqrt(n_seeds * probability * (1 - probability))
    far = [abs(count - expected) / spread_of_one for count in counts]
    chi_square = sum(each**2 for each in far)
    return max(far) > 5.5 or chi_square > len(far) + 5 * math.sqrt(2 * len(far))


@pytest.mark.parametrize(
    ("sizes", "n"),
    [([1, 2, 4, 6], 5), ([13], 5), ([1] * 13, 5), ([7, 6], 1), ([3, 3, 3], 8), ([1, 11, 1], 2)],
)
def test_within_a_stratum_no_unit_is_drawn_more_often_than_another(sizes, n):
    clusters = [f"c{i}" for i, size in enumerate(sizes) for _ in range(size)]
    n_seeds = 6000
    counts = Counter(i for seed in range(n_seeds) for i in spread(clusters, n, np.random.default_rng(seed)))
    assert not too_uneven([counts[i] for i in range(len(clusters))], n_seeds, n / len(clusters))


@pytest.mark.parametrize("clusters", [["one"] * 6, list("abcdef")])
def test_any_two_units_are_drawn_together_as_often_as_another_two(clusters):
    n_seeds = 3000
    counts = Counter(frozenset(spread(clusters, 2, np.random.default_rng(seed))) for seed in range(n_seeds))
    pairs = [frozenset(pair) for pair in combinations(range(6), 2)]
    assert not too_uneven([counts[pair] for pair in pairs], n_seeds, 1 / 15)


def test_a_bound_that_finds_uneven_drawing_finds_it():
    chance = random.Random(1)
    rows = [chance.choices(range(13), weights=[1.2] + [1] * 12) for _ in range(6000 * 5)]
    counts = Counter(i for (i,) in rows)
    assert too_uneven([counts[i] for i in range(13)], 6000, 5 / 13)


def test_the_probability_that_is_recorded_is_that_of_being_drawn():
    corpus = Corpus(
        (
            one_text(5, document="a", family="one"),
            one_text(2, document="b", family="one"),
            one_text(9, document="c"),
            one_text(4, document="d", donor="japan"),
        ),
        CASES,
    )
    bears = {unit: ["role.bridge"] if i % 3 == 0 else [] for i, unit in enumerate(units_of(corpus))}
    n_seeds = 1500
    counts, recorded = Counter(), {}
    for seed in range(n_seeds):
        found = drawn(corpus, bears, n_found=3, n_others=4, seed=seed)
        counts.update(one.segment for one in found.drawn)
        recorded |= {one.segment: found.probability(one) for one in found.drawn}
    assert set(recorded) == set(bears)
    groups = defaultdict(list)
    for unit, probability in recorded.items():
        groups[probability].append(counts[unit])
    assert len(groups) > 2
    for probability, members in groups.items():
        if probability == 1:
            assert set(members) == {n_seeds}
        else:
            assert not too_uneven(members, n_seeds, probability)


def test_the_order_in_which_units_are_judged_is_random():
    corpus = plain_corpus(3, 3, 3)
    bears = {unit: ["role"] if i % 2 else [] for i, unit in enumerate(units_of(corpus))}
    n_seeds = 1800
    orders = [
        [one.segment for one in drawn(corpus, bears, n_found=99, n_others=99, seed=seed).drawn]
        for seed in range(n_seeds)
    ]
    assert all(set(order) == set(bears) for order in orders)
    for place in (0, 4, 8):
        counts = Counter(order[place] for order in orders)
        assert not too_uneven([counts[unit] for unit in bears], n_seeds, 1 / 9)
    neighbours = Counter(a.document == b.document for order in orders for a, b in pairwise(order))
    assert neighbours[True] / neighbours.total() == pytest.approx(2 / 8, abs=0.02)


def test_the_same_seed_draws_the_same_and_another_another():
    corpus = plain_corpus(8, 9)
    bears = by_chance(corpus, ["role.bridge", "behaviour"], 3)
    one, again, other = (drawn(corpus, bears, n_others=5, seed=seed) for seed in (7, 7, 8))
    assert replace(one, at=again.at) == again
    assert {d.segment for d in one.drawn} != {d.segment for d in other.drawn}


SCRIPT = """
from test_sampling import *
corpus = Corpus(tuple(one_text(6, document=f"d{i}", donor=donor, family=f"f{i // 2}")
                      for i, donor in enumerate(["norland", "japan"] * 4)), CASES)
asked = ["role.bridge", "role.mediator", "behaviour"]
found = drawn(corpus, by_chance(corpus, asked, 5), codes=asked)
print([(d.segment.document, d.segment.start, d.stratum) for d in found.drawn], found.strata)
"""


def test_the_same_seed_draws_the_same_whatever_the_order_of_sets():
    told = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(told) == 1
    assert "role.bridge" in told.pop()


def test_of_equally_rare_codes_the_first_of_the_codebook_makes_the_stratum():
    corpus = plain_corpus(4)
    units = units_of(corpus)
    bears = dict(zip(units, [["behaviour", "role.bridge"], ["orientation"], [], []], strict=True))
    for asked in (["role", "behaviour", "orientation"], ["orientation", "behaviour", "role"]):
        found = drawn(corpus, bears, codes=asked)
        assert [(s.found, s.n_units) for s in found.strata] == [("role", 1), ("orientation", 1), (NOTHING, 2)]


def test_whichever_way_round_codes_are_named_the_sample_is_the_same():
    corpus = plain_corpus(9, 9)
    bears = {unit: [["role.bridge"], ["behaviour"], []][i % 3] for i, unit in enumerate(units_of(corpus))}
    one = drawn(corpus, bears, codes=["role", "behaviour", "orientation"])
    other = drawn(corpus, bears, codes=["orientation", "behaviour", "role", "behaviour"])
    assert list(one.codes) == list(other.codes) == ["role", "behaviour", "orientation"]
    assert replace(one, at=other.at) == other


def test_with_rollup_a_code_is_found_where_one_below_it_is():
    corpus = plain_corpus(5)
    units = units_of(corpus)
    bears = dict(zip(units, [["role.bridge"], ["role.mediator"], ["role"], [], ["behaviour"]], strict=True))
    rolled = drawn(corpus, bears, codes=["role"], rollup=True)
    plain = drawn(corpus, bears, codes=["role"], rollup=False)
    assert [(s.found, s.n_units) for s in rolled.strata] == [("role", 3), (NOTHING, 2)]
    assert [(s.found, s.n_units) for s in plain.strata] == [("role", 1), (NOTHING, 4)]
    assert (rolled.rollup, plain.rollup) == (True, False)


def test_the_narrower_of_two_codes_makes_the_stratum_since_it_is_the_rarer():
    corpus = plain_corpus(4)
    bears = dict(zip(units_of(corpus), [["role.bridge"], ["role"], ["role"], []], strict=True))
    found = drawn(corpus, bears, codes=["role", "role.bridge"])
    assert [(s.found, s.n_units) for s in found.strata] == [("role", 2), ("role.bridge", 1), (NOTHING, 1)]


def test_codes_that_are_not_asked_for_make_no_stratum():
    corpus = plain_corpus(4)
    bears = dict(zip(units_of(corpus), [["behaviour"], ["orientation"], ["old"], []], strict=True))
    found = drawn(corpus, bears, codes=["behaviour"])
    assert [(s.found, s.n_units) for s in found.strata] == [("behaviour", 1), (NOTHING, 3)]
    retired = drawn(corpus, bears, codes=["old"])
    assert [(s.found, s.n_units) for s in retired.strata] == [("old", 1), (NOTHING, 3)]
    assert dict(retired.codes) == {"old": BOOK["old"].meaning}


def test_what_others_coded_and_read_does_not_matter():
    corpus = plain_corpus(9, 4)
    bears = by_chance(corpus, ["role", "behaviour"], 2)
    everyone = coding(corpus, bears) + coding(
        corpus, by_chance(corpus, ["role"], 9), coder="ben", read={"d1"}
    )
    found = sampled(everyone, corpus)
    assert replace(found, at="") == replace(drawn(corpus, bears), at="")


def test_a_unit_of_two_donors_stands_in_a_stratum_of_both_and_one_of_nobody_in_none():
    text = (
        "It begins.\n\nNorland trains. It rests. Japan and Norland talk. Norland met Japan.\n\n日本は話す。"
    )
    about = Document("both", text, {"donor": "norland", "about": ("norland", "japan")})
    corpus = Corpus((about, one_text(2, donor="japan")), CASES)
    found = drawn(corpus, by_chance(corpus, [], 0))
    assert [(s.cases, s.n_units) for s in found.strata] == [
        (("norland",), 2),
        (("japan", "norland"), 2),
        (("japan",), 3),
    ]
    assert found.documents["both"].strata == (UNPLACED, 0, 0, 1, 1, 2)
    assert (found.n_units, found.n_unplaced, len(found.drawn)) == (7, 1, 7)
    assert set(found.cases) == {"norland", "japan"}
    assert not any(one.segment == units_of(corpus)[0] for one in found.drawn)


def test_a_case_can_be_a_combination_of_values_or_another_variable_than_the_donor():
    documents = (one_text(2, document="a", year=2015), one_text(2, document="b", year=2016))
    corpus = Corpus(documents, CASES)
    bears = by_chance(corpus, [], 0)
    both, year = drawn(corpus, bears, by=["donor", "year"]), drawn(corpus, bears, by="year")
    assert [s.cases for s in both.strata] == [("norland · 2015",), ("norland · 2016",)]
    assert [s.cases for s in year.strata] == [("2015",), ("2016",)]
    assert (both.by, year.by) == (("donor", "year"), ("year",))


@pytest.mark.parametrize(("unit", "n"), [("sentence", 4), ("paragraph", 2), ("document", 1)])
def test_the_units_are_those_asked_for_in_any_script(unit, n):
    text = "日本は警察を訓練する。한국은 👩🏽‍💻 훈련한다.\r\n\r\nCafe\u0301 begins. It rests.\r\n"
    corpus = Corpus((Document("d", text, {"donor": "norland"}),), CASES)
    found = drawn(corpus, by_chance(corpus, [], 0, unit=unit), unit=unit, n_others=9)
    words = {text[one.segment.start : one.segment.end] for one in found.drawn}
    assert (found.n_units, len(words)) == (n, n)
    assert {corpus["d"].quote(one.segment) for one in found.drawn} == words
    assert not any("\r\n\r\n" in each for each in words) or unit == "document"


def test_a_segment_across_a_boundary_counts_for_both_units_or_for_the_greater_part():
    corpus = plain_corpus(3)
    first, second, _ = units_of(corpus)
    across = CodedSegment("x", corpus["d0"].segment(first.start + 3, second.start + 4), "role", "m", "rules")
    coded = Coded((across,), (Reading("rules", corpus["d0"].whole, kind="rules"),))
    strata = {c: sampled(coded, corpus, counts=c).documents["d0"].strata for c in ("any", "greater part")}
    assert strata == {"any": (0, 0, 1), "greater part": (0, 1, 1)}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": ""}, "cannot be a sample's name"),
        ({"name": "../first"}, "cannot be a sample's name"),
        ({"name": "First"}, "cannot be a sample's name"),
        ({"name": ".first"}, "cannot be a sample's name"),
        ({"name": "first\n"}, "cannot be a sample's name"),
        ({"name": "a" * 65}, "at most 64"),
        ({"codes": ["roel"]}, "no code 'roel'. Did you mean 'role'"),
        ({"codes": []}, "Name one of book"),
        ({"readers": []}, "nobody to judge the sample. Name a reader"),
        ({"readers": ["anna", "ben", "anna"]}, "'anna' is named twice"),
        ({"readers": ["rules"]}, "cannot judge its own coding"),
        ({"readers": ["a b"]}, "cannot be a coder's name"),
        ({"n_found": -1}, "nothing is to be drawn"),
        ({"n_others": -1}, "nothing is to be drawn"),
        ({"n_found": 0, "n_others": 0}, "nothing is to be drawn"),
        ({"unit": "word"}, "unit: 'word' is not one of sentence, paragraph, document"),
        ({"counts": "most"}, "counts: 'most' is not one of any, greater part"),
        ({"by": "dnoor"}, "Did you mean 'donor'"),
        ({"by": []}, "name the document variable"),
        ({"seed": -1}, "seed"),
        ({"coder": "ben"}, "ben has not looked for role, behaviour in 4 of 4 units"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_says_why(asked, said):
    corpus = plain_corpus(2, 2)
    with pytest.raises(CodingError, match=said):
        drawn(corpus, by_chance(corpus, ["role"], 1), **asked)


def test_all_that_is_wrong_with_readers_is_told_at_once():
    corpus = plain_corpus(2)
    with pytest.raises(CodingError) as caught:
        drawn(corpus, {}, readers=["rules", "rules", "anna", "anna"])
    assert len(caught.value.problems) == 3


def test_without_texts_it_says_how_to_bring_some_in():
    with pytest.raises(CodingError, match="no text to draw from. `coding add`"):
        drawn(Corpus((), CASES), {})


def test_a_coder_who_has_not_read_everything_is_refused_with_the_first_document():
    corpus = plain_corpus(2, 3, 1)
    coded = coding(corpus, {}, read={"d0", "d2"})
    with pytest.raises(
        CodingError, match="rules has not looked for role, behaviour in 3 of 6 units, the first in d1"
    ):
        sampled(coded, corpus)
    some = Coded((), tuple(replace(r, codes=("behaviour",)) for r in coding(corpus, {}).readings))
    with pytest.raises(CodingError, match="rules has not looked for role in 6 of 6 units"):
        sampled(some, corpus)


def test_a_text_that_has_changed_since_it_was_coded_is_refused():
    corpus = plain_corpus(2)
    changed = Corpus(tuple(Document(d.id, d.text + "x", d.variables) for d in corpus), CASES)
    with pytest.raises(StaleText):
        sampled(coding(corpus, {}), changed)


def test_a_sample_of_no_unit_is_refused():
    corpus = plain_corpus(3)
    with pytest.raises(CodingError, match="no sentence is drawn"):
        drawn(corpus, by_chance(corpus, [], 0), n_found=5, n_others=0)
    nobody = Document("d", "It begins.", {"donor": "norland", "about": ("norland", "japan")})
    with pytest.raises(CodingError, match="no sentence is drawn"):
        drawn(Corpus((nobody,), CASES), {})


# The file


def small():
    corpus = Corpus(
        (
            Document("日本/a", "日本は話す。Norland 👩🏽‍💻 talks. It rests.", {"donor": "japan", "about": ("norland", "japan")}),
            one_text(4, document="norland/b"),
        ),
        CASES,
    )  # fmt: skip
    bears = {unit: ["role.bridge"] if i in (1, 4) else [] for i, unit in enumerate(units_of(corpus))}
    return drawn(corpus, bears, readers=["anna", "ben"], n_others=2)


@settings(max_examples=60)
@given(corpora(), asked_codes, numbers, st.integers(0, 9**9))
def test_a_sample_that_is_written_is_read_again(tmp_path_factory, corpus, asked, n, seed):
    bears = by_chance(corpus, asked, seed)
    if not has_drawn_some(corpus, bears, asked, *n, rollup=True):
        return
    made = drawn(corpus, bears, codes=asked, n_found=n[0], n_others=n[1], seed=seed, readers=["anna", "b@c"])
    path = tmp_path_factory.mktemp("s") / "first.json"
    write_sample(path, made)
    again = read_sample(path)
    assert again == made
    assert list(again.documents) == list(made.documents)
    assert list(again.codes) == list(made.codes)
    before = path.read_bytes()
    write_sample(path, again)
    assert path.read_bytes() == before


def broken(path, change):
    """Write a sample, change its values, and return the path."""
    write_sample(path, small())
    values = json.loads(path.read_text(encoding="utf-8"))
    change(values)
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    return path


def put(*keys, value):
    def change(values):
        for key in keys[:-1]:
            values = values[key]
        values[keys[-1]] = value

    return change


def without(*keys):
    def change(values):
        for key in keys[:-1]:
            values = values[key]
        del values[keys[-1]]

    return change


def drawn_twice(values):
    """Draw a unit twice, in the place of another of its stratum."""
    first, *others = (i for i, d in enumerate(values["drawn"]) if d["stratum"] == 2)
    values["drawn"][first] = values["drawn"][others[0]]


def with_an_empty_stratum(values):
    values["strata"].append({"cases": ["japan"], "found": "behaviour", "units": 0, "drawn": 0})


CHANGES = [
    (put("strata", 0, "units", value=9), "what is said of its strata is not what stands in them"),
    (put("strata", 0, "drawn", value=0), "what is said of its strata is not what stands in them"),
    (put("strata", 0, "units", value=-1), "strata.0.units.*greater than or equal to 1"),
    (put("documents", "norland/b", "strata", value="0 0 7 0"), "changed by hand"),
    (put("documents", "norland/b", "strata", value="0 0 -2 0"), "changed by hand"),
    (put("documents", "norland/b", "strata", value="0 0 one 0"), "documents.norland/b.strata"),
    (put("documents", "norland/b", "strata", value="9" * 5000), "first.json"),
    (put("drawn", 0, "stratum", value=7), "changed by hand"),
    (put("drawn", 0, "stratum", value=-1), "changed by hand"),
    (put("drawn", 0, "document", value="japan/z"), "drawn from japan/z, which is not among its documents"),
    (put("drawn", 0, "start", value=9999), "a segment from 9999"),
    (put("drawn", 0, "start", value=-1), "a segment from -1"),
    (put("drawn", 0, "start", value="0"), "drawn.0.start.*valid integer"),
    (put("drawn", 0, "extra", value=1), "drawn.0.extra.*extra inputs are not permitted"),
    (put("more", value=1), "'more': extra inputs are not permitted"),
    (put("readers", value="anna"), "'readers'.*valid array"),
    (put("rollup", value=1), "'rollup'.*valid boolean"),
    (put("unit", value="word"), "'unit'.*'sentence', 'paragraph' or 'document'"),
    (put("name", value="../first"), "cannot be a sample's name"),
    (put("strata", value=[]), "changed by hand"),
    (without("documents", "norland/b"), "norland/b|changed by hand"),
    (without("seed"), "'seed'.*required"),
    (without("drawn", 0), "changed by hand"),
    (drawn_twice, "drawn twice|changed by hand"),
    (with_an_empty_stratum, "strata.3.units.*greater than or equal to 1"),
    (put("readers", value=[]), "'readers'.*at least 1"),
    (put("codes", value={}), "'codes'.*at least 1"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES, ids=map(str, range(len(CHANGES))))
def test_a_file_that_was_changed_by_hand_is_refused(tmp_path, change, said):
    with pytest.raises(CodingError, match=said):
        read_sample(broken(tmp_path / "first.json", change))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty|the file"),
        (b"{", "the file"),
        (b"[]", "the file"),
        (b'{"name": "\xff"}', "utf-8"),
        (b"[" * 5000, "the file"),
        (b'{"name": "\\ud800"}', "the file"),
    ],
)
def test_what_is_no_sample_is_refused_by_its_name(tmp_path, content, said):
    path = tmp_path / "first.json"
    path.write_bytes(content)
    with pytest.raises(CodingError, match=f"samples/first.json.*({said})"):
        read_sample(path, name="samples/first.json")
    with pytest.raises(CodingError, match="samples/none.json"):
        read_sample(tmp_path / "none.json", name="samples/none.json")


def test_a_sample_that_does_not_agree_with_itself_cannot_be_made():
    made = small()
    for other in (
        {"drawn": made.drawn[1:]},
        {"drawn": (*made.drawn, made.drawn[0])},
        {"drawn": (Drawn(made.drawn[0].segment, 99), *made.drawn[1:])},
        {"strata": made.strata[1:]},
        {"strata": (*made.strata, Stratum(("japan",), NOTHING, 1, 0))},
        {"documents": {**made.documents, "z": Framed("d", (0,))}},
        {"name": "no name"},
    ):
        with pytest.raises(CodingError):
            replace(made, **other)
    assert isinstance(replace(made, readers=("carl",)), Sample)
