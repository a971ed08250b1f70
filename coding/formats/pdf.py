"""PDF: the words of each page, by pdfminer.six. `coding.formats.pages` puts them in order."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from io import BytesIO
from statistics import median
from typing import TYPE_CHECKING, Any

from coding.errors import CodingError
from coding.formats.extraction import Extracted, counted, in_a_line
from coding.formats.pages import Arranged, Page, Piece, arranged

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".pdf",)
READER = "pdfminer.six"

_UNKNOWN = re.compile(r"\(cid:\d+\)")
# Ligatures, and radicals that fonts give for the characters that look like them.
_MEANT = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFB00, 0xFB07), *range(0x2F00, 0x2FD6))
}
_JOINED_BY = 1.0  # widths of a character: words that are farther apart are pieces, put into lines later
_SHOWN = 8  # headers and footers are named
_THIN = 40  # characters of a page, on average, below which a file is most likely a scan


def extract(raw: bytes) -> Extracted:
    """Return the text of a PDF, its pages parted by form feeds.

    Raises
    ------
    CodingError
        If it is no PDF or is protected by a password.
    """
    dropped: Counter[str] = Counter()
    pages = list(_pages(raw, dropped))
    found = arranged(pages)
    dropped["headers and footers"] = found.n_running
    text, n_unknown = _UNKNOWN.subn("\N{REPLACEMENT CHARACTER}", found.text)
    return Extracted(text, len(pages), counted(dropped), tuple(_notes(pages, found, text, n_unknown)))


def _notes(pages: list[Page], found: Arranged, text: str, n_unknown: int) -> Iterator[str]:
    if running := found.running:
        yield f"Left out as headers and footers: {', '.join(repr(line) for line in running[:_SHOWN])}."
    if found.unsure:
        numbers = ", ".join(map(str, found.unsure))
        yield (
            f"Words stand apart, as in a table, on page{'s' * (len(found.unsure) > 1)} {numbers}: they were "
            "read line by line, which may not be their order. Compare the text with the file there."
        )
    blank = [str(n) for n, page in enumerate(pages, start=1) if not page.pieces]
    if text.strip() and blank:
        yield f"Without words, so scanned or empty: page{'s' * (len(blank) > 1)} {', '.join(blank)}."
    n_words = len("".join(text.split()))
    if text.strip() and n_words < _THIN * (len(pages) - len(blank)):
        yield f"Only {n_words} characters on {len(pages)} pages: most of it may be scanned."
    if n_unknown:
        yield f"{n_unknown} characters have no meaning in the fonts of the file: they became \ufffd."


def _pages(raw: bytes, dropped: Counter[str]) -> Iterator[Page]:
    import logging

    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfparser import PDFSyntaxError

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    layout = LAParams(boxes_flow=None, char_margin=_JOINED_BY)
    try:
        for page in extract_pages(BytesIO(raw), laparams=layout):
            pieces = [piece for line in _lines(page, dropped) if (piece := _piece(line, dropped)) is not None]
            yield Page(page.width, page.height, tuple(pieces))
    except PDFPasswordIncorrect as error:
        raise CodingError("is protected by a password. Save it without one.") from error
    except PDFSyntaxError as error:
        raise CodingError(f"is no PDF, or a damaged one: {error}. Save it again.") from error


def _lines(page: Any, dropped: Counter[str]) -> Iterator[Any]:
    """Yield the lines of text of a page; pictures are counted."""
    from pdfminer.layout import LTFigure, LTImage, LTTextBox

    for element in page:
        if isinstance(element, LTTextBox):
            yield from element
        elif isinstance(element, LTFigure | LTImage):
            dropped["images"] += 1


def _piece(line: Any, dropped: Counter[str]) -> Piece | None:
    """Return a line as a piece of text with its place; None if it is empty or does not lie level."""
    from pdfminer.layout import LTChar

    chars = [char for char in line if isinstance(char, LTChar) and not char.get_text().isspace()]
    text = "".join(_words(list(line))).translate(_MEANT)
    soft = text.rstrip().endswith("\u00ad")
    text = in_a_line(text) + ("\u00ad" if soft else "")
    if not text or not chars:
        return None
    if sum(char.matrix[0] <= 0 or abs(char.matrix[1]) > abs(char.matrix[0]) for char in chars) * 2 > len(
        chars
    ):
        dropped["letters that do not lie level"] += len(chars)
        return None
    bold = all("bold" in char.fontname.lower() or "black" in char.fontname.lower() for char in chars)
    return Piece(
        text=text,
        left=min(char.x0 for char in chars),
        right=max(char.x1 for char in chars),
        bottom=median(char.y0 for char in chars),
        top=median(char.y1 for char in chars),
        size=median(char.size for char in chars),
        bold=bold,
    )


def _words(chars: list[Any]) -> Iterator[str]:
    """Yield the characters of a line; a space on which the next one lies was a place to break the word."""
    from pdfminer.layout import LTChar

    for char, after in zip(chars, [*chars[1:], None], strict=True):
        both = isinstance(char, LTChar) and isinstance(after, LTChar) and char.get_text().isspace()
        if not (both and after.x0 < (char.x0 + char.x1) / 2):
            yield char.get_text()
