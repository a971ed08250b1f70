"""Codebook files: `codebooks/*.yaml`, a tree of codes with their definitions and rules."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from coding.codebook import (
    Actor,
    Code,
    Codebook,
    Covers,
    Example,
    Match,
    Rule,
    RuleKind,
    Scope,
    UnlessIn,
)
from coding.errors import CodingError, nearest, refuse
from coding.files import replacing
from coding.formats import yaml
from coding.formats.text import write_text
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


def _compiled(pattern: str) -> str:
    import regex

    try:
        empty = regex.compile(pattern).fullmatch("")
    except regex.error as error:
        raise ValueError(f"'{pattern}', column {(error.pos or 0) + 1}: {error.msg}.") from error
    if empty:
        raise ValueError(f"'{pattern}' can match no character at all. Write + for *, or anchor a word.")
    return pattern


def _listed(given: object) -> object:
    """One text stands for a list of one."""
    return [given] if isinstance(given, str) else given


_OneOrMore = BeforeValidator(_listed, json_schema_input_type=str | list[str])
Pattern = Annotated[str, AfterValidator(_parsed)]
Patterns = Annotated[list[Pattern], Field(min_length=1), _OneOrMore]
Regexes = Annotated[list[Annotated[str, AfterValidator(_compiled)]], Field(min_length=1), _OneOrMore]
Several = Annotated[list[Pattern], Field(min_length=2)]
TokenPattern = Annotated[list[dict[str, JsonValue]], Field(min_length=1)]


class ExampleEntry(BaseModel):
    """A test sentence with the donor in whose document it stands."""

    model_config = _STRICT
    text: Annotated[str, Field(min_length=1)]
    donor: str = ""


def _sentence(given: object) -> object:
    """Take a plain sentence as an example without a donor."""
    return {"text": given} if isinstance(given, str) else given


Entry = Annotated[ExampleEntry, BeforeValidator(_sentence, json_schema_input_type=str | ExampleEntry)]


class RuleEntry(BaseModel):
    """A rule as written in the file."""

    model_config = _STRICT
    id: RuleId
    phrase: Patterns | None = None
    near: Annotated[list[Pattern], Field(min_length=2, max_length=2)] | None = None
    all: Several | None = None
    pattern: TokenPattern | None = None
    regex: Regexes | None = None
    within: Annotated[int, Field(ge=0, le=50)] | None = None
    ordered: bool = False
    scope: Scope = "sentence"
    match: Match | None = None
    case: bool = False
    unless: Annotated[list[Pattern], _OneOrMore] = []
    unless_within: Annotated[int, Field(ge=1, le=50)] = 3
    unless_in: UnlessIn = "before"
    actor: Actor = "any"
    covers: Covers = "hit"
    matches: Annotated[list[Entry], Field(min_length=1)]
    rejects: list[Entry] = []

    @model_validator(mode="after")
    def _one_kind(self) -> RuleEntry:
        kinds = self._kinds()
        if len(kinds) != 1:
            given = f", not {' and '.join(kinds)}" if kinds else ""
            raise ValueError(f"rule '{self.id}': give one of {', '.join(get_args(RuleKind))}{given}.")
        kind = kinds[0]
        wrong = {
            "`near` needs `within`, the most words between": kind == "near" and self.within is None,
            "`within` and `ordered` belong to `near`": kind != "near"
            and (self.within is not None or self.ordered),
            f"`match` belongs to phrases, not to `{kind}`": self.match is not None
            and kind in ("pattern", "regex"),
            "`case` belongs to phrases and `regex`; a `pattern` says LOWER or TEXT": self.case
            and kind == "pattern",
            "`case: true` compares words as they stand; leave out `match: lemma`": self.case
            and self.match == "lemma",
            "`unless_within` and `unless_in: sentence` exclude each other": self.unless_in == "sentence"
            and "unless_within" in self.model_fields_set,
            "the hit of `all` is its whole unit; leave out `covers`, or widen it to the paragraph": kind
            == "all"
            and self.covers == "sentence"
            and self.scope == "paragraph",
        }
        for message, is_so in wrong.items():
            if is_so:
                raise ValueError(f"rule '{self.id}': {message}.")
        return self

    def _kinds(self) -> list[RuleKind]:
        return [kind for kind in get_args(RuleKind) if getattr(self, kind) is not None]

    def rule(self, match: Match) -> Rule:
        """Return the rule that the entry describes; `match` is what the codebook says for all rules."""
        kind = self._kinds()[0]
        given = getattr(self, kind)
        patterns = [json.dumps(given)] if kind == "pattern" else given
        return Rule(
            id=self.id,
            kind=kind,
            patterns=tuple(patterns),
            within=self.within or 0,
            ordered=self.ordered,
            scope=self.scope,
            match="surface" if self.case else self.match or match,
            case=self.case,
            unless=tuple(self.unless),
            unless_within=self.unless_within,
            unless_in=self.unless_in,
            actor=self.actor,
            covers=self.covers,
            matches=tuple(Example(given.text, given.donor) for given in self.matches),
            rejects=tuple(Example(given.text, given.donor) for given in self.rejects),
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
    beats: list[str] = []
    retired: bool = False
    rules: list[RuleEntry] = []
    codes: list[CodeEntry] = []


class CodebookFile(BaseModel):
    """A codebook file."""

    model_config = _STRICT
    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    title: str = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] = "en"
    match: Match = "lemma"
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
    return codebook_of(yaml.load(path, name=name))


def codebook_of(tree: yaml.Placed) -> Codebook:
    """Return the codebook that plain values, from a file or a table, say.

    Raises
    ------
    CodingError
        Listing every problem with its place.
    """
    file = yaml.checked(tree, CodebookFile)
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
    refuse(_unknown(file, placed, tree))
    codes = tuple(_code(entry, parent, file.match) for entry, parent, _ in placed)
    families = {family: tuple(members) for family, members in file.families.items()}
    try:
        return Codebook(file.id, file.version, codes, file.title, file.language, families)
    except CodingError as error:
        raise CodingError(f"{tree.name}: {error}") from error


def write_codebook(path: Path, codebook: Codebook) -> None:
    """Write a codebook as a file; reading it gives the same codebook again.

    Raises
    ------
    CodingError
        If the file cannot be written; then an earlier one is whole.
    """
    text = yaml.dump(values(codebook))
    with replacing([path]) as (beside,):
        write_text(beside, text)


def values(codebook: Codebook) -> dict[str, object]:
    """Return a codebook as the plain values of its file. What is as by default is left out."""
    match = _common_match(codebook)
    families = {family: list(members) for family, members in codebook.families.items()}
    said: dict[str, object] = {
        "id": codebook.id,
        "version": codebook.version,
        **_unlike(codebook, Codebook("", "", ()), ("title", "language")),
        **({"match": match} if match != "lemma" else {}),
        **({"families": families} if families else {}),
    }
    entries = {code.id: _code_values(code, match) for code in codebook.codes}
    if list(_depth_first(codebook, None)) != list(codebook.codes):  # a flat list keeps any order
        for code in codebook.codes:
            if code.parent is not None:
                entries[code.id]["parent"] = code.parent
        return {**said, "codes": list(entries.values())}
    for code in codebook.codes:
        below = [entries[child.id] for child in _below(codebook, code.id)]
        entries[code.id] |= {"codes": below} if below else {}
    return {**said, "codes": [entries[code.id] for code in _below(codebook, None)]}


_At = tuple[yaml.Key, ...]
_Placed = tuple[CodeEntry, str | None, _At]


def _walk(entries: list[CodeEntry], parent: str | None, at: _At) -> Iterator[_Placed]:
    for i, entry in enumerate(entries):
        yield entry, parent, (*at, i)
        yield from _walk(entry.codes, entry.id, (*at, i, "codes"))


def _refuse_duplicates(placed: list[_Placed], tree: yaml.Placed) -> None:
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


def _unknown(file: CodebookFile, placed: list[_Placed], tree: yaml.Placed) -> list[str]:
    """Return every name that is no code, with its place. A family is made of top-level codes."""
    ids = [entry.id for entry, _, _ in placed]
    tops = [entry.id for entry, parent, _ in placed if not (parent or entry.parent)]
    named: list[tuple[str, _At, str, list[str]]] = [
        ("code", (*at, key, *([i] if key != "parent" else [])), name, ids)
        for entry, _, at in placed
        for key, names in (("parent", [entry.parent]), ("implies", entry.implies), ("beats", entry.beats))
        for i, name in enumerate(names)
        if name is not None
    ]
    named += [
        ("top-level code", ("families", family, i), member, tops)
        for family, members in file.families.items()
        for i, member in enumerate(members)
    ]
    return [
        f"{tree.where(*at)}: no {kind} '{name}'.{nearest(name, known)}"
        for kind, at, name, known in named
        if name not in known
    ]


def _code(entry: CodeEntry, parent: str | None, match: Match) -> Code:
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
        beats=tuple(entry.beats),
        rules=tuple(rule.rule(match) for rule in entry.rules),
        retired=entry.retired,
    )


def _below(codebook: Codebook, parent: str | None) -> list[Code]:
    """Return the codes right below one, retired ones too: a file holds them all."""
    return [code for code in codebook.codes if code.parent == parent]


def _depth_first(codebook: Codebook, parent: str | None) -> Iterator[Code]:
    for code in _below(codebook, parent):
        yield code
        yield from _depth_first(codebook, code.id)


def _common_match(codebook: Codebook) -> Match:
    """Return what the codebook says for all rules; `pattern` and `regex` can say nothing else."""
    rules = [rule for code in codebook.codes for rule in code.rules if not rule.case]
    fixed = [rule.match for rule in rules if rule.kind in ("pattern", "regex")]
    said = Counter(fixed or [rule.match for rule in rules])
    return said.most_common(1)[0][0] if said else "lemma"


def _code_values(code: Code, match: Match) -> dict[str, object]:
    texts = ("include", "exclude", "examples", "source", "implies", "beats", "retired")
    rules = [_rule_values(rule, match) for rule in code.rules]
    return {
        "id": code.id,
        "name": code.name,
        "definition": code.definition,
        **_unlike(code, Code("", "", ""), texts),
        **({"rules": rules} if rules else {}),
    }


def _rule_values(rule: Rule, match: Match) -> dict[str, object]:
    before = ("ordered", "scope", "case", "unless", "unless_within", "unless_in", "actor", "covers")
    patterns = json.loads(rule.patterns[0]) if rule.kind == "pattern" else list(rule.patterns)
    own_match = rule.match != match and not rule.case and rule.kind not in ("pattern", "regex")
    return {
        "id": rule.id,
        rule.kind: patterns,
        **({"within": rule.within} if rule.kind == "near" else {}),
        **({"match": rule.match} if own_match else {}),
        **_unlike(rule, Rule("", "phrase", ()), before),
        "matches": [_example_values(example) for example in rule.matches],
        **({"rejects": [_example_values(example) for example in rule.rejects]} if rule.rejects else {}),
    }


def _example_values(example: Example) -> str | dict[str, str]:
    return {"text": example.text, "donor": example.donor} if example.donor else example.text


def _unlike(given: object, default: object, names: tuple[str, ...]) -> dict[str, object]:
    """Return the named values that are not as by default."""
    said = {name: getattr(given, name) for name in names if getattr(given, name) != getattr(default, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
