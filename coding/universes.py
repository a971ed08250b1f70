"""The findings of many universes, computed together: what they share is done once.

Rules search the texts once with and once without their `unless`; what is left out, and which nested hit
stays, is settled on what they found. Units are cut once. From there on a universe is arithmetic on yes and
no: which units bear a code, which documents are read, and the sums by cluster of `coding.findings`. What
comes out equals a run of the study, decided so (tests/test_robustness.py holds it to that).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.attribution import NAMED_BY_MENTION
from coding.coders import RULES, count
from coding.columns import Cut, Projected
from coding.findings import Base, ClusterSums, Verdict, compared, judge, summed
from coding.grid import OF_A_RULE, Universe, heedless, without
from coding.matrix import refuse_other_meanings
from coding.model import Coded, machine_coded
from coding.selection import select
from coding.taggers.rules import RuleTagger

if TYPE_CHECKING:
    from coding.batch import Decision
    from coding.claims import Claim
    from coding.codebook import Codebook
    from coding.model import Corpus
    from coding.project import Project
    from coding.study import Study
    from coding.taggers.rules import FoundIn
    from coding.units import Unit

Mask = NDArray[np.bool_]

TESTED = ("contrast", "within")  # kinds of claims that have a verdict of their own


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a finding in a universe.

    Attributes
    ----------
    difference, low, high : as in `coding.Contrast`; None where there is none
    """

    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Material:
    """All from which universes are computed. It is made once, and sent once to each process.

    Attributes
    ----------
    corpus : every document that some universe reads
    found : what the rules hit, by whether their `unless` is heeded
    stored, decisions : what people and models coded, and what reviewers decided; empty if only rules code
    """

    study: Study
    codebook: Codebook
    corpus: Corpus = field(repr=False)
    found: Mapping[bool, tuple[FoundIn, ...]] = field(repr=False)
    stored: Coded = field(repr=False)
    decisions: tuple[Decision, ...] = field(repr=False)


def material(project: Project, study: Study, codebook: Codebook, universes: Sequence[Universe]) -> Material:
    """Return what the universes of a study are computed from.

    Raises
    ------
    CodingError
        If something was coded in another meaning than the codebook gives it.
    StaleText
        If a text has changed since it was coded.
    """
    corpus = documents_of(project, study, universes)
    found: dict[bool, tuple[FoundIn, ...]] = {}
    if RULES in study.coders:
        for unless in sorted({universe.unless for universe in universes}):
            book = codebook if unless else heedless(codebook)
            tagger = RuleTagger(book, overlap=study.overlap, cases=project.corpus.known_cases)
            found[unless] = tuple(tagger.search(corpus))
    stored = project.coded if study.asks_the_store else Coded()
    decisions = tuple(project.decisions) if study.asks_the_store else ()
    made = Material(study, codebook, corpus, found, stored, decisions)
    counted = _coded(made, universes[0], codebook)
    counted.refuse_stale(corpus)
    refuse_other_meanings(counted, codebook)
    return made


def documents_of(project: Project, study: Study, universes: Sequence[Universe]) -> Corpus:
    """Return every document that some universe reads, in the order of the corpus."""
    read: set[str] = set()
    for universe in {(each.fidelity, each.source_kind, each.years): each for each in universes}.values():
        read |= {document.id for document in _selected(project.corpus, study, universe)}
    documents = tuple(document for document in project.corpus if document.id in read)
    return replace(project.corpus, documents=documents)


class Computing:
    """Computes universes one after the other and keeps what the next may need."""

    def __init__(self, given: Material) -> None:
        self._given = given
        self._tested = [claim for claim in given.study.findings if claim.kind in TESTED]
        self._codebooks: dict[str, Codebook] = {}
        self._cut: dict[str, Cut] = {}
        self._read: dict[tuple[object, ...], Mask] = {}
        self._sums: dict[tuple[str, str, str, bytes], ClusterSums] = {}
        self._outcomes: dict[tuple[object, ...], Outcome] = {}

    def outcomes(self, universes: Sequence[Universe]) -> list[tuple[Outcome, ...]]:
        """Return for each universe what comes of each tested finding.

        Parameters
        ----------
        universes : those that share their coding, and then their units, are best side by side
        """
        found: list[tuple[Outcome, ...]] = []
        for _, of_coding in groupby(universes, key=coding_of):
            alike = list(of_coding)
            codebook = self._codebook(alike[0].leave_out)
            coded = _coded(self._given, alike[0], codebook)
            for _, of_sides in groupby(alike, key=_projection):
                projected = list(of_sides)
                sides = self._sides(coded, codebook, projected[0])
                found += [self._universe(universe, sides) for universe in projected]
        return found

    def _universe(self, universe: Universe, sides: Sequence[tuple[_Side, _Side]]) -> tuple[Outcome, ...]:
        read = self._documents_read(universe)
        return tuple(self._finding(number, universe, pair, read) for number, pair in enumerate(sides))

    def _finding(self, number: int, universe: Universe, pair: tuple[_Side, _Side], read: Mask) -> Outcome:
        of = (universe.unit, universe.weight)
        keys = [side.key(read) for side in pair]
        known = (number, *of, *keys)
        if known not in self._outcomes:
            one, two = (self._added(side, key, universe, read) for side, key in zip(pair, keys, strict=True))
            names = pair[0].name, pair[1].name
            contrast = compared("", names, one, two, placebo=None)
            verdict, reason = judge(contrast, least_clusters=self._given.study.least_clusters)
            self._outcomes[known] = Outcome(contrast.difference, contrast.low, contrast.high, verdict, reason)
        return self._outcomes[known]

    def _added(self, side: _Side, key: bytes, universe: Universe, read: Mask) -> ClusterSums:
        known = (universe.unit, universe.weight, side.of, key)
        if known not in self._sums:
            cut = self._cut[universe.unit]
            found: dict[tuple[str, str], list[bool]] = {}
            for row in np.flatnonzero(side.base & read):
                place = (cut.clusters[row], cut.documents[row])
                found.setdefault(place, []).append(bool(side.bears[row]))
            self._sums[known] = summed(found, weight=universe.weight, base=side.of)
        return self._sums[known]

    def _documents_read(self, universe: Universe) -> Mask:
        """Return which units lie in a document that the universe reads."""
        known = (universe.unit, universe.fidelity, universe.source_kind, universe.years)
        if known not in self._read:
            read = {d.id for d in _selected(self._given.corpus, self._given.study, universe)}
            documents = self._cut[universe.unit].documents
            self._read[known] = np.array([document in read for document in documents], dtype=np.bool_)
        return self._read[known]

    def _codebook(self, left_out: str) -> Codebook:
        if left_out not in self._codebooks:
            self._codebooks[left_out] = without(self._given.codebook, left_out)
        return self._codebooks[left_out]

    def _sides(self, coded: Coded, codebook: Codebook, universe: Universe) -> list[tuple[_Side, _Side]]:
        """Return for each tested finding its two sides, in all documents."""
        if universe.unit not in self._cut:
            self._cut[universe.unit] = _cut(self._given, universe.unit)
        cut = self._cut[universe.unit]
        projected = Projected(
            cut,
            coded,
            codebook,
            counts=universe.counts,
            rollup=universe.rollup,
            implies=universe.implies,
        )
        return [_both(claim, projected, cut, self._given) for claim in self._tested]


