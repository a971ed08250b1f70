"""Commands about people's work, run as a user runs them: dealt, done, undone, saved, merged."""

import json

import pytest
from exchanged import empty
from typer.testing import CliRunner

from coding.batch import Assignment, Decision, Memo, act, new_id, now, quoted
from coding.cli import begin, project, serve, texts, work  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.model import CodedSegment, Coder, Reading
from coding.project import Project


@pytest.fixture
def run(sandbox):
    """Run a command on the project; return what it printed."""

    def ask(*words, fails=False):
        result = CliRunner().invoke(app, [*words, "--project", str(sandbox.root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result.stdout

    return ask


def code(root, document="norland/a", start=0, end=7, coder="anna"):
    opened = Project.open(root)
    segment = CodedSegment(new_id(), opened.corpus[document].segment(start, end), "role.bridge", "m", coder)
    with opened.store() as store:
        store.add(act(coder, "code", *quoted([segment], opened.corpus)))
    return segment


def test_documents_are_dealt_shown_and_not_dealt_twice(run):
    dealt = json.loads(run("assign", "-c", "anna", "-c", "ben", "--twice", "0.5", "--json"))
    assert len(dealt) == 10
    lists = json.loads(run("assignments", "--coder", "ben", "--json"))
    assert [one["document"] for one in lists] == [d["document"] for d in dealt if d["coder"] == "ben"]
    assert {one["state"] for one in lists} == {"to read"}
    assert json.loads(run("assign", "-c", "anna", "-c", "ben", "--json")) == []
    assert len(json.loads(run("assign", "-c", "anna", "--round", "second", "--json"))) == 6


@pytest.mark.parametrize("command", ["assign -c anna -c {}", "serve -c {}", "password {}"])
@pytest.mark.parametrize("name", ["rules", "learned"])
def test_nobody_is_called_like_the_rules_or_a_model(run, sandbox, command, name):
    with Project.open(sandbox.root).store() as store:
        store.add(act("anna", "tag", Coder("learned", "model"), Coder("ben", "person")))
    said = run(*command.format(name).split(), fails=True)
    assert said == f"'{name}' is no name for a person: rules and models code under it. Take another."
    assert not (sandbox.root / ".coding").exists()
    assert run("assign", "-c", "ben", "--dry-run")


def test_a_dry_run_deals_nothing(run):
    assert "anna" in run("assign", "-c", "anna", "--dry-run")
    assert json.loads(run("log", "--json")) == []
    assert json.loads(run("assignments", "--json")) == []
    assert "nothing is assigned to 'zoe'" in run("assignments", "-c", "zoe", fails=True)


def test_what_was_read_is_shown_as_read(run, sandbox):
    run("assign", "-c", "anna", "--documents", "norland")
    opened = Project.open(sandbox.root)
    reading = Reading("anna", opened.corpus["norland/a"].whole, id=new_id())
    with opened.store() as store:
        store.add(act("anna", "read", reading))
    states = {one["document"]: one["state"] for one in json.loads(run("assignments", "--json"))}
    assert states == {"norland/a": "read", "norland/b": "to read", "norland/c": "to read"}


def test_the_log_names_each_act_and_undo_takes_it_back_by_its_first_letters(run, sandbox):
    code(sandbox.root)
    (done,) = json.loads(run("log", "--json"))
    assert (done["coder"], done["act"], done["undone"]) == ("anna", "code", False)
    (row,) = done["rows"]
    assert (row["document"], row["start"], row["end"], row["code"], row["quote"]) == (
        "norland/a", 0, 7, "role.bridge", "Norland",
    )  # fmt: skip
    assert "norland/a: role.bridge “Norland”" in run("log")
    said = run("undo", done["batch"][:8])
    assert said == "Undone: code of anna, norland/a: role.bridge “Norland”.\n"
    assert Project.open(sandbox.root).coded.segments == ()
    undo = json.loads(run("log", "--json"))[-1]
    assert (undo["act"], undo["undoes"]) == ("undo", done["batch"])
    assert "Stands again" in run("undo", undo["batch"], "--coder", "ben")
    assert json.loads(run("log", "--json"))[-1]["coder"] == "ben"
    assert len(Project.open(sandbox.root).coded.segments) == 1


def test_the_log_says_what_memos_rulings_and_what_was_taken_back_were_about(run, sandbox):
    segment = code(sandbox.root)
    memo = Memo(new_id(), "segment", segment.id, "Is this a bridge?", "anna", now())
    ruling = Decision(new_id(), segment.id, "reject", "ben", now(), "It only trains.")
    with Project.open(sandbox.root).store() as store:
        store.add(act("anna", "memo", memo))
        store.add(act("ben", "decide", ruling))
        store.add(act("anna", "take back", *store.to_take_back([segment.id], of="anna")))
    said = run("log").splitlines()[1:]
    assert [line.split("\t")[4] for line in said] == [
        "norland/a: role.bridge “Norland”",
        "memo on norland/a: role.bridge “Norland”: Is this a bridge?",
        "reject: norland/a: role.bridge “Norland” (It only trains.)",
        "taken back: norland/a: role.bridge “Norland”",
    ]
    _, noted, ruled, gone = [each["rows"][0] for each in json.loads(run("log", "--json"))]
    assert noted["text"] == "Is this a bridge?"
    assert (ruled["ruling"], ruled["reason"], ruled["segment"]["quote"]) == (
        "reject", "It only trains.", "Norland",
    )  # fmt: skip
    assert (gone["was"]["document"], gone["was"]["code"]) == ("norland/a", "role.bridge")


def test_nobody_undoes_in_the_name_of_the_rules(run, sandbox):
    code(sandbox.root)
    (done,) = json.loads(run("log", "--json"))
    assert "no name for a person" in run("undo", done["batch"], "--coder", "rules", fails=True)
    assert len(Project.open(sandbox.root).coded.segments) == 1


@pytest.mark.parametrize("batch", ["zzzz", ""])
def test_an_undo_of_nothing_says_where_to_look(run, sandbox, batch):
    code(sandbox.root)
    assert "`coding log` lists them" in run("undo", batch, fails=True)


def test_an_export_merges_into_a_copy_and_only_once(run, sandbox, tmp_path):
    code(sandbox.root)
    run("export", str(tmp_path / "x.jsonl"))
    sandbox.root.joinpath("project.db").rename(tmp_path / "old.db")
    assert json.loads(run("import", str(tmp_path / "x.jsonl"), "--json")) == {
        "new": 1,
        "known": 0,
        "absent": {},
    }
    assert json.loads(run("import", str(tmp_path / "x.jsonl"), "--json")) == {
        "new": 0,
        "known": 1,
        "absent": {},
    }
    (segment,) = Project.open(sandbox.root).coded.segments
    assert segment.quote == "Norland"


def test_acts_about_documents_that_are_not_here_are_counted(tmp_path, sandbox):
    code(sandbox.root)
    opened = Project.open(sandbox.root)
    with opened.store() as store:
        store.add(act("anna", "memo", Memo(new_id(), "document", "sudland/c", "Well.", "anna", now())))
        store.add(act("anna", "memo", Memo(new_id(), "code", "role", "Well.", "anna", now())))

    def ask(*words, root):
        result = CliRunner().invoke(app, [*map(str, words), "--project", str(root)])
        assert result.exception is None, result.exception
        return result

    ask("export", tmp_path / "x.jsonl", root=sandbox.root)
    other = empty(tmp_path / "other")
    said = ask("import", tmp_path / "x.jsonl", root=other).stderr
    assert "3 acts are new, 0 were here already." in said
    assert "2 acts are about documents that are not here (norland/a, sudland/c): kept, and counted" in said
    told = json.loads(ask("import", tmp_path / "x.jsonl", "--json", root=other).stdout)
    assert told == {"new": 0, "known": 3, "absent": {"norland/a": 1, "sudland/c": 1}}


def test_words_that_are_not_at_their_place_are_not_taken_in(run, sandbox, tmp_path):
    code(sandbox.root)
    run("export", str(tmp_path / "x.jsonl"))
    text = (tmp_path / "x.jsonl").read_text("utf-8")
    (tmp_path / "x.jsonl").write_text(text.replace('"quote": "Norland"', '"quote": "Sudland"'), "utf-8")
    sandbox.root.joinpath("project.db").unlink()
    said = run("import", str(tmp_path / "x.jsonl"), fails=True)
    assert "the words at 0 to 7 of norland/a are 'Norland', not 'Sudland'" in said
    assert Project.open(sandbox.root).coded.segments == ()


def test_files_of_other_names_are_not_exchanged(run, tmp_path):
    assert "only .jsonl" in run("export", str(tmp_path / "x.ods"), fails=True)
    (tmp_path / "x.tsv").write_text("a,b")
    assert "only .jsonl" in run("import", str(tmp_path / "x.tsv"), fails=True)


def test_a_backup_is_a_store_of_its_own(run, sandbox, tmp_path):
    code(sandbox.root)
    run("backup", str(tmp_path / "copy.db"))
    before = (tmp_path / "copy.db").read_bytes()
    assert "there already" in run("backup", str(tmp_path / "copy.db"), fails=True)
    assert (tmp_path / "copy.db").read_bytes() == before
    run("backup")
    assert len(list((sandbox.root / "backups").glob("*.db"))) == 1


def test_check_names_what_in_the_store_fits_no_longer(run, sandbox):
    code(sandbox.root)
    code(sandbox.root, "norland/b")
    run("check")
    sandbox.write("corpus/norland/a.txt", "Another text. It is a bridge.\n")
    assert "norland/a has changed since it was coded (1 coded segment)" in run("check", fails=True)
    sandbox.write("corpus/norland/a.txt", "Norland trains police. It is a bridge.\n")
    sandbox.change("codebooks/book.yaml", "id: role.bridge", "id: role.link")
    said = run("check", fails=True)
    assert "2 coded segments with the code 'role.bridge', which is in no codebook" in said


def test_what_the_rules_find_is_kept_as_suggestions_once(run, sandbox, tmp_path):
    out = str(tmp_path / "coded.csv")
    run("tag", "--out", out)
    first = {segment.id for segment in Project.open(sandbox.root).coded.segments}
    assert len(first) == 14
    run("tag", "--out", out)
    assert len(json.loads(run("log", "--json"))) == 1
    sandbox.change("codebooks/book.yaml", 'phrase: "bridge"', 'phrase: "rests"')
    sandbox.change("codebooks/book.yaml", 'matches: ["A bridge it is."]', 'matches: ["It rests."]')
    run("tag", "--out", out)
    second = {segment.id for segment in Project.open(sandbox.root).coded.segments}
    assert len(first - second) == len(second - first) == 1
    run("undo", json.loads(run("log", "--json"))[-1]["batch"])
    assert {segment.id for segment in Project.open(sandbox.root).coded.segments} == first


def test_a_dry_run_of_the_rules_and_one_of_some_codes_keep_nothing(run, sandbox, tmp_path):
    run("tag", "--dry-run")
    run("tag", "--codes", "role", "--out", str(tmp_path / "coded.csv"))
    assert Project.open(sandbox.root).coded.segments == ()


def test_nothing_is_kept_in_the_shipped_material(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["log"])
    assert isinstance(result.exception, CodingError)
    assert "coding init" in str(result.exception)


def test_rows_of_an_assignment_are_assignments(run, sandbox):
    run("assign", "-c", "anna", "--pilot", "2")
    with Project.open(sandbox.root).store() as store:
        assert {(row.coder, row.round, row.blind) for row in store.rows(Assignment)} == {
            ("anna", "pilot", True)
        }


def test_what_the_rules_cannot_read_is_said_when_it_is_added_checked_and_tagged(sandbox, tmp_path):
    (tmp_path / "new.txt").write_text("日本は警察官を訓練した。\n", encoding="utf-8")
    said = "1 document in ja: not searched by this codebook, whose rules are for en."
    given = ["add", str(tmp_path / "new.txt"), "--donor", "norland", "--year", "2020", "--fidelity", "digest"]
    for words in ([*given, "--language", "ja"], ["check"], ["tag", "--dry-run"]):
        ended = CliRunner().invoke(app, [*words, "--project", str(sandbox.root)])
        assert ended.exception is None, ended.exception
        assert said in ended.stderr
