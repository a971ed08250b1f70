"""Portrait of a document: its text as a strip in rows, coded stretches in the colours of their categories."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle, pairwise
from math import ceil
from typing import TYPE_CHECKING

from coding.plots.parts import _PAINTS
from coding.plots.sheet import DONORS, INK, LINE, PAGE, PALE, QUIET, SMALL, WHITE, Sheet, ink_on, width_of
from coding.plots.words import joined
from coding.units import paragraph_spans, sentence_spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from coding.codebook import Codebook
    from coding.model import Coded, CodedSegment, Document, Reading

_START = 11.0  # where rows begin, in millimetres: before them stands how many characters come before
_HIGH, _LANE, _BETWEEN = 4.0, 1.1, 3.0  # a row, a line below it, what is free before the next
_FEWEST, _ROWS = 110, 36  # characters of a row at least; rows at most
_DASH = 0.3  # the line through what was searched and not read
_THINNEST = 0.35  # of what is coded, so that one word of a long text can be seen


@dataclass(frozen=True, slots=True)
class _Lane:
    """A family of codes: the row itself, or a line below it."""

    family: str
    paints: Mapping[str, str]
    segments: tuple[tuple[str, CodedSegment], ...]  # with the code whose colour it has


def portrait(document: Document, coded: Coded, codebook: Codebook, *, texts: str = "") -> Figure:
    """Draw what is coded in a document, in the order of its text.

    Parameters
    ----------
    coded : coded segments and readings; those of other documents are left out
    texts : what the text is, such as "a digest"; written below the title

    Returns
    -------
    Figure
        175 mm wide. The first family of codes is in the row, each further one a line below it. Where several
        categories overlap they share the height of the row. What was read and bears nothing is grey, what
        only rules or models searched is grey with a line through it, what nobody looked at is white. A coded
        segment where nobody looked is not drawn, as it counts nowhere; how many these are is said.
    """
    own_readings = [r for r in coded.readings if r.segment.document == document.id]
    all_own = [s for s in coded.segments if s.segment.document == document.id]
    own = tuple(s for s in all_own if _over(s.segment.start, s.segment.end, own_readings))
    lanes = _lanes(codebook, own)
    sheet = Sheet(PAGE)
    title = str(document.variables.get("title") or document.id)
    said = f"{len(own)} coded segments" if len(own) != 1 else "1 coded segment"
    left_out = len(all_own) - len(own)
    y = sheet.head(
        title,
        joined(
            f"{said} in {document.id}",
            str(document.variables.get("year") or ""),
            texts,
            _unread(document, own_readings),
            f"{left_out} more where nobody looked" if left_out else "",
        ),
    )
    for lane in lanes:
        y = _key(sheet, lane, codebook, y)
    per_row = max(_FEWEST, ceil(len(document.text) / _ROWS))
    read, searched = (
        [(r.segment.start, r.segment.end) for r in own_readings if (r.kind == "person") is by_person]
        for by_person in (True, False)
    )
    strip = _Strip(sheet, document, codebook, per_row, lanes, read, searched)
    y += 1.5
    for start in range(0, max(len(document.text), 1), per_row):
        y = strip.row(start, y)
    return sheet.finish(y - _BETWEEN, _caption(per_row, [lane.family for lane in lanes[1:]]))


class _Strip:
    """Draws the rows of a text."""

    def __init__(
        self,
        sheet: Sheet,
        document: Document,
        codebook: Codebook,
        per_row: int,
        lanes: Sequence[_Lane],
        read: Sequence[tuple[int, int]],
        searched: Sequence[tuple[int, int]],
    ) -> None:
        self._sheet, self._codebook, self._lanes = sheet, codebook, lanes
        self._read, self._searched = read, searched
        self._length, self._per_row = len(document.text), per_row
        self._step = (PAGE - _START) / per_row
        self._sentences = [end for _, end in sentence_spans(document.text)]
        self._paragraphs = [end for _, end in paragraph_spans(document.text)]

    def row(self, start: int, y: float) -> float:
        """Draw the row that begins at a character; return the y of the next."""
        end = min(start + self._per_row, self._length)
        self._sheet.write(_START - 1.5, y + _HIGH / 2, f"{start:,}", size=SMALL, colour=QUIET, align="right")
        self._sheet.box(self._x(start, start), y, (end - start) * self._step, _HIGH, WHITE, edge=LINE)
        for first, last in self._searched:
            self._stretch(start, max(first, start), min(last, end), y, _HIGH, PALE)
            middle = y + (_HIGH - _DASH) / 2
            self._stretch(start, max(first, start), min(last, end), middle, _DASH, LINE)
        for first, last in self._read:  # what a person read too is read
            self._stretch(start, max(first, start), min(last, end), y, _HIGH, PALE)
        main, *others = self._lanes
        self._coded(main, start, end, y)
        for i, lane in enumerate(others):
            for code, found in lane.segments:
                first, last = max(found.segment.start, start), min(found.segment.end, end)
                self._stretch(start, first, last, y + _HIGH + 0.3 + i * _LANE, _LANE - 0.3, lane.paints[code])
        self._ticks(start, end, y)
        return y + _HIGH + len(others) * _LANE + _BETWEEN

    def _x(self, row: int, place: int) -> float:
        return _START + (place - row) * self._step

    def _stretch(self, row: int, first: int, last: int, y: float, height: float, paint: str) -> None:
        if first < last:
            width = max((last - first) * self._step, _THINNEST)
            self._sheet.box(min(self._x(row, first), PAGE - width), y, width, height, paint)

    def _coded(self, lane: _Lane, start: int, end: int, y: float) -> None:
        """Draw the coded stretches of a row, cut where a segment begins or ends."""
        inside = [(c, s) for c, s in lane.segments if s.segment.start < end and start < s.segment.end]
        bounds = {max(s.segment.start, start) for _, s in inside} | {
            min(s.segment.end, end) for _, s in inside
        }
        stretches: list[tuple[int, int, tuple[str, ...], list[CodedSegment]]] = []
        for first, last in pairwise(sorted(bounds)):
            over = [(c, s) for c, s in inside if s.segment.start < last and first < s.segment.end]
            codes = tuple(code for code in lane.paints if any(code == c for c, _ in over))
            if stretches and stretches[-1][1:3] == (first, codes):
                begin, _, _, before = stretches.pop()
                stretches.append((begin, last, codes, [*before, *(s for _, s in over)]))
            else:
                stretches.append((first, last, codes, [s for _, s in over]))
        for first, last, codes, held in stretches:
            for i, code in enumerate(codes):
                high = _HIGH / len(codes)
                self._stretch(start, first, last, y + i * high, high, lane.paints[code])
            if len(codes) == 1:
                self._named([s.code for s in held], start, first, last, y, lane.paints[codes[0]])

    def _named(self, codes: Sequence[str], row: int, first: int, last: int, y: float, paint: str) -> None:
        """Write the names of the codes into their stretch, as many as there is room for."""
        names = [self._codebook[code].name for code in dict.fromkeys(codes)]
        room = (last - first) * self._step - 1.2
        said = next(
            (t for n in range(len(names), 0, -1) if width_of(t := ", ".join(names[:n]), SMALL) < room), ""
        )
        if said:
            x = self._x(row, first) + 0.7
            self._sheet.write(x, y + _HIGH / 2, said, size=SMALL, colour=ink_on(paint))

    def _ticks(self, start: int, end: int, y: float) -> None:
        """Mark above a row where sentences end, and through it where paragraphs do."""
        for place in self._sentences:
            if start < place <= end and place not in self._paragraphs:
                x = self._x(start, place)
                self._sheet.line([(x, y - 1.1), (x, y - 0.2)], colour=QUIET, weight=0.6)
        for place in self._paragraphs:
            if start < place <= end:
                x = self._x(start, place)
                self._sheet.line([(x, y - 1.6), (x, y + _HIGH)], colour=INK, weight=0.9)


def _lanes(codebook: Codebook, segments: Sequence[CodedSegment]) -> list[_Lane]:
    """Return the families of a codebook with what is coded in each; without named ones, all in one."""
    tops = [code.id for code in codebook.children(None)]
    families = {family: codebook.parts(family) for family in codebook.families} or {"codes": tuple(tops)}
    inks = {
        family: dict(zip(parts, cycle(_PAINTS if i else [ink for ink, _ in DONORS]), strict=False))
        for i, (family, parts) in enumerate(families.items())
    }
    found: dict[str, list[tuple[str, CodedSegment]]] = {family: [] for family in families}
    for segment in sorted(segments, key=lambda s: (s.segment.start, s.segment.end, s.code)):
        line = (segment.code, *codebook.ancestors(segment.code))
        for family, paints in inks.items():
            found[family] += [(code, segment) for code in line if code in paints][:1]
    return [_Lane(family, inks[family], tuple(found[family])) for family in families]


def _over(start: int, end: int, readings: Sequence[Reading]) -> list[Reading]:
    return [r for r in readings if r.segment.start < end and start < r.segment.end]


def _unread(document: Document, readings: Sequence[Reading]) -> str:
    """Say how many sentences nobody looked at, or a person for some codes only; nothing if there is none."""
    sentences = sentence_spans(document.text)
    over = [_over(start, end, readings) for start, end in sentences]
    by_people = [[r for r in each if r.kind == "person"] for each in over]
    unread = sum(not each for each in over)
    in_part = sum(bool(each) and all(r.codes is not None for r in each) for each in by_people)
    said = [f"{unread} of {len(sentences)} sentences not read"] if unread else []
    said += [f"{in_part} of {len(sentences)} sentences read for some codes only"] if in_part else []
    return ", ".join(said)


def _key(sheet: Sheet, lane: _Lane, codebook: Codebook, y: float) -> float:
    """Name the colours of a family, each with how many segments it has; return the y below."""
    y += 1
    x = sheet_start = 0.0
    for code, paint in lane.paints.items():
        n = sum(code == coded for coded, _ in lane.segments)
        said = f"{codebook[code].name} {n}"
        wide = width_of(said, SMALL) + 8
        if x > sheet_start and x + wide > PAGE:
            x, y = sheet_start, y + 3.8
        sheet.box(x, y - 1.2, 3.2, 2.4, paint)
        sheet.write(x + 4.2, y, said, size=SMALL, colour=INK if n else QUIET)
        x += wide
    return y + 3


def _caption(per_row: int, below: Sequence[str]) -> str:
    lines = f" Lines below a row: {', '.join(below)}." if below else ""
    return (
        f"The text in rows of {per_row:,} characters; the number before a row says how many come before it. "
        "Small tick: a sentence ends; long tick: a paragraph. Name in a stretch: its code, where there is "
        f"room. Categories that overlap share the height.{lines} Grey: a person read, and nothing is coded; "
        "grey with a line through it: rules or models searched, and nothing is coded; white: nobody looked."
    )
