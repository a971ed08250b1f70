"""REFI-QDA written: an `Exchanged` becomes a `.qdpx` or `.qdc` that fits the standard's schema.

Elements come in the order that the schema demands, no container is empty, texts have LF and no byte order
mark, and the same content gives the same bytes. Texts and notes go into `sources/`: what XML cannot hold,
such as the form feed of a page break, can stand there.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from coding.errors import CodingError
from coding.files import replacing
from coding.formats.refi.nouns import CODEBOOK, PROJECT, written

if TYPE_CHECKING:
    from pathlib import Path

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
        User,
        Variable,
        VariableType,
        VariableValue,
    )

XML_NAME = "project.qde"
LONGEST_NAME = 100

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_QUOTED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": " ", "\t": " ", "\r": " "}
)
_ASKS_FOR_CARE = re.compile('[&<>"\x00-\x1f\ufffe\uffff\ud800-\udfff]')
_MIDNIGHT = (1980, 1, 1, 0, 0, 0)  # of every member: the same content is the same file
_UNIX = 3

Lines = Iterator[str]
_T = TypeVar("_T")


def write(path: Path, exchanged: Exchanged) -> None:
    """Write a `.qdpx`, or the codes and sets alone as a `.qdc`, by the suffix.

    Raises
    ------
    CodingError
        If the file cannot be written, a `.qdc` would have no code, or a text cannot be UTF-8.
    """
    with replacing([path]) as (beside,):
        if path.suffix.lower() == ".qdc":
            beside.write_bytes(codebook_xml(exchanged))
            return
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in _members(exchanged):
                member = zipfile.ZipInfo(name, _MIDNIGHT)
                member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, _UNIX
                member.external_attr = 0o644 << 16
                archive.writestr(member, content)


def name_of(words: str) -> str:
    """Return words as the name of their selection: all of them, or the first with a sign of the cut.

    Examples
    --------
    >>> name_of("It trains."), len(name_of("word " * 50)), name_of("word " * 50)[-6:]
    ('It trains.', 100, ' word…')
    """
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"


def project_xml(exchanged: Exchanged) -> bytes:
    """Return the XML of a project."""
    head = _attributes(
        name=exchanged.name or " ", origin=exchanged.origin, creatingUserGUID=exchanged.user,
        creationDateTime=exchanged.at,
    )  # fmt: skip
    parts = [f'{_HEAD}<Project xmlns="{PROJECT}"{head}>\n']
    types = {variable.guid: variable.type for variable in exchanged.variables}
    parts += _contained("Users", exchanged.users, _user)
    if exchanged.codes:
        parts += ["<CodeBook>\n", *_codes(exchanged.codes, notes=True), "</CodeBook>\n"]
    parts += _contained("Variables", exchanged.variables, _variable)
    parts += _contained("Cases", exchanged.cases, lambda case: _case(case, types))
    parts += _contained("Sources", exchanged.sources, lambda source: _source(source, types))
    parts += _contained("Notes", exchanged.notes, _note)
    parts += _contained("Links", exchanged.links, _link)
    parts += _contained("Sets", exchanged.sets, lambda each: _set(each, "targetGUID"))
    parts += [*_described(exchanged.description), *_references("NoteRef", exchanged.about), "</Project>\n"]
    return "".join(parts).encode()


def codebook_xml(exchanged: Exchanged) -> bytes:
    """Return the XML of the codes alone, and of the sets of codes.

    Raises
    ------
    CodingError
        If there is no code.
    """
    if not exchanged.codes:
        raise CodingError("a .qdc holds at least one code, and there is none. Export a .qdpx.")
    sets = [each for each in exchanged.sets if each.codes]
    parts = [f'{_HEAD}<CodeBook xmlns="{CODEBOOK}"{_attributes(origin=exchanged.origin)}>\n']
    parts += _codes(exchanged.codes, notes=False)
    parts += _contained("Sets", sets, lambda each: _set(each, "guid"))
    return "".join([*parts, "</CodeBook>\n"]).encode()


def _members(exchanged: Exchanged) -> Iterator[tuple[str, bytes]]:
    yield XML_NAME, project_xml(exchanged)
    texts = {source.guid: source.text for source in exchanged.sources if source.text is not None}
    texts |= {note.guid: note.text for note in exchanged.notes}
    for guid in sorted(texts):
        try:
            content = texts[guid].encode()
        except UnicodeEncodeError as error:
            raise CodingError(f"sources/{guid}.txt: a character at {error.start} is no text.") from error
        yield f"sources/{guid}.txt", content


def _contained(name: str, members: Sequence[_T], as_lines: Callable[[_T], Lines]) -> Lines:
    """Yield a container with its members; nothing if there are none, since the schema forbids it empty."""
    if members:
        yield f"<{name}>\n"
        for member in members:
            yield from as_lines(member)
        yield f"</{name}>\n"


def _user(user: User) -> Lines:
    yield f"<User{_attributes(guid=user.guid, name=user.name, id=user.id)}/>\n"


def _codes(codes: Sequence[FileCode], *, notes: bool) -> Lines:
    below: dict[str | None, list[FileCode]] = {}
    for each in codes:
        below.setdefault(each.parent, []).append(each)
    yield "<Codes>\n"
    todo: list[FileCode | None] = [*reversed(below.get(None, []))]
    while todo:
        code = todo.pop()
        if code is None:  # all below it is written
            yield "</Code>\n"
            continue
        codable = "true" if code.is_codable else "false"
        head = _attributes(guid=code.guid, name=code.name or " ", isCodable=codable, color=code.color)
        yield f"<Code{head}>\n"
        yield from _described(code.description)
        if notes:
            yield from _references("NoteRef", code.notes)
        todo.append(None)
        todo += reversed(below.get(code.guid, []))
    yield "</Codes>\n"


def _variable(variable: Variable) -> Lines:
    head = _attributes(guid=variable.guid, name=variable.name or " ", typeOfVariable=variable.type)
    yield f"<Variable{head}>\n"
    yield from _described(variable.description)
    yield "</Variable>\n"


def _case(case: FileCase, types: dict[str, VariableType]) -> Lines:
    yield f"<Case{_attributes(guid=case.guid, name=case.name)}>\n"
    yield from _described(case.description)
    yield from _references("CodeRef", case.codes)
    yield from _values(case.values, types)
    yield from _references("SourceRef", case.sources)
    yield from _references("SelectionRef", case.selections)
    yield "</Case>\n"


def _source(source: Source, types: dict[str, VariableType]) -> Lines:
    path = "" if source.text is None else f"internal://{source.guid}.txt"
    head = _attributes(
        guid=source.guid, name=source.name, plainTextPath=path, creatingUser=source.user,
        creationDateTime=source.at,
    )  # fmt: skip
    yield f"<TextSource{head}>\n"
    yield from _described(source.description)
    for selection in source.selections:
        yield from _selection(selection)
    for coding in source.codings:
        yield _coding(coding)
    yield from _references("NoteRef", source.notes)
    yield from _values(source.values, types)
    yield "</TextSource>\n"


def _selection(selection: Selection) -> Lines:
    place = f'startPosition="{selection.start}" endPosition="{selection.end}"'
    name = f' name="{_quoted(selection.name)}"' if selection.name else ""
    who = _attributes(creatingUser=selection.user, creationDateTime=selection.at)
    yield f'<PlainTextSelection guid="{selection.guid}"{name} {place}{who}>\n'
    if selection.description:
        yield from _described(selection.description)
    for coding in selection.codings:
        yield _coding(coding)
    if selection.notes:
        yield from _references("NoteRef", selection.notes)
    yield "</PlainTextSelection>\n"


def _coding(coding: Coding) -> str:
    who = _attributes(creatingUser=coding.user, creationDateTime=coding.at)
    notes = "".join(_references("NoteRef", coding.notes)) if coding.notes else ""
    return f'<Coding guid="{coding.guid}"{who}>\n<CodeRef targetGUID="{coding.code}"/>\n{notes}</Coding>\n'


def _note(note: Note) -> Lines:
    head = _attributes(
        guid=note.guid, name=note.name, plainTextPath=f"internal://{note.guid}.txt", creatingUser=note.user,
        creationDateTime=note.at,
    )  # fmt: skip
    yield f"<Note{head}/>\n"


def _link(link: Link) -> Lines:
    head = _attributes(
        guid=link.guid, name=link.name, direction=link.direction, color=link.color, originGUID=link.origin,
        targetGUID=link.target,
    )  # fmt: skip
    yield f"<Link{head}>\n"
    yield from _references("NoteRef", link.notes)
    yield "</Link>\n"


def _set(each: Set, key: str) -> Lines:
    """Yield a set; a codebook's names its codes by `guid`, and has nothing else in it."""
    yield f"<Set{_attributes(guid=each.guid, name=each.name or ' ')}>\n"
    yield from _described(each.description)
    yield from (f'<MemberCode {key}="{guid}"/>\n' for guid in each.codes)
    if key != "guid":
        yield from _references("MemberSource", each.sources)
        yield from _references("MemberNote", each.notes)
    yield "</Set>\n"


def _values(values: Iterable[VariableValue], types: dict[str, VariableType]) -> Lines:
    for each in values:
        kind = types.get(each.variable, "Text")
        yield f'<VariableValue>\n<VariableRef targetGUID="{each.variable}"/>\n'
        if each.value is not None:
            yield f"<{kind}Value>{_escaped(written(each.value))}</{kind}Value>\n"
        yield "</VariableValue>\n"


def _described(description: str) -> Lines:
    if description:
        yield f"<Description>{_escaped(description)}</Description>\n"


def _references(name: str, targets: Iterable[str]) -> Lines:
    return (f'<{name} targetGUID="{target}"/>\n' for target in targets)


def _attributes(**given: str) -> str:
    """Return the attributes that are not empty, in the order given."""
    return "".join(f' {name}="{_quoted(value)}"' for name, value in given.items() if value)


def _escaped(text: str) -> str:
    return _UNFIT.sub(" ", text).translate(_ESCAPED) if _ASKS_FOR_CARE.search(text) else text


def _quoted(text: str) -> str:
    return _UNFIT.sub(" ", text).translate(_QUOTED) if _ASKS_FOR_CARE.search(text) else text
