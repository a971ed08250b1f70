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


def test_what_a_shared_document_says_of_an_unknown_case_goes_to_nobody_new():
    assert placed("Japan and France held talks. It left.", ("japan", "france")).cases == (
        ("japan",),
        ("japan",),
    )


def test_what_goes_to_a_case_that_is_not_asked_for_is_unplaced():
    document = Document(
        "d", "Japan pays. South Korea builds.", {"donor": "japan", "about": ("japan", "south-korea")}
    )
    found = attribute(unitise(document, "sentence"), Corpus((document,), CASES), by="donor", among=["japan"])
    assert found.cases == (("japan",), ())
    assert [document.quote(unit) for unit in found.unplaced] == ["South Korea builds."]


def test_a_document_about_another_than_its_donor_is_shared_too():
    assert placed("South Korea builds. Japan pays.", ("south-korea",)).cases == (
        ("south-korea",),
        ("south-korea",),
    )


def test_names_are_read_over_line_breaks_and_either_apostrophe():
    cases = {"k": Case("k", "Korea", homonyms=("North Korea", "Democratic People's Republic of Korea"))}
    text = "North\nKorea, North\u00a0Korea, the Democratic People\u2019s Republic  of Korea; Korea"
    assert [at for at, case in mentions(text, cases) if case] == [len(text) - 5]
    assert mentions("anything", {"x": Case("x", "X", aliases=("",))}) == []


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


def test_a_homonym_names_none_of_the_cases():
    korea = Case(
        "south-korea", "South Korea", "KOR", ("Korea", "Korean"), homonyms=("North Korea", "Korean War")
    )
    text = "North Korea and the Korean War; Korea and the Korean side"
    found = mentions(text, {"south-korea": korea})
    assert [text[at:].split(maxsplit=1)[0] for at, case in found if case] == ["Korea", "Korean"]
    assert len(found) == 4


def test_what_a_homonym_does_is_not_laid_to_the_case_named_before():
    korea = Case("south-korea", "South Korea", "KOR", ("Korea",), homonyms=("North Korea",))
    text = "Korea met Japan. North Korea launched. It launched again."
    document = Document("d", text, {"donor": "japan", "about": ("japan", "south-korea")})
    corpus = Corpus((document,), {**CASES, "south-korea": korea})
    found = attribute(unitise(document, "sentence"), corpus, by="donor")
    assert found.cases == (("south-korea", "japan"), (), ())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\u65e5\u672c\u306f\u652f\u63f4\u3057\u305f", "\u65e5\u672c"),
        ("JICA\u304c\u652f\u63f4", "JICA"),
        ("\ud55c\uad6d\uc740 \uc9c0\uc6d0\ud588\ub2e4", "\ud55c\uad6d"),
        ("JAPAN TRAINS", "Japan"),
    ],
)
def test_names_are_found_before_particles_and_in_capitals(text, name):
    assert mentions(text, {"x": Case("x", name)}) == [(0, "x")]
    assert mentions("JICAS and Japans", {"x": Case("x", name)}) == []
