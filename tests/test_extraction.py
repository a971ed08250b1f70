"""Texts taken out of web pages, Word, OpenDocument and electronic books; and files that mean harm."""

import struct
import sys
import time
import zipfile
from types import ModuleType

import pytest
from foreign import archive, chapter, docx, epub, odt, rewritten
from hypothesis import given
from hypothesis import strategies as st

from coding import plugins
from coding.errors import CodingError
from coding.formats import confined, encodings, extraction, html, xlsx
from coding.formats import docx as word
from coding.formats import epub as book
from coding.formats import odt as open_text
from coding.formats import pdf as pages
from coding.formats.confined import Limits, extracted

JA, KO, EMOJI = "日本は国際協力を推進する。", "한국 정부는 협력을 강화한다.", "👩🏽‍💻 é"


def paragraphs(text):
    assert text == "" or text.endswith("\n")
    return text.removesuffix("\n").split("\n\n") if text else []


def page(body, head=""):
    return html.extract(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode())


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=6))
def test_paragraphs_stand_in_lines_of_their_own_between_blank_lines(written):
    text = extraction.written(written)
    found = paragraphs(text)
    assert all(line and line == " ".join(line.split()) for line in found)
    assert extraction.written(found) == text


# Web pages


def test_headings_paragraphs_lists_and_rows_stand_in_order():
    found = page(
        "<h1>Aims</h1><p>One\n  word<br>and <b>an</b>other.</p><ul><li>First<ul><li>Inner</li></ul></li><li><p>Two</p></li>"
        "</ul><ol><li>A</li><li>B</li></ol><table><tr><th>Land<th>N<tr><td><p>Japan</p><td>5</table>"
        "<div>Bare <p>Inner.</p> tail</div>"
    )
    assert paragraphs(found.text) == [
        "Aims", "One word and another.", "- First", "- Inner", "- Two", "1) A", "2) B", "Land | N", "Japan | 5",
        "Bare", "Inner.", "tail",
    ]  # fmt: skip


def test_what_is_around_the_text_is_left_out_and_counted():
    found = page(
        "<nav>Home</nav><header><h1>Site</h1></header><div class='breadcrumb'>a</div><div role=navigation>b</div>"
        "<p>Text<script>x()</script> stays.</p><p hidden>No</p><p style='display: none'>No</p><aside>No</aside>"
        "<img src=x alt=No><footer>No</footer><noscript>No</noscript>",
        head="<style>p {}</style><title>No</title>",
    )
    assert found.text == "Text stays.\n"
    assert found.dropped == {
        "asides": 1, "footers": 1, "headers": 1, "hidden parts": 2, "images": 1, "navigation": 3, "scripts": 2,
    }  # fmt: skip


def test_of_a_page_with_a_main_part_only_that_is_read_with_its_heading():
    found = page("<p>Before</p><main><header><h1>Title</h1></header><p>Text.</p></main><p>After</p>")
    assert paragraphs(found.text) == ["Title", "Text."]
    assert found.notes == ("Only what stands in <main> was read.",)


def test_a_main_part_that_holds_next_to_nothing_is_none():
    found = page(f"<article>x</article><p>{'The text of the page. ' * 20}</p>")
    assert len(paragraphs(found.text)) == 2


def test_two_breaks_end_a_paragraph_and_tables_for_the_layout_are_no_rows():
    assert paragraphs(page("One<br><br>Two<br>lines").text) == ["One", "Two lines"]
    assert paragraphs(page("<table><tr><td><h2>A</h2><p>b</p><td>c</table>").text) == ["A", "b", "c"]


def test_the_mark_of_a_note_is_no_part_of_the_word_before_it():
    assert page("<p>law<sup>12</sup> and m<sup>2nd</sup></p>").text == "law[12] and m2nd\n"


def test_characters_of_every_script_come_through_composed_and_what_cannot_be_seen_does_not():
    found = page(
        f"<p>{JA} {KO} {EMOJI}</p><p>cafe\u0301&nbsp;co&shy;op\u200b&#7;</p><p><ruby>政<rt>せい</rt></ruby>策</p>"
    )
    assert paragraphs(found.text) == [f"{JA} {KO} {EMOJI}", "café coop", "政策"]


