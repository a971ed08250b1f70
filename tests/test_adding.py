"""Texts are added whole or not at all; nothing that stood in a file is lost."""

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.adding import add
from coding.errors import CodingError
from coding.file_names import file_name, title_of
from coding.formats.case import read_case
from coding.formats.text import read_text
from coding.model import Document
from coding.project import Project
from coding.study import read_study

GIVEN = {"year": 2019, "fidelity": "digest", "source_kind": "primary"}
NEW = {**GIVEN, "donor": "eastland", "iso": "EAS"}


def coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def desk(tmp_path):
    """A folder outside the project, with a text."""
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk/Speech.txt").write_text("It trains police.\n", encoding="utf-8")
    return tmp_path / "desk"


def added(sandbox, *files, **given):
    return add(Project.open(sandbox.root), files, **{**GIVEN, "donor": "norland", **given})


def corpus(sandbox):
    return Project.open(sandbox.root).corpus


def everything(root):
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}


def refused(sandbox, *files, **given):
    """Return why files are refused; nothing has changed."""
    before = everything(sandbox.root)
    with pytest.raises(CodingError) as caught:
        added(sandbox, *files, **given)
    assert everything(sandbox.root) == before
    return str(caught.value)


def test_a_text_joins_an_existing_donor_with_its_variables(sandbox, desk):
    made = added(
        sandbox, desk / "Speech.txt", title="A  speech", type="speech", date="2019-03", language="en"
    )
    document = corpus(sandbox)["norland/speech"]
    assert made.documents == (document,)
    assert made.sources["norland/speech"].path == desk / "Speech.txt"
    assert document.text == "It trains police.\n"
    assert {k: document.variables[k] for k in ("donor", "title", "year", "date", "type", "fidelity")} == {
        "donor": "norland", "title": "A speech", "year": 2019, "date": "2019-03", "type": "speech", "fidelity": "digest",
    }  # fmt: skip
    assert not made.new_case


def test_a_new_donor_is_made_with_its_name_and_code(sandbox, desk):
    made = added(sandbox, desk / "Speech.txt", donor="east-eastland", iso="EAS")
    assert made.new_case
    file, _ = read_case(sandbox.root / made.cases[0])
    assert (file.id, file.name, file.iso, file.aliases) == (
        "east-eastland",
        "East Eastland",
        "EAS",
        ["East Eastland"],
    )
    assert [d.id for d in corpus(sandbox).where(donor="east-eastland")] == ["east-eastland/speech"]


@pytest.mark.parametrize(
    "raw",
    [
        b"One.\r\nTwo.\rThree.\n",
        "\ufeffOne.\r\n".encode(),
        "One 😀.\n\n日本。".encode("utf-16"),
        "One.".encode("utf-32"),
    ],
    ids=["ends of lines", "byte order mark", "UTF-16", "UTF-32"],
)
def test_a_text_has_the_digest_that_it_has_where_it_lies(sandbox, desk, raw):
    (desk / "a b.TXT").write_bytes(raw)
    made = added(sandbox, desk / "a b.TXT")
    there = Document("there", read_text(desk / "a b.TXT")).digest
    assert corpus(sandbox)["norland/a-b"].digest == made.documents[0].digest == there
    assert (sandbox.root / "corpus/norland/a-b.txt").read_bytes() == raw


def test_of_a_folder_the_texts_are_added_in_order_and_the_rest_is_named(sandbox, desk):
    for name in ("b.md", "A.txt", "slides.pptx", "case.yaml", ".hidden.txt", "below/c.txt"):
        (desk / name).parent.mkdir(exist_ok=True)
        (desk / name).write_text(f"This is {name}.", encoding="utf-8")
    made = added(sandbox, desk, donor="eastland", iso="EAS")
    assert [d.id for d in made.documents] == ["eastland/a", "eastland/speech", "eastland/b"]
    assert [path.name for path in made.left_out] == ["slides.pptx"]
    assert [d.variables["title"] for d in made.documents] == ["A", "Speech", "b"]


