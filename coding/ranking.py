"""Cases in the order of a share, each with the ranks that it could as well have.

A rank is read as a fact and is none: two cases that differ by a hair change places with one document. So
each has an interval of ranks, from the intervals of all its differences together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

from coding.findings import LEVEL, Base, Side, interval, share_in_words, side, sums

if TYPE_CHECKING:
    from coding.findings import ClusterSums
    from coding.matrix import Matrix


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of a case among all that have a base; 1 has the largest share.

    Attributes
    ----------
    case : id; `side` has its name, counts and share
    rank : 1 + the number of cases with a larger share, so that equal ones share a rank; None without a base
    low, high : the ranks that it could have; `low` is 1 + the number of cases that are surely larger, `high`
        the number of all minus those that are surely smaller
    larger, smaller : ids of the cases that are surely larger and smaller
    """

    case: str
    side: Side
    rank: int | None
    low: int | None
    high: int | None
    larger: tuple[str, ...]
    smaller: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranks:
    """The ranks of all cases in one share, the largest first; cases without a base stand last.

    Attributes
    ----------
    what : the share in words
    n_pairs : differences whose intervals hold together
    level : at which all of them, and so all ranks, hold together
    """

    what: str
    rows: tuple[Rank, ...]
    n_pairs: int
    level: float = LEVEL


def ranks(matrix: Matrix, *, on: str, within: str | None, base: Base) -> Ranks:
    """Return the rank of each case in the share of units that bear a code, with its interval.

    Parameters
    ----------
    on : the code whose share is ranked
    within : only units that bear this code are looked at; None for all units
    base : {"coded", "searched"}
        Whether the share is of the units that bear any code of the family of `on`, or of all.

    Returns
    -------
    Ranks
        Of several codes each is ranked by itself: the ranks of one hold together, not those of all codes.

    Source
    ------
    Ranks from simultaneous intervals of all differences: Al Mohamad, Goeman and van Zwet, "Simultaneous
    confidence intervals for ranks with application to ranking institutions", *Biometrics* 78 (2022),
    238-247. They take Tukey's intervals; here those of `contrast` stand at Bonferroni's level.
    """
    every = {case: sums(matrix, [case], on=on, within=within, base=base) for case in matrix.cases}
    ranked = {case: found for case, found in every.items() if found.base}
    surely = surely_larger(ranked)
    shares = {case: float(found.y.sum() / found.x.sum()) for case, found in ranked.items()}
    rows = [_rank(matrix.names[case], case, found, shares, surely) for case, found in every.items()]
    rows.sort(key=lambda row: len(shares) + 1 if row.rank is None else row.rank)
    return Ranks(share_in_words(matrix, on, within, base), tuple(rows), comb(len(ranked), 2))


def surely_larger(found: Mapping[str, ClusterSums]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of cases of which the first is surely larger, all of them together at `LEVEL`.

    Parameters
    ----------
    found : for each case its sums over clusters, with a base; a case with one cluster is in no pair
    """
    pairs = list(combinations(found, 2))
    level = 1 - (1 - LEVEL) / max(1, len(pairs))
    sure = []
    for one, two in pairs:
        if min(len(found[one].clusters), len(found[two].clusters)) < 2:
            continue
        low, high, _ = interval(found[one], found[two], level=level)
        if low > 0 or high < 0:
            sure.append((one, two) if low > 0 else (two, one))
    return tuple(sure)


def _rank(
    name: str, case: str, found: ClusterSums, shares: Mapping[str, float], surely: Sequence[tuple[str, str]]
) -> Rank:
    if case not in shares:
        return Rank(case, side(name, found), None, None, None, (), ())
    above = tuple(one for one, two in surely if two == case)
    below = tuple(two for one, two in surely if one == case)
    rank = 1 + sum(share > shares[case] for share in shares.values())
    return Rank(case, side(name, found), rank, 1 + len(above), len(shares) - len(below), above, below)
