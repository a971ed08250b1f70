"""Codebook files: `codebooks/*.yaml`, a tree of codes with their definitions and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from coding.codebook import Code, Codebook, Rule
from coding.errors import CodingError, refuse
from coding.formats import yaml
from coding.patterns import PatternError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = (".yaml",)

_STRICT = ConfigDict(extra="forbid", strict=True)

CodeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]


def _parsed(pattern: str) -> str:
    try:
        parse(pattern)
    except PatternError as error:
        raise ValueError(str(error)) from error
    return pattern


Pattern = Annotated[str, AfterValidator(_parsed)]


class RuleEntry(BaseModel):
    """A rule as written in the file."""

    model_config = _STRICT
    id: RuleId
    phrase: Pattern | Annotated[list[Pattern], Field(min_length=1)] | None = None
    near: Annotated[list[Pattern], Field(min_length=2, max_length=2)] | None = None
    within: Annotated[int, Field(ge=0, le=50)] | None = None
    ordered: bool = False
    scope: Literal["sentence", "paragraph"] = "sentence"
    case: bool = False
    unless: list[Pattern] = []
    unless_within: Annotated[int, Field(ge=1, le=50)] = 3
    matches: Annotated[list[str], Field(min_length=1)]
    rejects: list[str] = []

    @model_validator(mode="after")
    def _one_kind(self) -> RuleEntry:
        if (self.phrase is None) == (self.near is None):
            raise ValueError(f"rule '{self.id}': give either `phrase` or `near`.")
        if self.near is not None and self.within is None:
            raise ValueError(f"rule '{self.id}': `near` needs `within`, the most words between.")
        if self.near is None and (self.within is not None or self.ordered):
            raise ValueError(f"rule '{self.id}': `within` and `ordered` belong to `near`.")
        return self

    def rule(self) -> Rule:
        """Return the rule that the entry describes."""
        phrases = [self.phrase] if isinstance(self.phrase, str) else self.phrase
        return Rule(
            id=self.id,
            kind="near" if self.near else "phrase",
            patterns=tuple(self.near or phrases or ()),
            within=self.within or 0,
            ordered=self.ordered,
            scope=self.scope,
            case=self.case,
            unless=tuple(self.unless),
            unless_within=self.unless_within,
            matches=tuple(self.matches),
            rejects=tuple(self.rejects),
        )


class CodeEntry(BaseModel):
    """A code as written in the file, with the codes below it."""

    model_config = _STRICT
    id: CodeId
    name: str
    definition: str
    include: str = ""
    exclude: str = ""
    examples: list[str] = []
    source: str = ""
    parent: str | None = None
    implies: list[str] = []
    retired: bool = False
    rules: list[RuleEntry] = []
    codes: list[CodeEntry] = []


class CodebookFile(BaseModel):
    """A codebook file."""

    model_config = _STRICT
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    title: str = ""
    language: str = "en"
    families: dict[str, list[str]] = {}
    codes: Annotated[list[CodeEntry], Field(min_length=1)]


def read_codebook(path: Path, *, name: str | None = None) -> Codebook:
    """Return the codebook of a file.

    Raises
    ------
    CodingError
        Listing every problem with file, line and column: unknown keys, duplicate ids, a missing
        parent, a pattern that the grammar refuses.
    """
    file, tree = yaml.read(path, CodebookFile, name=name)
    placed = list(_walk(file.codes, None, ("codes",)))
    _refuse_duplicates(placed, tree)
    refuse(
        [
            f"{tree.where(*at, 'parent')}: code '{entry.id}' stands below '{parent}' and names "
            f"another parent, '{entry.parent}'. Say it once."
            for entry, parent, at in placed
            if parent and entry.parent
        ]
    )
    codes = tuple(_code(entry, parent) for entry, parent, _ in placed)
    families = {family: tuple(members) for family, members in file.families.items()}
    try:
        return Codebook(file.id, file.version, codes, file.title, file.language, families)
    except CodingError as error:
        raise CodingError(f"{tree.name}: {error}") from error


_At = tuple[yaml.Key, ...]
_Placed = tuple[CodeEntry, str | None, _At]


def _walk(entries: list[CodeEntry], parent: str | None, at: _At) -> Iterator[_Placed]:
    for i, entry in enumerate(entries):
        yield entry, parent, (*at, i)
        yield from _walk(entry.codes, entry.id, (*at, i, "codes"))


def _refuse_duplicates(placed: list[_Placed], tree: yaml.Tree) -> None:
    seen: dict[str, str] = {}
    problems = []
    for entry, _, at in placed:
        ids = [(f"code '{entry.id}'", (*at, "id"))]
        ids += [(f"rule '{r.id}'", (*at, "rules", i, "id")) for i, r in enumerate(entry.rules)]
        for what, place in ids:
            here = tree.where(*place)
            if what in seen:
                problems.append(f"{here}: {what} stands already at {seen[what]}. Rename one.")
            seen.setdefault(what, here.removeprefix(f"{tree.name}, "))
    refuse(problems)


def _code(entry: CodeEntry, parent: str | None) -> Code:
    return Code(
        id=entry.id,
        name=entry.name,
        definition=entry.definition,
        include=entry.include,
        exclude=entry.exclude,
        examples=tuple(entry.examples),
        source=entry.source,
        parent=parent or entry.parent,
        implies=tuple(entry.implies),
        rules=tuple(rule.rule() for rule in entry.rules),
        retired=entry.retired,
    )
