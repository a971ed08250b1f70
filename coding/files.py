"""Files are written beside their place and moved there when all went well."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@contextmanager
def replacing(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield for each path a file beside it to be written; all take their places at the end.

    After an error in the block, or Ctrl-C, the earlier files are whole and nothing new is left.

    Raises
    ------
    CodingError
        If a folder or file cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=_folder(paths[0])) as staging:
            written = [Path(staging) / f"{i}-{path.name}" for i, path in enumerate(paths)]
            yield written
            for path in paths:
                _folder(path)
            for source, path in zip(written, paths, strict=True):
                source.replace(path)
    except OSError as error:
        raise CodingError(
            f"{paths[0]}: cannot be written: {error.strerror}. Choose another place."
        ) from error


@contextmanager
def in_place(contents: Mapping[Path, bytes]) -> Iterator[None]:
    """Put contents into files for a block; after an error in it, or Ctrl-C, every file is as before.

    Raises
    ------
    CodingError
        If a folder or file cannot be written.
    """
    before = {path: path.read_bytes() if path.exists() else None for path in contents}
    new = {path.parent for path in contents if not path.parent.exists()}
    try:
        _write(contents)
        yield
    except BaseException:
        _write({p: old for p, old in before.items() if old is not None and p.read_bytes() != old})
        for path in (path for path, old in before.items() if old is None):
            path.unlink(missing_ok=True)
        for folder in new:
            with suppress(OSError):
                folder.rmdir()
        raise


def _write(contents: Mapping[Path, bytes]) -> None:
    if contents:
        with replacing(list(contents)) as places:
            for place, content in zip(places, contents.values(), strict=True):
                place.write_bytes(content)


def _folder(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.parent
