"""Who reads what: documents dealt out to coders, some of them to two, a pilot to all."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.batch import Assignment, new_id, refuse_coder
from coding.errors import CodingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coding.model import Document

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Dealt:
    """What a round deals out: its assignments, and the documents left out since they were in it already."""

    assignments: tuple[Assignment, ...]
    already: tuple[str, ...]


def deal(
    documents: Sequence[Document],
    coders: Sequence[str],
    *,
    round: str,  # noqa: A002  it is what coders call it
    by: str,
    twice: float,
    pilot: int,
    blind: bool,
    seed: int,
    before: Iterable[Assignment],
) -> Dealt:
    """Return who reads which documents.

    Within each case every coder gets as many documents as the others, or one more, so that no coder
    stands for a donor; of coders equal in that, the one with fewer words so far. Which documents two
    coders read is drawn within each case, and so are those of a pilot.

    Parameters
    ----------
    round : name of the round; documents that are in it already are not dealt again
    by : the document variable whose values are the cases
    twice : share of documents that two coders read, 0..1, rounded up within each case
    pilot : if above 0, only so many documents, spread over the cases, and every coder reads each
    blind : whether they are to be read without seeing what others coded
    before : the assignments that stand

    Raises
    ------
    CodingError
        If there are no coders or documents, one name stands twice, or two readers are asked of one.
    """
    _refuse(documents, coders, twice)
    taken = {each.document for each in before if each.round == round}
    chance = random.Random(seed)  # noqa: S311  a draw that can be repeated, no secret
    table = _Table(coders)
    cases: dict[str, list[Document]] = {}
    for document in documents:
        if document.id not in taken:
            cases.setdefault(str(document.variables.get(by)), []).append(document)
    for members in cases.values():
        chance.shuffle(members)
    pairs: list[tuple[str, Document]] = []
    if pilot:
        pairs = [(coder, document) for document in _spread(cases, pilot) for coder in coders]
    else:
        for members in cases.values():
            n_twice = math.ceil(twice * len(members))
            for i, document in enumerate(members):
                pairs += [(coder, document) for coder in table.readers(document, by, 2 if i < n_twice else 1)]
    order = {document.id: i for i, document in enumerate(documents)}
    pairs.sort(key=lambda pair: (coders.index(pair[0]), order[pair[1].id]))
    return Dealt(
        tuple(Assignment(new_id(), coder, document.id, round, blind) for coder, document in pairs),
        tuple(document.id for document in documents if document.id in taken),
    )


class _Table:
    """How much each coder has been dealt so far."""

    def __init__(self, coders: Sequence[str]) -> None:
        self._coders = coders
        self._in_case: Counter[tuple[str, str]] = Counter()
        self._words: Counter[str] = Counter()
        self._together: Counter[frozenset[str]] = Counter()

    def readers(self, document: Document, by: str, n: int) -> list[str]:
        case = str(document.variables.get(by))
        chosen: list[str] = []
        while len(chosen) < n:
            free = [coder for coder in self._coders if coder not in chosen]
            reader = min(
                free,
                key=lambda coder: (
                    self._in_case[coder, case],
                    sum(self._together[frozenset((coder, other))] for other in chosen),
                    self._words[coder],
                ),
            )
            chosen.append(reader)
        for reader in chosen:
            self._in_case[reader, case] += 1
            self._words[reader] += len(_WORD.findall(document.text))
        if n > 1:
            self._together[frozenset(chosen)] += 1
        return chosen


def _spread(cases: dict[str, list[Document]], n: int) -> list[Document]:
    """Return `n` documents, one of each case in turn."""
    most = max(map(len, cases.values()), default=0)
    turns = [members[i] for i in range(most) for members in cases.values() if i < len(members)]
    return turns[:n]


def _refuse(documents: Sequence[Document], coders: Sequence[str], twice: float) -> None:
    for coder in coders:
        refuse_coder(coder)
    if not coders or not documents:
        raise CodingError("there is nobody to read, or nothing to be read. Name coders; choose documents.")
    double = [coder for coder, n in Counter(coders).items() if n > 1]
    if double:
        raise CodingError(f"'{double[0]}' is named twice. Name each coder once.")
    if not 0 <= twice <= 1:
        raise CodingError(
            f"the share that is read twice is {twice}. It lies between 0 and 1: 0.2 is a fifth."
        )
    if twice and len(coders) < 2:
        raise CodingError("two coders are needed where documents are read twice. Name another.")