def test_a_page_without_words_is_empty_and_a_fragment_is_a_page():
    assert html.extract(b"").text == html.extract(b"<html></html>").text == ""
    assert html.extract(b"Just words").text == "Just words\n"


def test_entities_that_a_page_defines_are_not_read():
    raw = b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>a &x; b</p></body></html>'
    assert "root:" not in html.extract(raw).text


# Word


def test_a_word_document_is_read_in_order_with_its_notes_behind():
    def build(document):
        document.add_heading("Aims", 1)
        document.add_paragraph(f"{JA} {KO} {EMOJI}")
        document.add_paragraph("first", style="List Bullet")
        table = document.add_table(2, 2)
        for cell, said in zip((c for row in table.rows for c in row.cells), "abcd", strict=True):
            cell.text = said
        document.add_paragraph("Last\tof\nall.")
        document.sections[0].header.paragraphs[0].text = "Running"

    found = word.extract(docx(build))
    assert paragraphs(found.text) == [
        "Aims",
        f"{JA} {KO} {EMOJI}",
        "- first",
        "a | b",
        "c | d",
        "Last of all.",
    ]
    assert found.dropped == {"headers and footers": 1}


def with_body(xml):
    """Return a Word document with this content, as XML."""

    def put(raw):
        begin = raw.index(b"<w:body>") + len(b"<w:body>")
        return raw[:begin] + xml.encode() + raw[raw.index(b"<w:sectPr") :]

    return rewritten(docx(lambda _: None), {"word/document.xml": put})


def test_what_was_inserted_stays_what_was_deleted_goes():
    found = word.extract(
        with_body(
            '<w:p><w:r><w:t>It </w:t></w:r><w:ins w:id="1" w:author="a"><w:r><w:t>trains</w:t></w:r></w:ins>'
            '<w:del w:id="2" w:author="a"><w:r><w:delText>rests</w:delText></w:r></w:del><w:r><w:t>.</w:t></w:r></w:p>'
        )
    )
    assert found.text == "It trains.\n"
    assert found.dropped == {"deletions": 1}


def test_what_stands_in_controls_links_and_text_boxes_is_read():
    found = word.extract(
        with_body(
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
            '<w:p><w:hyperlink r:id="rId1"><w:r><w:t>A link</w:t></w:r></w:hyperlink><w:r><w:pict><w:txbxContent>'
            "<w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></w:pict></w:r><w:r><w:t> goes on.</w:t></w:r></w:p>"
            "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>member</w:t></w:r></w:p>"
        )
    )
    assert paragraphs(found.text) == ["In a control.", "A link goes on.", "In a box.", "- member"]


def test_footnotes_stand_at_the_end_under_their_marks():
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:id="7"><w:p><w:r><w:t>See the report.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    body = with_body('<w:p><w:r><w:t>It trains</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r></w:p>')
    relation = (
        b'<Relationship Id="rId99" Target="footnotes.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"/></Relationships>'
    )
    kind = (
        b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        b'wordprocessingml.footnotes+xml"/></Types>'
    )
    raw = rewritten(
        body,
        {
            "word/footnotes.xml": notes,
            "word/_rels/document.xml.rels": lambda raw: raw.replace(b"</Relationships>", relation),
            "[Content_Types].xml": lambda raw: raw.replace(b"</Types>", kind),
        },
    )
    assert paragraphs(word.extract(raw).text) == ["It trains[1]", "[1] See the report."]


# OpenDocument


def test_an_open_document_is_read_in_order_with_its_notes_behind():
    found = open_text.extract(
        odt(
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
            "</text:changed-region></text:tracked-changes>"
            f"<text:h>Aims</text:h><text:p>One<text:s/>{JA}<text:tab/><text:span>in {EMOJI}</text:span>"
            '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
            "<text:p>See it.</text:p></text:note-body></text:note> tail<office:annotation><text:p>No</text:p>"
            "</office:annotation>.</text:p><text:list><text:list-item><text:p>member</text:p></text:list-item></text:list>"
            "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell>"
            "<text:p>b</text:p></table:table-cell></table:table-row></table:table>"
            "<text:p>Around<draw:frame><draw:text-box><text:p>Boxed.</text:p></draw:text-box></draw:frame> it.</text:p>"
            "<text:p><draw:frame><draw:image/></draw:frame></text:p>"
        )
    )
    assert paragraphs(found.text) == [
        "Aims", f"One {JA} in {EMOJI}[1] tail.", "- member", "a | b", "Around it.", "Boxed.", "[1] See it.",
    ]  # fmt: skip
    assert found.dropped == {"comments": 1, "deletions": 1, "images": 1}