def test_a_text_that_stands_under_another_id_already_is_pointed_at(sandbox, desk):
    (desk / "again.txt").write_bytes((sandbox.root / "corpus/sudland/a.txt").read_bytes())
    (desk / "once-more.txt").write_bytes((desk / "Speech.txt").read_bytes())
    made = added(sandbox, desk)
    assert made.twins == {"norland/again": "sudland/a", "norland/speech": "norland/once-more"}


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("Cyber Security (2018).TXT", "cyber-security-2018.txt"),
        ("../../escape.txt", "escape.txt"),
        ("..a..txt", "a.txt"),
        ("東京 サイバー戦略.md", "東京-サイバー戦略.md"),
        ("한국 전략.txt", "한국-전략.txt"),
        (unicodedata.normalize("NFD", "한국 전략 é.txt"), "한국-전략-é.txt"),
        ("नीति भारत.txt", "नीति-भारत.txt"),
        ("🚀 plan 🚀.txt", "plan.txt"),
        ("a\u202etxt.md", "a-txt.md"),
        ("snake_case v1.2.txt", "snake_case-v1-2.txt"),
        ("a: b*?|<c>\".txt", "a-b-c.txt"),
    ],
)  # fmt: skip
def test_names_of_files_become_safe_and_letters_of_any_script_stay(name, becomes):
    assert file_name(Path(name)) == becomes


@pytest.mark.parametrize("name", ["🚀.txt", "---.md", "..txt", "_.txt", " .txt"])
def test_a_name_without_a_letter_or_digit_is_refused(sandbox, desk, name):
    (desk / name).write_text("Words.", encoding="utf-8")
    assert "its name has no letter or digit. Rename" in refused(sandbox, desk / name)


@given(st.text(min_size=1, max_size=40).filter(lambda name: not {"/", "\0"} & set(name)))
def test_a_safe_name_is_one_name_and_safe_again(name):
    try:
        safe = file_name(Path(f"{name}.txt"))
    except CodingError:
        return
    assert Path(safe).name == safe
    assert not safe.startswith((".", "-"))
    assert not any(unicodedata.category(c)[0] in "CZ" for c in safe)
    assert file_name(Path(safe)) == safe


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("white-paper_2018.txt", "white paper 2018"),
        ("ODA-White-Paper.txt", "ODA White Paper"),
        ("A non-binding norm.txt", "A non-binding norm"),
        ("東京 サイバー戦略.md", "東京 サイバー戦略"),
        ("a\u202eb.txt", "a b"),
    ],
)
def test_titles_are_made_of_names_of_files(name, title):
    assert title_of(Path(name)) == title


@pytest.mark.parametrize("name", ["東京 サイバー戦略.txt", unicodedata.normalize("NFD", "한국 전략.md")])
def test_a_text_with_a_name_in_another_script_is_found_again(sandbox, desk, name):
    (desk / name).write_text("日本はサイバー空間を守る。", encoding="utf-8")
    (document,) = added(sandbox, desk / name, language="ja").documents
    assert corpus(sandbox)[document.id].variables["language"] == "ja"


@pytest.mark.parametrize("donor", ["../eastland", "Eastland", "a/b", "", "south korea", "日本", ".", "a\n"])
def test_a_donor_that_is_no_id_is_refused(sandbox, desk, donor):
    said = refused(sandbox, desk / "Speech.txt", donor=donor, iso="EAS")
    assert said.startswith("--donor: should be small letters, digits and hyphens")
    assert not (sandbox.root / "eastland").exists()


def test_a_name_that_is_written_as_an_id_finds_the_donor(sandbox, desk):
    assert "Did you mean 'norland'?" in refused(sandbox, desk / "Speech.txt", donor="Norland")
    assert "Did you mean 'south-korea'?" in refused(sandbox, desk / "Speech.txt", donor="South Korea")
    assert "Did you mean 'norland'? To make it, give its ISO 3166 code" in refused(
        sandbox, desk / "Speech.txt", donor="nordland"
    )


def test_the_same_text_with_the_same_variables_changes_nothing(sandbox, desk):
    added(sandbox, desk / "Speech.txt", title="A speech", url="https://example.org/a")
    before = everything(sandbox.root)
    again = added(sandbox, desk / "Speech.txt")
    assert again.documents == ()
    assert again.unchanged == ("norland/speech",)
    assert everything(sandbox.root) == before


def test_a_new_text_beside_one_that_is_there_is_added(sandbox, desk):
    added(sandbox, desk)
    (desk / "second.txt").write_text("Two.", encoding="utf-8")
    again = added(sandbox, desk)
    assert again.unchanged == ("norland/speech",)
    assert [d.id for d in again.documents] == ["norland/second"]


