"""YAML read strictly: duplicate keys refused, YAML 1.2 values, and every error with its line.

`read` checks a file against a pydantic model and reports all problems at once, each with file,
line, column and, for an unknown key, the nearest known one. `dump` writes values, `Editable` changes
a file and keeps its comments.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from coding.errors import CodingError, nearest, refuse
from coding.formats.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    File = TypeVar("File", bound=BaseModel)

Key = str | int
Place = tuple[int, int]

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


# What a text must look like, in words, by the pattern that says so.
FORMS = {
    r"^[a-z][a-z0-9-]*$": "small letters, digits and hyphens, a letter first, such as 'south-korea'",
    r"^[a-z0-9][a-z0-9-]*$": "small letters, digits and hyphens, such as 'joins-two-sides'",
    r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$": (
        "small letters, digits and underscores, a dot before each lower level, such as 'role.norm_promoter'"
    ),
    r"^\d+\.\d+\.\d+$": "three numbers with dots between, such as 1.0.0",
    r"^[a-z]{2,3}$": "the code of a language, two or three small letters, such as 'en'",
    r"^[A-Z]{3}$": "three capital letters, such as 'JPN'",
    r"^[0-9a-f]{64}$": "a SHA-256, 64 digits and letters from a to f",
    r"^[^/\\]+$": "the name of a file in the same folder, without slashes",
}
_KINDS = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys with values (`key: value`)",
    "model_type": "keys with values (`key: value`)",
}


class Placed(Protocol):
    """Plain values from outside, and where each was found."""

    @property
    def name(self) -> str:
        """The name of the file."""

    @property
    def values(self) -> object:
        """Lists, mappings and plain values."""

    def where(self, *path: Key) -> str:
        """Return the place of a path in words."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The plain values of a YAML file, and where each stands."""

    name: str
    values: object
    places: dict[tuple[Key, ...], Place] = field(repr=False)

    def where(self, *path: Key) -> str:
        """Return 'file, line 3, column 5' for the nearest known place of a path."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return f"{self.name}, line {line}, column {column}"


def read(path: Path, model: type[File], *, name: str | None = None) -> tuple[File, Tree]:
    """Return the content of a YAML file as `model` says it must be, and where everything stands.

    Parameters
    ----------
    name : str, optional
        The name of the file in messages; the path as given if left out.

    Raises
    ------
    CodingError
        Listing every problem with its line and column.
    """
    tree = load(path, name=name)
    return checked(tree, model), tree


def checked(tree: Placed, model: type[File]) -> File:
    """Return values as `model` says they must be.

    Raises
    ------
    CodingError
        Listing every problem with its place.
    """
    from pydantic import ValidationError

    try:
        return model.model_validate(tree.values)
    except ValidationError as error:
        refuse([_message(details, model, tree) for details in error.errors()])
        raise


def load(path: Path, *, name: str | None = None) -> Tree:
    """Return the values of a YAML file with their places.

    Raises
    ------
    CodingError
        If the file cannot be read, is not YAML, or repeats a key.
    """
    shown = name or str(path)
    return parse(decode(path, name=shown), name=shown)


def parse(text: str, *, name: str) -> Tree:
    """Return the values of a YAML text with their places; `name` is that of the file in messages.

    Raises
    ------
    CodingError
        If the text is not YAML, is nested too deeply, or repeats a key.
    """
    import yaml

    shown = name
    too_deep = CodingError(f"{shown}: is nested too deeply. Draw levels together.")
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise CodingError(f"{shown}{place}: not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise CodingError(f"{shown}: not valid YAML: {error}.") from error
    except RecursionError as error:
        raise too_deep from error
    if node is None:
        raise CodingError(f"{shown}: the file is empty.")
    tree = Tree(shown, None, {})
    try:
        values = _value(node, (), tree, set())
    except RecursionError as error:
        raise too_deep from error
    return Tree(shown, values, tree.places)


def dump(values: Mapping[str, object]) -> str:
    """Return values as a YAML text; reading it gives the values again."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
            super().increase_indent(flow, indentless=False)

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  our reader refuses them
            return True

    def shown(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    Dumper.add_representer(str, shown)
    return yaml.dump(values, Dumper=Dumper, width=100, allow_unicode=True, sort_keys=False)


class Editable:
    """A YAML text whose values can be changed; what is not changed stays as written, comments too.

    Attributes
    ----------
    values : the mapping of the file, to be changed in place
    """

    def __init__(self, text: str) -> None:
        self.values: Any = _round_trip().load(text)

    def text(self) -> str:
        """Return the text with the changes."""
        file = io.StringIO()
        _round_trip().dump(self.values, file)
        return file.getvalue()


def editable(values: object) -> Any:
    """Return plain values as those of an `Editable`, to be put among them."""
    from ruamel.yaml.comments import CommentedMap

    if isinstance(values, dict):
        return CommentedMap({key: editable(value) for key, value in values.items()})
    return [editable(value) for value in values] if isinstance(values, list) else values


def _round_trip() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1000  # what is rewritten stays on its line
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _value(node: Any, path: tuple[Key, ...], tree: Tree, known: set[int]) -> Any:
    mark = node.start_mark
    tree.places.setdefault(path, (mark.line + 1, mark.column + 1))
    if id(node) in known:
        raise CodingError(f"{tree.where(*path)}: a YAML alias (*) is not allowed here. Write it out.")
    known.add(id(node))
    if node.id == "mapping":
        return dict(_entries(node, path, tree, known))
    if node.id == "sequence":
        return [_value(child, (*path, i), tree, known) for i, child in enumerate(node.value)]
    return _scalar(node, path, tree)


def _entries(node: Any, path: tuple[Key, ...], tree: Tree, known: set[int]) -> Iterator[tuple[str, object]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in seen:
            raise CodingError(f"{tree.name}, line {line}: '{key}' stands already in line {seen[key]}.")
        seen[key] = line
        tree.places[*path, key] = (line, key_node.start_mark.column + 1)
        yield key, _value(value_node, (*path, key), tree, known)


def _scalar(node: Any, path: tuple[Key, ...], tree: Tree) -> object:
    """Return the YAML 1.2 value: PyYAML's guess, of version 1.1, only where both agree."""
    kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
    written = str(node.value)
    match kind:
        case "null":
            return None
        case "bool" if written.lower() in ("true", "false"):
            return written.lower() == "true"
        case "int" if _INT.fullmatch(written):
            return int(written)
        case "float" if _FLOAT.fullmatch(written):
            return float(written)
        case "bool" | "int" | "float" | "str" | "timestamp" | "value":
            return written
    raise CodingError(f"{tree.where(*path)}: a YAML tag {node.tag} is not allowed here.")


def _message(details: ErrorDetails, model: type[BaseModel], tree: Placed) -> str:
    path, given = _written(details["loc"], tree.values), details["input"]
    where, key = tree.where(*path), _named(path)
    match details["type"]:
        case "extra_forbidden":
            known = _known_keys(model, path[:-1])
            return f"{where}: unknown key {key}.{nearest(str(path[-1]), known)}"
        case "missing":
            return f"{where}: '{details['loc'][-1]}' is missing."
        case "value_error":
            return f"{where}: {details['ctx']['error']}"
        case "string_pattern_mismatch" if details["ctx"]["pattern"] in FORMS:
            return f"{where}: {key}: should be {FORMS[details['ctx']['pattern']]}, not {given!r}."
        case kind if kind in _KINDS:
            return f"{where}: {key}: should be {_KINDS[kind]}, not {_shown(given)}."
        case _:
            found = f" (found {given!r})" if isinstance(given, str | int | float | bool) else ""
            said = details["msg"].removeprefix("Input ").removesuffix(".")
            return f"{where}: {key}: {said[:1].lower()}{said[1:]}{found}."


def _written(path: tuple[Key, ...], values: Any) -> tuple[Key, ...]:
    """Return the part of a path that stands in the file, without what pydantic calls its own choices."""
    kept: list[Key] = []
    for key in path:
        known = dict(enumerate(values)) if isinstance(values, list) else values
        if isinstance(known, dict) and key in known:
            kept.append(key)
            values = known[key]
    return tuple(kept)


def _named(path: tuple[Key, ...]) -> str:
    """Return the key at the end of a path; for an entry of a list its key and its number, from 1."""
    keys = [key for key in path if isinstance(key, str)]
    if not keys:
        return "the file"
    entry = f", entry {path[-1] + 1}" if isinstance(path[-1], int) else ""
    return f"'{keys[-1]}'{entry}"


def _shown(given: object) -> str:
    match given:
        case None:
            return "empty"
        case list():
            return "a list"
        case dict():
            return "keys with values"
    return repr(given)


def _known_keys(model: type[BaseModel], path: tuple[Key, ...]) -> list[str]:
    """Return the keys that the model knows at a path, following its fields."""
    schema = model.model_json_schema()
    here: Any = schema
    for key in path:
        here = _resolved(here, schema)
        if isinstance(key, int):
            here = here.get("items", {})
        else:
            others = [here.get("additionalProperties") or {}, *here.get("patternProperties", {}).values()]
            here = here.get("properties", {}).get(key) or others[-1]
    return sorted(_resolved(here, schema).get("properties", {}))


def _resolved(here: Any, schema: Any) -> Any:
    for choice in here.get("anyOf", []):
        if "$ref" in choice:
            here = choice
    while "$ref" in here:
        here = schema["$defs"][here["$ref"].rpartition("/")[2]]
    return here
