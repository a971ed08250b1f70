"""Contrasts with their uncertainty, and the verdict on a published claim.

A share here is a ratio of two sums over clusters (a document's family, else the document): units
that bear a code over units of the base. Two shares are compared by their difference; its interval
says how far the result depends on the choice of documents. It is no inference to a population,
since sources are chosen, not drawn. See docs/methods/intervals.md for the choice of the method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, choose, nearest
from coding.matrices import AnyMatrix
from coding.matrix import Matrix

if TYPE_CHECKING:
    from coding.matrix import Weight

Base = Literal["coded", "searched"]
Verdict = Literal["supported", "contradicted", "undetermined"]

LEVEL = 0.95
ADDED_UNITS = 4  # to each side, of which two bear the code: twice what Agresti and Caffo add
N_PERMUTATIONS = 4999
MOST_RELABELLED = 20_000  # clusters; of more the placebo would take minutes and say what the interval says

_AT_ONCE = 2**22  # labels dealt at once

Sums = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two shares compared.

    Attributes
    ----------
    name : what is shown: a case, or a code within one case
    n, base : units that bear the code, units of the base
    n_clusters : clusters with a unit of the base
    share : n / base under the matrix's weighting, 0..1; None if the base is empty
    """

    name: str
    n: int
    base: int
    n_clusters: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Contrast:
    """The difference of two shares, first minus second.

    Attributes
    ----------
    what : the share in words
    difference : -1..1; None if a base is empty, and `reason` says so
    low, high : the interval at `LEVEL`; None if it is undefined, and `reason` says why
    df : degrees of freedom of the interval
    placebo : share of random relabellings of clusters whose difference is at least as large in
        size; small means that chance alone seldom parts the labels so far
    no_placebo : why the placebo was left out; empty if it was not
    """

    what: str
    first: Side
    second: Side
    difference: float | None
    low: float | None
    high: float | None
    df: float | None
    placebo: float | None
    reason: str = ""
    no_placebo: str = ""


class Summed(AnyMatrix, Protocol):
    """A matrix without units, which sums over clusters by itself (`coding.large.counted`)."""

    def cluster_sums(self, cases: Sequence[str], *, on: str, within: str | None, base: Base) -> ClusterSums:
        """Return what `sums` returns."""
        ...


def contrast(
    matrix: Matrix | Summed, first: str, second: str, *, on: str, within: str | None, base: Base, seed: int
) -> Contrast:
    """Return the difference of two cases in the share of units that bear a code.

    Parameters
    ----------
    first, second : cases, by id or shown name
    on : the code whose share is compared
    within : only units that bear this code are looked at; None for all units
    base : {"coded", "searched"}
        Whether the share is of the units that bear any code of the family of `on`, or of all.
    seed : of the placebo's relabellings

    Source
    ------
    Ratio estimator with linearised variance over clusters: Cochran, *Sampling Techniques*, 3rd
    ed., ch. 6 and 9A; degrees of freedom: Welch (1947), *Biometrika* 34, 28-35; two clusters at one
    half added to each side, of a share of what was searched at most four units: after Agresti and Caffo
    (2000), *The American Statistician* 54, 280-288, who add half as much: one success and one failure to
    each sample.
    Chosen in docs/methods/intervals.md and docs/methods/contrasts.md.
    """
    one, two = (sums(matrix, [case], on=on, within=within, base=base) for case in (first, second))
    names = matrix.names[matrix.case(first)], matrix.names[matrix.case(second)]
    what = share_in_words(matrix, on, within, base)
    found = compared(what, names, one, two, placebo=placebo(one, two, seed=seed))
    return _said_why(found, len(one.clusters) + len(two.clusters))


def contrast_within(
    matrix: Matrix | Summed, case: str, *, on: str, versus: str, within: str | None, base: Base, seed: int
) -> Contrast:
    """Return, within one case, the share of units that bear `on` minus that of `versus`.

    Both shares have the same base: the units of `within` that bear any code of the family.
    The placebo swaps the two codes at random in each cluster.

    Raises
    ------
    CodingError
        If the codes belong to two families and the base is what is coded: then there are two bases.
    """
    if base == "coded" and matrix.family(on) != matrix.family(versus):
        raise CodingError(
            f"'{on}' and '{versus}' belong to two families, whose coded units differ. "
            "Compare codes of one family, or take `base: searched`."
        )
    one, two = (sums(matrix, [case], on=code, within=within, base=base) for code in (on, versus))
    names = matrix.names[on], matrix.names[versus]
    over = share_in_words(matrix, on, within, base, versus=versus)
    what = f"{over}, {matrix.names[matrix.case(case)]}"
    found = compared(what, names, one, two, placebo=_swap_codes(one, two, seed=seed))
    return _said_why(found, len(one.clusters))


def _said_why(found: Contrast, n_clusters: int) -> Contrast:
    """Return a contrast that says why it has no placebo, if it has none for the number of its clusters."""
    if found.difference is None or n_clusters <= MOST_RELABELLED:
        return found
    why = f"{n_clusters:,} clusters are more than the {MOST_RELABELLED:,} over which labels are dealt anew"
    return replace(found, no_placebo=why)


