"""What readers said of the units of a blind sample, beside what the coder found in all units.

A judgement is a reading of a unit that was drawn, filed for the sample, which holds the codes that were
given. It is an answer to what the sample asked, and stays as it was given: neither documents read whole nor
other samples nor later coding touch it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError, StaleText, nearest, refuse
from coding.model import Coded, CodedSegment, Corpus, Segment
from coding.resampling import Floats, Integers
from coding.sample import abstains
from coding.units import PRESENT, UNREAD, Targets, counting, on_units, unitise

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.sample import Sample
    from coding.units import Projection

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reader has come with a sample.

    Attributes
    ----------
    n_judged : units judged blind, for all codes that are asked for
    n_open : units read for these codes only when others' coding could be seen; they do not count
    left : units still to be judged, in the order of the sample
    """

    reader: str
    n_judged: int
    n_open: int
    left: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """U units of which the sample speaks, and C codes.

    Attributes
    ----------
    cases : for each unit the cases of which it speaks
    clusters : (U,), the cluster of each unit's document, numbered from 0
    strata : (U,), the stratum of each unit
    found : bool array (U, C), whether the coder found the code there
    said : array (U, C), the share of the readers who gave the code, of those who judged the unit blind; nan
        where nobody did, which is everywhere but where the unit was drawn
    is_drawn : bool array (U,), whether the unit was drawn
    rules : for each rule that found anything, by its code and id: the place in `codes` of the code for which
        it counts (its own, or the nearest above that readers were asked for), and (U,) where it did
    readers : how far each person has come
    has_changed : whether the codebook is not the one with which the sample was drawn
    """

    sample: Sample
    codes: tuple[str, ...]
    units: tuple[Segment, ...] = field(repr=False)
    cases: tuple[tuple[str, ...], ...] = field(repr=False)
    clusters: Integers = field(repr=False)
    strata: Integers = field(repr=False)
    found: Bools = field(repr=False)
    said: Floats = field(repr=False)
    is_drawn: Bools = field(repr=False)
    rules: Mapping[tuple[str, str], tuple[int, Bools]] = field(repr=False)
    readers: tuple[Progress, ...]
    has_changed: bool

    def errors(self, code: str) -> dict[str, list[int]]:
        """Return the places of the units in which the coder and a reader differ: missed, and found alone."""
        if code not in self.codes:
            raise CodingError(f"readers were not asked for '{code}'.{nearest(code, self.codes)}")
        column = self.codes.index(code)
        found, said = self.found[:, column], self.said[:, column]
        return {
            "missed": np.flatnonzero(~found & (said > 0)).tolist(),
            "found alone": np.flatnonzero(found & (said < 1)).tolist(),
        }


def judged(sample: Sample, corpus: Corpus, codebook: Codebook, *, people: Coded, coder: Coded) -> Judged:
    """Return what people said of a sample, beside what the coder finds in its texts today.

    Parameters
    ----------
    people : what people coded and read
    coder : what the coder whose work is judged codes today, with its readings; if its rules have changed
        since the sample was drawn, the sample speaks for the new ones as well

    Raises
    ------
    StaleText
        If a text has changed since the sample was drawn.
    CodingError
        If a text is gone, a code means something else than what readers were asked, or the coder has not
        read all the texts. Where a model abstains it has found nothing.
    """
    own, codes = people.by(*sample.readers), tuple(sample.codes)
    _refuse_other_questions(sample, codebook)
    targets = counting(codebook, codes, rollup=sample.rollup)
    _refuse_other_meanings(coder.by(sample.coder), sample, codebook, targets)
    frame = _frame(sample, corpus)
    found = on_units(
        coder.by(sample.coder), frame, unit=sample.unit, counts=sample.counts, counts_for=targets
    )
    columns = [found.codes.index(code) for code in codes]
    strata = np.array([s for each in sample.documents.values() for s in each.strata], dtype=np.int64)
    kept = np.flatnonzero(strata >= 0)
    if not abstains(coder.by(sample.coder)) and (found.values[kept][:, columns] == UNREAD).any():
        raise CodingError(
            f"{sample.coder} has not read all the texts of {sample.name}. Let it code them first."
        )
    units = tuple(found.units[row] for row in kept)
    rows = {unit: row for row, unit in enumerate(units)}
    drawn = [rows.get(one.segment, -1) for one in sample.drawn]
    if any(row < 0 or strata[kept[row]] != one.stratum for row, one in zip(drawn, sample.drawn, strict=True)):
        raise CodingError(
            f"sample {sample.name}: a unit that was drawn is none of the texts, or not of its stratum. The "
            "file was changed by hand. Put it back as it was drawn, or draw another sample."
        )
    is_drawn = np.zeros(len(units), dtype=np.bool_)
    is_drawn[drawn] = True
    judgements = _judgements(sample, frame, own, targets)
    names = [frame[unit.document].cluster for unit in units]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return Judged(
        sample=sample,
        codes=codes,
        units=units,
        cases=tuple(sample.strata[s].cases for s in strata[kept]),
        clusters=np.array([numbers[name] for name in names], dtype=np.int64),
        strata=strata[kept],
        found=found.values[kept][:, columns] == PRESENT,
        said=_said(sample, judgements, drawn, len(units)),
        is_drawn=is_drawn,
        rules=_rules(found, kept, codes, targets),
        readers=tuple(one for one, _ in judgements),
        has_changed=sample.digest != codebook.digest,
    )


