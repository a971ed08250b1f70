"""How often the intervals of `coding quality --sample` hold the truth, and where each correction fails.

    python docs/methods/quality_simulation.py [repetitions]
    python docs/methods/quality_simulation.py [repetitions] --gold FILE

Two cases, each of so many clusters of documents (with 5 to about 100 units each) in which one code is found
and given. Clusters differ in how often it is found, and in how the coder errs. From each case 20 or 60 units
in which it was found are drawn and judged, and 40 or 150 others, by `coding.sampling` and nothing else. The
truth is that of documents drawn anew.

With a gold file (`coding quality --gold`) instead: 15 of its sentences in which the shipped rules find a
category are drawn and 60 others, again and again, for each category and reader; the truth is then what the
reader said of all its sentences.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import coding
import coding.sample_quality as sq
from coding.estimating import Estimate
from coding.formats.gold import read_gold
from coding.judging import Judged
from coding.model import Segment
from coding.quality import coded_sentences
from coding.sample import Drawn, Framed, Sample, Stratum
from coding.sample_quality import SampleQuality
from coding.sampling import spread

sq.LEAST_CLUSTERS = 2  # to see what would come of it where it is refused
Array = NDArray[np.int64]
CASES = ("first", "second")
ALIKE = 0.15  # how alike the units of a cluster are


@dataclass(frozen=True)
class World:
    """What is true of the two cases.

    Attributes
    ----------
    n_clusters : of each case
    found, right, missed : for each case, in documents drawn anew
    n_found, n_others : units judged of each case
    is_chosen : readers judged units of the documents that bear the code most; nothing was drawn by chance
    """

    name: str
    n_clusters: int
    found: tuple[float, float]
    right: tuple[float, float]
    missed: tuple[float, float]
    n_found: int = 60
    n_others: int = 150
    is_chosen: bool = False

    def share(self, case: int) -> float:
        """Return the share of units that bear the code."""
        return self.found[case] * self.right[case] + (1 - self.found[case]) * self.missed[case]

    def recall(self, case: int) -> float:
        """Return the share of these in which it is found."""
        return self.found[case] * self.right[case] / self.share(case)


def judged_of(world: World, random: np.random.Generator) -> Judged:
    """Return a sample of a world, judged without error."""
    case, cluster, found, bears = [], [], [], []
    for number in range(2):
        for _ in range(world.n_clusters):
            n = max(5, int(random.lognormal(3, 0.6)))
            hits = random.random(n) < _of_cluster(world.found[number], random)
            right, missed = (_of_cluster(each[number], random) for each in (world.right, world.missed))
            case += [number] * n
            cluster += [len(set(cluster))] * n
            found += hits.tolist()
            bears += (random.random(n) < np.where(hits, right, missed)).tolist()
    cases, clusters, hits, truth = map(np.array, (case, cluster, found, bears))
    strata = 2 * cases + hits
    drawn = np.zeros(len(cases), dtype=bool)
    for stratum in range(4):
        rows = np.flatnonzero(strata == stratum)
        n = min(len(rows), world.n_found if stratum % 2 else world.n_others)
        richest = np.argsort(-np.bincount(clusters, truth)[clusters[rows]], kind="stable")
        chosen = richest[:n] if world.is_chosen else spread(clusters[rows].tolist(), n, random)
        drawn[rows[chosen]] = True
    return _judged(cases, clusters, hits, truth, strata, drawn)


def _of_cluster(mean: float, random: np.random.Generator) -> float:
    sharpness = (1 - ALIKE) / ALIKE
    return random.beta(mean * sharpness, (1 - mean) * sharpness)


def _judged(cases: Array, clusters: Array, hits: Array, truth: Array, strata: Array, drawn: Array) -> Judged:
    units = tuple(Segment(f"d{cluster}", i, i + 1, "") for i, cluster in enumerate(clusters))
    sizes = [(int((strata == s).sum()), int(drawn[strata == s].sum())) for s in range(strata.max() + 1)]
    sample = Sample(
        name="simulated",
        at="",
        coder="rules",
        readers=("reader",),
        codebook="",
        digest="",
        codes={"code": ""},
        unit="sentence",
        counts="any",
        rollup=True,
        by=("donor",),
        where=(),
        n_found=0,
        n_others=0,
        seed=1,
        reworded=(),
        documents={"all": Framed("", tuple(strata.tolist()))},
        strata=tuple(
            Stratum((CASES[s // 2],), "code" if s % 2 else "", *sizes[s]) for s in range(len(sizes))
        ),
        drawn=tuple(Drawn(units[row], int(strata[row])) for row in np.flatnonzero(drawn)),
    )
    return Judged(
        sample=sample,
        codes=("code",),
        units=units,
        cases=tuple((CASES[case],) for case in cases),
        clusters=clusters,
        strata=strata,
        found=hits[:, None],
        said=np.where(drawn, truth, np.nan)[:, None],
        is_drawn=drawn,
        rules={},
        readers=(),
        has_changed=False,
    )


def holds(found: Estimate, truth: float) -> float:
    """Return whether an interval holds the truth; nan where there is none."""
    if found.low is None or found.high is None:
        return np.nan
    return float(found.low <= truth <= found.high)


def figures(found: SampleQuality, world: World) -> dict[str, tuple[float, float, float, float]]:
    """Return of each figure of the first case whether its interval holds the truth, its width and its error.

    The fourth number is the error of its difference from the second case.
    """
    rates, (first, second) = found.rates["code", "", "first"], found.shares
    shares = [world.share(case) for case in range(2)]
    made = {
        "precision": (rates.precision, world.right[0], None),
        "recall": (rates.recall, world.recall(0), None),
        "as coded": (first.naive, shares[0], second.naive),
        "PPI++": (first.ppi, shares[0], second.ppi),
        "Rogan-Gladen": (first.rogan_gladen, shares[0], second.rogan_gladen),
    }
    return {
        name: (
            holds(one, truth),
            np.nan if one.width is None else one.width,
            np.nan if one.value is None else one.value - truth,
            _error_of_difference(one, other, shares),
        )
        for name, (one, truth, other) in made.items()
    }


def _error_of_difference(one: Estimate, other: Estimate | None, truth: list[float]) -> float:
    if other is None or one.value is None or other.value is None:
        return np.nan
    return one.value - other.value - (truth[0] - truth[1])


def run(world: World, repetitions: int) -> tuple[dict[str, Array], float]:
    """Return of each figure how often its interval held the truth, its mean width and error; warnings."""
    random = np.random.default_rng(7)
    found, warned = [], []
    for _ in range(repetitions):
        judged = judged_of(world, random)
        if judged.found.any(0).all():
            quality = sq.sample_quality(judged, seed=1, width=0.5)
            found.append(figures(quality, world))
            warned.append(bool(quality.warnings))
    means = {name: _mean(np.array([one[name] for one in found])) for name in found[0]}
    return means, float(np.mean(warned))


def _mean(columns: Array) -> Array:
    known = ~np.isnan(columns)
    return np.where(known, columns, 0).sum(0) / np.maximum(known.sum(0), 1)


def worlds() -> list[World]:
    """Return what is simulated."""
    alike = World("alike", 20, (0.15, 0.15), (0.8, 0.8), (0.08, 0.08))
    made = [replace(alike, name=f"alike, {n} clusters", n_clusters=n) for n in (3, 5, 8, 12, 20, 40)]
    made += [
        replace(alike, name="few judged", n_found=20, n_others=40),
        World("rare", 20, (0.03, 0.03), (0.8, 0.8), (0.005, 0.005)),
        World("rare, few clusters", 10, (0.03, 0.03), (0.8, 0.8), (0.005, 0.005)),
        World("misses half", 20, (0.15, 0.15), (0.9, 0.9), (0.15, 0.15)),
        World("errs differently", 20, (0.15, 0.15), (0.9, 0.5), (0.02, 0.1)),
        World("misses more in the second", 20, (0.15, 0.15), (0.9, 0.9), (0.01, 0.15)),
        World("no better than chance", 20, (0.15, 0.15), (0.2, 0.2), (0.2, 0.2)),
        replace(alike, name="nothing to find", right=(0.02, 0.02), missed=(0.0005, 0.0005)),
        replace(alike, name="not drawn by chance", is_chosen=True),
    ]
    return made


def resampled(path: Path, repetitions: int) -> None:
    """Print how often samples of a gold file hold what its readers said of all of it."""
    project = coding.Project.open()
    book, gold = project.codebook("constructivist"), read_gold(path)
    coded = coded_sentences(gold, book, overlap="longest", cases=project.corpus.known_cases)
    names = list(dict.fromkeys(sentence.document for sentence in gold))
    clusters = np.array([names.index(sentence.document) for sentence in gold])
    random = np.random.default_rng(1)
    for reader, code in product(
        gold[0].readers, [c.id for c in book.children(None) if c.id != "orientation"]
    ):
        hits = np.array([code in codes for codes, _ in coded])
        truth = np.array([code in sentence.readers[reader].codes for sentence in gold])
        true = (truth[hits].mean(), truth[hits].sum() / truth.sum(), truth.mean())
        held = []
        for _ in range(repetitions):
            drawn = np.zeros(len(gold), dtype=bool)
            for rows, n in ((np.flatnonzero(hits), 15), (np.flatnonzero(~hits), 60)):
                drawn[rows[spread(clusters[rows].tolist(), min(n, len(rows)), random)]] = True
            judged = _judged(np.zeros_like(clusters), clusters, hits, truth, hits.astype(int), drawn)
            found = sq.sample_quality(judged, seed=1, width=0.5)
            rates = found.rates["code", "", "first"]
            estimates = (rates.precision, rates.recall, found.shares[0].ppi)
            held.append([holds(one, value) for one, value in zip(estimates, true, strict=True)])
        cells = [f"{value:.2f}" for value in (*true, *np.nanmean(held, axis=0))]
        print(" | ".join(["", reader, code, *cells, ""]).strip(), flush=True)


def main() -> None:
    """Print a row of Markdown for each world.

    How often five intervals hold the truth; the widths of three; errors of three shares, and of their
    differences between the cases; how often a warning was given.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repetitions", type=int, nargs="?", default=400)
    parser.add_argument("--gold", type=Path)
    asked = parser.parse_args()
    if asked.gold is not None:
        resampled(asked.gold, asked.repetitions)
        return
    names = ["precision", "recall", "as coded", "PPI++", "Rogan-Gladen"]
    for world in worlds():
        means, warned = run(world, asked.repetitions)
        cells = [f"{means[name][0]:.2f}" for name in names]
        cells += [f"{means[name][1]:.2f}" for name in (*names[:2], "PPI++")]
        cells += [f"{means[name][what]:+.2f}" for what in (2, 3) for name in names[2:]]
        print(" | ".join(["", world.name, *cells, f"{warned:.2f}", ""]).strip(), flush=True)


if __name__ == "__main__":
    main()
