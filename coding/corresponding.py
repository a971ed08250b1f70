"""Which codes of two codebooks correspond, and what people coded, under the codes of either.

A code is the same where its id is: an id is for ever. Where an id is in one codebook only, the maps of its
changes say what came after it; without a map, a code that says the same may stand for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coding.differences import compare
from coding.formats.changes import read_succession
from coding.model import Coded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from coding.codebook import Code, Codebook
    from coding.project import Project

_NOTES = ("definition", "include", "exclude")


@dataclass(frozen=True, slots=True)
class Resting:
    """Coded segments of people that rest on a code which means something else by now, or is no more in use.

    Attributes
    ----------
    n : of all that stands in the project's store, whatever a study selects
    why : what of the code is not the same
    """

    code: str
    n: int
    why: str


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Which codes stand for a code where its id is not known: those that came after it, or before."""

    onward: Mapping[str, tuple[str, ...]]
    back: Mapping[str, tuple[str, ...]]

    def of(self, code: str, codebook: Codebook) -> tuple[str, ...]:
        """Return the codes in use in a codebook that stand for a code; itself if it is in use there."""
        if _in_use(code, codebook):
            return (code,)
        others = (*self.onward.get(code, ()), *self.back.get(code, ()))
        return tuple(other for other in dict.fromkeys(others) if _in_use(other, codebook))

    def between(self, old: Codebook, new: Codebook) -> dict[str, tuple[str, ...]]:
        """Return for each code in use in one codebook those that stand for it in another."""
        return {code.id: self.of(code.id, new) for code in old.codes if not code.retired}


def correspondence(project: Project, old: Codebook, new: Codebook) -> Correspondence:
    """Return which codes of two codebooks stand for one another, by the maps of the project's changes.

    Raises
    ------
    CodingError
        If a map is wrong.
    """
    last = max(old.version, new.version, key=lambda version: [int(part) for part in version.split(".")])
    pairs = [
        (one.old, other)
        for one in read_succession(project.root / "codebooks" / "changes", new.id, until=last)
        for other in one.new
    ]
    known = {before for before, _ in pairs}
    pairs += [
        (one.old, one.code)
        for one in compare(old, new)
        if one.kind == "probably moved" and one.old is not None and one.old not in known
    ]
    onward: dict[str, tuple[str, ...]] = defaultdict(tuple)
    back: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for before, after in pairs:
        if before != after:
            onward[before] += (after,)
            back[after] += (before,)
    return Correspondence(dict(onward), dict(back))


def fitted(coded: Coded, codebook: Codebook, codes: Correspondence) -> Coded:
    """Return what was coded and read under the codes of a codebook, in the meaning that it gives them.

    What bears a code for which none or several stand is left out, and so is what was read for none.
    """

    def one(code: str) -> str | None:
        found = codes.of(code, codebook)
        return found[0] if len(found) == 1 else None

    segments = tuple(
        replace(segment, code=code, meaning=codebook[code].meaning)
        for segment in coded.segments
        if (code := one(segment.code)) is not None
    )
    readings = (
        reading
        if reading.codes is None
        else replace(
            reading,
            codes=_known(reading.codes, one),
            given=None if reading.given is None else _known(reading.given, one),
        )
        for reading in coded.readings
    )
    return Coded(segments, tuple(reading for reading in readings if reading.codes != ()))


def by_people(coded: Coded) -> Coded:
    """Return what people coded and read: not rules, not models."""
    machines = {reading.coder for reading in coded.readings if reading.kind != "person"}
    return Coded(
        tuple(segment for segment in coded.segments if segment.coder not in machines),
        tuple(reading for reading in coded.readings if reading.coder not in machines),
    )


def resting(coded: Coded, old: Codebook, new: Codebook, codes: Correspondence) -> tuple[Resting, ...]:
    """Return how much of what people coded rests on codes of the old codebook that the new one changes.

    What a map carries on to one other code follows without asking, and is not among it; nor is what was coded
    in the new meaning already.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for segment in by_people(coded).segments:
        for code in codes.of(segment.code, old)[:1]:
            why = _changed(code, old, new, codes)
            if why and not (code in new and not new[code].retired and new[code].holds(segment.meaning)):
                counts[code, why] += 1
    order = [code.id for code in old.codes]
    found = (Resting(code, n, why) for (code, why), n in counts.items())
    return tuple(sorted(found, key=lambda each: order.index(each.code)))


def _changed(code: str, old: Codebook, new: Codebook, codes: Correspondence) -> str:
    """Say what of a code is not the same in what it means to people; empty if it means the same."""
    after = codes.of(code, new)
    if not after:
        return "it is retired" if code in new else "it is gone, and no map says what came after it"
    if len(after) > 1:
        return f"it was split, and a person has to say whether it is {' or '.join(after)}"
    return _reworded(old[code], new[code]) if after == (code,) else ""


def _reworded(old: Code, new: Code) -> str:
    parts = [name for name in _NOTES if getattr(old, name) != getattr(new, name)]
    parts += ["implies"] if set(old.implies) != set(new.implies) else []
    return f"its {' and '.join(parts)} changed" if parts else ""


def _in_use(code: str, codebook: Codebook) -> bool:
    return code in codebook and not codebook[code].retired


def _known(codes: Iterable[str], one: Callable[[str], str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for code in codes if (found := one(code)) is not None))