def share_in_words(
    matrix: AnyMatrix, on: str, within: str | None, base: Base, *, versus: str | None = None
) -> str:
    """Say in words which share is compared, and of what it is.

    Parameters
    ----------
    on, versus : the code whose share is compared, and the other code if it is compared with its share
    """
    named = f"{matrix.names[on]} over {matrix.names[versus]}" if versus else matrix.names[on]
    if within is None:
        of = "all searched" if base == "searched" else f"what is coded as {matrix.family(on)}"
        return f"{named}, of {of}"
    inside = matrix.names[within]
    return f"{named}, of all in {inside}" if base == "searched" else f"{named} in {inside}"


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Per cluster: bearing units and base units, as counted (`n`, `base`) and as weighted (`y`, `x`).

    `is_of_searched` says that the base is all that was searched, in which most codes are rare.
    """

    clusters: tuple[str, ...]
    y: Sums
    x: Sums
    n: int
    base: int
    is_of_searched: bool = False

    @property
    def added(self) -> float:
        """The base of the cluster at one half: twice the mean, of what was searched at most four units'."""
        twice = float(2 * self.x.mean())
        return min(twice, float(ADDED_UNITS * self.x.sum() / self.base)) if self.is_of_searched else twice


Bearing = Mapping[tuple[str, str], Sequence[bool]]  # of each cluster and document: its units of the base


def sums(
    matrix: Matrix | Summed, cases: Sequence[str], *, on: str, within: str | None, base: Base
) -> ClusterSums:
    """Return the sums over clusters of a share, in one case or in several taken together.

    Parameters
    ----------
    cases : by id or shown name; a unit that names several of them counts once
    """
    if not isinstance(matrix, Matrix):
        return matrix.cluster_sums(cases, on=on, within=within, base=base)
    units = in_base(matrix, cases, on=on, within=within, base=base)
    return summed(bearing(matrix, units, on), weight=matrix.measurement.weight, base=base)


def in_base(
    matrix: Matrix, cases: Sequence[str], *, on: str, within: str | None, base: Base
) -> NDArray[np.int64]:
    """Return the units of a share's base, as their rows in the matrix's unit table, each once."""
    choose(base, get_args(Base), "base")
    if on not in matrix.codes:
        raise CodingError(f"the matrix has no code '{on}'.{nearest(on, matrix.codes)}")
    rows = np.unique(np.concatenate([matrix.rows[matrix.case(case)] for case in cases]))
    inside = matrix.bears(within) if within else np.ones(len(matrix.projection.units), dtype=np.bool_)
    if base == "coded":
        inside = inside & matrix.bears_any(matrix.family(on))
    return np.asarray(rows[inside[rows] & matrix.is_read(on)[rows]], dtype=np.int64)


def bearing(matrix: Matrix, rows: NDArray[np.int64], on: str) -> Bearing:
    """Say for each cluster and document which of its units bear a code."""
    bears, found = matrix.bears(on), dict[tuple[str, str], list[bool]]()
    for row in rows:
        key = (matrix.clusters[row], matrix.projection.units[row].document)
        found.setdefault(key, []).append(bool(bears[row]))
    return found


def summed(found: Bearing, *, weight: Weight, base: Base) -> ClusterSums:
    """Return the sums over clusters of what bears a code and of the base, under a weight."""
    weighted: dict[str, list[float]] = {}
    for (cluster, _), bears in found.items():
        size = len(bears) if weight == "unit" else 1.0
        of_cluster = weighted.setdefault(cluster, [0.0, 0.0])
        of_cluster[0] += sum(bears) / len(bears) * size
        of_cluster[1] += size
    pairs = np.array(list(weighted.values()), dtype=np.float64).reshape(-1, 2)
    n, n_base = (sum(count(bears) for bears in found.values()) for count in (sum, len))
    return ClusterSums(tuple(weighted), pairs[:, 0], pairs[:, 1], n, n_base, base == "searched")


def compared(
    what: str, names: tuple[str, str], one: ClusterSums, two: ClusterSums, *, placebo: float | None
) -> Contrast:
    """Return the contrast of two shares by their sums over clusters, or why it has no interval."""
    first, second = side(names[0], one), side(names[1], two)
    for each in (first, second):
        if each.share is None:
            reason = f"{each.name}: no unit in the base"
            return Contrast(what, first, second, None, None, None, None, None, reason)
    difference = float(one.y.sum() / one.x.sum() - two.y.sum() / two.x.sum())
    few = [each for each in (first, second) if each.n_clusters < 2]
    if few:
        reason = f"{few[0].name}: all units lie in one cluster, which says nothing of the spread"
        return Contrast(what, first, second, difference, None, None, None, placebo, reason)
    low, high, df = interval(one, two)
    return Contrast(what, first, second, difference, low, high, df, placebo)


