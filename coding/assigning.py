"""Who reads what: documents dealt out to coders, some of them to two, a pilot to all."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest
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
    round : name of the round; documents that are in it already are not dealt again, those of a pilot
        only to coders who do not have them yet
    by : the document variable whose values are the cases
    twice : share of documents that two coders read, 0..1, rounded up within each case
    pilot : if above 0, only so many documents, spread over the cases, and every coder reads each; those
        that are in the round already come first
    blind : whether they are to be read without seeing what others coded
    before : the assignments that stand

    Raises
    ------
    CodingError
        If there are no coders or documents, one name stands twice, or two readers are asked of one.
    """
    _refuse(documents, coders, twice)
    earlier = {(each.coder, each.document) for each in before if each.round == round}
    taken = {document for _, document in earlier}
    chance = random.Random(seed)  # noqa: S311  a draw that can be repeated, no secret
    table = _Table(coders)
    cases: dict[str, list[Document]] = {}
    for document in documents:
        if pilot or document.id not in taken:
            cases.setdefault(str(document.variables.get(by)), []).append(document)
    for members in cases.values():
        chance.shuffle(members)
    pairs: list[tuple[str, Document]] = []
    if pilot:
        chosen = _spread(cases, pilot, taken)
        pairs = [(one, each) for each in chosen for one in coders if (one, each.id) not in earlier]
    else:
        for members in cases.values():
            n_twice = _rounded_up(twice * len(members))
            for i, document in enumerate(members):
                pairs += [(coder, document) for coder in table.readers(document, by, 2 if i < n_twice else 1)]
    order = {document.id: i for i, document in enumerate(documents)}
    pairs.sort(key=lambda pair: (coders.index(pair[0]), order[pair[1].id]))
    dealt = {document.id for _, document in pairs}
    return Dealt(
        tuple(Assignment(new_id(), coder, document.id, round, blind) for coder, document in pairs),
        tuple(document.id for document in documents if document.id in taken - dealt),
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


def _spread(cases: dict[str, list[Document]], n: int, taken: set[str]) -> list[Document]:
    """Return `n` documents, first those that are taken, then one of each case in turn."""
    ordered = [sorted(members, key=lambda each: each.id not in taken) for members in cases.values()]
    turns = [each for turn in zip_longest(*ordered) for each in turn if each is not None]
    return sorted(turns, key=lambda each: each.id not in taken)[:n]


def _rounded_up(n: float) -> int:
    """Return the next whole number; 0.07 times 100 is 7.000000000000001, and 7 is meant."""
    return math.ceil(round(n, 9))


def _refuse(documents: Sequence[Document], coders: Sequence[str], twice: float) -> None:
    for coder in coders:
        refuse_coder(coder)
    if not coders:
        raise CodingError("there is nobody to read. Name coders: `coding assign --coder NAME`.")
    if not documents:
        raise CodingError("there is nothing to be read. `coding add` brings texts in.")
    double = [coder for coder, n in Counter(coders).items() if n > 1]
    if double:
        raise CodingError(f"'{double[0]}' is named twice. Name each coder once.")
    if not 0 <= twice <= 1:
        raise CodingError(
            f"the share that is read twice is {twice}. It lies between 0 and 1: 0.2 is a fifth."
        )
    if twice and len(coders) < 2:
        raise CodingError("two coders are needed where documents are read twice. Name another.")
