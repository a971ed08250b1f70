"""OpenDocument texts (LibreOffice): what stands in the body, in order, with the notes behind it.

Headers, footers, comments, pictures and what was deleted under tracked changes are left out, and counted.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.formats.extraction import (
    Extracted,
    counted,
    in_a_line,
    inner_text,
    member,
    opened_zip,
    written,
    xml,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

SUFFIXES = (".odt",)
READER = "lxml"

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _DRAW = f"{{{_OASIS}text:1.0}}", f"{{{_OASIS}table:1.0}}", f"{{{_OASIS}drawing:1.0}}"
_OFFICE, _STYLE = f"{{{_OASIS}office:1.0}}", f"{{{_OASIS}style:1.0}}"
_PARAGRAPHS = (f"{_TEXT}p", f"{_TEXT}h")
_GONE = (f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}sequence-decls")
_SPACES = (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break")


def extract(raw: bytes) -> Extracted:
    """Return the text of an OpenDocument text.

    Raises
    ------
    CodingError
        If it is none, is protected, or would unpack to more than a text is.
    """
    archive = opened_zip(raw, "OpenDocument text")
    manifest = "META-INF/manifest.xml"
    if manifest in archive.namelist() and b"encryption-data" in member(
        archive, manifest, "OpenDocument text"
    ):
        raise CodingError("is protected by a password. Save it without one.")
    root = xml(member(archive, "content.xml", "OpenDocument text"), "content.xml")
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        return Extracted("")
    dropped = Counter({
        "comments": _n(body, f"{_OFFICE}annotation"),
        "images": _n(body, f"{_DRAW}image"),
        "deletions": _n(body, f"{_TEXT}deletion"),
    })  # fmt: skip
    if "styles.xml" in archive.namelist():
        styles = xml(member(archive, "styles.xml", "OpenDocument text"), "styles.xml")
        found = styles.iter(
            f"{_STYLE}header", f"{_STYLE}footer", f"{_STYLE}header-left", f"{_STYLE}footer-left"
        )
        dropped["headers and footers"] = sum(1 for each in found if inner_text(each).strip())
    notes = [f"[{_mark(note)}] {_body(note)}" for note in body.iter(f"{_TEXT}note")]
    return Extracted(written([*_paragraphs(body), *notes]), dropped=counted(dropped))


def _n(body: _Element, tag: str) -> int:
    return sum(1 for _ in body.iter(tag))


def _paragraphs(part: _Element) -> Iterator[str]:
    """Yield the paragraphs of a part; a row of a table is one, those of a text box follow the one around."""
    for child in part:
        if child.tag in _PARAGRAPHS:
            yield _bullet(child) + _words(child)
            for box in child.iter(f"{_DRAW}text-box"):
                if next(box.iterancestors(f"{_DRAW}text-box", *_PARAGRAPHS), None) is child:
                    yield from _paragraphs(box)
        elif child.tag == f"{_TABLE}table":
            yield from _rows(child)
        elif child.tag not in _GONE:
            yield from _paragraphs(child)


def _rows(table: _Element) -> Iterator[str]:
    for row in table.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table"), None) is table:
            cells = (
                in_a_line(" ".join(_paragraphs(cell))) for cell in row.iterchildren(f"{_TABLE}table-cell")
            )
            yield " | ".join(cells).strip(" |")


def _words(paragraph: _Element) -> str:
    """Return the words of a paragraph, with the marks of notes in brackets."""
    from lxml import etree

    said: list[str] = [paragraph.text or ""]
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, element in walk:
        if element is paragraph:
            continue
        if event == "end":
            said.append(element.tail or "")
        elif element.tag in (*_GONE, f"{_DRAW}text-box"):
            walk.skip_subtree()
        elif element.tag == f"{_TEXT}note":
            said.append(f"[{_mark(element)}]")
            walk.skip_subtree()
        else:
            said.append(" " if element.tag in _SPACES else element.text or "")
    return "".join(said)


def _bullet(paragraph: _Element) -> str:
    above = paragraph.getparent()
    first = above is not None and above.tag == f"{_TEXT}list-item" and above[0] is paragraph
    return "- " if first and _words(paragraph).strip() else ""


def _mark(note: _Element) -> str:
    found = note.find(f"{_TEXT}note-citation")
    mark = "?" if found is None else in_a_line(inner_text(found))
    return f"e{mark}" if note.get(f"{_TEXT}note-class") == "endnote" else mark


def _body(note: _Element) -> str:
    inside = note.find(f"{_TEXT}note-body")
    return "" if inside is None else in_a_line(" ".join(_paragraphs(inside)))
