"""Whose coding counts: that of the rules, and that of people wherever they have read.

A person's coded segment counts only where that person has filed a reading, and only in the text on which
it was made; what stands in the place of another after review counts only once review is applied.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coding.errors import refuse
from coding.model import Coded, digest_of
from coding.review import firsthand, holding, latest, resolve, without_twins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coding.batch import Decision
    from coding.model import CodedSegment, Coder, Corpus, Reading, Segment
    from coding.review import Unreviewed

RULES = "rules"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many of the coded segments were decided on, and how; those that nobody decided on besides."""

    n_accepted: int = 0
    n_rejected: int = 0
    n_recoded: int = 0
    n_unreviewed: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """The coding that counts.

    Attributes
    ----------
    coded : coded segments and readings
    n_unread : coded segments that count nowhere, since their coder has filed no reading there
    reviewed : what review made of it; None if no decision was applied
    n_stale : coded segments that count nowhere, since the text of their document has changed
    """

    coded: Coded = field(repr=False)
    n_unread: int = 0
    reviewed: Reviewed | None = None
    n_stale: int = 0

    @property
    def digest(self) -> str:
        """What identifies the coding: who coded and read what, whatever the hour."""
        segments = [
            (s.id, s.segment.document, s.segment.start, s.segment.end, s.code, s.coder)
            for s in self.coded.segments
        ]
        readings = {
            repr((r.coder, r.segment.document, r.segment.start, r.segment.end, r.codes))
            for r in self.coded.readings
        }
        return digest_of(repr((sorted(segments), sorted(readings))))


def count(
    coders: Sequence[str],
    corpus: Corpus,
    *,
    stored: Coded,
    rules: Coded,
    decisions: Sequence[Decision],
    unreviewed: Unreviewed | None,
) -> Counted:
    """Return the coding of these coders in the documents of a corpus that counts.

    Parameters
    ----------
    coders : ids; "rules" stands for the rules
    stored : all that stands in the store; what it holds of the rules is left aside
    rules : what the rules code in these documents, with their readings
    unreviewed : {"keep", "drop"}, optional
        If given, decisions are applied, and rules' segments on which nobody decided are kept or dropped.
    """
    people = tuple(coder for coder in coders if coder != RULES)
    today, earlier = by_text(stored, corpus)
    own = _in_order(firsthand(without_twins(today.by(*people), decisions), decisions), corpus)
    n_stale = len(firsthand(without_twins(earlier.by(*people), decisions), decisions).segments)
    counting = _read(own.segments, own.readings)
    n_unread = len(own.segments) - len(counting)
    whole = (rules if RULES in coders else Coded()) + Coded(tuple(counting), own.readings)
    if unreviewed is None:
        return Counted(whole, n_unread, n_stale=n_stale)
    pool = rules + today
    standing = resolve(whole, decisions, unreviewed=unreviewed, pool=pool)
    reviewed = _reviewed(whole.segments, latest(holding(decisions, pool)))
    return Counted(standing, n_unread, reviewed, n_stale)


def by_text(coded: Coded, corpus: Corpus) -> tuple[Coded, Coded]:
    """Return what was coded and read in a corpus: in the texts of today, and in earlier ones."""
    digests = {document.id: document.digest for document in corpus}

    def among(*, today: bool) -> Coded:
        def belongs(place: Segment) -> bool:
            return place.document in digests and (digests[place.document] == place.digest) == today

        return Coded(
            tuple(s for s in coded.segments if belongs(s.segment)),
            tuple(r for r in coded.readings if belongs(r.segment)),
        )

    return among(today=True), among(today=False)


def known_coders(stored: Coded) -> tuple[str, ...]:
    """Return who has coded or read, in order of their names, after the rules."""
    others = {s.coder for s in stored.segments} | {r.coder for r in stored.readings}
    return (RULES, *sorted(others - {RULES}))


def refuse_machines(people: Iterable[str], known: Iterable[Coder]) -> None:
    """Raise if a person's name is that of the rules or of a model: what stands under it is replaced.

    Parameters
    ----------
    known : everyone who codes in the store
    """
    machines = {RULES, *(coder.id for coder in known if coder.kind != "person")}
    refuse(
        [
            f"'{name}' is no name for a person: rules and models code under it. Take another."
            for name in people
            if name in machines
        ]
    )


def _in_order(coded: Coded, corpus: Corpus) -> Coded:
    """Return what was coded and read, in the order of the texts."""
    place = {document.id: i for i, document in enumerate(corpus)}
    segments = sorted(
        coded.segments,
        key=lambda s: (place[s.segment.document], s.segment.start, s.segment.end, s.code, s.coder, s.id),
    )
    readings = sorted(
        coded.readings,
        key=lambda r: (place[r.segment.document], r.coder, r.segment.start, r.segment.end, r.codes or ()),
    )
    return Coded(tuple(segments), tuple(readings))


def _read(segments: Iterable[CodedSegment], readings: Iterable[Reading]) -> list[CodedSegment]:
    """Return the segments that lie where their coder has read for their code."""
    by_place: Mapping[tuple[str, str], list[Reading]] = defaultdict(list)
    for reading in readings:
        by_place[reading.coder, reading.segment.document].append(reading)

    def is_read(segment: CodedSegment) -> bool:
        return any(
            reading.segment.overlap(segment.segment) and segment.code in (reading.codes or (segment.code,))
            for reading in by_place.get((segment.coder, segment.segment.document), ())
        )

    return [segment for segment in segments if is_read(segment)]


def _reviewed(segments: Sequence[CodedSegment], last: Mapping[str, Decision]) -> Reviewed:
    rulings = Counter(last[segment.id].ruling if segment.id in last else None for segment in segments)
    return Reviewed(rulings["accept"], rulings["reject"], rulings["recode"], rulings[None])
