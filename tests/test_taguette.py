"""Taguette's projects and tables are read as they are meant, and what is written comes back."""

import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from conftest import CASE
from exchanged import empty
from hypothesis import given
from hypothesis import strategies as st
from plainly import arrived, corpus_of, documents, sent, texts, told, usual
from typer.testing import CliRunner

from coding.cli import work  # noqa: F401  its commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.formats import exchange
from coding.formats.exchange import taguette
from coding.formats.exchange.taguette_pages import html_of, page
from coding.model import Corpus, Document
from coding.project import Project

TABLES = """
CREATE TABLE projects (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(200), description TEXT,
    created DATETIME);
CREATE TABLE documents (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(200), description TEXT,
    filename VARCHAR(200), created DATETIME, project_id INTEGER, text_direction VARCHAR(13), contents TEXT);
CREATE TABLE tags (id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER, path VARCHAR(200),
    description TEXT);
CREATE TABLE highlights (id INTEGER PRIMARY KEY AUTOINCREMENT, document_id INTEGER, start_offset INTEGER,
    end_offset INTEGER, snippet TEXT);
CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
CREATE TABLE commands (id INTEGER PRIMARY KEY AUTOINCREMENT, date DATETIME, user_login VARCHAR(30),
    project_id INTEGER, document_id INTEGER, payload TEXT);
"""
PAGE = (
    "<h1>Aid &amp; trade</h1><p>Norland <b>tr<i>ai</i>ns</b> 😀 peo\u0301ple.\r\nIt\r\nis a bridge.</p>\n  "
    "<p>日本語&nbsp;one.<br/>Two.</p><ul><li>a</li> <li>b &lt; c</li></ul><table><tbody><tr><td>1</td>"
    "<td>2</td></tr></tbody></table><pre>\n\tx  y\n</pre>"
)
# What a browser counts: the text nodes of the page one after the other.
NODES = "Aid & tradeNorland trains 😀 peo\u0301ple.\nIt\nis a bridge.\n  日本語\xa0one.Two.a b < c12\tx  y\n"
SEEN = (
    "Aid & trade\n\nNorland trains 😀 peo\u0301ple. It is a bridge.\n\n日本語\xa0one.\nTwo.\n\na\n\nb < c\n\n"
    "1\t2\n\n\tx  y\n"
)


def place(words):
    """Return where words stand as Taguette counts: bytes over the text nodes."""
    at = len(NODES[: NODES.index(words)].encode())
    return at, at + len(words.encode())


@pytest.fixture
def made(tmp_path):
    """Write a project with a page and its highlights: (start, end, snippet, tags, login)."""

    def make(highlights, tags=(("role.bridge", "It joins."), ("Power", "")), pages=(PAGE,), about=""):
        path = tmp_path / "x.sqlite3"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as database, database:
            database.executescript(TABLES)
            database.execute("INSERT INTO projects VALUES (3, 'Aid', '', '')")
            for i, html in enumerate(pages, start=1):
                row = (i, f"page {i}", about, html)
                database.execute("INSERT INTO documents VALUES (?, ?, ?, 'a.txt', '', 3, '', ?)", row)
            database.executemany("INSERT INTO tags (project_id, path, description) VALUES (3, ?, ?)", tags)
            numbers = {path: i for i, (path, _) in enumerate(tags, start=1)}
            for i, (start, end, snippet, given_, login) in enumerate(highlights, start=1):
                database.execute("INSERT INTO highlights VALUES (?, 1, ?, ?, ?)", (i, start, end, snippet))
                rows = [(i, numbers[tag]) for tag in given_]
                database.executemany("INSERT INTO highlight_tags VALUES (?, ?)", rows)
                said = json.dumps({"type": "highlight_add", "highlight_id": i})
                row = (login, said)
                database.execute("INSERT INTO commands VALUES (NULL, '', ?, 3, 1, ?)", row)
        return path

    return make


def read(path, corpus=Corpus(())):  # noqa: B008  frozen
    return exchange.read(path, corpus)


def quotes(brought):
    return [(s.quote, s.code, s.coder) for each in arrived(brought) for s in each.segments]


