"""Citation keys in words: what `corpus/references.bib` says of a source, as a list of sources has it.

The file is read leniently: what is no entry is passed over, and a key without an entry stays a key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from coding import bibtex

REFERENCES = Path("corpus", "references.bib")

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
    """Return the fields of each entry of a BibTeX file by its key, in words, their names small.

    Of two entries of one key the first stands; broken ones are left out.

    Examples
    --------
    >>> entries("Words. @misc{key2020, title = {A {Title}}, year = 2020}")
    {'key2020': {'title': 'A Title', 'year': '2020'}}
    """
    return {entry.key: entry.words for entry in bibtex.read(text).entries}


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
