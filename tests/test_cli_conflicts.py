"""`coding conflicts`, run as a user runs it: where people, rules and a model differ, with their reasons."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from conftest import Sandbox
from typer.testing import CliRunner

from coding.batch import Decision, Memo, act, new_id, now, quoted
from coding.cli import conflicts  # noqa: F401  its command joins the app
from coding.cli.app import app
from coding.conflicts import KINDS, unit_of
from coding.errors import CodingError
from coding.formats.models import write_model
from coding.model import CodedSegment, Reading
from coding.project import Project
from coding.suggesting import keep, suggest
from coding.taggers.learned import LearnedTagger
from coding.units import unitise

SLIP = "Sudland rests this year, part 2"
SENTENCES = (
    "{} trains police again",
    "{} drills guards at sea",
    "{} rests this year",
    "{} walks on old roads",
)


def write_texts(sandbox, n=8):
    """Give each donor more documents: in half of their sentences somebody is trained, or drilled."""
    for case in ("norland", "sudland"):
        listed = (sandbox.root / f"corpus/{case}/case.yaml").read_text("utf-8")
        for number in range(n):
            text = "\n\n".join(f"{each.format(case.title())}, part {number}." for each in SENTENCES)
            sandbox.write(f"corpus/{case}/x{number}.txt", text + "\n")
            listed += f"  x{number}.txt: {{title: X, year: 2015, fidelity: digest, source_kind: primary}}\n"
        sandbox.write(f"corpus/{case}/case.yaml", listed)


def read_by_anna(project, documents):
    """File that anna has read documents: to her a drill is training, and once a rest is: a slip."""
    book = project.codebook("book")
    with project.store() as store:
        for name in documents:
            document = project.corpus[name]
            given = [
                CodedSegment(new_id(), unit, "behaviour.training", book["behaviour.training"].meaning, "anna")
                for unit in unitise(document, "sentence")
                if any(word in document.quote(unit) for word in ("drills", "trains", SLIP))
            ]
            filed = Reading("anna", document.whole, None, now(), True, "person", new_id())
            store.add(act("anna", "read", filed, *quoted(given, project.corpus)))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Give the folder of a project in which anna has read, and rules and a model have coded."""
    made = Sandbox(tmp_path_factory.mktemp("prepared") / "project")
    write_texts(made)
    project = Project.open(made.root)
    read_by_anna(project, [f"{case}/x{number}" for case in ("norland", "sudland") for number in range(6)])
    book, corpus = project.codebook("book"), project.corpus
    tagger = LearnedTagger.fit(
        project.coded, corpus, book, unit="sentence", counts="any", rollup=False, target="f1", seed=1,
        codes=["behaviour.training"],
    )  # fmt: skip
    write_model(project.model_path("model"), tagger.model)
    with project.store() as store:
        suggest(store, book, corpus, overlap="longest", by="anna")
        keep(store, tagger.tag(corpus), corpus, tagger.coder, by="anna")
    return made.root


@pytest.fixture
def project(sandbox, prepared):
    shutil.copytree(prepared, sandbox.root, dirs_exist_ok=True)
    return Project.open(sandbox.root)


@pytest.fixture
def run(sandbox):
    """Run the command on the project; return what it printed, or the error's words."""

    def ask(*words, fails=False):
        result = CliRunner().invoke(app, ["conflicts", *words, "--project", str(sandbox.root)])
        if fails:
            assert isinstance(result.exception, CodingError), repr(result.exception)
            return str(result.exception)
        assert result.exception is None, repr(result.exception)
        return result

    return ask


