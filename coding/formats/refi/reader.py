"""REFI-QDA read: `.qdpx`, `.qde` and `.qdc` become an `Exchanged`, with a count of all that is dropped.

The XML is read as a stream: what lies between two sources is forgotten once it is taken in, so a file of
many codings needs little more memory than its types. Whatever real programs write is tolerated where its
meaning is plain; docs/reference/refi-qda.md lists it.
"""

from __future__ import annotations

import uuid
from typing import IO, TYPE_CHECKING

from coding.errors import CodingError
from coding.formats.refi.archive import Archive
from coding.formats.refi.elements import known_guid, local, target, targets, value, without_namespace
from coding.formats.refi.nouns import (
    Coding,
    Exchanged,
    FileCase,
    FileCode,
    Link,
    Note,
    Selection,
    Set,
    Source,
    Tally,
    User,
    Variable,
    VariableType,
    VariableValue,
    is_guid,
    plain_guid,
)

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element

_NAMESPACE = uuid.UUID("5b5c8b0e-36a2-5e61-9c1c-4a8d5b3f0d27")
_TYPES: dict[str, VariableType] = {
    "text": "Text", "boolean": "Boolean", "integer": "Integer", "float": "Float", "date": "Date",
    "datetime": "DateTime",
}  # fmt: skip
_MEDIA = {
    "PictureSource": "pictures are not read.",
    "AudioSource": "sound is not read.",
    "VideoSource": "films are not read.",
}
_NOT_THERE = "its text is not in the file: nothing of it can be placed."
_STRANGE = "the standard knows no such thing there."


def read(path: Path) -> Exchanged:
    """Return what a `.qdpx`, `.qde` or `.qdc` file says.

    Raises
    ------
    CodingError
        If it is no such file, damaged, nested too deeply, too large, or made to do harm. Nothing of it is
        taken then.
    """
    from lxml import etree

    with Archive(path) as archive, archive.xml() as stream:
        reader = _Reader(archive)
        try:
            reader.take(stream)
        except etree.XMLSyntaxError as error:
            raise CodingError(f"{path.name}: {_said(error)}") from error
    return reader.exchanged()


