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
from coding.batch import Batch, Decision, Edition, Memo, Placing, act, new_id
from coding.corpus_folder import readers
from coding.editions import Placed, placed
from coding.errors import CodingError, refuse
from coding.files import in_place, replacing
from coding.formats import yaml
from coding.formats.case import read_case
from coding.model import Coded, CodedSegment, Document, Reading
from coding.placing import Place, Placer
from coding.realigning import Realigned, realigned

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
        with self.project.store() as store:
            made = [each for each in store.rows(Edition) if each.document == self.before.id]
            is_known = not self.is_new_text or (made != [] and made[-1].after == after)
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
    stored, elsewhere, machines, n_suggestions = _stored(project, document)
    kept = {}
    if before.digest != after.digest:
        kept[project.edition_path(document, before.digest, path.suffix.lower())] = path.read_bytes()
    texts = {before.digest: before.text}
    for digest in _digests(stored, elsewhere) - texts.keys():
        text = project.earlier_text(document, digest)
        texts |= {} if text is None else {digest: text}
    if old is not None:
        earlier = Document(before.id, _source(old, file.id, encoding).text)
        if earlier.digest not in {before.digest, *_digests(stored, elsewhere)}:
            raise CodingError(f"{old}: nothing was coded in this text of {document}. Give the text that was.")
        texts[earlier.digest] = earlier.text
        kept[project.edition_path(document, earlier.digest, ".txt")] = earlier.text.encode()
    return NewEdition(
        project=project,
        before=before,
        path=path,
        raw=raw,
        kept=kept,
        realigned=realigned(after, stored, elsewhere, texts, before=before.digest),
        machines=machines,
        n_suggestions=n_suggestions,
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


def _stored(project: Project, document: str) -> tuple[Coded, Placed, frozenset[str], int]:
    """Return what is to be placed of a document, where it stands already, machines, and what they suggest.

    What a machine coded is placed if somebody decided on it, or wrote a memo about it.
    """
    if not project.store_path.is_file():
        return Coded(), Placed(), frozenset(), 0
    with project.store() as store:
        elsewhere = placed(store.standing(Placing, document=document))
        segments = {row.id: row for row, _ in store.standing(CodedSegment, document=document)}
        readings = {row.id: row for row, _ in store.standing(Reading, document=document)}
        machines = {coder.id for coder in store.coders() if coder.kind != "person"}
        decided = {decision.about for decision in store.rows(Decision)}
        noted = {memo.subject for memo in store.rows(Memo) if memo.about == "segment"}
    machines |= {reading.coder for reading in readings.values() if reading.kind != "person"}
    spoken_of = elsewhere.with_other_names(decided | noted)
    own = [s for s in segments.values() if s.coder not in machines or s.id in spoken_of]
    people = tuple(reading for reading in readings.values() if reading.kind == "person")
    return Coded(tuple(own), people), elsewhere, frozenset(machines), len(segments) - len(own)


def _digests(stored: Coded, elsewhere: Placed) -> set[str]:
    """Return the digests of all texts in which something stands that is to be placed."""
    rows: tuple[CodedSegment | Reading, ...] = (*stored.segments, *stored.readings)
    found = {row.segment.digest for row in rows}
    return found.union(*(elsewhere.places.get(row.id, {}) for row in rows))


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
