"""A paper as a Word document. What means the same has one style there, so that a reader can change it."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any, assert_never
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from coding.paper import Block, Heading, Paper, Paragraph, Picture, Row, Table, Words, in_one_line, widths

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".docx",)

_ANY_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a zip archive can name
_KINDS = {"text": "Normal", "quote": "Quote", "note": "Note", "point": "List Bullet"}
_LOOKS = {"strong": "Strong", "emphasis": "Emphasis", "coded": "Coded", "quiet": "Quiet"}
_MANY_COLUMNS = 8  # more of them want a page that lies on its side
_INDENT = "\u2003"
_LINES = {"top": 8, "bottom": 8}  # the rules of a table, in eighths of a point
_QUIET = "5F5F5F"


def word(paper: Paper) -> bytes:
    """Return a paper as the bytes of a .docx file, the same for the same paper.

    Tables have a heading row that repeats on each page, a caption above and notes below.
    """
    import docx

    document = docx.Document()
    _set_up(document, paper)
    if paper.title:
        document.add_paragraph(in_one_line(paper.title), style="Title")
    numbers = count(1)
    for block in paper.blocks:
        _add(document, block, numbers)
    written = BytesIO()
    document.save(written)
    return _undated(written.getvalue())


def _set_up(document: Any, paper: Paper) -> None:
    """Give a document its page and its styles, and take out what its template says of its maker."""
    from docx.shared import Cm

    about = document.core_properties
    about.author, about.comments, about.title = "", "", in_one_line(paper.title)[:255]
    section = document.sections[0]
    lies = any(isinstance(b, Table) and len(b.head) > _MANY_COLUMNS for b in paper.blocks)
    section.page_width, section.page_height = (Cm(29.7), Cm(21.0)) if lies else (Cm(21.0), Cm(29.7))
    if lies:
        from docx.enum.section import WD_ORIENT

        section.orientation = WD_ORIENT.LANDSCAPE
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(2.5))
    _number_pages(section)
    _style(document.styles)
    package = document.part.package
    for name in [name for name, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
        del package.rels[name]


def _style(styles: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    black, quiet = RGBColor(0, 0, 0), RGBColor.from_string(_QUIET)
    for name in ("Coded", "Quiet", "Note"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH if name == "Note" else WD_STYLE_TYPE.CHARACTER)
    styles["Note"].base_style = styles["Normal"]
    styles["Coded"].font.bold = True
    styles["Quiet"].font.color.rgb = quiet
    sizes = {"Normal": 10.5, "Title": 20, "Caption": 9.5, "Note": 9, "Quote": 10.5}
    for name, size in (sizes | {f"Heading {i}": max(10.5, 17 - 2 * i) for i in range(1, 6)}).items():
        styles[name].font.size = Pt(size)
        styles[name].font.color.rgb = black
    styles["Quote"].font.italic = False
    styles["Quote"].paragraph_format.left_indent = Pt(18)
    styles["Caption"].paragraph_format.keep_with_next = True
    styles["Note"].paragraph_format.space_after = Pt(10)


def _number_pages(section: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = _element("fldSimple", instr="PAGE")
    field.append(foot.add_run("1")._r)  # noqa: SLF001  fields have no other way in
    foot._p.append(field)  # noqa: SLF001  the same


def _add(document: Any, block: Block, numbers: Iterator[int]) -> None:
    match block:
        case Heading():
            document.add_heading(in_one_line(block.text), min(block.level, 5))
        case Paragraph():
            _fill(document.add_paragraph(style=_KINDS[block.kind]), block.words)
        case Table():
            _add_table(document, block, next(numbers))
        case Picture():
            _add_picture(document, block)
        case _:
            assert_never(block)


def _fill(paragraph: Any, words: tuple[Words, ...]) -> None:
    for each in words:
        added = paragraph.add_run(in_one_line(each.text), style=_LOOKS.get(each.style))
        if each.url:
            from docx.opc.constants import RELATIONSHIP_TYPE

            to = paragraph.part.relate_to(each.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            link = _element("hyperlink")
            link.set(_name("r:id"), to)
            added.font.underline = True
            link.append(added._r)  # noqa: SLF001  links have no other way in
            paragraph._p.append(link)  # noqa: SLF001  the same


def _add_picture(document: Any, picture: Picture) -> None:
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    shown = document.add_picture(BytesIO(picture.png))
    if shown.width > room:
        shown.height = round(shown.height * room / shown.width)
        shown.width = room
    for properties in shown._inline.iter(_name("wp:docPr")):  # noqa: SLF001  what a picture shows has no other way in
        properties.set("descr", in_one_line(picture.shows))
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    document.add_paragraph(in_one_line(picture.caption), style="Caption")


def _add_table(document: Any, table: Table, number: int) -> None:
    _fill(document.add_paragraph(style="Caption"), (Words(f"Table {number}. "), Words(table.caption)))
    rows = (Row(table.head), *table.rows)
    added = document.add_table(len(rows), len(table.head))
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    wide = widths(table)
    for column, width in zip(added.columns, wide, strict=True):
        column.width = round(room * width / sum(wide))
    for i, (row, place) in enumerate(zip(rows, added.rows, strict=True)):
        _fill_row(place, row, table, head=i == 0)
    _rule(added)
    _fill(document.add_paragraph(style="Note"), (Words(" ".join(table.notes)),))


def _fill_row(place: Any, row: Row, table: Table, *, head: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    properties = place._tr.get_or_add_trPr()  # noqa: SLF001  what a row is has no other way in
    properties.append(_element("cantSplit"))
    if head:
        properties.append(_element("tblHeader"))
    for i, (cell, text) in enumerate(zip(place.cells, row.cells, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = Pt(7 if row.apart else 1)
        paragraph.paragraph_format.space_after = Pt(1)
        if i in table.numbers:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        written = paragraph.add_run(in_one_line((_INDENT * row.depth if i == 0 else "") + text))
        written.font.size = Pt(9)
        written.bold = head or None
        if head:
            cell._tc.get_or_add_tcPr().append(_borders("tcBorders", {"bottom": 4}))  # noqa: SLF001  the same


def _rule(table: Any) -> None:
    """Give a table its rules: one above, one below, none between the columns."""
    properties = table._tbl.tblPr  # noqa: SLF001  borders have no other way in
    after = [each for each in properties if each.tag in (_name("w:tblLayout"), _name("w:tblLook"))]
    after[0].addprevious(_borders("tblBorders", _LINES))  # the format asks for this order


def _borders(name: str, sizes: dict[str, int]) -> Any:
    borders = _element(name)
    for side, size in sizes.items():
        borders.append(_element(side, val="single", sz=str(size), space="0", color="auto"))
    return borders


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(_name(f"w:{key}"), value)
    return made


def _name(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _undated(raw: bytes) -> bytes:
    """Return an archive with the same members, none of which says when it was written."""
    written = BytesIO()
    with ZipFile(BytesIO(raw)) as archive, ZipFile(written, "w") as fixed:
        for name in archive.namelist():
            member = ZipInfo(name, _ANY_DAY)
            member.compress_type = ZIP_DEFLATED
            fixed.writestr(member, archive.read(name))
    return written.getvalue()
