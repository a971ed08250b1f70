"""Texts of other formats in the corpus: taken out once, whole or not at all, and every offset holds."""

import hashlib
import json
import subprocess
import sys

import pytest
from foreign import Words, chapter, docx, epub, odt, pdf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coding.adding import add
from coding.errors import CodingError
from coding.formats import csv, xlsx
from coding.project import Project
from coding.sources import Wanted

GIVEN = {"donor": "eastland", "iso": "EAS", "year": 2019, "fidelity": "original", "source_kind": "primary"}
JA, KO, EMOJI = "日本は国際協力を推進する。", "한국 정부는 협력을 강화한다.", "👩🏽‍💻 é"


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def put(desk, **files):
    """Write files whose names end in what follows the last underscore; return their paths."""
    paths = []
    for name, content in files.items():
        path = desk / ".".join(name.rsplit("_", 1))
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return paths[0] if len(paths) == 1 else paths


def added(sandbox, *files, **given):
    return add(Project.open(sandbox.root), files, **{**GIVEN, **given})


def everything(root):
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}


def refused(sandbox, *files, **given):
    """Return why files are refused; nothing has changed."""
    before = everything(sandbox.root)
    with pytest.raises(CodingError) as caught:
        added(sandbox, *files, **given)
    assert everything(sandbox.root) == before
    return str(caught.value)


def corpus(sandbox):
    return Project.open(sandbox.root).corpus


def paper(*pages):
    return pdf([[Words(60, 740 - 12 * i, line) for i, line in enumerate(page)] for page in pages])


def every_format(words):
    return {
        "a_html": f"<p>{words}</p>",
        "b_docx": docx(lambda document: document.add_paragraph(words)),
        "c_odt": odt(f"<text:p>{words}</text:p>"),
        "d_epub": epub({"a.xhtml": chapter(f"<p>{words}</p>")}),
        "e_txt": f"{words}\n",
    }


def test_every_format_gives_the_same_text_and_every_offset_holds(sandbox, desk):
    words = f"{JA} {KO} {EMOJI}"
    put(desk, **every_format(words))
    made = added(sandbox, desk)
    assert [document.id for document in made.documents] == [f"eastland/{name}" for name in "abcde"]
    for document in corpus(sandbox):
        if document.id in made.sources:
            assert document.text == f"{words}\n"
            start = document.text.index(EMOJI)
            segment = document.segment(start, start + len(EMOJI))
            assert document.text[segment.start : segment.end] == document.quote(segment) == EMOJI


