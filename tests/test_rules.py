"""Rules find what the grammar says, with exact offsets; a brute-force matcher is the oracle."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import expected
from spacy.matcher import Matcher, PhraseMatcher

from coding.codebook import Code, Codebook, Example, Rule
from coding.errors import CodingError
from coding.model import Case, Corpus, Document
from coding.taggers import tag
from coding.taggers.rules import RuleTagger
from coding.taggers.rules.check import problems
from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.tokens import SpacyTokeniser
from coding.units import paragraph_spans, sentence_spans

NLP = spacy.blank("en")
SPACY = SpacyTokeniser("en")


def rule(*patterns, kind="phrase", **keywords):
    keywords = {"match": "surface", **keywords}
    for examples in {"matches", "rejects"} & set(keywords):
        keywords[examples] = tuple(Example(text) for text in keywords[examples])
    return Rule(id="r", kind=kind, patterns=patterns, **keywords)


def book(*rules, **keywords):
    return Codebook("book", "1.0.0", (Code("code", "Code", "d", rules=rules),), **keywords)


def spans(text, *rules, overlap="all"):
    coded = RuleTagger(book(*rules), overlap=overlap).tag([Document("d", text)])
    return [(s.segment.start, s.segment.end) for s in coded.segments]


def quotes(text, *rules, overlap="all"):
    return [text[start:end] for start, end in spans(text, *rules, overlap=overlap)]


def tokens(*asked):
    return json.dumps(list(asked))


ASKED = [
    rule("a b"),
    rule("a .. b"),
    rule("a* ..1 b"),
    rule("(a b|b) c?"),
    rule("a", "b c"),
    rule("a", "c", kind="near", within=1),
    rule("a b?", "c", kind="near", within=2, ordered=True),
    rule("b", unless=("not", "a a"), unless_within=2),
    rule("a .. c", unless=("b",)),
    rule("a (.. b|b c)? (a|not|ab 's)? b"),
    rule("(a|b ..)? c? (b c|a)"),
    rule("(a? b|c ..2 not?) a*"),
    rule("(a|b|c d?) (b|c)"),
    rule("train", match="lemma"),
    rule("(train|a) (police|officer)", match="lemma"),
    rule("training .. officers", match="lemma"),
    rule("A", case=True),
    rule("A*", "b", case=True, kind="near", within=3),
    rule("a", "b c", "not", kind="all"),
    rule("a", "c", kind="all", scope="paragraph"),
    rule("a", "b", kind="all", unless=("c",)),
    rule("a", "b", kind="near", within=4, scope="paragraph"),
    rule("b", unless=("not", "c c"), unless_in="sentence"),
    rule("a .. b", scope="paragraph", covers="sentence"),
    rule("b", covers="paragraph"),
    rule("a", covers="sentence", unless=("not",)),
    rule("a[, ]+b", kind="regex"),
    rule(r"\bA", r"(?<=b)\W+", kind="regex", case=True, scope="paragraph"),
    rule("b", kind="regex", unless=("a",)),
    rule(tokens({"LOWER": "a"}, {"OP": "?"}, {"LOWER": {"IN": ["b", "c"]}}), kind="pattern"),
    rule(tokens({"IS_PUNCT": True}, {"LOWER": "a"}), kind="pattern", unless=("b",)),
    rule(tokens({"IS_ALPHA": True, "LENGTH": 2}), kind="pattern", scope="paragraph"),
    rule("train*", actor="self", match="lemma"),
    rule("a", "b", kind="near", within=2, actor="other"),
]
texts = st.lists(
    st.sampled_from(
        [
            *("a", "b", "c", "A", "ab", "not", ",", ". ", "\n\n", "-", "'s", "😀", "e\u0301", "ﬁ", "ß"),
            *("Training", "trained", "police", "officers", "Norland", "Sudland", "We", "They. But"),
            *("\u201c", "\u201d"),
        ]
    ),
    max_size=25,
)
CASES = {name.lower(): Case(name.lower(), name) for name in ("Norland", "Sudland")}


def speaks_of(text, start, end):
    """The actor of a sentence of Norland's, said once more."""
    quoted = [m.span() for m in re.finditer("\u201c[^\u201d]*\u201d", text)]
    named = [
        (m.start(), "self" if m.group() in ("Norland", "We") else "other")
        for m in re.finditer(r"\b(Norland|Sudland|We)\b", text)
        if m.group() != "We" or not any(a < m.start() < b for a, b in quoted)
    ]
    inside = [who for at, who in named if start <= at < end]
    paragraph = next(a for a, b in paragraph_spans(text) if a <= start < b)
    inside = inside or [who for at, who in named if paragraph <= at < start][-1:]
    return "nobody" if not inside else "self" if "self" in inside else "other"


