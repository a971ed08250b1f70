"""Word documents: what stands in the body, in order, with foot- and endnotes behind it.

Headers, footers, comments, pictures and what was deleted under tracked changes are left out, and counted. The
pages of such a file are made anew by each program that shows it, so it has none here.
"""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any

from coding.errors import CodingError
from coding.formats.extraction import (
    Extracted,
    counted,
    in_a_line,
    member,
    opened_zip,
    own_title,
    written,
    xml,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

SUFFIXES = (".docx",)
READER = "python-docx"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DC, _PROPERTIES = "{http://purl.org/dc/elements/1.1/}", "docProps/core.xml"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PICTURES = (
    "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic",
    "{urn:schemas-microsoft-com:vml}imagedata",
)
_NOTES = {"footnote": "", "endnote": "e"}  # the mark before the number of a note
_GONE = (f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", _FALLBACK, f"{_W}pPr", f"{_W}rPr")
_SPACES = (f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}ptab")


def extract(raw: bytes) -> Extracted:
    """Return the text of a Word document.

    Raises
    ------
    CodingError
        If it is none, is protected, or would unpack to more than a text is.
    """
    parts = _parts(raw)
    body = parts["document"].find(f"{_W}body")
    dropped: Counter[str] = Counter()
    if body is None:
        return Extracted("")
    _count(parts, body, dropped)
    _say_lists(body, _list_styles(parts.get("styles")))
    order = _numbers(body)
    paragraphs = [*_paragraphs(body, order)]
    for kind in _NOTES:
        paragraphs += _notes(parts.get(f"{kind}s"), kind, order)
    return Extracted(written(paragraphs), dropped=counted(dropped), title=_title(raw))


def _parts(raw: bytes) -> dict[str, _Element]:
    """Return the parts that hold words, by what they are; headers and footers have numbers."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    archive = opened_zip(raw, "Word document")
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            xml(member(archive, name, "Word document"), name)
    try:
        package = docx.Document(BytesIO(raw)).part
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise CodingError(f"is no Word document: {error}. Save it again as .docx.") from error
    found: dict[str, _Element] = {"document": package.element}
    for n, relation in enumerate(package.rels.values()):
        kind = relation.reltype.rpartition("/")[2]
        if (
            kind in ("footnotes", "endnotes", "comments", "styles", "header", "footer")
            and not relation.is_external
        ):
            name = f"{kind} {n}" if kind in ("header", "footer") else kind
            found[name] = xml(relation.target_part.blob, kind)
    return found


def _title(raw: bytes) -> str:
    """Return the title among the properties of a document."""
    archive = opened_zip(raw, "Word document")
    if _PROPERTIES not in archive.namelist():
        return ""
    said = xml(member(archive, _PROPERTIES, "Word document"), _PROPERTIES).find(f"{_DC}title")
    return own_title(None if said is None else said.text)


def _count(parts: dict[str, _Element], body: _Element, dropped: Counter[str]) -> None:
    for name, part in parts.items():
        if name.startswith(("header", "footer")) and any(e.text for e in part.iter(f"{_W}t")):
            dropped["headers and footers"] += 1
    dropped["comments"] = len(list(parts["comments"].iter(f"{_W}comment"))) if "comments" in parts else 0
    dropped["deletions"] = sum(1 for _ in body.iter(f"{_W}del", f"{_W}moveFrom"))
    dropped["images"] = sum(1 for _ in body.iter(*_PICTURES))
    dropped["formulas"] = sum(1 for e in body.iter() if isinstance(e.tag, str) and e.tag.endswith("}oMath"))


def _paragraphs(part: _Element, numbers: dict[str, str]) -> Iterator[str]:
    """Yield the paragraphs of a part; a row of a table is one, those of a text box follow the one around."""
    for child in part:
        if child.tag == f"{_W}p":
            yield _bullet(child) + _words(child, numbers)
            for box in _boxes(child):
                yield from _paragraphs(box, numbers)
        elif child.tag == f"{_W}tbl":
            yield from _rows(child, numbers)
        elif child.tag not in _GONE:  # a control, a tracked insertion: what it holds
            yield from _paragraphs(child, numbers)


def _rows(table: _Element, numbers: dict[str, str]) -> Iterator[str]:
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl"), None) is table:
            cells = [cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr"), None) is row]
            yield " | ".join(in_a_line(" ".join(_paragraphs(cell, numbers))) for cell in cells).strip(" |")


def _words(paragraph: _Element, numbers: dict[str, str]) -> str:
    """Return the words of a paragraph, without what was deleted, with the marks of notes in brackets."""
    from lxml import etree

    said: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start",))
    for _, element in walk:
        if element.tag in _GONE or element.tag == f"{_W}txbxContent":
            walk.skip_subtree()
        elif element.tag == f"{_W}t":
            said.append(element.text or "")
        elif element.tag in _SPACES:
            said.append(" ")
        elif element.tag == f"{_W}noBreakHyphen":
            said.append("-")
        elif element.tag in (f"{_W}{kind}Reference" for kind in _NOTES):
            said.append(f"[{numbers.get(_note(element), '?')}]")
    return "".join(said)


def _boxes(paragraph: _Element) -> Iterator[_Element]:
    for box in paragraph.iter(f"{_W}txbxContent"):
        above = {element.tag for element in box.iterancestors()}
        inner = next(box.iterancestors(f"{_W}txbxContent", f"{_W}p"), None)
        if _FALLBACK not in above and inner is paragraph:
            yield box


def _list_styles(styles: _Element | None) -> frozenset[str]:
    """Return the styles whose paragraphs are members of lists, by themselves or what they build on."""
    if styles is None:
        return frozenset()
    known = {str(style.get(f"{_W}styleId")): style for style in styles.iter(f"{_W}style")}
    found = set()
    for name in known:
        chain: list[str] = []
        above: str | None = name
        while above in known and above not in chain:
            chain.append(above)
            base = known[above].find(f"{_W}basedOn")
            above = None if base is None else base.get(f"{_W}val")
        says = [known[each] for each in chain]
        is_heading = any(style.find(f"{_W}pPr/{_W}outlineLvl") is not None for style in says)
        numbered = (style.find(f"{_W}pPr/{_W}numPr") for style in says)
        if not is_heading and _is_list(next((each for each in numbered if each is not None), None)):
            found.add(name)
    return frozenset(found)


def _say_lists(body: _Element, lists: frozenset[str]) -> None:
    """Say at the paragraphs of a list style themselves that they are members of a list."""
    from lxml import etree

    for style in body.iter(f"{_W}pStyle"):
        said = style.getparent()
        if style.get(f"{_W}val") in lists and said is not None and said.find(f"{_W}numPr") is None:
            etree.SubElement(said, f"{_W}numPr")


def _is_list(numbered: _Element | None) -> bool:
    """Say whether a paragraph is a member of a list; the list 0 is none."""
    if numbered is None:
        return False
    of = numbered.find(f"{_W}numId")
    return of is None or of.get(f"{_W}val") != "0"


def _bullet(paragraph: _Element) -> str:
    is_member = _is_list(paragraph.find(f"{_W}pPr/{_W}numPr"))
    return "- " if is_member and _words(paragraph, {}).strip() else ""


def _numbers(body: _Element) -> dict[str, str]:
    """Return the marks of the notes in the order in which the body refers to them."""
    found: dict[str, str] = {}
    for kind, mark in _NOTES.items():
        for n, element in enumerate(body.iter(f"{_W}{kind}Reference"), start=1):
            found.setdefault(_note(element), f"{mark}{n}")
    return found


def _note(element: Any) -> str:
    kind = element.tag.removeprefix(_W).removesuffix("Reference")
    return f"{kind} {element.get(f'{_W}id')}"


def _notes(part: _Element | None, kind: str, numbers: dict[str, str]) -> Iterator[str]:
    if part is None:
        return
    notes = {_note(note): note for note in part.iter(f"{_W}{kind}")}
    for name, mark in numbers.items():
        if name in notes:
            yield f"[{mark}] {in_a_line(' '.join(_paragraphs(notes[name], {})))}"
