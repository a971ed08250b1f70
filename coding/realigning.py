"""What was coded and read in an earlier text of a document, placed in a later one.

Nothing is placed on a guess, and nothing is dropped: what has no place is listed with the reason, and stays
where it is, on its own text. A reading covers of the later text only sentences whose words all stood in what
was read: whoever read the earlier text has not read what was put in since.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from coding.batch import Placing, new_id
from coding.model import Document, machine_id
from coding.placing import Lost, Place, Placer
from coding.units import sentence_spans

if TYPE_CHECKING:
    from coding.editions import Placed
    from coding.model import Coded, CodedSegment, Reading, Segment

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SegmentPlaced:
    """A coded segment and what became of it.

    Attributes
    ----------
    coded : as it is kept, with the words that it had where it stood last
    found : where it stands in the later text, or why it has no place there
    words : those it has there; empty if it has none
    is_new : whether it had no place in that text before
    """

    coded: CodedSegment
    found: Place | Lost
    words: str
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class ReadingPlaced:
    """A reading and what of the later text it covers.

    Attributes
    ----------
    parts : the stretches; none if nothing that was read stands there, or the unit that was judged has changed
    n_sentences, n_read : how many sentences the later text has, and how many of them were read
    """

    reading: Reading
    parts: tuple[_Span, ...]
    n_sentences: int
    n_read: int
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Selection:
    """A stretch of a text that another program marked and gave no code; `coding export` says it again.

    Attributes
    ----------
    id : its GUID in files
    name : a title that somebody gave it; empty if there is none
    """

    id: str
    name: str
    place: Segment
    coder: str = ""


@dataclass(frozen=True, slots=True)
class SelectionPlaced:
    """A selection without a code and what became of it; `quote` are the words where it stood last.

    The rest is as of a coded segment. Where its text is not kept, the quote is empty.
    """

    selection: Selection
    quote: str
    found: Place | Lost
    words: str
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Realigned:
    """What becomes of the coding of a document with a new text."""

    new: Document = field(repr=False)
    segments: tuple[SegmentPlaced, ...]
    readings: tuple[ReadingPlaced, ...]
    selections: tuple[SelectionPlaced, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether anything has a place that it had not before."""
        return any(isinstance(found, Place) and is_new for found, is_new in self._found) or any(
            each.parts and each.is_new for each in self.readings
        )

    @property
    def n_unknown(self) -> int:
        """How many coded segments and selections stand in a text that is not kept."""
        return sum(found == "text not kept" for found, _ in self._found)

    @property
    def _found(self) -> tuple[tuple[Place | Lost, bool], ...]:
        segments = ((each.found, each.is_new) for each in self.segments)
        return (*segments, *((each.found, each.is_new) for each in self.selections))

    def placings(self, machines: Iterable[str]) -> tuple[Placing, ...]:
        """Return the rows by which everything that was placed stands in the new text.

        Parameters
        ----------
        machines : ids of the coders that are rules or models
        """
        programs = frozenset(machines)
        made = []
        for each in self.segments:
            if isinstance(each.found, Place) and each.is_new:
                place = self.new.segment(each.found.start, each.found.end)
                coded, becomes = each.coded, ""
                if coded.coder in programs:
                    becomes = machine_id(place, coded.code, coded.meaning, coded.coder)
                made.append(Placing(new_id(), coded.id, place, becomes))
        made += [
            Placing(new_id(), each.selection.id, self.new.segment(each.found.start, each.found.end))
            for each in self.selections
            if isinstance(each.found, Place) and each.is_new
        ]
        made += [
            Placing(new_id(), each.reading.id, self.new.segment(start, end))
            for each in self.readings
            if each.is_new
            for start, end in each.parts
        ]
        return tuple(made)


def realigned(
    new: Document,
    coded: Coded,
    placed: Placed,
    texts: Mapping[str, str],
    *,
    before: str,
    selections: Iterable[Selection] = (),
) -> Realigned:
    """Return where what was coded and read in earlier texts of a document stands in the new one.

    Parameters
    ----------
    new : the document with its new text
    coded : what is to be placed, as it is kept
    placed : where it stands in other texts
    texts : the earlier texts that are known, by their digests
    before : the digest of the text in whose place the new one comes; what stands in it is placed from there
    selections : those without a code, as they are kept
    """
    at = _Texts(new, placed, texts, before)
    segments = [at.segment(each) for each in coded.segments if each.segment.document == new.id]
    readings = [at.reading(each) for each in coded.readings if each.segment.document == new.id]
    segments.sort(key=lambda s: (s.coded.segment.start, s.coded.segment.end, s.coded.code, s.coded.coder))
    marked = tuple(at.selection(each) for each in selections if each.place.document == new.id)
    return Realigned(new, tuple(segments), tuple(readings), marked)


