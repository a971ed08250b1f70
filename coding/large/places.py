"""Where partitions lie and results go: local paths, and addresses of the kinds that are allowed.

A file is written beside its place and moved there when it is whole. Object stores show a file only when it
was closed, which comes to the same. Packages that speak to stores raise errors of their own kinds, and
remember what they listed: here each question is asked anew, and an error is an `OSError` or a `CodingError`.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from coding.errors import CodingError, refuse

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

ALLOWED = ("s3", "gs", "gcs", "az", "abfs", "abfss", "adl")
SUFFIXES = (".parquet", ".pq")

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(?:://|::)")
_MAGIC = "*?["
_WALKED = 1000  # folders that are looked into for what could have been meant
_BLOCK = 1 << 20
_TRIED = ".writable"  # written and taken away again, before any work is done for a store that takes nothing
_LOOK = "Look at its address, and at the address and credentials of the store in the environment."
_T = TypeVar("_T")


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
            problems.append(f"{each}: no Parquet file there. {_remedy(each)}")
        for place in meant:
            found.setdefault(one_name(place), place if _is_url(place) else _whole(place))
    refuse(problems)
    return tuple(found.values())


def not_taken(named: Sequence[str]) -> dict[str, int]:
    """Return how many Parquet files lie in folders below a folder of this machine that is named.

    Only folders that have such files themselves count: of others it is an error that they have none.
    """
    found: dict[str, int] = {}
    for folder in map(_local, named):
        if not _is_url(folder) and Path(folder).is_dir() and _meant(folder):
            walked = islice(os.walk(folder), 1, _WALKED)
            n = sum(sum(map(_is_parquet, files)) for _, _, files in walked)
            found |= {folder: n} if n else {}
    return found


def short_names(where: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the folder in which all files lie, empty if there is none, and what each is called below it.

    Examples
    --------
    >>> short_names(["s3://b/in/year=2014/a.parquet", "s3://b/in/year=2015/a.parquet"])[0]
    's3://b/in/'
    """
    common = os.path.commonprefix(where)  # noqa: RUF071  cut at the end of a folder in the next line
    folder = common[: max(common.rfind("/"), common.rfind(os.sep)) + 1]
    if folder.endswith("://") or not folder.strip("/"):
        return "", {place: place for place in where}
    return folder, {place: place.removeprefix(folder) for place in where}


def one_name(place: str) -> str:
    """Return the one name of a file that can be named in several ways."""
    return place if _is_url(place) else os.path.realpath(place)


@contextmanager
def alone(folder: str) -> Iterator[None]:
    """Keep others from writing results to a folder of this machine meanwhile; see that a store takes some.

    Raises
    ------
    CodingError
        If another process writes there, or it cannot be made or written.
    """
    if _is_url(folder):
        _try_to_write(folder)
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
        if _is_url(place):
            return int(_asked(place, lambda system: system.info(place)["size"]))
        return Path(place).stat().st_size
    except OSError as error:
        raise CodingError(f"{place}: cannot be read: {_why(error, place)}.") from error


@contextmanager
def reading(place: str) -> Iterator[IO[bytes]]:
    """Yield a file to be read.

    Raises
    ------
    CodingError
        If it is not there, or may not be read; of a store also if it goes away while it is read.
    """
    try:
        if _is_url(place):
            opened = cast("IO[bytes]", _asked(place, lambda system: system.open(place, "rb")))
        else:
            opened = Path(place).open("rb")  # noqa: SIM115  closed below
    except OSError as error:
        raise CodingError(f"{place}: cannot be read: {_why(error, place)}.") from error
    with opened:
        yield cast("IO[bytes]", _Stored(opened, place)) if _is_url(place) else opened


@contextmanager
def writing(place: str) -> Iterator[IO[bytes]]:
    """Yield a file that takes its place when the block ends well, and is gone after an error in it.

    Raises
    ------
    OSError
        If it cannot be written: no space, no permission.
    """
    if _is_url(place):
        file = _asked(place, lambda system: system.open(place, "wb"))
        try:
            yield cast("IO[bytes]", _Stored(file, place))
            with _as_os_error(place):
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
    """Say whether there is a file.

    Raises
    ------
    CodingError
        If a store does not say.
    """
    if not _is_url(place):
        return Path(place).is_file()
    try:
        return _is_there(place)
    except OSError as error:
        raise CodingError(f"{place}: cannot be read: {_why(error, place)}. {_LOOK}") from error


def remove(place: str) -> None:
    """Take a file away if it is there.

    Raises
    ------
    OSError
        If it cannot be taken away.
    """
    if not _is_url(place):
        Path(place).unlink(missing_ok=True)
    elif _is_there(place):
        _asked(place, lambda system: system.rm_file(place))