def table(printed):
    head, *rows = (line.split("\t") for line in printed.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


def reasons_of_model(said):
    return [
        reason
        for one in said
        for side in one["sides"]
        if side["kind"] == "model"
        for reason in side["reasons"]
    ]


def test_the_table_says_who_says_what_of_which_words_and_why(project, run):
    rows = table(run("--next", "100").stdout)
    assert list(rows[0]) == ["document", "span", "words", "code", "kind", "who says what", "why"]
    for row in rows:
        start, end = map(int, row["span"].split(":"))
        assert row["words"] == project.corpus[row["document"]].text[start:end]
    drills = [row for row in rows if row["document"] == "norland/x3" and "drills" in row["words"]]
    assert [(row["code"], row["kind"], row["who says what"]) for row in drills] == [
        ("behaviour.training", "people against rules", "anna: yes; rules: no; model: yes")
    ]
    assert drills[0]["why"].startswith(
        "anna: “Norland drills guards at sea, part 3.” | rules: no rule hits | model: probability "
    )
    unread = [row for row in rows if row["kind"] == "machine against machine"]
    read = {f"{case}/x{number}" for case in ("norland", "sudland") for number in range(6)}
    assert not read & {row["document"] for row in unread}
    assert unread


def test_a_models_no_says_below_which_probability_it_is_one(project, run):
    learned = project.model("model").codes[0]
    said = json.loads(run("--json", "--next", "100").stdout)
    noes = {reason for reason in reasons_of_model(said) if "probability" not in reason}
    assert noes == {f"below {learned.low:.2g} it says no"}
    (slip,) = [one for one in said if SLIP in one["quote"]]
    assert slip["kind"] == "people against rules and model"
    assert [(side["coder"], side["says"]) for side in slip["sides"]] == [
        ("anna", True), ("rules", False), ("model", False),
    ]  # fmt: skip


def test_what_was_decided_on_is_settled_and_left_out(project, run):
    before = json.loads(run("--json", "--next", "100").stdout)
    ids = [segment["id"] for side in before[0]["sides"] for segment in side["segments"]]
    with project.store() as store:
        store.add(act("cleo", "decide", *(Decision(new_id(), id_, "accept", "cleo", now()) for id_ in ids)))
    after = run("--json", "--next", "100")
    assert [one["id"] for one in json.loads(after.stdout)] == [one["id"] for one in before[1:]]
    assert "1 are settled" in run().stderr


def test_code_kind_and_next_choose(project, run):
    every = json.loads(run("--json", "--next", "100").stdout)
    for kind in {one["kind"] for one in every}:
        of_kind = json.loads(run("--json", "--next", "100", "--kind", kind).stdout)
        assert of_kind == [one for one in every if one["kind"] == kind]
    below = [one for one in every if one["code"] == "behaviour.training"]
    assert 0 < len(below) < len(every)
    assert json.loads(run("--json", "--next", "100", "--code", "behaviour").stdout) == below
    assert run("--code", "role").stdout.splitlines()[1:] == []
    assert json.loads(run("--json", "--next", "2").stdout) == every[:2]
    assert f"Only the first 2 are shown: --next {len(every)} shows all." in run("--next", "2").stderr


def test_it_says_how_to_rule_and_that_a_model_is_held_against_what_it_learned_from(project, run):
    said = run().stderr
    assert "`coding serve`" in said
    assert "/conflicts" in said
    assert "`coding train NAME --report --errors 10`" in said


def test_the_kinds_are_called_the_same_in_the_help_and_in_the_reference(repository):
    shown = " ".join(CliRunner().invoke(app, ["conflicts", "--help"]).stdout.split())
    reference = (repository / "docs/reference/commands.md").read_text("utf-8")
    section = reference.partition("## `coding conflicts`")[2].partition("\n## ")[0]
    for kind in KINDS:
        assert f"'{kind}'" in shown
        assert f"`{kind}`" in section


@pytest.mark.skipif(sys.platform != "linux", reason="asks for a terminal of Linux")
@pytest.mark.parametrize("columns", ["80", "44"])
def test_in_a_terminal_the_place_stands_on_its_own_line_and_nothing_is_cut(project, columns):
    import pty

    ours, theirs = pty.openpty()
    plain = {**os.environ, "TERM": "xterm", "COLUMNS": columns}  # a dumb one has always 80
    asked = [sys.executable, "-m", "coding", "conflicts", "--kind", KINDS[0]]
    subprocess.run(asked, cwd=project.root, stdout=theirs, env=plain, check=True, timeout=120)
    os.close(theirs)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ours, 65536).decode())
    os.close(ours)
    assert max(map(len, shown.splitlines())) <= int(columns)
    lines = [line.strip() for line in shown.splitlines()]
    (slip,) = [n for n, line in enumerate(lines) if line.startswith("sudland/x2 ")]
    start, end = map(int, lines[slip].removeprefix("sudland/x2 ").split(":"))
    assert project.corpus["sudland/x2"].text[start:end] == f"{SLIP}."
    said = " ".join(" ".join(lines[slip:]).split())
    assert (
        f"{SLIP}. behaviour.training: people against rules and model anna: yes, “{SLIP}.” rules: no" in said
    )
    assert "…" not in shown


def test_words_that_are_mistyped_are_answered_with_the_nearest(project, run):
    assert "Did you mean 'people against rules'?" in run("--kind", "people against rule", fails=True)
    assert "Did you mean 'behaviour'?" in run("--code", "behavior", fails=True)
    assert "Did you mean 'paragraph'?" in run("--unit", "paragraf", fails=True)


def test_where_no_machine_has_coded_it_says_so(sandbox, run):
    assert "`coding tag`" in run().stderr
    opened = Project.open(sandbox.root)
    with opened.store() as store:
        suggest(store, opened.codebook("book"), opened.corpus, overlap="longest", by="anna")
    assert "Nobody else has read here" in run().stderr


def test_without_the_models_file_its_no_is_given_without_a_bound(project, run):
    project.model_path("model").write_bytes(b"broken")
    said = json.loads(run("--json", "--next", "100").stdout)
    noes = {reason for reason in reasons_of_model(said) if "probability" not in reason}
    assert noes == {"it said no"}


def test_what_was_coded_in_an_earlier_text_is_left_out_and_counted(sandbox, project, run):
    sandbox.write("corpus/norland/x1.txt", "All is new.\n")
    result = run("--next", "100")
    assert "norland/x1" not in result.stdout
    assert "coded segments are left out: their texts have changed since." in result.stderr


def test_a_memo_cannot_steer_the_terminal_or_break_a_row(project, run):
    about = next(s.id for s in project.coded.segments if s.coder == "anna" and SLIP in s.quote)
    with project.store() as store:
        store.add(act("anna", "memo", Memo(new_id(), "segment", about, "a\tb\n\x1b[31mred", "anna", now())))
    result = run("--next", "100")
    assert "\x1b" not in result.stdout
    assert any("memo of anna: a b" in row["why"] for row in table(result.stdout))


def test_models_are_compared_in_the_widest_of_their_units(project):
    model = project.model("model")
    assert unit_of([]) == unit_of([model]) == "sentence"
    assert unit_of([model, replace(model, unit="paragraph")]) == "paragraph"
