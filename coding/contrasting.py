"""Contrasts of many cases and codes together, each with all that a reader must see beside it.

`contrasts` compares every pair that is asked for in every share that is asked for. Beside a difference stand
the ratio, what becomes of it without each single document, and its interval and placebo adjusted for the
number of contrasts that were asked for. See docs/methods/contrasts.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal, get_args

from coding.errors import CodingError, choose, nearest, refuse
from coding.findings import (
    LEVEL,
    Base,
    Contrast,
    bearing,
    compared,
    in_base,
    interval,
    placebo,
    share_in_words,
    summed,
)
from coding.model import Coded
from coding.ratios import Ratio, ratio

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from coding.findings import Bearing
    from coding.matrix import Matrix, Weight

Pairs = Literal["every pair", "each against all"]
Larger = Literal["first", "second", "undetermined"]

ALL_OTHERS = "all others"


@dataclass(frozen=True, slots=True)
class Influence:
    """A contrast without one of its documents.

    Attributes
    ----------
    document : the one left out
    difference, low, high : without it; None where there is none
    change : the difference without it minus that with it; None if without it there is none
    turns_sign : whether without it the other share is the larger
    turns_verdict : whether without it the interval lies elsewhere: above zero, below, or around it
    """

    document: str
    difference: float | None
    low: float | None
    high: float | None
    change: float | None
    turns_sign: bool
    turns_verdict: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A contrast with what stands beside it.

    Attributes
    ----------
    code, within : what is compared: units that bear the code, among those that bear `within` if it is given
    first, second : ids of the cases on each side; several stand together for all others
    contrast : the difference with its interval and placebo, not adjusted
    ratio : the first share over the second
    adjusted_low, adjusted_high : the interval at the level that holds for all contrasts asked for together
    adjusted_placebo : the placebo adjusted for their number
    influences : the contrast without each document of its base, that which matters most first
    coded : the coded segments behind each share: those of the code, and of `within`, in the units that count
    """

    code: str
    within: str | None
    first: tuple[str, ...]
    second: tuple[str, ...]
    contrast: Contrast
    ratio: Ratio
    adjusted_low: float | None
    adjusted_high: float | None
    adjusted_placebo: float | None
    influences: tuple[Influence, ...] = field(repr=False)
    coded: tuple[Coded, Coded] = field(repr=False)

    @property
    def larger(self) -> Larger:
        """Which share is surely the larger, by the interval that is not adjusted."""
        return larger(self.contrast.low, self.contrast.high)

    @property
    def larger_of_all(self) -> Larger:
        """Which share is surely the larger, by the interval that holds for all contrasts together."""
        return larger(self.adjusted_low, self.adjusted_high)

    @property
    def n_clusters(self) -> int:
        """Independent documents or projects on the side that has fewer of them."""
        return min(self.contrast.first.n_clusters, self.contrast.second.n_clusters)

    @property
    def strongest(self) -> Influence | None:
        """What becomes of it without the document that matters most."""
        return self.influences[0] if self.influences else None


@dataclass(frozen=True, slots=True)
class Contrasts:
    """All contrasts that were asked for together; their number is what is adjusted for.

    Attributes
    ----------
    rows : one for each share and pair, the shares in the order asked for
    level : of each interval by itself; all adjusted ones together hold at this level
    left_out : names of the shares that were left out, since every unit of their base bears the code
    """

    rows: tuple[Comparison, ...]
    base: Base
    level: float = LEVEL
    left_out: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Comparison]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        sure = sum(row.larger_of_all != "undetermined" for row in self.rows)
        alone = sum(row.larger != "undetermined" for row in self.rows)
        return f"<{len(self.rows)} contrasts: {alone} beyond zero by themselves, {sure} when adjusted>"

    def frame(self) -> pd.DataFrame:
        """Return a row for each contrast with all its numbers; missing where there is none."""
        import pandas as pd

        return pd.DataFrame([as_value(row) for row in self.rows])


