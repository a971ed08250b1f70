"""What rules and models suggest, kept in the store for people to review.

Suggestions are recomputable, so the latest stand in the place of the earlier ones: what is found as before
stays with the decisions on it, what is found no more is taken back. All in one batch, which can be undone.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from coding.batch import Batch, TakenBack, act, new_id, now, quoted
from coding.editions import coded_in
from coding.errors import CodingError
from coding.model import Coded, CodedSegment, Coder, Reading
from coding.taggers import tag
from coding.taggers.rules import RuleTagger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coding.codebook import Codebook
    from coding.model import Corpus
    from coding.store import Store
    from coding.taggers.rules import Overlap

_NAMESPACE = uuid.UUID("0b5a4f57-6f0e-53a4-8d39-5c9b5b0f4a67")


def suggest(store: Store, codebook: Codebook, corpus: Corpus, *, overlap: Overlap, by: str) -> Batch | None:
    """Return the batch by which the rules' coding of these documents stands; None if it stood already.

    Parameters
    ----------
    by : the coder who asked for it, and can undo it
    """
    tagger = RuleTagger(codebook, overlap=overlap, cases=corpus.known_cases)
    return keep(store, tag(corpus, [tagger]), corpus, tagger.coder, by=by)


def add(store: Store, coded: Coded, corpus: Corpus, *, by: str) -> tuple[Batch, ...]:
    """Return the batches by which coded segments and readings of any coders are kept, one a coder.

    A coder is a machine if the readings say so, else a person. What stands already is left alone.

    Parameters
    ----------
    by : the coder who adds them, and can undo it
    """
    kinds = {reading.coder: reading.kind for reading in coded.readings}
    coders = dict.fromkeys([*kinds, *(segment.coder for segment in coded.segments)])
    made: list[Batch | None] = []
    for name in coders:
        coder = Coder(name, kinds.get(name, "person"))
        its = coded.by(name)
        if coder.kind == "person":
            made.append(_add_of_person(store, its, corpus, coder, by))
        else:
            made.append(keep(store, its, corpus, coder, by=by))
    return tuple(batch for batch in made if batch is not None)


def keep(
    store: Store,
    coded: Coded,
    corpus: Corpus,
    coder: Coder,
    *,
    by: str,
    documents: Iterable[str] | None = None,
) -> Batch | None:
    """Return the batch by which a machine's coding of the documents it read stands; None if it stood.

    Parameters
    ----------
    coded : coded segments and readings of one machine coder
    by : the coder who asked for it, and can undo it
    documents : ids of all that the coder was given, if it may have read some of them for nothing; else those
        of its readings

    Raises
    ------
    CodingError
        If the coder is a person, or has the name of one: people's coding is never replaced.
    StaleText
        If a text has changed since it was coded.
    """
    if coder.kind == "person":
        raise CodingError(f"{coder.id} is a person. Only suggestions of rules and models are replaced.")
    if Coder(coder.id, "person") in store.coders():
        raise CodingError(
            f"'{coder.id}' is the name of a person here, whose coding would be replaced. `coding log` lists "
            "what was done under it: take that back with `coding undo`, and code under another name."
        )
    read = {reading.segment.document for reading in coded.readings}.union(documents or ())
    readings = {made.id: made for made in (_with_id(reading) for reading in coded.readings)}
    segments = {segment.id: segment for segment in quoted(coded.segments, corpus)}
    before = _standing(store, coder, read)
    gone = [
        TakenBack(row, batch)
        for row, batches in before.items()
        if row not in readings | segments
        for batch in batches
    ]
    found: tuple[Reading | CodedSegment, ...] = (*readings.values(), *segments.values())
    new = [row for row in found if row.id not in before]
    if not new and not gone:
        return None
    batch = act(by, "tag", *([] if coder in store.coders() else [coder]), *new, *gone)
    store.add(batch)
    return batch


def _add_of_person(store: Store, coded: Coded, corpus: Corpus, coder: Coder, by: str) -> Batch | None:
    before = coded_in(store, lambda: corpus).by(coder.id)
    known = {(s.segment, s.code) for s in before.segments}
    segments = [s for s in quoted(coded.segments, corpus) if (s.segment, s.code) not in known]
    read = {(r.segment, r.codes) for r in before.readings}
    readings = [
        replace(r, id=r.id or new_id(), at=r.at or now())
        for r in coded.readings
        if (r.segment, r.codes) not in read
    ]
    if not segments and not readings:
        return None
    batch = act(by, "code", *([] if coder in store.coders() else [coder]), *readings, *segments)
    store.add(batch)
    return batch


def _standing(store: Store, coder: Coder, documents: set[str]) -> dict[str, list[str]]:
    """Return what stands of a coder in these documents: the batches that added each row, by its id."""
    found: dict[str, list[str]] = {}
    rows: list[tuple[Reading | CodedSegment, str]] = [*store.standing(Reading), *store.standing(CodedSegment)]
    for row, batch in rows:
        if row.coder == coder.id and row.segment.document in documents:
            found.setdefault(row.id, []).append(batch)
    return found


def _with_id(reading: Reading) -> Reading:
    """Return a machine's reading with an id that follows from what it says."""
    place = reading.segment
    said = [reading.coder, place.document, place.digest, place.start, place.end, reading.codes]
    return replace(reading, id=str(uuid.uuid5(_NAMESPACE, json.dumps(said, ensure_ascii=False))))
