"""Corpora past one machine: the same coding however they are parted and whoever codes, whole or absent."""

import json
import os
import signal
import subprocess
import sys
import time as clock
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from coding import backend
from coding.cli import texts  # noqa: F401  its commands join the app
from coding.cli.app import app
from coding.errors import CodingError
from coding.large import Columns, Setup, places, tag_large
from coding.large.driver import MANIFEST
from coding.large.tables import KINDS
from coding.large.work import Part, in_its_language, is_sampled, tag_part
from coding.learned import Recipe
from coding.project import Project
from coding.provenance import versions
from coding.taggers.rules import RuleTagger

if os.environ.get("CI") == "true":
    import pyarrow as pa
    import pyarrow.parquet as pq
else:
    pa = pytest.importorskip("pyarrow", reason="needs `pip install '.[large]'`")
    pq = pytest.importorskip("pyarrow.parquet")

SERIAL = backend.parse("serial")
TEXTS = [
    "Norland trains police.\r\nIt is a bridge. \U0001f600 It trains teachers.\r\n",
    "Sudland trains teachers. Then it rests.\n\nIt trains police e\u0301ach year.",
    "日本は bridge を築く。 It trains police.",
    "Nothing of the kind.",
    "\ufeffA bridge. Trains of thought. The police trains.",
]


def rows(n=5):
    donors = ("norland", "sudland")
    return [
        {"id": f"d{i}", "text": TEXTS[i % len(TEXTS)], "donor": donors[i % 2], "year": 2010 + i % 5}
        for i in range(n)
    ]


