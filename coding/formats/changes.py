"""Change files: the steps that make a codebook's next version, and the map that carries codings along.

`revise` reads a change file and returns the new text of the codebook file, with its comments, and the
succession of its codes. Nothing is half-done: whatever is wrong with any step is told, all at once.
`read_succession` reads the maps of all versions as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from coding.errors import CodingError, refuse
from coding.formats import yaml
from coding.formats.codebook import CodeEntry, CodeId, codebook_of
from coding.formats.codebook_edit import Edited
from coding.formats.text import decode
from coding.revision import (
    Merge,
    Move,
    Rename,
    Retire,
    Split,
    Step,
    Succession,
    composed,
    successions,
)

if TYPE_CHECKING:
    from pathlib import Path

    from coding.codebook import Codebook

SUFFIXES = (".yaml",)

_STRICT = ConfigDict(extra="forbid", strict=True)

Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]


class RenameEntry(BaseModel):
    """Another name for a code."""

    model_config = _STRICT
    code: str
    name: Annotated[str, Field(min_length=1)]


class MoveEntry(BaseModel):
    """Another parent for a code; `under: null` is the top. `as` gives it another id."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)
    code: str
    under: str | None
    new: Annotated[CodeId | None, Field(alias="as")] = None


class MergeEntry(BaseModel):
    """Several codes into one that exists."""

    model_config = _STRICT
    codes: Annotated[list[str], Field(min_length=1)]
    into: str


class SplitEntry(BaseModel):
    """A code into new ones."""

    model_config = _STRICT
    code: str
    into: Annotated[list[CodeEntry], Field(min_length=2)]


class RetireEntry(BaseModel):
    """A code that is used no more."""

    model_config = _STRICT
    code: str
    why: Annotated[str, Field(min_length=1)]


class StepEntry(BaseModel):
    """One step: exactly one of the five."""

    model_config = _STRICT
    rename: RenameEntry | None = None
    move: MoveEntry | None = None
    merge: MergeEntry | None = None
    split: SplitEntry | None = None
    retire: RetireEntry | None = None

    @model_validator(mode="after")
    def _one(self) -> StepEntry:
        if len(self.model_fields_set) != 1:
            raise ValueError(f"a step is one of {', '.join(StepEntry.model_fields)}.")
        return self

    def step(self) -> Step:
        """Return the step that the entry describes."""
        if self.rename:
            return Rename(self.rename.code, self.rename.name)
        if self.move:
            return Move(self.move.code, self.move.under, self.move.new)
        if self.merge:
            return Merge(tuple(self.merge.codes), self.merge.into)
        if self.split:
            into = [entry.model_dump(exclude_unset=True) for entry in self.split.into]
            return Split(self.split.code, tuple(into))
        assert self.retire is not None
        return Retire(self.retire.code, self.retire.why)


class ChangeFile(BaseModel):
    """A change file."""

    model_config = _STRICT
    codebook: str
    version: Version
    steps: Annotated[list[StepEntry], Field(min_length=1)]


class SuccessionEntry(BaseModel):
    """What comes after a code."""

    model_config = _STRICT
    old: str
    new: Annotated[list[str], Field(min_length=1)]
    kind: Literal["moved", "merged", "split", "retired"]
    why: str = ""

    def succession(self) -> Succession:
        """Return the succession that the entry says."""
        return Succession(self.old, tuple(self.new), self.kind, self.why)


