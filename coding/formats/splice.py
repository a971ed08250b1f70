"""A YAML text changed at single places: what is not named stays byte for byte, comments and folds too.

`put` sets a key, `drop` takes it out, `append` adds keys to a mapping or members to a list. Each takes a text
and a path, such as `("codes", 0, "name")`, and returns a text. Who calls them reads that and holds it against
what was meant (`held` does where a model says what): YAML can be written in more ways than are known here,
such as `? key`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from math import inf
from typing import TYPE_CHECKING, Any

from coding.errors import CodingError
from coding.formats import yaml
from coding.formats.yaml import Key

if TYPE_CHECKING:
    from pydantic import BaseModel

WIDTH = 100

Value = str | int | Sequence["Value"] | Mapping[str, "Value"]
More = Mapping[str, Value] | Sequence[Value]

_HEADER = re.compile(r"[|>][-+0-9]*(?P<comment>[ \t]+#[^\n]*)?")
_BLANK_END = re.compile(r"(\n[ \t]*)+\Z")
_LINE_END = re.compile(r"[ \t]*(?P<comma>,?)([ \t]+#[^\n]*)?[ \t]*\n")
_BETWEEN_WORDS = re.compile(r"(?<=\S) (?=\S)")
_NOT_IN_A_BLOCK = re.compile(r"\A\s|[ \t]$|\n\n\Z", re.MULTILINE)
_UNPRINTABLE = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def put(text: str, path: Sequence[Key], value: Value, *, after: Sequence[str] = ()) -> str:
    r"""Return the text with a value at a path: in the place of the one there, else as a new key.

    Parameters
    ----------
    path : the keys that lead to the value; all but the last are there
    value : not empty; in the place of a text stands a text, in that of a list of texts one
    after : keys in their order; a new key stands after the last of them that is there, else at the end

    Examples
    --------
    >>> put("# Ours.\nname: Role  # or duty\n", ["name"], "no")
    '# Ours.\nname: "no"  # or duty\n'
    """
    root = _composed(text)
    mapping, flow = _found(root, path[:-1])
    key, keys = str(path[-1]), [str(key.value) for key, _ in mapping.value]
    if key not in keys:
        there = [keys.index(other) for other in after if other in keys]
        return _with_more(text, root, path[:-1], {key: value}, there[-1] if there else -1)
    node = mapping.value[keys.index(key)][1]
    column = _column(mapping)
    if isinstance(value, str | int):
        written = (
            _inline(value, node.style, flow=True)
            if flow
            else _scalar(value, column, len(key) + 2, node.style)
        )
        return _replaced(text, node, written, flow)
    assert isinstance(value, Sequence)
    return _with_members(text, node, value, column, len(key) + 2, flow, _offset(root))


def drop(text: str, path: Sequence[Key]) -> str:
    r"""Return the text without the key at the end of a path.

    Examples
    --------
    >>> drop("id: role\n# Why:\nsource: Ours.\nname: Role\n", ["source"])
    'id: role\n# Why:\nname: Role\n'
    """
    mapping, flow = _found(_composed(text), path[:-1])
    at = [str(key.value) for key, _ in mapping.value].index(str(path[-1]))
    key, value = mapping.value[at]
    if at == 0:
        return text[: key.start_mark.index] + text[mapping.value[1][0].start_mark.index :]
    if flow:
        return text[: _end(text, mapping.value[at - 1][1])] + text[_end(text, value) :]
    return text[: _line(text, key.start_mark.index)] + text[_next_line(text, _end(text, value)) :]


def append(text: str, path: Sequence[Key], more: More, *, after: int = -1) -> str:
    r"""Return the text with more keys in the mapping, or more members in the list, at a path.

    They stand in lines of their own, or between brackets where those are; an empty `{}` becomes lines. A
    comment below the last line stays below what is added: it may speak of what comes next.

    Parameters
    ----------
    more : keys that are not there yet, with their values, for a mapping; members for a list; not empty
    after : the number of the one after which they stand

    Examples
    --------
    >>> append("codes:\n- id: a\n# Beware.\n- id: b\n", ["codes"], [{"id": "c", "name": "C"}], after=0)
    'codes:\n- id: a\n- id: c\n  name: C\n# Beware.\n- id: b\n'
    >>> append("texts:\n  a: {n: 1}   # one\n# The end.\n", ["texts"], {"b": {"n": 2}})
    'texts:\n  a: {n: 1}   # one\n  b:\n    n: 2\n# The end.\n'
    >>> append("cases: [a]   # ours\n# Which:\nyears: {}\n", ["cases"], ["b"])
    'cases: [a, b]   # ours\n# Which:\nyears: {}\n'
    """
    return _with_more(text, _composed(text), path, more, after)


def held(text: str, meant: BaseModel, more: More, *, name: str) -> str:
    """Return a changed text, once it reads as what was meant.

    Parameters
    ----------
    more : what was added to it
    name : that of the file in messages

    Raises
    ------
    CodingError
        If it reads as anything else, as the text was written in a way that is not known here.
    """
    try:
        found = yaml.checked(yaml.parse(text, name=name), type(meant))
    except CodingError:
        found = None
    if found != meant:
        raise CodingError(f"{name} cannot be changed by a program as it is written. Add by hand: {more}.")
    return text


def _composed(text: str) -> Any:
    import yaml as pyyaml

    try:
        return pyyaml.compose(text, Loader=getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader))
    except pyyaml.YAMLError as error:
        raise CodingError(f"not valid YAML: {error}.") from error


def _found(node: Any, path: Sequence[Key]) -> tuple[Any, bool]:
    """Return the node at a path, and whether it stands, or is, between brackets."""
    flow = bool(node.flow_style)
    for key in path:
        if isinstance(key, int):
            node = node.value[key]
        else:
            node = next(value for name, value in node.value if name.value == key)
        flow = flow or bool(node.flow_style)
    return node, flow


def _column(mapping: Any) -> int:
    return int(mapping.value[0][0].start_mark.column)


def _offset(root: Any) -> int:
    """Return by how much the file puts a list to the right of its key."""
    for _, value in root.value:
        if value.id == "sequence" and not value.flow_style:
            return int(value.start_mark.column) - _column(root)
    return 2


def _end(text: str, node: Any) -> int:
    """Return where what a node says ends; libyaml ends blocks where the next thing begins."""
    if node.id != "scalar" and not node.flow_style:
        last = node.value[-1]
        return _end(text, last[1] if node.id == "mapping" else last)
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    if node.id != "scalar" or node.style not in ("|", ">"):
        return end
    if "+" in text[start:end].partition("\n")[0].partition("#")[0]:
        return end - text[:end].endswith("\n")
    return start + len(_BLANK_END.sub("", text[start:end]))


def _line(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _next_line(text: str, at: int) -> int:
    return (text.find("\n", at) + 1) or len(text)


def _inserted(text: str, at: int, lines: str) -> str:
    before = text[:at] if text[:at].endswith("\n") else text[:at] + "\n"
    return before + lines + text[at:]


def _replaced(text: str, node: Any, written: str, flow: bool) -> str:
    """Return the text with a value in the place of a node; a comment after it stays on its line."""
    start, end = node.start_mark.index, _end(text, node)
    if flow:
        return text[:start] + written + text[end:]
    if node.id == "scalar" and node.style in ("|", ">"):
        header = _HEADER.match(text, start)
        rest = (header and header["comment"]) or ""
    else:
        stop = len(text[:end]) + len(text[end:].partition("\n")[0])
        rest, end = text[end:stop], stop
    first, newline, more = written.partition("\n")
    before = text[:start] if first else text[:start].rstrip(" ")
    return before + first + rest + newline + more + text[end:]


def _with_more(text: str, root: Any, path: Sequence[Key], more: More, after: int) -> str:
    holder, flow = _found(root, path)
    if not holder.value:
        return _filled(text, root, path, more)
    first, last = holder.value[after] if holder.id == "mapping" else [holder.value[after]] * 2
    end = _end(text, last)
    if flow:
        return _between(text, end, first.start_mark.column, _flow(more)[1:-1])
    column = _column(holder) if holder.id == "mapping" else holder.start_mark.column
    return _inserted(text, _next_line(text, end), _lines(more, column, _offset(root)))


def _filled(text: str, root: Any, path: Sequence[Key], more: More) -> str:
    """Return the text with the first keys in an empty `{}`, or the first members in an empty `[]`."""
    (above, flow), (holder, _) = _found(root, path[:-1]), _found(root, path)
    start, end = holder.start_mark.index + 1, holder.end_mark.index - 1
    if flow or not isinstance(more, Mapping) or above.id == "sequence" or text[start:end].strip():
        return text[:end] + _flow(more)[1:-1] + text[end:]
    lines = _lines(more, _column(above) + 2, _offset(root))
    return _replaced(text, holder, "\n" + lines.removesuffix("\n"), flow=False)


def _between(text: str, end: int, column: int, written: str) -> str:
    """Return the text with more between brackets, after what ends there; a comment stays beside that."""
    rest = _LINE_END.match(text, end)
    if not rest:
        return f"{text[:end]}, {written}{text[end:]}"
    comma = "" if rest["comma"] else ","
    line = f"{' ' * column}{written}{rest['comma']}\n"
    return text[:end] + comma + rest[0] + line + text[rest.end() :]


def _with_members(
    text: str, node: Any, values: Sequence[Value], column: int, lead: int, flow: bool, offset: int
) -> str:
    """Return the text with other members in a list; those that it had keep how they are written."""
    had = [member.value for member in node.value]
    if flow or node.flow_style:
        asis = {m.value: text[m.start_mark.index : _end(text, m)] for m in node.value}
        written = f"[{', '.join(asis.get(value) or _flow(value) for value in values)}]"
        if not flow and column + lead + len(written) > WIDTH:
            written = "\n" + _lines(values, column + offset, offset).removesuffix("\n")
        return _replaced(text, node, written, flow)
    dash = node.start_mark.column
    bounds = [_line(text, node.start_mark.index), *(_next_line(text, _end(text, m)) for m in node.value)]
    lines: list[str] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, had, values, autojunk=False).get_opcodes():
        for i, j in zip(range(i1, i2), range(j1, j2), strict=False):
            whole, member = text[: bounds[i + 1]], node.value[i]
            if kind == "replace":
                whole = _replaced(whole, member, _scalar(str(values[j]), dash, 2, member.style), flow=False)
            lines.append(whole[bounds[i] :])
        lines += [_item(values[j], dash, offset) for j in range(j1 + min(i2 - i1, j2 - j1), j2)]
    kept = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
    return text[: bounds[0]] + kept + text[bounds[-1] :]


def _lines(more: More, column: int, offset: int) -> str:
    """Return the lines of keys with their values, or of the members of a list."""
    if isinstance(more, Mapping):
        return "".join(_entry(key, value, column, offset) for key, value in more.items())
    return "".join(_item(value, column, offset) for value in more)


def _entry(key: str, value: Value, column: int, offset: int) -> str:
    """Return the lines of a key and its value."""
    head = f"{' ' * column}{_inline(key, None, flow=False)}:"
    if isinstance(value, str | int):
        return f"{head} {_scalar(value, column, len(head) + 1 - column)}\n"
    return f"{head}\n{_lines(value, column + (2 if isinstance(value, Mapping) else offset), offset)}"


def _item(value: Value, dash: int, offset: int) -> str:
    """Return the lines of a member of a list."""
    if isinstance(value, str | int):
        return f"{' ' * dash}- {_scalar(value, dash, 2)}\n"
    return f"{' ' * dash}- {_lines(value, dash + 2, offset)[dash + 2 :]}"


def _flow(value: Value) -> str:
    """Return a value as it stands between brackets."""
    if isinstance(value, str | int):
        return _inline(value, None, flow=True)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_flow(key)}: {_flow(below)}' for key, below in value.items())}}}"
    return f"[{', '.join(map(_flow, value))}]"


def _scalar(value: str | int, column: int, lead: int, style: str | None = None) -> str:
    """Return a text on the line of its key if it has room there, else as a block below.

    Parameters
    ----------
    column, lead : where the key stands, and how many characters there are up to the value
    style : how the earlier value was written (`|`, `>`, a quote), which is kept where it can be
    """
    inline = _inline(value, style, flow=False)
    if isinstance(value, int) or ("\n" not in value and column + lead + len(inline) <= WIDTH):
        return inline
    if _UNPRINTABLE.search(value) or _NOT_IN_A_BLOCK.search(value):
        return inline
    room = WIDTH - column - 2
    lines = value.removesuffix("\n").split("\n")
    short = len(lines) > 1 and max(map(len, lines)) <= room
    kept = any(line.startswith((" ", "\t")) for line in lines) or style == "|" or (style != ">" and short)
    body = lines if kept else [*_folded(lines, room)]
    pad = " " * (column + 2)
    head = ("|" if kept else ">") + ("" if value.endswith("\n") else "-")
    block = "\n".join([head, *(pad + line if line else "" for line in body)])
    return block if _reads(f"k: {block}\n", {"k": value}) else inline


def _folded(lines: Sequence[str], room: int) -> Iterator[str]:
    """Yield lines of at most that many characters, where words allow it."""
    for i, line in enumerate(lines):
        if i and line:
            yield ""  # a line end of the text is an empty line
        yield from _wrapped(line, room)


def _wrapped(line: str, room: int) -> Iterator[str]:
    so_far, *words = _BETWEEN_WORDS.split(line)
    for word in words:
        if len(so_far) + 1 + len(word) > room:
            yield so_far
            so_far = word
        else:
            so_far += " " + word
    yield so_far


def _inline(value: str | int, style: str | None, *, flow: bool) -> str:
    """Return a text on one line, without quotes if it needs none and had none."""
    if isinstance(value, int):
        return json.dumps(value)
    single, double = "'" + value.replace("'", "''") + "'", _double(value)
    choices = {"'": [single], '"': []}.get(style or "")
    if choices is None:
        choices = [value, *([single] if '"' in value or "\\" in value else [])]
    for written in choices:
        if written == value and not _is_plain(value, flow=flow):
            continue
        if "\n" in written or "\t" in written or _UNPRINTABLE.search(written):
            continue
        if _reads(f"[{written}]", [value]) if flow else _reads(f"k: {written}\n", {"k": value}):
            return written
    return double


def _double(value: str) -> str:
    """Return a text in double quotes; JSON's escapes are YAML's."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _is_plain(value: str, *, flow: bool) -> bool:
    """Say whether YAML, 1.1 or 1.2, takes an unquoted text for that text."""
    import yaml as pyyaml

    written = pyyaml.safe_dump(
        [value] if flow else {"k": value}, default_flow_style=flow, allow_unicode=True, width=inf
    )
    return bool(written == (f"[{value}]\n" if flow else f"k: {value}\n"))


def _reads(written: str, values: object) -> bool:
    try:
        return yaml.parse(written, name="").values == values
    except CodingError:
        return False
