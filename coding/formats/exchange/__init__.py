"""Exchange formats beside REFI-QDA: each a module that reads a file as an `Exchanged` and writes one.

Which one a file is, the end of its name says. A module has `FORMAT` (what it is called), `read(path, corpus)`
and `write(path, exchanged)`, which returns what the format has no place for.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from coding.errors import CodingError

if TYPE_CHECKING:
    from coding.formats.refi.nouns import Dropped, Exchanged
    from coding.formats.refi.offsets import Convention
    from coding.model import Corpus

_MODULES = {
    ".jsonld": "web_annotation",
    ".ls.json": "label_studio",
    ".doccano.jsonl": "doccano",
    ".spacy": "docbin",
    ".csv": "segment_table",
    ".xlsx": "segment_table",
    ".sqlite3": "taguette",
}
ENDINGS = tuple(_MODULES)
TEXTLESS = (".jsonld", ".csv", ".xlsx")  # these hold no texts: of a document only what was coded in it
TAGUETTE = "Taguette"  # whose tables and projects may hold codes alone


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file says, and what its offsets count: one convention, or those of which the words decide."""

    exchanged: Exchanged
    counted: tuple[Convention, ...]


class _Format(Protocol):
    FORMAT: str

    def read(self, path: Path, corpus: Corpus) -> Brought: ...

    def write(self, path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]: ...


def ending(path: Path) -> str | None:
    """Return the end of a file's name that says its format; None if it is none of these.

    Examples
    --------
    >>> ending(Path("out/Coded.LS.json")), ending(Path("acts.jsonl"))
    ('.ls.json', None)
    """
    name = path.name.lower()
    return next((each for each in ENDINGS if name.endswith(each)), None)


def called(path: Path) -> str:
    """Return what the format of a file is called."""
    return _module(path).FORMAT


def read(path: Path, corpus: Corpus, *, encoding: str | None = None) -> Brought:
    """Return what a file says.

    Parameters
    ----------
    corpus : the documents of the project, for formats that name a text without holding it
    encoding : of a `.csv` that is not UTF-8

    Raises
    ------
    CodingError
        If the file is not what its name says, is damaged, or too large; if another than a `.csv` is said to
        have an encoding.
    """
    if encoding is None:
        return _module(path).read(path, corpus)
    if ending(path) != ".csv":
        raise CodingError(f"--encoding: {path.name} says its own; only a .csv does not. Leave it out.")
    from coding.formats.exchange import segment_table

    return segment_table.read(path, corpus, encoding=encoding)


def write(path: Path, exchanged: Exchanged) -> tuple[Dropped, ...]:
    """Write a file, whole or not at all, and return what its format has no place for."""
    return _module(path).write(path, exchanged)


def is_codebook(exchanged: Exchanged) -> bool:
    """Say whether a file of Taguette holds codes alone, and nothing that bears them."""
    return exchanged.origin == TAGUETTE and bool(exchanged.codes) and not exchanged.sources


def _module(path: Path) -> _Format:
    found = ending(path)
    if found is None:
        raise CodingError(f"{path}: its name ends in none of {', '.join(ENDINGS)}. Rename it.")
    return cast("_Format", import_module(f"coding.formats.exchange.{_MODULES[found]}"))