# Books


def test_the_chapters_of_a_book_stand_in_the_order_of_the_spine():
    raw = epub(
        {
            "b.xhtml": chapter(f"<h1>Two</h1><p>{JA}&nbsp;{KO}<a id='x'/>!</p><script src='x'/><p>More.</p>"),
            "a.xhtml": chapter("<h1>One</h1><p>Text &amp; text.<br/>it <i>goes</i> on</p>"),
        },
        order=["a.xhtml", "b.xhtml"],
    )
    found = book.extract(raw)
    assert paragraphs(found.text) == ["One", "Text & text. it goes on", "Two", f"{JA} {KO}!", "More."]
    assert found.dropped == {"navigation": 1, "scripts": 1}
    assert found.notes == ("Chapters in it: 2.",)


def test_a_chapter_that_is_no_sound_xml_is_read_as_browsers_do():
    assert book.extract(epub({"a.xhtml": "<html><body><p>One<p>Two &copy;</body>"})).text == "One\n\nTwo ©\n"


def test_a_book_that_is_locked_is_refused():
    lock = (
        '<encryption><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData>'
        '<CipherReference URI="OPS/a.xhtml"/></CipherData></EncryptedData></encryption>'
    )
    with pytest.raises(CodingError, match="is locked by its seller"):
        book.extract(epub({"a.xhtml": chapter("<p>x</p>")}, **{"META-INF/encryption.xml": lock}))


# Encodings


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(JA, "cp932"), (KO, "cp949"), ("“Übung” für Käse – naïve", "cp1252"), ("Цель и задачи", "cp1251")],
)
def test_another_encoding_is_read_when_it_is_said_or_declared_and_else_named_as_a_guess(text, encoding):
    raw = f"{text}\r\n".encode(encoding)
    assert encodings.decoded(raw, name="a", given=encoding).text == f"{text}\n"
    assert encodings.decoded(raw, name="a", declared=encoding) == encodings.Decoded(
        f"{text}\n", encoding, "as declared"
    )
    with pytest.raises(CodingError, match=r"a, line 1: is not utf-8 \(byte 0\)\. Save the file as UTF-8"):
        encodings.decoded(raw, name="a")


@pytest.mark.parametrize("encoding", ["cp932", "cp949", "euc_jp"])
def test_a_guess_shows_the_words_as_they_would_read(encoding):
    text = {"cp949": KO}.get(encoding, JA) * 8
    with pytest.raises(CodingError, match="Or say its encoding: it may be ") as caught:
        encodings.decoded(text.encode(encoding), name="a")
    assert f"{encoding} ('{text[:5]}" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["id,text\n1,Zürich\n", "id,text\n1,Café de Genève\n", "id;text\n1;Größe – “so”\n", "a,b\n1,Łé\n"]
)
def test_cp1252_is_the_first_guess_where_single_letters_stand_among_ascii(text):
    raw = text.replace("Ł", "L").encode("cp1252")
    with pytest.raises(
        CodingError, match="it may be cp1252 .*; if the first words are right, --encoding cp1252"
    ):
        encodings.decoded(raw, name="a")


def test_cp1252_is_offered_last_where_letters_stand_in_rows_and_not_where_it_gives_signs():
    with pytest.raises(CodingError, match=r"cp1251 \('1,Привет мир'\) .*cp1252"):
        encodings.decoded("id,text\n1,Привет мир\n".encode("cp1251"), name="a")
    with pytest.raises(CodingError) as caught:
        encodings.decoded(JA.encode("cp932"), name="a")
    assert "cp1252" not in str(caught.value)


