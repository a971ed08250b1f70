"""How what is ours stands in a REFI-QDA file: lasting GUIDs, lists in one value, codebooks as sets."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING

from coding.formats.refi.nouns import Set, is_guid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coding.codebook import Codebook

ORIGIN = "Normatrix"
BEYOND = "Normatrix: what REFI-QDA cannot say"
DOCUMENT = "document"  # the variable that says the id of a document
CASE = {"case": "id", "iso": "iso", "aliases": "aliases", "agencies": "agencies", "homonyms": "homonyms"}

_NAMESPACE = uuid.UUID("c2a3b8de-6a0f-5d4e-8f57-0d9a4c1be2f3")
_BETWEEN = "; "
_HEAD = re.compile(r"(Id|Version|Title|Language): (.*)")


def guid_of(kind: str, *said: object) -> str:
    """Return the GUID of a thing, which follows from what it is called here.

    Examples
    --------
    >>> guid_of("code", "role") == guid_of("code", "role") != guid_of("document", "role")
    True
    """
    return str(uuid.uuid5(_NAMESPACE, "|".join([kind, *map(str, said)])))


def kept_guid(kind: str, id_: str) -> str:
    """Return an id that is a GUID as it is; of another id the GUID that follows from it."""
    return id_ if is_guid(id_) else guid_of(kind, id_)


def listed(values: tuple[str, ...]) -> str:
    """Return a list as one value: its parts with '; ' between them, else as JSON.

    Examples
    --------
    >>> listed(("Viet Nam", "Laos")), listed(("a; b",)), listed(())
    ('Viet Nam; Laos', '["a; b"]', '')
    """
    said = _BETWEEN.join(values)
    return said if unlisted(said) == values else json.dumps(list(values), ensure_ascii=False)


def unlisted(said: str) -> tuple[str, ...]:
    """Return the list that a value is.

    Examples
    --------
    >>> unlisted("Viet Nam; Laos"), unlisted('["a; b"]'), unlisted("")
    (('Viet Nam', 'Laos'), ('a; b',), ())
    """
    if said.startswith("["):
        try:
            given = json.loads(said)
        except ValueError:
            given = None
        if isinstance(given, list) and all(isinstance(part, str) for part in given):
            return tuple(given)
    return tuple(part for part in (one.strip() for one in said.split(";")) if part)


def sets_of(codebook: Codebook, guids: Mapping[str, str]) -> list[Set]:
    """Return a codebook as sets: one of all its codes that says what it is, one for each family."""
    head = {
        "Id": codebook.id, "Version": codebook.version, "Title": " ".join(codebook.title.split()),
        "Language": codebook.language,
    }  # fmt: skip
    said = "\n".join(f"{key}: {value}" for key, value in head.items() if value)
    codes = tuple(guids[code.id] for code in codebook.codes if code.id in guids)
    found = [Set(guid_of("codebook", codebook.id), f"Codebook {codebook.id}", said, codes)]
    for family, members in codebook.families.items():
        tops = tuple(guids[code] for code in members if code in guids)
        name = guid_of("family", codebook.id, family)
        found.append(Set(name, f"Family {family}", f"Family of codes in the codebook {codebook.id}.", tops))
    return found


def head_in(each: Set) -> dict[str, str]:
    r"""Return what a set says of the codebook that it is; nothing if it is another kind of set.

    Examples
    --------
    >>> head_in(Set("g", "Codebook book", "Id: book\nVersion: 1.0.0"))
    {'id': 'book', 'version': '1.0.0'}
    """
    if not each.name.startswith("Codebook "):
        return {}
    lines = map(_HEAD.fullmatch, each.description.splitlines())
    return {line[1].lower(): line[2] for line in lines if line}


def family_in(each: Set) -> str | None:
    """Return the family of codes that a set is; None if it is another kind of set."""
    if each.name.startswith("Family ") and each.description.startswith("Family of codes in the codebook "):
        return each.name.removeprefix("Family ")
    return None


def is_ours(each: Set) -> bool:
    """Say whether a set is a codebook or a family of codes, as this program writes them."""
    return bool(head_in(each)) or family_in(each) is not None
