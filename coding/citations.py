"""Citation keys in words: what `corpus/references.bib` says of a source, as a list of sources has it.

The file is read leniently: what is no entry is passed over, and a key without an entry stays a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

REFERENCES = Path("corpus", "references.bib")

_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^\s,{}]+)\s*,")
_FIELD = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*")
_BARE = re.compile(r"[^\s,}]+")
_NO_ENTRIES = ("comment", "preamble", "string")
_AND = re.compile(r"\s+and\s+")
_IN = ("journal", "journaltitle", "booktitle")
_BY = ("publisher", "institution", "school", "organization")


def references(root: Path) -> dict[str, str]:
    """Return for each key of a project's `references.bib` its entry in words; none without such a file."""
    path = root / REFERENCES
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return {key: cited(fields) for key, fields in entries(text).items()}


def entries(text: str) -> dict[str, dict[str, str]]:
    """Return the fields of each entry of a BibTeX file by its key, their names small, braces taken off.

    Of two entries of one key the first stands.

    Examples
    --------
    >>> entries("Words. @misc{key2020, title = {A {Title}}, year = 2020}")
    {'key2020': {'title': 'A Title', 'year': '2020'}}
    """
    found: dict[str, dict[str, str]] = {}
    for start in _ENTRY.finditer(text):
        if start[1].lower() not in _NO_ENTRIES:
            found.setdefault(start[2], dict(_fields(text, start.end())))
    return found


def cited(fields: Mapping[str, str]) -> str:
    """Return an entry in words: authors, year, title, where it appeared, address.

    Examples
    --------
    >>> cited({"author": "Doe, J. and Roe, R.", "year": "2020", "title": "A title", "journal": "Journal",
    ...        "volume": "3", "number": "1", "pages": "5--9", "url": "https://example.org"})
    'Doe, J.; Roe, R. (2020). A title. Journal 3 (1), 5–9. https://example.org'
    """
    who = "; ".join(_AND.split(fields.get("author") or fields.get("editor", "")))
    year = fields.get("year") or fields.get("date", "")[:4] or "n.d."
    seen = f" (seen {fields['urldate']})" if fields.get("url") and fields.get("urldate") else ""
    published = next((fields[name] for name in _BY if name in fields), "")
    parts = (
        f"{who} ({year})".strip(),
        fields.get("title", ""),
        _place(fields),
        published if published != who else "",
        f"{fields.get('url', '')}{seen}" or (f"https://doi.org/{fields['doi']}" if "doi" in fields else ""),
    )
    return ". ".join(part.rstrip(".") for part in parts if part)


def _place(fields: Mapping[str, str]) -> str:
    inside = next((fields[name] for name in _IN if name in fields), "")
    number = f" ({fields['number']})" if "number" in fields and "volume" in fields else ""
    volume = f" {fields['volume']}" if "volume" in fields and inside else ""
    pages = f", {re.sub('-+', '–', fields['pages'])}" if "pages" in fields and inside else ""
    return f"{inside}{volume}{number}{pages}" if inside else ""


def _fields(text: str, at: int) -> Iterator[tuple[str, str]]:
    """Yield names and values from a place behind the key of an entry to its end."""
    while name := _FIELD.match(text, at):
        value, at = _value(text, name.end())
        yield (
            name[1].lower(),
            " ".join(re.sub(r"\\([&%$#_])", r"\1", value).translate({123: "", 125: ""}).split()),
        )
        comma = re.compile(r"\s*,").match(text, at)
        if not comma:
            return
        at = comma.end()


def _value(text: str, at: int) -> tuple[str, int]:
    """Return a value in braces, in quotation marks or bare, and the place behind it."""
    if text[at : at + 1] not in ("{", '"'):
        bare = _BARE.match(text, at)
        return (bare[0], bare.end()) if bare else ("", at)
    depth = 0
    for i in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0 and (text[i] == "}" or (text[i] == '"' and i > at)):
            return text[at + 1 : i], i + 1
    return text[at + 1 :], len(text)
