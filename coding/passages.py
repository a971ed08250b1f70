"""The passages behind numbers: of a cell, of a part of a composition, of both sides of a contrast.

A passage is a sentence (or paragraph) with coded words, between its neighbours. `Passages` finds
those of a cell and of a composition, `shown` those of every contrast of a run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Protocol

import numpy as np

from coding.surroundings import cut
from coding.units import PRESENT, UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from coding.claims import Claim
    from coding.codebook import Codebook
    from coding.findings import Contrast
    from coding.matrix import Composition, Matrix
    from coding.model import CodedSegment, Corpus, Document
    from coding.study import Finding, Run, Study

N_TELLING = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a passage, coded or not, cut where words that decide its part begin and end.

    Attributes
    ----------
    words : the text in order, each with the part of a composition that it speaks for, else ""
    """

    coded: bool
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document with its coded words, as it is shown.

    Attributes
    ----------
    start, end : the units shown, in code points of the document
    pieces : the text in order
    before, after : the neighbouring units, shortened; empty at the ends of the document
    hits : the coded segments in it
    sides : the sides of a contrast that count it; empty in a cell
    speaks : what decides its part of a composition: each coded segment with its part
    """

    document: Document
    start: int
    end: int
    pieces: tuple[Piece, ...]
    before: str
    after: str
    hits: tuple[CodedSegment, ...]
    sides: tuple[str, ...] = ()
    speaks: tuple[tuple[str, CodedSegment], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """The passages of one part of a composition.

    Attributes
    ----------
    name : a code of the family, "mixed", "none", or "unread" for units read for no code of the family
    n : units in it
    first : the number of its first passage, counted over all parts of the composition
    also : the numbers of passages that stand in another part and hold a unit of this one too
    """

    name: str
    n: int
    first: int
    passages: tuple[Passage, ...]
    also: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A contrast as it is shown.

    Attributes
    ----------
    n_documents : documents with a unit in the base of either side
    cases : the case of each side
    elsewhere : the finding that already shows the passages of this contrast, if there is one
    telling, rest : passages that bear the code compared; `others` are the rest of the base
    """

    contrast: Contrast
    n_documents: int
    cases: tuple[str, str]
    elsewhere: str | None
    telling: tuple[Passage, ...]
    rest: tuple[Passage, ...]
    others: tuple[Passage, ...]


class Tabulated(Protocol):
    """A matrix with the texts and the codebook that it was made of: a run, or what a page shows."""

    @property
    def corpus(self) -> Corpus:
        """The documents."""
        ...

    @property
    def codebook(self) -> Codebook:
        """The codebook."""
        ...

    @property
    def matrix(self) -> Matrix:
        """The matrix."""
        ...


class Passages:
    """Finds the passages behind the numbers of a matrix."""

    def __init__(self, run: Tabulated) -> None:
        unit = run.matrix.measurement.unit
        # A whole document is no passage: there its sentences are shown.
        shown = "sentence" if unit == "document" else unit
        self._corpus = run.corpus
        self._matrix = run.matrix
        self._cuts = {document.id: cut(document, shown) for document in run.corpus}

    def of_cell(self, code: str, case: str) -> list[Passage]:
        """Return the passages of a cell; each of its coded segments stands in exactly one."""
        return self._of(self._matrix.cells[code, case].coded.segments)

    def of_composition(self, found: Composition) -> list[Part]:
        """Return the passages of a cell by the part of a composition to which their units belong.

        Each passage stands once: with the part of its first unit. Parts without units are left out.
        """
        part_of = self._parts(found)
        rows_of: dict[str, list[int]] = {}
        for row in part_of:
            for coded in self._matrix.projection.evidence[row, found.within]:
                rows_of.setdefault(coded.id, []).append(row)
        placed: list[tuple[list[str], Passage]] = []
        for passage in self.of_cell(found.within, found.case):
            rows = sorted({row for hit in passage.hits for row in rows_of[hit.id]})
            names = dict.fromkeys(part_of[row] for row in rows)
            placed.append((list(names), self._spoken(passage, rows, found)))
        counts = Counter(part_of.values())
        return _numbered({part: counts[part] for part in (*found.counts, "unread") if counts[part]}, placed)

    def _parts(self, found: Composition) -> dict[int, str]:
        """Return the part of each unit of a case that bears the category."""
        codes = _codes(found)
        columns = [self._matrix.projection.codes.index(code) for code in codes]
        rows = self._matrix.rows[found.case]
        rows = rows[self._matrix.bears(found.within)[rows]]
        return {int(row): _part(codes, self._matrix.projection.values[row, columns]) for row in rows}

    def _spoken(self, passage: Passage, rows: Iterable[int], found: Composition) -> Passage:
        """Return a passage with the coded segments that decide the part of its units."""
        evidence = self._matrix.projection.evidence
        speaks = {
            (part, coded.id): (part, coded)
            for row in rows
            for part in _codes(found)
            for coded in evidence.get((row, part), ())
            if coded.segment.start < passage.end and passage.start < coded.segment.end
        }
        ordered = tuple(sorted(speaks.values(), key=lambda s: (s[1].segment.start, s[1].id)))
        text = passage.document.text
        pieces = _pieces(text, passage.start, passage.end, passage.hits, ordered)
        return replace(passage, pieces=pieces, speaks=ordered)

    def of_rows(self, rows: NDArray[np.int64], codes: Sequence[str]) -> list[Passage]:
        """Return the passages of some units, with the coded segments of some codes."""
        evidence = self._matrix.projection.evidence
        found = [s for row in rows for code in codes for s in evidence.get((int(row), code), ())]
        return self._of({segment.id: segment for segment in found}.values())

    def _of(self, segments: Iterable[CodedSegment]) -> list[Passage]:
        order = {document.id: i for i, document in enumerate(self._corpus)}
        found: list[tuple[str, int, int, list[CodedSegment]]] = []
        for coded in sorted(segments, key=lambda s: (order[s.segment.document], s.segment.start, s.id)):
            name, start, end = self._around(coded)
            if found and found[-1][0] == name and start < found[-1][2]:
                # A segment that crosses sentences joins them into one passage.
                _, first, last, hits = found.pop()
                found.append((name, min(first, start), max(last, end), [*hits, coded]))
            else:
                found.append((name, start, end, [coded]))
        return [self._passage(name, start, end, tuple(hits)) for name, start, end, hits in found]

    def _around(self, coded: CodedSegment) -> tuple[str, int, int]:
        """Return the document, start and end of the units that a segment touches."""
        segment = coded.segment
        return segment.document, *self._cuts[segment.document].around(segment.start, segment.end)

    def _passage(self, name: str, start: int, end: int, hits: tuple[CodedSegment, ...]) -> Passage:
        document = self._corpus[name]
        before, after = self._cuts[name].neighbours(document.text, start, end)
        return Passage(
            document=document,
            start=start,
            end=end,
            pieces=_pieces(document.text, start, end, hits),
            before=before,
            after=after,
            hits=hits,
        )


