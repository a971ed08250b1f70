"""What identifies a result: digests of all that it follows from, and the versions of what computed it."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

from coding.formats.text import decode
from coding.model import digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coding.codebook import Codebook
    from coding.model import Corpus

_PACKAGES = (
    "normatrix",
    "spacy",
    "nupunkt",
    "lemminflect",
    "regex",
    "numpy",
    "scipy",
    "pandas",
    "matplotlib",
)


def provenance(
    study: Path, codebook: Codebook, corpus: Corpus, *, coders: Sequence[str], coded: str | None
) -> dict[str, str]:
    """Return what identifies a result. No time and no folder: the same inputs leave the same files.

    Parameters
    ----------
    study : its file
    coded : the digest of what people and models coded; None if that does not count
    """
    texts = "\n".join(f"{d.id} {d.digest} {sorted(d.variables.items())!r}" for d in corpus)
    names = [asdict(case) for case in corpus.known_cases.values()]
    return {
        "study": digest_of(decode(study)),
        "codebook": f"{codebook.id} {codebook.version}",
        "codebook digest": codebook.digest,
        "corpus digest": digest_of(texts),
        "names digest": digest_of(repr(names)),
        "coders": ", ".join(coders),
        **({"coded digest": coded} if coded is not None else {}),
        **versions(),
    }


def versions(*more: str) -> dict[str, str]:
    """Return the versions of all that computes a result, and of more packages."""
    return {"python": platform.python_version(), **{name: version(name) for name in (*_PACKAGES, *more)}}
