"""Keyword in context: where a pattern stands, with the words around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.taggers.rules.index import TokenIndex
from coding.taggers.rules.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coding.model import Document, Segment


@dataclass(frozen=True, slots=True)
class Line:
    """One place where the pattern stands. White space in all three parts is folded for reading."""

    segment: Segment
    left: str
    hit: str
    right: str


def kwic(
    documents: Iterable[Document], pattern: str, *, width: int, language: str, lemma: bool
) -> list[Line]:
    """Return every place where a pattern stands, in order.

    Parameters
    ----------
    pattern : a phrase in the rule language, as in a codebook: ``"train* .. police"``
    width : code points of context on each side
    lemma : whether a word stands for its inflected forms too

    Raises
    ------
    PatternError
        If the grammar does not allow the pattern.
    """
    texts = tuple(documents)
    index = TokenIndex.build(texts, language)
    first, last = phrase(pattern, index, (False, lemma))
    inside = index.sentence[first] == index.sentence[last]
    lines = []
    for one, other in zip(first[inside], last[inside], strict=True):
        document = texts[int(index.document[one])]
        segment = document.segment(int(index.start[one]), int(index.end[other]))
        lines.append(line(document, segment, width=width))
    return lines


def line(document: Document, segment: Segment, *, width: int) -> Line:
    """Return a segment with `width` code points of its document on each side."""
    start, end = segment.start, segment.end
    return Line(
        segment,
        " ".join(document.text[max(0, start - width) : start].split()),
        " ".join(document.text[start:end].split()),
        " ".join(document.text[end : end + width].split()),
    )
