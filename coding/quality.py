"""How well rules (or any coder) find what readers found: precision, recall and F1, with their uncertainty.

A gold file (`coding.formats.gold`) holds sentences, each with its neighbours and what one or more readers
coded in it. The sentence is coded in its context, and a category counts as found if a coded segment of
it, or of a code below it, overlaps the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from coding.errors import nearest, refuse
from coding.formats.gold import Sentence
from coding.formats.measured import CategoryMeasured, Measured
from coding.model import Case, Document

if TYPE_CHECKING:
    from coding.codebook import Codebook
    from coding.taggers.rules import Overlap

LEVEL = 0.95
N_REPLICATES = 2000
NEUTRAL = "neutral"
LEAST_DOCUMENTS = 5  # of fewer, drawing documents anew says nothing


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of a coder against a reader.

    Attributes
    ----------
    n_found : sentences in which the coder found the category
    n_read : sentences in which the reader did
    n_both : sentences in which both did
    precision, recall, f1 : 0..1; None if their base is empty
    low, high : interval of `f1` at `LEVEL`; None if `f1` is, or fewer than `LEAST_DOCUMENTS` stand behind it
    """

    n_found: int
    n_read: int
    n_both: int
    precision: float | None
    recall: float | None
    f1: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Oriented:
    """How often a coder gives a sentence the reader's orientation.

    Attributes
    ----------
    n : sentences in which both coded a category, and both an orientation
    n_read : sentences in which both coded a category, and the reader an orientation
    accuracy : share of `n` in which it is the same, 0..1; None if `n` is 0
    low, high : its interval at `LEVEL`
    none_as_neutral : share of `n_read` in which it is the same if a sentence without any counts as
        neutral, as the coding guide has it; None if `n_read` is 0
    """

    n: int
    n_read: int
    accuracy: float | None
    low: float | None
    high: float | None
    none_as_neutral: float | None


@dataclass(frozen=True, slots=True)
class Error:
    """A sentence in which coder and a reader differ: the coder missed the category, or found it alone."""

    sentence: Sentence
    category: str
    reader: str
    missed: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class Quality:
    """A codebook's rules against readers.

    Attributes
    ----------
    categories : in the order of the codebook
    scores : for each (category, reader, donor); donor "" is all
    between : for each category the readers' own F1 with one another, the mean over pairs
    orientation : for each (reader, donor)
    orientation_between : share of sentences to which two readers gave one orientation, the mean over pairs
    errors : every difference, in the order of the sentences
    """

    codebook: str
    n_sentences: int
    n_documents: int
    readers: tuple[str, ...]
    donors: tuple[str, ...]
    categories: tuple[str, ...]
    scores: Mapping[tuple[str, str, str], Score] = field(repr=False)
    between: Mapping[str, float | None] = field(repr=False)
    orientation: Mapping[tuple[str, str], Oriented] = field(repr=False)
    orientation_between: float | None
    errors: tuple[Error, ...] = field(repr=False)

    def mean(self, category: str, what: str = "f1", donor: str = "") -> float | None:
        """Return precision, recall or f1 of a category, the mean over the readers for whom it is defined."""
        values = [getattr(self.scores[category, reader, donor], what) for reader in self.readers]
        defined = [value for value in values if value is not None]
        return float(np.mean(defined)) if defined else None

    def span(self, category: str, donor: str = "") -> tuple[float | None, float | None]:
        """Return the span that holds the intervals against all readers; None twice if one has none."""
        scores = [self.scores[category, reader, donor] for reader in self.readers]
        lows = [score.low for score in scores if score.low is not None]
        highs = [score.high for score in scores if score.high is not None]
        return (min(lows), max(highs)) if len(lows) == len(scores) else (None, None)

    @property
    def macro_f1(self) -> float | None:
        """The mean over categories of the mean over readers; None if a category's is undefined."""
        values = [self.mean(category) for category in self.categories]
        return None if None in values else float(np.mean([v for v in values if v is not None]))

    @property
    def macro_between(self) -> float | None:
        """The readers' own F1 with one another, the mean over categories."""
        values = [self.between[category] for category in self.categories]
        return None if None in values else float(np.mean([v for v in values if v is not None]))

    @property
    def orientation_accuracy(self) -> float | None:
        """The accuracy of orientation, the mean over readers."""
        values = [self.orientation[reader, ""].accuracy for reader in self.readers]
        return None if None in values else float(np.mean([v for v in values if v is not None]))


def measured(found: Quality, codebook: Codebook, *, texts: str) -> Measured:
    """Return the figures that a project keeps of its codebook; `texts` says on what they were measured."""
    return Measured(
        codebook=found.codebook,
        digest=codebook.digest,
        texts=texts,
        sentences=found.n_sentences,
        documents=found.n_documents,
        macro_f1=found.macro_f1,
        macro_f1_readers=found.macro_between,
        orientation_accuracy=found.orientation_accuracy,
        orientation_accuracy_readers=found.orientation_between,
        categories={category: _category(found, category) for category in found.categories},
    )


