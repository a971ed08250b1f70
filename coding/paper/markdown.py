"""A paper as Markdown, as pandoc, GitHub and Quarto read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import assert_never

from coding.codebook_page import escape_markdown
from coding.paper import Block, Heading, Paper, Paragraph, Picture, Row, Table, Words, in_one_line

SUFFIXES = (".md",)

_OPENS = {"text": "", "quote": "> ", "note": "", "point": "- "}
_MARKS = {"strong": "**", "coded": "**", "emphasis": "*"}
_TAGS = {"**": "b", "*": "i"}
_INDENT = "&emsp;"
_ENDS = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)


def markdown(paper: Paper) -> str:
    """Return a paper as Markdown with pipe tables, their captions above and their notes below."""
    numbers = count(1)
    blocks = [f"# {escape_markdown(paper.title)}"] if paper.title else []
    for block in paper.blocks:
        blocks += _block(block, numbers)
    return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", "\n\n".join(blocks) + "\n")


def _block(block: Block, numbers: Iterator[int]) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * min(6, block.level + 1)} {escape_markdown(block.text)}"
        case Paragraph():
            yield _OPENS[block.kind] + _words(block.words)
        case Table():
            yield f"**Table {next(numbers)}.** {escape_markdown(block.caption)}"
            yield "\n".join(_table(block))
            yield from ([f"*Notes.* {' '.join(map(escape_markdown, block.notes))}"] if block.notes else [])
        case Picture():
            yield f"![{escape_markdown(block.shows)}]({block.file})"
            yield f"*{escape_markdown(block.caption)}*"
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    yield _row(Row(table.head))
    yield f"|{'|'.join('---:' if i in table.numbers else '---' for i in range(len(table.head)))}|"
    yield from map(_row, table.rows)


def _row(row: Row) -> str:
    # A cell begins no line, so what would begin a list there is a sign like any other.
    cells = [escape_markdown(f"x {cell}")[2:].replace("|", "\\|") for cell in row.cells]
    return f"| {_INDENT * row.depth}{' | '.join(cells)} |"


def _words(words: tuple[Words, ...]) -> str:
    """Return words with their marks. Marks are tags where letters or signs beside them would undo a mark."""
    said: list[str] = []
    texts = [in_one_line(each.text) for each in words]
    for i, each in enumerate(words):
        before, text, after = _ENDS.findall(texts[i])[0]
        around = (
            "".join(texts[:i])[-1:] if not before else " ",
            "".join(texts[i + 1 :])[:1] if not after else " ",
        )
        shown = _linked(_marked(escape_markdown(text), text, _MARKS.get(each.style, ""), around), each.url)
        said.append(f"{before}{shown}{after}" if text else before + after)
    return "".join(said).strip()


def _marked(shown: str, text: str, mark: str, around: tuple[str, str]) -> str:
    if not mark or not text:
        return shown
    beside, ends = "".join(around), text[0] + text[-1]
    free = not beside.strip() or (ends.isalnum() and mark == "**")
    return f"{mark}{shown}{mark}" if free else f"<{_TAGS[mark]}>{shown}</{_TAGS[mark]}>"


def _linked(shown: str, url: str | None) -> str:
    return f"[{shown}](<{url}>)" if url else shown
