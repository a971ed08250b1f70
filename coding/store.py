"""The store: `project.db`, where the batches of a project are kept and what stands is asked.

An SQLite database in WAL mode whose tables are only ever added to. A `Store` is one connection: cheap to
open, for one thread. Any number of them, in any number of processes, may read and add at the same time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self, TypeVar

from coding import tables
from coding.batch import KINDS, Assignment, Batch, Decision, Kept, Look, Memo, Row, TakenBack, new_id, now
from coding.database import Database
from coding.errors import CodingError
from coding.model import Coded, CodedSegment, Coder, Reading
from coding.revision import carry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from coding.batch import About
    from coding.revision import Succession


_Kind = TypeVar("_Kind", bound=Row)


class Store:
    """One connection to the record of a project's work."""

    def __init__(self, path: Path) -> None:
        """Open the database; make it, or bring it up to date, if need be; only read it if no more is allowed.

        Raises
        ------
        CodingError
            If it cannot be opened, is no database of ours, or was made by a later version.
        """
        self.path = path
        self._file = Database(path)
        self._db = self._file.connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._file.close()

    def backup(self, path: Path) -> None:
        """Write a copy of the whole database, as it is at this moment, to a new file."""
        self._file.backup(path)

    def faults(self) -> list[str]:
        """Return what is damaged in the file; nothing if it is whole."""
        return self._file.faults()

    def refuse_read_only(self) -> None:
        """Raise `Busy`, with what to do, if nothing can be added, since the file may not be written."""
        self._file.refuse_read_only()

    # -- adding ---------------------------------------------------------------------------------------

    def add(self, *batches: Batch) -> int:
        """Add all batches or none; return how many were new. One that is there already is left alone.

        Raises
        ------
        CodingError
            If a batch of the same id says something else: an id is never given twice.
        """
        with self._file.transaction():
            return sum(self._add(batch) for batch in batches)

    def undo(self, batch: str, *, by: str, id: str | None = None) -> Batch:  # noqa: A002  it is the new batch's
        """Add the batch by which another no longer stands; of an undo, by which the other stands again.

        Parameters
        ----------
        id : str, optional
            The id of the new batch; a new one if left out.

        Raises
        ------
        CodingError
            If there is no such batch, or it is undone already.
        """
        with self._file.transaction():
            found = self._found(batch)
            if found.act == "undo":
                assert found.undoes is not None
                return self._stand_again(found.undoes, by, id)
            if found.act == "redo":
                assert found.undoes is not None
                first = self._found(found.undoes).undoes
                assert first is not None
                return self._undo(first, by, id)
            return self._undo(batch, by, id)

    def redo(self, batch: str, *, by: str, id: str | None = None) -> Batch:  # noqa: A002  it is the new batch's
        """Add the batch by which an undone one stands again.

        Raises
        ------
        CodingError
            If there is no such batch, or it stands.
        """
        with self._file.transaction():
            return self._stand_again(self._found(batch).id, by, id)

    # -- asking ---------------------------------------------------------------------------------------

    @property
    def n_batches(self) -> int:
        """How many batches were ever added: it grows with every act, of whatever process."""
        found = self._db.execute("SELECT ifnull(max(number), 0) FROM batches").fetchone()
        return int(found[0])

    def batches(self, *, last: int | None = None) -> list[Batch]:
        """Return all batches in the order of their times, or only the `last` ones."""
        query = "SELECT id, at, coder, act, undoes FROM batches ORDER BY at DESC, id DESC LIMIT ?"
        heads = self._db.execute(query, (-1 if last is None else last,)).fetchall()
        only = None if last is None else [head[0] for head in heads]
        rows: dict[str, list[Row]] = {head[0]: [] for head in heads}
        for kind in KINDS:
            for batch, row in self._rows(kind, only):
                rows[batch].append(row)
        return [
            Batch(batch, at, coder, act, tuple(rows[batch]), undoes)
            for batch, at, coder, act, undoes in reversed(heads)
        ]

    def undone(self) -> frozenset[str]:
        """Return the ids of the batches that were undone."""
        return frozenset(batch for (batch,) in self._db.execute("SELECT batch FROM undone"))

    def to_undo(self, coder: str) -> str | None:
        """Return the coder's last batch that stands and can be undone; None if there is none."""
        query = (
            "SELECT id FROM batches WHERE coder = ?"
            " AND act NOT IN ('undo', 'redo', 'look', 'coder', 'assign', 'realign', 'import')"
            " AND id NOT IN (SELECT batch FROM undone) ORDER BY at DESC, number DESC LIMIT 1"
        )
        found = self._db.execute(query, (coder,)).fetchone()
        return None if found is None else str(found[0])

    def to_redo(self, coder: str) -> str | None:
        """Return the batch that the coder undid last, unless a new act came after it."""
        query = (
            "SELECT act, undoes FROM batches WHERE coder = ? AND act NOT IN ('look', 'realign')"
            " AND ifnull(undoes, '') NOT IN (SELECT id FROM batches WHERE act = 'realign')"
            " ORDER BY at DESC, number DESC"
        )
        redone: set[str] = set()
        for kind, undoes in self._db.execute(query, (coder,)):
            if kind == "redo":
                redone.add(undoes)
            elif kind != "undo":
                return None
            else:
                undo = self._db.execute(
                    "SELECT id FROM batches WHERE act = 'undo' AND undoes = ? AND coder = ?"
                    " AND id NOT IN (SELECT undoes FROM batches WHERE act = 'redo')",
                    (undoes, coder),
                ).fetchone()
                if undo is not None:
                    return str(undoes)
        return None

    def standing(self, kind: type[_Kind], *, document: str | None = None) -> list[tuple[_Kind, str]]:
        """Return the rows of a kind that stand, each with its batch, in the order of their times.

        Parameters
        ----------
        document : str, optional
            Only those of this document (coded segments, readings, assignments, looks).
        """
        found = self._in_order(kind, document)
        return [(tables.row(kind, kept[:-2]), str(kept[-2])) for kept in found]

    def coded(self, *, document: str | None = None) -> Coded:
        """Return the coded segments and readings that stand, each segment with its words.

        Of several with the same span, code and coder (two copies of a project, merged) the one with
        the smallest id is returned, and each that a decision puts in the place of another.
        """
        placed = self._placed()
        chosen: dict[tuple[object, ...], Sequence[tables.Column]] = {}
        for kept in self._kept(CodedSegment, document):
            key = (*kept[1:6], kept[7], kept[0] if kept[0] in placed else "")
            if key not in chosen or str(kept[0]) < str(chosen[key][0]):
                chosen[key] = kept
        segments = [tables.row(CodedSegment, kept[:-2]) for kept in chosen.values()]
        segments.sort(key=lambda s: (s.segment.document, s.segment.start, s.segment.end, s.code, s.id))
        readings = {row.id: row for row, _ in self.standing(Reading, document=document)}
        return Coded(tuple(segments), tuple(readings.values()))

    def rows(self, kind: type[_Kind]) -> list[_Kind]:
        """Return the rows of a kind that stand, in the order they were added; of several of one id the first.

        So it is where the same came by two ways, in a file of acts and in one of another program. What is
        kept of other files is given as often as it was said, since each may say more of one thing.
        """
        found = self._in_order(kind, None)
        if kind not in (Coder, Kept):
            at = tables.columns(kind).index("id")
            once: dict[tables.Column, Sequence[tables.Column]] = {}
            for kept in found:
                once.setdefault(kept[at], kept)
            found = list(once.values())
        return [tables.row(kind, kept[:-2]) for kept in found]

    def documents_of(self, batch: Batch) -> set[str]:
        """Return the documents in which a batch coded, read, ruled, took back, or wrote memos."""
        found = {row.segment.document for row in batch.of(CodedSegment)}
        found |= {row.segment.document for row in batch.of(Reading)}
        found |= {memo.subject for memo in batch.of(Memo) if memo.about == "document"}
        segments = [memo.subject for memo in batch.of(Memo) if memo.about == "segment"]
        segments += [row.row for row in batch.of(TakenBack)]
        segments += [decision.about for decision in batch.of(Decision)]
        query = "SELECT DISTINCT document FROM segments WHERE id IN (SELECT value FROM json_each(?))"
        return found | {document for (document,) in self._db.execute(query, (json.dumps(segments),))}

    def has_seen(self, coder: str, document: str) -> bool:
        """Say whether a coder was ever shown others' coding in a document: undone or not, it was seen.

        Whoever has read it for all codes was; whoever judged a unit of a sample for some was not.
        """
        for kind, only in ((Look, ""), (Reading, " AND codes IS NULL")):
            query = f"SELECT 1 FROM {tables.TABLES[kind]} WHERE coder = ? AND document = ?{only}"
            if self._db.execute(query, (coder, document)).fetchone() is not None:
                return True
        return False

    def twins(self, ids: Iterable[str]) -> dict[str, str]:
        """Return under which id `coded` gives each of these coded segments whose twin stands for it."""
        query = (  # the plus keeps SQLite from the index of documents: some have thousands of segments
            "SELECT s.id, min(t.id) FROM segments s JOIN segments t"
            ' ON +t.document = s.document AND t.start = s.start AND t."end" = s."end" AND t.digest = s.digest'
            " AND t.code = s.code AND t.coder = s.coder WHERE s.id IN (SELECT value FROM json_each(?))"
            f" AND {tables.STANDS} AND t.id NOT IN (SELECT value FROM json_each(?)) GROUP BY s.id"
        )
        placed = self._placed()
        wanted = [id_ for id_ in dict.fromkeys(ids) if id_ not in placed]
        found = self._db.execute(query, (json.dumps(wanted), json.dumps(sorted(placed)))) if wanted else ()
        return {id_: twin for id_, twin in found if id_ != twin}

    def written(self, about: About) -> list[Memo]:
        """Return the memos about such things that were not undone, earlier wordings too, by their times."""
        query = (
            f"SELECT {tables.select(Memo)} FROM memos t WHERE t.about = ?"
            " AND t.batch NOT IN (SELECT batch FROM undone) ORDER BY t.at, t.id"
        )
        found = (tables.row(Memo, kept) for kept in self._db.execute(query, (about,)))
        return list({memo.id: memo for memo in found}.values())

    def added_at(self) -> dict[str, str]:
        """Return when each coded segment that stands was added, by its id."""
        found = sorted((str(kept[-1]), str(kept[0])) for kept in self._kept(CodedSegment, None))
        return {id_: at for at, id_ in reversed(found)}

    def coders(self) -> tuple[Coder, ...]:
        """Return everyone who codes here, each once."""
        return tuple(dict.fromkeys(self.rows(Coder)))

    def named(self, beginning: str) -> Batch:
        """Return the batch whose id begins so.

        Raises
        ------
        CodingError
            If there is none, or several.
        """
        found = [
            id_
            for (id_,) in self._db.execute(
                "SELECT id FROM batches WHERE substr(id, 1, ?) = ?", (len(beginning), beginning)
            )
        ]
        if len(found) != 1 or not beginning:
            what = "no batch begins" if not found else f"{len(found)} batches begin"
            raise CodingError(f"{what} with '{beginning}'. `coding log` lists them.")
        return self._found(found[0])

    def get(self, batch: str) -> Batch | None:
        """Return a batch by its id; None if there is none."""
        there = self._db.execute("SELECT 1 FROM batches WHERE id = ?", (batch,)).fetchone()
        return None if there is None else self._found(batch)

    def to_take_back(
        self, ids: Iterable[str], *, of: str, through: Sequence[Succession] = ()
    ) -> tuple[TakenBack, ...]:
        """Return the rows by which what a coder added under these ids no longer stands; twins go with it.

        Parameters
        ----------
        through : what came after each code: twins bear the same code by now

        Raises
        ------
        CodingError
            If nothing stands under an id, or another coder added it.
        """
        found: list[TakenBack] = []
        for id_ in dict.fromkeys(ids):
            places = self._standing_under(id_, through)
            if not places:
                raise CodingError(f"nothing stands under the id {id_}: it was taken back already.")
            if any(coder != of for _, _, coder in places):
                raise CodingError(f"{id_} is another coder's. Rule on it in Review instead.")
            found += (TakenBack(row, batch) for row, batch, _ in places)
        return tuple(dict.fromkeys(found))

    # -- inside ---------------------------------------------------------------------------------------

    def _add(self, batch: Batch) -> bool:
        before = self._db.execute("SELECT 1 FROM batches WHERE id = ?", (batch.id,)).fetchone()
        if before is not None:
            if _comparable(self._found(batch.id)) != _comparable(batch):
                raise CodingError(
                    f"batch {batch.id} is there already and says something else. An id is never given twice: "
                    "one of the copies was changed by hand."
                )
            return False
        self._db.execute(
            "INSERT INTO batches (id, at, coder, act, undoes) VALUES (?, ?, ?, ?, ?)",
            (batch.id, batch.at, batch.coder, batch.act, batch.undoes),
        )
        for kind in KINDS:
            rows = [(batch.id, *tables.values(row)) for row in batch.rows if type(row) is kind]
            if rows:
                names = ", ".join(["batch", *(f'"{name}"' for name in tables.columns(kind))])
                places = ", ".join("?" for _ in rows[0])
                self._db.executemany(f"INSERT INTO {tables.TABLES[kind]} ({names}) VALUES ({places})", rows)
        return True

    def _found(self, batch: str) -> Batch:
        head = self._db.execute(
            "SELECT id, at, coder, act, undoes FROM batches WHERE id = ?", (batch,)
        ).fetchone()
        if head is None:
            raise CodingError(f"no batch '{batch}'. `coding log` lists them.")
        id_, at, coder, kind, undoes = head
        rows = tuple(row for each in KINDS for _, row in self._rows(each, [id_]))
        return Batch(id_, at, coder, kind, rows, undoes)

    def _rows(self, kind: type[Row], batches: Sequence[str] | None) -> Iterator[tuple[str, Row]]:
        query = f"SELECT {tables.select(kind)}, t.batch FROM {tables.TABLES[kind]} t"
        wanted = () if batches is None else (json.dumps(list(batches)),)
        if batches is not None:
            query += " WHERE t.batch IN (SELECT value FROM json_each(?))"
        for kept in self._db.execute(f"{query} ORDER BY t.rowid", wanted):
            yield kept[-1], tables.row(kind, kept[:-1])

    def _kept(self, kind: type, document: str | None) -> Iterator[Sequence[tables.Column]]:
        """Yield what is kept of each row of a kind that stands; last its batch and that batch's time."""
        undone = self.undone()
        gone = frozenset(self._db.execute('SELECT row, "of" FROM gone'))
        query = (
            f"SELECT {tables.select(kind)}, t.batch, b.at FROM {tables.TABLES[kind]} t"
            " JOIN batches b ON b.id = t.batch"
        )
        found = self._db.execute(
            query if document is None else f"{query} WHERE t.document = ?",
            () if document is None else (document,),
        )
        at = tables.columns(kind).index("id")
        for kept in found:
            if kept[-2] not in undone and (kept[at], kept[-2]) not in gone:
                yield kept

    def _in_order(self, kind: type, document: str | None) -> list[Sequence[tables.Column]]:
        """Return what is kept of each row of a kind that stands, in the order of their times."""
        return sorted(self._kept(kind, document), key=lambda kept: (str(kept[-1]), str(kept[-2])))

    def _standing_under(self, id_: str, through: Sequence[Succession]) -> list[tuple[str, str, str]]:
        """Return id, batch and coder of what stands under an id, and of a coded segment's twins."""
        found: list[tuple[str, str, str]] = []
        for kind in KINDS:
            if kind not in (Coder, TakenBack, Assignment, Look):  # these are nobody's to take back
                found += self._db.execute(
                    f"SELECT t.id, t.batch, b.coder FROM {tables.TABLES[kind]} t"
                    f" JOIN batches b ON b.id = t.batch WHERE t.id = ? AND {tables.STANDS}",
                    (id_,),
                )
        twins = (
            "SELECT t.id, t.batch, t.coder, t.code, s.code FROM segments s JOIN segments t"
            ' ON t.document = s.document AND t.start = s.start AND t."end" = s."end" AND t.digest = s.digest'
            f" AND t.coder = s.coder WHERE s.id = ? AND t.id != s.id AND {tables.STANDS}"
        )
        placed = self._placed()
        if not found or id_ in placed:
            return found
        others = [other for other in self._db.execute(twins, (id_,)) if other[0] not in placed]
        after = carry({code for other in others for code in other[3:]}, through).sure
        alike = (other for other in others if len({after.get(code, code) for code in other[3:]}) == 1)
        return [*found, *(other[:3] for other in alike)]

    def _placed(self) -> set[str]:
        """Return the ids of segments that decisions put in the place of others: those are nobody's twins."""
        found = self._db.execute("SELECT instead FROM decisions WHERE instead IS NOT NULL")
        return {instead for (instead,) in found}

    def _undo(self, batch: str, by: str, id_: str | None) -> Batch:
        if batch in self.undone():
            raise CodingError(f"batch {batch} is undone already.")
        added = Batch(id_ or new_id(), now(), by, "undo", (), batch)
        self._add(added)
        return added

    def _stand_again(self, batch: str, by: str, id_: str | None) -> Batch:
        undos = self._db.execute(
            "SELECT id FROM batches WHERE act = 'undo' AND undoes = ?"
            " AND id NOT IN (SELECT undoes FROM batches WHERE act = 'redo')",
            (batch,),
        ).fetchall()
        if not undos:
            raise CodingError(f"batch {batch} stands: there is nothing to do again.")
        ids = [id_ or new_id(), *(new_id() for _ in undos[1:])]
        added = [Batch(new, now(), by, "redo", (), undo) for new, (undo,) in zip(ids, undos, strict=True)]
        for redo in added:
            self._add(redo)
        return added[0]


def _comparable(batch: Batch) -> tuple[object, ...]:
    rows = [(type(row), tables.values(row)) for row in batch.rows]
    return batch.id, batch.at, batch.coder, batch.act, batch.undoes, rows