def contrasts(
    matrix: Matrix,
    *,
    on: Sequence[str],
    within: Sequence[str] | None,
    pairs: Sequence[tuple[str, str | None]] | Pairs,
    base: Base,
    seed: int,
) -> Contrasts:
    """Return every pair of cases compared in every share, with ratio, influence and what is adjusted.

    Parameters
    ----------
    on : the codes whose shares are compared; for a composition the parts of a family
    within : only units that bear this code are looked at, one code after the other; None for all units. A
        share of which every unit of the base bears the code is left out: that of a code within itself, of a
        code within one below it, and of one within a code that implies it. See `left_out`.
    pairs : pairs of cases, by id or shown name, with None for all others taken together; or "every pair"; or
        "each against all", which of two cases is the first against the second
    base : {"coded", "searched"}
        Whether a share is of the units that bear any code of the family of `on`, or of all.
    seed : of the placebo's relabellings

    Raises
    ------
    CodingError
        Listing unknown cases and codes, and cases compared with themselves; if no share is left.

    Source
    ------
    Difference, interval, placebo: `contrast`. Ratio: `coding.ratios`. Adjusted intervals: Bonferroni, each at
    1 - (1 - level) / number. Adjusted placebo: Holm (1979), *Scandinavian Journal of Statistics* 6, 65-70.
    Influence: each document left out once, after Tukey's jackknife; its units count no longer on any side.
    """
    choose(base, get_args(Base), "base")
    insides: Sequence[str | None] = (None,) if within is None else tuple(dict.fromkeys(within))
    codes = tuple(dict.fromkeys(on))
    named = _pairs(matrix, pairs)
    refuse([*_unknown(matrix, [*codes, *(within or ())]), *_unpaired(matrix, named)])
    asked = [
        _Asked(code, inside, first, second)
        for code, inside in shares(matrix, codes, insides, base=base)
        for first, second in _sides(matrix, named)
    ]
    level = 1 - (1 - LEVEL) / max(1, len(asked))
    rows = [_compare(matrix, each, base=base, level=level, seed=seed) for each in asked]
    holm = adjusted([row.contrast.placebo for row in rows])
    found = tuple(replace(row, adjusted_placebo=p) for row, p in zip(rows, holm, strict=True))
    return Contrasts(found, base, left_out=left_out(matrix, codes, insides, base=base))


def shares(
    matrix: Matrix, on: Sequence[str], within: Sequence[str | None], *, base: Base
) -> list[tuple[str, str | None]]:
    """Return every code within every other of which its share can differ, in the order of `within`.

    Parameters
    ----------
    within : None in it stands for all units

    Raises
    ------
    CodingError
        Listing unknown codes; if every unit of every base bears the code, by roll-up or implication: name
        another code with it.
    """
    refuse(list(_unknown(matrix, [*on, *filter(None, within)])))
    asked = list(dict.fromkeys((code, inside) for inside in within for code in on))
    found = [(code, inside) for code, inside in asked if not _is_whole(matrix, code, inside, base)]
    if asked and not found:
        raise CodingError(_whole(*asked[0]))
    return found


def left_out(
    matrix: Matrix, on: Sequence[str], within: Sequence[str | None], *, base: Base
) -> tuple[str, ...]:
    """Return the names of the shares that `shares` leaves out, since they are 100 % whoever is compared."""
    return tuple(
        share_in_words(matrix, code, inside, base)
        for inside in within
        for code in on
        if _is_whole(matrix, code, inside, base)
    )


def adjusted(placebos: Sequence[float | None]) -> list[float | None]:
    """Return placebos adjusted for their number, step by step from the smallest; None stays None.

    What has none counts in the number, for it was asked for.

    Source
    ------
    Holm (1979), *Scandinavian Journal of Statistics* 6, 65-70.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03, None])
    [0.04, 0.09, 0.09, None]
    """
    found: list[float | None] = [None] * len(placebos)
    known = sorted((p, i) for i, p in enumerate(placebos) if p is not None)
    least = 0.0
    for step, (p, i) in enumerate(known):
        least = max(least, min(1.0, p * (len(placebos) - step)))
        found[i] = least
    return found


