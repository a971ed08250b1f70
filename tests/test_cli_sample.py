"""`coding sample` and `coding quality --sample`, run as a user runs them: drawn once, judged blind, evaluated."""

import json
import shutil
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from coding.batch import Decision, TakenBack, act, new_id, now, quoted
from coding.cli import quality, sample  # noqa: F401  their commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.model import CodedSegment, Coder, Reading
from coding.project import Project

ANNA = ("--reader", "anna")


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
    """Return the rows of the first table printed, by the names of its columns."""
    head, *rows = (line.split("\t") for line in printed.split("\n\n")[0].splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


def judge(root, name, say, *, reader="anna", blind=True, asked=None, kind="person"):
    """Judge all units of a sample: `say` tells which codes a unit bears."""
    project = Project.open(root)
    made, book = project.sample(name), project.codebook("book")
    with project.store() as store:
        for one in made.drawn:
            words = project.corpus[one.segment.document].quote(one.segment)
            segments = [
                CodedSegment(new_id(), one.segment, code, book[code].meaning, reader) for code in say(words)
            ]
            filed = Reading(reader, one.segment, asked or tuple(made.codes), now(), blind, kind, new_id())
            store.add(act(reader, "read", filed, *quoted(segments, project.corpus)))


def as_rules_say(words):
    return [
        code
        for code, beginnings in {
            "role": ["bridge"],
            "behaviour": ["rain"],
            "orientation": ["police", "teacher"],
        }.items()
        if any(beginning in words for beginning in beginnings)
    ]


def otherwise(words):
    """Say of one hit that it is none, and of one other unit that it was missed."""
    if "officers" in words:
        return ["orientation"]
    return ["role"] if "rests" in words else as_rules_say(words)


# Drawing


def test_a_sample_is_drawn_and_kept_in_a_file_of_its_name(sandbox, run):
    rows = table(run("sample", "first", *ANNA, "--found", "1", "--others", "1"))
    assert [list(row.values()) for row in rows] == [
        ["norland", "role", "1", "1", "1.000"],
        ["norland", "behaviour", "3", "1", "0.333"],
        ["sudland", "behaviour", "3", "1", "0.333"],
        ["sudland", "none of the codes", "1", "1", "1.000"],
    ]
    made = Project.open(sandbox.root).sample("first")
    assert (made.coder, made.readers, tuple(made.codes)) == (
        "rules", ("anna",), ("role", "behaviour", "orientation"),
    )  # fmt: skip
    assert (made.unit, made.counts, made.rollup, made.by, made.seed) == (
        "sentence",
        "any",
        True,
        ("donor",),
        1,
    )
    assert (made.n_units, len(made.drawn), made.n_unplaced) == (8, 4, 0)
    assert [path.name for path in (sandbox.root / "samples").iterdir()] == ["first.json"]


def test_what_is_asked_on_the_command_line_is_what_is_drawn(sandbox, run):
    run(
        "sample", "v1.2", "--reader", "anna", "--reader", "ben@home", "--codes", "orientation.security",
        "--codes", "role", "--unit", "document", "--counts", "greater part", "--by", "year",
        "--where", "donor=norland", "--found", "2", "--others", "2", "--seed", "9",
    )  # fmt: skip
    made = Project.open(sandbox.root).sample("v1.2")
    assert tuple(made.codes) == ("role", "orientation.security")
    assert (made.readers, made.unit, made.counts, made.by, made.seed) == (
        ("anna", "ben@home"), "document", "greater part", ("year",), 9,
    )  # fmt: skip
    assert set(made.documents) == {"norland/a", "norland/b", "norland/c"}
    assert [(s.cases, s.found, s.n_units) for s in made.strata] == [
        (("2015",), "role", 1),
        (("2015",), "orientation.security", 2),
    ]


def test_codes_below_those_named_are_asked_for_as_well_without_the_retired(sandbox, run):
    sandbox.change(
        "codebooks/book.yaml",
        "      - id: orientation.development\n",
        "      - {id: orientation.old, name: Old, definition: Old., retired: true}\n"
        "      - id: orientation.development\n",
    )
    run("sample", "first", *ANNA, "--codes", "orientation", "--below")
    made = Project.open(sandbox.root).sample("first")
    assert tuple(made.codes) == ("orientation", "orientation.security", "orientation.development")


def test_a_dry_run_says_the_same_and_writes_nothing(sandbox, run):
    shown = run("sample", "first", *ANNA, "--dry-run")
    assert not (sandbox.root / "samples").exists()
    assert "Nothing was written" in run("sample", "first", *ANNA, "--dry-run", errors=True)
    assert run("sample", "first", *ANNA) == shown
    drawn = json.loads(run("sample", "first", "--json"))
    told = json.loads(run("sample", "second", *ANNA, "--dry-run", "--json"))
    assert told == {**drawn, "name": "second", "at": told["at"]}
    assert [path.name for path in (sandbox.root / "samples").iterdir()] == ["first.json"]


def test_for_scripts_a_sample_is_one_value(run):
    told = json.loads(run("sample", "first", *ANNA, "--found", "1", "--others", "1", "--json"))
    assert set(told) == {
        "name", "at", "coder", "codebook", "codes", "unit", "counts", "rollup", "by", "seed", "units", "drawn",
        "unplaced", "strata", "readers",
    }  # fmt: skip
    assert (told["units"], told["drawn"], told["unplaced"]) == (8, 4, 0)
    assert told["strata"][1] == {
        "cases": ["norland"], "found": "behaviour", "units": 3, "drawn": 1, "probability": 1 / 3,
    }  # fmt: skip
    assert told["strata"][3]["found"] is None
    assert told["readers"] == {"anna": {"judged": 0, "not_blind": 0}}
    assert json.loads(run("sample", "first", "--json")) == told
    assert json.loads(run("sample", "--json")) == [told]


def test_the_same_seed_draws_the_same_units(sandbox, run):
    for name, seed in (("one", "5"), ("again", "5"), ("other", "6")):
        run("sample", name, *ANNA, "--found", "1", "--others", "1", "--seed", seed)
    project = Project.open(sandbox.root)
    one, again, other = (project.sample(name).drawn for name in ("one", "again", "other"))
    assert one == again != other


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["first"], "nobody to judge the sample. Name a reader"),
        (["../first", *ANNA], "cannot be a sample's name"),
        (["First", *ANNA], "cannot be a sample's name"),
        (["first", "--reader", "rules"], "rules cannot judge its own coding"),
        (["first", "--reader", "a b"], "cannot be a coder's name"),
        (["first", *ANNA, *ANNA], "'anna' is named twice"),
        (["first", *ANNA, "--codes", "rol"], "no code 'rol'. Did you mean 'role'"),
        (["first", *ANNA, "--codebook", "bok"], "no 'bok'. Did you mean 'book'"),
        (["first", *ANNA, "--unit", "word"], "unit: 'word' is not one of"),
        (["first", *ANNA, "--counts", "most"], "counts: 'most' is not one of"),
        (["first", *ANNA, "--by", "donr"], "Did you mean 'donor'"),
        (["first", *ANNA, "--where", "donor=norlnd"], "Did you mean 'norland'"),
        (["first", *ANNA, "--coder", "bne"], "nobody codes here as 'bne'"),
        (["first", *ANNA, "--found", "0", "--others", "0"], "nothing is to be drawn"),
        (["first", *ANNA, "--where", "donor=sudland", "--codes", "role", "--others", "0"], "no sentence is drawn"),
        (["first", *ANNA, "--codes", "role", "--no-rollup"], "rules has not looked for role in 8 of 8 units"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_says_why_and_writes_nothing(sandbox, run, words, said):
    assert said in run("sample", *words, fails=True)
    assert not (sandbox.root / "samples").exists()


@pytest.mark.parametrize("option", ["--found", "--others", "--seed"])
def test_a_negative_number_is_refused(sandbox, option):
    result = CliRunner().invoke(app, ["sample", "first", *ANNA, option, "-1", "--project", str(sandbox.root)])
    assert result.exit_code == 2
    assert f"'{option}'" in result.stderr


def read_whole(project, coder, *said, kind="person"):
    """File that a coder has read all documents, and gave words a code: (document, words, code)."""
    book = project.codebook("book")
    segments = []
    for document, words, code in said:
        start = project.corpus[document].text.index(words)
        place = project.corpus[document].segment(start, start + len(words))
        segments.append(CodedSegment(new_id(), place, code, book[code].meaning, coder))
    readings = [Reading(coder, d.whole, None, now(), True, kind, new_id()) for d in project.corpus]
    with project.store() as store:
        store.add(act(coder, "read", *quoted(segments, project.corpus), *readings))
    return segments


def test_the_coding_of_a_person_is_judged_without_what_was_ruled_afterwards(sandbox, run):
    project = Project.open(sandbox.root)
    (segment,) = read_whole(project, "ben", ("sudland/a", "rests", "role.bridge"))
    instead = CodedSegment(
        new_id(), segment.segment, "behaviour", project.codebook("book")["behaviour"].meaning, "ben"
    )
    with project.store() as store:
        ruling = Decision(new_id(), segment.id, "recode", "ben", now(), instead=instead.id)
        store.add(act("ben", "decide", *quoted([instead], project.corpus), ruling))
    rows = table(run("sample", "ben", *ANNA, "--coder", "ben"))
    assert [(row["case"], row["ben found"], row["sentences"]) for row in rows] == [
        ("norland", "none of the codes", "4"),
        ("sudland", "role", "1"),
        ("sudland", "none of the codes", "3"),
    ]
    assert "ben cannot judge its own coding" in run(
        "sample", "other", "--coder", "ben", "--reader", "ben", fails=True
    )


@pytest.mark.parametrize("name", ["rules", "model"])
def test_a_machine_is_no_reader(sandbox, run, name):
    project = Project.open(sandbox.root)
    read_whole(project, "ben")
    with project.store() as store:
        store.add(act("ben", "tag", Coder("model", "model")))
    read_whole(project, "model", kind="model")
    said = run("sample", "first", "--coder", "ben", "--reader", name, fails=True)
    assert f"'{name}' is no name for a person" in said


# Continuing


def test_without_a_sample_the_list_says_how_to_draw_one(run):
    assert "No sample was drawn yet. `coding sample NAME --reader WHO`" in run("sample", errors=True)
    assert json.loads(run("sample", "--json")) == []


def test_the_list_says_how_far_each_reader_has_come_with_each_sample(sandbox, run):
    run("sample", "second", *ANNA, "--codes", "behaviour")
    run("sample", "first", "--reader", "anna", "--reader", "ben")
    judge(sandbox.root, "second", as_rules_say, asked=("behaviour",))
    judge(sandbox.root, "first", as_rules_say, reader="ben", blind=False)
    rows = [(r["sample"], r["reader"], r["judged"], r["not blind"]) for r in table(run("sample"))]
    assert rows == [
        ("first", "anna", "0 of 8", ""),
        ("first", "ben", "0 of 8", "8"),
        ("second", "anna", "8 of 8", ""),
    ]
    told = {each["name"]: each["readers"] for each in json.loads(run("sample", "--json"))}
    assert told == {
        "first": {"anna": {"judged": 0, "not_blind": 0}, "ben": {"judged": 0, "not_blind": 8}},
        "second": {"anna": {"judged": 8, "not_blind": 0}},
    }


def test_a_reader_can_join_and_all_else_stays(sandbox, run):
    run("sample", "first", *ANNA, "--found", "1", "--others", "1", "--seed", "3")
    before = json.loads((sandbox.root / "samples/first.json").read_text(encoding="utf-8"))
    rows = table(run("sample", "first", "--reader", "ben", "--reader", "anna", "--reader", "ben"))
    assert [(row["reader"], row["judged"]) for row in rows] == [("anna", "0 of 4"), ("ben", "0 of 4")]
    after = json.loads((sandbox.root / "samples/first.json").read_text(encoding="utf-8"))
    assert after == {**before, "readers": ["anna", "ben"]}


def test_looking_at_a_sample_does_not_touch_its_file(sandbox, run):
    run("sample", "first", *ANNA)
    path = sandbox.root / "samples/first.json"
    before = path.read_bytes(), path.stat().st_mtime_ns
    run("sample", "first")
    run("sample", "first", *ANNA)
    run("sample")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--seed", "1"], "--seed"),
        (["--codes", "role"], "--codes"),
        (["--found", "50", "--others", "50"], "--found, --others"),
        (["--no-rollup"], "--rollup"),
        (["--coder", "rules"], "--coder"),
        (["--where", "donor=norland"], "--where"),
        (["--dry-run"], "--dry-run"),
    ],
)
def test_a_sample_that_was_drawn_stays_as_it_is(sandbox, run, words, named):
    run("sample", "first", *ANNA)
    before = (sandbox.root / "samples/first.json").read_bytes()
    said = run("sample", "first", "--reader", "ben", *words, fails=True)
    assert f"stays as it is ({named})" in said
    assert "only readers can be added" in said
    assert (sandbox.root / "samples/first.json").read_bytes() == before


