"""The store kept sound: what in it fits the project no longer, and another copy's acts merged in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.batch import Memo, Placing
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
        memos = [] if faults else store.rows(Memo)
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
    texts = {document.id for document in project.corpus}
    gone = Counter(memo.subject for memo in memos if memo.about == "document" and memo.subject not in texts)
    problems += [f"{name}: a memo about {document}, which is not in corpus/." for document in gone]
    return [*problems, *_stale(coded, project.corpus, name)]


def _stale(coded: Coded, corpus: Corpus, name: str) -> Iterator[str]:
    digests = {document.id: document.digest for document in corpus}
    machines = {reading.coder for reading in coded.readings if reading.kind != "person"}
    n_segments: Counter[str] = Counter()
    n_suggestions: Counter[str] = Counter()
    rows: list[tuple[CodedSegment | Reading, int]] = [(segment, 1) for segment in coded.segments]
    rows += [(reading, 0) for reading in coded.readings if not reading.sample]
    for row, n in rows:
        place = row.segment
        if digests.get(place.document) != place.digest:
            is_again = row.coder in machines and place.document in digests
            (n_suggestions if is_again else n_segments)[place.document] += n
    for document, n in sorted(n_suggestions.items()):
        yield (
            f"{document} has changed since rules or models coded it ({n} coded segment{'s' * (n != 1)}). "
            "`coding tag` codes the new text."
        )
    for document, n in sorted(n_segments.items()):
        if document in digests:
            yield str(stale(document, n))
        else:
            yield f"{name}: {document} was coded ({n} coded segments) and is gone from corpus/. Put it back."


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
