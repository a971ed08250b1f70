"""What a file says of itself: its title is taken where nobody gives one, its date is only shown."""

import pytest
from foreign import Words, docx, epub, pdf, rewritten
from test_sources import GIVEN, added, coding, corpus, put

from coding.formats import epub as book
from coding.formats.extraction import own_title

TITLE = "A history of aid"


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def page(title=TITLE, date="2015-03-01T10:00"):
    return f"<head><title>{title}</title><meta name=date content={date}></head><body><p>Words.</p></body>"


def report(document):
    document.core_properties.title = TITLE
    document.add_paragraph("Words.")


def volume():
    said = f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{TITLE}</dc:title><dc:date>2015</dc:date></metadata>'
    raw = epub({"one.xhtml": "<p>Words.</p>"})
    return rewritten(raw, {"OPS/book.opf": lambda package: package.replace(b"<metadata/>", said.encode())})


def test_the_title_in_a_file_is_taken_where_nobody_gives_one(sandbox, desk):
    files = put(desk, a_html=page(), b_docx=docx(report), c_epub=volume())
    added(sandbox, *files)
    assert {corpus(sandbox)[f"eastland/{name}"].variables["title"] for name in "abc"} == {TITLE}


def test_the_title_that_is_given_wins(sandbox, desk):
    added(sandbox, put(desk, a_html=page()), title="Another")
    assert corpus(sandbox)["eastland/a"].variables["title"] == "Another"


@pytest.mark.parametrize(
    "said", [None, "", " - ", "Word Document", "Document1", "Microsoft Word - a.doc", "a b.docx", "Untitled"]
)
def test_a_title_that_a_program_put_there_is_none(said):
    assert own_title(said) == ""


def test_a_book_says_its_title_and_day():
    found = book.extract(volume())
    assert (found.title, found.date) == (TITLE, "2015")


def test_the_report_says_the_title_and_another_year_and_headers_once(sandbox, desk):
    put(desk, a_html=page())
    pages = [
        [Words(60, 800, "White Paper", 8), Words(60, 700, f"Sentence {'abc'[n]} is here.")] for n in range(3)
    ]
    (desk / "b.pdf").write_bytes(pdf(pages))
    given = ("--donor", GIVEN["donor"], "--iso", GIVEN["iso"], "--year", str(GIVEN["year"]))
    ended = coding("add", desk / "a.html", desk / "b.pdf", *given, cwd=sandbox.root)
    assert f"eastland/a: Its title is that of the file: '{TITLE}'." in ended.stderr
    assert (
        f"eastland/a: The file gives 2015-03-01 as its date; the year here is {GIVEN['year']}."
        in ended.stderr
    )
    assert ended.stderr.count("eaders and footers") == 1