def test_where_a_text_is_from_is_kept_with_it(sandbox, desk):
    path = put(desk, report_pdf=paper(["One."], ["Two."]))
    added(sandbox, path)
    document = corpus(sandbox)["eastland/report"]
    assert document.text == "One.\n\n\fTwo.\n"
    assert document.variables["read_from"] == "report.pdf"
    assert document.variables["read_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert document.variables["read_as"].startswith("pdf, 2 pages, pdfminer.six ")
    assert (sandbox.root / "corpus/eastland/report.txt").read_bytes() == b"One.\n\n\x0cTwo.\n"


def test_a_text_that_is_kept_as_it_is_has_no_such_variables(sandbox, desk):
    added(sandbox, put(desk, a_txt="It trains."))
    assert not {"read_from", "read_sha256", "read_as"} & set(corpus(sandbox)["eastland/a"].variables) - {"x"}
    assert "read_" not in (sandbox.root / "corpus/eastland/case.yaml").read_text(encoding="utf-8")


def test_the_same_files_again_change_nothing_though_a_reader_has_changed(sandbox, desk, monkeypatch):
    put(desk, **every_format("It trains police."))
    added(sandbox, desk)
    before = everything(sandbox.root)
    monkeypatch.setattr("coding.formats.confined.extracted", None)  # a later version would say what it likes
    again = added(sandbox, desk)
    assert sorted(again.unchanged) == [f"eastland/{name}" for name in "abcde"]
    assert again.documents == ()
    assert everything(sandbox.root) == before


def test_a_file_under_another_name_is_the_one_that_is_there(sandbox, desk):
    path = put(desk, a_html="<p>It trains.</p>")
    added(sandbox, path)
    assert added(sandbox, path.rename(desk / "b.html")).unchanged == ("eastland/a",)


def test_a_text_that_was_lost_is_taken_out_again(sandbox, desk):
    path = put(desk, a_html="<p>It trains.</p>")
    added(sandbox, path)
    before = everything(sandbox.root)
    (sandbox.root / "corpus/eastland/a.txt").unlink()
    added(sandbox, path)
    assert everything(sandbox.root) == before


def test_another_file_of_that_name_and_other_variables_are_refused(sandbox, desk):
    path = put(desk, a_html="<p>It trains.</p>")
    added(sandbox, path)
    assert "case.yaml says of it: year 2019, not 2020" in refused(sandbox, path, year=2020)
    assert "corpus/eastland/a.txt is there with another text" in refused(
        sandbox, put(desk, a_html="<p>Other.</p>")
    )
    assert "would be eastland/b, as" in refused(
        sandbox, put(desk, b_html="x", b_odt=odt("<text:p>y</text:p>"))[0].parent
    )


def test_a_file_of_which_one_cannot_be_read_leaves_all_out_and_each_is_named(sandbox, desk):
    put(
        desk,
        a_html="<p>Good.</p>",
        b_docx=b"PK",
        c_pdf=paper([], []),
        d_odt=b"",
        e_txt="café".encode("latin-1"),
    )
    said = refused(sandbox, desk)
    assert said.startswith("4 problems:\n")
    assert "b.docx: is no Word document" in said
    assert (
        "c.pdf: 2 pages without a word, so pictures of pages. Have their letters recognised first (OCR"
        in said
    )
    assert "d.odt: is no OpenDocument text" in said
    assert (
        "e.txt, line 1: is not utf-8 (byte 3). Save the file as UTF-8. Or say its encoding: it may be "
        in said
    )


@pytest.mark.parametrize(
    ("name", "content"), [("a_html", "<nav>x</nav>"), ("a_odt", odt("")), ("a_docx", docx(lambda _: None))]
)
def test_a_file_without_words_is_refused(sandbox, desk, name, content):
    assert ": the text is empty. Add its words, or leave the file out." in refused(
        sandbox, put(desk, **{name: content})
    )


def test_a_file_that_is_too_large_is_not_even_read(sandbox, desk):
    with (desk / "large.pdf").open("wb") as file:
        file.truncate(500_000_000)
    assert "large.pdf: has 500 MB; up to 200 MB are read. Split it" in refused(sandbox, desk / "large.pdf")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(JA, "cp932"), (KO, "cp949"), ("Übung für Käse", "cp1252"), (JA, "iso2022_jp"), (JA, "utf-16-le")],
)
def test_a_text_in_another_encoding_is_written_in_utf8_when_it_is_said(sandbox, desk, text, encoding):
    path = put(desk, a_txt=text.encode(encoding))
    refused(sandbox, path)
    made = added(sandbox, path, wanted=Wanted(encoding=encoding))
    assert (sandbox.root / "corpus/eastland/a.txt").read_bytes() == text.encode()
    assert any(
        f"Was in {encoding.replace('-', '_')}" in note.replace("-", "_")
        for note in made.sources["eastland/a"].notes
    )
    assert added(sandbox, path, wanted=Wanted(encoding=encoding)).unchanged == ("eastland/a",)


def test_what_a_page_declares_is_believed_and_else_asked_for(sandbox, desk):
    words = "Übung für Käse"
    declared, silent = put(
        desk,
        a_html=f'<meta charset="iso-8859-1"><p>{words}</p>'.encode("cp1252"),
        b_html=f"<p>{words} und mehr</p>".encode("cp1252"),
    )
    assert "b.html, line 1: is not utf-8" in refused(sandbox, declared, silent)
    made = added(sandbox, declared, silent, wanted=Wanted(encoding="cp1252"))
    assert [document.text for document in made.documents] == [f"{words}\n", f"{words} und mehr\n"]
    assert corpus(sandbox)["eastland/a"].variables["read_as"].startswith("html, cp1252 (as given), lxml ")