def _category(found: Quality, category: str) -> CategoryMeasured:
    low, high = found.span(category)
    return CategoryMeasured(
        precision=found.mean(category, "precision"),
        recall=found.mean(category, "recall"),
        f1=found.mean(category),
        low=low,
        high=high,
        readers=found.between[category],
    )


def quality(
    gold: Sequence[Sentence], codebook: Codebook, *, overlap: Overlap, cases: Mapping[str, Case], seed: int
) -> Quality:
    """Return how well the rules of a codebook find what readers coded.

    Parameters
    ----------
    cases : the cases whose names tell of whom a sentence speaks; a donor of the gold file that is none
        of them goes by its own name
    seed : of the bootstrap

    Returns
    -------
    Quality
        Intervals are percentiles of `N_REPLICATES` bootstrap replicates that draw documents with
        replacement: sentences of one document are not independent.

    Raises
    ------
    CodingError
        If a reader's code or orientation is unknown to the codebook.

    Source
    ------
    F1 as agreement between two who code: Hripcsak and Rothschild (2005), *Journal of the American
    Medical Informatics Association* 12, 296-298. Bootstrap over clusters: Davison and Hinkley (1997),
    *Bootstrap Methods and their Application*, ch. 3.8.
    """
    categories, orientations = _families(codebook)
    _refuse_unknown(gold, categories, orientations)
    coded = coded_sentences(gold, codebook, overlap=overlap, cases=cases)
    found = [frozenset(codes) & set(categories) for codes, _ in coded]
    directed = [_orientation(codes, orientations) for codes, _ in coded]
    readers = tuple(gold[0].readers)
    donors = tuple(dict.fromkeys(sentence.donor for sentence in gold))
    draw = _Bootstrap([sentence.document for sentence in gold], seed=seed)
    scores, oriented = {}, {}
    for donor in ("", *donors):
        inside = np.array([donor in ("", sentence.donor) for sentence in gold])
        for reader in readers:
            for category in categories:
                mine = np.array([category in codes for codes in found]) & inside
                theirs = np.array([category in sentence.readers[reader].codes for sentence in gold]) & inside
                scores[category, reader, donor] = _score(mine, theirs, draw)
            oriented[reader, donor] = _oriented(gold, reader, found, directed, inside, draw)
    return Quality(
        codebook=f"{codebook.id} {codebook.version}",
        n_sentences=len(gold),
        n_documents=len({sentence.document for sentence in gold}),
        readers=readers,
        donors=donors,
        categories=categories,
        scores=scores,
        between={category: _between(gold, category, readers) for category in categories},
        orientation=oriented,
        orientation_between=_orientation_between(gold, readers),
        errors=tuple(_errors(gold, categories, found, coded)),
    )


def _families(codebook: Codebook) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the categories, and for each part of the orientation family its last name."""
    parts = codebook.parts("orientation") if "orientation" in codebook.families else ()
    tops = [code.id for code in codebook.children(None) if codebook.family(code.id) != "orientation"]
    return tuple(tops), {code: code.rpartition(".")[2] for code in parts}


def _refuse_unknown(gold: Sequence[Sentence], categories: Sequence[str], parts: Mapping[str, str]) -> None:
    problems: dict[str, str] = {}
    for sentence in gold:
        for read in sentence.readers.values():
            for code in read.codes:
                if code not in categories:
                    problems.setdefault(
                        code, f"'{code}' in '{sentence.id}', which is no category.{nearest(code, categories)}"
                    )
            known = [*parts.values(), NEUTRAL]
            if parts and read.orientation is not None and read.orientation not in known:
                what = f"'{read.orientation}' in '{sentence.id}', which is no orientation."
                problems.setdefault(read.orientation, what + nearest(read.orientation, known))
    refuse([f"a reader coded {problem}" for problem in problems.values()])


def coded_sentences(
    gold: Sequence[Sentence], codebook: Codebook, *, overlap: Overlap, cases: Mapping[str, Case]
) -> list[tuple[frozenset[str], dict[str, list[str]]]]:
    """Return for each sentence the codes found in it, those above them too, and the words for each."""
    from coding.taggers.rules import RuleTagger

    by_name = {case.name: name for name, case in cases.items()}
    donors = {s.donor: s.donor if s.donor in cases else by_name.get(s.donor, s.donor) for s in gold}
    known = {donor: Case(donor, donor) for donor in donors.values()} | dict(cases)
    documents = [
        Document(str(i), " ".join(filter(None, [s.before, s.text, s.after])), {"donor": donors[s.donor]})
        for i, s in enumerate(gold)
    ]
    found: list[tuple[set[str], dict[str, list[str]]]] = [(set(), {}) for _ in gold]
    for segment in RuleTagger(codebook, overlap=overlap, cases=known).tag(documents).segments:
        i, place = int(segment.segment.document), segment.segment
        begins = len(gold[i].before) + 1 if gold[i].before else 0
        if place.start < begins + len(gold[i].text) and begins < place.end:
            for code in (segment.code, *codebook.ancestors(segment.code)):
                found[i][0].add(code)
                found[i][1].setdefault(code, []).append(documents[i].quote(place))
    return [(frozenset(codes), words) for codes, words in found]


def _orientation(codes: frozenset[str], parts: Mapping[str, str]) -> str | None:
    """Return the orientation of a sentence: several are evenly mixed, which is neutral; None if none."""
    own = [name for code, name in parts.items() if code in codes]
    return None if not own else own[0] if len(own) == 1 else NEUTRAL


class _Bootstrap:
    """Draws documents with replacement, the same draws for every figure."""

    def __init__(self, clusters: Sequence[str], *, seed: int) -> None:
        names = {name: i for i, name in enumerate(dict.fromkeys(clusters))}
        self._cluster = np.array([names[name] for name in clusters])
        size = len(names)
        random = np.random.default_rng(seed)
        self._times = random.multinomial(size, np.full(size, 1 / size), size=N_REPLICATES)

    def n_documents(self, mask: NDArray[np.bool_]) -> int:
        """Return how many documents hold a sentence of a mask."""
        return len(np.unique(self._cluster[mask]))

    def sums(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return how many sentences of a mask each replicate holds."""
        counts = np.bincount(self._cluster, weights=mask, minlength=self._times.shape[1])
        return np.asarray(self._times @ counts, dtype=np.float64)