class _Reader:
    """Turns the elements of a file into types, one top element at a time."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._tally = Tally()
        self._base = ""
        self._head: dict[str, str] = {}
        self._seen: set[str] = set()
        self._about: tuple[str, ...] = ()
        self._description = ""
        self._users: list[User] = []
        self._codes: list[FileCode] = []
        self._variables: list[Variable] = []
        self._types: dict[str, VariableType] = {}
        self._cases: list[FileCase] = []
        self._sources: list[Source] = []
        self._notes: list[Note] = []
        self._links: list[Link] = []
        self._sets: list[Set] = []

    def take(self, stream: IO[bytes]) -> None:
        """Take in all elements of a stream."""
        from lxml import etree

        takers = {
            "User": self._user, "Codes": self._codebook, "Variable": self._variable, "Case": self._case,
            "TextSource": self._text_source, "PDFSource": self._pdf_source, "PictureSource": self._media,
            "AudioSource": self._media, "VideoSource": self._media, "Note": self._note, "Link": self._link,
            "Set": self._set, "Graph": self._graph,
        }  # fmt: skip
        found = etree.iterparse(
            stream,
            events=("start", "end"),
            tag=[f"{{*}}{name}" for name in ("Project", "CodeBook", *takers)],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
        )
        root: _Element | None = None
        for event, element in found:
            name = local(element)
            if root is None:
                root = element
                self._begin(element, name)
            elif event == "end" and name in takers:
                takers[name](element)
                element.clear()
            elif event == "end" and element is root:
                self._end(element)
        if root is None:
            raise CodingError(f"{self._archive.name}: is no REFI-QDA file: no <Project> or <CodeBook> in it.")

    def exchanged(self) -> Exchanged:
        """Return all that was taken in."""
        return Exchanged(
            name=self._head.get("name", ""),
            origin=self._head.get("origin", ""),
            description=self._description,
            user=plain_guid(self._head.get("creatingUserGUID", "")),
            at=self._head.get("creationDateTime", ""),
            users=tuple(self._users),
            codes=tuple(self._codes),
            variables=tuple(self._variables),
            cases=tuple(self._cases),
            sources=tuple(self._sources),
            notes=tuple(self._notes),
            links=tuple(self._links),
            sets=tuple(self._sets),
            about=self._about,
            dropped=self._tally.told(),
        )

    def _begin(self, root: _Element, name: str) -> None:
        if name not in ("Project", "CodeBook") or root.getparent() is not None:
            raise CodingError(
                f"{self._archive.name}: its outermost element is <{local(root.getroottree().getroot())}>, "
                "not <Project> or <CodeBook>. Export a REFI-QDA file."
            )
        if root.getroottree().docinfo.internalDTD is not None:
            raise CodingError(f"{self._archive.name}: has a document type, which no REFI-QDA file needs.")
        self._head = {str(key): str(value) for key, value in root.attrib.items()}
        self._base = self._head.get("basePath", "")

    def _end(self, root: _Element) -> None:
        known = {"Users", "CodeBook", "Codes", "Variables", "Cases", "Sources", "Notes", "Links", "Sets"}
        for child in root:
            name = local(child)
            if name == "Description":
                self._description = child.text or ""
            elif name == "NoteRef":
                self._about += (target(child),)
            elif name not in (*known, "Graphs"):
                self._tally.drop(name, _STRANGE)

    def _user(self, element: _Element) -> None:
        self._users.append(User(self._guid(element), element.get("name", ""), element.get("id", "")))

    def _codebook(self, element: _Element) -> None:
        todo: list[tuple[_Element, str | None]] = [(child, None) for child in reversed(element)]
        while todo:
            child, parent = todo.pop()
            if local(child) != "Code":
                self._tally.drop(local(child), _STRANGE)
                continue
            code = self._code(child, parent)
            if code.guid in self._seen:
                self._tally.drop("Code", "another code has its GUID.")
                continue
            self._seen.add(code.guid)
            self._codes.append(code)
            todo += [(below, code.guid) for below in reversed(child) if local(below) == "Code"]

    def _code(self, element: _Element, parent: str | None) -> FileCode:
        description, notes = self._words(element, {"Code"})
        is_codable = element.get("isCodable", "true").strip().lower() not in ("false", "0")
        color = element.get("color", "")
        name = element.get("name", "")
        return FileCode(self._guid(element), name, description, parent, color, is_codable, notes)

    def _variable(self, element: _Element) -> None:
        type_ = _TYPES.get(element.get("typeOfVariable", "").strip().lower(), "Text")
        description, _ = self._words(element, set())
        variable = Variable(self._guid(element), element.get("name", ""), type_, description)
        self._types[variable.guid] = type_
        self._variables.append(variable)

    def _case(self, element: _Element) -> None:
        parts = {"CodeRef", "VariableValue", "SourceRef", "SelectionRef"}
        description, _ = self._words(element, parts)
        case = FileCase(
            self._guid(element),
            element.get("name", ""),
            description,
            targets(element, "CodeRef"),
            self._values(element),
            targets(element, "SourceRef"),
            targets(element, "SelectionRef"),
        )
        self._cases.append(case)

    def _text_source(self, element: _Element) -> None:
        self._source(element, element, self._text(element), element.get("name", ""))

    def _pdf_source(self, element: _Element) -> None:
        n_regions = sum(local(child) == "PDFSelection" for child in element)
        self._tally.drop("PDFSelection", "a region of a page; selections of its text are read.", n_regions)
        shown = next((child for child in element if local(child) == "Representation"), None)
        if shown is None:
            self._tally.drop("PDFSource", "has no text beside its pages.")
            return
        self._tally.drop("PDF pages", "their text is taken, not their look.")
        self._source(element, shown, self._text(shown), element.get("name", "") or shown.get("name", ""))

    def _source(self, outer: _Element, element: _Element, text: str | None, name: str) -> None:
        parts = {
            "PlainTextContent", "PlainTextSelection", "Coding", "VariableValue", "PDFSelection",
            "Representation",
        }  # fmt: skip
        description, notes = self._words(outer, parts)
        guid = self._guid(outer)
        found = (self._selection(child, guid) for child in element if local(child) == "PlainTextSelection")
        selections = tuple(selection for selection in found if selection is not None)
        whole = [child for child in outer if local(child) == "Coding"]
        whole += [] if outer is element else [child for child in element if local(child) == "Coding"]
        codings = tuple(made for child in whole if (made := self._coding(child, guid)) is not None)
        if text is None:
            n_codings = sum(len(each.codings) for each in selections) + len(codings)
            self._tally.drop("TextSource", _NOT_THERE)
            self._tally.drop("Coding", "its text is not in the file.", n_codings)
        if element.get("richTextPath"):
            self._tally.drop("rich text", "the plain text is taken, not its look.")
        values, user = self._values(outer), plain_guid(outer.get("creatingUser", ""))
        at = outer.get("creationDateTime", "")
        self._sources.append(
            Source(guid, name, text, selections, codings, values, description, notes, user, at)
        )

    def _text(self, element: _Element) -> str | None:
        """Return the text of a source: inside the element, else in the archive; None if it is in neither."""
        inside = next((child.text for child in element if local(child) == "PlainTextContent"), None)
        if inside:
            return str(inside)
        path = element.get("plainTextPath", "")
        found = self._archive.text(path, self._base) if path else None
        return found if found is not None or inside is None else ""

    def _selection(self, element: _Element, source: str) -> Selection | None:
        get = element.get
        try:
            start, end = int(get("startPosition", "")), int(get("endPosition", ""))
        except ValueError:
            start, end = -1, -1
        if start < 0 or end < 0:
            self._tally.drop("PlainTextSelection", "its positions are no numbers from 0 on.")
            return None
        description = ""
        notes: tuple[str, ...] = ()
        codings: list[Coding] = []
        for child in element:
            name = without_namespace(child.tag)
            if name == "Coding":
                coding = self._coding(child, source, f"{start}-{end}")
                if coding is not None:
                    codings.append(coding)
            elif name == "Description":
                description = child.text or ""
            elif name == "NoteRef":
                notes += (target(child),)
            else:
                self._tally.drop(name, _STRANGE)
        user, at = known_guid(get("creatingUser", "")), get("creationDateTime", "")
        guid, called = self._guid(element, f"{source}{start}-{end}"), get("name", "")
        return Selection(guid, start, end, called, tuple(codings), user, at, description, notes)

    def _coding(self, element: _Element, source: str, place: str = "") -> Coding | None:
        code = ""
        notes: tuple[str, ...] = ()
        for child in element:
            name = without_namespace(child.tag)
            if name == "CodeRef":
                code = target(child)
            elif name == "NoteRef":
                notes += (target(child),)
        if not code:
            self._tally.drop("Coding", "names no code.")
            return None
        guid = self._guid(element, f"{source}{place}{code}")
        user, at = known_guid(element.get("creatingUser", "")), element.get("creationDateTime", "")
        return Coding(guid, code, user, at, notes)

    def _media(self, element: _Element) -> None:
        name = local(element)
        self._tally.drop(name, _MEDIA[name])
        n_codings = sum(1 for _ in element.iter("{*}Coding"))
        self._tally.drop("Coding", f"stands in a {name}: {_MEDIA[name]}", n_codings)

    def _note(self, element: _Element) -> None:
        text = self._text(element)
        description, notes = self._words(element, {"PlainTextSelection", "Coding", "VariableValue"})
        text = "\n\n".join(part for part in (description, (text or "").removeprefix("\ufeff")) if part)
        for name in ("Coding", "PlainTextSelection", "VariableValue"):
            n = sum(1 for _ in element.iter(f"{{*}}{name}"))
            self._tally.drop(name, "stands in a Note, which has only a text here.", n)
        self._tally.drop("NoteRef", "stands in a Note, which has only a text here.", len(notes))
        if not text:
            self._tally.drop("Note", "its text is not in the file.")
            return
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        user, at = plain_guid(element.get("creatingUser", "")), element.get("creationDateTime", "")
        self._notes.append(Note(self._guid(element), element.get("name", ""), text, user, at))

    def _link(self, element: _Element) -> None:
        self._links.append(
            Link(
                self._guid(element),
                element.get("name", ""),
                element.get("direction", ""),
                plain_guid(element.get("originGUID", "")),
                plain_guid(element.get("targetGUID", "")),
                element.get("color", ""),
                targets(element, "NoteRef"),
            )
        )

    def _set(self, element: _Element) -> None:
        description, _ = self._words(element, {"MemberCode", "MemberSource", "MemberNote"})
        members = (targets(element, f"Member{kind}") for kind in ("Code", "Source", "Note"))
        self._sets.append(Set(self._guid(element), element.get("name", ""), description, *members))

    def _graph(self, element: _Element) -> None:
        del element
        self._tally.drop("Graph", "drawings are not read.")

    def _values(self, element: _Element) -> tuple[VariableValue, ...]:
        found = []
        for child in element:
            if local(child) == "VariableValue":
                refs = targets(child, "VariableRef")
                given = [part for part in child if local(part) != "VariableRef"]
                if refs:
                    found.append(VariableValue(refs[0], value(given[0]) if given else None))
        return tuple(found)

    def _words(self, element: _Element, parts: set[str]) -> tuple[str, tuple[str, ...]]:
        """Return the description of an element and the notes it names; what is no part of it is counted."""
        description, notes = "", []
        for child in element:
            name = local(child)
            if name == "Description":
                description = child.text or ""
            elif name == "NoteRef":
                notes.append(target(child))
            elif name not in parts and name != "PlainTextContent":
                self._tally.drop(name, _STRANGE)
        return description, tuple(notes)

    def _guid(self, element: _Element, said: str = "") -> str:
        """Return the GUID of an element; one made of what it says where it has none, or another's."""
        guid = element.get("guid", "")
        is_sound = is_guid(guid)
        if not is_sound:
            guid = plain_guid(guid)
            is_sound = is_guid(guid)
        if is_sound and not (said and guid in self._seen):
            if said:
                self._seen.add(guid)
            return guid
        made = said or f"{local(element)}|{element.get('name', '')}|{len(self._seen)}"
        guid = str(uuid.uuid5(_NAMESPACE, f"{guid}|{made}"))
        while guid in self._seen:
            guid = str(uuid.uuid5(_NAMESPACE, guid))
        self._seen.add(guid)
        return guid


def _said(error: SyntaxError) -> str:
    said = str(error)
    if "xcessive depth" in said or "ML_PARSE_HUGE" in said:
        return "its elements are nested too deeply, or a text in it is too long. Export it once more."
    return f"is no well-formed XML: {said}. Export it once more."
