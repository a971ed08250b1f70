"""How good a coder is, from a blind sample: precision, recall, how donors differ, and corrected shares.

Each code, and each rule, is judged in all cases together and in each of them by what readers said of the
units drawn, every one of which stands for as many as it was drawn from (`coding.correcting` has the rest).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from coding.correcting import Parts
from coding.errors import CodingError
from coding.estimating import Estimate, Proportion, of_draws, of_proportion, proportion
from coding.judging import Bools, Judged

if TYPE_CHECKING:
    from coding.resampling import Floats

What = Literal["precision", "recall"]

ALL_CASES = ""
LEAST_CLUSTERS = 5  # of a case, judged, from which its own share is corrected
LEAST_JUDGED = 5  # units on either side, below which a difference is not called sure
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Rates:
    """How well a coder, or one of its rules, finds a code.

    Attributes
    ----------
    code, rule : the code that readers looked for; the rule, empty for the coder as a whole, and named with
        its own code where another code has a rule of that name
    case : one case; `ALL_CASES` for all
    n_units, n_found : units of the case, and those in which the code was found
    n_judged, n_judged_found : how many of both were judged blind
    precision : of the units in which it was found, the share to which readers gave it
    recall : of the units to which readers would give it, the share in which it was found; of a rule this is
        what it alone brings
    more_for_precision, more_for_recall : how many more units have to be judged until the interval is as
        narrow as wished: of those in which it was found; of all, drawn as these were. None if that cannot be
    """

    code: str
    rule: str
    case: str
    n_units: int
    n_found: int
    n_judged: int
    n_judged_found: int
    precision: Estimate
    recall: Estimate
    more_for_precision: int | None
    more_for_recall: int | None


@dataclass(frozen=True, slots=True)
class Differing:
    """How far precision or recall of one case is from that of another: the first less the second.

    `n_judged` are the units judged on the side of the fewer.
    """

    code: str
    rule: str
    what: What
    cases: tuple[str, str]
    value: float
    low: float
    high: float
    n_judged: int

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves no room for no difference, and does not stand on next to nothing."""
        return self.n_judged >= LEAST_JUDGED and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of a case's units that bear a code, as the coder has it and as it is corrected.

    Attributes
    ----------
    naive : units in which the coder found it; assumes that it errs as often one way as the other
    sample : what readers said of the units drawn, weighted; assumes nothing of the coder
    ppi : prediction-powered (PPI++): both together; assumes nothing of the coder either, and is the
        narrower the better it is
    rogan_gladen : the naive share, corrected by how the coder errs over all cases; assumes that it errs
        alike in each of them
    errs_differently : whether the sample shows that it does not; that it does not show it is no proof
    """

    code: str
    case: str
    naive: Estimate
    sample: Estimate
    ppi: Estimate
    rogan_gladen: Estimate
    errs_differently: bool


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """How far the share in one case is from that in another, the first less the second.

    Attributes
    ----------
    naive, ppi : as coded, and prediction-powered; None of the second where that of a case is refused
    """

    code: str
    cases: tuple[str, str]
    naive: Estimate
    ppi: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class SampleQuality:
    """How good a coder is, as a sample has it.

    Attributes
    ----------
    width : the wished width of an interval
    rates : by code, rule ("" for all together) and case ("" for all)
    differences : between each two cases, of precision of each code and rule, of recall of each code
    shares : for each code and case
    share_differences : for each code, between each two cases
    """

    judged: Judged
    cases: tuple[str, ...]
    width: float
    seed: int
    rates: Mapping[_Key, Rates] = field(repr=False)
    differences: tuple[Differing, ...] = field(repr=False)
    shares: tuple[Shares, ...] = field(repr=False)
    share_differences: tuple[ShareDifference, ...] = field(repr=False)

    @property
    def warnings(self) -> tuple[Differing, ...]:
        """The differences between cases that are sure."""
        return tuple(one for one in self.differences if one.is_sure)


def sample_quality(judged: Judged, *, seed: int, width: float) -> SampleQuality:
    """Return how well a coder finds what readers gave the units of a sample.

    Parameters
    ----------
    judged : what readers said, beside what the coder found; a unit that several readers judged counts as the
        share of them who gave the code
    seed : of the draws behind intervals
    width : wished width of an interval, 0..1

    Raises
    ------
    CodingError
        If nothing was judged yet, or the width is none.
    """
    if not 0 < width < 1:
        raise CodingError(
            f"an interval cannot be {width} wide. A width lies between 0 and 1: 0.2, for example."
        )
    if np.isnan(judged.said).all():
        raise CodingError(
            f"nothing of the sample {judged.sample.name} is judged yet. `coding serve` asks its readers "
            f"({', '.join(judged.sample.readers)}) under Judge."
        )
    cases = judged.sample.cases
    inside = {ALL_CASES: np.ones(len(judged.units), dtype=np.bool_)}
    inside |= {case: np.array([case in named for named in judged.cases]) for case in cases}
    asked = [_Asked(code, "", i, judged.found[:, i]) for i, code in enumerate(judged.codes)]
    named = Counter(rule for _, rule in judged.rules)
    asked += [
        _Asked(judged.codes[i], rule if named[rule] == 1 else f"{code}: {rule}", i, mask)
        for (code, rule), (i, mask) in judged.rules.items()
    ]
    weights = [_weights(judged, i) for i in range(len(judged.codes))]
    parts: dict[_Key, Parts] = {}
    rates: dict[_Key, Rates] = {}
    for one in asked:
        for case, mask in inside.items():
            key = one.code, one.rule, case
            parts[key] = _parts(judged, one, mask, weights[one.column], (seed, len(parts)))
            rates[key] = _rates(judged, one, case, mask, parts[key], width)
    differences = tuple(
        different
        for one in asked
        for pair in combinations(cases, 2)
        for different in _differences(*(rates[one.code, one.rule, case] for case in pair))
    )
    differing = {one.code for one in differences if one.is_sure and not one.rule}
    shares = tuple(
        Shares(
            code,
            case,
            naive=parts[code, "", case].naive,
            sample=_sampled(judged, i, inside[case], weights[i], parts[code, "", case]),
            ppi=_powered(judged, i, inside[case], parts[code, "", case]),
            rogan_gladen=parts[code, "", case].rogan_gladen(parts[code, "", ALL_CASES]),
            errs_differently=code in differing,
        )
        for i, code in enumerate(judged.codes)
        for case in cases
    )
    by_place = {(one.code, one.case): one for one in shares}
    apart = tuple(
        ShareDifference(
            code,
            (first, second),
            _less(by_place[code, first].naive, by_place[code, second].naive),
            _less(by_place[code, first].ppi, by_place[code, second].ppi),
        )
        for code in judged.codes
        for first, second in combinations(cases, 2)
    )
    return SampleQuality(judged, cases, width, seed, rates, differences, shares, apart)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A code, or one of its rules, with the units in which it was found."""

    code: str
    rule: str
    column: int
    found: Bools


