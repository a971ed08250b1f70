"""Which codes stand together: counts by hand, and laws that hold for all texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.cooccurrence import codes_at, cooccur
from coding.errors import CodingError
from coding.matrix import tabulate
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, machine_coded
from coding.units import UNREAD

RULES = Coder("rules", "rules")
CODES = ("norm", "role", "deed", "aim.peace", "aim.trade")
BOOK = Codebook(
    "book",
    "1.0.0",
    (
        *(Code(code, code.title(), "d") for code in ("norm", "role", "deed", "aim")),
        Code("aim.peace", "Peace", "d", parent="aim"),
        Code("aim.trade", "Trade", "d", parent="aim"),
    ),
    families={"category": ("norm", "role", "deed"), "aim": ("aim",)},
)
SENTENCES = (
    "The old law holds. ",
    "A bridge it is. ",
    "They train many.\n\n",
    "Then all rests. ",
    "It goes on.",
)
TEXT = "".join(SENTENCES)
STARTS = [sum(map(len, SENTENCES[:i])) for i in range(len(SENTENCES))]


def texts(n=2, cases=("a", "b")):
    return Corpus(
        tuple(
            Document(f"{case}/{i}", TEXT, {"donor": case, "year": 2010 + i})
            for case in cases
            for i in range(n)
        ),
        {case: Case(case, f"{case.upper()}land", aliases=(f"{case.upper()}land",)) for case in cases},
    )


def coded_at(corpus, places, codes=None, kind="rules"):
    """Return coded segments at (document, sentence, code), every document being read for `codes`."""
    segments = tuple(
        machine_coded(corpus[name].segment(STARTS[n], STARTS[n] + 3), BOOK[code], RULES, "r")
        for name, n, code in places
    )
    return Coded(segments, tuple(Reading("rules", d.whole, codes, kind=kind) for d in corpus))


def matrix(corpus, coded, unit="sentence"):
    return tabulate(
        coded, corpus, BOOK, by="donor", measure="units", unit=unit, counts="any", weight="unit",
        rollup=True, implies=False,
    )  # fmt: skip


PLACES = [
    ("a/0", 0, "norm"), ("a/0", 0, "role"), ("a/0", 1, "role"), ("a/0", 3, "deed"),
    ("a/1", 0, "norm"), ("a/1", 4, "role"), ("b/0", 2, "norm"),
]  # fmt: skip


def found(together, case="a", codes=("norm", "role", "deed"), **changed):
    corpus = texts()
    return cooccur(
        matrix(corpus, coded_at(corpus, PLACES, **changed)), corpus, codes=codes, together=together, case=case
    )


@pytest.mark.parametrize(
    ("together", "n_both", "n_first", "n_second", "base", "n_documents"),
    [("sentence", 1, 2, 3, 10, 1), ("paragraph", 1, 2, 2, 4, 1), ("document", 2, 2, 2, 2, 2)],
)
def test_pairs_are_counted_as_by_hand(together, n_both, n_first, n_second, base, n_documents):
    pair = found(together).pair("norm", "role")
    counted = (pair.n_both, pair.n_first, pair.n_second, pair.base, pair.n_documents)
    assert counted == (n_both, n_first, n_second, base, n_documents)


def test_jaccard_and_lift_are_those_of_the_definitions():
    pair = found("sentence").pair("norm", "role")
    assert pair.jaccard == pytest.approx(1 / 4)  # of norm 2, role 3, both 1: either 4
    assert pair.lift == pytest.approx(1 * 10 / (2 * 3))


def test_a_coefficient_of_what_is_missing_is_undefined():
    pair = found("sentence", case="b").pair("role", "deed")
    assert (pair.jaccard, pair.lift) == (None, None)
    assert found("sentence", case="b").pair("norm", "deed").jaccard == 0.0


def test_all_cases_together_count_each_place_once():
    assert found("sentence", case=None).pair("norm", "norm").n_both == 3
    assert len(found("document", case=None).places) == 4


def test_a_group_of_codes_is_borne_where_any_of_them_is():
    pair = found("paragraph").pair(("norm", "deed"), "role")
    assert (pair.first, pair.n_first, pair.n_both) == ("norm or deed", 3, 1)


def test_each_zero_says_which_it_is():
    assert found("sentence").pair("norm", "deed").state == "searched"
    assert found("sentence", kind="person").pair("norm", "deed").state == "absent"
    unread = found("sentence", codes=("norm", "role", "deed"))
    assert unread.pair("norm", "role").state == "present"
    corpus = texts()
    some = coded_at(corpus, [], codes=("norm",), kind="person")
    pair = cooccur(matrix(corpus, some), corpus, codes=CODES, together="document").pair("norm", "role")
    assert (pair.state, pair.base, pair.jaccard) == ("not examined", 0, None)


def test_a_unit_of_a_shared_document_stands_only_with_those_of_its_own_case():
    text = "Aland holds a law. Bland is a bridge."
    corpus = Corpus(
        (Document("a/0", text, {"donor": "a", "about": ("a", "b")}),),
        {case: Case(case, f"{case.upper()}land", aliases=(f"{case.upper()}land",)) for case in "ab"},
    )
    segments = tuple(
        machine_coded(corpus["a/0"].segment(start, start + 3), BOOK[code], RULES, "r")
        for start, code in ((0, "norm"), (19, "role"))
    )
    coded = Coded(segments, (Reading("rules", corpus["a/0"].whole, kind="rules"),))
    table = matrix(corpus, coded)
    for case in "ab":
        together = cooccur(table, corpus, codes=("norm", "role"), together="document", case=case)
        assert together.pair("norm", "role").n_both == 0
    assert (
        cooccur(table, corpus, codes=("norm", "role"), together="document").pair("norm", "role").n_both == 1
    )


def test_places_finer_than_the_unit_of_the_matrix_are_refused():
    corpus = texts()
    table = matrix(corpus, coded_at(corpus, PLACES), unit="paragraph")
    with pytest.raises(CodingError, match="counted by paragraph"):
        cooccur(table, corpus, codes=("norm",), together="sentence")


def test_an_unknown_code_names_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'role'"):
        found("sentence", codes=("roll",))
    with pytest.raises(CodingError, match="Did you mean 'norm'"):
        found("sentence").pair("nrm", "role")


def test_codes_without_codes_below_stand_for_themselves():
    assert codes_at(BOOK, ("norm", "aim"), depth=0) == ("norm", "aim")
    assert codes_at(BOOK, ("norm", "aim"), depth=1) == ("norm", "aim.peace", "aim.trade")
    assert codes_at(BOOK, ("norm", "aim"), depth=9) == ("norm", "aim.peace", "aim.trade")


drawn = st.lists(
    st.tuples(
        st.sampled_from(["a/0", "a/1", "b/0", "b/1"]),
        st.integers(0, len(SENTENCES) - 1),
        st.sampled_from(CODES),
    ),
    max_size=25,
)
levels = st.sampled_from(["sentence", "paragraph", "document"])


@given(drawn, levels, st.sampled_from([None, "a", "b"]))
def test_counts_are_symmetric_and_no_pair_is_larger_than_either_code(places, together, case):
    corpus = texts()
    table = cooccur(
        matrix(corpus, coded_at(corpus, places)), corpus, codes=CODES, together=together, case=case
    )
    counts = table.counts()
    assert (counts == counts.T).all()
    for i, one in enumerate(CODES):
        for j, other in enumerate(CODES):
            pair, turned = table.pair(one, other), table.pair(other, one)
            assert pair.n_both == turned.n_both == counts[i, j] <= min(pair.n_first, pair.n_second)
            assert (pair.jaccard, pair.lift, pair.state) == (turned.jaccard, turned.lift, turned.state)
            assert pair.n_either <= pair.base == len(table.places)
    assert table.frame().to_numpy().tolist() == counts.tolist()


@given(drawn, levels, st.sampled_from(CODES))
def test_a_code_stands_with_itself_as_often_as_it_stands(places, together, code):
    corpus = texts()
    table = cooccur(matrix(corpus, coded_at(corpus, places)), corpus, codes=CODES, together=together)
    pair = table.pair(code, code)
    assert pair.n_both == pair.n_first == int((table.column(code) == 1).sum())
    assert pair.jaccard in (None, 1.0)


def coded_in_part(places, read, kind="person"):
    """Return a corpus and its coding of which only some (document, sentence) were read."""
    corpus = texts()
    readings = tuple(
        Reading("anna", corpus[name].segment(STARTS[n], STARTS[n] + 3), codes, kind=kind)
        for name, n, codes in read
    )
    return corpus, Coded(coded_at(corpus, places).segments, readings)


some = st.lists(
    st.tuples(
        st.sampled_from(["a/0", "a/1", "b/0", "b/1"]),
        st.integers(0, len(SENTENCES) - 1),
        st.sampled_from([None, ("norm",), ("role", "deed")]),
    ),
    max_size=12,
)


@given(drawn, some)
def test_sentences_that_were_not_read_count_neither_as_bearing_nor_as_not_bearing(places, read):
    corpus, coded = coded_in_part(places, read)
    table = cooccur(matrix(corpus, coded), corpus, codes=("norm", "role"), together="sentence")

    def seen(code):
        return {(name, n) for name, n, codes in read if codes is None or code in codes}

    norm, role = ({(name, n) for name, n, code in places if code == c} & seen(c) for c in ("norm", "role"))
    base, pair = seen("norm") & seen("role"), table.pair("norm", "role")
    assert (pair.base, pair.n_first, pair.n_second) == (len(base), len(norm & base), len(role & base))
    assert (pair.n_both, pair.n_unread) == (len(norm & role), table.n_units - len(base))
    assert table.n_units == 4 * len(SENTENCES)
    assert len(table.read) == len(seen("norm") | seen("role"))


@given(drawn, some, levels)
def test_a_place_is_made_of_what_was_read_of_it(places, read, together):
    """What stands where nobody read changes no number, whatever a place is."""
    numbers = []
    for kept in (
        places,
        [p for p in places if any(p[:2] == r[:2] and p[2] in (r[2] or CODES) for r in read)],
    ):
        corpus, coded = coded_in_part(kept, read)
        table = cooccur(matrix(corpus, coded), corpus, codes=("norm", "role", "deed"), together=together)
        numbers.append([*table])
    assert numbers[0] == numbers[1]


@given(drawn, levels)
def test_where_all_was_read_nothing_is_unread(places, together):
    corpus = texts()
    table = cooccur(matrix(corpus, coded_at(corpus, places)), corpus, codes=CODES, together=together)
    assert table.n_unread(*CODES) == 0
    assert {pair.n_unread for pair in table} == {0}
    assert table.read == table.places


def test_a_place_of_which_people_read_one_part_and_rules_searched_another_was_not_read_by_people():
    corpus, person = coded_in_part([], [("a/0", 0, None)])
    rules = Reading("rules", corpus["a/0"].segment(STARTS[3], STARTS[3] + 3), kind="rules")
    asked = {"codes": ("norm", "role"), "together": "document", "case": "a"}
    alone = cooccur(matrix(corpus, person), corpus, **asked)
    shared = cooccur(matrix(corpus, Coded((), (*person.readings, rules))), corpus, **asked)
    assert alone.pair("norm", "role").state == "absent"
    assert shared.pair("norm", "role").state == "searched"


@given(drawn, st.sampled_from(["paragraph", "document"]))
def test_places_bear_and_were_read_for_what_the_matrix_by_that_unit_says(places, together):
    # What lies in a unit that nobody read counts by no unit, so b/1 bears only what its first sentence may.
    corpus = texts()
    coded = coded_at(corpus, [place for place in places if place[0] != "b/1" or place[1:] == (0, "norm")])
    half = Coded(coded.segments, (*coded.readings[:3], Reading("x", corpus["b/1"].segment(0, 5), ("norm",))))
    table = cooccur(matrix(corpus, half), corpus, codes=CODES, together=together)
    coarse = matrix(corpus, half, unit=together).projection
    assert table.places == coarse.units
    assert (table.values == coarse.values).all()
    assert (table.by_person == coarse.by_person).all()
    assert (table.values == UNREAD).any()


@given(drawn, levels)
def test_the_passages_of_a_pair_bear_both_codes_in_the_words_of_the_text(places, together):
    corpus = texts()
    table = cooccur(matrix(corpus, coded_at(corpus, places)), corpus, codes=CODES, together=together)
    for pair in table:
        meetings = table.meetings(pair.first, pair.second)
        assert tuple(one.place for one in meetings) == pair.places
        for one in meetings:
            assert {s.code for s in one.first} == {pair.first}
            assert {s.code for s in one.second} == {pair.second}
            for segment in (*one.first, *one.second):
                place, text = segment.segment, corpus[segment.segment.document].text
                assert one.place.overlap(place) == place.end - place.start
                assert text[place.start : place.end] == corpus[place.document].quote(place)


def test_an_empty_table_has_no_places():
    empty = Corpus((Document("a/0", "   ", {"donor": "a"}),), {"a": Case("a", "Aland")})
    table = cooccur(matrix(empty, Coded()), empty, codes=("norm",), together="document")
    assert (table.places, table.pair("norm", "norm").state) == ((), "not examined")
    assert np.array_equal(table.counts(), [[0]])