def progress(sample: Sample, corpus: Corpus, codebook: Codebook, people: Coded) -> tuple[Progress, ...]:
    """Return how far each reader of a sample has come; texts that changed since are still to be judged."""
    targets = counting(codebook, [codebook[code].id for code in sample.codes], rollup=sample.rollup)
    return tuple(one for one, _ in _judgements(sample, corpus, people, targets))


def _frame(sample: Sample, corpus: Corpus) -> Corpus:
    """Return the documents of a sample, whose texts and units are those of then."""
    known = {document.id: document for document in corpus}
    refuse(
        [
            f"{name} is not in the corpus any more, and the sample {sample.name} speaks for it. Put it "
            "back, or draw another sample."
            for name in sample.documents
            if name not in known
        ]
    )
    changed = [name for name, each in sample.documents.items() if known[name].digest != each.digest]
    if changed:
        raise StaleText(
            "\n".join(
                f"{name} has changed since the sample {sample.name} was drawn. Put the earlier text back and "
                f"bring in the new one by `coding realign {name} FILE`; or draw another sample."
                for name in changed
            )
        )
    documents = tuple(known[name] for name in sample.documents)
    for document in documents:
        n, then = len(unitise(document, sample.unit)), len(sample.documents[document.id].strata)
        if n != then:
            raise CodingError(
                f"{document.id} is divided into {n} {sample.unit}s; when {sample.name} was drawn it was "
                f"{then}. Another version of what divides texts is installed: draw another sample."
            )
    return Corpus(documents, corpus.known_cases)


def _refuse_other_questions(sample: Sample, codebook: Codebook) -> None:
    """Raise if what readers were asked for is not what a code means today."""
    problems = []
    known = [code.id for code in codebook.codes]
    book = f"{codebook.id} {codebook.version}"
    for code, meaning in sample.codes.items():
        if code not in known:
            problems.append(
                f"{sample.name} asks for '{code}', which {book} does not know. Draw another sample."
            )
        elif not codebook[code].holds(meaning):
            problems.append(
                f"readers were asked for '{code}' in another meaning than {book} gives it. If the new words "
                f"ask the same: `coding sample {sample.name} --still-asks`. Else draw another sample."
            )
    refuse(problems)


def _refuse_other_meanings(coded: Coded, sample: Sample, codebook: Codebook, targets: Targets) -> None:
    """Raise if a segment that counts for a code that readers were asked for has another meaning."""
    pairs = dict.fromkeys((s.coder, s.code, s.meaning) for s in coded.segments)
    refuse(
        [
            f"{coder} coded '{code}' in another meaning than {codebook.id} gives it. Let it code afresh, or "
            "draw another sample."
            for coder, code, meaning in pairs
            if set(targets.get(code, ())) & set(sample.codes) and not codebook[code].holds(meaning)
        ]
    )


