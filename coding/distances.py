"""How far two values are apart, by level of measurement or by weights; as numbers or as sets.

Krippendorff's alpha takes differences, the kappas and Gwet's AC2 weights: how much two values agree, 1
wholly, 0 not at all. Both are V x V arrays over the values of a table's domain, in its order.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal, get_args

import numpy as np

from coding.errors import CodingError, choose
from coding.resampling import Floats

Level = Literal["nominal", "ordinal", "interval", "ratio", "masi"]
Weights = Literal["identity", "linear", "quadratic", "ordinal"]


def disagreements(weights: Weights | Floats, domain: Sequence[Hashable]) -> Floats:
    """Return 1 - weight for each two values.

    Parameters
    ----------
    weights : {"identity", "linear", "quadratic", "ordinal"} or (V, V)
        Values are apart if they are not the same; by their difference, or its square, as a share of the
        largest (of their places, if they are no numbers); by how many pairs of values lie from one to the
        other, as a share of all pairs.

    Raises
    ------
    CodingError
        If an array is not V x V, symmetric, with 1 on the diagonal.

    Source
    ------
    Gwet, *Handbook of Inter-Rater Reliability*, 4th ed. (2014).

    Examples
    --------
    >>> disagreements("quadratic", (1, 2, 3)).tolist()
    [[0.0, 0.25, 1.0], [0.25, 0.0, 0.25], [1.0, 0.25, 0.0]]
    """
    if not isinstance(weights, str):
        return 1 - _checked(weights, domain, diagonal=1)
    choose(weights, get_args(Weights), "weights")
    if weights == "identity":
        return 1 - np.eye(len(domain))
    places = np.arange(len(domain), dtype=np.float64)
    numbers = _numbers(domain)
    scale = places if numbers is None or weights == "ordinal" else numbers
    apart = np.abs(np.subtract.outer(scale, scale))
    apart = {"linear": apart, "quadratic": apart**2, "ordinal": apart * (apart + 1)}[weights]
    return np.asarray(apart / max(float(apart.max(initial=0)), np.finfo(np.float64).tiny))


def differences(level: Level | Floats, domain: Sequence[Hashable]) -> Floats | None:
    """Return the difference of each two values, squared where the level has it so.

    Returns
    -------
    (V, V) or None
        None for "ordinal": there it depends on how often each value was given (`between_ranks`).

    Raises
    ------
    CodingError
        If the level does not fit the values, or an array is not V x V, symmetric, with 0 on the diagonal.

    Source
    ------
    Krippendorff, *Content Analysis*, 2nd ed. (2004), ch. 11.
    """
    if not isinstance(level, str):
        return _checked(level, domain, diagonal=0)
    choose(level, get_args(Level), "level")
    if level == "nominal":
        return 1 - np.eye(len(domain))
    if level == "ordinal":
        return None
    if level == "masi":
        sets = [value for value in domain if isinstance(value, frozenset)]
        if len(sets) < len(domain):
            raise CodingError(f"level 'masi' is of frozensets, the values are {domain}. Take 'nominal'.")
        return np.array([[masi_distance(one, other) for other in sets] for one in sets])
    numbers = _numbers(domain)
    if numbers is None or (level == "ratio" and numbers.min(initial=0) < 0):
        wanted = "numbers" if level == "interval" else "numbers that are not below 0"
        raise CodingError(f"level '{level}' needs {wanted}, the values are {domain}. Take 'ordinal'.")
    apart, both = np.subtract.outer(numbers, numbers), np.add.outer(numbers, numbers)
    if level == "ratio":
        apart = np.divide(apart, both, out=np.zeros_like(apart), where=both > 0)
    return np.asarray(apart**2)


def between_ranks(given: Floats) -> Floats:
    """Return the squared ordinal differences: how many values were given from one to the other.

    The two themselves count half each.

    Parameters
    ----------
    given : (..., V), how often each value was given
    """
    middle = given.cumsum(-1) - given / 2
    return np.asarray((middle[..., :, None] - middle[..., None, :]) ** 2)


def masi_distance(one: frozenset[Hashable], other: frozenset[Hashable]) -> float:
    """Return how far two sets are apart: 1 - J * M.

    J is what they share over what either holds (Jaccard). M is 1 if they are equal, 2/3 if one holds the
    other, 1/3 if they overlap otherwise, 0 if they share nothing. Two empty sets are equal: distance 0.

    Source
    ------
    Passonneau (2006), *Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic
    Annotation*, LREC, 831-836.

    Examples
    --------
    >>> round(masi_distance(frozenset("a"), frozenset("ab")), 3)
    0.667
    """
    if one == other:
        return 0.0
    shared = len(one & other)
    monotone = 2 / 3 if one < other or other < one else 1 / 3
    return 1 - shared / len(one | other) * monotone


def _numbers(domain: Sequence[Hashable]) -> Floats | None:
    numbers = [float(value) for value in domain if isinstance(value, int | float | np.number)]
    return np.array(numbers) if len(numbers) == len(domain) else None


def _checked(array: Floats, domain: Sequence[Hashable], *, diagonal: int) -> Floats:
    size = len(domain)
    if array.shape != (size, size) or (array != array.T).any() or (np.diag(array) != diagonal).any():
        raise CodingError(
            f"an array for {size} values has the shape ({size}, {size}), is symmetric and holds {diagonal} "
            f"on the diagonal; this one has the shape {array.shape}."
        )
    return array
