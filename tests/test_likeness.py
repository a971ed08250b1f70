"""Texts that are nearly the same, and the language of a text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.identifying import foreign, identified
from coding.likeness import RUN, Alike, alike
from coding.model import Document

texts = st.lists(st.sampled_from("abcde"), max_size=25).map(" ".join)


def likeness(one, other):
    """By definition: runs in both, of runs in either."""
    runs = [
        {tuple(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1))}
        for words in (one.split(), other.split())
    ]
    return len(runs[0] & runs[1]) / len(runs[0] | runs[1])


@given(st.lists(texts, max_size=5), st.lists(texts, max_size=5), st.sampled_from([0.2, 0.6, 1.0]))
def test_exactly_those_pairs_are_found_that_are_as_like_as_that(new, old, least):
    ours = [Document(f"new{i}", text) for i, text in enumerate(new)]
    others = [Document(f"old{i}", text) for i, text in enumerate(old)]
    pairs = [(a, b) for i, a in enumerate(ours) for b in (*ours[i + 1 :], *others) if a.text != b.text]
    expected = {
        Alike(a.id, b.id, value)
        for a, b in pairs
        if (value := likeness(a.text, b.text)) >= least and value > 0
    }
    found = alike(ours, [*others, *ours], least=least)
    assert set(found) == expected
    assert len(found) == len(expected)
    assert [pair.likeness for pair in found] == sorted((pair.likeness for pair in found), reverse=True)


def test_case_and_punctuation_do_not_matter_and_characters_of_japanese_are_words():
    one, other = (
        Document("a", "日本は国際協力を推進する。"),
        Document("b", "日本は国際協力を推進する。また支援する。"),
    )
    assert alike([one], [other], least=0.5)[0].likeness == pytest.approx(8 / 14)
    (pair,) = alike(
        [Document("a", "It trains, the POLICE of: them.")], [Document("b", "it trains the police of them")]
    )
    assert pair.likeness == 1.0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The ministry trains police officers of its neighbours in the handling of evidence. "),
        ("fr", "Le ministère forme les policiers de ses voisins à la conservation des preuves. "),
        ("es", "El ministerio capacita a los policías de sus vecinos en la conservación de pruebas. "),
        ("zh", "外交部为邻国警察提供证据处理方面的培训，并加强网络安全合作。"),
        ("ja", "外務省は近隣諸国の警察官に対して証拠の取扱いに関する研修を行っている。"),
        ("ko", "외교부는 이웃 국가의 경찰관에게 증거 처리에 관한 교육을 실시하고 있다. "),
    ],
)
def test_a_text_of_some_length_tells_its_language(language, text):
    found = identified(text * 5)
    assert (found.language, found.is_sure) == (language, True)
    assert not found.contradicts(language)
    assert found.contradicts("de")


@given(st.text(st.characters(max_codepoint=0x24F), max_size=30))
def test_nothing_is_sure_of_a_few_latin_words(text):
    assert not identified(text).is_sure
    assert not identified(text).contradicts("en")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "警察官を訓練した。"),
        ("ko", "한국 정부는 협력을"),
        ("ru", "Правительство обучает полицию других государств."),
        ("el", "Η κυβέρνηση εκπαιδεύει."),
    ],
)
def test_letters_tell_the_language_of_a_few_words(language, text):
    assert identified(text).taken == language
    assert identified(text).contradicts("en")


def test_han_alone_is_taken_to_be_chinese_but_not_for_sure():
    found = identified("中国政府")
    assert (found.taken, found.is_sure) == ("zh", False)


def test_a_short_latin_text_may_not_be_english_and_is_not_taken_to_be_another():
    found = identified("Die Regierung hat ein neues Gesetz über die Sicherheit der Netze beschlossen.")
    assert (found.taken, found.may_not_be("en"), found.contradicts("en")) == ("", True, False)


def test_a_text_in_two_languages_is_in_neither_for_sure():
    half = "Le ministère forme les policiers de ses voisins à la conservation des preuves. " * 60
    other = "The ministry trains police officers of its neighbours in the handling of evidence. " * 60
    assert not identified(half + other).is_sure


def test_languages_that_are_told_apart_by_convention_contradict_nobody():
    text = (
        "Departementet lærer opp politifolk fra nabolandene i håndtering av bevis og deler kunnskap med dem. "
    )
    assert not identified(text * 5).contradicts("no")


SENTENCES = [
    "The ministry trains police officers of its neighbours in the handling of evidence. ",
    "Le ministère forme les policiers de ses voisins à la conservation des preuves. ",
    "外交部为邻国警察提供证据处理方面的培训，并加强网络安全合作。",
    "外務省は近隣諸国の警察官に対して証拠の取扱いに関する研修を行っている。",
]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(SENTENCES), st.integers(1, 60)), max_size=6))
def test_what_is_foreign_is_what_is_taken_where_that_is_not_english(stretches):
    text = "".join(sentence * n for sentence, n in stretches)
    assert foreign(text) == identified(text).taken.replace("en", "")
