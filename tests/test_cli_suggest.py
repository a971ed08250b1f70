"""`coding suggest`, run as a user runs it: what to read next with its reasons, kept as a sample without them."""

import json
import random
import shutil

import pytest
from app import App
from conftest import Sandbox
from typer.testing import CliRunner

from coding.batch import Look, act, new_id, now, quoted
from coding.cli import quality, sample, suggest  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.formats.models import write_model
from coding.model import CodedSegment, Reading
from coding.project import Project
from coding.taggers.learned import LearnedTagger
from coding.units import unitise

ANNA = ("--reader", "anna")
FILLERS = ["we", "see", "more", "new", "old", "states", "roads", "this", "year", "many", "people", "law"]
OTHER = """
id: other
version: 1.0.0
codes:
  - {id: role, name: Role, definition: What it does for others.}
"""


def write_texts(sandbox, n=10, n_sentences=10):
    """Give each donor more documents, whose sentences tell of training, of bridges, or of neither."""
    chance = random.Random(1)
    for case in ("norland", "sudland"):
        listed = (sandbox.root / f"corpus/{case}/case.yaml").read_text("utf-8")
        for number in range(n):
            sentences = []
            for _ in range(n_sentences):
                sign = chance.choice(
                    ["trains police", "trains teachers", "drills guards", "walks", "rests", ""]
                )
                bridge = "as a bridge" if chance.random() < 0.1 else ""
                sentences.append(
                    f"{case.title()} {sign} {' '.join(chance.choices(FILLERS, k=6))} {bridge}".strip()
                )
            sandbox.write(f"corpus/{case}/x{number}.txt", ".\n\n".join(sentences) + ".\n")
            listed += f"  x{number}.txt: {{title: X, year: 2015, fidelity: digest, source_kind: primary}}\n"
        sandbox.write(f"corpus/{case}/case.yaml", listed)


def says(words):
    """Return the codes that a person gives a sentence: a drill is training too, and police is not always."""
    codes = []
    if "trains" in words or "drills" in words:
        codes.append("behaviour")
    if "bridge" in words:
        codes.append("role")
    return [*codes, "orientation"] if "teachers" in words else codes


def read_whole(root, reader, documents):
    """File that a reader has read documents whole."""
    project = Project.open(root)
    book = project.codebook("book")
    with project.store() as store:
        for name in documents:
            document = project.corpus[name]
            segments = [
                CodedSegment(new_id(), unit, code, book[code].meaning, reader)
                for unit in unitise(document, "sentence")
                for code in says(document.quote(unit))
            ]
            filed = Reading(reader, document.whole, None, now(), True, "person", new_id())
            store.add(act(reader, "read", filed, *quoted(segments, project.corpus)))


def judge(root, name, reader="anna"):
    """Judge all units of a sample."""
    project = Project.open(root)
    made, book = project.sample(name), project.codebook("book")
    with project.store() as store:
        for one in made.drawn:
            codes = sorted(
                set(says(project.corpus[one.segment.document].quote(one.segment))) & set(made.codes)
            )
            segments = [
                CodedSegment(new_id(), one.segment, code, book[code].meaning, reader) for code in codes
            ]
            filed = Reading(
                reader, one.segment, tuple(made.codes), now(), True, "person", new_id(), name, tuple(codes)
            )
            store.add(act(reader, "read", filed, *quoted(segments, project.corpus)))


READ = [f"{case}/x{number}" for case in ("norland", "sudland") for number in range(5)]


def train(root, name="model", codes=("role", "behaviour"), *, rollup=True):
    project = Project.open(root)
    tagger = LearnedTagger.fit(
        project.coded, project.corpus, project.codebook("book"), unit="sentence", counts="any", rollup=rollup,
        target="f1", seed=1, codes=codes, name=name,
    )  # fmt: skip
    write_model(project.model_path(name), tagger.model)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Give two folders: a project whose texts nobody has read, and the same with a model of what anna read."""
    bare, trained = (Sandbox(tmp_path_factory.mktemp("prepared") / name) for name in ("bare", "trained"))
    for made in (bare, trained):
        write_texts(made)
    read_whole(trained.root, "anna", READ)
    train(trained.root)
    return bare.root, trained.root


@pytest.fixture
def bare(sandbox, prepared):
    shutil.copytree(prepared[0], sandbox.root, dirs_exist_ok=True)
    return sandbox


@pytest.fixture
def trained(sandbox, prepared):
    shutil.copytree(prepared[1], sandbox.root, dirs_exist_ok=True)
    return sandbox


@pytest.fixture
def run(sandbox):
    """Run a command on the project; return what it printed to standard output, or the error's words."""

    def ask(*words, fails=False, errors=False):
        result = CliRunner().invoke(app, [*words, "--project", str(sandbox.root)])
        if fails:
            assert isinstance(result.exception, CodingError), repr(result.exception)
            return str(result.exception)
        assert result.exception is None, repr(result.exception)
        return result.stderr if errors else result.stdout

    return ask


