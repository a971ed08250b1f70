"""Ids of codes, made of their names where a table or a dictionary has only names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from coding.errors import nearest


@dataclass(frozen=True, slots=True)
class Named:
    """A code as a table has it: where it stands, its id if it has one, its name, id or name of its parent."""

    place: str
    id: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The id of a code and of its parent."""

    id: str
    parent: str | None


def slug(name: str) -> str:
    """Return a name as a part of an id; empty if it has no letter from a to z.

    Examples
    --------
    >>> slug("Normative Structure (1st)"), slug("Identité"), slug("2 roles"), slug("日本")
    ('normative_structure_1st', 'identite', 'n2_roles', '')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return f"n{words}" if words[:1].isdigit() else words


def identify(codes: Sequence[Named]) -> tuple[list[Placed], list[str]]:
    """Return for each code its ids, and what is wrong, one line each.

    An id that is not written is that of the parent, a dot, and the name: `role.bridge_builder`.
    """
    found = _Identified(codes)
    return [Placed(found.ids[i], found.parent(i)) for i in range(len(codes))], found.problems


class _Identified:
    def __init__(self, codes: Sequence[Named]) -> None:
        self.problems: list[str] = []
        self._codes = codes
        self._above = [self._find(code) for code in codes]
        self.ids = [self._made(i) for i in range(len(codes))]

    def parent(self, code: int) -> str | None:
        above = self._above[code]
        return None if above is None else self.ids[above]

    def _find(self, code: Named) -> int | None:
        """Return the number of a parent, which is named by its id or, if only one has it, by its name."""
        wanted = code.parent
        if not wanted:
            return None
        found = [i for i, other in enumerate(self._codes) if other.id == wanted]
        found = found or [i for i, other in enumerate(self._codes) if other.name == wanted]
        if len(found) == 1:
            return found[0]
        known = [name for other in self._codes for name in (other.id, other.name) if name]
        said = f"no code has the id or name '{wanted}'.{nearest(wanted, known)}"
        if found:
            said = f"{len(found)} codes are '{wanted}'. Give them an `id`, and name that."
        self.problems.append(f"{code.place}, parent: {said}")
        return None

    def _made(self, code: int) -> str:
        parts: list[str] = []
        at: int | None = code
        while at is not None:
            if self._codes[at].id:
                parts.append(self._codes[at].id)
                break
            if len(parts) > len(self._codes):
                self.problems.append(f"{self._codes[code].place}, parent: the code is its own ancestor.")
                break
            parts.append(slug(self._codes[at].name) or f"row_{at}")
            at = self._above[at]
        self._refuse_nameless(self._codes[code])
        return ".".join(reversed(parts))

    def _refuse_nameless(self, code: Named) -> None:
        if not code.id and not code.name:
            self.problems.append(f"{code.place}: a code needs a name.")
        elif not code.id and not slug(code.name):
            self.problems.append(
                f"{code.place}: no id can be made of the name '{code.name}'. Add an `id`, such as `role`."
            )
