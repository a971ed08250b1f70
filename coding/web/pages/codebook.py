"""The Codebook: every code with what it means and how much bears it; words and order are changed here too."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coding.codebook import in_words
from coding.coders import RULES
from coding.model import Coded
from coding.retrieval import Count
from coding.review import by_cause, firsthand, rulings_on
from coding.web.colours import colour
from coding.web.desk import NotThere
from coding.web.filters import address
from coding.web.question import written
from coding.web.shown import page
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coding.batch import Decision
    from coding.codebook import Code, Codebook
    from coding.model import CodedSegment
    from coding.revision import Succession
    from coding.sight import Sight
    from coding.web.desk import Files, Work

router = APIRouter()

_NOTHING = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Branch:
    """A code in its place in the tree, with what was coded with it and with the codes below it.

    Attributes
    ----------
    own, seen : what the coder coded, and all that the coder may see
    """

    code: Code
    depth: int
    colour: int
    own: Count
    seen: Count


@dataclass(frozen=True, slots=True)
class Former:
    """A code that is used no more, what came after it, and what still bears it."""

    id: str
    name: str
    after: Succession | None
    seen: Count


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling on a segment of the code that names a cause, with the words that were ruled on."""

    decision: Decision
    segment: CodedSegment
    instead: CodedSegment | None


@router.get("/codebook")
def codebook(
    request: Request,
    desk: TheDesk,
    who: Visitor,
    below: Annotated[str, Query(max_length=200)] = "",
    back: Annotated[str, Query(alias="from", max_length=2000)] = "",
) -> Response:
    """Show all codes, family by family."""
    files, work, sight = desk.files, desk.work, desk.sight(who.coder)
    book = files.codebook
    counts = _Counts(files, work, sight)
    return page(
        request,
        "codebook.html.j2",
        book=book,
        families={name: list(_branches(book, tops, counts)) for name, tops in _families(book).items()},
        former=_former(files, counts),
        choices=list(_choices(book)),
        below=below if below in book else "",
        back=_document_address(back),
        n_withheld=_n_withheld(files, sight),
        asked=_asked,
    )


@router.get("/codebook/{code}")
def code(
    request: Request,
    code: str,
    desk: TheDesk,
    who: Visitor,
    back: Annotated[str, Query(alias="from", max_length=2000)] = "",
) -> Response:
    """Show a code: what it means, how it is found, what was coded with it, and what was said of it."""
    files, work, sight = desk.files, desk.work, desk.sight(who.coder)
    book = files.codebook
    after = {one.old: one for one in files.successions}
    if code not in book:
        if code in after:
            return page(request, "code_gone.html.j2", code=code, after=after[code], book=book)
        raise NotThere(f"There is no code '{code}' in codebook {book.id}. See the Codebook.")
    shown = book[code]
    counts = _Counts(files, work, sight)
    machines = {RULES, *(each.id for each in work.coders if each.kind != "person")}
    bearing = [segment for segment in counts.seen.segments if segment.code == code]
    rulings, n_covered = _rulings(code, work, counts, sight)
    return page(
        request,
        "code.html.j2",
        book=book,
        code=shown,
        above=[book[up] for up in reversed(book.ancestors(code))],
        branches=list(_branches(book, _tops(book), counts)),
        colour=colour(book, code),
        own=counts.own_of(code),
        seen=counts.seen_of(code),
        n_earlier=sum(not shown.holds(segment.meaning) for segment in bearing),
        n_earlier_mine=sum(
            segment.coder == who.coder and not shown.holds(segment.meaning) for segment in bearing
        ),
        n_bearing=len(bearing),
        n_people=sum(shown.holds(segment.meaning) and segment.coder not in machines for segment in bearing),
        implied_by=[each for each in book.codes if code in each.implies],
        beaten_by=[each for each in book.codes if code in each.beats],
        below=[each for each in book.codes if each.parent == code],
        after=after.get(code),
        before=[one for one in files.successions if code in one.new and one.old != code],
        rules=[(rule, in_words(rule)) for rule in shown.rules],
        memos=[memo for memo in work.memos if memo.about == "code" and memo.subject == code],
        rulings=rulings,
        causes={cause: n for cause, n in by_cause((r.decision, r.segment) for r in rulings).items() if n},
        n_covered=n_covered,
        choices=list(_choices(book)),
        inside=_inside(code, book),
        back=_document_address(back),
        n_withheld=_n_withheld(files, sight),
        asked=_asked,
    )


def _asked(code: str, coder: str = "") -> str:
    """Return the address of the passages of a code and of those below it."""
    return address("/retrieve", ("q", written(code)), ("coder", coder))


