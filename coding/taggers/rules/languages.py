"""Which texts the rules of a codebook read: those in its language, and those of which none is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.model import Document


def can_read(codebook: Codebook, document: Document) -> bool:
    """Say whether a document is in the language that a codebook's rules are written for."""
    language = document.variables.get("language")
    return language is None or str(language).partition("-")[0] == codebook.language


def unsearched(codebook: Codebook, documents: Iterable[Document]) -> str:
    """Return how many documents the rules do not read, by language; empty if they read all, or are none."""
    if not any(code.rules for code in codebook.codes):
        return ""
    others = Counter(str(d.variables["language"]) for d in documents if not can_read(codebook, d))
    if not others:
        return ""
    said = " and ".join(f"{n} document{'s' * (n != 1)} in {name}" for name, n in sorted(others.items()))
    return f"{said}: not searched by this codebook, whose rules are for {codebook.language}."
