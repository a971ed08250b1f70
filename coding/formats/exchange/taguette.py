"""Taguette's project, SQLite: its documents are pages, its highlights count the bytes of their words.

The snippet that it keeps of each highlight says whether offsets are right: the words decide. A file is one
project, as its `Export project` writes it and its `Import a project file` takes it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.files import replacing
from coding.formats import confined
from coding.formats.exchange import TAGUETTE, Brought
from coding.formats.exchange.foreign import mapping, raw_of, sequence, text_in, whole
from coding.formats.exchange.plain import PlainDocument, PlainSegment, exchanged_of, plain
from coding.formats.exchange.quotes import placed
from coding.formats.exchange.taguette_pages import html_of, page
from coding.formats.exchange.taguette_tables import codes_of, described_with_name
from coding.formats.refi.description import id_in
from coding.formats.refi.nouns import Tally
from coding.formats.refi.offsets import Convention

if TYPE_CHECKING:
    from pathlib import Path

    from coding.formats.exchange.quotes import Span
    from coding.formats.exchange.taguette_pages import Page
    from coding.formats.refi.nouns import Dropped, Exchanged
    from coding.model import Corpus

FORMAT = TAGUETTE
REVISION = "db5e31a0233d"  # of its tables, as version 1.5.2 names it
ONLY_USER = "admin"  # whom Taguette calls all users of a file that it exports

_APPLICATION = 0x54677474  # "Tgtt", by which `file` knows it
_MAGIC = b"SQLite format 3\0"
_MARK = "\ufeff"
_LONGEST_NAME = 50
_UNSHOWN = dict.fromkeys((*range(9), 11, 12, *range(14, 32)), " ")  # it refuses a page with one of these
_WHEN = "1970-01-01 00:00:00.000000"  # the same project is the same file
_DOCUMENTS = "SELECT id, name, description, contents FROM documents WHERE project_id = ? ORDER BY id"
_TAGS = "SELECT path, description FROM tags WHERE project_id = ? ORDER BY path"
_HIGHLIGHTS = """
    SELECT h.id, h.document_id, h.start_offset, h.end_offset, h.snippet, t.path
    FROM highlights h JOIN documents d ON d.id = h.document_id
    LEFT JOIN highlight_tags ht ON ht.highlight_id = h.id LEFT JOIN tags t ON t.id = ht.tag_id
    WHERE d.project_id = ? ORDER BY h.document_id, h.start_offset, h.id, t.path
