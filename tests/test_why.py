"""Why words are coded, why they nearly were, and what a tag run would do."""

from coding.codebook import Code, Codebook, Rule
from coding.model import Case, Corpus, Document
from coding.preview import preview
from coding.taggers.rules.why import outcomes

CASES = {"norland": Case("norland", "Norland"), "sudland": Case("sudland", "Sudland")}
TEXT = "Norland trains police. Sudland does not train police. It trains many of the old police of its towns."


def told(text, *rules, overlap="longest", codes=None, **variables):
    book = Codebook("book", "1.0.0", codes or (Code("code", "Code", "d", rules=rules),))
    found = outcomes(
        book, [Document("d", text, {"donor": "norland", **variables})], overlap=overlap, cases=CASES
    )
    return [
        (text[o.segment.start : o.segment.end], o.kind, o.reason, [text[a:b] for a, b in o.words])
        for o in found
    ]


def test_a_hit_names_the_words_that_matched_and_leaves_the_gap_out():
    found = told("It trains many old police.", Rule("r", "phrase", ("train .. police",)))
    assert found == [("trains many old police", "hit", "", ["trains", "police"])]


def test_what_an_unless_cancelled_is_told_with_the_words_that_did_it():
    found = told(TEXT, Rule("r", "phrase", ("train police",), unless=("does not",)))
    assert [f[:3] for f in found] == [
        ("trains police", "hit", ""),
        ("train police", "unless", "unless: 'does not' stands before it"),
    ]


def test_what_speaks_of_another_is_told_with_its_name():
    found = told(TEXT, Rule("r", "phrase", ("train police",), actor="self"))
    assert found[1][1:3] == ("actor", "actor self: the sentence names Sudland")


def test_words_too_far_apart_are_a_near_miss():
    found = told(TEXT.replace(". It", ".\n\nIt"), Rule("r", "near", ("trains", "police"), within=3))
    assert [f[:3] for f in found if f[1] != "scope"] == [
        ("trains police", "hit", ""),
        ("trains many of the old police", "distance", "more than 3 words lie between"),
    ]


def test_what_runs_over_the_end_of_a_sentence_is_a_near_miss():
    assert told("It trains. Police come.", Rule("r", "phrase", ("trains .. police",)))[0][1:3] == (
        "scope",
        "it runs over the end of a sentence",
    )


def test_what_a_longer_hit_holds_and_what_another_code_beats_is_told():
    longer = told(
        "They train police.", Rule("a", "phrase", ("police",)), Rule("b", "phrase", ("train police",))
    )
    assert ("police", "longer", "it lies inside a longer hit of the same code", ["police"]) in longer
    codes = (
        Code("guinea", "Guinea", "d", rules=(Rule("g", "phrase", ("Guinea",)),)),
        Code(
            "eq", "Equatorial", "d", beats=("guinea",), rules=(Rule("e", "phrase", ("Equatorial Guinea",)),)
        ),
    )
    found = told("Equatorial Guinea and Guinea.", codes=codes)
    assert [f[:3] for f in found] == [
        ("Guinea", "beaten", "a hit of eq overlaps it and beats it"),
        ("Guinea", "hit", ""),
        ("Equatorial Guinea", "hit", ""),
    ]


def test_every_near_miss_of_a_rule_becomes_a_hit_when_its_demand_is_lifted():
    strict = Rule("r", "near", ("train", "police"), within=2, unless=("not",), actor="self")
    lax = Rule("r", "near", ("train", "police"), within=5)
    near = {found[0] for found in told(TEXT, strict) if found[1] not in ("scope", "longer")}
    hits = {found[0] for found in told(TEXT, lax, overlap="all") if found[1] == "hit"}
    assert near <= hits
    assert {"trains police", "train police"} <= near


def test_words_of_two_documents_are_no_near_miss():
    rules = (Rule("r", "phrase", ("trains police",)), Rule("n", "near", ("trains", "police"), within=3))
    book = Codebook("book", "1.0.0", (Code("code", "Code", "d", rules=rules),))
    texts = [Document("a", "Norland trains"), Document("b", "police. It trains"), Document("c", "police")]
    assert outcomes(book, texts, overlap="all", cases={}) != []
    assert {o.kind for o in outcomes(book, texts, overlap="all", cases={})} == {"scope"}


def test_a_preview_counts_hits_documents_and_near_misses_by_code():
    rules = (Rule("r", "phrase", ("train police",), unless=("not",)),)
    book = Codebook(
        "book", "1.0.0", (Code("a", "A", "d", rules=rules), Code("b", "B", "d", parent="a", rules=rules))
    )
    corpus = Corpus(
        (Document("n", TEXT, {"donor": "norland"}), Document("s", TEXT * 2, {"donor": "sudland"})), CASES
    )
    found = preview(corpus, book, overlap="longest", sample=2)
    assert [(p.code, p.n_hits, p.n_documents, p.by_case, p.misses) for p in found] == [
        (code, 3, 2, {"Norland": 1, "Sudland": 2}, {"unless": 3}) for code in ("a", "b")
    ]
    assert [len(p.hits_shown) for p in found] == [2, 2]
    assert [p.code for p in preview(corpus, book, overlap="longest", codes=["b"])] == ["b"]
    assert preview(corpus, book, overlap="longest", sample=2) == found
