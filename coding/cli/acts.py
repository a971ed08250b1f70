"""What an act held, in words for a reader and in full for a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import groupby
from textwrap import shorten

from coding.batch import (
    Assignment,
    Batch,
    Decision,
    Edition,
    Kept,
    Look,
    Memo,
    Placing,
    Query,
    Row,
    TakenBack,
)
from coding.model import CodedSegment, Coder, Reading

# What an act is about comes first: in a table its end is cut off.
_NAMES: dict[type[Row], tuple[str, str]] = {
    Decision: ("decision", "decisions"),
    TakenBack: ("row taken back", "rows taken back"),
    CodedSegment: ("coded segment", "coded segments"),
    Memo: ("memo", "memos"),
    Query: ("query", "queries"),
    Reading: ("reading", "readings"),
    Assignment: ("assignment", "assignments"),
    Look: ("document seen", "documents seen"),
    Kept: ("thing kept", "things kept"),
    Edition: ("new text", "new texts"),
    Placing: ("place", "places"),
    Coder: ("coder", "coders"),
}
_ORDER = list(_NAMES)
_MOST = 60  # characters of a quote or a note


class Record:
    """All acts of a project, so that an act can be told by what its rows refer to."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        """Take in all batches of a store."""
        self._batches: Mapping[str, Batch] = {batch.id: batch for batch in batches}
        self._rows = {
            (row.id, batch.id): row
            for batch in self._batches.values()
            for row in batch.rows
            if not isinstance(row, TakenBack)
        }
        self._segments = {id_: row for (id_, _), row in self._rows.items() if isinstance(row, CodedSegment)}

    def told(self, batch: Batch) -> str:
        """Return an act in words: the file that came in; of each kind of row the first, and how many more."""
        if batch.undoes is not None:
            undone = self._batches.get(batch.undoes)
            what = f": {undone.act}, {self.told(undone)}" if undone else ""
            return f"batch {batch.undoes[:8]}{what}"
        files = [row.name for row in batch.of(Kept) if row.kind == "file"]
        others = [row for row in batch.rows if not (isinstance(row, Kept) and row.kind == "file")]
        rows = sorted(others, key=lambda row: _ORDER.index(type(row)))
        return "; ".join([*files, *(self._some(kind, list(own)) for kind, own in groupby(rows, type))])

    def rows(self, batch: Batch) -> list[dict[str, object]]:
        """Return the rows of an act in full; one that takes back, or rules on, another with what that was."""
        return [self._full(row) for row in batch.rows]

    def _some(self, kind: type[Row], rows: list[Row]) -> str:
        more = len(rows) - 1
        return self._said(rows[0]) + (f" and {more} more {_NAMES[kind][more > 1]}" if more else "")

    def _said(self, row: Row) -> str:
        match row:
            case CodedSegment():
                return f"{row.segment.document}: {row.code} “{_short(row.quote)}”"
            case Reading():
                place = f" {row.segment.start}:{row.segment.end} judged"
                return f"{row.segment.document}{' read' if row.codes is None else place}"
            case TakenBack():
                return f"taken back: {self._said_of((row.row, row.batch))}"
            case Decision():
                reason = f" ({_short(row.reason)})" if row.reason else ""
                return f"{row.ruling}: {self._segment(row.about)}{reason}"
            case Memo():
                on = self._segment(row.subject) if row.about == "segment" else row.subject
                return f"memo on {on}: {_short(row.text)}"
            case Assignment():
                return f"{row.document} to {row.coder} ({row.round})"
            case Query():
                return f"query {row.name}: {row.text}"
            case Look():
                return f"{row.document} seen"
            case Edition():
                return f"{row.document}: {_edition(row)}"
            case Placing():
                return f"{row.segment.document} {row.segment.start}:{row.segment.end}"
            case Kept():
                return f"{row.kind} {_short(row.name)}".rstrip()
            case Coder():
                return f"coder {row.id}"

    def _said_of(self, place: tuple[str, str]) -> str:
        found = self._rows.get(place)
        return self._said(found) if found else place[0]

    def _segment(self, id_: str) -> str:
        found = self._segments.get(id_)
        return self._said(found) if found else f"segment {id_}"

    def _full(self, row: Row) -> dict[str, object]:
        kind = {"kind": _NAMES[type(row)][0]}
        if isinstance(row, TakenBack):
            was = self._rows.get((row.row, row.batch))
            return {**kind, **asdict(row), "was": self._full(was) if was else None}
        kept = asdict(row)
        full = {**kind, **kept.pop("segment", {}), **kept}
        if isinstance(row, Decision):
            ruled = self._segments.get(row.about)
            full["segment"] = self._full(ruled) if ruled else None
        return full


def _short(text: str) -> str:
    return shorten(text, _MOST, placeholder=" …") if " " in text.strip() else text[:_MOST]


def _edition(row: Edition) -> str:
    if row.before == row.after:  # it was changed by hand, and its coding placed in it afterwards
        return f"placed in the text that was there, {row.after[:8]}"
    return f"new text {row.after[:8]}, was {row.before[:8]}"
