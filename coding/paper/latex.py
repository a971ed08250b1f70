r"""A paper as LaTeX, to be taken in with `\input`. Tables have the rules of booktabs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from coding.paper import (
    WIDEST_CELL,
    Block,
    Heading,
    Paper,
    Paragraph,
    Picture,
    Row,
    Table,
    Words,
    in_one_line,
    widths,
)

SUFFIXES = (".tex",)

MOST_ROWS = 40  # lines of a table that keeps to one page; a longer one runs over pages
PAGE = 78  # characters in a line of a page, about

_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\symbol{34}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "−": r"\ensuremath{-}", "×": r"\ensuremath{\times}", "\u00a0": "~",
    "\u202f": r"\,",
}  # fmt: skip
_SIGN = re.compile("[" + re.escape("".join(_SIGNS)) + "]|-(?=-)|'(?=')|,(?=,)")
_SECTIONS = ("section", "subsection", "subsubsection", "paragraph")
_LOOKS = {"strong": "textbf", "coded": "textbf", "emphasis": "emph"}
_BEYOND = re.compile(
    "[^\x00-\u024f\u2010-\u2026\u20ac\u2122]"
)  # what no usual setting of LaTeX has letters for


def latex(paper: Paper) -> str:
    """Return a paper as LaTeX: sections, and tables that can be referred to as `tab:<name>`.

    Its first lines, which are comments, name the packages that it needs.
    """
    blocks = [f"\\section{{{escape(paper.title)}}}"] if paper.title else []
    blocks += ["\n".join(lines) for lines in map(_block, paper.blocks)]
    text = "\n\n".join(blocks) + "\n"
    return "\n".join([*_needs(paper, text), text])


def escape(text: str) -> str:
    r"""Return a text on one line that LaTeX prints as it is.

    Examples
    --------
    >>> print(escape("50 % of $x_1$ -- R&D"))
    50 \% of \$x\_1\$ -{}- R\&D
    """
    return _SIGN.sub(lambda sign: _SIGNS.get(sign[0], f"{sign[0]}{{}}"), in_one_line(text))


def _needs(paper: Paper, text: str) -> Iterator[str]:
    tables = [block for block in paper.blocks if isinstance(block, Table)]
    packages = [
        *(["booktabs"] if tables else []),
        *(["array"] if any("p{" in _columns(table) for table in tables) else []),
        *(["longtable"] if any(_is_long(table) for table in tables) else []),
        *(["graphicx"] if any(isinstance(block, Picture) for block in paper.blocks) else []),
    ]
    if packages:
        yield f"% Needs \\usepackage{{{','.join(packages)}}}."
    if _BEYOND.search(text):
        yield "% Holds letters beyond Latin: use XeLaTeX or LuaLaTeX, and a font that has them."


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            section = _SECTIONS[min(block.level, len(_SECTIONS)) - 1]
            yield f"\\{section}{{{escape(block.text)}}}"
        case Paragraph():
            yield from _paragraph(block)
        case Table():
            yield from _long(block) if _is_long(block) else _floating(block)
        case Picture():
            yield from (
                r"\begin{figure}",
                r"\centering",
                f"\\includegraphics[width=\\linewidth]{{{block.file}}}",
                f"\\caption{{{escape(block.caption)}}}",
                r"\end{figure}",
            )
        case _:
            assert_never(block)


def _paragraph(block: Paragraph) -> Iterator[str]:
    words = "".join(map(_looking, block.words)).strip()
    match block.kind:
        case "quote":
            yield f"\\begin{{quote}}{words}\\end{{quote}}"
        case "note":
            yield f"{{\\footnotesize {words}\\par}}"
        case "point":
            yield f"\\begin{{itemize}}\\item {words}\\end{{itemize}}"
        case _:
            yield words


def _looking(words: Words) -> str:
    look = _LOOKS.get(words.style)
    return f"\\{look}{{{escape(words.text)}}}" if look else escape(words.text)


def _is_long(table: Table) -> bool:
    """Say whether a table is too long for a page: by its rows, a row of long texts counting for several."""
    wide = widths(table)
    scale = min(1.0, PAGE / (sum(wide) + 2 * len(wide)))
    lines = (
        max(-(-len(c) // max(1, int(w * scale))) for c, w in zip(r.cells, wide, strict=True))
        for r in table.rows
    )
    return sum(max(1, n) for n in lines) > MOST_ROWS


def _columns(table: Table) -> str:
    """Return the columns of a table: texts break into lines where the table would be wider than the page."""
    wide = widths(table)
    room = sum(wide) + 2 * len(wide)
    is_wide = room > PAGE or WIDEST_CELL in wide
    columns = ""
    for i, width in enumerate(wide):
        breaks = i not in table.numbers and is_wide and width > 12
        left = (
            f">{{\\raggedright\\arraybackslash}}p{{{0.92 * width / room:.2f}\\linewidth}}" if breaks else "l"
        )
        columns += "r" if i in table.numbers else left
    return f"@{{}}{columns}@{{}}"


def _floating(table: Table) -> Iterator[str]:
    yield r"\begin{table}"
    yield r"\centering"
    yield f"\\caption{{{escape(table.caption)}}}"
    yield f"\\label{{tab:{table.name}}}"
    yield f"\\begin{{tabular}}{{{_columns(table)}}}"
    yield r"\toprule"
    yield _row(Row(table.head))
    yield r"\midrule"
    yield from _rows(table)
    yield r"\bottomrule"
    yield r"\end{tabular}"
    if table.notes:
        yield r"\par\medskip"
        yield r"\begin{minipage}{\linewidth}\footnotesize"
        yield from map(escape, table.notes)
        yield r"\end{minipage}"
    yield r"\end{table}"


def _long(table: Table) -> Iterator[str]:
    head = (r"\toprule", _row(Row(table.head)), r"\midrule")
    yield f"\\begin{{longtable}}{{{_columns(table)}}}"
    yield f"\\caption{{{escape(table.caption)}}}\\label{{tab:{table.name}}}\\\\"
    yield from (*head, r"\endfirsthead", *head, r"\endhead", r"\bottomrule", r"\endfoot")
    yield from _rows(table)
    yield r"\end{longtable}"
    if table.notes:
        yield r"{\footnotesize"
        yield from map(escape, table.notes)
        yield r"\par}"


def _rows(table: Table) -> Iterator[str]:
    for i, row in enumerate(table.rows):
        if row.apart and i:
            yield r"\addlinespace"
        yield _row(row)


def _row(row: Row) -> str:
    return f"{chr(92)}quad " * row.depth + " & ".join(map(escape, row.cells)) + r" \\"