"""
_COMMANDS = "SELECT user_login, payload FROM commands WHERE project_id = ? ORDER BY id"
_TABLES = """
    CREATE TABLE users (login VARCHAR(30) NOT NULL PRIMARY KEY, created DATETIME NOT NULL,
        hashed_password VARCHAR(192), disabled BOOLEAN NOT NULL, password_set_date DATETIME,
        language VARCHAR(10), email VARCHAR(256), email_sent DATETIME);
    CREATE UNIQUE INDEX ix_users_email ON users (email);
    CREATE TABLE projects (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
        description TEXT NOT NULL, created DATETIME NOT NULL);
    CREATE TABLE project_members (
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user_login VARCHAR(30) NOT NULL REFERENCES users (login) ON DELETE CASCADE ON UPDATE CASCADE,
        privileges VARCHAR(11) NOT NULL, PRIMARY KEY (project_id, user_login));
    CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(200) NOT NULL,
        description TEXT NOT NULL, filename VARCHAR(200) NOT NULL, created DATETIME NOT NULL,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        text_direction VARCHAR(13) NOT NULL, contents TEXT NOT NULL);
    CREATE TABLE commands (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, date DATETIME NOT NULL,
        user_login VARCHAR(30) NOT NULL REFERENCES users (login) ON UPDATE CASCADE,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        document_id INTEGER, payload TEXT NOT NULL);
    CREATE TABLE tags (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        path VARCHAR(200) NOT NULL, description TEXT NOT NULL, UNIQUE (project_id, path));
    CREATE TABLE highlights (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        start_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, snippet TEXT NOT NULL);
    CREATE TABLE highlight_tags (
        highlight_id INTEGER NOT NULL REFERENCES highlights (id) ON DELETE CASCADE,
        tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE, PRIMARY KEY (highlight_id, tag_id));
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
"""


def read(path: Path, corpus: Corpus) -> Brought:  # noqa: ARG001  the texts are in the file
    """Return the highlights of a project, read in a process of its own, with limits.

    Raises
    ------
    CodingError
        If the file is no SQLite, not Taguette's, or holds several projects.
    """
    import sys

    raw = raw_of(path)
    try:
        rows = confined.rows(sys.modules[__name__], raw)
    except CodingError as error:
        raise CodingError(f"{path.name}: {error}") from error
    return brought(rows, path.stem)


def brought(rows: Sequence[Sequence[str]], name: str) -> Brought:
    """Return what the rows of `read_rows` say."""
    tally = Tally()
    said = mapping(json.loads(rows[0][0]))
    documents = [_document(mapping(each), tally) for each in sequence(said.get("documents"))]
    exchanged = exchanged_of(documents, name=text_in(said.get("name")) or name, tally=tally)
    tags = {text_in(path): text_in(about) for path, about in mapping(said.get("tags")).items()}
    return Brought(replace(exchanged, origin=TAGUETTE, codes=codes_of(tags)), (Convention(),))


def read_rows(raw: bytes) -> list[list[str]]:
    """Return a row with one cell, that says the project as JSON.

    Raises
    ------
    CodingError
        If it is no SQLite, not Taguette's, or holds not one project.
    """
    if not raw.startswith(_MAGIC):
        raise CodingError("is no SQLite file. In Taguette: Project info, Export project.")
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            # In memory there is no log beside a file: one that had it (bytes 18, 19 = 2) would not open.
            database.deserialize(raw[:18] + b"\1\1" + raw[20:] if raw[18:20] == b"\2\2" else raw)
            database.execute("PRAGMA trusted_schema = OFF")
            return [[json.dumps(_said(database))]]
    except sqlite3.Error as error:
        raise CodingError(
            f"is no project of Taguette that can be read: {error}. There: Project info, Export project."
        ) from error


def write(path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]:
    """Write a project that Taguette imports; return what has no place in it.

    A code is a tag of its id, with its name and definition as the description; a document says its id there.
    """
    said, tally = plain(exchanged, format=FORMAT, keeps=("coder",)), Tally()
    about = {id_in(code.description) or code.name: described_with_name(code) for code in exchanged.codes}
    with replacing([path]) as (written,), closing(sqlite3.connect(written)) as database, database:
        database.executescript(f"PRAGMA application_id = {_APPLICATION}; {_TABLES}")
        database.execute("INSERT INTO alembic_version VALUES (?)", (REVISION,))
        name = (exchanged.name or TAGUETTE)[:_LONGEST_NAME]
        database.execute("INSERT INTO projects VALUES (1, ?, '', ?)", (name, _WHEN))
        coders = {segment.coder for each in said.documents for segment in each.segments} - {"", ONLY_USER}
        users = [(login, _WHEN) for login in (ONLY_USER, *sorted(coders))]
        database.executemany("INSERT INTO users (login, created, disabled) VALUES (?, ?, 0)", users)
        database.execute("INSERT INTO project_members VALUES (1, ?, 'ADMIN')", (ONLY_USER,))
        tags = {code: number for number, code in enumerate(said.codes, start=1)}
        rows = [(number, code, about[code]) for code, number in tags.items()]
        database.executemany("INSERT INTO tags VALUES (?, 1, ?, ?)", rows)
        for number, document in enumerate(said.documents, start=1):
            _write_document(database, number, document, tags, tally)
    lost = (each for each in said.lost if each.what != "Definition of a code")
    return (*lost, *tally.told())


def _write_document(
    database: sqlite3.Connection, number: int, document: PlainDocument, tags: Mapping[str, int], tally: Tally
) -> None:
    text = document.text.translate(_UNSHOWN)
    if text != document.text:
        tally.drop("Text with control characters", "Taguette refuses them; they are spaces there.")
    grouped: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    for segment in document.segments:
        grouped[segment.start, segment.end, segment.coder].add(tags[segment.code])
    html, made = html_of(text, [(start, end) for start, end, _ in grouped])
    name = (document.name or document.id)[:_LONGEST_NAME]
    database.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, 1, 'LEFT_TO_RIGHT', ?)",
        (number, name, f"Id: {document.id}" if document.id else "", f"{name}.txt", _WHEN, html),
    )
    for (start, end, coder), codes in sorted(grouped.items()):
        place = made.in_bytes((start, end))
        assert place is not None  # `html_of` made a page that can say it
        _write_highlight(database, number, place, html_of(text[start:end])[0], sorted(codes), coder)


def _write_highlight(
    database: sqlite3.Connection,
    document: int,
    place: tuple[int, int],
    snippet: str,
    tags: Sequence[int],
    coder: str,
) -> None:
    row = (document, *place, snippet)
    columns = "document_id, start_offset, end_offset, snippet"
    cursor = database.execute(f"INSERT INTO highlights ({columns}) VALUES (?, ?, ?, ?)", row)  # noqa: S608
    highlight = cursor.lastrowid
    database.executemany("INSERT INTO highlight_tags VALUES (?, ?)", [(highlight, tag) for tag in tags])
    payload = {
        "type": "highlight_add", "highlight_id": highlight, "start_offset": place[0], "end_offset": place[1],
        "tags": list(tags),
    }  # fmt: skip
    database.execute(
        "INSERT INTO commands (date, user_login, project_id, document_id, payload) VALUES (?, ?, 1, ?, ?)",
        (_WHEN, coder or ONLY_USER, document, json.dumps(payload, sort_keys=True)),
    )


def _said(database: sqlite3.Connection) -> dict[str, object]:
    """Return what a database of Taguette says, with the words of its pages."""
    projects = database.execute("SELECT id, name FROM projects ORDER BY id").fetchall()
    if len(projects) != 1:
        names = ", ".join(str(name) for _, name in projects) or "none"
        raise CodingError(
            f"holds {len(projects)} projects ({names}), where one is read. In Taguette open the one that is "
            "meant: Project info, Export project."
        )
    (number, name) = projects[0]
    coders = _coders(database, number)
    documents: dict[int, dict[str, object]] = {}
    pages: dict[int, Page] = {}
    found: dict[int, list[object]] = {}
    for id_, title, about, html in database.execute(_DOCUMENTS, (number,)):
        pages[id_], found[id_] = page(str(html)), []
        documents[id_] = {"name": title, "about": about, "text": pages[id_].text, "highlights": found[id_]}
    for id_, document, start, end, snippet, tag in database.execute(_HIGHLIGHTS, (number,)):
        bytes_ = (whole(start), whole(end))
        at = None if None in bytes_ else pages[document].span(start, end)
        found[document].append([at, page(str(snippet)).text, tag, coders.get(id_, "")])
    tags = dict(database.execute(_TAGS, (number,)).fetchall())
    return {"name": name, "tags": tags, "documents": list(documents.values())}


def _coders(database: sqlite3.Connection, project: int) -> dict[object, str]:
    """Return who made each highlight as it is now, by its id; nothing where all are one user's.

    A file that was exported names one for all that there were.
    """
    found: dict[object, str] = {}
    for login, payload in database.execute(_COMMANDS, (project,)):
        try:
            said = mapping(json.loads(str(payload)))
        except (ValueError, RecursionError):
            continue
        if said.get("type") == "highlight_add" and (highlight := whole(said.get("highlight_id"))) is not None:
            found[highlight] = str(login)
    return {} if set(found.values()) == {ONLY_USER} else found


def _document(said: Mapping[str, object], tally: Tally) -> PlainDocument:
    text, about = text_in(said.get("text")), text_in(said.get("about"))
    name = text_in(said.get("name"))
    segments = tuple(_segments(said, text, name, tally))
    id_ = about.removeprefix("Id: ") if about.startswith("Id: ") and "\n" not in about else ""
    if about and not id_:
        tally.drop("Description of a document", "has no place here.")
    return PlainDocument(id_, _MARK + text if text.startswith(_MARK) else text, segments, {}, name)


def _segments(said: Mapping[str, object], text: str, name: str, tally: Tally) -> Iterator[PlainSegment]:
    for each in sequence(said.get("highlights")):
        at, quote, tag, coder = sequence(each)
        if not isinstance(tag, str):
            tally.drop("Highlight without a tag", "it bears no code.")
            continue
        place = _place(at)
        quote = text_in(quote)
        is_blank = place is not None and not text[slice(*place)].strip()
        if not quote.strip() and not is_blank:
            tally.drop("Highlight without a snippet", "nothing says whether its offsets are right.")
            continue
        span = place if is_blank and not quote.strip() else placed(text, quote, place, same=_alike)
        if span is None:
            shown = " ".join(quote[:60].split())
            why = f"“{shown}” is not where it says in {name}, nor in one place only."
            tally.drop("Highlight that was not placed", why)
            continue
        if span != place:
            tally.drop("Highlight that was placed elsewhere", f"its words stand in one place only of {name}.")
        yield PlainSegment(span[0], span[1], tag, text_in(coder))


def _place(said: object) -> Span | None:
    found = [whole(each) for each in sequence(said)]
    start, end = found if len(found) == 2 else (None, None)
    return None if start is None or end is None else (start, end)


def _alike(words: str, quote: str) -> bool:
    """Say whether words are a quote, whatever white space is between them."""
    return "".join(words.split()) == "".join(quote.split())
