"""A paper as plain text and as a page: all its words are there, in lines that fit, and nothing acts."""

import re

from hypothesis import given
from hypothesis import strategies as st
from pages import Page

from coding.paper import GAP, Heading, Paper, Picture, Row, Table, Words, gap, paragraph
from coding.paper.page import page
from coding.paper.plain import WIDTH, plain

texts = st.text(st.sampled_from("ab <>&\"'[]{}|*_`#\\\n日é"), max_size=120)
HOSTILE = "<script>alert(1)</script> & {{ 7*7 }}"


def table(*rows, numbers=(), notes=()):
    return Table("t", "Caption", ("Head", "n"), tuple(Row(row) for row in rows), notes, numbers)


def letters(text):
    return re.sub(r"[\s\-=]", "", text)


@given(st.lists(texts, min_size=1, max_size=4), st.sampled_from(["text", "quote", "note", "point"]))
def test_lines_fit_unless_a_word_does_not_and_no_word_is_lost(said, kind):
    lines = plain(Paper("", tuple(paragraph(one, kind=kind) for one in said))).splitlines()
    assert all(len(line) <= WIDTH or len(line.split()) <= 2 for line in lines)
    assert letters("".join(said)) in letters("".join(lines)) or kind == "point"


def test_a_table_that_fits_stands_in_columns_with_its_numbers_to_the_right():
    said = plain(Paper("", (table(("Norland", "3"), ("Sudland", "12"), numbers=(1,), notes=("Of 15.",)),)))
    assert said.split("\n\n") == [
        "Table 1. Caption",
        "Head       n\n-------   --\nNorland    3\nSudland   12",
        "  Of 15.\n",
    ]


def test_a_table_that_does_not_fit_is_written_row_by_row():
    said = plain(Paper("", (table(("First", "word " * 40)),)))
    assert "\n\nFirst\n  n: word word" in said
    assert said.count("word") == 40


def test_headings_are_underlined_by_their_height():
    assert (
        plain(Paper("Title", (Heading(1, "One"), Heading(2, "Two")))) == "Title\n=====\n\nOne\n---\n\nTwo\n"
    )


def test_a_gap_is_found_whatever_is_to_be_written():
    for what in ("who coded", "what [of] it", "a\nb"):
        assert GAP.findall(f"Before. {gap(what)} After.") == [gap(what)]


def test_a_page_marks_gaps_in_texts_and_tables():
    shown = Page(page(Paper("", (paragraph(Words(gap("who"), "strong")), table((gap("what"), "1"))))))
    assert [e["text"] for e in shown.all("mark")] == [gap("who"), gap("what")]


@given(texts)
def test_a_page_shows_what_was_written_and_nothing_of_it_acts(text):
    shown = Page(page(Paper(text, (Heading(1, text), paragraph(text), table((text, text), notes=(text,))))))
    (body,) = shown.all("body")
    assert letters(body["text"]).count(letters(text)) >= 5 if letters(text) else True
    tags = {"h1", "h2", "p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "main", "mark"}
    assert {e["tag"] for e in shown.all(within=None) if "body" in [o["tag"] for o in e["in"]]} <= tags


def test_only_web_addresses_are_links_and_a_picture_is_part_of_the_page():
    words = (Words("a", url="https://example.org"), Words("b", url="javascript:alert(1)"))
    picture = Picture(b"\x89PNG", "x.png", HOSTILE, HOSTILE)
    shown = Page(page(Paper(HOSTILE, (paragraph(*words), picture))))
    assert [e["is"]["href"] for e in shown.all("a")] == ["https://example.org"]
    (image,) = shown.all("img")
    assert image["is"]["src"].startswith("data:image/png;base64,")
    assert image["is"]["alt"] == HOSTILE
    assert shown.all("script") == []
