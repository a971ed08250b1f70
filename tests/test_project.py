"""A project is opened whole or refused with everything that is wrong, said at once."""

import re

import pytest

import coding
from coding.errors import CodingError
from coding.project import Project, shipped


def opened(sandbox):
    return Project.open(sandbox.root)


def test_a_project_knows_its_documents_cases_and_variables(sandbox):
    corpus = opened(sandbox).corpus
    assert [d.id for d in corpus][:2] == ["norland/a", "norland/b"]
    assert corpus["norland/a"].variables["donor"] == "norland"
    assert corpus.known_cases["sudland"].name == "Sudland"
    assert corpus.name("norland") == "Norland"


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda s: s.write("corpus/stray.txt", "A text."), "corpus/stray.txt: a document without a donor"),
        (lambda s: s.write("corpus/nobody/a.txt", "A text."), "corpus/nobody: 1 text without a donor. Add a case.yaml"),
        (lambda s: s.write("corpus/norland/new.txt", "A text."), "corpus/norland/new.txt: case.yaml has no variables for it"),
        (lambda s: s.change("corpus/norland/case.yaml", "year:", "yaer:"), "line 9, column 5: unknown key 'yaer'. Did you mean 'year'"),
        (lambda s: s.change("corpus/norland/case.yaml", "  a.txt:", "  aa.txt:"), "there is no file 'aa.txt'. Did you mean 'a.txt'"),
        (lambda s: s.change("corpus/norland/case.yaml", "  a.txt:", "  ../a.txt:"), "'../a.txt'"),
        (lambda s: s.change("corpus/norland/case.yaml", "id: norland", "id: nordland"), "the id is 'nordland', the folder 'norland'"),
        (lambda s: s.change("corpus/norland/case.yaml", "fidelity: digest", "fidelity: guess"), "'fidelity'"),
        (lambda s: s.change("corpus/norland/case.yaml", "year: 2015", "year: soon"), "'year'"),
        (lambda s: s.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    url: javascript:alert(1)"), "is not a web address"),
        (lambda s: s.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    date: 2015-13"), "is not a date"),
        (lambda s: s.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    statements: {known: [Not there.]}"), "not in the text: 'Not there.'"),
        (lambda s: (s.root / "corpus/nobody").mkdir(), "corpus/nobody: the folder is empty. Add a case.yaml and texts"),
        (lambda s: s.write("corpus/nobody/a.pdf", b"%PDF"), "corpus/nobody: there is no case.yaml"),
        (lambda s: s.write("corpus/norland/paper.pdf", b"%PDF"), "corpus/norland/paper.pdf: no format reads .pdf yet. Save its text as .txt"),
        (lambda s: s.write("corpus/norland/NOTES", b"x"), "corpus/norland/NOTES: no format reads files without an ending yet"),
        (lambda s: s.write("corpus/norland/p.pdf", b"x") and s.change("corpus/norland/case.yaml", "documents:\n", "documents:\n  p.pdf: {title: x, year: 2015, fidelity: digest, source_kind: primary}\n"), "corpus/norland/case.yaml, line 6, column 3: no format reads .pdf yet"),
        (lambda s: s.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    about: [norland, sutland]"), "line 10, column 22: no case 'sutland'. Did you mean 'sudland'?"),
        (lambda s: s.write("corpus/norland/a.txt", b""), "corpus/norland/a.txt: the text is empty"),
        (lambda s: s.write("corpus/norland/a.txt", b"\0\1"), "corpus/norland/a.txt: is not text"),
        (lambda s: s.write("corpus/norland/a.txt", b"caf\xe9"), "corpus/norland/a.txt, line 1: is not utf-8"),
        (lambda s: s.write("corpus/norland/a.md", "Twice.") and s.change("corpus/norland/case.yaml", "documents:\n", "documents:\n  a.md: {title: x, year: 2015, fidelity: digest, source_kind: primary}\n"), "2 documents have the id 'norland/a'"),
    ],
)  # fmt: skip
def test_a_wrong_corpus_says_where_and_what_next(sandbox, break_it, message):
    break_it(sandbox)
    with pytest.raises(CodingError) as caught:
        opened(sandbox).corpus  # noqa: B018  reading it is the act
    assert message in str(caught.value)


def test_a_text_may_be_about_cases_of_which_nothing_else_is_known(sandbox):
    entry = "year: 2015\n    about: [norland, east-sudland, estonia]"
    sandbox.change("corpus/norland/case.yaml", "year: 2015", entry)
    sandbox.change("corpus/sudland/case.yaml", "iso: SUD", "iso: SUD\nhomonyms: [East Sudland]")
    assert opened(sandbox).corpus["norland/a"].variables["about"] == ("norland", "east-sudland", "estonia")


@pytest.mark.parametrize("name", [".hidden.pdf", "Thumbs.db", "desktop.ini", ".DS_Store"])
def test_what_the_system_leaves_beside_texts_is_no_concern(sandbox, name):
    sandbox.write(f"corpus/norland/{name}", b"\0")
    (sandbox.root / "corpus/.ipynb_checkpoints").mkdir()
    assert len(opened(sandbox).corpus) == 6


def test_the_id_of_a_codebook_is_the_name_of_its_file(sandbox):
    sandbox.change("codebooks/book.yaml", "id: book", "id: other")
    with pytest.raises(
        CodingError, match="codebooks/book.yaml, line 1, column 1: the id is 'other', the file"
    ):
        opened(sandbox).codebook("book")


def test_everything_that_is_wrong_is_said_at_once(sandbox):
    sandbox.write("corpus/norland/a.txt", b"")
    sandbox.write("corpus/sudland/b.txt", b"\0")
    sandbox.write("corpus/stray.txt", "A text.")
    with pytest.raises(CodingError, match="3 problems"):
        opened(sandbox).corpus  # noqa: B018  reading it is the act


def test_an_unknown_codebook_or_study_names_the_nearest(sandbox):
    with pytest.raises(CodingError, match="codebooks/: no 'boook'. Did you mean 'book'"):
        opened(sandbox).codebook("boook")
    with pytest.raises(CodingError, match="studies/: no 'studdy'. Did you mean 'study'"):
        opened(sandbox).study_path("studdy")


def test_the_only_study_needs_no_name_and_one_of_several_does(sandbox):
    assert opened(sandbox).study_path().stem == "study"
    sandbox.write("studies/other.yaml", "id: other")
    with pytest.raises(CodingError, match="name a study: other, study"):
        opened(sandbox).study_path()
    sandbox.write("pyproject.toml", '[tool.coding]\nstudy = "other"\n')
    assert opened(sandbox).study_path().stem == "other"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.coding]\nstdy = 'x'\n", "unknown key 'stdy'. Did you mean 'study'"),
        ("[tool.coding]\nstudy = 3\n", "'study' is not a str"),
        ("[tool.coding\n", "not valid TOML"),
    ],
)
def test_wrong_settings_say_which(sandbox, settings, message):
    sandbox.write("pyproject.toml", settings)
    with pytest.raises(CodingError, match=message):
        opened(sandbox)


