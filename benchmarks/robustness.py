"""What a universe costs, as a ratio to one plain run of the study, in one run.

`coding reproduce --no-figures` and `coding robustness --fresh --no-figures` take turns on the shipped study,
so that a slow moment of the machine falls on both; printed are the medians. `cost_per_universe` is the wall
time of the second, divided by its universes, over that of the first (goal: at most 0.02); `universes` is how
many there are (goal: at least 1,000). Both times hold starting Python and reading the texts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CODING = [sys.executable, "-m", "coding"]


def measured(*words: str) -> float:
    """Run a command; return its wall time in seconds."""
    begun = time.perf_counter()
    subprocess.run([*CODING, *words], check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    """Take turns, then print a table and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    parser.add_argument("--quick", action="store_true", help="one round instead of five")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        plain = ["reproduce", "--no-figures", "--out", f"{out}/plain"]
        varied = ["robustness", "--fresh", "--no-figures", "--out", f"{out}/varied"]
        measured(*plain)
        rounds = [(measured(*plain), measured(*varied)) for _ in range(1 if asked.quick else 5)]
        (path,) = Path(out, "varied").glob("*/robustness.json")
        n = json.loads(path.read_text(encoding="utf-8"))["universes"]
    print(f"{'command':44}{'seconds':>9}{'min':>8}{'max':>8}")
    for name, times in zip(
        ("coding reproduce --no-figures", "coding robustness --fresh --no-figures"),
        zip(*rounds, strict=True),
        strict=True,
    ):
        print(f"{name:44}{statistics.median(times):9.3f}{min(times):8.3f}{max(times):8.3f}")
    found = {
        "universes": n,
        "cost_per_universe": round(statistics.median(many / n / one for one, many in rounds), 6),
        "seconds": round(statistics.median(many for _, many in rounds), 2),
        "seconds_reproduce": round(statistics.median(one for one, _ in rounds), 2),
    }
    print("\n".join(f"{name:24}{value}" for name, value in found.items()))
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
