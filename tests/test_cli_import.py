"""What `coding import` tells a newcomer: what counts, what is missing, whose it is, why it is refused."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import CASE
from exchanged import empty
from refi_files import packed, project
from typer.testing import CliRunner

from coding.checks import doubts
from coding.cli import project as _check  # noqa: F401  its commands join the app
from coding.cli import results, work  # noqa: F401  the same
from coding.cli.app import app
from coding.errors import CodingError
from coding.formats import csv
from coding.formats.exchange.segment_table import NEEDED
from coding.project import Project
from coding.starting import start
from coding.study import read_study, run

TEXT = "Norland trains police. It is a bridge.\n"


@pytest.fixture
def ask(sandbox):
    """Run a command on a project; return all that it printed, or the message with which it failed."""

    def run_it(*words, root=sandbox.root, fails=False):
        result = CliRunner().invoke(app, [*map(str, words), "--project", str(root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result.output

    return run_it


@pytest.fixture
def foreign(tmp_path):
    """Return a project of another program in which somebody coded a document that is here."""
    xml = project({"a": [(0, 7, "Norland"), (8, 14, "trains")]}, codes=("Role",))
    return packed(tmp_path / "x.qdpx", xml, {"a": TEXT})


def table(path, *rows):
    csv.write_table(path, [[*NEEDED, "coder"], *rows])
    return path


def tasks(path, *donors):
    """Write a Label Studio export: a text of each donor, in which a code was given."""
    made = [
        {
            "data": {"text": f"Text {i} of it.", "donor": donor, "year": 2015, "title": f"t{i}"},
            "annotations": [
                {
                    "completed_by": {"email": "anna@x.org"},
                    "result": [
                        {
                            "type": "labels",
                            "value": {"start": 0, "end": 4, "text": "Text", "labels": ["role"]},
                        }
                    ],
                }
            ],
        }
        for i, donor in enumerate(donors)
    ]
    path.write_text(json.dumps(made), "utf-8")
    return path


def counting(sandbox, coder):
    """Have the study count the coding of a person alone."""
    path = sandbox.root / "studies/study.yaml"
    path.write_text(path.read_text().replace("coders: [rules]", f"coders: [{coder}]"))
    assert coder in path.read_text()


def test_what_comes_without_a_reading_counts_nowhere_and_import_matrix_and_check_say_so(
    ask, sandbox, foreign
):
    said = ask("import", foreign, "-c", "anna")
    assert "No matrix counts what anna coded in 1 document" in said
    assert "`coding import x.qdpx --read`" in said
    counting(sandbox, "anna")
    note = "2 coded segments lie where the coder has filed no reading, and count nowhere"
    assert note in ask("matrix")
    assert note in ask("check")


def test_with_read_whoever_coded_has_read_the_whole_not_blind_and_once(ask, sandbox, foreign):
    ask("import", foreign, "-c", "anna")
    assert "1 reading is filed" in ask("import", foreign, "-c", "anna", "--read")
    assert "All of it was here already." in ask("import", foreign, "-c", "anna", "--read")
    opened = Project.open(sandbox.root)
    (reading,) = opened.coded.readings
    assert (reading.coder, reading.codes, reading.blind) == ("anna", None, False)
    assert reading.segment == opened.corpus["norland/a"].whole
    counting(sandbox, "anna")
    found = run(Project.open(sandbox.root))
    assert found.n_unread == 0
    assert found.matrix.cell("norland", "role").n > 0


def test_an_import_is_an_act_of_that_name_and_of_the_coder_who_was_named(ask, foreign):
    ask("import", foreign, "-c", "anna")
    row = ask("log").splitlines()[1].split("\t")
    assert row[2:4] == ["anna", "import"]
    assert "Undone: import of anna" in ask("undo", row[0])


def test_no_key_of_the_app_undoes_an_import(ask, foreign, sandbox):
    ask("import", foreign, "-c", "anna")
    with Project.open(sandbox.root).store() as store:
        assert store.to_undo("anna") is None
        assert store.batches()[-1].act == "import"


def test_a_file_without_texts_is_refused_where_no_document_is_here(ask, tmp_path, sandbox):
    rows = [[f"westland/t{i}", "0", "4", "Text", "role", "anna"] for i in range(7)]
    said = ask("import", table(tmp_path / "x.csv", *rows), fails=True)
    assert "nothing of it can be placed" in said
    assert "the 7 documents that it speaks of are not here: 'westland/t0'" in said
    assert "'westland/t4' and 2 more" in said
    assert "westland/t5" not in said
    other = table(tmp_path / "y.csv", ["norland/a", "0", "4", "Nowhere", "role", "anna"])
    assert "nothing of it can be placed (1)" in ask("import", other, fails=True)
    assert not Project.open(sandbox.root).store_path.exists()


def test_each_new_donor_has_a_code_of_its_own(ask, tmp_path):
    file, other = tasks(tmp_path / "x.ls.json", "norland", "Süd Land"), empty(tmp_path / "other")
    new = ("import", file, "--codebook", "book")
    assert "--iso norland=ISO --iso sud-land=ISO" in ask(*new, root=other, fails=True)
    assert "--iso NOR: whose is it?" in ask(*new, "--iso", "NOR", root=other, fails=True)
    said = ask(*new, "--iso", "norland=NOR", "--iso", "sudland=SUD", root=other, fails=True)
    assert "no new document is of 'sudland'. Did you mean 'sud-land'?" in said
    ask(*new, "--iso", "norland=NOR", "--iso", "sud-land=SUD", "--name", "norland=Nor Land", root=other)
    cases = Project.open(other).corpus.known_cases
    assert {case.id: (case.name, case.iso) for case in cases.values()} == {
        "norland": ("Nor Land", "NOR"),
        "sud-land": ("Süd Land", "SUD"),
    }


def test_a_bare_code_is_that_of_the_only_donor_that_is_new(ask, tmp_path, sandbox):
    file = tasks(tmp_path / "x.ls.json", "norland", "westland")
    ask("import", file, "--iso", "XAB")
    assert Project.open(sandbox.root).corpus.known_cases["westland"].iso == "XAB"


def test_check_doubts_that_a_text_is_meant_to_count_twice(ask, sandbox):
    shutil.copy(sandbox.root / "corpus/norland/a.txt", sandbox.root / "corpus/sudland/b.txt")
    (doubt,) = doubts(Project.open(sandbox.root))
    assert doubt.startswith("norland/a and sudland/b have the same text: it counts 2 times.")
    assert doubt in ask("check").replace("\n", " ")


def test_check_doubts_that_two_cases_have_one_code(ask, sandbox):
    sandbox.write(
        "corpus/eastland/case.yaml", CASE.format(id="eastland", name="East", iso="NOR", documents="  {}")
    )
    (doubt,) = doubts(Project.open(sandbox.root))
    assert "norland" in doubt
    assert "eastland" in doubt
    assert "iso: NOR" in doubt
    assert doubt in ask("check").replace("\n", " ")


def test_new_donors_join_the_cases_of_a_study_that_has_none(ask, tmp_path):
    root = tmp_path / "mine"
    start(root)
    file = tasks(tmp_path / "x.ls.json", "norland", "sudland")
    said = ask(
        "import", file, "--codebook", "theirs", "--iso", "norland=NOR", "--iso", "sudland=SUD", root=root
    )
    assert "compares norland, sudland now" in said
    assert read_study(root / "studies/mine.yaml")[0].corpus.cases == ["norland", "sudland"]


def test_a_table_that_excel_saved_is_read_in_the_encoding_that_is_said(ask, tmp_path, sandbox):
    sandbox.write("corpus/norland/a.txt", "Students went to Zürich.\n")
    file = table(tmp_path / "x.csv", ["norland/a", "17", "23", "Zürich", "role", "anna"])
    file.write_bytes(file.read_text("utf-8").replace(",", ";").encode("cp1252"))
    assert "say its encoding" in ask("import", file, fails=True)
    ask("import", file, "--encoding", "cp1252")
    assert [segment.quote for segment in Project.open(sandbox.root).coded.segments] == ["Zürich"]
    jsonld = Path(tmp_path / "x.jsonld")
    jsonld.write_text("[]")
    assert "only a .csv does not" in ask("import", jsonld, "--encoding", "cp1252", fails=True)


def test_not_all_was_here_if_something_is_left_out(ask, tmp_path):
    row = ["norland/a", "0", "7", "Norland", "role.bridge", "anna"]
    file = table(tmp_path / "x.csv", row, ["norland/a", "0", "6", "Nowhere", "role.bridge", "anna"])
    ask("import", file)
    said = ask("import", file)
    assert "row 3" in said
    assert "What could be taken in was here already." in said
    assert "All of it" not in said


def test_what_is_said_of_a_donor_can_be_said_once_more_and_nothing_else(ask, tmp_path):
    root = empty(tmp_path / "other")
    file, more = tasks(tmp_path / "x.ls.json", "eastland", "westland"), ("--codebook", "theirs")
    given = ("--iso", "eastland=XAA", "--iso", "westland=XAB", "--name", "eastland=East")
    ask("import", file, *given, *more, root=root)
    assert "All of it was here already." in ask("import", file, *given, *more, root=root)
    said = ask("import", file, "--iso", "eastland=XAC", *more, root=root, fails=True)
    assert "--iso eastland=XAC: eastland is here already, and its case.yaml says something else." in said
    assert "no new document is of 'estland'" in ask(
        "import", file, "--iso", "estland=XAC", *more, root=root, fails=True
    )


def test_an_unknown_code_is_named_by_its_id_and_so_are_those_in_a_dry_run(ask, tmp_path):
    file = table(tmp_path / "x.csv", ["norland/a", "0", "7", "Norland", "role.bridgy", "anna"])
    assert "'role.bridgy'. Did you mean 'role.bridge'?" in ask("import", file, fails=True)
    file = table(tmp_path / "y.csv", ["norland/a", "0", "7", "Norland", "role.bridge", "anna"])
    assert "role.bridge" in ask("import", file, "--dry-run")


def test_offsets_that_part_selections_from_their_names_are_refused_unless_forced(ask, tmp_path):
    xml = project({"a": [(3, 10, "Norland"), (11, 17, "trains")]}, codes=("Role",))
    file = packed(tmp_path / "x.qdpx", xml, {"a": TEXT})
    given = ("import", file, "--offsets", "points-crlf1-nobom-exclusive")
    assert "2 of 2 selections are not the words after which they are named" in ask(*given, fails=True)
    assert "2 coded segments are new" in ask(*given, "--force")


def test_an_export_replaces_no_file_unless_it_is_told_to(ask, tmp_path):
    for name in ("x.jsonl", "x.csv", "x.qdpx"):
        file = tmp_path / name
        file.write_text("mine")
        assert "is there already" in ask("export", file, fails=True)
        assert file.read_text() == "mine"
        ask("export", file, "--overwrite")
        assert file.read_bytes() != b"mine"


def test_an_export_counts_what_is_in_the_file(ask, tmp_path, foreign, sandbox):
    rows = [
        ["norland/a", "0", "7", "Norland", "role", "anna"],
        ["norland/a", "1", "4", "orl", "role", "anna"],
    ]
    ask("import", table(tmp_path / "x.csv", *rows))
    told = json.loads(ask("export", tmp_path / "x.spacy", "--json"))
    assert told["coded segments"] == 1
    said = ask("export", tmp_path / "y.csv")
    assert "2 coded segments, 1 document, of which it has no text" in said
