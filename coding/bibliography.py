"""What a bibliography says of texts: which entry is whose, and the document variables that it gives.

An entry is a text's by the file that it names, by its key (the file is called so), or by its title; never by
a guess: where several would be as good, all are named and none is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from coding import bibtex
from coding.bibtex import Entries, Entry
from coding.citations import REFERENCES
from coding.errors import CodingError, choose, refuse
from coding.formats import confined, csl, ris
from coding.formats.text import decode
from coding.ids import slug

if TYPE_CHECKING:
    from collections.abc import Hashable

By = Literal["file", "name", "key", "title"]

_READERS: Mapping[str, Callable[[str], Entries]] = {
    ".bib": bibtex.read,
    **dict.fromkeys(csl.SUFFIXES, csl.read_entries),
    **dict.fromkeys(ris.SUFFIXES, ris.read_entries),
}
_BY = ("publisher", "institution", "school", "organization", "journal", "journaltitle")
_TYPES = {
    "article": "article", "book": "book", "incollection": "chapter", "inbook": "chapter",
    "inproceedings": "conference paper", "techreport": "report", "report": "report", "phdthesis": "thesis",
    "mastersthesis": "thesis", "thesis": "thesis", "online": "web page",
}  # fmt: skip
_LANGUAGES = {
    "english": "en", "american": "en", "british": "en", "usenglish": "en", "ukenglish": "en", "german": "de",
    "ngerman": "de", "deutsch": "de", "french": "fr", "francais": "fr", "spanish": "es", "italian": "it",
    "portuguese": "pt", "brazilian": "pt", "dutch": "nl", "japanese": "ja", "korean": "ko", "chinese": "zh",
    "russian": "ru", "indonesian": "id", "vietnamese": "vi", "thai": "th", "arabic": "ar", "swedish": "sv",
    "danish": "da", "norwegian": "no", "finnish": "fi", "polish": "pl", "turkish": "tr",
    "日本語": "ja", "한국어": "ko", "中文": "zh",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
_SHORT_WORDS = ("the", "a", "an", "on", "of", "in", "and", "for", "to", "from")


@dataclass(frozen=True, slots=True)
class Bibliography:
    """The entries of a file, each with a key, and what is broken in it, with its place."""

    path: Path
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The entries that may be a text's, and by what they were found; one of them alone is its own."""

    entries: tuple[Entry, ...] = ()
    by: By = "file"

    @property
    def entry(self) -> Entry | None:
        """The entry of the text; None if there is none, or several would be as good."""
        return self.entries[0] if len(self.entries) == 1 else None


@dataclass(frozen=True, slots=True)
class Index:
    """Where entries are found: by whole path, by name of file, by key, by title."""

    places: Mapping[Hashable, tuple[Entry, ...]]
    names: Mapping[Hashable, tuple[Entry, ...]]
    keys: Mapping[Hashable, tuple[Entry, ...]]
    titles: Mapping[Hashable, tuple[Entry, ...]]
    folder: Path


def read_bibliography(path: Path) -> Bibliography:
    """Return the entries of a bibliography in BibTeX (.bib), CSL-JSON (.json) or RIS (.ris).

    An entry without a key gets one, of its author, year and a word of its title. Broken ones are named.

    Raises
    ------
    CodingError
        If the file cannot be read, or holds no entry that can.
    """
    choose(path.suffix.lower(), tuple(_READERS), f"--bibliography {path}")
    try:
        confined.refuse_large(path.stat().st_size)
    except OSError as error:
        raise CodingError(f"{path}: cannot be read: {error.strerror}.") from error
    except CodingError as error:
        raise CodingError(f"{path}: {error}") from error
    try:
        found = _READERS[path.suffix.lower()](decode(path))
    except CodingError as error:
        raise CodingError(f"{path}: {error}" if str(path) not in str(error) else str(error)) from error
    problems = tuple(f"{path}, line {line}: {problem}." for line, problem in found.problems)
    if not found.entries:
        refuse(list(problems))
        raise CodingError(f"{path}: holds no entry. Export it again, as BibTeX, CSL-JSON or RIS.")
    entries, twice = _keyed(found.entries)
    return Bibliography(path, entries, (*problems, *(f"{path}, {problem}" for problem in twice)))


