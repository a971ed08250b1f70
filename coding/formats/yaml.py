"""YAML read strictly: duplicate keys refused, YAML 1.2 values, and every error with its line.

`read` checks a file against a pydantic model and reports all problems at once, each with file,
line, column and, for an unknown key, the nearest known one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from coding.errors import CodingError, nearest, refuse
from coding.formats.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    File = TypeVar("File", bound=BaseModel)

Key = str | int
Place = tuple[int, int]

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


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
    from pydantic import ValidationError

    tree = load(path, name=name)
    try:
        return model.model_validate(tree.values), tree
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
    import yaml

    shown = name or str(path)
    text = decode(path, name=shown)
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise CodingError(f"{shown}{place}: not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise CodingError(f"{shown}: not valid YAML: {error}.") from error
    if node is None:
        raise CodingError(f"{shown}: the file is empty.")
    tree = Tree(shown, None, {})
    values = _value(node, (), tree, set())
    return Tree(shown, values, tree.places)


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


def _message(details: ErrorDetails, model: type[BaseModel], tree: Tree) -> str:
    path = details["loc"]
    where = tree.where(*path)
    key = str(path[-1]) if path else "the file"
    match details["type"]:
        case "extra_forbidden":
            return f"{where}: unknown key '{key}'.{nearest(key, _known_keys(model, path[:-1]))}"
        case "missing":
            return f"{where}: '{key}' is missing."
        case "value_error":
            return f"{where}: {details['ctx']['error']}"
        case _:
            given = details["input"]
            shown = f" (found {given!r})" if isinstance(given, str | int | float | bool) else ""
            return f"{where}: '{key}': {_plain(details['msg'])}{shown}."


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:].removeprefix("Input ").removesuffix(".")


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
