"""Show which interval keeps its promise for ratios, for rare codes and for ranks, at this corpus's size.

Corpora are drawn in which the truth is known. Where a share is of what is coded, they are those of
`coverage_simulation.py`; where it is of all that was searched, documents have 1 to 40 units and most codes
are rare. The methods "shipped" are the package's own functions. Design, tables and choice in words:
docs/methods/contrasts.md.

    python docs/methods/contrasts_simulation.py --seed 20261126 --markdown
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from coverage_simulation import ICCS, PAIRS, TINY, Array, Draws, Interval, World, draw, mover, number, table
from coverage_simulation import SIZES as CODED_SIZES
from coverage_simulation import _wilson as wilson
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from coding.findings import ADDED_UNITS, LEVEL, ClusterSums, interval
from coding.ranking import surely_larger
from coding.ratios import ratio_interval

RARE = ((0.02, 0.02), (0.05, 0.05), (0.1, 0.03), (0.15, 0.1), (0.3, 0.3), (0.4, 0.15))
FEW = ((0.2, 0.2), (0.3, 0.1))  # shares of what is coded, besides those of the other simulation
SIZES = ((5, 5), (8, 8), (12, 12), (16, 12), (20, 20), (5, 15))
TOGETHER = 6  # contrasts that are asked for together, one for each category
SHORT = 0.02  # a cell falls short of what is promised by more than this
MOST_UNITS = 40


@dataclass(frozen=True, slots=True)
class Corpora:
    """Corpora of one world under one weight: the sums over clusters, and the units of both sides."""

    world: World
    weight: str
    draws: Draws
    units: tuple[Array, Array]
    is_of_searched: bool

    @property
    def base(self) -> str:
        """What a share is of."""
        return "searched" if self.is_of_searched else "coded"

    def sides(self) -> Iterator[tuple[ClusterSums, ClusterSums]]:
        """Yield both sides of each corpus, as the package has them."""
        shared = self.draws.n_shared
        names = [
            tuple(f"shared {i}" if i < shared else f"{side} {i}" for i in range(y.shape[1]))
            for side, y in enumerate(self.draws.y)
        ]
        for i in range(len(self.draws.y[0])):
            one, two = (
                ClusterSums(
                    names[s],
                    self.draws.y[s][i],
                    self.draws.x[s][i],
                    1,
                    int(self.units[s][i]),
                    self.is_of_searched,
                )
                for s in range(2)
            )
            yield one, two

    def added(self) -> tuple[Array, Array]:
        """Return the base of four units at one half, at most two mean clusters, for each corpus."""
        one, two = (
            np.minimum(2 * x.mean(axis=1), ADDED_UNITS * x.sum(axis=1) / units)
            for x, units in zip(self.draws.x, self.units, strict=True)
        )
        return one, two


# Drawing corpora.


def corpora(*, n: int, quick: bool, random: np.random.Generator) -> Iterator[Corpora]:
    """Yield the grid: shares of what is coded, then of what was searched."""
    sizes = ((5, 5), (12, 12)) if quick else SIZES
    for clusters, icc, shares in product(sizes, ICCS, (*PAIRS, *FEW)):
        yield from _of_coded(World("two cases", clusters, shares, (icc, icc)), n, random)
    for clusters, icc, shares in product(sizes, (0.05, 0.2), RARE):
        yield from _of_searched(World("two cases", clusters, shares, (icc, icc)), n, random)
    if quick:
        return
    for clusters, shares in product(((8, 8), (16, 12)), (*PAIRS, *FEW)):
        yield from _of_coded(World("shared clusters", clusters, shares, (0.2, 0.2), 3), n, random)
    for clusters, shares in product(((8, 8), (16, 12)), RARE):
        yield from _of_searched(World("shared clusters", clusters, shares, (0.2, 0.2), 3), n, random)
        yield from _of_searched(World("unequal spread", clusters, shares, (0.2, 0.01)), n, random)
    for clusters, shares in product(((5, 5), (12, 12), (20, 20)), ((0.02, 0.02), (0.1, 0.05), (0.3, 0.1))):
        yield from _of_searched(
            World("within one case", clusters, shares, (0.1, 0.1), clusters[0]), n, random
        )


def _of_coded(world: World, n: int, random: np.random.Generator) -> Iterator[Corpora]:
    both = draw(world, n, random)
    units = both["unit"].x[0].sum(axis=1), both["unit"].x[1].sum(axis=1)
    for weight, draws in both.items():
        yield Corpora(world, weight, draws, units, is_of_searched=False)


def _of_searched(world: World, n: int, random: np.random.Generator) -> Iterator[Corpora]:
    """Yield corpora of documents of many units, each a cluster of its own."""
    sizes = [_lengths(n, clusters, random) for clusters in world.clusters]
    places = [random.random(size.shape) for size in sizes]
    for each in (sizes, places):  # shared: the same texts, alike in what they say of both cases
        each[1][:, : world.n_shared] = each[0][:, : world.n_shared]
    if world.design == "within one case":
        places[1] = random.random(places[1].shape)
    one, two = (_own(*each) for each in zip(world.shares, world.icc, places, strict=True))
    if world.design == "within one case":  # the more there is of the one code, the less room for the other
        two = (two * (1 - one) / (1 - world.shares[0])).clip(0, 1)
    found = [random.binomial(*each).astype(float) for each in zip(sizes, (one, two), strict=True)]
    x = [size.astype(float) for size in sizes]
    units, ones = (x[0].sum(axis=1), x[1].sum(axis=1)), (np.ones_like(x[0]), np.ones_like(x[1]))
    by_document = Draws((found[0] / x[0], found[1] / x[1]), ones, world.n_shared)
    yield Corpora(world, "document", by_document, units, is_of_searched=True)
    by_unit = Draws((found[0], found[1]), (x[0], x[1]), world.n_shared)
    yield Corpora(world, "unit", by_unit, units, is_of_searched=True)


def _lengths(n: int, clusters: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return how many units the documents have: the middle one has seven."""
    drawn = random.lognormal(2.0, 0.6, size=(n, clusters)).round().clip(1, MOST_UNITS)
    return np.asarray(drawn, dtype=np.int64)


