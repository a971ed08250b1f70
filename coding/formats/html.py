"""Web pages: the words of their main part, in order.

Navigation, scripts, headers and footers of the page, asides and what is hidden are left out, and counted.
A heading, a paragraph, a member of a list and a row of a table are a paragraph each.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.formats.extraction import Extracted, counted, in_a_line, inner_text, own_title, written

if TYPE_CHECKING:
    from lxml.etree import _Element

SUFFIXES = (".html", ".htm", ".xhtml")
READER = "lxml"

_DECLARED = re.compile(
    rb"<meta[^>]+?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]+?encoding\s*=\s*[\"']([\w.:-]+)",
    re.IGNORECASE,
)
_HEAD = 4096  # where a page declares its encoding

_DROPPED = {
    "nav": "navigation", "menu": "navigation", "script": "scripts", "noscript": "scripts",
    "style": "styles", "template": "scripts", "header": "headers", "footer": "footers",
    "aside": "asides", "button": "controls", "select": "controls", "textarea": "controls",
    "input": "controls", "dialog": "controls", "iframe": "media", "object": "media", "embed": "media",
    "video": "media", "audio": "media", "canvas": "media", "svg": "media", "img": "images",
    "math": "formulas", "rt": "readings of characters", "rp": "readings of characters",
}  # fmt: skip
_ROLES = {
    "navigation": "navigation", "menu": "navigation", "menubar": "navigation", "banner": "headers",
    "contentinfo": "footers", "complementary": "asides", "search": "controls", "dialog": "controls",
}  # fmt: skip
_NAMES = {
    **dict.fromkeys(
        ("nav", "navbar", "navigation", "menu", "breadcrumb", "breadcrumbs", "sidebar"), "navigation"
    ),
    **dict.fromkeys(("topnav", "sitenav", "mainmenu", "topmenu"), "navigation"),
    **dict.fromkeys(("cookie", "cookies"), "controls"),
    "footer": "footers",
}
_ABOUT_OTHERS = frozenset(("has", "is", "no", "not", "with", "without"))  # "has-sidebar" is no sidebar
_TEXT = ("main", "article", "h1")  # what holds them is no part around the text
_BLOCKS = frozenset((
    "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody",
    "tfoot", "thead", "tr", "ul",
))  # fmt: skip
_STAYING = frozenset(("article", "main", "section"))  # what they have as a header heads the text
_LONG_CELL = 300  # characters: a table of such cells is there for the layout
_DATES = ("article:published_time", "date", "dc.date", "dc.date.issued", "dcterms.issued", "dcterms.date")
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(?!\d)")
_FEW, _SMALL_PART = 200, 0.2  # a main part with fewer characters, and less of the page, is none
_MARK = re.compile(r"\[?(\d{1,3}|[*†‡§]{1,3})\]?")


def extract(raw: bytes) -> Extracted:
    """Return the text of a web page.

    Parameters
    ----------
    raw : the page in UTF-8, whatever it declares

    Raises
    ------
    CodingError
        If it is nested too deeply.
    """
    root = page(raw)
    body, chosen = _main(root)
    dropped: Counter[str] = Counter()
    text = written(paragraphs(body, dropped))
    notes = (f"Only what stands in <{chosen}> was read.",) if chosen else ()
    title = own_title(root.findtext("head/title"))
    return Extracted(text, dropped=counted(dropped), notes=notes, title=title, date=_date(root))


def declared_encoding(raw: bytes) -> str | None:
    """Return the encoding that a page declares in its beginning, if it does."""
    found = _DECLARED.search(raw[:_HEAD])
    return (found[1] or found[2]).decode("ascii", "replace") if found else None


def page(raw: bytes) -> _Element:
    """Return the root of a page in UTF-8, however it is written.

    Raises
    ------
    CodingError
        If it is nested too deeply.
    """
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(raw, parser) if raw.strip() else None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise CodingError("is nested too deeply or too large for a page. Save its text as .txt (UTF-8).")
    return etree.Element("html") if root is None else root


def paragraphs(body: _Element, dropped: Counter[str]) -> list[str]:
    """Return the paragraphs of a part of a page; what is left out joins `dropped`."""
    from lxml import etree

    found = _Found()
    stays = body.tag in _STAYING
    walk = etree.iterwalk(body, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            kind = None if element is body else _kind(element, stays=stays)
            if kind is None:
                mark = _mark(element)
                found.begin(element, mark)
                if mark:
                    walk.skip_subtree()
            else:
                dropped[kind] += 1
                found.gone = element
                walk.skip_subtree()
        else:
            found.end(element)
        if event == "end" and element is not body:
            found.say(element.tail or "")
    found.close()
    return found.paragraphs


class _Found:
    """The paragraphs found so far, and the words of the one that is open."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.gone: _Element | None = None
        self._words: list[str] = []
        self._tables: list[bool] = []  # whether each open table is one of cells
        self._before = ""
        self._breaks = 0

    def begin(self, element: _Element, mark: str) -> None:
        tag = element.tag
        if tag == "br":
            self._breaks += 1
            self.say("\n") if self._breaks < 2 else self.close()
            return
        if tag == "table":
            self.close()
            self._tables.append(_is_of_cells(element))
        elif tag in ("td", "th"):
            if not self._in_cells:
                self.close()
            elif any(word.strip() for word in self._words):
                self._words.append(" | ")
        elif tag in _BLOCKS:
            self._close_block(tag)
        if tag == "li":
            self._before = _bullet(element)
        self.say(mark or element.text or "")

    def end(self, element: _Element) -> None:
        if element is self.gone:
            self.gone = None
            return
        tag = element.tag
        if tag == "table":
            self.close()
            self._tables.pop()
        elif tag in _BLOCKS or (tag in ("td", "th") and not self._in_cells):
            self._close_block(tag)

    def say(self, words: str) -> None:
        if words.strip():
            self._breaks = 0
        self._words.append(words)

    def close(self) -> None:
        line = in_a_line("".join(self._words)).removesuffix("|").rstrip()
        if line:
            self.paragraphs.append(self._before + line)
            self._before = ""
        self._words = []
        self._breaks = 0

    @property
    def _in_cells(self) -> bool:
        return bool(self._tables) and self._tables[-1]

    def _close_block(self, tag: str) -> None:
        if self._in_cells and tag not in ("tr", "caption", "thead", "tbody", "tfoot"):
            self.say(" ")  # a block in a cell is no paragraph: the row is
        else:
            self.close()


