"""A project as a REFI-QDA file says it: texts, codes, coded segments, memos, variables, cases.

What the standard has no place for goes into a note that this program reads again, or is left out; either is
told, with how many there are.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.cells import cell_name
from coding.citations import references
from coding.formats.refi.beyond import Beyond, Extra, ExtraMemo, Title, said
from coding.formats.refi.description import described
from coding.formats.refi.nouns import (
    Coding,
    Dropped,
    Exchanged,
    FileCase,
    FileCode,
    Note,
    Selection,
    Source,
    Tally,
    User,
    Variable,
    VariableType,
    VariableValue,
    is_time,
)
from coding.formats.refi.ours import BEYOND, CASE, DOCUMENT, ORIGIN, guid_of, kept_guid, listed, sets_of
from coding.formats.refi.writer import name_of
from coding.keeping import description_of, kept_in, unplaced
from coding.model import Coder, Corpus
from coding.returning import Returning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from coding.batch import Decision, Kept, Memo
    from coding.codebook import Codebook
    from coding.keeping import Unplaced
    from coding.model import Case, Coded, CodedSegment, Document, Value
    from coding.project import Project
    from coding.returning import Stretch

_KEPT = "kept in a note that other programs show and do not understand."


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file will say, and what it cannot: left out, or kept where only this program understands it."""

    exchanged: Exchanged
    told: tuple[Dropped, ...]


def exported_codebook(codebook: Codebook, kept: Iterable[Kept] = ()) -> Exported:
    """Return a codebook as the codes and sets of a file.

    Parameters
    ----------
    kept : what was kept of other files: colours and sets of these codes go with it
    """
    tally, guids = Tally(), _guids([codebook])
    more = Returning(kept, codes=guids, corpus=Corpus(()), segments=(), tally=Tally())
    exchanged = Exchanged(
        name=codebook.id,
        origin=origin(),
        codes=tuple(_codes([codebook], {}, tally, more)),
        sets=(*sets_of(codebook, guids), *(each for each in more.sets() if each.codes)),
    )
    return Exported(exchanged, tally.told())


def exported(project: Project, codebooks: Sequence[Codebook], *, suggestions: bool = False) -> Exported:
    """Return a project as a file says it: all its texts, these codebooks, what people coded.

    Parameters
    ----------
    suggestions : whether what rules and models coded goes with it

    Raises
    ------
    CodingError
        If the corpus is in disorder, or the store cannot be opened.
    """
    name = project.root.resolve().name
    coders, n_references = _coders(project), len(references(project.root))
    kept = kept_in(project)
    writing = _Writing(
        project.corpus,
        codebooks,
        project.coded,
        coders,
        kept,
        unplaced(project, kept),
        suggestions=suggestions,
    )
    return writing.exported(name, project.memos, project.decisions, n_references)


def origin() -> str:
    """Return what a file says of the program that wrote it."""
    from importlib.metadata import version

    return f"{ORIGIN} {version('normatrix')}"


def _coders(project: Project) -> tuple[Coder, ...]:
    if not project.store_path.is_file():
        return ()
    with project.store() as store:
        return store.coders()


