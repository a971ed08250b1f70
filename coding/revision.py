"""A codebook's change in steps, and where the codings of each code go.

An id is for ever: what was coded with it stays coded with it. So a change that takes an id away says which
ids come after it. One successor is carried without asking; a code that was split has several, and
which of them a passage bears is for a person to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["moved", "merged", "split", "retired"]


@dataclass(frozen=True, slots=True)
class Rename:
    """The code gets another name. Its id stays."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Move:
    """The code stands below another, or at the top (None). Its id stays unless a new one is given."""

    code: str
    under: str | None
    new: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Rules, examples and codings of several codes become those of one, which exists."""

    codes: tuple[str, ...]
    into: str


@dataclass(frozen=True, slots=True)
class Split:
    """New codes take the place of one, which is retired. `into` are entries as in a codebook file."""

    code: str
    into: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Retire:
    """The code is used no more. Its codings stay."""

    code: str
    why: str


Step = Rename | Move | Merge | Split | Retire


@dataclass(frozen=True, slots=True)
class Succession:
    """Which codes come after one.

    Attributes
    ----------
    new : one id; several after a split; for a retired code its own
    why : what was given as the reason
    """

    old: str
    new: tuple[str, ...]
    kind: Kind
    why: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """Codes after a change.

    Attributes
    ----------
    sure : the new id of each code that has one successor, or is as before
    undecided : the successors among which a person has to choose, for each code that was split
    """

    sure: Mapping[str, str]
    undecided: Mapping[str, tuple[str, ...]]


def successions(steps: Iterable[Step]) -> tuple[Succession, ...]:
    """Return the codes whose ids or use the steps change, each with what came of it in the end.

    Examples
    --------
    >>> for one in successions([Merge(("a", "b"), "b"), Move("b", None, "c")]):
    ...     print(one.old, one.new, one.kind)
    a ('c',) merged
    b ('c',) moved
    """
    found: dict[str, Succession] = {}
    made: set[str] = set()
    for one in (one for step in steps for one in _of(step)):
        found = {old: replace(s, new=_replaced(s.new, one.old, one.new)) for old, s in found.items()}
        if one.old not in made:
            found[one.old] = one
        if one.kind in ("moved", "split"):
            made |= {*one.new}
    return tuple(found.values())


def carry(codes: Iterable[str], through: Sequence[Succession]) -> Carried:
    """Return the ids of codes after a change.

    Examples
    --------
    >>> through = successions([Merge(("a", "b"), "b"), Split("c", ({"id": "c.one"}, {"id": "c.two"}))])
    >>> carry(["a", "b", "c", "d"], through)
    Carried(sure={'a': 'b', 'b': 'b', 'd': 'd'}, undecided={'c': ('c.one', 'c.two')})
    """
    after = {succession.old: succession.new for succession in through}
    new = {code: after.get(code, (code,)) for code in codes}
    return Carried(
        {code: ids[0] for code, ids in new.items() if len(ids) == 1},
        {code: ids for code, ids in new.items() if len(ids) > 1},
    )


def composed(changes: Iterable[Sequence[Succession]]) -> tuple[Succession, ...]:
    """Return one succession for several changes in their order: from every earlier id to those of the last.

    Carrying codes through it is carrying them through each change in turn; a code that was split and
    whose parts went on apart has the last ids of all its parts. What is said of an id is what was said of
    it first; of one that a change left as it was, what the next said.

    Examples
    --------
    >>> for one in composed([successions([Move("a", None, "b")]), successions([Merge(("b",), "c")])]):
    ...     print(one.old, one.new, one.kind)
    a ('c',) moved
    b ('c',) merged
    """
    found: dict[str, Succession] = {}
    for change in changes:
        after = {succession.old: succession for succession in change}
        found = {old: _continued(earlier, after) for old, earlier in found.items()}
        found |= {old: one for old, one in after.items() if old not in found}
    return tuple(found.values())


def _continued(earlier: Succession, after: Mapping[str, Succession]) -> Succession:
    """Return where a code is after one more change, whose successions hold all at once."""
    if earlier.new == (earlier.old,):
        return after.get(earlier.old, earlier)
    new = (other for code in earlier.new for other in (after[code].new if code in after else (code,)))
    return replace(earlier, new=tuple(dict.fromkeys(new)))


def _of(step: Step) -> tuple[Succession, ...]:
    match step:
        case Move(code, _, new) if new is not None and new != code:
            return (Succession(code, (new,), "moved"),)
        case Merge(codes, into):
            return tuple(Succession(code, (into,), "merged") for code in codes if code != into)
        case Split(code, into):
            return (Succession(code, tuple(str(entry["id"]) for entry in into), "split"),)
        case Retire(code, why):
            return (Succession(code, (code,), "retired", why),)
    return ()


def _replaced(ids: tuple[str, ...], old: str, new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(other for code in ids for other in (new if code == old else (code,))))