def test_patterns_are_expanded_and_each_file_is_added_once(sandbox, desk):
    put(desk, a_html="<p>One thing.</p>", b_html="<p>Another.</p>", c_txt="Third.")
    (desk / "below").mkdir()
    put(desk / "below", d_html="<p>Fourth of all.</p>")
    made = added(sandbox, desk / "*.html", desk / "**" / "*.html", desk / "a.html")
    assert [document.id for document in made.documents] == ["eastland/a", "eastland/b", "eastland/d"]
    assert "no such file" in refused(sandbox, desk / "*.pdf")
    put(desk, **{"e[1]_html": "<p>Brackets.</p>"})
    assert added(sandbox, desk / "e[1].html").documents[0].id == "eastland/e-1"


def test_no_foreign_file_stays_in_the_corpus(sandbox):
    path = sandbox.write("corpus/norland/a.html", "<p>x</p>")
    assert "lies in corpus/, where only texts can stay" in refused(sandbox, path)
    with pytest.raises(CodingError, match="or move it out of corpus/ and take its text in by `coding add`"):
        _ = corpus(sandbox)


# Language


LONG = {
    "en": "The government trains police officers of its neighbours in the handling of evidence. ",
    "de": "Die Regierung bildet Polizisten ihrer Nachbarn in der Sicherung von Beweisen aus. ",
    "ja": "日本政府は近隣諸国の警察官に対し、証拠の取り扱いに関する研修を実施している。",
    "ko": "정부는 이웃 국가의 경찰관에게 증거 처리에 관한 교육을 실시하고 있다. ",
}


@pytest.mark.parametrize("language", LONG)
def test_a_language_that_is_sure_becomes_the_variable(sandbox, desk, language):
    made = added(sandbox, put(desk, a_txt=LONG[language] * 6))
    assert corpus(sandbox)["eastland/a"].variables["language"] == language
    assert made.languages["eastland/a"].is_sure


def test_a_language_that_is_given_wins_and_is_contradicted(sandbox, desk):
    made = added(sandbox, put(desk, a_txt=LONG["de"] * 6), language="fr")
    assert corpus(sandbox)["eastland/a"].variables["language"] == "fr"
    assert made.languages["eastland/a"].contradicts("fr")
    assert not made.languages["eastland/a"].contradicts("de")


def test_a_language_that_is_not_sure_stays_english_and_says_so(sandbox, desk):
    made = added(sandbox, put(desk, a_txt=(LONG["de"] * 40 + LONG["ja"] * 80) * 2))
    assert corpus(sandbox)["eastland/a"].variables["language"] == "en"
    assert made.languages["eastland/a"].may_not_be("en")


# Tables


HEAD = ["id", "text", "year", "title", "language", "about", "note"]
ROWS = [
    ["one", "Norland trains.", "2015", "A title", "", "norland; sudland", "x"],
    ["two", f"{JA} {EMOJI}\nSecond line.", "2016", "", "ja", "", ""],
    ["", "", "", "", "", "", ""],
    ["three", "", "2016", "", "", "", "y"],
]


def table(desk, kind, rows):
    path = desk / f"table.{kind}"
    if kind == "csv":
        csv.write_table(path, rows)
    else:
        typed = [[int(cell) if cell.isdigit() else cell for cell in row] for row in rows]
        xlsx.write_sheets(path, {"s": typed})
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_each_row_of_a_table_is_a_document_with_its_own_variables(sandbox, desk, kind):
    path = table(desk, kind, [HEAD, *ROWS])
    made = added(sandbox, path, year=None, wanted=Wanted(text="text", id="id"))
    one, two = (corpus(sandbox)[f"eastland/{name}"] for name in ("one", "two"))
    assert (one.text, one.variables["title"], one.variables["year"]) == ("Norland trains.\n", "A title", 2015)
    assert one.variables["about"] == ("norland", "sudland")
    assert (two.text, two.variables["title"]) == (f"{JA} {EMOJI}\nSecond line.\n", "two")
    assert (two.variables["language"], two.variables["read_from"]) == ("ja", f"table.{kind}")
    assert two.variables["read_as"].endswith("row 3")
    assert made.sources["eastland/one"].notes == (
        "Columns that are no variable of documents, left out: note.",
        "Without a text, left out: row 5.",
    )
    again = added(sandbox, path, year=None, wanted=Wanted(text="text", id="id"))
    assert again.unchanged == ("eastland/one", "eastland/two")


