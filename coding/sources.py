"""Files that somebody names, read into texts: which files are meant, and what was read of each, and how.

A file of texts (.txt, .md) in UTF-8 stays as it is. From every other one the text is taken out, once: what is
written to the corpus is that text, with the digest of the file that it came from.
"""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from coding.corpus_folder import extractors, is_of_the_system, readers
from coding.errors import CodingError, choose, refuse
from coding.formats import confined, csv, rows, xlsx
from coding.formats import text as plain
from coding.formats.encodings import Decoded, decoded
from coding.formats.extraction import Extracted
from coding.units import paragraph_spans

if TYPE_CHECKING:
    from types import ModuleType

RowIs = Literal["document", "segment"]

_TABLES = {".csv": csv, ".xlsx": xlsx}
_MAGIC = "*?["


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader says of the files that cannot be read without it.

    Attributes
    ----------
    encoding : of texts that are not UTF-8
    text, id : columns of tables that hold the texts, and what names them
    rows : what a row of a table is: a "document", or a "segment" of the document that its id names
    speaker : column of a table of segments that says who speaks; it comes before the words
    donor : column of a table that says whose each row is, if it is not called `donor`
    """

    encoding: str | None = None
    text: str | None = None
    id: str | None = None
    rows: RowIs = "document"
    speaker: str | None = None
    donor: str | None = None

    def __post_init__(self) -> None:
        choose(self.rows, get_args(RowIs), "--rows")
        if self.rows == "segment" and self.id is None:
            raise CodingError("--rows segment: say with --id which column names the document of a row.")
        if self.speaker is not None and self.rows != "segment":
            raise CodingError("--speaker is of the turns of a document. Say --rows segment as well.")
        if self.donor is not None and self.text is None:
            raise CodingError("--donor-column is of a table. Say with --text which column holds its texts.")


@dataclass(frozen=True, slots=True)
class Source:
    """A text, and how it was read.

    Attributes
    ----------
    path : the file
    place : the file as messages name it, with the row of a table
    name : from which the name in the corpus is made, with its suffix
    text : as it will be read from the corpus
    raw : the bytes that go into the corpus
    format : the suffix of the file, without the dot
    encoding : of the file; empty if it has none of its own
    pages : None if the format has none
    dropped : what was left out, by kind, and how often
    notes : what the reader should know, in sentences
    title, date : what the file says of itself
    variables : what the row of a table says of it
    read : the variables that say where the text is from; empty if the file is kept as it is
    donor : whose text it is, if a row of a table says so
    """

    path: Path
    place: str
    name: Path
    text: str = field(repr=False)
    raw: bytes = field(repr=False)
    format: str
    encoding: str = ""
    pages: int | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    title: str = ""
    date: str = ""
    variables: Mapping[str, str | int | list[str]] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    donor: str = ""

    @property
    def is_a_row(self) -> bool:
        """Whether the text is one of those of a table."""
        return self.path.suffix.lower() in _TABLES

    @property
    def n_paragraphs(self) -> int:
        """How many paragraphs the text has."""
        return len(paragraph_spans(self.text))


def named(files: Sequence[Path], corpus: Path, wanted: Wanted) -> tuple[list[Path], tuple[Path, ...]]:
    """Return the files that are meant, each once, and the files of folders that no format reads.

    Parameters
    ----------
    files : files, folders (those of their files that can be read), and patterns such as `papers/*.pdf`
    corpus : the folder of all cases

    Raises
    ------
    CodingError
        Listing every file that is not there or cannot be read.
    """
    found: dict[Path, Path] = {}
    left_out: list[Path] = []
    problems: list[str] = [] if files else ["Name a file, or a folder with texts."]
    for path in files:
        if path.is_dir():
            inside = [p for p in sorted(path.iterdir()) if p.is_file() and not is_of_the_system(p)]
            meant = [p for p in inside if _is_read(p, wanted)]
            left_out += [p for p in inside if p not in meant and p.name != "case.yaml"]
            problems += [] if meant else [f"{path}: no text in this folder. {_what_is_read()}"]
        else:
            meant = _matching(path)
            problems += [] if meant else [f"{path}: no such file."]
            problems += [problem for p in meant if (problem := _unreadable(p, corpus, wanted))]
        for each in meant:
            found.setdefault(each.resolve(), each)
    refuse(problems)
    return list(found.values()), tuple(left_out)


def digest(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a file and their SHA-256.

    Raises
    ------
    CodingError
        If it cannot be read, or is larger than any text.
    """
    try:
        confined.refuse_large(path.stat().st_size)
        raw = path.read_bytes()
    except OSError as error:
        raise CodingError(f"{path}: cannot be read: {error.strerror}.") from error
    except CodingError as error:
        raise CodingError(f"{path}: {error}") from error
    return raw, hashlib.sha256(raw).hexdigest()


