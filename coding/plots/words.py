"""What figures say of a matrix: its top-level codes, its bases, its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coding.matrix import Matrix


def top_codes(matrix: Matrix) -> tuple[str, ...]:
    """Return the codes above which no other stands, in the order of the codebook.

    A family divides into its top-level codes, or into the codes below its only one; then that one
    comes first among its members.
    """
    tops: set[str] = set()
    for family, members in matrix.families.items():
        parts = matrix.parts[family]
        tops |= set(parts) if members[0] in parts else {members[0]}
    return tuple(code for code in matrix.codes if code in tops)


def base_in_words(matrix: Matrix) -> str:
    """Say of which units a share is."""
    among = "coded in the family" if matrix.measurement.measure == "profile" else "searched"
    return f"{matrix.measurement.unit}s {among}"


def cases_in_words(matrix: Matrix) -> str:
    """Say how many units and documents each case has."""
    said = []
    for case, rows in matrix.rows.items():
        documents = {matrix.projection.units[row].document for row in rows}
        said.append(f"{matrix.names[case]} {len(rows)} in {len(documents)}")
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


def number(value: float, measure: str) -> str:
    """Write the value of a cell: a percentage for shares, one decimal for rates, else a whole number."""
    if measure in ("share", "profile"):
        return percent(value)
    return f"{value:.1f}" if measure == "rate" else f"{value:.0f}"


def joined(*parts: str) -> str:
    """Join what is not empty with commas."""
    return ", ".join(part for part in parts if part)