@settings(max_examples=600, deadline=None)
@given(texts, st.sampled_from(ASKED), st.sampled_from([" ", "\n", "  ", "\u00a0"]))
def test_every_kind_agrees_with_the_brute_force_matcher(words, asked, gap):
    text = gap.join(words)
    document = Document("d", text, {"donor": "norland"})
    coded = RuleTagger(book(asked), overlap="all", cases=CASES).tag([document])
    found = sorted((s.segment.start, s.segment.end) for s in coded.segments)
    assert found == expected(text, asked, lambda start, end: speaks_of(text, start, end))


@given(
    st.lists(
        st.sampled_from(["Police", "train", "trains", "officers", "😀", "日本", "ß", "İ", "."]), min_size=1
    )
)
def test_spans_are_those_of_spacys_phrase_matcher(words):
    text = " ".join(words)
    matcher = PhraseMatcher(NLP.vocab, attr="LOWER")
    matcher.add("x", [NLP("train officers"), NLP("police"), NLP("日本")])
    found = NLP(text)
    inside = lambda s: any(a <= s.start_char and s.end_char <= b for a, b in sentence_spans(text))  # noqa: E731
    theirs = sorted((s.start_char, s.end_char) for s in matcher(found, as_spans=True) if inside(s))
    assert spans(text, rule("train officers"), rule("police"), rule("日本")) == theirs


PLAIN = st.lists(
    st.sampled_from(["Train", "trains", "trained", "police", "Officer", "officers", "norm", "old"]),
    min_size=1,
)
BASES = {"trains": "train", "trained": "train", "officers": "officer"}


@given(PLAIN)
def test_spans_of_base_forms_are_those_of_spacys_phrase_matcher_over_lemmas(words):
    def lemmatised(text):
        found = NLP(text)
        for token in found:
            token.lemma_ = BASES.get(token.lower_, token.lower_)
        return found

    text = " ".join(words)
    matcher = PhraseMatcher(NLP.vocab, attr="LEMMA")
    matcher.add("x", [lemmatised("train officer"), lemmatised("police"), lemmatised("old train")])
    theirs = sorted((s.start_char, s.end_char) for s in matcher(lemmatised(text), as_spans=True))
    asked = [rule(words, match="lemma") for words in ("train officer", "police", "old train")]
    assert sorted(spans(text, *asked)) == theirs


@given(PLAIN, st.integers(1, 4))
def test_spans_with_gaps_are_those_of_spacys_matcher(words, gap):
    text = " ".join(words)
    matcher = Matcher(NLP.vocab)
    matcher.add("x", [[{"LOWER": "train"}, *[{"OP": "?"}] * gap, {"LOWER": {"IN": ["police", "norm"]}}]])
    theirs = sorted({(s.start_char, s.end_char) for s in matcher(NLP(text), as_spans=True)})
    assert spans(text, rule(f"train ..{gap} (police|norm)")) == theirs


