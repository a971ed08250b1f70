"""Texts that are nearly the same: by the share of their runs of five words that they have in common.

Every pair is compared, by exact counts. Only the runs of the new texts are kept, so a large corpus costs time
alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coding.model import Document

RUN = 5  # words
LEAST = 0.6  # of the runs of two texts together

# Chinese and Japanese have no spaces: there each character is a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True, slots=True)
class Alike:
    """Two documents with nearly the same text.

    Attributes
    ----------
    likeness : runs of words that both have, of all that either has: the Jaccard index, 0 to 1
    """

    document: str
    other: str
    likeness: float


def alike(new: Sequence[Document], others: Iterable[Document], *, least: float = LEAST) -> list[Alike]:
    """Return the pairs of a new document with another, or with a later new one, that are nearly the same.

    Texts that are the same throughout are left out. The likest stand first.

    Parameters
    ----------
    new : documents; those among `others` are passed over there
    least : the likeness from which on a pair is returned

    Source
    ------
    Broder, "On the resemblance and containment of documents", Compression and Complexity of Sequences 1997.

    Examples
    --------
    >>> one, other = Document("a", "It trains the police of its neighbours."), Document("b", "It rests.")
    >>> alike([one], [other, Document("c", "It trains the police of its neighbours today.")])
    [Alike(document='a', other='c', likeness=0.75)]
    """
    runs = [frozenset(_runs(document.text)) for document in new]
    having: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, own in enumerate(runs):
        for run in own:
            having[run].append(i)
    ids = {document.id for document in new}
    found = []
    for first, document in (*enumerate(new), *((None, other) for other in others if other.id not in ids)):
        own = runs[first] if first is not None else frozenset(_runs(document.text))
        shared = Counter(i for run in own for i in having.get(run, ()) if first is None or i < first)
        for i, n in shared.items():
            likeness = n / (len(runs[i]) + len(own) - n)
            if likeness >= least and new[i].digest != document.digest:
                found.append(Alike(new[i].id, document.id, likeness))
    return sorted(found, key=lambda pair: (-pair.likeness, pair.document, pair.other))


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the runs of words of a text; of a shorter one, all its words."""
    words = _WORD.findall(text.casefold())
    for i in range(max(1, len(words) - RUN + 1)):
        yield tuple(words[i : i + RUN])
