"""RIS, as Zotero, EndNote and databases export it: entries in lines with tags of two letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from coding.bibtex import Entries, Entry, as_written

SUFFIXES = (".ris",)

_LINE = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*)|$)")
_KINDS = {
    "JOUR": "article", "EJOUR": "article", "BOOK": "book", "EBOOK": "book", "EDBOOK": "book",
    "CHAP": "incollection", "ECHAP": "incollection", "CONF": "inproceedings", "CPAPER": "inproceedings",
    "THES": "phdthesis", "RPRT": "techreport",
}  # fmt: skip
_TYPES = {
    "NEWS": "news", "MGZN": "magazine article", "BLOG": "blog post", "ELEC": "web page", "PCOMM": "letter",
    "GOVDOC": "government document", "STAT": "statute", "BILL": "bill", "HEAR": "hearing",
}  # fmt: skip
_FIELDS = {
    "title": ("TI", "T1", "CT"), "journal": ("JO", "JF", "JA"), "publisher": ("PB",), "address": ("CY",),
    "volume": ("VL",), "number": ("IS",), "language": ("LA",), "doi": ("DO",), "isbn": ("SN",),
    "edition": ("ET",),
}  # fmt: skip
_FILES = ("L1", "L2", "L3", "L4")


def read_entries(text: str) -> Entries:
    r"""Return the entries of a RIS file, and what is broken in it.

    An entry has the key that its `ID` says; without one the key is empty.

    Examples
    --------
    >>> text = "TY  - RPRT\nTI  - A plan\nPY  - 2019/03/14/\nID  - plan2019\nER  - "
    >>> read_entries(text).entries[0].words
    {'title': 'A plan', 'year': '2019', 'date': '2019-03-14'}
    """
    entries: list[Entry] = []
    problems: list[tuple[int, str]] = []
    tags: list[tuple[str, str]] = []
    begun = 0
    for number, line in enumerate(text.split("\n"), start=1):
        tag, value = _tag(line)
        if tag == "TY":
            if begun:
                problems.append((begun, "this entry has no end (ER)"))
            begun, tags = number, [(tag, value)]
        elif begun and tag == "ER":
            entries.append(_entry(tags, begun))
            begun = 0
        elif begun and tag:
            tags.append((tag, value))
        elif begun and value:
            tags[-1] = (tags[-1][0], f"{tags[-1][1]} {value}")
        elif tag or value:
            problems.append((number, "this line stands outside of any entry (TY to ER)"))
    if begun:
        problems.append((begun, "this entry has no end (ER)"))
    return Entries(tuple(entries), tuple(problems))


def _tag(line: str) -> tuple[str, str]:
    """Return the tag of a line and what it says; of a line that goes on, no tag."""
    found = _LINE.fullmatch(line.rstrip())
    return (found[1], (found[2] or "").strip()) if found else ("", line.strip())


def _entry(tags: list[tuple[str, str]], line: int) -> Entry:
    said: dict[str, list[str]] = {}
    for tag, value in tags:
        if value:
            said.setdefault(tag, []).append(value)
    kind = said.get("TY", [""])[0].upper()
    values = dict(_values(said, kind))
    return Entry(
        _KINDS.get(kind, "misc"),
        re.sub(r"[\s,{}\"=()]", "", said.get("ID", [""])[0]),
        {name: value for name, value in values.items() if value},
        line,
        tuple(path for tag in _FILES for value in said.get(tag, []) for path in value.split(";") if path),
    )


def _values(said: dict[str, list[str]], kind: str) -> Iterator[tuple[str, str]]:
    names = said.get("AU") or said.get("A1") or []
    yield "author", " and ".join(_name(name) for name in names)
    for field, tags in _FIELDS.items():
        yield field, as_written(field, next((said[tag][0] for tag in tags if tag in said), ""))
    if "T2" in said:
        field = "journal" if _KINDS.get(kind, "article") == "article" else "booktitle"
        yield field, as_written(field, said["T2"][0])
    pages = [said[tag][0] for tag in ("SP", "EP") if tag in said]
    yield "pages", as_written("pages", "--".join(pages))
    for tag in ("DA", "PY", "Y1"):
        year, *rest = re.split(r"[/-]", said.get(tag, [""])[0].strip())
        if re.fullmatch(r"\d{4}", year):
            yield "year", year
            parts = [part.zfill(2) for part in rest[:2] if re.fullmatch(r"\d{1,2}", part)]
            yield "date", "-".join([year, *parts]) if parts else ""
            break
    web = [value for tag in ("UR", "L2") for value in said.get(tag, []) if value.startswith("http")]
    yield "url", as_written("url", web[0] if web else "")
    yield "type", as_written("type", (said.get("M3") or [_TYPES.get(kind, "")])[0])


def _name(name: str) -> str:
    """Return a name as BibTeX writes it: of a body in braces."""
    written = as_written("author", name)
    return written if "," in name else f"{{{written}}}"