def shown(run: Run) -> dict[str, list[Shown]]:
    """Return the contrasts of each finding with their passages."""
    passages = Passages(run)
    first_seen: dict[Contrast, str] = {}
    return {
        finding.claim.id: [
            _show(run, finding, contrast, link, passages, first_seen)
            for link, contrast in enumerate(finding.contrasts)
        ]
        for finding in sorted(run.findings, key=lambda f: f.claim.kind == "chain")
    }


def behind(
    matrix: Matrix, case: str, on: str, *, within: str | None, base: str | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the units behind one share of a contrast: those that bear the code, and the rest of the base.

    Parameters
    ----------
    base : "coded" if only units that bear any code of the family of `on` belong to the base
    """
    rows = matrix.rows[matrix.case(case)]
    inside = matrix.bears(within) if within else np.ones(len(matrix.projection.units), dtype=np.bool_)
    if base == "coded":
        inside = inside & matrix.bears_any(matrix.family(on))
    rows = rows[inside[rows] & matrix.is_read(on)[rows]]
    bearing = matrix.bears(on)[rows]
    return rows[bearing], rows[~bearing]


def by_document(
    passages: Iterable[Passage], first: int = 1
) -> list[tuple[Document, list[tuple[int, Passage]]]]:
    """Return passages, numbered from `first`, under their documents."""
    grouped: dict[str, tuple[Document, list[tuple[int, Passage]]]] = {}
    for n, passage in enumerate(passages, start=first):
        grouped.setdefault(passage.document.id, (passage.document, []))[1].append((n, passage))
    return list(grouped.values())


def compared(claim: Claim, link: int, study: Study) -> tuple[list[tuple[str, str]], str | None]:
    """Return the case and code of both sides of a contrast, and the code within which it is drawn."""
    test = claim.test
    on = test.on or ""
    match claim.kind:
        case "within":
            return [(test.case or "", on), (test.case or "", test.versus or "")], test.within
        case "chain":
            first, second = study.corpus.cases[:2]
            return [(first, on), (second, on)], test.along[link]
        case _:
            return [(test.first or "", on), (test.second or "", on)], test.within


def spread(side: Sequence[Passage]) -> list[Passage]:
    """Return passages, each document once before any a second time, those with more coded segments first."""
    ranked = sorted(side, key=lambda p: -len(p.hits))
    turn: dict[str, int] = {}
    placed = []
    for passage in ranked:
        turn[passage.document.id] = turn.get(passage.document.id, 0) + 1
        placed.append((turn[passage.document.id], -len(passage.hits), passage))
    return [passage for _, _, passage in sorted(placed, key=lambda place: place[:2])]


def _numbered(counts: Mapping[str, int], placed: Sequence[tuple[list[str], Passage]]) -> list[Part]:
    """Return the parts in their order, with passages numbered over all of them."""
    parts: list[Part] = []
    number: dict[int, int] = {}
    first = 1
    for name in counts:
        own = [i for i, (names, _) in enumerate(placed) if names[0] == name]
        number |= {i: n for n, i in enumerate(own, start=first)}
        parts.append(Part(name, counts[name], first, tuple(placed[i][1] for i in own), ()))
        first += len(own)
    return [
        replace(part, also=tuple(number[i] for i, (names, _) in enumerate(placed) if part.name in names[1:]))
        for part in parts
    ]


def _codes(found: Composition) -> list[str]:
    """Return the codes into which a composition divides."""
    return [part for part in found.counts if part not in ("mixed", "none")]


def _part(codes: Sequence[str], values: NDArray[np.int8]) -> str:
    """Return the part of one unit, given its values for the codes of a family."""
    borne = [code for code, value in zip(codes, values, strict=True) if value == PRESENT]
    if len(borne) > 1:
        return "mixed"
    if borne:
        return borne[0]
    return "unread" if (values == UNREAD).all() else "none"


def _pieces(
    text: str,
    start: int,
    end: int,
    hits: Iterable[CodedSegment],
    speaks: Iterable[tuple[str, CodedSegment]] = (),
) -> tuple[Piece, ...]:
    """Cut a stretch of text where coded words begin and end; hits that overlap are one piece."""
    joined: list[list[int]] = []
    for hit in sorted(hits, key=lambda coded: coded.segment.start):
        if joined and hit.segment.start < joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], hit.segment.end)
        else:
            joined.append([hit.segment.start, hit.segment.end])
    spoken = [(part, coded.segment.start, coded.segment.end) for part, coded in speaks]
    pieces, at = [], start
    for first, last in joined:
        pieces += [
            Piece(False, _words(text, at, first, spoken)),
            Piece(True, _words(text, first, last, spoken)),
        ]
        at = last
    pieces.append(Piece(False, _words(text, at, end, spoken)))
    return tuple(piece for piece in pieces if piece.words)


def _words(
    text: str, start: int, end: int, spoken: Sequence[tuple[str, int, int]]
) -> tuple[tuple[str, str], ...]:
    """Cut a stretch of text where words that speak for a part begin and end; the first to begin is named."""
    bounds = {bound for _, first, last in spoken for bound in (first, last) if start < bound < end}
    cuts = sorted({start, end, *bounds})
    return tuple(
        (text[one:other], next((part for part, first, last in spoken if first <= one < last), ""))
        for one, other in pairwise(cuts)
    )


def _show(
    run: Run,
    finding: Finding,
    contrast: Contrast,
    link: int,
    passages: Passages,
    first_seen: dict[Contrast, str],
) -> Shown:
    claim = finding.claim
    pairs, within = compared(claim, link, run.study)
    codes = list(dict.fromkeys(code for code in (*(on for _, on in pairs), within) if code))
    rows = [behind(run.matrix, case, on, within=within, base=claim.test.base) for case, on in pairs]
    elsewhere = first_seen.setdefault(contrast, claim.id)
    names = (contrast.first.name, contrast.second.name)
    bearing = [passages.of_rows(bears, codes) for bears, _ in rows]
    telling, rest = _told(bearing, names)
    # Of a base that is everything searched, the rest is the corpus itself.
    left = [passages.of_rows(bears_not, codes if claim.test.base == "coded" else []) for _, bears_not in rows]
    seen = {(p.document.id, p.start) for p in (*telling, *rest)}
    others = tuple(
        p for p in _together(left, names) if claim.kind != "within" or (p.document.id, p.start) not in seen
    )
    units = run.matrix.projection.units
    return Shown(
        contrast=contrast,
        n_documents=len({units[int(row)].document for pair in rows for part in pair for row in part}),
        cases=(run.matrix.case(pairs[0][0]), run.matrix.case(pairs[1][0])),
        elsewhere=None if elsewhere == claim.id else elsewhere,
        telling=telling,
        rest=rest,
        others=others,
    )


def _told(sides: Sequence[Sequence[Passage]], names: Sequence[str]) -> tuple[tuple[Passage, ...], ...]:
    """Return the most telling passages, then the others in the same order.

    Sides take turns; within a side each document gives one passage before any gives a second, and
    passages with more coded segments come first.
    """
    every = _together(sides, names)
    by_place = {(p.document.id, p.start): p for p in every}
    turns = zip_longest(*(spread(side) for side in sides))
    order = dict.fromkeys((p.document.id, p.start) for turn in turns for p in turn if p is not None)
    told = tuple(by_place[place] for place in order)
    return told[:N_TELLING], told[N_TELLING:]


def _together(sides: Sequence[Sequence[Passage]], names: Sequence[str]) -> list[Passage]:
    """Return the passages of all sides once, each with the names of the sides that count it."""
    found: dict[tuple[str, int], Passage] = {}
    for name, side in zip(names, sides, strict=True):
        for passage in side:
            known = found.setdefault((passage.document.id, passage.start), passage)
            found[passage.document.id, passage.start] = replace(known, sides=(*known.sides, name))
    return list(found.values())
