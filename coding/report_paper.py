"""The report as a paper: what its page says, section by section, with tables that can be printed and figures.

The words are those of the page (`coding.report.render`), read back from it, so that no two reports say two
things. Passages are left out, with their number; `coding evidence` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from coding.evidence import evidence
from coding.evidence_pack import counted
from coding.paper import Block, Heading, Paper, Paragraph, Picture, Row, Style, Table, Words, paragraph
from coding.report import FIGURES, web
from coding.write_up import composition_table, findings_table, matrix_table

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from coding.evidence import Evidence
    from coding.study import Run

_SECTIONS = (
    "answer", "matrix", "composition", "findings", "figures", "robustness", "method", "limits", "codebook",
    "documents", "provenance",
)  # fmt: skip
_OPENS = "The page report.html of the same run says the same, and there each number opens to its passages."
_GAPS = re.compile(r"[ \n\t\r\f]+")
_FIRST = re.compile(r"[.:] ")
_LEVELS = {"h2": 1, "h3": 2, "h4": 3}
_STYLES: dict[str, Style] = {"strong": "strong", "em": "emphasis", "dt": "strong"}
_CAPITAL = ("estimate", "said")  # classes of paragraphs that begin with a small letter on the page
# What a page needs and a paper does not, and the passages.
_SKIPPED = {
    "unseen", "sign", "label", "comfort", "ends", "enlarge", "passage", "from", "rule", "of-document",
    "compositions", "matrix", "overview", "legend", "drawn", "more",
}  # fmt: skip


def report_paper(run: Run, page: str, pictures: Mapping[str, bytes]) -> Paper:
    """Return the report of a run as a paper.

    Parameters
    ----------
    page : the page of `coding.report.render` for the same run
    pictures : PNG files by the names of the figures; without one there is no section of figures
    """
    from lxml import html

    sections = {section.get("id"): section for section in html.document_fromstring(page).iter("section")}
    blocks: list[Block] = [paragraph(_OPENS, kind="note")]
    for name in _SECTIONS:
        if name in sections and (name != "figures" or pictures):
            blocks += _section(run, name, sections[name], pictures)
    return Paper(run.study.title, tuple(blocks))


def _section(run: Run, name: str, section: HtmlElement, pictures: Mapping[str, bytes]) -> Iterator[Block]:
    match name:
        case "matrix":
            yield from (Heading(1, "Matrix"), matrix_table(run))
        case "composition":
            yield Heading(1, "Composition")
            yield composition_table(run.compositions, run.matrix, run.texts)
        case "findings":
            yield from _findings(run, section)
        case "figures":
            yield Heading(1, "Figures")
            yield from _pictures(section, pictures)
        case _:
            yield from _blocks(section, folded=name == "method")


def _findings(run: Run, section: HtmlElement) -> Iterator[Block]:
    """Yield the findings, each with the number of its passages."""
    articles = section.findall("article")
    for article in articles:
        section.remove(article)
    yield from _blocks(section)
    if articles:
        yield findings_table(run)
    for article, one in zip(articles, evidence(run), strict=True):
        yield from _blocks(article)
        yield from _behind(run, one)


def _behind(run: Run, one: Evidence) -> Iterator[Block]:
    if one.finding.compositions:
        yield composition_table(one.finding.compositions, run.matrix, run.texts)
    if one.groups:
        said = counted(one, run.matrix.measurement.unit).replace(" shown, none left out", "")
        yield paragraph(Words("Evidence. ", "strong"), said)


def _pictures(section: HtmlElement, pictures: Mapping[str, bytes]) -> Iterator[Block]:
    shown = {figure.get("id", ""): figure for figure in section.iter("figure")}
    for n, name in enumerate((name for name in FIGURES if name in pictures), 1):
        image = shown[f"figure-{name}"].find(".//img")
        said = "" if image is None else image.get("alt", "")
        caption = f"Figure {n}. {_FIRST.split(said, maxsplit=1)[0]}."
        yield Picture(pictures[name], f"figures/{name}.png", caption, said)


def _blocks(element: HtmlElement, *, folded: bool = False) -> Iterator[Block]:
    """Yield what an element of the page holds as blocks, in its order; `folded` with what a click opens."""
    for child in element:
        opens = folded and child.tag == "details"
        if not isinstance(child.tag, str) or child.tag in ("svg", "h1") or (_is_skipped(child) and not opens):
            continue
        if child.tag in _LEVELS:
            yield Heading(_LEVELS[child.tag], "".join(words.text for words in _inline(child)))
        elif child.tag in ("p", "blockquote", "figcaption", "summary"):
            yield Paragraph(_inline(child), "quote" if child.tag == "blockquote" else "text")
        elif child.tag == "li":
            yield Paragraph(_inline(child), "point")
        elif child.tag == "table":
            yield _table(child)
        elif child.tag == "div" and child.find("dt") is not None:
            yield Paragraph(_inline(child))
        else:
            yield from _blocks(child, folded=folded)


def _table(element: HtmlElement) -> Table:
    heads = list(element.iterfind("thead/tr/th"))
    caption = element.find("caption")
    rows = [Row(tuple(_text(cell) for cell in row)) for row in element.iterfind("tbody/tr")]
    return Table(
        name=(element.get("class") or "table").split()[0],
        caption=f"{'' if caption is None else _text(caption, whole=True)}.",
        head=tuple(_text(head) or _text(head, whole=True) for head in heads),
        rows=tuple(rows),
        numbers=tuple(i for i, head in enumerate(heads) if "number" in (head.get("class") or "").split()),
    )


def _text(element: HtmlElement, *, whole: bool = False) -> str:
    return "".join(words.text for words in _inline(element, whole=whole)).strip()


def _inline(element: HtmlElement, *, whole: bool = False) -> tuple[Words, ...]:
    """Return the words of an element, with its white space as a page shows it.

    Parameters
    ----------
    whole : with what is not seen on the page, only read aloud
    """
    found: list[Words] = []
    for text, style, url in _pieces(element, "plain", None, whole=whole):
        said = _GAPS.sub(" ", text)
        said = said.lstrip(" ") if not found or found[-1].text.endswith(" ") else said
        if found and (found[-1].style, found[-1].url) == (style, url):
            found[-1] = Words(found[-1].text + said, style, url)
        elif said:
            found.append(Words(said, style, url))
    if found and any(f" {name} " in f" {element.get('class') or ''} " for name in _CAPITAL):
        found[0] = Words(found[0].text[:1].upper() + found[0].text[1:], found[0].style, found[0].url)
    return tuple(found)


def _pieces(
    element: HtmlElement, style: Style, url: str | None, *, whole: bool
) -> Iterator[tuple[str, Style, str | None]]:
    yield element.text or "", style, url
    for child in element:
        if isinstance(child.tag, str) and child.tag != "svg" and (whole or not _is_skipped(child)):
            classes = (child.get("class") or "").split()
            own = "strong" if "verdict" in classes else _STYLES.get(child.tag, style)
            to = web(child.get("href")) if child.tag == "a" else url
            if "id" in classes:
                yield " · ", style, None
            yield from _pieces(child, own, to, whole=whole)
            if child.tag == "dt":
                yield ". ", style, None
        yield child.tail or "", style, url


def _is_skipped(element: HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("href") == "#notes"
        or bool(_SKIPPED & set((element.get("class") or "").split()))
    )