@pytest.mark.parametrize(
    "text",
    [
        "capacity building",
        "capacity-building",
        "capacity\u2013building",
        "capacity\nbuilding",
        "capacity-\nbuilding",
        "Capacity  Building",
    ],
)
def test_hyphen_dash_and_line_break_count_as_a_space(text):
    assert quotes(text, rule("capacity building")) == [text]
    assert quotes(text, rule("capacity-building")) == [text]


def test_case_does_not_matter_unless_it_is_asked_for():
    assert quotes("CERT and cert", rule("cert")) == ["CERT", "cert"]
    assert quotes("CERT and cert", rule("CERT", case=True)) == ["CERT"]
    assert quotes("CERTs and certain", rule("CERT*", case=True)) == ["CERTs"]


def test_punctuation_breaks_a_phrase_but_is_no_word_of_a_gap():
    text = "It trains, funds and equips, police."
    assert quotes(text, rule("trains funds")) == []
    assert quotes(text, rule("trains ..3 police")) == ["trains, funds and equips, police"]


def test_curly_apostrophes_are_apostrophes():
    assert quotes("Japan\u2019s role", rule("japan's role")) == ["Japan\u2019s role"]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("capa\u00adcity buil\u200bding", "capacity building"),
        ("E\u0301tat", "\u00e9tat"),
        ("\u00c9tat", "e\u0301tat"),
        ("\ufb01rms", "firms"),
        ("STRA\u00dfE", "stra\u00dfe"),
        ("\u0130zmir", "\u0130zmir"),
        ("aid\u00a0effectiveness", "aid effectiveness"),
        ("aid\r\neffectiveness", "aid effectiveness"),
    ],
)
def test_what_is_written_otherwise_is_found_where_it_stands(text, pattern):
    for before in ("", "\U0001f600 e\u0301 "):
        assert quotes(before + text, rule(pattern)) == [text]


def test_a_hit_lies_in_one_sentence():
    assert quotes("It trains. Police come.", rule("trains .. police")) == []
    assert quotes(
        "It trains. Police come.", rule("trains", "police", kind="near", within=5, scope="paragraph")
    ) == ["trains. Police"]


def test_unless_cancels_what_follows_it_closely():
    assert quotes("It does not train police.", rule("train* police", unless=("not",))) == []
    assert quotes("Not all of them will train police.", rule("train* police", unless=("not",))) == [
        "train police"
    ]


def test_nested_hits_of_one_code_are_one_when_the_longest_is_asked_for():
    rules = [rule("police"), rule("train* police")]
    assert quotes("They train police.", *rules, overlap="all") == ["train police", "police"]
    assert quotes("They train police.", *rules, overlap="longest") == ["train police"]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 5)), max_size=12))
def test_the_longest_hits_are_the_maximal_ones(places):
    from coding.taggers.rules import longest

    found = {(0, start, start + size + 1): ["r"] for start, size in places}
    maximal = {
        (d, s, e)
        for d, s, e in found
        if not any((s2 <= s and e <= e2) and (s2, e2) != (s, e) for _, s2, e2 in found)
    }
    assert set(longest(found)) == maximal


def test_hits_of_different_codes_never_cancel_each_other():
    two = Codebook(
        "book",
        "1.0.0",
        (Code("a", "A", "d", rules=(rule("police"),)), Code("b", "B", "d", rules=(rule("train police"),))),
    )
    coded = RuleTagger(two, overlap="longest").tag([Document("d", "They train police.")])
    assert sorted(s.code for s in coded.segments) == ["a", "b"]


def test_rules_that_hit_the_same_words_make_one_coded_segment_that_names_them_all():
    both = [Rule("one", "phrase", ("police",)), Rule("two", "phrase", ("polic*",))]
    coded = RuleTagger(book(*both), overlap="all").tag([Document("d", "Police.")])
    assert [s.because for s in coded.segments] == ["one, two"]


