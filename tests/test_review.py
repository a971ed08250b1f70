"""What stands after review: decisions applied, suggestions counted, disagreements found, rulings returned."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.batch import Cause, Decision, act
from coding.codebook import Code, Codebook
from coding.errors import CodingError
from coding.model import Coded, CodedSegment, Coder, Corpus, Document, Reading
from coding.review import (
    Precision,
    by_cause,
    carried,
    disagreements,
    firsthand,
    holding,
    latest,
    precision,
    resolve,
    rulings_on,
    wilson,
    without_twins,
)
from coding.revision import Merge, Move, Retire, Split, successions
from coding.store import Store

TEXT = "Norland trains police 👩🏽‍✈️ and builds a bridge to 日本. It rests."
DOCUMENT = Document("d", TEXT)
CORPUS = Corpus((DOCUMENT,))
RULES = Coder("rules", "rules")


def segment(id_, start=0, end=7, *, code="role", coder="anna", document=DOCUMENT):
    return CodedSegment(id_, document.segment(start, end), code, "m", coder)


def reading(coder, kind="person", document=DOCUMENT, **more):
    return Reading(coder, document.whole, kind=kind, **more)


def decision(about, ruling, at="2026-01-01", *, instead=None, coder="cleo", cause=None, id_=None):
    return Decision(id_ or f"{about}-{at}", about, ruling, coder, at, "r", cause, instead)


def stands(coded, *decisions, unreviewed="keep", pool=None):
    found = resolve(coded, decisions, unreviewed=unreviewed, pool=pool or coded)
    return [each.id for each in found.segments]


SUGGESTED = Coded(
    (segment("s", coder="rules"), segment("t", 8, 14, coder="rules")), (reading("rules", "rules"),)
)


# ---- resolve


def test_without_a_decision_everything_stands_or_only_what_people_coded():
    coded = SUGGESTED + Coded((segment("own"),), (reading("anna"),))
    assert stands(coded) == ["s", "t", "own"]
    assert stands(coded, unreviewed="drop") == ["own"]


def test_unreviewed_segments_of_models_are_dropped_as_those_of_rules_are():
    coded = Coded((segment("m", coder="learned"),), (reading("learned", "model"),))
    assert stands(coded, unreviewed="drop") == []


def test_what_is_accepted_stands_and_what_is_rejected_does_not():
    decisions = (decision("s", "accept"), decision("t", "reject"))
    assert stands(SUGGESTED, *decisions, unreviewed="drop") == ["s"]
    assert stands(SUGGESTED, *decisions, unreviewed="keep") == ["s"]


def test_a_rejected_segment_of_a_person_does_not_stand_either():
    coded = Coded((segment("own"),), (reading("anna"),))
    assert stands(coded, decision("own", "reject")) == []


def test_a_recoded_segment_gives_way_to_the_one_in_its_place():
    pool = SUGGESTED + Coded((segment("new", coder="cleo"),))
    assert stands(SUGGESTED, decision("s", "recode", instead="new"), pool=pool) == ["new", "t"]


def test_a_recoding_of_a_recoding_ends_at_the_last():
    pool = SUGGESTED + Coded((segment("new", coder="cleo"), segment("newer", coder="ben")))
    chain = (decision("s", "recode", instead="new"), decision("new", "recode", instead="newer"))
    assert stands(SUGGESTED, *chain, pool=pool) == ["newer", "t"]
    assert stands(pool, *chain, pool=pool) == ["newer", "t"]
    assert stands(pool, *chain, decision("newer", "reject"), pool=pool) == ["t"]


def test_what_a_decision_put_in_place_does_not_outlive_a_later_decision():
    pool = SUGGESTED + Coded((segment("new", coder="cleo"),), (reading("cleo"),))
    recoded = decision("s", "recode", "2026-01-01", instead="new")
    assert stands(pool, recoded, decision("s", "accept", "2026-01-02"), pool=pool) == ["s", "t"]
    assert stands(pool, recoded, decision("s", "reject", "2026-01-02"), pool=pool) == ["t"]


def test_decisions_that_go_in_a_circle_come_to_an_end():
    pool = SUGGESTED + Coded((segment("new", coder="cleo"), segment("newer", coder="cleo")))
    circle = [
        decision(one, "recode", instead=to) for one, to in [("s", "new"), ("new", "newer"), ("newer", "new")]
    ]
    assert stands(SUGGESTED, *circle, pool=pool) == ["new", "t"]


def test_two_segments_recoded_to_one_stand_once():
    pool = SUGGESTED + Coded((segment("new", coder="cleo"),))
    both = (decision("s", "recode", instead="new"), decision("t", "recode", instead="new"))
    assert stands(SUGGESTED, *both, pool=pool) == ["new"]


def test_a_recoding_whose_segment_was_taken_back_decides_nothing():
    void = decision("s", "recode", "2026-01-02", instead="new")
    assert stands(SUGGESTED, void) == ["s", "t"]
    assert stands(SUGGESTED, void, unreviewed="drop") == []
    assert stands(SUGGESTED, decision("s", "reject"), void) == ["t"]
    assert holding([void, decision("t", "accept")], SUGGESTED) == (decision("t", "accept"),)


def test_the_last_of_several_recodings_may_be_taken_back():
    pool = SUGGESTED + Coded((segment("new", coder="cleo"),))
    chain = (decision("s", "recode", instead="new"), decision("new", "recode", instead="newer"))
    assert stands(SUGGESTED, *chain, unreviewed="drop", pool=pool) == ["new"]


def test_the_same_words_put_in_place_by_two_decisions_with_the_same_code_count_once():
    for other in ("cleo", "dora"):
        pool = SUGGESTED + Coded((segment("b", 3, 9, coder="cleo"), segment("a", 3, 9, coder=other)))
        both = (decision("s", "recode", instead="b"), decision("t", "recode", instead="a"))
        assert stands(SUGGESTED, *both, pool=pool) == ["a"]


def test_two_people_who_coded_the_same_words_alike_both_stand():
    coded = Coded((segment("a"), segment("b", coder="ben")), (reading("anna"), reading("ben")))
    assert stands(coded) == ["a", "b"]


def test_readings_stay_whatever_is_decided():
    found = resolve(SUGGESTED, [decision("s", "reject")], unreviewed="drop", pool=SUGGESTED)
    assert found.readings == SUGGESTED.readings


def test_an_unknown_way_to_treat_the_unreviewed_names_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'drop'"):
        stands(SUGGESTED, unreviewed="dropp")


@given(st.permutations([("2026-01-01", "accept"), ("2026-01-02", "reject"), ("2026-01-03", "accept")]))
def test_the_last_decision_holds_in_whatever_order_they_come(order):
    found = latest(decision("s", ruling, at) for at, ruling in order)
    assert (found["s"].at, found["s"].ruling) == ("2026-01-03", "accept")


RULINGS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["accept", "reject", "recode"]), st.integers(0, 9)),
    max_size=12,
)


@given(RULINGS)
def test_each_suggestion_stands_as_itself_or_as_what_its_decisions_lead_to(drawn):
    originals = [segment(f"s{i}", i, i + 1, coder="rules") for i in range(6)]
    coded = Coded(tuple(originals), (reading("rules", "rules"),))
    decisions, made = [], []
    for n, (about, ruling, target) in enumerate(drawn):
        names = [*(s.id for s in originals), *(s.id for s in made)]
        instead = f"i{n}" if ruling == "recode" else None
        if instead:
            made.append(segment(instead, n, n + 1, coder="cleo"))
        chosen = names[about] if target % 2 else names[-1]
        decisions.append(decision(chosen, ruling, f"2026-01-{n + 1:02}", instead=instead, id_=f"d{n}"))
    pool = coded + Coded(tuple(made))

    def led(name):
        mine = [each for each in decisions if each.about == name]
        if not mine or mine[-1].ruling == "accept":
            return name
        return None if mine[-1].ruling == "reject" else led(mine[-1].instead)

    wanted = {led(each.id) for each in originals} - {None}
    assert set(stands(coded, *decisions, pool=pool)) == wanted
    assert set(stands(pool, *decisions, pool=pool)) == wanted


# ---- in the store: decisions undone, twins


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "project.db") as opened:
        opened.add(act("anna", "tag", RULES, *SUGGESTED.readings, *SUGGESTED.segments))
        yield opened


def resolved(store, **settings):
    coded = store.coded()
    found = resolve(coded, store.rows(Decision), unreviewed="keep", pool=coded, **settings)
    return {each.id for each in found.segments}


def test_a_decision_that_is_undone_leaves_what_was_there_before(store):
    batch = act("cleo", "decide", segment("new", coder="cleo"), decision("s", "recode", instead="new"))
    store.add(batch)
    assert resolved(store) == {"new", "t"}
    store.undo(batch.id, by="cleo")
    assert resolved(store) == {"s", "t"}
    store.redo(batch.id, by="cleo")
    assert resolved(store) == {"new", "t"}


def test_of_two_suggestions_given_the_same_words_and_code_each_can_be_decided_anew(store):
    for about, new in (("s", "one"), ("t", "other")):
        placed = segment(new, 3, 9, coder="cleo")
        store.add(act("cleo", "decide", placed, decision(about, "recode", instead=new)))
    store.add(act("cleo", "code", segment("a-own", 3, 9, coder="cleo")))
    assert resolved(store) == {"a-own"}
    gone = store.to_take_back(["s-2026-01-01", "one"], of="cleo")
    store.add(act("cleo", "take back", *gone))
    assert resolved(store) == {"s", "a-own"}
    store.add(act("cleo", "take back", *store.to_take_back(["a-own"], of="cleo")))
    assert resolved(store) == {"s", "other"}


# ---- what coders coded themselves, how often suggestions were right


def test_firsthand_leaves_out_exactly_what_decisions_put_in_place():
    coded = Coded((segment("own", coder="cleo"), segment("new", coder="cleo")), (reading("cleo"),))
    found = firsthand(coded, [decision("s", "recode", instead="new"), decision("t", "accept")])
    assert [each.id for each in found.segments] == ["own"]
    assert found.readings == coded.readings


def test_a_recoded_suggestion_was_not_right():
    segments = [segment(name) for name in "abcd"]
    last = latest([decision("a", "accept"), decision("b", "recode", instead="x"), decision("c", "reject")])
    assert precision(segments, last) == Precision(accepted=1, recoded=1, rejected=1)
    assert precision(segments, last).share == pytest.approx(1 / 3)


def test_without_a_decision_there_is_no_precision():
    found = precision([segment("a")], {})
    assert (found.decided, found.share, found.interval) == (0, None, None)


# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_the_published_examples(k, n, low, high):
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_is_symmetric(drawn):
    k, n = drawn
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


# ---- disagreements


def disagreeing(*segments, readers=("anna", "ben"), corpus=CORPUS):
    readings = tuple(reading(name, document=document) for name in readers for document in corpus)
    return disagreements(Coded(segments, readings), corpus, "anna", "ben")


def test_the_same_code_on_overlapping_words_is_agreement_whatever_the_bounds():
    assert disagreeing(segment("a", 0, 7), segment("b", 6, 20, coder="ben")) == []


def test_codes_on_words_that_only_meet_are_two_disagreements():
    found = disagreeing(segment("a", 0, 7), segment("b", 7, 9, coder="ben"))
    assert [(each.start, each.end) for each in found] == [(0, 7), (7, 9)]


def test_a_code_that_one_gave_and_the_other_did_not_is_a_disagreement():
    (found,) = disagreeing(segment("a"), segment("b", code="aim", coder="ben"), segment("c", coder="ben"))
    assert [each.id for each in found.contested] == ["b"]
    assert found.agreed == ("role",)


def test_agreement_on_some_words_does_not_hide_the_same_code_on_others():
    long = segment("long", 0, 20, code="aim", coder="ben")
    pair = segment("a", 0, 7), segment("b", 0, 7, coder="ben")
    (found,) = disagreeing(long, *pair, segment("far", 10, 15))
    assert [each.id for each in found.contested] == ["far", "long"]


def test_a_disagreement_is_settled_when_every_contested_segment_is_ruled_on():
    (found,) = disagreeing(segment("a"), segment("b", code="aim", coder="ben"))
    assert not found.is_settled(latest([decision("a", "accept")]))
    assert found.is_settled(latest([decision("a", "accept"), decision("b", "reject")]))


def test_documents_that_only_one_has_read_are_not_compared():
    other = Document("e", "Sudland.")
    corpus = Corpus((DOCUMENT, other))
    coded = Coded(
        (segment("a"), segment("x", document=other)),
        (reading("anna"), reading("ben"), reading("anna", document=other)),
    )
    assert [each.document for each in disagreements(coded, corpus, "anna", "ben")] == ["d"]


def test_what_was_coded_in_an_earlier_text_is_left_out():
    earlier = Document("d", "Another text")
    assert disagreeing(segment("a", document=earlier)) == []


def test_two_who_share_no_document_are_told_how_to_come_to_one():
    with pytest.raises(CodingError, match="anna and ben have read no document both.*coding assign"):
        disagreeing(segment("a"), readers=("anna",))


SPANS = st.lists(
    st.tuples(
        st.integers(0, 24),
        st.integers(1, 8),
        st.sampled_from(["role", "aim"]),
        st.sampled_from(["anna", "ben"]),
    ),
    max_size=9,
)


@given(SPANS)
def test_disagreements_are_what_comparing_every_pair_of_segments_finds(drawn):
    segments = [segment(str(i), s, s + n, code=c, coder=who) for i, (s, n, c, who) in enumerate(drawn)]
    groups = []
    for each in segments:
        near = [g for g in groups if any(each.segment.overlap(other.segment) for other in g)]
        groups = [g for g in groups if g not in near] + [[each, *(other for g in near for other in g)]]
    wanted = {}
    for group in groups:
        alone = {
            a.id
            for a in group
            if not any(
                a.coder != b.coder and a.code == b.code and a.segment.overlap(b.segment) for b in group
            )
        }
        if alone:
            start, end = min(s.segment.start for s in group), max(s.segment.end for s in group)
            wanted[start, end] = (alone, {s.id for s in group})
    found = disagreeing(*segments)
    assert {
        (d.start, d.end): ({s.id for s in d.contested}, {s.id for s in (*d.first, *d.second)}) for d in found
    } == wanted
    assert [d.start for d in found] == sorted(d.start for d in found)
    assert len({d.id for d in found}) == len(found)
    assert all(s.coder == "anna" for d in found for s in d.first)
    assert all(s.coder == "ben" for d in found for s in d.second)


@given(SPANS)
def test_who_is_named_first_changes_only_the_sides(drawn):
    segments = tuple(segment(str(i), s, s + n, code=c, coder=who) for i, (s, n, c, who) in enumerate(drawn))
    coded = Coded(segments, (reading("anna"), reading("ben")))
    one, other = disagreements(coded, CORPUS, "anna", "ben"), disagreements(coded, CORPUS, "ben", "anna")
    assert [(d.id, d.first, d.second) for d in one] == [(d.id, d.second, d.first) for d in other]


# ---- rulings, and codes that changed


def test_rulings_on_a_code_are_the_last_with_a_cause_newest_first():
    coded = Coded((segment("a"), segment("b"), segment("c"), segment("other", code="aim")))
    decisions = [
        decision("a", "accept", "2026-01-01", cause="slip"),
        decision("b", "reject", "2026-01-03", cause="codebook gap"),
        decision("a", "reject", "2026-01-04", cause="ambiguous text"),
        decision("c", "accept", "2026-01-05"),
        decision("other", "accept", "2026-01-06", cause="slip"),
    ]
    found = rulings_on("role", decisions, coded)
    assert [(each.at, each.cause, of.id) for each, of in found] == [
        ("2026-01-04", "ambiguous text", "a"),
        ("2026-01-03", "codebook gap", "b"),
    ]
    assert by_cause(found) == {"ambiguous text": 1, "codebook gap": 1, "slip": 0}


@given(st.lists(st.sampled_from([None, *Cause.__args__]), max_size=8))
def test_every_ruling_with_a_cause_is_counted_once(causes):
    coded = Coded(tuple(segment(str(i)) for i in range(len(causes))))
    decisions = [decision(str(i), "accept", cause=cause) for i, cause in enumerate(causes)]
    counted = by_cause(rulings_on("role", decisions, coded))
    assert Counter(counted) == Counter(cause for cause in causes if cause)


def test_what_was_coded_with_a_moved_or_merged_code_is_carried_and_a_split_waits():
    through = successions(
        [
            Merge(("old", "role"), "role"),
            Move("role", None, "part"),
            Split("wide", ({"id": "wide.one"}, {"id": "wide.two"})),
            Retire("gone", "Never used."),
        ]
    )
    names = ("old", "role", "wide", "gone", "aim")
    coded = Coded(
        tuple(segment(name, code=name) for name in names),
        (reading("rules", "rules", codes=("old", "role", "wide")), reading("anna")),
    )
    book = Codebook(
        "book", "2.0.0", (Code("part", "Part", "What it does."), Code("aim", "Aim", "What it wants."))
    )
    found = carried(coded, through, [book])
    assert [each.code for each in found.segments] == ["part", "part", "wide", "gone", "aim"]
    assert [each.id for each in found.segments] == [each.id for each in coded.segments]
    assert [each.meaning == book["part"].meaning for each in found.segments] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [each.codes for each in found.readings] == [("part", "wide"), None]


def test_what_was_given_in_a_judgement_is_carried_with_the_codes_that_were_asked_for():
    through = successions([Merge(("old", "role"), "role")])
    filed = replace(reading("anna", codes=("old", "role", "aim")), sample="first", given=("old", "role"))
    found = carried(Coded((), (filed, replace(filed, given=()), reading("ben"))), through, [])
    assert [(each.codes, each.given) for each in found.readings] == [
        (("role", "aim"), ("role",)),
        (("role", "aim"), ()),
        (None, None),
    ]


def test_without_changes_nothing_is_carried():
    assert carried(SUGGESTED, (), ()) is SUGGESTED


def test_words_that_one_coder_gave_two_codes_bear_one_when_these_are_merged():
    through = successions([Merge(("old",), "role")])
    coded = Coded(
        (
            segment("b"),
            segment("a", code="old"),
            segment("other", coder="ben"),
            segment("far", 8, 14),
            segment("placed"),
        ),
        (reading("anna"), reading("ben")),
    )
    book = Codebook("book", "2.0.0", (Code("role", "Role", "What it does."),))
    recoded = [decision("x", "recode", instead="placed")]
    found = without_twins(carried(coded, through, [book]), recoded)
    assert [each.id for each in found.segments] == ["a", "other", "far", "placed"]
    assert found.readings == coded.readings
    assert without_twins(found, recoded) == found
    assert stands(carried(coded, through, [book])) == ["a", "other", "far"]
