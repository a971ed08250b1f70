"""JSON of strangers: read with limits, and taken apart without trust."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from coding.errors import CodingError
from coding.formats.text import decode

if TYPE_CHECKING:
    from pathlib import Path

    from coding.formats.refi.nouns import Told

MOST_BYTES = 200_000_000  # 40,000 coded segments are up to 43 million

_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def raw_of(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    CodingError
        If it cannot be read, or is larger than such a file is.
    """
    refuse_large(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise CodingError(f"{path}: cannot be read: {error.strerror}. Name another file.") from error


def text_of(path: Path) -> str:
    """Return the text of a file, as `raw_of` reads it.

    Raises
    ------
    CodingError
        As of `raw_of`, or if it is no UTF-8.
    """
    refuse_large(path)
    return decode(path, name=path.name)


def refuse_large(path: Path) -> None:
    """Raise if a file is larger than is read, or is not there.

    Raises
    ------
    CodingError
        Saying both sizes.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CodingError(f"{path}: cannot be read: {error.strerror}. Name another file.") from error
    if size > MOST_BYTES:
        said = f"has {size / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:,.0f} MB are read"
        raise CodingError(f"{path.name}: {said}. Part it and import one part after the other.")


def json_of(text: str, where: str) -> object:
    """Return what a JSON text says.

    Raises
    ------
    CodingError
        If it is no JSON, is nested too deeply, or holds half a character.
    """
    try:
        found: object = json.loads(text, parse_constant=_refuse)
        if _HALF.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError as error:
        raise CodingError(f"{where}: is nested too deeply. Export it once more.") from error
    except UnicodeEncodeError as error:
        said = "holds half a character (a lone surrogate), which no text can"
        raise CodingError(f"{where}: {said}. Correct it there, and export it once more.") from error
    except json.JSONDecodeError as error:
        said = f"is no JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise CodingError(f"{where}: {said}. Export it once more.") from error
    except ValueError as error:
        raise CodingError(f"{where}: is no JSON: {error}. Export it once more.") from error
    return found


def mapping(value: object) -> dict[str, object]:
    """Return a value if it is an object of JSON, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[object]:
    """Return a value if it is an array of JSON, nothing for null, else an array of it alone."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_in(value: object) -> str:
    """Return a value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def whole(value: object) -> int | None:
    """Return a value if it is a whole number, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: object) -> float | None:
    """Return a value if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def told(value: object) -> Told:
    """Return the value of a variable; None for what is no single value."""
    return value if isinstance(value, str | int | float | bool) else None


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number of it")
