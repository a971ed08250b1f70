"""The Library: what there is to read, who has read it, and where words stand in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coding.errors import CodingError
from coding.fulltext import TextIndex
from coding.review import firsthand
from coding.sight import read_whole
from coding.web.filters import Asked, address, choices
from coding.web.shown import page as shown_page
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from coding.batch import Assignment
    from coding.fulltext import Found as InTexts
    from coding.fulltext import Passage
    from coding.model import CoderKind, Corpus, Document, Value
    from coding.sight import Sight
    from coding.web.desk import Work

router = APIRouter()

ON_A_PAGE = 200
FOUND_ON_A_PAGE = 20

_WORD = re.compile(r"\w+")
_UNSPACED = ("ja", "zh", "th", "lo", "km", "my")  # languages that do not part words by spaces
_STATES = {
    "blind": "read, blind",
    "open": "read, not blind",
    "seen": "not read; others’ coding seen",
    "unread": "not read",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A document as the Library shows it to one coder.

    Attributes
    ----------
    place : number in the coder's list, where that is what is shown
    size, measured : how long it is, in words or, where no spaces part these, in characters
    rounds : in which rounds the coder is to read it
    state : one of `_STATES`; empty if it is neither assigned to the coder nor read or seen
    own, stale : the coder's segments, and those of them on an earlier text
    readers : the other people who have read it
    """

    document: Document
    place: int | None
    size: int
    measured: str
    rounds: tuple[str, ...]
    state: str
    own: int
    stale: int
    readers: tuple[str, ...]

    def says(self, variable: str) -> str:
        """Return a variable in words; empty if the document has none."""
        return _said(self.document.variables.get(variable))

    @property
    def url(self) -> str:
        """Where the source is found, if that is an address of the web; else empty."""
        return web_address(self.says("url"))

    @property
    def host(self) -> str:
        """The name of the site of `url`."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading, which counts all documents that belong there, on other pages too."""

    heading: str
    n: int
    n_read: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that says what was asked for."""

    document: Document
    hit: InTexts

    def pieces(self, passage: Passage) -> list[tuple[bool, str]]:
        """Return the snippet of a passage in pieces, each with whether it is what was asked for."""
        found, at = [], passage.at
        for start, end in passage.hits:
            found += [(False, self.document.text[at:start]), (True, self.document.text[start:end])]
            at = end
        return [*found, (False, self.document.text[at : passage.at + len(passage.snippet)])]


@dataclass(frozen=True, slots=True)
class Found:
    """How many documents say what was asked for; and those on a page from number `first`, the best first."""

    n: int
    first: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder has come: of the documents that they are to read, and of all."""

    coder: str
    kind: CoderKind
    assigned: int
    assigned_read: int
    read: int


