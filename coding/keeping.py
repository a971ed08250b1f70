"""What files of other programs said that has no place of its own here, as it stands: each thing once.

Sets, links, cases, values of variables, colours: kept as rows (`coding.batch.Kept`) with each import, and
said again by `coding export`. What such a row names it names by the ids of this project (a `Ref`), so that
it is found again whatever the other program calls it next time. A file that comes again, or a later one,
only adds: members and values are put together, and of what can be said but once the first stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from coding.batch import Keeping, Kept, Placing
from coding.editions import placed
from coding.errors import CodingError
from coding.formats.refi.nouns import Told, VariableType
from coding.formats.refi.ours import guid_of
from coding.model import Segment
from coding.realigning import Selection
from coding.revision import carry

if TYPE_CHECKING:
    from coding.batch import Memo
    from coding.editions import Placed
    from coding.model import CodedSegment, Corpus
    from coding.project import Project
    from coding.revision import Succession

Thing = Literal["code", "document", "segment", "memo", "case", "kept"]
Ref = tuple[Thing, str]  # something of this project, by its id; of what is kept the GUID

_KINDS: tuple[Keeping, ...] = get_args(Keeping)
_MANY = ("members", "values", "segments")  # of these all are kept that any file says
_SHOWN = 3
_MOST = 40  # characters of a memo or of a coded segment


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in a row that is kept; what it does not say is as by default.

    Attributes
    ----------
    of : the code, document or case of this project of which it is said
    members : what a set or a case is made of, the notes of a link
    ends : where a link begins and ends
    values : by the GUIDs of their variables
    segments : the coded segments of a selection; one without has a `place`
    coder, at : who made a note or a selection without a code, and when
    about : whether a note is about the whole project
    origin : the program that wrote a file
    """

    of: Ref | None = None
    text: str = ""
    members: tuple[Ref, ...] = ()
    ends: tuple[Ref, ...] = ()
    direction: str = ""
    colour: str = ""
    is_codable: bool = True
    type: VariableType = "Text"
    values: Mapping[str, Told] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    place: Segment | None = None
    coder: str = ""
    at: str = ""
    about: Literal["", "project"] = ""
    origin: str = ""

    @property
    def refs(self) -> tuple[Ref, ...]:
        """All that is named."""
        return (*self.members, *self.ends)


_UNSAID: dict[str, Any] = {each.name: each.default for each in fields(Said) if each.name not in _MANY}
_ONCE = tuple(_UNSAID)


def kept_in(project: Project) -> tuple[Kept, ...]:
    """Return what is kept in a project, each thing once, in the texts and under the codes of today.

    The names of files are not among it. A selection that has no place in the text of today stands where it
    was made.

    Raises
    ------
    CodingError
        If the store cannot be opened, or a row in it cannot be read.
    """
    if not project.store_path.is_file():
        return ()
    with project.store() as store:
        rows = store.rows(Kept)
        elsewhere = placed(store.standing(Placing)) if rows else None
    if elsewhere is None:
        return ()
    found = together(rows, project.successions)
    return _in_texts_of(project.corpus, found, elsewhere) if elsewhere.places else found


