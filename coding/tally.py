"""The sums over units that every statistic of agreement is computed from.

A table holds the values that coders gave to units; a coder who did not read a unit gave it none. Of a
table statistics need to know how often two coders gave a unit this pair of values, and how often each value
was given. These sums add up over clusters, so that a table whose clusters are drawn anew is a weighted sum
of them, and all codes and all replicates are one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError
from coding.resampling import Base, Floats, Integers, ratio
from coding.units import ABSENT, PRESENT, UNREAD

MISSING = UNREAD
BINARY = (ABSENT, PRESENT)


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over the units of each of G clusters, for C codes, V values and K coders.

    A pair is an ordered pair of values that two coders gave to one unit; a pairable unit has one.

    Attributes
    ----------
    domain : the V values
    readers : (C,), coders who gave a value
    pairs : (G, C, V, V), how often each pair was given
    coincidences : the same, a unit with m values adding 1 / (m - 1) for each of its pairs (Krippendorff)
    unit_pairs : the same, adding 1 / (m (m - 1)), so that each pairable unit counts once (Fleiss)
    shares : (G, C, V), each unit adding for each value the share of its coders who gave it
    given, paired : (G, C, K, V), how often each coder gave each value, `paired` in pairable units only;
        K is 0 if the tally is of counts, which do not say who gave a value
    """

    domain: tuple[Hashable, ...]
    readers: Integers
    pairs: Floats = field(repr=False)
    coincidences: Floats = field(repr=False)
    unit_pairs: Floats = field(repr=False)
    shares: Floats = field(repr=False)
    given: Floats = field(repr=False)
    paired: Floats = field(repr=False)

    @property
    def base(self) -> Base:
        """What every statistic of the table stands on."""
        values = self.coincidences.sum(-1)
        whole = values.sum(0)
        commonest = np.arange(len(self.domain)) == whole.argmax(-1)[:, None]
        nothing = np.full(len(whole), np.nan)
        return Base(
            n_units=self.shares.sum((0, 2)),
            n_pairable=self.unit_pairs.sum((0, 2, 3)),
            n_values=whole.sum(-1),
            readers=self.readers,
            prevalence=ratio(whole[:, PRESENT], whole.sum(-1)) if self.domain == BINARY else nothing,
            held=np.asarray(values.any(-1)),
            rarer=np.asarray(np.where(commonest, 0, values).any(-1)),
            differing=np.asarray((self.pairs * (1 - np.eye(len(self.domain)))).any((-2, -1))),
            width=self.pairs[0].size,
        )


def tally(
    values: Integers, *, domain: Sequence[Hashable] = BINARY, clusters: Integers | None = None
) -> Tally:
    """Return the sums of a table.

    Parameters
    ----------
    values : (U, K) or (U, K, C), for each unit, coder and code the place of the value in the domain;
        `MISSING` where the coder did not read the unit for the code
    domain : the values in order, also those that nobody used; 0 and 1 if coders say whether a unit
        bears a code
    clusters : (U,), the cluster of each unit, numbered from 0; None for one cluster, and no interval

    Raises
    ------
    CodingError
        If a value lies outside the domain, the domain is empty, or a unit has no cluster.
    """
    table = values[:, :, None] if values.ndim == 2 else values
    if table.size and not (table.min() >= MISSING and table.max() < len(domain)):
        raise CodingError(
            f"the table holds {table.min()} to {table.max()}, but its values are 0 to {len(domain) - 1}, "
            f"the places in the domain, and {MISSING} where a coder did not read. Name all in `domain`."
        )
    by_unit = np.ascontiguousarray(np.moveaxis(table, 0, -1))
    given = by_unit == np.arange(len(domain), dtype=by_unit.dtype)[:, None, None, None]
    sums = _tallied(given.sum(1, dtype=np.float64), given, tuple(domain), clusters)
    return replace(sums, readers=np.count_nonzero(sums.given.any((0, 3)), axis=-1))