def test_only_codes_with_rules_that_are_in_use_are_searched():
    codes = (
        Code("role", "Role", "d"),
        Code("role.bridge", "Bridge", "d", parent="role", rules=(rule("bridge"),)),
        Code("role.old", "Old", "d", parent="role", rules=(rule("text"),), retired=True),
        Code("identity", "Identity", "d"),
    )
    coded = RuleTagger(Codebook("book", "1.0.0", codes), overlap="all").tag([Document("d", "text")])
    assert coded.readings[0].codes == ("role.bridge",)
    assert coded.segments == ()


def test_a_document_in_another_language_is_left_unread():
    documents = [Document(name, "police", {"language": name}) for name in ("en", "en-GB", "ja")]
    coded = RuleTagger(book(rule("police")), overlap="all").tag([*documents, Document("unsaid", "police")])
    assert [r.segment.document for r in coded.readings] == ["en", "en-GB", "unsaid"]
    assert [s.segment.document for s in coded.segments] == ["en", "en-GB", "unsaid"]


@given(
    st.lists(
        st.lists(
            st.sampled_from(["They train police.", "It is the police", "They train", "Not here.", "\n\nPolice"]),
            min_size=1, max_size=3,
        ).map(" ".join),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_the_documents_partition_does_not_matter(texts):
    documents = [Document(f"d{i}", text) for i, text in enumerate(texts)]
    rules = (
        rule("train .. police"),
        rule("police ..5 train"),
        rule("train", "police", kind="near", within=15),
    )
    tagger = RuleTagger(book(*rules), overlap="all")
    together = tag(Corpus(tuple(documents)), [tagger])
    apart = [s for document in documents for s in tagger.tag([document]).segments]
    assert list(together.segments) == apart


def test_no_documents_no_words_no_hits():
    tagger = RuleTagger(book(rule("train")), overlap="all")
    assert tagger.tag([]).segments == ()
    assert tagger.tag([Document("a", ""), Document("b", " \n ")]).segments == ()


MESSY = "\ufeffThe \u200bCERT\u00ad team\r helped\u00a0İstanbul\u2014and Stra\u00dfe 👩🏽‍💻 日本を支援 ﬁrms e\u0301tat.\n\n\x0cEnd"


@given(st.text(st.sampled_from(MESSY), max_size=80))
def test_every_token_is_where_the_text_has_it(text):
    index = TokenIndex.build([Document("d", text)], "en")
    for token, start, end in zip(index.tokens.token, index.start, index.end, strict=True):
        assert text[start:end] == index.tokens.words[token]
    assert all(a <= b for a, b in pairwise(index.start))


@settings(max_examples=30)  # each forgetting makes a tokenizer anew
@given(st.lists(st.text(st.sampled_from(MESSY), max_size=40), max_size=4))
def test_tokens_are_the_same_when_earlier_ones_were_forgotten(texts):
    forgets, fresh = SpacyTokeniser("en", most=3), SpacyTokeniser("en")
    for text in texts:
        one, other = forgets.read([text]), fresh.read([text])
        assert [one.words[i] for i in one.token] == [other.words[i] for i in other.token]
        assert one.start.tolist() == other.start.tolist()


def test_of_texts_without_end_only_the_last_pieces_are_remembered():
    forgets = SpacyTokeniser("en", most=3)
    for n in range(0, 100, 10):
        forgets.read([" ".join(f"name{i}" for i in range(n, n + 10))])
        assert len(forgets._known) <= 13


@settings(max_examples=300)
@given(st.text(st.sampled_from(MESSY + "..?!)\"\u201d'... AB\n"), max_size=80), st.data())
def test_whether_tokens_stand_together_is_found_without_cutting_all_sentences(text, data):
    texts = ["Only one sentence", f"One. {text} Two.", "Another"]
    lazy, whole = (
        TokenIndex.build([Document(f"d{i}", each) for i, each in enumerate(texts)], "en") for _ in range(2)
    )
    last = st.integers(0, len(whole.start) - 1)
    pairs = data.draw(st.lists(st.tuples(last, last), min_size=1, max_size=8))
    one, other = np.array([sorted(pair) for pair in pairs], dtype=np.int32).T
    for scope in ("sentence", "paragraph"):
        place = whole.place(scope)
        assert lazy.together(one, other, scope).tolist() == (place[one] == place[other]).tolist()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl", "pt", "sv", "id"])
def test_letters_alone_are_one_token_unless_they_are_a_special_case(language):
    tokenise = SpacyTokeniser(language)
    nlp = spacy.blank(language)
    words = [
        *nlp.tokenizer.rules,
        *(a + b for a in ("Abc", "ABC", "aBcD", "x", "km", "am", "II") for b in ("", "s", "S")),
    ]
    words = [word for word in words if word.isascii() and word.isalpha()]
    words += [word + mark for word in words for mark in (*",;:?!.", "'s", "\u2019s")]
    assert [tokenise.words(word) for word in words] == [[t.text for t in nlp(word)] for word in words]


@given(st.text(st.characters(min_codepoint=65, max_codepoint=122, categories=["L"]), min_size=1))
def test_any_letters_are_spacys_token(word):
    for piece in (word, *(word + mark for mark in (*",;:?!.", "'s", "\u2019s"))):
        assert SPACY.words(piece) == [t.text for t in NLP(piece)]


# Rules as tested documents.


def found_problems(*rules):
    return problems(book(*rules))


def test_a_sound_rule_has_no_problems():
    assert (
        found_problems(rule("train* police", matches=("It trains police.",), rejects=("Trains run.",))) == []
    )


def test_a_rule_without_examples_is_a_problem():
    assert "has no `matches`" in found_problems(rule("police"))[0]


def test_failed_examples_are_quoted():
    found = found_problems(rule("police", matches=("Officers.",), rejects=("Police.",)))
    assert found == [
        "codebooks/book.yaml, code code, rule r: should match but does not: 'Officers.'",
        "codebooks/book.yaml, code code, rule r: should reject but matches: 'Police.'",
    ]


def test_a_rule_that_cannot_hit_its_own_words_fails_loudly():
    cannot = rule(
        "not willing", "to train", kind="near", within=0, unless=("x",), matches=("not willing to train",)
    )
    assert found_problems(cannot) == []
    broken = rule("officers of police. Men", matches=("It meets officers of police. Men came.",))
    assert any("can never hit" in problem for problem in found_problems(broken))


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (rule("police"), rule("police"), "rule b: says what rule a says"),
        (rule("police"), rule("train* police"), "rule b: rule a finds all that it finds"),
        (rule("train .. police"), rule("train police"), "rule b: rule a finds all that it finds"),
        (rule("train*"), rule("(trained|training) staff"), "rule b: rule a finds all that it finds"),
        (rule("train", match="lemma"), rule("trained", "trains"), "rule b: rule a finds all that it finds"),
        (
            rule("a", "b", kind="near", within=6),
            rule("a", "b", kind="near", within=2),
            "rule b: rule a finds all that it finds",
        ),
        (rule("police", unless=("not",)), rule("old police"), None),
        (rule("police", unless=("not",)), rule("old police", unless=("not", "no")), "rule b"),
        (rule("police", case=True), rule("old police"), None),
        (rule("police"), rule("police", "officers"), "rule a: rule b finds all"),
        (rule("train police"), rule("train .. police"), "rule a: rule b finds all"),
        (rule("a", "b", kind="near", within=2, ordered=True), rule("b a"), None),
        (rule("police"), rule("polic*", match="lemma"), "rule a: rule b finds all"),
        (rule("police", actor="self"), rule("old police"), None),
        (rule("train"), rule("train*"), "rule a: rule b finds all"),
    ],
)
def test_rules_that_say_or_find_what_another_does_are_told(one, other, told):
    rules = [replace(each, id=name, matches=()) for each, name in ((one, "a"), (other, "b"))]
    found = [said for said in found_problems(*rules) if "says what" in said or "finds all" in said]
    assert [bool(told and told in said) for said in found] == [True] * (told is not None)


