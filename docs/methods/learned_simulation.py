"""How precise a code is on new units whose threshold was chosen for a wished precision.

    python docs/methods/learned_simulation.py [--runs N]

Units bear the code with a known probability, and their scores are normal, those of units that bear it higher
by `signal`. The threshold is chosen on the units of a run, by the rule of the program (a certainty of nine in
ten) and by the plain one (the lowest at which the precision was seen); what it delivers on all other units is
known exactly. Units are independent of one another here.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from coding.learned import NEVER
from coding.taggers.learned.fitting import threshold_for

WISHED = 0.8
LEAST = 10  # units said to bear the code, for the plain rule
WORLDS = ((1000, 0.1, 1.5), (1000, 0.1, 2.5), (300, 0.2, 2.0), (3000, 0.05, 2.5))

Floats = NDArray[np.float64]


def main() -> None:
    """Print a table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--runs", type=int, default=1000)
    n_runs = asked.parse_args().runs
    print("| units | bear it | signal | rule | precision delivered | reached in | recall | never given |")
    print("|--:|--:|--:|---|--:|--:|--:|--:|")
    for n, share, signal in WORLDS:
        for rule, choose in (("seen", seen), ("nine in ten", certain)):
            print(f"| {n} | {share:.0%} | {signal} | {rule} | {row(n, share, signal, choose, n_runs)} |")


def row(n: int, share: float, signal: float, choose: object, n_runs: int) -> str:
    """Return the cells of a world and a rule."""
    random = np.random.default_rng(1)
    precisions, recalls = [], []
    for _ in range(n_runs):
        bears = random.random(n) < share
        threshold = choose(random.normal(size=n) + signal * bears, bears)
        if threshold is None:
            continue
        right, wrong = share * norm.sf(threshold - signal), (1 - share) * norm.sf(threshold)
        precisions.append(right / (right + wrong))
        recalls.append(norm.sf(threshold - signal))
    reached = np.mean(np.array(precisions) >= WISHED)
    never = 1 - len(precisions) / n_runs
    return f"{np.mean(precisions):.2f} | {reached:.0%} | {np.mean(recalls):.2f} | {never:.0%}"


def seen(scores: Floats, bears: NDArray[np.bool_]) -> float | None:
    """Return the lowest threshold at which the precision was seen."""
    order = np.argsort(-scores)
    said = np.arange(1, len(scores) + 1)
    enough = np.flatnonzero((np.cumsum(bears[order]) / said >= WISHED) & (said >= LEAST))
    return float(scores[order][enough[-1]]) if len(enough) else None


def certain(scores: Floats, bears: NDArray[np.bool_]) -> float | None:
    """Return the threshold that the program chooses."""
    found = threshold_for(scores, bears, WISHED)
    return None if found == NEVER else found


if __name__ == "__main__":
    main()
