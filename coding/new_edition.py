"""A new text put in the place of a document's, with the coding of the earlier one: looked at, then done.

The act is kept before the text is moved into its place. What stops between the two leaves the earlier text
with its coding, for what is placed in a text holds only where that text is; done again, the text alone is
moved. The earlier text is kept in `editions/`, so that an undo finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding import sources
from coding.batch import Batch, Decision, Edition, Kept, Memo, Placing, act, new_id
from coding.corpus_folder import readers
from coding.editions import Placed, placed
from coding.errors import CodingError, refuse
from coding.files import in_place, replacing
from coding.formats import yaml
from coding.formats.case import read_case
from coding.keeping import selections_of, together
from coding.model import Coded, CodedSegment, Document, Reading
from coding.placing import Place, Placer
from coding.realigning import Realigned, Selection, realigned

if TYPE_CHECKING:
    from coding.formats.case import CaseFile
    from coding.project import Project
    from coding.store import Store


@dataclass(frozen=True, slots=True)
class NewEdition:
    """A new text of a document, and what becomes of the coding. Nothing is written yet.

    Attributes
    ----------
    before : the document as it is
    path : its file
    raw : the new bytes of that file
    kept : the files in `editions/` in which earlier texts are to be kept, with their bytes
    realigned : what became of each coded segment and reading
    is_followed : whether an earlier text in which something stands is known, other than that of today
    machines : ids of the coders that are rules or models
    n_suggestions : coded segments of rules and models on which nobody decided; they are not placed
    notes : what the reader should know besides, in sentences
    """

    project: Project = field(repr=False)
    before: Document = field(repr=False)
    path: Path
    raw: bytes = field(repr=False)
    kept: Mapping[Path, bytes] = field(repr=False)
    realigned: Realigned = field(repr=False)
    is_followed: bool
    machines: frozenset[str]
    n_suggestions: int
    notes: tuple[str, ...]

    @property
    def is_new_text(self) -> bool:
        """Whether the text differs from that which is there."""
        return self.before.digest != self.realigned.new.digest

    def write(self, *, by: str) -> Batch | None:
        """Keep the act, then put the text in its place; return the act, None if it was kept before.

        Raises
        ------
        CodingError
            If a file cannot be written; then everything is as before.
        """
        for path, raw in self.kept.items():
            if not path.exists():
                with replacing([path]) as (beside,):
                    beside.write_bytes(raw)
        if not self.is_new_text:
            return self._add(by)
        with replacing([self.path]) as (beside,):
            beside.write_bytes(self.raw)
            self._refuse_other_text(beside)
            return self._add(by)

    def _add(self, by: str) -> Batch | None:
        before, after = self.before.digest, self.realigned.new.digest
        if not (self.is_new_text or self.is_followed):
            return None
        with self.project.store() as store:
            made = [each for each in store.rows(Edition) if each.document == self.before.id]
            if not self.is_new_text:
                is_known = any(after in (each.before, each.after) for each in made)
            else:
                is_known = made != [] and made[-1].after == after
            if is_known and not self.realigned.is_new:
                return None
            edition = Edition(new_id(), self.before.id, before, after)
            batch = act(by, "realign", edition, *self.realigned.placings(self.machines))
            store.add(batch)
        return batch

    def _refuse_other_text(self, path: Path) -> None:
        name = f"{self.path.parent.name}/{self.path.name}"
        text = readers()[self.path.suffix.lower()].read_text(path, name=name)
        if text != self.realigned.new.text:
            raise CodingError(
                f"{name}: the text is not the same once it is written. Save it as .txt (UTF-8)."
            )


def look(
    project: Project, document: str, new: Path, *, old: Path | None = None, encoding: str | None = None
) -> NewEdition:
    """Return what a new text of a document makes of its coding.

    Parameters
    ----------
    new : file of the new text; that of the corpus, if the text was changed there already
    old : file of the text as it was coded, if neither the corpus nor `editions/` has it
    encoding : of these files, if they are not in UTF-8

    Raises
    ------
    CodingError
        If there is no such document, a file holds no text, nothing was coded in the text of `old`, or
        case.yaml lists a sentence of the text that the new one does not have.
    """
    before = project.corpus[document]
    file, path = _file_of(project, document)
    source = _source(new, file.id, encoding)
    after = Document(before.id, source.text, before.variables)
    refuse(list(_lost_statements(file, path, before, after)))
    is_plain = source.path.suffix.lower() in readers() and not source.read
    raw = source.raw if is_plain else source.text.encode()
    stored = _stored(project, document)
    kept = {}
    if before.digest != after.digest:
        kept[project.edition_path(document, before.digest, path.suffix.lower())] = path.read_bytes()
    texts = {before.digest: before.text}
    for digest in stored.digests - texts.keys():
        text = project.earlier_text(document, digest)
        texts |= {} if text is None else {digest: text}
    if old is not None:
        earlier = Document(before.id, _source(old, file.id, encoding).text)
        if earlier.digest in {before.digest, *stored.digests}:
            texts[earlier.digest] = earlier.text
            kept[project.edition_path(document, earlier.digest, ".txt")] = earlier.text.encode()
        elif earlier.digest not in stored.of_machines:
            raise CodingError(f"{old}: nothing was coded in this text of {document}. Give the text that was.")
    return NewEdition(
        project=project,
        before=before,
        path=path,
        raw=raw,
        kept=kept,
        realigned=realigned(
            after,
            stored.coded,
            stored.elsewhere,
            texts,
            before=before.digest,
            selections=stored.selections,
        ),
        is_followed=bool((stored.digests & texts.keys()) - {after.digest}),
        machines=stored.machines,
        n_suggestions=stored.n_suggestions,
        notes=tuple(_notes(file, path, source)),
    )


def realigns(store: Store, batch: Batch) -> bool:
    """Say whether an act realigned a document, or undid or did again one that did."""
    return _first(store, batch)[0].act == "realign"


def to_tag(project: Project, batch: Batch) -> str | None:
    """Return the document of an act that realigned, or undid that, if machines coded another text of it."""
    with project.store() as store:
        first, _ = _first(store, batch)
        (edition,) = first.of(Edition)
        readings = store.coded(document=edition.document).readings
    digest = {each.id: each.digest for each in project.corpus}.get(edition.document)
    coded = {each.segment.digest for each in readings if each.kind != "person"}
    return edition.document if coded - {digest} else None


def undo(project: Project, batch: Batch, *, by: str) -> Batch:
    """Undo an act that realigned a document, or an undo of one: the text that was there comes back too.

    Where another text is there by now it stays, and what is undone are the places alone.

    Raises
    ------
    CodingError
        If that text is not kept, or does not fit case.yaml any more; then everything is as before.
    """
    with project.store() as store:
        first, is_back = _first(store, batch)
        (edition,) = first.of(Edition)
        there, wanted = (edition.after, edition.before) if is_back else (edition.before, edition.after)
        contents = _contents(project, edition.document, there, wanted)
        with in_place(contents):
            if contents:
                _ = replace(project).corpus
            return store.undo(batch.id, by=by)


def _file_of(project: Project, document: str) -> tuple[CaseFile, Path]:
    case, _, stem = document.partition("/")
    folder = project.root / "corpus" / case
    file, _ = read_case(folder / "case.yaml", name=f"corpus/{case}/case.yaml")
    return file, next(folder / name for name in file.documents if Path(name).stem == stem)


def _source(path: Path, donor: str, encoding: str | None) -> sources.Source:
    if not path.is_file():
        raise CodingError(f"{path}: no such file.")
    suffix = path.suffix.lower()
    if suffix not in readers() and not sources.is_taken_out(path):
        raise CodingError(f"{path}: no format reads {suffix or 'it'} as one text. Save it as .txt (UTF-8).")
    wanted = sources.Wanted(encoding=encoding)
    try:
        (found,) = sources.read(path, *sources.digest(path), donor=donor, wanted=wanted)
    except CodingError as error:  # what a format says of a file has no message of its own
        refuse(error.problems)
        raise
    return found


def _lost_statements(file: CaseFile, path: Path, before: Document, after: Document) -> Iterable[str]:
    """Yield the sentences that case.yaml lists and the new text does not have, with what they are there."""
    said = file.documents[path.name].statements
    listed = (*said.known, *said.reference_list, *said.inferred) if said else ()
    lost = [sentence for sentence in listed if sentence not in after.text]
    placer = Placer(before.text, after.text) if lost else None
    for sentence in lost:
        assert placer is not None
        start = before.text.index(sentence)
        found = placer.place(start, start + len(sentence))
        now = f" It reads now: {after.text[found.start : found.end]!r}." if isinstance(found, Place) else ""
        yield (
            f"corpus/{path.parent.name}/case.yaml: `statements` of {path.name} lists a sentence that is not "
            f"in the new text: {sentence!r}.{now} Take it out there; list it again once the new text is in."
        )


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is to be placed of a document.

    Attributes
    ----------
    coded : what people coded and read; of machines that on which somebody decided, or wrote a memo
    selections : those without a code that are kept of other programs
    elsewhere : where all that stands already
    machines : ids of the coders that are rules or models
    of_machines : digests of the texts in which they coded
    n_suggestions : coded segments of machines that are not placed
    """

    coded: Coded = Coded()  # noqa: RUF009  frozen
    selections: tuple[Selection, ...] = ()
    elsewhere: Placed = field(default_factory=Placed)
    machines: frozenset[str] = frozenset()
    of_machines: frozenset[str] = frozenset()
    n_suggestions: int = 0

    @property
    def digests(self) -> set[str]:
        """The digests of all texts in which something stands that is to be placed."""
        rows: tuple[CodedSegment | Reading, ...] = (*self.coded.segments, *self.coded.readings)
        own = {row.id: row.segment.digest for row in rows}
        own |= {each.id: each.place.digest for each in self.selections}
        return {*own.values()}.union(*(self.elsewhere.places.get(row, {}) for row in own))


