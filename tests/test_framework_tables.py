"""Summaries as tables: nothing is lost on the way out, and only what was changed comes back."""

import csv as tables
from io import BytesIO

import docx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import Page, ran
from sheets import without_size

from coding.batch import Memo, new_id
from coding.cells import CellName
from coding.errors import CodingError
from coding.formats import csv, xlsx
from coding.framework import framework, shown_codes
from coding.framework_page import page
from coding.framework_tables import filled_in, framework_paper, plain, summary_rows, workbook
from coding.paper.written import written

HOSTILE = "=1+1 <script>alert(1)</script> | & _ {{ 7 * 7 }}"
AT = "2026-01-02T00:00:00.000000Z"
ROLE, ACT = CellName(("donor",), "norland", "role"), CellName(("donor",), "sudland", "behaviour")
CELLS = ("norland", "role"), ("sudland", "role"), ("norland", "behaviour"), ("sudland", "behaviour")


def about(name, text, coder="anna"):
    return Memo(new_id(), "cell", str(name), text, coder, AT)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    from conftest import Sandbox

    return ran(Sandbox(tmp_path_factory.mktemp("framework") / "project"))


def book(done, path, memos, coder="anna"):
    """Write a workbook of what was written; return its path."""
    found = framework(done.matrix, memos, coders=None if coder is None else [coder])
    codes = shown_codes(found, done.codebook, depth=1)
    xlsx.write_sheets(path, workbook(found, codes, coder=coder, about={"study": "study"}))
    return path


def change(path, cells):
    """Put texts into the sheet `framework` by the names of its rows and columns."""
    opened = openpyxl.load_workbook(path)
    sheet = opened["framework"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=2)}
    for (case, code), text in cells.items():
        sheet.cell(rows[case], columns[code], text).data_type = "s"
    opened.save(path)


def test_every_summary_is_in_every_table(done):
    memos = [about(ROLE, HOSTILE), about(ROLE, "Of ben.", "ben"), about(ACT, "Two\n\nparagraphs.")]
    found = framework(done.matrix, memos)
    codes = shown_codes(found, done.codebook)
    head, *rows = summary_rows(found, codes)
    said = [dict(zip(head, row, strict=True)) for row in rows]
    assert {row["id"] for row in said if row["id"]} == {memo.id for memo in memos}
    assert {(row["code"], row["case"]) for row in said} == {
        (c, case) for c in codes for case in done.matrix.cases
    }
    assert len(said) == len(codes) * 2 + 1
    cells = plain(found, codes, texts="digests")["cells"]
    assert [len(cell["summaries"]) for cell in cells].count(2) == 1
    for form in ("markdown", "latex", "docx"):
        content = written(framework_paper(found, codes, texts="digests"), form)
        words = "".join(
            p.text for t in docx.Document(BytesIO(content)).tables for row in t.rows for p in row.cells
        ) if form == "docx" else content.decode()  # fmt: skip
        assert "Two paragraphs. (anna, 2026-01-02)" in words
        assert "Of ben. (ben, 2026-01-02)" in words


def test_of_many_cases_a_paper_has_several_tables(done, monkeypatch):
    monkeypatch.setattr("coding.framework_tables.BESIDE_ONE_ANOTHER", 1)
    found = framework(done.matrix, [])
    paper = framework_paper(found, ["role"], texts="digests")
    assert [table.head for table in paper.blocks] == [("Code", "Norland"), ("Code", "Sudland")]
    assert len({table.name for table in paper.blocks}) == 2


def test_no_summary_becomes_a_formula_or_markup(done, tmp_path):
    found = framework(done.matrix, [about(ROLE, HOSTILE)])
    csv.write_table(tmp_path / "x.csv", summary_rows(found, ["role"]))
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        assert any(cell == f"'{HOSTILE}" for row in tables.reader(file) for cell in row)
    path = book(done, tmp_path / "x.xlsx", [about(ROLE, HOSTILE)])
    kinds = {c.data_type for sheet in openpyxl.load_workbook(path) for row in sheet.rows for c in row}
    assert "f" not in kinds
    shown = Page(page(found, ["role"], codebook=done.codebook, title=HOSTILE, texts="digests"))
    assert not shown.all("script")
    assert HOSTILE in [e["text"] for e in shown.all("p", class_="words")]


