"""Where partitions lie and results go: local paths, and addresses of the kinds that are allowed.

A file is written beside its place and moved there when it is whole. Object stores show a file only when it
was closed, which comes to the same.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from coding.errors import CodingError, refuse

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

ALLOWED = ("s3", "gs", "gcs", "az", "abfs", "abfss", "adl")
SUFFIXES = (".parquet", ".pq")

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(?:://|::)")
_MAGIC = "*?["
_BLOCK = 1 << 20


def partitions(named: Sequence[str]) -> tuple[str, ...]:
    """Return the files that are meant, each once, in order: files, folders, and patterns of names.

    Raises
    ------
    CodingError
        Listing what is not there, is no Parquet file, or is an address of a kind that is not allowed.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for each in map(_local, named):
        try:
            meant = _meant(each)
        except CodingError as error:
            problems += error.problems
            continue
        if not meant:
            problems.append(
                f"{each}: no Parquet file there. Name files, folders or a pattern ('in/*.parquet')."
            )
        for place in meant:
            found.setdefault(one_name(place), place if _is_url(place) else str(Path(place).absolute()))
    refuse(problems)
    return tuple(found.values())


def one_name(place: str) -> str:
    """Return the one name of a file that can be named in several ways."""
    return place if _is_url(place) else os.path.realpath(place)


@contextmanager
def alone(folder: str) -> Iterator[None]:
    """Keep others from writing results to a folder of this machine meanwhile.

    Raises
    ------
    CodingError
        If another process writes there, or it cannot be made.
    """
    if _is_url(folder):
        yield
        return
    from filelock import FileLock, Timeout

    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with FileLock(Path(folder, ".lock"), timeout=0):
            yield
    except Timeout as error:
        raise CodingError(
            f"--out: another command writes to {folder} just now. Wait, or name another."
        ) from error
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise CodingError(f"--out: {folder} cannot be written: {error.strerror}.") from error


def size(place: str) -> int:
    """Return how many bytes a file has.

    Raises
    ------
    CodingError
        If it is not there.
    """
    try:
        return int(_system(place).size(place)) if _is_url(place) else Path(place).stat().st_size
    except OSError as error:
        raise CodingError(f"{place}: cannot be read: {error.strerror or error}.") from error


@contextmanager
def reading(place: str) -> Iterator[IO[bytes]]:
    """Yield a file to be read.

    Raises
    ------
    CodingError
        If it is not there, or may not be read.
    """
    try:
        opened = _system(place).open(place, "rb") if _is_url(place) else Path(place).open("rb")  # noqa: SIM115  closed below
    except OSError as error:
        raise CodingError(f"{place}: cannot be read: {error.strerror or error}.") from error
    with opened:
        yield opened


@contextmanager
def writing(place: str) -> Iterator[IO[bytes]]:
    """Yield a file that takes its place when the block ends well, and is gone after an error in it.

    Raises
    ------
    OSError
        If it cannot be written: no space, no permission.
    """
    if _is_url(place):
        system = _system(place)
        file = system.open(place, "wb")
        try:
            yield file
            file.close()
        except BaseException:
            with suppress(Exception):
                file.discard()
            with suppress(Exception):
                file.closed = True
            raise
        return
    path = Path(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):  # by a process that was killed
        left.unlink(missing_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as written:
            yield written
            written.flush()
            os.fsync(written.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def digest(place: str) -> str | None:
    """Return the SHA-256 of a file, in hexadecimal; None if it is not there."""
    if not exists(place):
        return None
    found = sha256()
    with reading(place) as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def exists(place: str) -> bool:
    """Say whether there is a file."""
    return bool(_system(place).isfile(place)) if _is_url(place) else Path(place).is_file()


def remove(place: str) -> None:
    """Take a file away if it is there."""
    if not _is_url(place):
        Path(place).unlink(missing_ok=True)
    elif exists(place):
        _system(place).rm_file(place)


def names(folder: str) -> list[str]:
    """Return the names of the files in a folder that do not begin with a dot; none if it is not there."""
    if _is_url(folder):
        system = _system(folder)
        found = system.ls(folder, detail=False) if system.isdir(folder) else []
        return sorted(str(each).rpartition("/")[2] for each in found)
    path = Path(folder)
    return sorted(each.name for each in path.iterdir() if each.name[0] != ".") if path.is_dir() else []


def below(folder: str, *names: str) -> str:
    """Return the place of a file in a folder."""
    if _is_url(folder):
        return "/".join([folder.rstrip("/"), *names])
    return str(Path(folder, *names))


def is_below(place: str, folder: str) -> bool:
    """Say whether a file lies in a folder, or in one below it."""
    if _is_url(place) or _is_url(folder):
        return place.startswith(f"{folder.rstrip('/')}/")
    return Path(one_name(folder)) in Path(one_name(place)).parents


def checked_folder(folder: str) -> str:
    """Return a folder for results, by a path that holds for workers in other directories too.

    Raises
    ------
    CodingError
        If it is an address of a kind that is not allowed, or a file.
    """
    folder = _local(folder)
    if _is_url(folder):
        _system(folder)
    elif Path(folder).exists() and not Path(folder).is_dir():
        raise CodingError(f"--out: {folder} is a file. Name a folder.")
    return folder if _is_url(folder) else str(Path(folder).absolute())


def _local(place: str) -> str:
    """Return the path of a file:// address; anything else as it is."""
    if not place.lower().startswith("file://"):
        return place
    return url2pathname(urlsplit(place).path)


def _meant(named: str) -> list[str]:
    if _is_url(named):
        return _meant_there(named)
    path = Path(named)
    if path.is_dir():
        return sorted(str(each) for each in path.iterdir() if _is_parquet(each.name))
    if any(sign in named for sign in _MAGIC) and not path.is_file():
        found = glob.glob(named, recursive=True)  # noqa: PTH207  Path.glob takes no absolute pattern
        return sorted(each for each in found if _is_parquet(each) and Path(each).is_file())
    if not path.is_file():
        return []
    if not _is_parquet(path.name):
        raise CodingError(f"{named}: is no Parquet file by its name ({' or '.join(SUFFIXES)}).")
    return [named]


def _meant_there(named: str) -> list[str]:
    system = _system(named)
    kind = named.partition("://")[0]
    try:
        if any(sign in named for sign in _MAGIC):
            found = [str(each) for each in system.glob(named)]
        elif system.isdir(named):
            found = [str(each) for each in system.ls(named, detail=False)]
        else:
            return [named] if system.isfile(named) else []
    except Exception as error:  # whatever the store's own package raises
        raise CodingError(f"{named}: cannot be listed: {error}") from error
    return sorted(f"{kind}://{each.removeprefix(f'{kind}://')}" for each in found if _is_parquet(each))


def _is_parquet(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.rpartition("/")[2].startswith(".")


def _is_url(place: str) -> bool:
    found = _URL.match(place)
    return found is not None and not Path(place).drive  # C:\ is no address


def _system(place: str) -> AbstractFileSystem:
    """Return the file system of an address.

    Raises
    ------
    CodingError
        If addresses of its kind are not allowed, chained, or need a package that is missing.
    """
    kind, _, rest = place.partition("://")
    if kind not in ALLOWED or "::" in place or not rest:
        raise CodingError(
            f"{place}: is no address that is read or written here. Allowed: {', '.join(ALLOWED)}."
        )
    try:
        from fsspec import filesystem

        return filesystem(kind)
    except (ImportError, ValueError) as error:
        raise CodingError(f"{place}: {error}") from error
