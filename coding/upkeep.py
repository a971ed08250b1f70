"""The store kept sound: what in it fits the project no longer, and another copy's acts merged in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.batch import Assignment, Edition, Look, Memo, Placing
from coding.errors import refuse
from coding.formats.batches import read_batches
from coding.model import CodedSegment, Reading, stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from coding.batch import Batch
    from coding.codebook import Codebook
    from coding.model import Corpus
    from coding.project import Project


@dataclass(frozen=True, slots=True)
class Merged:
    """How many batches a file added, and how many were there already.

    Attributes
    ----------
    absent : the documents that are not here, with how many batches of the file are about each
    n_absent : how many batches are about any of these: they count nowhere
    """

    n_new: int
    n_known: int
    absent: Mapping[str, int] = field(default_factory=dict)
    n_absent: int = 0


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
    here = {document.id for document in project.corpus}
    absent = [documents for batch in batches if (documents := _documents_of(batch) - here)]
    counts = Counter(document for documents in absent for document in documents)
    return Merged(n_new, len(batches) - n_new, dict(sorted(counts.items())), len(absent))


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
    return [*problems, *_stale(_elsewhere(project))]


def unplaced(project: Project) -> list[str]:
    """Return what was coded in an earlier text of a document and has no place in that of today, a line each.

    So it is with what `coding realign` could not place: it is kept, and counts nowhere.
    """
    if not project.store_path.is_file():
        return []
    n_segments = Counter(row.segment.document for row in _elsewhere(project).unplaced)
    return [_without_place(document, n) for document, n in sorted(n_segments.items())]


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


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """What stands in another text of a document than that of today.

    Attributes
    ----------
    unplaced : coded segments that a person made or decided on, of a text that was realigned
    suggestions, others : what machines left, and what people did, where the text was changed and not so
    """

    unplaced: tuple[CodedSegment, ...]
    suggestions: tuple[CodedSegment | Reading, ...]
    others: tuple[CodedSegment | Reading, ...]


def _elsewhere(project: Project) -> _Elsewhere:
    coded, digests = project.coded, {document.id: document.digest for document in project.corpus}
    machines = {reading.coder for reading in coded.readings if reading.kind != "person"}
    decided = {decision.about for decision in project.decisions}
    rows: list[CodedSegment | Reading] = [*coded.segments, *(r for r in coded.readings if not r.sample)]
    rows = [
        row for row in rows if digests.get(row.segment.document, row.segment.digest) != row.segment.digest
    ]
    suggestions = tuple(row for row in rows if row.coder in machines and row.id not in decided)
    own = [row for row in rows if row.coder not in machines or row.id in decided]
    known = _realigned(project, own, digests)
    unplaced = (row for row in own if isinstance(row, CodedSegment) and _text_of(row) in known)
    return _Elsewhere(tuple(unplaced), suggestions, tuple(row for row in own if _text_of(row) not in known))


def _realigned(
    project: Project, rows: Iterable[CodedSegment | Reading], digests: Mapping[str, str]
) -> set[tuple[str, str]]:
    """Return the texts of rows, by document and digest, in whose place the text of today was put."""
    with project.store() as store:
        editions = store.rows(Edition)
    known = {(each.document, digest) for each in editions for digest in (each.before, each.after)}

    def is_known(document: str, digest: str) -> bool:
        return (document, digest) in known or project.kept_edition(document, digest) is not None

    texts = {_text_of(row) for row in rows}
    return {text for text in texts if is_known(*text) and is_known(text[0], digests[text[0]])}


def _text_of(row: CodedSegment | Reading) -> tuple[str, str]:
    return row.segment.document, row.segment.digest


def _stale(elsewhere: _Elsewhere) -> Iterator[str]:
    for document, n in _by_document(elsewhere.suggestions):
        yield (
            f"{document} has changed since rules or models coded it ({_counted(n)}). "
            "`coding tag` codes the new text."
        )
    for document, n in _by_document(elsewhere.others):
        yield str(stale(document, n))


def _by_document(rows: Iterable[CodedSegment | Reading]) -> list[tuple[str, int]]:
    """Return each document with how many coded segments are among these rows."""
    n_segments: Counter[str] = Counter()
    for row in rows:
        n_segments[row.segment.document] += isinstance(row, CodedSegment)
    return sorted(n_segments.items())


def _without_place(document: str, n: int) -> str:
    stands, it = ("stands", "it has") if n == 1 else ("stand", "they have")
    return (
        f"{document}: {_counted(n)} {stands} in an earlier text of it, and {it} no place in that of today. "
        "Kept, and counted nowhere: code the words afresh where they belong, or leave it so. What another "
        f"copy brought in since, `coding realign {document} FILE` places, with the file that is in corpus/."
    )


def _documents_of(batch: Batch) -> set[str]:
    """Return the documents that the rows of a batch name."""
    placed: tuple[CodedSegment | Reading | Placing, ...]
    placed = (*batch.of(CodedSegment), *batch.of(Reading), *batch.of(Placing))
    named: tuple[Assignment | Look | Edition, ...]
    named = (*batch.of(Assignment), *batch.of(Look), *batch.of(Edition))
    noted = {memo.subject for memo in batch.of(Memo) if memo.about == "document"}
    return {row.segment.document for row in placed} | {row.document for row in named} | noted


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
