"""What a coder may see of what others coded: blind by default.

A coder who has not read a document sees in it only their own coding, until they file a reading or choose to
look; and what is to be read or judged blind stays out of every list until then. This is a courtesy of the
programs that ask it, not a lock: who opens the store can read all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding.model import Coded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from coding.batch import Assignment, Look
    from coding.model import Corpus, Reading


@dataclass(frozen=True, slots=True)
class Sight:
    """How far one coder has come with each document.

    Attributes
    ----------
    assigned : documents that the coder is to read
    blind : documents that the coder is to read without seeing others' coding: those assigned so, and those
        of blind samples of which units are still to be judged
    looked : documents in which the coder has seen others' coding
    read : documents that the coder has read whole, for all codes, as their texts now are
    """

    coder: str
    assigned: frozenset[str]
    blind: frozenset[str]
    looked: frozenset[str]
    read: frozenset[str]

    def is_covered(self, document: str) -> bool:
        """Say whether others' coding is covered on the document's page: neither read nor looked at."""
        return document not in self.read and document not in self.looked

    def is_withheld(self, document: str) -> bool:
        """Say whether others' coding is kept from every list: to be read or judged blind, still covered."""
        return document in self.blind and self.is_covered(document)

    def in_lists(self, coded: Coded) -> Coded:
        """Return the coder's own coding, and of others' what may stand in lists, tables and queues."""
        return Coded(
            tuple(
                s for s in coded.segments if s.coder == self.coder or not self.is_withheld(s.segment.document)
            ),
            tuple(
                r for r in coded.readings if r.coder == self.coder or not self.is_withheld(r.segment.document)
            ),
        )


def sight(
    coder: str,
    corpus: Corpus,
    *,
    readings: Iterable[Reading],
    looks: Iterable[Look],
    assignments: Iterable[Assignment],
    judging: Collection[str] = (),
) -> Sight:
    """Return how far a coder has come, from what stands in the store.

    Parameters
    ----------
    judging : documents of the samples of which the coder still has units to judge blind
    """
    mine = [assignment for assignment in assignments if assignment.coder == coder]
    return Sight(
        coder,
        assigned=frozenset(assignment.document for assignment in mine),
        blind=frozenset(assignment.document for assignment in mine if assignment.blind) | frozenset(judging),
        looked=frozenset(look.document for look in looks if look.coder == coder),
        read=read_whole(readings, corpus, coder),
    )


def read_whole(readings: Iterable[Reading], corpus: Corpus, coder: str) -> frozenset[str]:
    """Return the documents that a coder has read whole and for all codes, as their texts now are."""
    whole = {document.id: document.whole for document in corpus}
    return frozenset(
        reading.segment.document
        for reading in readings
        if reading.coder == coder
        and reading.codes is None
        and reading.segment == whole.get(reading.segment.document)
    )
