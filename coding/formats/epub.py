"""Electronic books: their chapters in the order of the spine, each read as a web page is."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from html.entities import html5
from typing import TYPE_CHECKING
from urllib.parse import unquote

from coding.errors import CodingError
from coding.formats import html
from coding.formats.encodings import decoded
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
    from zipfile import ZipFile

    from lxml.etree import _Element

SUFFIXES = (".epub",)
READER = "lxml"

_KIND = "electronic book (EPUB)"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DAY = 10  # characters of a date without its hour
_BOX = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_LOCKED = "{http://www.w3.org/2001/04/xmlenc#}CipherReference"
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*;)")
_OF_XML = ("lt;", "gt;", "amp;", "quot;", "apos;")


def extract(raw: bytes) -> Extracted:
    """Return the text of an electronic book.

    Raises
    ------
    CodingError
        If it is none, is locked, or would unpack to more than a text is.
    """
    archive = opened_zip(raw, _KIND)
    locked = _locked(archive)
    dropped: Counter[str] = Counter()
    paragraphs: list[str] = []
    opf, package = _package(archive)
    chapters = list(_spine(opf, package, dropped))
    for name in chapters:
        if name in locked:
            raise CodingError("is locked by its seller. A text that may be read by a program is needed.")
        paragraphs += html.paragraphs(_chapter(member(archive, name, _KIND), name), dropped)
    return Extracted(
        text=written(paragraphs),
        dropped=counted(dropped),
        notes=(f"Chapters in it: {len(chapters)}.",),
        title=own_title(next((each.text for each in package.iter(f"{_DC}title")), None)),
        date=in_a_line(next((each.text for each in package.iter(f"{_DC}date")), None) or "")[:_DAY],
    )


def _package(archive: ZipFile) -> tuple[str, _Element]:
    """Return the name of the file that says what a book is made of, and its root."""
    container = xml(member(archive, "META-INF/container.xml", _KIND), "META-INF/container.xml")
    rootfile = next(container.iter(f"{_BOX}rootfile"), None)
    if rootfile is None:
        raise CodingError(f"is no {_KIND}: its container names no package. Save it again as such.")
    opf = rootfile.get("full-path", "")
    return opf, xml(member(archive, opf, _KIND), opf)


def _spine(opf: str, package: _Element, dropped: Counter[str]) -> Iterator[str]:
    """Yield the files of the chapters in order; the table of contents is no chapter."""
    files = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    for reference in package.iter(f"{_OPF}itemref"):
        item = files.get(reference.get("idref"))
        if item is None or item.get("media-type") not in ("application/xhtml+xml", "text/html"):
            dropped["chapters that hold no text"] += 1
        elif "nav" in item.get("properties", "").split():
            dropped["navigation"] += 1
        else:
            yield posixpath.normpath(posixpath.join(posixpath.dirname(opf), unquote(item.get("href", ""))))


def _locked(archive: ZipFile) -> set[str]:
    name = "META-INF/encryption.xml"
    if name not in archive.namelist():
        return set()
    return {unquote(each.get("URI", "")) for each in xml(member(archive, name, _KIND), name).iter(_LOCKED)}


def _chapter(raw: bytes, name: str) -> _Element:
    """Return the body of a chapter: by the rules of XML if it keeps them, else as browsers read a page."""
    text = decoded(raw, name=name, declared=html.declared_encoding(raw)).text
    known = _ENTITY.sub(lambda m: m[0] if m[1] in _OF_XML else html5.get(m[1], m[0]), text)
    try:
        root = xml(re.sub(r"\A\s*<\?xml[^>]*\?>", "", known).encode(), name)
    except CodingError:  # entities of its own, or no XML: browsers read both
        root = html.page(text.encode())
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    body = root.find("body")
    return root if body is None else body