def _weights(judged: Judged, column: int) -> Floats:
    """Return for how many units each judged one stands: those of its stratum, shared out among the judged.

    The units of a sample come in random order, so that those judged so far are a random part of it.
    """
    is_judged = ~np.isnan(judged.said[:, column])
    n_strata = len(judged.sample.strata)
    n_units = np.bincount(judged.strata, minlength=n_strata)
    n_judged = np.bincount(judged.strata[is_judged], minlength=n_strata)
    each = np.divide(n_units, n_judged, out=np.zeros(n_strata), where=n_judged > 0)
    return np.asarray(each[judged.strata])


def _parts(judged: Judged, one: _Asked, inside: Bools, weights: Floats, seed: tuple[int, ...]) -> Parts:
    said = judged.said[:, one.column]
    is_judged = ~np.isnan(said) & inside

    def share(of: Bools) -> Proportion | None:
        return proportion(said[of], weights[of], judged.clusters[of])

    found = proportion(one.found[inside].astype(np.float64), np.ones(inside.sum()), judged.clusters[inside])
    assert found is not None
    gaps = [_gap(judged, is_judged, weights, inside & mask) for mask in (one.found, ~one.found)]
    return Parts(
        found,
        right=None if gaps[0] else share(is_judged & one.found),
        missed=None if gaps[1] else share(is_judged & ~one.found),
        n_judged=int(is_judged.sum()),
        n_clusters=len(np.unique(judged.clusters[is_judged])),
        seed=seed,
        why_not_right=gaps[0],
        why_not_missed=gaps[1],
    )