def _own(share: float, icc: float, places: Array) -> Array:
    """Return a share of its own for each cluster, at its place in a beta distribution."""
    k = (1 - icc) / icc
    return np.asarray(betaincinv(share * k, (1 - share) * k, places))


# The methods. Each returns low and high for every corpus, of a ratio on the logarithm.

Method = Callable[[Corpora], Interval]


@dataclass(frozen=True, slots=True)
class Linear:
    """A t interval by linearisation, of the difference or of the logarithm of the ratio.

    added : the cluster at one half
    cr2 : whether residuals and degrees of freedom are corrected (Bell and McCaffrey 2002)
    plain_middle : whether the middle is the ratio without the added cluster
    """

    added: Literal["nothing", "two clusters", "four units"]
    is_log: bool = False
    cr2: bool = False
    plain_middle: bool = False

    def __call__(self, drawn: Corpora) -> Interval:
        """Return the interval."""
        draws = drawn.draws
        sizes = {
            "nothing": tuple(np.zeros(len(x)) for x in draws.x),
            "two clusters": tuple(2 * x.mean(axis=1) for x in draws.x),
            "four units": drawn.added(),
        }[self.added]
        (p1, r1, d1), (p2, r2, d2) = (self._side(*each) for each in zip(draws.y, draws.x, sizes, strict=True))
        with np.errstate(all="ignore"):
            if self.is_log:
                r1, r2 = r1 / p1[:, None], r2 / p2[:, None]
                plain = np.log(draws.shares[0] / draws.shares[1])
                middle = plain if self.plain_middle else np.log(p1 / p2)
            else:
                middle = p1 - p2
            s = draws.n_shared
            v1, v2 = (r1**2).sum(axis=1), (r2**2).sum(axis=1)
            variance = np.maximum(v1 + v2 - 2 * (r1[:, :s] * r2[:, :s]).sum(axis=1), 0)
            df = (v1 + v2 + TINY) ** 2 / ((v1 + TINY) ** 2 / d1 + (v2 + TINY) ** 2 / d2)
            df = np.minimum(d1, d2) if draws.within else df
            half = stdtrit(df, (1 + LEVEL) / 2) * np.sqrt(variance)
        return middle - half, middle + half

    def _side(self, y: Array, x: Array, size: Array) -> tuple[Array, Array, Array]:
        if size.any():
            y, x = np.column_stack([y, size / 2]), np.column_stack([x, size])
        n, total = x.shape[1], x.sum(axis=1, keepdims=True)
        share, h = y.sum(axis=1, keepdims=True) / total, x / total
        residual = (y - share * x) / total
        if not self.cr2:
            return share[:, 0], residual * (n / (n - 1)) ** 0.5, np.full(len(x), n - 1.0)
        a = h**2 / (1 - h)
        df = 1 / ((h**2).sum(axis=1) + a.sum(axis=1) ** 2 - (a**2).sum(axis=1))
        return share[:, 0], residual / (1 - h) ** 0.5, df