def test_what_a_row_says_wins_over_what_is_given_for_all(sandbox, desk):
    path = table(desk, "csv", [["text", "year"], ["One.", "2001"], ["Two.", ""]])
    added(sandbox, path, wanted=Wanted(text="text"))
    found = [corpus(sandbox)[f"eastland/table-{n}"] for n in (2, 3)]
    assert [document.variables["year"] for document in found] == [2001, 2019]


SEGMENTS = [
    ["name", "turn", "body", "year"],
    ["a", "1", "It trains police.", "2019"],
    ["b", "1", "Another text.", "2020"],
    ["a", "2", "It sends judges.", ""],
    ["a", "3", "", "2019"],
    ["a", "4", "It builds roads.", "2019"],
]


def test_rows_that_are_segments_of_one_document_become_its_paragraphs(sandbox, desk):
    path = table(desk, "csv", SEGMENTS)
    made = added(sandbox, path, year=None, wanted=Wanted(text="body", id="name", rows="segment"))
    one, two = made.documents
    assert one.text == "It trains police.\n\nIt sends judges.\n\nIt builds roads.\n"
    assert (one.variables["year"], two.variables["year"], two.text) == (2019, 2020, "Another text.\n")
    assert one.variables["read_as"].endswith("rows 2, 4, 6")


def test_segments_that_say_different_things_of_their_document_are_refused(sandbox, desk):
    rows = [*SEGMENTS, ["a", "5", "It rests.", "2021"], ["", "6", "Whose?", "2021"]]
    wanted = Wanted(text="body", id="name", rows="segment")
    said = refused(sandbox, table(desk, "csv", rows), year=None, wanted=wanted)
    assert (
        "row 7: 'year' of a is 2021, in rows 2, 4, 6 2019. A document has one: give each an id of its own."
        in said
    )
    assert "row 8: no id says to which document it belongs." in said


def test_segments_need_a_column_that_names_their_document():
    with pytest.raises(CodingError, match="--rows segment: say with --id"):
        Wanted(text="body", rows="segment")
    with pytest.raises(CodingError, match="segment"):
        Wanted(text="body", id="name", rows="paragraph")


def test_a_turn_keeps_its_speaker(sandbox, desk):
    rows = [
        ["name", "who", "body"],
        ["a", "Interviewer", "Why?"],
        ["a", "Ms  Doe:", "It trains police."],
        ["a", "", "(Laughs.)"],
    ]
    wanted = Wanted(text="body", id="name", rows="segment", speaker="who")
    (one,) = added(sandbox, table(desk, "csv", rows), wanted=wanted).documents
    assert one.text == "Interviewer: Why?\n\nMs Doe: It trains police.\n\n(Laughs.)\n"
    document = corpus(sandbox)["eastland/a"]
    assert document.text[: len("Interviewer: Why?")] == "Interviewer: Why?"
    assert document.text == one.text


def test_only_turns_have_a_speaker():
    with pytest.raises(CodingError, match="Say --rows segment as well"):
        Wanted(text="body", id="name", speaker="who")


def test_cells_that_are_empty_may_stand_outside_the_columns(sandbox, desk):
    path = put(desk, table_csv="text;year\nOne, two.;2015;;\n\nThree.;2016; \n")
    made = added(sandbox, path, wanted=Wanted(text="text"))
    assert [document.text for document in made.documents] == ["One, two.\n", "Three.\n"]


