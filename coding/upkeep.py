"""The store kept sound: what in it fits the project no longer, and another copy's acts merged in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.batch import Placing
from coding.errors import refuse
from coding.formats.batches import read_batches
from coding.model import CodedSegment, Reading, stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from coding.batch import Batch
    from coding.codebook import Codebook
    from coding.model import Coded, Corpus
    from coding.project import Project


@dataclass(frozen=True, slots=True)
class Merged:
    """How many batches a file added, and how many were there already."""

    n_new: int
    n_known: int


def merge(project: Project, path: Path) -> Merged:
    """Return what a file of batches (`coding export`) added to the project's store: all of it or nothing.

    Raises
    ------
    CodingError
        If a line is no batch, the words of a coded segment are not those at its place, or a batch of the
        same id says something else.
    """
    batches = read_batches(path)
    refuse([f"{path.name}: {problem}" for problem in _misplaced(batches, project.corpus)])
    with project.store() as store:
        n_new = store.add(*batches)
    return Merged(n_new, len(batches) - n_new)


def misfits(project: Project, codebooks: Iterable[Codebook]) -> list[str]:
    """Return what stands in the store and fits the texts and codebooks no longer, a line each."""
    if not project.store_path.is_file():
        return []
    with project.store() as store:
        faults = store.faults()
    if faults:
        return faults
    name = project.store_path.name
    coded = project.coded
    known = {code.id for codebook in codebooks for code in codebook.codes}
    unknown = Counter(segment.code for segment in coded.segments if segment.code not in known)
    problems = [
        f"{name}: {n} coded segment{'s' * (n > 1)} with the code '{code}', which is in no codebook. Put it "
        "back as retired, or say what came after it in a change file."
        for code, n in unknown.items()
    ]
    return [*problems, *_stale(coded, project.corpus)]


def taken_out(project: Project) -> list[str]:
    """Return what people did in documents that are in the corpus no more, a line each; it counts nowhere.

    What rules and models coded there, and nobody decided on, is left out: they can do it again.
    """
    if not project.store_path.is_file():
        return []
    coded = project.coded
    texts = {document.id for document in project.corpus}
    machines = {reading.coder for reading in coded.readings if reading.kind != "person"}
    decided = {decision.about for decision in project.decisions}
    n_segments: Counter[str] = Counter()
    for segment in coded.segments:
        if segment.coder not in machines or segment.id in decided:
            n_segments[segment.segment.document] += 1
    rows = [reading for reading in coded.readings if reading.kind == "person" and not reading.sample]
    n_segments.update(dict.fromkeys({reading.segment.document for reading in rows}, 0))
    memos = {memo.subject for memo in project.memos if memo.about == "document"}
    return [
        f"{document} is not in corpus/, and people worked on it ({_counted(n_segments[document])}"
        f"{', a memo' if document in memos else ''}). It is kept, and counts nowhere: leave it, or put the "
        "document back."
        for document in sorted((n_segments.keys() | memos) - texts)
    ]


def _counted(n_segments: int) -> str:
    return f"{n_segments} coded segment{'s' * (n_segments != 1)}"


def _stale(coded: Coded, corpus: Corpus) -> Iterator[str]:
    digests = {document.id: document.digest for document in corpus}
    machines = {reading.coder for reading in coded.readings if reading.kind != "person"}
    n_segments: Counter[str] = Counter()
    n_suggestions: Counter[str] = Counter()
    rows: list[tuple[CodedSegment | Reading, int]] = [(segment, 1) for segment in coded.segments]
    rows += [(reading, 0) for reading in coded.readings if not reading.sample]
    for row, n in rows:
        place = row.segment
        if digests.get(place.document, place.digest) != place.digest:
            (n_suggestions if row.coder in machines else n_segments)[place.document] += n
    for document, n in sorted(n_suggestions.items()):
        yield (
            f"{document} has changed since rules or models coded it ({_counted(n)}). "
            "`coding tag` codes the new text."
        )
    for document, n in sorted(n_segments.items()):
        yield str(stale(document, n))


def _misplaced(batches: Iterable[Batch], corpus: Corpus) -> Iterator[str]:
    """Yield the segments, readings and places whose offsets or words are not those of the text they name."""
    documents = {(document.id, document.digest): document for document in corpus}
    for batch in batches:
        rows: tuple[CodedSegment | Reading | Placing, ...]
        rows = (*batch.of(CodedSegment), *batch.of(Reading), *batch.of(Placing))
        for row in rows:
            place = row.segment
            document = documents.get((place.document, place.digest))
            if document is None:
                continue
            if place.end > len(document.text):
                n = len(document.text)
                yield f"batch {batch.id}: {place.document} ends at {n}, a segment at {place.end}."
            elif isinstance(row, CodedSegment) and row.quote and document.quote(place) != row.quote:
                yield (
                    f"batch {batch.id}: the words at {place.start} to {place.end} of {place.document} are "
                    f"{document.quote(place)[:60]!r}, not {row.quote[:60]!r}."
                )
