"""The specification curve: a finding's difference in every universe, and the decisions behind each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.plots.intervals import SIGNS
from coding.plots.sheet import INK, LINE, PAGE, QUIET, SMALL, WHITE, Align, Ink, Sheet, height_of, width_of
from coding.plots.words import part

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from coding.findings import Verdict
    from coding.robustness import Multiverse, Spread, Varied

_START, _END = 52.0, PAGE - 14.0  # where curve and strips begin and end, in millimetres
_HEIGHT = 52.0  # of the curve
_ROW, _STRIP = 4.0, 2.8  # of a value at least, and of its strip
_ROOM = 30.0  # for the words of a value
_COLUMNS = 900  # of the pictures; more could not be told apart
_LINES = 400  # of the picture of the intervals
_MOST_VALUES = 6  # of a decision; of more only the study's own and all others are shown
_STUDY: Ink = (INK, "o")
_PAINTS: dict[Verdict, str] = {
    "supported": "#3DAA8A",
    "undetermined": "#D0D0D0",
    "contradicted": "#E98B4A",
}

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def specification_curve(found: Multiverse, of: Spread) -> Figure:
    """Draw the differences of one finding in ascending order, and below them the decisions behind them.

    Returns
    -------
    Figure
        175 mm wide. Above, the line is the difference, the ground behind it the intervals, in the colour of
        the verdict; the dot is the study as it is. Below, a strip for each value of each decision: dark
        where it is frequent among the universes above, in the mean tone where it is as frequent as in all.
        Universes without a difference are counted in the caption.
    """
    differences = of.differences
    order = np.argsort(differences, kind="stable")[: int((~np.isnan(differences)).sum())]
    sheet = Sheet(PAGE)
    y = sheet.head(of.title, _subtitle(found, of))
    y = _key(sheet, of, y)
    if not len(order):
        sheet.write(0, y + 1, "No universe has a difference: a side has no base.", colour=QUIET)
        return sheet.finish(y + 3, "")
    laid = _Laid.out(differences, order)
    _intervals(sheet, y, of, laid)
    _scale(sheet, y)
    _differences(sheet, y, differences, laid)
    _study(sheet, y, of, order)
    y = _strips(sheet, y + _HEIGHT + 5, found, of, laid)
    return sheet.finish(y, _caption(len(found), len(order)))


def _subtitle(found: Multiverse, of: Spread) -> str:
    share, verdict = float(of.keeps().mean()), of.own.verdict
    return (
        f"In {part(share)} of {len(found):,} universes the verdict is that of the study: {verdict}, in "
        f"{found.texts}. Difference in percentage points, universes in ascending order."
        + (" The study as it is has none: a side has no base." if of.own.difference is None else "")
    )


def _caption(n: int, n_shown: int) -> str:
    n_without = n - n_shown
    few = "1 universe" if n_without == 1 else f"{n_without:,} universes"
    without = f" In {few} a side has no base, and there is no difference." if n_without else ""
    return (
        "Line: the difference; ground: its intervals; dot: the study. Below, a strip for each value of a "
        "decision: dark where the value is frequent among the universes above it, white where it is absent; "
        "● marks the study's own. Keeps: of the universes with this value, the share with the verdict of the "
        f"study. All this describes; universes are neither independent nor equally sensible.{without}"
    )


def _key(sheet: Sheet, of: Spread, y: float) -> float:
    """Name the colours of the intervals, with the share of universes that have each verdict."""
    x = _START
    sheet.write(0, y + 1, "Intervals, by verdict", size=SMALL, colour=QUIET)
    for verdict, paint in _PAINTS.items():
        said = f"{SIGNS[verdict]} {verdict} {part(of.share(verdict))}"
        sheet.box(x, y - 0.2, 2.6, 2.6, paint)
        sheet.write(x + 4, y + 1, said, size=SMALL)
        x += 4 + width_of(said, SMALL) + 6
    return y + 5


@dataclass(frozen=True, slots=True)
class _Laid:
    """Universes side by side in the columns of a picture. Those of one difference are drawn alike.

    Attributes
    ----------
    order : the universes with a difference, ascending
    group : of each of them, which difference it has
    mixed : what share of each column each difference has, (G, columns)
    """

    order: Places
    group: Places
    mixed: Floats

    @classmethod
    def out(cls, differences: Floats, order: Places) -> _Laid:
        """Lay universes out."""
        n = len(order)
        _, group = np.unique(differences[order].round(12), return_inverse=True)
        columns = np.arange(n) * min(n, _COLUMNS) // n
        mixed = np.zeros((int(group.max()) + 1, int(columns[-1]) + 1))
        np.add.at(mixed, (group, columns), 1.0)
        return cls(order, group, mixed / mixed.sum(axis=0))

    def mean(self, values: Floats) -> Floats:
        """Return for each column the mean of values of all universes, (U,)."""
        return np.asarray(
            np.bincount(self.group, weights=values[self.order]) / np.bincount(self.group) @ self.mixed
        )


def _at(y: float, difference: float) -> float:
    """Return how far down a difference stands, on a curve that begins at y."""
    return y + (1 - difference) / 2 * _HEIGHT


def _intervals(sheet: Sheet, y: float, of: Spread, laid: _Laid) -> None:
    """Draw the intervals as a ground: the more universes of a column hold a value, the denser."""
    ends = np.array([[one.low, one.high] for one in of.outcomes], dtype=np.float64)[of.of[laid.order]]
    verdicts = np.array([one.verdict for one in of.outcomes])[of.of[laid.order]]
    has_one = ~np.isnan(ends[:, 0])
    picture = np.ones((_LINES, laid.mixed.shape[1], 3))
    for verdict, paint in _PAINTS.items():
        drawn = has_one & (verdicts == verdict)
        held = _held(ends[drawn], laid.group[drawn], len(laid.mixed)) / np.bincount(laid.group)
        picture += (held @ laid.mixed)[:, :, None] * (_rgb(paint) - _rgb(WHITE))
    sheet.tones(_START, y, _END - _START, _HEIGHT, _as_bytes(picture))


def _held(ends: Floats, group: Places, n_groups: int) -> Floats:
    """Return for each line of the picture and each group how many intervals hold it: (lines, G)."""
    downwards = (np.arange(_LINES) + 0.5) / _LINES * 2 - 1
    changes = np.zeros((_LINES + 1, n_groups))
    first = np.searchsorted(downwards, -ends[:, 1], side="left")
    behind = np.searchsorted(downwards, -ends[:, 0], side="right")
    np.add.at(changes, (first, group), 1.0)
    np.add.at(changes, (behind, group), -1.0)
    return np.asarray(changes.cumsum(axis=0)[:-1])


def _differences(sheet: Sheet, y: float, differences: Floats, laid: _Laid) -> None:
    step = (_END - _START) / laid.mixed.shape[1]
    points = [
        (_START + (column + beside) * step, _at(y, float(mean)))
        for column, mean in enumerate(laid.mean(differences))
        for beside in (0, 1)
    ]
    sheet.line(points, colour=INK, weight=1.1)


def _study(sheet: Sheet, y: float, of: Spread, order: Places) -> None:
    """Mark where the study as it is stands, with its interval."""
    own = of.own
    if own.difference is None:
        return
    # Among universes with its difference it stands in the middle.
    alike = np.flatnonzero(np.isclose(of.differences[order], own.difference, rtol=0, atol=1e-12))
    x = _START + (alike.mean() + 0.5) / len(order) * (_END - _START)
    if own.low is not None and own.high is not None:
        sheet.line([(x, _at(y, own.low)), (x, _at(y, own.high))], colour=INK, weight=0.8)
    sheet.dot((WHITE, "o"), x, _at(y, own.difference), 3.2)
    sheet.dot(_STUDY, x, _at(y, own.difference), 2.4)
    is_left = x < _START + 0.85 * (_END - _START)
    high, low = (own.difference if end is None else end for end in (own.high, own.low))
    beyond = _at(y, high) - 2.2 if high < 0.9 else _at(y, low) + 2.2
    align: Align = "left" if is_left else "right"
    sheet.write(x - 1 if is_left else x + 1, beyond, "the study", size=SMALL, bold=True, align=align)


def _scale(sheet: Sheet, y: float) -> None:
    for points in (-100, -50, 0, 50, 100):
        at = _at(y, points / 100)
        said = f"{points:+d}".replace("-", "−") if points else "0"
        sheet.write(_START - 1.8, at, said, size=SMALL, colour=QUIET, align="right")
        colour, weight = (INK, 0.7) if points == 0 else (LINE, 0.4)
        sheet.line([(_START - 0.9, at), (_END, at)], colour=colour, weight=weight)


def _strips(sheet: Sheet, y: float, found: Multiverse, of: Spread, laid: _Laid) -> float:
    """Draw a strip for each value of each decision; return the y below them."""
    chosen, keeps = found.chosen, of.keeps()
    sheet.write(PAGE, y, "keeps", size=SMALL, colour=QUIET, align="right")
    y += 2.4
    for number, decision in enumerate(found.decisions):
        sheet.write(0, y + _ROW / 2, decision.name, size=SMALL, bold=True)
        for value, said in enumerate(_shown(decision)):
            is_other = len(decision.values) > _MOST_VALUES and value == 1
            mask = chosen[:, number] > 0 if is_other else chosen[:, number] == value
            height = max(_ROW, height_of(said, _ROOM, SMALL) + 1)
            middle = y + height / 2
            sheet.write(_START - 4.2, middle, said, size=SMALL, align="right", width=_ROOM)
            if value == 0:
                sheet.dot(_STUDY, _START - 2, middle, 1.3)
            sheet.tones(_START, middle - _STRIP / 2, _END - _START, _STRIP, _tones(mask, laid))
            share = part(float(keeps[mask].mean()))
            sheet.write(PAGE, middle, share, size=SMALL, colour=QUIET, align="right")
            y += height
        y += 1.4
    return y


def _shown(decision: Varied) -> list[str]:
    """Return the values of a decision, or of many only the study's own and all others."""
    if len(decision.values) <= _MOST_VALUES:
        return list(decision.values)
    return [decision.values[0], f"one of {len(decision.values) - 1}"]


def _tones(mask: NDArray[np.bool_], laid: _Laid) -> NDArray[np.uint8]:
    """Return how frequent a value is in each column, against how frequent it is in all universes."""
    dark = np.clip(laid.mean(mask.astype(np.float64)) / (2 * mask.mean()), 0, 1)[None, :, None]
    return _as_bytes(_rgb(WHITE) + dark * (_rgb(INK) - _rgb(WHITE)))


def _rgb(colour: str) -> Floats:
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _as_bytes(picture: Floats) -> NDArray[np.uint8]:
    return np.asarray((np.clip(picture, 0, 1) * 255).round(), dtype=np.uint8)