def _stored(project: Project, document: str) -> _Stored:
    if not project.store_path.is_file():
        return _Stored()
    with project.store() as store:
        elsewhere = placed(store.standing(Placing, document=document))
        segments = {row.id: row for row, _ in store.standing(CodedSegment, document=document)}
        readings = {row.id: row for row, _ in store.standing(Reading, document=document)}
        machines = {coder.id for coder in store.coders() if coder.kind != "person"}
        decided = {decision.about for decision in store.rows(Decision)}
        noted = {memo.subject for memo in store.rows(Memo) if memo.about == "segment"}
        marked = selections_of(together(store.rows(Kept)))
    machines |= {reading.coder for reading in readings.values() if reading.kind != "person"}
    spoken_of = elsewhere.with_other_names(decided | noted)
    own = [s for s in segments.values() if s.coder not in machines or s.id in spoken_of]
    people = tuple(reading for reading in readings.values() if reading.kind == "person")
    rows: tuple[CodedSegment | Reading, ...] = (*segments.values(), *readings.values())
    return _Stored(
        Coded(tuple(own), people),
        tuple(each for each in marked if each.place.document == document),
        elsewhere,
        frozenset(machines),
        frozenset(row.segment.digest for row in rows if row.coder in machines),
        len(segments) - len(own),
    )