def test_a_folder_that_is_no_project_is_refused(tmp_path):
    with pytest.raises(CodingError, match="is no project"):
        Project.open(tmp_path)
    with pytest.raises(CodingError, match="no such folder"):
        Project.open(tmp_path / "none")


def test_without_a_folder_the_working_directory_counts_if_it_is_a_project(sandbox, monkeypatch, tmp_path):
    monkeypatch.chdir(sandbox.root)
    assert Project.open().root == sandbox.root
    monkeypatch.chdir(tmp_path)
    assert Project.open().root == shipped()


@pytest.mark.parametrize(
    ("move_it", "message"),
    [
        (lambda root: (root / "codebooks").rename(root / "codebook"), "needs the folder codebooks/. Is it codebook/? Rename"),
        (lambda root: (root / "corpus").rename(root / "korpus"), "needs the folder corpus/. Is it korpus/? Rename"),
        (lambda root: (root / "codebooks").rename(root / "corpus/codebooks"), "There is corpus/codebooks/: move it up"),
        (lambda root: (root / "codebooks").rename(root / "elsewhere"), "needs the folder codebooks/."),
    ],
)  # fmt: skip
def test_half_a_project_is_never_taken_for_the_shipped_one(sandbox, monkeypatch, move_it, message):
    move_it(sandbox.root)
    monkeypatch.chdir(sandbox.root)
    with pytest.raises(CodingError, match=re.escape(message)):
        Project.open()


@pytest.mark.parametrize("inside", ["corpus", "corpus/norland", "notes"])
def test_a_folder_inside_a_project_is_never_taken_for_the_shipped_one(sandbox, monkeypatch, inside):
    (sandbox.root / "notes").mkdir()
    monkeypatch.chdir(sandbox.root / inside)
    with pytest.raises(CodingError, match=f"lies inside the project {re.escape(str(sandbox.root))}"):
        Project.open()


def test_texts_in_a_folder_below_a_case_are_not_passed_over(sandbox):
    sandbox.write("corpus/norland/more/x.txt", b"Norland trains.")
    with pytest.raises(CodingError, match="corpus/norland/more: texts of a case stand beside its case.yaml"):
        _ = coding.Project.open(sandbox.root).corpus


def test_an_ending_in_capitals_is_an_ending(sandbox):
    sandbox.write("corpus/norland/LOST.TXT", b"Norland trains.")
    with pytest.raises(CodingError, match=r"LOST.TXT: case.yaml has no variables for it"):
        _ = coding.Project.open(sandbox.root).corpus


def test_problems_found_together_are_counted_once_each(sandbox):
    sandbox.write("corpus/norland/a.txt", b"")
    sandbox.write("corpus/norland/b.txt", b"")
    sandbox.change("codebooks/book.yaml", "definition: It trains.", "defintion: It trains.")
    with pytest.raises(CodingError) as caught:
        coding.check(coding.Project.open(sandbox.root))
    assert str(caught.value).startswith("4 problems:\n")
    assert str(caught.value).count("problems:") == 1