def mover_of_logarithms(drawn: Corpora) -> Interval:
    """Join two Wilson intervals on the logarithm (Zou and Donner 2008, Statistics in Medicine 27, 1693)."""
    draws = drawn.draws
    (p1, l1, u1, r1), (p2, l2, u2, r2) = (wilson(*each) for each in zip(draws.y, draws.x, strict=True))
    s = draws.n_shared
    joint = (r1[:, :s] * r2[:, :s]).sum(axis=1)
    like = joint / np.maximum(np.sqrt((r1**2).sum(axis=1) * (r2**2).sum(axis=1)), TINY)
    with np.errstate(all="ignore"):
        down, up = (np.log(p1 / l1), np.log(u2 / p2)), (np.log(u1 / p1), np.log(p2 / l2))
        low, high = (
            np.sqrt(np.maximum(one**2 + two**2 - 2 * like * one * two, 0)) for one, two in (down, up)
        )
        middle = np.log(p1 / p2)
    return middle - low, middle + high


def shipped_difference(drawn: Corpora, level: float = LEVEL) -> Interval:
    """Call `coding.findings.interval` for each corpus."""
    found = np.array([interval(one, two, level=level)[:2] for one, two in drawn.sides()])
    return found[:, 0], found[:, 1]


def shipped_ratio(drawn: Corpora, level: float = LEVEL) -> Interval:
    """Call `coding.ratios.ratio_interval` for each corpus in which both shares are above nought."""
    nothing = (np.nan, np.nan)
    found = np.array(
        [
            np.log(ratio_interval(one, two, level=level)) if one.y.any() and two.y.any() else nothing
            for one, two in drawn.sides()
        ]
    )
    return found[:, 0], found[:, 1]


SHIPPED = "shipped"
DIFFERENCES: dict[str, Method] = {
    "linearised t": Linear("nothing"),
    "CR2 t": Linear("nothing", cr2=True),
    "MOVER, Wilson": lambda drawn: mover(drawn.draws),
    "two clusters at one half": Linear("two clusters"),
    "four units at one half, CR2": Linear("four units", cr2=True),
    SHIPPED: shipped_difference,
}
RATIOS: dict[str, Method] = {
    "linearised t": Linear("nothing", is_log=True),
    "CR2 t": Linear("nothing", is_log=True, cr2=True),
    "MOVER, Wilson": mover_of_logarithms,
    "two clusters at one half": Linear("two clusters", is_log=True),
    "four units at one half": Linear("four units", is_log=True),
    "four units at one half, middle unmoved": Linear("four units", is_log=True, plain_middle=True),
    SHIPPED: shipped_ratio,
}


# What the intervals are worth.


