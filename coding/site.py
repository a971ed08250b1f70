"""The coded corpus as a folder of pages: no server, no script, an address for every coded segment.

`index.html` lists the documents, each of which has a page with its text; `matrix.html` leads to the passages
of each cell, `codes.html` to those of each code. The address of a segment is that of its document with
`#s120-180`, its place in code points. The same run gives the same bytes. Texts come from outside, so all are
escaped.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

from coding.errors import CodingError
from coding.files import replacing
from coding.locators import PAGE_END, has_pages, locator
from coding.passages import Passages, by_document
from coding.plots.heat import ZEROS
from coding.plots.words import base_in_words, number
from coding.report import in_words, web
from coding.templating import environment, source
from coding.units import paragraph_spans

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

    from coding.model import CodedSegment, Document, Segment
    from coding.study import Run

MAKER = "Normatrix, coding site"
POLICY = "default-src 'none'; style-src 'self' file:; img-src data:; base-uri 'none'; form-action 'none'"

_FOLDERS = ("documents", "codes", "cells")
_STRANGE = re.compile(r"[^\w.-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_LONGEST = 100  # characters of a file's name
_FIDELITY = {
    "digest": "This text is a digest: it says what its source says, in other words and shorter.",
    "original": "This is the text of its source.",
    "translation": "This text is a translation of its source.",
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a text over which nothing changes.

    Attributes
    ----------
    codes : the names of the codes it bears
    anchors : the coded segments that are found here, as addresses
    page : the number of the page that begins with it; 0 if none does
    """

    text: str
    codes: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    page: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A paragraph as it is shown: its stretches in order, and the coded segments that begin in it."""

    number: int
    stretches: tuple[Stretch, ...]
    coded: tuple[CodedSegment, ...]


def write_site(run: Run, out: Path, *, references: Mapping[str, str] | None = None) -> list[Path]:
    """Write the pages of a run into the folder `out` and return the files, in order.

    Other files in the folder stay; pages that an earlier run wrote and this one does not are taken away.

    Raises
    ------
    CodingError
        If another site lies in the folder, or it cannot be written; then nothing in it has changed.
    """
    index = out / "index.html"
    if index.exists() and not _is_ours(index):
        raise CodingError(f"{index} was made by something else. Choose an empty folder, or a new one.")
    pages = site(run, references=references)
    places = [out / name for name in pages]
    with replacing(places) as beside:
        for path, text in zip(beside, pages.values(), strict=True):
            path.write_text(text, encoding="utf-8", newline="\n")
    for folder in _FOLDERS:
        for path in sorted((out / folder).glob("*.html")):
            if path not in places and _is_ours(path):
                path.unlink()
    return places


def site(run: Run, *, references: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the pages of a run, each by its place in the folder.

    Parameters
    ----------
    references : for each citation key its entry in words (`coding.citations.references`)
    """
    places = _Places(run)
    pages = _environment(run, places, references or {})

    def page(template: str, root: str = "../", **values: object) -> str:
        return pages.get_template(f"site/{template}.html.j2").render(root=root, **values)

    passages = Passages(run)
    coded: dict[str, list[CodedSegment]] = {}
    for segment in run.coded.segments:
        coded.setdefault(segment.segment.document, []).append(segment)
    found = {(cell.code, cell.case): passages.of_cell(cell.code, cell.case) for cell in run.matrix}
    files = {
        "index.html": page("index", "", cases=_by_case(run), n_coded={d: len(s) for d, s in coded.items()}),
        "matrix.html": page("matrix", ""),
        "codes.html": page("codes", ""),
        "site.css": source(pages, "report.css") + source(pages, "site/site.css"),
    }
    for document in run.corpus:
        shown = paragraphs(document, coded.get(document.id, ()), run.matrix.names)
        files[places.document(document.id)] = page("document", document=document, paragraphs=shown)
    for code in run.matrix.codes:
        files[places.code(code)] = page("code", code=run.codebook[code], found=found)
    for cell in run.matrix:
        if cell.state == "present":
            files[places.cell(cell.code, cell.case)] = page(
                "cell", cell=cell, passages=found[cell.code, cell.case]
            )
    return files