def _date(root: _Element) -> str:
    """Return the day on which a page says that it was published."""
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name in _DATES and (found := _DAY.match(meta.get("content", "").strip())):
            return found[0]
    return ""


def _main(root: _Element) -> tuple[_Element, str]:
    """Return the element that holds the text, and its name if it is not the whole page."""
    body = root.find("body")
    whole = root if body is None else body
    mains = [*whole.iter("main"), *(e for e in whole.iter() if e.get("role") == "main" and e.tag != "main")]
    articles = list(whole.iter("article"))
    for found in (mains, articles):
        if len(found) == 1:
            size, of = (sum(map(len, e.itertext())) for e in (found[0], whole))
            if size >= _FEW or size >= _SMALL_PART * of:
                return found[0], str(found[0].tag)
    return whole, ""


def _kind(element: _Element, *, stays: bool) -> str | None:
    """Return as what an element is left out; None if it stays."""
    tag = element.tag
    if not isinstance(tag, str):
        return "entities"
    if tag == "header" and (stays or any(above.tag in _STAYING for above in element.iterancestors())):
        return None
    if tag in _DROPPED:
        return _DROPPED[tag]
    role = element.get("role", "")
    if role in _ROLES:
        return _ROLES[role]
    style = element.get("style", "").replace(" ", "").lower()
    if element.get("hidden") is not None or "display:none" in style or "visibility:hidden" in style:
        return "hidden parts"
    if tag in ("div", "ul", "ol", "dl", "section", "p", "table", "form", "span"):
        return _named(element)
    return None


def _named(element: _Element) -> str | None:
    """Return as what an element is left out by its class or id, such as "site-footer"; None if it stays."""
    for name in f"{element.get('class', '')} {element.get('id', '')}".lower().split():
        parts = re.split("[-_]+", name)
        kind = _NAMES.get(parts[-1]) or _NAMES.get(parts[0])
        if kind and parts[0] not in _ABOUT_OTHERS and next(element.iterdescendants(*_TEXT), None) is None:
            return kind
    return None


def _mark(element: _Element) -> str:
    """Return the mark of a note in brackets, so that it is no part of the word before; else nothing."""
    if element.tag != "sup":
        return ""
    said = _MARK.fullmatch(inner_text(element).strip())
    return f"[{said[1]}]" if said else ""


def _bullet(element: _Element) -> str:
    above = element.getparent()
    if above is None or above.tag != "ol":
        return "- "
    before = sum(1 for other in element.itersiblings("li", preceding=True))
    return f"{before + 1}) "


def _is_of_cells(table: _Element) -> bool:
    """Say whether a table holds cells to be read row by row, rather than the layout of a page."""
    rows = list(table.iter("tr"))
    cells = [cell for row in rows for cell in row if cell.tag in ("td", "th")]
    inside = ("table", "h1", "h2", "h3", "h4", "ul", "ol", "dl", "article", "section")
    return (
        max((len(row) for row in rows), default=0) > 1
        and next(table.iterdescendants(*inside), None) is None
        and all(sum(map(len, cell.itertext())) <= _LONG_CELL for cell in cells)
    )
