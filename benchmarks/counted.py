"""How long a study takes from the counts of very many documents, and how much memory.

A tagged folder is made up: documents of two donors with five rows of counts each, codes of the shipped
codebook drawn at random, two of three documents in families of nine. `coding.large` then reads it and carries
the shipped study out. Times are of the processor, since other work on the machine changes those of the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from coding.codebook import Codebook
from coding.large.carried import run_counted
from coding.large.counts import read_counts
from coding.large.driver import FORMAT, MANIFEST, names_digest
from coding.large.tables import schemas
from coding.large.tagged import Tagged
from coding.project import Project

STUDY = "bimantara-2022"
DONORS = ("japan", "south-korea")
ROWS = 5  # of counts, for each document
PARTITION = 50_000  # documents


def main() -> None:
    """Make a folder, count it, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    asked = parser.parse_args()
    project = Project.open(Path(__file__).parent.parent)
    with tempfile.TemporaryDirectory() as folder:
        _make(Path(folder), project, asked.documents)
        found = _measured(folder, project)
    print(f"{asked.documents:,} documents, {ROWS} rows of counts each")
    print("\n".join(f"{name:12} {value:,.1f}" for name, value in found.items()))
    if asked.json:
        print(json.dumps(found))


def _measured(folder: str, project: Project) -> dict[str, float]:
    before = _peak_mb()  # of what made the folder up as well
    begun = process_time()
    read_counts(Tagged.open(folder), project.corpus.known_cases)
    read = process_time() - begun
    begun = process_time()
    run_counted(project, Tagged.open(folder), STUDY)
    return {
        "read_s": read,
        "study_s": process_time() - begun,
        "peak_mb": _peak_mb(),
        "peak_mb_before": before,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _make(folder: Path, project: Project, n: int) -> None:
    """Make up a tagged folder of so many documents."""
    book = project.codebook("constructivist")
    random = np.random.default_rng(0)
    parts = [
        _part(folder, book, random, f"part-{first:09}", min(PARTITION, n - first))
        for first in range(0, n, PARTITION)
    ]
    settings = {
        "made with": {}, "codebook": f"{book.id} {book.version}", "codebook digest": book.digest,
        "names digest": names_digest(project.corpus.known_cases), "coder": "rules", "coder kind": "rules",
        "overlap": "longest", "unit": "sentence", "counts": "any", "by": ["donor"], "limit": None,
        "share": 1.0, "seed": 0,
    }  # fmt: skip
    said = {"format": FORMAT, "settings": settings, "asked": len(parts), "partitions": parts}
    (folder / MANIFEST).write_text(json.dumps(said), encoding="utf-8")


def _part(folder: Path, book: Codebook, random: np.random.Generator, name: str, n: int) -> dict[str, Any]:
    texts = {name: pa.string() for name in ("donor", "fidelity", "source_kind", "family")}
    made = schemas({**texts, "year": pa.int64()})
    digests = {}
    for kind, rows in (
        ("documents", _documents(random, name, n)),
        ("counts", _counts(book, random, name, n)),
    ):
        place = folder / kind / f"{name}.parquet"
        place.parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(list(rows), schema=made[kind]), place, compression="zstd")
        digests[kind] = sha256(place.read_bytes()).hexdigest()
    return {"name": name, "source": "", "key": "", "digests": digests, "n_segments": 0, "problem": ""}


def _documents(random: np.random.Generator, name: str, n: int) -> Iterator[dict[str, object]]:
    for i, year in enumerate(random.integers(2009, 2023, n).tolist()):
        yield {
            "id": f"{name}/{i}", "digest": "", "characters": 3000, "words": 500, "units": 20, "read": True,
            "variable donor": DONORS[i % 2], "variable fidelity": "digest", "variable source_kind": "primary",
            "variable family": f"{name} {i // 9}" if i % 3 else None, "variable year": year,
        }  # fmt: skip


def _counts(book: Codebook, random: np.random.Generator, name: str, n: int) -> Iterator[dict[str, object]]:
    codes = [code.id for code in book.codes if not code.retired and code.rules]
    unread = [code.id for code in book.codes if not code.retired and not code.rules]
    drawn = random.integers(0, len(codes), (n * ROWS, 3)).tolist()
    units = random.integers(1, 9, n * ROWS).tolist()
    for row, (bears, n_units) in enumerate(zip(drawn, units, strict=True)):
        i = row // ROWS
        yield {
            "document": f"{name}/{i}", "cases": [DONORS[i % 2]], "units": n_units, "words": 50,
            "bears": sorted({codes[k] for k in bears[: row % 4]}), "unread": unread,
        }  # fmt: skip


if __name__ == "__main__":
    main()