def _said(
    sample: Sample, judgements: Sequence[tuple[Progress, NDArray[np.int8]]], rows: Sequence[int], n_units: int
) -> Floats:
    """Return the share of readers who gave each unit each code."""
    said = np.full((n_units, len(sample.codes)), np.nan)
    values = np.stack([values for _, values in judgements])
    n = (values != UNREAD).sum(0)
    said[rows] = np.divide((values == PRESENT).sum(0), n, out=np.full(n.shape, np.nan), where=n > 0)
    return said


def _judgements(
    sample: Sample, corpus: Corpus, people: Coded, targets: Targets
) -> list[tuple[Progress, NDArray[np.int8]]]:
    """Return for each reader the progress, and for each unit drawn and code what a blind reading says."""
    known = {document.id: document for document in corpus}
    names = dict.fromkeys(one.segment.document for one in sample.drawn)
    there = Corpus(tuple(known[name] for name in names if name in known), corpus.known_cases)
    found = []
    for reader in sample.readers:
        own = people.by(reader)
        blind = _values(sample, there, own, targets, is_blind=True)
        seen = _values(sample, there, own, targets, is_blind=False)
        done = (blind != UNREAD).all(1)
        left = tuple(one.segment for one, so in zip(sample.drawn, done, strict=True) if not so)
        n_open = int(((seen != UNREAD).all(1) & ~done).sum())
        found.append((Progress(reader, int(done.sum()), n_open, left), blind))
    return found


def judgements_of(sample: Sample, own: Coded) -> Coded:
    """Return what readers judged of a sample: readings of units drawn, and what they gave them then.

    What they code in these words elsewhere, before or after, having seen what others coded or not, changes
    nothing of it.
    """
    drawn = {one.segment for one in sample.drawn}
    last = {
        (reading.coder, reading.segment): reading
        for reading in sorted(own.readings, key=lambda reading: reading.at or "")
        if reading.sample == sample.name and reading.given is not None and reading.segment in drawn
    }
    readings = tuple(r for r in last.values() if set(sample.codes) <= set(r.codes or ()))
    segments = tuple(
        CodedSegment(f"{r.id}:{code}", r.segment, code, sample.codes.get(code, ""), r.coder)
        for r in readings
        for code in r.given or ()
    )
    return Coded(segments, readings)


def _values(
    sample: Sample, corpus: Corpus, own: Coded, targets: Targets, *, is_blind: bool
) -> NDArray[np.int8]:
    """Return for each unit drawn and code what a reader's judgements of one kind say: (n drawn, C)."""
    today = {document.id: document.digest for document in corpus}
    judged = judgements_of(sample, own)
    here = Coded(
        tuple(s for s in judged.segments if today.get(s.segment.document) == s.segment.digest),
        tuple(
            r
            for r in judged.readings
            if r.blind == is_blind and today.get(r.segment.document) == r.segment.digest
        ),
    )
    on = on_units(here, corpus, unit=sample.unit, counts=sample.counts, counts_for=targets)
    rows = {unit: row for row, unit in enumerate(on.units)}
    columns = [on.codes.index(code) for code in sample.codes]
    values = np.full((len(sample.drawn), len(columns)), UNREAD, dtype=np.int8)
    for place, one in enumerate(sample.drawn):
        if one.segment in rows:
            values[place] = on.values[rows[one.segment], columns]
    return values


def _rules(
    found: Projection, kept: Integers, codes: Sequence[str], targets: Targets
) -> dict[tuple[str, str], tuple[int, Bools]]:
    """Return for each rule the code for which it counts, and the units in which it found it."""
    place = {int(row): i for i, row in enumerate(kept)}
    hits: dict[tuple[str, str], set[int]] = defaultdict(set)
    for (row, target), segments in found.evidence.items():
        if row in place and target in codes:
            for segment in segments:
                for rule in filter(None, segment.because.split(", ")):
                    hits[segment.code, rule].add(place[row])
    made = {}
    for (code, rule), rows in sorted(hits.items()):
        counts_for = next(target for target in targets[code] if target in codes)
        mask = np.zeros(len(kept), dtype=np.bool_)
        mask[list(rows)] = True
        made[code, rule] = (codes.index(counts_for), mask)
    return made