def indexed(bibliography: Bibliography) -> Index:
    """Return where the entries of a bibliography are found."""
    folder = bibliography.path.parent
    named = [(entry, path) for entry in bibliography.entries for path in _paths(entry)]
    return Index(
        _gathered((_place(folder, path), entry) for entry, path in named),
        _gathered((_name(path), entry) for entry, path in named),
        _gathered((_plain(entry.key), entry) for entry in bibliography.entries),
        _gathered((title, entry) for entry in bibliography.entries for title in _titles(entry)),
        folder,
    )


def match(index: Index, *, path: Path | None, stem: str, title: str) -> Match:
    """Return the entry of a text; several if they would be as good.

    Parameters
    ----------
    path : the file; None if it holds several texts
    stem : what the file (or the row of a table) is called
    title : given, or made of the name of the file
    """
    found: list[tuple[By, tuple[Entry, ...]]] = []
    if path is not None:
        found.append(("file", index.places.get(path.resolve(), ())))
        named = index.names.get(_name(path.name), ())
        found.append(("name", tuple(entry for entry in named if _may_name(index.folder, entry, path))))
    keys = index.keys.get(_plain(stem), ())
    found.append(("key", tuple(entry for entry in keys if entry.key == stem) or keys))
    titles = index.titles.get(_words(title), ())
    authored = re.fullmatch(r".+? - (\d{4}) - (.+)", stem)  # as Zotero calls files
    if not titles and authored:
        titles = index.titles.get(_words(authored[2]), ())
        titles = tuple(entry for entry in titles if _year(entry.words) == int(authored[1]))
    found.append(("title", titles))
    return next((Match(entries, by) for by, entries in found if entries), Match())


def variables(entry: Entry, *, fidelity: str) -> dict[str, str | int | list[str]]:
    """Return the document variables that an entry gives, those alone that a document can have.

    The language is that of the source: of a text that is no original it is the `source_language`.
    """
    words = entry.words
    title = ": ".join(words[name] for name in ("title", "subtitle") if words.get(name))
    said: dict[str, str | int | list[str] | None] = {
        "title": title,
        "author": _listed(bibtex.people(entry.fields.get("author", ""))),
        "publisher": next((words[name] for name in _BY if words.get(name)), None),
        "year": _year(words),
        "date": _date(words),
        "type": words.get("type") or _TYPES.get(entry.kind),
        "url": _url(entry),
        "citation": entry.key,
    }
    if language := _language(words):
        own = fidelity == "original"
        said["language" if own else "source_language"] = language if own else [language]
    return {name: value for name, value in said.items() if value}


def with_references(root: Path, entries: Sequence[Entry]) -> tuple[dict[Path, bytes], tuple[str, ...]]:
    """Return the project's `references.bib` with entries that it has not yet, and their keys.

    Raises
    ------
    CodingError
        Listing each entry whose key is that of another source there.
    """
    path = root / REFERENCES
    raw = path.read_bytes() if path.is_file() else b""
    there = {entry.key: entry for entry in bibtex.read(decode(path)).entries} if raw else {}
    new = {entry.key: entry for entry in entries}
    refuse(
        [
            f"{REFERENCES.as_posix()}: '{key}' is another source there: {there[key].words.get('title', '')}. "
            "Change the key in one of the two files."
            for key, entry in new.items()
            if key in there and not set(_titles(entry)) & set(_titles(there[key]))
        ]
    )
    added = [bibtex.written(entry) for key, entry in new.items() if key not in there]
    if not added:
        return {}, ()
    try:
        begun = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise CodingError(f"{REFERENCES.as_posix()}: is not UTF-8. Save it so.") from error
    ends = "\r\n" if "\r\n" in begun else "\n"
    text = "\n".join(added).replace("\n", ends)
    content = f"{begun}{ends}{ends}{text}" if begun else text
    return {path: content.encode()}, tuple(key for key in new if key not in there)


def _keyed(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], list[str]]:
    """Return the entries with keys; of two with one key the first, and the line of the other."""
    given = list(entries)
    taken: dict[str, Entry] = {}
    problems = []
    for entry in given:
        if entry.key in taken:
            first = taken[entry.key].line
            problems.append(f"line {entry.line}: the key '{entry.key}' is that of line {first} already.")
        elif entry.key:
            taken[entry.key] = entry
    for entry in given:
        if not entry.key:
            key = _made(entry, taken)
            taken[key] = replace(entry, key=key)
    return tuple(sorted(taken.values(), key=lambda entry: entry.line)), problems


