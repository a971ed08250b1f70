"""What figures say of a matrix: its top-level codes, its bases, its numbers."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coding.matrices import AnyMatrix


def top_codes(matrix: AnyMatrix) -> tuple[str, ...]:
    """Return the codes above which no other stands, in the order of the codebook.

    A family divides into its top-level codes, or into the codes below its only one; then that one
    comes first among its members.
    """
    tops: set[str] = set()
    for family, members in matrix.families.items():
        parts = matrix.parts[family]
        tops |= set(parts) if members[0] in parts else {members[0]}
    return tuple(code for code in matrix.codes if code in tops)


def base_in_words(matrix: AnyMatrix) -> str:
    """Say of which units a share is."""
    among = "coded in the family" if matrix.measurement.measure == "profile" else "searched"
    return f"{matrix.measurement.unit}s {among}"


def cases_in_words(matrix: AnyMatrix) -> str:
    """Say how many units and documents each case has."""
    said = []
    for case in matrix.cases:
        n_units, n_documents = matrix.size(case)
        said.append(f"{matrix.names[case]} {n_units} in {n_documents}")
    return f"{matrix.measurement.unit.title()}s in documents: {', '.join(said)}"


def percent(share: float) -> str:
    r"""Write a share 0..1 as a percentage, with a decimal where it is small; a half is rounded up.

    Examples
    --------
    >>> percent(0.5), percent(0.125), percent(0.031), percent(0.0)
    ('50\xa0%', '13\xa0%', '3.1\xa0%', '0\xa0%')
    """
    exact = _rounded(100 * share, 1)
    if exact >= 10:
        return f"{_rounded(100 * share, 0)}\u00a0%"
    return f"{exact:.0f}\u00a0%" if exact == int(exact) else f"{exact}\u00a0%"


def part(share: float) -> str:
    r"""Write a share of very many so that none and all are said only of none and all.

    Examples
    --------
    >>> part(0.0), part(0.0002), part(0.96), part(0.9983), part(0.99991), part(1.0)
    ('0\xa0%', 'less than 0.1\xa0%', '96\xa0%', '99.8\xa0%', 'more than 99.9\xa0%', '100\xa0%')
    """
    if 0 < share < 0.001:
        return "less than 0.1\u00a0%"
    if 0.999 < share < 1:
        return "more than 99.9\u00a0%"
    return f"{100 * share:.1f}\u00a0%" if 0.99 <= share < 1 else percent(share)


def points(difference: float) -> str:
    """Write a difference of shares in percentage points, with its sign; a half is rounded away from zero.

    Examples
    --------
    >>> points(0.0784), points(-0.026), points(-0.0001)
    ('+7.8', '−2.6', '0.0')
    """
    said = f"{_rounded(100 * difference, 1):+}"
    return "0.0" if said[1:] == "0.0" else said.replace("-", "−")


def times(value: float) -> str:
    """Write a ratio with two figures that count; a half is rounded up.

    Examples
    --------
    >>> times(3.486), times(1.25), times(0.0546), times(123.4)
    ('3.5', '1.3', '0.055', '123')
    """
    said = str(_rounded(value, max(0, 1 - _exact(value).adjusted())))
    return said.rstrip("0").rstrip(".") if "." in said else said


def number(value: float, measure: str) -> str:
    """Write the value of a cell: a percentage for shares, one decimal for rates, else a whole number."""
    if measure in ("share", "profile"):
        return percent(value)
    return f"{value:.1f}" if measure == "rate" else f"{value:.0f}"


def short(n: int, *, figures: int = 3) -> str:
    """Write a number of units in a few figures where it is so large that there would be no room for it.

    Examples
    --------
    >>> short(9_999), short(20_617), short(999_999), short(2_716_054)
    ('9999', '20.6k', '1M', '2.72M')
    """
    if n < 10_000:
        return str(n)
    about = float(f"{n:.{figures}g}")
    return f"{about / 1e6:.{figures}g}M" if about >= 1e6 else f"{about / 1e3:.3g}k"


def joined(*parts: str) -> str:
    """Join what is not empty with commas."""
    return ", ".join(part for part in parts if part)


def _rounded(value: float, places: int) -> Decimal:
    """Return a number with so many decimals, a half rounded away from zero, as readers do."""
    return _exact(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _exact(value: float) -> Decimal:
    """Return a number as it is meant: 100 * 0.145 is 14.5, whatever its last bit says."""
    return Decimal(f"{value:.12g}")
