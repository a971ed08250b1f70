"""Composition: for each category and case, how its units divide over orientations."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from coding.plots.sheet import LINE, PAGE, QUIET, SMALL, WHITE, Sheet, height_of, ink_on, width_of
from coding.plots.words import joined, short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from coding.matrix import Composition

# Dark, middle, light: they stay apart in grey. What is mixed is hatched, what is none is pale.
_PAINTS = ("#4A2A7B", "#2A9D76", "#F3C64E", "#9C4F7C", "#7FB8DA")
_MIXED, _HATCH, _NONE = "#D2D2D2", "#9A9A9A", "#EFEFEF"

_CASES = 40.0  # where the names of the cases begin, in millimetres
_END = PAGE - 8.0  # where the bars end
_BAR = 4.0  # how high they are


def composition(
    compositions: Mapping[str, Mapping[str, Composition]],
    names: Mapping[str, str],
    *,
    unit: str = "sentence",
    texts: str = "",
) -> Figure:
    """Draw for each category and case how its units divide, as a bar of 100 %.

    Parameters
    ----------
    compositions : for each category and case its composition (`Matrix.compose`)
    names : shown names of categories, cases and the codes into which they divide
    unit : sentence, paragraph or document
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide. Each part bears its number of units where there is room; an empty base has
        words in place of a bar.
    """
    every = [found for cases in compositions.values() for found in cases.values()]
    paints = paints_of(list(dict.fromkeys(part for found in every for part in found.counts)))
    donors = list(dict.fromkeys(found.case for found in every))
    room = min(max((width_of(names.get(d, d), SMALL) for d in donors), default=0.0), 34.0) + 4.5
    start = _CASES + room + 1
    sheet = Sheet(PAGE)
    y = sheet.head("Composition of each category", joined(f"how its {unit}s divide", texts))
    if not every:
        sheet.write(0, y + 1, "There is no category.", colour=QUIET)
        return sheet.finish(y + 2, "")
    y = key(sheet, [(names.get(part, part), paint) for part, paint in paints.items()], start, y)
    sheet.write(PAGE, y - 3, "n", size=SMALL, colour=QUIET, align="right")
    for category, cases in compositions.items():
        sheet.line([(0, y), (PAGE, y)])
        below = sheet.write(0, y + 1.5, names.get(category, category), width=_CASES - 3, bold=True, top=True)
        y += 1.4
        for found in cases.values():
            name = names.get(found.case, found.case)
            height = max(4.8, height_of(name, room - 3.4, SMALL) + 0.6)
            sheet.donor(donors.index(found.case), _CASES, y + height / 2, name, width=room)
            sheet.write(PAGE, y + height / 2, short(found.base), size=SMALL, align="right")
            if found.base:
                _bar(sheet, found, paints, start, y + height / 2)
            else:
                sheet.write(start, y + height / 2, f"no {unit} coded", size=SMALL, colour=QUIET)
            y += height
        y = max(y, below) + 1.4
    return sheet.finish(y, _caption(unit))


def paints_of(parts: list[str]) -> dict[str, str]:
    """Return the colour of each part, in the order in which they are drawn."""
    colours = cycle(_PAINTS)
    own = {"mixed": _MIXED, "none": _NONE}
    return {part: own[part] if part in own else next(colours) for part in parts}


def key(sheet: Sheet, paints: list[tuple[str, str]], start: float, y: float) -> float:
    """Name the colours in the order of the bars; return the y below."""
    x, y = start, y + 1
    for name, paint in paints:
        wide = width_of(name, SMALL) + 8
        if x > start and x + wide > _END:
            x, y = start, y + 4
        sheet.box(x, y - 1.2, 3.2, 2.4, paint, edge=LINE, hatch=_HATCH if paint == _MIXED else None)
        sheet.write(x + 4.2, y, name, size=SMALL)
        x += wide
    return y + 3


def part_box(sheet: Sheet, x: float, y: float, width: float, height: float, paint: str) -> None:
    """Draw a part of a bar in its colour; what is mixed is hatched."""
    sheet.box(x, y, width, height, paint, edge=WHITE, hatch=_HATCH if paint == _MIXED else None)


def _bar(sheet: Sheet, found: Composition, paints: Mapping[str, str], x: float, y: float) -> None:
    whole = _END - x
    for part, n in found.counts.items():
        width, said, paint = whole * n / found.base, short(n), paints[part]
        room = width_of(said, SMALL) + 1
        if n:
            part_box(sheet, x, y - _BAR / 2, width, _BAR, paint)
        if n and room < width:
            middle = x + width / 2
            if paint == _MIXED:  # a clear field, so that the number is not crossed by the hatching
                sheet.box(middle - room / 2, y - _BAR / 2 + 0.5, room, _BAR - 1, paint)
            sheet.write(middle, y, said, size=SMALL, colour=ink_on(paint), align="center")
        x += width


def _caption(unit: str) -> str:
    return (
        f"n: {unit}s that bear the category, the base of its bar. In each part: its number of {unit}s, where "
        f"there is room for it. mixed: {unit}s that bear several of the parts; none: {unit}s that bear none."
    )
