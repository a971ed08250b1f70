"""Coded segments as other formats write them: documents with their segments, no GUIDs, no references.

An `Exchanged` says more than most formats have a place for. `plain` takes out of it what they have, and
counts the rest; `exchanged_of` makes one again of what such a file says, so that import is the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from coding.errors import CodingError
from coding.formats.refi.beyond import Beyond, Extra, ExtraMemo, heard, said
from coding.formats.refi.description import id_in
from coding.formats.refi.nouns import (
    Coding,
    Dropped,
    Exchanged,
    FileCode,
    Note,
    Selection,
    Source,
    Tally,
    Told,
    User,
    Variable,
    VariableType,
    VariableValue,
    is_time,
)
from coding.formats.refi.ours import BEYOND, DOCUMENT, guid_of, is_ours, kept_guid
from coding.formats.refi.writer import name_of
from coding.model import Coder, CoderKind

if TYPE_CHECKING:
    from coding.model import Document

Kept = Literal["coder", "kind", "because", "score", "memo", "memo by", "id", "variables"]

_MARK = "\ufeff"
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class PlainMemo:
    """A memo about a coded segment; an empty id, coder or time where the file says none."""

    text: str
    id: str = ""
    coder: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class PlainSegment:
    """A coded segment.

    Attributes
    ----------
    start, end : as the file counts them
    code : its id, or what another program calls it
    coder, id : empty where the file says none
    quote : its words as the file has them; empty where it has none
    """

    start: int
    end: int
    code: str
    coder: str = ""
    id: str = ""
    kind: CoderKind = "person"
    because: str = ""
    score: float | None = None
    memos: tuple[PlainMemo, ...] = ()
    quote: str = ""


@dataclass(frozen=True, slots=True)
class PlainDocument:
    """A text with its coded segments; `id` is empty where the file does not say which document it is."""

    id: str
    text: str = field(repr=False)
    segments: tuple[PlainSegment, ...] = ()
    variables: Mapping[str, Told] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """What of an `Exchanged` a format has a place for, and what it has not.

    Attributes
    ----------
    codes : the names of each code from the top on, by its id
    """

    documents: tuple[PlainDocument, ...]
    codes: Mapping[str, tuple[str, ...]]
    lost: tuple[Dropped, ...]


def plain(exchanged: Exchanged, *, format: str, keeps: Iterable[Kept]) -> Plain:  # noqa: A002  a file format
    """Return the documents of an `Exchanged` with their coded segments, and what is lost on the way.

    Parameters
    ----------
    format : what the format is called
    keeps : what it has a place for; the rest is left out and counted
    """
    return _Flattening(exchanged, format, frozenset(keeps)).plain()


def of_document(document: Document, segments: Sequence[PlainSegment]) -> PlainDocument:
    """Return a document of the project as one that a file speaks of."""
    text = document.text
    return PlainDocument(document.id, _MARK + text if text.startswith(_MARK) else text, tuple(segments))


def exchanged_of(documents: Iterable[PlainDocument], *, name: str, tally: Tally) -> Exchanged:
    """Return what documents with coded segments say as the import takes it.

    A document that comes several times, with the same id or without one but with the same text, is one.

    Raises
    ------
    CodingError
        If a document comes twice with another text.
    """
    building = _Building(name, tally)
    for document in documents:
        building.add(document)
    return building.exchanged()


class _Flattening:
    def __init__(self, exchanged: Exchanged, format_: str, keeps: frozenset[str]) -> None:
        self._exchanged = exchanged
        self._why = f"{format_} has no place for it."
        self._keeps = keeps
        self._tally = Tally()
        self._users = {user.guid: user.id or user.name for user in exchanged.users}
        self._notes = {note.guid: note for note in exchanged.notes}
        last = next((note for note in exchanged.notes if note.name == BEYOND), None)
        self._beyond = heard(last.text)[0] if last else Beyond()
        self._extras = {extra.coding: extra for extra in self._beyond.segments}
        self._memo_extras = {extra.note: extra for extra in self._beyond.memos}
        self._kinds = {coder.id: coder.kind for coder in self._beyond.coders}
        self._names = {variable.guid: variable.name for variable in exchanged.variables}
        self._codes = {code.guid: id_in(code.description) or code.name for code in exchanged.codes}
        self._n_memos = 0

    def plain(self) -> Plain:
        paths: dict[str, tuple[str, ...]] = {}
        for code in self._exchanged.codes:
            above = paths.get(self._codes.get(code.parent or "", ""), ())
            paths[self._codes[code.guid]] = (*above, code.name)
        documents = tuple(self._document(source) for source in self._exchanged.sources)
        self._count_rest()
        return Plain(documents, paths, self._tally.told())

    def _document(self, source: Source) -> PlainDocument:
        text = source.text or ""
        variables = {self._names[each.variable]: each.value for each in source.values}
        id_ = str(variables.pop(DOCUMENT, "") or source.name)
        segments = [
            self._segment(coding, selection.start, selection.end, text)
            for selection in source.selections
            for coding in selection.codings
        ]
        segments += [self._segment(coding, 0, len(text), text) for coding in source.codings]
        self._lose("variables", "Document variable", len(variables))
        kept = variables if "variables" in self._keeps else {}
        return PlainDocument(id_, text, tuple(segments), kept, source.name)

    def _segment(self, coding: Coding, start: int, end: int, text: str) -> PlainSegment:
        extra = self._extras.get(coding.guid, Extra(coding.guid))
        coder = self._users.get(coding.user, "")
        kind = self._kinds.get(coder, "person")
        memos = tuple(self._memo(self._notes[note]) for note in coding.notes if note in self._notes)
        self._n_memos += len(memos)
        self._lose("kind", "Coder that is no person", kind != "person")
        self._lose("because", "Reason of a coded segment", bool(extra.because))
        self._lose("score", "Score of a coded segment", extra.score is not None)
        self._lose("memo", "Memo", len(memos))
        if "memo" in self._keeps:
            self._lose("memo by", "Who wrote a memo, and when", len(memos))
        if extra.meaning is not None:
            self._tally.drop("Meaning that a code had then", self._why)
        return PlainSegment(
            start, end, self._codes.get(coding.code, coding.code), coder, extra.was or coding.guid, kind,
            extra.because, extra.score, memos, text[start:end],
        )  # fmt: skip

    def _memo(self, note: Note) -> PlainMemo:
        extra = self._memo_extras.get(note.guid, ExtraMemo(note.guid, note.guid, note.at))
        return PlainMemo(note.text, extra.was, self._users.get(note.user, ""), extra.at)

    def _lose(self, what: Kept, called: str, n: int) -> None:
        if what not in self._keeps:
            self._tally.drop(called, self._why, n)

    def _count_rest(self) -> None:
        n_notes = sum(note.name != BEYOND for note in self._exchanged.notes)
        self._tally.drop("Memo about a document or a code", self._why, n_notes - self._n_memos)
        self._tally.drop("Definition of a code", self._why, len(self._exchanged.codes))
        self._tally.drop("Reading", self._why, len(self._beyond.readings))
        self._tally.drop("Decision", self._why, len(self._beyond.decisions))
        self._tally.drop("Case with its names", self._why, len(self._exchanged.cases))
        selections = [each for source in self._exchanged.sources for each in source.selections]
        self._tally.drop("Selection without a code", self._why, sum(not s.codings for s in selections))
        self._tally.drop("Title of a selection", self._why, len(self._beyond.titles))
        self._tally.drop("Set", self._why, sum(not is_ours(each) for each in self._exchanged.sets))
        self._tally.drop("Link", self._why, len(self._exchanged.links))


class _Building:
    def __init__(self, name: str, tally: Tally) -> None:
        self._name = name
        self._tally = tally
        self._documents: dict[str, PlainDocument] = {}
        self._users: dict[str, User] = {}
        self._kinds: dict[str, CoderKind] = {}
        self._codes: dict[str, FileCode] = {}
        self._variables: dict[str, Variable] = {}
        self._notes: dict[str, Note] = {}
        self._extras: dict[str, Extra] = {}
        self._memo_extras: list[ExtraMemo] = []

    def add(self, document: PlainDocument) -> None:
        """Take in a document, or what is new of one that was met before."""
        guid = guid_of("document", document.id) if document.id else guid_of("text", document.text)
        known = self._documents.get(guid)
        if known is None:
            self._documents[guid] = document
            return
        if known.text != document.text:
            raise CodingError(f"{self._name}: {document.id} comes twice, with other words. Keep one of them.")
        segments = (*known.segments, *document.segments)
        variables = {**document.variables, **known.variables}
        self._documents[guid] = replace(known, segments=segments, variables=variables)

    def exchanged(self) -> Exchanged:
        sources = tuple(self._source(guid, each) for guid, each in self._documents.items())
        machines = tuple(Coder(coder, kind) for coder, kind in self._kinds.items() if kind != "person")
        last = said(Beyond(machines, tuple(self._extras.values()), tuple(self._memo_extras)))
        kept = (Note(guid_of("note", BEYOND), BEYOND, last),) if last else ()
        return Exchanged(
            name=self._name,
            users=tuple(self._users.values()),
            codes=tuple(self._codes.values()),
            variables=tuple(self._variables.values()),
            sources=sources,
            notes=(*self._notes.values(), *kept),
            about=tuple(note.guid for note in kept),
            dropped=self._tally.told(),
        )

    def _source(self, guid: str, document: PlainDocument) -> Source:
        values = dict(document.variables)
        if document.id:
            values[DOCUMENT] = document.id
        return Source(
            guid,
            document.name or document.id.replace("/", " - "),
            document.text,
            tuple(self._selection(guid, segment) for segment in document.segments),
            values=tuple(self._value(name, value) for name, value in values.items() if value is not None),
        )

    def _selection(self, source: str, segment: PlainSegment) -> Selection:
        place = (source, segment.start, segment.end)
        unnamed = guid_of("segment", *place, segment.code, segment.coder)
        guid = kept_guid("segment", segment.id) if segment.id else unnamed
        was = "" if segment.id in ("", guid) else segment.id
        extra = Extra(guid, None, segment.because, segment.score, was)
        if extra != Extra(guid):
            self._extras[guid] = extra
        user = self._user(segment.coder, segment.kind)
        notes = tuple(self._note(guid, memo, segment.coder) for memo in segment.memos)
        coding = Coding(guid, self._code(segment.code), user, notes=notes)
        name = segment.quote
        return Selection(guid_of("selection", *place), segment.start, segment.end, name, (coding,), user)

    def _user(self, coder: str, kind: CoderKind = "person") -> str:
        if not coder:
            return ""
        guid = guid_of("coder", coder)
        self._users.setdefault(guid, User(guid, coder, coder))
        if kind != "person":
            self._kinds[coder] = kind
        return guid

    def _note(self, coding: str, memo: PlainMemo, coder: str) -> str:
        guid = kept_guid("memo", memo.id) if memo.id else guid_of("memo", coding, memo.text)
        has_time = is_time(memo.at)
        if guid not in self._notes and (memo.id not in ("", guid) or (memo.at and not has_time)):
            self._memo_extras.append(ExtraMemo(guid, memo.id or guid, memo.at))
        words = name_of(" ".join(memo.text.split()))
        user = self._user(memo.coder or coder)
        self._notes.setdefault(guid, Note(guid, words, memo.text, user, memo.at if has_time else ""))
        return guid

    def _code(self, code: str) -> str:
        """Return the GUID of a code; one of ours brings those above it."""
        guid = guid_of("code", code)
        if guid in self._codes:
            return guid
        if not _CODE.fullmatch(code):
            self._codes[guid] = FileCode(guid, code)
            return guid
        above, _, own = code.rpartition(".")
        parent = self._code(above) if above else None
        self._codes[guid] = FileCode(guid, own, f"Id: {code}", parent)
        return guid

    def _value(self, name: str, value: Told) -> VariableValue:
        guid = guid_of("variable", name)
        self._variables.setdefault(guid, Variable(guid, name, _type(value)))
        return VariableValue(guid, value)


def _type(value: Told) -> VariableType:
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer"
    return "Float" if isinstance(value, float) else "Text"
