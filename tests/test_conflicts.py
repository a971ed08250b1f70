"""Where people, rules and models differ: only who has read says anything, and every difference has its reasons."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.batch import Decision, Memo
from coding.codebook import Code, Codebook, Rule
from coding.conflicts import KINDS, conflicts
from coding.errors import StaleText
from coding.model import Coded, CodedSegment, Corpus, Document, Reading
from coding.review import latest
from coding.units import unitise

TEXT = "Norland trains 👩🏽‍✈️ police. It builds a bridge to 日本. Then it rests."
DOCUMENT = Document("d", TEXT)
CORPUS = Corpus((DOCUMENT,))
FIRST, SECOND, THIRD = unitise(DOCUMENT, "sentence")
BRIDGE = Rule("bridge-word", "phrase", ("bridge",), unless=("no",))
BOOK = Codebook(
    "book",
    "1.0.0",
    (
        Code("role", "Role", "What it is for others."),
        Code("role.bridge", "Bridge", "It joins.", parent="role", rules=(BRIDGE,)),
        Code("role.leader", "Leader", "It leads.", parent="role", rules=(BRIDGE,)),
        Code("act", "Act", "What it does.", rules=(BRIDGE,)),
        Code("gone", "Gone", "No more.", retired=True, rules=(BRIDGE,)),
    ),
)
LEAVES = ("role.bridge", "role.leader", "act")
KIND_OF = {"anna": "person", "ben": "person", "rules": "rules", "m": "model", "n": "model"}


def read(coder, unit=DOCUMENT.whole, codes=None):
    return Reading(coder, unit, codes, kind=KIND_OF[coder])


def gave(coder, unit=SECOND, code="act", *, because="", score=None, id_=None, meaning=None):
    meant = BOOK[code].meaning if meaning is None else meaning
    id_ = id_ or f"{coder}-{code}-{unit.document}-{unit.start}"
    return CodedSegment(id_, unit, code, meant, coder, because, score)


def found(*rows, corpus=CORPUS, models=None, memos=()):
    segments = tuple(row for row in rows if isinstance(row, CodedSegment))
    readings = tuple(row for row in rows if isinstance(row, Reading))
    return conflicts(
        Coded(segments, readings),
        corpus,
        BOOK,
        unit="sentence",
        counts="any",
        models=models or {},
        memos=memos,
    )


def told(*rows, **more):
    """Return what the conflicts are on, and what each coder says."""
    return [
        (one.unit, one.code, {side.coder: side.says for side in one.sides}) for one in found(*rows, **more)
    ]


def reasons(one):
    return {side.coder: side.reasons for side in one.sides}


def decision(about, ruling="accept", instead=None):
    return Decision(f"on {about}", about, ruling, "cleo", "2026-01-01", "r", None, instead)


# ---- what is a conflict


def test_a_person_and_the_rules_who_read_the_same_and_differ_are_in_conflict():
    assert told(read("anna"), read("rules"), gave("rules")) == [
        (SECOND, "act", {"anna": False, "rules": True})
    ]
    assert told(read("anna"), read("rules"), gave("anna")) == [
        (SECOND, "act", {"anna": True, "rules": False})
    ]


def test_silence_without_a_reading_is_no_conflict():
    assert found(gave("rules"), read("rules"), read("anna", FIRST)) == []
    assert found(gave("rules"), read("rules"), read("anna", codes=("role.bridge",))) == []
    assert found(gave("anna"), read("rules")) == []


def test_a_model_that_abstained_says_nothing():
    rows = gave("anna"), read("anna"), read("m", FIRST), read("m", SECOND, ("role.bridge",)), read("m", THIRD)
    assert found(*rows) == []
    assert told(*rows, read("m", SECOND, ("act",))) == [(SECOND, "act", {"anna": True, "m": False})]


def test_a_model_that_abstained_on_a_category_says_nothing_of_it_whatever_it_says_of_its_codes():
    rows = gave("anna", code="role"), read("anna"), read("m", codes=("role.bridge", "role.leader"))
    assert found(*rows) == []


def test_who_say_the_same_are_in_no_conflict():
    everybody = [read(coder) for coder in KIND_OF]
    assert found(*everybody) == []
    assert found(*everybody, *(gave(coder) for coder in KIND_OF)) == []


def test_two_people_alone_disagree_but_are_in_no_conflict():
    rows = gave("anna"), read("anna"), read("ben")
    assert found(*rows) == []
    assert told(*rows, read("rules")) == [(SECOND, "act", {"anna": True, "ben": False, "rules": False})]


def test_two_models_are_a_side_each():
    (one,) = found(read("m"), read("n"), gave("m", score=0.9))
    assert [(side.coder, side.kind, side.says) for side in one.sides] == [
        ("m", "model", True), ("n", "model", False),
    ]  # fmt: skip
    assert one.kind == "machine against machine"


def test_a_code_out_of_use_or_out_of_the_codebook_makes_no_conflict():
    unknown = CodedSegment("x", SECOND, "elsewhere", "m", "rules")
    assert found(read("anna"), read("rules"), gave("rules", code="gone"), unknown) == []


def test_a_segment_counts_for_every_sentence_it_touches():
    both = DOCUMENT.segment(FIRST.end - 2, SECOND.start + 2)
    assert [unit for unit, _, _ in told(read("anna"), read("rules"), gave("anna", both))] == [FIRST, SECOND]


def test_a_text_that_has_changed_since_is_refused():
    changed = Corpus((Document("d", TEXT + " New."),))
    with pytest.raises(StaleText, match="d has changed"):
        found(read("anna"), read("rules"), gave("rules"), corpus=changed)


# ---- categories and the codes below them


def test_the_rules_have_read_for_a_category_if_they_search_for_all_below_it():
    rows = read("anna", codes=("role",)), gave("anna", code="role")
    assert told(*rows, read("rules", codes=LEAVES)) == [(SECOND, "role", {"anna": True, "rules": False})]
    assert found(*rows, read("rules", codes=("role.bridge", "act"))) == []


def test_who_gave_a_code_has_given_the_one_above_it():
    rows = read("anna", codes=("role",)), gave("anna", code="role"), read("rules", codes=LEAVES)
    assert found(*rows, gave("rules", code="role.bridge")) == []


def test_giving_a_sibling_or_the_code_above_is_a_conflict_on_the_code_itself():
    rows = read("anna"), read("m")
    codes = [
        code for _, code, _ in told(*rows, gave("anna", code="role.bridge"), gave("m", code="role.leader"))
    ]
    assert codes == ["role.bridge", "role.leader"]
    assert told(*rows, gave("anna", code="role"), gave("m", code="role.bridge")) == [
        (SECOND, "role.bridge", {"anna": False, "m": True})
    ]


def test_what_conflicts_below_a_category_say_is_not_said_again_of_the_category():
    rows = read("anna"), read("m"), gave("m", code="role.bridge"), gave("m", code="role")
    assert [code for _, code, _ in told(*rows)] == ["role.bridge"]


def test_a_category_stays_where_somebody_else_has_judged_it():
    rows = read("anna", codes=("role",)), read("rules"), read("m"), gave("m", code="role.bridge")
    assert told(*rows) == [
        (SECOND, "role", {"anna": False, "rules": False, "m": True}),
        (SECOND, "role.bridge", {"rules": False, "m": True}),
    ]


# ---- kinds and their order


@pytest.mark.parametrize(
    ("yes", "no", "kind"),
    [
        ("anna", ["rules", "m"], "people against rules and model"),
        ("rules", ["anna", "m"], "people against rules"),
        ("m", ["anna", "rules"], "people against model"),
        ("rules", ["anna"], "people against rules"),
        ("m", ["anna"], "people against model"),
        ("rules", ["m"], "machine against machine"),
    ],
)
def test_the_kind_says_who_stands_against_whom(yes, no, kind):
    (one,) = found(gave(yes), *(read(coder) for coder in [yes, *no]))
    assert one.kind == kind


@pytest.mark.parametrize("yes", [["anna"], ["anna", "m"], ["anna", "rules"], ["anna", "rules", "m"]])
def test_people_who_differ_among_themselves_are_divided_whatever_machines_say(yes):
    (one,) = found(*map(gave, yes), *(read(coder) for coder in ("anna", "ben", "rules", "m")))
    assert one.kind == "people divided"


def test_several_people_against_all_machines_are_as_one():
    rows = [read(coder) for coder in ("anna", "ben", "rules", "m", "n")]
    (one,) = found(gave("anna"), gave("ben"), *rows)
    assert one.kind == "people against rules and model"
    (one,) = found(gave("rules"), gave("m"), gave("n"), *rows)
    assert one.kind == "people against rules and model"


def test_with_one_model_on_their_side_people_are_not_against_rules_and_model():
    (one,) = found(gave("rules"), gave("m"), *(read(coder) for coder in ("anna", "rules", "m", "n")))
    assert one.kind == "people against model"


def test_people_against_both_come_first_then_by_how_sure_the_model_is_then_as_the_texts_stand():
    documents = [Document(name, "One.") for name in "abcdefgh"]
    a, b, c, d, e, f, g, h = (document.whole for document in documents)
    rows = [read(coder, one) for coder in ("rules", "m") for one in (a, b, c, d, e, f, g, h)]
    rows += [read("anna", one) for one in (c, d, e, f, g, h)]
    rows += [read("ben", h), gave("ben", h), gave("m", h, score=0.99)]  # people are divided
    rows += [gave("m", a, score=0.6), gave("m", b, score=0.7)]  # nobody has read these
    rows += [gave("rules", c), gave("rules", d)]
    rows += [gave("m", e, score=0.8), gave("m", f, score=0.9)]
    rows += [gave("anna", g)]
    listed = found(*rows, corpus=Corpus(tuple(documents)))
    assert [one.unit.document for one in listed] == ["g", "f", "e", "c", "d", "h", "b", "a"]
    assert [KINDS.index(one.kind) for one in listed] == [0, 1, 1, 2, 2, 3, 4, 4]
    assert found(*reversed(rows), corpus=Corpus(tuple(documents))) == listed


# ---- settled


def test_a_ruling_on_all_that_is_contested_settles_a_conflict_whatever_it_says():
    (one,) = found(read("anna"), read("rules"), read("m"), gave("rules", id_="r"), gave("m", id_="s"))
    assert {segment.id for segment in one.contested} == {"r", "s"}
    assert not one.is_settled({})
    assert not one.is_settled(latest([decision("r")]))
    for ruled in (decision("s"), decision("s", "reject"), decision("s", "recode", "t")):
        assert one.is_settled(latest([decision("r"), ruled]))


def test_what_a_person_gave_is_contested_like_a_suggestion():
    (one,) = found(read("anna"), read("rules"), gave("anna", id_="a"))
    assert [segment.id for segment in one.contested] == ["a"]


# ---- reasons


def test_the_reason_of_the_rules_is_the_rule_in_words():
    word = DOCUMENT.segment(TEXT.index("bridge"), TEXT.index("bridge") + 6)
    (one,) = found(read("anna"), read("rules"), gave("rules", word, because="bridge-word, old-word"))
    (said,) = reasons(one)["rules"]
    assert said == (
        "“bridge” by bridge-word (Phrase: bridge; Unless: no, in the 3 words before) and old-word (the codebook "
        "has this rule no more)"
    )
    (one,) = found(read("anna"), read("rules"), gave("anna"))
    assert reasons(one)["rules"] == ("no rule hits",)


def test_the_reason_of_a_model_is_its_probability_and_what_moved_it():
    (one,) = found(read("anna"), read("m"), gave("m", because="bridge, builds a", score=0.8349))
    assert reasons(one)["m"] == ("probability 0.83; moved by bridge, builds a",)
    assert one.surest == 0.8349
    (one,) = found(read("anna"), read("m"), gave("anna"))
    assert (reasons(one)["m"], one.surest) == (("it said no",), None)


def test_the_reason_of_a_person_is_their_words_and_memos_or_that_they_read_it():
    memos = [
        Memo("1", "segment", "a", " Is it an act? ", "anna", "t"),
        Memo("2", "code", "act", "c", "ben", "t"),
    ]
    (one,) = found(read("anna"), read("ben"), read("rules"), gave("anna", id_="a"), memos=memos)
    assert reasons(one) == {
        "anna": ("“It builds a bridge to 日本.”; memo of anna: Is it an act?",),
        "ben": ("read it and did not give it",),
        "rules": ("no rule hits",),
    }


def test_the_reason_of_a_no_names_what_a_person_gave_instead():
    codes = [gave("anna", code=code) for code in ("role", "role.bridge")]
    (one,) = (one for one in found(read("anna"), read("m"), gave("m"), *codes) if one.code == "act")
    assert reasons(one)["anna"] == ("read it and did not give it; gave Bridge there",)


def test_a_reason_names_the_narrower_code_and_an_earlier_meaning():
    rows = read("anna", codes=("role",)), read("rules", codes=LEAVES)
    (one,) = found(*rows, gave("rules", code="role.bridge", because="bridge-word", meaning="earlier"))
    (said,) = reasons(one)["rules"]
    assert one.code == "role"
    assert said.startswith("Bridge: “It builds")
    assert said.endswith("(in an earlier meaning of the code)")


# ---- the definition, in the plainest words


def cuts():
    return st.tuples(*[st.integers(0, len(TEXT))] * 2).filter(lambda ends: ends[0] != ends[1]).map(sorted)


units = st.sampled_from([FIRST, SECOND, THIRD, DOCUMENT.whole])
coders = st.sampled_from(sorted(KIND_OF))
some_readings = st.lists(
    st.builds(
        read,
        coders,
        units,
        st.none() | st.lists(st.sampled_from(["role", *LEAVES]), min_size=1, unique=True).map(tuple),
    ),
    max_size=8,
)
some_segments = st.lists(
    st.builds(
        lambda coder, ends, code: (coder, DOCUMENT.segment(*ends), code),
        coders,
        cuts(),
        st.sampled_from(["role", *LEAVES, "gone"]),
    ),
    max_size=8,
).map(lambda drawn: [gave(coder, at, code, id_=str(n)) for n, (coder, at, code) in enumerate(drawn)])


def has_read(coder, unit, code, readings):
    below = {"role": {"role.bridge", "role.leader"}}.get(code)
    return any(
        reading.coder == coder
        and reading.segment.overlap(unit)
        and (
            reading.codes is None
            or code in reading.codes
            or (coder == "rules" and below is not None and below <= set(reading.codes))
        )
        for reading in readings
    )


def evidence(coder, unit, code, segments):
    return frozenset(
        each.id
        for each in segments
        if each.coder == coder
        and each.segment.overlap(unit)
        and code in (each.code, *BOOK.ancestors(each.code))
    )


def by_hand(readings, segments):
    """Return each unit and code on which readers differ, one of them a machine: what each says, by what."""
    differ = {}
    for unit in (FIRST, SECOND, THIRD):
        for code in ("role", *LEAVES):
            said = {
                coder: evidence(coder, unit, code, segments)
                for coder in KIND_OF
                if has_read(coder, unit, code, readings)
            }
            if len({bool(by) for by in said.values()}) == 2 and any(
                KIND_OF[coder] != "person" for coder in said
            ):
                differ[unit, code] = said
    return differ


@given(some_readings, some_segments)
def test_conflicts_are_what_readers_say_differently(readings, segments):
    wanted = by_hand(readings, segments)
    listed = {
        (one.unit, one.code): {side.coder: frozenset(s.id for s in side.evidence) for side in one.sides}
        for one in found(*readings, *segments)
    }
    assert listed.items() <= wanted.items()
    for unit, code in wanted.keys() - listed.keys():
        assert code == "role"
        below = [
            said for (at, narrower), said in listed.items() if at == unit and narrower.startswith("role.")
        ]
        assert wanted[unit, code].keys() <= {coder for said in below for coder in said}
        known = {each.id: each.code for each in segments}
        for by in filter(None, wanted[unit, code].values()):
            narrower = {id_ for id_ in by if known[id_] != "role"}
            assert narrower
            assert narrower <= {id_ for said in below for ids in said.values() for id_ in ids}


@given(some_readings, some_segments)
def test_every_conflict_is_settled_once_all_that_is_contested_is_decided_on(readings, segments):
    listed = found(*readings, *segments)
    last = latest([decision(segment.id) for one in listed for segment in one.contested])
    assert all(one.contested and one.is_settled(last) for one in listed)
    for one in listed:
        people = {side.says for side in one.sides if side.kind == "person"}
        assert (one.kind == "people divided") == (len(people) == 2)
        if one.kind == "people against rules and model":
            assert not any(side.says in people for side in one.sides if side.kind != "person")
    assert all(KINDS.index(one.kind) <= KINDS.index(other.kind) for one, other in pairwise(listed))
    assert len({one.id for one in listed}) == len(listed)