def _notes(file: CaseFile, path: Path, source: sources.Source) -> Iterable[str]:
    """Yield what the reader should know of the new text."""
    said = file.documents[path.name].read_from
    if said or source.read:
        what = f"says that the text is from {said}" if said else "does not say from what the text is"
        yield f"corpus/{file.id}/case.yaml {what}. It is from another file now. {_to_write(path, source)}"
    yield from source.notes


def _to_write(path: Path, source: sources.Source) -> str:
    """Return what to do in case.yaml, with the lines to put there.

    They are not written: an undo brings the earlier text back, but could not bring back these lines.
    """
    if not source.read:
        return f"Take `read_from`, `read_sha256` and `read_as` of {path.name} out there."
    lines = "".join(f"    {line}\n" for line in yaml.dump(source.read).splitlines())
    return f"Put these lines there under {path.name}, in the place of such as it has:\n{lines}".rstrip()


def _first(store: Store, batch: Batch) -> tuple[Batch, bool]:
    """Return the act that an undo or redo is about, and whether undoing `batch` takes that act back."""
    is_back = True
    while batch.undoes is not None:
        found = store.get(batch.undoes)
        assert found is not None
        batch, is_back = found, not is_back
    return batch, is_back


def _contents(project: Project, document: str, there: str, wanted: str) -> dict[Path, bytes]:
    """Return what is to be written so that a document has the text wanted; nothing if it has another now."""
    today = {each.id: each.digest for each in project.corpus}.get(document)
    if today != there or wanted == there:
        return {}
    kept = project.kept_edition(document, wanted)
    _, path = _file_of(project, document)
    suffix = path.suffix.lower()
    if kept is None:
        place = project.edition_path(document, wanted, suffix).relative_to(project.root).as_posix()
        raise CodingError(
            f"{document}: the text that it had is not kept: there is no {place}. Put that text there, or in "
            "the place of the text of today, then undo."
        )
    return {project.edition_path(document, there, suffix): path.read_bytes(), path: kept.read_bytes()}