def tally_counts(
    counts: Integers, *, domain: Sequence[Hashable] = BINARY, clusters: Integers | None = None
) -> Tally:
    """Return the sums of a table given as counts, for all statistics but Cohen's and Conger's.

    Parameters
    ----------
    counts : (U, V) or (U, C, V), how many coders gave the unit each value of the domain
    domain, clusters : as in `tally`
    """
    table = counts[:, None, :] if counts.ndim == 2 else counts
    if table.shape[-1] != len(domain):
        raise CodingError(
            f"the counts are of {table.shape[-1]} values, but the domain names {len(domain)}. Name all."
        )
    by_unit = np.ascontiguousarray(np.moveaxis(table, 0, -1).swapaxes(0, 1), dtype=np.float64)
    nobody = np.zeros((len(by_unit), 0, *by_unit.shape[1:]), dtype=np.bool_)
    return _tallied(by_unit, nobody, tuple(domain), clusters)


def indexed(
    rows: Sequence[Sequence[Hashable | None]], domain: Sequence[Hashable] | None = None
) -> tuple[NDArray[np.int64], tuple[Hashable, ...]]:
    """Return a units x coders table for `tally`, and its domain.

    Parameters
    ----------
    rows : for each unit the value of each coder, None where the coder did not read it
    domain : the values in order; None for those that occur: numbers and words sorted, sets by their size

    Raises
    ------
    CodingError
        If a value is not in the domain.

    Examples
    --------
    >>> table, domain = indexed([["b", "a"], ["b", None]])
    >>> table.tolist(), domain
    ([[1, 0], [1, -1]], ('a', 'b'))
    """
    occurring = {value for row in rows for value in row if value is not None}
    if domain is None:
        domain = sorted(occurring, key=_order)
    unknown = sorted(map(repr, occurring - set(domain)))
    if unknown:
        raise CodingError(f"the table holds {', '.join(unknown)}, which the domain does not name. Add it.")
    places = {value: place for place, value in enumerate(domain)} | {None: MISSING}
    return np.array([[places[value] for value in row] for row in rows], dtype=np.int64), tuple(domain)


def _order(value: Hashable) -> tuple[int, float, str]:
    if isinstance(value, frozenset):
        return len(value), 0.0, repr(sorted(map(repr, value)))
    return (0, float(value), "") if isinstance(value, int | float) else (0, 0.0, str(value))


def _tallied(
    counts: Floats, given: NDArray[np.bool_], domain: tuple[Hashable, ...], clusters: Integers | None
) -> Tally:
    """Return the sums of counts (V, C, U) and of who gave what (V, K, C, U): units last, to add up fast."""
    if not domain:
        raise CodingError("the domain names no value. Name those that coders could give.")
    n_values = counts.sum(0)
    is_pairable = n_values > 1
    grouped = _grouping(counts.shape[-1], clusters)
    per_value = is_pairable / np.maximum(n_values - 1, 1)
    pairs, coincidences, unit_pairs = (
        np.stack(
            [
                grouped(weight * own * (counts - (np.arange(len(domain)) == v)[:, None, None]))
                for v, own in enumerate(counts)
            ],
            axis=-1,
        )
        for weight in (is_pairable, per_value, per_value / np.maximum(n_values, 1))
    )
    return Tally(
        domain=domain,
        readers=n_values.max(-1, initial=0).astype(np.int64),
        pairs=pairs,
        coincidences=coincidences,
        unit_pairs=unit_pairs,
        shares=grouped(counts / np.maximum(n_values, 1)),
        given=grouped(given).swapaxes(1, 2),
        paired=grouped(given & is_pairable).swapaxes(1, 2),
    )


def _grouping(n_units: int, clusters: Integers | None) -> Callable[[NDArray[np.generic]], Floats]:
    """Return what sums an array (V, ..., U) over the units of each cluster: (G, ..., V)."""
    ids = np.zeros(n_units, dtype=np.int64) if clusters is None else clusters
    if ids.shape != (n_units,) or (n_units and ids.min() < 0):
        raise CodingError(
            f"`clusters` has the shape {ids.shape} for {n_units} units. Give each unit a number from 0."
        )
    is_sorted = bool((ids[1:] >= ids[:-1]).all())
    order = slice(None) if is_sorted else np.argsort(ids, kind="stable")
    present, starts = np.unique(ids[order], return_index=True)
    n_clusters = int(ids.max(initial=0)) + 1

    def grouped(terms: NDArray[np.generic]) -> Floats:
        sums = np.zeros((*terms.shape[:-1], n_clusters))
        if n_units:
            sums[..., present] = np.add.reduceat(terms[..., order].astype(np.float64), starts, axis=-1)
        return np.ascontiguousarray(np.swapaxes(sums, 0, -1))

    return grouped
