"""Taggers: coders that are programs. A module here, or an entry point of the group `coding.taggers`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coding.model import Coded, Coder, Corpus, Document


class Tagger(Protocol):
    """What every tagger can do. It is pure: the same documents give the same coded segments."""

    @property
    def coder(self) -> Coder:
        """Who signs the coded segments."""
        ...

    def tag(self, documents: Corpus | Sequence[Document]) -> Coded:
        """Return what the tagger codes in these documents, and its readings of them.

        A corpus knows its cases besides.
        """
        ...


def tag(documents: Corpus | Iterable[Document], taggers: Sequence[Tagger]) -> Coded:
    """Return what all taggers code in all documents: coded segments and readings together."""
    from coding.model import Coded, Corpus

    texts = documents if isinstance(documents, Corpus) else tuple(documents)
    whole = Coded()
    for tagger in taggers:
        whole = whole + tagger.tag(texts)
    return whole