def test_other_variables_or_another_text_of_that_name_are_refused(sandbox, desk):
    added(sandbox, desk / "Speech.txt")
    said = refused(sandbox, desk / "Speech.txt", year=2020, title="Other")
    assert "corpus/norland/case.yaml says of it: title Speech, not Other; year 2019, not 2020. Change" in said
    (desk / "Speech.txt").write_text("Other words.", encoding="utf-8")
    assert "corpus/norland/speech.txt is there with another text. Rename" in refused(
        sandbox, desk / "Speech.txt"
    )


def test_two_texts_never_get_one_id(sandbox, desk):
    (desk / "speech!.txt").write_text("Other words.", encoding="utf-8")
    assert "would be norland/speech, as" in refused(sandbox, desk)
    (desk / "a.md").write_text("Other words.", encoding="utf-8")
    assert "norland/a is 'a.txt' already. Rename" in refused(sandbox, desk / "a.md")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pptx", b"PK", "no format reads .pptx. Texts are files that end in "),
        ("NOTES", b"x", "no format reads it. Texts are files that end in "),
        ("empty.txt", b" \n", "the text is empty"),
        ("binary.txt", b"a\0b", "is not text (a NUL byte at 1)"),
        ("latin.txt", "café".encode("latin-1"), "line 1: is not utf-8 (byte 3). Save the file as UTF-8"),
    ],
)
def test_what_cannot_be_read_later_is_refused_now(sandbox, desk, name, content, message):
    (desk / name).write_bytes(content)
    said = refused(sandbox, desk / name, **{k: NEW[k] for k in ("donor", "iso")})
    assert message in said
    assert str(desk / name) in said


