"""Which codes of a project the codes of a file are, or the new codebook that they make."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.codebook import RESERVED, Code, Codebook
from coding.errors import CodingError, closest, nearest
from coding.formats import yaml
from coding.formats.codebook import codebook_of, values
from coding.formats.refi.description import code_of, described, id_in
from coding.formats.refi.nouns import Tally
from coding.formats.refi.ours import family_in, guid_of, head_in
from coding.ids import slug
from coding.received.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from coding.formats.refi.nouns import Exchanged, FileCode

FIRST_VERSION = "0.1.0"
DEEPEST = 100  # levels of codes: a codebook file is read and written level by level
_BETWEEN = " > "  # of the names in a path
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Matched:
    """The codes of a file under their ids here.

    Attributes
    ----------
    ids : the id of each code that is known here, by its GUID in the file
    codes : these codes, by their ids
    new : the codebook that is to be written, if one is
    problems : what keeps the file from being taken in
    """

    ids: Mapping[str, str]
    codes: Mapping[str, Code] = field(repr=False)
    new: Codebook | None = None
    problems: tuple[str, ...] = ()


def matched(
    exchanged: Exchanged,
    codebooks: Sequence[Codebook],
    *,
    into: str | None,
    used: AbstractSet[str],
    tally: Tally,
) -> Matched:
    """Return which codes of the project those of a file are: by GUID, by id, by the names from the top on.

    Parameters
    ----------
    codebooks : those of the project
    into : the codebook in which they are looked for, or which is made of them; all of the project's if None
    used : the GUIDs of the codes that something bears: these must be known
    """
    known = [codebook for codebook in codebooks if into in (None, codebook.id)]
    if into is not None and not known:
        return _made(exchanged, into, [code.id for codebook in codebooks for code in codebook.codes])
    found = _found(exchanged.codes, known, slugs=into is not None)
    codes = {code.id: code for codebook in reversed(known) for code in codebook.codes}
    missing = [code for code in exchanged.codes if code.guid not in found]
    paths = _paths(exchanged.codes)
    needed = [
        id_in(code.description) or _BETWEEN.join(paths[code.guid]) for code in missing if code.guid in used
    ]
    tally.drop("Code", "is in no codebook here, and nothing bears it.", len(missing) - len(needed))
    n_other = sum(_says_else(code, codes[found[code.guid]]) for code in exchanged.codes if code.guid in found)
    tally.drop("name or definition of a code", "what the codebook here says stays.", n_other)
    return Matched(found, codes, None, tuple(_problems(needed, known, into)))


def made_codebook(exchanged: Exchanged, codebook: str | None) -> tuple[Codebook, Mapping[str, str]]:
    """Return the codebook that a file holds, and the ids in it of the codes of the file, by their GUIDs.

    Parameters
    ----------
    codebook : its id; what the file says, if left out

    Raises
    ------
    CodingError
        If nobody says an id, or the file holds no code.
    """
    said = next((head["id"] for each in exchanged.sets if "id" in (head := head_in(each))), None)
    name = codebook or said
    if name is None:
        raise CodingError("the file does not say what the codebook is called. Give it an id: --codebook ID.")
    made = _made(exchanged, name, ())
    if made.new is None:
        raise CodingError("there is no code in it. Export a codebook that has some.")
    return made.new, made.ids


def _found(codes: Sequence[FileCode], codebooks: Sequence[Codebook], *, slugs: bool) -> dict[str, str]:
    ours = {guid_of("code", code.id): code.id for codebook in codebooks for code in codebook.codes}
    ids = set(ours.values())
    paths = Counter(_path(codebook, code) for codebook in codebooks for code in codebook.codes)
    by_path = {_path(book, code): code.id for book in codebooks for code in book.codes}
    their_paths = _paths(codes)
    made = _ids(codes, ()) if slugs else {}
    found = {}
    for code in codes:
        path = their_paths[code.guid]
        named = by_path.get(path) if paths[path] == 1 else None
        candidates = (ours.get(code.guid), id_in(code.description), named, made.get(code.guid))
        known = next((id_ for id_ in candidates if id_ in ids), None)
        if known is not None:
            found[code.guid] = known
    return found


def _says_else(code: FileCode, ours: Code) -> bool:
    """Say whether a file says something else of a code than its codebook here."""
    if code.description == f"Id: {ours.id}":  # a format that writes the ids of codes and no more
        return False
    if code.name != ours.name:
        return True
    said = code_of(code.description, id=ours.id, name=ours.name, parent=ours.parent)
    if id_in(code.description) is None:
        return bool(said.definition) and said.definition != ours.definition
    return described(said) != described(ours)


def _path(codebook: Codebook, code: Code) -> tuple[str, ...]:
    above = (codebook[name].name for name in reversed(codebook.ancestors(code.id)))
    return (*above, code.name)


def _paths(codes: Iterable[FileCode]) -> dict[str, tuple[str, ...]]:
    """Return the names from the top to each code; a file names a code before those below it."""
    found: dict[str, tuple[str, ...]] = {}
    for code in codes:
        found[code.guid] = (*found.get(code.parent or "", ()), code.name)
    return found


def _depths(codes: Iterable[FileCode]) -> dict[str, int]:
    """Return for each code how many levels it is deep; one of the top is 1."""
    found: dict[str, int] = {}
    for code in codes:
        found[code.guid] = found.get(code.parent or "", 0) + 1
    return found


def _problems(names: Sequence[str], codebooks: Sequence[Codebook], into: str | None) -> list[str]:
    if not names:
        return []
    where = "no codebook here" if into is None else f"the codebook {into}, which is there already"
    shown = "; ".join(f"'{name}'.{_meant(name, codebooks)}" for name in names[:_SHOWN])
    more = f" And {len(names) - _SHOWN} more." if len(names) > _SHOWN else ""
    how = "--codebook ID takes all codes of the file into a new codebook of that id."
    n_codes = "1 code that was given is" if len(names) == 1 else f"{len(names)} codes that were given are"
    return [f"{n_codes} in {where}: {shown}{more} {how}"]


def _meant(said: str, codebooks: Sequence[Codebook]) -> str:
    """Return the end of a message on a code: the code that is most likely meant, by its id or its path."""
    is_path = _BETWEEN in said
    if not is_path and ("." in said or said.islower()):
        return nearest(said, [code.id for codebook in codebooks for code in codebook.codes])
    paths = [(_BETWEEN.join(_path(book, code)), code.name) for book in codebooks for code in book.codes]
    if any(path == said for path, _ in paths):
        return " Several codes here are called so: say in which codebook it is (--codebook ID)."
    close = closest(said.rpartition(_BETWEEN)[2], [name for _, name in paths])
    alike = dict.fromkeys(f"'{path}'" for path, name in paths if name == close)
    if not alike:
        return nearest(said, [path for path, _ in paths])
    return f" Did you mean {' or '.join([*alike][:_SHOWN])}?"


def _made(exchanged: Exchanged, name: str, taken: Iterable[str]) -> Matched:
    """Return the codes of a file as a new codebook; `taken` are ids that other codebooks have."""
    if not exchanged.codes:
        return Matched({}, {})
    deepest = max(_depths(exchanged.codes).values())
    if deepest > DEEPEST:
        raise CodingError(
            f"its codes are {deepest} levels deep; a codebook has at most {DEEPEST}. Draw levels together in "
            "the program that wrote the file, and export it once more."
        )
    ids = _ids(exchanged.codes, taken)
    known = set(ids.values())
    codes = tuple(_code(code, ids, known) for code in exchanged.codes)
    heads = [head for each in exchanged.sets if (head := head_in(each))]
    head = heads[0] if len(heads) == 1 else {}
    tops = {code.id for code in codes if code.parent is None}
    families = {
        family: tuple(ids[code] for code in each.codes if ids.get(code) in tops)
        for each in exchanged.sets
        if (family := family_in(each)) is not None
    }
    made = Codebook(
        name, head.get("version", FIRST_VERSION), codes, head.get("title", ""), head.get("language", "en"),
        {family: members for family, members in families.items() if members},
    )  # fmt: skip
    checked = codebook_of(yaml.parse(yaml.dump(values(made)), name=f"codebooks/{name}.yaml"))
    return Matched(ids, {code.id: code for code in checked.codes}, checked)


def _code(code: FileCode, ids: Mapping[str, str], known: AbstractSet[str]) -> Code:
    parent = ids.get(code.parent or "")
    made = code_of(code.description, id=ids[code.guid], name=code.name or ids[code.guid], parent=parent)
    return Code(
        made.id, made.name, made.definition, made.include, made.exclude, made.examples, made.source, parent,
        implies=tuple(other for other in made.implies if other in known),
        beats=tuple(other for other in made.beats if other in known),
        retired=made.retired,
    )  # fmt: skip


def _ids(codes: Sequence[FileCode], taken: Iterable[str]) -> dict[str, str]:
    """Return an id for each code: what its description says, else made of the names from the top on."""
    said = {code.guid: id_in(code.description) for code in codes}
    counts = Counter(said.values())
    ids = {guid: id_ for guid, id_ in said.items() if id_ is not None and counts[id_] == 1}
    names = Names({*taken, *RESERVED, *ids.values()}, between="_")
    for code in codes:
        if code.guid not in ids:
            own = slug(code.name) or f"c{code.guid[:8]}"
            ids[code.guid] = names.free(f"{ids[code.parent]}.{own}" if code.parent in ids else own)
    return ids
