"""What follows from how a coder errs: precision, recall, and the share of units that really bear a code.

Of all units a coder finds a share `found` to bear a code. Of those a share `right` does; of the others a
share `missed` does as well. The first is known of every unit; the other two are what readers said of the
units drawn. All else follows: precision is `right`; the units that bear the code are `found` times `right`,
and the rest times `missed`; recall is the first of the two among both.

For a coder who says yes or no, the share so made is what prediction-powered inference gives when its weight
is tuned: readers' shares among what was found and what was not, put together as these stand in all units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from coding.estimating import N_DRAWS, Estimate, Proportion, of_draws, of_proportion, times_needed
from coding.resampling import Floats, ratio

NONE_GIVEN = "readers gave it to none of the units that they judged"
NO_BETTER = "the coder is no better than chance"

Formula = Callable[[Floats, Floats, Floats], Floats]


@dataclass(frozen=True)
class Parts:
    """How a coder errs on one code, in one case or in all.

    Attributes
    ----------
    found : of all units
    right, missed : of those in which it was found, and of the others; None where there are no such units,
        or where `why_not_right` and `why_not_missed` say what is lacking
    n_judged, n_clusters : units judged that this stands on, and the clusters in which they lie
    seed : of the draws; of different parts it differs, so that their draws are independent
    """

    found: Proportion
    right: Proportion | None
    missed: Proportion | None
    n_judged: int
    n_clusters: int
    seed: tuple[int, ...]
    why_not_right: str = ""
    why_not_missed: str = ""

    @property
    def precision(self) -> Estimate:
        """Of the units in which the coder found the code, the share that bear it."""
        if self.right is None:
            return Estimate(None, reason=self.why_not_right or "it was found in no unit")
        return of_proportion(self.right, self.draws[1])

    @cached_property
    def naive(self) -> Estimate:
        """The share of units in which the coder found the code."""
        return of_proportion(self.found, self.draws[0])

    @cached_property
    def recall(self) -> Estimate:
        """Of the units that bear the code, the share in which the coder found it."""
        return self._made(_recall, NONE_GIVEN)

    @cached_property
    def share(self) -> Estimate:
        """The share of all units that bear the code (post-stratified; PPI++ with its weight tuned).

        Source
        ------
        Angelopoulos, Duchi and Zrnic (2023), "PPI++: Efficient prediction-powered inference", arXiv
        2311.01453; post-stratification: Cochran (1977), *Sampling Techniques*, 3rd ed.
        """
        return self._made(_share, "")

    def rogan_gladen(self, everywhere: Parts) -> Estimate:
        """Return the share of units that bear the code, if the coder errs here as it does everywhere.

        Values below 0 and above 1, which the formula may give, are 0 and 1.

        Source
        ------
        Rogan and Gladen (1978), *American Journal of Epidemiology* 107, 71-76.
        """
        if reason := everywhere.lacking:
            return Estimate(None, reason=reason)
        value = _rogan_gladen(self.values[0], *everywhere.values)
        if np.isnan(value):
            return Estimate(None, reason=NO_BETTER)
        draws = _rogan_gladen(self.draws[0], *everywhere.draws)
        return of_draws(float(value), draws, n=everywhere.n_judged, n_clusters=everywhere.n_clusters)

    def times_for_precision(self, width: float) -> float | None:
        """Return how many times as many of the units found have to be judged for an interval so wide."""
        right = self.right
        return None if right is None else times_needed(lambda times: _width(right.times(times)), width)

    def times_for_recall(self, width: float) -> float | None:
        """Return how many times as many units, drawn as these were, have to be judged for one so wide."""
        if self.recall.width is None:
            return None
        return times_needed(lambda times: self._times(times).recall.width or 0.0, width)

    @property
    def lacking(self) -> str:
        """Why the two shares are not both to be had; empty if they are."""
        return self.why_not_right or self.why_not_missed

    @property
    def values(self) -> tuple[Floats, Floats, Floats]:
        """The three proportions, each (); 0 stands for that of no units, which then counts for nothing."""
        parts = (self.found, self.right, self.missed)
        found, right, missed = (np.array(each.value if each else 0.0) for each in parts)
        return found, right, missed

    @cached_property
    def draws(self) -> tuple[Floats, Floats, Floats]:
        """Draws of the three proportions, independent of one another; of no units any proportion may be."""
        random = np.random.default_rng(self.seed)
        parts = (self.found, self.right, self.missed)
        found, right, missed = (
            each.drawn(random) if each else random.beta(0.5, 0.5, N_DRAWS) for each in parts
        )
        return found, right, missed

    def _times(self, times: float) -> Parts:
        right = self.right.times(times) if self.right else None
        return replace(self, right=right, missed=self.missed.times(times) if self.missed else None)

    def _made(self, formula: Formula, undefined: str) -> Estimate:
        if self.lacking:
            return Estimate(None, reason=self.lacking)
        value = formula(*self.values)
        if np.isnan(value):
            return Estimate(None, reason=undefined)
        return of_draws(float(value), formula(*self.draws), n=self.n_judged, n_clusters=self.n_clusters)


def _recall(found: Floats, right: Floats, missed: Floats) -> Floats:
    return ratio(found * right, _share(found, right, missed))


def _share(found: Floats, right: Floats, missed: Floats) -> Floats:
    return np.asarray(found * right + (1 - found) * missed)


def _rogan_gladen(naive: Floats, found: Floats, right: Floats, missed: Floats) -> Floats:
    """Return the corrected share; nan where what bears the code is found no oftener than what does not."""
    sensitivity = _recall(found, right, missed)
    false_alarm = _recall(found, 1 - right, 1 - missed)
    better = np.where(sensitivity > false_alarm, sensitivity - false_alarm, np.nan)
    return np.asarray(np.clip((naive - false_alarm) / better, 0, 1))


def _width(found: Proportion) -> float:
    low, high = found.interval
    return high - low
