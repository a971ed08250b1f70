"""What offsets count is found out from the file, or the file is refused: never another word silently."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refi_files import packed, project, selected

from coding.errors import CodingError
from coding.formats.refi import read
from coding.formats.refi.nouns import Selection, Source
from coding.formats.refi.offsets import CONVENTIONS, Convention, Text, _unsure, convention, solve
from coding.formats.refi.words import Edges, cut_at, is_start

PROSE = (
    "Norland trains police 👩🏽‍💻 officers in Sudland.\nIt is a bridge, says its minister 😀, between two sides.\n\n"
    "日本は研修を行う。警察官を訓練する。\nCafé owners e\u0301tc. were asked (in 2015) for their view.\n"
    "Then 🚓 it builds centres; others 🏗️ hold a dialogue on norms.\n"
) * 3
WORDS = [match.span() for match in re.finditer(r"[\w\u0301]+(?: [\w\u0301]+){0,3}", PROSE)]


def source(raw, rows, name="a"):
    selections = tuple(Selection(f"{name}{i}", start, end, said) for i, (start, end, said) in enumerate(rows))
    return Source(name, name, raw, selections)


def words(solved):
    return [
        None if span is None else solved.texts[guid].plain[slice(*span)]
        for guid, spans in solved.spans.items()
        for span in spans
    ]


@pytest.mark.parametrize("counted", CONVENTIONS, ids=str)
def test_each_convention_is_found_by_names_in_a_file(tmp_path, counted):
    raw, rows = selected(PROSE, WORDS, counted, crlf=True, mark=True)
    solved = solve(read(packed(tmp_path / "x.qdpx", project({"a": rows}), {"a": raw})).sources)
    assert (solved.convention, solved.by, solved.score) == (counted, "names", 1.0)
    assert words(solved) == [PROSE[s:e] for s, e in WORDS]


@pytest.mark.parametrize("counted", CONVENTIONS, ids=str)
def test_each_convention_is_found_without_names_where_words_have_edges(tmp_path, counted):
    raw, rows = selected(PROSE, WORDS, counted, crlf=True, mark=True, names=False)
    solved = solve(read(packed(tmp_path / "x.qdpx", project({"a": rows}), {"a": raw})).sources)
    assert (solved.convention, solved.by) == (counted, "edges")
    assert words(solved) == [PROSE[s:e] for s, e in WORDS]
    assert solved.runner_up[1] < solved.score - 0.1


@pytest.mark.parametrize("counted", CONVENTIONS, ids=str)
def test_a_convention_that_is_given_is_taken(counted):
    raw, rows = selected(PROSE, WORDS[:1], counted, crlf=True, mark=True, names=False)
    solved = solve([source(raw, rows)], given=convention(str(counted)))
    assert (words(solved), solved.by) == ([PROSE[slice(*WORDS[0])]], "given")


def test_a_few_selections_without_names_are_refused_and_shown():
    raw, rows = selected(PROSE, WORDS[:5], CONVENTIONS[0], crlf=False, mark=False, names=False)
    with pytest.raises(CodingError, match="--offsets") as refused:
        solve([source(raw, rows)])
    assert "points-crlf1-nobom-exclusive" in str(refused.value)
    assert "'Norland trains police'" in str(refused.value)
    assert str(refused.value).endswith("right under none of them, choose none: ask for another export.")


@pytest.mark.parametrize(
    ("best", "other", "why"),
    [
        (Edges(n_clean=22, n_cut=1), Edges(n_clean=5, n_loose=19), "1 of 23 selections speaks for another"),
        (Edges(n_clean=10), Edges(n_clean=6, n_loose=4), "only 10 selections tell two ways"),
        (Edges(n_clean=30), Edges(n_clean=29, n_loose=1), "fit nearly alike"),
    ],
)
def test_a_refusal_gives_the_reason_for_which_edges_do_not_decide(best, other, why):
    assert why in _unsure(best, other)


def test_the_same_words_selected_often_are_one_piece_of_evidence():
    raw, rows = selected(PROSE, WORDS[:4] * 20, CONVENTIONS[0], crlf=False, mark=False, names=False)
    with pytest.raises(CodingError, match="only 4 selections tell"):
        solve([source(raw, rows)])


def test_japanese_without_names_is_refused():
    text = "日本は警察官を訓練する。" * 40
    spans = [(12 * i, 12 * i + 2) for i in range(40)]
    for inclusive in (False, True):
        raw, rows = selected(
            text, spans, Convention(inclusive=inclusive), crlf=False, mark=False, names=False
        )
        with pytest.raises(CodingError, match="tell what its offsets count"):
            solve([source(raw, rows)])


def test_japanese_with_names_is_found():
    text = "日本は警察官を訓練する。" * 4
    for inclusive in (False, True):
        raw, rows = selected(text, [(0, 2), (3, 6)], Convention(inclusive=inclusive), crlf=False, mark=False)
        assert words(solve([source(raw, rows)])) == ["日本", "警察官"]


def test_whole_sentences_with_their_stop_included_are_refused_since_both_ends_are_clean():
    text = "It trains police. " * 30
    spans = [(18 * i, 18 * i + 17) for i in range(30)]
    raw, rows = selected(text, spans, Convention(inclusive=True), crlf=False, mark=False, names=False)
    with pytest.raises(CodingError, match="fit nearly alike"):
        solve([source(raw, rows)])


def test_lines_with_their_end_and_a_few_words_are_refused():
    text = "It trains police\n" * 40
    spans = [(17 * i, 17 * i + 17) for i in range(38)] + [(17 * 38, 17 * 38 + 9)]
    raw, rows = selected(text, spans, Convention(inclusive=True), crlf=False, mark=False, names=False)
    with pytest.raises(CodingError, match="too few selections tell"):
        solve([source(raw, rows)])


@pytest.mark.parametrize("crlf", [False, True])
@pytest.mark.parametrize("with_end", [False, True])
def test_whole_lines_are_found_with_their_ends_and_without(crlf, with_end):
    text = "It trains police\n" * 40
    spans = [(17 * i, 17 * i + 16 + with_end) for i in range(40)]
    raw, rows = selected(text, spans, CONVENTIONS[0], crlf=crlf, mark=False, names=False)
    solved = solve([source(raw, rows)])
    assert words(solved) == [text[s:e] for s, e in spans]
    assert solved.by == "edges"


def test_names_that_stand_beside_their_place_are_refused():
    raw, rows = selected(PROSE, WORDS, CONVENTIONS[0], crlf=False, mark=False)
    moved = [(start + 3, end + 3, name) for start, end, name in rows if end < len(PROSE) - 3]
    with pytest.raises(CodingError, match="stand elsewhere"):
        solve([source(raw, moved)])


def test_titles_that_people_gave_say_nothing_of_offsets():
    raw, rows = selected(PROSE, WORDS, CONVENTIONS[0], crlf=False, mark=False)
    titled = [(s, e, f"my thought {i}" if i % 2 else name) for i, (s, e, name) in enumerate(rows)]
    solved = solve([source(raw, titled)])
    assert (solved.score, solved.checks["another name"]) == (1.0, len(rows) // 2)


@pytest.mark.parametrize("sign", ["…", "...", ""])
def test_names_that_were_cut_tell_where_words_begin_and_whole_ones_where_they_end(sign):
    text = "It trains police officers and builds centres for those who need them most of all. " * 3
    spans = [(0, 81), (82, 163), (164, 180)]
    for inclusive in (False, True):
        names = {(s, e): text[s:e] if e - s < 60 else text[s : s + 60] + sign for s, e in spans}
        counted = Convention(inclusive=inclusive)
        raw, rows = selected(text, spans, counted, crlf=False, mark=False, names=names)
        assert words(solve([source(raw, rows)])) == [text[s:e] for s, e in spans]


def test_cut_names_alone_do_not_tell_the_end():
    text = "It trains police officers and builds centres for those who need them most of all. " * 3
    names = {(0, 81): text[:60] + "…", (82, 163): text[82:142] + "…"}
    raw, rows = selected(text, list(names), Convention(inclusive=True), crlf=False, mark=False, names=names)
    with pytest.raises(CodingError, match="selections tell"):
        solve([source(raw, rows)])
    assert solve([source(raw, rows)], origin="Normatrix 1.0").by == "writer"


def test_what_gives_the_same_words_is_no_question():
    solved = solve([source("a b", []), source("words", [(0, 5, "words")], "b")])
    assert solved.convention == CONVENTIONS[0]
    assert solve([]).by == "nothing to tell"


def test_an_unknown_convention_names_the_nearest():
    with pytest.raises(CodingError, match="Did you mean 'utf16-crlf2-nobom-exclusive'"):
        convention("utf16-crlf2-nobom-exclusiv")


def test_a_place_inside_a_character_is_no_place_and_inside_a_line_end_is_its_edge():
    text = Text("a😀b\r\nc")
    counted = Convention("utf16", 2)
    assert text.spans([(0, 2), (0, 3), (1, 3)], counted) == [None, (0, 2), (1, 2)]
    assert text.spans([(3, 5), (5, 7)], counted) == [(2, 3), (4, 5)]


@pytest.mark.parametrize("counted", CONVENTIONS, ids=str)
@given(st.text(st.sampled_from("ab \n日😀\u0301"), max_size=20), st.booleans(), st.booleans(), st.data())
def test_every_place_of_every_text_is_mapped_back(counted, plain, crlf, mark, data):
    start = data.draw(st.integers(0, len(plain)))
    end = data.draw(st.integers(start, len(plain)))
    raw, ((first, last, _),) = selected(plain, [(start, end)], counted, crlf=crlf, mark=mark)
    if last < 0:
        return
    (span,) = Text(raw).spans([(first, last)], counted)
    assert span == (start, end)


word = st.text(st.sampled_from("abcdeé😀"), min_size=1, max_size=6)
prose = st.lists(
    st.tuples(word, st.sampled_from([" ", " ", " ", ", ", ".\n", "\n\n", "。"])), min_size=4, max_size=60
)


@st.composite
def coded_texts(draw):
    """A text, spans of whole words in it, and for each whether its name is known."""
    parts = draw(prose)
    plain, edges = "", []
    for one, gap in parts:
        edges.append((len(plain), len(plain) + len(one)))
        plain += one + gap
    numbers = st.integers(0, len(edges) - 1)
    pairs = draw(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=40))
    spans = [(edges[min(pair)][0], edges[max(pair)][1]) for pair in pairs]
    return plain, spans, draw(st.lists(st.booleans(), min_size=len(spans), max_size=len(spans)))


@given(coded_texts(), st.sampled_from(CONVENTIONS), st.booleans(), st.booleans())
def test_the_words_are_those_that_were_meant_or_the_file_is_refused(made, counted, crlf, mark):
    plain, spans, named = made
    names = {span: plain[slice(*span)] if known else "" for span, known in zip(spans, named, strict=True)}
    raw, rows = selected(plain, spans, counted, crlf=crlf, mark=mark, names=names)
    try:
        found = words(solve([source(raw, rows)]))
    except CodingError:
        found = "refused"
    assert found in ("refused", [plain[s:e] for s, e in spans])


def test_edges_are_those_of_words():
    text = "The cat (sat). 日本語だ"
    assert [cut_at(text, span) for span in ((4, 7), (8, 13), (3, 7), (4, 6), (15, 17))] == [
        "clean", "clean", "loose", "cut", "open",
    ]  # fmt: skip
    assert not is_start("A title", "A title of somebody")
