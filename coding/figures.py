"""The figures on how far coders agree: on each code, on all codes together, on families, sets and spans.

They stand on what `coding.stacking` lays upon one another, and are those of `coding.reliability` and
`coding.unitizing`; here it is only said what is put into them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from coding.errors import CodingError, nearest
from coding.reliability import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    negative_agreement,
    percent_agreement,
    positive_agreement,
    scott_pi,
)
from coding.resampling import Integers, Statistic, drawn
from coding.stacking import lay_out
from coding.tally import indexed, tally
from coding.unitizing import code_point_f1, segment_f1, unitizing_alpha
from coding.units import PRESENT, UNREAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coding.model import Coded, Corpus
    from coding.stacking import Stack
    from coding.tally import Tally
    from coding.units import Targets

Flag = Literal["never used", "too few", "prevalence paradox"]
Statistics = Mapping[str, Statistic]

FEW = 5  # units that anyone coded, below which a figure says little
LOW_KAPPA, HIGH_PERCENT, RARE = 0.4, 0.9, 0.1
SHARED = 0.5  # of the code points that either of two segments covers, from which they match
NOTHING, SEVERAL = "none", "mixed"  # values of an exclusive family: no part of it, more than one
ALL_CODES = "all codes"


@dataclass(frozen=True, slots=True)
class Figures:
    """How far coders agree on one thing: a code, a family, or all codes.

    Attributes
    ----------
    on : the code, the family, or "all codes"
    n_units : units that two or more coders read for it
    n_coded : of these, those that anyone coded
    given : how many of these each coder coded
    n_all : how many all who read them coded
    statistics : by short name: percent, positive, negative, cohen, scott, fleiss, ac1, alpha; on spans
        unitizing, code_points, segments; over all codes also masi. A family has no positive and negative
    flags : "never used"; "too few": fewer than `FEW` units that anyone coded; "prevalence paradox": kappa is
        below `LOW_KAPPA` though coders agree on more than `HIGH_PERCENT` of the units, because the code is
        so rare, or so common, that chance would do nearly as well
    """

    on: str
    n_units: int
    n_coded: int
    given: tuple[int, ...]
    n_all: int
    statistics: Statistics = field(repr=False)
    flags: tuple[Flag, ...] = ()

    def __getitem__(self, name: str) -> Statistic:
        if name not in self.statistics:
            raise CodingError(f"no statistic '{name}' on {self.on}.{nearest(name, self.statistics)}")
        return self.statistics[name]


def of_codes(stacked: Stack, spans: Mapping[str, Statistics], draws: Integers) -> dict[str, Figures]:
    """Return the figures on each code, a unit bearing it or not.

    Parameters
    ----------
    spans : the statistics on spans, of codes that have some
    """
    sums = tally(stacked.values, clusters=stacked.clusters)
    each = _unstacked({**_binary(sums, draws), **_nominal(sums, draws)}, len(stacked.codes))
    return {
        code: _figures(code, stacked.values[:, :, [column]], {**statistics, **spans.get(code, {})})
        for column, (code, statistics) in enumerate(zip(stacked.codes, each, strict=True))
    }


def of_all(stacked: Stack, spans: Statistics, draws: Integers) -> Figures:
    """Return the figures on all codes together: each unit and code is a value, and each unit has its set."""
    values = stacked.values
    n_units, n_coders, n_codes = values.shape
    pooled = values.transpose(0, 2, 1).reshape(n_units * n_codes, n_coders)
    sums = tally(pooled, clusters=np.repeat(stacked.clusters, n_codes))
    (found,) = _unstacked({**_binary(sums, draws), **_nominal(sums, draws)}, 1)
    return _figures(ALL_CODES, values, {**found, "masi": _masi(stacked, draws, found["alpha"]), **spans})


def of_family(stacked: Stack, family: str, parts: Sequence[str], draws: Integers) -> tuple[Figures, Figures]:
    """Return the figures on a family whose parts exclude one another: over units read, and over coded ones.

    The value of a unit is its part, `NOTHING`, or `SEVERAL`; a coder who did not read the unit for all parts
    gave none.
    """
    values = stacked.values[:, :, stacked.places(parts)]
    n = (values == PRESENT).sum(2)
    chosen = np.where(n == 1, (values == PRESENT).argmax(2) + 2, np.minimum(n, 1))
    chosen = _pairable(np.where((values == UNREAD).any(2), UNREAD, chosen))
    domain = (NOTHING, SEVERAL, *parts)

    def over(some: NDArray[np.int64]) -> Figures:
        sums = tally(some, domain=domain, clusters=stacked.clusters)
        (found,) = _unstacked(_nominal(sums, draws), 1)
        return _figures(family, np.sign(some).astype(np.int8)[:, :, None], found)

    return over(chosen), over(np.where((chosen > 0).any(1, keepdims=True), chosen, UNREAD))


def on_spans(
    coded: Coded, corpus: Corpus, stacked: Stack, targets: Targets, *, seed: int, n_replicates: int
) -> tuple[dict[str, Statistics], Statistics]:
    """Return the statistics on spans of each code, and over all codes; empty where no text was read by all.

    They are over the codes that all coders read, and the text that all of them read for all of these.
    """
    is_read = (stacked.values != UNREAD).all(1).any(0)
    codes = [code for code, so in zip(stacked.codes, is_read, strict=True) if so]
    spans, continuum = lay_out(coded, corpus, coders=stacked.coders, codes=codes, counts_for=targets)
    if not codes or not len(continuum.lengths):
        return {}, {}
    draws = drawn(int(continuum.cluster_of.max()) + 1, n_replicates=n_replicates, seed=seed)
    found = {
        "unitizing": unitizing_alpha(spans, continuum, draws=draws),
        "code_points": code_point_f1(spans, continuum, draws=draws),
        "segments": segment_f1(spans, continuum, share=SHARED, draws=draws),
    }
    each: dict[str, Statistics] = {
        code: {name: by_code[i] for name, (by_code, _) in found.items()} for i, code in enumerate(codes)
    }
    return each, {name: over_all for name, (_, over_all) in found.items()}


def only(stacked: Stack, rows: NDArray[np.bool_]) -> Stack:
    """Return a stack in which the other units are unread; clusters keep their numbers."""
    return replace(stacked, values=np.where(rows[:, None, None], stacked.values, np.int8(UNREAD)))


def _binary(sums: Tally, draws: Integers) -> dict[str, tuple[Statistic, ...]]:
    return {
        "positive": positive_agreement(sums, draws=draws),
        "negative": negative_agreement(sums, draws=draws),
    }


def _nominal(sums: Tally, draws: Integers) -> dict[str, tuple[Statistic, ...]]:
    percent = percent_agreement(sums, draws=draws)
    if sums.given.shape[2] == 2:
        cohen, scott = cohen_kappa(sums, weights="identity", draws=draws), scott_pi(sums, draws=draws)
    else:
        cohen, scott = (
            tuple(_undefined(one, name, "it is of two coders: see Fleiss' kappa") for one in percent)
            for name in ("Cohen's kappa", "Scott's pi")
        )
    return {
        "percent": percent,
        "cohen": cohen,
        "scott": scott,
        "fleiss": fleiss_kappa(sums, draws=draws),
        "ac1": gwet_ac1(sums, draws=draws),
        "alpha": krippendorff_alpha(sums, level="nominal", draws=draws),
    }


def _unstacked(found: Mapping[str, tuple[Statistic, ...]], n: int) -> list[dict[str, Statistic]]:
    return [{name: each[i] for name, each in found.items()} for i in range(n)]


def _masi(stacked: Stack, draws: Integers, like: Statistic) -> Statistic:
    """Return alpha of the sets of codes that coders gave units, among codes that any two read."""
    values = stacked.values[:, :, (stacked.values != UNREAD).any((0, 1))]
    codes = range(values.shape[2])
    rows: list[list[frozenset[int] | None]] = [
        [
            None if (own == UNREAD).any() else frozenset(code for code in codes if own[code] == PRESENT)
            for own in unit
        ]
        for unit in values
    ]
    if not values.shape[2] or all(given is None for row in rows for given in row):
        return _undefined(like, "Krippendorff's alpha, masi", "no unit was read for all codes")
    table, domain = indexed(rows)
    sums = tally(_pairable(table), domain=domain, clusters=stacked.clusters)
    return krippendorff_alpha(sums, level="masi", draws=draws)[0]


def _pairable(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a table (U, K) without the values of units that fewer than two coders read."""
    return np.where(((table != UNREAD).sum(1) > 1)[:, None], table, UNREAD)


