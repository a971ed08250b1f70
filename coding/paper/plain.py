"""A paper as plain text, to read in a terminal or to paste where nothing else is taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from textwrap import fill
from typing import assert_never

from coding.paper import Block, Heading, Paper, Paragraph, Picture, Row, Table, in_one_line

SUFFIXES = (".txt",)

WIDTH = 78
_OPENS = {"text": "", "quote": "    ", "note": "  ", "point": "- "}
_LINES = {0: "=", 1: "-"}
_GAP = "   "


def plain(paper: Paper) -> str:
    """Return a paper as text of lines that fit a terminal; a table that does not is written row by row."""
    numbers = count(1)
    blocks = [_heading(paper.title, 0)] if paper.title else []
    for block in paper.blocks:
        blocks += _block(block, numbers)
    return "\n\n".join(blocks) + "\n"


def _block(block: Block, numbers: Iterator[int]) -> Iterator[str]:
    match block:
        case Heading():
            yield _heading(block.text, block.level)
        case Paragraph():
            opens = _OPENS[block.kind]
            yield _filled(
                "".join(words.text for words in block.words), opens, opens if opens.isspace() else "  "
            )
        case Table():
            yield _filled(f"Table {next(numbers)}. {block.caption}")
            yield "\n".join(_aligned(block)) if _fits(block) else "\n\n".join(_by_rows(block))
            if block.notes:
                yield _filled(" ".join(block.notes), "  ", "  ")
        case Picture():
            yield _filled(f"[{block.file}] {block.caption}")
        case _:
            assert_never(block)


def _heading(text: str, level: int) -> str:
    said = in_one_line(text).strip()
    line = _LINES.get(level)
    return f"{said}\n{line * min(WIDTH, len(said))}" if line else said


def _filled(text: str, first: str = "", others: str = "") -> str:
    words = in_one_line(text).strip()
    return fill(
        words, WIDTH, initial_indent=first, subsequent_indent=others if first else "",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _sizes(table: Table) -> list[int]:
    rows = [_cells(row) for row in (Row(table.head), *table.rows)]
    return [max(len(row[i]) for row in rows) for i in range(len(table.head))]


def _fits(table: Table) -> bool:
    return sum(_sizes(table)) + len(_GAP) * (len(table.head) - 1) <= WIDTH


def _cells(row: Row) -> list[str]:
    first, *others = (in_one_line(cell).strip() for cell in row.cells)
    return ["  " * row.depth + first, *others]


def _aligned(table: Table) -> Iterator[str]:
    sizes = _sizes(table)
    for n, row in enumerate((Row(table.head), *table.rows)):
        cells = [
            cell.rjust(size) if i in table.numbers else cell.ljust(size)
            for i, (cell, size) in enumerate(zip(_cells(row), sizes, strict=True))
        ]
        yield _GAP.join(cells).rstrip()
        if n == 0:
            yield _GAP.join("-" * size for size in sizes)


def _by_rows(table: Table) -> Iterator[str]:
    """Yield each row as lines of its own: its first cell, and below it what the others say."""
    for row in table.rows:
        first, *others = row.cells
        lines = [_filled(first)]
        lines += [
            _filled(f"{head}: {cell}" if head else cell, "  ", "    ")
            for head, cell in zip(table.head[1:], others, strict=True)
            if cell
        ]
        yield "\n".join(lines)