def is_taken_out(path: Path) -> bool:
    """Say whether the text of a file is taken out of it, rather than being the file."""
    return path.suffix.lower() in extractors()


def read(
    path: Path, raw: bytes, sha256: str, *, donor: str | None, wanted: Wanted, known: Collection[str] = ()
) -> list[Source]:
    """Return the text of a file, or the texts of a table.

    Parameters
    ----------
    raw, sha256 : the file, as `digest` returns it
    donor : rows of other donors are left out; None if each row of a table says its own
    known : the ids that rows may say then

    Raises
    ------
    CodingError
        If the file holds no text, or none that can be read; if nothing says whose it is.
    """
    suffix = path.suffix.lower()
    if donor is None and suffix not in _TABLES:
        raise CodingError(
            f"{path}: nothing says whose text it is. Add it in a call of its own, with --donor."
        )
    if suffix in readers():
        return [_plain(path, raw, sha256, wanted)]
    if suffix in _TABLES:
        return _rows(path, raw, sha256, donor, wanted, known)
    return [_taken_out(path, raw, sha256, extractors()[suffix], wanted)]


def _plain(path: Path, raw: bytes, sha256: str, wanted: Wanted) -> Source:
    """Return a file of text: as it is if the corpus can hold it so, else in UTF-8."""
    module = readers()[path.suffix.lower()]
    found = decoded(raw, name=str(path), given=wanted.encoding) if module is plain else None
    if found is None or found.by in ("its bytes", "byte order mark"):
        text = str(module.read_text(path, name=str(path)))
        encoding = found.encoding if found else ""
        return Source(path, str(path), Path(path.name), text, raw, _format(path), encoding)
    _refuse_empty(found.text, str(path))
    return Source(
        path=path,
        place=str(path),
        name=Path(path.name),
        text=found.text,
        raw=found.text.encode(),
        format=_format(path),
        encoding=found.encoding,
        notes=(f"Was in {found.encoding} ({found.by}); is in UTF-8 now.",),
        read=_read_from(path, sha256, [_said(path, found)]),
    )


def _taken_out(path: Path, raw: bytes, sha256: str, module: ModuleType, wanted: Wanted) -> Source:
    """Return the text that a format takes out of a file."""
    encoding = None
    if hasattr(module, "declared_encoding"):  # a format that is text itself, with marks
        encoding = decoded(raw, name=str(path), given=wanted.encoding, declared=module.declared_encoding(raw))
    found = _extracted(path, module, raw if encoding is None else encoding.text.encode())
    _refuse_empty(found.text, str(path), pages=found.pages)
    pages = [f"{found.pages} page{'s' * (found.pages != 1)}"] if found.pages is not None else []
    return Source(
        path=path,
        place=str(path),
        name=Path(f"{path.stem}.txt"),
        text=found.text,
        raw=found.text.encode(),
        format=_format(path),
        encoding=encoding.encoding if encoding else "",
        pages=found.pages,
        dropped=found.dropped,
        notes=found.notes,
        title=found.title,
        date=found.date,
        read=_read_from(path, sha256, [_said(path, encoding), *pages, *_reader(module)]),
    )


def _extracted(path: Path, module: ModuleType, raw: bytes) -> Extracted:
    try:
        return confined.extracted(module, raw)
    except CodingError as error:
        raise CodingError("", [f"{path}: {problem}" for problem in error.problems]) from error