def _interval(part: NDArray[np.float64], whole: NDArray[np.float64]) -> tuple[float, float]:
    values = part[whole > 0] / whole[whole > 0]
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _score(mine: NDArray[np.bool_], theirs: NDArray[np.bool_], draw: _Bootstrap) -> Score:
    n_found, n_read, n_both = int(mine.sum()), int(theirs.sum()), int((mine & theirs).sum())
    precision = n_both / n_found if n_found else None
    recall = n_both / n_read if n_read else None
    if not n_found + n_read:
        return Score(0, 0, 0, None, None, None, None, None)
    f1 = 2 * n_both / (n_found + n_read)
    if draw.n_documents(mine | theirs) < LEAST_DOCUMENTS:
        return Score(n_found, n_read, n_both, precision, recall, f1, None, None)
    low, high = _interval(2 * draw.sums(mine & theirs), draw.sums(mine) + draw.sums(theirs))
    return Score(n_found, n_read, n_both, precision, recall, f1, low, high)


def _oriented(
    gold: Sequence[Sentence],
    reader: str,
    found: Sequence[frozenset[str]],
    directed: Sequence[str | None],
    inside: NDArray[np.bool_],
    draw: _Bootstrap,
) -> Oriented:
    theirs = [sentence.readers[reader].orientation for sentence in gold]
    both = inside & np.array(
        [bool(codes) and bool(s.readers[reader].codes) for codes, s in zip(found, gold, strict=True)]
    )
    read = both & np.array([orientation is not None for orientation in theirs])
    asked = read & np.array([orientation is not None for orientation in directed])
    same = asked & np.array([one == other for one, other in zip(theirs, directed, strict=True)])
    n, n_read = int(asked.sum()), int(read.sum())
    filled = [orientation or NEUTRAL for orientation in directed]
    alike = read & np.array([one == other for one, other in zip(theirs, filled, strict=True)])
    whole = int(alike.sum()) / n_read if n_read else None
    if not n:
        return Oriented(0, n_read, None, None, None, whole)
    if draw.n_documents(asked) < LEAST_DOCUMENTS:
        return Oriented(n, n_read, int(same.sum()) / n, None, None, whole)
    low, high = _interval(draw.sums(same), draw.sums(asked))
    return Oriented(n, n_read, int(same.sum()) / n, low, high, whole)


def _between(gold: Sequence[Sentence], category: str, readers: Sequence[str]) -> float | None:
    """Return F1 between two readers, the mean over all pairs; None for one reader or nothing coded."""
    values = []
    for one, other in combinations(readers, 2):
        first = np.array([category in sentence.readers[one].codes for sentence in gold])
        second = np.array([category in sentence.readers[other].codes for sentence in gold])
        if first.sum() + second.sum():
            values.append(2 * (first & second).sum() / (first.sum() + second.sum()))
    return float(np.mean(values)) if values else None


def _orientation_between(gold: Sequence[Sentence], readers: Sequence[str]) -> float | None:
    values = []
    for one, other in combinations(readers, 2):
        pairs = [(s.readers[one].orientation, s.readers[other].orientation) for s in gold]
        given = [(a, b) for a, b in pairs if a is not None and b is not None]
        if given:
            values.append(sum(a == b for a, b in given) / len(given))
    return float(np.mean(values)) if values else None


def _errors(
    gold: Sequence[Sentence],
    categories: Sequence[str],
    found: Sequence[frozenset[str]],
    coded: Sequence[tuple[frozenset[str], dict[str, list[str]]]],
) -> list[Error]:
    return [
        Error(sentence, category, reader, category not in mine, tuple(words.get(category, ())))
        for sentence, mine, (_, words) in zip(gold, found, coded, strict=True)
        for category in categories
        for reader, read in sentence.readers.items()
        if (category in mine) != (category in read.codes)
    ]