def test_the_text_of_a_page_is_what_a_reader_sees():
    assert page(PAGE).text == SEEN
    assert page(PAGE).n_bytes == len(NODES.encode())


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("trains 😀 peo\u0301ple", "trains 😀 peo\u0301ple"),
        ("tradeNorland", "trade\n\nNorland"),
        ("It\nis a", "It is a"),
        ("& trade", "& trade"),
        ("bridge.\n  日本語\xa0one.Two", "bridge.\n\n日本語\xa0one.\nTwo"),
        ("b < c12\tx  y", "b < c\n\n1\t2\n\n\tx  y"),
        ("c1", "c\n\n1"),
    ],
)
def test_bytes_over_text_nodes_become_code_points_of_the_same_words(made, words, seen):
    start, end = place(words)
    assert quotes(read(made([(start, end, f"<p>{seen}</p>".replace("<p>b <", "<p>b &lt;"), ["Power"], "admin")]))) == [
        (seen, "Power", "")
    ]  # fmt: skip


def test_an_offset_within_a_character_takes_it_where_it_ends():
    start, end = place("😀")
    found = page(PAGE)
    assert SEEN[slice(*found.span(start, end - 2))] == "😀"
    assert SEEN[slice(*found.span(start - 7, start + 1))] == "trains 😀"
    assert SEEN[slice(*found.span(start + 1, end + 4))] == " peo"


def test_words_between_tags_without_any_character_are_no_place():
    found = page("<p>a</p> <p>b</p>")
    assert (found.text, found.span(1, 2), found.span(1, 9), found.span(2, 2)) == ("a\n\nb", None, None, None)


def test_each_tag_of_a_highlight_is_a_coded_segment_of_who_made_it(made):
    highlights = [
        (*place("Norland"), "<p>Norland</p>", ["role.bridge", "Power"], "anna"),
        (*place("bridge"), "<p>bridge</p>", ["Power"], "admin"),
    ]
    brought = read(made(highlights))
    assert quotes(brought) == [
        ("Norland", "Power", "anna"),
        ("Norland", "role.bridge", "anna"),
        ("bridge", "Power", "admin"),
    ]
    assert told(brought) == []


def test_one_user_called_admin_says_nothing_of_who_coded(made):
    brought = read(made([(*place("Norland"), "<p>Norland</p>", ["Power"], "admin")]))
    assert [(s.coder) for each in arrived(brought) for s in each.segments] == [""]
    assert brought.exchanged.users == ()


def test_the_snippet_decides_where_offsets_are_wrong(made):
    start, end = place("Norland")
    highlights = [
        (start + 2, end + 2, "<p>Norland</p>", ["Power"], "admin"),
        (start, end, "<p>Sudland</p>", ["Power"], "admin"),
        (start, end, "", ["Power"], "admin"),
        (9_000, 9_001, "<p>bridge</p>", ["Power"], "admin"),
        (start, end, "<p>Norland</p>", [], "admin"),
    ]
    brought = read(made(highlights))
    assert [quote for quote, _, _ in quotes(brought)] == ["Norland", "bridge"]
    assert sorted(told(brought)) == [
        "1 × Highlight that was not placed: “Sudland” is not where it says in page 1, nor in one place only.",
        "1 × Highlight without a snippet: nothing says whether its offsets are right.",
        "1 × Highlight without a tag: it bears no code.",
        "2 × Highlight that was placed elsewhere: its words stand in one place only of page 1.",
    ]


def test_paths_of_tags_are_codes_below_one_another_with_their_definitions(made):
    tags = [
        ("role.bridge", "It joins."),
        ("Power.Hard Power", "Force."),
        ("e.g. this", ""),
        ("Power", "Might."),
    ]
    codes = read(made([], tags)).exchanged.codes
    names = {code.guid: code.name for code in codes}
    assert [(code.name, names.get(code.parent), code.description) for code in codes] == [
        ("Power", None, "Might."),
        ("Hard Power", "Power", "Force."),
        ("e.g. this", None, ""),
        ("role", None, "Id: role"),
        ("bridge", "role", "It joins.\n\nId: role.bridge"),
    ]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: b"PK\3\4", "x.sqlite3: is no SQLite file. In Taguette: Project info, Export project."),
        (lambda raw: raw[:4096], "x.sqlite3: is no project of Taguette that can be read: "),
        (lambda raw: raw[:5000] + bytes(len(raw) - 5000), "x.sqlite3: is no project of Taguette that can"),
    ],
)
def test_what_is_no_project_of_taguette_is_refused(made, damage, said):
    path = made([])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CodingError) as refused:
        read(path)
    assert str(refused.value).startswith(said)