def _made(entry: Entry, taken: Mapping[str, Entry]) -> str:
    """Return a key made of author, year and the first word of the title that says something."""
    words = entry.words
    authors = bibtex.people(entry.fields.get("author", "")) or (words.get("publisher", ""),)
    title = [word for word in re.findall(r"\w+", words.get("title", "").lower()) if word not in _SHORT_WORDS]
    who, what = slug(authors[0].split(",")[0]), slug(title[0]) if title else ""
    key = f"{who}{_year(words) or ''}{what}".replace("_", "") or f"entry{entry.line}"
    return next(
        made for made in (key, *(f"{key}-{n}" for n in range(2, len(taken) + 3))) if made not in taken
    )


def _gathered(pairs: Iterable[tuple[Hashable, Entry]]) -> dict[Hashable, tuple[Entry, ...]]:
    found: dict[Hashable, dict[str, Entry]] = {}
    for name, entry in pairs:
        found.setdefault(name, {})[entry.key] = entry
    return {name: tuple(entries.values()) for name, entries in found.items() if name}


def _paths(entry: Entry) -> list[str]:
    """Return the files that an entry names on this machine, as paths."""
    local = [re.sub(r"^(?:file://(?:localhost)?|internal-pdf://\d*/?)", "", path) for path in entry.files]
    return [
        path.replace("\\", "/") for path in local if not re.match(r"[a-z]{2,}://", path) and "\0" not in path
    ]


def _place(folder: Path, path: str) -> Path:
    return (folder / path).resolve()


def _name(path: str) -> str:
    return _plain(path.rsplit("/", 1)[-1])


def _plain(name: str) -> str:
    """Return a name without what file systems change: form and case of letters, and braces of BibTeX."""
    return unicodedata.normalize("NFC", name).casefold().translate({123: "", 125: ""})


def _may_name(folder: Path, entry: Entry, path: Path) -> bool:
    """Say whether a file is what an entry names, rather than another one that is called the same.

    Where the file that an entry names lies in its place, only a copy of it is meant.
    """
    places = [_place(folder, named) for named in _paths(entry) if _name(named) == _name(path.name)]
    there = [place for place in places if _is_file(place)]
    return len(there) < len(places) or any(place.read_bytes() == path.read_bytes() for place in there)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long for a file
        return False


def _words(title: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", title).casefold().replace("_", " ")))


def _titles(entry: Entry) -> list[str]:
    words = entry.words
    title = words.get("title", "")
    return list(dict.fromkeys([_words(title), _words(f"{title} {words.get('subtitle', '')}")]))


def _year(words: Mapping[str, str]) -> int | None:
    said = re.match(r"[1-9]\d{3}(?!\d)", words.get("year") or words.get("date", ""))
    return int(said[0]) if said else None


def _date(words: Mapping[str, str]) -> str | None:
    """Return a date that says more than the year, and no other year."""
    year = _year(words)
    said = _DATE.match(words.get("date", ""))
    if said:
        return said[0] if said[0].startswith(str(year)) else None
    month = words.get("month", "").lower()
    number = _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else int(month) if month.isdecimal() else 0
    if not year or not 1 <= number <= 12:
        return None
    day = words.get("day", "")
    made = f"{year}-{number:02}" + (f"-{int(day):02}" if day.isdecimal() else "")
    found = _DATE.fullmatch(made)
    return found[0] if found else f"{year}-{number:02}"


def _url(entry: Entry) -> str | None:
    words = entry.words
    published = re.search(r"\\url\{([^{}]*)\}", entry.fields.get("howpublished", ""))
    doi = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", words.get("doi", ""))
    for address in (
        words.get("url", ""),
        published[1] if published else "",
        doi and f"https://doi.org/{doi}",
    ):
        if re.fullmatch(r"https?://[^\s\"'<>]+", address):
            return address
    return None


def _language(words: Mapping[str, str]) -> str | None:
    said = (words.get("language") or words.get("langid", "")).lower().replace("ç", "c")
    code = re.fullmatch(r"([a-z]{2})(?:[-_][a-z0-9-]+)?", said)
    return code[1] if code else _LANGUAGES.get(said)


def _listed(names: Sequence[str]) -> str:
    """Return names as they are said: Jane Doe, John Roe and Ann Poe."""
    turned = [" ".join(reversed(name.split(", ", 1))) for name in names if name.lower() != "others"]
    others = ["others"] if len(turned) < len(names) else []
    *first, last = [*turned, *others] or [""]
    return f"{', '.join(first)} and {last}" if first else last