def test_a_column_of_a_workbook_that_has_no_name_is_told_as_left_out(sandbox, desk):
    path = table(desk, "xlsx", [["text", "", "year"], ["One.", "more", "2015", "", "beside"]])
    made = added(sandbox, path, wanted=Wanted(text="text"))
    (note,) = made.sources["eastland/table-2"].notes
    assert note.endswith(" left out: column 2, which has no name, column 5, which has no name.")


def test_rows_of_other_donors_are_left_for_their_own_call(sandbox, desk):
    path = table(
        desk, "csv", [["id", "text", "donor"], ["a1", "One.", "eastland"], ["a2", "Two.", "sudland"]]
    )
    made = added(sandbox, path, wanted=Wanted(text="text", id="id"))
    assert made.sources["eastland/a1"].notes == ("Of other donors, left out: 1 row.",)
    assert [
        d.id
        for d in added(
            sandbox, path, donor="sudland", iso=None, wanted=Wanted(text="text", id="id")
        ).documents
    ] == ["sudland/a2"]


@pytest.mark.parametrize(
    ("rows", "wanted", "message"),
    [
        ([["text"], ["x"]], Wanted(), "table.csv: a table. Say with --text which column holds the texts."),
        ([["body"], ["x"]], Wanted(text="bdoy"), "--text: the column 'bdoy' is not there. Did you mean 'body'?"),
        ([["t", "t"], ["x", "y"]], Wanted(text="t"), "--text: the column 't' stands there more than once"),
        ([["t"], [""]], Wanted(text="t"), "no row of eastland has a text in the column 't'"),
        ([["t", "year"], ["x", "soon"], ["y", "10000"]], Wanted(text="t"), "table.csv, row 2: --year: "),
        ([["t", "date"], ["x", "2019-13"]], Wanted(text="t"), "table.csv, row 2: --date: '2019-13' is not a date"),
        ([["t", "id"], ["x", "a"], ["y", "A"]], Wanted(text="t", id="id"), "row 3: would be eastland/a, as"),
        ([], Wanted(text="t"), "--text: the column 't' is not there"),
        ([["t", "year"], ["x", "2019"], ["y, and", " z", "2019"]], Wanted(text="t"),
         "table.csv: row 3 has 3 cells, the head 2: is a comma in a text not quoted?"),
        ([["t", "year", ""], ["x", "2019", "y"]], Wanted(text="t"), "row 2 has 3 cells, the head 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said_with_its_row(sandbox, desk, rows, wanted, message):
    assert message in refused(sandbox, table(desk, "csv", rows), wanted=wanted)


def test_that_a_column_is_to_be_named_is_said_before_a_year_is_asked_for(sandbox, desk):
    path = table(desk, "csv", [["t", "year"], ["x", "2019"]])
    said = refused(sandbox, path, year=None, iso=None, donor="westland")
    assert "Say with --text which column holds the texts" in said
    assert "--year" not in said


def test_a_row_without_a_year_is_named(sandbox, desk):
    path = table(desk, "csv", [["t", "year"], ["x", ""]])
    assert "row 2: no year. Give --year" in refused(sandbox, path, year=None, wanted=Wanted(text="t"))
    assert "--year: say the year of the texts" in refused(sandbox, put(desk, a_txt="x"), year=None)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table_may_have_other_signs_between_its_cells(sandbox, desk, sign):
    put(desk, table_csv=f'text{sign}year\n"One, two; three."{sign}2015\n')
    added(sandbox, desk / "table.csv", wanted=Wanted(text="text"))
    assert corpus(sandbox)["eastland/table-2"].text == "One, two; three.\n"


def test_a_long_text_fits_into_a_cell(sandbox, desk):
    added(sandbox, table(desk, "csv", [["t"], ["word " * 50_000]]), wanted=Wanted(text="t"))
    assert len(corpus(sandbox)["eastland/table-2"].text) == 250_000


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60)


@given(texts.filter(lambda text: any(not c.isspace() and c != "\ufeff" for c in text)))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_of_a_cell_is_the_text_of_the_document(tmp_path_factory, text):
    from conftest import Sandbox

    sandbox = Sandbox(tmp_path_factory.mktemp("p") / "project")
    path = table(tmp_path_factory.mktemp("desk"), "csv", [["t"], [text]])
    added(sandbox, path, wanted=Wanted(text="t"))
    document = corpus(sandbox)["eastland/table-2"]
    assert document.text == f"{text.strip()}\n".removeprefix("\ufeff")


# Texts that are nearly the same


def test_a_text_that_is_nearly_another_is_pointed_at(sandbox, desk):
    words = " ".join(f"word{i}" for i in range(100))
    put(desk, a_txt=words, b_html=f"<p>{words} and more</p>", c_txt=f"{words}")
    made = added(sandbox, desk)
    assert made.twins in ({"eastland/c": "eastland/a"}, {"eastland/a": "eastland/c"})
    assert [(pair.document, pair.other) for pair in made.alike] == [
        ("eastland/a", "eastland/b"),
        ("eastland/b", "eastland/c"),
    ]
    assert all(0.9 < pair.likeness < 1 for pair in made.alike)
    put(desk, d_txt=f"{words} or so")
    (pair, *_) = added(sandbox, desk / "d.txt").alike
    assert (pair.document, pair.other) == ("eastland/d", "eastland/a")


# The command


def coding(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "coding", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip


def test_the_command_reports_of_each_file_what_was_read_how_and_what_was_left_out(sandbox, desk):
    put(desk, a_html=f"<nav>x</nav><p>{LONG['ja'] * 3}</p>", b_pdf=paper(["One."], [], ["Three."]))
    ended = coding("add", desk, "--donor", "eastland", "--iso", "EAS", "--year", "2019", cwd=sandbox.root)
    assert ended.stdout.splitlines() == [
        "document\ttitle\tread\tpages\tparagraphs\tcharacters\tlanguage\tdropped",
        f"eastland/a\ta\thtml\t\t1\t{len(LONG['ja']) * 3 + 1}\tja\tnavigation: 1",
        "eastland/b\tb\tpdf\t3\t2\t15\ten\t",
    ]
    assert (
        "eastland/a: Left out: navigation: 1.\neastland/a: Its language was recognised as ja.\n"
        in ended.stderr
    )
    assert "eastland/b: Without words, so scanned or empty: page 2." in ended.stderr


def test_the_command_speaks_json_of_all_of_it(sandbox, desk):
    put(desk, a_html="<nav>x</nav><p>It trains.</p>")
    ended = coding(
        "add",
        desk / "a.html",
        "--donor",
        "eastland",
        "--iso",
        "EAS",
        "--year",
        "2019",
        "--json",
        cwd=sandbox.root,
    )
    (document,) = json.loads(ended.stdout)["documents"]
    assert document["read"] == {
        "format": "html", "encoding": "utf-8", "pages": None, "paragraphs": 1, "characters": 11,
        "dropped": {"navigation": 1}, "notes": [], "title": None, "date": None,
        "language": {"language": "en", "share": 1.0, "is_long": False},
    }  # fmt: skip


def test_the_command_takes_a_table_and_an_encoding(sandbox, desk):
    (desk / "t.csv").write_bytes("body;year\nÜbung.;2011\n".encode("cp1252"))
    asked = ("add", desk / "t.csv", "--donor", "eastland", "--iso", "EAS", "--text", "body")
    assert "if the first words are right, --encoding " in coding(*asked, cwd=sandbox.root).stderr
    assert coding(*asked, "--encoding", "cp1252", cwd=sandbox.root).returncode == 0
    assert corpus(sandbox)["eastland/t-2"].text == "Übung.\n"


def test_the_command_takes_turns_with_their_speakers(sandbox, desk):
    put(desk, t_csv="name;who;body;year\na;Ms Doe;We train.;2011\na;Q;Whom?;2011\n")
    given = ("--text", "body", "--id", "name", "--rows", "segment", "--speaker", "who")
    ended = coding("add", desk / "t.csv", "--donor", "eastland", "--iso", "EAS", *given, cwd=sandbox.root)
    assert ended.returncode == 0, ended.stderr
    assert corpus(sandbox)["eastland/a"].text == "Ms Doe: We train.\n\nQ: Whom?\n"
