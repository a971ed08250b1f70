"""`coding sample` and `coding quality --sample`, run as a user runs them: drawn once, judged blind, evaluated."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from coding.batch import Decision, Look, TakenBack, act, new_id, now, quoted
from coding.cli import quality, sample, work  # noqa: F401  their commands join the app
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


def tables(printed):
    """Return the tables that are printed below a title, by it: rows of cells, the head first."""
    parts = [part.splitlines() for part in printed.split("\n\n")[1:]]
    return {title: [line.split("\t") for line in lines] for title, *lines in parts}


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
            filed = Reading(
                reader, one.segment, asked or tuple(made.codes), now(), blind, kind, new_id(),
                sample=name, given=tuple(say(words)),
            )  # fmt: skip
            store.add(act(reader, "read", filed, *quoted(segments, project.corpus)))


def as_rules_say(words):
    return [
        code
        for code, beginnings in {
            "role": ["bridge"],
            "behaviour": ["rain"],
            "orientation.security": ["police"],
            "orientation.development": ["teacher"],
        }.items()
        if any(beginning in words for beginning in beginnings)
    ]


def otherwise(words):
    """Say of one hit that it is none, and of one other unit that it was missed."""
    if "officers" in words:
        return ["orientation.security"]
    return ["role"] if "rests" in words else as_rules_say(words)


# Drawing


def test_a_sample_is_drawn_and_kept_in_a_file_of_its_name(sandbox, run):
    rows = table(run("sample", "first", *ANNA, "--found", "1", "--others", "1"))
    assert [list(row.values()) for row in rows] == [
        ["norland", "role", "1", "1", "1.000"],
        ["norland", "orientation.security", "3", "1", "0.333"],
        ["sudland", "orientation.development", "3", "1", "0.333"],
        ["sudland", "none of the codes", "1", "1", "1.000"],
    ]
    made = Project.open(sandbox.root).sample("first")
    assert (made.coder, made.readers, tuple(made.codes)) == (
        "rules", ("anna",), ("role", "behaviour", "orientation.security", "orientation.development"),
    )  # fmt: skip
    assert (made.unit, made.counts, made.rollup, made.by, made.seed) == (
        "sentence",
        "any",
        True,
        ("donor",),
        1,
    )
    assert (made.n_units, len(made.drawn), made.n_unplaced) == (8, 4, 0)
    assert (made.where, made.n_found, made.n_others, made.reworded) == (("study study",), 1, 1, ())
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
    assert (made.where, made.n_found, made.n_others) == (("donor=norland",), 2, 2)
    assert [(s.cases, s.found, s.n_units) for s in made.strata] == [
        (("2015",), "role", 1),
        (("2015",), "orientation.security", 2),
    ]


def test_without_codes_the_parts_of_each_family_in_use_are_asked_for_and_those_below_on_request(sandbox, run):
    sandbox.change(
        "codebooks/book.yaml",
        "      - id: orientation.development\n",
        "      - {id: orientation.old, name: Old, definition: Old., retired: true}\n"
        "      - id: orientation.development\n",
    )
    asked = ["role", "behaviour", "orientation.security", "orientation.development"]
    assert json.loads(run("sample", "first", *ANNA, "--json"))["codes"] == asked
    below = json.loads(run("sample", "second", *ANNA, "--below", "--json"))["codes"]
    assert below == ["role", "role.bridge", "behaviour", "behaviour.training", *asked[2:]]


def test_a_family_of_one_code_without_parts_is_asked_for_itself(sandbox, run):
    sandbox.change(
        "codebooks/book.yaml",
        "orientation: [orientation]}",
        "orientation: [orientation], form: [form]}",
    )
    book = (sandbox.root / "codebooks/book.yaml").read_text(encoding="utf-8")
    sandbox.write(
        "codebooks/book.yaml",
        book
        + '  - {id: form, name: Form, definition: How., rules: [{id: it, phrase: "it", matches: [it]}]}\n',
    )
    assert json.loads(run("sample", "first", *ANNA, "--json"))["codes"][-1] == "form"


def test_without_conditions_the_documents_are_those_of_the_study(sandbox, run):
    sandbox.change(
        "corpus/sudland/case.yaml",
        "b.txt of sudland\n    year: 2015\n    fidelity: digest",
        "b.txt of sudland\n    year: 2015\n    fidelity: original",
    )
    of_study = {f"{case}/{name}" for case in ("norland", "sudland") for name in "abc"} - {"sudland/b"}
    assert "7 of 7 sentences of 5 documents (study study)." in run("sample", "first", *ANNA, errors=True)
    project = Project.open(sandbox.root)
    assert (project.sample("first").where, set(project.sample("first").documents)) == (
        ("study study",), of_study,
    )  # fmt: skip
    told = json.loads(run("sample", "second", *ANNA, "--where", "donor=sudland", "--json"))
    assert told["where"] == ["donor=sudland"]
    assert set(project.sample("second").documents) == {"sudland/a", "sudland/b", "sudland/c"}


def test_without_a_study_of_the_codebook_all_documents_are_drawn_from(sandbox, run):
    book = (sandbox.root / "codebooks/book.yaml").read_text(encoding="utf-8")
    sandbox.write("codebooks/another.yaml", book.replace("id: book", "id: another"))
    sandbox.change("corpus/sudland/case.yaml", "fidelity: digest", "fidelity: original")
    assert json.loads(run("sample", "first", *ANNA, "--json"))["where"] == ["study study"]
    other = json.loads(run("sample", "second", *ANNA, "--codebook", "another", "--json"))
    assert (other["codebook"], other["where"], other["units"]) == ("another", [], 8)
    assert "8 of 8 sentences of 6 documents. Asked" in run("sample", "second", errors=True)
    (sandbox.root / "studies/study.yaml").unlink()
    (sandbox.root / "codebooks/another.yaml").unlink()
    (sandbox.root / "samples/second.json").unlink()
    alone = json.loads(run("sample", "third", *ANNA, "--json"))
    assert (alone["where"], alone["units"]) == ([], 8)


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
        "unplaced", "strata", "where", "found", "others", "reworded", "readers",
    }  # fmt: skip
    assert (told["units"], told["drawn"], told["unplaced"]) == (8, 4, 0)
    assert told["strata"][1] == {
        "cases": ["norland"], "found": "orientation.security", "units": 3, "drawn": 1, "probability": 1 / 3,
    }  # fmt: skip
    assert told["strata"][3]["found"] is None
    assert (told["where"], told["found"], told["others"], told["reworded"]) == (["study study"], 1, 1, [])
    assert told["readers"] == {"anna": {"judged": 0, "to_judge": 4, "not_blind": 0}}
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


def look(root, coder, *documents):
    """File that a coder has seen what others coded in documents."""
    with Project.open(root).store() as store:
        store.add(act(coder, "look", *(Look(new_id(), coder, document) for document in documents)))


# Continuing


def test_without_a_sample_the_list_says_how_to_draw_one(run):
    assert "No sample was drawn yet. `coding sample NAME --reader WHO`" in run("sample", errors=True)
    assert json.loads(run("sample", "--json")) == []


def test_the_list_says_how_far_each_reader_has_come_with_each_sample(sandbox, run):
    run("sample", "second", *ANNA, "--codes", "behaviour")
    run("sample", "first", "--reader", "anna", "--reader", "ben")
    judge(sandbox.root, "second", as_rules_say, asked=("behaviour",))
    assert "Not blind" not in run("sample", errors=True)
    look(sandbox.root, "ben", "norland/a", "norland/b")
    drawn_on = Project.open(sandbox.root).sample("first").at[:10]
    head, *rows = (line.split("\t") for line in run("sample").splitlines())
    assert head == ["sample", "drawn on", "reader", "units", "judged", "to judge", "not blind"]
    assert rows == [
        ["first", drawn_on, "anna", "8", "0", "8", "0"],
        ["first", drawn_on, "ben", "8", "0", "5", "3"],
        ["second", drawn_on, "anna", "8", "8", "0", "0"],
    ]
    assert "Not blind: the reader has seen what others coded" in run("sample", errors=True)
    told = {each["name"]: each["readers"] for each in json.loads(run("sample", "--json"))}
    assert told == {
        "first": {
            "anna": {"judged": 0, "to_judge": 8, "not_blind": 0},
            "ben": {"judged": 0, "to_judge": 5, "not_blind": 3},
        },
        "second": {"anna": {"judged": 8, "to_judge": 0, "not_blind": 0}},
    }


def test_what_was_judged_before_one_looked_stays_judged(sandbox, run):
    run("sample", "first", *ANNA)
    judge(sandbox.root, "first", as_rules_say)
    look(sandbox.root, "anna", "norland/a")
    (row,) = table(run("sample", "first"))
    assert (row["judged"], row["to judge"], row["not blind"]) == ("8", "0", "0")


def test_a_document_read_whole_is_not_judged_and_cannot_be_blind_any_more(sandbox, run):
    run("sample", "first", *ANNA)
    read_whole(Project.open(sandbox.root), "anna")
    (row,) = table(run("sample", "first"))
    assert (row["judged"], row["to judge"], row["not blind"]) == ("0", "0", "8")
    assert "nothing of the sample first is judged yet" in run("quality", "--sample", "first", fails=True)


def test_a_unit_drawn_again_is_judged_anew(sandbox, run):
    run("sample", "first", *ANNA)
    judge(sandbox.root, "first", as_rules_say)
    run("sample", "second", *ANNA, "--codes", "behaviour")
    assert [(r["sample"], r["judged"], r["to judge"]) for r in table(run("sample"))] == [
        ("first", "8", "0"),
        ("second", "0", "8"),
    ]
    assert "nothing of the sample second is judged yet" in run("quality", "--sample", "second", fails=True)


def test_a_judgement_of_fewer_codes_or_of_other_units_is_none_of_the_sample(sandbox, run):
    run("sample", "first", *ANNA)
    run("sample", "documents", *ANNA, "--unit", "document")
    judge(sandbox.root, "first", as_rules_say, asked=("role", "behaviour"))
    judge(sandbox.root, "documents", as_rules_say)
    assert {r["sample"]: r["judged"] for r in table(run("sample"))} == {"documents": "6", "first": "0"}


def test_looking_and_trying_make_no_store(sandbox, run):
    run("sample", "first", *ANNA, "--dry-run", "--json")
    run("sample", "first", *ANNA)
    run("sample", "first")
    run("sample")
    assert not Project.open(sandbox.root).store_path.exists()


def test_the_log_says_where_a_unit_was_judged_and_which_document_was_read(sandbox, run):
    run("sample", "first", *ANNA, "--codes", "role")
    judge(sandbox.root, "first", lambda words: ["role"] if "rests" in words else [])
    read_whole(Project.open(sandbox.root), "ben")
    told = run("log")
    for one in Project.open(sandbox.root).sample("first").drawn:
        place = one.segment
        assert f"{place.document} {place.start}:{place.end} judged" in told
    assert "norland/a read" in told
    assert "sudland/a: role “Then it rests.”; sudland/a 25:39 judged" in told


def test_a_reader_can_join_and_all_else_stays(sandbox, run):
    run("sample", "first", *ANNA, "--found", "1", "--others", "1", "--seed", "3")
    before = json.loads((sandbox.root / "samples/first.json").read_text(encoding="utf-8"))
    rows = table(run("sample", "first", "--reader", "ben", "--reader", "anna", "--reader", "ben"))
    assert [(row["reader"], row["units"], row["to judge"]) for row in rows] == [
        ("anna", "4", "4"),
        ("ben", "4", "4"),
    ]
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
    rates = {(row[0], row[2]): row[3:] for row in rows[1:13]}
    assert rates["role", "all"][:3] == ["1", "1", "1.00"]
    assert rates["role", "all"][5] == "0.50"
    assert rates["behaviour", "all"][:3] == ["6", "6", "0.83"]
    assert rates["behaviour", "Norland"][2] == "0.67"
    assert rates["role", "Sudland"][:5] == ["0", "0", "", "", ""]
    head, *rows = tables(run("quality", "--sample", "first"))["Share of sentences that bear the code"]
    shares = {(row[0], row[1]): row for row in rows}
    assert len(head) == 2 + 4 * 3 + 1
    assert {len(row) for row in shares.values()} == {len(head)}
    assert shares["role", "Sudland"][2] == "0.00"
    assert shares["role", "Sudland"][5] == "0.25"
    assert head[-1] == "errs differently"
    assert {row[-1] for row in shares.values()} == {""}


def test_how_far_shares_differ_between_cases_is_a_table_of_its_own(judged, run):
    head, *rows = tables(run("quality", "--sample", "first"))["Difference of these shares"]
    assert head == ["code", "cases", "as coded", "low", "high", "PPI++", "low", "high"]
    assert [row[:3] for row in rows] == [
        ["role", "Norland − Sudland", "+0.25"],
        ["behaviour", "Norland − Sudland", "+0.00"],
        ["orientation.security", "Norland − Sudland", "+0.50"],
        ["orientation.development", "Norland − Sudland", "-0.75"],
    ]
    assert {tuple(row[5:]) for row in rows} == {("", "", "")}
    told = json.loads(run("quality", "--sample", "first", "--json"))["share_differences"]
    assert [(one["code"], one["cases"], one["naive"]["value"]) for one in told] == [
        ("role", ["norland", "sudland"], 0.25),
        ("behaviour", ["norland", "sudland"], 0),
        ("orientation.security", ["norland", "sudland"], 0.5),
        ("orientation.development", ["norland", "sudland"], -0.75),
    ]
    assert all("3 clusters of documents" in one["ppi"]["reason"] for one in told)


def widened(sandbox):
    """Give each case texts of fifteen sentences of one kind, in enough documents for a corrected share."""
    for case, words in (("norland", "police"), ("sudland", "teachers")):
        listed = (sandbox.root / f"corpus/{case}/case.yaml").read_text(encoding="utf-8")
        more = "".join(
            f"  {name}.txt:\n    title: {name} of {case}\n    year: 2015\n    fidelity: digest\n"
            "    source_kind: primary\n"
            for name in "def"
        )
        sandbox.write(f"corpus/{case}/case.yaml", listed + more)
        for name in "abcdef":
            told = [f"{case.title()} trains {words} {n}." for n in range(3)] + [
                "It rests.",
                "Then it goes on.",
            ]
            sandbox.write(f"corpus/{case}/{name}.txt", " ".join(told) + "\n")


def test_that_the_coder_errs_differently_is_warned_of_and_marked(sandbox, run):
    widened(sandbox)
    run("sample", "first", *ANNA, "--codes", "behaviour")
    judge(sandbox.root, "first", lambda words: ["behaviour"] if "Norland" in words else [])
    said = run("quality", "--sample", "first", errors=True)
    assert "Warning: precision of behaviour differs between Norland and Sudland by +1.00" in said
    assert "1 difference of precision or recall between cases compared, 1 of them sure" in said
    assert "* The coder errs differently in these cases" in said
    printed = run("quality", "--sample", "first")
    _, *shares = tables(printed)["Share of sentences that bear the code"]
    assert [row[-1] for row in shares] == ["yes", "yes"]
    ((_, _, *numbers),) = tables(printed)["Difference of these shares"][1:]
    assert (numbers[0], numbers[3]) == ("+0.00", "+0.60")
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert {one["errs_differently"] for one in told["shares"]} == {True}
    assert told["share_differences"][0]["ppi"]["value"] == pytest.approx(0.6)


def test_only_comparisons_of_enough_judgements_are_counted_those_of_rules_on_request(sandbox, run):
    widened(sandbox)
    run("sample", "first", *ANNA, "--codes", "behaviour", "--codes", "role")
    judge(sandbox.root, "first", as_rules_say)
    assert "2 differences of precision or recall between cases compared, 0 of them sure" in run(
        "quality", "--sample", "first", errors=True
    )
    assert "3 differences of precision or recall between cases compared, 0 of them sure" in run(
        "quality", "--sample", "first", "--rules", errors=True
    )


def test_of_too_few_judgements_no_comparison_is_counted_and_of_one_case_none_is_missed(judged, run):
    missed = "Whether the coder errs alike in all cases cannot be said: too little is judged in each."
    said = run("quality", "--sample", "first", errors=True)
    assert missed in said
    assert "compared," not in said
    run("sample", "alone", *ANNA, "--where", "donor=norland")
    judge(judged.root, "alone", as_rules_say)
    assert missed not in run("quality", "--sample", "alone", errors=True)
    assert "Difference of these shares" not in run("quality", "--sample", "alone")


def test_why_a_figure_is_not_to_be_had_is_said(judged, run):
    said = run("quality", "--sample", "first", errors=True)
    assert (
        "No precision (it was found in no unit): role (Sudland), orientation.development (Norland)." in said
    )
    assert (
        "No recall (readers gave it to none of the units that they judged): orientation.development (Norland)."
        in said
    )
    assert "Not all of it is judged" not in said


def test_where_strata_are_not_judged_yet_that_is_why_there_is_no_recall(sandbox, run):
    run("sample", "first", *ANNA)
    judge(sandbox.root, "first", as_rules_say)
    project = Project.open(sandbox.root)
    (rests,) = [
        one.segment
        for one in project.sample("first").drawn
        if project.corpus[one.segment.document].quote(one.segment) == "Then it rests."
    ]
    with project.store() as store:
        gone = [TakenBack(r.id, b.id) for b in store.batches() for r in b.of(Reading) if r.segment == rests]
        store.add(act("anna", "take back", *gone))
    said = run("quality", "--sample", "first", errors=True)
    assert (
        "judged blind: anna 7.\nNot all of it is judged: what is stands for the rest of its stratum." in said
    )
    (line,) = [line for line in said.splitlines() if line.startswith("No recall (some strata are not")]
    assert line == (
        "No recall (some strata are not judged yet): role (all), role (Sudland), behaviour (all), behaviour "
        "(Sudland), orientation.security (all), orientation.security (Sudland), orientation.development (all), "
        "orientation.development (Sudland)."
    )
    told = json.loads(run("quality", "--sample", "first", "--json"))
    role = told["rates"][0]
    assert (role["recall"]["value"], role["recall"]["reason"]) == (None, "some strata are not judged yet")


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
    said = run("quality", "--sample", "first", errors=True)
    assert "judged blind: anna 8, ben 0.\nNot all of it is judged" in said
    assert "\n8 more do not count: their reader could see what others had coded there." in said
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert told["readers"] == {"anna": {"judged": 8, "not_blind": 0}, "ben": {"judged": 0, "not_blind": 8}}
    assert told["rates"][0]["recall"]["value"] == 0.5


def test_for_scripts_quality_is_one_value_with_all_that_the_tables_say(judged, run):
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert set(told) == {
        "sample", "coder", "codebook", "codebook_changed", "unit", "units", "drawn", "readers", "width", "seed",
        "rates", "differences", "shares", "share_differences", "errors",
    }  # fmt: skip
    assert (told["sample"], told["coder"], told["codebook"], told["codebook_changed"]) == (
        "first", "rules", "book", False,
    )  # fmt: skip
    assert (told["units"], told["drawn"], told["width"], told["seed"]) == (8, 8, 0.2, 1)
    whole = [one for one in told["rates"] if one["rule"] is None and one["case"] is None]
    codes = ["role", "behaviour", "orientation.security", "orientation.development"]
    assert [one["code"] for one in whole] == codes
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
        assert one["code"] in codes
    assert {tuple(one["cases"]) for one in told["differences"]} == {("norland", "sudland")}
    share = next(one for one in told["shares"] if (one["code"], one["case"]) == ("behaviour", "norland"))
    assert share["naive"]["value"] == 0.75
    assert share["sample"]["value"] == 0.5
    assert share["ppi"]["value"] is None
    assert share["ppi"]["reason"]
    assert share["errs_differently"] is False
    assert told["errors"] == []


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
    many = ("behaviour", "orientation.security", "orientation.development")
    assert kinds == [("role", "found alone")] + [(code, "found alone") for code in many for _ in range(2)]


def test_which_errors_are_shown_is_drawn_by_the_seed(sandbox, run):
    run("sample", "first", *ANNA, "--codes", "behaviour")
    judge(sandbox.root, "first", lambda _: [])

    def shown(seed):
        told = json.loads(run("quality", "--sample", "first", "--errors", "2", "--seed", seed, "--json"))
        return [error["place"] for error in told["errors"]]

    assert shown("1") == shown("1")
    assert all(len(shown(seed)) == 2 for seed in "12")
    drawn = {tuple(shown(str(seed))) for seed in range(6)}
    assert len(drawn) > 1
    assert len({place for places in drawn for place in places}) > 2


def test_for_scripts_errors_stand_in_the_value_too(judged, run):
    (missed, alone) = json.loads(run("quality", "--sample", "first", "--errors", "3", "--json"))["errors"]
    assert missed == {
        "code": "role", "error": "missed", "readers who gave it": "100%", "place": "sudland/a 25:39",
        "before": "Sudland trains teachers.", "unit": "Then it rests.", "after": "",
    }  # fmt: skip
    assert (alone["code"], alone["error"], alone["place"]) == ("behaviour", "found alone", "norland/b 0:31")


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
    assert [(row["judged"], row["to judge"]) for row in table(run("sample", "first"))] == [("6", "2")]
    (judged.root / "corpus/sudland/a.txt").unlink()
    case = (judged.root / "corpus/sudland/case.yaml").read_text(encoding="utf-8")
    start, end = case.index("  a.txt:"), case.index("  b.txt:")
    judged.write("corpus/sudland/case.yaml", case[:start] + case[end:])
    assert "sudland/a is not in the corpus any more" in run("quality", "--sample", "first", fails=True)


def test_new_words_that_ask_the_same_are_said_to_and_the_file_keeps_when(judged, run):
    before = json.loads((judged.root / "samples/first.json").read_text(encoding="utf-8"))
    judged.change(
        "codebooks/book.yaml", "definition: What it does for others.", "definition: In other words."
    )
    assert "`coding sample first --still-asks`" in run("quality", "--sample", "first", fails=True)
    said = run("sample", "first", "--still-asks", errors=True)
    assert "Kept that the codes, as they are worded now, ask the same as before." in said
    after = json.loads((judged.root / "samples/first.json").read_text(encoding="utf-8"))
    role = Project.open(judged.root).codebook("book")["role"].meaning
    (at,) = after["reworded"]
    assert before["at"] < at <= now()
    assert after == {**before, "codes": {**before["codes"], "role": role}, "reworded": [at]}
    told = json.loads(run("quality", "--sample", "first", "--json"))
    assert (told["codebook_changed"], told["rates"][0]["recall"]["value"]) == (True, 0.5)
    again = json.loads(run("sample", "first", "--still-asks", "--json"))["reworded"]
    assert again[0] == at < again[1]


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
