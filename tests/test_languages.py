"""Japanese and Korean: characters where no analyser is installed, whole words where one is. Sentences of ours."""

import os

import pytest

from coding.codebook import Code, Codebook, Example, Rule
from coding.errors import CodingError
from coding.model import Document
from coding.taggers.rules import RuleTagger, tokens
from coding.taggers.rules.check import problems
from coding.units import sentence_spans

JA = "日本は東京都で警察官を訓練した。ASEANの能力構築を支援する。「研修は無料です。」と述べた。"
KO = "한국은 개발도상국의 역량강화를 지원한다. 경찰을 훈련하고, 사이버보안 센터를 세웠다."


def hits(text, language, *patterns, kind="phrase", **keywords):
    rule = Rule("r", kind, patterns, **keywords)
    book = Codebook("book", "1.0.0", (Code("code", "Code", "d", rules=(rule,)),), language=language)
    coded = RuleTagger(book, overlap="all").tag([Document("d", text, {"language": language})])
    return [text[s.segment.start : s.segment.end] for s in coded.segments]


@pytest.fixture
def characters(monkeypatch):
    """No analyser is installed."""
    monkeypatch.setattr(tokens, "_ANALYSERS", {"ja": lambda: None, "ko": lambda: None})
    tokens.tokeniser.cache_clear()
    yield
    tokens.tokeniser.cache_clear()


@pytest.fixture(params=["ja", "ko"])
def analysed(request):
    """An analyser is installed; where it is not, the test says what to install."""
    name = tokens.tokeniser(request.param).name
    if name.startswith("characters"):
        reason = f"no analyser: pip install '.[{request.param}]'"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return request.param


def test_sentences_end_at_ideographic_full_stops():
    assert [JA[s:e] for s, e in sentence_spans(JA)] == [
        "日本は東京都で警察官を訓練した。", "ASEANの能力構築を支援する。", "「研修は無料です。」", "と述べた。",
    ]  # fmt: skip


@pytest.mark.usefixtures("characters")
def test_by_characters_a_phrase_stands_wherever_its_characters_do():
    assert tokens.tokeniser("ja").name == "characters, ja"
    assert "'.[ja]'" in tokens.missing_analyser("ja")
    assert hits(JA, "ja", "能力構築") == ["能力構築"]
    assert hits(JA, "ja", "京都") == ["京都"]
    assert hits(KO, "ko", "역량강화") == ["역량강화"]
    assert hits(JA, "ja", "能力構築 .. 支援") == ["能力構築を支援"]
    assert hits("ＡＳＥＡＮとASEANS", "ja", "asean") == ["ＡＳＥＡＮ"]


def test_by_words_a_phrase_begins_and_ends_with_a_word(analysed):
    text, inside, whole, name = {
        "ja": (JA, "京都", "能力構築", "sudachi, ja"), "ko": (KO, "센", "역량강화", "kiwi, ko"),
    }[analysed]  # fmt: skip
    assert tokens.tokeniser(analysed).name == name
    assert hits(text, analysed, whole) == [whole]
    assert hits(text, analysed, inside) == []
    assert hits(text, analysed, inside + "*") in ([], [inside])


def test_particles_do_not_hide_a_word(analysed):
    text, words = {
        "ja": (JA, ["警察官", "訓練", "支援"]), "ko": (KO, ["한국", "개발도상국", "경찰", "훈련"]),
    }[analysed]  # fmt: skip
    for word in words:
        assert hits(text, analysed, word) == [word]


def test_a_gap_counts_words_where_they_are_known(analysed):
    text, pattern, found = {
        "ja": (JA, "警察官 ..1 訓練", "警察官を訓練"), "ko": (KO, "경찰 ..1 훈련", "경찰을 훈련"),
    }[analysed]  # fmt: skip
    assert hits(text, analysed, pattern) == [found]


def test_other_kinds_work_too_and_offsets_hold(analysed):
    text, one, other = {"ja": (JA, "能力構築", "支援"), "ko": (KO, "역량강화", "지원")}[analysed]
    assert hits(text, analysed, one, other, kind="near", within=3)
    assert hits(text, analysed, one, other, kind="all")[0].endswith(("。", "."))
    assert hits("😀 " + text, analysed, one) == [one]
    assert hits(text, analysed, one, covers="sentence")[0] in [text[s:e] for s, e in sentence_spans(text)]


def test_rules_in_these_languages_are_tested_documents(analysed):
    good, bad = {"ja": ("能力構築", "構築物を建てる。"), "ko": ("역량강화", "강화 유리를 샀다.")}[analysed]
    rule = Rule(
        "r", "phrase", (good,), matches=(Example({"ja": JA, "ko": KO}[analysed]),), rejects=(Example(bad),)
    )
    book = Codebook("book", "1.0.0", (Code("code", "Code", "d", rules=(rule,)),), language=analysed)
    assert problems(book) == []


def test_long_lines_are_read_in_parts(analysed):
    text = {"ja": JA, "ko": KO}[analysed].replace("\n", "") * 800
    word = {"ja": "能力構築", "ko": "역량강화"}[analysed]
    assert len(hits(text, analysed, word)) == 800


def test_a_pattern_of_spacy_tokens_is_refused_where_spacy_has_none():
    with pytest.raises(CodingError, match="needs spaCy's tokens"):
        hits(JA, "ja", '[{"LOWER": "x"}]', kind="pattern")


def test_an_unknown_language_names_what_to_give():
    with pytest.raises(CodingError, match="such as en"):
        hits("text", "zz", "word")
