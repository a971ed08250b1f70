"""An entry is a text's by its file, its key or its title, and never by a guess; it says what was not given."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.adding import add
from coding.bibliography import indexed, match, read_bibliography, variables
from coding.citations import references
from coding.errors import CodingError
from coding.formats import csl, ris
from coding.project import Project
from coding.sources import Wanted

GIVEN = {"donor": "norland", "year": None, "fidelity": "original", "source_kind": "primary"}
BIB = r"""
@techreport{jica2019, title = {Project \& {Plan}}, author = {{JICA}}, institution = {{Japan Agency}}, year = 2019,
  month = mar, language = {en-US}, url = {https://example.org/a_b}, abstract = {Private.},
  file = {Text:files/12/plan.txt:text/plain;Snapshot:files/13/page.html:text/html}}
@article{doe2020, title = {Ships: an {\'e}tude}, author = {Doe, Jane and Roe, Jo and Poe, A.}, journal = {Sea},
  date = {2020-04-05}, doi = {10.1/abc}, langid = {japanese}}
@misc{twin1, title = {Twins}, year = 2001}
@misc{twin2, title = {{TWINS}}, year = 2002}
@misc{undated, title = {Without a date}}
@misc{open, title = {x
@book{left, title = {Nobody's}, year = 1999}
"""
CSL = [
    {"id": "http://zotero.org/users/1/items/AB", "citation-key": "doe2020", "type": "article-journal", "title": "Ships: an <i>étude</i>", "container-title": "Sea",
     "author": [{"family": "Doe", "given": "Jane"}, {"literal": "Ministry of Trade and Industry"}], "issued": {"date-parts": [["2020", 4, 5]]}, "DOI": "10.1/abc", "language": "ja"},
    {"id": 7, "type": "webpage", "title": "Page", "URL": "https://example.org", "issued": {"raw": "2018-02"}, "unknown": {"deep": []}},
    {"id": "http://zotero.org/users/1/items/CD", "type": "report", "title": "The Plan of 50 % {x}", "author": [{"literal": "JICA"}], "issued": {"date-parts": [[2019]]}, "genre": "White paper"},
]  # fmt: skip
RIS = """\ufeffTY  - JOUR
TI  - Ships: an étude
AU  - Doe, Jane
AU  - Ministry of Trade and Industry
T2  - Sea
DA  - 2020/04/05/
DO  - 10.1/abc
LA  - ja
ID  - doe2020
L1  - files/12/plan.txt
ER  - 

TY  - ELEC
TI  - A page
  that goes on
PY  - 2018///
UR  - https://example.org
ER  - 
"""  # noqa: W291  as exported


@pytest.fixture
def desk(tmp_path):
    folder = tmp_path / "desk"
    for name, text in {
        "library.bib": BIB,
        "files/12/plan.txt": "It trains police.\n",
        "doe2020.txt": "A bridge over water.\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def put(desk, name, text="Some words of its own.\n"):
    path = desk / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def added(sandbox, desk, *names, **more):
    library = read_bibliography(desk / "library.bib")
    return add(Project.open(sandbox.root), [desk / name for name in names], bibliography=library, **{**GIVEN, **more})  # fmt: skip


def found(desk, name, *, library="library.bib"):
    """Return the keys that may be those of a file, and by what."""
    from coding.file_names import title_of

    path = desk / name
    index = indexed(read_bibliography(desk / library))
    one = match(index, path=path, stem=path.stem, title=title_of(path))
    return [entry.key for entry in one.entries], one.by


def test_an_entry_says_of_its_text_what_was_not_given(sandbox, desk):
    made = added(sandbox, desk, "files/12/plan.txt", "doe2020.txt", type="plan")
    plan, ships = (
        Project.open(sandbox.root).corpus[f"norland/{name}"].variables for name in ("plan", "doe2020")
    )
    assert {key: value for key, value in plan.items() if value and key not in ("donor", "fidelity", "source_kind")} == {
        "title": "Project & Plan", "author": "JICA", "publisher": "Japan Agency", "year": 2019, "date": "2019-03",
        "type": "plan", "language": "en", "url": "https://example.org/a_b", "citation": "jica2019",
    }  # fmt: skip
    assert [ships[key] for key in ("title", "author", "publisher", "year", "date", "url", "language", "citation")] == [
        "Ships: an étude", "Jane Doe, Jo Roe and A. Poe", "Sea", 2020, "2020-04-05", "https://doi.org/10.1/abc", "ja", "doe2020",
    ]  # fmt: skip
    assert {id_: (m.entry.key, m.by) for id_, m in made.matches.items()} == {
        "norland/plan": ("jica2019", "file"),
        "norland/doe2020": ("doe2020", "key"),
    }
    assert made.without_text == ("twin1", "twin2", "undated", "left")
    assert [problem.split(": ")[0] for problem in made.broken] == [f"{desk / 'library.bib'}, line 10"]


def test_options_win_over_the_entry_but_for_its_own_year(sandbox, desk):
    added(
        sandbox,
        desk,
        "doe2020.txt",
        year=2011,
        title="Mine",
        publisher="Me",
        language="en",
        url="https://me.org",
    )
    got = Project.open(sandbox.root).corpus["norland/doe2020"].variables
    assert [got.get(key) for key in ("year", "title", "publisher", "language", "url", "date", "citation")] == [
        2020, "Mine", "Me", "en", "https://me.org", "2020-04-05", "doe2020",
    ]  # fmt: skip


def test_a_year_that_is_given_is_for_the_texts_whose_entries_say_none(sandbox, desk):
    for name in ("undated.txt", "strange.txt"):
        put(desk, name, f"This is {name}.\n")
    made = added(sandbox, desk, "doe2020.txt", "undated.txt", "strange.txt", year=2011)
    assert [document.variables["year"] for document in made.documents] == [2020, 2011, 2011]


def test_a_row_wins_over_the_year_of_its_entry_and_the_date_of_another_year_is_not_taken(sandbox, desk):
    put(desk, "rows.csv", "id,text,year\ndoe2020,Some words of its own.,2012\n")
    (document,) = added(sandbox, desk, "rows.csv", year=2011, wanted=Wanted(text="text", id="id")).documents
    assert (document.variables["year"], document.variables.get("date")) == (2012, None)


def test_of_a_translation_the_language_of_the_entry_is_that_of_its_source(sandbox, desk):
    added(sandbox, desk, "doe2020.txt", fidelity="translation")
    got = Project.open(sandbox.root).corpus["norland/doe2020"].variables
    assert (got["language"], got["source_language"]) == ("en", ("ja",))


@pytest.mark.parametrize(
    ("name", "keys", "by"),
    [
        ("files/12/plan.txt", ["jica2019"], "file"),
        ("elsewhere/page.html", ["jica2019"], "name"),
        ("JICA2019.txt", ["jica2019"], "key"),
        ("ships-an_Étude.txt", ["doe2020"], "title"),
        ("Doe et al. - 2020 - Ships an étude.txt", ["doe2020"], "title"),
        ("twins.txt", ["twin1", "twin2"], "title"),
        ("twin2.txt", ["twin2"], "key"),
    ],
)
def test_an_entry_is_found_by_file_then_key_then_title(desk, name, keys, by):
    put(desk, name, (desk / name).read_text(encoding="utf-8") if (desk / name).exists() else "Words.\n")
    assert found(desk, name) == (keys, by)


@pytest.mark.parametrize("name", ["ships.txt", "an étude.txt", "Doe - 2019 - Ships an étude.txt", "x.txt"])
def test_what_is_only_like_an_entry_has_none(desk, name):
    put(desk, name)
    assert found(desk, name)[0] == []


def test_another_file_of_that_name_is_not_the_one_that_an_entry_names_and_a_copy_is(desk):
    put(desk, "other/plan.txt", "Quite another text.\n")
    assert found(desk, "other/plan.txt")[0] == []
    put(desk, "copy/plan.txt", "It trains police.\n")
    assert found(desk, "copy/plan.txt") == (["jica2019"], "name")


def test_the_whole_path_decides_between_files_of_one_name(desk):
    put(desk, "two.bib", "@misc{a, file = {:1/full.txt:x}}\n@misc{b, file = {:2/full.txt:x}}")
    put(desk, "1/full.txt", "One.\n")
    put(desk, "2/full.txt", "Two.\n")
    put(desk, "full.txt", "Three.\n")
    assert [found(desk, name, library="two.bib")[0] for name in ("1/full.txt", "2/full.txt", "full.txt")] == [["a"], ["b"], []]  # fmt: skip


def test_several_that_would_be_as_good_are_named_and_none_is_taken(sandbox, desk):
    put(desk, "twins.txt")
    made = added(sandbox, desk, "twins.txt", year=2000)
    assert [entry.key for entry in made.matches["norland/twins"].entries] == ["twin1", "twin2"]
    assert "citation" not in Project.open(sandbox.root).corpus["norland/twins"].variables
    assert not (sandbox.root / "corpus/references.bib").exists()


def test_each_text_without_a_year_is_named_with_the_reason_and_nothing_is_written(sandbox, desk):
    for name in ("twins.txt", "undated.txt", "strange.txt"):
        put(desk, name, f"This is {name}.\n")
    before = sorted(sandbox.root.rglob("*"))
    with pytest.raises(CodingError) as caught:
        added(sandbox, desk, "twins.txt", "undated.txt", "strange.txt", "doe2020.txt")
    said = " ".join(caught.value.problems)
    assert len(caught.value.problems) == 3
    for reason in ("its entry may be twin1 or twin2", "its entry 'undated' has none", "has no entry of it"):
        assert reason in said
    assert sorted(sandbox.root.rglob("*")) == before


def test_entries_join_the_references_of_the_project_once_and_without_what_is_private(sandbox, desk):
    old = "Ours.\r\n\r\n@misc{ours, title = {Ours}, year = 2000}\r\n"
    sandbox.write("corpus/references.bib", old.encode())
    assert added(sandbox, desk, "files/12/plan.txt").references == ("jica2019",)
    assert added(sandbox, desk, "files/12/plan.txt", "doe2020.txt").references == ("doe2020",)
    text = (sandbox.root / "corpus/references.bib").read_bytes().decode()
    assert text.startswith(old)
    assert text.count("\n") == text.count("\r\n")
    assert "Private" not in text
    assert "plan.txt" not in text
    assert references(sandbox.root) == {
        "ours": "(2000). Ours",
        "jica2019": "JICA (2019). Project & Plan. Japan Agency. https://example.org/a_b",
        "doe2020": "Doe, Jane; Roe, Jo; Poe, A. (2020). Ships: an étude. Sea. https://doi.org/10.1/abc",
    }


def test_a_key_that_is_another_source_here_is_refused(sandbox, desk):
    sandbox.write("corpus/references.bib", "@misc{doe2020, title = {Something else}}\n")
    with pytest.raises(
        CodingError, match="'doe2020' is another source there: Something else. Change the key"
    ):
        added(sandbox, desk, "doe2020.txt")
    assert not (sandbox.root / "corpus/norland/doe2020.txt").exists()


def test_the_same_call_again_changes_nothing(sandbox, desk):
    put(desk, "page.html", "<p>A page on police of the region.</p>")
    for _ in range(2):
        made = added(sandbox, desk, "files/12/plan.txt", "doe2020.txt", "page.html")
        files = {path: path.read_bytes() for path in sandbox.root.rglob("*") if path.is_file()}
    assert sorted(made.unchanged) == ["norland/doe2020", "norland/page", "norland/plan"]
    assert "doe2020" not in made.without_text
    added(sandbox, desk, "files/12/plan.txt", "doe2020.txt", "page.html")
    assert {path: path.read_bytes() for path in sandbox.root.rglob("*") if path.is_file()} == files


def test_a_row_of_a_table_has_its_entry_by_its_key_and_wins_over_it(sandbox, desk):
    put(desk, "rows.csv", "name,body,title\ndoe2020,It trains police.,\njica2019,A bridge.,Own title\n")
    from coding.sources import Wanted

    made = added(sandbox, desk, "rows.csv", wanted=Wanted(text="body", id="name"))
    assert [(d.variables["title"], d.variables["year"]) for d in made.documents] == [("Ships: an étude", 2020), ("Own title", 2019)]  # fmt: skip


def test_the_formats_say_the_same_of_a_source(desk):
    put(desk, "a.json", json.dumps(CSL))
    put(desk, "a.ris", RIS)
    one, two = (read_bibliography(desk / name).entries[0] for name in ("a.json", "a.ris"))
    assert variables(one, fidelity="original") == variables(two, fidelity="original") == {
        "title": "Ships: an étude", "author": "Jane Doe and Ministry of Trade and Industry", "publisher": "Sea", "year": 2020,
        "date": "2020-04-05", "type": "article", "url": "https://doi.org/10.1/abc", "citation": "doe2020", "language": "ja",
    }  # fmt: skip
    assert found(desk, "files/12/plan.txt", library="a.ris") == (["doe2020"], "file")


def test_an_entry_without_a_key_gets_one_of_author_year_and_title(desk):
    put(desk, "a.json", json.dumps([*CSL, CSL[2]]))
    put(desk, "a.ris", RIS)
    assert [e.key for e in read_bibliography(desk / "a.json").entries] == ["doe2020", "7", "jica2019plan", "jica2019plan-2"]  # fmt: skip
    assert [e.key for e in read_bibliography(desk / "a.ris").entries] == ["doe2020", "2018page"]
    assert (
        variables(read_bibliography(desk / "a.json").entries[2], fidelity="original")["type"] == "White paper"
    )
    assert read_bibliography(desk / "a.ris").entries[1].words["title"] == "A page that goes on"


def test_a_source_that_is_broken_leaves_all_others_in_each_format():
    pretty = json.dumps(CSL, indent="\t")
    wrong = pretty.replace('"id": 7,', '"id": 7 "no comma",')
    line = wrong[: wrong.index('"no comma"')].count("\n")  # of the brace above
    assert [e.key for e in csl.read_entries(wrong).entries] == ["doe2020", ""]
    assert [(at, said.split(" (")[0]) for at, said in csl.read_entries(wrong).problems] == [(line, "this source is no JSON")]  # fmt: skip
    typed = csl.read_entries(json.dumps([CSL[0], {**CSL[1], "title": ["no"]}, "no source", CSL[2]]))
    assert [e.key for e in typed.entries] == ["doe2020", ""]
    assert [said.split(":")[0] for _, said in typed.problems] == ["'title'", "'this source'"]
    open_ = ris.read_entries(RIS.removeprefix("\ufeff").replace("ER  - \n", "", 1))
    assert [e.words["year"] for e in open_.entries] == ["2018"]
    assert open_.problems == ((1, "this entry has no end (ER)"),)


@given(st.text(max_size=200))
def test_no_text_makes_a_reader_fail(text):
    assert ris.read_entries(f"{text}\nTY  - BOOK\nTI  - Whole\nER  - ").entries[-1].words["title"] == "Whole"
    assert csl.read_entries(f"[{text}").entries == () or text.lstrip().startswith("{")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.bib", "No entry.", "a.bib: holds no entry. Export it again"),
        ("a.bib", "@misc{a", "a.bib, line 1: this @misc has no key"),
        ("a.json", '{"config": 1}', "a.json: is no CSL-JSON"),
        ("a.json", "[" * 100_000, "a.json, line 1: this source is no JSON"),
        ("a.ris", "No entry.", "a.ris, line 1: this line stands outside of any entry"),
        ("a.xml", "<a/>", "a.xml: '.xml' is not one of .bib, .json, .ris"),
        ("a.bib", b"@misc{a, title = {\xe9}}", "a.bib, line 1: is not utf-8"),
    ],
)
def test_what_is_no_bibliography_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CodingError) as caught:
        read_bibliography(tmp_path / name)
    assert message in "\n".join(caught.value.problems)


def test_a_bibliography_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CodingError, match="none.bib: cannot be read: No such file"):
        read_bibliography(tmp_path / "none.bib")


def coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def test_the_command_says_who_has_an_entry_and_what_is_left(sandbox, desk):
    for name in ("strange.txt", "twins.txt", "Ships an étude.txt"):
        put(desk, name, f"This is {name}.\n")
    files = [desk / "files/12", *sorted(desk.glob("*.txt"))]
    ran = coding("add", *files, "--bibliography", desk / "library.bib", "--donor", "norland", "--year", 2020, cwd=sandbox.root)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    for sentence in (
        "Entries: 3 of 5 texts have one (1 by file, 1 by key, 1 by title).",
        "norland/ships-an-étude: by its title its entry is doe2020.",
        "norland/twins: its entry may be twin1, twin2 (by title); none was taken.",
        "Without an entry: norland/strange.",
        "Entries without a text here: undated, left.",
        "Their own year was taken, not 2020: norland/plan.",
        "norland/doe2020 and norland/ships-an-étude have one entry, doe2020: one source may count twice.",
        "library.bib, line 10: the value of the field 'title' of 'open' is not closed.",
    ):
        assert sentence in ran.stderr.replace("norland/ships-an-étude and norland/doe2020", "norland/doe2020 and norland/ships-an-étude")  # fmt: skip


def test_the_command_speaks_json_of_entries(sandbox, desk):
    ran = coding("add", desk / "doe2020.txt", "--bibliography", desk / "library.bib", "--donor", "norland", "--json", cwd=sandbox.root)  # fmt: skip
    said = json.loads(ran.stdout)
    assert said["documents"][0]["entry"] == {"key": "doe2020", "by": "key"}
    assert said["bibliography"]["new_references"] == ["doe2020"]
    assert said["bibliography"]["without_text"] == ["jica2019", "twin1", "twin2", "undated", "left"]
