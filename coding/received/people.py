"""What people left in a file, as rows of the store: coded segments, memos, readings, decisions, coders."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coding.batch import About, Decision, Kept, Memo, Row, now
from coding.cells import cell_name
from coding.formats.refi.beyond import Beyond, Extra, heard
from coding.formats.refi.nouns import Tally
from coding.formats.refi.ours import BEYOND, guid_of
from coding.model import CodedSegment, Coder, Reading, Segment
from coding.received.names import Names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coding.formats.refi.nouns import Coding, Exchanged, Selection, Source
    from coding.formats.refi.offsets import Solved
    from coding.model import Document
    from coding.received.codes import Matched
    from coding.received.texts import Placed

NOBODY = "unknown"

_NAMESPACE = uuid.UUID("e0c0d0d1-17f0-5d52-9a0e-5c8f1a3b9d44")
_FIRST = re.compile(r"[^\W_]")
_UNFIT = re.compile(r"[^\w.@-]+")


@dataclass(frozen=True, slots=True)
class There:
    """What stands in the store already."""

    segments: tuple[CodedSegment, ...] = ()
    readings: tuple[Reading, ...] = ()
    memos: tuple[Memo, ...] = ()
    decisions: tuple[Decision, ...] = ()
    coders: tuple[Coder, ...] = ()
    kept: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """Under which ids what people left stands here: codings, notes and users, by their GUIDs in the file."""

    segments: Mapping[str, str] = field(default_factory=dict)
    memos: Mapping[str, str] = field(default_factory=dict)
    coders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class People:
    """The rows that are new, and how much of the file stood already.

    Attributes
    ----------
    n_segments, n_known : coded segments that are new, that stood already
    n_known_memos, n_known_besides : memos, and readings and decisions, that stood already
    n_filed : readings that are filed because the user says that whoever coded has read the whole
    unread : who coded in which document without a reading there, in pairs of ids: it counts nowhere
    n_kept : rows of what has no place here
    """

    rows: tuple[Row, ...] = field(repr=False)
    n_segments: int
    n_known: int
    n_filed: int = 0
    unread: tuple[tuple[str, str], ...] = ()
    named: Named = field(default_factory=Named, repr=False)
    n_kept: int = 0
    n_known_memos: int = 0
    n_known_besides: int = 0

    @property
    def n_memos(self) -> int:
        """How many memos are new."""
        return sum(isinstance(row, Memo) for row in self.rows)


def left_by_people(
    exchanged: Exchanged,
    solved: Solved,
    matched: Matched,
    placed: Mapping[str, Placed],
    there: There,
    *,
    nobody: str,
    read: bool,
    tally: Tally,
) -> People:
    """Return what a file adds to the store.

    Parameters
    ----------
    nobody : the coder of whatever names no user
    read : whether every person who coded in a document has read the whole of it, for all codes
    """
    taking = _Taking(exchanged, matched, placed, there, nobody, tally)
    for source in exchanged.sources:
        if source.guid in placed:
            taking.source(source, solved.spans[source.guid])
    taking.rest()
    unread = taking.unread()
    n_filed = taking.file_readings(unread) if read else 0
    unread_ = () if read else tuple(unread)
    return People(
        taking.rows(),
        len(taking.segments),
        taking.n_known,
        n_filed,
        unread_,
        taking.named(),
        n_known_memos=taking.n_known_memos,
        n_known_besides=taking.n_known_besides,
    )


def coder_of(name: str) -> str:
    """Return a user's name as that of a coder; empty if nothing of it can be.

    Examples
    --------
    >>> coder_of("Friedrich Markgraf"), coder_of(" <김지수> "), coder_of("...")
    ('Friedrich-Markgraf', '김지수', '')
    """
    made = _UNFIT.sub("-", name.strip()).strip("-")[:64]
    first = _FIRST.search(made)
    return made[first.start() :].rstrip("-") if first else ""


class _Taking:
    def __init__(
        self,
        exchanged: Exchanged,
        matched: Matched,
        placed: Mapping[str, Placed],
        there: There,
        nobody: str,
        tally: Tally,
    ) -> None:
        self._exchanged = exchanged
        self._matched = matched
        self._placed = placed
        self._tally = tally
        self._nobody = nobody
        self._there = there
        self._documents = {each.document.id: each.document for each in placed.values()}
        self._notes = {note.guid: note for note in exchanged.notes}
        self._beyond = self._heard()
        self._extras = {extra.coding: extra for extra in self._beyond.segments}
        self._memo_extras = {extra.note: extra for extra in self._beyond.memos}
        self._kinds = {coder.id: coder.kind for coder in (*self._beyond.coders, *there.coders)}
        self._users = self._coders()
        self._known = {_key(segment): segment.id for segment in there.segments}
        self._known_ids = {segment.id for segment in there.segments}
        self._known_memos = {memo.id: memo.text for memo in there.memos}
        self._segment_of: dict[str, str] = {}
        self._memo_of: dict[str, str] = {}  # of each note the first memo that it became
        self._coded_in: dict[tuple[str, str], Document] = {}
        self.n_known = self.n_known_memos = self.n_known_besides = 0
        self.segments: list[CodedSegment] = []
        self._memos: list[Memo] = []
        self._readings: list[Reading] = []
        self._decisions: list[Decision] = []

    def source(self, source: Source, spans: Sequence[tuple[int, int] | None]) -> None:
        """Take in the codings and memos of a source."""
        document = self._placed[source.guid].document
        n = len(document.text)
        for selection, span in zip(source.selections, spans, strict=True):
            if span is None or span[0] >= span[1] or span[1] > n:
                self._tally.drop("PlainTextSelection", "is empty, or reaches beyond its text.")
                self._tally.drop(
                    "Coding", "its selection is empty, or beyond its text.", len(selection.codings)
                )
                continue
            place = Segment(document.id, span[0], span[1], document.digest)
            quote = document.text[span[0] : span[1]]
            made = [self._coding(coding, place, quote, selection.user) for coding in selection.codings]
            if selection.description or selection.notes:
                self._of_selection(selection, place, quote, [id_ for id_ in made if id_ is not None])
        for coding in source.codings:
            self._coding(coding, document.whole, document.text, source.user)
        self._tally.drop("Coding of a whole document", "stands now over all its words.", len(source.codings))
        self._noted(source.notes, "document", document.id)
        if source.description:
            self._memo("document", document.id, source.description, source.guid, source.user, source.at)

    def rest(self) -> None:
        """Take in what codes and the note of ours say."""
        for code in self._exchanged.codes:
            id_ = self._matched.ids.get(code.guid)
            if code.notes and id_ is not None:
                self._noted(code.notes, "code", id_)
        self._memos_about_cells()
        self._beyond_rows()

    def unread(self) -> dict[tuple[str, str], Document]:
        """Return the documents in which a person coded and has filed no reading, by coder and document."""
        read = {
            (reading.coder, reading.segment.document, reading.segment.digest)
            for reading in (*self._there.readings, *self._readings)
            if reading.codes is None
        }
        return {
            (coder, id_): document
            for (coder, id_), document in self._coded_in.items()
            if (coder, id_, document.digest) not in read and self._kinds.get(coder, "person") == "person"
        }

    def file_readings(self, unread: Mapping[tuple[str, str], Document]) -> int:
        """File a reading of the whole document for each, not blind; return how many there are."""
        at = now()
        self._readings += [
            Reading(
                coder,
                document.whole,
                at=at,
                blind=False,
                id=str(uuid.uuid5(_NAMESPACE, f"reading|{coder}|{id_}|{document.digest}")),
            )
            for (coder, id_), document in unread.items()
        ]
        return len(unread)

    def rows(self) -> tuple[Row, ...]:
        """Return all rows that are new, with the coders that they name."""
        named = [segment.coder for segment in self.segments]
        named += [reading.coder for reading in self._readings]
        named += [memo.coder for memo in self._memos] + [each.coder for each in self._decisions]
        known = {coder.id for coder in self._there.coders}
        coders = [
            Coder(name, self._kinds.get(name, "person")) for name in dict.fromkeys(named) if name not in known
        ]
        return (*coders, *self._readings, *self.segments, *self._memos, *self._decisions)

    def named(self) -> Named:
        """Return what became of codings, notes and users."""
        return Named(self._segment_of, self._memo_of, self._users)

    def _heard(self) -> Beyond:
        found = next((note for note in self._exchanged.notes if note.name == BEYOND), None)
        if found is None:
            return Beyond()
        beyond, n_unread = heard(found.text)
        self._tally.drop(f"line of the note '{BEYOND}'", "cannot be read any more.", n_unread)
        return beyond

    def _coders(self) -> dict[str, str]:
        """Return the coder of each user; two users of the same name are two coders."""
        machines = {coder.id for coder in self._there.coders if coder.kind != "person"}
        machines -= {coder.id for coder in self._beyond.coders if coder.kind != "person"}
        names = Names(machines, between="-")
        return {
            user.guid: names.free(coder_of(user.name) or coder_of(user.id) or self._nobody)
            for user in self._exchanged.users
        }

    def _coding(self, coding: Coding, place: Segment, quote: str, user: str) -> str | None:
        """Take in a coding; return the id of its coded segment, None if it is dropped."""
        code = self._matched.ids.get(coding.code)
        if code is None:
            self._tally.drop("Coding", "its code is not in the file, or not here.")
            return None
        coder = self._users.get(coding.user or user, self._nobody)
        self._coded_in[coder, place.document] = self._documents[place.document]
        extra = self._extras.get(coding.guid, _NO_EXTRA)
        key = (place.document, place.start, place.end, place.digest, code, coder)
        known = self._known.get(key)
        if known is None:
            id_ = extra.was or coding.guid
            if id_ in self._known_ids:  # it was moved, or given another code, since it was exported
                said = [id_, place.document, place.start, place.end, code, coder]
                id_ = str(uuid.uuid5(_NAMESPACE, "|".join(map(str, said))))
                self._tally.drop("Coding that says something new", "the one here stays beside it.")
            meaning = self._matched.codes[code].meaning if extra.meaning is None else extra.meaning
            self.segments.append(
                CodedSegment(id_, place, code, meaning, coder, extra.because, extra.score, quote)
            )
            self._known[key] = known = id_
            self._known_ids.add(id_)
        else:
            self.n_known += 1
        self._segment_of[coding.guid] = known
        if coding.notes:
            self._noted(coding.notes, "segment", known)
        return known

    def _of_selection(self, selection: Selection, place: Segment, quote: str, ids: Sequence[str]) -> None:
        """Take in what is said of a selection: about its first coded segment, else about the document."""
        if ids:
            self._noted(selection.notes, "segment", ids[0])
        else:
            self._noted(selection.notes, "document", place.document, quote)
        if selection.description:
            about: About = "segment" if ids else "document"
            subject = ids[0] if ids else place.document
            text = selection.description if ids else _with_quote(quote, selection.description)
            self._memo(about, subject, text, selection.guid, selection.user, selection.at)

    def _noted(self, notes: Sequence[str], about: About, subject: str, quote: str = "") -> None:
        for guid in notes:
            note = self._notes.get(guid)
            if note is None:
                self._tally.drop("NoteRef", "its note is not in the file.")
                continue
            text = _with_quote(quote, note.text) if quote else note.text
            again = guid in self._memo_of
            known = f"{guid}|{about}|{subject}" if again else guid
            id_ = self._memo(about, subject, text, known, note.user, note.at, is_note=not again)
            self._memo_of.setdefault(guid, id_)

    def _memo(
        self, about: About, subject: str, text: str, source: str, user: str, at: str, *, is_note: bool = False
    ) -> str:
        """Take in a memo, return its id; a note keeps its GUID, a description gets one of its place."""
        id_ = source if is_note else str(uuid.uuid5(_NAMESPACE, f"memo|{source}"))
        extra = self._memo_extras.get(id_)
        at = extra.at if extra else at
        id_ = extra.was if extra else id_
        known = self._known_memos.get(id_)
        if known is not None and known.split() != text.split():  # it was rewritten since it was exported
            id_ = str(uuid.uuid5(_NAMESPACE, f"{id_}|{text}"))
            self._tally.drop("Note that says something new", "the memo here stays beside it.")
            known = self._known_memos.get(id_)
        if known is not None:
            self.n_known_memos += 1
            return id_
        self._known_memos[id_] = text
        coder = self._users.get(user, self._nobody)
        self._memos.append(Memo(id_, about, subject, text, coder, at or self._exchanged.at or now()))
        return id_

    def _memos_about_cells(self) -> None:
        for extra in self._beyond.memos:
            note = self._notes.get(extra.note)
            if note is None or not extra.about or cell_name(extra.subject).code not in self._matched.codes:
                continue
            id_ = self._memo(
                extra.about, extra.subject, note.text, note.guid, note.user, note.at, is_note=True
            )
            self._memo_of[note.guid] = id_

    def _document(self, name: str) -> Document | None:
        """Return the document of the file that had this id where the file was written."""
        found = self._placed.get(guid_of("document", name))
        others = (each.document for each in self._placed.values() if each.document.id == name)
        return found.document if found is not None else next(others, None)

    def _beyond_rows(self) -> None:
        known_readings = {reading.id for reading in self._there.readings}
        for reading in self._beyond.readings:
            document = self._document(reading.segment.document)
            codes = {*(reading.codes or ()), *(reading.given or ())}
            if document is None or document.digest != reading.segment.digest:
                self._tally.drop("Reading", "its document is not here, or its text is another.")
            elif not codes <= set(self._matched.codes):
                self._tally.drop("Reading", "it names a code that is not here.")
            elif reading.id in known_readings:
                self.n_known_besides += 1
            else:
                place = replace(reading.segment, document=document.id)
                self._readings.append(replace(reading, segment=place))
        standing = {segment.id for segment in (*self._there.segments, *self.segments)}
        known_decisions = {decision.id for decision in self._there.decisions}
        for decision in self._beyond.decisions:
            if decision.id in known_decisions:
                self.n_known_besides += 1
            elif decision.about not in standing or not {decision.instead} <= {None, *standing}:
                self._tally.drop("Decision", "the coded segment that it is about is not here.")
            else:
                self._decisions.append(decision)


_NO_EXTRA = Extra("")


def _key(segment: CodedSegment) -> tuple[str, int, int, str, str, str]:
    place = segment.segment
    return place.document, place.start, place.end, place.digest, segment.code, segment.coder


def _with_quote(quote: str, text: str) -> str:
    shown = quote if len(quote) <= 200 else f"{quote[:199]}…"
    return f"“{' '.join(shown.split())}”: {text}"