def _gap(judged: Judged, is_judged: Bools, weights: Floats, units: Bools) -> str:
    """Return why what was judged does not speak for these units; empty if it does, or there are none.

    It does if of every stratum in which one of them stands some units are judged, and some of themselves.
    """
    lost = units & (weights == 0)
    if not lost.any():
        is_met = (is_judged & units).any() or not units.any()
        return "" if is_met else f"no such {judged.sample.unit} was drawn and judged"
    never = sum(judged.sample.strata[s].n_drawn == 0 for s in judged.strata[lost])
    what = judged.sample.unit
    if never:
        return f"{never} {what}s had no chance of being drawn"
    return "some strata are not judged yet"


def _rates(judged: Judged, one: _Asked, case: str, inside: Bools, parts: Parts, width: float) -> Rates:
    is_judged = ~np.isnan(judged.said[:, one.column]) & inside
    n_found = int((is_judged & one.found).sum())
    return Rates(
        one.code,
        one.rule,
        case,
        n_units=int(inside.sum()),
        n_found=int((inside & one.found).sum()),
        n_judged=int(is_judged.sum()),
        n_judged_found=n_found,
        precision=parts.precision,
        recall=parts.recall,
        more_for_precision=_more(parts.times_for_precision(width), n_found),
        more_for_recall=None if one.rule else _more(parts.times_for_recall(width), int(is_judged.sum())),
    )


def _more(times: float | None, n: int) -> int | None:
    return None if times is None else math.ceil((times - 1) * n)


def _differences(first: Rates, second: Rates) -> Iterator[Differing]:
    """Yield how precision and recall of two cases differ, where both are known; of rules only precision.

    What a rule brings differs between cases that write differently, and biases nothing by itself.
    """
    pairs: list[tuple[What, Estimate, Estimate]] = [("precision", first.precision, second.precision)]
    if not first.rule:
        pairs.append(("recall", first.recall, second.recall))
    for what, one, other in pairs:
        found = _less(one, other)
        if found.value is not None and found.low is not None and found.high is not None:
            cases = (first.case, second.case)
            yield Differing(first.code, first.rule, what, cases, found.value, found.low, found.high, found.n)


def _less(one: Estimate, other: Estimate) -> Estimate:
    """Return the first less the second; why not, where one of them is not to be had."""
    if one.value is None or other.value is None or one.draws is None or other.draws is None:
        return Estimate(None, reason=one.reason or other.reason)
    return of_draws(one.value - other.value, one.draws - other.draws, n=min(one.n, other.n), n_clusters=0)


def _sampled(judged: Judged, column: int, inside: Bools, weights: Floats, parts: Parts) -> Estimate:
    """Return the share that readers gave to the units drawn, weighted, without what the coder found."""
    said = judged.said[:, column]
    of = ~np.isnan(said) & inside
    if parts.lacking or not of.any():
        return Estimate(None, reason=parts.lacking or "nothing is judged yet")
    found = proportion(said[of], weights[of], judged.clusters[of])
    assert found is not None
    return of_proportion(found, found.drawn(np.random.default_rng((*parts.seed, 1))))


def _powered(judged: Judged, column: int, inside: Bools, parts: Parts) -> Estimate:
    """Return the prediction-powered share, or why it is refused."""
    drawn = judged.is_drawn & inside
    n_left = int((drawn & np.isnan(judged.said[:, column])).sum())
    reason = parts.lacking
    if n_left and not reason:
        reason = f"{n_left} of the {int(drawn.sum())} {judged.sample.unit}s drawn are not judged blind"
    if not reason and parts.n_clusters < LEAST_CLUSTERS:
        reason = f"units are judged in {parts.n_clusters} clusters of documents; it takes {LEAST_CLUSTERS}"
    return Estimate(None, reason=reason) if reason else parts.share