@dataclass(frozen=True, slots=True)
class Cell:
    """One world under one weight with one method.

    Attributes
    ----------
    undefined : share of corpora in which there is no ratio; the others are what is measured
    coverage, width, beyond : how often the truth is held; the middle width; how often zero (or 1) is not held
    """

    what: Literal["difference", "ratio"]
    base: str
    world: World
    weight: str
    method: str
    level: float
    undefined: float
    coverage: float
    width: float
    beyond: float

    @property
    def is_null(self) -> bool:
        """Whether the shares are equal."""
        return self.world.truth == 0


def measured(
    drawn: Corpora, what: Literal["difference", "ratio"], method: str, level: float, ends: Interval
) -> Cell:
    """Return what the intervals of a cell are worth."""
    one, two = drawn.world.shares
    truth = one - two if what == "difference" else float(np.log(one / two))
    known = np.ones(len(ends[0]), dtype=bool)
    if what == "ratio":
        known = (drawn.draws.shares[0] > TINY) & (drawn.draws.shares[1] > TINY)
    low, high = ends[0][known], ends[1][known]
    return Cell(
        what,
        drawn.base,
        drawn.world,
        drawn.weight,
        method,
        level,
        undefined=float(1 - known.mean()),
        coverage=float(((low <= truth + TINY) & (high >= truth - TINY)).mean()),
        width=float(np.median(high - low)),
        beyond=float(((low > TINY) | (high < -TINY)).mean()),
    )


def simulate(*, n: int, seed: int, quick: bool) -> list[Cell]:
    """Return a cell for each world, weight, kind and method; of the shipped ones at a stricter level too."""
    random = np.random.default_rng(seed)
    cells: list[Cell] = []
    strict = 1 - (1 - LEVEL) / TOGETHER
    for drawn in corpora(n=n, quick=quick, random=random):
        for name, method in DIFFERENCES.items():
            cells.append(measured(drawn, "difference", name, LEVEL, method(drawn)))
        cells.append(measured(drawn, "difference", SHIPPED, strict, shipped_difference(drawn, strict)))
        if drawn.world.design == "within one case":
            continue
        for name, method in RATIOS.items():
            cells.append(measured(drawn, "ratio", name, LEVEL, method(drawn)))
        cells.append(measured(drawn, "ratio", SHIPPED, strict, shipped_ratio(drawn, strict)))
    return cells


# Ranks.


@dataclass(frozen=True, slots=True)
class Ranked:
    """Cases of known shares: how often all intervals of ranks hold, and how wide they are."""

    n_cases: int
    n_clusters: int
    base: str
    shares: str
    holds: float
    width: float
    falsely: float


def patterns(k: int, base: str) -> dict[str, Array]:
    """Return shares of k cases: all alike, one apart, evenly spread."""
    low, high = (0.05, 0.3) if base == "searched" else (0.4, 0.9)
    return {
        "all alike": np.full(k, low),
        "one apart": np.array([high, *[low] * (k - 1)]),
        "spread": np.linspace(high, low, k),
    }


def ranked(*, n: int, seed: int, quick: bool) -> list[Ranked]:
    """Return for each number of cases, base and pattern how good the shipped ranks are."""
    random = np.random.default_rng(seed + 1)
    found = []
    for k, clusters, base in product((3, 8) if quick else (3, 5, 8), (8, 16), ("coded", "searched")):
        for name, shares in patterns(k, base).items():
            held, widths, wrong = [], [], []
            for _ in range(n):
                sides = {str(i): _side(share, clusters, base, random) for i, share in enumerate(shares)}
                sure = surely_larger(sides)
                above = [sum(two == str(i) for _, two in sure) for i in range(k)]
                below = [sum(one == str(i) for one, _ in sure) for i in range(k)]
                held.append(
                    all(
                        above[i] <= (shares > shares[i] + TINY).sum()
                        and below[i] <= (shares < shares[i] - TINY).sum()
                        for i in range(k)
                    )
                )
                widths.append(np.mean([k - below[i] - above[i] for i in range(k)]))
                wrong.append(any(shares[int(one)] < shares[int(two)] + TINY for one, two in sure))
            found.append(Ranked(k, clusters, base, name, *(float(np.mean(v)) for v in (held, widths, wrong))))
    return found