def _undefined(like: Statistic, name: str, reason: str) -> Statistic:
    return replace(
        like,
        name=name,
        value=None,
        reason=reason,
        low=None,
        high=None,
        no_interval=reason,
        n_undefined=like.n_replicates,
        replicates=np.full(like.n_replicates, np.nan),
    )


def _figures(on: str, values: NDArray[np.int8], statistics: Statistics) -> Figures:
    """Return figures with what they stand on: values (U, K, C) of 1, 0 and -1."""
    is_read, is_given = (values != UNREAD).any(2), (values == PRESENT).any(2)
    n_coded = int(is_given.any(1).sum())
    n_units = int(is_read.any(1).sum())
    return Figures(
        on=on,
        n_units=n_units,
        n_coded=n_coded,
        given=tuple(int(n) for n in is_given.sum(0)),
        n_all=int((is_given.any(1) & (is_given | ~is_read).all(1)).sum()),
        statistics=statistics,
        flags=tuple(_flags(n_units, n_coded, statistics)),
    )


def _flags(n_units: int, n_coded: int, statistics: Statistics) -> list[Flag]:
    flags: list[Flag] = []
    if n_units and not n_coded:
        flags.append("never used")
    if 0 < n_coded < FEW:
        flags.append("too few")
    percent = statistics["percent"]
    kappa = next((k for k in (statistics["cohen"].value, statistics["fleiss"].value) if k is not None), None)
    if percent.value is not None and percent.prevalence is not None and kappa is not None:
        is_rare = not RARE <= percent.prevalence <= 1 - RARE
        if is_rare and percent.value > HIGH_PERCENT and kappa < LOW_KAPPA:
            flags.append("prevalence paradox")
    return flags
