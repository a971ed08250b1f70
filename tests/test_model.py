"""Documents, segments, coded segments: offsets are code points and texts never change."""

import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.codebook import Code, Rule
from coding.errors import CodingError, StaleText
from coding.model import Case, Coded, Coder, Corpus, Document, Reading, Segment, machine_coded

CODE = Code("role", "Role", "What it does for others.")
RULES = Coder("rules", "rules")


@given(st.text(min_size=1), st.data())
def test_a_quote_is_as_long_as_its_segment(text, data):
    document = Document("d", text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = document.quote(document.segment(start, end))
    assert quote == text[start:end]
    assert len(quote) == end - start


@pytest.mark.parametrize("words", ["👩🏽‍💻 学ぶ", "e\u0301tude", "한국은 돕는다", "日本は支援する"])
def test_offsets_count_code_points_of_any_script(words):
    text = f"Before: {words} after."
    start = text.index(words)
    assert (
        Document("d", text).quote(Segment("d", start, start + len(words), Document("d", text).digest))
        == words
    )


def test_a_changed_text_is_an_error_never_a_shifted_quote():
    segment = Document("d", "It trains police.").segment(3, 9)
    with pytest.raises(StaleText, match="d has changed since it was coded"):
        Document("d", "Now it trains police.").quote(segment)


def test_a_segment_of_another_document_is_refused():
    with pytest.raises(CodingError, match="belongs to a"):
        Document("b", "text").quote(Document("a", "text").segment(0, 4))


@pytest.mark.parametrize(("start", "end"), [(3, 3), (5, 2), (-1, 4)])
def test_an_empty_or_negative_segment_is_refused(start, end):
    with pytest.raises(CodingError, match="empty or negative"):
        Segment("d", start, end, "x")


def test_a_segment_beyond_the_text_is_refused():
    with pytest.raises(CodingError, match="the text at 4"):
        Document("d", "text").segment(2, 9)


def test_duplicate_document_ids_are_refused():
    with pytest.raises(CodingError, match="2 documents have the id 'a'"):
        Corpus((Document("a", "x"), Document("a", "y")))


def test_where_meets_values_containers_and_several_values():
    corpus = Corpus(
        (
            Document("a", "x", {"year": 2010, "recipient": ("Laos", "Viet Nam")}),
            Document("b", "y", {"year": 2015, "recipient": ()}),
        )
    )
    assert [d.id for d in corpus.where(year=range(2009, 2012))] == ["a"]
    assert [d.id for d in corpus.where(year=2015)] == ["b"]
    assert [d.id for d in corpus.where(recipient="Laos")] == ["a"]
    assert [d.id for d in corpus.where(recipient=["Laos", "Chad"], year=2010)] == ["a"]


def test_a_misspelt_variable_names_the_nearest():
    corpus = Corpus((Document("a", "x", {"year": 2010}),))
    with pytest.raises(CodingError, match="Did you mean 'year'"):
        corpus.where(yaer=2010)


def test_a_document_without_a_donor_is_an_error_never_a_lost_row():
    corpus = Corpus((Document("a", "x", {"donor": "japan"}), Document("b", "y")))
    with pytest.raises(CodingError, match="b: no single value of 'donor'"):
        corpus.cases("donor")


def test_any_variable_makes_cases():
    corpus = Corpus((Document("a", "x", {"decade": 2010}), Document("b", "y", {"decade": 2020})))
    assert {case: [d.id for d in found] for case, found in corpus.cases("decade").items()} == {
        "2010": ["a"],
        "2020": ["b"],
    }


def test_a_machine_says_the_same_thing_under_the_same_id():
    segment = Document("d", "It trains police.").segment(3, 9)
    once, again = (machine_coded(segment, CODE, RULES, because) for because in ("r1", "r2"))
    assert once.id == again.id
    assert machine_coded(segment, CODE, Coder("other", "rules"), "r1").id != once.id


def test_adding_coded_work_twice_changes_nothing():
    document = Document("d", "It trains police.")
    coded = Coded(
        (machine_coded(document.segment(3, 9), CODE, RULES, "r"),), (Reading("rules", document.whole),)
    )
    assert coded + coded == coded
    assert coded.by("rules") == coded
    assert coded.by("nobody") == Coded()
    assert coded.where(code="role").quotes(Corpus((document,))) == ["trains"]


def test_what_people_coded_outlives_a_change_of_rules_and_what_rules_coded_does_not():
    ruled = replace(CODE, rules=(Rule("r", "phrase", ("bridge",)),))
    assert ruled.meaning == CODE.meaning
    assert ruled.holds(CODE.meaning)
    assert not ruled.holds(CODE.ruled)
    assert not replace(CODE, definition="Something else.").holds(CODE.meaning)


def test_meaning_follows_the_definition_not_the_name():
    assert Code("role", "Task", CODE.definition).meaning == CODE.meaning
    assert Code("role", "Role", "Something else.").meaning != CODE.meaning


def test_everything_that_a_worker_needs_can_be_pickled():
    corpus = Corpus((Document("d", "text", {"donor": "japan"}),), {"japan": Case("japan", "Japan")})
    assert pickle.loads(pickle.dumps(corpus)) == corpus
    assert pickle.loads(pickle.dumps(CODE)) == CODE


def test_a_frame_has_one_row_for_each_coded_segment():
    document = Document("d", "It trains police.")
    frame = Coded((machine_coded(document.segment(3, 9), CODE, RULES, "r"),)).frame()
    assert frame[["document", "start", "end", "code", "coder", "because"]].to_numpy().tolist() == [
        ["d", 3, 9, "role", "rules", "r"]
    ]


def test_a_document_is_not_found_by_a_number():
    with pytest.raises(CodingError, match="by its id; in order they stand in `corpus.documents`"):
        Corpus((Document("a", "x"),))[0]


def test_a_wrong_variable_is_one_problem_and_not_one_for_each_document():
    corpus = Corpus((Document("a", "x", {"donor": "japan", "agency": ("jica",)}), Document("b", "y")))
    with pytest.raises(CodingError, match="^no document has a variable 'dnoor'. Did you mean 'donor'\\?$"):
        corpus.cases("dnoor")
    with pytest.raises(CodingError, match="^no document has a single value of 'agency'"):
        corpus.cases("agency")