def test_a_file_of_several_projects_is_refused_with_their_names(made):
    path = made([])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO projects VALUES (4, 'Other', '', '')")
    with pytest.raises(CodingError, match=r"holds 2 projects \(Aid, Other\), where one is read"):
        read(path)


def test_a_project_that_was_open_with_a_log_is_read(made):
    path = made([(*place("Norland"), "<p>Norland</p>", ["Power"], "admin")])
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    assert path.read_bytes()[18:20] == b"\2\2"
    assert len(quotes(read(path))) == 1


def test_a_view_in_the_place_of_a_table_runs_nothing_and_a_strange_offset_is_none(made):
    path = made([("x", None, "<p>Norland</p>", ["Power"], "admin")])
    assert [quote for quote, _, _ in quotes(read(path))] == ["Norland"]
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE tags")
        database.execute("CREATE VIEW tags AS SELECT load_extension('x') AS path, 1 AS project_id, 1 AS id")
    with pytest.raises(CodingError, match="is no project of Taguette that can be read"):
        read(path)


@given(texts, st.data())
@usual
def test_a_text_written_as_a_page_is_read_again_with_every_place(text, data):
    text = "".join(char for char in text if char not in "\f\x0b" and (ord(char) > 31 or char in "\n\t"))
    if not text.strip():
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    html, found = html_of(text, [(start, end)])
    assert page(html).text.rstrip() == text.rstrip()
    assert found.text[start:end] == text[start:end]
    assert found.span(*found.in_bytes((start, end))) == (start, end)


def test_paragraphs_are_written_as_such_unless_a_place_in_between_is_meant():
    text = "One <b>.\nTwo.\n\nThree.\n"
    assert html_of(text, [(0, 3)])[0] == "<p>One &lt;b&gt;.<br>Two.</p>\n<p>Three.</p>"
    assert html_of(text, [(0, len(text))])[0].startswith("<pre>")
    assert html_of("\n\na")[0] == "<pre><b></b>\n\na</pre>"


@given(documents())
@usual
def test_a_project_that_is_written_comes_back_with_places_codes_and_coders(made_):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite3"
        lost = [each.what for each in exchange.write(path, sent(made_))]
        brought = taguette.brought(taguette.read_rows(path.read_bytes()), "x")
    n_changed = lost.count("Text with control characters")
    assert told(brought) == []
    found = {each.id: each for each in arrived(brought)}
    for document in made_:
        text = document.text.translate(taguette._UNSHOWN)  # what Taguette refuses
        assert found[document.id].text.rstrip() == text.rstrip()
        assert (text != document.text) <= n_changed
        assert sorted((s.start, s.end, s.code, s.coder) for s in found[document.id].segments) == sorted(
            (s.start, s.end, s.code, s.coder) for s in document.segments
        )


def test_the_same_project_is_the_same_file_byte_for_byte(tmp_path):
    for name in ("a.sqlite3", "b.sqlite3"):
        exchange.write(tmp_path / name, sent([]))
    assert (tmp_path / "a.sqlite3").read_bytes() == (tmp_path / "b.sqlite3").read_bytes()


CORPUS = Corpus(
    (Document("norland/a", "Norland trains.\n\nIt trains\nmany. It rests.", {"title": "The act"}),)
)
ROWS = [
    ["id", "document", "tag", "content"],
    ["1", "norland - a", "role.bridge", "Norland trains. It"],
    ["1", "a.txt", "Power", "trains many."],
    ["2", "The act", "Power", "It"],
    ["3", "nowhere", "Power", "It"],
    ["4", "a", "", "rests"],
]