def test_the_page_has_every_cell_and_what_no_cell_has(done):
    lost = about(CellName(("year",), "2015", "role"), "Of a year.")
    found = framework(done.matrix, [about(ROLE, "One."), lost])
    shown = Page(page(found, ["role", "behaviour"], codebook=done.codebook, title="t", texts="digests"))
    assert len(shown.all("td")) == 4
    assert [e["text"] for e in shown.all("p", class_="words")] == ["One.", "Of a year."]
    bare = page(framework(done.matrix, []), ["role"], codebook=done.codebook, title="t", texts="digests")
    assert "Nobody has written of a cell yet." in bare


# ---- a workbook that is filled in and taken back


def test_a_workbook_that_nobody_changed_changes_nothing(done, tmp_path):
    memos = [about(ROLE, " Two\n\nparagraphs. "), about(ACT, HOSTILE), about(ACT, "Of ben.", "ben")]
    assert filled_in(book(done, tmp_path / "x.xlsx", memos), coder="anna", memos=memos) == {}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40)


@given(st.dictionaries(st.sampled_from(CELLS), WORDS), st.dictionaries(st.sampled_from(CELLS), WORDS))
def test_exactly_what_was_changed_comes_back(done, tmp_path_factory, before, after):
    memos = [
        about(CellName(("donor",), case, code), text) for (case, code), text in before.items() if text.strip()
    ]
    path = book(done, tmp_path_factory.mktemp("books") / "x.xlsx", memos)
    named = {(done.matrix.names[case], done.matrix.names[code]): text for (case, code), text in after.items()}
    change(path, named)
    found = {
        (name.case, name.code): text for name, text in filled_in(path, coder="anna", memos=memos).items()
    }
    expected = {c: text for c, text in after.items() if text.strip() != before.get(c, "").strip()}
    assert {c: text.strip() for c, text in found.items()} == {c: t.strip() for c, t in expected.items()}


def test_what_was_written_anew_meanwhile_is_not_overwritten(done, tmp_path):
    memos = [about(ROLE, "One.")]
    path = book(done, tmp_path / "x.xlsx", memos)
    change(path, {("Norland", "Role"): "Two.", ("Sudland", "Behaviour"): "New."})
    with pytest.raises(CodingError, match="Norland, Role: it was written anew since the file was made"):
        filled_in(path, coder="anna", memos=[about(ROLE, "One, rewritten.")])
    with pytest.raises(CodingError, match="Sudland, Behaviour: it was written anew"):
        filled_in(path, coder="anna", memos=[*memos, about(ACT, "In the app.")])
    assert len(filled_in(path, coder="anna", memos=[*memos, about(ACT, "Of ben.", "ben")])) == 2


def test_what_was_taken_in_before_is_not_new_whatever_it_was(done, tmp_path):
    memos = [about(ROLE, "One."), about(ACT, "Gone soon.")]
    path = book(done, tmp_path / "x.xlsx", memos)
    change(
        path, {("Norland", "Role"): "Two.", ("Sudland", "Behaviour"): "", ("Norland", "Behaviour"): "New."}
    )
    new = CellName(("donor",), "norland", "behaviour")
    taken_in = [about(ROLE, "Two.\n"), about(new, "New.")]
    assert filled_in(path, coder="anna", memos=taken_in) == {}
    assert filled_in(path, coder="anna", memos=taken_in[:1]) == {new: "New."}


def test_only_ones_own_workbook_is_taken_back(done, tmp_path):
    memos = [about(ROLE, "One.")]
    path = book(done, tmp_path / "x.xlsx", memos)
    with pytest.raises(CodingError, match="holds the summaries of anna, not those of ben"):
        filled_in(path, coder="ben", memos=memos)
    path = book(done, tmp_path / "all.xlsx", memos, coder=None)
    with pytest.raises(CodingError, match="holds the summaries of everybody"):
        filled_in(path, coder="anna", memos=memos)