def test_examples_name_their_donor():
    asked = Rule(
        "r", "phrase", ("train",), actor="self",
        matches=(Example("Norland trains.", "norland"), Example("We train.", "sudland")),
        rejects=(Example("Sudland trains.", "norland"), Example("Some train.", "norland")),
    )  # fmt: skip
    assert problems(book(asked), CASES) == []
    wrong = replace(asked, matches=asked.rejects, rejects=())
    assert len(problems(book(wrong), CASES)) == 2


def test_a_failed_example_says_what_turned_it_away():
    asked = rule("train", unless=("not",), matches=("They do not train.", "They teach."))
    assert [said.partition("does not: ")[2] for said in found_problems(asked)] == [
        "'They do not train.' (unless: 'not' stands before it)",
        "'They teach.'",
    ]
    asked = Rule("r", "phrase", ("train",), actor="self", matches=(Example("Norland trains."),))
    assert "the sentence names Norland; the example names no `donor`" in problems(book(asked), CASES)[0]


def test_the_donor_of_an_example_may_be_invented_but_not_misspelt():
    asked = Rule(
        "r", "phrase", ("train",), actor="self", matches=(Example("West Land trains.", "west-land"),)
    )
    assert problems(book(asked), CASES) == []
    asked = replace(asked, matches=(Example("Norland trains.", "noland"),))
    assert "no case 'noland'. Did you mean 'norland'?" in problems(book(asked), CASES)[0]


