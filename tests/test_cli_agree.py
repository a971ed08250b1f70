"""`coding agree`, run as a user runs it: the table, the figures for scripts, the page, and what is refused."""

import json

import pytest
from typer.testing import CliRunner

from coding.agreeing import agreement
from coding.batch import Decision, act, new_id, now, quoted
from coding.cli import agree, sample  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.model import CodedSegment, Reading
from coding.project import Project

SAID = [
    ("anna", "norland/a", "trains", "behaviour.training"), ("ben", "norland/a", "trains", "behaviour.training"),
    ("anna", "norland/a", "bridge", "role.bridge"), ("ben", "norland/a", "bridge", "behaviour.training"),
    ("anna", "norland/b", "police", "orientation.security"), ("ben", "sudland/a", "teachers", "role.bridge"),
    ("anna", "sudland/b", "teachers", "orientation.development"),
    ("ben", "sudland/b", "teachers", "orientation.development"),
]  # fmt: skip


@pytest.fixture
def run(sandbox):
    """Run the command on the project; return what it printed to standard output, or the error's words."""

    def ask(*words, fails=False, errors=False):
        result = CliRunner().invoke(app, ["agree", *words, "--project", str(sandbox.root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result.stderr if errors else result.stdout

    return ask


@pytest.fixture
def coded(sandbox):
    """What two people coded and read in the project."""
    project = Project.open(sandbox.root)
    book = project.codebook("book")
    with project.store() as store:
        for coder in ("anna", "ben"):
            segments = []
            for who, document, words, code in SAID:
                text = project.corpus[document]
                start = text.text.index(words)
                if who == coder:
                    place = text.segment(start, start + len(words))
                    segments.append(CodedSegment(new_id(), place, code, book[code].meaning, coder))
            readings = [Reading(coder, d.whole, at=now(), id=new_id()) for d in project.corpus]
            store.add(act(coder, "code", *quoted(segments, project.corpus)), act(coder, "read", *readings))
    return project


BOTH = ("--between", "anna", "--between", "ben")


def test_the_figures_for_scripts_are_those_of_the_library(run, coded):
    told = json.loads(run(*BOTH, "--json", "--replicates", "20", "--exclusive", "orientation"))
    found = agreement(
        coded.coded, coded.corpus, coded.codebook("book"), between=("anna", "ben"), unit="sentence",
        counts="any", exclusive=["orientation"], rollup=True, level="nominal", seed=1, n_replicates=20,
    )  # fmt: skip
    assert list(told["codes"]) == list(found.by_code)
    pairs = [(told["codes"][code], one) for code, one in found.by_code.items()]
    pairs += [(told["all"]["read"], found.over_read), (told["all"]["coded"], found.over_coded)]
    pairs += list(zip(told["families"]["orientation"].values(), found.families["orientation"], strict=True))
    for figures, one in pairs:
        assert figures["units"] == one.n_units
        assert figures["given"] == list(one.given)
        assert {name: s["value"] for name, s in figures["statistics"].items()} == {
            name: s.value for name, s in one.statistics.items()
        }
    assert (
        told["codes"]["role.bridge"]["statistics"]["alpha"]["value"]
        == found.by_code["role.bridge"]["alpha"].value
    )
    assert told["confusions"] == [
        {"coders": ["anna", "ben"], "codes": ["role.bridge", "behaviour.training"], "units": 1}
    ]
    assert (told["unit"], told["counts"], told["rollup"], told["replicates"]) == ("sentence", "any", True, 20)


def test_the_table_shows_each_code_that_was_given_and_names_the_others(run, coded):
    lines = [line.split("\t") for line in run(*BOTH).splitlines()]
    head = lines[0]
    rows = {line[0]: dict(zip(head, line, strict=False)) for line in lines[1:]}
    assert [rows["role.bridge"][one] for one in ("read", "coded", "anna", "ben")] == ["8", "2", "1", "1"]
    assert rows["behaviour.training"]["flags"] == "too few"
    assert rows["all (read)"]["read"] == "8"
    assert rows["all (coded)"]["read"] == "5"
    assert ["anna", "role.bridge", "ben", "behaviour.training", "1"] in lines
    said = run(*BOTH, "--codes", "orientation", "--codes", "role", errors=True)
    assert "8 sentences of 6 documents that both read (6 clusters), of which someone coded 4" in said
    assert "1 perfect, 0 what chance gives" in said
    assert "Given by nobody" not in said


def test_codes_are_those_named_and_those_below(run, coded):
    assert list(json.loads(run(*BOTH, "--codes", "role", "--json"))["codes"]) == ["role", "role.bridge"]
    assert "no code 'rol'. Did you mean 'role'" in run(*BOTH, "--codes", "rol", fails=True)


def test_only_the_documents_asked_for_count(run, coded):
    told = json.loads(run(*BOTH, "--where", "donor=sudland", "--json"))
    assert told["all"]["read"]["units"] == 4
    assert told["codes"]["behaviour.training"]["flags"] == ["never used"]


def test_disagreements_are_shown_in_context_and_on_request(run, coded):
    lines = [line.split("\t") for line in run(*BOTH, "--disagreements", "2").splitlines()]
    first = next(line for line in lines if line[0].startswith("norland/a "))
    assert first[1:4] == [
        "anna: role.bridge; ben: behaviour.training",
        "Norland trains police.",
        "It is a bridge.",
    ]
    assert json.loads(run(*BOTH, "--json"))["disagreements"] == []
    told = json.loads(run(*BOTH, "--json", "--disagreements", "9"))["disagreements"]
    assert [one["document"] for one in told] == ["norland/a", "norland/b", "sudland/a"]
    text = coded.corpus["norland/b"].text
    assert text[told[1]["start"] : told[1]["end"]] == told[1]["quote"]
    assert told[1]["said"] == {"anna": ["orientation.security"], "ben": []}


def test_rules_are_compared_without_being_in_the_store(run, coded):
    told = json.loads(run("--between", "anna", "--between", "rules", "--json"))
    assert told["codes"]["role.bridge"]["given"] == [1, 1]
    assert told["codes"]["role.bridge"]["statistics"]["alpha"]["value"] == 1
    assert told["codes"]["behaviour.training"]["given"] == [1, 6]


def test_what_was_ruled_afterwards_is_not_what_coders_said(run, coded):
    book = coded.codebook("book")
    mine = next(s for s in coded.coded.segments if s.coder == "ben" and s.code == "role.bridge")
    instead = CodedSegment(new_id(), mine.segment, "behaviour", book["behaviour"].meaning, "ben")
    before = json.loads(run(*BOTH, "--json"))
    with coded.store() as store:
        ruling = Decision(new_id(), mine.id, "recode", "ben", now(), instead=instead.id)
        store.add(act("ben", "decide", *quoted([instead], coded.corpus), ruling))
    assert json.loads(run(*BOTH, "--json")) == before


def test_drift_is_by_the_date_of_reading(run, coded):
    told = json.loads(run(*BOTH, "--json", "--drift", "months"))["drift"]
    assert [(one["name"], one["units"]) for one in told] == [(now()[:7], 8)]
    assert "by: 'weeks' is not one of" in run(*BOTH, "--drift", "weeks", fails=True)


def test_the_page_is_one_file_that_loads_nothing_and_shows_every_disagreement(run, coded, tmp_path):
    out = tmp_path / "agreement.html"
    run(*BOTH, "--out", str(out))
    page = out.read_text(encoding="utf-8")
    assert page.count('<article class="differing">') == 3
    assert "default-src &#39;none&#39;" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "data:image/svg+xml;base64," in page
    assert "<mark>It is a bridge.</mark>" in page
    assert "<strong>ben</strong> Training" in page
    assert "Call it agreement.html" in run(*BOTH, "--out", str(tmp_path / "agreement.pdf"), fails=True)


def test_names_and_texts_on_the_page_are_shown_as_written(sandbox, run, coded, tmp_path):
    out = tmp_path / "agreement.html"
    sandbox.change("codebooks/book.yaml", "name: Bridge", 'name: "<b>Bridge</b>"')
    run(*BOTH, "--out", str(out))
    page = out.read_text(encoding="utf-8")
    assert "&lt;b&gt;Bridge&lt;/b&gt;" in page
    assert "<b>Bridge" not in page


def test_one_coder_or_an_unknown_one_is_refused(run, coded):
    assert "two different coders or more, not only anna" in run("--between", "anna", fails=True)
    said = run("--between", "anna", "--between", "bem", fails=True)
    assert said == "nobody codes here as 'bem'. Did you mean 'ben'?"


def test_a_code_whose_meaning_changed_is_refused_until_it_is_left_out(sandbox, run, coded):
    sandbox.change("codebooks/book.yaml", "definition: It trains.", "definition: It trains officers.")
    said = run(*BOTH, fails=True)
    assert "anna coded 'behaviour.training' in another meaning" in said
    assert "ben coded 'behaviour.training' in another meaning" in said
    assert json.loads(run(*BOTH, "--json", "--codes", "role"))["codes"]["role.bridge"]["units"] == 8


def test_of_a_sample_only_what_was_judged_of_it_counts_in_its_units_and_codes(sandbox, run, coded):
    book = coded.codebook("book")
    code = next(each.id for each in book.children(None))
    drawn = CliRunner().invoke(
        app, ["sample", "first", "-r", "anna", "-r", "ben", "--codes", code, "--project", str(sandbox.root)]
    )
    assert drawn.exception is None, drawn.output
    kept = coded.sample("first")
    units = [one.segment for one in kept.drawn][:3]
    with coded.store() as store:
        for coder, given in (("anna", units[:2]), ("ben", units[:1])):
            readings = [
                Reading(
                    coder, unit, (code,), at=now(), id=new_id(), sample="first",
                    given=(code,) if unit in given else (),
                )
                for unit in units
            ]  # fmt: skip
            segments = [CodedSegment(new_id(), unit, code, book[code].meaning, coder) for unit in given]
            store.add(act(coder, "read", *readings, *quoted(segments, coded.corpus)))
    found = json.loads(run(*BOTH, "--sample", "first", "--json"))
    assert list(found["codes"]) == [code]
    assert found["codes"][code]["units"] == 3
    assert found["codes"][code]["given"] == [2, 1]
    assert "Units of the sample first" in run(*BOTH, "--sample", "first", errors=True)
    assert "no 'frist'" in run(*BOTH, "--sample", "frist", fails=True)
