"""Other programs take in what is exported here, and what they write is taken in: where they are installed."""

import importlib.util
import sys
from pathlib import Path

import pytest

PEERS = ("taguette", "qualitative-coding", "potato-annotation")


@pytest.fixture(scope="module")
def interop():
    """Return the script behind `make interop`."""
    path = Path(__file__).parent.parent / "benchmarks/interop.py"
    spec = importlib.util.spec_from_file_location("interop", path)
    module = sys.modules["interop"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["interop"]


@pytest.mark.parametrize("peer", PEERS)
def test_all_that_a_peer_can_say_goes_there_and_comes_back(interop, peer):
    if not (interop.VENVS / peer / "bin/python").exists():
        pytest.skip(f"{peer} is not installed: `make interop` does it")
    rows = interop.exchanged_with(peer, install=False)
    assert {row.peer for row in rows} == {peer}
    assert sum(row.n_sent for row in rows)
    assert [row for row in rows if row.n_same != row.n_sent] == []


def test_a_peer_that_is_not_there_is_said_to_be_so(interop, tmp_path, monkeypatch):
    monkeypatch.setattr(interop, "VENVS", tmp_path)
    (row,) = interop.exchanged_with("taguette", install=False)
    assert (row.n_sent, row.said) == (0, "is not installed")
