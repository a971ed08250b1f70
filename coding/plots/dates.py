"""Timeline: the documents of each case on an axis of time, each with the categories that it bears."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from coding.plots.sheet import DONORS, INK, LINE, PAGE, PALE, QUIET, SMALL, WHITE, Sheet, height_of, width_of
from coding.plots.words import joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from coding.matrix import Matrix
    from coding.model import Corpus, Document

_SIDE = 24.0  # where the axis begins, in millimetres: before it stand the names of the cases
_SLOT, _HIGH, _LANE = 1.6, 2.9, 4.1  # a category of a document; a document, and from one to the next
_NAMED = 90  # so many documents can bear their names
_LONGEST = 22  # characters of a name
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A document of a case: when it is of, what it is called, and how many units bear each category."""

    document: Document
    when: float
    name: str
    counts: tuple[int | None, ...]  # None: nobody looked
    is_read: tuple[bool, ...]  # by a person, all that was looked at; else rules or models searched


def timeline(matrix: Matrix, corpus: Corpus, *, codes: Sequence[str], texts: str = "") -> Figure:
    """Draw the documents of each case where they lie in time, each with what it holds.

    Parameters
    ----------
    codes : ids of the categories, in order
    texts : what the texts are, such as "in digests"; written below the title

    Returns
    -------
    Figure
        175 mm wide, a band a case. Beside the dot of a document stands a column for each category, higher the
        more units bear it. A document without a year is not shown, but counted in the caption.

    Raises
    ------
    CodingError
        Naming the nearest code if one is unknown.
    """
    cases = {case: _of_case(matrix, corpus, case, codes) for case in matrix.cases}
    shown = [one for found in cases.values() for one in found]
    sheet = Sheet(PAGE)
    y = sheet.head("Documents in time", joined("what each holds", texts))
    paints = dict(zip(codes, cycle(ink for ink, _ in DONORS), strict=False))
    y = _key(sheet, [(matrix.names[code], paint) for code, paint in paints.items()], y)
    if not shown:
        sheet.write(0, y + 1, "No document has a year.", colour=QUIET)
        return sheet.finish(y + 2, _caption(matrix, shown, 0, codes))
    most = max((n or 0 for one in shown for n in one.counts), default=0)
    is_named = len(shown) <= _NAMED
    wide = max(_width(one, is_named=is_named) for one in shown)
    years = [int(one.when) for one in shown]
    axis = _Axis(min(years), max(years) + 1, PAGE - wide)
    top = y
    for i, (case, found) in enumerate(cases.items()):
        sheet.line([(0, y), (PAGE, y)])
        below = _name(sheet, i, matrix.names[case], len(found), y + 1.6)
        lanes = _lanes(found, axis, is_named=is_named)
        for j, lane in enumerate(lanes):
            for one in lane:
                _draw(sheet, one, axis.x(one.when), y + 2.9 + j * _LANE, list(paints.values()), most)
                if is_named:
                    x = axis.x(one.when) + _columns(one) + 0.8
                    sheet.write(x, y + 2.9 + j * _LANE, one.name, size=SMALL, colour=QUIET)
        y = max(y + len(lanes) * _LANE + 1.7, below + 1.6)
    axis.draw(sheet, top, y)
    return sheet.finish(y + 4.4, _caption(matrix, shown, most, codes))


@dataclass(frozen=True, slots=True)
class _Axis:
    first: int
    end: int
    right: float  # where it ends, in millimetres

    def x(self, when: float) -> float:
        """Return where a point in time lies, in millimetres."""
        return _SIDE + 1 + (when - self.first) / (self.end - self.first) * (self.right - _SIDE - 1)

    def draw(self, sheet: Sheet, top: float, bottom: float) -> None:
        """Draw a faint line where a year begins, and name as many years as there is room for."""
        step = self.x(self.first + 1) - self.x(self.first)
        each = next((n for n in (1, 2, 5, 10, 20, 50, 100) if n * step > 8.5), self.end - self.first)
        sheet.line([(0, bottom), (PAGE, bottom)])
        for year in range(self.first, self.end + 1):
            if year % each == 0 or self.end - self.first == 1:
                sheet.line(
                    [(self.x(year), top), (self.x(year), bottom)], colour=PALE, weight=0.8, behind=True
                )
                if year < self.end:
                    middle = self.x(year + 0.5) if each == 1 else self.x(year)
                    sheet.write(middle, bottom + 2.4, str(year), size=SMALL, colour=QUIET, align="center")


def _of_case(matrix: Matrix, corpus: Corpus, case: str, codes: Sequence[str]) -> list[_Shown]:
    rows = matrix.rows[case]
    columns = [matrix.bears(code) for code in codes]
    looked_at = [matrix.is_read(code) for code in codes]
    by_person = [matrix.projection.by_person[:, matrix.projection.codes.index(code)] for code in codes]
    of_document: dict[str, list[int]] = {}
    for row in rows:
        of_document.setdefault(matrix.projection.units[row].document, []).append(int(row))
    found = []
    for name, own in of_document.items():
        when = _when(corpus[name].variables)
        if when is not None:
            counts = (
                int(bears[own].sum()) if seen[own].any() else None
                for bears, seen in zip(columns, looked_at, strict=True)
            )
            read = (bool(by[own][seen[own]].all()) for by, seen in zip(by_person, looked_at, strict=True))
            found.append(_Shown(corpus[name], when, _short(name, case), tuple(counts), tuple(read)))
    return sorted(found, key=lambda one: (one.when, one.document.id))


