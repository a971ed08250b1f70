"""Single codes of a codebook edited: other words for one, a new one; the next version follows by itself.

`edit_code`, `add_code` and `revise_codebook` take the digest of the codebook that the user saw, and return
what they would write. Nothing is written before `.write()`, and nothing over a change that somebody else
made meanwhile. Rules, `implies` and `beats` are changed in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from coding.changing import Applied, applied, changed, holding, taken
from coding.codebook import RESERVED, Code, Codebook
from coding.errors import CodingError, nearest, refuse
from coding.files import replacing
from coding.formats import yaml
from coding.formats.changes import Revised, change_of
from coding.formats.codebook import CodeId, codebook_of
from coding.formats.codebook_edit import added, reworded, versioned
from coding.formats.text import decode, write_text
from coding.ids import slug
from coding.revision import Rename

if TYPE_CHECKING:
    from coding.project import Project
    from coding.revision import Step

FIELDS = {
    "name": "Name",
    "definition": "Definition",
    "include": "Include",
    "exclude": "Exclude",
    "examples": "Examples",
    "source": "Source",
}

Words = str | tuple[str, ...]

_MEANING = {"definition", "include", "exclude"}
_NEEDED = {"name": "Give one.", "definition": "Say when a passage bears the code."}
_ELSEWHERE = {
    "id": "stays for ever. Move the code to give it another",
    "parent": "is changed by moving the code",
    "retired": "is changed by retiring the code",
    **dict.fromkeys(("rules", "implies", "beats", "codes"), "are changed in the codebook file"),
}
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit makes of a codebook, and the file in which it stands once it is written."""

    revised: Revised
    codebook: Path

    @property
    def old(self) -> Codebook:
        """The codebook that was edited."""
        return self.revised.old

    @property
    def new(self) -> Codebook:
        """The codebook after the edit; the old one if nothing changes."""
        return self.revised.new

    @property
    def text(self) -> str:
        """The text of the file after the edit."""
        return self.revised.text

    def write(self) -> None:
        """Write the codebook file, if anything changes; after an error it is as before.

        Raises
        ------
        Changed
            If the file is not as it was when the edit was made.
        CodingError
            If the file cannot be written.
        """
        if self.text == self.revised.before:
            return
        with holding(self.codebook, self.revised.before), replacing([self.codebook]) as (beside,):
            write_text(beside, self.text)


def edit_code(
    project: Project,
    codebook: str,
    code: str,
    changes: Mapping[str, str | Sequence[str] | None],
    *,
    seen: str,
) -> Edit:
    r"""Return what other words for a code make of a codebook. Nothing is written yet.

    Another definition or note (`include`, `exclude`) makes a minor version, other words a patch. Line ends
    become `\n`, as in every text that is read.

    Parameters
    ----------
    changes : the new words by field (`FIELDS`): a text, for `examples` texts. None or an empty one takes
        a field out
    seen : the digest of the codebook that the user looked at

    Raises
    ------
    Changed
        If the codebook is another than the user saw.
    CodingError
        Listing everything that is wrong with the words, by field.
    """
    path, before, old = _seen(project, codebook, seen)
    was = old[code]
    words = {field: given for field, given in _checked(changes).items() if given != getattr(was, field)}
    if not words:
        return Edit(Revised(old, old, before, before), path)
    version = _next(old.version, minor=bool(_MEANING & words.keys()))
    become = replace(was, **words)
    return _edit(path, old, before, version, become, lambda text: reworded(text, code, words))


def add_code(
    project: Project,
    codebook: str,
    *,
    id: str,  # noqa: A002  what it is called in the file
    name: str,
    definition: str,
    parent: str | None,
    include: str = "",
    exclude: str = "",
    examples: Sequence[str] = (),
    seen: str,
) -> Edit:
    """Return what one more code makes of a codebook, in a minor version. Nothing is written yet.

    Parameters
    ----------
    id : never used before in this codebook
    parent : the code below which it stands, as the last; None for the top
    seen : the digest of the codebook that the user looked at

    Raises
    ------
    Changed
        If the codebook is another than the user saw.
    CodingError
        Listing everything that is wrong, by field.
    """
    path, before, old = _seen(project, codebook, seen)
    given = {
        "name": name, "definition": definition, "include": include, "exclude": exclude, "examples": examples,
    }  # fmt: skip
    words = _checked(given, [*_misfits_of_new(id, name, parent, old), *_misfits_of_parent(parent, old)])
    version = _next(old.version, minor=True)
    entry: dict[str, Words] = {"id": id, **{field: said for field, said in words.items() if said}}
    code = replace(Code(id, name, definition, parent=parent), **words)
    edit = _edit(path, old, before, version, code, lambda text: added(text, entry, parent))
    refuse([f"Id: {problem}" for problem in taken(project, edit.revised)])
    return edit


def revise_codebook(project: Project, codebook: str, steps: Sequence[Step], *, seen: str) -> Applied:
    """Return what steps make of a codebook, and the map that codings follow. Nothing is written yet.

    Other names alone make a patch; what moves, merges, splits or retires a code makes a minor version.

    Raises
    ------
    Changed
        If the codebook is another than the user saw.
    CodingError
        Listing every step that does not fit, or everything that would be left dangling.
    """
    _, before, old = _seen(project, codebook, seen)
    refuse(
        [
            f"step {i}: {problem}"
            for i, step in enumerate(steps, 1)
            for text in _texts(asdict(step))
            for problem in _unseen(text)
        ]
    )
    version = _next(old.version, minor=not all(isinstance(step, Rename) for step in steps))
    found = applied(project, *change_of(codebook, version, steps))
    if found.revised.before != before:
        raise changed(found.codebook)
    return found