def table(printed):
    head, *rows = (line.split("\t") for line in printed.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_table_has_the_place_the_words_and_the_reason_of_each_unit(trained, run):
    rows = table(run("suggest", "round-1", *ANNA, "--next", "30"))
    assert len(rows) == 30
    assert list(rows[0]) == ["document", "span", "words", "reason", "code", "probability", "why"]
    corpus = Project.open(trained.root).corpus
    for row in rows:
        start, end = map(int, row["span"].split(":"))
        assert row["words"] == " ".join(corpus[row["document"]].text[start:end].split())
        assert row["document"] not in READ
        assert row["why"].startswith(row["code"]) if row["code"] else row["why"] == "drawn by chance"
    assert {row["reason"] for row in rows} >= {"unsure", "disagreement", "random"}
    assert sum(row["reason"] == "random" for row in rows) == 6


def test_where_rules_and_model_disagree_the_reason_says_who_found_it(trained, run):
    rows = [row for row in table(run("suggest", "next", *ANNA)) if row["reason"] == "disagreement"]
    drills = [row for row in rows if "drills" in row["words"] and row["code"] == "behaviour"]
    assert drills
    for row in drills:
        assert (
            row["why"]
            == f"behaviour: the model gives it {float(row['probability']):.2f}, rules do not find it"
        )


def test_what_was_chosen_is_kept_as_a_sample_and_the_reasons_are_not(trained, run):
    printed = run("suggest", "round-1", *ANNA, "--reader", "ben", "--next", "20", "--seed", "7")
    made = Project.open(trained.root).sample("round-1")
    places = {(one.segment.document, f"{one.segment.start}:{one.segment.end}") for one in made.drawn}
    assert places == {(row["document"], row["span"]) for row in table(printed)}
    assert (made.readers, made.seed, made.unit, made.coder) == (("anna", "ben"), 7, "sentence", "rules")
    assert tuple(made.codes) == ("role", "behaviour")
    written = (trained.root / "samples/round-1.json").read_text("utf-8")
    for reason in ("unsure", "disagree", "rare", "chance", "model"):
        assert reason not in written


def test_the_file_says_with_what_probability_each_unit_came_in(trained, run):
    rows = table(run("suggest", "round-1", *ANNA, "--next", "20"))
    made = Project.open(trained.root).sample("round-1")
    certain = [one for one in made.drawn if made.probability(one) == 1]
    assert len(certain) == sum(row["reason"] != "random" for row in rows) == 16
    assert sum(1 / made.probability(one) for one in made.drawn) == pytest.approx(made.n_units)


def test_the_page_asks_for_it_as_for_any_sample_and_shows_no_reason(trained, run):
    run("suggest", "round-1", *ANNA, "--reader", "ben", "--next", "20")
    with App(trained.root, "ben") as running:
        page = running.client("ben").get("/judge/round-1").text
    made = Project.open(trained.root).sample("round-1")
    first = Project.open(trained.root).corpus[made.drawn[0].segment.document].quote(made.drawn[0].segment)
    assert first.split(" ")[1] in page
    for reason in ("unsure", "disagree", "few examples", "by chance", "probability", "threshold"):
        assert reason not in page


def test_the_readers_say_of_it_what_quality_needs(trained, run):
    run("suggest", "round-1", *ANNA, "--next", "60", "--random", "0.5")
    judge(trained.root, "round-1")
    assert "round-1" in run("sample")
    found = json.loads(run("quality", "--sample", "round-1", "--json"))
    assert found
    assert "judged blind: anna 60" in run("quality", "--sample", "round-1", errors=True)


def test_what_was_judged_is_not_chosen_again(trained, run):
    first = table(run("suggest", "round-1", *ANNA, "--next", "30"))
    judge(trained.root, "round-1")
    second = table(run("suggest", "round-2", *ANNA, "--next", "30"))
    assert not {(r["document"], r["span"]) for r in first} & {(r["document"], r["span"]) for r in second}


def test_what_waits_to_be_judged_is_not_chosen_again_either_for_the_same_codes(trained, run):
    first = table(run("suggest", "round-1", *ANNA, "--next", "30"))
    said = run("suggest", "round-2", *ANNA, "--next", "30", "--dry-run", errors=True)
    assert "30 sentences were left aside: they wait in another sample to be judged" in said
    second = table(run("suggest", "round-2", *ANNA, "--next", "30"))
    assert not {(r["document"], r["span"]) for r in first} & {(r["document"], r["span"]) for r in second}
    assert "left aside" not in run("suggest", "round-3", "--reader", "ben", "--next", "30", errors=True)


def test_an_example_may_lie_outside_the_documents_that_are_chosen_from(trained, run):
    told = json.loads(run("suggest", "round-1", *ANNA, "--next", "20", "--where", "donor=norland", "--json"))
    assert {one["document"].partition("/")[0] for one in told["chosen"]} == {"norland"}
    near = {each["document"].partition("/")[0] for one in told["chosen"] for each in one["near"]}
    assert near == {"norland", "sudland"}


def test_a_dry_run_says_the_same_and_writes_nothing(trained, run):
    shown = run("suggest", "round-1", *ANNA, "--dry-run")
    assert not (trained.root / "samples").exists()
    assert "Nothing was written" in run("suggest", "round-1", *ANNA, "--dry-run", errors=True)
    assert run("suggest", "round-1", *ANNA) == shown


def test_for_scripts_it_is_one_value(trained, run):
    told = json.loads(run("suggest", "round-1", *ANNA, "--next", "10", "--json"))
    assert set(told) == {
        "name", "at", "model", "coder", "codebook", "codes", "readers", "unit", "by", "where", "seed", "units",
        "read", "seen", "waiting", "chosen",
    }  # fmt: skip
    assert (told["model"], told["coder"], told["codes"]) == ("model", "rules", ["role", "behaviour"])
    assert told["read"] == 10 * len(READ)
    assert len(told["chosen"]) == 10
    assert set(told["chosen"][0]) == {
        "document", "start", "end", "words", "reason", "code", "probability", "threshold", "examples", "rules",
        "why", "near",
    }  # fmt: skip
    last = told["chosen"][-1]
    assert (last["reason"], last["code"], last["examples"]) == ("random", None, None)


def test_results_go_to_standard_output_and_what_is_said_of_them_does_not(trained, run):
    said = run("suggest", "round-1", *ANNA, "--next", "20", errors=True)
    assert said.startswith("20 sentences: ")
    assert "4 drawn by chance. Asked: role, behaviour. Seed 1." in said
    assert "Written to samples/round-1.json, without the reasons" in said
    assert "drawn by chance" in run("suggest", "round-2", *ANNA, "--next", "20")
    assert "Written" not in run("suggest", "round-3", *ANNA, "--next", "20")


def test_documents_in_which_the_reader_saw_what_others_coded_are_left_aside_and_counted(trained, run):
    with Project.open(trained.root).store() as store:
        store.add(act("ben", "look", Look(new_id(), "ben", "norland/x7")))
    said = run("suggest", "round-1", "--reader", "ben", "--next", "60", errors=True)
    assert "10 sentences were left aside: a reader has seen what others coded in their documents" in said
    drawn = Project.open(trained.root).sample("round-1").drawn
    assert "norland/x7" not in {one.segment.document for one in drawn}


def test_the_codes_are_those_named_and_else_those_of_a_sample_that_the_model_was_trained_on(trained, run):
    run("suggest", "named", *ANNA, "--codes", "behaviour", "--codes", "orientation.security")
    project = Project.open(trained.root)
    assert tuple(project.sample("named").codes) == ("behaviour", "orientation.security")
    train(trained.root, "narrow", codes=("behaviour.training", "behaviour"))
    run("suggest", "narrow", *ANNA, "--model", "narrow")
    assert tuple(Project.open(trained.root).sample("narrow").codes) == ("behaviour",)


def test_where_rules_do_not_look_for_all_codes_the_coding_of_the_model_is_judged(trained, run):
    train(trained.root, "narrow", rollup=False)  # rules stand below both codes only
    run("suggest", "narrow", *ANNA, "--model", "narrow")
    run("suggest", "wide", *ANNA, "--model", "model")
    project = Project.open(trained.root)
    assert (project.sample("narrow").coder, project.sample("wide").coder) == ("narrow", "rules")


def test_whose_coding_is_judged_can_be_said(trained, run):
    run("suggest", "round-1", *ANNA, "--coder", "model")
    assert Project.open(trained.root).sample("round-1").coder == "model"
    said = run("suggest", "other", *ANNA, "--coder", "modl", fails=True)
    assert "--coder is rules or model here, not 'modl'. Did you mean 'model'" in said


# What cannot be suggested


def test_without_a_model_it_says_how_to_train_one(bare, run):
    assert "there is no model yet" in run("suggest", "round-1", *ANNA, fails=True)
    assert "`coding train` trains one" in run("suggest", "round-1", *ANNA, fails=True)


def test_of_several_models_one_is_named_and_a_misspelt_one_is_met_with_the_nearest(trained, run):
    train(trained.root, "second")
    assert "name a model with --model: model, second" in run("suggest", "round-1", *ANNA, fails=True)
    said = run("suggest", "round-1", *ANNA, "--model", "secnd", fails=True)
    assert "Did you mean 'second'" in said
    assert json.loads(run("suggest", "round-1", *ANNA, "--model", "second", "--json"))["model"] == "second"


def test_a_model_of_another_codebook_is_refused(trained, run):
    trained.write("codebooks/other.yaml", OTHER)
    said = run("suggest", "round-1", *ANNA, "--codebook", "other", fails=True)
    assert "the model model has learned codes of book, and the codebook here is other" in said
    assert "(`--codebook book`)" in said


def test_a_code_that_means_something_else_by_now_is_refused(trained, run):
    trained.change("codebooks/book.yaml", "definition: What it does.", "definition: What it says.")
    assert "behaviour" in run("suggest", "round-1", *ANNA, fails=True)


def test_when_nothing_is_left_to_read_it_says_so(trained, run):
    corpus = Project.open(trained.root).corpus
    read_whole(trained.root, "anna", [d.id for d in corpus if d.id not in READ])
    said = run("suggest", "round-1", *ANNA, fails=True)
    assert "nothing is left to read: of 208 sentences 208 anna read" in said
    assert not (trained.root / "samples").exists()


def test_a_name_that_is_taken_is_refused_and_the_sample_stays(trained, run):
    run("suggest", "round-1", *ANNA)
    before = (trained.root / "samples/round-1.json").read_bytes()
    said = run("suggest", "round-1", *ANNA, fails=True)
    assert "there is a sample round-1 already" in said
    assert (trained.root / "samples/round-1.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "there is nobody to judge the sample. Name a reader"),
        (("--reader", "model"), "model cannot judge its own coding"),
        (("--reader", "rules"), "no name for a person"),
        ((*ANNA, "--next", "0"), "0 units are none to read"),
        ((*ANNA, "--next", "4"), "is 1 drawn by chance, and it takes one at least from each of 2 cases"),
        ((*ANNA, "--random", "2"), "a share lies between 0 and 1, not at 2"),
        ((*ANNA, "--codes", "rol"), "no code 'rol'. Did you mean 'role'"),
        ((*ANNA, "--codes", "orientation.security"), "has learned none of orientation.security"),
        ((*ANNA, "--by", "donr"), "Did you mean 'donor'"),
        ((*ANNA, "--where", "donor=norlnd"), "Did you mean 'norland'"),
    ],
)
def test_what_cannot_be_chosen_says_why_and_writes_nothing(trained, run, words, said):
    found = run("suggest", "round-1", *words, fails=True)
    assert said in found
    assert not (trained.root / "samples").exists()


def test_a_unit_that_was_chosen_for_a_code_has_the_nearest_that_people_read_beside_it(trained, run):
    corpus = Project.open(trained.root).corpus
    chosen = json.loads(run("suggest", "first", *ANNA, "--json"))["chosen"]
    for one in chosen:
        assert {each["bears"] for each in one["near"]} == ({True, False} if one["code"] else set())
        for each in one["near"]:
            assert each["document"] in READ
            assert each["coders"] == ["anna"]
            quoted_words = corpus[each["document"]].text[each["start"] : each["end"]]
            assert each["words"] == " ".join(quoted_words.split())
            assert each["bears"] == (one["code"] in says(quoted_words))
            assert 0 < each["nearness"] <= 1
