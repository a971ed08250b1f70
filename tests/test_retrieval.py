"""A query selects what its definition says, whoever asks; what it selects keeps its words and its place."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.codebook import Code, Codebook
from coding.errors import CodingError, StaleText
from coding.formats import csv, xlsx
from coding.model import Coded, CodedSegment, Corpus, Document, Reading
from coding.results import write_table
from coding.retrieval import Count, citation, co_occurrence, known_cuts, retrieve, table
from coding.units import unitise

TREE = {"a": None, "a.one": "a", "a.one.deep": "a.one", "a.two": "a", "b": None, "c": None}
BOOK = Codebook("book", "1.0.0", tuple(Code(id_, id_.upper(), "d", parent=up) for id_, up in TREE.items()))
TEXTS = (
    "One here. Two 😀 there, and on. Three.\n\nFour follows. Five ends it.",
    "日本は橋である。警察を訓練する。\n\n😀😀 Then more. And more.",
    "A single sentence without an end",
)
CORPUS = Corpus(
    tuple(Document(f"d{n}", text, {"donor": f"x{n % 2}", "year": 2010 + n}) for n, text in enumerate(TEXTS))
)

drawn = settings(deadline=None)  # the first to cut a text loads the model of sentences
units = st.sampled_from(["sentence", "paragraph", "document"])


def segment(n, document, start, end, code, coder="p"):
    return CodedSegment(str(n), document.segment(start, end), code, BOOK[code].meaning, coder)


@st.composite
def codings(draw, most=7):
    found = []
    for n in range(draw(st.integers(0, most))):
        document = draw(st.sampled_from(CORPUS.documents))
        start = draw(st.integers(0, len(document.text) - 1))
        end = min(len(document.text), start + draw(st.integers(1, 30)))
        found.append(
            segment(n, document, start, end, draw(st.sampled_from(list(TREE))), draw(st.sampled_from("pq")))
        )
    return Coded(tuple(found))


@dataclass
class Written:
    """A query as it is written, with what it should select by its definition alone."""

    text: str
    select: object


def touched(coded, unit):
    """Return the units that a segment touches, as (document, number)."""
    document = CORPUS[coded.segment.document]
    return {(document.id, n) for n, u in enumerate(unitise(document, unit)) if u.overlap(coded.segment)}


def held(segments, unit):
    return {place for coded in segments for place in touched(coded, unit)}


def near(one, other, unit, apart):
    return any(d == e and abs(i - j) <= apart for d, i in touched(one, unit) for e, j in touched(other, unit))


def inside(one, other):
    a, b = one.segment, other.segment
    return a.document == b.document and b.start <= a.start and a.end <= b.end


def paired(holds, one, other):
    """Return the segments of `one` that hold to another one of `other`."""
    return {a for a in one if any(a.id != b.id and holds(a, b) for b in other)}


def both(holds, one, other):
    return paired(holds, one, other) | paired(lambda b, a: holds(a, b), other, one)


def together(parts, without, unit):
    chosen = set().union(*parts)
    if len(parts) > 1:
        common = set.intersection(*(held(part, unit) for part in parts))
        chosen = {coded for coded in chosen if touched(coded, unit) & common}
    return {c for c in chosen if not any(touched(c, unit) & held(part, unit) for part in without)}


def below(code):
    return {c for c in TREE if c == code or code in BOOK.ancestors(c)}


CODES = [
    *(
        Written(code, lambda every, _, code=code: {c for c in every if c.code in below(code)})
        for code in TREE
    ),
    Written("=a", lambda every, _: {c for c in every if c.code == "a"}),
    Written("a.*", lambda every, _: {c for c in every if c.code in below("a") - {"a"}}),
]


def joined(sides):
    """Return every query of two or three parts."""

    def bracketed(written):
        return f"({written.text})" if " " in written.text else written.text

    def chain(parts, without):
        words = " and ".join(map(bracketed, parts)) + "".join(f" not {bracketed(w)}" for w in without)
        return Written(
            words,
            lambda every, unit: together(
                [p.select(every, unit) for p in parts], [w.select(every, unit) for w in without], unit
            ),
        )

    def either(parts):
        return Written(
            " OR ".join(map(bracketed, parts)),
            lambda every, unit: set().union(*(p.select(every, unit) for p in parts)),
        )

    def related(one, other, relation, apart):
        def select(every, unit):
            a, b = one.select(every, unit), other.select(every, unit)
            if relation == "near":
                return both(lambda x, y: near(x, y, unit, apart), a, b)
            if relation == "overlaps":
                return both(lambda x, y: x.segment.overlap(y.segment) > 0, a, b)
            return paired(inside, a, b)

        word = f"near/{apart}" if relation == "near" else relation
        return Written(f"{bracketed(one)} {word} {bracketed(other)}", select)

    some = st.lists(sides, min_size=2, max_size=3)
    return (
        st.builds(chain, some, st.just([]))
        | st.builds(chain, st.lists(sides, min_size=1, max_size=2), st.lists(sides, min_size=1, max_size=2))
        | st.builds(either, some)
        | st.builds(related, sides, sides, st.sampled_from(["near", "overlaps", "within"]), st.integers(0, 3))
    )


codes = st.sampled_from(CODES)
queries = st.recursive(joined(codes), joined, max_leaves=6)


def selected(coded, query, unit="sentence", **more):
    return retrieve(coded, CORPUS, BOOK, query, unit=unit, **more).segments


@drawn
@given(codings(), joined(codes), units)
def test_every_operator_selects_what_its_definition_says(coded, query, unit):
    assert set(selected(coded, query.text, unit)) == query.select(set(coded.segments), unit)


@drawn
@given(codings(), queries, units)
def test_queries_can_stand_in_queries(coded, query, unit):
    assert set(selected(coded, query.text, unit)) == query.select(set(coded.segments), unit)


@drawn
@given(codings(), units)
def test_without_takes_away_exactly_what_stands_together(coded, unit):
    alone = set(selected(coded, "a not b", unit))
    beside = {c for c in selected(coded, "a and b", unit) if c.code in below("a")}
    assert alone | beside == set(selected(coded, "a", unit))
    assert not alone & beside


@drawn
@given(codings(), units)
def test_a_chain_has_no_order(coded, unit):
    assert selected(coded, "a and b not c", unit) == selected(coded, "b not c and a", unit)
    assert selected(coded, "a not b", unit) == selected(coded, "a and not b", unit)


@drawn
@given(codings(), units, st.integers(0, 4))
def test_near_grows_with_its_distance_and_begins_as_and(coded, unit, apart):
    assert selected(coded, "a near/0 b", unit) == selected(coded, "a and b", unit)
    closer, wider = (set(selected(coded, f"a near/{n} b", unit)) for n in (apart, apart + 1))
    assert closer <= wider


def test_nothing_is_near_across_documents_however_far():
    one, other = CORPUS.documents[:2]
    coded = Coded((segment(0, one, len(one.text) - 3, len(one.text), "a"), segment(1, other, 0, 2, "b")))
    assert selected(coded, "a near/999999 b") == ()
    assert selected(coded, "a overlaps b") == selected(coded, "a within b") == ()


def test_a_segment_stands_in_no_relation_to_itself_but_to_its_like():
    document = CORPUS.documents[0]
    alone = Coded((segment(0, document, 0, 3, "a"),))
    twice = Coded((*alone.segments, segment(1, document, 0, 3, "a", "q")))
    for query in ("a near/1 a", "a overlaps a", "a within a"):
        assert selected(alone, query) == ()
        assert selected(twice, query) == twice.segments


def test_a_segment_of_white_space_stands_in_no_unit_and_is_near_nothing():
    document = Document("d", "One.\n\nTwo.\n\n")
    places = [(0, 3, "a"), (4, 6, "a"), (4, 5, "b"), (6, 9, "b"), (10, 12, "c")]
    coded = Coded(tuple(segment(n, document, *place) for n, place in enumerate(places)))

    def found(query):
        return [
            one.coded.id for one in retrieve(coded, Corpus((document,)), BOOK, query, unit="sentence").shown()
        ]

    assert found("a and b") == []
    assert found("a near/0 b") == []
    assert found("a near/1 b") == ["0", "3"]
    assert found("a not b") == ["0", "1"]
    assert found("a overlaps b") == ["1", "2"]
    assert found("b within a") == ["2"]
    assert found("c") == ["4"]


@drawn
@given(codings(), units)
def test_segments_come_in_the_order_of_the_corpus_and_the_longer_first(coded, unit):
    found = retrieve(coded, CORPUS, BOOK, "a or b or c", unit=unit)
    places = [
        (CORPUS.documents.index(CORPUS[s.document]), s.start, -s.end)
        for s in (c.segment for c in found.segments)
    ]
    assert places == sorted(places)
    assert len(found) == len(coded.segments)
    assert found.n_units == len(held(coded.segments, unit))


@drawn
@given(codings(), units)
def test_a_quote_stands_in_its_units_with_its_words_and_neighbours(coded, unit):
    for one in retrieve(coded, CORPUS, BOOK, "a or b or c", unit=unit).shown():
        at, text = one.coded.segment, one.document.text
        assert one.quote == text[at.start : at.end]
        assert one.left + one.quote + one.right == text[one.start : one.end]
        shown = unitise(one.document, "paragraph" if unit == "paragraph" else "sentence")
        own = [u for u in shown if u.overlap(at)]
        assert one.start == min([at.start, *(u.start for u in own)])
        assert one.end == max([at.end, *(u.end for u in own)])
        assert [text[u.start : u.end] for u in shown if u.end <= one.start][-1:] == [one.before] * bool(
            one.before
        )
        assert [text[u.start : u.end] for u in shown if u.start >= one.end][:1] == [one.after] * bool(
            one.after
        )


def test_emoji_and_japanese_keep_their_places():
    document = CORPUS["d1"]
    coded = Coded((segment(0, document, 8, 10, "a"), segment(1, document, 18, 20, "b")))
    one, other = retrieve(coded, CORPUS, BOOK, "a or b", unit="sentence").shown()
    assert (one.quote, one.left, one.right) == ("警察", "", "を訓練する。")
    assert (one.before, one.after) == ("日本は橋である。", "😀😀 Then more.")
    assert (other.quote, other.start, other.right) == ("😀😀", 18, " Then more.")
    assert other.citation.endswith("d1, para. 2, characters 18–20")


@drawn
@given(codings(), units)
def test_what_is_known_of_units_changes_nothing(coded, unit):
    cuts = known_cuts(CORPUS, unit)
    assert selected(coded, "a near/1 b", unit, cuts=cuts) == selected(coded, "a near/1 b", unit)
    (place, one), *_ = cuts.items()
    assert known_cuts(CORPUS, unit, {place: one})[place] is one
    others = {**known_cuts(CORPUS, "sentence"), **known_cuts(CORPUS, "document")}
    assert selected(coded, "a and b", unit, cuts=others) == selected(coded, "a and b", unit)


@drawn
@given(codings())
def test_coders_and_documents_are_chosen_before_the_query_is_answered(coded):
    by_one = coded.by("p") if coded.by("p").segments else coded
    coders = sorted({c.coder for c in by_one.segments})
    assert selected(coded, "a not b", coders=coders) == selected(by_one, "a not b")
    found = retrieve(coded, CORPUS, BOOK, "a", unit="sentence", where={"donor": "x0"})
    assert found.segments == tuple(c for c in selected(coded, "a") if c.segment.document != "d1")
    assert [d.id for d in found.corpus] == ["d0", "d2"]


def test_counts_are_of_segments_and_documents_with_zeros():
    d0, _, d2 = CORPUS.documents
    coded = Coded((segment(0, d0, 0, 3, "b"), segment(1, d0, 4, 8, "a.one"), segment(2, d2, 0, 1, "b")))
    found = retrieve(coded, CORPUS, BOOK, "a or b", unit="sentence")
    assert list(found.by_code().items()) == [("a.one", Count(1, 1)), ("b", Count(2, 2))]
    assert found.by("donor") == {"x0": Count(3, 2), "x1": Count(0, 0)}
    assert list(found.by("year")) == [2010, 2011, 2012]
    with pytest.raises(CodingError, match="no document has a variable 'yaer'. Did you mean 'year'"):
        found.by("yaer")


def test_where_no_document_is_searched_nothing_is_counted():
    found = retrieve(Coded(), CORPUS, BOOK, "a", unit="sentence", where={"donor": "x1", "year": 2010})
    assert (len(found.corpus), found.by_code(), found.by("donor"), len(table(found))) == (0, {}, {}, 1)


def test_a_document_with_several_values_counts_for_each_and_one_without_is_not_lost():
    several = Document("d", "One.", {"recipient": ("Laos", "ASEAN")})
    other = Document("e", "One.", {})
    coded = Coded((segment(0, several, 0, 3, "a"), segment(1, other, 0, 3, "a")))
    found = retrieve(coded, Corpus((several, other)), BOOK, "a", unit="sentence")
    assert found.by("recipient") == {"Laos": Count(1, 1), "ASEAN": Count(1, 1), None: Count(1, 1)}


def test_a_code_that_left_the_codebook_can_still_be_asked_for():
    old = CodedSegment("0", CORPUS["d0"].segment(0, 3), "a.former", "m", "p")
    found = retrieve(Coded((old,)), CORPUS, BOOK, "a.former", unit="sentence")
    assert found.segments == (old,)
    assert found.by_code() == {"a.former": Count(1, 1)}
    assert found.n_other_meaning == 1
    assert retrieve(Coded((old,)), CORPUS, BOOK, "a", unit="sentence").segments == ()


def test_a_changed_text_an_unknown_coder_and_an_unknown_unit_are_refused():
    coded = Coded((segment(0, CORPUS["d0"], 0, 3, "a"),), (Reading("reader", CORPUS["d0"].whole),))
    changed = Corpus((Document("d0", "Another text."),))
    with pytest.raises(StaleText, match="d0 has changed"):
        retrieve(coded, changed, BOOK, "a", unit="sentence")
    with pytest.raises(CodingError, match="no coder 'raeder'. Did you mean 'reader'"):
        selected(coded, "a", coders=["raeder"])
    assert selected(coded, "a", coders=["reader"]) == ()
    with pytest.raises(CodingError, match="Did you mean 'sentence'"):
        selected(coded, "a", "sentense")


def test_a_segment_that_ends_behind_its_text_is_refused():
    document = CORPUS["d0"]
    beyond = CodedSegment("0", type(document.whole)("d0", 0, 999, document.digest), "a", "m", "p")
    with pytest.raises(CodingError, match="ends at 999"):
        selected(Coded((beyond,)), "a")


@drawn
@given(codings(), units)
def test_two_codes_occur_together_in_the_units_that_hold_both(coded, unit):
    asked = ["a", "=a", "a.one", "b", "c"]
    found = co_occurrence(coded, CORPUS, BOOK, unit=unit, codes=asked)
    holding = {code: held(selected(coded, code, unit), unit) for code in asked}
    for i, one in enumerate(asked):
        for j, other in enumerate(asked):
            common = holding[one] & holding[other]
            assert found.units[i, j] == len(common)
            assert found.documents[i, j] == len({document for document, _ in common})


def test_a_frame_holds_units_or_documents_with_what_bears_a_code_on_the_diagonal():
    d0, d1, _ = CORPUS.documents
    places = [(d0, 0, 3, "a"), (d0, 4, 6, "b"), (d0, 10, 13, "a"), (d1, 0, 2, "b")]
    coded = Coded(tuple(segment(n, *place) for n, place in enumerate(places)))
    found = co_occurrence(coded, CORPUS, BOOK, unit="sentence", codes=["a", "b"])
    assert found.frame().to_dict("list") == {"a": [2, 1], "b": [1, 2]}
    assert found.frame(of="documents").to_dict("list") == {"a": [1, 1], "b": [1, 2]}
    with pytest.raises(CodingError, match="of: 'segments' is not one of units, documents"):
        found.frame(of="segments")


def test_co_occurrence_lists_every_unknown_code():
    with pytest.raises(CodingError, match=r"2 problems:\nno code 'a.oen'. Did you mean 'a.one'"):
        co_occurrence(Coded(), CORPUS, BOOK, unit="sentence", codes=["a.oen", "b", "x"])


def test_a_citation_names_who_when_what_where_and_says_when_words_are_not_the_sources_own():
    known = {"author": "Sato", "publisher": "JICA", "year": 2019, "title": "Aid", "url": "https://x.org/a"}
    document = Document("japan/aid", "It trains.", {**known, "fidelity": "original"})
    assert citation(document) == "Sato, 2019, Aid, https://x.org/a, japan/aid"
    assert citation(document, document.segment(3, 9)).endswith("japan/aid, para. 1, characters 3–9")
    assert "Aid (digest)" in citation(Document("d", "x", {**known, "fidelity": "digest"}))
    assert "Aid (translation)" in citation(Document("d", "x", {**known, "fidelity": "translation"}))
    assert citation(Document("d", "x", {"publisher": "JICA"})) == "JICA, d"


def test_a_table_holds_quotes_citations_and_offsets_and_no_formula(tmp_path):
    text = "=1+1 is no formula. The rest."
    document = Document("d", text, {"title": "@title", "recipient": ("Laos", "ASEAN")})
    coded = Coded((segment(0, document, 0, 4, "a"), segment(1, document, 20, 23, "b")))
    rows = table(retrieve(coded, Corpus((document,)), BOOK, "a or b", unit="sentence"))
    first, second = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
    assert (first["quote"], first["start"], first["end"]) == ("=1+1", 0, 4)
    assert first["source"] == "@title, d, para. 1, characters 0–4"
    assert (second["passage"], second["passage_start"], second["before"]) == (
        "The rest.",
        20,
        "=1+1 is no formula.",
    )
    assert second["recipient"] == "Laos; ASEAN"
    for name in ("t.csv", "t.xlsx"):
        write_table(tmp_path / name, rows, sheet="segments")
    assert "\na,A,'=1+1,\"'@title" in (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert csv.read_table(tmp_path / "t.csv")[1][2] == "=1+1"
    assert xlsx.read_sheets(tmp_path / "t.xlsx")["segments"][1][2] == "=1+1"


def test_one_page_of_many_is_shown():
    coded = Coded(tuple(segment(n, CORPUS["d0"], n, n + 1, "a") for n in range(9)))
    found = retrieve(coded, CORPUS, BOOK, "a", unit="sentence")
    pages = [found.shown(first, 4) for first in (0, 4, 8)]
    assert [len(page) for page in pages] == [4, 4, 1]
    assert [one.coded for page in pages for one in page] == list(found.segments)
