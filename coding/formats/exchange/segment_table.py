"""Coded segments as a table, CSV or Excel: a row each, with its words, who coded it, and what of.

The texts are not in it: a row is read into the document that it names, where its words stand there. In CSV a
cell that a spreadsheet would take for a formula is written with an apostrophe; in Excel each is a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from coding.errors import CodingError, nearest, refuse
from coding.files import replacing
from coding.formats import confined, csv, xlsx
from coding.formats.encodings import decoded
from coding.formats.exchange import Brought, taguette_tables
from coding.formats.exchange.foreign import raw_of
from coding.formats.exchange.plain import PlainMemo, PlainSegment, exchanged_of, of_document, plain
from coding.formats.exchange.quotes import Span, one_line_end, placed, refuse_missing
from coding.formats.refi.nouns import Tally
from coding.formats.refi.offsets import Convention
from coding.formats.refi.ours import listed, unlisted
from coding.formats.rows import delimiter

if TYPE_CHECKING:
    from pathlib import Path

    from coding.formats.csv import Cell
    from coding.formats.exchange.plain import Plain, PlainDocument
    from coding.formats.refi.nouns import Dropped, Exchanged, Told
    from coding.model import CoderKind, Corpus, Document

FORMAT = "The table"
NEEDED = ("document", "start", "end", "quote", "code")
COLUMNS = (
    "id", "document", "start", "end", "quote", "code", "code_path", "coder", "kind", "because", "score",
    "memo", "memo_id", "memo_coder", "memo_at",
)  # fmt: skip
SHEET = "coded segments"

_CUT = " [...]"  # where a cell of Excel could not hold all words
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ufffd]")  # what Excel cannot hold, or shows as a space
_KINDS = ("person", "rules", "model")
_BETWEEN = " > "


def write(path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]:
    """Write a row for each coded segment, and a column for each document variable; return what is lost."""
    said = plain(
        exchanged,
        format=FORMAT,
        keeps=("coder", "kind", "because", "score", "memo", "memo by", "id", "variables"),
    )
    variables = list(dict.fromkeys(name for each in said.documents for name in each.variables))
    rows: list[list[Cell]] = [[*COLUMNS, *map(_column, variables)]]
    for document in said.documents:
        about = [document.variables.get(name) for name in variables]
        rows += [[*_row(document, segment, said), *about] for segment in document.segments]
    with replacing([path]) as (written,):
        if path.suffix.lower() == ".csv":
            csv.write_table(written, rows)
        else:
            xlsx.write_sheets(written, {SHEET: rows})
    return said.lost


def read(path: Path, corpus: Corpus, *, encoding: str | None = None) -> Brought:
    """Return the coded segments of a table, where their words stand in documents of the project.

    The quote decides: it must stand from `start` to `end`, or in one place only. Rows for which that is not
    so, or whose document is not here, are told one by one. A table of Taguette is known by its head.

    Parameters
    ----------
    encoding : of a CSV that is not UTF-8, as Excel saves one

    Raises
    ------
    CodingError
        If the file is no table, lacks a column, or a cell is not what its column says: naming each row.
    """
    table = _table(path, encoding)
    if taguette_tables.is_one(table):
        return taguette_tables.brought(table, corpus, name=path.name)
    return brought(table, corpus, name=path.name)


def brought(table: Sequence[Sequence[str]], corpus: Corpus, *, name: str) -> Brought:
    """Return the coded segments of rows of cells, the first being the head; `name` is that of the file.

    Raises
    ------
    CodingError
        As of `read`.
    """
    head = [cell.strip() for cell in table[0]] if table else []
    refuse(
        [
            f"{name}: the column '{column}' is not there.{nearest(column, filter(None, head))}"
            for column in NEEDED
            if column not in head
        ]
    )
    reading = _Reading(corpus, name)
    for number, cells in enumerate(table[1:], start=2):
        row = dict(zip(head, [*cells, *[""] * (len(head) - len(cells))], strict=False))
        if any(cell.strip() for cell in row.values()):
            reading.add(number, row)
    refuse(reading.problems)
    if not reading.is_any_placed:
        refuse_missing(name, reading.missing)
    exchanged = exchanged_of(reading.documents(), name=name.rpartition(".")[0], tally=reading.tally)
    return Brought(exchanged, (Convention(),))


def _column(variable: str) -> str:
    """Return the column of a document variable: its name, unless a column of ours is called so."""
    return f"document_{variable}" if variable in COLUMNS else variable


def _row(document: PlainDocument, segment: PlainSegment, said: Plain) -> list[Cell]:
    memos = segment.memos
    text = memos[0].text if len(memos) == 1 else _several([memo.text for memo in memos])
    return [
        segment.id, document.id, segment.start, segment.end, segment.quote, segment.code,
        _BETWEEN.join(said.codes.get(segment.code, ())), segment.coder, segment.kind, segment.because,
        segment.score, text, *(_several([getattr(m, name) for m in memos]) for name in ("id", "coder", "at")),
    ]  # fmt: skip


def _several(values: Sequence[str]) -> str:
    return listed(tuple(values))


def _table(path: Path, encoding: str | None) -> list[list[str]]:
    try:
        if path.suffix.lower() == ".csv":
            text = decoded(raw_of(path), name=path.name, given=encoding).text
            sign = delimiter(text)
            table = csv.rows_of(text, delimiter=sign)
            csv.refuse_longer(table, delimiter=sign)
            return table
        return confined.rows(xlsx, raw_of(path))
    except CodingError as error:
        refuse([each if path.name in each else f"{path.name}: {each}" for each in error.problems])
        raise


class _Reading:
    """Rows put into their documents."""

    def __init__(self, corpus: Corpus, name: str) -> None:
        self.tally = Tally()
        self.problems: list[str] = []
        self.missing: list[str] = []
        self._name = name
        self._documents = {document.id: document for document in corpus}
        self._found: dict[str, list[PlainSegment]] = {}
        self._variables: dict[str, dict[str, Told]] = {}

    def add(self, number: int, row: Mapping[str, str]) -> None:
        """Place the coded segment of a row, or tell why it is not; collect what is wrong in it."""
        where = f"{self._name}, row {number}"
        problems = list(_problems(where, row))
        self.problems += problems
        id_ = row["document"].strip()
        document = self._documents.get(id_)
        if problems:
            return
        if document is None:
            why = f"row {number}: '{id_}' is no document here.{nearest(id_, self._documents)}"
            self.tally.drop("Coded segment that was not placed", why)
            self.missing.append(id_)
            return
        at = (int(row["start"]), int(row["end"])) if row["start"].strip() and row["end"].strip() else None
        span = placed(document.text, row["quote"], at, same=_same)
        if span is None:
            shown = " ".join(row["quote"][:60].split())
            why = f"row {number}: “{shown}” is not where it says in {id_}, nor in one place only."
            self.tally.drop("Coded segment that was not placed", why)
            return
        if span != at and at is not None:
            why = f"row {number}: its words stand in {id_} from {span[0]} to {span[1]}, and only there."
            self.tally.drop("Coded segment that was placed elsewhere", why)
        self._found.setdefault(id_, []).append(_segment(row, span))
        self._variables.setdefault(
            id_, {name: value for name, value in row.items() if _is_variable(name) and value}
        )

    @property
    def is_any_placed(self) -> bool:
        """Whether a row stands in a document."""
        return bool(self._found)

    def documents(self) -> Iterator[PlainDocument]:
        """Yield the documents in which coded segments stand."""
        for id_, segments in self._found.items():
            document = self._documents[id_]
            yield replace(of_document(document, segments), variables=_named(self._variables[id_], document))


def _problems(where: str, row: Mapping[str, str]) -> Iterator[str]:
    for name in ("start", "end"):
        if not re.fullmatch(r"\s*\d{0,12}\s*", row[name]):
            yield f"{where}, {name}: '{row[name]}' is no whole number. Leave it empty, or correct it."
    if not row["code"].strip():
        yield f"{where}, code: is empty. Write the id of the code."
    kind = row.get("kind", "").strip()
    if kind not in ("", *_KINDS):
        yield f"{where}, kind: '{kind}' is not one of {', '.join(_KINDS)}.{nearest(kind, _KINDS)}"
    if row.get("score", "").strip() and _number(row["score"]) is None:
        yield f"{where}, score: '{row['score']}' is no number. Leave it empty, or correct it."


def _segment(row: Mapping[str, str], span: Span) -> PlainSegment:
    score = row.get("score", "").strip()
    return PlainSegment(
        *span,
        row["code"].strip(),
        row.get("coder", "").strip(),
        row.get("id", "").strip(),
        cast("CoderKind", row.get("kind", "").strip() or "person"),
        one_line_end(row.get("because", "")),
        _number(score) if score else None,
        _memos(row),
    )


def _memos(row: Mapping[str, str]) -> tuple[PlainMemo, ...]:
    text = one_line_end(row.get("memo", ""))
    if not text.strip():
        return ()
    ids = unlisted(row.get("memo_id", ""))
    texts = (text,) if len(ids) < 2 else unlisted(text)
    coders, times = unlisted(row.get("memo_coder", "")), unlisted(row.get("memo_at", ""))
    if not len(ids) == len(texts) == len(coders) == len(times):
        return (PlainMemo(text),)
    return tuple(PlainMemo(*said) for said in zip(texts, ids, coders, times, strict=True))


def _number(said: str) -> float | None:
    """Return a finite number, with a point or a comma in it; None if it is none."""
    found = re.fullmatch(r"\s*-?\d{0,30}([.,]\d{1,30})?([eE][-+]?\d{1,3})?\s*", said)
    try:
        return float(said.replace(",", ".")) if found else None
    except ValueError:
        return None


def _same(words: str, quote: str) -> bool:
    """Say whether words are a quote, or what a spreadsheet can hold of them."""
    if words == quote:
        return True
    shown, said = _UNSHOWN.sub(" ", words), _UNSHOWN.sub(" ", quote)
    return shown == said or (
        said.endswith(_CUT)
        and shown.startswith(said.removesuffix(_CUT))
        and len(said) >= xlsx.MOST_CHARACTERS - 10
    )


def _is_variable(column: str) -> bool:
    return bool(column) and column not in COLUMNS


def _named(row: Mapping[str, Told], document: Document) -> dict[str, Told]:
    """Return the variables of a row under their names, where they are variables of the document."""
    names = {_column(name): name for name in document.variables}
    return {names[column]: value for column, value in row.items() if column in names}
