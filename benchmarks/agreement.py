"""How fast Krippendorff's alpha with replicates is, as ratios to a loop over the `krippendorff` package.

Made-up tables of three coders, nominal values 1 and 0, one value in ten missing, in documents of twenty
units. Both sides get the table, the document of each unit, and how often each of 1,000 replicates holds each
document; both return alpha for every code and replicate, and must agree to 1e-9. The package gets its
fastest form, counts of values, made once; our time holds the sums over documents and the intervals too.

The seconds are the processor's, with one thread; the two sides take turns. `alpha_boot_2000` (goal 15) is
how many times faster we are on 2,000 units, `alpha_boot_20000` (200) on 20,000, `alpha_boot_60codes` (200)
on 2,000 units and 60 codes. With --quick the package runs 20 replicates, these are compared, and its time
is scaled to 1,000.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.update({f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")})  # read by numpy

import krippendorff
import numpy as np
from numpy.typing import NDArray

from coding.reliability import krippendorff_alpha
from coding.resampling import drawn
from coding.tally import BINARY, MISSING, tally

N_REPLICATES = 1_000
UNITS_IN_DOCUMENT = 20
QUICK = 20  # replicates of the slow side
SIZES = {
    "alpha_boot_2000": (2_000, 1, 15),
    "alpha_boot_20000": (20_000, 1, 200),
    "alpha_boot_60codes": (2_000, 60, 200),
}


@dataclass(frozen=True)
class Table:
    """Values (units, coders, codes), the document of each unit, and the draws (replicates, documents)."""

    values: NDArray[np.int8]
    documents: NDArray[np.int64]
    draws: NDArray[np.int64]


def made_up(n_units: int, n_codes: int, *, seed: int) -> Table:
    """Return a table on which coders err now and then, more in some documents than in others."""
    random = np.random.default_rng(seed)
    n_documents = n_units // UNITS_IN_DOCUMENT
    documents = np.repeat(np.arange(n_documents), UNITS_IN_DOCUMENT)
    share = random.beta(1, 4, (n_documents, n_codes))[documents]
    errs = random.beta(1, 9, (n_documents, n_codes))[documents]
    truth = random.random((n_units, n_codes)) < share
    is_wrong = random.random((n_units, 3, n_codes)) < errs[:, None, :]
    values = (truth[:, None, :] ^ is_wrong).astype(np.int8)
    values[random.random(values.shape) < 0.1] = MISSING
    return Table(values, documents, drawn(n_documents, n_replicates=N_REPLICATES, seed=seed))


def ours(table: Table) -> NDArray[np.float64]:
    """Return alpha for each replicate and code."""
    sums = tally(table.values, clusters=table.documents)
    found = krippendorff_alpha(sums, level="nominal", draws=table.draws)
    return np.stack([one.replicates for one in found], axis=1)


def theirs(table: Table, n_replicates: int) -> NDArray[np.float64]:
    """Return the same for the first replicates, one call of the package each."""
    counts = np.stack([(table.values == value).sum(1) for value in BINARY], axis=-1)
    by_code = [np.ascontiguousarray(counts[:, code]) for code in range(counts.shape[1])]
    rows = np.arange(len(counts))
    found = []
    for times in table.draws[:n_replicates]:
        units = np.repeat(rows, times[table.documents])
        found.append(
            [
                krippendorff.alpha(
                    value_counts=one[units], level_of_measurement="nominal", value_domain=list(BINARY)
                )
                for one in by_code
            ]
        )
    return np.array(found)


def timed(run: Callable[[], NDArray[np.float64]]) -> tuple[float, NDArray[np.float64]]:
    """Run something; return the processor's seconds and what it returned."""
    begun = time.process_time()
    found = run()
    return time.process_time() - begun, found


def main() -> None:
    """Take turns, then print a table and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} replicates of the slow side, scaled")
    asked = parser.parse_args()
    n_theirs = QUICK if asked.quick else N_REPLICATES
    found = {}
    print(f"{'alpha, 1,000 replicates':24}{'ours, s':>10}{'theirs, s':>11}{'times':>8}{'goal':>6}")
    for name, (n_units, n_codes, goal) in SIZES.items():
        table = made_up(n_units, n_codes, seed=7)
        rounds = []
        for _ in range(3):
            slow, expected = timed(lambda: theirs(table, n_theirs))  # noqa: B023  called in this round
            fast, alpha = timed(lambda: ours(table))  # noqa: B023  the same
            assert np.abs(alpha[:n_theirs] - expected).max() < 1e-9, f"{name}: the two sides differ"
            rounds.append((fast, slow * N_REPLICATES / n_theirs))
        found[name] = round(statistics.median(slow / fast for fast, slow in rounds), 1)
        fast, slow = (statistics.median(times) for times in zip(*rounds, strict=True))
        print(f"{name:24}{fast:10.4f}{slow:11.2f}{found[name]:8.0f}{goal:6}")
    if asked.quick:
        print(f"Seconds of theirs are {N_REPLICATES // QUICK} times those of {QUICK} replicates.")
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
