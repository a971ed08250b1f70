"""Full-text search: which documents of a corpus say what, the best first, and where they say it.

A `TextIndex` holds the words of each text in SQLite's FTS5 and no text: those are files. FTS5 finds and
ranks (bm25); where the words stand is read off the text itself, so offsets are exact. The index file holds
nothing that cannot be made again. It is never changed in place: a new one takes its place at once, so any
number of processes may search and update the same file, each with the documents it knows.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Self

from coding.errors import CodingError
from coding.files import replacing
from coding.folding import BREAK, places, words
from coding.terms import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from coding.model import Corpus, Document
    from coding.terms import Asked

N_PASSAGES = 3

_MAGIC = b"SQLite format 3\0"
_APPLICATION = 0x4E6D7478  # tells our file from another database
_VERSION = 1  # of the tables and of what folding makes of a text
# What decides about the words in an index: that, and which Unicode Python knows.
_MADE_BY = _VERSION * 10_000 + int("".join(unicodedata.unidata_version.split(".")[:2]))
_TABLES = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_MADE_BY};
CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = 'ascii');
"""
_DIGESTS = "SELECT id, digest FROM documents"
_SEARCH = "SELECT id, bm25(words) FROM words JOIN documents ON number = words.rowid WHERE words MATCH ?"

_REACH = 160  # hits within so many code points are shown together
_AROUND = 60  # code points shown on each side


