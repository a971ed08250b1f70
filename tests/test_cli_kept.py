"""What has no place here is told by the commands: what is kept, of which file, and what a format loses of it."""

import json

import pytest
from refi_foreign import foreign
from typer.testing import CliRunner

from coding.cli import kept, work  # noqa: F401  their commands join the app
from coding.cli.app import app


@pytest.fixture
def run(sandbox):
    """Run a command on the project; return what it printed and what it noted."""

    def ask(*words):
        result = CliRunner().invoke(app, [*map(str, words), "--project", str(sandbox.root)])
        assert result.exception is None, result.exception
        return result

    return ask


def test_an_import_says_how_much_it_keeps_and_a_look_how_much_it_would(run, tmp_path):
    path = foreign(tmp_path)
    assert "20 things without a place here would be kept" in run("import", path, "--dry-run").stderr
    assert "Nothing is kept: no file" in run("kept").stderr
    assert json.loads(run("import", path, "--json").stdout)["kept"] == 20
    assert "What could be taken in was here already." in run("import", path).stderr


def test_what_is_kept_is_listed_with_what_it_names(run, tmp_path):
    run("import", foreign(tmp_path))
    lines = [line.split("\t") for line in run("kept").stdout.splitlines()]
    assert lines[0] == ["kind", "name", "what"]
    assert ["set", "Mine", "role, norland/b, Plan; Of mine."] in lines
    assert ["link", "two", "Plan → Anna; #000000"] in lines
    assert ["document", "norland/a", "Age: 7; Mood: glad"] in lines
    found = json.loads(run("kept", "--json").stdout)
    assert len(found) == 20
    assert next(each["said"] for each in found if each["name"] == "norland/a")["of"] == [
        "document",
        "norland/a",
    ]


def test_the_log_names_the_file_of_an_import_and_so_does_its_undo(run, tmp_path):
    run("import", foreign(tmp_path))
    what = run("log").stdout.splitlines()[1].split("\t")
    assert what[3] == "import"
    assert what[4].startswith("theirs.qdpx; norland/a: role “Norland” and 3 more coded segments; ")
    (batch,) = json.loads(run("log", "--json").stdout)
    files = [row["name"] for row in batch["rows"] if row["kind"] == "file"]
    assert files == ["theirs.qdpx"]
    undone = run("undo", batch["batch"])
    assert undone.stdout.startswith("Undone: import of")
    assert "texts and case.yaml in corpus/, a codebook in codebooks/, new donors" in undone.stderr
    assert "Nothing is kept" in run("kept").stderr


def test_a_format_without_a_place_for_it_says_what_is_lost(run, tmp_path):
    run("import", foreign(tmp_path))
    told = json.loads(run("export", tmp_path / "x.csv", "--json").stdout)["told"]
    lost = {each["what"]: each["n"] for each in told}
    assert {key: lost.get(key) for key in ("Set", "Link", "Selection without a code", "Title of a selection")} == {
        "Set": 2, "Link": 3, "Selection without a code": 1, "Title of a selection": 1,
    }  # fmt: skip