@router.get("/library")
def library(
    request: Request,
    desk: TheDesk,
    who: Visitor,
    filters: Asked,
    *,
    q: Annotated[str, Query(max_length=500)] = "",
    mine: bool = False,
    unread: bool = False,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the documents of each donor, or a coder's own list; or those that say something."""
    corpus, work, sight = desk.files.corpus, desk.work, desk.sight(who.coder)
    there = frozenset(document.id for document in corpus)
    fault, problems = "", list[str]()
    chosen: Sequence[Document] = ()
    try:
        chosen = filters.chosen(corpus).documents
    except CodingError as error:
        problems += error.problems
    own_list = [each for each in work.assignments if each.coder == who.coder and each.document in there]
    shelves = _shelves(chosen, corpus, own_list if mine else None)
    if unread:
        shelves = {name: [d for d in shelf if d.id not in sight.read] for name, shelf in shelves.items()}
    found: Found | None = None
    if q.strip():
        documents = [document for shelf in shelves.values() for document in shelf]
        try:
            found = _search(desk.root, q, documents, page, corpus)
        except CodingError as error:
            fault = str(error)
    n_shown = sum(map(len, shelves.values())) if found is None else found.n
    n_pages = max(1, -(-n_shown // (ON_A_PAGE if found is None else FOUND_ON_A_PAGE)))
    page = min(page, n_pages)
    kept = ("q", q.strip()), *filters.pairs, ("mine", "1" if mine else ""), ("unread", "1" if unread else "")
    return shown_page(
        request,
        "library.html.j2",
        status=400 if problems or fault else 200,
        corpus=corpus,
        filters=filters,
        choices=choices(corpus),
        problems=problems,
        query=q,
        fault=fault,
        found=found,
        mine=mine,
        unread=unread,
        n_shown=n_shown,
        groups=()
        if found
        else _groups(shelves, (page - 1) * ON_A_PAGE, _Rows(corpus, work, sight, own_list), sight),
        states=_STATES,
        page_number=page,
        n_pages=n_pages,
        to_page=lambda n: address("/library", *kept, ("page", str(n) if n > 1 else "")),
        own=_own(own_list, corpus, sight),
        somebody_assigned=bool(work.assignments),
        progress=_progress(work, there, corpus),
        narrowed=bool(filters.pairs or mine or unread),
    )


def web_address(written: str) -> str:
    """Return an address of the web as it is; empty for anything else, so that it never becomes a link.

    Examples
    --------
    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', '')
    """
    try:
        parts = urlsplit(written)
    except ValueError:
        return ""
    return written if parts.scheme in ("http", "https") and parts.hostname else ""


def _search(root: Path, query: str, documents: Sequence[Document], page: int, corpus: Corpus) -> Found:
    """Return which of some documents say what is asked for, those on a page of the results.

    Raises
    ------
    CodingError
        If the query holds no word to look for.
    """
    ids = [document.id for document in documents]
    with TextIndex.open(root / ".coding" / "texts.db") as index:
        index.update(corpus)
        n = index.count(query, documents=ids)
        page = min(page, max(1, -(-n // FOUND_ON_A_PAGE)))
        hits = index.search(query, limit=page * FOUND_ON_A_PAGE, documents=ids)
    first = (page - 1) * FOUND_ON_A_PAGE
    return Found(n, first, tuple(Hit(corpus[hit.document], hit) for hit in hits[first:]))


def _shelves(
    documents: Sequence[Document], corpus: Corpus, own_list: Sequence[Assignment] | None
) -> dict[str, list[Document]]:
    """Return documents by heading: by donor and year, or by the rounds of a list in its order."""
    found: dict[str, list[Document]] = defaultdict(list)
    if own_list is None:
        for document in documents:
            found[corpus.name(_said(document.variables.get("donor")))].append(document)
        return {
            name: sorted(shelf, key=lambda d: (_said(d.variables.get("year")), _title(d)))
            for name, shelf in found.items()
        }
    wanted = {document.id: document for document in documents}
    for assignment in own_list:
        if assignment.document in wanted:
            found[f"Round {assignment.round}"].append(wanted[assignment.document])
    return {name: list(dict.fromkeys(shelf)) for name, shelf in found.items()}


def _groups(shelves: Mapping[str, Sequence[Document]], first: int, rows: _Rows, sight: Sight) -> list[Group]:
    """Return what of the shelves is on the page that begins with number `first`."""
    found, behind = [], 0
    for name, shelf in shelves.items():
        start, stop = max(0, first - behind), max(0, first + ON_A_PAGE - behind)
        if shelf[start:stop]:
            shown = tuple(rows.row(d, place) for place, d in enumerate(shelf[start:stop], start + 1))
            found.append(Group(name, len(shelf), sum(d.id in sight.read for d in shelf), shown))
        behind += len(shelf)
    return found


class _Rows:
    """Makes the rows of one coder's Library."""

    def __init__(self, corpus: Corpus, work: Work, sight: Sight, own_list: Sequence[Assignment]) -> None:
        self._sight = sight
        digests = {document.id: document.digest for document in corpus}
        own = firsthand(work.coded.by(sight.coder), work.decisions)
        mine = [coded.segment for coded in own.segments]
        self._own = Counter(s.document for s in mine)
        self._stale = Counter(s.document for s in mine if digests.get(s.document) != s.digest)
        whole = {document.id: document.whole for document in corpus}
        blind: dict[str, bool] = {}
        for reading in work.coded.readings:
            name = reading.segment.document
            if reading.coder == sight.coder and reading.codes is None and reading.segment == whole.get(name):
                blind[name] = blind.get(name, True) and reading.blind
        self._blind = blind
        self._readers: dict[str, list[str]] = defaultdict(list)
        for coder in _people(work):
            if coder != sight.coder:
                for name in read_whole(work.coded.readings, corpus, coder):
                    self._readers[name].append(coder)
        self._rounds: dict[str, list[str]] = defaultdict(list)
        for each in own_list:
            self._rounds[each.document].append(f"{each.round}, {'blind' if each.blind else 'open'}")

    def row(self, document: Document, place: int) -> Row:
        size, measured = _size(document.text, _said(document.variables.get("language")))
        return Row(
            document,
            place,
            size,
            measured,
            tuple(dict.fromkeys(self._rounds.get(document.id, ()))),
            self._state(document.id),
            self._own[document.id],
            self._stale[document.id],
            tuple(self._readers.get(document.id, ())),
        )

    def _state(self, document: str) -> str:
        if document in self._sight.read:
            return "blind" if self._blind.get(document, False) else "open"
        if document in self._sight.looked:
            return "seen"
        return "unread" if document in self._sight.assigned else ""


def _own(own_list: Sequence[Assignment], corpus: Corpus, sight: Sight) -> dict[str, object] | None:
    """Return how far a coder's own list is read and what comes next in it; None if it is empty."""
    documents = list(dict.fromkeys(assignment.document for assignment in own_list))
    if not documents:
        return None
    left = [document for document in documents if document not in sight.read]
    return {
        "n": len(documents),
        "n_read": len(documents) - len(left),
        "next": corpus[left[0]] if left else None,
    }


def _progress(work: Work, there: frozenset[str], corpus: Corpus) -> list[Progress]:
    """Return for each coder how much they are to read and have read: never what they coded."""
    assigned: dict[str, set[str]] = defaultdict(set)
    for assignment in work.assignments:
        if assignment.document in there:
            assigned[assignment.coder].add(assignment.document)
    coders = dict.fromkeys([*_people(work), *(reading.coder for reading in work.coded.readings)])
    searched: dict[str, set[str]] = defaultdict(set)
    for reading in work.coded.readings:
        searched[reading.coder].add(reading.segment.document)
    found = []
    for coder in coders:
        kind = work.kind(coder)
        # Rules read for the codes that have rules, which is all they can do.
        read = read_whole(work.coded.readings, corpus, coder) if kind == "person" else searched[coder] & there
        found.append(Progress(coder, kind, len(assigned[coder]), len(assigned[coder] & read), len(read)))
    at_work = [each for each in found if each.assigned or each.read]
    return sorted(at_work, key=lambda each: (each.kind != "person", each.coder))


def _people(work: Work) -> Iterable[str]:
    """Return everybody who is to read, or has read or coded."""
    readers = (reading.coder for reading in work.coded.readings if reading.kind == "person")
    return dict.fromkeys([*work.people, *(each.coder for each in work.assignments), *readers])


def _title(document: Document) -> str:
    return _said(document.variables.get("title")) or document.id


@lru_cache(maxsize=8192)
def _size(text: str, language: str) -> tuple[int, str]:
    """Return how many words a text has, or characters where no spaces part its words."""
    if language in _UNSPACED:
        return len(text) - sum(map(str.isspace, text)), "characters"
    return sum(1 for _ in _WORD.finditer(text)), "words"


def _said(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
