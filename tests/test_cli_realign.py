"""`coding realign`, run as a user runs it: what becomes of each coded segment, the act, the way back."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from coding.batch import Decision, act, new_id, now
from coding.cli import project, realign, texts, work  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.model import CodedSegment, Coder, Reading
from coding.project import Project
from coding.suggesting import suggest

OLD = "Norland trains police. It is a bridge. Yes, so.\n\nIt gives tbe poor bread. Yes, so. It rests."
NEW = "New here.\n\nNorland trains police. It is a bridge. Yes, so.\n\nIt gives the poor bread."


@pytest.fixture
def run(sandbox):
    """Run a command on the project; return what it printed."""

    def ask(*words, fails=False):
        result = CliRunner().invoke(app, [*words, "--project", str(sandbox.root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result

    sandbox.write("corpus/norland/a.txt", OLD)
    sandbox.write("new.txt", NEW)
    opened = Project.open(sandbox.root)
    document = opened.corpus["norland/a"]
    spans = {"a bridge": "anna", "tbe poor": "anna", "It rests.": "ben"}
    rows = [
        CodedSegment(
            new_id(),
            document.segment(OLD.index(words), OLD.index(words) + len(words)),
            "role.bridge", "m", coder, quote=words,
        )
        for words, coder in spans.items()
    ]  # fmt: skip
    with opened.store() as store:
        store.add(act("anna", "code", Coder("anna", "person"), *rows))
        store.add(act("anna", "read", Reading("anna", document.whole, at=now(), id=new_id())))
    return ask


@pytest.fixture
def new(sandbox):
    return str(sandbox.root / "new.txt")


def test_a_table_says_of_each_coded_segment_what_became_of_it(run, new, sandbox):
    shown = run("realign", "norland/a", new, "--dry-run")
    assert [line.split("\t") for line in shown.stdout.splitlines()] == [
        ["coder", "code", "how", "old words", "new words"],
        ["anna", "role.bridge", "exact", "a bridge", "a bridge"],
        ["anna", "role.bridge", "changed", "tbe poor", "the poor"],
        ["ben", "role.bridge", "no place: the words are gone", "It rests.", ""],
    ]
    assert shown.stderr.splitlines() == [
        "3 coded segments: 1 exact, 1 changed, 1 without a place.",
        "Those without a place stay in the store, on the earlier text, and count nowhere in the new.",
        "What anna has read covers 4 of 5 sentences of the new text; the others are to be read.",
        "Nothing was written.",
    ]
    assert (sandbox.root / "corpus/norland/a.txt").read_text("utf-8") == OLD


def test_without_dry_run_the_text_is_there_with_its_coding_and_undo_brings_the_earlier_back(
    run, new, sandbox
):
    done = run("realign", "norland/a", new, "--coder", "anna")
    path = sandbox.root / "corpus/norland/a.txt"
    assert path.read_text("utf-8") == NEW
    assert "The new text is in its place. Kept as batch" in done.stderr
    (last,) = json.loads(run("log", "--last", "1", "--json").stdout)
    assert (last["act"], last["coder"]) == ("realign", "anna")
    assert [row["kind"] for row in last["rows"]] == ["new text", "place", "place", "place"]
    assert "norland/a: new text" in run("log").stdout
    said = run("undo", last["batch"][:8])
    assert said.stdout.startswith("Undone: realign of anna, norland/a: new text")
    assert path.read_text("utf-8") == OLD
    undo = json.loads(run("log", "--last", "1", "--json").stdout)[0]["batch"]
    assert run("undo", undo).stdout.startswith("Stands again")
    assert path.read_text("utf-8") == NEW


def test_done_twice_nothing_is_left_to_do(run, new):
    run("realign", "norland/a", new)
    again = run("realign", "norland/a", new)
    assert again.stderr.splitlines()[-1] == "This text is in its place already, and nothing is left to place."
    assert len([one for one in json.loads(run("log", "--json").stdout) if one["act"] == "realign"]) == 1


def test_for_scripts_it_is_one_value(run, new, sandbox):
    value = json.loads(run("realign", "norland/a", new, "--json", "--dry-run").stdout)
    assert (value["document"], value["batch"], value["written"]) == ("norland/a", None, False)
    assert [(s["how"], s["old"], s["new"]) for s in value["segments"]] == [
        ("exact", "a bridge", "a bridge"), ("changed", "tbe poor", "the poor"), ("gone", "It rests.", ""),
    ]  # fmt: skip
    for one in value["segments"]:
        assert one["start"] is None or NEW[one["start"] : one["end"]] == one["new"]
    (reading,) = value["readings"]
    assert [NEW[start:end] for start, end in reading["parts"]] == [NEW[NEW.index("Norland") :]]
    assert json.loads(run("realign", "norland/a", new, "--json").stdout)["written"] is True


def test_a_changed_text_names_the_command_and_the_command_mends_it(run, new, sandbox):
    path = sandbox.write("corpus/norland/a.txt", NEW)
    old = sandbox.write("old.txt", OLD)
    assert "bring in the new one by `coding realign norland/a FILE`" in run("check", fails=True)
    lost = run("realign", "norland/a", str(path))
    assert "no place: its text is not kept (--old)" in lost.stdout
    found = run("realign", "norland/a", str(path), "--old", str(old))
    assert "The text was there already. Kept as batch" in found.stderr
    assert "norland/a: 1 coded segment stands in an earlier text of it" in run("check").stderr


@pytest.mark.parametrize("coded", [True, False])
def test_after_a_text_changed_by_hand_was_realigned_check_is_content_though_nothing_was_placed(
    run, sandbox, coded
):
    if not coded:
        opened = Project.open(sandbox.root)
        with opened.store() as store:
            for batch in store.batches():
                store.undo(batch.id, by="anna") if batch.of(CodedSegment) else None
    path = sandbox.write("corpus/norland/a.txt", "Fully other words came in.\n")
    old = sandbox.write("old.txt", OLD)
    assert "norland/a has changed since it was coded" in run("check", fails=True)
    found = run("realign", "norland/a", str(path), "--old", str(old))
    assert "The text was there already. Kept as batch" in found.stderr
    checked = run("check")
    assert ("norland/a: 3 coded segments stand in an earlier text" in checked.stderr) == coded
    again = run("realign", "norland/a", str(path), "--old", str(old))
    assert "in its place already, and nothing is left to place" in again.stderr
    log = json.loads(run("log", "--json").stdout)
    assert sum(each["act"] == "realign" for each in log) == 1
    assert "norland/a: placed in the text that was there, " in run("log").stdout


def test_what_is_left_to_do_is_said_where_the_text_that_was_coded_is_not_kept(run, sandbox):
    path = sandbox.write("corpus/norland/a.txt", NEW)
    said = run("realign", "norland/a", str(path)).stderr
    assert "3 of these stand in a text that is not kept. Give that text with --old" in said
    assert "nothing is left to place" not in said


def test_an_earlier_text_that_only_rules_coded_is_known_and_tagging_is_what_is_left(run, sandbox):
    old = sandbox.write("old.txt", (sandbox.root / "corpus/norland/b.txt").read_text("utf-8"))
    run("tag", "--out", str(sandbox.root / "coded.csv"))
    path = sandbox.write("corpus/norland/b.txt", "It trains no police.\n")
    assert "`coding tag` codes the new text" in run("check", fails=True)
    found = run("realign", "norland/b", str(path), "--old", str(old))
    assert "`coding tag` codes the new text" in found.stderr
    run("tag", "--out", str(sandbox.root / "coded.csv"))
    assert "documents" in run("check").stdout


def test_what_found_no_place_is_told_by_check_and_is_no_fault(run, new, sandbox):
    run("realign", "norland/a", new)
    checked = run("check")
    assert "norland/a: 1 coded segment stands in an earlier text of it, and it has no place" in checked.stderr
    assert "`coding realign norland/a FILE` places" in checked.stderr
    shutil.rmtree(sandbox.root / "editions")
    assert "1 coded segment stands in an earlier text" in run("check").stderr


def test_what_somebody_coded_in_a_text_that_nobody_realigned_stays_a_fault(run, new, sandbox):
    run("realign", "norland/a", new)
    sandbox.write("corpus/norland/a.txt", f"Once more. {NEW}")
    said = run("check", fails=True)
    assert "norland/a has changed since it was coded (3 coded segments)" in said


def test_suggestions_are_left_to_the_rules_but_not_those_that_were_decided_on(run, new, sandbox):
    run("tag", "--out", str(sandbox.root / "coded.csv"))
    opened = Project.open(sandbox.root)
    suggested = next(s for s in opened.coded.segments if s.coder == "rules" and s.quote == "bridge")
    with opened.store() as store:
        store.add(act("ben", "decide", Decision(new_id(), suggested.id, "accept", "ben", now())))
    shown = run("realign", "norland/a", new)
    assert "rules\trole.bridge\texact\tbridge\tbridge" in shown.stdout
    assert "on which nobody decided are not placed: `coding tag` codes the new text." in shown.stderr
    assert "has changed since rules or models coded it" in run("check", fails=True)
    run("tag", "--out", str(sandbox.root / "coded.csv"))
    assert "rules or models" not in run("check").stderr


def test_after_it_the_document_is_read_as_far_as_it_was_and_to_be_read_again(run, new):
    run("assign", "-c", "anna", "--documents", "norland/a")
    assert json.loads(run("assignments", "--json").stdout)[0]["state"] == "read"
    run("realign", "norland/a", new)
    assert json.loads(run("assignments", "--json").stdout)[0]["state"] == "to read"


def test_nobody_realigns_in_the_name_of_a_machine(run, new, sandbox):
    assert run("realign", "norland/a", new, "--coder", "rules", fails=True).startswith("'rules' is no name")
    assert (sandbox.root / "corpus/norland/a.txt").read_text("utf-8") == OLD


@pytest.mark.parametrize("name", ["broken.pdf", "empty.docx"])
def test_of_a_file_that_cannot_be_read_the_reason_is_said(run, sandbox, name):
    path = sandbox.root / name
    path.write_bytes(b"%PDF-1.4 broken")
    said = run("realign", "norland/a", str(path), fails=True)
    assert said.startswith(f"{path}: ")
    assert len(said) > len(f"{path}: ") + 10


def test_a_text_in_another_encoding_is_read_if_it_is_said_which(run, sandbox):
    path = sandbox.root / "old-letters.txt"
    path.write_bytes(f"{OLD} Zürich.".encode("cp1252"))
    assert "--encoding cp1252" in run("realign", "norland/a", str(path), fails=True)
    run("realign", "norland/a", str(path), "--encoding", "cp1252")
    assert (sandbox.root / "corpus/norland/a.txt").read_text("utf-8") == f"{OLD} Zürich."


def test_letters_written_otherwise_are_called_so(run, sandbox):
    sandbox.write("corpus/norland/a.txt", OLD.replace("tbe poor", "the p\u00f6or"))
    path = sandbox.write("new.txt", OLD.replace("tbe poor", "the po\u0308or"))
    old = sandbox.root / "corpus/norland/a.txt"
    with Project.open(sandbox.root).store() as store:
        document = Project.open(sandbox.root).corpus["norland/a"]
        place = document.segment(
            old.read_text("utf-8").index("the p"), old.read_text("utf-8").index(" bread")
        )
        row = CodedSegment(new_id(), place, "role.bridge", "m", "ben", quote=document.quote(place))
        store.add(act("ben", "code", Coder("ben", "person"), row))
    shown = run("realign", "norland/a", str(path), "--dry-run")
    assert "same letters, written otherwise" in shown.stdout
    assert "1 same letters, written otherwise" in shown.stderr


def test_an_undo_says_that_rules_coded_the_other_text(run, new, sandbox):
    opened = Project.open(sandbox.root)
    with opened.store() as store:
        suggest(store, opened.codebook("book"), opened.corpus, overlap="longest", by="anna")
    run("realign", "norland/a", new)
    opened = Project.open(sandbox.root)
    with opened.store() as store:
        suggest(store, opened.codebook("book"), opened.corpus, overlap="longest", by="anna")
        (done,) = [batch for batch in store.batches() if batch.act == "realign"]
    said = run("undo", done.id[:8])
    assert "Rules or models coded another text of norland/a: `coding tag` codes that of now." in said.stderr
    with opened.store() as store:
        suggest(store, opened.codebook("book"), Project.open(sandbox.root).corpus, overlap="longest", by="a")
    run("check")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminal can be opened there")
@pytest.mark.parametrize("command", [["realign", "norland/a", "new.txt", "--dry-run"], ["log"]])
def test_in_a_small_terminal_all_words_are_shown(run, sandbox, command):
    ours, theirs = os.openpty()
    words = "gives tbe poor bread. Yes, so. It rests"
    opened = Project.open(sandbox.root)
    document = opened.corpus["norland/a"]
    place = document.segment(OLD.index(words), OLD.index(words) + len(words))
    with opened.store() as store:
        store.add(act("ben", "code", CodedSegment(new_id(), place, "role.bridge", "m", "ben", quote=words)))
    subprocess.run(
        [sys.executable, "-m", "coding", *command],
        cwd=sandbox.root, stdout=theirs, stderr=subprocess.DEVNULL, check=True, timeout=60,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    told = ["tbe poor", "now: the poor", "changed", words] if command[0] == "realign" else ["a bridge", "tbe"]
    assert all(each in shown for each in told), shown
    assert "…" not in shown