def _rows(
    path: Path, raw: bytes, sha256: str, donor: str | None, wanted: Wanted, known: Collection[str]
) -> list[Source]:
    """Return the texts of a table, a row each."""
    encoding = None
    if path.suffix.lower() == ".csv":
        encoding = decoded(raw, name=str(path), given=wanted.encoding)
    try:
        cells = confined.rows(xlsx, raw) if encoding is None else _cells(encoding.text)
        table = rows.documents(
            cells,
            text=wanted.text or "",
            id=wanted.id,
            donor=donor,
            speaker=wanted.speaker,
            donor_column=wanted.donor,
        )
        table = rows.joined(table) if wanted.rows == "segment" else table
        if donor is None:
            rows.refuse_unknown_donors(table, known)
    except CodingError as error:
        raise CodingError("", [f"{path}: {problem}" for problem in error.problems]) from error
    if not table.rows:
        of = "" if donor is None else f" of {donor}"
        raise CodingError(f"{path}: no row{of} has a text in the column '{wanted.text}'.")
    notes = tuple(_left(table))
    return [
        Source(
            path=path,
            place=f"{path}, {row.place}",
            name=Path(f"{row.id or f'{path.stem}-{row.number}'}.txt"),
            text=f"{_plain_text(row.text)}\n",
            raw=f"{_plain_text(row.text)}\n".encode(),
            format=_format(path),
            encoding=encoding.encoding if encoding else "",
            notes=notes if row is table.rows[0] else (),
            variables=row.variables,
            read=_read_from(path, sha256, [_said(path, encoding), row.place]),
            donor=row.donor,
        )
        for row in table.rows
    ]


def _cells(text: str) -> list[list[str]]:
    """Return the cells of a CSV table, none of which lies outside its columns."""
    sign = rows.delimiter(text)
    cells = csv.rows_of(text, delimiter=sign)
    csv.refuse_longer(cells, delimiter=sign)
    return cells


def _left(table: rows.Rows) -> Iterator[str]:
    """Say what of a table was not read."""
    if table.unused:
        yield f"Columns that are no variable of documents, left out: {', '.join(table.unused)}."
    if table.empty:
        numbers = ", ".join(map(str, table.empty))
        yield f"Without a text, left out: row{'s' * (len(table.empty) > 1)} {numbers}."
    if table.others:
        yield f"Of other donors, left out: {table.others} row{'s' * (table.others != 1)}."


def _plain_text(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_\n", "\n")


def _matching(path: Path) -> list[Path]:
    """Return a file, or those that a pattern describes."""
    if path.is_file() or not any(sign in str(path) for sign in _MAGIC):
        return [path] if path.is_file() else []
    found = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207  Path.glob takes no absolute pattern
    return [each for name in found if (each := Path(name)).is_file()]


def _unreadable(path: Path, corpus: Path, wanted: Wanted) -> str:
    """Return why a file that was named cannot be added; empty if it can."""
    if path.suffix.lower() in _TABLES and wanted.text is None:
        return f"{path}: a table. Say with --text which column holds the texts."
    if not _is_read(path, wanted):
        return f"{path}: no format reads {path.suffix or 'it'}. {_what_is_read()}"
    if path.resolve().parent == corpus.resolve():
        return f"{path} lies in corpus/ itself, where no text can stay. Move it elsewhere first."
    if path.suffix.lower() not in readers() and corpus.resolve() in path.resolve().parents:
        return f"{path} lies in corpus/, where only texts can stay. Move it elsewhere first."
    return ""


def _is_read(path: Path, wanted: Wanted) -> bool:
    suffix = path.suffix.lower()
    return suffix in readers() or suffix in extractors() or (suffix in _TABLES and wanted.text is not None)


def _what_is_read() -> str:
    known = sorted({*readers(), *extractors()})
    tables = " and ".join(sorted(_TABLES))
    return (
        f"Texts are files that end in {', '.join(known)}, and with --text the rows of {tables}: save it as "
        ".txt (UTF-8)."
    )


def _refuse_empty(text: str, name: str, *, pages: int | None = None) -> None:
    if text.strip():
        return
    if pages:
        raise CodingError(
            f"{name}: {pages} page{'s' * (pages != 1)} without a word, so pictures of pages. Have their "
            "letters recognised first (OCR, such as `ocrmypdf in.pdf out.pdf`)."
        )
    raise CodingError(f"{name}: the text is empty. Add its words, or leave the file out.")


def _format(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _said(path: Path, encoding: Decoded | None) -> str:
    return _format(path) if encoding is None else f"{_format(path)}, {encoding.encoding} ({encoding.by})"


def _reader(module: ModuleType) -> list[str]:
    """Return the package that read a file, with its version."""
    name = getattr(module, "READER", None)
    if name is None:
        return []
    try:
        return [f"{name} {version(name)}"]
    except PackageNotFoundError:
        return [name]


def _read_from(path: Path, sha256: str, how: Iterable[str]) -> dict[str, str]:
    name = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in path.name)
    return {"read_from": name, "read_sha256": sha256, "read_as": ", ".join(how)}
