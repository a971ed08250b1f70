"""Results as they stand in a paper: headings, paragraphs, tables with captions and notes, pictures.

A paper says what is what, not how it looks: `markdown`, `latex` and `word` write the same one. Any text in it
may come from outside, and each writer shows it as it is; only white space is made one space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["plain", "strong", "emphasis", "coded", "quiet"]
Kind = Literal["text", "quote", "note", "point"]

_GAPS = re.compile(r"[^\S\u00a0\u202f]+")  # white space but the kinds that keep words together
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

GAP = re.compile(r"(\[to be written: [^\[\]]*\])")
WIDEST_CELL = 30  # characters: a longer text in a table is broken into lines


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one look.

    Attributes
    ----------
    style : "coded" words were coded, "quiet" ones stand beside what matters
    url : a web address to which they lead
    """

    text: str
    style: Style = "plain"
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` counts from 1, the title being above all."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: of the text, an excerpt, a note in small letters, or a point of a list."""

    words: tuple[Words, ...]
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `depth` says how far below others it stands, `apart` that a group begins with it."""

    cells: tuple[str, ...]
    depth: int = 0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes
    ----------
    name : what it is called in references, of small letters and hyphens
    head : one heading for each column
    notes : what a reader must know to read the numbers, in sentences
    numbers : the columns whose cells stand to the right
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, its file beside the results, and what it shows in words for those who do not see it."""

    png: bytes
    file: str
    caption: str
    shows: str


Block = Heading | Paragraph | Table | Picture


@dataclass(frozen=True, slots=True)
class Paper:
    """Blocks in their order. Without a title it is part of another paper."""

    title: str
    blocks: tuple[Block, ...]


def paragraph(*words: str | Words, kind: Kind = "text") -> Paragraph:
    """Return a paragraph of words, those without a style being plain."""
    return Paragraph(tuple(Words(w) if isinstance(w, str) else w for w in words), kind)


def gap(what: str) -> str:
    """Return what marks a place where something is still to be written; `GAP` finds it.

    Examples
    --------
    >>> gap("who coded")
    '[to be written: who coded]'
    """
    return f"[to be written: {what.replace('[', '(').replace(']', ')')}]"


def in_one_line(text: str) -> str:
    r"""Return a text with its white space made single spaces and what no file can hold made U+FFFD.

    Examples
    --------
    >>> in_one_line(" one\n\ftwo\x00")
    ' one two\ufffd'
    """
    return _CONTROL.sub("\ufffd", _GAPS.sub(" ", text))


def widths(table: Table) -> list[int]:
    """Return for each column the characters of its longest cell, at most `WIDEST_CELL`, at least 4."""
    columns: list[Sequence[str]] = [
        [table.head[i], *(row.cells[i] for row in table.rows)] for i in range(len(table.head))
    ]
    return [min(WIDEST_CELL, max(4, *(len(cell) for cell in column))) for column in columns]