class _Texts:
    """The new text of a document beside its earlier ones."""

    def __init__(self, new: Document, placed: Placed, texts: Mapping[str, str], before: str) -> None:
        self._new = new
        self._placed = placed
        self._texts = texts
        self._before = before
        self._placers: dict[str, Placer] = {}
        self._read = cache(self._sentences_read)

    def segment(self, coded: CodedSegment) -> SegmentPlaced:
        """Return what becomes of a coded segment."""
        found, quote, words, is_new = self._found(coded.id, coded.segment)
        coded = replace(coded, quote=quote) if quote and is_new else coded
        return SegmentPlaced(coded, found, words, is_new)

    def selection(self, one: Selection) -> SelectionPlaced:
        """Return what becomes of a selection without a code."""
        found, quote, words, is_new = self._found(one.id, one.place)
        return SelectionPlaced(one, quote, found, words, is_new)

    def reading(self, reading: Reading) -> ReadingPlaced:
        """Return what a reading covers; the judgement of a unit only if all its words are as they were."""
        n = len(sentence_spans(self._new.text))
        there = self._stands(reading.id, reading.segment)
        if self._new.digest in there:
            parts = tuple((place.start, place.end) for place in there[self._new.digest])
            return ReadingPlaced(reading, parts, n, self._n_within(parts), is_new=False)
        origin = self._origin(there)
        if origin is None:
            return ReadingPlaced(reading, (), n, 0)
        spans = tuple((place.start, place.end) for place in there[origin])
        parts = self._as_it_was(origin, spans) if reading.sample else self._read(origin, spans)
        return ReadingPlaced(reading, parts, n, self._n_within(parts))

    def _found(self, row: str, own: Segment) -> tuple[Place | Lost, str, str, bool]:
        """Return where a row stands in the new text, its words of before and of now, whether it is new."""
        there = self._stands(row, own)
        if self._new.digest in there:
            (place,) = there[self._new.digest][:1]
            words = self._new.quote(place)
            return Place(place.start, place.end, "exact"), words, words, False
        origin = self._origin(there)
        if origin is None:
            return "text not kept", "", "", True
        (place,) = there[origin][:1]
        placed = self._placer(origin).place(place.start, place.end)
        words = self._new.text[placed.start : placed.end] if isinstance(placed, Place) else ""
        return placed, self._texts[origin][place.start : place.end], words, True

    def _stands(self, row: str, own: Segment) -> Mapping[str, tuple[Segment, ...]]:
        return {**self._placed.places.get(row, {}), own.digest: (own,)}

    def _origin(self, there: Mapping[str, tuple[Segment, ...]]) -> str | None:
        """Return the text from which a row is placed: that which goes, else the last that is known."""
        if self._before in there:
            return self._before if self._before in self._texts else None
        return next((digest for digest in reversed([*there]) if digest in self._texts), None)

    def _placer(self, digest: str) -> Placer:
        if digest not in self._placers:
            self._placers[digest] = Placer(self._texts[digest], self._new.text)
        return self._placers[digest]

    def _as_it_was(self, origin: str, spans: Sequence[_Span]) -> tuple[_Span, ...]:
        found = [self._placer(origin).place(*span) for span in spans]
        kept = [each for each in found if isinstance(each, Place) and each.how != "changed"]
        return tuple((each.start, each.end) for each in kept) if len(kept) == len(found) else ()

    def _sentences_read(self, origin: str, spans: tuple[_Span, ...]) -> tuple[_Span, ...]:
        """Return the runs of sentences whose words all stood in what was read; all of the text if all did."""
        sentences = sentence_spans(self._new.text)
        read = [any(self._was_read(origin, each, span) for span in spans) for each in sentences]
        if all(read):
            return ((0, len(self._new.text)),)
        runs = groupby(zip(sentences, read, strict=True), key=lambda pair: pair[1])
        found = [[sentence for sentence, _ in run] for is_read, run in runs if is_read]
        return tuple((run[0][0], run[-1][1]) for run in found)

    def _was_read(self, origin: str, sentence: _Span, span: _Span) -> bool:
        """Say whether all words of a sentence of the new text stood in a stretch of an earlier one.

        Of signs that are no words only a sentence of nothing else asks.
        """
        placer = self._placer(origin)
        at = placer.alignment
        numbers = range(*at.new_words(*sentence))
        words = [n for n in numbers if self._new.text[at.new_starts[n]].isalnum()] or numbers
        origins = (at.origins[n] for n in words)
        if all(start < end and span[0] <= start and end <= span[1] for start, end in origins):
            return True
        return self._was_moved(placer, sentence, span)

    def _was_moved(self, placer: Placer, sentence: _Span, span: _Span) -> bool:
        """Say whether a sentence stands once in the new text and stood once in what was read."""
        words = self._new.text[slice(*sentence)]
        at = placer.old.find(words, *span)
        is_once = at >= 0 and placer.old.find(words, at + 1) < 0
        return is_once and self._new.text.find(words, self._new.text.find(words) + 1) < 0

    def _n_within(self, parts: Sequence[_Span]) -> int:
        sentences = sentence_spans(self._new.text)
        starts = [start for start, _ in sentences]
        return sum(bisect_left(starts, end) - bisect_left(starts, start) for start, end in parts)
