"""Retrieve: coded segments asked for by a query, in their context, counted, and ready to be cited."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from coding.batch import Query as KeptQuery
from coding.errors import CodingError
from coding.locators import as_shown
from coding.retrieval import table
from coding.review import firsthand
from coding.web.attached import as_csv, as_xlsx, attached
from coding.web.colours import colour
from coding.web.desk import NotThere
from coding.web.filters import choices
from coding.web.question import (
    STANDS,
    UNITS,
    Answer,
    Asked,
    Question,
    answer,
    kept_question,
    seen_of_others,
    written,
)
from coding.web.shown import page as shown_page
from coding.web.visit import TheDesk, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from coding.batch import Decision, Memo
    from coding.codebook import Codebook
    from coding.retrieval import Count, Found
    from coding.sight import Sight
    from coding.web.desk import Desk, Work

router = APIRouter()

ON_A_PAGE = 100

_ENDINGS = ("csv", "xlsx", "txt")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table of counts, with the address of what it counts."""

    name: str
    id: str
    colour: int
    count: Count
    address: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A question that somebody has kept under a name."""

    query: KeptQuery
    coder: str
    question: Question


@router.get("/retrieve")
def retrieve(
    request: Request,
    desk: TheDesk,
    who: Visitor,
    question: Asked,
    *,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what a question selects."""
    files, work, sight = desk.files, desk.work, desk.sight(who.coder)
    found: Answer | None = None
    problems: tuple[str, ...] = ()
    if question.query:
        try:
            found = answer(question, files, work, sight)
        except CodingError as error:
            problems = error.problems
    n_pages = max(1, -(-len(found.retrieved) // ON_A_PAGE)) if found else 1
    page = min(page, n_pages)
    first = (page - 1) * ON_A_PAGE
    seen = seen_of_others(found, first, ON_A_PAGE, sight) if found else set()
    shown = found.retrieved.shown(first, ON_A_PAGE) if found else []
    desk.saw(who.coder, seen)
    return shown_page(
        request,
        "retrieve.html.j2",
        status=400 if problems else 200,
        question=question,
        corpus=files.corpus,
        codebook=files.codebook,
        found=found,
        problems=problems,
        shown=shown,
        first=first,
        page_number=page,
        n_pages=n_pages,
        n_seen=len(seen),
        memos=_memos(shown, work.memos, sight, seen),
        rulings=_rulings(shown, work, sight, seen),
        colour=lambda code: colour(files.codebook, code),
        by_code=list(_by_code(found, question)) if found else [],
        by_donor=list(_by_donor(found, question)) if found else [],
        together=_together(found, question) if found else None,
        kept=_kept(desk),
        coders=_coders(work, sight),
        example=_example(files.codebook),
        choices=choices(files.corpus),
        units=UNITS,
        stands=STANDS,
    )


@router.get("/retrieve.{ending}")
def export(ending: str, desk: TheDesk, who: Visitor, question: Asked) -> Response:
    """Give all that a question selects as a file, with quotes and citations."""
    if ending not in _ENDINGS:
        raise NotThere("What was retrieved can be taken along as .csv, .xlsx or .txt.")
    if not question.query:
        raise CodingError("Nothing is asked for. Write a query in Retrieve first.")
    files, sight = desk.files, desk.sight(who.coder)
    found = answer(question, files, desk.work, sight)
    content = _plain(found, question).encode() if ending == "txt" else _table(found, ending)
    desk.saw(who.coder, seen_of_others(found, 0, None, sight))
    return attached(content, f"{_plain_name(desk.root.name)}-{_plain_name(question.query)}.{ending}")


def _table(found: Answer, ending: str) -> bytes:
    rows = table(found.retrieved)
    return as_csv(rows) if ending == "csv" else as_xlsx({"segments": rows})


def _plain(found: Answer, question: Question) -> str:
    """Return quotes, each with code, coder and source, to be pasted into a text."""
    retrieved = found.retrieved
    book, n, n_documents = retrieved.codebook, len(retrieved), len(retrieved.documents)
    lines = [
        question.query,
        question.words(retrieved.corpus),
        f"codebook {book.id} {book.version}",
        f"{n} coded segment{'s' * (n != 1)} in {n_documents} of {len(retrieved.corpus)} documents",
    ]
    for one in retrieved.shown():
        name = book[one.coded.code].name if one.coded.code in book else one.coded.code
        lines += [
            "",
            f"“{as_shown(one.quote)}”",
            one.citation,
            f"{name} ({one.coded.code}), {one.coded.coder}",
        ]
    return "\n".join(lines) + "\n"


def _plain_name(written: str) -> str:
    """Return words as a part of a file name.

    Examples
    --------
    >>> _plain_name("role near/2 (../etc)"), _plain_name("役割")
    ('role-near-2-etc', 'segments')
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", written)[:60].strip("-") or "segments"


def _by_code(found: Answer, question: Question) -> Iterator[Line]:
    book = found.retrieved.codebook
    for code, count in found.retrieved.by_code().items():
        name = book[code].name if code in book else code
        yield Line(name, code, colour(book, code), count, question.address(query=written(f"={code}")))


def _by_donor(found: Answer, question: Question) -> Iterator[Line]:
    corpus = found.retrieved.corpus
    if not corpus.documents:
        return
    for value, count in found.retrieved.by("donor").items():
        filters = replace(question.filters, donor=(str(value),))
        to = question.address(filters=filters) if count.segments and value is not None else ""
        yield Line(corpus.name(str(value)), str(value), 0, count, to)


def _together(found: Answer, question: Question) -> dict[str, object] | None:
    """Return the lower half of the table of codes by codes, each number with the address of its passages."""
    both = found.together(question.unit)
    if both is None:
        return None
    book = found.retrieved.codebook
    codes = [code.removeprefix("=") for code in both.codes]
    names = [book[code].name if code in book else code for code in codes]
    rows = [
        [
            (
                int(both.units[i, j]),
                question.address(query=" and ".join(map(written, dict.fromkeys((one, other))))),
            )
            for j, other in enumerate(both.codes[: i + 1])
        ]
        for i, one in enumerate(both.codes)
    ]
    return {
        "rows": list(zip(names, codes, rows, strict=True)),
        "names": names,
        "n_more": len(found.retrieved.by_code()) - len(codes),
    }


def _memos(
    shown: Sequence[Found], memos: Iterable[Memo], sight: Sight, seen: AbstractSet[str]
) -> Mapping[str, Sequence[Memo]]:
    """Return the memos on what is shown: the coder's own, and others' where others' coding is not covered."""
    places = {one.coded.id: one.document.id for one in shown}
    found: dict[str, list[Memo]] = defaultdict(list)
    for memo in memos:
        if memo.about == "segment" and memo.subject in places:
            document = places[memo.subject]
            if memo.coder == sight.coder or document in seen or not sight.is_covered(document):
                found[memo.subject].append(memo)
    return found


def _rulings(
    shown: Sequence[Found], work: Work, sight: Sight, seen: AbstractSet[str]
) -> Mapping[str, Decision]:
    """Return the rulings on what is shown, unless others' coding is covered: rulings are others' work."""
    return {
        one.coded.id: work.latest[one.coded.id]
        for one in shown
        if one.coded.id in work.latest and (one.document.id in seen or not sight.is_covered(one.document.id))
    }


def _example(codebook: Codebook) -> str:
    """Return a query that could be asked of this codebook."""
    tops = [code.id for code in codebook.children(None)][:2]
    return " and ".join(map(written, tops)) if tops else "role and behaviour"


def _coders(work: Work, sight: Sight) -> list[tuple[str, str, int]]:
    """Return who coded what the coder may see: name, name again as it is shown, number of segments."""
    counts = Counter(s.coder for s in firsthand(sight.in_lists(work.coded), work.decisions).segments)
    return [(name, name, counts[name]) for name in sorted(counts)]


def _kept(desk: Desk) -> list[Kept]:
    """Return the questions that stand, each with who kept it."""
    with desk.store() as store:
        found = [(query, store.get(batch)) for query, batch in store.standing(KeptQuery)]
    return [
        Kept(query, batch.coder, kept_question(query.text)) for query, batch in found if batch is not None
    ]
