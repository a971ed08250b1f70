"""Units of a document about several cases go to the cases that they name."""

import pytest

from coding.attribution import attribute, mentions
from coding.errors import CodingError
from coding.model import Case, Corpus, Document
from coding.units import unitise

CASES = {
    "japan": Case("japan", "Japan", "JPN", ("Japanese", "Tokyo"), ("JICA",)),
    "south-korea": Case("south-korea", "South Korea", "KOR", ("Korea", "ROK"), ("KISA",)),
}


def placed(text, about, donor="japan"):
    document = Document("d", text, {"donor": donor, "about": about})
    corpus = Corpus((document,), CASES)
    return attribute(unitise(document, "sentence"), corpus, by="donor")


def test_a_document_about_one_case_is_its_own_whatever_it_names():
    assert placed("South Korea trains. Nobody else.", ("japan",)).cases == (("japan",), ("japan",))


def test_a_sentence_of_a_shared_document_goes_to_all_it_names():
    text = "Japan trains police. South Korea builds centres. Tokyo and the ROK held talks. JICA pays."
    assert placed(text, ("japan", "south-korea")).cases == (
        ("japan",),
        ("south-korea",),
        ("japan", "south-korea"),
        ("japan",),
    )


def test_a_sentence_that_names_none_goes_to_the_case_last_named_in_its_paragraph():
    text = "Japan met KISA. It trains police.\n\nIt trains more."
    found = placed(text, ("japan", "south-korea"))
    assert found.cases == (("japan", "south-korea"), ("south-korea",), ())
    assert [text[u.start : u.end] for u in found.unplaced] == ["It trains more."]


def test_cases_that_the_corpus_does_not_know_get_nothing():
    assert placed("Japan and France held talks. France left.", ("japan", "france")).cases == (
        ("japan",),
        ("japan",),
    )


def test_the_longest_name_wins_and_names_are_whole_words():
    assert mentions("South Korea and Koreans, Tokyoite, Korea's", CASES) == [
        (0, "south-korea"),
        (35, "south-korea"),
    ]


def test_other_variables_share_nothing_out():
    document = Document("d", "South Korea trains.", {"decade": 2010, "about": ("japan", "south-korea")})
    found = attribute(unitise(document, "sentence"), Corpus((document,), CASES), by="decade")
    assert found.cases == (("2010",),)


def test_about_must_be_a_list():
    with pytest.raises(CodingError, match="`about` is a list of cases"):
        placed("Japan.", "japan")


def test_a_homonym_names_nobody():
    korea = Case(
        "south-korea", "South Korea", "KOR", ("Korea", "Korean"), homonyms=("North Korea", "Korean War")
    )
    text = "North Korea and the Korean War; Korea and the Korean side"
    assert [text[at:].split(maxsplit=1)[0] for at, _ in mentions(text, {"south-korea": korea})] == [
        "Korea",
        "Korean",
    ]
