"""A YAML text to which something is added: all that stands in it stays, byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from coding.errors import CodingError
from coding.formats import yaml

More = Mapping[str, object] | Sequence[str]


def extended(text: str, path: Sequence[str], more: More, *, name: str) -> str:
    r"""Return a YAML text with more at the end of the mapping or list at a path.

    Comments below the last value stay below what is added: they may speak of what comes next.

    Parameters
    ----------
    path : the keys that lead there, as they are in the text
    more : keys with values for a mapping, values for a list; not empty
    name : that of the file in messages

    Raises
    ------
    CodingError
        If the result would not read as what was there and what is added: YAML can be written in more
        ways than are known here.

    Examples
    --------
    >>> extended("cases: [a]   # ours\n# Which:\nyears: {}\n", ["cases"], ["b"], name="")
    'cases: [a, b]   # ours\n# Which:\nyears: {}\n'
    >>> extended("texts:\n  a: {n: 1}   # one\n# The end.\n", ["texts"], {"b": {"n": 2}}, name="")
    'texts:\n  a: {n: 1}   # one\n  b:\n    n: 2\n# The end.\n'
    """
    made = _extended(text, path, more)
    try:
        found = yaml.parse(made, name=name).values
    except CodingError:
        found = None
    if found != _meant(text, path, more, name):
        raise CodingError(f"{name} cannot be changed by a program as it is written. Add by hand: {more}.")
    return made


def _meant(text: str, path: Sequence[str], more: More, name: str) -> object:
    """Return the values of a text once more stands at a path."""
    values: Any = yaml.parse(text, name=name).values
    there = values
    for key in path:
        there = there[key]
    there.update(more) if isinstance(more, Mapping) else there.extend(more)
    return values


def _extended(text: str, path: Sequence[str], more: More) -> str:
    parent, node = _found(text, path)
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    if not node.value and isinstance(more, Mapping):  # an empty `{}` becomes lines
        before = text[:start].rstrip(" ") + text[end:]
        return _inserted(before, len(text[:start].rstrip(" ")), more, parent.start_mark.column + 2)
    if node.flow_style or not node.value:
        comma = ", " if node.value and not text[: end - 1].rstrip().endswith(",") else ""
        return text[: end - 1] + comma + _between_brackets(more) + text[end - 1 :]
    return _inserted(text, _end(text, node), more, int(node.start_mark.column))


def _found(text: str, path: Sequence[str]) -> tuple[Any, Any]:
    """Return the node at a path, and the mapping in which it stands."""
    import yaml as pyyaml

    node: Any = pyyaml.compose(text, Loader=getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader))
    parent = node
    for key in path:
        parent, node = node, next(value for name, value in node.value if name.value == key)
    return parent, node


def _end(text: str, node: Any) -> int:
    """Return where the last value of a node ends; for YAML a block ends where the next thing begins."""
    while node.id != "scalar" and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if node.id == "mapping" else last
    end = int(node.end_mark.index)
    is_block = node.id == "scalar" and node.style in ("|", ">")
    return len(text[:end].rstrip()) if is_block else end


def _inserted(text: str, after: int, more: More, column: int) -> str:
    """Return a text with more in lines of their own, below the line that holds a place."""
    at = (text.find("\n", after) + 1) or len(text)
    newline = "" if text[:at].endswith("\n") else "\n"
    written = yaml.dump(more) if isinstance(more, Mapping) else "".join(f"- {value}\n" for value in more)
    lines = re.sub("^(?=.)", " " * column, written, flags=re.MULTILINE)
    return text[:at] + newline + lines + text[at:]


def _between_brackets(more: More) -> str:
    return json.dumps(more, ensure_ascii=False)[1:-1] if isinstance(more, Mapping) else ", ".join(more)