def test_who_joins_later_cannot_be_the_coder_either(sandbox, run):
    run("sample", "first", *ANNA)
    before = (sandbox.root / "samples/first.json").read_bytes()
    assert "rules cannot judge its own coding" in run("sample", "first", "--reader", "rules", fails=True)
    assert "cannot be a coder's name" in run("sample", "first", "--reader", "a b", fails=True)
    assert (sandbox.root / "samples/first.json").read_bytes() == before


def test_a_file_under_another_name_or_changed_by_hand_is_refused(sandbox, run):
    run("sample", "first", *ANNA)
    shutil.copy(sandbox.root / "samples/first.json", sandbox.root / "samples/second.json")
    said = "samples/second.json: the name is 'first', the file 'second.json'"
    assert said in run("sample", "second", fails=True)
    assert said in run("quality", "--sample", "second", fails=True)
    sandbox.change("samples/first.json", '"units": 3', '"units": 4')
    assert "what is said of its strata is not what stands in them" in run("sample", "first", fails=True)
    assert "changed by hand" in run("quality", "--sample", "first", fails=True)


def test_a_code_that_is_gone_is_an_error_and_not_a_crash(sandbox, run):
    run("sample", "first", *ANNA, "--codes", "role.bridge")
    sandbox.change("codebooks/book.yaml", "id: role.bridge", "id: role.ferry")
    assert "role.bridge" in run("sample", "first", fails=True)
    assert "role.bridge" in run("quality", "--sample", "first", fails=True)


