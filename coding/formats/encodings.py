"""In which encoding a text is written: decided in a fixed order, in the open.

A byte order mark decides; else the text is UTF-8 if it can be; else what the reader says (`--encoding`); else
what the file declares. What would be a guess is refused, and named with words by which a reader can tell.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from coding.errors import CodingError
from coding.formats.text import MARKS

_SHIFTS = re.compile(rb"\x1b[$(]")  # by which ISO-2022 leaves ASCII: it would pass for UTF-8
_COMMON = ("cp1252", "cp1251", "cp932", "cp949", "gb18030", "big5", "euc_jp")
_SAMPLE = 200_000
_N_SHOWN = 3  # of the likely encodings; cp1252 may be one more
_WESTERN = "cp1252"  # what spreadsheets and editors of the West write where it is not UTF-8
_SIGNS = frozenset("‘’“”„–—…•«» ¡¿§°·©®™€£½¼¾²³")
_AS_BROWSERS_DO = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""A text with `\n` line ends, the encoding it was in, and what decided it."""

    text: str
    encoding: str
    by: str


def decoded(raw: bytes, *, name: str, given: str | None = None, declared: str | None = None) -> Decoded:
    """Return a text and how it was decoded.

    Parameters
    ----------
    name : that of the file, in messages
    given : the encoding that a reader says the text has, should it not be UTF-8
    declared : the one that the file says of itself

    Raises
    ------
    CodingError
        If it is none of these; with the likely ones, and words as they would read.
    """
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return _strictly(raw, encoding, "byte order mark", name)
    problem = _not_utf8(raw)
    if problem is None:
        return _strictly(raw, "utf-8", "its bytes", name)
    for said, by in ((given, "as given"), (declared, "as declared")):
        codec = None if said is None else _known(said, by)
        if codec is not None:
            return _strictly(raw, codec, by, name)
    raise CodingError(f"{name}{problem}{_guessed(raw)}")


def as_declared(name: str) -> str | None:
    """Return the codec that browsers take for an encoding that a page or server declares; None if it is none.

    Examples
    --------
    >>> as_declared("iso-8859-1"), as_declared("klingon")
    ('cp1252', None)
    """
    return _known(name, "as declared")


def _not_utf8(raw: bytes) -> str | None:
    """Return the end of a message on why bytes are no UTF-8, None if they are."""
    if 0 in raw:
        return f": is not text (a NUL byte at {raw.index(0)}). Give a text file."
    shift = _SHIFTS.search(raw)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _misfit(raw, "utf-8", error.start)
    return None if shift is None else _misfit(raw, "utf-8", shift.start())


def _misfit(raw: bytes, encoding: str, at: int) -> str:
    line = raw.count(b"\n", 0, at) + 1
    return f", line {line}: is not {encoding} (byte {at}). Save the file as UTF-8."


def _known(name: str, by: str) -> str | None:
    """Return the codec of an encoding; None if a file declares one that is none."""
    try:
        known = codecs.lookup(name).name
        "a".encode(known)  # some codecs are of no text
    except (LookupError, ValueError, TypeError):
        known = ""
    if known not in ("", "utf-7"):
        return _AS_BROWSERS_DO.get(known, known) if by == "as declared" else known
    if by == "as given":
        raise CodingError(
            f"--encoding: '{name}' is no encoding. Write cp1252, shift_jis, euc_kr or the like."
        )
    return None


def _strictly(raw: bytes, encoding: str, by: str, name: str) -> Decoded:
    """Return the text of bytes that are in an encoding from beginning to end."""
    mark = next((mark for mark, known in MARKS if known == encoding and raw.startswith(mark)), b"")
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        guessed = "" if mark else _guessed(raw)
        raise CodingError(f"{name}{_misfit(raw, encoding, len(mark) + error.start)}{guessed}") from error
    if "\0" in text:
        raise CodingError(f"{name}: is not text (a NUL at {text.index(chr(0))}). Give a text file.")
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), encoding, by)


def _guessed(raw: bytes) -> str:
    """Return the end of a message: what the encoding may be, and how the text would read."""
    said = [f"{name} ('{words}')" for name, words in _candidates(raw)]
    if not said:
        return ""
    likely, first = " or ".join(said), said[0].split()[0]
    return f" Or say its encoding: it may be {likely}; if the first words are right, --encoding {first}."


def _candidates(raw: bytes) -> list[tuple[str, str]]:
    """Return encodings that a text may have, the likeliest first, with words that show it.

    What recognises encodings needs more letters than a short table has: cp1252 is offered wherever it gives
    letters, and first where these stand singly among ASCII, as é and ü do.
    """
    if 0 in raw:
        return []
    found = list(_recognised(raw))
    words = _western(raw[:_SAMPLE])
    if not words:
        return found[:_N_SHOWN]
    others = [(name, said) for name, said in found if name != _WESTERN and said != words]
    names = [name for name, _ in found]
    place = names.index(_WESTERN) if _WESTERN in names else _N_SHOWN
    at = 0 if _stand_singly(raw[:_SAMPLE]) else min(place, _N_SHOWN)
    return [*others[:at], (_WESTERN, words), *others[at:]][: max(_N_SHOWN, at + 1)]


def _western(raw: bytes) -> str:
    """Return words that show a text as cp1252; empty unless all in it are letters and usual signs."""
    try:
        text = raw.decode(_WESTERN)
    except UnicodeDecodeError:
        return ""
    others = {c for c in text if not c.isascii()} - _SIGNS
    return _telling(text) if all(unicodedata.category(c)[0] == "L" for c in others) else ""


def _stand_singly(raw: bytes) -> bool:
    """Say whether most bytes that are not ASCII have ASCII on both sides."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", raw)]
    return 2 * runs.count(1) > sum(runs)


def _recognised(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield the encodings that look right, the likeliest first, with words that show it."""
    from charset_normalizer import from_bytes

    seen: set[str] = set()
    for match in from_bytes(raw[:_SAMPLE]):
        names = [match.encoding, *match.could_be_from_charset]
        name = next((common for common in _COMMON if common in names), match.encoding)
        words = _telling(str(match))
        if words and words not in seen and not name.startswith(("utf", "cp1006")):
            seen.add(words)
            yield name, words


def _telling(text: str) -> str:
    """Return the first words of a text that are not ASCII, with those around them."""
    first = next((i for i, c in enumerate(text) if not c.isascii()), None)
    if first is None:
        return ""
    before, after = text[:first].split(), text[first:].split()
    begun = before[-1] if before and not text[first - 1].isspace() else ""
    return (begun + " ".join(after[:3]))[:40].replace("'", "’")
