"""How fast a REFI-QDA file of 40,000 codings is taken in and written, as ratios to bare lxml.

A made-up project: 100 documents of 400 sentences, some with emoji, 40 codes in two levels, three coders, one
coded segment a sentence. `export_40k` is what `coding export` does, from the store to the file, as a multiple
of the time in which lxml writes the same XML, built already, into the same archive. `import_40k` is what
`coding import` does, from the file to texts, codebook and a batch in the store of an empty project, as a
multiple of the time in which lxml parses the same XML in the same archive. The goal is at most 6 for each.
`peak_mb` is the most memory that the process of an import had, all modules included.

Each side runs in turns in a process of its own, and the median counts. Ratios are of the processor's
seconds; the table and `import_s`, `export_s` give those of the clock.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from coding.project import Project

GOAL = 6
N_DOCUMENTS, N_SENTENCES, N_CODES = 100, 400, 40
CODERS = ("anna", "ben", "chris")
WORDS = (
    "police", "both", "states", "train", "for", "the", "new", "centre", "🚓", "that", "was", "built", "by",
    "others", "last", "year",
)  # fmt: skip
MEMBER = "project.qde"
ROUNDS = 3


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of the processor, and the most memory that the process had, in MB."""

    wall: float
    processor: float
    memory: float


def made_up(root: Path) -> Project:
    """Write a project with one coded segment for each of its 40,000 sentences."""
    from coding.batch import act, new_id, quoted
    from coding.codebook import Code, Codebook
    from coding.formats.codebook import write_codebook
    from coding.model import CodedSegment
    from coding.project import Project

    draw = random.Random(7)
    codes = [Code(f"c{i}", f"Code {i}", "What it is.") for i in range(N_CODES // 4)]
    codes += [
        Code(f"c{i % len(codes)}.d{i}", f"Code {i}", "A part.", parent=f"c{i % len(codes)}")
        for i in range(30)
    ]
    (root / "codebooks").mkdir(parents=True)
    (root / "corpus/norland").mkdir(parents=True)
    write_codebook(root / "codebooks/book.yaml", Codebook("book", "1.0.0", tuple(codes)))
    entry = "year: 2015, fidelity: original, source_kind: primary"
    listed = "".join(f"  t{i}.txt: {{title: Text {i}, {entry}}}\n" for i in range(N_DOCUMENTS))
    head = "id: norland\nname: Norland\niso: NOR\naliases: [Norland]\ndocuments:\n"
    (root / "corpus/norland/case.yaml").write_text(head + listed, encoding="utf-8")
    places = {}
    for i in range(N_DOCUMENTS):
        sentences = [" ".join(draw.choices(WORDS, k=12)) + "." for _ in range(N_SENTENCES)]
        (root / f"corpus/norland/t{i}.txt").write_text("\n".join(sentences), encoding="utf-8")
        places[f"norland/t{i}"] = sentences
    project = Project.open(root)
    segments = []
    for name, sentences in places.items():
        at, document = 0, project.corpus[name]
        for sentence in sentences:
            code = draw.choice(codes)
            place = document.segment(at, at + len(sentence))
            segments.append(CodedSegment(new_id(), place, code.id, code.meaning, draw.choice(CODERS)))
            at += len(sentence) + 1
    with project.store() as store:
        store.add(act("anna", "code", *quoted(segments, project.corpus)))
    return project


def export(root: Path, file: Path) -> Cost:
    """Write the project as a file; return what that costs."""
    from coding.exporting import exported
    from coding.formats.refi.writer import write
    from coding.project import Project

    def run() -> None:
        project = Project.open(root)
        write(file, exported(project, [project.codebook("book")]).exchanged)

    return timed(run)


def take(root: Path, file: Path) -> Cost:
    """Take the file into a new project; return what that costs."""
    from coding.project import Project
    from coding.received import look, take_in

    for folder in ("corpus", "codebooks"):
        (root / folder).mkdir(parents=True)

    def run() -> None:
        project = Project.open(root)
        take_in(project, look(project, file, codebook="book"), by="anna")

    cost = timed(run)
    assert len(Project.open(root).coded.segments) == N_DOCUMENTS * N_SENTENCES
    return cost


def parse_bare(file: Path) -> Cost:
    """Parse the XML of the file with lxml alone; return what that costs."""
    from lxml import etree

    def run() -> None:
        with zipfile.ZipFile(file) as archive, archive.open(MEMBER) as stream:
            etree.parse(stream)

    return timed(run)


def write_bare(file: Path, out: Path) -> Cost:
    """Write the XML of the file, parsed before, into an archive with lxml alone; return what that costs."""
    from lxml import etree

    with zipfile.ZipFile(file) as archive:
        tree = etree.fromstring(archive.read(MEMBER))

    def run() -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MEMBER, etree.tostring(tree, xml_declaration=True, encoding="utf-8"))

    return timed(run)


def timed(run: Callable[[], None]) -> Cost:
    """Return what a run costs, with the settings of the command line."""
    gc.set_threshold(50_000, 20, 50)  # as `coding` sets it
    wall, processor = time.perf_counter(), time.process_time()
    run()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return Cost(wall, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def alone(step: str, *places: Path) -> Cost:
    """Return what a step costs in a process of its own."""
    command = [sys.executable, __file__, "--step", step, *map(str, places)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, processor, memory = map(float, done.stdout.split())
    return Cost(wall, processor, memory)


def stepped(step: str, places: list[Path]) -> None:
    """Be such a process."""
    steps = {"export": export, "take": take, "parse": parse_bare, "write": write_bare}
    cost = steps[step](*places)
    print(cost.wall, cost.processor, cost.memory)


def main() -> None:
    """Take turns, then print a table and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("places", nargs="*", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        stepped(asked.step, asked.places)
        return
    rounds: dict[str, list[Cost]] = {"export": [], "write": [], "take": [], "parse": []}
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        file = folder / "x.qdpx"
        made_up(folder / "project")
        for i in range(ROUNDS):
            rounds["export"].append(alone("export", folder / "project", file))
            rounds["write"].append(alone("write", file, folder / "bare.qdpx"))
            rounds["take"].append(alone("take", folder / f"taken{i}", file))
            rounds["parse"].append(alone("parse", file))
    found = {}
    print(f"{'40,000 codings':16}{'ours, s':>10}{'lxml, s':>10}{'ratio':>8}{'goal':>6}")
    for name, ours, bare in (("import", "take", "parse"), ("export", "export", "write")):
        pairs = list(zip(rounds[ours], rounds[bare], strict=True))
        wall, least = (statistics.median(pair[i].wall for pair in pairs) for i in (0, 1))
        ratio = statistics.median(pair[0].processor / pair[1].processor for pair in pairs)
        found |= {f"{name}_40k": round(ratio, 1), f"{name}_s": round(wall, 2)}
        print(f"{name:16}{wall:10.2f}{least:10.2f}{ratio:8.1f}{GOAL:6}")
    found["peak_mb"] = round(max(cost.memory for cost in rounds["take"]))
    print(f"Most memory of an import: {found['peak_mb']} MB.")
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
