"""Coding in the texts of today: what was coded and read in an earlier text, where it stands in that of now.

A coded segment stands in the text in which it was made. If that text was realigned, a placing says where it
stands in the next one. Which of its places holds is asked of the text that is there: so it is always one of
this text, whichever text that is, and whatever was put back, merged or interrupted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from coding.batch import Decision, Memo, Placing
from coding.model import Coded, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from coding.model import CodedSegment, Corpus, Document, Segment
    from coding.store import Store


@dataclass(frozen=True, slots=True)
class Placed:
    """Where else what is kept in a store stands.

    Attributes
    ----------
    places : by the id of a row, then by the digest of a text, the stretches of it
    names : by the id of a row, then by the digest of a text, its id there
    """

    places: Mapping[str, Mapping[str, tuple[Segment, ...]]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def today(self, coded: Coded, corpus: Corpus) -> Coded:
        """Return what was coded and read, as it stands in the texts of a corpus; what has no place as it was.

        What is kept twice under one id by then is returned once.
        """
        if not self.places:
            return coded
        texts = {document.id: document for document in corpus}
        segments: dict[str, CodedSegment] = {}
        for segment in coded.segments:
            found = self._segment(segment, texts.get(segment.segment.document))
            if found.id not in segments or found is segment:
                segments[found.id] = found
        readings = (
            replace(reading, segment=place)
            for reading in coded.readings
            for place in self.at(reading.id, reading.segment, texts.get(reading.segment.document))
        )
        return Coded(tuple(segments.values()), tuple(readings))

    def readings(self, readings: Iterable[Reading], corpus: Corpus) -> tuple[Reading, ...]:
        """Return readings as they stand in the texts of a corpus."""
        return self.today(Coded((), tuple(readings)), corpus).readings

    def decisions(self, decisions: Iterable[Decision], coded: Coded, corpus: Corpus) -> tuple[Decision, ...]:
        """Return decisions on coded segments under the ids that these have in the texts of a corpus.

        Parameters
        ----------
        coded : what stands in these texts
        """
        name = self._renamed(coded, corpus)
        return tuple(
            replace(each, about=name[each.about]) if each.about in name else each for each in decisions
        )

    def memos(self, memos: Iterable[Memo], coded: Coded, corpus: Corpus) -> tuple[Memo, ...]:
        """Return memos, those about coded segments under the ids that these have in the texts of a corpus."""
        name = self._renamed(coded, corpus)
        return tuple(
            replace(each, subject=name[each.subject])
            if each.about == "segment" and each.subject in name
            else each
            for each in memos
        )

    def with_other_names(self, ids: Iterable[str]) -> frozenset[str]:
        """Return ids of coded segments, with those that the same ones have in other texts."""
        found = frozenset(ids)
        return found.union(*(group for group in _together(self.names) if group & found))

    def at(self, row: str, own: Segment, document: Document | None) -> tuple[Segment, ...]:
        """Return where a row stands in a text: where it was made, if that is there or it has no place."""
        if document is None or own.digest == document.digest:
            return (own,)
        return self.places.get(row, {}).get(document.digest, (own,))

    def _segment(self, segment: CodedSegment, document: Document | None) -> CodedSegment:
        (place,) = self.at(segment.id, segment.segment, document)[:1]
        if place is segment.segment:
            return segment
        assert document is not None
        name = self.names.get(segment.id, {}).get(place.digest, segment.id)
        return replace(segment, id=name, segment=place, quote=document.quote(place))

    def _renamed(self, coded: Coded, corpus: Corpus) -> Mapping[str, str]:
        """Return the id of today of each that is another in some text."""
        if not self.names:
            return {}
        texts = {document.id: document.digest for document in corpus}
        places = ((segment.id, segment.segment) for segment in coded.segments)
        standing = {name for name, place in places if texts.get(place.document) == place.digest}
        found: dict[str, str] = {}
        for group in _together(self.names):
            now = sorted(group & standing)
            if now:
                found |= {name: name if name in standing else now[0] for name in group}
        return found


def coded_in(store: Store, corpus: Callable[[], Corpus]) -> Coded:
    """Return the coded segments and readings that stand in a store, in the texts of a corpus.

    Parameters
    ----------
    corpus : gives it; asked only if some text was realigned
    """
    elsewhere = placed(store.standing(Placing))
    return elsewhere.today(store.coded(), corpus()) if elsewhere.places else store.coded()


def decisions_in(store: Store, corpus: Callable[[], Corpus]) -> tuple[Decision, ...]:
    """Return the decisions that stand in a store, about coded segments as they stand in a corpus."""
    elsewhere = placed(store.standing(Placing))
    decisions = store.rows(Decision)
    twins = store.twins(each.about for each in decisions)
    decisions = [replace(each, about=twins.get(each.about, each.about)) for each in decisions]
    if not elsewhere.names:
        return tuple(decisions)
    return elsewhere.decisions(decisions, elsewhere.today(store.coded(), corpus()), corpus())


def memos_in(store: Store, corpus: Callable[[], Corpus]) -> tuple[Memo, ...]:
    """Return the memos that stand in a store, about coded segments as they stand in a corpus."""
    elsewhere = placed(store.standing(Placing))
    memos = store.rows(Memo)
    twins = store.twins(each.subject for each in memos if each.about == "segment")
    memos = [replace(each, subject=twins.get(each.subject, each.subject)) for each in memos]
    if not elsewhere.names:
        return tuple(memos)
    return elsewhere.memos(memos, elsewhere.today(store.coded(), corpus()), corpus())


def readings_in(store: Store, corpus: Callable[[], Corpus]) -> tuple[Reading, ...]:
    """Return the readings that stand in a store, in the texts of a corpus."""
    elsewhere = placed(store.standing(Placing))
    readings = store.rows(Reading)
    return elsewhere.readings(readings, corpus()) if elsewhere.places else tuple(readings)


def placed(placings: Iterable[tuple[Placing, str]]) -> Placed:
    """Return where rows stand, of which the placings say so that stand, in the order of their acts.

    Parameters
    ----------
    placings : each with its batch. Of two that place a row in the same text the later one holds.
    """
    places: dict[str, dict[str, tuple[Segment, ...]]] = defaultdict(dict)
    names: dict[str, dict[str, str]] = defaultdict(dict)
    acts: dict[tuple[str, str], str] = {}
    for placing, batch in placings:
        row, digest = placing.row, placing.segment.digest
        parts = places[row].get(digest, ()) if acts.get((row, digest)) == batch else ()
        acts[row, digest] = batch
        places[row][digest] = (*parts, placing.segment)
        if placing.becomes:
            names[row][digest] = placing.becomes
    return Placed(dict(places), dict(names))


def _together(names: Mapping[str, Mapping[str, str]]) -> Iterable[set[str]]:
    """Return the ids that are those of the same coded segment in several texts, together."""
    groups: dict[str, set[str]] = {}
    for row, others in names.items():
        joined = {row, *others.values()}
        for name in tuple(joined):
            joined |= groups.get(name, set())
        groups |= dict.fromkeys(joined, joined)
    return {id(group): group for group in groups.values()}.values()