def _document_address(written: str) -> str:
    """Return an address if it is that of a document here, else nothing: a link leads nowhere else.

    Examples
    --------
    >>> _document_address("/read/norland/a#at=0-7")
    '/read/norland/a#at=0-7'
    >>> [_document_address(a) for a in ("//read/x", "https://x.org/read/a", "/read/../matrix", "/read/a b")]
    ['', '', '', '']
    """
    path = written.partition("#")[0].partition("?")[0]
    parts = unquote(path).replace("\\", "/").split("/")
    local = re.fullmatch(r"/read/[\x21-\x5b\x5d-\x7e\u00a1-\U0010ffff]+", written)
    return written if local and not {".", ".."} & set(parts) else ""


class _Counts:
    """What was coded with each code: by the coder, and by all as far as the coder may see it."""

    def __init__(self, files: Files, work: Work, sight: Sight) -> None:
        self.seen = firsthand(sight.in_lists(work.coded), work.decisions)
        self.own = self.seen.by(sight.coder)
        self._seen = _counted(self.seen, files.codebook)
        self._own = _counted(self.own, files.codebook)

    def seen_of(self, code: str) -> Count:
        return self._seen.get(code, _NOTHING)

    def own_of(self, code: str) -> Count:
        return self._own.get(code, _NOTHING)

    def codes(self) -> list[str]:
        return sorted(self._seen)


def _counted(coded: Coded, book: Codebook) -> dict[str, Count]:
    """Return for each code how many segments, in how many documents, bear it or a code below it."""
    borne = Counter((segment.code, segment.segment.document) for segment in coded.segments)
    up = {code: (code, *(book.ancestors(code) if code in book else ())) for code, _ in borne}
    segments: Counter[str] = Counter()
    documents: dict[str, set[str]] = defaultdict(set)
    for (code, document), n in borne.items():
        for above in up[code]:
            segments[above] += n
            documents[above].add(document)
    return {code: Count(n, len(documents[code])) for code, n in segments.items()}


def _tops(book: Codebook) -> list[str]:
    return [code.id for code in book.codes if code.parent is None]


def _families(book: Codebook) -> dict[str, list[str]]:
    """Return the top-level codes of each family; those of none under an empty name."""
    families = {name: [top for top in _tops(book) if top in tops] for name, tops in book.families.items()}
    placed = {top for tops in families.values() for top in tops}
    rest = [top for top in _tops(book) if top not in placed]
    return {**families, **({"": rest} if rest else {})}


def _branches(book: Codebook, codes: Sequence[str], counts: _Counts, depth: int = 0) -> Iterator[Branch]:
    """Yield codes in use, each before those below it."""
    for code in codes:
        if not book[code].retired:
            branch = Branch(book[code], depth, colour(book, code), counts.own_of(code), counts.seen_of(code))
            yield branch
        below = [each.id for each in book.codes if each.parent == code]
        yield from _branches(book, below, counts, depth + 1)


def _former(files: Files, counts: _Counts) -> list[Former]:
    """Return the retired codes, those that are gone, and those that are borne and unknown here."""
    book = files.codebook
    after = {one.old: one for one in files.successions}
    retired = [code.id for code in book.codes if code.retired]
    gone = [old for old in after if old not in book]
    unknown = [code for code in counts.codes() if code not in book and code not in after]
    return [
        Former(code, book[code].name if code in book else "", after.get(code), counts.seen_of(code))
        for code in dict.fromkeys((*retired, *gone, *unknown))
    ]


def _choices(book: Codebook) -> Iterator[tuple[str, str]]:
    """Yield the codes in use with their paths, to choose among them."""
    for each in book.codes:
        if not each.retired:
            yield each.id, " › ".join(book[up].name for up in (*reversed(book.ancestors(each.id)), each.id))


def _inside(code: str, book: Codebook) -> set[str]:
    """Return a code and those below it: it cannot stand below any of them."""
    return {each.id for each in book.codes if code == each.id or code in book.ancestors(each.id)}


def _rulings(code: str, work: Work, counts: _Counts, sight: Sight) -> tuple[list[Ruling], int]:
    """Return the rulings in documents that the coder has read, and how many there are in others.

    Whoever looks up a code while reading must not come upon what others coded where they still have to read.
    """
    visible = rulings_on(code, work.decisions, counts.seen)
    shown = [
        Ruling(decision, segment, work.by_id.get(decision.instead or ""))
        for decision, segment in visible
        if not sight.is_covered(segment.segment.document)
    ]
    return shown, len(visible) - len(shown)


def _n_withheld(files: Files, sight: Sight) -> int:
    return sum(sight.is_withheld(document.id) for document in files.corpus)