def _side(share: float, clusters: int, base: str, random: np.random.Generator) -> ClusterSums:
    """Return a case, each unit alike: short clusters of likeness 0.2, or documents of likeness 0.1."""
    if base == "coded":
        size = random.choice(np.arange(1, 9), p=CODED_SIZES, size=clusters)
        own = random.beta(4 * share, 4 * (1 - share), size=clusters)
    else:
        size = _lengths(1, clusters, random)[0]
        own = random.beta(9 * share, 9 * (1 - share), size=clusters)
    y = random.binomial(size, own).astype(float)
    names = tuple(str(random.random()) for _ in range(clusters))
    return ClusterSums(names, y, size.astype(float), int(y.sum()), int(size.sum()), base == "searched")


# Telling.


def summary(cells: Sequence[Cell]) -> Mapping[str, float]:
    """Return the measures over some cells of one method."""
    coverage = np.array([c.coverage for c in cells])
    level = cells[0].level
    apart = [c.beyond for c in cells if not c.is_null]
    same = [c.beyond for c in cells if c.is_null]
    return {
        "cells": len(cells),
        "least": float(coverage.min()),
        "median": float(np.median(coverage)),
        "short": float((coverage < level - SHORT).mean()),
        "missed": float(1 - coverage.mean()),
        "missed_most": float(1 - coverage.min()),
        "width": float(np.mean([c.width for c in cells])),
        "false_mean": float(np.mean(same)) if same else float("nan"),
        "false_most": max(same, default=float("nan")),
        "power": float(np.mean(apart)) if apart else float("nan"),
        "undefined": float(np.mean([c.undefined for c in cells])),
    }


HEADINGS = {
    "cells": "cells",
    "least": "coverage, least",
    "median": "median",
    "short": "cells below .93",
    "missed": "truth missed, mean",
    "missed_most": "most",
    "width": "width",
    "false_mean": "false, mean",
    "false_most": "false, most",
    "power": "power",
    "undefined": "no ratio",
}
OF_METHODS = ("least", "median", "short", "width", "false_mean", "false_most", "power")


