"""Where a passage stands, for a citation: its page, or its paragraph where the text has no pages.

A text has pages if it holds form feeds (U+000C): one ends each page but the last. They are counted from the
beginning of the file, whatever number is printed on them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.model import Document, Segment

PAGE_END = "\f"

_Shown = TypeVar("_Shown")


def locator(document: Document, segment: Segment) -> str:
    r"""Return the pages on which a segment stands, or its paragraphs where the text has no pages.

    White space at the ends of the segment stands nowhere.

    Raises
    ------
    StaleText
        If the text has changed since the segment was made.

    Examples
    --------
    >>> from coding.model import Document
    >>> paper = Document("japan/paper", "One runs over\fthe page.\n\n\fTwo.")
    >>> [locator(paper, paper.segment(start, end)) for start, end in ((0, 3), (4, 20), (27, 30))]
    ['p. 1', 'pp. 1–2', 'p. 3']
    >>> note = Document("japan/note", "One.\n\nTwo.")
    >>> locator(note, note.segment(6, 10)), locator(note, note.whole)
    ('para. 2', 'paras. 1–2')
    """
    words = document.quote(segment)
    start = segment.start + len(words) - len(words.lstrip())
    end = segment.start + len(words.rstrip())
    one, several, begins = _parts(document.text)
    first, last = (max(1, bisect_right(begins, at)) for at in (start, max(start, end - 1)))
    return f"{one} {first}" if first == last else f"{several} {first}–{last}"


def has_pages(text: str) -> bool:
    """Say whether a text is divided into pages."""
    return PAGE_END in text


def as_shown(text: _Shown) -> _Shown:
    r"""Return a text as pages of ours show it: a space where a page ends, for browsers show no form feed.

    It is as long as the text, so that offsets hold. What is no text stays what it is.

    Examples
    --------
    >>> as_shown("over\fthe page"), as_shown(3)
    ('over the page', 3)
    """
    if isinstance(text, str) and PAGE_END in text:
        return cast("_Shown", text.replace(PAGE_END, " "))
    return text


@lru_cache(maxsize=256)
def _parts(text: str) -> tuple[str, str, Sequence[int]]:
    """Return what one and several parts of a text are called, and where each begins."""
    from coding.units import paragraph_spans

    if has_pages(text):
        return "p.", "pp.", [0, *(match.end() for match in re.finditer(PAGE_END, text))]
    return "para.", "paras.", [start for start, _ in paragraph_spans(text)]
