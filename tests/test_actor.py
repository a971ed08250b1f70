"""Of whom a sentence speaks: names, agencies, first person, quotations, carried over in a paragraph."""

import pytest

from coding.codebook import Code, Codebook, Rule
from coding.errors import CodingError
from coding.model import Case, Corpus, Document
from coding.taggers.rules import RuleTagger
from coding.taggers.rules.actor import Voices

CASES = {
    "norland": Case("norland", "Norland", "NOR", ("Norlandic",), ("NAID",)),
    "sudland": Case("sudland", "Sudland", "SUD", ("the South",), (), ("the South Pole",)),
    "westland": Case("westland", "Westland"),
}
RULE = Rule("r", "phrase", ("train",), actor="self")


def actors(text, **variables):
    document = Document("d", text, {"donor": "norland", **variables})
    from coding.units import sentence_spans

    voices = Voices(CASES)
    return [voices.actor(document, start, end)[0] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Norland trains police.", ["self"]),
        ("NAID trains police.", ["self"]),
        ("Sudland trains police.", ["other"]),
        ("Norland and Sudland train police.", ["self"]),
        ("Someone trains police.", ["nobody"]),
        ("Norland pays. It trains police.", ["self", "self"]),
        ("Norland pays. Sudland trains. It trains police.", ["self", "other", "other"]),
        ("Norland pays.\n\nIt trains police.", ["self", "nobody"]),
        ("We train police. Our experts teach.", ["self", "self"]),
        ("The US trains police.", ["nobody"]),
        ("My Government trains police.", ["self"]),
        ("He joined the expedition to the South Pole.", ["other"]),
        ("Norland pays. He joined the expedition to the South Pole.", ["self", "other"]),
        ("NORLAND TRAINS.", ["self"]),
        ("\u2018We\u2019ll train,\u2019 said the South.", ["other"]),
        ("'We train,' said the South.", ["other"]),
        ("\u201eWe train,\u201c said the South.", ["other"]),
        ("Sudland said: \u201cWe train police.\u201d", ["other"]),
        ('Nobody knew. "Our police," said the South.', ["nobody", "other"]),
    ],
)
def test_a_sentence_speaks_of_those_it_names(text, expected):
    assert actors(text) == expected


def test_we_is_not_the_donor_where_others_write():
    assert actors("We find that training helps.", source_kind="secondary") == ["other"]
    assert actors("Norland trains. We show that it helps.", source_kind="secondary") == ["self", "other"]
    assert actors("We find that training helps.", source_kind="primary") == ["self"]


def test_a_statement_of_three_states_speaks_of_all_it_is_about():
    text = "Norland, Sudland and Westland agreed. Sudland will train officers. We train police. Westland will pay."
    assert actors(text, about=("norland", "sudland", "westland")) == ["self"] * 4
    assert actors(text, about=("norland", "sudland")) == ["self", "self", "self", "other"]


def coded(text, rule, **variables):
    book = Codebook("book", "1.0.0", (Code("code", "Code", "d", rules=(rule,)),))
    document = Document("d", text, {"donor": "norland", **variables})
    return [s.segment.start for s in RuleTagger(book, overlap="all", cases=CASES).tag([document]).segments]


def test_a_rule_asks_for_its_actor():
    text = "Norland trains police. Sudland trains police. Some train."
    assert coded(text, RULE) == [8]
    assert coded(text, Rule("r", "phrase", ("train",), actor="other")) == [31, 51]
    assert coded(text, Rule("r", "phrase", ("train",))) == [8, 31, 51]


def test_a_tagger_that_does_not_know_the_cases_refuses_such_a_rule():
    book = Codebook("book", "1.0.0", (Code("code", "Code", "d", rules=(RULE,)),))
    tagger = RuleTagger(book, overlap="all")
    document = Document("d", "Norland trains. Sudland trains.", {"donor": "norland"})
    with pytest.raises(CodingError, match=r"cases=corpus.known_cases"):
        tagger.tag([document])
    assert [s.segment.start for s in tagger.tag(Corpus((document,), CASES)).segments] == [8]
