"""Lists of Word and what stands around the text of a page are known by their styles, classes and ids."""

import pytest
from foreign import docx

from coding.formats import docx as word
from coding.formats import html


def test_members_of_lists_by_their_style_have_a_mark_and_headings_have_none():
    def build(document):
        document.add_heading("Aims", 1)
        document.add_paragraph("training", style="List Bullet")
        document.add_paragraph("equipment", style="List Number")
        document.add_paragraph("A sentence.")

    assert word.extract(docx(build)).text == "Aims\n\n- training\n\n- equipment\n\nA sentence.\n"


@pytest.mark.parametrize(
    "name", ["footer", "site-footer", "nav", "menu", "main_menu", "cookie", "cookie-bar"]
)
@pytest.mark.parametrize("by", ["class", "id"])
def test_what_is_called_a_footer_menu_or_notice_is_left_out_and_counted(name, by):
    found = html.extract(f"<body><div {by}='{name}'>Imprint</div><p>Words.</p></body>".encode())
    assert found.text == "Words.\n"
    assert sum(found.dropped.values()) == 1


@pytest.mark.parametrize("name", ["has-sidebar", "no-footer", "footnotes", "menus"])
def test_what_is_only_called_like_one_stays(name):
    assert html.extract(f"<body><div class='{name}'>Words.</div></body>".encode()).text == "Words.\n"


def test_what_holds_the_heading_of_the_page_stays_whatever_it_is_called():
    assert (
        html.extract(b"<body><div class='nav-page'><h1>Aims</h1><p>Words.</p></div></body>").text
        == "Aims\n\nWords.\n"
    )
