"""Plain text and Markdown: decoded once, line ends made one, and never touched again.

The encoding is that of a byte order mark, else UTF-8. Anything else is refused with the place of
the first byte that does not fit: a guess would move every offset of a text that was coded.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from coding.errors import CodingError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".txt", ".md")

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_text(path: Path, *, name: str | None = None) -> str:
    r"""Return the text of a file with `\n` line ends and no byte order mark.

    Raises
    ------
    CodingError
        If the file cannot be read, is binary, is in another encoding, or holds no word.
    """
    text = decode(path, name=name)
    if not text.strip():
        raise CodingError(f"{name or path}: the text is empty. Add its words, or remove the file.")
    return text


def write_text(path: Path, text: str) -> None:
    r"""Write a text as UTF-8 with `\n` line ends; reading it gives the same text again."""
    path.write_text(text, encoding="utf-8", newline="\n")


def decode(path: Path, *, name: str | None = None) -> str:
    r"""Return the content of a text file: decoded, without byte order mark, `\n` line ends."""
    shown = name or str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CodingError(f"{shown}: cannot be read: {error.strerror}.") from error
    mark, encoding = next((known for known in MARKS if raw.startswith(known[0])), (b"", "utf-8"))
    if b"\0" in raw and encoding == "utf-8":
        raise CodingError(f"{shown}: is not text (a NUL byte at {raw.index(0)}). Give a text file.")
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        at = len(mark) + error.start
        line = raw.count(b"\n", 0, at) + 1
        raise CodingError(
            f"{shown}, line {line}: is not {encoding} (byte {at}). Save the file as UTF-8."
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