# Quality


def test_quality_is_of_a_sample_or_of_a_gold_file(sandbox, run):
    for words in ([], ["--sample", "first", "--gold", "gold.jsonl"]):
        assert "(`--sample NAME`, drawn by `coding sample`)" in run("quality", *words, fails=True)
    assert "--rules goes with --sample" in run("quality", "--gold", "gold.jsonl", "--rules", fails=True)
    assert "--save goes with --gold" in run("quality", "--sample", "first", "--save", "t", fails=True)
    assert "--codebook goes with --gold" in run(
        "quality", "--sample", "first", "--codebook", "book", fails=True
    )


def test_a_sample_that_there_is_not_names_the_nearest(run):
    assert "no 'first'. Draw one: `coding sample`" in run("quality", "--sample", "first", fails=True)
    run("sample", "first", *ANNA)
    assert "no 'frist'. Did you mean 'first'" in run("quality", "--sample", "frist", fails=True)


def test_before_anything_is_judged_it_says_who_is_to_judge(sandbox, run):
    run("sample", "first", "--reader", "anna", "--reader", "ben")
    said = "nothing of the sample first is judged yet. `coding serve` asks its readers (anna, ben)"
    assert said in run("quality", "--sample", "first", fails=True)
    judge(sandbox.root, "first", as_rules_say, blind=False)
    assert said in run("quality", "--sample", "first", fails=True)