def selections_of(rows: Iterable[Kept]) -> tuple[Selection, ...]:
    """Return the selections without a code that are among rows."""
    told = ((row, said_of(row)) for row in rows if row.kind == "selection")
    return tuple(
        Selection(row.id, row.name, said.place, said.coder)
        for row, said in told
        if said.place is not None and not said.segments
    )


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A selection without a code that has no place in the text of today.

    Attributes
    ----------
    words : those that it marked; empty if their text is not kept
    """

    selection: Selection
    words: str

    def __str__(self) -> str:
        """Return what it is called: its title, else its words, else where it stood; and its document."""
        place = self.selection.place
        name = self.selection.name or _begun(self.words)
        return f"“{name}” in {place.document}" if name else f"{place.document} {place.start}:{place.end}"


def unplaced(project: Project, rows: Iterable[Kept]) -> tuple[Unplaced, ...]:
    """Return the selections without a code that stand in no text of today.

    Parameters
    ----------
    rows : what is kept in the project
    """
    selections = selections_of(rows)
    digests = {document.id: document.digest for document in project.corpus} if selections else {}
    found = []
    for one in selections:
        place = one.place
        if digests.get(place.document) != place.digest:
            text = project.earlier_text(place.document, place.digest) or ""
            found.append(Unplaced(one, text[place.start : place.end]))
    return tuple(found)


def together(rows: Iterable[Kept], through: Iterable[Succession] = ()) -> tuple[Kept, ...]:
    """Return rows, each thing once, by kind and id; the names of files are left out.

    Parameters
    ----------
    rows : in the order in which they were kept
    through : what came after each code
    """
    found: dict[str, Kept] = {}
    for row in _carried([row for row in rows if row.kind != "file"], tuple(through)):
        found[row.id] = grown(found[row.id], row) if row.id in found else row
    return tuple(sorted(found.values(), key=lambda row: (_KINDS.index(row.kind), row.id)))


def row_of(id: str, kind: Keeping, name: str, said: Said) -> Kept:  # noqa: A002  it is the row's id
    """Return the row that says this.

    Examples
    --------
    >>> row_of("c1b0...", "set", "Mine", Said(members=(("code", "role"),))).said
    '{"members":[["code","role"]]}'
    """
    ordered = replace(said, values=dict(sorted(said.values.items())))
    told = _adapter().dump_json(ordered, exclude_defaults=True).decode()
    return Kept(id, kind, name, told)


def said_of(row: Kept) -> Said:
    """Return what is said in a row.

    Raises
    ------
    CodingError
        If it cannot be read.
    """
    try:
        return _adapter().validate_json(row.said)
    except ValidationError as error:
        raise CodingError(
            f"kept {row.kind} {row.id}: what it said cannot be read. `coding log --json` shows its act; "
            "undo that, and import the file once more."
        ) from error


def grown(first: Kept, other: Kept) -> Kept:
    """Return what is kept with what another row says of the same thing; where they differ, as the first says.

    Examples
    --------
    >>> one = row_of("g", "set", "Mine", Said(members=(("code", "role"),)))
    >>> other = row_of("g", "set", "Yours", Said(text="Roles.", members=(("code", "bridge"),)))
    >>> both = grown(one, other)
    >>> both.name, both.said
    ('Mine', '{"text":"Roles.","members":[["code","role"],["code","bridge"]]}')
    """
    if first.said == other.said and (first.name or not other.name):
        return first
    one, new = said_of(first), said_of(other)
    merged = {name: _both(name, getattr(one, name), getattr(new, name)) for name in _ONCE}
    values = {**new.values, **one.values}
    members = tuple(dict.fromkeys((*one.members, *new.members)))
    segments = tuple(dict.fromkeys((*one.segments, *new.segments)))
    said = Said(**merged, values=values, members=members, segments=segments)
    return row_of(first.id, first.kind, first.name or other.name, said)


def contradicts(first: Kept, other: Kept) -> bool:
    """Say whether two rows say of the same thing what can be said but once, and not the same."""
    if first.name and other.name and first.name != other.name:
        return True
    one, new = said_of(first), said_of(other)
    if any(one.values[key] != new.values[key] for key in {*one.values} & {*new.values}):
        return True
    both = ((name, getattr(one, name), getattr(new, name)) for name in _ONCE)
    return any(_UNSAID[name] not in (a, b) and a != b for name, a, b in both)


def description_of(rows: Iterable[Kept]) -> str:
    """Return what was said of the whole project."""
    return "\n\n".join(said_of(row).text for row in rows if row.kind == "project")


def in_words(
    rows: Iterable[Kept],
    *,
    memos: Iterable[Memo] = (),
    segments: Iterable[CodedSegment] = (),
    unplaced: Iterable[Unplaced] = (),
) -> list[str]:
    """Return for each row what it says, in words for a reader.

    Parameters
    ----------
    memos, segments : those that stand: where one is named, its first words are shown
    unplaced : selections that have no place in the text of today
    """
    lost = {one.selection.id: one for one in unplaced}
    listed = list(rows)
    names = {row.id: row.name or row.kind for row in listed}
    names |= {memo.id: f"memo “{_begun(memo.text)}”" for memo in memos}
    names |= {
        segment.id: f"{segment.code} “{_begun(segment.quote)}” in {segment.segment.document}"
        for segment in segments
    }
    return [
        f"{lost[row.id]}: no place in the text of today"
        if row.id in lost
        else _words(row, said_of(row), names)
        for row in listed
    ]


def _in_texts_of(corpus: Corpus, rows: Iterable[Kept], elsewhere: Placed) -> tuple[Kept, ...]:
    """Return rows, selections where they stand in these texts."""
    texts = {document.id: document for document in corpus}
    found = []
    for row in rows:
        said = said_of(row) if row.id in elsewhere.places else Said()
        if said.place is not None:
            (place,) = elsewhere.at(row.id, said.place, texts.get(said.place.document))[:1]
            found.append(row_of(row.id, row.kind, row.name, replace(said, place=place)))
        else:
            found.append(row)
    return tuple(found)


def _words(row: Kept, said: Said, names: Mapping[str, str]) -> str:
    parts = [f"of {_named(said.of, names)}"] if said.of and said.of[1] != row.name else []
    parts += [(" → " if said.direction == "OneWay" else " – ").join(_named(e, names) for e in said.ends)]
    if said.place:
        parts.append(f"{said.place.document} {said.place.start}:{said.place.end}")
    n = len(said.segments)
    parts += [f"of {n} coded segment{'s' * (n > 1)}"] if n else []
    if said.members:
        shown = ", ".join(_named(ref, names) for ref in said.members[:_SHOWN])
        more = len(said.members) - _SHOWN
        parts.append(f"{shown} and {more} more" if more > 0 else shown)
    parts += [f"{names.get(variable, variable)}: {value}" for variable, value in said.values.items()]
    parts += [said.colour, "" if said.is_codable else "bears nothing itself", " ".join(said.text.split())]
    return "; ".join(part for part in parts if part)


def _named(ref: Ref, names: Mapping[str, str]) -> str:
    kind, id_ = ref
    if kind in ("code", "document", "case"):
        return id_
    called = {"memo": "a memo", "segment": "a coded segment"}.get(kind)
    return names.get(id_, f"{called} that stands no more" if called else id_)


def _begun(words: str) -> str:
    return shorten(words, _MOST, placeholder=" …") if " " in words.strip() else words[:_MOST]


def _carried(rows: list[Kept], through: tuple[Succession, ...]) -> Iterable[Kept]:
    """Yield rows, codes in them as they are called now."""
    if not through:
        yield from rows
        return
    for row in rows:
        said = said_of(row)
        named = {id_ for kind, id_ in (*said.refs, *((said.of,) if said.of else ())) if kind == "code"}
        after = carry(named, through).sure

        def moved(ref: Ref, after: Mapping[str, str] = after) -> Ref:
            return ("code", after.get(ref[1], ref[1])) if ref[0] == "code" else ref

        of = moved(said.of) if said.of else None
        members, ends = tuple(dict.fromkeys(map(moved, said.members))), tuple(map(moved, said.ends))
        id_ = guid_of("code", of[1]) if row.kind == "code" and of else row.id
        name = of[1] if row.kind == "code" and of else row.name
        yield row_of(id_, row.kind, name, replace(said, of=of, members=members, ends=ends))


def _both(name: str, first: Any, other: Any) -> Any:
    return other if first == _UNSAID[name] else first


@cache
def _adapter() -> TypeAdapter[Said]:
    return TypeAdapter(Said)
