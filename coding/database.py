"""The file of the store: opened, brought up to date, written in transactions, copied, looked at for harm."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from coding import tables
from coding.batch import now
from coding.errors import Busy, CodingError
from coding.files import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE = 30.0  # seconds to wait for another writer


class Database:
    """One connection to an SQLite file whose tables are those of `coding/migrations`."""

    def __init__(self, path: Path) -> None:
        """Open the database; make it, or bring it up to date, if need be; only read it if no more is allowed.

        Raises
        ------
        CodingError
            If it cannot be opened, is no database of ours, or was made by a later version.
        """
        self.path = path
        self.is_read_only = path.exists() and not _may_be_written(path)
        with _said(path):
            self.connection = _read_only(path) if self.is_read_only else _connected(path)
        try:
            with _said(path):
                self.connection.execute("PRAGMA foreign_keys = ON")
                self.connection.execute("PRAGMA synchronous = FULL")
                if self._n_migrations() < len(tables.migrations()):
                    self.refuse_read_only()
                    self.connection.execute("PRAGMA journal_mode = WAL")
                self._migrate()
        except BaseException:
            self.connection.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the database until the block ends, then keep what was done in it, or nothing of it.

        Raises
        ------
        Busy
            If it may not be written, or another program is writing it for too long.
        """
        self.refuse_read_only()
        with _said(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def refuse_read_only(self) -> None:
        """Raise `Busy` if the file or its folder may not be written."""
        if self.is_read_only:
            raise Busy(
                f"{self.path}: this file or its folder may not be written. Nothing was written. Work in a "
                "copy of the project, or have yourself allowed to write there."
            )

    def _n_migrations(self) -> int:
        # Asked at once: between two questions another process may make the tables.
        names = {name for (name,) in self.connection.execute("SELECT name FROM sqlite_master")}
        if not names:
            return 0
        if "migrations" not in names:
            raise CodingError(f"{self.path}: a database of something else. Move it away.")
        return int(self.connection.execute("SELECT count(*) FROM migrations").fetchone()[0])

    def _migrate(self) -> None:
        for number, (name, script) in enumerate(tables.migrations(), start=1):
            if self._n_migrations() >= number:
                continue
            with self.transaction():
                if self._n_migrations() >= number:  # another process was quicker
                    continue
                for statement in tables.statements(script):
                    self.connection.execute(statement)
                self.connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, name, now()))
        if self._n_migrations() > len(tables.migrations()):
            raise CodingError(
                f"{self.path} is of a later version of Normatrix. Update it: pip install --upgrade normatrix."
            )

    def backup(self, path: Path) -> None:
        """Write a copy of the whole database, as it is at this moment, to `path`.

        Raises
        ------
        CodingError
            If it cannot be written, or there is a file already.
        """
        if path.exists():
            raise CodingError(
                f"{path} is there already. A backup never replaces a file; choose another name."
            )
        with replacing([path]) as (copy,), closing(sqlite3.connect(copy)) as target, _said(path):
            self.connection.backup(target)

    def faults(self) -> list[str]:
        """Return what SQLite finds damaged in the file; nothing if it is whole."""
        try:
            found = [
                str(said) for (said,) in self.connection.execute("PRAGMA integrity_check") if said != "ok"
            ]
            dangling = self.connection.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            found, dangling = [str(error)], []
        found += [f"a row of {table} belongs to no batch" for table, *_ in dangling]
        name = self.path.name
        return [f"{name}: damaged ({said}). Put a backup in its place (`coding backup`)." for said in found]

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _may_be_written(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return all(os.access(each, os.W_OK, effective_ids=effective) for each in (path, path.parent))


def _connected(path: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, uri=uri)


def _read_only(path: Path) -> sqlite3.Connection:
    """Return a connection by which nothing is written, not even the files beside a database in WAL mode.

    If these are not there they cannot be made: then the file alone says all, unless it is being written.
    """
    address = path.resolve().as_uri()
    connection = _connected(f"{address}?mode=ro", uri=True)
    try:
        connection.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        beside = path.with_name(f"{path.name}-wal")
        if beside.exists() and beside.stat().st_size:
            raise
        return _connected(f"{address}?immutable=1", uri=True)
    return connection


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Turn what SQLite says into an error that says where and what next."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Busy(f"{path} is being written by another program. Nothing was lost; try again.") from error
        raise Busy(
            f"{path}: {error}. Nothing was written. Is the disk full, or may it not be written?"
        ) from error
    except sqlite3.DatabaseError as error:
        raise CodingError(f"{path}: {error}. Put a backup in its place if it is damaged.") from error
