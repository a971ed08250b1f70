"""Pages and paragraphs of passages, and form feeds wherever a text goes."""

import csv
import json
import subprocess
import sys

import pytest
from app import App, batch, span
from hypothesis import given
from hypothesis import strategies as st

import coding
from coding.concordance import kwic
from coding.errors import StaleText
from coding.formats import xlsx
from coding.locators import as_shown, has_pages, locator
from coding.model import Corpus, Document
from coding.project import Project
from coding.report import render
from coding.results import write_coded
from coding.study import run
from coding.units import paragraph_spans, sentence_spans, unitise

TWO_PAGES = "Norland trains\fpolice. It is a bridge.\n\n\fIt trains police in the south."

pieces = st.lists(
    st.text(st.sampled_from("ab 日\n.😀"), min_size=1, max_size=12).filter(str.strip), min_size=2, max_size=6
)


@given(pieces)
def test_a_passage_stands_on_as_many_pages_as_it_has_page_ends_within(pages):
    document = Document("d", "\f".join(pages))
    start = 0
    for number, page in enumerate(pages, start=1):
        assert locator(document, document.segment(start, start + len(page))) == f"p. {number}"
        start += len(page) + 1
    assert locator(document, document.whole) == f"pp. 1–{len(pages)}"


@given(pieces)
def test_without_pages_the_paragraph_is_said(parts):
    document = Document("d", "\n\n".join(part.replace("\n", " ") for part in parts))
    for number, (start, end) in enumerate(paragraph_spans(document.text), start=1):
        assert locator(document, document.segment(start, end)) == f"para. {number}"


def test_white_space_at_the_ends_of_a_passage_stands_nowhere():
    document = Document("d", "One.\f\fThree. \fFour.")
    assert locator(document, document.segment(4, 13)) == "p. 3"
    assert locator(document, document.segment(4, 6)) == "p. 3"
    assert locator(Document("e", "One.\n\n\fTwo."), Document("e", "One.\n\n\fTwo.").segment(4, 8)) == "p. 2"


def test_a_passage_of_an_earlier_text_has_no_place():
    with pytest.raises(StaleText):
        locator(Document("d", "New."), Document("d", "Old.").whole)


@given(st.text())
def test_what_is_shown_is_as_long_as_the_text(text):
    assert len(as_shown(text)) == len(text)
    assert not has_pages(as_shown(text))
    assert as_shown(as_shown(text)) == as_shown(text)


def test_a_page_end_is_white_space_to_units_and_rules():
    document = Document("norland/a", TWO_PAGES, {"donor": "norland"})
    assert [document.quote(unit) for unit in unitise(document, "paragraph")] == TWO_PAGES.split("\n\n\f")
    assert [TWO_PAGES[a:b] for a, b in sentence_spans(TWO_PAGES)] == [
        "Norland trains\fpolice.", "It is a bridge.", "It trains police in the south.",
    ]  # fmt: skip
    (first, _) = kwic(Corpus((document,)), "train* police", width=9, language="en", lemma=True)
    assert document.quote(first.segment) == "trains\fpolice"


@pytest.fixture
def paged(sandbox):
    sandbox.write("corpus/norland/a.txt", TWO_PAGES)
    return sandbox


def run_coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip


def test_tables_of_coded_segments_say_the_page(paged, tmp_path):
    project = Project.open(paged.root)
    book = project.codebook("book")
    coded = coding.tag(project.corpus, [coding.RuleTagger(book, overlap="longest")])
    for name in ("a.csv", "a.xlsx"):
        write_coded(tmp_path / name, coded, project.corpus, book)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["document"] == "norland/a"]
    assert {(row["quote"], row["locator"]) for row in rows} == {
        ("trains", "p. 1"), ("police", "p. 2"), ("bridge", "p. 2"), ("trains", "p. 3"), ("police", "p. 3"),
    }  # fmt: skip
    head, *cells = xlsx.read_sheets(tmp_path / "a.xlsx")["coded"]
    assert [row[head.index("locator")] for row in cells if row[head.index("document")] == "norland/b"] == [
        "para. 1"
    ] * 2


def test_a_workbook_shows_a_space_where_a_page_ends(tmp_path):
    xlsx.write_sheets(tmp_path / "a.xlsx", {"s": [["head"], ["over\fthe page"]]})
    assert xlsx.read_sheets(tmp_path / "a.xlsx") == {"s": [["head"], ["over the page"]]}


def test_the_command_says_the_page_and_prints_no_form_feed(paged):
    ended = run_coding("retrieve", "behaviour", "--rules", cwd=paged.root)
    rows = [line.split("\t") for line in ended.stdout.splitlines()]
    assert rows[0][:4] == ["document", "start", "end", "locator"]
    assert [row[3] for row in rows if row[0] == "norland/a"] == ["p. 1", "p. 3"]
    assert "Norland trains police." in ended.stdout
    (one, *_) = json.loads(run_coding("retrieve", "behaviour", "--rules", "--json", cwd=paged.root).stdout)[
        "segments"
    ]
    assert (one["locator"], one["passage"]) == ("p. 1", "Norland trains\fpolice.")
    assert one["source"].endswith("norland/a, p. 1, characters 8–14")


def test_a_report_says_the_page_and_holds_no_form_feed(paged):
    page = render(run(Project.open(paged.root)), drawn={})
    assert "\f" not in page
    assert "</a> p. 1, 8–14</span>" in page
    assert "para. " not in page


def test_words_over_the_end_of_a_page_are_coded_in_the_app_as_they_stand_in_the_text(paged):
    with App(paged.root, "anna") as app:
        client = app.client("anna")
        assert "\f" not in client.get("/read/norland/a").text
        asked = span(client, "norland/a", "trains\fpolice")
        shown = {**asked, "quote": "trains police"}  # as the browser has it
        body = {"batch": batch(), **shown, "codes": ["behaviour.training"]}
        assert client.post("/api/segments", json=body).status_code == 200
        assert (
            client.post(
                "/api/segments", json={**body, "batch": batch(), "quote": "trains_police"}
            ).status_code
            == 409
        )
        assert "norland/a, pp. 1–2, characters" in client.get("/retrieve", params={"q": "behaviour"}).text
    project = Project.open(paged.root)
    (segment,) = project.coded.segments
    assert project.corpus["norland/a"].quote(segment.segment) == "trains\fpolice"
    exported = run_coding("export", "all.jsonl", cwd=paged.root)
    assert "all.jsonl" in exported.stderr
    assert '"quote": "trains\\fpolice"' in (paged.root / "all.jsonl").read_text(encoding="utf-8")
