"""Universes are kept with what they follow from, read again while that is so, and shown in the report."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from pages import Page
from typer.testing import CliRunner

import coding
from coding.cli import results, robust  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.kept_universes import keep_universes, kept_figures, kept_universes, left_over
from coding.report import render
from coding.robustness import multiverse

GRID = "{unit: [document, paragraph], weight: [document], leave_out: [each code]}"


@pytest.fixture
def varied(sandbox):
    sandbox.change(
        "studies/study.yaml", "findings:", f"robustness: {GRID}\nwhy: {{robustness: Both do.}}\nfindings:"
    )
    return sandbox


def project(sandbox):
    return coding.Project.open(sandbox.root)


def kept(sandbox, folder, *, figures=False):
    found = multiverse(project(sandbox))
    return found, keep_universes(found, folder, figures=figures)


def test_what_is_kept_is_read_again_to_the_last_digit(varied, tmp_path):
    found, files = kept(varied, tmp_path)
    assert files == [tmp_path / "robustness.json"]
    again = kept_universes(project(varied), None, tmp_path)
    assert (again.study, again.title, again.decisions) == (found.study, found.title, found.decisions)
    assert again.findings[0].outcomes == found.findings[0].outcomes
    assert (again.findings[0].of == found.findings[0].of).all()
    assert again.provenance == found.provenance


def test_the_same_universes_leave_the_same_bytes(varied, tmp_path):
    for folder in ("one", "two"):
        kept(varied, tmp_path / folder, figures=True)
    names = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    assert [n.as_posix() for n in names] == [
        "figures/robustness-training.png", "figures/robustness-training.svg", "robustness.json",
    ]  # fmt: skip
    assert all((tmp_path / "one" / n).read_bytes() == (tmp_path / "two" / n).read_bytes() for n in names)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("studies/study.yaml", "unit: [document, paragraph]", "unit: [document]"),
        ("codebooks/book.yaml", '"police"', '"officers"'),
        ("corpus/norland/a.txt", "police", "nobody"),
        ("corpus/norland/case.yaml", "year: 2015", "year: 2016"),
    ],
)
def test_what_does_not_fit_any_more_is_not_read(varied, tmp_path, file, old, new):
    kept(varied, tmp_path)
    varied.change(file, old, new)
    assert kept_universes(project(varied), None, tmp_path) is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", "no json"])
def test_a_damaged_file_is_as_none(varied, tmp_path, text):
    (tmp_path / "robustness.json").write_text(text)
    assert kept_universes(project(varied), None, tmp_path) is None


def test_a_file_that_does_not_say_what_the_texts_are_is_as_none(varied, tmp_path):
    found, (path,) = kept(varied, tmp_path)
    values = json.loads(path.read_text(encoding="utf-8"))
    assert values.pop("texts") == found.texts == "digests"
    path.write_text(json.dumps(values))
    assert kept_universes(project(varied), None, tmp_path) is None


def test_numbers_that_name_no_outcome_are_as_none(varied, tmp_path):
    _, (path,) = kept(varied, tmp_path)
    values = json.loads(path.read_text(encoding="utf-8"))
    values["findings"][0]["of"][3] = 999
    path.write_text(json.dumps(values))
    assert kept_universes(project(varied), None, tmp_path) is None


def test_a_study_whose_grid_is_gone_has_no_universes(varied, tmp_path):
    kept(varied, tmp_path)
    varied.change("studies/study.yaml", f"robustness: {GRID}\n", "")
    assert kept_universes(project(varied), None, tmp_path) is None


def test_figures_of_earlier_universes_go_and_other_files_stay(varied, tmp_path):
    kept(varied, tmp_path, figures=True)
    other = tmp_path / "figures/mine.png"
    other.write_bytes(b"mine")
    found, _ = kept(varied, tmp_path, figures=False)
    assert [p.name for p in (tmp_path / "figures").iterdir()] == ["mine.png"]
    assert kept_figures(found, tmp_path) == {}


def test_universes_are_kept_though_their_figures_cannot_be(varied, tmp_path):
    kept(varied, tmp_path, figures=True)
    figures = tmp_path / "figures"
    shutil.rmtree(figures)
    figures.write_bytes(b"in the way")
    (tmp_path / "robustness.json").unlink()
    found = multiverse(project(varied))
    with pytest.raises(CodingError, match="cannot be written"):
        keep_universes(found, tmp_path, figures=True)
    assert kept_universes(project(varied), None, tmp_path).provenance == found.provenance


def test_universes_are_written_before_a_figure_is_drawn(varied, tmp_path):
    found = multiverse(project(varied))
    undrawable = replace(found, findings=(replace(found.findings[0], title=None),))
    with pytest.raises(TypeError):
        keep_universes(undrawable, tmp_path, figures=True)
    assert left_over(tmp_path) == [tmp_path / "robustness.json"]


def test_the_file_says_the_summary_too(varied, tmp_path):
    found, (path,) = kept(varied, tmp_path)
    values = json.loads(path.read_text(encoding="utf-8"))
    (finding,) = values["findings"]
    assert values["universes"] == len(found) == len(finding["of"])
    assert finding["keeps"] == np.mean(
        [finding["outcomes"][n]["verdict"] == finding["verdict"] for n in finding["of"]]
    )
    assert sum(finding["shares"].values()) == pytest.approx(1)
    for flip in finding["flips"]:
        assert flip["verdict"] != finding["verdict"]


def test_the_report_has_a_section_on_robustness_if_universes_are_given(varied, tmp_path):
    run = coding.run(project(varied))
    found, _ = kept(varied, tmp_path, figures=True)
    page = Page(render(run, {}, universes=found, curves=kept_figures(found, tmp_path)))
    assert "This describes, it does not test." in page.text("robustness")
    assert "Why these values: Both do." in page.text("robustness")
    assert "universes keep the verdict of the study" in page.text("robust-training")
    (image,) = page.all("img", within="robust-training")
    assert image["is"]["src"].startswith("data:image/svg+xml;base64,")
    assert "p-value" not in page.text("robustness")
    plain = Page(render(run, {}))
    assert not [e for e in plain.elements if e["is"].get("id") == "robustness"]
    assert not [e for e in plain.all("a") if e["is"].get("href") == "#robustness"]


def test_every_link_of_the_section_leads_somewhere(varied, tmp_path):
    found, _ = kept(varied, tmp_path)
    page = Page(render(coding.run(project(varied)), {}, universes=found))
    ids = {e["is"]["id"] for e in page.elements if "id" in e["is"]}
    links = [e["is"]["href"][1:] for e in page.all("a", within="robustness")]
    assert links
    assert set(links) <= ids


@pytest.fixture
def ask(varied, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        result = CliRunner().invoke(app, [*words, "--project", str(varied.root)])
        if result.exception is not None:
            raise result.exception
        return result

    return run


def test_the_command_prints_each_finding_and_keeps_the_universes(ask, tmp_path):
    result = ask("robustness")
    head, row = [line.split("\t") for line in result.stdout.splitlines()]
    assert head[:3] == ["finding", "verdict", "keep it"]
    assert row[0] == "More police"
    assert "A study, in digests: 24 universes, by leave out (4), unit (3), weight (2)" in result.stderr
    assert "no share of them is a probability" in result.stderr
    assert (tmp_path / "out/study/figures/robustness-training.png").is_file()


def test_the_command_computes_once(ask, tmp_path):
    first = json.loads(ask("robustness", "--json", "--no-figures").stdout)
    assert (first["was_kept"], first["texts"]) == (False, "digests")
    again = ask("robustness", "--json")
    assert json.loads(again.stdout)["was_kept"] is True
    assert (tmp_path / "out/study/figures/robustness-training.svg").is_file()
    assert json.loads(ask("robustness", "--json", "--fresh").stdout)["was_kept"] is False


def test_reproducing_shows_what_is_kept_and_leaves_it(ask, tmp_path, varied):
    ask("robustness")
    before = (tmp_path / "out/study/robustness.json").read_bytes()
    assert "left out of the report" not in ask("reproduce", "--docx").stderr
    page = Page((tmp_path / "out/study/report.html").read_text(encoding="utf-8"))
    assert "24 universes" in page.text("robustness")
    assert page.all("img", within="robust-training")
    assert (tmp_path / "out/study/robustness.json").read_bytes() == before
    varied.change("corpus/norland/a.txt", "police", "nobody")
    said = ask("reproduce", "--no-figures").stderr
    assert "Robustness is left out of the report" in said
    assert "`coding robustness study` computes them anew" in said
    text = (tmp_path / "out/study/report.html").read_text(encoding="utf-8")
    assert 'id="robustness"' not in text


def test_a_study_without_a_grid_is_refused_by_the_command(ask, varied):
    varied.change("studies/study.yaml", f"robustness: {GRID}\n", "")
    with pytest.raises(CodingError, match="it has no `robustness`"):
        ask("robustness")