def test_everything_that_is_wrong_with_files_is_said_at_once(sandbox, desk):
    assert refused(sandbox, desk / "none.txt", desk / "no.pptx").startswith("2 problems:\n")
    for name in ("x.txt", "y.txt"):
        (desk / name).write_bytes(b"")
    assert refused(sandbox, desk).startswith("2 problems:\n")
    assert "Name a file, or a folder" in refused(sandbox)
    (desk / "empty").mkdir()
    assert "no text in this folder" in refused(sandbox, desk / "empty")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"fidelity": "orignal"}, "--fidelity: 'orignal' is not one of original, digest, translation. Did you mean 'original'"),
        ({"source_kind": "third"}, "--source-kind: 'third' is not one of primary, secondary"),
        ({"date": "2019-13"}, "--date: '2019-13' is not a date. Write 2019"),
        ({"url": "javascript:x"}, "--url: 'javascript:x' is not a web address"),
        ({"language": "Japanese"}, "--language: should be the code of a language"),
        ({"year": 20211}, "--year: "),
        ({"title": " "}, "--title is empty. Leave it out"),
        ({"publisher": "a\x1b[31m"}, "--publisher: 'a\\x1b[31m' holds a character that cannot be seen"),
        ({"publisher": "a\udcff"}, "--publisher: 'a\\udcff' holds a character that cannot be seen"),
        ({"donor": "eastland"}, "no donor 'eastland' in corpus/ yet"),
        ({"donor": "eastland", "iso": "eas"}, "--iso: should be three capital letters, such as 'JPN', not 'eas'"),
        ({"donor": "eastland", "iso": "EAS", "name": " "}, "--name is empty"),
        ({"iso": "XXX"}, "--iso: corpus/norland/case.yaml says 'NOR', not 'XXX'"),
        ({"name": "Nordland"}, "--name: corpus/norland/case.yaml says 'Norland', not 'Nordland'"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_named_by_its_option(sandbox, desk, given, message):
    assert message in refused(sandbox, desk / "Speech.txt", **given)


def test_all_wrong_variables_are_said_at_once(sandbox, desk):
    said = refused(sandbox, desk / "Speech.txt", date="soon", url="x", language="Japanese")
    assert said.startswith("3 problems:\n")


def test_one_title_is_for_one_text(sandbox, desk):
    (desk / "second.txt").write_text("Two.", encoding="utf-8")
    assert "--title: one title for 2 texts" in refused(sandbox, desk, title="One")


def test_the_same_code_and_name_as_before_are_no_contradiction(sandbox, desk):
    assert len(added(sandbox, desk / "Speech.txt", iso="NOR", name="Norland").documents) == 1


def test_a_text_in_the_middle_of_corpus_is_moved_by_a_person(sandbox):
    path = sandbox.write("corpus/stray.txt", "A text.")
    assert "lies in corpus/ itself" in refused(sandbox, path)


def test_a_project_that_would_not_open_any_more_is_as_before(sandbox, desk):
    # `eastlnd` is a case of which nothing is known, until there is an `eastland` of which it is a misspelling.
    sandbox.change("corpus/norland/case.yaml", "year: 2015", "year: 2015\n    about: [norland, eastlnd]")
    assert "no case 'eastlnd'. Did you mean 'eastland'?" in refused(sandbox, desk / "Speech.txt", **NEW)


@pytest.mark.parametrize("method", ["write_bytes", "replace", "read_bytes", "mkdir"])
@pytest.mark.parametrize("calls", range(5))
@pytest.mark.parametrize("given", [{"donor": "norland"}, NEW], ids=["old donor", "new donor"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_addition_leaves_all_as_before(sandbox, desk, monkeypatch, method, calls, given, kind):
    sandbox.write(
        "studies/study.yaml",
        (sandbox.root / "studies/study.yaml").read_bytes().partition(b"findings:")[0] + b"findings: []\n",
    )
    (desk / "second.txt").write_text("Two.", encoding="utf-8")
    before, done, real = everything(sandbox.root), [], getattr(Path, method)

    def interrupted(*arguments, **options):
        done.append(arguments)
        if len(done) == calls + 1:
            raise kind
        return real(*arguments, **options)

    project = Project.open(sandbox.root)
    with monkeypatch.context() as patched:
        patched.setattr(Path, method, interrupted)
        try:
            add(project, [desk], **{**GIVEN, **given})
        except kind:
            assert everything(sandbox.root) == before
            return
    assert len(done) <= calls
    assert len(corpus(sandbox)) == 8


def test_what_was_wrong_before_may_stay_and_is_mended_one_by_one(sandbox):
    for name in ("One 1.txt", "two.txt"):
        sandbox.write(f"corpus/eastland/{name}", f"This is {name}.")
    first = added(sandbox, sandbox.root / "corpus/eastland/One 1.txt", donor="eastland", iso="EAS")
    assert first.still_wrong == (
        "corpus/eastland/two.txt: case.yaml has no variables for it. Add them under `documents`, or with `coding add`.",
    )
    second = added(sandbox, sandbox.root / "corpus/eastland/two.txt", donor="eastland", year=2020)
    assert second.still_wrong == ()
    assert [d.id for d in corpus(sandbox).where(donor="eastland")] == ["eastland/One 1", "eastland/two"]
    assert sorted(p.name for p in (sandbox.root / "corpus/eastland").iterdir()) == [
        "One 1.txt",
        "case.yaml",
        "two.txt",
    ]


def test_a_lost_text_is_put_back_under_its_variables(sandbox, desk):
    added(sandbox, desk / "Speech.txt", url="https://example.org/a")
    (sandbox.root / "corpus/norland/speech.txt").unlink()
    before = (sandbox.root / "corpus/norland/case.yaml").read_bytes()
    added(sandbox, desk / "Speech.txt")
    assert (sandbox.root / "corpus/norland/case.yaml").read_bytes() == before
    assert corpus(sandbox)["norland/speech"].variables["url"] == "https://example.org/a"


def exploring(sandbox, cases="[]"):
    """Let the study test no claim, and name no cases."""
    text = (sandbox.root / "studies/study.yaml").read_text(encoding="utf-8").partition("findings:")[0]
    text = text.replace("cases: [norland, sudland]", f"cases: {cases}")
    sandbox.write("studies/study.yaml", f"# Ours.\n{text}findings: []   # as yet\n")


def cases_of(sandbox):
    return read_study(sandbox.root / "studies/study.yaml")[0].corpus.cases


def test_a_new_donor_joins_a_study_that_claims_nothing_yet(sandbox, desk):
    exploring(sandbox, "[sudland]")
    before = (sandbox.root / "studies/study.yaml").read_text(encoding="utf-8")
    assert added(sandbox, desk / "Speech.txt", **NEW).study == "Study study compares sudland, eastland now."
    after = (sandbox.root / "studies/study.yaml").read_text(encoding="utf-8")
    assert after == before.replace("[sudland]", "[sudland, eastland]")


def test_a_study_that_tests_claims_keeps_its_cases(sandbox, desk):
    before = (sandbox.root / "studies/study.yaml").read_bytes()
    said = added(sandbox, desk / "Speech.txt", **NEW).study
    assert (
        said == "Study study does not read eastland. If it should, add it to `cases` in studies/study.yaml."
    )
    assert (sandbox.root / "studies/study.yaml").read_bytes() == before


def test_a_donor_joins_with_the_first_text_that_the_study_reads(sandbox, desk):
    exploring(sandbox)
    said = added(sandbox, desk / "Speech.txt", **{**NEW, "fidelity": "original"}).study
    assert (
        "reads no text of eastland: left out 1 by its fidelity. If it should, widen that and add eastland to `cases`"
        in said
    )
    assert cases_of(sandbox) == []
    (desk / "second.txt").write_text("Two.", encoding="utf-8")
    assert added(sandbox, desk / "second.txt", donor="eastland").study.startswith(
        "Study study compares eastland"
    )
    assert cases_of(sandbox) == ["eastland"]


def test_a_donor_that_was_left_out_on_purpose_stays_out(sandbox, desk):
    exploring(sandbox, "[sudland]")
    assert "does not read norland" in added(sandbox, desk / "Speech.txt").study
    assert cases_of(sandbox) == ["sudland"]


def test_a_study_whose_cases_no_program_can_add_to_is_left_to_a_person_and_nothing_is_added(sandbox, desk):
    exploring(sandbox, "[sudland]")
    sandbox.change(
        "studies/study.yaml", "corpus: {cases: [sudland], ", "corpus:\n  cases: &ours\n    - sudland\n  "
    )
    sandbox.change(
        "studies/study.yaml",
        "digest], source_kind: [primary], years: {}}",
        "digest]\n  source_kind: [primary]\n  years: {}",
    )
    assert cases_of(sandbox) == ["sudland"]
    assert refused(sandbox, desk / "Speech.txt", **NEW) == (
        "studies/study.yaml cannot be changed by a program as it is written. Add by hand: ['eastland']."
    )


def test_what_the_study_leaves_out_of_the_new_texts_is_said(sandbox, desk):
    assert added(sandbox, desk / "Speech.txt").study == ""
    (desk / "second.txt").write_text("Two.", encoding="utf-8")
    said = added(sandbox, desk / "second.txt", fidelity="original").study
    assert said == "Study study reads norland. Of the new texts it leaves out 1 by its fidelity."


@pytest.mark.parametrize("study", ["id: study\n", "", "- x"])
def test_a_study_that_cannot_be_read_is_no_hindrance(sandbox, desk, study):
    sandbox.write("studies/study.yaml", study)
    assert added(sandbox, desk / "Speech.txt", **NEW).study == ""
    assert len(corpus(sandbox)) == 7


def test_a_study_of_no_donor_is_wrong_only_while_there_are_some(sandbox):
    from coding.checks import check
    from coding.study import run

    exploring(sandbox)
    with pytest.raises(
        CodingError, match=re.escape("no donor is named. Name those to compare, of: norland, sudland.")
    ):
        check(Project.open(sandbox.root))
    for donor in ("norland", "sudland"):
        for path in (sandbox.root / "corpus" / donor).iterdir():
            path.unlink()
        (sandbox.root / "corpus" / donor).rmdir()
    assert check(Project.open(sandbox.root)).documents == 0
    with pytest.raises(CodingError, match="there are no texts yet"):
        run(Project.open(sandbox.root))


def test_the_command_says_what_is_new_and_what_next(sandbox, desk):
    ended = coding("add", desk, "--donor", "eastland", "--iso", "EAS", "--year", "2019", cwd=sandbox.root)
    assert ended.stdout == (
        "document\ttitle\tread\tpages\tparagraphs\tcharacters\tlanguage\tdropped\n"
        "eastland/speech\tSpeech\ttxt\t\t1\t18\ten\t\n"
    )
    assert "Of it: year 2019, fidelity original, source kind primary, language en." in ended.stderr
    assert "add to the `aliases` there" in ended.stderr
    assert ended.stderr.endswith("Next: coding check\n")
    again = coding("add", desk, "--donor", "eastland", "--year", "2019", cwd=sandbox.root)
    assert again.stdout == ""
    assert again.stderr == (
        "There already, with this text and these variables: eastland/speech.\nNothing has changed.\n"
    )


def test_the_command_speaks_json(sandbox, desk):
    (desk / "x.pptx").write_bytes(b"PK")
    ended = coding(
        "add", desk, "--donor", "eastland", "--iso", "EAS", "--year", "2019", "--source-kind", "secondary", "--json",
        cwd=sandbox.root,
    )  # fmt: skip
    said = json.loads(ended.stdout)
    (document,) = said["documents"]
    assert (document["id"], document["source_kind"], document["year"]) == (
        "eastland/speech",
        "secondary",
        2019,
    )
    assert document["digest"] == corpus(sandbox)["eastland/speech"].digest
    assert (said["new_case"], said["case"]) == (True, "corpus/eastland/case.yaml")
    assert [Path(name).name for name in said["left_out"]] == ["x.pptx"]
    assert ended.stderr == ""


def test_nothing_is_ever_added_to_the_shipped_material(tmp_path, desk):
    ended = coding("add", desk, "--donor", "japan", "--year", "2019", cwd=tmp_path)
    assert ended.returncode == 2
    assert "`coding init NAME`" in ended.stderr


def test_a_dry_run_says_what_would_be_and_writes_nothing(sandbox, desk):
    (desk / "Twin.txt").write_bytes((desk / "Speech.txt").read_bytes())
    before = everything(sandbox.root)
    files = desk / "Speech.txt", desk / "Twin.txt"
    told = added(sandbox, *files, dry_run=True)
    assert everything(sandbox.root) == before
    assert told == added(sandbox, *files)
    assert told.twins


def test_a_dry_run_needs_neither_a_year_nor_the_code_of_a_new_donor_and_says_so(sandbox, desk):
    before = everything(sandbox.root)
    told = added(sandbox, desk / "Speech.txt", donor="norlandia", year=None, dry_run=True)
    (document,) = told.documents
    assert (document.id, document.variables["year"]) == ("norlandia/speech", None)
    assert "There is no donor 'norlandia' in corpus/ yet. Did you mean 'norland'?" in told.missing[0]
    assert told.missing[1].startswith("--year: say the year of the texts.")
    assert everything(sandbox.root) == before
    assert "There is no donor" in refused(sandbox, desk / "Speech.txt", donor="norlandia")
    assert added(sandbox, desk / "Speech.txt", dry_run=True).missing == ()


def test_a_dry_run_still_refuses_a_donor_that_no_case_file_could_have(sandbox, desk):
    assert "--donor: should be" in refused(sandbox, desk / "Speech.txt", donor="Nor Land", dry_run=True)


def test_two_files_of_one_name_are_refused_and_a_dry_run_shows_the_others(sandbox, desk):
    (desk / "Report.txt").write_text("It reports.\n", encoding="utf-8")
    (desk / "Report.html").write_text("<p>It reports.</p>", encoding="utf-8")
    said = refused(sandbox, desk)
    assert "would be norland/report, as" in said
    assert str(desk / "Report.txt") in said
    assert str(desk / "Report.html") in said
    assert "Name the files that are meant, with one of the two" in said
    told = added(sandbox, desk, dry_run=True)
    assert [document.id for document in told.documents] == ["norland/report", "norland/speech"]
    assert told.refused == (said,)
    named = added(sandbox, desk / "Report.txt", desk / "Speech.txt")
    assert [document.id for document in named.documents] == ["norland/report", "norland/speech"]


def test_a_dry_run_of_the_command_shows_what_is_missing_and_fails_on_what_would_be_refused(sandbox, desk):
    ended = coding("add", desk / "Speech.txt", "--donor", "eastland", "--dry-run", cwd=sandbox.root)
    assert ended.returncode == 0, ended.stderr
    assert "eastland/speech" in ended.stdout
    assert "Of it: fidelity original, source kind primary, language en." in ended.stderr
    assert "Still to be said: --year: say the year of the texts." in ended.stderr
    assert "Still to be said: There is no donor 'eastland' in corpus/ yet." in ended.stderr
    (desk / "Speech.html").write_text("<p>It reports.</p>", encoding="utf-8")
    given = ("--donor", "norland", "--dry-run", "--json")
    ended = coding("add", desk, *given, cwd=sandbox.root)
    assert ended.returncode == 2
    told = json.loads(ended.stdout)
    assert [document["id"] for document in told["documents"]] == ["norland/speech"]
    assert told["documents"][0]["year"] is None
    assert len(told["refused"]) == len(told["missing"]) == 1
    assert "would be norland/speech" in ended.stderr


def test_the_command_says_that_nothing_was_written(sandbox, desk):
    given = ("--donor", "norland", "--year", "2019", "--dry-run")
    ended = coding("add", desk / "Speech.txt", *given, cwd=sandbox.root)
    assert "norland/speech" in ended.stdout
    assert "Nothing was written (--dry-run)." in ended.stderr
    assert not (sandbox.root / "corpus" / "norland" / "speech.txt").exists()
