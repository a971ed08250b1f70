"""What stands in the Library, as one coder sees it: documents on shelves, and how far each coder has come.

Of what others did it says only whether they have read a document, never what they coded there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coding.review import firsthand
from coding.sight import read_whole

if TYPE_CHECKING:
    from coding.batch import Assignment
    from coding.model import CoderKind, Corpus, Document, Value
    from coding.sight import Sight
    from coding.web.desk import Work

STATES = {
    "blind": "read, blind",
    "open": "read, not blind",
    "seen": "not read; others’ coding seen",
    "unread": "not read",
}

_WORD = re.compile(r"\w+")
_UNSPACED = ("ja", "zh", "th", "lo", "km", "my")  # languages that do not part words by spaces

ReadBy = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A document as the Library shows it to one coder.

    Attributes
    ----------
    place : number on its shelf
    size, measured : how long it is, in words or, where no spaces part these, in characters
    rounds : in which rounds the coder is to read it, blind or open
    state : one of `STATES`; empty if it is neither assigned to the coder nor read or seen
    own, stale : the coder's segments, and those of them on an earlier text
    readers : the other people who have read it
    """

    document: Document
    place: int
    size: int
    measured: str
    rounds: tuple[str, ...]
    state: str
    own: int
    stale: int
    readers: tuple[str, ...]

    def says(self, variable: str) -> str:
        """Return a variable in words; empty if the document has none."""
        return said(self.document.variables.get(variable))

    @property
    def url(self) -> str:
        """Where the source is found, if that is an address of the web; else empty."""
        return web_address(self.says("url"))

    @property
    def host(self) -> str:
        """The name of the site of `url`."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents in order, under one heading."""

    heading: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What of a shelf is on a page; the heading counts the whole shelf."""

    heading: str
    n: int
    n_read: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder has come: of the documents that they are to read, and of all."""

    coder: str
    kind: CoderKind
    assigned: int
    assigned_read: int
    read: int


def by_donor(documents: Sequence[Document], corpus: Corpus) -> list[Shelf]:
    """Return documents by donor; those of one by year, then by title."""
    found: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        found[said(document.variables.get("donor"))].append(document)
    return [
        Shelf(corpus.name(donor), tuple(sorted(shelf, key=lambda d: (_year(d), _title(d)))))
        for donor, shelf in found.items()
    ]


def by_round(documents: Sequence[Document], own_list: Sequence[Assignment]) -> list[Shelf]:
    """Return the documents of a coder's list by round, in the order in which they were given."""
    wanted = {document.id: document for document in documents}
    found: dict[str, dict[str, Document]] = defaultdict(dict)
    for assignment in own_list:
        if assignment.document in wanted:
            found[assignment.round][assignment.document] = wanted[assignment.document]
    return [Shelf(f"Round {name}", tuple(shelf.values())) for name, shelf in found.items()]


def parts(shelves: Sequence[Shelf], first: int, most: int, rows: Rows, read: frozenset[str]) -> list[Part]:
    """Return what of shelves is on the page that begins with number `first` and holds `most` documents."""
    found, behind = [], 0
    for shelf in shelves:
        start, stop = max(0, first - behind), max(0, first + most - behind)
        shown = tuple(rows.row(d, place) for place, d in enumerate(shelf.documents[start:stop], start + 1))
        if shown:
            n_read = sum(document.id in read for document in shelf.documents)
            found.append(Part(shelf.heading, len(shelf.documents), n_read, shown))
        behind += len(shelf.documents)
    return found


class Rows:
    """Makes the rows of one coder's Library."""

    def __init__(
        self, corpus: Corpus, work: Work, sight: Sight, own_list: Sequence[Assignment], read: ReadBy
    ) -> None:
        self._sight = sight
        digests = {document.id: document.digest for document in corpus}
        own = firsthand(work.coded.by(sight.coder), work.decisions)
        places = [coded.segment for coded in own.segments]
        self._own = Counter(place.document for place in places)
        self._stale = Counter(
            place.document for place in places if digests.get(place.document) != place.digest
        )
        self._seeing = {
            reading.segment.document
            for reading in work.coded.readings
            if reading.coder == sight.coder
            and not reading.blind
            and reading.segment.digest == digests.get(reading.segment.document)
        }
        self._readers: dict[str, list[str]] = defaultdict(list)
        for coder in sorted(read.keys() - {sight.coder}):
            for document in read[coder]:
                self._readers[document].append(coder)
        self._rounds: dict[str, list[str]] = defaultdict(list)
        for each in own_list:
            self._rounds[each.document].append(f"{each.round}, {'blind' if each.blind else 'open'}")

    def row(self, document: Document, place: int) -> Row:
        """Return the row of a document that stands at a place of its shelf."""
        size, measured = _size(document.text, said(document.variables.get("language")))
        return Row(
            document,
            place,
            size,
            measured,
            tuple(dict.fromkeys(self._rounds.get(document.id, ()))),
            self._state(document.id),
            self._own[document.id],
            self._stale[document.id],
            tuple(self._readers.get(document.id, ())),
        )

    def _state(self, document: str) -> str:
        if document in self._sight.read:
            return "open" if document in self._seeing else "blind"
        if document in self._sight.looked:
            return "seen"
        return "unread" if document in self._sight.assigned else ""


def read_by(work: Work, corpus: Corpus) -> dict[str, frozenset[str]]:
    """Return for everybody who is to read, or has read or coded, the documents that they have read whole."""
    readers = (reading.coder for reading in work.coded.readings if reading.kind == "person")
    people = dict.fromkeys([*work.people, *(each.coder for each in work.assignments), *readers])
    return {coder: read_whole(work.coded.readings, corpus, coder) for coder in people}


def progress(work: Work, corpus: Corpus, read: ReadBy) -> list[Progress]:
    """Return for each coder at work how much they are to read and have read; people first."""
    there = frozenset(document.id for document in corpus)
    assigned: dict[str, set[str]] = defaultdict(set)
    for assignment in work.assignments:
        assigned[assignment.coder] |= {assignment.document} & there
    searched: dict[str, set[str]] = defaultdict(set)
    for reading in work.coded.readings:
        searched[reading.coder] |= {reading.segment.document} & there
    # Rules read for the codes that have rules: what they have searched they have read.
    done = {**searched, **read}
    found = [
        Progress(coder, work.kind(coder), len(assigned[coder]), len(assigned[coder] & whole), len(whole))
        for coder, whole in done.items()
        if assigned[coder] or whole
    ]
    return sorted(found, key=lambda each: (each.kind != "person", each.coder))


def web_address(written: str) -> str:
    """Return an address of the web as it is; empty for anything else, so that it never becomes a link.

    Examples
    --------
    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', '')
    """
    try:
        site = urlsplit(written)
    except ValueError:
        return ""
    return written if site.scheme in ("http", "https") and site.hostname else ""


def said(value: Value) -> str:
    """Return the value of a variable in words; empty if there is none."""
    return ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _year(document: Document) -> tuple[bool, float, str]:
    """Return where a document stands by its year: numbers by size, then what is no number."""
    year = document.variables.get("year")
    return (False, year, "") if isinstance(year, int | float) else (True, 0.0, said(year))


def _title(document: Document) -> str:
    return said(document.variables.get("title")) or document.id


@lru_cache(maxsize=8192)
def _size(text: str, language: str) -> tuple[int, str]:
    """Return how many words a text has, or characters where no spaces part its words."""
    if language in _UNSPACED:
        return len(text) - sum(map(str.isspace, text)), "characters"
    return sum(1 for _ in _WORD.finditer(text)), "words"