@pytest.mark.parametrize("width", ["0", "1", "-0.1", "nan"])
def test_a_width_that_is_none_is_refused(sandbox, run, width):
    run("sample", "first", *ANNA)
    assert "A width lies between 0 and 1" in run("quality", "--sample", "first", "--width", width, fails=True)


@pytest.fixture
def judged(sandbox, run):
    run("sample", "first", *ANNA)
    judge(sandbox.root, "first", otherwise)
    return sandbox


def test_in_a_pipe_every_number_has_its_own_column(judged, run):
    rows = [line.split("\t") for line in run("quality", "--sample", "first").splitlines()]
    head = ["code", "rule", "case", "found", "judged", "precision", "low", "high", "recall", "low", "high"]
    assert rows[0] == head
    rates = {(row[0], row[2]): row[3:] for row in rows[1:10]}
    assert rates["role", "all"][:3] == ["1", "1", "1.00"]
    assert rates["role", "all"][5] == "0.50"
    assert rates["behaviour", "all"][:3] == ["6", "6", "0.83"]
    assert rates["behaviour", "Norland"][2] == "0.67"
    assert rates["role", "Sudland"][:5] == ["0", "0", "", "", ""]
    at = next(i for i, row in enumerate(rows) if row[:3] == ["code", "case", "as coded"])
    shares = {(row[0], row[1]): row for row in rows[at + 1 :]}
    assert len(rows[at]) == 2 + 4 * 3 + 1
    assert {len(row) for row in shares.values()} == {len(rows[at])}
    assert shares["role", "Sudland"][2] == "0.00"
    assert shares["role", "Sudland"][5] == "0.25"
    assert rows[at][-1] == "errs alike"
    assert {row[-1] for row in shares.values()} == {"yes"}


