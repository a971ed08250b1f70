"""A store that may not be written is read all the same, and says so where something must be written."""

import os
import sqlite3
import tempfile
from pathlib import Path

import pytest

from coding.batch import act
from coding.database import Database
from coding.errors import Busy, CodingError
from coding.model import Coder
from coding.store import Store

NOBODY = 65534
pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders have other rights there")


@pytest.fixture
def locked():
    """Return the path of a store with an act in it, that whoever asks may read and may not write."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.db"
        with Store(path) as store:
            store.add(act("anna", "coder", Coder("anna", "person")))
        user = os.geteuid()
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        if user == 0:  # whom no rights bind
            os.seteuid(NOBODY)
        try:
            yield path
        finally:
            os.seteuid(user)
            Path(folder).chmod(0o755)


def test_what_may_not_be_written_is_read(locked):
    with Store(locked) as store:
        assert store.coders() == (Coder("anna", "person"),)
        assert store.faults() == []
    assert [path.name for path in locked.parent.iterdir()] == ["project.db"]


def test_what_must_be_written_is_refused_with_what_to_do(locked):
    with Store(locked) as store:
        with pytest.raises(Busy, match=r"may not be written. Nothing was written. Work in a copy"):
            store.add(act("ben", "coder", Coder("ben", "person")))
        with pytest.raises(Busy, match="Work in a copy"):
            store.refuse_read_only()
        assert store.n_batches == 1


def test_a_store_that_may_be_written_is_not_opened_for_reading_only(tmp_path):
    assert not Database(tmp_path / "project.db").is_read_only


def test_acts_that_wait_beside_a_store_are_never_passed_over(tmp_path):
    path = tmp_path / "project.db"
    with Store(path) as first:
        first.add(act("anna", "coder", Coder("anna", "person")))
        beside = path.with_name("project.db-wal").read_bytes()
        main = path.read_bytes()
    assert beside
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "project.db").write_bytes(main)
        (folder / "project.db-wal").write_bytes(beside)
        user = os.geteuid()
        for each in (*folder.iterdir(), folder):
            each.chmod(0o555)
        if user == 0:
            os.seteuid(NOBODY)
        try:
            with pytest.raises(CodingError, match="Nothing was written"):
                Store(folder / "project.db")
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


def test_a_store_of_an_earlier_version_that_may_not_be_written_is_refused(locked):
    user = os.geteuid()
    os.seteuid(0) if os.getuid() == 0 else locked.parent.chmod(0o755)
    locked.chmod(0o644)
    with sqlite3.connect(locked) as connection:
        connection.execute("DELETE FROM migrations WHERE number = (SELECT max(number) FROM migrations)")
    connection.close()
    for beside in locked.parent.glob("project.db-*"):
        beside.unlink()
    locked.chmod(0o444)
    locked.parent.chmod(0o555)
    os.seteuid(user)
    with pytest.raises(Busy, match="may not be written"):
        Store(locked)