def paragraphs(document: Document, coded: Iterable[CodedSegment], names: Mapping[str, str]) -> list[Shown]:
    """Return the paragraphs of a document, cut where coded segments begin and end, and where pages do.

    Parameters
    ----------
    names : of the codes, by their ids
    """
    waiting = deque(sorted(coded, key=lambda s: (s.segment.start, -s.segment.end, s.code, s.id)))
    pages = deque(enumerate((match.end() for match in re.finditer(PAGE_END, document.text)), 2))
    bounds = sorted(
        {at for s in waiting for at in (s.segment.start, s.segment.end)} | {at for _, at in pages}
    )
    open_: list[CodedSegment] = []
    shown = []
    for n, (first, last) in enumerate(paragraph_spans(document.text), 1):
        inside = bounds[bisect_right(bounds, first) : bisect_left(bounds, last)]
        stretches, began = [], []
        for start, end in pairwise([first, *inside, last]):
            page = 0
            while pages and pages[0][1] <= start:
                page = pages.popleft()[0]
            new = []
            while waiting and waiting[0].segment.start <= start:
                new.append(waiting.popleft())
            new = [s for s in new if s.segment.end > start]
            open_ = [s for s in (*open_, *new) if s.segment.end > start]
            codes = dict.fromkeys(names.get(s.code, s.code) for s in open_)
            anchors = dict.fromkeys(anchor(s.segment) for s in new)
            stretches.append(Stretch(document.text[start:end], tuple(codes), tuple(anchors), page))
            began += new
        shown.append(Shown(n, tuple(stretches), tuple(began)))
    return shown


def anchor(segment: Segment) -> str:
    """Return the address of a segment on the page of its document.

    Examples
    --------
    >>> from coding.model import Document
    >>> anchor(Document("japan/paper", "It trains.").segment(3, 9))
    's3-9'
    """
    return f"s{segment.start}-{segment.end}"


class _Places:
    """Gives each page a place of its own, whatever its thing is called, on any file system."""

    def __init__(self, run: Run) -> None:
        taken: set[str] = set()
        self._documents = {d.id: _place("documents", d.id, taken) for d in run.corpus}
        self._codes = {code: _place("codes", code, taken) for code in run.matrix.codes}
        self._cells = {
            (cell.code, cell.case): _place("cells", f"{cell.case}--{cell.code}", taken) for cell in run.matrix
        }

    def document(self, name: str) -> str:
        return self._documents[name]

    def code(self, code: str) -> str:
        return self._codes[code]

    def cell(self, code: str, case: str) -> str:
        return self._cells[code, case]


def _place(folder: str, name: str, taken: set[str]) -> str:
    """Return a place in a folder that no other has, not even in letters of another size."""
    plain = _STRANGE.sub("-", name.replace("/", "--")).strip(".-") or "x"
    if len(plain) > _LONGEST:
        plain = f"{plain[:_LONGEST]}-{sha256(name.encode()).hexdigest()[:8]}"
    place, n = f"{folder}/{plain}.html", 1
    while place.casefold() in taken:
        n += 1
        place = f"{folder}/{plain}~{n}.html"
    taken.add(place.casefold())
    return place


def _environment(run: Run, places: _Places, references: Mapping[str, str]) -> Environment:
    made = environment()
    made.filters |= {
        "web": web,
        "in_words": in_words,
        "locator": locator,
        "by_document": by_document,
        "anchor": anchor,
        "language": _language,
    }
    made.tests["in_pages"] = has_pages
    made.globals |= {
        "run": run,
        "matrix": run.matrix,
        "texts": run.texts,
        "measure": run.matrix.measurement,
        "base_in_words": base_in_words(run.matrix),
        "depth": {code: len(run.codebook.ancestors(code)) for code in run.matrix.codes},
        "to_document": lambda name: quote(places.document(name)),
        "to_code": lambda code: quote(places.code(code)),
        "to_cell": lambda code, case: quote(places.cell(code, case)),
        "references": references,
        "number": number,
        "fidelity": _FIDELITY,
        "ZEROS": ZEROS,
        "MAKER": MAKER,
        "POLICY": POLICY,
    }
    return made


def _language(document: Document) -> str:
    """Return the language of a text as a page says it; empty if it is not known."""
    written = str(document.variables.get("language") or "")
    return written if _LANGUAGE.fullmatch(written) else ""


def _by_case(run: Run) -> list[tuple[str, list[Document]]]:
    """Return the documents of each donor, by name, sorted by year and title."""
    grouped: dict[str, list[Document]] = {}
    for document in run.corpus:
        grouped.setdefault(str(document.variables.get("donor")), []).append(document)
    return [(run.corpus.name(case), sorted(found, key=_year)) for case, found in grouped.items()]


def _year(document: Document) -> tuple[str, str, str]:
    variables = document.variables
    return str(variables.get("date") or variables.get("year") or ""), str(variables.get("title")), document.id


def _is_ours(page: Path) -> bool:
    """Say whether a page was made here."""
    return f'content="{MAKER}"' in page.read_text(encoding="utf-8", errors="replace")[:2000]
