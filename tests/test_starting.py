"""A new project opens and checks at once, claims nothing, and comes about whole or not at all."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coding.adding import add
from coding.checks import check
from coding.errors import CodingError
from coding.project import Project, shipped
from coding.selection import Selection
from coding.starting import CODEBOOKS, _id, start
from coding.study import Decisions, Study, read_study, run


def coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def template(tmp_path):
    start(tmp_path / "mine", codebook="empty")
    return tmp_path / "mine/studies/mine.yaml"


@pytest.mark.parametrize("codebook", CODEBOOKS)
def test_a_new_project_opens_and_checks(tmp_path, codebook):
    started = start(tmp_path / "New Donors", codebook=codebook)
    project = Project.open(tmp_path / "New Donors")
    found = check(project)
    assert (found.documents, found.cases, found.codebooks, found.studies) == (0, 0, 1, 1)
    assert found.rules > 0
    assert project.study == started.study == "new-donors"
    assert project.codebooks == (started.codebook,)
    assert list((project.root / "corpus").iterdir()) == []
    assert all((project.root / name).exists() for name in started.files)


def test_the_copied_codebook_is_the_shipped_one_letter_for_letter(tmp_path):
    start(tmp_path / "mine")
    ours, theirs = Project.open(tmp_path / "mine"), Project.open(shipped())
    name = "codebooks/constructivist.yaml"
    assert (ours.root / name).read_bytes() == (theirs.root / name).read_bytes()
    assert ours.codebook("constructivist").digest == theirs.codebook("constructivist").digest
    assert ours.measured(ours.codebook("constructivist")) == theirs.measured(
        theirs.codebook("constructivist")
    )


def test_every_decision_of_the_new_study_is_explained_where_it_stands(tmp_path):
    lines = template(tmp_path).read_text(encoding="utf-8").splitlines()
    decisions = {
        *Decisions.model_fields,
        *Selection.model_fields,
        "overlap",
        "least_clusters",
        "seed",
        "coders",
    }
    unexplained = set(decisions)
    for above, line in zip(["", *lines], lines, strict=False):
        key = re.match(r" *(?:# )?(\w+):", line)
        if key and ("#" in above or " #" in line):
            unexplained.discard(key[1])
    assert unexplained == set()
    assert all(re.search(rf"^(?:# )?{key}:", "\n".join(lines), re.MULTILINE) for key in Study.model_fields)


def test_a_new_study_names_no_donor_and_claims_nothing(tmp_path):
    plan, _ = read_study(template(tmp_path))
    assert plan.corpus.cases == []
    assert plan.findings == []
    assert plan.why == {}


def test_the_claim_that_the_new_study_shows_can_be_put_to_texts(tmp_path):
    path = template(tmp_path)
    for donor, words in (
        ("a-donor", "It trained police officers."),
        ("another-donor", "It trained teachers."),
    ):
        (tmp_path / "text.txt").write_text(words, encoding="utf-8")
        add(
            Project.open(tmp_path / "mine"), [tmp_path / "text.txt"],
            donor=donor, year=2020, fidelity="original", source_kind="primary", iso="XAA",
        )  # fmt: skip
    text = path.read_text(encoding="utf-8")
    begun, _, shown = text.partition("findings: []\n")
    claim = re.sub(r"^#", "", shown.partition("\n")[2], flags=re.MULTILINE)
    path.write_text(f"{begun}findings:\n{claim}", encoding="utf-8")
    (finding,) = run(Project.open(tmp_path / "mine")).findings
    assert finding.verdict == "undetermined"
    assert (finding.contrasts[0].first.n, finding.contrasts[0].first.base) == (1, 1)


@pytest.mark.parametrize(
    ("name", "study"),
    [
        ("mine", "mine"),
        ("My Study", "my-study"),
        ("2021", "study-2021"),
        ("n2021", "n2021"),
        ("3 donors", "study-3-donors"),
        ("Éire & Ísland", "eire-island"),
        ("my 🚀 study", "my-study"),
        ("日本-korea", "korea"),
        ("a_b..c", "a-b-c"),
    ],
)
def test_the_study_is_named_after_the_folder(tmp_path, name, study):
    assert start(tmp_path / name, codebook="empty").study == study
    assert check(Project.open(tmp_path / name)).studies == 1


@pytest.mark.parametrize("name", ["日本", "🚀", "---", "한국"])
def test_a_name_that_gives_no_id_is_refused_and_nothing_is_made(tmp_path, name):
    with pytest.raises(CodingError, match="no id of a study can be made of it"):
        start(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_every_name_gives_an_id_of_a_study_or_is_refused(name):
    assume(name not in (".", ".."))
    try:
        study = _id(Path(name))
    except CodingError:
        assert not re.search("[a-zA-Z0-9]", name)
        return
    assert re.fullmatch("[a-z][a-z0-9-]*", study)


@pytest.mark.parametrize("name", ['a: "b" #c', "it's {x}", "$id & ${codebook}", "[x]"])
def test_signs_of_yaml_in_a_name_are_only_signs(tmp_path, name):
    started = start(tmp_path / name, codebook="empty")
    plan, _ = read_study(tmp_path / name / f"studies/{started.study}.yaml")
    assert plan.title == name


@pytest.mark.parametrize("name", ["notes.txt", ".gitignore", "corpus"])
def test_a_folder_in_which_something_lies_is_refused_by_its_name(tmp_path, name):
    (tmp_path / "mine" / name).mkdir(parents=True)
    with pytest.raises(CodingError, match=f"mine is not empty: it holds '{re.escape(name)}'"):
        start(tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == [name]


def test_an_empty_folder_and_one_under_git_can_be_used(tmp_path):
    (tmp_path / "mine/.git").mkdir(parents=True)
    start(tmp_path / "mine", codebook="empty")
    assert (tmp_path / "mine/.git").is_dir()
    assert check(Project.open(tmp_path / "mine")).studies == 1


def test_the_working_directory_can_be_the_folder(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    started = start(Path(), codebook="empty")
    assert started.study == "mine"
    assert started.steps[0].startswith("coding add")
    assert check(Project.open()).studies == 1


@pytest.mark.parametrize("place", ["new", "corpus/new", "notes/of/mine"])
def test_a_project_inside_another_is_refused(sandbox, place):
    with pytest.raises(CodingError, match="lies inside the project .*project. Begin it elsewhere"):
        start(sandbox.root / place)
    assert not (sandbox.root / place).exists()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(CodingError, match="mine is a file"):
        start(tmp_path / "mine")
    with pytest.raises(CodingError, match="cannot be written"):
        start(tmp_path / "mine/below")
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


def test_an_unknown_codebook_names_the_nearest(tmp_path):
    with pytest.raises(CodingError, match="Did you mean 'empty'"):
        start(tmp_path / "mine", codebook="empyt")


@pytest.mark.parametrize("method", ["write_bytes", "replace", "mkdir"])
@pytest.mark.parametrize("calls", range(6))
@pytest.mark.parametrize("is_there", [False, True])
def test_a_start_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch, method, calls, is_there):
    if is_there:
        (tmp_path / "deep/mine").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    done, real = [], getattr(Path, method)

    def interrupted(*arguments, **options):
        done.append(arguments)
        if len(done) > calls:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(Path, method, interrupted)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path / "deep/mine")
    assert sorted(tmp_path.rglob("*")) == before


def test_the_way_of_a_newcomer_leads_to_a_matrix(tmp_path):
    made = coding("init", "My Study", "--codebook", "empty", cwd=tmp_path)
    assert "My Study/studies/my-study.yaml\t" in made.stdout
    assert "cd 'My Study'\n  coding add FILE... --donor" in made.stderr
    project = tmp_path / "My Study"

    looked = coding("check", cwd=project)
    assert looked.returncode == 0
    assert looked.stdout.startswith("All is well: 0 documents, 0 cases, 1 codebook")
    assert "There are no texts yet. Next: coding add FILE" in looked.stderr
    for command in ("reproduce", "matrix"):
        refused = coding(command, cwd=project)
        assert refused.returncode == 2
        assert "my-study.yaml: there are no texts yet. `coding add` brings them in." in refused.stderr

    for name, donor, words in (
        ("Police 2018.txt", "norland", "It trained police officers. It is a bridge."),
        ("teachers.md", "sudland", "It trained forty teachers."),
    ):
        (tmp_path / name).write_text(words, encoding="utf-8")
        added = coding("add", f"../{name}", "--donor", donor, "--iso", "XAA", "--year", "2018", cwd=project)
        assert added.returncode == 0, added.stderr
        assert "Next: coding check" in added.stderr

    looked = coding("check", cwd=project)
    assert looked.stdout.startswith("All is well: 2 documents, 2 cases, 1 codebook")
    shown = coding("matrix", cwd=project).stdout.splitlines()
    assert shown[:3] == [
        "code\tNorland\tSudland",
        "Behaviour\t0.500 (1/2)\t1.000 (1/1)",
        "Training\t0.500 (1/2)\t1.000 (1/1)",
    ]
    assert "Role\t·\t·" in shown
    assert coding("reproduce", "--no-figures", cwd=project).returncode == 0
    assert "puts no claim to the test" in (project / "out/my-study/report.html").read_text(encoding="utf-8")


def test_init_speaks_json_and_refuses_with_one_message(tmp_path):
    said = json.loads(coding("init", "mine", "--json", cwd=tmp_path).stdout)
    assert (said["study"], said["codebook"]) == ("mine", "constructivist")
    assert "studies/mine.yaml" in said["files"]
    again = coding("init", "mine", cwd=tmp_path)
    assert again.returncode == 2
    assert again.stderr.startswith("Error: mine is not empty: it holds '.gitignore' and")