@dataclass(frozen=True, slots=True)
class _Side:
    """One share of a contrast: the units of its base, and those of them that bear the code."""

    name: str
    of: Base
    base: Mask
    bears: Mask

    def key(self, read: Mask) -> bytes:
        """Return what tells this side, in the documents read, from any other."""
        said = np.packbits(np.concatenate([self.base & read, self.bears & read]))
        return blake2b(said.tobytes(), digest_size=16).digest()


def _both(claim: Claim, projected: Projected, cut: Cut, given: Material) -> tuple[_Side, _Side]:
    test = claim.test
    assert test.on is not None
    assert test.base is not None
    if claim.kind == "contrast":
        pairs = [(test.first, test.on), (test.second, test.on)]
        names = [given.corpus.name(str(case)) for case, _ in pairs]
    else:
        pairs = [(test.case, test.on), (test.case, test.versus or "")]
        names = [given.codebook[code].name for _, code in pairs]
    sides = []
    for (case, code), name in zip(pairs, names, strict=True):
        base = cut.cases[str(case)] & projected.read(code)
        if test.within:
            base = base & projected.bears(test.within)
        if test.base == "coded":
            base = base & projected.bears_any(given.codebook.family(code))
        sides.append(_Side(name, test.base, base, base & projected.bears(code)))
    return sides[0], sides[1]


def coding_of(universe: Universe) -> tuple[object, ...]:
    """Return the decisions on which it hangs what is coded."""
    return universe.unless, universe.overlap, universe.leave_out, universe.threshold


def _projection(universe: Universe) -> tuple[object, ...]:
    """Return the decisions on which it hangs which units bear a code."""
    return universe.unit, universe.counts, universe.rollup, universe.implies


def _coded(given: Material, universe: Universe, codebook: Codebook) -> Coded:
    """Return the coding that counts, in every document."""
    rules = _rules(given, universe, codebook) if RULES in given.study.coders else Coded()
    least = universe.threshold
    stored = given.stored
    if least is not None:
        sure = tuple(s for s in stored.segments if s.score is None or s.score >= least)
        stored = Coded(sure, stored.readings)
    counted = count(
        given.study.coders,
        given.corpus,
        stored=stored,
        rules=rules,
        decisions=given.decisions,
        unreviewed=given.study.unreviewed,
    )
    return counted.coded


def _rules(given: Material, universe: Universe, codebook: Codebook) -> Coded:
    """Return what the rules code, each segment with the id that it has in the study.

    A reviewer's decision is on words that bear a code, so it holds in whatever universe they are found.
    """
    found = given.found[universe.unless]
    if universe.leave_out.startswith(OF_A_RULE):
        found = tuple(_without_rule(each, universe.leave_out.removeprefix(OF_A_RULE)) for each in found)
    tagger = RuleTagger(codebook, overlap=universe.overlap, cases=given.corpus.known_cases)
    coded = tagger.settle(found)
    if not given.decisions:
        return coded
    signed = (
        machine_coded(s.segment, given.codebook[s.code], tagger.coder, s.because) for s in coded.segments
    )
    return Coded(tuple(signed), coded.readings)


def _without_rule(found: FoundIn, rule: str) -> FoundIn:
    documents, hits = found
    kept = {
        code: {
            span: [one for one in rules if one != rule] for span, rules in spans.items() if rules != [rule]
        }
        for code, spans in hits.items()
    }
    return documents, kept


def _selected(corpus: Corpus, study: Study, universe: Universe) -> Corpus:
    first, last = universe.years
    years = study.corpus.years.model_copy(update={"first": first, "last": last})
    changed = {
        "fidelity": list(universe.fidelity), "source_kind": list(universe.source_kind), "years": years,
    }  # fmt: skip
    return select(corpus, study.corpus.model_copy(update=changed))[0]


def _cut(given: Material, unit: Unit) -> Cut:
    by = given.study.measurement.by
    among = given.study.corpus.cases if by == NAMED_BY_MENTION else None
    return Cut.of(given.corpus, unit, by=by, among=among)