@dataclass(frozen=True, slots=True)
class Passage:
    """Where hit words stand, with the text around them.

    Attributes
    ----------
    start, end : the first hit; `text[start:end]` are its words
    snippet, at : the text shown, and where it begins in the document
    hits : start and end in the document of every hit in the snippet
    """

    start: int
    end: int
    snippet: str
    at: int
    hits: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A document that says what was asked for.

    Attributes
    ----------
    score : bm25; higher is better, comparable within one search only
    n_hits : places where a term stands; terms that overlap are one place
    passages : up to `N_PASSAGES`, those with the most terms, in the order of the text
    """

    document: str
    score: float
    n_hits: int
    passages: tuple[Passage, ...]


class TextIndex:
    """The words of a corpus, ready to be searched.

    Threads may share it: while one updates it, others search what there was.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._held: tuple[sqlite3.Connection, Corpus] | None = None
        self._holding, self._updating = Lock(), Lock()

    @classmethod
    def open(cls, path: Path | None) -> TextIndex:
        """Return the index that is kept in a file, or with None one in memory; `update` fills it."""
        return cls(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._hold(None)

    def update(self, corpus: Corpus) -> int:
        """Make the index that of a corpus; return how many documents are new, changed or gone.

        New documents are added. Where one has changed or is gone, the index is made anew: it holds
        no text by which to take one out. A file that is damaged, or of another version, counts as
        none. After an error, or Ctrl-C, all is as before.

        Raises
        ------
        CodingError
            If the file cannot be written, or is a database of another program.
        """
        with self._updating, self._base() as base:
            known = {} if base is None else dict(base.execute(_DIGESTS))
            changed = [d for d in corpus if known.get(d.id) != d.digest]
            gone = known.keys() - {d.id for d in corpus}
            if base is None or gone or any(d.id in known for d in changed):
                made = self._made(corpus.documents)
            else:
                made = self._added(base, changed, corpus) if changed else base
            self._hold((made, corpus))
            return len(changed) + len(gone)

    def search(self, query: str, *, limit: int | None, documents: Iterable[str] | None = None) -> list[Found]:
        """Return the documents that say what is asked for, the best first; of equals the first in the corpus.

        Parameters
        ----------
        query : str
            Words, all of which must stand in the document; "a phrase"; begin*; this OR that;
            -without. Anything else in it is taken as it is written.
        limit : how many documents at most; None for all
        documents : only these, by id

        Raises
        ------
        CodingError
            If the query holds no word to look for, a document is unknown, or there was no `update`.
        """
        if limit is not None and limit < 1:
            raise CodingError(f"limit: {limit} documents are none. Ask for 1 or more.")
        asked = parse(query)
        ranked, corpus = self._ranked(asked, documents)
        return [_found(corpus[name], score, asked) for name, score in ranked[:limit]]

    def count(self, query: str, *, documents: Iterable[str] | None = None) -> int:
        """Return how many documents `search` would find without a limit."""
        return len(self._ranked(parse(query), documents)[0])

    def _ranked(
        self, asked: Asked, documents: Iterable[str] | None
    ) -> tuple[list[tuple[str, float]], Corpus]:
        """Return the ids of the documents that are meant with their scores, and the corpus they are of."""
        try:
            rows, corpus = self._matching(asked)
        except sqlite3.DatabaseError:  # the file is damaged where its words are
            self._make_anew()
            rows, corpus = self._matching(asked)
        only = None if documents is None else {corpus[name].id for name in documents}
        order = {document.id: i for i, document in enumerate(corpus)}
        meant = [(name, -rank) for name, rank in rows if only is None or name in only]
        return sorted(meant, key=lambda row: (-row[1], order[row[0]])), corpus

    def _matching(self, asked: Asked) -> tuple[list[tuple[str, float]], Corpus]:
        with self._holding:
            index, corpus = self._those_held()
            return index.execute(_SEARCH, (str(asked),)).fetchall(), corpus

    def _those_held(self) -> tuple[sqlite3.Connection, Corpus]:
        if self._held is None:
            raise CodingError("the index has no documents yet. Call `update` with a corpus first.")
        return self._held

    def _hold(self, held: tuple[sqlite3.Connection, Corpus] | None) -> None:
        with self._holding:
            old, self._held = self._held, held
            if old is not None and (held is None or old[0] is not held[0]):
                old[0].close()

    @contextmanager
    def _base(self) -> Iterator[sqlite3.Connection | None]:
        """Yield the index to start from: that of the file as it is now, or the one in memory."""
        if self._path is None:
            yield None if self._held is None else self._held[0]
            return
        _refuse_foreign(self._path)
        base = _opened(self._path)
        try:
            yield base
        finally:
            if base is not None and (self._held is None or self._held[0] is not base):
                base.close()

    def _make_anew(self) -> None:
        with self._updating:
            corpus = self._those_held()[1]
            self._hold((self._made(corpus.documents), corpus))

    def _added(self, base: sqlite3.Connection, new: Sequence[Document], corpus: Corpus) -> sqlite3.Connection:
        """Return an index with documents added; one made anew if the base is damaged."""
        try:
            return self._made(new, onto=base)
        except sqlite3.DatabaseError:
            return self._made(corpus.documents)

    def _made(
        self, documents: Sequence[Document], onto: sqlite3.Connection | None = None
    ) -> sqlite3.Connection:
        """Return an index of some documents, and of those of another index, in its place."""
        if self._path is None:
            return _filled(":memory:", documents, onto)
        with replacing([self._path]) as (staged,):
            _filled(staged, documents, onto).close()
            made = _opened(staged)  # before it is in its place, where another process may replace it
            assert made is not None
        return made


def _found(document: Document, score: float, asked: Asked) -> Found:
    said, where = words(document.text), places(document.text)
    hits = _merged(
        (where[first][0], where[last][1], number)
        for number, term in enumerate(asked.terms)
        for first, last in term.found(said)
    )
    edges = [place for word, place in zip(said, where, strict=True) if word != BREAK]
    return Found(document.id, score, len(hits), tuple(_passages(document.text, hits, edges)))


@dataclass(frozen=True, slots=True)
class _Hit:
    """A place where terms stand, and which."""

    start: int
    end: int
    terms: frozenset[int]


def _merged(standing: Iterable[tuple[int, int, int]]) -> list[_Hit]:
    """Return the places of terms in order, those that overlap as one."""
    hits: list[_Hit] = []
    for start, end, term in sorted(standing):
        if hits and start < hits[-1].end:
            last = hits.pop()
            hits.append(_Hit(last.start, max(last.end, end), last.terms | {term}))
        else:
            hits.append(_Hit(start, end, frozenset({term})))
    return hits


def _passages(text: str, hits: Sequence[_Hit], edges: Sequence[tuple[int, int]]) -> Iterator[Passage]:
    """Yield the stretches of a text that say the most of what was asked, in order."""
    together: list[list[_Hit]] = []
    for hit in hits:
        if together and hit.end <= together[-1][0].start + _REACH:
            together[-1].append(hit)
        else:
            together.append([hit])
    telling = sorted(together, key=lambda near: -len(frozenset[int]().union(*(hit.terms for hit in near))))
    for near in sorted(telling[:N_PASSAGES], key=lambda near: near[0].start):
        at, to = _around(text, near[0].start, near[-1].end, edges)
        spans = tuple((hit.start, hit.end) for hit in near)
        yield Passage(near[0].start, near[0].end, text[at:to], at, spans)


def _around(text: str, start: int, end: int, edges: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return a stretch with some text on each side, from and to whole words with what clings to them."""
    first = bisect_left(edges, start - _AROUND, key=lambda edge: edge[0])
    last = bisect_right(edges, end + _AROUND, key=lambda edge: edge[1]) - 1
    before = text[edges[first - 1][1] if first else 0 : edges[first][0]]
    after = text[edges[last][1] : edges[last + 1][0] if last + 1 < len(edges) else len(text)]
    clings = [len(re.split(r"\s", before)[-1]), len(re.split(r"\s", after, maxsplit=1)[0])]
    return edges[first][0] - clings[0], edges[last][1] + clings[1]


def _filled(
    path: Path | str, documents: Iterable[Document], onto: sqlite3.Connection | None
) -> sqlite3.Connection:
    """Return a new index that holds what another one does, and documents."""
    index = sqlite3.connect(path, check_same_thread=False)
    try:
        if onto is None:
            index.executescript(_TABLES)
        else:
            onto.backup(index)
        index.execute("PRAGMA journal_mode = OFF")  # after an error the whole file is thrown away
        index.execute("PRAGMA synchronous = OFF")
        with index:
            for document in documents:
                row = (document.id, document.digest)
                number = index.execute("INSERT INTO documents (id, digest) VALUES (?, ?)", row).lastrowid
                said = " ".join(words(document.text))
                index.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, said))
    except BaseException:
        index.close()
        raise
    return index


def _opened(path: Path) -> sqlite3.Connection | None:
    """Return the index of a file, for reading; None if it is no whole index of this version."""
    try:
        index = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
    except sqlite3.DatabaseError:
        return None
    try:
        if index.execute("PRAGMA user_version").fetchone() == (_MADE_BY,):
            index.execute(_DIGESTS).fetchall()
            return index
    except sqlite3.DatabaseError:
        pass
    index.close()
    return None


def _refuse_foreign(path: Path) -> None:
    """Raise if a file is a database of another program, which is never overwritten."""
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            head = file.read(72)
    except OSError as error:
        raise CodingError(f"{path}: cannot be read: {error.strerror}. Choose another place.") from error
    if head.startswith(_MAGIC) and head[68:72] != _APPLICATION.to_bytes(4, "big"):
        raise CodingError(f"{path}: is another database, no index for searching. Choose another place.")