def workbook(path, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def table(path, rows):
    if path.suffix == ".xlsx":
        return workbook(path, rows)
    path.write_text("\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows), "utf-8", newline="")
    return path


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_highlights_are_put_where_their_words_stand_in_one_place_only(tmp_path, suffix):
    brought = read(table(tmp_path / f"all_tags{suffix}", ROWS), CORPUS)
    assert [(quote, code) for quote, code, _ in quotes(brought)] == [
        ("Norland trains.\n\nIt", "role.bridge"),
        ("trains\nmany.", "Power"),
    ]
    assert told(brought) == [
        "1 × Highlight that was not placed: row 4: “It” stands nowhere in norland/a, or several times.",
        (
            "1 × Highlight that was not placed: row 5: no document here is called 'nowhere'. Known: The act, a, a.html, "
            "a.txt, norland - a, norland/a."
        ),
        "1 × Highlight that was not placed: row 6: it bears no tag.",
    ]


@pytest.fixture
def run(sandbox):
    """Run a command on a project; return what it printed."""

    def ask(*words, root=sandbox.root):
        result = CliRunner().invoke(app, [*map(str, words), "--project", str(root)])
        assert result.exception is None, result.exception
        return result.output

    return ask


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".sqlite3", ".qdc"])
def test_a_codebook_of_taguette_becomes_one_here(run, sandbox, made, tmp_path, suffix):
    rows = [["role.bridge", "It joins."], ["Power", "Might."], ["Power.Hard power", ""]]
    file = tmp_path / f"codebook{suffix}"
    if suffix == ".sqlite3":
        file = made([], rows, pages=())
    elif suffix == ".qdc":
        codes = "".join(
            f'<Code guid="{i}0000000-0000-4000-8000-000000000000" name="{path}" isCodable="true"/>'
            for i, (path, _) in enumerate(rows)
        )
        head = '<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.5.2">'
        file.write_text(f"{head}<Codes>{codes}</Codes><Sets/></CodeBook>", "utf-8")
    else:
        head = ["tag", "description", "number of highlights", "number of documents"]
        table(file, [head, *([*row, "3", "1"] for row in rows)])
    run("import", file, "--codebook", "theirs")
    book = Project.open(sandbox.root).codebook("theirs")
    definition = {".qdc": ("", "")}.get(suffix, ("It joins.", "Might."))
    assert {code.id: (code.name, code.parent, code.definition) for code in book.codes} == {
        "role": ("role", None, ""),
        "role.bridge": ("bridge", "role", definition[0]),
        "power": ("Power", None, definition[1]),
        "power.hard_power": ("Hard power", "power", ""),
    }


def test_a_project_of_taguette_is_taken_in_whole_and_nothing_twice(run, made, tmp_path):
    highlights = [
        (*place("Norland"), "<p>Norland</p>", ["role.bridge", "Power"], "admin"),
        (*place("日本語"), "<p>日本語</p>", ["Power"], "admin"),
    ]
    file, root = made(highlights), empty(tmp_path / "other")
    (root / "corpus/norland").mkdir()
    head = CASE.format(id="norland", name="Norland", iso="NOR", documents="  {}")
    (root / "corpus/norland/case.yaml").write_text(head)
    words = ("--codebook", "theirs", "--donor", "norland", "--year", "2015", "--coder", "anna", "--json")
    facts = ("--fidelity", "original", "--source-kind", "primary")
    assert json.loads(run("import", file, *words, *facts, root=root))["new"] == 3
    project = Project.open(root)
    assert [document.text for document in project.corpus] == [SEEN]
    assert sorted((s.quote, s.code, s.coder) for s in project.coded.segments) == [
        ("Norland", "power", "anna"),
        ("Norland", "role.bridge", "anna"),
        ("日本語", "power", "anna"),
    ]
    again = json.loads(run("import", file, *words, *facts, root=root))
    assert (again["new"], again["batch"], again["files"]) == (0, None, [])


def test_what_taguette_cannot_say_is_told(tmp_path):
    documents_ = [replace(each, variables={"year": 2015}) for each in arrived_of("Norland.")]
    lost = [str(each) for each in exchange.write(tmp_path / "x.sqlite3", sent(documents_))]
    assert lost == ["1 × Document variable: Taguette has no place for it."]


def arrived_of(text):
    from coding.formats.exchange.plain import PlainDocument

    return [PlainDocument("norland/a", text)]


def test_a_document_that_comes_back_is_known_by_its_id(tmp_path):
    path = tmp_path / "x.sqlite3"
    exchange.write(path, sent(arrived_of("Norland.")))
    (document,) = arrived(read(path, corpus_of(arrived_of("Norland."))))
    assert (document.id, document.text) == ("norland/a", "Norland.")
