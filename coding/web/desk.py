"""The project as the app has it open: read once, read again when a file or the store has changed."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from coding.batch import Assignment, Decision, Look, Memo, Query, act, new_id
from coding.editions import coded_in, decisions_in, memos_in, readings_in
from coding.errors import CodingError, nearest
from coding.model import Coder, Corpus, Document, digest_of
from coding.project import Project
from coding.review import carried, carried_memos, holding, latest, without_twins
from coding.sight import Sight, sight
from coding.web.judged import Judging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from coding.batch import Batch
    from coding.codebook import Codebook
    from coding.model import Coded, CodedSegment, CoderKind
    from coding.revision import Succession
    from coding.sample import Sample
    from coding.store import Store
    from coding.web.judged import Standing


_EVERY = 1.0  # seconds between two looks at the files


class NotThere(CodingError):  # noqa: N818  it names what was met
    """Something is asked for that does not exist."""


@dataclass(frozen=True)
class Files:
    """What the project's files say: texts, codebook, how old codes are carried, blind samples by name."""

    corpus: Corpus
    codebook: Codebook
    successions: tuple[Succession, ...]
    samples: Mapping[str, Sample] = field(default_factory=dict, repr=False)

    def document(self, document: str) -> Document:
        """Return a document.

        Raises
        ------
        NotThere
            If there is none of that id.
        """
        if document not in self._ids:
            raise NotThere(f"There is no document {document!r} in this project. See the Library.")
        return self.corpus[document]

    def sample(self, name: str) -> Sample:
        """Return a sample.

        Raises
        ------
        NotThere
            If there is none of that name.
        """
        if name not in self.samples:
            raise NotThere(f"There is no sample '{name}'.{nearest(name, self.samples)} See Judge.")
        return self.samples[name]

    @cached_property
    def digest(self) -> str:
        """What identifies the texts, their variables, the names of the cases, and the codebook."""
        texts = [(d.id, d.digest, sorted(d.variables.items())) for d in self.corpus]
        return digest_of(repr((texts, list(self.corpus.known_cases.values()), self.codebook.digest)))

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(document.id for document in self.corpus)


@dataclass(frozen=True)
class Work:
    """What stands in the store at one moment.

    Attributes
    ----------
    n_batches : the moment
    coded : coded segments and readings, under the codes of today
    """

    n_batches: int
    coded: Coded = field(repr=False)
    decisions: tuple[Decision, ...] = field(repr=False)
    memos: tuple[Memo, ...] = field(repr=False)
    assignments: tuple[Assignment, ...] = field(repr=False)
    looks: tuple[Look, ...] = field(repr=False)
    queries: tuple[Query, ...] = field(repr=False)
    coders: tuple[Coder, ...] = field(repr=False)

    @cached_property
    def latest(self) -> Mapping[str, Decision]:
        """The last decision on each coded segment."""
        return latest(self.decisions)

    @cached_property
    def by_document(self) -> Mapping[str, tuple[CodedSegment, ...]]:
        """The coded segments of each document."""
        found: dict[str, list[CodedSegment]] = defaultdict(list)
        for segment in self.coded.segments:
            found[segment.segment.document].append(segment)
        return {document: tuple(segments) for document, segments in found.items()}

    @cached_property
    def by_id(self) -> Mapping[str, CodedSegment]:
        """Each coded segment by its id."""
        return {segment.id: segment for segment in self.coded.segments}

    @cached_property
    def people(self) -> tuple[str, ...]:
        """The ids of the coders who are people."""
        return tuple(coder.id for coder in self.coders if coder.kind == "person")

    def kind(self, coder: str) -> CoderKind:
        """Return what a coder is: a person unless rules or a model."""
        return self._kinds.get(coder, "person")

    @cached_property
    def _kinds(self) -> Mapping[str, CoderKind]:
        readers: dict[str, CoderKind] = {reading.coder: reading.kind for reading in self.coded.readings}
        return readers | {coder.id: coder.kind for coder in self.coders}