def _when(variables: Mapping[str, object]) -> float | None:
    """Return the time of a document in years: its date as far as it is known, else the middle of the year."""
    year = variables.get("year")
    if not isinstance(year, int):
        return None
    written = _DATE.fullmatch(str(variables.get("date") or ""))
    if written is None or int(written[1]) != year or not 1 <= int(written[2] or 0) <= 12:
        return year + 0.5
    day = int(written[3]) if written[3] else 15
    return year + (int(written[2]) - 1 + min(day, 30) / 31) / 12


def _short(name: str, case: str) -> str:
    said = name.removeprefix(f"{case}/")
    # The end stays: that is where texts of one name differ.
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 9]}…{said[-8:]}"


def _columns(one: _Shown) -> float:
    """Return how far to the right of its dot the columns of a document end."""
    return 1.8 + len(one.counts) * _SLOT


def _width(one: _Shown, *, is_named: bool) -> float:
    return _columns(one) + (0.8 + width_of(one.name, SMALL) if is_named else 0.0)


def _lanes(found: Sequence[_Shown], axis: _Axis, *, is_named: bool) -> list[list[_Shown]]:
    """Return documents in lanes in which none overlaps another: each in the first that has room."""
    lanes: list[list[_Shown]] = []
    ends: list[float] = []
    for one in found:
        x = axis.x(one.when)
        free = next((i for i, end in enumerate(ends) if end + 2.4 <= x), len(lanes))
        if free == len(lanes):
            lanes.append([])
            ends.append(0.0)
        lanes[free].append(one)
        ends[free] = x + _width(one, is_named=is_named)
    return lanes


def _name(sheet: Sheet, number: int, name: str, n: int, y: float) -> float:
    """Name a case beside its dot, with how many documents it has; return the y below."""
    room = _SIDE - 5.4
    high = height_of(name, room, SMALL)
    sheet.donor(number, 0, y + high / 2, name, width=room + 3.4)
    said = f"{n} document{'s' * (n != 1)}"
    return sheet.write(3.4, y + high + 0.5, said, size=SMALL, colour=QUIET, width=room, top=True)


def _draw(sheet: Sheet, one: _Shown, x: float, y: float, paints: Sequence[str], most: int) -> None:
    is_primary = one.document.variables.get("source_kind") != "secondary"
    sheet.dot((INK, "o"), x, y, 1.7, filled=is_primary)
    for i, count in enumerate(one.counts):
        left = x + 1.8 + i * _SLOT
        _slot(sheet, left, y, count, paints[i], most)
        if count == 0 and not one.is_read[i]:
            sheet.line([(left + 0.55, y), (left + _SLOT - 0.55, y)], colour=QUIET, weight=0.6)


def _slot(sheet: Sheet, x: float, y: float, count: int | None, paint: str, most: int) -> None:
    if count is None:
        sheet.box(x + 0.1, y - _HIGH / 2, _SLOT - 0.2, _HIGH, WHITE, edge=LINE)
        return
    sheet.box(x + 0.1, y - _HIGH / 2, _SLOT - 0.2, _HIGH, PALE)
    if count:
        height = _HIGH * (count / most) ** 0.5
        sheet.box(x + 0.1, y + _HIGH / 2 - height, _SLOT - 0.2, height, paint)


def _key(sheet: Sheet, paints: Sequence[tuple[str, str]], y: float) -> float:
    x, y = 0.0, y + 1
    for name, paint in paints:
        wide = width_of(name, SMALL) + 7
        if x and x + wide > PAGE:
            x, y = 0.0, y + 3.8
        sheet.box(x, y - _HIGH / 2, _SLOT, _HIGH, paint)
        sheet.write(x + 2.4, y, name, size=SMALL)
        x += wide
    return y + 3


def _unread(matrix: Matrix, shown: Sequence[_Shown], codes: Sequence[str]) -> str:
    """Say how many units of the documents shown were not read for every category; nothing if all were."""
    import numpy as np

    documents, unit = {one.document.id for one in shown}, matrix.measurement.unit
    rows = {int(row) for of_case in matrix.rows.values() for row in of_case}
    own = sorted(row for row in rows if matrix.projection.units[row].document in documents)
    read = np.all([matrix.is_read(code)[own] for code in codes], axis=0)
    unread = len(own) - int(np.sum(read))
    if not codes or not unread:
        return ""
    return f" Not read for some category, and counted nowhere for it: {unread} of {len(own)} {unit}s."


def _caption(matrix: Matrix, shown: Sequence[_Shown], most: int, codes: Sequence[str]) -> str:
    unit = matrix.measurement.unit
    placed = {matrix.projection.units[row].document for rows in matrix.rows.values() for row in rows}
    undated = len(placed) - len({one.document.id for one in shown})
    left_out = f" Not shown, for want of a year: {undated}." if undated else ""
    unnamed = f" Names are left out, there being more than {_NAMED}." if len(shown) > _NAMED else ""
    return (
        "A dot is a document, at its date, or in the middle of its year where only that is known; filled: a "
        "primary source, hollow: a secondary one. Columns, in the order of the colours above, as high as the "
        f"square root of how many {unit}s bear the category (the highest: {most}); grey: a person read and "
        "found none; grey with a dash: rules or models searched and found none; white: nobody looked. A "
        f"document about several cases stands with each, with the {unit}s that are "
        f"its.{_unread(matrix, shown, codes)}{left_out}{unnamed}"
    )