class MapFile(BaseModel):
    """A map from the codes of one version of a codebook to those of the next."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)
    codebook: str
    first: Annotated[Version, Field(alias="from")]
    last: Annotated[Version, Field(alias="to")]
    codes: list[SuccessionEntry]


@dataclass(frozen=True, slots=True)
class Revised:
    """A change that fits its codebook: before, after, the text before and after, and where codings go."""

    old: Codebook
    new: Codebook
    before: str
    text: str
    through: tuple[Succession, ...] = ()

    def map(self) -> str:
        """Return the text of the map file."""
        codes = [
            {"old": s.old, "new": list(s.new), "kind": s.kind, **({"why": s.why} if s.why else {})}
            for s in self.through
        ]
        versions = {"from": self.old.version, "to": self.new.version}
        return yaml.dump({"codebook": self.new.id, **versions, "codes": codes})


def read_map(path: Path, *, name: str | None = None) -> tuple[Succession, ...]:
    """Return the succession of codes that a map file says; `coding.revision.carry` applies it."""
    file, _ = yaml.read(path, MapFile, name=name)
    return tuple(entry.succession() for entry in file.codes)


def read_succession(folder: Path, codebook: str, *, until: str | None = None) -> tuple[Succession, ...]:
    """Return which codes of a codebook come after those of all its earlier versions.

    Parameters
    ----------
    folder : where the maps of the project stand, `codebooks/changes`; it may be missing
    until : the version up to which maps count; all of them if left out

    Raises
    ------
    CodingError
        If a map is wrong, or is that of another codebook.
    """
    maps = []
    for path in sorted(folder.glob(f"{codebook}.*.map.yaml")):
        file, tree = yaml.read(path, MapFile, name=f"{folder.parent.name}/{folder.name}/{path.name}")
        if file.codebook != codebook:
            raise CodingError(
                f"{tree.where('codebook')}: the codebook is '{file.codebook}', not '{codebook}'."
            )
        if until is None or _number(file.last) <= _number(until):
            maps.append(file)
    maps.sort(key=lambda file: _number(file.last))
    return composed([entry.succession() for entry in file.codes] for file in maps)


def read_changes(path: Path, *, name: str | None = None) -> tuple[ChangeFile, yaml.Tree]:
    """Return the content of a change file and where everything stands in it."""
    return yaml.read(path, ChangeFile, name=name)


def change_of(codebook: str, version: str, steps: Sequence[Step]) -> tuple[ChangeFile, yaml.Placed]:
    """Return steps as a change file would say them, and how its places are called in messages.

    Raises
    ------
    CodingError
        Listing everything that a step cannot say, such as an id of a wrong form.
    """
    said: dict[str, object] = {"codebook": codebook, "version": version, "steps": [*map(_said, steps)]}
    tree = _Given("the change", said)
    return yaml.checked(tree, ChangeFile), tree


def revise(codebook: Path, change: ChangeFile, tree: yaml.Placed, *, name: str | None = None) -> Revised:
    """Return what a change makes of a codebook file.

    Parameters
    ----------
    codebook : the file of the codebook
    change, tree : the change file, as `read_changes` gives it

    Raises
    ------
    CodingError
        Listing every step that does not fit; or everything that the steps would leave dangling.
    """
    shown = name or str(codebook)
    text = decode(codebook, name=shown)
    old = codebook_of(yaml.parse(text, name=shown))
    _refuse_other(old, change, tree)
    file = yaml.Editable(text)
    steps = [entry.step() for entry in change.steps]
    edited = Edited(file.values)
    refuse(
        [
            f"{tree.where('steps', i)}: {problem}"
            for i, step in enumerate(steps)
            for problem in edited.apply(step)
        ]
    )
    file.values["version"] = change.version
    changed = file.text()
    stray = [f"{tree.name}: {problem}" for problem in _stray(file.values)]
    parsed = yaml.parse(changed, name=f"{shown}, changed")
    new = codebook_of(_without_families(parsed) if stray else parsed)
    refuse([*stray, *(f"{tree.name}: {problem}" for problem in _dangling(old, new))])
    return Revised(old, new, text, changed, successions(steps))


@dataclass(frozen=True, slots=True)
class _Given:
    """A change that stands in no file: its places are its steps, counted from 1."""

    name: str
    values: object

    def where(self, *path: yaml.Key) -> str:
        match path:
            case ("steps", int(i), *_):
                return f"step {i + 1}"
        return self.name


def _said(step: Step) -> dict[str, object]:
    """Return a step as the plain values of a change file."""
    match step:
        case Rename(code, name):
            return {"rename": {"code": code, "name": name}}
        case Move(code, under, new):
            return {"move": {"code": code, "under": under, **({"as": new} if new is not None else {})}}
        case Merge(codes, into):
            return {"merge": {"codes": [*codes], "into": into}}
        case Split(code, into):
            return {"split": {"code": code, "into": [dict(entry) for entry in into]}}
        case Retire(code, why):
            return {"retire": {"code": code, "why": why}}


def _refuse_other(old: Codebook, change: ChangeFile, tree: yaml.Placed) -> None:
    problems = []
    if old.id != change.codebook:
        problems.append(f"{tree.where('codebook')}: the codebook is '{old.id}', not '{change.codebook}'.")
    if _number(change.version) <= _number(old.version):
        problems.append(f"{tree.where('version')}: {change.version} does not come after {old.version}.")
    refuse(problems)


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _stray(values: Any) -> Iterator[str]:
    """Yield the members of families that the change took from the top."""
    tops = {entry["id"] for entry in values["codes"] if not entry.get("parent")}
    for family, members in values.get("families", {}).items():
        yield from (
            f"family '{family}' lists '{member}', which is no top code now. Take it out first."
            for member in members
            if member not in tops
        )


def _without_families(tree: yaml.Tree) -> yaml.Tree:
    """Return a codebook of which everything but its families can be told."""
    assert isinstance(tree.values, dict)
    return replace(tree, values={**tree.values, "families": {}})


def _dangling(old: Codebook, new: Codebook) -> Iterator[str]:
    """Yield what points at a code that the change retired."""
    gone = {code.id for code in new.codes if code.retired and not (code.id in old and old[code.id].retired)}
    for code in new.codes:
        if code.retired:
            continue
        for verb, others in (("implies", code.implies), ("beats", code.beats)):
            yield from (
                f"code '{code.id}' {verb} '{other}', which is retired. Take that out first."
                for other in others
                if other in gone
            )
        if code.parent in gone:
            yield f"code '{code.id}' stands below '{code.parent}', which is retired. Move or retire it too."
    for family, members in new.families.items():
        for member in members:
            if member in gone:
                yield f"family '{family}' lists '{member}', which is retired. Take it out first."
