"""Ranks: for each share the cases in their order, each with the ranks that it could as well have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coding.plots.sheet import DONORS, PAGE, QUIET, SMALL, Ink, Sheet, height_of, width_of
from coding.plots.words import joined, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from coding.ranking import Rank, Ranks

_GAP = 9.0  # between two panels, in millimetres
_PANEL = (PAGE - _GAP) / 2
_NAMES = 30.0  # the most that the names of the cases take
_SHARE = 11.0  # for the shares, at the right
_ROW = 4.6  # the least height of a case
_BAND = "#D9D9D9"

_CAPTION = (
    "Mark: the rank of a case, 1 having the largest share; band: the ranks that it could as well have, by "
    "the intervals of all differences of two cases together. Each share is ranked by itself. Hollow: the "
    "band leaves all ranks open. Right: the share."
)


def ranking(found: Sequence[Ranks], *, cases: Sequence[str] = (), texts: str = "") -> Figure:
    """Draw for each share the cases in their order, with the ranks that each could have.

    Parameters
    ----------
    found : one for each share, see `ranks`
    cases : ids in the order that gives them their colours, as `matrix.cases`; else in that of their names
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide, two shares beside one another. A case keeps its colour and shape in all of them; one
        without a base is named below the others.
    """
    sheet = Sheet(PAGE)
    y = sheet.head(
        _title(found), joined("rank of each case and what it could be, 1 the largest share", texts)
    )
    if not found:
        sheet.write(0, y + 1, "There is no share to rank.", colour=QUIET)
        return sheet.finish(y + 2, "")
    inks = _inks(found, cases)
    for i in range(0, len(found), 2):
        pair = found[i : i + 2]
        below = [
            sheet.write(k * (_PANEL + _GAP), y, ranks.what, bold=True, width=_PANEL, top=True)
            for k, ranks in enumerate(pair)
        ]
        y = max(below) + 1.2
        y = max(_panel(sheet, ranks, inks, k * (_PANEL + _GAP), y) for k, ranks in enumerate(pair)) + 4
    return sheet.finish(y - 3, _CAPTION)


def _title(found: Sequence[Ranks]) -> str:
    """Say how many cases have a rank of their own."""
    sure = sum(row.low == row.high for ranks in found for row in ranks.rows if row.rank is not None)
    every = sum(row.rank is not None for ranks in found for row in ranks.rows)
    return f"{sure} of {every} ranks are sure" if every > 1 else "Ranks"


def _inks(found: Sequence[Ranks], cases: Sequence[str]) -> dict[str, Ink]:
    """Return the colour and shape of each case, in the order of the cases, then of their names."""
    named = {row.case: row.side.name for ranks in found for row in ranks.rows}
    order = dict.fromkeys([*cases, *sorted(named, key=named.__getitem__)])
    return {case: DONORS[i % len(DONORS)] for i, case in enumerate(order)}


def _panel(sheet: Sheet, ranks: Ranks, inks: Mapping[str, Ink], x: float, y: float) -> float:
    """Draw the cases of one share from y down, those without a rank last; return the y below."""
    names = max(width_of(row.side.name, SMALL) for row in ranks.rows)
    left = x + min(names, _NAMES) + 5
    ranked = [row for row in ranks.rows if row.rank is not None]
    step = (x + _PANEL - _SHARE - 2 - left) / max(len(ranked), 1)
    top = y
    for row in ranked:
        below = _name(sheet, row, x, y)
        middle = (y + below) / 2
        sheet.write(x + _PANEL, middle, percent(row.side.share or 0.0), size=SMALL, align="right")
        _place(sheet, row, inks[row.case], left, step, middle, len(ranked))
        y = below
    for rank in range(1, len(ranked) + 1):
        at = left + (rank - 0.5) * step
        sheet.line([(at, top), (at, y)], weight=0.3, behind=True)
        sheet.write(at, y + 1.8, str(rank), size=SMALL, colour=QUIET, align="center")
    y += 3.4 if ranked else 0
    for row in ranks.rows[len(ranked) :]:
        below = _name(sheet, row, x, y)
        sheet.write(left, (y + below) / 2, "no unit in the base", size=SMALL, colour=QUIET)
        y = below
    return y


def _name(sheet: Sheet, row: Rank, x: float, y: float) -> float:
    """Name a case from y down; return the y below its row."""
    height = max(_ROW, height_of(row.side.name, _NAMES, SMALL) + 1)
    sheet.write(x, y + height / 2, row.side.name, size=SMALL, width=_NAMES)
    return y + height


def _place(sheet: Sheet, row: Rank, ink: Ink, left: float, step: float, y: float, n: int) -> None:
    """Draw a case's dot on the band of its ranks."""
    if row.rank is None or row.low is None or row.high is None:
        return
    start, end = left + (row.low - 0.5) * step, left + (row.high - 0.5) * step
    sheet.box(start - 1.6, y - 1.3, end - start + 3.2, 2.6, _BAND)
    is_open = n > 1 and (row.low, row.high) == (1, n)
    sheet.dot(ink, left + (row.rank - 0.5) * step, y, 2.2, filled=not is_open)
