"""A case file edited: documents are added where they stand, comments and all; or a new one is begun."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from coding.errors import CodingError, choose, closest, refuse
from coding.formats import splice, yaml
from coding.formats.case import CaseFile, DocumentEntry, read_case
from coding.formats.text import decode
from coding.ids import slug

if TYPE_CHECKING:
    from pydantic import BaseModel

Fidelity = Literal["original", "digest", "translation"]
SourceKind = Literal["primary", "secondary"]
Variables = dict[str, str | int | list[str]]

_CASE_ID, _LANGUAGE = r"^[a-z][a-z0-9-]*$", r"^[a-z]{2,3}$"
_ALIASES = "# Names under which a text speaks of this donor. Add others: adjective, capital, government.\n"


@dataclass(frozen=True, slots=True)
class EditableCase:
    """A case file as it is; of a new case the beginning of what it will be.

    Attributes
    ----------
    path : where it stands or will stand
    text : as written; without `documents` if the case is new
    file : what it says
    """

    path: Path
    text: str
    file: CaseFile
    is_new: bool

    @property
    def place(self) -> str:
        """Its name in messages, from the project's folder on."""
        return f"corpus/{self.path.parent.name}/case.yaml"

    def with_documents(self, entries: Mapping[str, Variables]) -> tuple[str, CaseFile]:
        """Return the text with more documents, by the names of their files, and what it says then.

        Raises
        ------
        CodingError
            If the file cannot be changed by a program.
        """
        text = self.text + ("documents: {}\n" if self.is_new else "")
        if entries:
            text = splice.append(text, ["documents"], entries)
        more = {name: DocumentEntry.model_validate(entry) for name, entry in entries.items()}
        meant = self.file.model_copy(update={"documents": {**self.file.documents, **more}})
        return splice.held(text, meant, entries, name=self.place), meant


def editable_case(corpus: Path, donor: str, *, name: str | None, iso: str | None) -> EditableCase:
    """Return the case file of a donor; of one that is not there, how it will begin.

    Parameters
    ----------
    corpus : the folder of all cases
    name, iso : of a new donor; `name` is made of the id if left out

    Raises
    ------
    CodingError
        If the file is wrong or says another name or code; if no case can have that id, or a new one has
        no code.
    """
    known = sorted(path.parent.name for path in corpus.glob("*/case.yaml"))
    path = corpus / donor / "case.yaml"
    if donor not in known:
        return EditableCase(path, *_begun(donor, name, iso, known), is_new=True)
    place = f"corpus/{donor}/case.yaml"
    file, _ = read_case(path, name=place)
    there = {"name": file.name, "iso": file.iso}
    refuse(
        [
            f"--{key}: {place} says '{there[key]}', not '{value}'. Leave --{key} out, or change it there."
            for key, value in {"name": name, "iso": iso}.items()
            if value is not None and value != there[key]
        ]
    )
    return EditableCase(path, decode(path, name=place), file, is_new=False)


def with_names(
    case: EditableCase,
    *,
    aliases: Sequence[str] = (),
    agencies: Sequence[str] = (),
    homonyms: Sequence[str] = (),
) -> EditableCase:
    """Return a new case with the names under which texts speak of it; its own name is the first alias.

    Raises
    ------
    CodingError
        If a name is empty, or holds a character that cannot be seen.
    """
    given = {
        "aliases": [*case.file.aliases, *(name for name in aliases if name not in case.file.aliases)],
        "agencies": list(agencies),
        "homonyms": list(homonyms),
    }
    one = {"aliases": "alias", "agencies": "agency", "homonyms": "homonym"}
    refuse([said for key, names in given.items() for name in names for said in _unwritable(one[key], name)])
    said = {key: [_in_a_line(name) for name in names] for key, names in given.items() if names}
    lines = [f"{key}: {json.dumps(names, ensure_ascii=False)}\n" for key, names in said.items()]
    text = case.text[: case.text.rindex("aliases: ")] + "".join(lines)
    return replace(case, text=text, file=case.file.model_copy(update=said))


def checked_variables(given: Mapping[str, str | int | list[str] | None]) -> Variables:
    """Return the variables that are given, in their order, white space made one space.

    Raises
    ------
    CodingError
        Listing each value that no document can have, by the option that names it.
    """
    choose(str(given["fidelity"]), get_args(Fidelity), "--fidelity")
    choose(str(given["source_kind"]), get_args(SourceKind), "--source-kind")
    said = {key: _in_a_line(value) if isinstance(value, str) else value for key, value in given.items()}
    written = {key: value for key, value in said.items() if value is not None}
    problems = [problem for key, value in written.items() for problem in _unwritable(key, value)]
    language = written.get("language")
    if language and not re.match(_LANGUAGE, str(language)):
        problems.append(f"--language: should be {yaml.FORMS[_LANGUAGE]}, not '{language}'.")
    refuse([*problems, *_misfits({"title": "", **written}, DocumentEntry)])
    return written


@dataclass(frozen=True, slots=True)
class _Given:
    """Values of the command line, to be checked as those of a file are."""

    values: object
    name: str = "the command line"

    def where(self, *path: yaml.Key) -> str:
        return _option(str(path[0])) if path else self.name


def _misfits(values: object, model: type[BaseModel]) -> list[str]:
    """Return what is wrong with values of the command line; the option names them, so their key need not."""
    try:
        yaml.checked(_Given(values), model)
    except CodingError as error:
        return [re.sub(r"^(--\S+): '\w+': ", r"\1: ", problem) for problem in error.problems]
    return []


def _unwritable(key: str, value: str | int | list[str]) -> Iterator[str]:
    """Yield why a value should not stand in a case file."""
    if value == "":
        yield f"{_option(key)} is empty. Leave it out."
    elif any(
        unicodedata.category(c) in ("Cc", "Cf", "Cs")
        for c in "".join(map(str, value if isinstance(value, list) else [value]))
    ):
        yield f"{_option(key)}: {value!r} holds a character that cannot be seen. Type it anew."


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _begun(donor: str, name: str | None, iso: str | None, known: Sequence[str]) -> tuple[str, CaseFile]:
    """Return the beginning of a new case file, and what it says."""
    near = closest(donor, known)
    meant = f" Did you mean '{near}'?" if near else ""
    if not re.fullmatch(_CASE_ID, donor):
        made = slug(donor).replace("_", "-")
        meant = meant or (f" Did you mean '{made}'?" if made else "")
        raise CodingError(f"--donor: should be {yaml.FORMS[_CASE_ID]}, not '{donor}'.{meant}")
    if iso is None:
        raise CodingError(
            f"There is no donor '{donor}' in corpus/ yet.{meant} To make it, give its ISO 3166 code of three "
            "letters, such as --iso JPN; what is no state takes one from XAA to XZZ."
        )
    called = _in_a_line(donor.replace("-", " ").title() if name is None else name)
    refuse(list(_unwritable("name", called)))
    head = {"id": donor, "name": called, "iso": iso}
    values = {**head, "aliases": [called], "documents": {}}
    refuse(_misfits(values, CaseFile))
    aliases = json.dumps([called], ensure_ascii=False)  # which is YAML, in one line
    return f"{yaml.dump(head)}{_ALIASES}aliases: {aliases}\n", CaseFile.model_validate(values)


def _in_a_line(text: str) -> str:
    return " ".join(text.split())
