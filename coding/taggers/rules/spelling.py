"""Tokens as they are compared, folded or letter by letter: their numbers, and where each number stands."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coding.taggers.rules.tokens import Ints

_NOWHERE: Ints = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Slot:
    """What may stand at one place of a phrase: numbers of words, and where these stand, both sorted."""

    numbers: Ints
    positions: Ints

    def holds(self, numbers: Ints) -> NDArray[np.bool_]:
        """Say of word numbers whether they are among these, of which there is one at least."""
        if len(self.numbers) == 1:
            return np.asarray(numbers == self.numbers[0])
        at = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.asarray(self.numbers[at] == numbers)


@dataclass(frozen=True)
class Spelling:
    """Which spellings there are, and where.

    Attributes
    ----------
    number : of the spelling of each token, length T
    """

    number: Ints
    _numbers: Mapping[str, int]
    _order: Ints
    _bounds: Sequence[int]

    @classmethod
    def of(cls, spelt: Sequence[str], token: Ints) -> Spelling:
        """Return the spellings of tokens, of which each is a word of `spelt`."""
        numbers: dict[str, int] = {}
        of_word = [numbers.setdefault(spelling, len(numbers)) for spelling in spelt]
        number = np.array(of_word, dtype=np.int32)[token] if len(token) else _NOWHERE
        few = len(numbers) <= 1 << 16  # numpy sorts short numbers by radix, much quicker
        order = np.argsort(number.astype(np.uint16) if few else number, kind="stable").astype(np.int32)
        bounds = np.cumsum(np.bincount(number, minlength=len(numbers)))
        return cls(number, numbers, order, [0, *bounds.tolist()])

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self._numbers)

    def beginning(self, prefix: str) -> list[str]:
        """Return the spellings that begin so."""
        first = bisect_left(self._in_order, prefix)
        last = bisect_left(self._in_order, prefix + "\U0010ffff")
        return self._in_order[first:last]

    def slot(self, spellings: Iterable[str]) -> Slot:
        """Return the numbers of spellings and where any of them stands; unknown ones stand nowhere."""
        numbers = sorted(self._numbers[spelling] for spelling in spellings if spelling in self._numbers)
        if not numbers:
            return Slot(_NOWHERE, _NOWHERE)
        found = [self._order[self._bounds[i] : self._bounds[i + 1]] for i in numbers]
        positions = found[0] if len(found) == 1 else np.sort(np.concatenate(found))
        return Slot(np.array(numbers, dtype=np.int32), positions)
