"""Codes by year: for each code a strip, with a dot for every year and case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coding.plots.sheet import DONORS, PAGE, PALE, QUIET, SMALL, TEXT, Sheet, height_of, width_of
from coding.plots.words import base_in_words, cases_in_words, joined, percent, top_codes
from coding.units import UNREAD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from coding.matrix import Matrix, Measurement

_START, _END, _HEIGHT = 50.0, PAGE - 1.0, 11.5  # of a strip, in millimetres
_GAP = 4.5  # between strips
_WIDEST, _LEAST = 3.8, 1.0  # dots, millimetres across
_WITHIN = 0.84  # of the width of a year, what its dots take


@dataclass(frozen=True, slots=True)
class _Year:
    """One dot: what a case says of a code in a year. `base` is the number of its units."""

    year: int
    value: float
    base: int


def by_year(
    matrix: Matrix, years: Mapping[str, int], *, codes: Sequence[str] | None = None, texts: str = ""
) -> Figure:
    """Draw for each code a strip with a dot for every year and case that has units searched.

    Parameters
    ----------
    years : the year of each document; the caption counts the units of documents without one
    codes : ids, optional
        The top-level codes if left out.
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide. Height is the share of searched units under the matrix's weighting (for
        `profile`: of those coded in the family); for the measures that count, the number of units
        or documents. The area of a dot is its base; a hollow dot: units were searched, none found.

    Raises
    ------
    CodingError
        Naming the nearest code if one is unknown.
    """
    shown = top_codes(matrix) if codes is None else codes
    dots = {(code, case): _dots(matrix, case, code, years) for code in shown for case in matrix.cases}
    every = [dot for found in dots.values() for dot in found]
    span = range(min((d.year for d in every), default=0), max((d.year for d in every), default=0) + 1)
    largest = max((dot.base for dot in every), default=0)
    sheet = Sheet(PAGE)
    y = sheet.head("Codes by year", joined(_what(matrix), texts))
    if not every:
        sheet.write(0, y + 1, "No document with a year was searched.", colour=QUIET)
        return sheet.finish(y + 2, _caption(matrix, years, largest))
    start = y = _key(sheet, [matrix.names[case] for case in matrix.cases], y)
    for code in shown:
        height = max(_HEIGHT, height_of(matrix.names[code], _START - 12, TEXT))
        sheet.write(0, y + height / 2, matrix.names[code], width=_START - 12)
        _strip(sheet, y, [dots[code, case] for case in matrix.cases], matrix.measurement, span, largest)
        y += height + _GAP
    _name_years(sheet, span, start, y - _GAP)
    return sheet.finish(y + 1, _caption(matrix, years, largest))


def _strip(
    sheet: Sheet, y: float, cases: list[list[_Year]], measurement: Measurement, span: range, largest: int
) -> None:
    """Draw the scale of a strip and the dots of its cases; the dot with the `largest` base is the widest."""
    top = _top([dot.value for dots in cases for dot in dots], measurement)
    _scale(sheet, y, top, measurement)
    # Where many cases share a year the dots grow smaller: they may overlap a little, not hide each other.
    room = (_END - _START) / len(span) * _WITHIN / len(cases)
    widest = min(_WIDEST, max(1.6 * room, 2.2))
    for i, dots in enumerate(cases):
        for dot in dots:
            x, height = _place(dot.year, span, i, len(cases)), _HEIGHT * dot.value / top
            size = max(widest * (dot.base / largest) ** 0.5, _LEAST)
            sheet.dot(DONORS[i % len(DONORS)], x, y + _HEIGHT - height, size, filled=dot.value > 0)


def _dots(matrix: Matrix, case: str, code: str, years: Mapping[str, int]) -> list[_Year]:
    """Return a dot for each year in which the case has units in the base of the code."""
    bearing, units = matrix.bears(code), matrix.projection.units
    inside = matrix.projection.column(code) != UNREAD
    if matrix.measurement.measure == "profile":
        inside = inside & matrix.bears_any(matrix.family(code))
    rows = matrix.rows[case]
    found: dict[int, dict[str, list[bool]]] = {}
    for row in rows[inside[rows]]:
        document = units[row].document
        if document in years:
            documents = found.setdefault(years[document], {})
            documents.setdefault(document, []).append(bool(bearing[row]))
    return [
        _Year(year, _value(list(documents.values()), matrix.measurement), sum(map(len, documents.values())))
        for year, documents in sorted(found.items())
    ]


def _value(documents: list[list[bool]], measurement: Measurement) -> float:
    """Return the height of a dot from what the units of each document bear."""
    if measurement.measure == "documents":
        return float(sum(map(any, documents)))
    if _counts(measurement):
        return float(sum(map(sum, documents)))
    if measurement.weight == "document":
        return float(np.mean([np.mean(bearing) for bearing in documents]))
    return float(np.mean([b for bearing in documents for b in bearing]))


def _counts(measurement: Measurement) -> bool:
    return measurement.measure in ("segments", "units", "documents")


def _what(matrix: Matrix) -> str:
    measurement = matrix.measurement
    if _counts(measurement):
        counted = "documents" if measurement.measure == "documents" else f"{measurement.unit}s"
        return f"{counted} that bear the code"
    return f"share of {base_in_words(matrix)}, each {measurement.weight} alike"


def _top(values: list[float], measurement: Measurement) -> float:
    """Return a number not below any value, good to read at the top of a scale."""
    highest = max(values, default=0.0)
    if _counts(measurement):
        return float(next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, highest) if n >= highest))
    return next(
        share for share in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, highest) if share >= highest
    )


def _scale(sheet: Sheet, y: float, top: float, measurement: Measurement) -> None:
    """Draw the lines of a strip at nothing and at the top, with what they mean."""
    said = f"{top:.0f}" if _counts(measurement) else percent(top)
    sheet.write(_START - 2, y, said, size=SMALL, colour=QUIET, align="right")
    sheet.write(_START - 2, y + _HEIGHT, "0", size=SMALL, colour=QUIET, align="right")
    sheet.line([(_START, y), (_END, y)], dotted=True)
    sheet.line([(_START, y + _HEIGHT), (_END, y + _HEIGHT)])


def _place(year: int, span: range, number: int, n_cases: int) -> float:
    """Return the x of a case in a year: the cases of one year stand side by side."""
    step = (_END - _START) / len(span)
    aside = ((number + 0.5) / n_cases - 0.5) * _WITHIN
    return _START + (year - span.start + 0.5 + aside) * step


def _name_years(sheet: Sheet, span: range, top: float, bottom: float) -> None:
    """Name years below the last strip, as many as there is room for, each with a faint line upwards."""
    step = (_END - _START) / len(span)
    each = next((n for n in (1, 2, 5, 10, 20, 50, 100) if n * step > 8.5), len(span))
    for year in span:
        if year % each == 0 or len(span) == 1:
            place = _place(year, span, 0, 1)
            sheet.line([(place, top), (place, bottom)], colour=PALE, weight=0.8, behind=True)
            sheet.write(place, bottom + 3.2, str(year), size=SMALL, colour=QUIET, align="center")


def _key(sheet: Sheet, names: list[str], y: float) -> float:
    """Name the cases beside their dots; return the y below."""
    x, y = _START, y + 1
    for i, name in enumerate(names):
        wide = width_of(name, SMALL) + 8
        if x > _START and x + wide > _END:
            x, y = _START, y + 4
        sheet.donor(i, x, y, name)
        x += wide
    return y + 6


def _caption(matrix: Matrix, years: Mapping[str, int], largest: int) -> str:
    unit = matrix.measurement.unit
    placed = {int(row) for rows in matrix.rows.values() for row in rows}
    undated = sum(matrix.projection.units[row].document not in years for row in placed)
    said = cases_in_words(matrix)
    left_out = f" Not shown, for want of a year: {undated} {unit}s." if undated else ""
    return (
        f"Each strip has its own scale. Area of a dot: its base, {base_in_words(matrix)} in that year; the "
        f"largest has {largest}. Hollow: none found. No dot: an empty base. {said}.{left_out}"
    )
