"""Pathways: for each case its steps as columns, and between them a band for each place that bears both."""

from __future__ import annotations

from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING, Literal

import numpy as np

from coding.plots.heat import ZEROS
from coding.plots.parts import _PAINTS
from coding.plots.sheet import LINE, PAGE, QUIET, SMALL, TEXT, WHITE, Sheet, height_of, width_of
from coding.plots.words import joined
from coding.units import PRESENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matplotlib.figure import Figure

    from coding.matrix import State
    from coding.pathways import Link, Pathway, Pathways, Step

_NOTHING = "#DEDEDE"  # of what bears no orientation
_WIDEST, _TALLEST, _THICKEST = 23.0, 24.0, 2.6  # a bar, the highest of them, one place in it; millimetres
_LONGEST = 36.0  # a band, however few the steps
_LEAST = 0.12  # of a place, so that a thousand can still be seen together
_PITCH = 2.8  # of a line of small letters

_Part = Literal["whole", "first", "second"]
_Slots = dict[int, float]  # for each place that a code bears, the y of its upper edge
_Bars = dict[str, _Slots]


def pathways(found: Pathways, *, texts: str = "") -> Figure:
    """Draw for each case how the codes of each step stand together with those of the next.

    Parameters
    ----------
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide, a panel a case. A bar is a code, as high as it has places; a band is one place that
        bears the codes at both its ends. Colour is orientation. Where nothing stands together there is no
        band, and the sign of which zero that is.
    """
    sheet = Sheet(PAGE)
    paints = dict(zip(found.orientations, cycle(_PAINTS), strict=False))
    names = found.matrix.names
    y = sheet.head("Pathways", joined(f"codes that stand together in one {found.together}", texts))
    if paints:
        y = _key(sheet, [(names[code], paint) for code, paint in paints.items()], y)
    most = max((pair.n_both for way in found.by_case.values() for pair in way.steps), default=0)
    thick = max(min(_THICKEST, _TALLEST / max(most, 1)), _LEAST)
    for case, way in found.by_case.items():
        sheet.line([(0, y), (PAGE, y)])
        y = _name(sheet, way, found.matrix.cases.index(case), names[case], y + 2.4)
        y = _Panel(sheet, found, way, paints, thick).draw(y) + 4
    return sheet.finish(y - 2, _caption(found))


class _Panel:
    """Draws the pathway of one case."""

    def __init__(
        self, sheet: Sheet, found: Pathways, way: Pathway, paints: Mapping[str, str], thick: float
    ) -> None:
        self._sheet, self._way, self._paints, self._thick = sheet, way, paints, thick
        self._clear = 0.2 if thick > 1 else 0.0  # between places, so that they can be told apart
        self._names = found.matrix.names
        self._steps = found.steps
        self._is_deep = any(step.codes != step.categories for step in found.steps)
        n = len(found.steps)
        self._width = min(_WIDEST, PAGE / (1.5 * n - 0.5))
        self._gap = min((PAGE - n * self._width) / (n - 1), _LONGEST)

    def draw(self, y: float) -> float:
        """Draw the panel; return the y below it."""
        if self._is_deep:
            y = self._heads(y)
        columns = [self._column(step, self._x(i), y) for i, step in enumerate(self._steps)]
        below = max(bottom for _, bottom in columns)
        for i, link in enumerate(self._way.links):
            self._say(link, self._x(i) + self._width + self._gap / 2, y)
            self._bands(columns[i][0], columns[i + 1][0], self._x(i) + self._width)
        return below

    def _x(self, step: int) -> float:
        return step * (self._width + self._gap)

    def _heads(self, y: float) -> float:
        below = y
        for i, step in enumerate(self._steps):
            bottom = self._sheet.write(
                self._x(i), y, step.name, size=SMALL, bold=True, width=self._width, top=True
            )
            below = max(below, bottom)
        return below + 1

    def _column(self, step: Step, x: float, y: float) -> tuple[_Bars, float]:
        """Draw the codes of a step below one another; return where their places lie, and the y below."""
        bars: _Bars = {}
        places = {code: np.flatnonzero(self._way.found.column(code) == PRESENT) for code in step.codes}
        shown = [code for code in step.codes if len(places[code]) or not self._is_deep]
        for code in shown:
            said = f"{self._names[code]}\u00a0{len(places[code]) or ''}".rstrip()
            top = y + max(height_of(said, self._width, SMALL), 2 * _PITCH)
            high = height_of(said, self._width, SMALL)
            self._sheet.write(x, top - high - 0.3, said, size=SMALL, width=self._width, top=True)
            bars[code], y = self._bar(code, places[code], x, top)
            y += 1.6
        if len(shown) < len(step.codes):
            states = Counter(self._way.found.pair(c, c).state for c in step.codes if c not in shown)
            more = " more" if shown else ""
            said = ", ".join(f"{n}{more}: {ZEROS[state]}" for state, n in states.items())
            y = self._sheet.write(x, y + 0.6, said, size=SMALL, colour=QUIET, width=self._width, top=True)
        return bars, y

    def _bar(self, code: str, places: Iterable[int], x: float, y: float) -> tuple[_Slots, float]:
        """Draw the places of a code, those of one orientation together; return where each lies."""
        colours = {int(place): self._colours(code, int(place)) for place in places}
        if not colours:
            state = self._way.found.pair(code, code).state
            self._sheet.box(x + 0.2, y, self._width - 0.4, 3.4, WHITE, edge=LINE)
            self._sheet.write(x + self._width / 2, y + 1.7, ZEROS[state], colour=QUIET, align="center")
            return {}, y + 3.4
        order = [*self._paints.values(), _NOTHING]
        ranked = sorted(colours, key=lambda place: ([order.index(c) for c in colours[place]], place))
        slots: _Slots = {}
        for place in ranked:
            slots[place] = y
            self._stripes(colours[place], x, y)
            y += self._thick
        return slots, y

    def _stripes(self, colours: Sequence[str], x: float, y: float) -> None:
        high = self._thick / len(colours)
        for i, colour in enumerate(colours):
            clear = (
                0.12 if self._thick > 0.8 and i == len(colours) - 1 else 0.0
            )  # that places can be told apart
            self._sheet.box(x, y + i * high, self._width, high - clear, colour)

    def _colours(self, code: str, place: int) -> list[str]:
        """Return the colours of the orientations that units of a place bear beside a code."""
        bears = self._way.oriented[code][place, :-1]
        return [paint for paint, borne in zip(self._paints.values(), bears, strict=True) if borne] or [
            _NOTHING
        ]

    def _bands(self, left: _Bars, right: _Bars, x: float) -> None:
        for one, start in left.items():
            for other, end in right.items():
                for place in sorted(start.keys() & end.keys()):
                    first, second = self._colours(one, place), self._colours(other, place)
                    shared = [colour for colour in first if colour in second]
                    ends = (start[place], end[place])
                    if shared:
                        self._band(x, ends, shared, "whole")
                    else:
                        self._band(x, ends, first, "first")
                        self._band(x, ends, second, "second")

    def _band(self, x: float, ends: tuple[float, float], colours: Sequence[str], part: _Part) -> None:
        high = self._thick / len(colours)
        for i, colour in enumerate(colours):
            self._sheet.ribbon(
                (x + 0.3, ends[0] + i * high),
                (x + self._gap - 0.3, ends[1] + i * high),
                high - (self._clear if i == len(colours) - 1 else 0.0),
                colour,
                part=part,
            )

    def _say(self, link: Link, x: float, y: float) -> None:
        """Write between two columns how many places bear both, and in how many an orientation stays."""
        if not link.whole.n_both:
            self._sheet.write(x, y + 1.2, ZEROS[link.whole.state], align="center", bold=True)
            self._sheet.write(x, y + 3.8, _none(link.whole.state), size=SMALL, colour=QUIET, align="center")
            return
        self._sheet.write(x, y + 1.2, str(link.whole.n_both), size=TEXT, align="center", bold=True)
        if link.kept is not None and link.kept.n_oriented:
            said = f"{link.kept.n_same}/{link.kept.n_oriented}"
            self._sheet.write(x, y + 3.8, said, size=SMALL, colour=QUIET, align="center")


