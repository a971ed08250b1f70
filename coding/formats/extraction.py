"""What is taken out of a file that is no plain text, and how paragraphs are written.

A format whose files hold more than text is a module with `SUFFIXES`, `READER` (the package that reads it)
and `extract(raw)`, which returns an `Extracted`. Such files are foreign: `coding.formats.confined` calls
`extract` in a process of its own. One that is text itself, with marks, also has `declared_encoding(raw)`; it
is given UTF-8.

Paragraphs are divided by blank lines, the lines of one are joined. A form feed (U+000C) is the end of a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from coding.errors import CodingError

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_MEMBERS = 20_000
MOST_UNPACKED = 400_000_000
MOST_TIMES = 200  # how many times its packed size a large member of an archive may have
_LARGE = 10_000_000

_INVISIBLE = re.compile(
    "[\u00ad\u200b\u2060\ufeff]"
)  # soft hyphen, zero-width space, word joiner, byte order mark
_ENTITY = "<!ENTITY"
_NO_TITLE = re.compile(
    r"(word )?document ?\d*|untitled.*|microsoft word - .*|unbenannt.*|index|home|.*\.(docx?|html?|odt|epub)",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of a file, and what was left behind.

    Attributes
    ----------
    text : empty if the file holds no words
    pages : how many; None if the format has none, or none that stay
    dropped : what was left out, by kind, and how often
    notes : what the reader of the report should know, in sentences
    title, date : what the file says of itself; empty if nothing, or what programs put there
    """

    text: str
    pages: int | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    title: str = ""
    date: str = ""


def written(paragraphs: Iterable[str]) -> str:
    r"""Return paragraphs as a text.

    Examples
    --------
    >>> written(["One\n line.", " ", "Two."])
    'One line.\n\nTwo.\n'
    """
    kept = [line for paragraph in paragraphs if (line := in_a_line(paragraph))]
    return "\n\n".join(kept) + "\n" if kept else ""


def in_a_line(text: str) -> str:
    r"""Return words with one space between them, composed (NFC), without what cannot be seen.

    Examples
    --------
    >>> in_a_line("cafe\u0301\u00a0 de\u00adnis\n\x07")
    'café denis'
    """
    seen = _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()
    kept = "".join(c for c in seen if unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).strip()


def own_title(said: str | None) -> str:
    r"""Return the title that a file says of itself, in a line; empty if a program put it there.

    Examples
    --------
    >>> own_title(" A history\n of aid"), own_title("Microsoft Word - a.doc"), own_title("Word Document")
    ('A history of aid', '', '')
    """
    title = in_a_line(said or "")
    return title if any(c.isalnum() for c in title) and not _NO_TITLE.fullmatch(title) else ""


def opened_zip(raw: bytes, kind: str) -> ZipFile:
    """Return an archive that is what it says and stays small when it is unpacked.

    Parameters
    ----------
    kind : what the file should be, for messages

    Raises
    ------
    CodingError
        If it is no archive, is encrypted, or would unpack to more than a text can be.
    """
    try:
        archive = ZipFile(BytesIO(raw))
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise CodingError(f"is no {kind}: {error}. Save it again from the program that made it.") from error
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise CodingError("is protected by a password. Save it without one.")
    swollen = any(m.file_size > _LARGE and m.file_size > MOST_TIMES * m.compress_size for m in members)
    if swollen or len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED:
        raise CodingError("would unpack to far more than a text is. Save its text as .txt (UTF-8).")
    return archive


def member(archive: ZipFile, name: str, kind: str) -> bytes:
    """Return a file of an archive.

    Raises
    ------
    CodingError
        If it is not there or is damaged.
    """
    try:
        return archive.read(name)
    except KeyError as error:
        raise CodingError(f"is no {kind}: it lacks {name}. Save it again as such.") from error
    except (BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise CodingError(f"is damaged ({name}). Save it again from the program that made it.") from error


def xml(raw: bytes, name: str) -> _Element:
    """Return the root of an XML file; no entity is resolved, nothing outside it is asked for.

    Raises
    ------
    CodingError
        If it is not well-formed, too deep, or defines entities of its own.
    """
    from lxml import etree

    refuse_entities(raw, name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise CodingError(f"{name} in it is no sound XML: {error.msg}. Save the file again.") from error


def refuse_entities(raw: bytes, name: str) -> None:
    """Raise if an XML file defines entities: no text needs them, and they can grow without end.

    Raises
    ------
    CodingError
        Naming the file.
    """
    if any(_ENTITY.encode(encoding) in raw for encoding in ("utf-8", "utf-16-le", "utf-16-be")):
        raise CodingError(
            f"{name} in it defines entities, which no text needs. Save its text as .txt (UTF-8)."
        )


def inner_text(element: _Element) -> str:
    """Return all words inside an element, as they stand there."""
    return "".join(map(str, element.itertext()))


def counted(dropped: Mapping[str, int]) -> dict[str, int]:
    """Return what was dropped at all, in the order of the alphabet."""
    return {kind: n for kind, n in sorted(dropped.items()) if n}
