r"""Lists of codes as NVivo, MAXQDA, ATLAS.ti or a person writes them, read as the table of codes.

They say `Description` for a definition and `Code` for a name, count what was coded, and may write the place
of a code as a path: `Role\Bridge`, `Role > Bridge`, `Role/Bridge`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from coding.formats.text import decode
from coding.ids import slug

if TYPE_CHECKING:
    from pathlib import Path

Place = tuple[str, ...]
Cells = Mapping[str, str]

MEMO = "memo"

_COLUMNS = {
    "description": "definition", "code_description": "definition",
    "code": "name", "code_name": "name", "hierarchical_name": "name",
    "parent_code": "parent", "parent_name": "parent",
    "code_memo": MEMO, "comment": MEMO, "comments": MEMO,
}  # fmt: skip
# What such programs count and note down about a code; it says nothing of what the code means.
_IDLE = re.compile(
    r"%.*|(?:number|no\.?|n)_of_.*|cod(?:ed|\.)_seg.*|(?:code_)?(?:colou?r|alias)|(?:created|modified)(?:_.*)?"
    r"|(?:author|files?|sources|references?|frequency|segments|documents|grounded|density|nickname)"
)
_ROOTS = {"codes", "nodes"}
_SLASH = re.compile(r"\s*/\s*")
_SIGNS = (re.compile(r"\s*\\+\s*"), re.compile(r"\s*(?<![-=])>\s*"), _SLASH)


def read_cells(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file; its first row says whether commas, semicolons or tabs divide them."""
    text = decode(path)
    first = text.lstrip("\n").partition("\n")[0]
    between = max(",;\t", key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    return [[cell.removeprefix("'") for cell in row] for row in rows if row]  # as `coding.formats.csv` writes


def column(head: str) -> str:
    """Return the column of the table of codes that a header names, or the header in small letters.

    Examples
    --------
    >>> column("Parent Code"), column(" Description"), column("Examples"), column("Shape")
    ('parent', 'definition', 'examples', 'shape')
    """
    plain = plain_head(head)
    return _COLUMNS.get(plain, plain)


def plain_head(head: str) -> str:
    """Return a header in small letters, its words joined by underscores."""
    return re.sub(r"[\s_]+", "_", head.strip().lower())


def is_idle(head: str) -> bool:
    """Return whether a header names what says nothing of the meaning of a code.

    Examples
    --------
    >>> is_idle("Files"), is_idle("Number of coding references"), is_idle("Created On"), is_idle("Include")
    (True, True, True, False)
    """
    return _IDLE.fullmatch(plain_head(head)) is not None


def completed(rows: Sequence[Cells], source: str) -> list[dict[str, str]]:
    """Return rows whose memo is the definition, if there is none, else a note; each has a definition.

    Rows with an `id` are those of a table that we wrote, and stay as they are if nothing is missing.
    """
    made = []
    for row in rows:
        cells = dict(row)
        if "id" not in cells:
            cells["name"] = cells.get("name", "").strip()
        memo = cells.pop(MEMO, "").strip()
        if not cells.get("definition", "").strip() and memo:
            cells["definition"], memo = memo, ""
        if memo:
            cells["include"] = "\n".join(filter(None, (cells.get("include", ""), memo)))
        if not cells.get("definition", "").strip() and not ("id" in cells and "definition" in cells):
            cells["definition"] = placeholder(source)
        made.append(cells)
    return made


def placeholder(source: str) -> str:
    """Return what stands for a definition that a list does not give."""
    return f"Imported from {source}; say what it means."


def paths(rows: Sequence[Cells]) -> list[Place] | None:
    """Return the place of each code as the names above it and its own, or None if no path is written.

    A path is read only where it is written for certain: no row has an `id`; and the names hold the sign
    while no row has a parent, or the parents hold it. A slash may be part of a name (*Press/Media*), so
    with it every code above another must be a row.
    """
    if any(row.get("id", "").strip() for row in rows):
        return None
    names = [row.get("name", "").strip() for row in rows]
    above = [row.get("parent", "").strip() for row in rows]
    if any(above) and {*above} <= {"", *names}:
        return None
    written = above if any(above) else names
    for sign in _SIGNS:
        if not any(sign.search(text) for text in written):
            continue
        found = [tuple(sign.split(text)) if text or written is names else () for text in written]
        if any(above):
            found = [(*path, name) for path, name in zip(found, names, strict=True)]
        found = _without_root(found)
        if all(all(path) for path in found) and (sign != _SLASH or len(list(whole(found))) == len(found)):
            return found
    return None


def whole(found: Sequence[Place]) -> Iterator[tuple[int, Place]]:
    """Yield the path of each code and the number of its row; what stands above no row says, before it."""
    seen = {*found}
    for i, path in enumerate(found):
        for above in (path[:n] for n in range(1, len(path))):
            if above not in seen:
                seen.add(above)
                yield i, above
        yield i, path


def id_of(path: Place) -> str:
    """Return the id of a code by its path; empty where a name has no letter from a to z."""
    parts = [slug(name) for name in path]
    return ".".join(parts) if all(parts) else ""


def _without_root(found: list[Place]) -> list[Place]:
    """Take off the folder in which NVivo keeps all codes."""
    first = {path[0].lower() for path in found if path}
    if len(first) == 1 and first <= _ROOTS and all(len(path) > 1 for path in found):
        return [path[1:] for path in found]
    return found
