"""Texts that come in: a table may say of each row whose it is."""

import json
import subprocess
import sys

import pytest

from coding.adding import add
from coding.errors import CodingError
from coding.project import Project
from coding.sources import Wanted
from coding.study import read_study

ALL = "donor,name,body,year\nnorland,x,Norland builds.,2011\nsudland,x,Sudland builds.,2012\nsudland,y,It rests.,2013\n"
TABLE = {"donor": None, "year": None, "fidelity": "digest", "source_kind": "primary"}


def coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "Speech.txt").write_text("We build bridges.\n", encoding="utf-8", newline="\n")
    return folder


def everything(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def table(desk, text=ALL, name="all.csv"):
    path = desk / name
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def of_rows(**said):
    return {**TABLE, "wanted": Wanted(text="body", id="name", **said)}


def test_one_table_brings_the_texts_of_all_its_donors(sandbox, desk):
    made = add(Project.open(sandbox.root), [table(desk)], **of_rows())
    assert [document.id for document in made.documents] == ["norland/x", "sudland/x", "sudland/y"]
    assert made.cases == ("corpus/norland/case.yaml", "corpus/sudland/case.yaml")
    found = Project.open(sandbox.root).corpus
    assert [(d.text, d.variables["year"], d.variables["donor"]) for d in found if d.id.endswith(("/x", "/y"))] == [
        ("Norland builds.\n", 2011, "norland"), ("Sudland builds.\n", 2012, "sudland"), ("It rests.\n", 2013, "sudland"),
    ]  # fmt: skip


def test_the_table_of_all_donors_changes_nothing_a_second_time(sandbox, desk):
    path = table(desk)
    add(Project.open(sandbox.root), [path], **of_rows())
    before = everything(sandbox.root)
    again = add(Project.open(sandbox.root), [path], **of_rows())
    assert (again.documents, again.unchanged) == ((), ("norland/x", "sudland/x", "sudland/y"))
    assert everything(sandbox.root) == before


def test_the_column_of_donors_may_have_another_name(sandbox, desk):
    path = table(desk, ALL.replace("donor,", "Country,"))
    made = add(Project.open(sandbox.root), [path], **of_rows(donor="Country"))
    assert [document.id for document in made.documents] == ["norland/x", "sudland/x", "sudland/y"]
    assert made.sources["norland/x"].notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ALL + "Sud Land,z,One.,2012\nnorland,v,Two.,2012\nSud Land,w,Three.,2012\n,q,Four.,2012\n",
            [
                "rows 5, 7: there is no donor 'Sud Land' in corpus/. Did you mean 'sudland'?",
                "row 8: no donor. Write its id there",
            ],
        ),
        (ALL.replace("donor,", "land,"), ["no column `donor` says whose each row is"]),
        (ALL.replace("Sudland builds.,2012", "Sudland builds.,2012a"), ["row 3"]),
    ],
)
def test_a_table_of_all_donors_is_taken_in_whole_or_not_at_all(sandbox, desk, text, said):
    before = everything(sandbox.root)
    with pytest.raises(CodingError) as error:
        add(Project.open(sandbox.root), [table(desk, text)], **of_rows())
    assert len(error.value.problems) == len(said)
    assert all(part in problem for part, problem in zip(said, error.value.problems, strict=True))
    assert everything(sandbox.root) == before


def test_rows_of_one_document_name_one_donor_and_one_of_them_is_enough(sandbox, desk):
    turns = "donor,name,body,year\nnorland,talk,We build.,2011\n,talk,Why?,\n"
    made = add(Project.open(sandbox.root), [table(desk, turns)], **of_rows(rows="segment"))
    assert [(d.id, d.text) for d in made.documents] == [("norland/talk", "We build.\n\nWhy?\n")]
    others = table(desk, turns.replace("\n,talk", "\nsudland,talk").replace("talk", "two"), "two.csv")
    with pytest.raises(CodingError, match="row 3: the donor of two is sudland, in row 2 norland"):
        add(Project.open(sandbox.root), [others], **of_rows(rows="segment"))


def test_with_a_donor_given_rows_of_others_are_left_out_as_ever(sandbox, desk):
    made = add(Project.open(sandbox.root), [table(desk)], **{**of_rows(), "donor": "sudland"})
    assert [document.id for document in made.documents] == ["sudland/x", "sudland/y"]
    assert "Of other donors, left out: 1 row." in made.sources["sudland/x"].notes


def test_without_a_donor_only_a_table_says_whose_its_texts_are(sandbox, desk):
    project, speech = Project.open(sandbox.root), desk / "Speech.txt"
    with pytest.raises(CodingError, match="--donor: say whose the texts are"):
        add(project, [speech], **{**TABLE, "year": 2011})
    with pytest.raises(CodingError, match="--iso: of a new donor, which --donor names"):
        add(project, [table(desk)], **of_rows(), iso="NOR")
    with pytest.raises(CodingError, match=r"Speech\.txt: nothing says whose text it is"):
        add(project, [table(desk), speech], **{**of_rows(), "year": 2011})


def test_all_donors_of_a_table_join_a_study_that_claims_nothing_yet(sandbox, desk):
    text = (sandbox.root / "studies/study.yaml").read_text(encoding="utf-8")
    text = text.replace("cases: [norland, sudland]", "cases: []")
    sandbox.write("studies/study.yaml", text[: text.index("findings:")] + "findings: []\n")
    for path in (sandbox.root / "corpus").glob("*/case.yaml"):
        said = path.read_text(encoding="utf-8").replace("fidelity: digest", "fidelity: original")
        path.write_text(said, encoding="utf-8")
    made = add(Project.open(sandbox.root), [table(desk)], **of_rows())
    assert made.study.endswith("Study study compares norland, sudland now.")
    plan, _ = read_study(sandbox.root / "studies/study.yaml")
    assert plan.corpus.cases == ["norland", "sudland"]


def test_the_command_adds_a_table_of_all_donors_and_says_where_to_correct_it(sandbox, desk):
    table(desk, ALL.replace("donor,", "land,"))
    words = ["add", desk / "all.csv", "--text", "body", "--id", "name", "--donor-column", "land"]
    ended = coding(*words, cwd=sandbox.root)
    assert ended.returncode == 0
    assert "corpus/norland/case.yaml, corpus/sudland/case.yaml." in ended.stderr
    said = json.loads(coding(*words, "--json", cwd=sandbox.root).stdout)
    assert (said["case"], said["unchanged"]) == (None, ["norland/x", "sudland/x", "sudland/y"])
    assert coding("add", desk / "Speech.txt", "--year", "2011", cwd=sandbox.root).returncode == 2