@given(st.text(), st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_a_byte_order_mark_wins_over_everything(text, encoding):
    text = text.replace("\0", "").encode("utf-8", "ignore").decode()
    found = encodings.decoded(text.encode(encoding), name="a", given="cp1252", declared="cp1251")
    assert found.text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert found.by == "byte order mark"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1b\r\ufeff")))
def test_what_is_utf8_is_read_as_such_whatever_is_said(text):
    assert encodings.decoded(text.encode(), name="a", given="cp1252").text == text


def test_an_encoding_that_hides_in_ascii_is_no_utf8():
    raw = JA.encode("iso2022_jp")
    assert raw.isascii()
    assert encodings.decoded(raw, name="a", given="iso-2022-jp").text == JA
    with pytest.raises(CodingError, match="is not utf-8"):
        encodings.decoded(raw, name="a")


def test_an_encoding_that_is_none_or_does_not_fit_is_refused():
    with pytest.raises(CodingError, match="--encoding: 'utf-9' is no encoding"):
        encodings.decoded(b"\xff", name="a", given="utf-9")
    with pytest.raises(CodingError, match=r"a, line 2: is not cp932 \(byte 2\)"):
        encodings.decoded(b"a\n\x81", name="a", given="cp932")
    with pytest.raises(CodingError, match="is not text"):
        encodings.decoded(b"a\0\xff", name="a", given="cp1252")


def test_a_page_says_its_encoding_in_any_of_the_usual_ways():
    assert html.declared_encoding(b'<meta charset="shift_jis">') == "shift_jis"
    assert html.declared_encoding(b'<META http-equiv=x content="text/html; charset=euc-kr">') == "euc-kr"
    assert html.declared_encoding(b'<?xml version="1.0" encoding="cp1252"?>') == "cp1252"
    assert html.declared_encoding(b"<p>") is None


# Files that mean harm


def test_every_format_that_takes_texts_out_comes_through_the_door_of_plug_ins():
    found = {
        s for m in plugins.installed("coding.formats").values() if hasattr(m, "extract") for s in m.SUFFIXES
    }
    assert found >= {".html", ".htm", ".xhtml", ".pdf", ".docx", ".odt", ".epub"}


BOMB = archive({"word/document.xml": b"0" * 30_000_000, "content.xml": b"0" * 30_000_000})
FORMATS = {"docx": word, "odt": open_text, "epub": book, "pdf": pages, "html": html}
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
    + "".join(f'<!ENTITY {y} "{f"&{x};" * 9}">' for x, y in zip("bcdefghij", "cdefghijk", strict=True))
    + "]><x>&k;</x>"
)


@pytest.mark.parametrize("kind", ["docx", "odt", "epub"])
@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"PK", "is no .*File is not a zip file"),
        (b"", "is no "),
        (archive({"other.txt": "x"}), "is no .*Save it again"),
        (BOMB, "would unpack to far more than a text is"),
        (archive({f"{i}": "" for i in range(extraction.MOST_MEMBERS + 1)}), "would unpack to far more"),
    ],
    ids=["no archive", "empty", "another archive", "bomb", "many members"],
)
def test_an_archive_that_is_no_text_is_refused(kind, raw, message):
    with pytest.raises(CodingError, match=message):
        FORMATS[kind].extract(raw)


@pytest.mark.parametrize("member", ["word/document.xml", "word/styles.xml", "[Content_Types].xml"])
def test_entities_in_a_word_document_are_refused(member):
    with pytest.raises(CodingError, match="defines entities"):
        word.extract(rewritten(docx(lambda _: None), {member: LAUGHS}))


def test_entities_in_an_open_document_and_in_a_book_are_not_resolved():
    with pytest.raises(CodingError, match="defines entities"):
        open_text.extract(archive({"content.xml": LAUGHS}))
    with pytest.raises(CodingError, match="defines entities"):
        book.extract(epub({"a.xhtml": chapter("<p>x</p>")}, **{"OPS/book.opf": LAUGHS}))
    external = (
        '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>a &x; b</p></body></html>'
    )
    assert "root:" not in book.extract(epub({"a.xhtml": external})).text


def test_a_size_that_lies_is_damage():
    raw = bytearray(archive({"content.xml": "<x>" + "y" * 5000 + "</x>"}))
    for begin, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", raw, raw.index(begin) + at, 10)
    with pytest.raises(CodingError, match=r"is damaged|is no sound XML"):
        open_text.extract(bytes(raw))


