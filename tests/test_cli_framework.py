"""Summaries from the command line: written, taken from a workbook, printed, written to files."""

import json

import openpyxl
import pytest
from typer.testing import CliRunner

from coding.batch import act
from coding.cli import framework, work  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.model import Coder
from coding.project import Project


@pytest.fixture
def run(sandbox):
    """Run a command on the project; return what it printed."""

    def ask(*words, fails=False, given=None):
        result = CliRunner().invoke(app, [*words, "--project", str(sandbox.root)], input=given)
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result.stdout if "--json" in words or words[0] == "log" else result.output

    return ask


def standing(sandbox):
    return [(memo.subject, memo.coder, memo.text) for memo in Project.open(sandbox.root).memos]


def test_a_summary_is_written_in_the_command_a_file_or_standard_input(run, sandbox):
    run("summarise", "Norland", "role", "-c", "anna", "--text", "One.")
    file = sandbox.write("../two.txt", "Two.\n\nParagraphs.\n")
    run("summarise", "sudland", "role", str(file), "-c", "anna")
    run("summarise", "norland", "behaviour", "-c", "ben", given="Three.\n")
    run("summarise", "norland", "behaviour", "-", "-c", "anna", given="Four.\n")
    assert standing(sandbox) == [
        ("donor=norland/role", "anna", "One."),
        ("donor=sudland/role", "anna", "Two.\n\nParagraphs."),
        ("donor=norland/behaviour", "ben", "Three."),
        ("donor=norland/behaviour", "anna", "Four."),
    ]
    assert "memo on donor=norland/role: One." in run("log")


