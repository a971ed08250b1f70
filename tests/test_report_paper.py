"""The report for Word says what its page says, and its numbers are those of the run."""

import io
import re

import docx
import pytest
from pages import OTHERS, Page, ran
from test_report import HOSTILE, hostile

import coding
from coding.paper import Heading, Paragraph, Picture, Table
from coding.paper.word import word
from coding.report import render
from coding.report_paper import report_paper
from coding.results import write_results


@pytest.fixture
def full(sandbox):
    return ran(sandbox, more=OTHERS)


def paper(found, pictures=None, drawn=None):
    return report_paper(found, render(found, drawn or {}), pictures or {})


def of(found, kind):
    return [block for block in paper(found).blocks if isinstance(block, kind)]


def said(block):
    return "".join(words.text for words in block.words)


def test_its_sections_are_those_of_the_page_without_the_passages(full):
    heads = [heading.text for heading in of(full, Heading) if heading.level == 1]
    page = [" ".join(e["text"].split()) for e in Page(render(full, {})).all("h2")]
    assert heads == [head for head in page if head != "Passages"]


def test_every_sentence_of_method_and_limits_is_in_it(full):
    written = {re.sub(r"\s+", " ", said(block)).strip() for block in of(full, Paragraph)}
    page = Page(render(full, {}))
    for section in ("method", "limits"):
        for element in [*page.all("p", within=section), *page.all("li", within=section)]:
            if not element["text"].strip() or "hidden" in element["is"]:
                continue
            assert " ".join(element["text"].split()) in written


def test_each_finding_has_its_verdict_its_bases_and_how_much_stands_behind_it(full):
    texts = [said(block) for block in of(full, Paragraph)]
    finding = full.findings[0]
    assert f"{finding.said.capitalize()}: {finding.reason}" in texts
    assert "Evidence. 5 sentences for it, 1 sentence against it, 6 passages." in texts
    sides = next(table for table in of(full, Table) if table.name == "sides")
    assert [row.cells for row in sides.rows] == [("Norland", "100\u00a0%", "3/3", "3"), ("Sudland", "33\u00a0%", "1/3", "3")]  # fmt: skip
    assert sides.caption == "Both shares of Security in Behaviour."


def test_matrix_findings_and_compositions_are_the_tables_of_a_paper(full):
    names = [table.name for table in of(full, Table)]
    assert names[:3] == ["matrix", "composition", "findings"]
    assert names.count("composition") == 2  # one more with the levels
    assert "decisions" in names
    assert "documents" in names


def test_figures_stand_with_what_they_show(sandbox, tmp_path):
    found = ran(sandbox)
    files = write_results(found, tmp_path / "out", figures=True, docx=True, progress=lambda _: None)
    assert tmp_path / "out/report.docx" in files
    document = docx.Document(tmp_path / "out/report.docx")
    assert len(document.inline_shapes) == 5
    captions = [p.text for p in document.paragraphs if p.text.startswith("Figure ")]
    assert captions[0] == "Figure 1. Heat matrix."
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    assert all(0 < shape.width <= room for shape in document.inline_shapes)
    before = (tmp_path / "out/report.docx").read_bytes()
    write_results(found, tmp_path / "out", figures=True, docx=True, progress=lambda _: None)
    assert (tmp_path / "out/report.docx").read_bytes() == before
    write_results(found, tmp_path / "out", figures=False, progress=lambda _: None)
    assert not (tmp_path / "out/report.docx").exists(), "an earlier report stands beside new numbers"


def test_without_figures_there_is_no_section_of_them(full):
    assert not of(full, Picture)
    assert "Figures" not in [heading.text for heading in of(full, Heading)]


def test_hostile_text_stays_text(full):
    document = docx.Document(io.BytesIO(word(paper(hostile(full)))))
    assert " ".join(HOSTILE.split()) in [p.text for p in document.paragraphs]
    assert not [link for p in document.paragraphs for link in p.hyperlinks if not link.url.startswith("http")]


def test_units_that_count_for_no_case_are_listed(sandbox):
    sandbox.change(
        "corpus/norland/c.txt", "Training of police goes on.", "It rained. Norland and Sudland train police."
    )
    sandbox.change(
        "corpus/norland/case.yaml", "c.txt of norland", "c.txt of norland\n    about: [norland, sudland]"
    )
    found = coding.run(coding.Project.open(sandbox.root))
    assert found.matrix.unplaced
    assert "norland/c, 0–10: It rained." in [said(block) for block in of(found, Paragraph)]