def test_an_encrypted_archive_is_refused():
    raw = bytearray(archive({"content.xml": "<x/>"}))
    for begin, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        raw[raw.index(begin) + at] |= 1
    with pytest.raises(CodingError, match="protected by a password"):
        open_text.extract(bytes(raw))
    assert zipfile.is_zipfile(__import__("io").BytesIO(bytes(raw)))


@pytest.mark.parametrize("depth", [300, 100_000])
def test_what_is_nested_without_end_is_refused(depth):
    with pytest.raises(CodingError, match="nested too deeply"):
        html.extract(b"<div>" * depth + b"x")
    deep = f"{'<text:section>' * depth}<text:p>x</text:p>{'</text:section>' * depth}"
    with pytest.raises(CodingError, match="is no sound XML"):
        open_text.extract(odt(deep))


def module(name, source, tmp_path, monkeypatch):
    """Return a format of these lines, that a process of its own finds too."""
    (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    made = ModuleType(name)
    made.SUFFIXES = (".x",)
    return made


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def extract(raw):\n    while True: pass\n", r"was not read within 3 seconds|was stopped"),
        ("def extract(raw):\n    import time; time.sleep(60)\n", "was not read within 3 seconds"),
        ("def extract(raw):\n    import os; os.abort()\n", r"its reader was stopped \(signal 6\)"),
        ("def extract(raw):\n    import os; os._exit(3)\n", "its reader ended with 3"),
        ("def extract(raw):\n    raise ValueError('odd')\n", "cannot be read: ValueError: odd. Save"),
        ("def extract(raw):\n    return extract(raw)\n", "nested too deeply"),
        pytest.param(
            "def extract(raw):\n    return b'x' * 3_000_000_000\n",
            "asks for more memory than a text needs",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="the system limits no memory"),
        ),
    ],
    ids=["loops", "sleeps", "crashes", "leaves", "fails", "recurs", "is greedy"],
)
def test_a_reader_that_loops_crashes_or_is_greedy_ends_with_a_message(source, message, tmp_path, monkeypatch):
    begun = time.monotonic()
    with pytest.raises(CodingError, match=message):
        extracted(module("harmful", source, tmp_path, monkeypatch), b"x", limits=Limits(seconds=3))
    assert time.monotonic() - begun < 60  # it ended at all: the loop has no end of its own


def test_what_a_reader_prints_is_no_part_of_its_answer(tmp_path, monkeypatch):
    source = (
        "from coding.formats.extraction import Extracted\n"
        "def extract(raw):\n    print('{}'); return Extracted(raw.decode() + '\\ud800', 2, {'a': 1}, ('b',))\n"
    )
    found = extracted(module("chatty", source, tmp_path, monkeypatch), "日本 👩🏽‍💻".encode())
    assert found == extraction.Extracted("日本 👩🏽‍💻\ud800", 2, {"a": 1}, ("b",))


def test_a_module_in_the_working_directory_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert extracted(html, b"<p>Text.</p>").text == "Text.\n"


def test_a_file_that_is_too_large_or_says_too_much_is_refused():
    with pytest.raises(CodingError, match=r"has 300 MB; up to 200 MB are read"):
        confined.refuse_large(300_000_000)
    with pytest.raises(CodingError, match="holds 1,001 characters"):
        extracted(html, b"x" * 1000, limits=Limits(characters=100))


def test_the_rows_of_a_workbook_are_read_apart(tmp_path):
    xlsx.write_sheets(tmp_path / "a.xlsx", {"s": [["id", "text"], ["1", JA], [2, None]]})
    assert confined.rows(xlsx, (tmp_path / "a.xlsx").read_bytes()) == [["id", "text"], ["1", JA], ["2", ""]]
    with pytest.raises(CodingError, match="is no Excel workbook"):
        confined.rows(xlsx, b"PK")
    raw = rewritten((tmp_path / "a.xlsx").read_bytes(), {"xl/sharedStrings.xml": LAUGHS})
    with pytest.raises(CodingError, match="defines entities"):
        confined.rows(xlsx, raw)