def _none(state: State) -> str:
    return "not read" if state == "not examined" else "none"


def _name(sheet: Sheet, way: Pathway, number: int, name: str, y: float) -> float:
    sheet.donor(number, 0, y, name)
    n = len(way.read)
    whole = f"{len(way.whole) or 'none'} bear{'s' * (len(way.whole) < 2)} every step"
    of = f" of {len(way.held)}" if n < len(way.held) else ""
    read = " read for every step" if of else ""
    said = f"{n}{of} document{'s' * (len(way.held) != 1)}{read}, of which {whole}"
    sheet.write(PAGE, y, said, size=SMALL, colour=QUIET, align="right")
    return y + 2.6


def _key(sheet: Sheet, paints: Sequence[tuple[str, str]], y: float) -> float:
    """Name the colours; return the y below."""
    x, y = 0.0, y + 1
    for name, paint in [*paints, ("no orientation", _NOTHING)]:
        wide = width_of(name, SMALL) + 8
        if x and x + wide > PAGE:
            x, y = 0.0, y + 4
        sheet.box(x, y - 1.2, 3.2, 2.4, paint)
        sheet.write(x + 4.2, y, name, size=SMALL)
        x += wide
    return y + 3


def _caption(found: Pathways) -> str:
    place = found.together
    kept = (
        " Below it, where any of them is oriented at both steps: in how many of these an orientation stays. "
        "A band that changes its colour halfway changes its orientation."
        if found.orientations
        else ""
    )
    itself = (
        f" Orientation is coded by {place}, so within one {place} it stays by itself."
        if found.orientations and found.is_kept_by_itself
        else ""
    )
    unit, names = found.matrix.measurement.unit, found.matrix.names
    parts = [
        f"{way.n_unread} of {way.n_units} {unit}s of {names[case]}"
        for case, way in found.by_case.items()
        if way.n_unread
    ]
    unread = f" Not read for some step, and counted nowhere for it: {', '.join(parts)}." if parts else ""
    return (
        f"A bar is a code, each stripe of it a {place} that bears it; a band is a {place} that bears the "
        f"codes at both its ends. Number between two steps: {place}s that bear both.{kept}{itself} "
        "–: rules searched and found none; 0: a person read and found none; ·: nobody looked."
        f"{unread} Described, not tested: what stands together need not follow from one another."
    )