def side(name: str, found: ClusterSums) -> Side:
    """Return a share with its counts, by its sums over clusters."""
    share = float(found.y.sum() / found.x.sum()) if found.base else None
    return Side(name, found.n, found.base, len(found.clusters), share)


def interval(one: ClusterSums, two: ClusterSums, *, level: float = LEVEL) -> tuple[float, float, float]:
    """Return low, high and degrees of freedom of the interval for the difference of two shares.

    To each side one cluster of twice its mean size (of what was searched at most of four units) and the
    share one half is added, so that a side whose units are all alike still has a spread. The middle is the
    difference of the shares so shrunk; the plain difference always lies inside. The interval is kept
    within -1..1.
    """
    from scipy.special import stdtrit

    shares, residuals, variances = [], [], []
    for side in (one, two):
        y = np.append(side.y, side.added / 2)
        x = np.append(side.x, side.added)
        n = len(x)
        share = y.sum() / x.sum()
        residual = np.sqrt(n / (n - 1)) * (y - share * x) / x.sum()
        shares.append(share)
        residuals.append(dict(zip((*side.clusters, ""), residual, strict=True)))
        variances.append((float((residual**2).sum()), n - 1))
    shared = set(one.clusters) & set(two.clusters)
    joint = [residuals[0][c] * residuals[1][c] for c in one.clusters if c in shared]
    variance = max(variances[0][0] + variances[1][0] - 2 * sum(joint), 0.0)
    whole = sum(v for v, _ in variances)
    if whole == 0 or set(one.clusters) == set(two.clusters):  # none: every cluster at just one half
        df = float(variances[0][1])
    else:
        df = whole**2 / sum(v**2 / d for v, d in variances)
    half = float(stdtrit(df, (1 + level) / 2)) * variance**0.5
    middle = shares[0] - shares[1]
    return float(max(-1.0, middle - half)), float(min(1.0, middle + half)), float(df)


def placebo(one: ClusterSums, two: ClusterSums, *, seed: int) -> float | None:
    """Return the placebo of two cases: their labels dealt anew over the clusters.

    None if a base is empty, or there are more than `MOST_RELABELLED` clusters.
    """
    y, x = np.concatenate([one.y, two.y]), np.concatenate([one.x, two.x])
    if not one.base or not two.base or len(y) > MOST_RELABELLED:
        return None
    random = np.random.default_rng(seed)
    relabelled = np.concatenate([_dealt(random.random((n, len(y))), y, x, len(one.y)) for n in _some(len(y))])
    observed = one.y.sum() / one.x.sum() - two.y.sum() / two.x.sum()
    return _at_least(relabelled, observed)


def _dealt(drawn: Sums, y: Sums, x: Sums, n_first: int) -> Sums:
    """Return the differences after each of some deals (a row of random numbers) of the labels."""
    dealt = np.argsort(drawn, axis=1) < n_first
    first = (dealt @ y) / (dealt @ x)
    second = (~dealt @ y) / (~dealt @ x)
    return np.asarray(first - second)


def _some(n_clusters: int) -> list[int]:
    """Return how many relabellings are done at once, so that what they take does not grow with clusters."""
    most = max(1, _AT_ONCE // max(1, n_clusters))
    return [min(most, N_PERMUTATIONS - done) for done in range(0, N_PERMUTATIONS, most)]


def _swap_codes(one: ClusterSums, two: ClusterSums, *, seed: int) -> float | None:
    """Return the placebo of two codes in one case: swapped at random in each cluster."""
    if not one.base or len(one.y) > MOST_RELABELLED:
        return None
    random = np.random.default_rng(seed)
    apart = one.y - two.y
    swapped = [random.choice([-1.0, 1.0], size=(n, len(apart))) @ apart for n in _some(len(apart))]
    return _at_least(np.concatenate(swapped) / one.x.sum(), apart.sum() / one.x.sum())


def _at_least(relabelled: Sums, observed: float) -> float:
    """Return the share of relabellings, the real one among them, that differ as much."""
    as_large = (np.abs(relabelled) >= abs(observed) - 1e-12).sum()
    return float((as_large + 1) / (len(relabelled) + 1))


def judge(found: Contrast, *, least_clusters: int) -> tuple[Verdict, str]:
    """Return the verdict on the claim that the first share is the larger, and the reason.

    Supported if the whole interval lies above zero, contradicted if it lies below, undetermined
    otherwise, or if a side has fewer than `least_clusters` clusters in its base.
    """
    if found.low is None or found.high is None:
        return "undetermined", found.reason
    for side in (found.first, found.second):
        if side.n_clusters < least_clusters:
            return "undetermined", (
                f"{side.name}: only {side.n_clusters} independent documents or projects in the base, "
                f"the study asks for {least_clusters}"
            )
    if found.low > 0:
        return "supported", "the whole interval lies above zero"
    if found.high < 0:
        return "contradicted", "the whole interval lies below zero"
    return "undetermined", "the interval holds zero"
