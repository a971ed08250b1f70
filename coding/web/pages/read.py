"""Read and code: a document as a column of text, with the codes at its left and what was coded at its right.

The page holds the text and the codebook; what was coded comes from the API, so that it is asked for again
after an undo. A text stands on the page in pieces: each is one element with one text node and the offset of
its first code point, so that the browser's places and the project's are easily turned into each other. Some
pieces at a time make a block, which a browser lays out only when it comes near the window.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from coding.units import paragraph_spans
from coding.web.colours import colour
from coding.web.shown import page
from coding.web.visit import TheDesk, Visitor, cookie_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coding.codebook import Code, Codebook
    from coding.web.desk import Desk

router = APIRouter()

LONGEST = 5_000  # code points of a piece
BLOCK = 3_000  # code points of a block: a few hundred of them make the longest text

_DAYS = 30  # how long a browser knows which document was last open

_BETWEEN = "\n\n"  # what most often stands between two paragraphs
_PER_LINE = 70  # code points, roughly: only to guess a height before a block is laid out
_APART = 0.7  # lines between two paragraphs
_ENDS = re.compile(
    "[.!?][\"'\u2019\u201d)\\]]*\\s|[\u3002\uff01\uff1f\uff61][\u300d\u300f\uff09\u3011\u201d\u2019)]*"
)
_JOINER, _VARIANTS = "\u200d", ("\ufe0e", "\ufe0f")


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph of a text, or a part of a long one.

    Attributes
    ----------
    start : offset of its first code point
    gap : the white space before it, which stands in no piece
    is_part : whether its paragraph goes on in the next piece
    """

    start: int
    text: str
    gap: str
    is_part: bool

    @property
    def unusual_gap(self) -> str | None:
        """The white space before it, if it is not what one expects there."""
        expected = "" if self.start == len(self.gap) else _BETWEEN
        return None if self.gap == expected else self.gap

    @property
    def lines(self) -> float:
        """How many lines it will take, roughly, with the space behind it."""
        lines = sum(1 + len(line) // _PER_LINE for line in self.text.split("\n"))
        return lines if self.is_part else lines + _APART


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces that a browser lays out together."""

    pieces: tuple[Piece, ...]

    @property
    def lines(self) -> int:
        """How many lines they will take, roughly."""
        return round(sum(piece.lines for piece in self.pieces))


@dataclass(frozen=True, slots=True)
class Branch:
    """A code in use as the palette shows it: how deep it stands, and whether others stand below it."""

    code: Code
    depth: int
    opens: bool


@lru_cache(maxsize=16)
def blocks(text: str) -> tuple[Block, ...]:
    """Return a text cut into pieces, and these put together into blocks of about the same length."""
    found: list[list[Piece]] = []
    length = BLOCK
    for piece in pieces(text):
        if length + len(piece.text) > BLOCK:
            found.append([])
            length = 0
        found[-1].append(piece)
        length += len(piece.text)
    return tuple(Block(tuple(each)) for each in found)


def pieces(text: str) -> tuple[Piece, ...]:
    r"""Return a text cut into its paragraphs, long ones cut further where a line or a sentence ends.

    Examples
    --------
    >>> [(piece.start, piece.text) for piece in pieces("One.\n\nTwo\nlines.\n")]
    [(0, 'One.'), (6, 'Two\nlines.')]
    """
    found: list[Piece] = []
    behind = 0
    for start, end in paragraph_spans(text):
        for first, last in _parts(text, start, end):
            found.append(Piece(first, text[first:last], text[behind:first], last < end))
            behind = last
    return tuple(found)


@router.get("/read")
def next_document(request: Request, desk: TheDesk, who: Visitor) -> Response:
    """Go to where the coder reads on: the document assigned and unread, else the one last open."""
    corpus = desk.files.corpus
    ids = [document.id for document in corpus]
    if not ids:
        return page(request, "read_nothing.html.j2")
    unread = _unread(desk, who.coder)
    last = unquote(request.cookies.get(_last_cookie(request), ""))
    last = last if last in ids else ""
    chosen = last if last in unread or not unread else unread[0]
    return RedirectResponse(f"/read/{quote(chosen or ids[0])}", status_code=303)


@router.get("/read/{case}/{name}")
def read(request: Request, case: str, name: str, desk: TheDesk, who: Visitor) -> Response:
    """Show a document to read and to code."""
    corpus, book = desk.files.corpus, desk.files.codebook
    document = desk.files.document(f"{case}/{name}")
    ids = [each.id for each in corpus]
    at = ids.index(document.id)
    coded = desk.work.by_document.get(document.id, ())
    own = [segment for segment in coded if segment.coder == who.coder]
    answer = page(
        request,
        "read.html.j2",
        document=document,
        title=document.variables.get("title") or name,
        case=corpus.name(case),
        case_id=case,
        language=document.variables.get("language") or book.language,
        blocks=blocks(document.text),
        modules=_modules(),
        rest=document.text[len(document.text.rstrip()) :],
        branches=tuple(_branches(book)),
        colours={code.id: colour(book, code.id) for code in book.codes},
        n_stale=sum(segment.segment.digest != document.digest for segment in own),
        previous=corpus[ids[at - 1]] if at else None,
        following=corpus[ids[at + 1]] if at + 1 < len(ids) else None,
        place=(at + 1, len(ids)),
    )
    answer.set_cookie(
        _last_cookie(request),
        quote(document.id, safe=""),
        max_age=_DAYS * 86400,
        path="/read",
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure,
    )
    return answer


def _unread(desk: Desk, coder: str) -> Sequence[str]:
    """Return what a coder was given to read and has not, in the order in which it was given."""
    sight = desk.sight(coder)
    mine = dict.fromkeys(each.document for each in desk.work.assignments if each.coder == coder)
    known = {document.id for document in desk.files.corpus}
    return [document for document in mine if document in known and document not in sight.read]


@cache
def _modules() -> tuple[str, ...]:
    """Return the names of the page's scripts, so that a browser asks for all of them at once."""
    return tuple(sorted(file.name for file in (files("coding.web") / "static" / "read").iterdir()))


def _last_cookie(request: Request) -> str:
    return f"{cookie_name(request)}-read"


def _branches(codebook: Codebook, parent: str | None = None, depth: int = 0) -> Iterator[Branch]:
    """Yield the codes in use, each before those below it."""
    for code in codebook.children(parent):
        yield Branch(code, depth, bool(codebook.children(code.id)))
        yield from _branches(codebook, code.id, depth + 1)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans into which a paragraph is cut, without the white space around them."""
    cuts = [start]
    while end - cuts[-1] > LONGEST:
        cuts.append(_cut(text, cuts[-1] + LONGEST // 2, cuts[-1] + LONGEST))
    for first, last in pairwise([*cuts, end]):
        part = text[first:last]
        left = len(part) - len(part.lstrip())
        if part.strip():
            yield first + left, first + len(part.rstrip())


def _cut(text: str, least: int, most: int) -> int:
    """Return where to cut: behind the last line, sentence or word, else between two characters."""
    line = text.rfind("\n", least, most)
    if line >= 0:
        return line + 1
    ends = [match.end() for match in _ENDS.finditer(text, least, most)]
    if ends:
        return ends[-1]
    blank = text.rfind(" ", least, most)
    if blank >= 0:
        return blank + 1
    while most > least and _is_one_character(text[most - 1], text[most]):
        most -= 1
    return most


def _is_one_character(one: str, next_: str) -> bool:
    return one == _JOINER or next_ in (_JOINER, *_VARIANTS) or unicodedata.combining(next_) > 0
