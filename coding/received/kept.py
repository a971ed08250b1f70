"""What a file says that has no place here, as rows to keep: sets, links, cases, values, titles, colours.

Whatever it names is named by what it is here. What is not here is left out, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.formats.refi.nouns import fits, is_time, written
from coding.formats.refi.offsets import check
from coding.formats.refi.ours import BEYOND, guid_of, is_ours
from coding.formats.refi.words import flat
from coding.keeping import Said, contradicts, description_of, grown, row_of, together
from coding.model import Document, Segment
from coding.received.people import Named
from coding.received.variables import OF_CASES, OF_DOCUMENTS, donor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coding.batch import Kept
    from coding.formats.refi.nouns import Exchanged, Note, Source, Tally, Told, VariableType, VariableValue
    from coding.formats.refi.offsets import Solved
    from coding.keeping import Ref

_COLOUR = re.compile("#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_DIRECTIONS = ("Associative", "OneWay", "Bidirectional")
_TITLES = ("another name", "name elsewhere")


@dataclass(frozen=True, slots=True)
class Found:
    """What the things of a file are here, by their GUIDs in the file.

    Attributes
    ----------
    codes : ids of codes
    documents : of sources
    named : ids of what people left
    donors : the cases that are known here
    """

    codes: Mapping[str, str]
    documents: Mapping[str, Document] = field(default_factory=dict)
    named: Named = field(default_factory=Named)
    donors: frozenset[str] = frozenset()


def to_keep(
    exchanged: Exchanged, solved: Solved | None, found: Found, there: Sequence[Kept], tally: Tally
) -> tuple[Kept, ...]:
    """Return the rows that are new: what a file says besides, and is not kept already.

    Parameters
    ----------
    solved : where the selections stand; None for a file without texts
    there : what is kept
    """
    keeping = _Keeping(exchanged, found, tally)
    for source in exchanged.sources:
        if solved is not None and source.guid in found.documents:
            keeping.selections(source, solved)
    known = {row.id: row for row in there}
    rows = together(keeping.rows())
    for row in rows:
        if row.id in known and contradicts(known[row.id], row):
            tally.drop(f"{row.kind} that says something new", "what was kept first stays.")
    is_said = exchanged.description == description_of(there)  # of several files, as it is written again
    return tuple(
        row
        for row in rows
        if (row.id not in known or grown(known[row.id], row) != known[row.id])
        and not (is_said and row.kind == "project")
    )


class _Keeping:
    def __init__(self, exchanged: Exchanged, found: Found, tally: Tally) -> None:
        self._exchanged = exchanged
        self._found = found
        self._tally = tally
        self._notes = [n for n in exchanged.notes if n.name != BEYOND and n.guid not in found.named.memos]
        self._sets = [each for each in exchanged.sets if not is_ours(each)]
        self._donors = {case.guid: donor_of(exchanged, case, found.donors) for case in exchanged.cases}
        self._variables = {variable.guid: variable for variable in exchanged.variables}
        self._types = self._typed()
        self._pointed = _pointed(exchanged)
        self._refs = self._known()
        self._stretches: dict[str, tuple[str, Said]] = {}
        self._wanted: set[str] = set()  # the selections that are kept
        self._used: set[str] = set()  # the variables that are

    def selections(self, source: Source, solved: Solved) -> None:
        """Take in selections: kept are those with a title, those without a code, and those that are named."""
        document, text = self._found.documents[source.guid], solved.texts[source.guid].plain
        known, pointed = self._found.named.segments, self._pointed
        for one, span in zip(source.selections, solved.spans[source.guid], strict=True):
            if span is None or span[0] >= span[1] or span[1] > len(document.text):
                continue
            is_named = not one.name or one.name == text[span[0] : span[1]]
            if is_named and one.guid not in pointed and any(coding.guid in known for coding in one.codings):
                continue  # as nearly all are: its words, coded, and named by nothing else
            title = one.name.strip() if check(text, span, one.name) in _TITLES else ""
            ids = (self._found.named.segments.get(coding.guid) for coding in one.codings)
            segments = tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None))
            at, coder = one.at if is_time(one.at) else "", self._found.named.coders.get(one.user, "")
            place = Segment(document.id, *span, document.digest)
            said = Said(segments=segments) if segments else Said(place=place, coder=coder, at=at)
            self._stretches[one.guid] = (title, said)
            self._refs[one.guid] = ("kept", one.guid)
            if title or not segments:
                self._wanted.add(one.guid)

    def rows(self) -> list[Kept]:
        """Return all that is kept; what was told of one thing twice comes twice."""
        rows = [*self._cases(), *self._of_sources(), *self._of_codes(), *self._memos(), *self._sets_of()]
        rows += [*self._links(), *self._project()]
        stretches = ((guid, *self._stretches[guid]) for guid in sorted(self._wanted))
        rows += [row_of(guid, "selection", title, said) for guid, title, said in stretches]
        own = OF_DOCUMENTS | OF_CASES
        for guid, each in self._variables.items():
            if guid in self._used or each.name not in own:
                said = Said(text=each.description, type=self._types[guid])
                rows.append(row_of(guid, "variable", each.name.strip(), said))
        return rows

    def _known(self) -> dict[str, Ref]:
        """Return what each GUID of the file is here; selections come to it."""
        found = self._found
        refs: dict[str, Ref] = {guid: ("code", id_) for guid, id_ in found.codes.items()}
        refs |= {guid: ("document", document.id) for guid, document in found.documents.items()}
        segments, memos = found.named.segments, found.named.memos
        refs |= {guid: ("segment", segments[guid]) for guid in self._pointed if guid in segments}
        refs |= {guid: ("memo", memos[guid]) for guid in self._pointed if guid in memos}
        own = [*(note.guid for note in self._notes), *(each.guid for each in self._sets)]
        refs |= {guid: ("kept", guid) for guid in own}
        for guid, donor in self._donors.items():
            refs[guid] = ("kept", guid) if donor is None else ("case", donor)
        return refs

    def _typed(self) -> dict[str, VariableType]:
        """Return the type of each variable: as the file says, unless a value is of another."""
        types = {guid: each.type for guid, each in self._variables.items()}
        values = [each for source in self._exchanged.sources for each in source.values]
        values += [each for case in self._exchanged.cases for each in case.values]
        for each in values:
            if each.value is not None and not fits(types.get(each.variable, "Text"), each.value):
                types[each.variable] = "Text"
        return types

    def _cases(self) -> Iterable[Kept]:
        for case in self._exchanged.cases:
            donor = self._donors[case.guid]
            values = self._values(case.values, but=frozenset() if donor is None else OF_CASES)
            named = (("CodeRef", case.codes), ("SourceRef", case.sources), ("SelectionRef", case.selections))
            members = self._members("Case", named)
            if donor is None:
                said = Said(text=case.description, members=members, values=values)
                yield row_of(case.guid, "case", case.name.strip(), said)
                continue
            own = {
                ("document", document.id)
                for document in self._found.documents.values()
                if document.variables.get("donor") == donor
            }
            more = tuple(ref for ref in members if ref not in own)
            said = Said(of=("case", donor), text=case.description, members=more, values=values)
            if said != Said(of=("case", donor)):
                yield row_of(guid_of("case", donor), "case", case.name.strip(), said)

    def _of_sources(self) -> Iterable[Kept]:
        for source in self._exchanged.sources:
            document = self._found.documents.get(source.guid)
            values = self._values(source.values, but=OF_DOCUMENTS) if document else {}
            if document and values:
                said = Said(of=("document", document.id), values=values)
                yield row_of(guid_of("document", document.id), "document", document.id, said)

    def _of_codes(self) -> Iterable[Kept]:
        for code in self._exchanged.codes:
            id_ = self._found.codes.get(code.guid)
            if id_ is None:
                continue
            said = Said(of=("code", id_), colour=self._colour(code.color), is_codable=code.is_codable)
            if said != Said(of=("code", id_)):
                yield row_of(guid_of("code", id_), "code", id_, said)

    def _memos(self) -> Iterable[Kept]:
        about = frozenset(self._exchanged.about)
        n = sum(guid in self._found.named.memos for guid in about)
        self._tally.drop("NoteRef of the project", "its note is a memo about something in it.", n)
        for note in self._notes:
            coder, at = self._found.named.coders.get(note.user, ""), note.at if is_time(note.at) else ""
            said = Said(text=note.text, coder=coder, at=at, about="project" if note.guid in about else "")
            yield row_of(note.guid, "note", note.name.strip(), said)
        for note in self._exchanged.notes:
            memo = self._found.named.memos.get(note.guid)
            if memo is not None and _has_title(note):
                said = Said(of=("memo", memo))
                yield row_of(guid_of("title", memo), "note", note.name.strip(), said)

    def _sets_of(self) -> Iterable[Kept]:
        for each in self._sets:
            named = (("MemberCode", each.codes), ("MemberSource", each.sources), ("MemberNote", each.notes))
            said = Said(text=each.description, members=self._members("Set", named))
            yield row_of(each.guid, "set", each.name.strip(), said)

    def _links(self) -> Iterable[Kept]:
        for link in self._exchanged.links:
            if link.origin not in self._refs or link.target not in self._refs:
                self._tally.drop("Link", "what it begins or ends with is not here.")
                continue
            self._wanted |= {link.origin, link.target} & self._stretches.keys()
            said = Said(
                ends=(self._refs[link.origin], self._refs[link.target]),
                members=self._members("Link", [("NoteRef", link.notes)]),
                direction=link.direction if link.direction in _DIRECTIONS else "",
                colour=self._colour(link.color),
            )
            yield row_of(link.guid, "link", link.name.strip(), said)

    def _project(self) -> Iterable[Kept]:
        said = self._exchanged.description
        if said.strip():
            yield row_of(guid_of("description", said), "project", "", Said(text=said))

    def _members(self, what: str, named: Iterable[tuple[str, Iterable[str]]]) -> tuple[Ref, ...]:
        """Return what a set, a case or a link names; count what is not here."""
        found: list[Ref] = []
        for how, guids in named:
            for guid in guids:
                if guid not in self._refs:
                    self._tally.drop(f"{how} of a {what}", "what it names is not here.")
                    continue
                found.append(self._refs[guid])
                self._wanted |= {guid} & self._stretches.keys()
        return tuple(dict.fromkeys(found))

    def _values(self, values: Iterable[VariableValue], *, but: frozenset[str]) -> dict[str, Told]:
        """Return values by the GUIDs of their variables, but those of variables of these names."""
        found: dict[str, Told] = {}
        for each in values:
            variable = self._variables.get(each.variable)
            if variable is None:
                self._tally.drop("VariableValue", "its variable is not in the file.")
            elif variable.name not in but and each.value is not None:
                is_text = self._types[each.variable] == "Text"
                found[each.variable] = written(each.value) if is_text else each.value
        self._used |= {*found}
        return found

    def _colour(self, said: str) -> str:
        if said and not _COLOUR.fullmatch(said):
            self._tally.drop("color", "is none as the standard writes them (#RRGGBB).")
            return ""
        return said


def _pointed(exchanged: Exchanged) -> frozenset[str]:
    """Return the GUIDs that a set, a case or a link names."""
    found = {guid for each in exchanged.sets for guid in (*each.codes, *each.sources, *each.notes)}
    found |= {guid for case in exchanged.cases for guid in (*case.codes, *case.sources, *case.selections)}
    return frozenset(found.union(*((link.origin, link.target, *link.notes) for link in exchanged.links)))


def _has_title(note: Note) -> bool:
    """Say whether the name of a note is more than its first words."""
    name, words = flat(note.name).strip(), flat(" ".join(note.text.split())).strip()
    return not words.startswith(name.removesuffix("…").removesuffix("...").rstrip())
