"""How fast large corpora are coded, by how many processes, in how much memory; spaCy beside it.

`coding tag --corpus` codes Parquet partitions of generated prose (that of `benchmarks/rules.py`) with the
rules of the shipped codebook: 1, 10 and 100 MB, with `--full` 1,000 MB; in one process, in two, and by two
workers of a Dask cluster on this machine. The peer on the smaller sizes is spaCy: `nlp.pipe` with a blank
English pipeline and a `PhraseMatcher` of 1,000 phrases of the prose, in one process; beside it what ours
takes with the same phrases ("phrases"), coded segments, counts of sentences and files included. Ours reads
across line breaks, and keeps of nested hits the longest of a code, so the two differ by a hundredth or so.
Times are the clock's, of the whole command: on a busy machine they say little, so the load is printed.

`mb_per_s_1` is what one process codes in a second at the largest size, `speedup_2` how much faster two are
(goal 1.5), `dask_overhead` the time of two Dask workers over that of two processes (the cluster is up
before), `peak_mb_worker` the most memory that a worker held at the largest size (goal 1,000), `peak_mb_10`
the same at 10 MB, `peak_growth` the one over the other: memory should not grow with the corpus. It is the
most of all three ways; Dask's workers keep a profile of themselves that grows, unless its settings say
`distributed.worker.profile.enabled: false`, and ours do not. Each way and size has processes of its own.
`spacy_10` is the peer's time over ours with the same phrases at 10 MB. Nothing says in which language the
texts are, so that is found out too; `phrases` are told, as the peer is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

MB = 1_000_000
PARTITION = 5 * MB
N_PHRASES = 1_000
_MOST_OF_PEER = 10  # megabytes
BACKENDS = ("processes:1", "processes:2", "dask")


def main() -> None:
    """Measure, then print a table and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    parser.add_argument("--quick", action="store_true", help="1 and 3 MB only")
    parser.add_argument("--full", action="store_true", help="1,000 MB too, about an hour on two cores")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peer:
        print(json.dumps(_peer(Path(asked.peer), json.load(sys.stdin))))
        return
    sizes = [1, 3] if asked.quick else [1, 10, 100, *([1000] if asked.full else [])]
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        found = {size: _measured(Path(folder), size) for size in sizes}
    _print(found)
    if asked.json:
        print(json.dumps(_figures(found)))


class _cluster:  # noqa: N801  used as a function
    """Two Dask workers of one thread each on this machine; nothing if Dask is not installed."""

    def __enter__(self) -> str:
        self._cluster: Any = None
        try:
            from distributed import LocalCluster
        except ModuleNotFoundError:
            print("(Dask is not installed: pip install '.[distributed]'.)", file=sys.stderr)
            return ""
        self._cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
        return f"dask:{self._cluster.scheduler_address}"

    def __exit__(self, *error: object) -> None:
        if self._cluster is not None:
            self._cluster.close()


def _measured(folder: Path, size: int) -> dict[str, dict[str, float]]:
    """Return seconds and memory of each way to code so many megabytes."""
    texts = folder / f"{size}"
    n = _written(texts, size * MB)
    found = {}
    for backend in BACKENDS:
        with _cluster() if backend == "dask" else nullcontext(backend) as where:
            if where:
                print(f"{size} MB, {backend} ...", file=sys.stderr)
                found[backend] = _coded(texts, folder / "out", where, n)
    assert len({one["segments"] for one in found.values()}) == 1, "backends found different segments"
    if size <= _MOST_OF_PEER:
        phrases = _phrases(texts)
        found["phrases"] = _with_phrases(folder / "project", texts, phrases)
        found["spaCy"] = _of_peer(texts, phrases)
    shutil.rmtree(texts)
    return found


def _coded(texts: Path, out: Path, backend: str, n: int) -> dict[str, float]:
    shutil.rmtree(out, ignore_errors=True)
    begun = time.perf_counter()
    said = _tagged(texts, out, backend)
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "mb_per_s": n / MB / seconds,
        "peak_mb": max(each["peak_mb"] for each in said["partitions"]),
        "segments": said["coded_segments"],
    }


