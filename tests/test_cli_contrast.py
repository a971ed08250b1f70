"""`coding contrast`, run as a user runs it: the numbers, the passages, the tables, and what is refused."""

import json

import pytest
from typer.testing import CliRunner

import coding
from coding.cli import contrasts
from coding.cli.app import app
from coding.errors import CodingError
from coding.study import run as carry_out


@pytest.fixture
def run(sandbox):
    """Run the command on the project; return what it printed to standard output, or the error's words."""

    def ask(*words, fails=False, errors=False):
        result = CliRunner().invoke(app, ["contrast", *words, "--project", str(sandbox.root)])
        if fails:
            assert isinstance(result.exception, CodingError), result.output
            return str(result.exception)
        assert result.exception is None, result.exception
        return result.stderr if errors else result.stdout

    return ask


def table(text):
    head, *rows = (line.split("\t") for line in text.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_without_options_two_donors_are_compared_in_the_categories(run):
    rows = table(run())
    assert [(row["code"], row["first"], row["second"]) for row in rows] == [
        ("role", "Norland", "Sudland"), ("behaviour", "Norland", "Sudland"),
    ]  # fmt: skip
    said = run(errors=True)
    assert "Each: share of searched sentences" in said
    assert "random deals of the two sides over independent documents or projects" in said


def test_the_numbers_are_those_of_the_library(run, sandbox):
    found = carry_out(coding.Project.open(sandbox.root))
    (row,) = json.loads(run("--on", "orientation.security", "--within", "behaviour", "--json"))["contrasts"]
    contrast = found.findings[0].contrasts[0]
    assert (row["difference"], row["low"], row["high"], row["placebo"]) == (
        contrast.difference, contrast.low, contrast.high, contrast.placebo,
    )  # fmt: skip
    assert next(one["document"] for one in row["influences"]) == row["strongest_document"]


def test_a_family_gives_the_composition_of_each_category(run):
    said = json.loads(run("--family", "orientation", "--json"))
    assert said["base"] == "coded"
    assert [(row["within"], row["code"]) for row in said["contrasts"]] == [
        (within, f"orientation.{part}")
        for within in ("role", "behaviour")
        for part in ("security", "development")
    ]
    assert said["together"] == 4


def test_passages_are_the_words_behind_both_shares(run, sandbox):
    rows = table(run("--on", "behaviour.training", "--passages"))
    corpus = coding.Project.open(sandbox.root).corpus
    assert {row["side"] for row in rows} == {"Norland", "Sudland"}
    for row in rows:
        assert corpus[row["document"]].text[int(row["start"]) : int(row["end"])] == row["quote"]
    (said,) = json.loads(run("--on", "behaviour.training", "--passages", "--json"))["contrasts"]
    assert len(said["passages"]) == len(rows)


@pytest.mark.parametrize("options", [[], ["--ranks"]])
def test_what_the_texts_are_goes_along_with_every_number(run, options):
    assert json.loads(run(*options, "--json"))["texts"] == "digests"
    assert "In digests." in run(*options, errors=True)
    assert "in digests" in run(*options, "--format", "markdown")


def test_one_base_is_said_of_a_composition(run):
    said = run("--family", "orientation", errors=True)
    assert "Each: share of the sentences of the code after “in” that are coded in the family" in said
    assert "searched" not in said


@pytest.mark.parametrize(
    ("words", "share"),
    [
        (["--on", "role"], "Role, of all searched"),
        (["--on", "role", "--base", "coded"], "Role, of what is coded as category"),
        (["--on", "orientation.security", "--within", "role"], "Security in Role"),
        (
            ["--on", "orientation.security", "--within", "role", "--base", "searched"],
            "Security, of all in Role",
        ),
    ],
)
def test_a_share_is_named_by_what_it_is_of(run, words, share):
    assert [row["share"] for row in table(run(*words))] == [share]
    assert {row["share"] for row in table(run(*words, "--ranks"))} == {share}


@pytest.mark.parametrize("options", [[], ["--ranks"]])
def test_a_category_is_not_compared_within_itself(run, options):
    assert {row["share"] for row in table(run("--within", "behaviour", *options))} == {"Role in Behaviour"}


@pytest.mark.parametrize("options", [[], ["--ranks"]])
def test_a_code_within_one_below_it_is_refused_or_left_out_with_the_reason(run, options):
    below = ("--within", "behaviour.training", *options)
    said = run("--on", "behaviour", *below, fails=True)
    assert said.startswith("'behaviour' is compared within 'behaviour.training', where every unit")
    both = ("--on", "role", "--on", "behaviour", *below)
    assert {row["share"] for row in table(run(*both))} == {"Role in Training"}
    reason = "share is 100 % whoever is compared: Behaviour in Training."
    assert reason in run(*both, errors=True)
    assert reason in run(*both, "--format", "markdown")
    assert json.loads(run(*both, "--json"))["left_out"] == ["Behaviour in Training"]
    assert "Left out" not in run("--on", "role", *below, errors=True)


def test_ranks_say_what_they_could_be(run):
    rows = table(run("--on", "role", "--ranks"))
    assert [(row["rank"], row["could be"]) for row in rows] == [("1", "1 to 2"), ("2", "1 to 2")]
    (share,) = json.loads(run("--on", "role", "--ranks", "--json"))["ranks"]
    assert [case["case"] for case in share["cases"]] == ["norland", "sudland"]


def test_a_third_donor_makes_each_stand_against_all_others(run, sandbox):
    case = (sandbox.root / "corpus/sudland/case.yaml").read_text(encoding="utf-8")
    for old, new in (("sudland", "westland"), ("Sudland", "Westland"), ("SUD", "WES")):
        case = case.replace(old, new)
    sandbox.write("corpus/westland/case.yaml", case)
    for name in "abc":
        sandbox.write(f"corpus/westland/{name}.txt", "Westland trains police and teachers.\n")
    sandbox.change("studies/study.yaml", "[norland, sudland]", "[norland, sudland, westland]")
    rows = table(run("--on", "behaviour"))
    assert [(row["first"], row["second"]) for row in rows] == [
        ("Norland", "all others"), ("Sudland", "all others"), ("Westland", "all others"),
    ]  # fmt: skip
    assert [row["second"] for row in table(run("--on", "role", "--first", "norland"))] == ["all others"]
    assert len(table(run("--on", "role", "--every-pair"))) == 3


@pytest.mark.parametrize("options", [[], ["--ranks"]])
def test_a_table_is_written_for_a_paper_and_for_other_programs(run, tmp_path, options):
    run(*options, "--out", str(tmp_path / "found.csv"))
    assert "Norland" in (tmp_path / "found.csv").read_text(encoding="utf-8-sig") or options
    assert run(*options, "--format", "markdown").startswith("**Table 1.**")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--second", "sudland"], "--second needs --first"),
        (["--first", "norland", "--every-pair"], "leave --first and --second out"),
        (["--first", "norlnd", "--second", "sudland"], "Did you mean 'norland'"),
        (["--family", "orientaton"], "Did you mean 'orientation'"),
        (["--family", "orientation", "--on", "role"], "leave --on out"),
        (["--on", "rol"], "Did you mean 'role'"),
        (["--base", "code"], "Did you mean 'coded'"),
        (["--ranks", "--on", "rol"], "Did you mean 'role'"),
        (["--ranks", "--on", "role", "--within", "rol"], "Did you mean 'role'"),
        (["--ranks", "--first", "norland"], "leave --first, --second, --every-pair and --passages out"),
        (["--ranks", "--second", "sudland"], "--ranks puts all donors in order"),
        (["--ranks", "--every-pair"], "--ranks puts all donors in order"),
        (["--ranks", "--passages"], "--ranks puts all donors in order"),
        (["--format", "csv"], "--out"),
        (["--on", "role", "--within", "role"], "'role' is compared within itself"),
        (["--ranks", "--on", "role", "--within", "role"], "'role' is compared within itself"),
        (["--out", "found.pdf"], ".xlsx, .png, .svg."),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(run, words, said):
    assert said in run(*words, fails=True)


def test_a_reader_sees_the_difference_with_all_that_belongs_to_it(sandbox, capsys):
    found = carry_out(coding.Project.open(sandbox.root))
    rows = coding.contrasts(
        found.matrix, on=["behaviour"], within=None, pairs="every pair", base="searched", seed=1
    )
    contrasts._print_row(found, rows.rows[0], together=6, passages=True)
    said = " ".join(capsys.readouterr().out.split())
    for part in (
        "Behaviour: Norland − Sudland",
        "0.0 points (",
        "Norland 75 % (3/4; 3)",
        "all 6 together",
        "ratio 1 (",
    ):
        assert part in said
    for part in ("placebo 1.00, adjusted 1.00", "without norland/a", "«trains»"):
        assert part in said


def test_a_reader_is_told_when_there_is_no_difference(sandbox, capsys):
    found = carry_out(coding.Project.open(sandbox.root))
    rows = coding.contrasts(
        found.matrix, on=["orientation.security"], within=["role"], pairs="every pair", base="coded", seed=1
    )
    contrasts._print_row(found, rows.rows[0], together=1, passages=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "Security in Role: Norland − Sudland —" in said
    assert "no base (0/0; 0)" in said


@pytest.mark.parametrize("options", [[], ["--ranks"]])
def test_a_figure_is_drawn_into_a_file_that_ends_so(run, tmp_path, options):
    run(*options, "--out", str(tmp_path / "found.svg"))
    assert (tmp_path / "found.svg").read_text(encoding="utf-8").startswith("<?xml")
    run(*options, "--out", str(tmp_path / "found.png"))
    assert (tmp_path / "found.png").read_bytes().startswith(b"\x89PNG")


def test_a_figure_of_several_pages_is_written_as_numbered_files(run, sandbox, tmp_path):
    codes = [f"behaviour.kind{i}" for i in range(12)]
    kinds = "".join(
        f"      - {{id: {code}, name: Kind {i}, definition: It is so.}}\n" for i, code in enumerate(codes)
    )
    sandbox.change("codebooks/book.yaml", "  - id: orientation\n", f"{kinds}  - id: orientation\n")
    asked = [word for code in codes for word in ("--on", code)]
    wide = [*asked, "--within", "behaviour", "--within", "role"]
    run(*wide, "--out", str(tmp_path / "found.png"))
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["found-1.png", "found-2.png"]