def test_what_it_stands_on_is_said_beside_the_figures(judged, run):
    said = run("quality", "--sample", "first", errors=True)
    assert "rules, by the sample first: 8 of 8 sentences drawn on" in said
    assert "judged blind: anna 8." in said
    assert "No PPI++ (units are judged in 3 clusters of documents" in said
    assert "The codebook has changed" not in said
    assert "do not count" not in said


def test_open_judgements_are_said_and_do_not_count(judged, run):
    run("sample", "first", "--reader", "ben")
    judge(judged.root, "first", lambda _: ["role"], reader="ben", blind=False)
    assert "judged blind: anna 8, ben 0.\n8 more do not count" in run(
        "quality", "--sample", "first", errors=True
    )
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert told["readers"] == {"anna": {"judged": 8, "not_blind": 0}, "ben": {"judged": 0, "not_blind": 8}}
    assert told["rates"][0]["recall"]["value"] == 0.5


def test_for_scripts_quality_is_one_value_with_all_that_the_tables_say(judged, run):
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert set(told) == {
        "sample", "coder", "codebook", "codebook_changed", "unit", "units", "drawn", "readers", "width", "seed",
        "rates", "differences", "shares",
    }  # fmt: skip
    assert (told["sample"], told["coder"], told["codebook"], told["codebook_changed"]) == (
        "first", "rules", "book", False,
    )  # fmt: skip
    assert (told["units"], told["drawn"], told["width"], told["seed"]) == (8, 8, 0.2, 1)
    whole = [one for one in told["rates"] if one["rule"] is None and one["case"] is None]
    assert [one["code"] for one in whole] == ["role", "behaviour", "orientation"]
    behaviour = whole[1]
    assert (behaviour["units"], behaviour["found"], behaviour["judged"], behaviour["judged_found"]) == (
        8,
        6,
        8,
        6,
    )
    assert behaviour["precision"]["value"] == pytest.approx(5 / 6)
    assert behaviour["recall"]["value"] == 1
    assert {one["rule"] for one in told["rates"]} == {None, "bridge", "training", "police", "teachers"}
    for one in (*told["differences"], *told["shares"]):
        assert one["code"] in ("role", "behaviour", "orientation")
    assert {tuple(one["cases"]) for one in told["differences"]} == {("norland", "sudland")}
    share = next(one for one in told["shares"] if (one["code"], one["case"]) == ("behaviour", "norland"))
    assert share["naive"]["value"] == 0.75
    assert share["sample"]["value"] == 0.5
    assert share["ppi"]["value"] is None
    assert share["ppi"]["reason"]