def _written(folder: Path, size: int) -> int:
    """Write partitions of generated prose; return how many bytes of text they hold."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from rules import _generated

    folder.mkdir()
    rows: list[dict[str, object]] = []
    held = written = 0
    for i, text in enumerate(_generated(size)):
        rows.append(
            {"id": f"d{i}", "text": text, "donor": ("japan", "south-korea")[i % 2], "year": 2000 + i % 20}
        )
        held += len(text.encode())
        if held >= PARTITION:
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{i:08}.parquet")
            rows, written, held = [], written + held, 0
    if rows:
        pq.write_table(pa.Table.from_pylist(rows), folder / "last.parquet")
    return written + held


def _tagged(texts: Path, out: Path, backend: str, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "coding", "tag", "--corpus", str(texts), "--out", str(out), "--json"]
    command += ["--backend", backend, "--set", "fidelity=digest", "--set", "source_kind=primary", *more]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(command)} failed with status {ended.returncode}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def _phrases(texts: Path) -> list[str]:
    """Return phrases of the prose, those of `benchmarks/rules.py`."""
    import pyarrow.parquet as pq
    from rules import _phrases as drawn

    first = pq.read_table(min(texts.glob("*.parquet")), columns=["text"])
    return drawn(first.column("text").to_pylist(), N_PHRASES)


def _with_phrases(project: Path, texts: Path, phrases: list[str]) -> dict[str, float]:
    """Return what ours takes with these phrases, in one process."""
    from rules import _codebook, _rule

    from coding.codebook import Example
    from coding.formats import yaml
    from coding.formats.codebook import values

    shutil.rmtree(project, ignore_errors=True)
    for folder in ("corpus", "codebooks"):
        (project / folder).mkdir(parents=True)
    rules = [
        replace(_rule(i, ["phrase", phrase], "surface"), matches=(Example(f"{phrase}."),))
        for i, phrase in enumerate(phrases)
    ]
    book = _codebook(rules)
    (project / "codebooks" / f"{book.id}.yaml").write_text(yaml.dump(values(book)), encoding="utf-8")
    begun = time.perf_counter()
    said = _tagged(
        texts,
        project / "out",
        "processes:1",
        "--project",
        str(project),
        "--codebook",
        book.id,
        "--set",
        "language=en",
    )
    seconds = time.perf_counter() - begun
    peak = max(each["peak_mb"] for each in said["partitions"])
    return {"seconds": seconds, "peak_mb": peak, "segments": said["coded_segments"]}


def _of_peer(texts: Path, phrases: list[str]) -> dict[str, float]:
    begun = time.perf_counter()
    command = [sys.executable, __file__, "--peer", str(texts)]
    ended = subprocess.run(command, input=json.dumps(phrases), stdout=subprocess.PIPE, text=True, check=True)
    return {"seconds": time.perf_counter() - begun, **json.loads(ended.stdout)}


def _peer(folder: Path, phrases: list[str]) -> dict[str, float]:
    """Find phrases with spaCy; return how many were found, and the memory at its highest."""
    import resource

    import pyarrow.parquet as pq
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    nlp.max_length = 10 * MB
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("phrase", [nlp.make_doc(phrase) for phrase in phrases])

    def texts() -> Iterator[str]:
        for path in sorted(folder.glob("*.parquet")):
            yield from pq.read_table(path, columns=["text"]).column("text").to_pylist()

    n = sum(len(matcher(doc)) for doc in nlp.pipe(texts()))
    return {"segments": n, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _print(found: dict[int, dict[str, dict[str, float]]]) -> None:
    print(f"{'MB':>6}  {'':12} {'seconds':>8} {'MB/s':>7} {'peak MB':>8} {'segments':>9}")
    for size, ways in found.items():
        for name, one in ways.items():
            rate = one.get("mb_per_s", size / one["seconds"])
            print(
                f"{size:>6}  {name:12} {one['seconds']:>8.1f} {rate:>7.2f} {one['peak_mb']:>8.0f} "
                f"{one['segments']:>9.0f}"
            )


def _figures(found: dict[int, dict[str, dict[str, float]]]) -> dict[str, float]:
    largest = found[max(found)]
    one, two = largest["processes:1"], largest["processes:2"]
    said = {
        "mb": float(max(found)),
        "mb_per_s_1": one["mb_per_s"],
        "speedup_2": one["seconds"] / two["seconds"],
        "peak_mb_worker": max(way["peak_mb"] for name, way in largest.items() if name in BACKENDS),
    }
    if "dask" in largest:
        said["dask_overhead"] = largest["dask"]["seconds"] / two["seconds"]
    if 10 in found:
        said["peak_mb_10"] = max(way["peak_mb"] for name, way in found[10].items() if name in BACKENDS)
        said["peak_growth"] = said["peak_mb_worker"] / said["peak_mb_10"]
        said["spacy_10"] = found[10]["spaCy"]["seconds"] / found[10]["phrases"]["seconds"]
    return {name: round(value, 2) for name, value in said.items()}


if __name__ == "__main__":
    main()
