"""Taguette's pages: a text as the HTML that it keeps, and where its bytes stand in the text.

Taguette counts the UTF-8 bytes of the words between the tags. Here a page becomes paragraphs with a blank
line between them, and white space within them one space. So words move; each remembers its byte.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from coding.formats.exchange.quotes import Span, one_line_end

_PARAGRAPH, _LINE, _CELL, _SPACE = "\n\n", "\n", "\t", " "
_WEAKEST_FIRST = ("", _SPACE, _CELL, _LINE, _PARAGRAPH)
_BLOCKS = frozenset((
    "blockquote", "body", "caption", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "p", "pre", "table", "tbody", "thead", "tr", "ul",
))  # fmt: skip
_CELLS = frozenset(("td", "th"))
_RUN = re.compile(r"[ \t\n\f\r]+|[^ \t\n\f\r]+")
_BLANK = frozenset(" \t\n\f\r")


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page.

    Attributes
    ----------
    at : for each character the byte at which it began; for one that was put in, that of the one before it
    put_in : for each character whether the page has it only as a tag, such as the end of a paragraph
    n_bytes : of all words of the page
    """

    text: str = field(repr=False)
    at: array[int] = field(repr=False)
    put_in: bytearray = field(repr=False)
    n_bytes: int

    def span(self, start: int, end: int) -> Span | None:
        """Return where the words between two bytes stand; None if there are none.

        A character of which a byte is before `end` belongs to them, one that began before `start` does not.
        """
        if not 0 <= start < end <= self.n_bytes:
            return None
        first, last = bisect_left(self.at, start), bisect_left(self.at, end)
        while last > first and self.put_in[last - 1]:
            last -= 1
        return (first, last) if first < last else None

    def in_bytes(self, span: Span) -> Span | None:
        """Return the bytes between which words stand; None if they begin or end with what was put in."""
        start, end = span
        if not start < end <= len(self.text) or self.put_in[start] or self.put_in[end - 1]:
            return None
        return self.at[start], self.at[end - 1] + len(self.text[end - 1].encode())


def page(html: str) -> Page:
    r"""Return the text of a page as Taguette keeps it: what a reader sees, a blank line between paragraphs.

    Examples
    --------
    >>> found = page("<p>Né <b>to</b></p><p>it</p>")
    >>> found.text, found.span(4, 7)
    ('Né to\n\nit', (3, 8))
    """
    layout = _Layout()
    layout.feed(one_line_end(html))
    layout.close()
    return Page("".join(layout.parts), layout.at, layout.put_in, layout.n_bytes)


def html_of(text: str, spans: Iterable[Span] = ()) -> tuple[str, Page]:
    """Return a text as a page of which `page` gives it again, and what that gives.

    Paragraphs are paragraphs if nothing is lost by that but white space at the end of the text; else the page
    is preformatted.

    Parameters
    ----------
    spans : whose beginnings and ends the page must be able to say
    """
    seen = text.rstrip()
    found = "\n".join(f"<p>{_lines(part)}</p>" for part in seen.split(_PARAGRAPH))
    made = page(found)
    if made.text == seen and all(made.in_bytes(span) for span in spans):
        return found, made
    first = "<b></b>" if text.startswith("\n") else ""  # behind <pre> alone a line end says nothing
    found = f"<pre>{first}{escape(text, quote=False)}</pre>"
    return found, page(found)


def _lines(text: str) -> str:
    return "<br>".join(escape(line, quote=False) for line in text.split("\n"))


class _Layout(HTMLParser):
    """The words met so far, and what is to stand before the next one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.at = array("q")
        self.put_in = bytearray()
        self.n_bytes = 0
        self._before = ""
        self._space_at = 0
        self._n_pre = 0
        self._pre_begins = False
        self._after_return = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._pre_begins = tag == "pre"
        if tag == "br":
            self._want(_PARAGRAPH if self._before in (_LINE, _PARAGRAPH) else _LINE)
        elif tag in _BLOCKS:
            self._want(_PARAGRAPH)
        elif tag in _CELLS:
            self._want(_CELL)
        self._n_pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self._pre_begins = False
        if tag in _BLOCKS:
            self._want(_PARAGRAPH)
        elif tag in _CELLS:
            self._want(_CELL)
        self._n_pre -= tag == "pre" and self._n_pre > 0

    def handle_data(self, data: str) -> None:
        if self._pre_begins:
            data = data.removeprefix("\n")
        self._pre_begins = False
        for found in _RUN.finditer(data):
            run = found[0]
            if run[0] not in _BLANK:
                self._say(run)
            elif self._n_pre:
                self._say_blank(run)
            else:
                if not self._before:
                    self._before, self._space_at = _SPACE, self.n_bytes
                self.n_bytes += len(run)

    def _want(self, before: str) -> None:
        self._before = max(self._before, before, key=_WEAKEST_FIRST.index)

    def _say(self, run: str) -> None:
        self._say_before()
        self._after_return = False
        self.parts.append(run)
        self.put_in += bytes(len(run))
        if run.isascii():
            self.at.extend(range(self.n_bytes, self.n_bytes + len(run)))
            self.n_bytes += len(run)
            return
        for char in run:
            self.at.append(self.n_bytes)
            self.n_bytes += len(char.encode("utf-8", "surrogatepass"))

    def _say_blank(self, run: str) -> None:
        """Take white space as it is, but for line ends."""
        for char in run:
            if char == "\n" and self._after_return:
                self.n_bytes += 1
                self._after_return = False
                continue
            self._say("\n" if char == "\r" else char)
            self._after_return = char == "\r"

    def _say_before(self) -> None:
        if self._before and self.at:
            n, is_put_in = len(self._before), self._before != _SPACE
            self.parts.append(self._before)
            self.at.extend([self.at[-1] if is_put_in else self._space_at] * n)
            self.put_in += bytes([is_put_in]) * n
        self._before = ""
