"""PDFs: what stands on pages is read in order, in paragraphs, without what repeats on them."""

import re

import pytest
from foreign import PITCH, Words, pdf, set_in_lines, set_on_pages
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coding.errors import CodingError
from coding.formats import pdf as format_
from coding.formats.prose import Line, joined

words = st.text(st.sampled_from("abcdefgilmnorstuvw"), min_size=2, max_size=9)
paragraphs = st.lists(words, min_size=40, max_size=90).map(lambda found: " ".join(found).capitalize() + ".")


def read(pages):
    return format_.extract(pdf(pages))


def paragraphs_of(text):
    return [part.replace("\f", " ").strip() for part in text.split("\n\n") if part.strip()]


@given(st.lists(paragraphs, min_size=8, max_size=12), st.sampled_from([1, 2]))
@settings(max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_paragraphs_that_were_set_in_columns_are_read_again(written, columns):
    letters = 67 // columns - 1
    lines = set_in_lines(written, letters=letters)
    pages = set_on_pages(
        lines, columns=columns, letters=letters, rows=-(-len(lines) // (3 * columns)), header="A Report"
    )
    found = read(pages)
    assert paragraphs_of(found.text) == written
    assert found.text.count("\f") == found.pages - 1 == len(pages) - 1 == 2


PROSE = [
    "The government wants coop~eration with its neighbours, and it helps them to build what they need. " * 4,
    "Norland trains police of other states and pays for the travel of those who come to learn from it. " * 4,
]


def test_a_hyphen_at_the_end_of_a_line_joins_a_word():
    for letters in range(20, 60, 3):
        found = read(set_on_pages(set_in_lines(PROSE, letters=letters), letters=letters))
        assert "coop-" not in found.text
        assert found.text.count("cooperation") == 4


def page_of(*lines, size=10):
    return [Words(60, 740 - 12 * i, line, size) for i, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("one", "other", "whole"),
    [
        ("it has coop-", "eration with", "cooperation with"),
        ("it has capacity-", "building as", "capacity-building as"),
        ("the years 2015-", "2020 are", "2015-2020 are"),
        ("the talks of the EU-", "Japan forum", "EU-Japan forum"),
        ("it has pre-", "and post-war", "pre- and post-war"),
        ("a state -", "so it says", "state - so it"),
        ("known as re-use and re-", "use of it", "re-use of"),
    ],
)
def test_a_hyphen_stays_where_it_belongs_to_the_word(one, other, whole):
    long = "the words of the text and of the state are in this line and in the next of it"
    assert whole in joined(
        [[Line(text, 60, 500, 700 - 12 * i, 10) for i, text in enumerate((long, one, other, long))]]
    )


def test_a_soft_hyphen_is_no_character_of_the_text():
    lines = [Line("inter\u00ad", 60, 500, 700, 10), Line("national law", 60, 150, 688, 10)]
    assert joined([lines]) == "international law\n"


def test_a_word_that_is_hyphenated_over_a_page_stays_whole_and_the_page_ends_behind_it():
    full = [Line("the state wants coop-", 60, 500, 60, 10)], [Line("eration now.", 60, 150, 740, 10)]
    assert joined(full) == "the state wants cooperation\fnow.\n"


def test_a_page_without_words_is_a_page():
    found = read([page_of("One."), [], page_of("Three.")])
    assert found.text == "One.\n\n\f\fThree.\n"
    assert found.pages == 3
    assert "Without words, so scanned or empty: page 2." in found.notes


def test_the_first_and_last_pages_may_be_without_words():
    assert read([[], page_of("Two."), []]).text == "\fTwo.\n\f"


def test_pages_of_pictures_hold_no_text():
    assert read([[], []]).text == ""


def test_headers_and_numbers_of_pages_are_left_out_and_named():
    lines = set_in_lines(PROSE * 4, letters=60)
    found = read(set_on_pages(lines, letters=60, rows=12, header="White Paper 2019"))
    assert "White Paper" not in found.text
    assert found.dropped["headers and footers"] == 2 * found.pages
    assert any("white paper #" in note for note in found.notes)


def test_headers_of_left_and_right_pages_and_of_chapters_are_left_out():
    pages = []
    for n in range(12):
        side = "Norland" if n % 2 else f"Chapter {'ABC'[n // 4]}"
        pages.append(
            [Words(60, 800, side, 8), *page_of(f"Sentence {'abcdefghijkl'[n]} is the only one here.")]
        )
    found = read(pages)
    assert "Norland" not in found.text
    assert "Chapter" not in found.text
    assert found.text.count("is the only one") == 12


def test_what_stands_once_at_the_top_of_a_page_stays():
    found = read([[Words(60, 800, f"Title {'abc'[n]} of it"), *page_of("Some words.")] for n in range(3)])
    assert found.text.count("Title") == 3
    assert found.dropped == {}


def test_the_notes_of_a_page_stand_before_the_paragraph_that_runs_over_its_end():
    long = "Norland trains police of other states and pays for those who come to learn from it " * 4
    pages = set_on_pages(set_in_lines([long], letters=50), letters=50, rows=4)
    pages[0].append(Words(60, 60, "1 See the report.", 7))
    assert len(pages) == 2
    assert paragraphs_of(read(pages).text) == ["1 See the report.", long.strip()]


def test_headings_and_members_of_a_list_are_paragraphs():
    page = [
        Words(60, 740, "1 Aims", 14),
        *(Words(60, 715 - 12 * i, text) for i, (_, text) in enumerate(set_in_lines(PROSE[1:], letters=60))),
        Words(60, 600, "\u2022 training of police"),
        Words(60, 588, "\u2022 equipment"),
    ]
    assert paragraphs_of(read([page]).text) == [
        "1 Aims",
        PROSE[1].strip(),
        "• training of police",
        "• equipment",
    ]


def test_a_table_is_read_by_rows():
    rows = [("Country", "2015", "2016"), *((f"Land{'abcdef'[i]}", str(i), str(i + 9)) for i in range(6))]
    page = [
        Words(60 + 150 * c, 700 - 14 * r, cell) for r, row in enumerate(rows) for c, cell in enumerate(row)
    ]
    text = read([page]).text
    assert [text.index(" ".join(row)) for row in rows] == sorted(text.index(" ".join(row)) for row in rows)


def test_words_that_are_set_wide_apart_stay_in_their_line_and_column():
    """As in a narrow column that is set flush."""
    page, said = [], {60: [], 310: []}
    for left, column in said.items():
        for row in range(8):
            three = ["a" * (3 + 5 * row % 7), "b" * (2 + 3 * row % 8), "c" * (4 + 7 * row % 9)]
            widths = [len(word) * PITCH * 10 for word in three]
            gap = (210 - sum(widths)) / 2
            for i, word in enumerate(three):
                page.append(Words(left + sum(widths[:i]) + gap * i, 700 - 12 * row, word))
            column += three
    assert read([page]).text.split() == [*said[60], *said[310]]


def test_a_short_column_on_the_last_page_is_a_column():
    lines = set_in_lines([PROSE[1]] * 3, letters=30)
    pages = set_on_pages(lines, columns=2, letters=30, rows=(len(lines) + 3) // 4 + 2)
    assert paragraphs_of(read(pages).text) == [PROSE[1].strip()] * 3


def test_japanese_and_korean_keep_their_characters_and_get_no_spaces():
    one, other = (
        "日本は海洋国家であり、国際協力を積極的に推進する。特に能力構",
        "築支援を拡充し、研修を実施した。",
    )
    text = read([[Words(60, 740, one), Words(60, 728, other), Words(60, 690, "한국 정부는 협력을")]]).text
    assert text == f"{one}{other}\n\n한국 정부는 협력을\n"


def test_a_page_ends_behind_the_next_stop_where_words_have_no_spaces():
    lines = [Line("日本は国際協力を推", 60, 500, 60, 10)], [Line("進する。特に支援を", 60, 500, 740, 10)]
    assert joined(lines) == "日本は国際協力を推進する。\f特に支援を\n"


def test_ligatures_and_radicals_become_the_letters_that_are_meant():
    assert read([[Words(60, 740, "oﬃce ⽇本")]]).text == "office 日本\n"


def test_text_that_does_not_lie_level_is_left_out_and_counted():
    raw = pdf([page_of("Level.", "Turned.")]).replace(b"1 0 0 1 60 728 Tm", b"0 1 -1 0 60 99 Tm")
    assert len(re.findall(rb"0 1 -1 0", raw)) == 1
    found = format_.extract(raw)
    assert found.text == "Level.\n"
    assert found.dropped == {"letters that do not lie level": 7}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"no PDF at all", "is no PDF, or a damaged one"),
        (b"", "is no PDF, or a damaged one"),
        (pdf([page_of("Secret.")], password=True), "is protected by a password"),
    ],
)
def test_what_cannot_be_read_says_why(raw, message):
    with pytest.raises(CodingError, match=message):
        format_.extract(raw)


def test_letters_are_as_wide_as_the_tests_think():
    (piece,) = next(format_._pages(pdf([[Words(60, 740, "abcd")]]), {})).pieces
    assert (piece.left, piece.right) == pytest.approx((60, 60 + 4 * PITCH * 10))