def test_two_readers_who_differ_make_half_a_unit(judged, run):
    run("sample", "first", "--reader", "ben")
    judge(judged.root, "first", as_rules_say, reader="ben")
    told = json.loads(run("quality", "--sample", "first", "--json"))
    behaviour = next(one for one in told["rates"] if one["code"] == "behaviour" and one["case"] is None)
    assert behaviour["precision"]["value"] == pytest.approx(5.5 / 6)


def test_each_rule_is_judged_on_request(judged, run):
    plain, with_rules = run("quality", "--sample", "first"), run("quality", "--sample", "first", "--rules")
    found = {tuple(line.split("\t")[:6]) for line in with_rules.splitlines()} - {
        tuple(line.split("\t")[:6]) for line in plain.splitlines()
    }
    assert ("behaviour", "training", "all", "6", "6", "0.83") in found
    assert ("role", "bridge", "Norland", "1", "1", "1.00") in found
    assert not any(row[1] == "bridge" and row[2] == "Sudland" for row in found)


def test_errors_are_shown_in_context_and_on_request(judged, run):
    head = ["code", "error", "readers who gave it", "place", "before", "unit", "after"]
    rows = [line.split("\t") for line in run("quality", "--sample", "first", "--errors", "3").splitlines()]
    shown = rows[rows.index(head) + 1 :]
    assert shown == [
        ["role", "missed", "100%", "sudland/a 25:39", "Sudland trains teachers.", "Then it rests.", ""],
        ["behaviour", "found alone", "0%", "norland/b 0:31", "", "Norland trains police officers.", ""],
    ]
    assert "needs another sample" in run("quality", "--sample", "first", "--errors", "3", errors=True)
    assert head not in [line.split("\t") for line in run("quality", "--sample", "first").splitlines()]


def test_of_each_kind_no_more_errors_are_shown_than_asked_for(sandbox, run):
    run("sample", "first", *ANNA)
    judge(sandbox.root, "first", lambda _: [])
    rows = [line.split("\t") for line in run("quality", "--sample", "first", "--errors", "2").splitlines()]
    kinds = [tuple(row[:2]) for row in rows if "found alone" in row]
    assert (
        kinds
        == [("role", "found alone")]
        + [("behaviour", "found alone")] * 2
        + [("orientation", "found alone")] * 2
    )


@pytest.mark.parametrize("codes", [["role"], ["role.bridge"], ["orientation.security", "behaviour"]])
def test_the_rules_of_codes_that_were_not_asked_for_are_left_aside(sandbox, run, codes):
    run("sample", "first", *ANNA, *(word for code in codes for word in ("--codes", code)))
    judge(sandbox.root, "first", lambda _: [])
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert {one["code"] for one in told["rates"]} == set(codes)
    rules = {
        "role": "bridge",
        "role.bridge": "bridge",
        "behaviour": "training",
        "orientation.security": "police",
    }
    assert {one["rule"] for one in told["rates"]} == {None, *(rules[code] for code in codes)}


def test_rules_that_changed_are_judged_as_they_are_now_and_that_is_said(judged, run):
    judged.change(
        "codebooks/book.yaml",
        '{id: bridge, phrase: "bridge", matches: ["A bridge it is."]',
        '{id: bridge, phrase: [bridge, rests], matches: ["A bridge it is."]',
    )
    told = json.loads(run("quality", "--sample", "first", "--json"))
    role = told["rates"][0]
    assert (told["codebook_changed"], role["found"], role["recall"]["value"]) == (True, 2, 1)
    said = run("quality", "--sample", "first", errors=True)
    assert "The codebook has changed since the sample was drawn" in said


