"""The container of a REFI-QDA file: a `.qdpx` archive, or plain XML; opened with mistrust.

Nothing is ever unpacked to disk. A member is read by its name in the archive, never by a path of this
machine, and only as far as the limits below.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Self
from urllib.parse import unquote

from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

MOST_MEMBERS = 50_000
MOST_XML = 200_000_000  # bytes; 40,000 codings are about 20 million
MOST_TEXT = 50_000_000
MOST_IN_ALL = 400_000_000  # of all that is read; pictures and films are not
MOST_RATIO = 200  # of a member to its packed size, where it is larger than ...
SMALL = 5_000_000

_ENCRYPTED = 0x1
_PROLOG = re.compile(r"(\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_MOST_PROLOG = 65_536
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class Archive:
    """An opened file: its XML, and the texts beside it."""

    def __init__(self, path: Path) -> None:
        """Open a `.qdpx` archive or an XML file, by its content.

        Raises
        ------
        CodingError
            If it cannot be read, is neither, is too large, or holds what an archive of this kind does not.
        """
        self.name = path.name
        self._path = path
        self._read = 0
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._by_ending: dict[str, list[str]] = {}
        try:
            self._size = path.stat().st_size
            with path.open("rb") as beginning:
                is_archive = beginning.read(2) == b"PK"
        except OSError as error:
            raise CodingError(f"{path}: cannot be read: {error.strerror}. Name another file.") from error
        if is_archive:
            self._open_archive()
        elif path.suffix.lower() == ".qdpx":
            raise CodingError(
                f"{self.name}: is no archive, which a .qdpx is. Export it once more; if it is the XML of a "
                "project alone, call it .qde."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._zip is not None:
            self._zip.close()

    @contextmanager
    def xml(self) -> Iterator[IO[bytes]]:
        """Yield the bytes of the XML: of a `.qdpx` those of its only `.qde`, wherever it is called so.

        Raises
        ------
        CodingError
            If there is none, several, one that is too large, or one that begins with a DTD.
        """
        if self._zip is None:
            self._refuse_larger(self._size, MOST_XML, self.name)
            with self._path.open("rb") as stream:
                _refuse_dtd(stream.read(_MOST_PROLOG), self.name)
                stream.seek(0)
                yield stream
            return
        found = [name for name in self._members if name.endswith((".qde", ".qdc")) and "/" not in name]
        found = found or [name for name in self._members if name.endswith(".qde")]
        if len(found) != 1:
            said = "no project.qde in it" if not found else f"{len(found)} files .qde in it"
            raise CodingError(f"{self.name}: {said}, where a .qdpx has one. Export it once more.")
        member = self._members[found[0]]
        with self._opened(member, MOST_XML) as stream:
            _refuse_dtd(stream.read(_MOST_PROLOG), f"{self.name}/{member.filename}")
        with self._opened(member, MOST_XML) as stream:
            yield stream

    def text(self, written: str, base: str = "") -> str | None:
        """Return the text at a path as the file writes it; None if it is not in the archive.

        Byte order mark and line ends are left as they are: offsets may count them.

        Parameters
        ----------
        written : `internal://...`, `relative:///...` or a bare name; `absolute:///...` is never followed
        base : the base path of the project, from which relative ones count

        Raises
        ------
        CodingError
            If the path leaves the archive, or the text is too large, damaged, or in another encoding.
        """
        scheme, _, rest = written.rpartition("://")
        if scheme.lower() == "absolute":
            return None
        name = unquote(rest).replace("\\", "/").lstrip("/")
        if ".." in name.split("/"):
            raise CodingError(f"{self.name}: the path {written!r} leaves the archive. It was not followed.")
        member = self._found(name, base)
        if member is None:
            return None
        with self._opened(member, MOST_TEXT) as stream:
            raw = stream.read()
        return _decoded(raw, f"{self.name}/{member.filename}")

    def _open_archive(self) -> None:
        try:
            self._zip = zipfile.ZipFile(self._path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise CodingError(f"{self.name}: is a damaged archive: {error}. Export it once more.") from error
        try:
            self._take_in(self._zip.infolist())
        except CodingError:
            self._zip.close()
            raise

    def _take_in(self, members: list[zipfile.ZipInfo]) -> None:
        if len(members) > MOST_MEMBERS:
            raise CodingError(f"{self.name}: holds {len(members)} files; at most {MOST_MEMBERS} are taken.")
        for member in members:
            name = member.filename.replace("\\", "/")
            if name.startswith("/") or ".." in name.split("/") or re.match("[A-Za-z]:", name):
                raise CodingError(
                    f"{self.name}: a file in it is called {member.filename!r}, a path out of the archive. "
                    "Nothing was read: who made it meant harm, or made a mistake."
                )
            if member.is_dir():
                continue
            if name.lower() in self._members:
                raise CodingError(f"{self.name}: holds {member.filename!r} twice. Export it once more.")
            self._members[name.lower()] = member
            self._by_ending.setdefault(posixpath.basename(name.lower()), []).append(name.lower())

    def _found(self, name: str, base: str) -> zipfile.ZipInfo | None:
        """Return the member of a name: in `sources/`, under the base path, at the root, or anywhere once."""
        lower = name.lower()
        last = posixpath.basename(base.replace("\\", "/").rstrip("/")).lower()
        for place in (f"sources/{lower}", lower, f"{last}/{lower}"):
            if place in self._members:
                return self._members[place]
        elsewhere = self._by_ending.get(posixpath.basename(lower), [])
        return self._members[elsewhere[0]] if len(elsewhere) == 1 else None

    @contextmanager
    def _opened(self, member: zipfile.ZipInfo, most: int) -> Iterator[IO[bytes]]:
        assert self._zip is not None
        where = f"{self.name}/{member.filename}"
        self._refuse_larger(member.file_size, most, where)
        if member.file_size > SMALL and member.file_size > MOST_RATIO * max(1, member.compress_size):
            raise CodingError(
                f"{where}: {member.file_size:,} bytes are packed into {member.compress_size:,}, "
                "as no text is. It was not unpacked."
            )
        if member.flag_bits & _ENCRYPTED:
            raise CodingError(f"{where}: is encrypted. Export it without a password.")
        self._read += member.file_size
        if self._read > MOST_IN_ALL:
            raise CodingError(f"{self.name}: its texts are larger than {_size(MOST_IN_ALL)} in all. Part it.")
        try:
            with self._zip.open(member) as stream:
                yield stream
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise CodingError(f"{where}: is damaged: {error}. Export it once more.") from error

    def _refuse_larger(self, size: int, most: int, where: str) -> None:
        if size > most:
            raise CodingError(f"{where}: is larger than {_size(most)}. Part the project and export it anew.")


def _refuse_dtd(beginning: bytes, where: str) -> None:
    """Raise unless XML begins with its root element: a DTD can make a small file endless, or read others."""
    mark, encoding = next((known for known in _MARKS if beginning.startswith(known[0])), (b"", "latin-1"))
    if not mark and beginning[:4].count(0) > 1:
        encoding = "utf-16-le" if beginning[1:2] == b"\0" else "utf-16-be"
    text = beginning[len(mark) :].decode(encoding, "replace")
    at = _PROLOG.match(text)
    assert at is not None
    rest = text[at.end() :]
    if rest.startswith("<!") and not rest.startswith("<!--"):
        raise CodingError(f"{where}: has a document type (<!DOCTYPE>), which no REFI-QDA file needs.")
    if not re.match(r"<\w", rest):
        raise CodingError(f"{where}: is no XML. A REFI-QDA file begins with <Project> or <CodeBook>.")


def _decoded(raw: bytes, where: str) -> str:
    mark, encoding = next((known for known in _MARKS if raw.startswith(known[0])), (b"", "utf-8"))
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise CodingError(
            f"{where}: is not {encoding} (byte {len(mark) + error.start}). Offsets into it would be a guess; "
            "export it once more as UTF-8."
        ) from error
    return f"\ufeff{text}" if mark else text


def _size(n_bytes: int) -> str:
    return f"{n_bytes // 1_000_000} MB"
