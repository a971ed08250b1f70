"""CSL-JSON, as Zotero and citation processors write it: a list of sources with typed fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from coding.bibtex import Entries, Entry, as_written
from coding.errors import CodingError

SUFFIXES = (".json",)

_KINDS = {
    "article": "article", "article-journal": "article", "article-magazine": "article",
    "article-newspaper": "article", "book": "book", "chapter": "incollection",
    "paper-conference": "inproceedings", "thesis": "phdthesis", "report": "techreport",
}  # fmt: skip
_TYPES = {
    "article-newspaper": "news", "article-magazine": "magazine article", "webpage": "web page",
    "post-weblog": "blog post", "personal_communication": "letter", "legislation": "statute",
}  # fmt: skip
_NO_TYPE = ("document", "article", "post")
_FIELDS = {
    "publisher": "publisher", "address": "publisher_place", "volume": "volume", "number": "issue",
    "pages": "page", "language": "language", "doi": "DOI", "isbn": "ISBN", "url": "URL", "edition": "edition",
}  # fmt: skip

_Text = Annotated[str, BeforeValidator(lambda v: str(v) if isinstance(v, int | float) else v)]


class _Name(BaseModel):
    family: str = ""
    given: str = ""
    literal: str = ""
    suffix: str = ""
    particle: Annotated[str, Field(alias="non-dropping-particle")] = ""

    def written(self) -> str:
        """Return the name as BibTeX writes it: of a body in braces."""
        if not self.family:
            whole = self.literal or self.given
            return f"{{{as_written('author', whole)}}}" if whole else ""
        family = f"{self.particle} {self.family}".strip()
        return ", ".join(as_written("author", part) for part in (family, self.suffix, self.given) if part)


class _Date(BaseModel):
    parts: Annotated[list[list[int | str]], Field(alias="date-parts")] = []
    raw: _Text = ""
    literal: _Text = ""


class _Source(BaseModel):
    """What of a source is read; other fields are passed over."""

    model_config = ConfigDict(extra="ignore")
    id: _Text = ""
    citation_key: Annotated[str, Field(alias="citation-key")] = ""
    type: str = "document"
    title: _Text = ""
    author: list[_Name] = []
    editor: list[_Name] = []
    issued: _Date = _Date()
    accessed: _Date = _Date()
    container_title: Annotated[str, Field(alias="container-title")] = ""
    publisher: str = ""
    publisher_place: Annotated[str, Field(alias="publisher-place")] = ""
    genre: str = ""
    language: str = ""
    volume: _Text = ""
    issue: _Text = ""
    page: _Text = ""
    edition: _Text = ""
    DOI: str = ""
    ISBN: str = ""
    URL: str = ""


def read_entries(text: str) -> Entries:
    """Return the entries of a CSL-JSON file, and what is broken in it.

    A source that is no JSON ends the reading, unless each source begins on a line of its own.
    An entry has its `citation-key` as key, else its `id` if that can be one; else the key is empty.

    Raises
    ------
    CodingError
        If the file is no list of sources.

    Examples
    --------
    >>> text = '[{"id": "a2020", "type": "report", "title": "A", "issued": {"date-parts": [[2020, 3]]}}]'
    >>> read_entries(text).entries[0].words
    {'title': 'A', 'year': '2020', 'date': '2020-03'}
    """
    entries: list[Entry] = []
    problems: list[tuple[int, str]] = []
    for line, value in _values(text, problems):
        try:
            source = _Source.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "this source"
            problems.append((line, f"'{where}': {first['msg'][:1].lower()}{first['msg'][1:]}"))
        else:
            entries.append(_entry(source, line))
    return Entries(tuple(entries), tuple(problems))


def _values(text: str, problems: list[tuple[int, str]]) -> Iterator[tuple[int, Any]]:
    """Yield the sources of a list with their lines; what is no JSON joins the problems."""
    begin = re.compile(r'\s*(?:\{\s*"(?:items|references)"\s*:\s*)?\[\s*').match(text)
    if begin is None:
        raise CodingError("is no CSL-JSON: it begins with no list of sources. Export it again.")
    decoder, behind = json.JSONDecoder(), re.compile(r"\s*(,?)\s*")
    indent = re.search(r"(?:^|\n)([ \t]*)$", text[: begin.end()])
    another = re.compile(rf"^{indent[1]}(?=\{{)", re.MULTILINE) if indent else None
    at = begin.end()
    line, counted = 1, 0
    while text[at : at + 1] not in ("]", ""):
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            wrong = text.count("\n", 0, error.pos) + 1 if isinstance(error, json.JSONDecodeError) else line
            following = another.search(text, at + 1) if another else None
            rest = "" if following else "; what stands behind it was not read"
            problems.append((line, f"this source is no JSON (line {wrong}){rest}"))
            if following is None:
                return
            at = following.end()
            continue
        yield line, value
        comma = behind.match(text, at)
        at = comma.end() if comma else at
        if comma and not comma[1] and text[at : at + 1] not in ("]", ""):
            problems.append((line, "behind this source there is no comma"))


def _entry(source: _Source, line: int) -> Entry:
    key = source.citation_key or source.id
    return Entry(
        _KINDS.get(source.type, "misc"),
        key if re.fullmatch(r"[^\s,{}\"=()/]+", key) else "",
        {name: value for name, value in _fields(source) if value},
        line,
    )


def _fields(source: _Source) -> Iterator[tuple[str, str]]:
    for field, names in (("author", source.author), ("editor", source.editor)):
        yield field, " and ".join(written for name in names if (written := name.written()))
    yield "title", as_written("title", re.sub(r"</?(?:i|b|sup|sub|span)\b[^>]*>", "", source.title))
    inside = "journal" if _KINDS.get(source.type, "article") == "article" else "booktitle"
    yield inside, as_written(inside, source.container_title)
    for field, name in _FIELDS.items():
        yield field, as_written(field, getattr(source, name))
    date = _dated(source.issued)
    yield "year", date[:4]
    yield "date", date if len(date) > 4 else ""
    yield "urldate", _dated(source.accessed)
    known = _TYPES.get(
        source.type, "" if source.type in (*_KINDS, *_NO_TYPE) else source.type.replace("_", " ")
    )
    yield "type", as_written("type", source.genre or known)


def _dated(date: _Date) -> str:
    """Return a date as far as it is known, such as 2019-03; empty if it is not."""
    if date.parts and date.parts[0]:
        parts = [str(part) for part in date.parts[0][:3]]
        if re.fullmatch(r"\d{4}", parts[0]):
            return "-".join([parts[0], *(part.zfill(2) for part in parts[1:])])
    found = re.match(r"\d{4}(?:-\d{2}){0,2}", date.raw or date.literal)
    return found[0] if found else ""
