"""PDFs: justified columns keep the order of their words; tables and notes around them stand where they are."""

import re

import pytest
from foreign import PITCH, Words, pdf
from hypothesis import given, settings
from hypothesis import strategies as st

from coding.formats import pdf as format_
from coding.formats.pages import Page, Piece, arranged
from coding.formats.prose import Line, joined

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(n, length):
    return (LETTERS[n % 26] + LETTERS[n // 26 % 26]) + "x" * (length - 2)


def flush(lines, *, left, top, width=210, first=0):
    """Return words set flush in a column, and what they say in order: the lengths of the words of each line."""
    page, said = [], []
    for row, lengths in enumerate(lines):
        words = [word(first + len(said) + i, length) for i, length in enumerate(lengths)]
        gap = (width - sum(len(w) * PITCH * 10 for w in words)) / max(1, len(words) - 1)
        at = left
        for each in words:
            page.append(Words(at, top - 12 * row, each))
            at += len(each) * PITCH * 10 + gap
        said += words
    return page, said


RIVER = [
    (10, 3, 2, 6),
    (11, 4, 3, 5),
    (10, 2, 4, 6),
    (11, 3, 2, 7),
    (10, 3, 3, 6),
]  # gaps beneath one another
FULL = [(5, 6, 4, 5, 5), (6, 5, 5, 4, 5), (4, 5, 6, 5, 5), (5, 5, 5, 5, 5)]


def columns(lines=(*FULL, *RIVER, *FULL), top=740):
    one, said = flush(lines, left=60, top=top)
    other, more = flush(lines, left=310, top=top, first=len(said))
    return [*one, *other], [*said, *more]


def read(pages):
    return format_.extract(pdf(pages))


def test_gaps_that_lie_beneath_one_another_in_lines_set_flush_are_no_columns():
    page, said = columns()
    found = read([page])
    assert found.text.split() == said
    assert not any("as in a table" in note for note in found.notes)


TABLE = [("Year", "Partner", "Million"), ("2016", "Viet Nam", "12.5"), ("2017", "Lao PDR", "7.0")]
PLACES = (80, 200, 390)


def cells(top):
    return [
        Words(x, top - 13 * r, cell)
        for r, row in enumerate(TABLE)
        for x, cell in zip(PLACES, row, strict=True)
    ]


@pytest.mark.parametrize("below", [True, False])
def test_a_table_over_the_whole_width_divides_no_columns_and_is_named(below):
    page, said = columns(top=740 if below else 640)
    page += [*cells(520 if below else 740), Words(60, 540 if below else 760, "Budget")]
    if below:
        page.append(Words(60, 460, "A remark on it."))
    table = ["Budget", *" ".join(" ".join(row) for row in TABLE).split()]
    found = read([page])
    assert found.text.split() == ([*said, *table, "A", "remark", "on", "it."] if below else [*table, *said])
    assert [" ".join(row) in found.text.split("\n\n") for row in TABLE] == [True] * 3
    assert any(re.search(r"as in a table, on page 1:", note) for note in found.notes)


places = st.tuples(st.integers(40, 480), st.integers(120, 720), st.text(LETTERS, min_size=1, max_size=12))


@given(st.lists(places, max_size=25), st.booleans())
@settings(max_examples=60, deadline=None)
def test_wherever_words_lie_none_is_lost_and_none_comes_twice(placed, with_columns):
    pieces = [Piece(text, x, x + 6 * len(text), y, y + 10, 10) for x, y, text in placed]
    if with_columns:
        pieces += [
            Piece("column of words", x, x + 200, y, y + 10, 10)
            for x in (60, 310)
            for y in range(130, 700, 12)
        ]
    said = sorted("".join(piece.text for piece in pieces).replace(" ", ""))
    text = arranged([Page(595, 842, tuple(pieces))]).text
    assert sorted("".join(text.split())) == said


def test_headings_over_columns_stay_with_their_columns():
    page, said = columns(top=700)
    found = read([[*page, Words(60, 740, "Aims"), Words(310, 740, "Means")]])
    half = len(said) // 2
    assert found.text.split() == ["Aims", *said[:half], "Means", *said[half:]]


def test_a_table_with_a_column_of_long_cells_is_read_line_by_line():
    long = ["training of police in the capital", "equipment for the national team,", "delivered in two parts because of", "a flood in the south of the land", "and of the snow in the north of it", "none of it at all, as it was said"]  # fmt: skip
    left = {0: "2016 Viet Nam 12.5", 2: "2017 Lao PDR 7.0", 4: "2018 Cambodia 3.1", 5: "2019 Viet Nam 8.0"}
    page = [Words(250, 700 - 14 * i, line) for i, line in enumerate(long)]
    page += [Words(60, 700 - 14 * i, line) for i, line in left.items()]
    found = read([page])
    assert f"{left[0]} {long[0]}" in found.text
    assert any("as in a table" in note for note in found.notes)


def lines(*texts, left=60):
    return [Line(text, left, left + 6 * len(text), 700 - 12 * i, 10) for i, text in enumerate(texts)]


def test_a_prefix_keeps_its_hyphen_where_the_text_writes_the_word_nowhere_without_it():
    long = "the words of the text and of the state are in this line and in the next of it and"
    assert "to multi-stakeholder talks" in joined(
        [lines(long, f"{long} to multi-", "stakeholder talks of it.")]
    )
    told = joined([lines(f"multistakeholder {long}", f"{long} to multi-", "stakeholder talks of it.")])
    assert "to multistakeholder talks" in told


def test_a_hyphen_at_the_end_of_a_short_line_ends_no_paragraph():
    long = "The words of the text and of the state are in this line and in the next of it."
    assert joined([lines(long, "It has infra-", "structure.")]).endswith("It has infrastructure.\n")


def test_members_of_a_list_without_marks_are_paragraphs():
    long = "The words of the text and of the state are in this line and in the next of it."
    page = [Words(60, 740, long), Words(90, 728, "One member of it"), Words(90, 716, "Two members of it")]
    assert read([page]).text.split("\n\n")[1:] == ["One member of it", "Two members of it\n"]
