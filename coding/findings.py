"""Contrasts with their uncertainty, and the verdict on a published claim.

A share here is a ratio of two sums over clusters (a document's family, else the document): units
that bear a code over units of the base. Two shares are compared by their difference; its interval
says how far the result depends on the choice of documents. It is no inference to a population,
since sources are chosen, not drawn. See docs/methods/intervals.md for the choice of the method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, choose

if TYPE_CHECKING:
    from coding.matrix import Matrix

Base = Literal["coded", "searched"]
Verdict = Literal["supported", "contradicted", "undetermined"]

LEVEL = 0.95
N_PERMUTATIONS = 4999

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


def contrast(
    matrix: Matrix, first: str, second: str, *, on: str, within: str | None, base: Base, seed: int
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
    half added to each side: after Agresti and Caffo (2000), *The American Statistician* 54, 280-288,
    who add one success and one failure to each sample. Chosen in docs/methods/intervals.md.
    """
    sides = [_sums(matrix, matrix.case(case), on, within, base) for case in (first, second)]
    labels = [
        _side(matrix.names[matrix.case(case)], s) for case, s in zip((first, second), sides, strict=True)
    ]
    where = _share(matrix, matrix.names[on], within, base)
    placebo = _swap_labels(*sides, seed=seed)
    return _compare(where, labels[0], labels[1], sides[0], sides[1], placebo)


def contrast_within(
    matrix: Matrix, case: str, *, on: str, versus: str, within: str | None, base: Base, seed: int
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
    sides = [_sums(matrix, matrix.case(case), code, within, base) for code in (on, versus)]
    labels = [_side(matrix.names[code], s) for code, s in zip((on, versus), sides, strict=True)]
    over = f"{matrix.names[on]} over {matrix.names[versus]}"
    where = f"{_share(matrix, over, within, base)}, {matrix.names[matrix.case(case)]}"
    placebo = _swap_codes(*sides, seed=seed)
    return _compare(where, labels[0], labels[1], sides[0], sides[1], placebo)


def _share(matrix: Matrix, on: str, within: str | None, base: Base) -> str:
    """Say in words which share is compared."""
    inside = f" in {matrix.names[within]}" if within else ""
    return f"{on}{inside}{', of all searched' if base == 'searched' else ''}"


@dataclass(frozen=True, slots=True)
class _Sums:
    """Per cluster: bearing units and base units, as counted (`n`, `base`) and as weighted (`y`, `x`)."""

    clusters: tuple[str, ...]
    y: Sums
    x: Sums
    n: int
    base: int


def _sums(matrix: Matrix, case: str, on: str, within: str | None, base: Base) -> _Sums:
    choose(base, get_args(Base), "base")
    rows = matrix.rows[case]
    inside = matrix.bears(within) if within else np.ones(len(matrix.projection.units), dtype=np.bool_)
    if base == "coded":
        inside = inside & matrix.bears_any(matrix.family(on))
    rows = rows[inside[rows] & matrix.is_read(on)[rows]]
    bearing = matrix.bears(on)
    per_document: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        key = (matrix.clusters[row], matrix.projection.units[row].document)
        per_document.setdefault(key, []).append(int(bearing[row]))
    weighted: dict[str, list[float]] = {}
    for (cluster, _), bears in per_document.items():
        size = len(bears) if matrix.measurement.weight == "unit" else 1.0
        sums = weighted.setdefault(cluster, [0.0, 0.0])
        sums[0] += sum(bears) / len(bears) * size
        sums[1] += size
    pairs = np.array(list(weighted.values()), dtype=np.float64).reshape(-1, 2)
    return _Sums(tuple(weighted), pairs[:, 0], pairs[:, 1], int(bearing[rows].sum()), len(rows))


def _side(name: str, sums: _Sums) -> Side:
    share = float(sums.y.sum() / sums.x.sum()) if sums.base else None
    return Side(name, sums.n, sums.base, len(sums.clusters), share)


def _compare(what: str, first: Side, second: Side, one: _Sums, two: _Sums, placebo: float | None) -> Contrast:
    for side in (first, second):
        if side.share is None:
            reason = f"{side.name}: no unit in the base"
            return Contrast(what, first, second, None, None, None, None, None, reason)
    difference = float(one.y.sum() / one.x.sum() - two.y.sum() / two.x.sum())
    few = [side for side in (first, second) if side.n_clusters < 2]
    if few:
        reason = f"{few[0].name}: all units lie in one cluster, which says nothing of the spread"
        return Contrast(what, first, second, difference, None, None, None, placebo, reason)
    low, high, df = interval(one, two)
    return Contrast(what, first, second, difference, low, high, df, placebo)


def interval(one: _Sums, two: _Sums) -> tuple[float, float, float]:
    """Return low, high and degrees of freedom of the interval for the difference of two shares.

    To each side one cluster of twice its mean size and the share one half is added, so that a side
    whose units are all alike still has a spread. The middle is the difference of the shares so
    shrunk; the plain difference always lies inside. The interval is kept within -1..1.
    """
    from scipy.special import stdtrit

    shares, residuals, variances = [], [], []
    for side in (one, two):
        y = np.append(side.y, side.x.mean())
        x = np.append(side.x, 2 * side.x.mean())
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
    half = float(stdtrit(df, (1 + LEVEL) / 2)) * variance**0.5
    middle = shares[0] - shares[1]
    return float(max(-1.0, middle - half)), float(min(1.0, middle + half)), float(df)


def _swap_labels(one: _Sums, two: _Sums, *, seed: int) -> float | None:
    """Return the placebo of two cases: their labels dealt anew over the clusters."""
    if not one.base or not two.base:
        return None
    y, x = np.concatenate([one.y, two.y]), np.concatenate([one.x, two.x])
    random = np.random.default_rng(seed)
    dealt = np.argsort(random.random((N_PERMUTATIONS, len(y))), axis=1) < len(one.y)
    first = (dealt @ y) / (dealt @ x)
    second = (~dealt @ y) / (~dealt @ x)
    observed = one.y.sum() / one.x.sum() - two.y.sum() / two.x.sum()
    return _at_least(first - second, observed)


def _swap_codes(one: _Sums, two: _Sums, *, seed: int) -> float | None:
    """Return the placebo of two codes in one case: swapped at random in each cluster."""
    if not one.base:
        return None
    random = np.random.default_rng(seed)
    signs = random.choice([-1.0, 1.0], size=(N_PERMUTATIONS, len(one.y)))
    observed = (one.y - two.y).sum() / one.x.sum()
    return _at_least(signs @ (one.y - two.y) / one.x.sum(), observed)


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
