"""The framework matrix as tables: for a paper, for scripts, as a workbook that is filled in and taken back.

In a workbook the sheet `framework` has the words alone, cases as rows and codes as columns; `summaries` has
who wrote them and when. What was changed in the first is told by the second, which nobody edits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from coding.cells import CellName, cell_name
from coding.errors import CodingError, nearest, refuse
from coding.formats import xlsx
from coding.paper import Paper, Row, Table
from coding.plots.words import base_in_words
from coding.write_up import cell_in_words

if TYPE_CHECKING:
    from pathlib import Path

    from coding.batch import Memo
    from coding.formats.csv import Cell as TableCell
    from coding.framework import Framework, Summary

Rows = list[list["TableCell"]]

BESIDE_ONE_ANOTHER = 3  # cases of a table for a paper: more make columns too narrow for sentences
EVERYBODY = "everybody"
NOTHING = "—"

_SHEETS = ("framework", "summaries", "about")
_HEAD: list[TableCell] = [
    "cell", "case", "case_name", "code", "code_name", "state", "value", "units", "base_units", "coder", "at",
    "newer_segments", "text", "id",
]  # fmt: skip


def framework_paper(found: Framework, codes: Sequence[str], *, texts: str) -> Paper:
    """Return codes as rows and cases as columns, each cell with its number and what was written of it.

    Parameters
    ----------
    codes : the rows
    texts : what the texts are, in words
    """
    matrix, unit = found.matrix, found.matrix.measurement.unit
    portions = [
        matrix.cases[i : i + BESIDE_ONE_ANOTHER] for i in range(0, len(matrix.cases), BESIDE_ONE_ANOTHER)
    ]
    notes = (
        f"Each number: {matrix.measurement}.",
        f"In brackets: {unit}s that bear the code / {base_in_words(matrix)}.",
        "0: a person read and found none; –: rules searched and found none; ·: nobody looked.",
        f"{NOTHING}: nobody has written of the cell.",
    )
    tables = (
        Table(
            name=f"framework-{n}" if len(portions) > 1 else "framework",
            caption=f"What was written of each cell, in {texts}.",
            head=("Code", *(matrix.names[case] for case in cases)),
            rows=tuple(
                Row((matrix.names[code], *(_in_words(found, code, case) for case in cases)), apart=True)
                for code in codes
            ),
            notes=notes,
        )
        for n, cases in enumerate(portions, 1)
    )
    return Paper("", tuple(tables))


def summary_rows(found: Framework, codes: Sequence[str]) -> Rows:
    """Return a row for each summary of these codes, and one for each cell without any, with a header."""
    matrix = found.matrix
    rows: Rows = [_HEAD]
    for code in codes:
        for case in matrix.cases:
            cell = matrix.cells[code, case]
            begin: list[TableCell] = [
                str(found.name(case, code)), case, matrix.names[case], code, matrix.names[code], cell.state,
                cell.value, cell.n, cell.base,
            ]  # fmt: skip
            written: Sequence[Summary | None] = found.of(case, code) or (None,)
            rows += [[*begin, *_said(each)] for each in written]
    return rows


def workbook(
    found: Framework, codes: Sequence[str], *, coder: str | None, about: Mapping[str, str]
) -> dict[str, Rows]:
    """Return the sheets of a workbook: the words by cases and codes, who wrote them, what they stand on.

    Parameters
    ----------
    coder : whose summaries these are; None if everybody's, which can be read and not taken back
    about : what else is to be said of them
    """
    matrix = found.matrix
    columns = _unlike({code: matrix.names[code] for code in codes})
    cases = _unlike({case: matrix.names[case] for case in matrix.cases})
    grid: Rows = [[" and ".join(matrix.measurement.variables), *columns.values()]]
    grid += [
        [cases[case], *(_words(found.of(case, code)) or None for code in codes)] for case in matrix.cases
    ]
    said = {"coder": coder or EVERYBODY, "each number": str(matrix.measurement), **about}
    rows: Rows = [["what", "value"]]
    rows += [[what, value] for what, value in said.items()]
    return dict(zip(_SHEETS, (grid, summary_rows(found, codes), rows), strict=True))


def plain(found: Framework, codes: Sequence[str], *, texts: str) -> dict[str, object]:
    """Return the framework matrix as plain values (docs/reference/results.md).

    Parameters
    ----------
    codes : the rows
    texts : what the texts are, in words
    """
    matrix = found.matrix
    cells = [matrix.cells[code, case] for code in codes for case in matrix.cases]
    return {
        "by": list(matrix.measurement.variables),
        "each number": str(matrix.measurement),
        "texts": texts,
        "cells": [
            {
                "cell": str(found.name(cell.case, cell.code)), "case": cell.case, "code": cell.code,
                "state": cell.state, "value": cell.value, "units": cell.n, "base": cell.base,
                "summaries": [
                    {**_plain(each.memo), "newer_segments": each.n_newer}
                    for each in found.of(cell.case, cell.code)
                ],
            }
            for cell in cells
        ],
        "elsewhere": [{"cell": memo.subject, **_plain(memo)} for memo in found.elsewhere],
    }  # fmt: skip


def filled_in(path: Path, *, coder: str, memos: Iterable[Memo]) -> dict[CellName, str]:
    """Return what was changed in the sheet `framework` of a workbook: for each such cell its whole text.

    Parameters
    ----------
    coder : whose summaries they are
    memos : those that stand: what was written anew since the file was made is not overwritten

    Raises
    ------
    CodingError
        Listing everything wrong: another coder's file, an unknown row or column, a cell that was written
        anew meanwhile and says something else, one too long for a workbook.
    """
    sheets = xlsx.read_sheets(path)
    absent = [name for name in _SHEETS if name not in sheets]
    if absent:
        raise CodingError(f"{path}: there is no sheet '{absent[0]}'. Begin with `coding framework --out`.")
    whose = {str(row[0]): str(row[1]) for row in sheets["about"] if len(row) > 1}.get("coder", EVERYBODY)
    if whose != coder:
        raise CodingError(
            f"{path} holds the summaries of {whose}, not those of {coder}. Make it anew: "
            f"`coding framework --coder {coder} --out {path.name}`."
        )
    head, *rows = sheets["summaries"] or [[]]
    if head[: len(_HEAD)] != _HEAD or not rows:
        raise CodingError(f"{path}: the sheet 'summaries' was changed. Make the file anew.")
    before = [{str(what): value for what, value in zip(head, row, strict=True)} for row in rows]
    problems: list[str] = []
    mine = [memo for memo in memos if memo.about == "cell" and memo.coder == coder]
    changed = {
        name: (was, now)
        for name, was, now in _compared(sheets["framework"], before, problems)
        if was.strip() != now.strip() and not _says_already(mine, name, now)
    }
    problems += _overtaken(changed, before, mine)
    refuse([f"{path.name}: {problem}" for problem in problems])
    return {name: now for name, (_, now) in changed.items()}


def _compared(
    grid: Sequence[Sequence[TableCell]], before: Sequence[Mapping[str, TableCell]], problems: list[str]
) -> Iterator[tuple[CellName, str, str]]:
    """Yield each cell of a sheet with its words of then and of now; what is no cell is a problem."""
    names = {str(row["cell"]): cell_name(str(row["cell"])) for row in before}
    texts: dict[CellName, list[tuple[str, str]]] = {name: [] for name in names.values()}
    for one in before:
        if one["id"]:
            texts[names[str(one["cell"])]].append((_text(one["coder"]), _text(one["text"])))
    columns = _back({str(row["code"]): str(row["code_name"]) for row in before})
    cases = _back({str(row["case"]): str(row["case_name"]) for row in before})
    by = next(iter(names.values())).by
    head, *rows = grid or [[]]
    for row in rows:
        case = _text(row[0])
        for column, value in zip(head[1:], row[1:], strict=True):
            name = CellName(by, cases.get(case, ""), columns.get(_text(column), ""))
            if name in texts:
                yield name, _joined(texts[name]), _text(value)
            elif _text(value).strip():
                wrong, known = (case, cases) if case not in cases else (_text(column), columns)
                problems.append(
                    f"sheet framework: '{wrong}' is no row or column of it.{nearest(wrong, known)}"
                )


def _overtaken(
    changed: Mapping[CellName, tuple[str, str]],
    before: Sequence[Mapping[str, TableCell]],
    mine: Sequence[Memo],
) -> Iterator[str]:
    at_that_time = {(str(row["cell"]), str(row["id"])) for row in before if row["id"]}
    cases, codes = (
        _unlike({str(row[what]): str(row[f"{what}_name"]) for row in before}) for what in ("case", "code")
    )
    for name, (was, _) in changed.items():
        said = f"{cases[name.case]}, {codes[name.code]}"
        if {i for s, i in at_that_time if s == str(name)} != {m.id for m in mine if m.subject == str(name)}:
            yield f"{said}: it was written anew since the file was made. Make the file anew, and change that."
        elif len(was) >= xlsx.MOST_CHARACTERS:
            yield f"{said}: it is longer than a cell of a workbook can be. Rewrite it in the app."


def _says_already(mine: Iterable[Memo], name: CellName, text: str) -> bool:
    """Say whether what stands of a cell is this text, as after the same file was taken in before."""
    said = _joined([(memo.coder, memo.text) for memo in mine if memo.subject == str(name)])
    return said.strip() == text.strip()


def _unlike(names: Mapping[str, str]) -> dict[str, str]:
    """Return names by ids; the id itself where several have one name."""
    counts = Counter(names.values())
    return {id_: name if counts[name] == 1 and name not in names else id_ for id_, name in names.items()}


def _back(names: Mapping[str, str]) -> dict[str, str]:
    return {name: id_ for id_, name in _unlike(names).items()} | {id_: id_ for id_ in names}


def _text(value: TableCell) -> str:
    return "" if value is None else str(value)


def _words(summaries: Sequence[Summary]) -> str:
    return _joined([(each.memo.coder, each.memo.text) for each in summaries])


def _joined(said: Sequence[tuple[str, str]]) -> str:
    """Return what stands in a cell of a sheet: the words, of several with who wrote them."""
    if len(said) == 1:
        return said[0][1]
    return "\n\n".join(f"{coder}: {text}" for coder, text in said)


def _said(summary: Summary | None) -> list[TableCell]:
    if summary is None:
        return [None, None, None, None, None]
    memo = summary.memo
    return [memo.coder, memo.at, summary.n_newer, memo.text, memo.id]


def _plain(memo: Memo) -> dict[str, str]:
    return {"coder": memo.coder, "at": memo.at, "text": memo.text, "id": memo.id}


def _in_words(found: Framework, code: str, case: str) -> str:
    number = cell_in_words(found.matrix.cells[code, case], found.matrix)
    words = "; ".join(f"{s.memo.text} ({s.memo.coder}, {s.memo.at[:10]})" for s in found.of(case, code))
    return f"{number} {words or NOTHING}"
