"""What figures say of a matrix: its top-level codes, its bases, its numbers."""

from __future__ import annotations

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
    r"""Write a share 0..1 as a percentage, with a decimal where it is small.

    Examples
    --------
    >>> percent(0.5), percent(0.031), percent(0.0)
    ('50\xa0%', '3.1\xa0%', '0\xa0%')
    """
    points = round(100 * share, 1)
    return f"{points:.0f}\u00a0%" if points >= 9.95 or points == int(points) else f"{points:.1f}\u00a0%"


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
    """Write a difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> points(0.0784), points(-0.026), points(-0.0001)
    ('+7.8', '−2.6', '0.0')
    """
    said = f"{100 * difference:+.1f}"
    return "0.0" if said[1:] == "0.0" else said.replace("-", "−")


def times(value: float) -> str:
    """Write a ratio with two figures that count.

    Examples
    --------
    >>> times(3.486), times(0.0546), times(123.4)
    ('3.5', '0.055', '123')
    """
    return f"{value:.0f}" if value >= 99.5 else f"{value:.2g}"


def number(value: float, measure: str) -> str:
    """Write the value of a cell: a percentage for shares, one decimal for rates, else a whole number."""
    if measure in ("share", "profile"):
        return percent(value)
    return f"{value:.1f}" if measure == "rate" else f"{value:.0f}"


def joined(*parts: str) -> str:
    """Join what is not empty with commas."""
    return ", ".join(part for part in parts if part)