def report(cells: Sequence[Cell], ranks: Sequence[Ranked], *, markdown: bool) -> str:
    """Return the tables of the page."""

    def by(groups: Mapping[str, Sequence[Cell]], keys: Sequence[str], first: str) -> str:
        found = {name: summary(group) for name, group in groups.items() if group}
        rows = [[name, *(number(one[key]) for key in keys)] for name, one in found.items()]
        return table([first, *(HEADINGS[key] for key in keys)], rows, markdown=markdown)

    def of(what: str, base: str, methods: Mapping[str, Method]) -> str:
        mine = [c for c in cells if (c.what, c.base, c.level) == (what, base, LEVEL)]
        return by({m: [c for c in mine if c.method == m] for m in methods}, OF_METHODS, "method")

    ours = [c for c in cells if c.method == SHIPPED]
    usual = [c for c in ours if c.level == LEVEL]
    kinds = list(dict.fromkeys((c.what, c.base) for c in ours))
    groups = {
        f"{what} of shares of what is {base}, {size} clusters": [
            c for c in usual if (c.what, c.base, c.world.size) == (what, base, size)
        ]
        for what, base in kinds
        for size in dict.fromkeys(c.world.size for c in usual)
        if (what, base) != ("difference", "coded")
    }
    designs = {
        f"{what} of shares of what is {base}, {design}": [
            c for c in usual if (c.what, c.base, c.world.design) == (what, base, design)
        ]
        for what, base in kinds
        for design in dict.fromkeys(c.world.design for c in usual)
        if (what, base) != ("difference", "coded")
    }
    strict = {
        f"{what} of shares of what is {base}": [
            c for c in ours if (c.what, c.base) == (what, base) and c.level != LEVEL
        ]
        for what, base in kinds
    }
    worst = sorted(
        (c for c in usual if (c.what, c.base) != ("difference", "coded")), key=lambda c: c.coverage
    )[:8]
    level = f"{100 * (1 - (1 - LEVEL) / TOGETHER):.2f} %"
    parts = {
        "Differences of shares of what was searched": of("difference", "searched", DIFFERENCES),
        "Ratios of shares of what was searched": of("ratio", "searched", RATIOS),
        "Ratios of shares of what is coded": of("ratio", "coded", RATIOS),
        "The shipped methods by clusters on a side": by(groups, (*OF_METHODS, "undefined"), "what"),
        "The shipped methods by design": by(designs, (*OF_METHODS, "undefined"), "what"),
        f"The shipped methods at {level}, as for {TOGETHER} contrasts together": by(
            strict, ("cells", "missed", "missed_most", "false_mean", "false_most", "power"), "what"
        ),
        "The shipped methods' lowest cells": table(
            ["what", "base", "design", "clusters", "true shares", "ICC", "weight", "coverage"],
            [
                [
                    *(c.what, c.base, c.world.design, c.world.size),
                    *(", ".join(f"{v:g}" for v in pair) for pair in (c.world.shares, c.world.icc)),
                    *(c.weight, number(c.coverage)),
                ]
                for c in worst
            ],
            markdown=markdown,
        ),
        "Ranks": table(
            ["cases", "clusters", "base", "true shares", "all hold", "ranks in an interval", "a false order"],
            [
                [
                    str(r.n_cases),
                    str(r.n_clusters),
                    r.base,
                    r.shares,
                    *map(number, (r.holds, r.width, r.falsely)),
                ]
                for r in ranks
            ],
            markdown=markdown,
        ),
    }
    return "\n\n".join(
        f"**{title}**\n\n{body}" if markdown else f"{title}\n{body}" for title, body in parts.items()
    )


def flat(cells: Sequence[Cell], ranks: Sequence[Ranked]) -> dict[str, float]:
    """Return the summaries as one flat object: `what.base.method.level.measure`."""
    found: dict[str, float] = {}
    for key in dict.fromkeys((c.what, c.base, c.method, c.level) for c in cells):
        mine = [c for c in cells if (c.what, c.base, c.method, c.level) == key]
        name = f"{key[0]}.{key[1]}.{key[2]}.{key[3]:.4g}"
        found |= {f"{name}.{what}": round(value, 4) for what, value in summary(mine).items()}
    found |= {
        "ranks.holds.least": min(r.holds for r in ranks),
        "ranks.falsely.most": max(r.falsely for r in ranks),
    }
    return found


def main() -> None:
    """Run the grid, print the tables and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True, help="of all draws; a published number needs it")
    parser.add_argument("--replications", type=int, help="corpora per world (1000; quick: 200)")
    parser.add_argument(
        "--quick", action="store_true", help="5 and 12 clusters, main designs, few replications"
    )
    parser.add_argument("--markdown", action="store_true", help="the tables as they stand on the page")
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    asked = parser.parse_args()
    n = asked.replications or (200 if asked.quick else 1000)
    begun = time.perf_counter()
    cells = simulate(n=n, seed=asked.seed, quick=asked.quick)
    ranks = ranked(n=n, seed=asked.seed, quick=asked.quick)
    seconds = time.perf_counter() - begun
    print(report(cells, ranks, markdown=asked.markdown))
    print(f"\n{len(cells)} cells, {n} replications each, seed {asked.seed}")
    print(f"{seconds:.0f} seconds", file=sys.stderr)
    if asked.json:
        print(json.dumps({"seed": asked.seed, "seconds": round(seconds, 1), **flat(cells, ranks)}))


if __name__ == "__main__":
    main()
