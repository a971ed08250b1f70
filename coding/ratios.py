"""The ratio of two shares with its interval: how many times as large the first is.

A difference of three points is little between 60 and 63 in a hundred and much between 1 and 4; the ratio
says so. Its interval is made on the logarithm, and by the same clusters as that of the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.findings import LEVEL

if TYPE_CHECKING:
    from coding.findings import ClusterSums

_NOUGHT = "{name}: no unit of the base bears the code, and a ratio to nought says nothing"


@dataclass(frozen=True, slots=True)
class Ratio:
    """The first share over the second.

    Attributes
    ----------
    value : above 0; 1 where the shares are equal; None if a share is nought or has no base
    low, high : the interval; None if there is none, and `reason` says why
    """

    value: float | None
    low: float | None
    high: float | None
    reason: str = ""


def ratio(one: ClusterSums, two: ClusterSums, *, names: tuple[str, str], level: float = LEVEL) -> Ratio:
    """Return the ratio of two shares by their sums over clusters, or why there is none.

    Parameters
    ----------
    names : what is compared, for the reason
    """
    for side, name in zip((one, two), names, strict=True):
        if not side.base:
            return Ratio(None, None, None, f"{name}: no unit in the base")
        if not side.n:
            return Ratio(None, None, None, _NOUGHT.format(name=name))
    value = float(one.y.sum() / one.x.sum() / (two.y.sum() / two.x.sum()))
    for side, name in zip((one, two), names, strict=True):
        if len(side.clusters) < 2:
            reason = f"{name}: all units lie in one cluster, which says nothing of the spread"
            return Ratio(value, None, None, reason)
    return Ratio(value, *ratio_interval(one, two, level=level))


def ratio_interval(one: ClusterSums, two: ClusterSums, *, level: float = LEVEL) -> tuple[float, float]:
    """Return low and high of the interval for the ratio of two shares, neither of them nought.

    To each side the cluster at one half is added that the interval of the difference adds too. The middle
    is the ratio of the shares so shrunk; where the plain ratio would lie outside, the interval reaches to it.

    Source
    ------
    Variance of the logarithm of a ratio by linearisation: Cochran, *Sampling Techniques*, 3rd ed., ch. 6;
    residuals over the root of 1 - h, and the degrees of freedom from the sizes (CR2): Bell and McCaffrey
    (2002), *Survey Methodology* 28, 169-181; degrees of freedom of both sides: Welch (1947), *Biometrika*
    34, 28-35. Chosen in docs/methods/contrasts.md.
    """
    from scipy.special import stdtrit

    (share, residuals, df), (other, others, other_df) = _linearised(one), _linearised(two)
    variances = float((residuals**2).sum()), float((others**2).sum())
    place = {cluster: i for i, cluster in enumerate(two.clusters)}
    shared = [(i, place[cluster]) for i, cluster in enumerate(one.clusters) if cluster in place]
    joint = float(sum(residuals[i] * others[j] for i, j in shared))
    spread = max(sum(variances) - 2 * joint, 0.0) ** 0.5
    if not sum(variances) or set(one.clusters) == set(two.clusters):
        joint_df = min(df, other_df)
    else:
        joint_df = sum(variances) ** 2 / (variances[0] ** 2 / df + variances[1] ** 2 / other_df)
    half = float(stdtrit(joint_df, (1 + level) / 2)) * spread
    middle = float(np.log(share / other))
    plain = float(np.log(one.y.sum() / one.x.sum() / (two.y.sum() / two.x.sum())))
    return float(np.exp(min(middle - half, plain))), float(np.exp(max(middle + half, plain)))


def _linearised(side: ClusterSums) -> tuple[float, NDArray[np.float64], float]:
    """Return a share with the cluster at one half, the residuals of its logarithm, the degrees of freedom."""
    y, x = np.append(side.y, side.added / 2), np.append(side.x, side.added)
    share = float(y.sum() / x.sum())
    part = x / x.sum()
    residuals = (y - share * x) / (share * x.sum()) / np.sqrt(1 - part)
    leverage = part**2 / (1 - part)
    df = 1 / ((part**2).sum() + leverage.sum() ** 2 - (leverage**2).sum())
    return share, residuals, float(df)