def test_a_beaten_hit_drops_no_other():
    codes = (
        Code("a", "A", "d", beats=("b",), rules=(rule("far police"),)),
        Code("b", "B", "d", rules=(rule("train"), rule("train .. police"))),
    )
    coded = RuleTagger(Codebook("b", "1.0.0", codes), overlap="longest").tag(
        [Document("d", "They train far police.")]
    )
    assert [s.segment.start for s in coded.segments if s.code == "b"] == [5]


def test_hits_of_a_code_that_beats_another_take_its_place():
    codes = (
        Code("guinea", "Guinea", "d", rules=(rule("Guinea"),)),
        Code("equatorial", "Equatorial", "d", beats=("guinea",), rules=(rule("Equatorial Guinea"),)),
    )
    coded = RuleTagger(Codebook("b", "1.0.0", codes), overlap="all").tag(
        [Document("d", "Equatorial Guinea and Guinea."), Document("e", "Guinea")]
    )
    assert [(s.code, s.segment.document, s.segment.start) for s in coded.segments] == [
        ("guinea", "d", 22),
        ("equatorial", "d", 0),
        ("guinea", "e", 0),
    ]
    with pytest.raises(CodingError, match="beat each other"):
        Codebook("b", "1.0.0", (replace(codes[0], beats=("equatorial",)), codes[1]))


def test_a_regex_that_never_ends_is_stopped_and_named(monkeypatch):
    monkeypatch.setattr("coding.taggers.rules.raw.PATIENCE", 0.2)
    with pytest.raises(CodingError, match=r"rule 'r': its regex took longer than 0.2 seconds on d"):
        spans("a" * 60 + "!", rule("(a|aa)+$", kind="regex"))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ('[{"POS": "VERB"}]', "POS comes from a trained pipeline"),
        ('[{"LOWR": "x"}]', "not a token pattern that spaCy takes"),
    ],
)
def test_a_token_pattern_that_cannot_be_asked_is_refused(pattern, message):
    with pytest.raises(CodingError, match=message):
        spans("text", rule(pattern, kind="pattern"))


def test_batches_do_not_change_what_is_found(monkeypatch):
    documents = [Document(f"d{i}", f"They train police {i}. Not here.") for i in range(9)]
    tagger = RuleTagger(book(rule("train .. police"), rule("not")), overlap="all")
    whole = tagger.tag(documents)
    monkeypatch.setattr("coding.taggers.rules.BATCH", 60)
    assert tagger.tag(documents) == whole