def parted(folder, found, cuts=()):
    """Write rows into one partition more than there are cuts."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.parquet"):
        old.unlink()
    ends = [0, *sorted(cuts), len(found)]
    for i, (start, end) in enumerate(pairwise(ends)):
        schema = pa.schema(
            [("id", pa.string()), ("text", pa.string()), ("donor", pa.string()), ("year", pa.int32())]
        )
        pq.write_table(pa.Table.from_pylist(found[start:end], schema=schema), folder / f"part {i}.parquet")
    return folder


def setup(sandbox, **given):
    project = Project.open(sandbox.root)
    return Setup(
        project.codebook("book"),
        project.corpus.known_cases,
        "longest",
        "sentence",
        "any",
        ("donor",),
        **given,
    )


def table(out, kind):
    found = [
        row for path in sorted(Path(out, kind).glob("*.parquet")) for row in pq.read_table(path).to_pylist()
    ]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def tag(sandbox, folder, out, chosen=SERIAL, **given):
    return tag_large([str(folder)], str(out), setup(sandbox), backend=chosen, **given)


def test_coded_segments_are_those_of_the_tagger_with_their_words(sandbox, tmp_path):
    summary = tag(sandbox, parted(tmp_path / "in", rows()), tmp_path / "out")
    found = table(tmp_path / "out", "segments")
    by_id = {row["id"]: row for row in rows()}
    made = setup(sandbox)
    from coding.model import Corpus, Document

    documents = (Document(r["id"], r["text"], {"donor": r["donor"], "year": r["year"]}) for r in rows())
    corpus = Corpus(tuple(map(in_its_language, documents)), made.cases)
    expected = RuleTagger(made.codebook, overlap="longest").tag(corpus)
    assert {row["id"] for row in found} == {segment.id for segment in expected.segments}
    assert len(found) == summary.n_segments > 5
    for row in found:
        assert by_id[row["document"]]["text"][row["start"] : row["end"]] == row["quote"]
    read = {reading.segment.document for reading in expected.readings}
    assert {row["document"] for row in table(tmp_path / "out", "readings")} == read == set(by_id) - {"d2"}


@settings(max_examples=12)
@given(st.lists(st.integers(0, 17), max_size=4, unique=True))
def test_it_is_the_same_however_the_texts_are_parted(tmp_path_factory, cuts):
    from conftest import Sandbox

    root = tmp_path_factory.mktemp("parted")
    sandbox = Sandbox(root / "project")
    found = rows(17)
    whole = tag(sandbox, parted(root / "one", found), root / "out-one")
    some = tag(sandbox, parted(root / "many", found, cuts), root / "out-many")
    assert (whole.n_documents, some.n_documents) == (17, 17)
    for kind in KINDS:
        assert table(root / "out-one", kind) == table(root / "out-many", kind)


@pytest.fixture(scope="module")
def cluster():
    if os.environ.get("CI") == "true":
        import distributed
    else:
        distributed = pytest.importorskip("distributed", reason="needs `pip install '.[distributed]'`")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as found:
        yield found.scheduler_address


@pytest.mark.filterwarnings("ignore")  # what Dask's own machinery warns of is not ours
def test_it_is_the_same_whoever_codes(sandbox, tmp_path, cluster):
    folder = parted(tmp_path / "in", rows(20), (5, 9, 16))
    tag(sandbox, folder, tmp_path / "serial")
    tag(sandbox, folder, tmp_path / "two", backend.parse("processes:2"))
    tag(sandbox, folder, tmp_path / "dask", backend.parse(f"dask:{cluster}"))
    for kind in KINDS:
        assert (
            table(tmp_path / "serial", kind)
            == table(tmp_path / "two", kind)
            == table(tmp_path / "dask", kind)
        )


def test_a_model_codes_in_workers_as_it_does_here(tmp_path):
    from test_learned_tagger import BOOK, CASES, NEW, trained

    learned = trained()
    found = [{"id": d.id, "text": d.text, "donor": "norland"} for d in NEW]
    made = Setup(BOOK, CASES, "longest", "sentence", "any", ("donor",), model=learned.model)
    folder = parted(tmp_path / "in", found, (1, 3))
    for name in ("serial", "processes:2"):
        tag_large([str(folder)], str(tmp_path / name), made, backend=backend.parse(name))
    expected = learned.tag(NEW)
    assert expected.segments
    for name in ("serial", "processes:2"):
        assert {row["id"] for row in table(tmp_path / name, "segments")} == {s.id for s in expected.segments}
        assert len(table(tmp_path / name, "readings")) == len(expected.readings)
    scores = {row["id"]: row["score"] for row in table(tmp_path / "serial", "segments")}
    assert scores == pytest.approx({s.id: s.score for s in expected.segments})


def test_a_model_that_looks_at_sentence_vectors_is_refused(sandbox):
    from test_learned_tagger import BOOK, CASES, Vectors, trained

    looking = trained(recipe=Recipe(words=False, embeddings=True), vectors=Vectors())
    with pytest.raises(CodingError, match="sentence vectors, which workers do not have"):
        Setup(BOOK, CASES, "longest", "sentence", "any", ("donor",), model=looking.model)


def stood(summary):
    return [each.stood for each in summary.done]


def test_what_is_done_is_not_done_again(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(), (2,))
    assert stood(tag(sandbox, folder, tmp_path / "out")) == [False, False]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/*")}
    assert stood(tag(sandbox, folder, tmp_path / "out")) == [True, True]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/*")} == before


def test_other_texts_another_codebook_and_results_that_are_not_whole_are_done_again(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(), (2,)), tmp_path / "out"
    tag(sandbox, folder, out)
    changed = rows()
    changed[0]["text"] = "It trains nobody. A bridge."
    parted(folder, changed, (2,))
    assert sorted(stood(tag(sandbox, folder, out))) == [False, True]
    damaged = next((out / "segments").glob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-9])
    assert sorted(stood(tag(sandbox, folder, out))) == [False, True]
    next((out / "counts").glob("*.parquet")).unlink()
    assert sorted(stood(tag(sandbox, folder, out))) == [False, True]
    next((out / "done").glob("*.json")).write_text("{", encoding="utf-8")
    assert sorted(stood(tag(sandbox, folder, out))) == [False, True]
    book = sandbox.root / "codebooks/book.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace('"police"', '"teacher"', 1), encoding="utf-8")
    assert stood(tag(sandbox, folder, out)) == [False, False]


def test_a_partition_that_cannot_be_read_is_reported_and_the_others_are_done(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(), (2,))
    (folder / "part 2.parquet").write_bytes(b"PAR1 no more")
    pq.write_table(pa.table({"id": ["x"], "words": ["y"]}), folder / "part 3.parquet")
    summary = tag(sandbox, folder, tmp_path / "out")
    assert [each.n_documents for each in summary.done] == [2, 3]
    said = {Path(each.place).name: each.problem for each in summary.failed}
    assert "cannot be read as Parquet" in said["part 2.parquet"]
    assert "no column 'text' for texts" in said["part 3.parquet"]
    kept = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))
    assert len(kept["partitions"]) == 4
    assert len(list((tmp_path / "out/segments").iterdir())) == 2


def test_results_of_a_partition_that_is_damaged_are_taken_away_and_strays_are_named(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(), (2,)), tmp_path / "out"
    names = [each.name for each in tag(sandbox, folder, out).done]
    (folder / "part 0.parquet").write_bytes(b"PAR1")
    summary = tag(sandbox, folder, out)
    assert ([each.name for each in summary.done], summary.strays) == (names[1:], ())
    assert [path.stem for path in (out / "segments").iterdir()] == names[1:]
    (folder / "part 0.parquet").unlink()
    parted(tmp_path / "other", rows(1))
    assert tag(sandbox, tmp_path / "other", out).strays == (names[1],)


def test_workers_in_other_directories_are_sent_whole_paths(sandbox, tmp_path, monkeypatch):
    parted(tmp_path / "in", rows())
    monkeypatch.chdir(tmp_path)
    summary = tag_large(["in"], "out", setup(sandbox), backend=SERIAL)
    assert [each.place for each in summary.done] == [str(tmp_path / "in/part 0.parquet")]
    assert summary.out == str(tmp_path / "out")


def test_what_a_run_that_was_stopped_has_done_is_in_its_manifest(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(), (2, 4)), tmp_path / "out"
    tag(sandbox, folder, out)
    (out / MANIFEST).unlink()  # as if it had been killed before it was written

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tag(sandbox, folder, out, told=stop)
    assert len(json.loads((out / MANIFEST).read_text(encoding="utf-8"))["partitions"]) == 3


def test_rows_that_are_no_documents_are_counted_by_why_not(sandbox, tmp_path):
    found = [*rows(3), {"id": None, "text": "A bridge.", "donor": "norland"}, {"id": "e", "text": " ", "donor": "x"},
             {"id": "d0", "text": "Again.", "donor": "norland"}]  # fmt: skip
    summary = tag(sandbox, parted(tmp_path / "in", found), tmp_path / "out")
    assert summary.left == {"no id": 1, "no text": 1, "id twice": 1}
    assert summary.n_documents == 3


def test_an_id_in_two_partitions_is_seen(sandbox, tmp_path):
    summary = tag(sandbox, parted(tmp_path / "in", [*rows(3), *rows(2)], (3,)), tmp_path / "out")
    assert summary.twice == 2
    assert tuple(sorted(summary.such)) == (
        "d0 in part 0.parquet and part 1.parquet",
        "d1 in part 0.parquet and part 1.parquet",
    )


def test_a_sample_is_the_same_however_the_texts_are_parted_and_a_limit_takes_the_first(sandbox, tmp_path):
    found = rows(60)
    tag(sandbox, parted(tmp_path / "in", found), tmp_path / "one", share=0.3, seed=4)
    tag(sandbox, parted(tmp_path / "in", found, (7, 30)), tmp_path / "many", share=0.3, seed=4)
    ids = [row["id"] for row in table(tmp_path / "one", "documents")]
    assert ids == [row["id"] for row in table(tmp_path / "many", "documents")]
    assert 5 < len(ids) < 35
    assert set(ids) == {row["id"] for row in found if is_sampled(row["id"], 0.3, 4)}
    limited = tag(sandbox, tmp_path / "in", tmp_path / "few", limit=9)
    assert [each.n_documents for each in limited.done] == [7, 2]
    whole = tag(sandbox, tmp_path / "in", tmp_path / "few")
    assert (stood(whole), whole.n_documents) == ([False] * 3, 60)


def test_variables_may_have_other_columns_or_be_said_for_all(sandbox, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    pq.write_table(
        pa.table(
            {
                "key": ["a"],
                "body": ["It trains police."],
                "country": ["norland"],
                "about": ["norland; sudland"],
            }
        ),
        folder / "p.parquet",
    )
    columns = Columns("key", "body", {"donor": "country"}, {"fidelity": "original"})
    tag_large([str(folder)], str(tmp_path / "out"), setup(sandbox, columns=columns), backend=SERIAL)
    [document] = table(tmp_path / "out", "documents")
    assert document["variable donor"] == "norland"
    assert document["variable fidelity"] == "original"
    assert document["variable about"] == ["norland", "sudland"]


def test_what_is_said_of_all_is_parted_like_a_cell(sandbox, tmp_path):
    columns = Columns(given={"agency": "JICA; KOICA", "about": "norland", "fidelity": "original"})
    folder = parted(tmp_path / "in", rows(1))
    summary = tag_large([str(folder)], str(tmp_path / "out"), setup(sandbox, columns=columns), backend=SERIAL)
    assert summary.failed == ()
    [document] = table(tmp_path / "out", "documents")
    assert document["variable agency"] == ["JICA", "KOICA"]
    assert (document["variable about"], document["variable fidelity"]) == (["norland"], "original")


def test_columns_of_every_type_are_variables_or_named_as_left_out(sandbox, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    columns = {
        "id": ["a"], "text": ["It trains police."], "donor": ["norland"], "recipient": [5],
        "budget": pa.array([Decimal("1.50")]), "day": pa.array([date(2020, 1, 2)]),
        "at": pa.array([time(9, 30)]), "place": pa.array([{"x": 1}]), "score": [float("nan")],
    }  # fmt: skip
    pq.write_table(pa.table(columns), folder / "p.parquet")
    summary = tag(sandbox, folder, tmp_path / "out")
    assert [each.unused for each in summary.done] == [("place",)]
    [document] = table(tmp_path / "out", "documents")
    names = ("recipient", "budget", "day", "at", "score")
    assert [document[f"variable {name}"] for name in names] == [["5"], 1.5, "2020-01-02", "09:30:00", None]


def test_a_file_that_is_named_twice_is_coded_once(sandbox, tmp_path, monkeypatch):
    folder = parted(tmp_path / "in", rows(), (2,))
    monkeypatch.chdir(tmp_path)
    named = ["in", "in/part 0.parquet", "./in/part 1.parquet", str(folder / "part 0.parquet")]
    summary = tag_large(named, "out", setup(sandbox), backend=SERIAL)
    assert (len(summary.done), summary.n_documents, summary.twice) == (2, 5, 0)
    assert stood(tag(sandbox, folder, tmp_path / "out")) == [True, True]


def test_a_run_that_reaches_nothing_leaves_the_manifest_as_it_was(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(), (2,)), tmp_path / "out"
    tag(sandbox, folder, out)
    before = (out / MANIFEST).read_bytes()
    pytest.importorskip("distributed")
    with pytest.raises(CodingError, match="does not answer"):
        tag(sandbox, folder, out, backend.Backend("dask", 1, "tcp://127.0.0.1:1"))
    assert (out / MANIFEST).read_bytes() == before


def test_a_trial_does_not_take_the_place_of_all(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(), (2,)), tmp_path / "out"
    tag(sandbox, folder, out)
    for trial in ({"limit": 1}, {"share": 0.5}):
        with pytest.raises(CodingError, match="Give a trial .* its own --out"):
            tag(sandbox, folder, out, **trial)
    assert stood(tag(sandbox, folder, out)) == [True, True]


def test_two_commands_do_not_write_to_one_folder(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows()), tmp_path / "out"
    with places.alone(str(out)), pytest.raises(CodingError, match="another command writes"):
        tag(sandbox, folder, out)


def test_a_folder_that_cannot_be_written_is_said_so(sandbox, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file/out"):
        with pytest.raises(CodingError, match="--out: "):
            tag(sandbox, parted(tmp_path / "in", rows()), out)


def test_a_worker_with_other_versions_refuses(sandbox, tmp_path):
    made = setup(sandbox, made_with={**versions(), "spacy": "0.0.1"})
    keeping = backend.Kept.of(made)
    place = str(next(parted(tmp_path / "in", rows()).iterdir()))
    with backend.opened(SERIAL, keeping) as (executor, _):
        done = executor.submit(tag_part, Part(place, "p", str(tmp_path / "out"), keeping.digest, "")).result()
    assert "this worker has spacy" in done.problem


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("threads", "--backend: 'threads' is none"),
        ("processes:0", "is none"),
        ("dask:scheduler", "is no address of a scheduler"),
        ("dask:tcp://far.example.org:8786", "reached without encryption"),
    ],
)
def test_a_backend_that_is_none_or_unsafe_is_refused(written, said):
    with pytest.raises(CodingError, match=said):
        backend.parse(written)


def test_a_cluster_elsewhere_is_reached_by_tls_or_on_the_users_word():
    assert backend.parse("dask:tls://far.example.org:8786").address == "tls://far.example.org:8786"
    assert backend.parse("dask:tcp://far.example.org:8786", insecure=True).kind == "dask"
    assert backend.parse("dask:tcp://[::1]:8786").kind == "dask"


@pytest.mark.parametrize(
    "place", ["http://example.org/x.parquet", "s3", "simplecache::s3://b/x", "ftp://x/y"]
)
def test_addresses_of_other_kinds_are_not_followed(sandbox, tmp_path, place):
    with pytest.raises(CodingError, match="no address that is read or written|no Parquet file there"):
        tag_large([place], str(tmp_path / "out"), setup(sandbox), backend=SERIAL)
    assert not (tmp_path / "out").exists()


def test_results_may_go_to_a_store_of_objects(sandbox, tmp_path):
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    fsspec.register_implementation("gs", MemoryFileSystem, clobber=True)
    system = fsspec.filesystem("gs")
    for path in parted(tmp_path / "in", rows(), (2,)).iterdir():
        system.pipe_file(f"gs://bucket/in/{path.name}", path.read_bytes())
    summary = tag_large(["gs://bucket/in"], "gs://bucket/out", setup(sandbox), backend=SERIAL)
    assert [each.place for each in summary.done] == [f"gs://bucket/in/part {i}.parquet" for i in (0, 1)]
    tag(sandbox, tmp_path / "in", tmp_path / "out")
    there = [
        row
        for path in system.glob("gs://bucket/out/segments/*")
        for row in pq.read_table(system.open(path)).to_pylist()
    ]
    assert {row["id"] for row in there} == {row["id"] for row in table(tmp_path / "out", "segments")}


# -- with real processes that die ------------------------------------------------------------------------


SAID_OF_ALL = ("--set", "fidelity=digest", "--set", "source_kind=primary")


def command(sandbox, *words):
    words = [*SAID_OF_ALL, *map(str, words)]
    return [sys.executable, "-m", "coding", "tag", "--project", str(sandbox.root), *words]


def wait_for(condition, seconds=60.0):
    end = clock.monotonic() + seconds
    while not condition():
        assert clock.monotonic() < end, "it never came to that"
        clock.sleep(0.02)


def children(pid):
    """Return the processes that a process has begun and that code."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            said = Path(path.parent, "cmdline").read_bytes()
        except OSError:
            continue
        if fields[1] == str(pid) and b"spawn_main" in said:
            found.append(int(path.parent.name))
    return found