def names(folder: str) -> list[str]:
    """Return the names of the files in a folder that do not begin with a dot; none if it is not there.

    Raises
    ------
    CodingError
        If a store does not say.
    """
    if _is_url(folder):
        try:
            found = _asked(folder, lambda system: system.ls(folder, detail=False))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CodingError(f"{folder}: cannot be listed: {_why(error, folder)}. {_LOOK}") from error
        there = (str(each).rpartition("/")[2] for each in found)
        return sorted(name for name in there if name and name[0] != ".")
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
    return folder if _is_url(folder) else _whole(folder)


def _whole(path: str) -> str:
    """Return a whole path that links are left in, without `..` unless it follows a link that leads away."""
    absolute = str(Path(path).absolute())
    short = os.path.normpath(absolute)
    return short if one_name(short) == one_name(absolute) else absolute


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


def _remedy(named: str) -> str:
    """Return what to name in the place of what holds no Parquet file; of a folder what finds those below."""
    inner = None
    with suppress(OSError):
        inner = _first_below(named)
    if inner is None:
        return "Name files, folders or a pattern ('in/*.parquet')."
    folder = named.rstrip("/") if _is_url(named) else glob.escape(named.rstrip(f"/{os.sep}"))
    return f"Those in folders below it are named by '{folder}/**/*.{inner.rpartition('.')[2]}'."


def _first_below(folder: str) -> str | None:
    """Return the name of a Parquet file in a folder below; None if the first folders have none."""
    if not _is_url(folder):
        return _first_of(os.walk(folder), folder)
    if any(sign in folder for sign in _MAGIC):
        return None
    return _asked(folder, lambda system: _first_of(system.walk(folder), folder))


def _first_of(walked: Iterable[tuple[str, object, Iterable[str]]], folder: str) -> str | None:
    for path, _, files in islice(walked, _WALKED):
        is_hidden = any(part.startswith(".") for part in re.split(r"[/\\]", path.removeprefix(folder)))
        found = None if is_hidden else next(filter(_is_parquet, files), None)
        if found is not None:
            return found
    return None


def _meant_there(named: str) -> list[str]:
    kind = named.partition("://")[0]
    try:
        if any(sign in named for sign in _MAGIC):
            found = _asked(named, lambda system: system.glob(named))
        elif _asked(named, lambda system: system.isdir(named)):
            found = _asked(named, lambda system: system.ls(named, detail=False))
        else:
            return [named] if _is_there(named) else []
    except OSError as error:
        raise CodingError(f"{named}: cannot be listed: {_why(error, named)}. {_LOOK}") from error
    there = (f"{kind}://{str(each).removeprefix(f'{kind}://')}" for each in found)
    return sorted(each for each in there if _is_parquet(each))


def _try_to_write(folder: str) -> None:
    """Raise unless a store takes a file.

    Raises
    ------
    CodingError
        Saying why it does not.
    """
    place = below(folder, _TRIED)
    try:
        with writing(place) as file:
            file.write(b"-")
    except OSError as error:
        raise CodingError(f"--out: {folder} cannot be written: {_why(error, place)}. {_LOOK}") from error
    with suppress(OSError):  # who may write need not be allowed to take away
        remove(place)


def _is_there(place: str) -> bool:
    """Say whether there is a file in a store; unlike `isfile` of fsspec, which says no if it cannot know."""
    try:
        return bool(_asked(place, lambda system: system.info(place)["type"] == "file"))
    except FileNotFoundError:
        return False


def _is_parquet(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.rpartition("/")[2].startswith(".")


def _is_url(place: str) -> bool:
    found = _URL.match(place)
    return found is not None and not Path(place).drive  # C:\ is no address


def _asked(place: str, ask: Callable[[AbstractFileSystem], _T]) -> _T:
    """Return what a store answers now, not what it was found to hold before.

    Raises
    ------
    OSError
        Whatever its package raises.
    """
    system = _system(place)
    with _as_os_error(place):
        system.invalidate_cache()
        return ask(system)


@contextmanager
def _as_os_error(place: str) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # of the store's own package, which have no common kind
        raise OSError(_why(error, place)) from error


def _why(error: Exception, place: str) -> str:
    """Return in a few words why a file cannot be had."""
    said = str(getattr(error, "strerror", None) or error).strip()
    if isinstance(error, FileNotFoundError) and said in place:
        return "it is not there"
    return said.splitlines()[0].rstrip(".") if said else type(error).__name__


class _Stored:
    """A file of a store; an error of its package is one of reading or of writing."""

    def __init__(self, file: IO[bytes], place: str) -> None:
        self._file, self._place = file, place

    @property
    def closed(self) -> bool:
        return self._file.closed

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except Exception as error:  # as above
            raise CodingError(f"{self._place}: cannot be read: {_why(error, self._place)}.") from error

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def write(self, data: bytes) -> int:
        with _as_os_error(self._place):
            return self._file.write(data)

    def flush(self) -> None:
        with _as_os_error(self._place):
            self._file.flush()

    def close(self) -> None:
        """Leave the closing to whoever opened the file."""


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