def test_what_is_in_no_row_or_column_is_refused_by_name(done, tmp_path):
    path = book(done, tmp_path / "x.xlsx", [])
    opened = openpyxl.load_workbook(path)
    sheet = opened["framework"]
    sheet.cell(1, 6, "Rolle")
    sheet.cell(2, 6, "lost")
    sheet.cell(4, 1, "Norlnd")
    sheet.cell(4, 2, "lost too")
    opened.save(path)
    with pytest.raises(CodingError) as refused:
        filled_in(path, coder="anna", memos=[])
    assert [p.split(": ", 1)[1] for p in refused.value.problems] == [
        "sheet framework: 'Rolle' is no row or column of it. Did you mean 'Role'?",
        "sheet framework: 'Norlnd' is no row or column of it. Did you mean 'Norland'?",
    ]


def test_columns_may_be_left_out_moved_or_named_by_id(done, tmp_path):
    path = book(done, tmp_path / "x.xlsx", [about(ROLE, "One."), about(ACT, "Two.")])
    opened = openpyxl.load_workbook(path)
    sheet = opened["framework"]
    sheet.delete_cols(2)  # the column of roles
    sheet.cell(1, 2, "behaviour")
    sheet.cell(3, 2, "Three.")
    opened.save(path)
    memos = [about(ROLE, "One."), about(ACT, "Two.")]
    rows = xlsx.read_sheets(path)["summaries"]
    ids = {row[0]: row[-1] for row in rows[1:] if row[-1]}
    memos = [Memo(ids[m.subject], m.about, m.subject, m.text, m.coder, m.at) for m in memos]
    assert filled_in(path, coder="anna", memos=memos) == {ACT: "Three."}


def test_a_workbook_that_does_not_say_the_size_of_its_sheets_comes_back(done, tmp_path):
    memos = [about(ROLE, "One.")]
    path = book(done, tmp_path / "x.xlsx", memos)
    assert filled_in(without_size(path, tmp_path / "y.xlsx"), coder="anna", memos=memos) == {}
    change(path, {("Sudland", "Behaviour"): "New."})
    assert filled_in(without_size(path, tmp_path / "z.xlsx"), coder="anna", memos=memos) == {ACT: "New."}


def test_a_workbook_whose_sheets_are_emptied_is_refused_or_changes_nothing(done, tmp_path):
    path = book(done, tmp_path / "x.xlsx", [])
    opened = openpyxl.load_workbook(path)
    opened["framework"].delete_rows(1, 9)
    opened.save(path)
    assert filled_in(path, coder="anna", memos=[]) == {}
    opened["about"].delete_cols(2)
    opened.save(path)
    with pytest.raises(CodingError, match="holds the summaries of everybody"):
        filled_in(path, coder="anna", memos=[])


def test_a_text_too_long_for_a_workbook_is_not_cut_by_it(done, tmp_path):
    memos = [about(ROLE, "x" * 40_000)]
    path = book(done, tmp_path / "x.xlsx", memos)
    assert filled_in(path, coder="anna", memos=memos) == {}
    change(path, {("Norland", "Role"): "Short."})
    with pytest.raises(CodingError, match="longer than a cell of a workbook can be"):
        filled_in(path, coder="anna", memos=memos)


def test_another_workbook_is_refused_with_what_to_do(tmp_path):
    xlsx.write_sheets(tmp_path / "x.xlsx", {"framework": [["a"]], "about": [["what", "value"]]})
    with pytest.raises(CodingError, match="no sheet 'summaries'. Begin with `coding framework --out`"):
        filled_in(tmp_path / "x.xlsx", coder="anna", memos=[])
    sheets = {"framework": [["a"]], "summaries": [["b"]], "about": [["what", "value"], ["coder", "anna"]]}
    xlsx.write_sheets(tmp_path / "y.xlsx", sheets)
    with pytest.raises(CodingError, match="'summaries' was changed"):
        filled_in(tmp_path / "y.xlsx", coder="anna", memos=[])