def test_a_summary_is_rewritten_taken_back_and_undone(run, sandbox):
    run("summarise", "norland", "role", "-c", "anna", "--text", "One.")
    batch = json.loads(run("summarise", "norland", "role", "-c", "anna", "--text", "Two.", "--json"))["batch"]
    assert [text for *_, text in standing(sandbox)] == ["Two."]
    assert "it says so already" in run("summarise", "norland", "role", "-c", "anna", "--text", "Two.")
    run("undo", batch)
    assert [text for *_, text in standing(sandbox)] == ["One."]
    run("summarise", "norland", "role", "-c", "anna", "--text", "")
    assert standing(sandbox) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("norlnd", "role", "--text", "x"), "no case 'norlnd'. Did you mean 'norland'?"),
        (("norland", "rolle", "--text", "x"), "no code 'rolle'. Did you mean 'role'?"),
        (("norland", "--text", "x"), "Of which cell?"),
        (("norland", "role", "x.txt", "--text", "x"), "given twice"),
        (("norland", "role", "--from", "x.xlsx"), "leave case, code and text out"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is(run, sandbox, words, said):
    assert said in run("summarise", *words, "-c", "anna", fails=True)
    assert not (sandbox.root / "project.db").exists() or standing(sandbox) == []


def test_nobody_summarises_under_the_name_of_rules_or_a_model(run, sandbox):
    with Project.open(sandbox.root).store() as store:
        store.add(act("anna", "tag", Coder("learned", "model")))
    for name in ("rules", "learned"):
        said = run("summarise", "norland", "role", "-c", name, "--text", "x", fails=True)
        assert said.startswith(f"'{name}' is no name for a person")


def test_the_grid_is_printed_with_what_is_missing(run):
    assert "Nobody has summarised one of these cells" in run("framework")
    run("summarise", "norland", "role", "-c", "anna", "--text", "One.")
    run("summarise", "norland", "role.bridge", "-c", "ben", "--text", "Two.")
    said = run("framework")
    assert "Norland\tRole\t25\u00a0% (1/4)\tanna\t" in said
    assert "2 of 8 cells have a summary." in said
    assert "1 of 6 cells has a summary." in run("framework", "--depth", "1")
    assert "2 of 4 cells" in run("framework", "--codes", "role")
    alone = run("framework", "-c", "ben")
    assert "Two." in alone
    assert "One." not in alone
    assert "'bn' has written no summary. Did you mean 'ben'?" in run("framework", "-c", "bn", fails=True)


def test_numbers_and_words_go_along_with_what_the_texts_are(run):
    assert "In digests." in run("framework")
    assert json.loads(run("framework", "--json"))["texts"] == "digests"


def test_of_a_retired_code_nothing_is_written_any_more_and_what_was_can_be_taken_back(run, sandbox):
    run("summarise", "norland", "role.bridge", "-c", "anna", "--text", "One.")
    sandbox.change("codebooks/book.yaml", "id: role.bridge", "id: role.bridge\n        retired: true")
    said = run("summarise", "norland", "role.bridge", "-c", "anna", "--text", "Two.", fails=True)
    assert "'role.bridge' is retired" in said
    assert [text for *_, text in standing(sandbox)] == ["One."]
    run("summarise", "norland", "role.bridge", "-c", "anna", "--text", "")
    assert standing(sandbox) == []


def test_what_no_cell_of_the_study_has_is_named(run, sandbox):
    run("summarise", "sudland", "role", "-c", "anna", "--text", "One.")
    sandbox.change("studies/study.yaml", "cases: [norland, sudland]", "cases: [norland]")
    plan = sandbox.root / "studies/study.yaml"
    plan.write_text(
        plan.read_text(encoding="utf-8").split("findings:")[0] + "findings: []\n", encoding="utf-8"
    )
    assert "1 summary is of a cell that this matrix does not have: donor=sudland/role." in run("framework")
    said = json.loads(run("framework", "--json"))
    assert [each["text"] for each in said["elsewhere"]] == ["One."]


def test_a_script_is_told_all(run):
    run("summarise", "norland", "role", "-c", "anna", "--text", "One.")
    said = json.loads(run("framework", "--json"))
    cells = {cell["cell"]: cell for cell in said["cells"]}
    assert len(cells) == 6
    assert cells["donor=norland/role"]["units"] == 1
    assert [s["text"] for s in cells["donor=norland/role"]["summaries"]] == ["One."]


@pytest.mark.parametrize("ending", ["md", "tex", "docx", "xlsx", "csv", "html"])
def test_each_format_is_written_by_its_ending(run, tmp_path, ending):
    run("summarise", "norland", "role", "-c", "anna", "--text", "One.")
    file = tmp_path / f"framework.{ending}"
    assert f"Written: {file}." in run("framework", "--out", str(file))
    content = file.read_bytes()
    assert content[:2] == b"PK" if ending in ("docx", "xlsx") else b"One." in content


def test_text_formats_go_to_standard_output_and_others_need_a_file(run):
    assert "<h1>A study</h1>" in run("framework", "--format", "html")
    assert "| Role |" in run("framework", "--format", "markdown")
    assert "docx goes into a file" in run("framework", "--format", "docx", fails=True)
    assert "Did you mean 'latex'?" in run("framework", "--format", "latx", fails=True)


def test_a_workbook_goes_out_is_filled_in_and_comes_back_as_one_act(run, sandbox, tmp_path):
    file = tmp_path / "framework.xlsx"
    run("summarise", "norland", "role", "-c", "anna", "--text", "One.")
    run("summarise", "norland", "behaviour", "-c", "anna", "--text", "Gone soon.")
    run("framework", "-c", "anna", "--out", str(file))
    book = openpyxl.load_workbook(file)
    sheet = book["framework"]
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["donor", "Role", "Behaviour", "Orientation"],
        ["Norland", "One.", "Gone soon.", None],
        ["Sudland", None, None, None],
    ]
    sheet["B2"], sheet["C2"], sheet["D3"] = "One, longer.", None, "New."
    book.save(file)
    said = json.loads(run("summarise", "--from", str(file), "-c", "anna", "--json"))
    assert (said["written"], said["taken_back"]) == (
        ["donor=norland/role", "donor=sudland/orientation"],
        ["donor=norland/behaviour"],
    )
    assert sorted(text for *_, text in standing(sandbox)) == ["New.", "One, longer."]
    again = json.loads(run("summarise", "--from", str(file), "-c", "anna", "--json"))
    assert again == {"batch": None, "written": [], "taken_back": []}
    run("undo", said["batch"])
    assert sorted(text for *_, text in standing(sandbox)) == ["Gone soon.", "One."]


def test_who_has_written_nothing_yet_begins_with_an_empty_workbook(run, sandbox, tmp_path):
    file = tmp_path / "framework.xlsx"
    run("summarise", "norland", "role", "-c", "anna", "--text", "One.")
    assert "'ana' has written no summary. Did you mean 'anna'?" in run(
        "framework", "-c", "ana", "--out", str(file)
    )
    book = openpyxl.load_workbook(file)
    assert book["framework"]["B2"].value is None
    book["framework"]["B2"] = "Of ana."
    book.save(file)
    said = json.loads(run("summarise", "--from", str(file), "-c", "ana", "--json"))
    assert said["written"] == ["donor=norland/role"]
    assert ("donor=norland/role", "ana", "Of ana.") in standing(sandbox)
