"""Files of other formats exported and imported as a user does it."""

import json
import shutil

import pytest
from conftest import CASE
from exchanged import AT, empty
from typer.testing import CliRunner

from coding.batch import Memo, act, new_id, quoted
from coding.cli import work  # noqa: F401  its commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.formats.exchange import ENDINGS, TEXTLESS
from coding.model import CodedSegment, Coder, machine_coded
from coding.project import Project


@pytest.fixture
def run(sandbox):
    """Run a command on a project; return what it printed."""

    def ask(*words, root=sandbox.root, fails=False):
        result = CliRunner().invoke(app, [*map(str, words), "--project", str(root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result.output

    return ask


@pytest.fixture
def coded(sandbox):
    """Return a project in which a person and the rules coded."""
    project = Project.open(sandbox.root)
    corpus, book = project.corpus, project.codebook("book")
    place = corpus["norland/a"].segment
    people = [
        CodedSegment(new_id(), place(0, 7), "role.bridge", book["role.bridge"].meaning, "anna"),
        CodedSegment(new_id(), place(0, 7), "behaviour.training", book["behaviour.training"].meaning, "anna"),
        CodedSegment(new_id(), corpus["sudland/b"].segment(3, 9), "role", book["role"].meaning, "anna"),
    ]
    rules = machine_coded(place(8, 14), book["behaviour.training"], Coder("rules", "rules"), "train*")
    memo = Memo(new_id(), "segment", people[0].id, "Hm; = perhaps.", "anna", AT)
    with project.store() as store:
        rows = quoted([*people, rules], corpus)
        store.add(act("anna", "code", Coder("anna", "person"), Coder("rules", "rules"), *rows, memo))
    return sandbox.root


def places(root, **without):
    segments = Project.open(root).coded.segments
    return sorted((s.segment.document, s.segment.start, s.segment.end, s.code, s.coder) for s in segments)


def copy_of(root, to):
    """Return a copy of a project in which nothing was done yet."""
    shutil.copytree(root, to, ignore=shutil.ignore_patterns("project.db*", "x.*"))
    return to


@pytest.mark.parametrize("suffix", [ending for ending in ENDINGS if ending != ".spacy"])  # below, for speed
def test_another_copy_of_the_project_takes_in_what_was_coded_and_nothing_twice(run, coded, tmp_path, suffix):
    file = tmp_path / f"x{suffix}"
    told = json.loads(run("export", file, "--json", "--suggestions"))
    assert (told["documents"], told["coded segments"]) == (2 if suffix in TEXTLESS else 6, 4)
    assert "REFI-QDA" not in json.dumps(told["told"])
    other = copy_of(coded, tmp_path / "other")
    looked = json.loads(run("import", file, "--dry-run", "--json", root=other))
    assert (looked["new"], looked["problems"], looked["dropped"]) == (4, [], [])
    assert not places(other)
    run("import", file, root=other)
    found = places(other)
    if suffix == ".doccano.jsonl":  # several coded the same document: who, it cannot say
        assert [place[:4] for place in found] == sorted(place[:4] for place in places(coded))
    else:
        assert found == places(coded)
    kinds = {coder.id: coder.kind for coder in Project.open(other).store().coders()}
    assert kinds.get("rules") == {".doccano.jsonl": None, ".sqlite3": "person"}.get(suffix, "rules")
    again = json.loads(run("import", file, "--json", root=other))
    assert (again["new"], again["files"], again["batch"]) == (0, [], None)
    memos = [memo.text for memo in Project.open(other).memos]
    assert memos == ([] if suffix in (".doccano.jsonl", ".sqlite3") else ["Hm; = perhaps."])


@pytest.mark.parametrize("suffix", [".ls.json", ".doccano.jsonl", ".spacy"])
def test_an_empty_project_takes_in_texts_and_codes_as_well(run, coded, tmp_path, suffix):
    file = tmp_path / f"x{suffix}"
    run("export", file)
    other = empty(tmp_path / "other")
    for donor, iso in (("norland", "NOR"), ("sudland", "SUD")):
        (other / "corpus" / donor).mkdir()
        head = CASE.format(id=donor, name=donor.title(), iso=iso, documents="  {}")
        (other / "corpus" / donor / "case.yaml").write_text(head)
    run("import", file, "--codebook", "book", root=other)
    found, was = Project.open(other), Project.open(coded)
    assert sorted(d.text for d in found.corpus) == sorted(d.text for d in was.corpus)
    assert {d.variables["title"] for d in found.corpus} == {d.variables["title"] for d in was.corpus}
    ids = {"role", "role.bridge", "behaviour", "behaviour.training"}
    assert {code.id for code in found.codebook("book").codes} == ids
    assert found.codebook("book")["role.bridge"].parent == "role"
    ids_of = [{segment.id for segment in project.coded.by("anna").segments} for project in (found, was)]
    assert (ids_of[0] == ids_of[1]) == (suffix != ".doccano.jsonl")
    assert sorted(place[3] for place in places(other)) == ["behaviour.training", "role", "role.bridge"]


def test_what_was_not_placed_is_said_and_a_wrong_file_changes_nothing(run, coded, tmp_path):
    file = tmp_path / "x.csv"
    run("export", file)
    other = copy_of(coded, tmp_path / "other")
    text = other / "corpus/norland/a.txt"
    text.write_text(text.read_text().replace("Norland", "Northland"))
    said = run("import", file, root=other)
    assert said.startswith("1 coded segment")
    assert said.count("“Norland” is not where it says in norland/a, nor in one place only.") == 2
    before = places(other)
    file.write_text(file.read_text().replace(",role,", ",rôle,"))
    assert "given is in no codebook here: 'rôle'." in run("import", file, root=other, fails=True)
    file.write_text("start,end\n")
    assert "the column 'document' is not there" in run("import", file, root=other, fails=True)
    assert places(other) == before


def test_offsets_are_said_where_a_file_does_not_tell_and_nowhere_else(run, sandbox, tmp_path):
    text = "😀 Norland trains police. It is a bridge.\n"
    sandbox.write("corpus/norland/a.txt", text)
    file = tmp_path / "x.doccano.jsonl"
    file.write_text(json.dumps({"text": text, "label": [[3, 10, "role"]]}))
    assert "--offsets NAME" in run("import", file, fails=True)
    run("import", file, "--offsets", "utf16-crlf2-bom-exclusive", "--coder", "ben")
    assert places(sandbox.root) == [("norland/a", 2, 9, "role", "ben")]
    run("export", tmp_path / "x.csv")
    said = run("import", tmp_path / "x.csv", "--offsets", "points-crlf1-nobom-exclusive", fails=True)
    assert said == "--offsets: in x.csv the quotes say where they stand. Leave it out."


def test_a_jsonl_is_all_acts_unless_its_name_says_doccano(run, coded, tmp_path):
    assert json.loads(run("export", tmp_path / "x.jsonl", "--json")) == {
        "file": str(tmp_path / "x.jsonl"),
        "acts": 1,
    }
    run("export", tmp_path / "x.doccano.jsonl")
    line = json.loads((tmp_path / "x.doccano.jsonl").read_text("utf-8").splitlines()[0])
    assert (line["document"], line["coder"], line["label"]) == (
        "norland/a", "anna", [[0, 7, "behaviour.training"], [0, 7, "role.bridge"]],
    )  # fmt: skip
    assert "only .jsonl, .qdpx" in run("export", tmp_path / "x.json", fails=True)


def test_what_an_export_loses_is_said_in_words(run, coded, tmp_path):
    said = run("export", tmp_path / "x.jsonld")
    assert "3 coded segments, 2 documents, of which it has no text." in said
    assert "W3C Web Annotation cannot say all of it:" in said
    assert "7 × Definition of a code: W3C Web Annotation has no place for it." in said
    assert "1 × Coded segment of rules or a model: left out; --suggestions takes them along." in said
