"""The name of a file: as it stands in the corpus, and as a title is made of it."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from coding.errors import CodingError


def file_name(path: Path) -> str:
    """Return the name of a file as it stands in the corpus: small letters and digits of any script, hyphens.

    Raises
    ------
    CodingError
        If nothing of the name is left.

    Examples
    --------
    >>> file_name(Path("../Cyber Security (2018).TXT")), file_name(Path("서울 선언.md"))
    ('cyber-security-2018.txt', '서울-선언.md')
    """
    stem = unicodedata.normalize("NFC", path.stem).lower()
    kept = "".join(c if c == "_" or unicodedata.category(c)[0] in "LMN" else "-" for c in stem)
    name = unicodedata.normalize("NFC", re.sub("-+", "-", kept).strip("-"))
    if not name.strip("_"):
        raise CodingError(f"{path}: its name has no letter or digit. Rename the file.")
    return name + path.suffix.lower()


def title_of(path: Path) -> str:
    """Return a title made of the name of a file, its words as they are written there.

    Examples
    --------
    >>> title_of(Path("white-paper_2018.txt")), title_of(Path("A non-binding norm.txt"))
    ('white paper 2018', 'A non-binding norm')
    """
    stem = unicodedata.normalize("NFC", path.stem)
    words = stem if " " in stem.strip() else re.sub("[-_]+", " ", stem)
    seen = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in words)
    return " ".join(seen.split())
