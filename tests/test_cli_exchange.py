"""REFI-QDA on the command line: written, looked at, taken in, and what each says."""

import json
import re
import shutil
import zipfile

import pytest
from exchanged import empty
from refi_files import guid, packed, project
from typer.testing import CliRunner

from coding.batch import Decision, Memo, act, new_id, now, quoted
from coding.cli import work  # noqa: F401  its commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.model import CodedSegment
from coding.project import Project

TEXT = "Norland trains police. It is a bridge.\n"


@pytest.fixture
def run(sandbox):
    """Run a command on the project, or on another; return what it printed and what it noted."""

    def ask(*words, on=None, fails=False):
        result = CliRunner().invoke(app, [*map(str, words), "--project", str(on or sandbox.root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result

    return ask


def coded(root):
    opened = Project.open(root)
    made = CodedSegment(new_id(), opened.corpus["norland/a"].segment(0, 7), "role.bridge", "m", "anna")
    with opened.store() as store:
        store.add(act("anna", "code", *quoted([made], opened.corpus)))
    return made


def test_a_project_goes_to_another_folder_and_back(run, sandbox, tmp_path):
    segment = coded(sandbox.root)
    said = run("export", tmp_path / "x.qdpx").stderr
    assert "1 coded segment, 6 documents, 7 codes, 1 note." in said
    assert "4 × Rule: REFI-QDA has no rules." in said
    assert "`coding export x.jsonl`" in said
    other = empty(tmp_path / "other")
    assert "--codebook ID" in run("import", tmp_path / "x.qdpx", on=other, fails=True)
    assert not list(other.rglob("*.*"))
    said = run("import", tmp_path / "x.qdpx", "--codebook", "book", on=other).stderr
    assert "1 coded segment is new" in said
    assert "corpus/norland/case.yaml" in said
    assert "6 texts" in said
    assert [s.id for s in Project.open(other).coded.segments] == [segment.id]
    assert "All of it was here already." in run("import", tmp_path / "x.qdpx").stderr


def with_texts(sandbox, root):
    """Return another copy of the project in which nobody has done anything yet."""
    for folder in ("corpus", "codebooks", "studies"):
        shutil.copytree(sandbox.root / folder, root / folder)
    return root


@pytest.mark.parametrize("first", ["x.qdpx", "x.jsonld", "x.csv"])
@pytest.mark.parametrize("is_last", [False, True])
def test_what_comes_as_acts_and_by_another_format_stands_once_whichever_came_first(
    run, sandbox, tmp_path, first, is_last
):
    made = coded(sandbox.root)
    memo = Memo(new_id(), "segment", made.id, "Why is that?", "anna", now())
    ruling = Decision(new_id(), made.id, "accept", "ben", now())
    with Project.open(sandbox.root).store() as store:
        store.add(act("anna", "memo", memo), act("ben", "decide", ruling))
    other = with_texts(sandbox, tmp_path / "other")
    files = [tmp_path / first, tmp_path / "all.jsonl"]
    for file in files:
        run("export", file)
    for file in reversed(files) if is_last else files:
        run("import", file, on=other)
    opened = Project.open(other)
    assert [segment.id for segment in opened.coded.segments] == [made.id]
    assert opened.memos == (memo,)
    assert opened.decisions == (ruling,)
    run("export", tmp_path / "back.qdpx", on=other)
    run("export", tmp_path / "back.csv", on=other)
    with zipfile.ZipFile(tmp_path / "back.qdpx") as archive:
        guids = re.findall(' guid="([^"]+)"', archive.read("project.qde").decode())
    assert memo.id in guids
    assert len(guids) == len(set(guids))
    assert (tmp_path / "back.csv").read_text("utf-8").count("Why is that?") == 1


def test_a_dry_run_tells_a_script_convention_score_and_the_words_of_each_selection(run, sandbox, tmp_path):
    xml = project({"a": [(0, 6, "Norland"), (8, 13, "trains")]}, codes=("Role",))
    path = packed(tmp_path / "x.qdpx", xml, {"a": TEXT})
    told = json.loads(run("import", path, "--dry-run", "--json").stdout)
    assert told["offsets"] == {
        "convention": "points-crlf1-nobom-inclusive",
        "decided_by": "names",
        "score": 1.0,
        "runner_up": {"convention": "points-crlf1-nobom-exclusive", "score": 0.0},
        "names": {"the name": 2},
    }
    assert told["selections"][1] == {
        "selection": guid("a", 1).lower(), "source": "a", "document": "norland/a", "start": 8, "end": 14,
        "words": "trains", "name": "trains", "check": "the name", "codes": ["Role"],
    }  # fmt: skip
    assert (told["new"], told["problems"]) == (2, [])
    assert not Project.open(sandbox.root).store_path.exists()
    shown = run("import", path, "--dry-run")
    assert shown.stdout.splitlines()[2].split("\t") == ["norland/a", "8", "14", "trains", "the name", "Role"]
    assert "Nothing was kept." in shown.stderr


def test_a_dry_run_says_what_would_be_refused(run, tmp_path):
    path = packed(tmp_path / "x.qdpx", project({"a": [(0, 3, "New")]}, codes=("Spells",)), {"a": "New text."})
    told = json.loads(run("import", path, "--dry-run", "--json").stdout)
    assert len(told["problems"]) == 2
    assert "It would be refused: x.qdpx: 1 code that" in run("import", path, "--dry-run").stderr


def test_a_dry_run_counts_no_loss_that_an_option_would_spare(run, sandbox, tmp_path):
    sets = f'<Sets><Set guid="{guid("s")}" name="S"><MemberCode targetGUID="{guid("Training")}"/>'
    sets += f'<MemberSource targetGUID="{guid("b")}"/></Set></Sets>'
    xml = project(
        {"a": [(0, 7, "Norland")], "b": [(0, 3, "New"), (4, 8, "text")]}, codes=("Training",), more=sets
    )
    path = packed(tmp_path / "x.qdpx", xml, {"a": TEXT, "b": "New text."})
    said = run("import", path, "--dry-run").stderr
    assert said.startswith("It would be refused: x.qdpx: 1 code that was given")
    assert "'Training'. Did you mean 'Behaviour > Training'?" in said
    assert "1 document is here already." in said
    assert "Once that is said or mended, 3 coded segments and 1 document would come." in said
    assert "MemberCode" not in said
    assert "0 coded segments" not in said
    told = json.loads(run("import", path, "--dry-run", "--json").stdout)
    assert (told["waiting"], told["dropped"]) == ({"coded segments": 3, "documents": 1}, [])
    given = ("--codebook", "theirs", "--donor", "norland", "--year", "2015")
    said = run("import", path, "--dry-run", *given).stderr
    assert "3 coded segments would be new, 0 here already; 1 document would be new, 1 here already." in said
    assert "Once that" not in said


def test_memos_are_counted_apart(run, sandbox, tmp_path):
    made = coded(sandbox.root)
    with Project.open(sandbox.root).store() as store:
        store.add(act("anna", "memo", Memo(new_id(), "segment", made.id, "Why?", "anna", now())))
    run("export", tmp_path / "x.csv")
    other = with_texts(sandbox, tmp_path / "other")
    said = run("import", tmp_path / "x.csv", on=other).stderr
    assert "1 coded segment is new, 0 here already; 1 memo is new, 0 here already; 0 documents" in said
    said = run("import", tmp_path / "x.csv", on=other).stderr
    assert "0 coded segments are new, 1 here already; 0 memos are new, 1 here already; 0 documents" in said


def test_offsets_that_cannot_be_told_are_taken_from_the_user(run, sandbox, tmp_path):
    path = packed(tmp_path / "x.qdpx", project({"a": [(0, 6, "")]}, codes=("Role",)), {"a": TEXT})
    said = run("import", path, fails=True)
    assert "points-crlf1-nobom-inclusive (1.00):\n  'Norland'" in said
    run("import", path, "--offsets", "points-crlf1-nobom-inclusive", "-c", "ben")
    assert [(s.quote, s.coder) for s in Project.open(sandbox.root).coded.segments] == [("Norland", "ben")]
    assert "Did you mean" in run("import", path, "--offsets", "points-crlf1-nobom-inclusiv", fails=True)


def test_a_codebook_goes_out_and_in(run, tmp_path):
    out = json.loads(run("export", tmp_path / "x.qdc", "--json").stdout)
    assert (out["codes"], out["told"][0]["what"]) == (7, "Rule")
    other = empty(tmp_path / "other")
    told = json.loads(run("import", tmp_path / "x.qdc", "--json", on=other).stdout)
    assert (told["codebook"], told["files"], told["batch"]) == ("book", ["codebooks/book.yaml"], None)
    assert Project.open(other).codebook("book")["role.bridge"].definition == "It joins two sides."
    assert "is there already" in run("import", tmp_path / "x.qdc", on=other, fails=True)
    run("import", tmp_path / "x.qdc", "--codebook", "second", on=other)
    assert Project.open(other).codebooks == ("book", "second")


def test_options_of_refi_qda_are_refused_for_json_lines(run, tmp_path):
    assert "a .jsonl holds all" in run("export", tmp_path / "x.jsonl", "--suggestions", fails=True)
    run("export", tmp_path / "x.jsonl")
    assert "merged as it is" in run("import", tmp_path / "x.jsonl", "--dry-run", fails=True)
    assert "is no name for a person" in run(
        "import", "-c", "rules", packed(tmp_path / "x.qdpx", project({})), fails=True
    )


def test_a_new_text_is_added_with_what_the_options_say(run, sandbox, tmp_path):
    path = packed(tmp_path / "x.qdpx", project({"a": [(0, 3, "New")]}, codes=("Role",)), {"a": "New text."})
    run("import", path, "--donor", "westland", "--iso", "XAB", "--year", "2001", "--fidelity", "digest")
    document = Project.open(sandbox.root).corpus["westland/a"]
    assert (document.variables["fidelity"], document.variables["year"]) == ("digest", 2001)