class _Writing:
    """What of a project goes into a file, and the GUIDs under which it stands there."""

    def __init__(
        self,
        corpus: Corpus,
        codebooks: Sequence[Codebook],
        coded: Coded,
        coders: Iterable[Coder],
        kept: Sequence[Kept],
        lost: Sequence[Unplaced],
        *,
        suggestions: bool,
    ) -> None:
        self._corpus = corpus
        self._digests = {document.id: document.digest for document in corpus}
        self._codebooks = codebooks
        self._coded = coded
        self._tally = Tally()
        self._guids = _guids(codebooks)
        self._meanings = {code.id: code.meaning for codebook in codebooks for code in codebook.codes}
        kinds = {reading.coder: reading.kind for reading in coded.readings}
        kinds |= {coder.id: coder.kind for coder in coders}
        self._kinds = kinds
        self._machines = {coder for coder, kind in kinds.items() if kind != "person"}
        self._suggestions = suggestions
        self._segments = self._once(segment for segment in coded.segments if self._is_sayable(segment))
        self._users: set[str] = {segment.coder for segment in self._segments}
        self._variables: dict[str, Variable] = {}
        self._description = description_of(kept)
        self._more = Returning(
            kept,
            codes=self._guids,
            corpus=corpus,
            segments=self._segments,
            tally=self._tally,
            unplaced=lost,
        )

    def exported(
        self, name: str, memos: Iterable[Memo], decisions: Iterable[Decision], n_references: int
    ) -> Exported:
        """Return the whole file."""
        more = self._more
        self._tally.drop(
            "Reference", "corpus/references.bib does not go along: send it besides.", n_references
        )
        about, notes, extra_memos = self._notes(memos)
        self._users |= more.coders
        by_document: dict[str, list[CodedSegment]] = defaultdict(list)
        for segment in self._segments:
            by_document[segment.segment.document].append(segment)
        self._type_variables()
        beyond = self._beyond(decisions, extra_memos)
        last = said(beyond)
        kept = [Note(guid_of("note", BEYOND), BEYOND, last)] if last else []
        cases = tuple(more.with_more(self._case(case)) for case in self._corpus.known_cases.values())
        sources = tuple(self._source(d, by_document[d.id], about) for d in self._corpus)
        exchanged = Exchanged(
            name=name,
            origin=origin(),
            description=self._description,
            users=tuple(User(guid_of("coder", coder), coder, coder) for coder in sorted(self._users)),
            codes=tuple(_codes(self._codebooks, about, self._tally, more)),
            variables=(*self._variables.values(), *more.variables.values()),
            cases=(*cases, *more.cases()),
            sources=sources,
            notes=(*notes, *more.notes(), *kept),
            links=more.links(),
            sets=(*(s for book in self._codebooks for s in sets_of(book, self._guids)), *more.sets()),
            about=(*(note.guid for note in kept), *more.about),
        )
        return Exported(exchanged, self._tally.told())

    def _is_sayable(self, segment: CodedSegment) -> bool:
        """Say whether a coded segment goes into the file; if not, count it."""
        if segment.coder in self._machines and not self._suggestions:
            self._tally.drop("Coded segment of rules or a model", "left out; --suggestions takes them along.")
            return False
        place = segment.segment
        if segment.code not in self._guids:
            self._tally.drop("Coded segment", "its code is in none of the codebooks that were exported.")
        elif place.document not in self._digests:
            self._tally.drop("Coded segment", "its document is not in corpus/.")
        elif self._digests[place.document] != place.digest:
            self._tally.drop("Coded segment", "its text has changed since.")
        else:
            return True
        return False

    def _once(self, segments: Iterable[CodedSegment]) -> list[CodedSegment]:
        """Return the coded segments whose GUID no earlier one has; count the others."""
        found: dict[str, CodedSegment] = {}
        for segment in segments:
            if found.setdefault(kept_guid("segment", segment.id), segment) is not segment:
                self._tally.drop("Coded segment", "another has the same id, elsewhere or with another code.")
        return list(found.values())

    def _notes(
        self, memos: Iterable[Memo]
    ) -> tuple[Mapping[tuple[str, str], tuple[str, ...]], list[Note], list[ExtraMemo]]:
        """Return which notes each thing has, by what it is and its id, and the notes themselves."""
        known = {"segment": {s.id for s in self._segments}, "code": set(self._guids)}
        known["document"], known["cell"] = {document.id for document in self._corpus}, known["code"]
        written: list[str] = []
        names = self._more.memo_names
        about: dict[tuple[str, str], tuple[str, ...]] = {}
        notes, extras = [], []
        for memo in sorted({memo.id: memo for memo in memos}.values(), key=lambda memo: (memo.at, memo.id)):
            of_cell = memo.about == "cell"
            if (cell_name(memo.subject).code if of_cell else memo.subject) not in known[memo.about]:
                self._tally.drop("Memo", f"the {memo.about} that it is about is not in the file.")
                continue
            guid, has_time = kept_guid("memo", memo.id), is_time(memo.at)
            if of_cell:
                self._tally.drop("Memo about a cell", _KEPT)
                extras.append(ExtraMemo(guid, memo.id, memo.at, "cell", memo.subject))
            elif guid != memo.id or not has_time:
                extras.append(ExtraMemo(guid, memo.id, memo.at))
            written.append(memo.id)
            self._users.add(memo.coder)
            words = " ".join(memo.text.split())
            at = memo.at if has_time else ""
            notes.append(
                Note(guid, names.get(memo.id) or name_of(words), memo.text, guid_of("coder", memo.coder), at)
            )
            about[memo.about, memo.subject] = (*about.get((memo.about, memo.subject), ()), guid)
        self._more.know_memos(written)
        return about, sorted(notes, key=lambda note: note.guid), extras

    def _source(
        self,
        document: Document,
        segments: Sequence[CodedSegment],
        about: Mapping[tuple[str, str], tuple[str, ...]],
    ) -> Source:
        grouped: dict[tuple[int, int, str], list[CodedSegment]] = defaultdict(list)
        stretches = {one.guid: one for one in self._more.alone.get(document.id, ())}
        for one in stretches.values():
            grouped[one.start, one.end, one.guid] = []
        for segment in segments:
            start, end = segment.segment.start, segment.segment.end
            own = self._more.by_segment.get(segment.id)
            stretches |= {own.guid: own} if own else {}
            guid = own.guid if own else guid_of("selection", document.id, document.digest, start, end)
            grouped[start, end, guid].append(segment)
        selections = tuple(
            self._selection(document, place, stretches.get(place[2]), grouped[place], about)
            for place in sorted(grouped)
        )
        values = [*document.variables.items(), (DOCUMENT, document.id)]
        return Source(
            guid_of("document", document.id),
            document.id.replace("/", " - "),
            document.text,
            selections,
            values=(
                *(self._value(name, value) for name, value in values if value not in (None, ())),
                *self._more.values(guid_of("document", document.id)),
            ),
            notes=about.get(("document", document.id), ()),
        )

    def _selection(
        self,
        document: Document,
        place: tuple[int, int, str],
        own: Stretch | None,
        segments: Sequence[CodedSegment],
        about: Mapping[tuple[str, str], tuple[str, ...]],
    ) -> Selection:
        start, end, guid = place
        codings = tuple(
            Coding(
                kept_guid("segment", segment.id),
                self._guids[segment.code],
                guid_of("coder", segment.coder),
                notes=about.get(("segment", segment.id), ()),
            )
            for segment in sorted(segments, key=lambda s: (s.code, s.coder, s.id))
        )
        words = name_of(document.text[start:end])
        if own is None:
            return Selection(guid, start, end, words, codings, codings[0].user)
        maker = guid_of("coder", own.coder) if own.coder else ""
        user = codings[0].user if codings else maker
        return Selection(own.guid, start, end, own.title or words, codings, user, own.at)

    def _case(self, case: Case) -> FileCase:
        values: list[tuple[str, Value]] = [(name, getattr(case, key)) for name, key in CASE.items()]
        of_case = [d.id for d in self._corpus if d.variables.get("donor") == case.id]
        return FileCase(
            guid_of("case", case.id),
            case.name,
            values=tuple(self._value(name, value) for name, value in values if value not in ("", ())),
            sources=tuple(guid_of("document", document) for document in of_case),
        )

    def _type_variables(self) -> None:
        """Say of each variable what type all its values have: Text, where they differ."""
        values: dict[str, set[VariableType]] = defaultdict(set)
        for document in self._corpus:
            for name, value in document.variables.items():
                if value not in (None, ()):
                    values[name].add(_type(value))
        names = [*values, *([DOCUMENT] if len(self._corpus) else [])]
        names += [name for name in CASE if self._corpus.known_cases]
        for name in dict.fromkeys(names):
            types = values.get(name, {"Text"})
            kind: VariableType = next(iter(types)) if len(types) == 1 else "Text"
            self._variables[name] = Variable(guid_of("variable", name), name, kind)

    def _value(self, name: str, value: Value) -> VariableValue:
        variable = self._variables[name]
        told = listed(value) if isinstance(value, tuple) else value
        return VariableValue(variable.guid, str(told) if variable.type == "Text" else told)

    def _beyond(self, decisions: Iterable[Decision], memos: Sequence[ExtraMemo]) -> Beyond:
        extras = tuple(extra for segment in self._segments if (extra := self._extra(segment)) is not None)
        readings = [
            reading
            for reading in self._coded.readings
            if self._digests.get(reading.segment.document) == reading.segment.digest
            and (self._suggestions or reading.coder not in self._machines)
        ]
        self._tally.drop("Reading", _KEPT, len(readings))
        known = {segment.id for segment in self._segments}
        ruled = [d for d in decisions if d.about in known and (d.instead is None or d.instead in known)]
        self._tally.drop("Decision", _KEPT, len(ruled))
        self._users |= {reading.coder for reading in readings} | {decision.coder for decision in ruled}
        machines = sorted(self._users & self._machines)
        coders = tuple(Coder(coder, self._kinds[coder]) for coder in machines)
        memos = sorted(memos, key=lambda memo: memo.note)
        readings.sort(key=lambda r: (r.segment.document, r.segment.start, r.coder, r.id))
        ruled.sort(key=lambda decision: (decision.at, decision.id))
        titles = tuple(map(Title, self._more.titled))
        return Beyond(coders, extras, tuple(memos), tuple(readings), tuple(ruled), titles)

    def _extra(self, segment: CodedSegment) -> Extra | None:
        guid = kept_guid("segment", segment.id)
        meaning = None if segment.meaning == self._meanings[segment.code] else segment.meaning
        was = "" if guid == segment.id else segment.id
        extra = Extra(guid, meaning, segment.because, segment.score, was)
        return None if extra == replace(extra, meaning=None, because="", score=None, was="") else extra


def _guids(codebooks: Iterable[Codebook]) -> dict[str, str]:
    return {code.id: guid_of("code", code.id) for codebook in codebooks for code in codebook.codes}


def _codes(
    codebooks: Iterable[Codebook],
    about: Mapping[tuple[str, str], tuple[str, ...]],
    tally: Tally,
    more: Returning,
) -> Iterator[FileCode]:
    """Yield the codes; of two codebooks with the same code the first one's."""
    seen: set[str] = set()
    for codebook in codebooks:
        for code in codebook.codes:
            if code.id in seen:
                tally.drop("Code", f"of {codebook.id}: another codebook has one of the same id.")
                continue
            seen.add(code.id)
            tally.drop("Rule", "REFI-QDA has no rules.", len(code.rules))
            parent = None if code.parent is None else guid_of("code", code.parent)
            yield FileCode(
                guid_of("code", code.id),
                code.name,
                described(code),
                parent,
                *more.colour(code.id),
                notes=about.get(("code", code.id), ()),
            )


def _type(value: Value) -> VariableType:
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer"
    return "Float" if isinstance(value, float) else "Text"
