"""How often the interval of Krippendorff's alpha holds the truth: made-up tables of two coders and one code.

Documents have a share of units that deserve the code, drawn from a beta distribution about the prevalence;
each coder misses some of them and gives the code to some others, more or less so in each document. The truth
is alpha in a table of 6,000 documents. Plain percentiles of the same replicates stand beside the interval.

    python docs/methods/agreement_simulation.py            some minutes
    python docs/methods/agreement_simulation.py --tables 500
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coding.reliability import krippendorff_alpha
from coding.resampling import drawn
from coding.tally import tally

N_CLUSTERS = (8, 12, 25, 60)
SIZES = (5, 30)  # units of a document, on average
PREVALENCES = (0.03, 0.1, 0.4)
ERRORS = (
    (0.03, 0.1),
    (0.1, 0.1),
    (0.2, 0.4),
    (0.5, 0.2),
)  # share that a coder misses; likeness in a document
LONGEST = 200
MANY = 6_000  # documents of the table that stands for the truth
N_REPLICATES = 1_000
LEAST_SHARE = 0.25  # of the tables that must have an interval, for its coverage to say something

Setting = tuple[int, float, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of the tables whose interval holds the truth, and of the tables that have an interval."""

    setting: Setting
    truth: float
    shipped: float
    plain: float
    given: float


def made_up(
    random: np.random.Generator, n_clusters: int, setting: Setting
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what two coders gave to units (U, 2), and the document of each unit."""
    size, prevalence, (wrong, likeness) = setting

    def beta(mean: float, alike: float, shape: int | tuple[int, int]) -> NDArray[np.float64]:
        return random.beta(mean * (1 / alike - 1), (1 - mean) * (1 / alike - 1), shape)

    sizes = np.minimum(random.geometric(1 / size, n_clusters), LONGEST)
    clusters = np.repeat(np.arange(n_clusters), sizes)
    deserves = random.random(len(clusters)) < beta(prevalence, likeness, n_clusters)[clusters]
    missed = beta(wrong, 0.2, (n_clusters, 2))[clusters]
    beside = beta(wrong * prevalence / (1 - prevalence), 0.2, (n_clusters, 2))[clusters]
    values = random.random((len(clusters), 2)) < np.where(deserves[:, None], 1 - missed, beside)
    return values.astype(np.int64), clusters


def covered(random: np.random.Generator, n_clusters: int, setting: Setting, n_tables: int) -> Coverage:
    """Return how often intervals hold the truth in one setting."""
    values, _ = made_up(random, MANY, setting)
    truth = krippendorff_alpha(tally(values), level="nominal")[0].value
    assert truth is not None
    shipped, plain = [], []
    for _ in range(n_tables):
        values, clusters = made_up(random, n_clusters, setting)
        draws = drawn(n_clusters, n_replicates=N_REPLICATES, seed=int(random.integers(2**31)))
        one = krippendorff_alpha(tally(values, clusters=clusters), level="nominal", draws=draws)[0]
        if one.low is None or one.high is None:
            continue
        shipped.append(one.low <= truth <= one.high)
        low, high = np.nanquantile(one.replicates, [0.025, 0.975])
        plain.append(low <= truth <= high)
    held, less = (float(np.mean(each)) if each else float("nan") for each in (shipped, plain))
    return Coverage(setting, truth, held, less, len(shipped) / n_tables)


def main() -> None:
    """Print for each number of documents the least and the median coverage, and the worst setting."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=100)
    n_tables = parser.parse_args().tables
    random = np.random.default_rng(20261201)
    print("| documents | settings | shipped, least | median | plain, least | median | the worst setting |")
    print("| --: | --: | --: | --: | --: | --: | --- |")
    for n_clusters in N_CLUSTERS:
        settings = itertools.product(SIZES, PREVALENCES, ERRORS)
        found = [covered(random, n_clusters, setting, n_tables) for setting in settings]
        some = [one for one in found if one.given > LEAST_SHARE]
        if not some:
            print(f"| {n_clusters} | 0 | | | | | |")
            continue
        shipped, plain = [one.shipped for one in some], [one.plain for one in some]
        worst = min(some, key=lambda one: one.shipped)
        size, prevalence, (wrong, likeness) = worst.setting
        print(
            f"| {n_clusters} | {len(some)} | {min(shipped):.3f} | {np.median(shipped):.3f} "
            f"| {min(plain):.3f} | {np.median(plain):.3f} | {size} units, prevalence {prevalence}, "
            f"missed {wrong}, likeness {likeness}, alpha {worst.truth:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
