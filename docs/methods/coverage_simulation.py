"""Show which interval for the difference of two shares keeps its promise at this corpus's size.

Worlds are drawn in which the true difference is known: few clusters of one to eight units, the units
of one cluster alike to a stated degree. From each draw each method makes its interval; the tables
say how often it holds the truth. The method "shipped" is `coding.findings.interval` itself. The
design in words, the tables and the choice are in docs/methods/intervals.md.

    python docs/methods/coverage_simulation.py --seed 20261125 --markdown
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
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from coding.findings import LEVEL, ClusterSums, interval

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Interval = tuple[Array, Array]
Design = Literal["two cases", "within one case", "shared clusters", "informative size", "unequal spread"]
Result = Mapping[str, float]

SIZES = np.array([0.55, 0.22, 0.10, 0.06, 0.03, 0.02, 0.01, 0.01])  # clusters of 1 to 8 units, mean 2
NEW_DOCUMENT = 0.3  # chance that a further unit of a cluster opens a further document
PAIRS = ((0.5, 0.5), (0.7, 0.4), (0.8, 0.8), (0.9, 0.6), (0.95, 0.95), (1.0, 0.8))
CODES = ((0.5, 0.5), (0.3, 0.3), (0.6, 0.3), (0.8, 0.15), (0.95, 0.05), (0.8, 0.8))
ICCS = (0.0, 0.2, 0.5)
EQUAL = ((3, 3), (4, 4), (5, 5), (8, 8), (12, 12), (20, 20))
UNEQUAL = ((5, 15), (8, 20))
LEAST = 5  # the summaries over all cells leave out smaller sides
HOLDS = 0.93
N_RESAMPLES = 999
N_RELABELLINGS = 499
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class World:
    """What is true: for each side its clusters, its share, the likeness of units within a cluster."""

    design: Design
    clusters: tuple[int, int]
    shares: tuple[float, float]
    icc: tuple[float, float]
    n_shared: int = 0

    @property
    def truth(self) -> float:
        """The true difference; where size informs, both shares sink alike, and it stays."""
        return self.shares[0] - self.shares[1]

    @property
    def size(self) -> str:
        """The clusters in words."""
        one, two = self.clusters
        return str(one) if one == two else f"{one} v {two}"


@dataclass(frozen=True, slots=True)
class Draws:
    """Corpora of one world: y and x of both sides, replications x clusters; the first are shared."""

    y: tuple[Array, Array]
    x: tuple[Array, Array]
    n_shared: int

    @property
    def shares(self) -> tuple[Array, Array]:
        """The two shares in each replication."""
        return self.y[0].sum(1) / self.x[0].sum(1), self.y[1].sum(1) / self.x[1].sum(1)

    @property
    def within(self) -> bool:
        """Whether all clusters are on both sides."""
        return all(y.shape[1] == self.n_shared for y in self.y)


def worlds(*, quick: bool) -> Iterator[World]:
    """Yield the grid."""
    equal = ((5, 5), (12, 12)) if quick else EQUAL
    for clusters, icc, shares in product(equal, ICCS, PAIRS):
        yield World("two cases", clusters, shares, (icc, icc))
    for clusters, icc, shares in product(equal, ICCS, CODES):
        yield World("within one case", clusters, shares, (icc, icc), clusters[0])
    if quick:
        return
    for clusters, icc, shares in product(UNEQUAL, ICCS, PAIRS):
        yield World("two cases", clusters, shares, (icc, icc))
        if shares[0] != shares[1]:
            yield World("two cases", clusters, shares[::-1], (icc, icc))
    for clusters, shares in product(((8, 8), (12, 12), (8, 20)), PAIRS):
        yield World("shared clusters", clusters, shares, (0.2, 0.2), 3)
    for clusters, shares in product(((5, 5), (8, 8), (12, 12), *UNEQUAL), PAIRS):
        yield World("informative size", clusters, shares, (0.2, 0.2))
        yield World("unequal spread", clusters, shares, (0.5, 0.0))


# Drawing corpora.


@dataclass(frozen=True, slots=True)
class _Frame:
    """Clusters before coding: units, slots that open a document, and the chances to be used."""

    size: NDArray[np.int64]
    opens: Flags
    quantile: Array
    slots: Array


def draw(world: World, n: int, random: np.random.Generator) -> dict[str, Draws]:
    """Return `n` corpora of a world, under both weights."""
    one, two = (_frame(n, clusters, random) for clusters in world.clusters)
    if world.design == "within one case":
        two = one
        bears = _two_codes(world, one, random)
    else:
        for part in ("size", "opens", "quantile", "slots"):
            getattr(two, part)[:, : world.n_shared] = getattr(one, part)[:, : world.n_shared]
        bears = (_one_code(world, 0, one), _one_code(world, 1, two))
    first, second = _sum(bears[0], one), _sum(bears[1], two)
    return {
        weight: Draws(
            (first[weight][0], second[weight][0]), (first[weight][1], second[weight][1]), world.n_shared
        )
        for weight in ("document", "unit")
    }


def _frame(n: int, clusters: int, random: np.random.Generator) -> _Frame:
    opens = random.random((n, clusters, len(SIZES))) < NEW_DOCUMENT
    opens[:, :, 0] = False
    size = random.choice(np.arange(1, len(SIZES) + 1), p=SIZES, size=(n, clusters))
    return _Frame(size, opens, random.random((n, clusters)), random.random(opens.shape))


def _one_code(world: World, side: int, frame: _Frame) -> Flags:
    """Return which units bear the code: each cluster has a share of its own, drawn from a beta."""
    mean = np.full(frame.size.shape, world.shares[side])
    if world.design == "informative size":
        mean = np.where(frame.size >= 3, mean - 0.2, mean)
    own, icc = mean, world.icc[side]
    if icc:
        k = (1 - icc) / icc
        inside = np.where(mean < 1, mean, 0.5)
        own = np.where(mean < 1, betaincinv(inside * k, (1 - inside) * k, frame.quantile), 1.0)
    return np.asarray(frame.slots < own[:, :, None])


def _two_codes(world: World, frame: _Frame, random: np.random.Generator) -> tuple[Flags, Flags]:
    """Return which units bear the one and the other code; as few as can be bear both."""
    first, second = world.shares
    both = max(0.0, first + second - 1)
    parts = np.maximum([first - both, both, second - both, 1 - first - second + both], 0)
    own = np.broadcast_to(parts, (*frame.size.shape, 4))
    if icc := world.icc[0]:
        gammas = random.gamma(parts * (1 - icc) / icc, size=own.shape)
        own = gammas / gammas.sum(axis=2, keepdims=True)
    ends = np.cumsum(own, axis=2)[:, :, None, :]
    return frame.slots < ends[..., 1], (frame.slots >= ends[..., 0]) & (frame.slots < ends[..., 2])


def _sum(bears: Flags, frame: _Frame) -> dict[str, tuple[Array, Array]]:
    """Return y and x of each cluster under both weights."""
    there = np.arange(len(SIZES)) < frame.size[:, :, None]
    document = np.cumsum(frame.opens, axis=2)
    means, n_documents = np.zeros(frame.size.shape), np.zeros(frame.size.shape)
    for number in range(len(SIZES)):
        inside = (document == number) & there
        units = inside.sum(axis=2)
        means += (bears & inside).sum(axis=2) / np.maximum(units, 1)
        n_documents += units > 0
    units = (bears & there).sum(axis=2).astype(float), frame.size.astype(float)
    return {"document": (means, n_documents), "unit": units}


# The methods. Each returns low and high for every replication.


def shipped(draws: Draws) -> Interval:
    """Call `coding.findings.interval` for each replication."""
    names = [[f"shared {i}" for i in range(draws.n_shared)] for _ in range(2)]
    for side in range(2):
        names[side] += [f"{side} {i}" for i in range(draws.n_shared, draws.y[side].shape[1])]
    found = np.empty((len(draws.y[0]), 2))
    for i in range(len(found)):
        sides = [ClusterSums(tuple(names[s]), draws.y[s][i], draws.x[s][i], 1, 1) for s in range(2)]
        found[i] = interval(*sides)[:2]
    return found[:, 0], found[:, 1]


@dataclass(frozen=True, slots=True)
class Linearised:
    """A t interval with the variance of the linearised ratio over clusters.

    added : (size in mean clusters, share) of clusters added to each side beforehand
    leverage : "none"; "half", each residual over the root of 1 - h, and degrees of freedom from the
        sizes (CR2, Bell and McCaffrey 2002); "full", over 1 - h (the delete-one jackknife)
    """

    added: tuple[tuple[float, float], ...] = ()
    leverage: Literal["none", "half", "full"] = "none"

    def __call__(self, draws: Draws) -> Interval:
        """Return the interval."""
        (p1, r1, d1), (p2, r2, d2) = (self._side(y, x) for y, x in zip(draws.y, draws.x, strict=True))
        s = draws.n_shared
        v1, v2 = (r1**2).sum(axis=1), (r2**2).sum(axis=1)
        variance = np.maximum(v1 + v2 - 2 * (r1[:, :s] * r2[:, :s]).sum(axis=1), 0)
        df = d1 if draws.within else (v1 + v2 + TINY) ** 2 / ((v1 + TINY) ** 2 / d1 + (v2 + TINY) ** 2 / d2)
        half = stdtrit(df, (1 + LEVEL) / 2) * np.sqrt(variance)
        return p1 - p2 - half, p1 - p2 + half

    def _side(self, y: Array, x: Array) -> tuple[Array, Array, Array]:
        mean = x.mean(axis=1, keepdims=True)
        y = np.hstack([y, *(mean * size * share for size, share in self.added)])
        x = np.hstack([x, *(mean * size for size, _ in self.added)])
        n = x.shape[1]
        total = x.sum(axis=1, keepdims=True)
        share = y.sum(axis=1, keepdims=True) / total
        h = x / total
        residual = (y - share * x) / total
        df = np.full(len(x), n - 1.0)
        if self.leverage == "none":
            residual *= (n / (n - 1)) ** 0.5
        elif self.leverage == "full":
            residual *= ((n - 1) / n) ** 0.5 / (1 - h)
        else:
            residual /= (1 - h) ** 0.5
            a = h**2 / (1 - h)
            df = 1 / ((h**2).sum(axis=1) + a.sum(axis=1) ** 2 - (a**2).sum(axis=1))
        return share[:, 0], residual, df


def percentile(draws: Draws) -> Interval:
    """Clusters drawn anew with replacement; the middle of the differences."""
    random = np.random.default_rng(0)
    one, two = (y.shape[1] for y in draws.y)
    if draws.n_shared:
        n = one + two - draws.n_shared
        drawn = random.multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES).astype(float)
        counts = [drawn[:, :one], np.hstack([drawn[:, : draws.n_shared], drawn[:, one:]])]
    else:
        counts = [
            random.multinomial(n, np.full(n, 1 / n), size=N_RESAMPLES).astype(float) for n in (one, two)
        ]
    with np.errstate(invalid="ignore"):
        first, second = ((y @ w.T) / (x @ w.T) for y, x, w in zip(draws.y, draws.x, counts, strict=True))
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(first - second, [tail, 1 - tail], axis=1)
    return low, high


def mover(draws: Draws) -> Interval:
    """Newcombe's interval from two Wilson intervals with an effective number of units and a t.

    A side whose units are all alike counts as many units as it has clusters.
    """
    sides = [_wilson(y, x) for y, x in zip(draws.y, draws.x, strict=True)]
    (p1, l1, u1, r1), (p2, l2, u2, r2) = sides
    s = draws.n_shared
    joint = (r1[:, :s] * r2[:, :s]).sum(axis=1)
    like = joint / np.maximum(np.sqrt((r1**2).sum(axis=1) * (r2**2).sum(axis=1)), TINY)
    below = (p1 - l1) ** 2 + (u2 - p2) ** 2 - 2 * like * (p1 - l1) * (u2 - p2)
    above = (u1 - p1) ** 2 + (p2 - l2) ** 2 - 2 * like * (u1 - p1) * (p2 - l2)
    return p1 - p2 - np.sqrt(np.maximum(below, 0)), p1 - p2 + np.sqrt(np.maximum(above, 0))


def _wilson(y: Array, x: Array) -> tuple[Array, Array, Array, Array]:
    n, total = x.shape[1], x.sum(axis=1)
    p = y.sum(axis=1) / total
    residual = (y - p[:, None] * x) / total[:, None] * (n / (n - 1)) ** 0.5
    variance = (residual**2).sum(axis=1)
    effective = np.minimum(p * (1 - p) / np.maximum(variance, TINY), total)
    effective = np.where((variance > TINY) & (p > TINY) & (p < 1 - TINY), effective, n)
    t2 = stdtrit(n - 1, (1 + LEVEL) / 2) ** 2 / effective
    middle = (p + t2 / 2) / (1 + t2)
    half = np.sqrt(t2 * p * (1 - p) + t2**2 / 4) / (1 + t2)
    return p, middle - half, middle + half, residual


METHODS: dict[str, Callable[[Draws], Interval]] = {
    "percentile bootstrap": percentile,
    "linearised t": Linearised(),
    "jackknife t": Linearised(leverage="full"),
    "CR2 t": Linearised(leverage="half"),
    "one cluster at one half": Linearised(added=((1, 0.5),)),
    "two clusters at one half (shipped)": shipped,
    "two clusters at one half, CR2": Linearised(added=((2, 0.5),), leverage="half"),
    "one cluster at nought, one at one": Linearised(added=((1, 0), (1, 1))),
    "MOVER, Wilson": mover,
}
SHIPPED = "two clusters at one half (shipped)"


def placebo(draws: Draws, random: np.random.Generator) -> float:
    """Return how often the placebo is at most .05: as in `coding.findings`, with fewer relabellings."""
    if draws.within:
        gap = (draws.y[0] - draws.y[1]) / draws.x[0].sum(axis=1, keepdims=True)
        signs = random.choice([-1.0, 1.0], size=(N_RELABELLINGS, gap.shape[1]))
        observed, relabelled = gap.sum(axis=1), signs @ gap.T
    else:
        y, x = np.hstack(draws.y), np.hstack(draws.x)
        order = np.argsort(random.random((N_RELABELLINGS, y.shape[1])), axis=1)
        dealt = (order < draws.y[0].shape[1]).astype(float)
        relabelled = (dealt @ y.T) / (dealt @ x.T) - ((1 - dealt) @ y.T) / ((1 - dealt) @ x.T)
        observed = draws.shares[0] - draws.shares[1]
    as_large = (np.abs(relabelled) >= np.abs(observed) - TINY).sum(axis=0)
    return float(((as_large + 1) / (N_RELABELLINGS + 1) <= 1 - LEVEL).mean())


# Running and telling.


@dataclass(frozen=True, slots=True)
class Cell:
    """One world under one weight with one method."""

    world: World
    weight: str
    method: str
    coverage: float
    degenerate: float
    width: float
    above: float
    below: float
    placebo: float

    @property
    def wrong(self) -> float:
        """Intervals wholly on a wrong side: at no difference, on either."""
        if self.world.truth == 0:
            return self.above + self.below
        return self.below if self.world.truth > 0 else self.above

    @property
    def power(self) -> float:
        """Intervals wholly on the right side of a real difference."""
        return self.above if self.world.truth > 0 else self.below


def measured(world: World, weight: str, method: str, ends: Interval, rejected: float) -> Cell:
    """Return what the intervals of one cell are worth."""
    low, high = np.maximum(ends[0], -1), np.minimum(ends[1], 1)
    return Cell(
        world,
        weight,
        method,
        coverage=float(((low <= world.truth + TINY) & (high >= world.truth - TINY)).mean()),
        degenerate=float((~(high - low > TINY)).mean()),
        width=float((high - low).mean()),
        above=float((low > TINY).mean()),
        below=float((high < -TINY).mean()),
        placebo=rejected,
    )


def simulate(*, n: int, seed: int, quick: bool) -> list[Cell]:
    """Return a cell for every world, weight and method."""
    random = np.random.default_rng(seed)
    grid = list(worlds(quick=quick))
    cells = []
    for i, world in enumerate(grid, 1):
        for weight, draws in draw(world, n, random).items():
            rejected = placebo(draws, random)
            for name, method in METHODS.items():
                cells.append(measured(world, weight, name, method(draws), rejected))
        if i % 20 == 0 or i == len(grid):
            print(f"{i} of {len(grid)} worlds", file=sys.stderr)
    return cells


def summary(cells: Sequence[Cell]) -> Result:
    """Return the measures over some cells of one method."""
    coverage = np.array([c.coverage for c in cells])
    same = [c for c in cells if c.world.truth == 0]
    apart = [c for c in cells if c.world.truth != 0]
    return {
        "cells": len(cells),
        "coverage_min": float(coverage.min()),
        "coverage_median": float(np.median(coverage)),
        "cells_below_93": float((coverage < HOLDS).mean()),
        "degenerate": float(np.mean([c.degenerate for c in cells])),
        "width": float(np.mean([c.width for c in cells])),
        "false_mean": float(np.mean([c.wrong for c in same])),
        "false_max": max(c.wrong for c in same),
        "wrong_max": max(c.wrong for c in apart),
        "power": float(np.mean([c.power for c in apart])),
        "placebo_mean": float(np.mean([c.placebo for c in same])),
        "placebo_max": max(c.placebo for c in same),
        "placebo_power": float(np.mean([c.placebo for c in apart])),
    }


HEADINGS = {
    "cells": "cells",
    "coverage_min": "coverage, least",
    "coverage_median": "median",
    "cells_below_93": "cells below .93",
    "degenerate": "no width",
    "width": "mean width",
    "false_mean": "false, mean",
    "false_max": "false, most",
    "wrong_max": "wrong way, most",
    "power": "power",
    "placebo_mean": "placebo, mean",
    "placebo_max": "placebo, most",
    "placebo_power": "placebo, power",
}
OF_METHODS = [key for key in HEADINGS if key != "cells" and not key.startswith("placebo")]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool) -> str:
    """Return a table as Markdown or in plain columns."""
    if markdown:
        lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in (head, *rows)
    )


def number(value: float) -> str:
    """Return a count as it is, a share to three places."""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def report(cells: Sequence[Cell], *, markdown: bool) -> str:
    """Return the tables of the page."""
    sizes = list(dict.fromkeys(c.world.size for c in cells))
    enough = [c for c in cells if min(c.world.clusters) >= LEAST]
    ours = [c for c in cells if c.method == SHIPPED]
    designs = list(dict.fromkeys(c.world.design for c in enough))

    def by(groups: Mapping[str, Sequence[Cell]], keys: Sequence[str], first: str) -> str:
        found = {name: summary(group) for name, group in groups.items()}
        rows = [[name, *(number(one[key]) for key in keys)] for name, one in found.items()]
        return table([first, *(HEADINGS[key] for key in keys)], rows, markdown=markdown)

    spans = []
    for method in METHODS:
        of_size = [summary([c for c in cells if c.method == method and c.world.size == s]) for s in sizes]
        spans.append([method, *(f"{s['coverage_min']:.3f} / {s['coverage_median']:.3f}" for s in of_size)])
    worst = sorted((c for c in ours if min(c.world.clusters) >= LEAST), key=lambda c: c.coverage)[:8]
    parts = {
        "Coverage, least / median of the cells, by clusters on a side": table(
            ["method", *sizes], spans, markdown=markdown
        ),
        f"All cells with at least {LEAST} clusters on each side": by(
            {m: [c for c in enough if c.method == m] for m in METHODS}, OF_METHODS, "method"
        ),
        "The shipped method and the placebo, by clusters on a side": by(
            {s: [c for c in ours if c.world.size == s] for s in sizes}, list(HEADINGS), "clusters"
        ),
        f"The shipped method and the placebo, by design, at least {LEAST} clusters": by(
            {d: [c for c in enough if c.method == SHIPPED and c.world.design == d] for d in designs},
            list(HEADINGS),
            "design",
        ),
        "How often the shipped method finds a real difference, by clusters on a side": table(
            ["true shares", *sizes], _found(ours, sizes), markdown=markdown
        ),
        f"The shipped method's lowest cells, at least {LEAST} clusters": table(
            ["design", "clusters", "true shares", "ICC", "weight", "coverage"],
            [
                [
                    c.world.design,
                    c.world.size,
                    _said(c.world.shares),
                    _said(c.world.icc),
                    c.weight,
                    number(c.coverage),
                ]
                for c in worst
            ],
            markdown=markdown,
        ),
    }
    return "\n\n".join(
        f"**{title}**\n\n{body}" if markdown else f"{title}\n{body}" for title, body in parts.items()
    )


def _found(ours: Sequence[Cell], sizes: Sequence[str]) -> list[list[str]]:
    """Return a row for each pair of shares that differ: the power, a mean over ICCs and weights."""
    rows = []
    for design, pairs in (("two cases", PAIRS), ("within one case", CODES)):
        for pair in pairs:
            mine = [c for c in ours if (c.world.design, c.world.shares) == (design, pair) and c.world.truth]
            powers = [[c.power for c in mine if c.world.size == size] for size in sizes]
            if mine:
                cells = [number(float(np.mean(group))) if group else "" for group in powers]
                rows.append([f"{_said(pair)}, {design}", *cells])
    return rows


def _said(pair: tuple[float, float]) -> str:
    return f"{pair[0]:g}, {pair[1]:g}"


def flat(cells: Sequence[Cell]) -> dict[str, float]:
    """Return the summaries as one flat object: `method.clusters.measure`."""
    found: dict[str, float] = {}
    for method in METHODS:
        mine = [c for c in cells if c.method == method]
        groups = {
            s: [c for c in mine if c.world.size == s] for s in dict.fromkeys(c.world.size for c in mine)
        }
        groups[f"at least {LEAST}"] = [c for c in mine if min(c.world.clusters) >= LEAST]
        for size, group in groups.items():
            found |= {f"{method}.{size}.{key}": round(value, 4) for key, value in summary(group).items()}
    return found


def main() -> None:
    """Run the grid, print the tables and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True, help="of all draws; a published number needs it")
    parser.add_argument("--replications", type=int, help="corpora per world (2000; quick: 300)")
    parser.add_argument(
        "--quick", action="store_true", help="5 and 12 clusters, main designs, few replications"
    )
    parser.add_argument("--markdown", action="store_true", help="the tables as they stand on the page")
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    asked = parser.parse_args()
    n = asked.replications or (300 if asked.quick else 2000)
    begun = time.perf_counter()
    cells = simulate(n=n, seed=asked.seed, quick=asked.quick)
    seconds = time.perf_counter() - begun
    print(report(cells, markdown=asked.markdown))
    print(f"\n{len(cells) // len(METHODS)} cells, {n} replications each, seed {asked.seed}")
    print(f"{seconds:.0f} seconds", file=sys.stderr)
    if asked.json:
        print(
            json.dumps({"seed": asked.seed, "replications": n, "seconds": round(seconds, 1), **flat(cells)})
        )


if __name__ == "__main__":
    main()