def _seen(project: Project, codebook: str, seen: str) -> tuple[Path, str, Codebook]:
    """Return the file of a codebook, its text and what it says, if that is what the user saw."""
    project.codebook(codebook)
    name = f"codebooks/{codebook}.yaml"
    path = project.root / name
    text = decode(path, name=name)
    book = codebook_of(yaml.parse(text, name=name))
    if book.digest != seen:
        raise changed(path)
    return path, text, book


def _checked(given: Mapping[str, object], problems: Sequence[str] = ()) -> dict[str, Any]:
    """Return words by field as they are to be written; refuse what is wrong, and `problems`, at once."""
    words = {field: _plain(field, value) for field, value in given.items()}
    refuse([*problems, *(problem for field, value in words.items() for problem in _misfits(field, value))])
    return words


def _plain(field: str, given: object) -> object:
    r"""Return words with line ends `\n`; nothing, and nothing but blanks, is empty."""
    match given:
        case None:
            return () if field == "examples" else ""
        case str():
            text = given.replace("\r\n", "\n").replace("\r", "\n")
            return text if text.strip(" \t\n") else ""
        case list() | tuple():
            return tuple(_plain("", text) for text in given)
    return given


def _misfits(field: str, words: object) -> Iterator[str]:
    if field not in FIELDS:
        yield (
            f"'{field}' {_ELSEWHERE[field]}."
            if field in _ELSEWHERE
            else f"no field '{field}'.{nearest(field, FIELDS)}"
        )
        return
    shown = FIELDS[field]
    if field == "examples":
        if not isinstance(words, tuple) or not all(isinstance(text, str) for text in words):
            yield f"{shown}: should be a list of texts."
            return
        for i, text in enumerate(words, 1):
            if not text:
                yield f"{shown}: number {i} is empty. Write a sentence, or take it out."
            yield from (f"{shown}: number {i} {problem}" for problem in _unseen(text))
    elif not isinstance(words, str):
        yield f"{shown}: should be a text."
    elif not words and field in _NEEDED:
        yield f"{shown}: is empty. {_NEEDED[field]}"
    else:
        yield from (f"{shown}: {problem}" for problem in _unseen(words))


def _unseen(text: str) -> Iterator[str]:
    """Yield what is wrong with a text that no file should hold."""
    found = _UNSEEN.search(text)
    if found:
        where = (
            f"after '{text[max(0, found.start() - 20) : found.start()]}'" if found.start() else "at its start"
        )
        yield f"holds a character that nobody can see (U+{ord(found[0]):04X}, {where}). Take it out."


def _misfits_of_id(code: str, old: Codebook) -> Iterator[str]:
    form = get_args(CodeId)[1].pattern
    if not isinstance(code, str) or not re.fullmatch(form, code):
        yield f"Id: should be {yaml.FORMS[form]}, not {code!r}."
    elif code in old:
        yield f"Id: '{code}' is there already{' (retired)' if old[code].retired else ''}. Choose another."
    elif code in RESERVED:
        yield f"Id: a code cannot be called '{code}', a part of every composition. Choose another."


def _misfits_of_new(code: str, name: str, parent: str | None, old: Codebook) -> Iterator[str]:
    """Yield what is wrong with the id of a new code; the first time with one that the name makes."""
    made = ".".join(filter(None, [parent, slug(name)]))
    fits = slug(name) and not any(_misfits_of_id(made, old))
    for misfit in _misfits_of_id(code, old):
        yield f"{misfit} For instance {made}." if fits else misfit


def _misfits_of_parent(parent: str | None, old: Codebook) -> Iterator[str]:
    if parent is None:
        return
    if parent not in old:
        yield f"Parent: no code '{parent}'.{nearest(parent, (code.id for code in old.codes))}"
    elif old[parent].retired:
        yield f"Parent: '{parent}' is retired. Choose a code that is in use."


def _texts(values: object) -> Iterator[str]:
    """Yield all texts in plain values."""
    match values:
        case str():
            yield values
        case dict():
            yield from (text for value in values.values() for text in _texts(value))
        case list() | tuple():
            yield from (text for value in values for text in _texts(value))


def _edit(
    path: Path, old: Codebook, before: str, version: str, code: Code, change: Callable[[str], str]
) -> Edit:
    """Return the edit that a change of the text makes, if what it says then is what is meant.

    That is the old codebook but for the version and the code. Where it is not, the file says the code in
    a way that is not known here.
    """
    name = f"{path.parent.name}/{path.name}"
    unknown = CodingError(f"{name}: the lines of code '{code.id}' can only be changed in an editor.")
    try:
        text = change(versioned(before, version))
        new = codebook_of(yaml.parse(text, name=name))
    except CodingError as error:
        raise unknown from error
    others = [[one for one in book.codes if one.id != code.id] for book in (old, new)]
    same = replace(new, codes=old.codes) == replace(old, version=version) and others[0] == others[1]
    if not same or code.id not in new or new[code.id] != code:
        raise unknown
    return Edit(Revised(old, new, before, text), path)


def _next(version: str, *, minor: bool) -> str:
    """Return the version after a change of what is meant, or of other words."""
    first, second, third = map(int, version.split("."))
    return f"{first}.{second + 1}.0" if minor else f"{first}.{second}.{third + 1}"