def large_rows(n, times=200):
    return [{**row, "text": f"{row['text']} {i} " * times} for i, row in enumerate(rows(n))]


def whole(out):
    """Say whether every result of a folder that is there is whole, and nothing half-written lies about."""
    for path in Path(out).glob("*/*.parquet"):
        pq.read_table(path)
    return not list(Path(out).glob("*/.*"))


def test_a_worker_that_is_killed_loses_nothing(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", large_rows(32), range(4, 32, 4)), tmp_path / "out"
    running = subprocess.Popen(
        command(sandbox, "--corpus", folder, "--out", out, "--backend", "processes:2", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: list(out.glob("done/*")) or running.poll() is not None)
    for pid in children(running.pid)[:1]:
        os.kill(pid, signal.SIGKILL)
    said, errors = running.communicate(timeout=120)
    assert running.returncode == 0, errors
    assert json.loads(said)["documents"] == 32
    tag(sandbox, folder, tmp_path / "quiet")
    assert table(out, "segments") == table(tmp_path / "quiet", "segments")


def test_a_driver_that_is_killed_leaves_whole_results_and_the_same_command_goes_on(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", large_rows(32), range(4, 32, 4)), tmp_path / "out"
    words = command(sandbox, "--corpus", folder, "--out", out, "--backend", "serial", "--json")
    running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: len(list(out.glob("done/*.json"))) > 1 or running.poll() is not None)
    running.kill()
    running.wait()
    for path in out.glob("*/*.parquet"):
        pq.read_table(path)
    n_done = len(list(out.glob("done/*.json")))
    again = subprocess.run(words, capture_output=True, text=True, check=True)
    found = json.loads(again.stdout)["partitions"]
    assert sum(each["stood"] for each in found) >= n_done >= 2
    tag(sandbox, folder, tmp_path / "quiet")
    assert table(out, "segments") == table(tmp_path / "quiet", "segments")


def is_running(pid):
    """Say whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_no_worker_outlives_a_driver_that_is_killed(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", large_rows(32, 4_000), range(4, 32, 4)), tmp_path / "out"
    running = subprocess.Popen(
        command(sandbox, "--corpus", folder, "--out", out, "--backend", "processes:2"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(lambda: list(out.glob("done/*.json")) or running.poll() is not None)
    workers = children(running.pid)  # listed now, since they get another parent
    assert [is_running(pid) for pid in workers] == [True, True]
    running.kill()
    running.wait()
    wait_for(lambda: not any(map(is_running, workers)))
    for path in out.glob("*/*.parquet"):
        pq.read_table(path)


def test_ctrl_c_ends_with_whole_results(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", large_rows(32, 4_000), range(4, 32, 4)), tmp_path / "out"
    running = subprocess.Popen(
        command(sandbox, "--corpus", folder, "--out", out, "--backend", "processes:2"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  a shell in the background ignores it
    )  # fmt: skip
    wait_for(lambda: list(out.glob("done/*.json")) or running.poll() is not None)
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert errors.endswith("The same command goes on with the others.\nStopped.\n")
    assert whole(out)
    assert (out / MANIFEST).exists()


def test_where_there_is_no_space_the_result_is_absent_and_said_so(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", [*large_rows(20), *rows(2)], (20,)), tmp_path / "out"
    limited = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
        "sys.argv = ['coding', *sys.argv[1:]]; runpy.run_module('coding', run_name='__main__')"
    )
    words = command(sandbox, "--corpus", folder, "--out", out, "--backend", "serial", "--json")
    words += ["--set", "language=en"]  # what tells languages unpacks its model into a file of its own
    ended = subprocess.run(
        [sys.executable, "-c", limited, *words[3:]], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1, ended.stderr
    found = {Path(each["place"]).name: each["problem"] for each in json.loads(ended.stdout)["partitions"]}
    assert "results cannot be written: File too large" in found["part 0.parquet"]
    assert found["part 1.parquet"] is None
    assert whole(out)
    assert len(list((out / "segments").iterdir())) == 1


# -- the command -----------------------------------------------------------------------------------------


def run(sandbox, *words):
    return CliRunner().invoke(app, ["tag", "--project", str(sandbox.root), *map(str, words)])


def test_the_command_says_what_became_of_each_partition(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(), (2,))
    files = sorted(folder.iterdir())
    more = ("--out", tmp_path / "out", "--backend", "serial", *SAID_OF_ALL)
    said = run(sandbox, "--corpus", *files, *more)
    assert said.exception is None, repr(said.exception)
    head, *lines = (line.split("\t") for line in said.stdout.splitlines())
    assert head == ["partition", "documents", "units", "coded segments", "left out"]
    assert [line[1] for line in lines] == ["2", "3"]
    assert "5 documents" in said.stderr
    (folder / "part 2.parquet").write_bytes(b"")
    failing = run(sandbox, "--corpus", folder, *more, "--json")
    assert failing.exit_code == 1
    assert [each["problem"] is None for each in json.loads(failing.stdout)["partitions"]] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("in/x.parquet",), "Those of Parquet files: --corpus in/x.parquet"),
        (("--corpus", "nowhere"), "nowhere: no Parquet file there"),
        (("--corpus", "nowhere", "--documents", "norland"), "--documents goes with the project's own texts"),
        (("--corpus", "nowhere", "--set", "year"), "--set: 'year' says nothing"),
        (("--corpus", "nowhere", "--set", "year=soon"), "--set year: 'soon' is no year"),
        (("--corpus", "nowhere", "--set", "fidelity=orignal"), "--set fidelity"),
    ],
)
def test_what_cannot_be_meant_is_refused(sandbox, words, said):
    ended = run(sandbox, *words)
    assert isinstance(ended.exception, CodingError)
    assert said in str(ended.exception)


def test_a_sample_is_a_share(sandbox, tmp_path):
    with pytest.raises(CodingError, match="--sample: 2.0 is no share"):
        tag(sandbox, parted(tmp_path / "in", rows()), tmp_path / "out", share=2.0)


def test_results_do_not_go_where_texts_lie(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows())
    tag(sandbox, folder, folder / "out")
    for out in (folder, tmp_path):
        with pytest.raises(CodingError, match="texts that are to be coded lie in it"):
            tag(sandbox, folder, out)


def test_a_year_is_the_same_whatever_holds_it(sandbox, tmp_path):
    (tmp_path / "in").mkdir()
    cells = [2015, 2015.0, "2015", Decimal(2015), date(2015, 3, 2)]
    for i, year in enumerate(cells):
        pq.write_table(
            pa.table({"id": [f"d{i}"], "text": [TEXTS[0]], "year": [year]}), tmp_path / f"in/{i}.parquet"
        )
    made = replace(setup(sandbox), by=("year",))
    tag_large([str(tmp_path / "in")], str(tmp_path / "out"), made, backend=SERIAL)
    assert [row["variable year"] for row in table(tmp_path / "out", "documents")] == [2015] * len(cells)
    assert {tuple(row["cases"]) for row in table(tmp_path / "out", "counts")} == {("2015",)}


def test_a_list_of_names_makes_no_case(sandbox):
    with pytest.raises(CodingError, match="'recipient' is a list of names"):
        replace(setup(sandbox), by=("recipient",))


def test_results_stand_where_it_is_not_known_whether_they_do(sandbox, tmp_path):
    out = str(tmp_path / "out")
    [done] = tag(sandbox, parted(tmp_path / "in", rows()), out).done
    found = tag_part(Part("ftp://far/away.parquet", done.name, out, "", done.key))
    assert "is no address that is read" in found.problem
    assert stood(tag(sandbox, tmp_path / "in", out)) == [True]


def test_a_row_without_a_donor_is_left_out_and_the_others_are_coded(sandbox, tmp_path):
    found = [*rows(3), {**rows(1)[0], "id": "x", "donor": None}]
    summary = tag(sandbox, parted(tmp_path / "in", found), tmp_path / "out")
    assert (summary.n_documents, dict(summary.left), summary.failed) == (3, {"no donor": 1}, ())


def looked(sandbox, *words):
    """Return what is said before coding."""
    said = run(sandbox, *words, "--backend", "serial", "--json")
    assert said.exception is None, repr(said.exception)
    return said.stderr, json.loads(said.stdout)["looked_at"]


def limited(sandbox):
    """Have the study limit the years."""
    study = sandbox.root / "studies/study.yaml"
    some = study.read_text(encoding="utf-8").replace("years: {}", "years: {from: 2000}")
    study.write_text(some, encoding="utf-8")


def test_before_coding_it_is_said_what_the_study_would_count_and_why_not_the_rest(sandbox, tmp_path):
    found = [*rows(4), {**rows(1)[0], "id": "x", "year": None}, {**rows(1)[0], "id": "y", "donor": "Norlad"}]
    folder = parted(tmp_path / "in", found, (2, 4))
    limited(sandbox)
    said, seen = looked(sandbox, "--corpus", folder, "--out", tmp_path / "out", *SAID_OF_ALL)
    assert "the study counts 4 of 6 documents. Left out: 1 (no year), 1 (other case)." in said
    assert "1 document of 'Norlad', which is no case of the study. Did you mean 'norland'?" in said
    assert (seen["n_counted"], seen["left_out"]) == (4, {"no year": 1, "other case": 1})


def test_a_document_about_others_is_said_to_be_of_these(sandbox, tmp_path):
    (tmp_path / "in").mkdir()
    found = [
        {**rows(1)[0], "about": ["elsewhere"]},
        {**rows(1)[0], "id": "x", "donor": "far", "about": ["norland"]},
    ]
    pq.write_table(pa.Table.from_pylist(found), tmp_path / "in/p.parquet")
    said, seen = looked(sandbox, "--corpus", tmp_path / "in", "--out", tmp_path / "out", *SAID_OF_ALL)
    assert "1 document of 'elsewhere', which is no case of the study" in said
    assert (seen["n_counted"], seen["donors"]) == (1, {"elsewhere": 1})


def test_what_is_said_of_all_in_the_place_of_a_column_is_named(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(4))
    more = ("--out", tmp_path / "out", *SAID_OF_ALL, "--set", "year=2015")
    said, _ = looked(sandbox, "--corpus", folder, *more)
    assert "in the place of what the columns say: year." in said


def test_where_a_study_would_count_nothing_nothing_is_coded_unless_a_codebook_is_named(sandbox, tmp_path):
    folder = parted(tmp_path / "in", [{**row, "donor": "Norlad"} for row in rows(8)], range(1, 8))
    words = ("--corpus", folder, "--out", tmp_path / "out", "--backend", "serial", *SAID_OF_ALL)
    said = str(run(sandbox, *words).exception)
    assert "the study counts 0 of 8 documents" in said
    assert "No number would come of it, so nothing is coded." in said
    assert not (tmp_path / "out").exists()
    assert run(sandbox, *words, "--codebook", "book").exit_code == 0


def test_if_the_first_partitions_have_nothing_for_a_study_the_others_are_looked_at(sandbox, tmp_path):
    found = [{**row, "donor": "far" if i != 3 else "norland"} for i, row in enumerate(rows(8))]
    folder = parted(tmp_path / "in", found, range(1, 8))
    said, seen = looked(sandbox, "--corpus", folder, "--out", tmp_path / "out", *SAID_OF_ALL)
    assert seen["n_counted"] == 1
    assert "8 documents of 'far'" not in said


def test_a_donor_may_be_written_by_name_or_code_in_any_case(sandbox, tmp_path):
    ways = ["norland", "Norland", "NOR", "NORLAND "]
    folder = parted(
        tmp_path / "in", [{**rows(1)[0], "id": f"d{i}", "donor": way} for i, way in enumerate(ways)]
    )
    said, seen = looked(sandbox, "--corpus", folder, "--out", tmp_path / "out", *SAID_OF_ALL)
    assert "'Norland' (1), 'NOR' (1), 'NORLAND ' (1): taken as norland" in said
    assert seen["n_counted"] == 4
    assert {row["variable donor"] for row in table(tmp_path / "out", "documents")} == {"norland"}


def test_a_text_in_another_language_is_not_read_though_no_column_says_so(sandbox, tmp_path):
    both = ["It trains police. " * 30, "\u8b66\u5bdf\u3092\u8a13\u7df4\u3057\u305f\u3002" * 30]
    folder = tmp_path / "in"
    folder.mkdir()
    columns = {"id": ["a", "b"], "text": both, "donor": ["norland"] * 2, "language": [None, None]}
    for names in (["id", "text", "donor"], ["id", "text", "donor", "language"]):
        pq.write_table(
            pa.table({name: pa.array(columns[name], pa.string()) for name in names}), folder / "p.parquet"
        )
        tag(sandbox, folder, tmp_path / "out")
        found = {
            row["id"]: (row["variable language"], row["read"]) for row in table(tmp_path / "out", "documents")
        }
        assert found == {"a": (None, True), "b": ("ja", False)}


def test_what_is_no_year_is_shown(sandbox, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    found = [{**rows(1)[0], "year": "04.05.2013"}, {**rows(1)[0], "id": "x", "year": "2013-05-04"}]
    pq.write_table(pa.Table.from_pylist(found), folder / "p.parquet")
    limited(sandbox)
    said, seen = looked(sandbox, "--corpus", folder, "--out", tmp_path / "out", *SAID_OF_ALL)
    assert "1 (no year, such as '04.05.2013')" in said
    assert (seen["n_counted"], seen["no_year"]) == (1, "04.05.2013")


def test_columns_that_a_study_needs_are_asked_for_before_anything_is_coded(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(4), (1, 2))
    ended = run(sandbox, "--corpus", folder, "--out", tmp_path / "out")
    said = str(ended.exception)
    assert "part 0.parquet and 2 more that were looked at: no column 'fidelity'" in said
    assert "--set fidelity=original|digest|translation" in said
    assert not (tmp_path / "out").exists()


def test_a_partition_that_cannot_be_read_does_not_keep_the_others_from_being_looked_at(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(4), (2,))
    (folder / "part 0.parquet").write_bytes(b"PAR1")
    ended = run(sandbox, "--corpus", folder, "--out", tmp_path / "out", "--backend", "serial", *SAID_OF_ALL)
    assert ended.exit_code == 1
    assert "in 1 of 2 partitions: the study counts 2 of 2 documents." in ended.stderr


def test_without_a_terminal_the_first_partition_is_told_and_later_ones_now_and_then(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(4), (1, 2, 3))
    said = run(sandbox, "--corpus", folder, "--out", tmp_path / "out", "--backend", "serial", *SAID_OF_ALL)
    assert "1 of 4 partitions" in said.stderr
    assert "2 of 4 partitions" not in said.stderr


def drawn(summary, monkeypatch, width=80):
    """Return what a reader sees of a summary in a terminal of some width: the table, and the notes."""
    import io

    from coding.cli import large, show

    table, notes = io.StringIO(), io.StringIO()
    table.isatty = lambda: True
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(show.sys, "stdout", table)
    monkeypatch.setattr(show.sys, "stderr", notes)
    large._print(summary)
    monkeypatch.undo()
    return table.getvalue(), notes.getvalue()


def test_a_narrow_terminal_tells_partitions_apart_by_what_they_are_called_below_their_folder(
    sandbox, tmp_path, monkeypatch
):
    deep = tmp_path / "a folder with a long name" / "another of these"
    for year in (2014, 2015):
        parted(deep / f"year={year}", [{**row, "id": f"{row['id']} {year}"} for row in rows(2)])
    (deep / "year=2015" / "broken.parquet").write_bytes(b"PAR1")
    summary = tag(sandbox, deep / "year=*" / "*.parquet", tmp_path / "out")
    seen, said = drawn(summary, monkeypatch)
    for name in ("year=2014/part 0.parquet", "year=2015/part 0.parquet", "year=2015/broken.parquet"):
        assert name in seen
    assert str(tmp_path) not in seen
    assert f"Partitions lie in {deep}{os.sep}\n" in said
    assert "\n  year=2015/broken.parquet: cannot be read as Parquet" in said


@pytest.mark.parametrize(
    ("where", "folder", "short"),
    [
        (["/a/b/x.pq", "/a/b/y.pq"], "/a/b/", ["x.pq", "y.pq"]),
        (["/a/b/x.pq"], "/a/b/", ["x.pq"]),
        (["/a/bc/x.pq", "/a/bd/x.pq"], "/a/", ["bc/x.pq", "bd/x.pq"]),
        (["s3://b/in/x.pq", "s3://b/in/sub/x.pq"], "s3://b/in/", ["x.pq", "sub/x.pq"]),
        (["s3://b/x.pq", "s3://c/x.pq"], "", ["s3://b/x.pq", "s3://c/x.pq"]),
        (["/a/x.pq", "s3://c/x.pq"], "", ["/a/x.pq", "s3://c/x.pq"]),
        (["/a/x.pq", "/b/x.pq"], "", ["/a/x.pq", "/b/x.pq"]),
        ([], "", []),
    ],
)
def test_partitions_are_called_by_what_differs_of_their_places(where, folder, short):
    common, names = places.short_names(where)
    assert (common, list(names.values())) == (folder, short)
    assert [common + name for name in names.values()] == where


def test_places_are_whole_and_without_dots_but_links_stay(sandbox, tmp_path, monkeypatch):
    parted(tmp_path / "far" / "in", rows(1))
    (tmp_path / "near").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far")
    monkeypatch.chdir(tmp_path / "near")
    assert places.partitions(["../link/in"]) == (str(tmp_path / "link" / "in" / "part 0.parquet"),)
    (tmp_path / "away").symlink_to(tmp_path / "far" / "in")
    [place] = places.partitions(["../away/../in"])  # what is above a link is above that to which it leads
    assert Path(place).resolve() == tmp_path / "far" / "in" / "part 0.parquet"


def test_results_of_other_settings_are_not_replaced_without_a_word(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(), (2, 4)), tmp_path / "out"
    words = ("--corpus", folder, "--out", out, "--backend", "serial", *SAID_OF_ALL)
    assert json.loads(run(sandbox, *words, "--json").stdout)["replaced"] == 0
    project = Project.open(sandbox.root)
    version = project.codebook("book").version
    for path in sandbox.root.glob("codebooks/**/*.yaml"):
        path.write_text(path.read_text().replace(f"version: {version}", "version: 7.0.0"))
    said = run(sandbox, *words)
    assert said.exception is None, repr(said.exception)
    assert (
        f"3 partitions had been coded with other settings (codebook book {version}) and were done again."
        in said.stderr
    )
    again = json.loads(run(sandbox, *words, "--json").stdout)
    assert (again["replaced"], again["replaced_settings"]) == (0, [])
    made = replace(setup(sandbox), overlap="all", unit="document")
    summary = tag_large([str(folder / "part 0.parquet")], str(out), made, backend=SERIAL)
    assert summary.replaced == 1
    assert {"overlap longest", "unit sentence"} <= set(summary.earlier)


def test_what_a_stopped_run_had_left_to_replace_is_counted_by_the_next(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(), (1, 2, 3)), tmp_path / "out"
    tag(sandbox, folder, out)

    def stop(how_far):
        raise KeyboardInterrupt

    made = replace(setup(sandbox), overlap="all")
    with pytest.raises(KeyboardInterrupt):
        tag_large([str(folder)], str(out), made, backend=SERIAL, told=stop)
    summary = tag_large([str(folder)], str(out), made, backend=SERIAL)
    n_stood = sum(each.stood for each in summary.done)
    assert (n_stood > 0, summary.replaced) == (True, 4 - n_stood)
    assert tag_large([str(folder)], str(out), made, backend=SERIAL).replaced == 0
    parted(folder, rows(8), (1, 2, 3))  # another text is no other setting
    assert tag_large([str(folder)], str(out), made, backend=SERIAL).replaced == 0


def test_a_folder_of_a_store_with_partitions_below_is_told_the_pattern_too():
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    fsspec.register_implementation("gs", MemoryFileSystem, clobber=True)
    fsspec.filesystem("gs").pipe_file("gs://below/in/year=2014/p.pq", b"PAR1")
    with pytest.raises(CodingError, match=r"named by 'gs://below/in/\*\*/\*\.pq'"):
        places.partitions(["gs://below/in/"])


def test_no_rate_is_told_while_nothing_was_coded_and_the_rest_is_judged_by_what_was(sandbox, tmp_path):
    folder, out = parted(tmp_path / "in", rows(4), (1, 2, 3)), tmp_path / "out"
    tag(sandbox, folder / "part [01].parquet", out)
    told = []
    tag(sandbox, folder, out, told=told.append)
    from coding.cli.large import _how_far

    assert [_how_far(each) for each in told[:2]] == ["1 of 4 partitions", "2 of 4 partitions"]
    assert [each.seconds_left for each in told[:2]] == [None, None]
    assert "3 of 4 partitions, 0.00 million characters a second, about" in _how_far(told[2])
    third = replace(told[2], n_bytes=100, n_bytes_done=60, n_bytes_coded=20, seconds=3.0)
    assert third.seconds_left == 6.0
    told.clear()
    tag(sandbox, folder, tmp_path / "trial", limit=2, told=told.append)
    assert [each.seconds_left for each in told] == [None, None]


def test_a_folder_with_partitions_in_folders_below_is_told_the_pattern_that_finds_them(tmp_path):
    inner = parted(tmp_path / "in [1]" / "year=2014" / "deep", rows(1))
    with pytest.raises(CodingError, match="no Parquet file there") as refused:
        places.partitions([f"{tmp_path / 'in [1]'}/"])
    pattern = str(refused.value).split("'")[1]
    assert pattern.endswith("/**/*.parquet")
    assert places.partitions([pattern]) == (str(inner / "part 0.parquet"),)
    (tmp_path / "other" / ".hidden").mkdir(parents=True)
    (inner / "part 0.parquet").rename(tmp_path / "other" / ".hidden" / "x.parquet")
    with pytest.raises(CodingError, match="Name files, folders or a pattern"):
        places.partitions([str(tmp_path / "other")])


def test_results_do_not_go_where_the_project_reads(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(2))
    for out in ("corpus", "corpus/norland/x", "studies"):
        ended = run(sandbox, "--corpus", folder, "--out", sandbox.root / out, *SAID_OF_ALL)
        assert "which the project reads. Name another folder." in str(ended.exception)


def test_partitions_in_folders_below_are_pointed_at(sandbox, tmp_path):
    folder = parted(tmp_path / "in", rows(2))
    parted(folder / "below", rows(3))
    said, _ = looked(sandbox, "--corpus", folder, "--out", tmp_path / "out", *SAID_OF_ALL)
    assert f"1 Parquet file in folders below {folder} left out: '{folder}/**/*.parquet' takes all." in said
