"""A blind sample whose texts have changed since: it speaks for the units that are still there.

A unit with the same words stays in its stratum, drawn or not, and its judgement holds. So does one whose
words changed a little, but it is to be judged again. A unit that is new was never in the draw: the sample
does not speak for it. Of those that are left in a stratum the drawn ones are still drawn by chance.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from coding.model import Document
from coding.placing import Place, Placer
from coding.sample import UNPLACED, Framed
from coding.units import unitise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coding.model import Corpus
    from coding.sample import Drawn, Sample
    from coding.units import Unit

_GONE = -1


def followed(
    sample: Sample, earlier: Callable[[str, str], str | None], corpus: Callable[[], Corpus]
) -> Sample:
    """Return a sample as it speaks for the texts of today.

    A text that changed and is not kept as it was leaves the sample as it is: on a text that is there no more.

    Parameters
    ----------
    earlier : gives the text of a document that had a digest, if it is kept
    corpus : the texts of today; asked only if an earlier text is kept
    """
    kept = {name: earlier(name, each.digest) for name, each in sample.documents.items()}
    if not any(text is not None for text in kept.values()):
        return sample
    today = {document.id: document for document in corpus()}
    changed = {
        name: text
        for name, text in kept.items()
        if text is not None and name in today and today[name].digest != sample.documents[name].digest
    }
    moves = {name: _moves(text, today[name].text, sample.unit) for name, text in changed.items()}
    is_sound = all(len(moves[name]) == len(sample.documents[name].strata) for name in moves)
    return _moved(sample, moves, today) if moves and is_sound else sample


_Span = tuple[int, int]


def _moved(sample: Sample, moves: Mapping[str, Mapping[_Span, int]], today: Mapping[str, Document]) -> Sample:
    """Return a sample of whose texts some have changed, with what is left of each stratum."""
    units = {name: unitise(today[name], sample.unit) for name in moves}
    strata = {name: each.strata for name, each in sample.documents.items()}
    for name, places in moves.items():
        after = [UNPLACED] * len(units[name])
        for stratum, place in zip(strata[name], places.values(), strict=True):
            if place != _GONE:
                after[place] = stratum
        strata[name] = tuple(after)
    drawn: list[Drawn] = []
    for one in sample.drawn:
        name = one.segment.document
        if name not in moves:
            drawn.append(one)
        elif (place := moves[name].get((one.segment.start, one.segment.end), _GONE)) != _GONE:
            drawn.append(replace(one, segment=units[name][place]))
    digests = {name: each.digest for name, each in sample.documents.items()}
    digests |= {name: today[name].digest for name in moves}
    documents = {name: Framed(digests[name], each) for name, each in strata.items()}
    return _recounted(sample, documents, drawn) if drawn else sample


def _recounted(sample: Sample, documents: Mapping[str, Framed], drawn: Sequence[Drawn]) -> Sample:
    """Return a sample with other units, without the strata of which nothing that was drawn is left."""
    n_units = Counter(stratum for each in documents.values() for stratum in each.strata)
    n_drawn = Counter(one.stratum for one in drawn)
    left = [number for number in range(len(sample.strata)) if n_drawn[number]]
    new = {number: place for place, number in enumerate(left)}
    return replace(
        sample,
        documents={
            name: Framed(each.digest, tuple(new.get(stratum, UNPLACED) for stratum in each.strata))
            for name, each in documents.items()
        },
        strata=tuple(replace(sample.strata[n], n_units=n_units[n], n_drawn=n_drawn[n]) for n in left),
        drawn=tuple(replace(one, stratum=new[one.stratum]) for one in drawn),
    )


@lru_cache(maxsize=64)
def _moves(old: str, new: str, unit: Unit) -> Mapping[_Span, int]:
    """Return for each unit of the old text, in order, which of the new one it is; `_GONE` if it is none."""
    before, after = (
        [(segment.start, segment.end) for segment in unitise(Document("", text), unit)] for text in (old, new)
    )
    if unit == "document":
        return dict.fromkeys(before, 0)
    placer = Placer(old, new)
    found = {span: placer.place(*span) for span in before}
    places = {span: place for span, place in found.items() if isinstance(place, Place)}
    at = {span: number for number, span in enumerate(after)}
    by_words = sorted(places.items(), key=lambda each: each[1].how == "changed" or _span(each[1]) not in at)
    moves: dict[_Span, int] = {}
    taken: set[int] = set()
    for span, place in by_words:
        number = at.get(_span(place), _touched(place, after))
        if number not in taken:
            moves[span] = number
            taken.add(number)
    return {span: moves.get(span, _GONE) for span in before}


def _span(place: Place) -> _Span:
    return place.start, place.end


def _touched(place: Place, units: Sequence[_Span]) -> int:
    """Return the unit that holds most of a place; of equals the first."""
    first = bisect_right(units, place.start, key=lambda unit: unit[1])
    behind = max(first + 1, bisect_left(units, place.end, key=lambda unit: unit[0]))
    numbers = range(min(first, len(units) - 1), min(behind, len(units)))
    return max(numbers, key=lambda n: min(units[n][1], place.end) - max(units[n][0], place.start))
