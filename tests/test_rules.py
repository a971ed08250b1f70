"""Rules find what the grammar says, with exact offsets; a brute-force matcher is the oracle."""

import re
from itertools import pairwise

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.codebook import Code, Codebook, Example, Rule
from coding.model import Corpus, Document
from coding.patterns import Gap, parse, sequences
from coding.taggers import tag
from coding.taggers.rules import RuleTagger
from coding.taggers.rules.check import problems
from coding.units import sentence_spans

NLP = spacy.blank("en")


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


# The oracle: spaCy's tokens of white-space pieces, no index, straight from the grammar.


def tokens(text):
    pieces = re.finditer(r"[^\s\-\u2010-\u2015\u2212]+", text)
    return [(m.start() + t.idx, t.text) for m in pieces for t in NLP(m.group())]


def fits(item, word):
    word = word.lower().replace("\u2019", "'")
    return word.startswith(item.word.lower()) if item.prefix else word == item.word.lower()


def ends(sequence, found, at):
    """All positions of the last token if the sequence begins at token `at`."""
    if not fits(sequence[0], found[at][1]):
        return set()
    last, gap = {at}, 0
    for item in sequence[1:]:
        if isinstance(item, Gap):
            gap = item.most
            continue
        last = {
            j
            for i in last
            for j in range(i + 1, len(found))
            if fits(item, found[j][1]) and (j == i + 1 if not gap else n_words(found[i + 1 : j]) <= gap)
        }
        gap = 0
    return last


def n_words(found):
    return sum(any(c.isalnum() for c in word) for _, word in found)


def phrase_spans(pattern, found):
    return {
        (i, j)
        for sequence in sequences(parse(pattern))
        for i in range(len(found))
        for j in ends(sequence, found, i)
    }


def oracle(text, asked):
    found = tokens(text)
    sentence = [next(n for n, (s, e) in enumerate(sentence_spans(text)) if s <= at < e) for at, _ in found]
    hits = [phrase_spans(pattern, found) for pattern in asked.patterns]
    if asked.kind == "near":
        one, two = hits
        pairs = [(a, b) for a in one for b in two] + (
            [] if asked.ordered else [(b, a) for a in one for b in two]
        )
        near = {
            (a[0], b[1]) for a, b in pairs if a[1] < b[0] and n_words(found[a[1] + 1 : b[0]]) <= asked.within
        }
    else:
        near = set().union(*hits)
    inside = {(i, j) for i, j in near if sentence[i] == sentence[j]}
    before = [u for pattern in asked.unless for u in phrase_spans(pattern, found)]
    kept = {
        (i, j)
        for i, j in inside
        if not any(
            u[1] < i and sentence[u[0]] == sentence[i] and n_words(found[u[0] : i]) <= asked.unless_within
            for u in before
        )
    }
    return sorted((found[i][0], found[j][0] + len(found[j][1])) for i, j in kept)


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
]
texts = st.lists(
    st.sampled_from(["a", "b", "c", "A", "ab", "not", ",", ". ", "\n\n", "-", "'s", "😀", "e\u0301"]),
    max_size=25,
)


@settings(max_examples=300, deadline=None)
@given(texts, st.sampled_from(ASKED), st.sampled_from([" ", "\n", "  ", "\u00a0"]))
def test_every_kind_agrees_with_the_brute_force_matcher(words, asked, gap):
    text = gap.join(words)
    assert spans(text, asked) == oracle(text, asked)


@given(
    st.lists(
        st.sampled_from(["Police", "train", "trains", "officers", "😀", "日本", "ß", "İ", "."]), min_size=1
    )
)
def test_spans_are_those_of_spacys_phrase_matcher(words):
    text = " ".join(words)
    matcher = spacy.matcher.PhraseMatcher(NLP.vocab, attr="LOWER")
    matcher.add("x", [NLP("train officers"), NLP("police"), NLP("日本")])
    found = NLP(text)
    inside = lambda s: any(a <= s.start_char and s.end_char <= b for a, b in sentence_spans(text))  # noqa: E731
    theirs = sorted((s.start_char, s.end_char) for s in matcher(found, as_spans=True) if inside(s))
    assert spans(text, rule("train officers"), rule("police"), rule("日本")) == theirs


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


def test_a_code_without_rules_is_not_searched_and_its_parent_with_others_is():
    codes = (
        Code("role", "Role", "d"),
        Code("role.bridge", "Bridge", "d", parent="role", rules=(rule("bridge"),)),
        Code("identity", "Identity", "d"),
    )
    coded = RuleTagger(Codebook("book", "1.0.0", codes), overlap="all").tag([Document("d", "text")])
    assert coded.readings[0].codes == ("role", "role.bridge")


def test_the_documents_partition_does_not_matter():
    documents = [Document(f"d{i}", f"They train police {i}. Not here.") for i in range(5)]
    tagger = RuleTagger(book(rule("train .. police")), overlap="all")
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
    from coding.taggers.rules.index import TokenIndex

    index = TokenIndex.build([Document("d", text)], "en")
    for token, start, end in zip(index.tokens.token, index.start, index.end, strict=True):
        assert text[start:end] == index.tokens.words[token]
    assert all(a <= b for a, b in pairwise(index.start))


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
        "codebook book, code code, rule r: should match but does not: 'Officers.'",
        "codebook book, code code, rule r: should reject but matches: 'Police.'",
    ]


def test_a_rule_that_cannot_hit_its_own_words_fails_loudly():
    cannot = rule(
        "not willing", "to train", kind="near", within=0, unless=("x",), matches=("not willing to train",)
    )
    assert found_problems(cannot) == []
    broken = rule("officers of police. Men", matches=("It meets officers of police. Men came.",))
    assert any("can never hit" in problem for problem in found_problems(broken))
