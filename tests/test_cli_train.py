"""`coding train` and `coding tag --model`: a model of what people coded, kept, reported on, and used."""

import json

import pytest
from typer.testing import CliRunner

from coding.batch import act, new_id, now, quoted
from coding.cli import texts, train  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.model import CodedSegment, Coder, Reading
from coding.project import Project
from coding.units import unitise

CASE = """\
id: norland
name: Norland
iso: NOR
aliases: [Norlanders]
agencies: [Norland Agency]
homonyms: []
documents:
"""


@pytest.fixture
def taught(sandbox):
    """A project of many short documents, in which anna coded what speaks of a bridge as a role."""
    folder = sandbox.root / "corpus/norland"
    case = CASE
    for number in range(24):
        words = ["a bridge between north and south", "rain and wind over the sea"]
        lines = [f"Norland is {words[(number + i) % 2]} in year {i}." for i in range(4)]
        (folder / f"t{number}.txt").write_text(" ".join(lines) + "\n", encoding="utf-8")
        case += (
            f"  t{number}.txt:\n    title: T{number}\n    year: 2015\n    fidelity: digest\n"
            f"    source_kind: primary\n    family: f{number // 2}\n"
        )
    for old in folder.glob("*.txt"):
        if not old.name.startswith("t"):
            old.unlink()
    (folder / "case.yaml").write_text(case, encoding="utf-8")
    project = Project.open(sandbox.root)
    book = project.codebook("book")
    rows = [Coder("anna", "person")]
    for document in project.corpus:
        if document.id.startswith("norland/"):
            rows.append(Reading("anna", document.whole, at=now(), id=new_id()))
            rows += [
                CodedSegment(new_id(), unit, "role", book["role"].meaning, "anna")
                for unit in unitise(document, "sentence")
                if "bridge" in document.quote(unit)
            ]
    segments = [row for row in rows if isinstance(row, CodedSegment)]
    others = [row for row in rows if not isinstance(row, CodedSegment)]
    with project.store() as store:
        store.add(act("anna", "code", *others, *quoted(segments, project.corpus)))
    return project


@pytest.fixture
def run(taught):
    def ask(*words, fails=False, errors=False):
        result = CliRunner().invoke(app, [*words, "--project", str(taught.root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result.stderr if errors else result.stdout

    return ask


def test_what_was_learned_is_kept_and_what_was_not_is_named(taught, run):
    found = json.loads(run("train", "first", "--coder", "anna", "--json"))
    assert [each["code"] for each in found["codes"]] == ["role"]
    assert found["codes"][0]["bear_it"] == 48
    assert set(found["left_out"]) >= {"behaviour"}
    assert found["report"] is None
    model = taught.model("first")
    assert (model.name, model.training) == ("first", found["training"])
    assert "Left out, since" in run("train", "first", errors=True)


def test_the_report_says_how_good_it_would_be_on_texts_it_has_not_seen(run):
    found = json.loads(run("train", "--coder", "anna", "--report", "--json"))["report"]
    role = found["codes"]["role"]
    assert list(found["codes"]) == ["role"]
    assert (found["units"], found["clusters"], role["folds"]) == (96, 12, 5)
    assert role["model"]["f1"]["value"] > 0.95
    printed = run("train", "--report", "--errors", "3")
    head = next(line for line in printed.splitlines() if line.startswith("code\tcase")).split("\t")
    assert head[:8] == ["code", "case", "units", "bear it", "said", "precision", "low", "high"]
    assert len({len(line.split("\t")) for line in printed.splitlines() if line.startswith("role\tall")}) == 1


def test_a_model_codes_the_texts_and_its_suggestions_are_kept(taught, run):
    run("train", "first")
    assert "role" in run("tag", "--model", "first", "--dry-run")
    assert taught.coded.by("first").segments == ()
    found = json.loads(run("tag", "--model", "first", "--json", "--out", str(taught.root / "out/coded.csv")))
    (role,) = [each for each in found if each["code"] == "role"]
    kept = taught.coded.by("first")
    assert len(kept.segments) == role["units"] >= 48
    telling = {"bridge", "between", "north", "south"}
    assert all(telling & set(s.because.replace(",", "").split()) for s in kept.segments if s.score > 0.9)
    assert {reading.kind for reading in kept.readings} == {"model"}
    assert (taught.root / "out/coded.csv").is_file()
    assert "already" in run(
        "tag", "--model", "first", "--out", str(taught.root / "out/coded.csv"), errors=True
    )


def test_what_cannot_be_trained_says_why(taught, run):
    assert "nobody codes here as 'ana'. Did you mean 'anna'?" in run("train", "--coder", "ana", fails=True)
    assert "no target" in run("train", "--target", "best", fails=True)
    assert "no target" in run("train", "--target", "1.5", fails=True)
    assert "no code" in run("train", "--codes", "rol", fails=True)
    assert "no code can be learned" in run("train", "--codes", "behaviour", fails=True)
    assert not (taught.root / "models").exists()
    assert "no 'frist'" in run("tag", "--model", "frist", fails=True)
    run("train", "first")
    assert "Did you mean 'first'" in run("tag", "--model", "frist", fails=True)


def test_a_suggestion_is_shown_with_the_nearest_that_people_coded_so_and_not(run):
    run("train", "first")
    printed = " ".join(run("tag", "--model", "first", "--dry-run").split())
    assert "near, and coded so by anna" in printed
    assert "near, and not coded so by anna" in printed
    assert "the same words" in printed


def test_where_nobody_has_read_a_suggestion_is_shown_without_examples(taught, run):
    run("train", "first")
    taught.store_path.unlink()
    assert "role: norland/" in run("tag", "--model", "first", "--dry-run")
    assert "No examples are shown beside it: nobody has read" in run(
        "tag", "--model", "first", "--dry-run", errors=True
    )


def test_the_report_is_written_as_a_page(taught, run):
    page = taught.root / "out/first.html"
    assert f"Written to {page}." in run("train", "first", "--out", str(page), errors=True)
    written = page.read_text(encoding="utf-8")
    assert written.startswith("<!DOCTYPE html>")
    assert taught.model("first").training in written
    assert "that anna judged" in written
    report = json.loads(run("train", "first", "--out", str(page), "--json"))["report"]
    assert f"{report['codes']['role']['model']['f1']['value']:.2f}" in page.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_one_is_refused_before_anything_is_trained(taught, run):
    assert "Call it first.html" in run("train", "first", "--out", "first.pdf", fails=True)
    assert not (taught.root / "models").exists()