class Desk:
    """An open project, shared by all requests. Every method may be called from any thread.

    Attributes
    ----------
    fault : what is wrong with a file since it was read; empty if nothing is
    acting : held while an act is looked up and added, so that one sent twice at a time is kept once
    """

    def __init__(self, project: Project, codebook: str) -> None:
        """Open the project with one of its codebooks; fails as `Project` does if a file is wrong.

        A sample whose file is wrong is left out, and a `fault`.
        """
        self.root: Path = project.root
        self.fault = ""
        self.acting = threading.Lock()
        self._store_path = project.store_path
        self._codebook = codebook
        self._lock = threading.RLock()
        self._judging = Judging()
        self._work: Work | None = None
        self._looked = time.monotonic()
        self._seen = self._stamp()
        self._files, self.fault = self._read(project, {})

    def project(self) -> Project:
        """Return the project, read afresh."""
        return Project.open(self.root)

    @property
    def files(self) -> Files:
        """The files, looked at once a second. If one is wrong since, the earlier ones and a `fault`."""
        with self._lock:
            if time.monotonic() - self._looked > _EVERY:
                self.look_again()
            return self._files

    def look_again(self) -> None:
        """Read what has changed in the files since they were read."""
        with self._lock:
            self._looked = time.monotonic()
            stamp = self._stamp()
            if stamp == self._seen:
                return
            self._seen = stamp
            try:
                self._files, self.fault = self._read(self.project(), self._files.samples)
            except CodingError as error:
                self.fault = str(error)
            else:
                self._work = None

    def store(self) -> Store:
        """Return a connection to the store; use it in a `with` block."""
        from coding.store import Store

        return Store(self._store_path)

    @property
    def work(self) -> Work:
        """What stands in the store now."""
        files = self.files
        with self._lock, self.store() as store:
            n_batches = store.n_batches
            if self._work is None or self._work.n_batches != n_batches:
                self._work = _work(store, n_batches, files)
            return self._work

    def sight(self, coder: str) -> Sight:
        """Return how far a coder has come with each document, asked of the store alone."""
        files = self.files
        with self.store() as store:
            readings = readings_in(store, lambda: files.corpus)
            standings = self._judging.standings(coder, files, readings, store.has_seen)
            return sight(
                coder,
                files.corpus,
                readings=readings,
                looks=store.rows(Look),
                assignments=store.rows(Assignment),
                judging=frozenset().union(*(standing.documents for standing in standings.values())),
            )

    def standings(self, coder: str) -> Mapping[str, Standing]:
        """Return how far a coder has come with each sample that asks for their judgement, by its name."""
        files = self.files
        with self.store() as store:
            readings = readings_in(store, lambda: files.corpus)
            return self._judging.standings(coder, files, readings, store.has_seen)

    def add(self, batch: Batch) -> bool:
        """Add a batch, with its coder if new here; return whether it was new."""
        with self.store() as store:
            known = {coder.id for coder in store.coders()}
            before = [] if batch.coder in known else [act(batch.coder, "coder", Coder(batch.coder, "person"))]
            return bool(store.add(*before, batch) - len(before))

    def saw(self, coder: str, documents: Iterable[str]) -> None:
        """Keep that a coder has been shown others' coding in documents: a later reading is not blind."""
        mine = self.sight(coder)
        new = sorted({document for document in documents if mine.is_covered(document)})
        if new:
            self.add(act(coder, "look", *(Look(new_id(), coder, document) for document in new)))

    def _read(self, project: Project, before: Mapping[str, Sample]) -> tuple[Files, str]:
        """Return the files, and what is wrong with a sample: that one stays as it was read before."""
        samples: dict[str, Sample] = {}
        problems: list[str] = []
        for name in project.samples:
            try:
                samples[name] = project.sample(name)
            except CodingError as error:
                problems += error.problems
                samples |= {name: before[name]} if name in before else {}
        book = project.codebook(self._codebook)
        return Files(project.corpus, book, project.successions, samples), "\n".join(problems)

    def _stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Return what changes when a text, a case file, the codebook, a map of codes or a sample does."""
        folders = (self.root / "corpus", self.root / "codebooks", self.root / "samples")
        files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
        stats = ((path.as_posix(), path.stat()) for path in files)
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _work(store: Store, n_batches: int, files: Files) -> Work:
    decisions = decisions_in(store, lambda: files.corpus)
    own = coded_in(store, lambda: files.corpus)
    coded = without_twins(carried(own, files.successions, [files.codebook]), decisions)
    return Work(
        n_batches,
        coded,
        holding(decisions, coded),
        carried_memos(memos_in(store, lambda: files.corpus), files.successions),
        tuple(store.rows(Assignment)),
        tuple(store.rows(Look)),
        tuple(store.rows(Query)),
        store.coders(),
    )
