"""Units from which a model promises to learn most, and for what reason each.

Three orders are laid over the units that nobody has read: where the model is unsure of a code, where it and
the rules disagree, and where it expects a code of which there are few examples. Units are taken from the
three by turns, and in each the codes have their turns. None is taken that is nearly alike to one taken
before in what the model sees, and no more of a cluster of documents and of a case than twice an even share,
as long as others have units to give.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from coding.errors import CodingError
from coding.model import Corpus
from coding.resampling import Floats, Integers
from coding.taggers.learned.training import language_of
from coding.units import ABSENT, PRESENT, UNREAD

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from coding.model import Segment
    from coding.taggers.learned import LearnedTagger

Why = Literal["unsure", "disagreement", "rare", "random"]

ALIKE = 0.8  # cosine of what the model sees in two units, from which on one of them is enough
FEW = 50  # examples of a code below which more are looked for
SHARES = 2.0  # times its even share that a cluster or a case may give


@dataclass(frozen=True, slots=True)
class Chosen:
    """A unit to be read next, and why.

    Attributes
    ----------
    code : for whose sake it was chosen; empty for a unit drawn by chance
    probability, threshold : of the code by the model, and from where on it says that the unit bears it; None
        if it does not know the code, or never says so
    n_examples : units that bear the code by what people have read so far
    found : whether rules find the code in it; None if they do not look for it
    """

    segment: Segment
    why: Why
    code: str = ""
    probability: float | None = None
    threshold: float | None = None
    n_examples: int = 0
    found: bool | None = None

    @property
    def said(self) -> str:
        """The reason in words."""
        given = "" if self.probability is None else f"{self.probability:.2f}"
        if self.why == "random":
            return "drawn by chance"
        if self.why == "unsure":
            enough = "none is enough yet" if self.threshold is None else f"{self.threshold:.2f} is enough"
            return f"{self.code}: the model is unsure, {given} where {enough}"
        if self.why == "disagreement" and self.found:
            return f"{self.code}: rules find it, the model gives it {given}"
        if self.why == "disagreement":
            return f"{self.code}: the model gives it {given}, rules do not find it"
        by = f"the model gives it {given}" if given else "rules find it"
        return f"{self.code}: few examples so far ({self.n_examples}), {by}"


@dataclass(frozen=True, slots=True, eq=False)
class Prospects:
    """What is known of U units and of the C codes that readers are asked for.

    Attributes
    ----------
    cases, clusters : of each unit
    probabilities : (U, C), nan for a code that the model has not learned, and for a unit that it cannot read
    thresholds, lows : (C,), from where on the model says yes, and below which it says no
    found : (U, C), as in a projection, by the rules
    n_examples : (C,)
    free : places of the units that can be taken, in random order, which decides between equals
    """

    units: tuple[Segment, ...] = field(repr=False)
    cases: tuple[tuple[str, ...], ...] = field(repr=False)
    clusters: tuple[str, ...] = field(repr=False)
    codes: tuple[str, ...]
    probabilities: Floats = field(repr=False)
    thresholds: Floats
    lows: Floats
    found: NDArray[np.int8] = field(repr=False)
    n_examples: Integers
    free: Integers = field(repr=False)

    def queues(self) -> list[Iterator[tuple[int, Why, int]]]:
        """Return the units in three orders, the most promising first: place, why, and place of the code."""
        p = self.probabilities
        away = np.abs(_log_odds(p) - _log_odds(self.thresholds))
        against = ((p >= self.thresholds) & (self.found == ABSENT)) | (
            (p < self.lows) & (self.found == PRESENT)
        )
        hoped = np.where(np.isnan(p) & (self.found == PRESENT), 1.0, p)
        rare = [c for c in np.argsort(self.n_examples, kind="stable").tolist() if self.n_examples[c] < FEW]
        every = range(len(self.codes))
        return [
            self._by_turns("unsure", -away, every),
            self._by_turns("disagreement", np.where(against, away, np.nan), every),
            self._by_turns("rare", hoped, rare),
        ]

    def _by_turns(self, why: Why, promise: Floats, codes: Sequence[int]) -> Iterator[tuple[int, Why, int]]:
        """Yield the units that promise anything, for each of the codes in turn the best that is left."""
        orders = []
        for column in codes:
            of_code = promise[self.free, column]
            best = np.argsort(-of_code, kind="stable")  # nan comes last
            orders.append((column, self.free[best[: int((~np.isnan(of_code)).sum())]]))
        for rank in range(max((len(order) for _, order in orders), default=0)):
            for column, order in orders:
                if rank < len(order):
                    yield int(order[rank]), why, column

    def chosen(self, row: int, why: Why, column: int) -> Chosen:
        """Return a unit with the reason for which it was taken."""
        probability, threshold = float(self.probabilities[row, column]), float(self.thresholds[column])
        found, is_known = int(self.found[row, column]), not np.isnan(probability)
        return Chosen(
            self.units[row],
            why,
            self.codes[column],
            round(probability, 4) if is_known else None,
            round(threshold, 4) if is_known and threshold <= 1 else None,
            int(self.n_examples[column]),
            None if found == UNREAD else found == PRESENT,
        )


def foreseen(
    tagger: LearnedTagger, corpus: Corpus, units: Sequence[Segment], codes: Sequence[str]
) -> tuple[Floats, Floats, Floats]:
    """Return the probability of each unit and code (U, C), and the bounds between yes and no (C,) and (C,).

    Raises
    ------
    CodingError
        If the model has learned none of the codes.
    """
    learned = {each.code: place for place, each in enumerate(tagger.model.codes)}
    columns = [column for column, code in enumerate(codes) if code in learned]
    if not columns:
        raise CodingError(
            f"{tagger.model.name} has learned none of {', '.join(codes)}, so it cannot say where to look. It "
            f"knows {', '.join(learned)} (`--codes`); others take more reading first (`coding sample`)."
        )
    places = [learned[codes[column]] for column in columns]
    probabilities = np.full((len(units), len(codes)), np.nan)
    thresholds, lows = np.ones(len(codes)), np.zeros(len(codes))
    thresholds[columns] = [tagger.model.codes[place].threshold for place in places]
    lows[columns] = [tagger.model.codes[place].low for place in places]
    rows = {unit: row for row, unit in enumerate(units)}
    readable = tuple(d for d in corpus if language_of(d, tagger.codebook) in tagger.model.languages)
    for some in tagger.foresee(Corpus(readable, corpus.known_cases)):
        here = [rows[unit] for unit in some.units]
        probabilities[np.ix_(here, columns)] = some.probabilities[:, places]
    return probabilities, thresholds, lows


def take(
    prospects: Prospects, tagger: LearnedTagger, corpus: Corpus, *, n: int
) -> dict[int, tuple[Why, int]]:
    """Return up to `n` units by their places, each with why it is taken and the place of the code.

    There are fewer if those left are nearly alike to what was taken, or promise nothing.
    """
    taken: dict[int, tuple[Why, int]] = {}
    taking = _Taking(prospects, _Alike(tagger, corpus))
    for shares in (SHARES, np.inf):
        most = taking.most(shares * n)
        queues = prospects.queues()
        while queues and len(taken) < n:
            queue = queues.pop(0)
            for row, why, column in queue:
                if row not in taken and taking.takes(row, most):
                    taken[row] = why, column
                    queues.append(queue)
                    break
    return taken


class _Taking:
    """Takes units: none that is like another, and not too many of a cluster or a case."""

    def __init__(self, prospects: Prospects, alike: _Alike) -> None:
        self._units, self._alike = prospects.units, alike
        self._kinds = list(zip(prospects.clusters, prospects.cases, strict=True))
        of_free = [self._kinds[row] for row in prospects.free.tolist()]
        self._n_kinds = [len(set(names)) for names in zip(*of_free, strict=True)]
        self._taken: Counter[object] = Counter()
        self._refused: set[int] = set()

    def most(self, n: float) -> tuple[float, ...]:
        """Return how many units a cluster, and a case, may give of so many."""
        return tuple(float(np.ceil(n / many)) for many in self._n_kinds)

    def takes(self, row: int, most: Sequence[float]) -> bool:
        """Take a unit if nothing is against it; say whether it was taken."""
        kinds = self._kinds[row]
        too_many = any(self._taken[kind] >= limit for kind, limit in zip(kinds, most, strict=True))
        if row in self._refused or too_many:
            return False
        if not self._alike.takes(self._units[row]):
            self._refused.add(row)
            return False
        self._taken.update(kinds)
        return True


class _Alike:
    """Tells whether a unit is nearly alike to one that was taken before, to the model."""

    def __init__(self, tagger: LearnedTagger, corpus: Corpus) -> None:
        self._tagger, self._corpus = tagger, corpus
        self._rows: dict[Segment, csr_array] = {}
        self._looked: set[str] = set()
        self._taken: csr_array | None = None

    def takes(self, unit: Segment) -> bool:
        """Take a unit if it is like none that was taken; say whether it was taken."""
        from scipy.sparse import csr_array, vstack

        row = self._row(unit)
        if row is None:
            return True
        if self._taken is None:
            self._taken = row
            return True
        if (self._taken @ row.T).max() >= ALIKE:
            return False
        self._taken = csr_array(vstack([self._taken, row]))
        return True

    def _row(self, unit: Segment) -> csr_array | None:
        """Return what the model sees in a unit, with length 1: (1, F); None if it sees nothing."""
        if unit.document not in self._looked:
            self._looked.add(unit.document)
            text = Corpus((self._corpus[unit.document],), self._corpus.known_cases)
            for some in self._tagger.foresee(text):
                rows = some.looked.rows()
                self._rows |= {each: rows[[place]] for place, each in enumerate(some.units)}
        row = self._rows.get(unit)
        length = 0.0 if row is None else float(np.sqrt((row.data**2).sum()))
        return row / length if row is not None and length else None


def _log_odds(probabilities: Floats) -> Floats:
    """Return ln(p / (1 - p)), on which a rare code's probabilities are as far apart as a common one's."""
    within = np.clip(probabilities, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(within / (1 - within)))
