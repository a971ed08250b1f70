"""Taguette's tables, CSV or Excel: its codebook, and its highlights with their words but no offsets.

A code is called by a path there (`role.bridge`): what stands before a point is the code above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coding.errors import CodingError, nearest
from coding.formats.exchange import TAGUETTE, Brought
from coding.formats.exchange.plain import PlainSegment, exchanged_of, of_document
from coding.formats.exchange.quotes import refuse_missing
from coding.formats.refi.description import id_in
from coding.formats.refi.nouns import Exchanged, FileCode, Tally
from coding.formats.refi.offsets import Convention
from coding.formats.refi.ours import guid_of

if TYPE_CHECKING:
    from coding.formats.exchange.plain import PlainDocument
    from coding.formats.exchange.quotes import Span
    from coding.model import Corpus, Document

HIGHLIGHTS = ("id", "document", "tag", "content")
CODEBOOK = ("tag", "description", "number of highlights", "number of documents")

_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_NAME = re.compile(r"Name: (.+)\n\n")
_SHOWN = 60


def is_one(table: Sequence[Sequence[str]]) -> bool:
    """Say whether a table is one of Taguette's, by its head."""
    return _head(table) in (HIGHLIGHTS, CODEBOOK)


def brought(table: Sequence[Sequence[str]], corpus: Corpus, *, name: str) -> Brought:
    """Return what a table of Taguette says: codes, or coded segments in documents of the project.

    A highlight has its words alone, with white space as it came. It is put where they stand, if that is one
    place only of a document that is called so; the others are told one by one.

    Raises
    ------
    CodingError
        If a row of a codebook names no code.
    """
    rows = [tuple(cell.strip() for cell in row) for row in table[1:] if any(cell.strip() for cell in row)]
    title = name.rpartition(".")[0]
    if _head(table) == CODEBOOK:
        tags = {row[0]: row[1] if len(row) > 1 else "" for row in rows}
        if "" in tags:
            raise CodingError(f"{name}: a row has an empty 'tag'. Write what the code is called.")
        return Brought(Exchanged(name=title, origin=TAGUETTE, codes=codes_of(tags)), (Convention(),))
    tally, reading = Tally(), _Placing(corpus)
    for number, row in enumerate(rows, start=2):
        problem = reading.add((*row, "", "", "", "")[:4])
        if problem:
            tally.drop("Highlight that was not placed", f"row {number}: {problem}")
    if not reading.is_any_placed:
        refuse_missing(name, reading.missing)
    exchanged = exchanged_of(reading.documents(), name=title, tally=tally)
    tags = {row[2]: "" for row in rows if exchanged.sources and len(row) > 2 and row[2]}
    return Brought(replace(exchanged, origin=TAGUETTE, codes=codes_of(tags)), (Convention(),))


def codes_of(tags: Mapping[str, str]) -> tuple[FileCode, ...]:
    """Return the codes that tags are, each after the one above it.

    A path has parts if none of them is empty or begins or ends with white space. What would be one of our ids
    says so in its description.

    Parameters
    ----------
    tags : the description of each tag, by its path

    Examples
    --------
    >>> [(code.name, code.parent is None) for code in codes_of({"role.bridge": "It joins.", "e.g. war": ""})]
    [('role', True), ('bridge', False), ('e.g. war', True)]
    """
    found: dict[str, FileCode] = {}
    for path in tags:
        parts = path.split(".")
        ends = range(1, len(parts)) if all(part and part == part.strip() for part in parts) else ()
        above: str | None = None
        for code in (*(".".join(parts[:end]) for end in ends), path):
            guid = guid_of("code", code)
            own = code.removeprefix(f"{above}.") if above else code
            parent = guid_of("code", above) if above else None
            name, description = _named(code, own, tags.get(code, ""))
            found.setdefault(code, FileCode(guid, name, description, parent))
            above = code
    return tuple(found.values())


def described_with_name(code: FileCode) -> str:
    """Return the description of a tag that a code becomes: of ours with the name, which a tag lacks."""
    return code.description if id_in(code.description) is None else f"Name: {code.name}\n\n{code.description}"


def nested(exchanged: Exchanged) -> Exchanged:
    """Return a codebook that Taguette wrote as .qdc with its codes below one another; another's as it is."""
    if not exchanged.origin.startswith(TAGUETTE):
        return exchanged
    return replace(exchanged, codes=codes_of({code.name: code.description for code in exchanged.codes}))


class _Placing:
    """Highlights put into the documents of the project by their words."""

    def __init__(self, corpus: Corpus) -> None:
        self._named: dict[str, list[Document]] = {}
        for document in corpus:
            for name in _names(document):
                self._named.setdefault(name, []).append(document)
        self.missing: list[str] = []
        self._found: dict[str, tuple[Document, list[PlainSegment]]] = {}
        self._bare: dict[str, tuple[str, list[int]]] = {}

    def add(self, row: Sequence[str]) -> str:
        """Place the coded segment of a row; return why it cannot be, or nothing."""
        id_, called, code, quote = row
        known = self._named.get(called, [])
        if len(known) != 1:
            self.missing += [] if known else [called]
            said = "several documents are" if known else "no document here is"
            return f"{said} called '{called}'.{'' if known else nearest(called, self._named)}"
        if not code:
            return "it bears no tag."
        document = known[0]
        span = self._only(document, quote)
        if span is None:
            return f"“{' '.join(quote[:_SHOWN].split())}” stands nowhere in {document.id}, or several times."
        said_id = guid_of("taguette", id_, called, code) if id_ else ""
        segments = self._found.setdefault(document.id, (document, []))[1]
        segments.append(PlainSegment(*span, code, id=said_id))
        return ""

    @property
    def is_any_placed(self) -> bool:
        """Whether a highlight stands in a document."""
        return bool(self._found)

    def documents(self) -> Iterator[PlainDocument]:
        """Yield the documents in which something stands."""
        for document, segments in self._found.values():
            yield of_document(document, segments)

    def _only(self, document: Document, quote: str) -> Span | None:
        """Return where words stand, whatever white space is between them; None unless in one place only."""
        if document.id not in self._bare:
            self._bare[document.id] = _bare(document.text)
        text, places = self._bare[document.id]
        words = _bare(quote)[0]
        at = text.find(words) if words else -1
        if at < 0 or text.find(words, at + 1) >= 0:
            return None
        return places[at], places[at + len(words) - 1] + 1


def _head(table: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(cell.strip().lower() for cell in table[0]) if table else ()


def _named(code: str, own: str, description: str) -> tuple[str, str]:
    """Return the name of a code and its description, with the id if it can be one of ours."""
    if id_in(description) is not None:
        named = _NAME.match(description)
        return (named[1], description[named.end() :]) if named else (own, description)
    if _ID.fullmatch(code):
        return own, f"{description.rstrip()}\n\nId: {code}".lstrip()
    return own, description


def _names(document: Document) -> set[str]:
    """Return what a document may be called there: as it was exported, or by its file or title."""
    own = document.id.rpartition("/")[2]
    title = document.variables.get("title")
    names = {document.id, document.id.replace("/", " - "), own, f"{own}.txt", f"{own}.html"}
    return names | ({title.strip()} if isinstance(title, str) and title.strip() else set())


def _bare(text: str) -> tuple[str, list[int]]:
    """Return a text without white space, and where each of its characters stood."""
    places = [at for at, char in enumerate(text) if not char.isspace()]
    return "".join(text[at] for at in places), places
