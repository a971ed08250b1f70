"""What was kept of files of other programs, as parts of a file that is written.

What it names is found under the GUIDs of this file; what is not in the file is left out, and counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.formats.refi.nouns import (
    FileCase,
    Link,
    Note,
    Set,
    Variable,
    VariableValue,
    fits,
    written,
)
from coding.formats.refi.ours import guid_of, kept_guid
from coding.keeping import Said, said_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coding.batch import Keeping, Kept
    from coding.formats.refi.nouns import Tally, Told
    from coding.keeping import Ref, Thing, Unplaced
    from coding.model import CodedSegment, Corpus

_ABSENT = "is not in the file."


@dataclass(frozen=True, slots=True)
class Stretch:
    """A selection that was kept: its GUID, its title, and where it stands."""

    guid: str
    title: str
    document: str
    start: int
    end: int
    coder: str = ""
    at: str = ""


class Returning:
    """Sorts what was kept by what it is, and finds what it names."""

    def __init__(
        self,
        rows: Iterable[Kept],
        *,
        codes: Mapping[str, str],
        corpus: Corpus,
        segments: Sequence[CodedSegment],
        tally: Tally,
        unplaced: Iterable[Unplaced] = (),
    ) -> None:
        """Take in what is kept.

        Parameters
        ----------
        codes : the GUIDs of the codes that are in the file, by their ids
        segments : the coded segments that are
        unplaced : the selections that have no place in the texts of the file; each is left out by its name
        """
        self._tally = tally
        self._unplaced = {one.selection.id: one for one in unplaced}
        self._codes = codes
        self._documents = {document.id: document.digest for document in corpus}
        self._segments = {segment.id: segment for segment in segments}
        self._rows: dict[Keeping, list[tuple[Kept, Said]]] = defaultdict(list)
        for row in rows:
            self._rows[row.kind].append((row, said_of(row)))
        self._of = {row.id: (row, said) for row, said in self._all("code", "document", "case")}
        self._guids: dict[Thing, Mapping[str, str]] = {
            "code": codes,
            "document": {name: guid_of("document", name) for name in self._documents},
            "segment": {name: kept_guid("segment", name) for name in self._segments},
            "case": {name: guid_of("case", name) for name in corpus.known_cases},
            "memo": {},
        }
        self.alone: dict[str, list[Stretch]] = defaultdict(list)
        self.by_segment: dict[str, Stretch] = {}
        self._place()
        self.variables = {variable.guid: variable for variable in self._variables()}
        own = [row.id for row, said in self._all("set", "note", "variable") if said.of is None]
        own += [row.id for row, said in self._rows["case"] if self._donor(said) is None]
        own += [one.guid for one in self._stretches()]
        self._guids["kept"] = {guid: guid for guid in own}
        self._tell_absent()

    def know_memos(self, memos: Iterable[str]) -> None:
        """Take in the ids of the memos that are in the file."""
        self._guids["memo"] = {memo: kept_guid("memo", memo) for memo in memos}

    @property
    def memo_names(self) -> dict[str, str]:
        """The names that memos had as notes, where these are not their first words."""
        return {said.of[1]: row.name for row, said in self._rows["note"] if said.of}

    @property
    def coders(self) -> set[str]:
        """Who made what is written again."""
        found = {said.coder for _, said in self._rows["note"]} | {one.coder for one in self._stretches()}
        return found - {""}

    @property
    def titled(self) -> tuple[str, ...]:
        """The GUIDs of the selections whose name is a title."""
        return tuple(sorted({one.guid for one in self._stretches() if one.title}))

    @property
    def about(self) -> tuple[str, ...]:
        """The GUIDs of the notes about the whole project."""
        return tuple(row.id for row, said in self._rows["note"] if said.about == "project")

    def colour(self, code: str) -> tuple[str, bool]:
        """Return the colour of a code, and whether it is one that can be given."""
        found = self._of.get(self._codes[code])
        return ("", True) if found is None else (found[1].colour, found[1].is_codable)

    def values(self, guid: str) -> tuple[VariableValue, ...]:
        """Return the values that a document or case of this GUID has besides its own."""
        found = self._of.get(guid)
        return () if found is None else self._values(found[1])

    def with_more(self, case: FileCase) -> FileCase:
        """Return a case of ours with what else was said of it."""
        found = self._of.get(case.guid)
        if found is None:
            return case
        more = self._case(*found)
        sources = tuple(dict.fromkeys((*case.sources, *more.sources)))
        values = (*case.values, *more.values)
        return FileCase(case.guid, case.name, more.description, more.codes, values, sources, more.selections)

    def cases(self) -> tuple[FileCase, ...]:
        """Return the cases that are not ours."""
        return tuple(self._case(row, said) for row, said in self._rows["case"] if self._donor(said) is None)

    def notes(self) -> list[Note]:
        """Return the notes that are memos about nothing here, nor became one with a later file."""
        memos = {*self._guids["memo"].values()}
        return [
            Note(row.id, row.name, said.text, guid_of("coder", said.coder) if said.coder else "", said.at)
            for row, said in self._rows["note"]
            if said.of is None and row.id not in memos
        ]

    def links(self) -> tuple[Link, ...]:
        """Return the links whose both ends are in the file."""
        found = []
        for row, said in self._rows["link"]:
            ends = [self._guid(ref) for ref in said.ends]
            if len(ends) != 2 or not all(ends):
                self._tally.drop("Link", f"what it begins or ends with {_ABSENT}")
                continue
            self._tell_members("Link", said)
            notes = self._named(said, "memo", "kept")
            begin, end = (guid or "" for guid in ends)
            found.append(Link(row.id, row.name, said.direction, begin, end, said.colour, notes))
        return tuple(found)

    def sets(self) -> tuple[Set, ...]:
        """Return the sets that are not ours."""
        found = []
        for row, said in self._rows["set"]:
            members = (self._named(said, *kinds) for kinds in (("code",), ("document",), ("memo", "kept")))
            found.append(Set(row.id, row.name, said.text, *members))
            self._tell_members("Set", said)
        return tuple(found)

    def _all(self, *kinds: Keeping) -> list[tuple[Kept, Said]]:
        return [each for kind in kinds for each in self._rows[kind]]

    def _stretches(self) -> list[Stretch]:
        return [*self.by_segment.values(), *(one for some in self.alone.values() for one in some)]

    def _donor(self, said: Said) -> str | None:
        """Return the case of ours of which this is said; None if it is another, or no longer there."""
        return said.of[1] if said.of and said.of[1] in self._guids["case"] else None

    def _place(self) -> None:
        """Find where the selections stand: with their coded segments, else where they were in that text."""
        for row, said in self._rows["selection"]:
            if row.id in self._unplaced:
                lost = self._unplaced[row.id]
                self._tally.drop("Selection that was kept", f"{lost} has no place in the text of today.")
                continue
            coded = [self._segments[id_] for id_ in said.segments if id_ in self._segments]
            place = coded[0].segment if coded else said.place
            if place is None or self._documents.get(place.document) != place.digest:
                self._tally.drop("Selection that was kept", "its text has changed, or its codes are gone.")
                continue
            by = ("", "") if coded else (said.coder, said.at)
            one = Stretch(row.id, row.name, place.document, place.start, place.end, *by)
            own = [s.id for s in coded if s.segment == place and s.id not in self.by_segment]
            self.by_segment |= dict.fromkeys(own, one)
            if not own:
                self.alone[place.document].append(one)

    def _variables(self) -> Iterable[Variable]:
        """Yield the variables, each of the type that all its values have."""
        values: dict[str, list[Told]] = defaultdict(list)
        for _, said in self._all("document", "case"):
            for guid, value in said.values.items():
                values[guid].append(value)
        for row, said in self._rows["variable"]:
            is_fit = all(fits(said.type, value) for value in values[row.id])
            yield Variable(row.id, row.name, said.type if is_fit else "Text", said.text)

    def _values(self, said: Said) -> tuple[VariableValue, ...]:
        known = {guid: value for guid, value in said.values.items() if guid in self.variables}
        n_other = len(said.values) - len(known)
        self._tally.drop("Value that was kept", f"its variable {_ABSENT}", n_other)
        return tuple(
            VariableValue(guid, written(value) if self.variables[guid].type == "Text" else value)
            for guid, value in known.items()
        )

    def _case(self, row: Kept, said: Said) -> FileCase:
        self._tell_members("Case", said)
        codes, sources = self._named(said, "code"), self._named(said, "document")
        selections = self._named(said, "kept")
        return FileCase(row.id, row.name, said.text, codes, self._values(said), sources, selections)

    def _guid(self, ref: Ref) -> str | None:
        return self._guids[ref[0]].get(ref[1])

    def _named(self, said: Said, *kinds: Thing) -> tuple[str, ...]:
        found = (self._guid(ref) for ref in said.members if ref[0] in kinds)
        return tuple(dict.fromkeys(guid for guid in found if guid is not None))

    def _tell_members(self, what: str, said: Said) -> None:
        n = sum(self._guid(ref) is None for ref in said.members)
        self._tally.drop(f"Member of a {what} that was kept", f"it {_ABSENT}", n)

    def _tell_absent(self) -> None:
        """Count what is said of things that are not in the file."""
        for kind in ("code", "document"):
            absent = [said for _, said in self._all(kind) if said.of is None or self._guid(said.of) is None]
            self._tally.drop(f"What was kept of a {kind}", f"the {kind} {_ABSENT}", len(absent))
