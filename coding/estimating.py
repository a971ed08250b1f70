"""What a sample of units says of all of them: proportions, what follows from them, and how sure that is.

Units of one document are alike, so that many of them say less than as many drawn from everywhere. How much
less is seen from leaving out one cluster of documents at a time; with it a proportion stands on an
*effective* number of units, and has the Jeffreys interval of so many. What is made of several proportions
is drawn: each proportion from the distribution of its interval, independently, and put together.

As everywhere here an interval speaks of documents drawn anew, so that it is wider than one for the texts at
hand would need to be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from coding.resampling import LEVEL, Floats, Integers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

ALIKE = 0.1  # how alike units of a cluster are taken to be where all units say the same
N_DRAWS = 4_000
MOST_TIMES = 1_000  # as much again as was judged, beyond which more is of no use


@dataclass(frozen=True, slots=True)
class Proportion:
    """A weighted proportion of units.

    Attributes
    ----------
    value : 0..1
    n : units it was computed from
    n_effective : how many units drawn from everywhere would say as much
    n_clusters : clusters in which they lie
    """

    value: float
    n: int
    n_effective: float
    n_clusters: int

    @property
    def interval(self) -> tuple[float, float]:
        """Its interval at `LEVEL`.

        Source
        ------
        Jeffreys interval: Brown, Cai and DasGupta (2001), *Statistical Science* 16, 101-133; with an
        effective number of units: Korn and Graubard (1998), *Survey Methodology* 24, 193-201.
        """
        from scipy.special import betaincinv

        yes, no = self._shape
        low, high = (float(betaincinv(yes, no, at)) for at in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
        return (low if self.value > 0 else 0.0), (high if self.value < 1 else 1.0)

    def drawn(self, random: Generator) -> Floats:
        """Return draws from the distribution of its interval: (N_DRAWS,)."""
        return random.beta(*self._shape, size=N_DRAWS)

    def times(self, times: float) -> Proportion:
        """Return what it would be with so many times as many units, as alike as these."""
        return replace(self, n_effective=self.n_effective * times)

    @property
    def _shape(self) -> tuple[float, float]:
        n = self.n_effective
        return n * self.value + 0.5, n * (1 - self.value) + 0.5


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that a sample gives, with its interval at `LEVEL`.

    Attributes
    ----------
    value : None where it is not to be had, and `reason` says why
    low, high : None where there is no interval
    n, n_clusters : units judged that it stands on, and the clusters in which they lie
    draws : where it was put together by draws, these
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    n: int = 0
    n_clusters: int = 0
    draws: Floats | None = field(default=None, repr=False, compare=False)

    @property
    def width(self) -> float | None:
        """How wide the interval is."""
        return None if self.low is None or self.high is None else self.high - self.low


def proportion(values: Floats, weights: Floats, clusters: Integers) -> Proportion | None:
    """Return the weighted proportion of N units; None of none.

    Parameters
    ----------
    values : (N,), 0..1
    weights : (N,), how many units of the texts each stands for
    clusters : (N,), numbers of the clusters

    Source
    ------
    Effective number of units for weights: Kish (1965), *Survey Sampling*; for clusters, left out
    one at a time, with a t distribution of as many: Korn and Graubard (1998).
    """
    if not len(values):
        return None
    _, inside = np.unique(clusters, return_inverse=True)
    of_cluster, yes = np.bincount(inside, weights), np.bincount(inside, weights * values)
    n, n_clusters, whole = len(values), len(of_cluster), float(of_cluster.sum())
    value = min(1.0, max(0.0, float(yes.sum()) / whole))
    n_weighted = whole**2 / float((weights**2).sum())
    if 0 < value < 1 and n_clusters > 1:
        without = (yes.sum() - yes) / (whole - of_cluster)
        variance = (n_clusters - 1) / n_clusters * float(((without - without.mean()) ** 2).sum())
        n_effective = min(n_weighted, value * (1 - value) / variance) if variance > 0 else n_weighted
    else:
        together = float((np.bincount(inside) ** 2).sum()) / n
        n_effective = n_weighted / (1 + (together - 1) * ALIKE)
    return Proportion(value, n, n_effective * _fewer(n, n_clusters), n_clusters)


def of_draws(value: float, draws: Floats, *, n: int, n_clusters: int) -> Estimate:
    """Return an estimate whose interval is that of draws, stretched to hold the value."""
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return Estimate(value, reason="no draw has a value", n=n, n_clusters=n_clusters, draws=draws)
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(
        value, min(float(low), value), max(float(high), value), n=n, n_clusters=n_clusters, draws=draws
    )


def of_proportion(found: Proportion, draws: Floats) -> Estimate:
    """Return a proportion as an estimate, with draws of it."""
    low, high = found.interval
    return Estimate(found.value, low, high, n=found.n, n_clusters=found.n_clusters, draws=draws)


def times_needed(width_of: Callable[[float], float], wished: float) -> float | None:
    """Return how many times as many units are needed for an interval of a wished width.

    Parameters
    ----------
    width_of : the width of the interval with so many times as many units

    Returns
    -------
    float or None
        1.0 if it is as narrow already; None if `MOST_TIMES` as many are not enough.
    """
    if width_of(1.0) <= wished:
        return 1.0
    if width_of(MOST_TIMES) > wished:
        return None
    low, high = 1.0, float(MOST_TIMES)
    while high / low > 1.005:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if width_of(middle) <= wished else (middle, high)
    return high


def _fewer(n: int, n_clusters: int) -> float:
    """Return by how much fewer the effective units are, since few clusters show little of how they differ."""
    from scipy.special import stdtrit

    at = (1 + LEVEL) / 2
    return float((stdtrit(max(n - 1, 1), at) / stdtrit(max(n_clusters - 1, 1), at)) ** 2)
