r"""A code of ours as the description of a code elsewhere: its definition, then what else is said of it.

Each part is a paragraph that begins with its name, and the last says the id, so that people read it in any
program and this one gets back what it wrote, changes included. A paragraph of a definition that begins like
a part is written with a backslash before it.
"""

from __future__ import annotations

import re

from coding.codebook import Code

_NAMES = ("implies", "beats")
_PART = re.compile(r"\\*(Include|Exclude|Example|Source|Implies|Beats|Retired|Id): ?")
_LINE_END = re.compile(r"\n\\*\Z")
_GAP = "\n\n"


def described(code: Code) -> str:
    """Return the description of a code: all that is said of it but its name, place and rules.

    Examples
    --------
    >>> print(described(Code("role", "Role", "What it does.", include="Offices.")))
    What it does.
    <BLANKLINE>
    Include: Offices.
    <BLANKLINE>
    Id: role
    """
    parts = [_kept(code.definition)]
    parts += [
        f"{name.title()}: {_kept(text)}" for name in ("include", "exclude") if (text := getattr(code, name))
    ]
    parts += [f"Example: {_kept(example)}" for example in code.examples]
    parts += [f"Source: {_kept(code.source)}"] if code.source else []
    parts += [f"{name.title()}: {', '.join(ids)}" for name in _NAMES if (ids := getattr(code, name))]
    parts += ["Retired: yes"] if code.retired else []
    return _GAP.join([*parts, f"Id: {code.id}"])


def code_of(description: str, *, id: str, name: str, parent: str | None) -> Code:  # noqa: A002  it is the code's id
    r"""Return the code that a description says; another program's is all definition.

    Parameters
    ----------
    id : the id of the code, whatever the description says

    Examples
    --------
    >>> said = "What it does.\n\nInclude: Offices.\n\nId: role"
    >>> code_of(said, id="role", name="Role", parent=None).include
    'Offices.'
    """
    if id_in(description) is None:
        return Code(id, name, description, parent=parent)
    said: dict[str, list[list[str]]] = {"definition": [[]]}
    current = said["definition"][0]
    for block in description.split(_GAP):
        part = _PART.match(block)
        if part and not block.startswith("\\"):
            current = [_unescaped(block[part.end() :])]
            said.setdefault(part[1].lower(), []).append(current)
        else:
            current.append(_unescaped(block))
    texts = {key: [_read(_GAP.join(blocks)) for blocks in found] for key, found in said.items()}

    def words(key: str) -> str:
        return _GAP.join(texts.get(key, []))

    def names(key: str) -> tuple[str, ...]:
        return tuple(name.strip() for name in ",".join(texts.get(key, [])).split(",") if name.strip())

    return Code(
        id,
        name,
        texts["definition"][0],
        include=words("include"),
        exclude=words("exclude"),
        examples=tuple(texts.get("example", ())),
        source=words("source"),
        parent=parent,
        implies=names("implies"),
        beats=names("beats"),
        retired="retired" in texts,
    )


def id_in(description: str) -> str | None:
    """Return the id that a description ends with; None if it is not one of ours."""
    last = description.rstrip().rpartition(_GAP)[2]
    match = re.fullmatch(r"Id: ([a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*)", last)
    return match[1] if match else None


def _kept(text: str) -> str:
    r"""Return a text whose paragraphs are not taken for parts, and whose last line end stays its own."""
    kept = _GAP.join(f"\\{block}" if _PART.match(block) else block for block in text.split(_GAP))
    return f"{kept}\\" if _LINE_END.search(kept) else kept


def _unescaped(block: str) -> str:
    return block.removeprefix("\\") if _PART.match(block) else block


def _read(text: str) -> str:
    return text[:-1] if text.endswith("\\") and _LINE_END.search(text) else text