def test_a_text_or_a_meaning_that_changed_is_refused(judged, run):
    judged.change("codebooks/book.yaml", "definition: What it does for others.", "definition: Another.")
    assert "'role' in another meaning" in run("quality", "--sample", "first", fails=True)
    judged.change("codebooks/book.yaml", "definition: Another.", "definition: What it does for others.")
    judged.change("corpus/sudland/a.txt", "Then", "Now")
    assert "sudland/a has changed" in run("quality", "--sample", "first", fails=True)
    assert [row["judged"] for row in table(run("sample", "first"))] == ["6 of 8"]
    (judged.root / "corpus/sudland/a.txt").unlink()
    case = (judged.root / "corpus/sudland/case.yaml").read_text(encoding="utf-8")
    start, end = case.index("  a.txt:"), case.index("  b.txt:")
    judged.write("corpus/sudland/case.yaml", case[:start] + case[end:])
    assert "sudland/a is not in the corpus any more" in run("quality", "--sample", "first", fails=True)


def test_new_words_that_ask_the_same_are_said_to_and_what_was_coded_needs_its_own_word(judged, run):
    before = json.loads((judged.root / "samples/first.json").read_text(encoding="utf-8"))
    judged.change(
        "codebooks/book.yaml", "definition: What it does for others.", "definition: In other words."
    )
    assert "`coding sample first --still-asks`" in run("quality", "--sample", "first", fails=True)
    run("sample", "first", "--still-asks")
    after = json.loads((judged.root / "samples/first.json").read_text(encoding="utf-8"))
    role = Project.open(judged.root).codebook("book")["role"].meaning
    assert after == {**before, "codes": {**before["codes"], "role": role}}
    said = run("quality", "--sample", "first", fails=True)
    assert "anna coded 'role' in another meaning" in said
    assert "the earlier coding still holds" in said
    project = Project.open(judged.root)
    with project.store() as store:
        earlier = [(s, b.id) for b in store.batches() for s in b.of(CodedSegment) if s.code == "role"]
        held = [replace(s, id=new_id(), meaning=role) for s, _ in earlier]
        gone = [TakenBack(s.id, batch) for s, batch in earlier]
        store.add(act("anna", "code", *gone, *quoted(held, project.corpus)))
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert (told["codebook_changed"], told["rates"][0]["recall"]["value"]) == (True, 0.5)


def test_only_a_sample_that_was_drawn_still_asks_the_same(sandbox, run):
    assert "there is no 'first' yet" in run("sample", "first", *ANNA, "--still-asks", fails=True)
    assert not (sandbox.root / "samples").exists()
    run("sample", "first", *ANNA, "--codes", "role.bridge")
    before = (sandbox.root / "samples/first.json").read_bytes()
    sandbox.change("codebooks/book.yaml", "id: role.bridge", "id: role.ferry")
    assert "no code 'role.bridge'" in run("sample", "first", "--still-asks", fails=True)
    assert (sandbox.root / "samples/first.json").read_bytes() == before


def test_documents_that_were_left_out_of_the_draw_are_left_out_of_the_figures(sandbox, run):
    run("sample", "first", *ANNA, "--where", "donor=norland")
    judge(sandbox.root, "first", as_rules_say)
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert told["units"] == 4
    assert {one["case"] for one in told["rates"]} == {None, "norland"}
    assert told["differences"] == []


def test_the_codebook_is_that_of_the_sample_whatever_others_there_are(judged, run):
    before = json.loads(run("quality", "--sample", "first", "--json"))
    book = (judged.root / "codebooks/book.yaml").read_text(encoding="utf-8")
    judged.write("codebooks/another.yaml", book.replace("id: book", "id: another"))
    assert json.loads(run("quality", "--sample", "first", "--json")) == before
    (judged.root / "studies/study.yaml").unlink()
    assert json.loads(run("quality", "--sample", "first", "--json")) == before