def larger(low: float | None, high: float | None) -> Larger:
    """Return which share is surely the larger, by where an interval lies."""
    if low is None or high is None or low <= 0 <= high:
        return "undetermined"
    return "first" if low > 0 else "second"


def as_value(row: Comparison) -> dict[str, str | float | int | None]:
    """Return a contrast as one row of plain values."""
    found, strongest = row.contrast, row.strongest
    return {
        "code": row.code,
        "within": row.within,
        "share": found.what,
        "first": found.first.name,
        "second": found.second.name,
        **{
            f"{side}_{name}": getattr(value, name)
            for side, value in (("first", found.first), ("second", found.second))
            for name in ("n", "base", "n_clusters", "share")
        },
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "df": found.df,
        "adjusted_low": row.adjusted_low,
        "adjusted_high": row.adjusted_high,
        "ratio": row.ratio.value,
        "ratio_low": row.ratio.low,
        "ratio_high": row.ratio.high,
        "placebo": found.placebo,
        "adjusted_placebo": row.adjusted_placebo,
        "larger": row.larger,
        "larger_of_all": row.larger_of_all,
        "strongest_document": strongest.document if strongest else None,
        "difference_without": strongest.difference if strongest else None,
        "documents_that_turn_the_sign": sum(one.turns_sign for one in row.influences),
        "documents_that_turn_the_verdict": sum(one.turns_verdict for one in row.influences),
        "reason": found.reason or row.ratio.reason,
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """A share and the cases of both sides."""

    code: str
    within: str | None
    first: tuple[str, ...]
    second: tuple[str, ...]


def _is_whole(matrix: Matrix, code: str, within: str | None, base: Base) -> bool:
    """Say whether each unit of a share's base bears the code by the decisions alone, whatever was coded."""
    bases = [{within}] if within is not None else []
    if base == "coded" and code in matrix.codes:
        bases.append(set(matrix.families[matrix.family(code)]))
    every = matrix.projection.counts_for.values()
    counting = [[targets for targets in every if borne & set(targets)] for borne in bases]
    return code == within or any(own and all(code in targets for targets in own) for own in counting)


def _whole(code: str, within: str | None) -> str:
    """Say why a share cannot be compared, and what to do."""
    if within is None:
        return (
            f"'{code}' is compared within its own family, where every unit bears it by roll-up. Take the "
            "base 'searched', or a code below it."
        )
    inside = "itself" if code == within else f"'{within}'"
    why = "" if code == within else ", by roll-up or implication"
    return (
        f"'{code}' is compared within {inside}, where every unit of the base bears it{why}. Name another "
        "code with one of the two."
    )


def _unknown(matrix: Matrix, codes: Sequence[str]) -> Iterator[str]:
    for code in dict.fromkeys(codes):
        if code not in matrix.codes:
            yield f"the matrix has no code '{code}'.{nearest(code, matrix.codes)}"


def _pairs(matrix: Matrix, pairs: Sequence[tuple[str, str | None]] | Pairs) -> list[tuple[str, str | None]]:
    """Return the pairs of cases by name, None for all others."""
    if not isinstance(pairs, str):
        return list(pairs)
    choose(pairs, get_args(Pairs), "pairs")
    if pairs == "each against all" and len(matrix.cases) != 2:
        return [(case, None) for case in matrix.cases]
    return list(combinations(matrix.cases, 2))


def _unpaired(matrix: Matrix, pairs: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    """Yield what is wrong with pairs."""
    if len(matrix.cases) < 2:
        yield "the matrix has one case, and a contrast needs two. Add another to the study."
    known = [*matrix.cases, *(matrix.names[case] for case in matrix.cases)]
    for name in dict.fromkeys(name for pair in pairs for name in pair if name is not None):
        if name not in known:
            yield f"the matrix has no case '{name}'.{nearest(name, known)}"
    for one, two in pairs:
        if two in known and one in known and matrix.case(one) == matrix.case(two):
            yield f"'{one}' is compared with itself. Name another case."


def _sides(
    matrix: Matrix, pairs: Sequence[tuple[str, str | None]]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the ids of the cases on both sides of each pair, each pair once."""
    found = []
    for one, two in pairs:
        first = matrix.case(one)
        others = tuple(case for case in matrix.cases if case != first)
        found.append(((first,), others if two is None else (matrix.case(two),)))
    return list(dict.fromkeys(found))


def _compare(matrix: Matrix, asked: _Asked, *, base: Base, level: float, seed: int) -> Comparison:
    """Return the comparison of one pair in one share; its placebo is not adjusted yet."""
    weight = matrix.measurement.weight
    rows = [
        in_base(matrix, cases, on=asked.code, within=asked.within, base=base)
        for cases in (asked.first, asked.second)
    ]
    sides = [bearing(matrix, each, asked.code) for each in rows]
    one, two = (summed(side, weight=weight, base=base) for side in sides)
    names = _named(matrix, asked.first), _named(matrix, asked.second)
    what = share_in_words(matrix, asked.code, asked.within, base)
    found = compared(what, names, one, two, placebo=placebo(one, two, seed=seed))
    low, high = (None, None) if found.low is None else interval(one, two, level=level)[:2]
    return Comparison(
        code=asked.code,
        within=asked.within,
        first=asked.first,
        second=asked.second,
        contrast=found,
        ratio=ratio(one, two, names=names),
        adjusted_low=low,
        adjusted_high=high,
        adjusted_placebo=None,
        influences=tuple(_influences(found, sides, weight=weight, base=base)),
        coded=(_behind(matrix, rows[0], asked), _behind(matrix, rows[1], asked)),
    )


def _named(matrix: Matrix, cases: tuple[str, ...]) -> str:
    return matrix.names[cases[0]] if len(cases) == 1 else ALL_OTHERS


def _influences(found: Contrast, sides: Sequence[Bearing], *, weight: Weight, base: Base) -> list[Influence]:
    """Return the contrast without each document, that which changes it most first."""
    if found.difference is None:
        return []
    documents = dict.fromkeys(document for side in sides for _, document in side)
    every = [_without(document, found, sides, weight=weight, base=base) for document in documents]
    return sorted(every, key=lambda one: (one.change is not None, -round(abs(one.change or 0), 12)))


def _without(
    document: str, found: Contrast, sides: Sequence[Bearing], *, weight: Weight, base: Base
) -> Influence:
    one, two = (
        summed({key: bears for key, bears in side.items() if key[1] != document}, weight=weight, base=base)
        for side in sides
    )
    left = compared(found.what, (found.first.name, found.second.name), one, two, placebo=None)
    before, after = found.difference, left.difference
    change = None if before is None or after is None else after - before
    return Influence(
        document=document,
        difference=after,
        low=left.low,
        high=left.high,
        change=change,
        turns_sign=before is not None and after is not None and before * after < 0,
        turns_verdict=larger(left.low, left.high) != larger(found.low, found.high),
    )


def _behind(matrix: Matrix, rows: NDArray[np.int64], asked: _Asked) -> Coded:
    """Return the coded segments behind a share: of the code, and of `within`, in units that bear the code."""
    codes = [asked.code, *([asked.within] if asked.within else [])]
    evidence = matrix.projection.evidence
    found = [
        segment
        for row in rows[matrix.bears(asked.code)[rows]]
        for code in codes
        for segment in evidence.get((int(row), code), ())
    ]
    return Coded(tuple({segment.id: segment for segment in found}.values()))
