"""Tables for a paper keep base, zero and interval, and show any text as it is, in every format."""

import io
import re
import zipfile
from importlib import import_module
from pkgutil import iter_modules

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import OTHERS, ran
from typer.testing import CliRunner

from coding import cli
from coding.errors import CodingError
from coding.formats import csv, xlsx
from coding.paper import Heading, Paper, Picture, Row, Table, Words, in_one_line, paragraph
from coding.paper.latex import escape, latex
from coding.paper.markdown import markdown
from coding.paper.word import word
from coding.paper.written import FORMATS, format_of, write, written
from coding.write_up import findings_paper, matrix_paper

HOSTILE = (
    r"50 % & #1_x ^{y} ~ $z$ \input{/etc/passwd} <script>alert(1)</script> | a\\[2pt] *b* -- `c` ''d'' −1"
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
def found(sandbox):
    return ran(sandbox, more=OTHERS)


def reread(paper):
    return docx.Document(io.BytesIO(word(paper)))


def cells(paper):
    return [[cell.text for cell in row.cells] for table in reread(paper).tables for row in table.rows]


def piped(text):
    """The cells of every row of the pipe tables of a page, unescaped."""
    rows = [re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in text.splitlines() if line.startswith("|")]
    return [[re.sub(r"\\(.)", r"\1", cell) for cell in row] for row in rows]


def table(text, **keywords):
    return Paper("", (Table("t", text, ("Name", text), (Row((text, text)),), (text,), **keywords),))


def test_a_cell_of_the_matrix_has_its_number_and_its_base_in_every_format(found):
    paper = matrix_paper(found)
    assert ["Behaviour", "75 % (3/4)", "75 % (3/4)"] in piped(markdown(paper))
    assert ["Behaviour", "75\u00a0% (3/4)", "75\u00a0% (3/4)"] in cells(paper)
    assert r"Behaviour & 75~\% (3/4) & 75~\% (3/4) \\" in latex(paper).splitlines()


def test_the_three_zeros_stay_apart_and_what_nobody_examined_has_no_base(sandbox):
    sandbox.change("codebooks/book.yaml", "  - id: orientation\n    name: Orientation", "  - {id: odd, name: Odd, definition: d}\n  - id: orientation\n    name: Orientation")  # fmt: skip
    paper = matrix_paper(ran(sandbox))
    rows = {row[0].strip("\u2003"): row[1:] for row in cells(paper)}
    assert rows["Role"][1] == "– (0/4)"
    assert rows["Odd"] == ["·", "·"]
    (notes,) = [block.notes for block in paper.blocks]
    assert "0: a person read and found none; –: rules searched and found none; ·: nobody looked" in " ".join(
        notes
    )


def test_caption_and_notes_say_what_a_number_is_and_on_which_texts_it_rests(found):
    for said in (markdown(matrix_paper(found)), latex(matrix_paper(found))):
        assert "share of searched sentences, each unit alike" in said
        assert "in digests" in said
        assert "sentences that bear the code / sentences searched" in said
        assert "Norland 4 in 3, Sudland 4 in 3" in said
        assert "Coded by rules with codebook book 1.0.0" in said


def test_a_mean_over_documents_is_not_given_out_as_the_ratio_beside_it(sandbox):
    sandbox.change("studies/study.yaml", "weight: unit", "weight: document")
    found = ran(sandbox)
    for paper in (matrix_paper(found), findings_paper(found)):
        assert "not the ratio in brackets" in " ".join(paper.blocks[0].notes)


def test_a_finding_is_written_with_both_bases_its_interval_and_the_fidelity_of_its_texts(found):
    head, first, *_ = cells(findings_paper(found))
    assert head == ["Claim", "First share", "Second share", "Difference", "95 % interval", "Verdict"]
    (contrast,) = found.findings[0].contrasts
    assert first[:4] == [
        "1. More police",
        "Norland 100\u00a0% (3/3; 3)",
        "Sudland 33\u00a0% (1/3; 3)",
        "+0.67",
    ]
    assert first[4] == f"{contrast.low:+.2f} to {contrast.high:+.2f}".replace("-", "−")
    assert first[5] == found.findings[0].said
    assert first[5].endswith(", in digests")


def test_every_finding_and_every_link_of_a_chain_has_its_row_and_its_reason(found):
    (verdicts, _) = findings_paper(found).blocks
    titles = [row.cells[0] for row in verdicts.rows if row.depth == 0]
    assert titles == [f"{n}. {f.claim.title}" for n, f in enumerate(found.findings, 1)]
    links = [row.cells[0] for row in verdicts.rows if row.depth]
    assert links == [link.what for f in found.findings if f.claim.kind == "chain" for link in f.contrasts]
    for n, finding in enumerate(found.findings, 1):
        (note,) = [note for note in verdicts.notes if finding.reason in note and re.search(rf"\b{n}\b", note)]
        assert (finding.verdict or "described") in note


def test_a_composition_adds_up_to_its_base(found):
    (_, composition) = findings_paper(found).blocks
    for row in composition.rows:
        counted = [int(cell.split(" ")[0]) for cell in row.cells[2:-1] if cell != "—"]
        assert sum(counted) == int(row.cells[-1])
        assert counted or row.cells[-1] == "0"


def test_hostile_text_stays_text_in_a_word_document():
    assert cells(table(HOSTILE)) == [["Name", HOSTILE], [HOSTILE, HOSTILE]]


def test_hostile_text_stays_text_in_a_pipe_table():
    shown = markdown(table(HOSTILE))
    assert piped(shown)[0][0] == "Name"
    assert {len(row) for row in piped(shown)} == {2}
    assert "<script" not in shown.replace("\\<", "")
    assert "$z$" not in shown.replace("<span>$</span>", "")


def test_latex_gets_no_command_from_a_text():
    shown = latex(table(HOSTILE))
    assert r"\input" not in shown
    assert "--" not in shown.replace("-{}-", "")
    for sign in "%&#_$":
        assert not re.search(rf"(?<!\\){re.escape(sign)}", shown.split(r"\begin{tabular}")[1].split("\n", 1)[1].replace(" & ", " "))  # fmt: skip


def test_every_row_of_a_latex_table_has_a_cell_for_each_column_and_every_environment_ends(found):
    for paper in (matrix_paper(found), findings_paper(found), table(HOSTILE)):
        shown = latex(paper)
        begun, ended = (re.findall(rf"\\{verb}\{{(\w+)\}}", shown) for verb in ("begin", "end"))
        assert sorted(begun) == sorted(ended)
        for body, block in zip(
            re.findall(r"\\toprule\n(.*?)\\bottomrule", shown, re.DOTALL), paper.blocks, strict=True
        ):
            rows = [line for line in body.splitlines() if line.endswith(r" \\")]
            assert len(rows) == len(block.rows) + 1
            assert {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows} == {len(block.head)}


@given(st.text())
def test_braces_of_latex_always_close_and_a_text_is_one_line(text):
    shown = escape(text)
    assert "\n" not in shown
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", shown.replace(r"\{", "").replace(r"\}", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0


@given(st.text())
def test_a_text_of_a_paper_is_one_line_that_any_file_can_hold(text):
    shown = in_one_line(text)
    assert in_one_line(shown) == shown
    assert not re.search(r"[\x00-\x1f\ud800-\udfff]", shown)


def test_a_row_that_begins_with_a_bracket_is_no_option_of_the_row_above():
    lines = latex(
        Paper("", (Table("t", "c", ("a",), (Row(("x",)), Row(("[2pt] y",)), Row(("*z",)))),))
    ).splitlines()
    assert "{[}2pt{]} y \\\\" in lines
    assert "{*}z \\\\" in lines


def test_a_long_table_runs_over_pages_and_repeats_its_heading():
    long = Table("t", "c", ("a",), tuple(Row((str(i),)) for i in range(60)), ("note",))
    shown = latex(Paper("", (long,)))
    assert shown.startswith("% Needs \\usepackage{booktabs,longtable}.")
    assert shown.count("a \\\\\n\\midrule") == 2
    assert shown.index(r"\end{longtable}") < shown.index("note")
    (heading, *_) = reread(Paper("", (long,))).tables[0].rows
    assert heading._tr.xpath("./w:trPr/w:tblHeader")


def test_latex_says_when_letters_need_another_engine():
    assert "XeLaTeX" in latex(table("日本"))
    assert "XeLaTeX" not in latex(table("Ré—“x” – 5 %"))


def test_tables_of_a_word_document_have_captions_above_and_notes_below():
    paper = Paper(
        "Title", (Heading(1, "Head"), *table("said").blocks, paragraph("more"), *table("said").blocks)
    )
    body = [element.tag.rpartition("}")[2] for element in reread(paper).element.body]
    assert body == ["p", "p", "p", "tbl", "p", "p", "p", "tbl", "p", "sectPr"]
    styles = [(p.style.name, p.text) for p in reread(paper).paragraphs]
    assert styles[0] == ("Title", "Title")
    assert ("Heading 1", "Head") in styles
    assert [text for style, text in styles if style == "Caption"] == ["Table 1. said", "Table 2. said"]
    assert [text for style, text in styles if style == "Note"] == ["said", "said"]


def test_coded_words_keep_their_look_and_their_link_in_word():
    paper = Paper(
        "", (paragraph("a ", Words("b", "coded"), Words(" c", "quiet", "https://example.org/?a=1&b=2")),)
    )
    (shown,) = reread(paper).paragraphs
    assert shown.text == "a b c"
    assert [run.style.name for run in shown.runs if run.text == "b"] == ["Coded"]
    assert [(link.text, link.url) for link in shown.hyperlinks] == [(" c", "https://example.org/?a=1&b=2")]


def test_marks_of_markdown_stand_where_they_are_marks():
    shown = [
        markdown(Paper("", (paragraph(*words),))).strip()
        for words in (
            ("a ", Words("b", "coded"), " c"),
            ("a", Words(" b ", "coded"), "c"),
            ("は", Words("「能力」", "coded"), "を"),
            ("日本", Words("能力", "coded"), "構築"),
            ("", Words("", "coded"), "*c*"),
        )
    ]
    assert shown == ["a **b** c", "a **b** c", "は<b>「能力」</b>を", "日本**能力**構築", r"\*c\*"]


def test_a_picture_says_what_it_shows():
    paper = Paper("", (Picture(PNG, "figures/x.png", "Figure.", 'Bars "a" & b'),))
    document = reread(paper)
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == 'Bars "a" & b'
    assert 'Bars "a" \\& b' in markdown(paper)
    assert r"\includegraphics[width=\linewidth]{figures/x.png}" in latex(paper)


def test_a_word_document_names_no_day_and_no_maker(found):
    raw = word(findings_paper(found))
    assert raw == word(findings_paper(found))
    archive = zipfile.ZipFile(io.BytesIO(raw))
    assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "thumbnail" not in " ".join(archive.namelist())
    about = docx.Document(io.BytesIO(raw)).core_properties
    assert (about.author, about.comments) == ("", "")


def test_a_wide_table_lies_on_its_side_and_no_table_is_wider_than_the_page():
    wide = Table("t", "c", tuple("abcdefghij"), (Row(tuple("abcdefghij")),))
    for paper, lies in ((Paper("", (wide,)), True), (table("x"), False)):
        document = reread(paper)
        (section,) = document.sections
        assert (section.page_width > section.page_height) is lies
        room = section.page_width - section.left_margin - section.right_margin
        assert sum(column.width for column in document.tables[0].columns) <= room + len(
            document.tables[0].columns
        )


def test_the_ending_of_a_name_says_the_format(tmp_path):
    for name, suffix in FORMATS.items():
        path = tmp_path / f"x{suffix}"
        write(table("said"), path)
        assert path.read_bytes() == written(table("said"), name)
        assert format_of(path, FORMATS) == name
    with pytest.raises(CodingError, match=r"the ending '\.doc' says no format\. End the name in \.docx\."):
        write(table("said"), tmp_path / "x.doc")
    with pytest.raises(CodingError, match="format: 'word' is not one of"):
        written(table("said"), "word")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.docx", "x.md", "x.tex"]


def commanded(*arguments, folder):
    for module in iter_modules(cli.__path__, "coding.cli."):
        import_module(module.name)
    return CliRunner().invoke(cli.app, [*arguments, "--project", str(folder)])


def test_the_commands_write_every_format(sandbox):
    root = sandbox.root
    ended = commanded("matrix", "--code", "behaviour", "--format", "markdown", folder=root)
    assert [row[0] for row in piped(ended.stdout)][2:] == ["Behaviour", "&emsp;Training"]
    assert commanded("findings", "--out", f"{root}/f.tex", folder=root).stderr == f"Written: {root}/f.tex.\n"
    assert (root / "f.tex").read_text(encoding="utf-8").startswith("% Needs")
    assert commanded("matrix", "--out", f"{root}/m.docx", folder=root).exit_code == 0
    assert len(docx.Document(root / "m.docx").tables) == 1
    assert commanded("matrix", "--code", "role", "--out", f"{root}/m.csv", folder=root).exit_code == 0
    assert {row[0] for row in csv.read_table(root / "m.csv")} == {"code", "role", "role.bridge"}
    assert commanded("findings", "--out", f"{root}/f.xlsx", folder=root).exit_code == 0
    assert list(xlsx.read_sheets(root / "f.xlsx")) == ["findings"]
    assert "undetermined, in digests" in commanded("findings", folder=root).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("matrix", "--format", "docx"), "name one with --out"),
        (("findings", "--format", "word"), "is not one of markdown, latex, docx, csv, xlsx"),
        (("findings", "--out", "x.pdf"), "says no format"),
        (("matrix", "--cell", "Norland", "role", "--format", "latex"), "goes with no --format"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_study_runs(tmp_path, arguments, said):
    ended = commanded(*arguments, folder=tmp_path / "nowhere")
    assert said in str(ended.exception)
    assert ended.stdout == ""
