"""The Library: what there is to read, who has read it, and where words stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coding.errors import CodingError
from coding.fulltext import TextIndex
from coding.web.filters import Asked, address, choices
from coding.web.shelf import STATES, Rows, Shelf, by_donor, by_round, parts, progress, read_by
from coding.web.shown import page as shown_page
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from coding.batch import Assignment
    from coding.fulltext import Found as InTexts
    from coding.fulltext import Passage
    from coding.model import Corpus, Document
    from coding.sight import Sight

router = APIRouter()

ON_A_PAGE = 200
FOUND_ON_A_PAGE = 20


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
    known = frozenset(document.id for document in corpus)
    own_list = [each for each in work.assignments if each.coder == who.coder and each.document in known]
    found, fault, problems = None, "", list[str]()
    chosen: Sequence[Document] = ()
    try:
        chosen = filters.chosen(corpus).documents
    except CodingError as error:
        problems += error.problems
    if unread:
        chosen = [document for document in chosen if document.id not in sight.read]
    shelves = by_round(chosen, own_list) if mine else by_donor(chosen, corpus)
    if q.strip():
        try:
            found = _search(desk.root, q, shelves, page, corpus)
        except CodingError as error:
            fault = str(error)
    n_shown = sum(len(shelf.documents) for shelf in shelves) if found is None else found.n
    n_pages = _n_pages(n_shown, ON_A_PAGE if found is None else FOUND_ON_A_PAGE)
    page = min(page, n_pages)
    read = read_by(work, corpus)
    rows = Rows(corpus, work, sight, own_list, read)
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
        narrowed=bool(filters.pairs or mine or unread),
        n_shown=n_shown,
        parts=parts(shelves, (page - 1) * ON_A_PAGE, ON_A_PAGE, rows, sight.read) if found is None else (),
        states=STATES,
        page_number=page,
        n_pages=n_pages,
        to_page=lambda n: address("/library", *kept, ("page", str(n) if n > 1 else "")),
        own=_own(own_list, corpus, sight),
        somebody_assigned=bool(work.assignments),
        progress=progress(work, corpus, read),
    )


def _search(root: Path, query: str, shelves: Sequence[Shelf], page: int, corpus: Corpus) -> Found:
    """Return which documents on shelves say what is asked for, those on a page of the results.

    Raises
    ------
    CodingError
        If the query holds no word to look for.
    """
    ids = [document.id for shelf in shelves for document in shelf.documents]
    with TextIndex.open(root / ".coding" / "texts.db") as index:
        index.update(corpus)
        n = index.count(query, documents=ids)
        page = min(page, _n_pages(n, FOUND_ON_A_PAGE))
        hits = index.search(query, limit=page * FOUND_ON_A_PAGE, documents=ids)
    first = (page - 1) * FOUND_ON_A_PAGE
    return Found(n, first, tuple(Hit(corpus[hit.document], hit) for hit in hits[first:]))


def _n_pages(n: int, most: int) -> int:
    return max(1, -(-n // most))


def _own(own_list: Sequence[Assignment], corpus: Corpus, sight: Sight) -> dict[str, object] | None:
    """Return how far a coder's own list is read and what comes next in it; None if it is empty."""
    documents = list(dict.fromkeys(assignment.document for assignment in own_list))
    left = [document for document in documents if document not in sight.read]
    if not documents:
        return None
    following = corpus[left[0]] if left else None
    return {"n": len(documents), "n_read": len(documents) - len(left), "next": following}
