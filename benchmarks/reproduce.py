"""What `coding reproduce` costs, as ratios to importing the libraries it stands on, in one run.

The commands take turns, so that a slow moment of the machine falls on all of them. Printed are the
medians; `reproduce_cold` is `coding reproduce` over importing pandas, spaCy and matplotlib (goal: at
most 3), `import` is `import coding` and `help` `coding --help`, both over `import spacy` (goals: at most
0.5 and 0.25), `peak_mb` the memory of `coding reproduce` at its highest.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

PYTHON = sys.executable
PEERS = "import pandas, spacy, matplotlib"


def measured(command: list[str]) -> tuple[float, float]:
    """Run a command; return its wall time in seconds and its peak memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - begun
    if status:
        sys.exit(f"{' '.join(command)} failed with status {status}")
    return elapsed, usage.ru_maxrss / 1024


def main() -> None:
    """Take turns, then print a table and, with --json, one object as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="end with one flat JSON object")
    parser.add_argument("--quick", action="store_true", help="three rounds instead of nine")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        commands = {
            "import pandas, spacy, matplotlib": [PYTHON, "-c", PEERS],
            "coding reproduce": [PYTHON, "-m", "coding", "reproduce", "--out", out],
            "coding reproduce --no-figures": [
                PYTHON,
                "-m",
                "coding",
                "reproduce",
                "--no-figures",
                "--out",
                out,
            ],
            "import spacy": [PYTHON, "-c", "import spacy"],
            "import coding": [PYTHON, "-c", "import coding"],
            "coding --help": [PYTHON, "-m", "coding", "--help"],
        }
        for command in commands.values():
            measured(command)
        rounds = [{name: measured(c) for name, c in commands.items()} for _ in range(3 if asked.quick else 9)]
    print(f"{'command':34}{'seconds':>9}{'min':>8}{'max':>8}{'peak MB':>9}")
    for name in commands:
        times = [one[name][0] for one in rounds]
        peak = max(one[name][1] for one in rounds)
        print(f"{name:34}{statistics.median(times):9.3f}{min(times):8.3f}{max(times):8.3f}{peak:9.0f}")

    def ratio(name: str, peer: str) -> float:
        return round(statistics.median(one[name][0] / one[peer][0] for one in rounds), 3)

    found = {
        "reproduce_cold": ratio("coding reproduce", "import pandas, spacy, matplotlib"),
        "reproduce_no_figures": ratio("coding reproduce --no-figures", "import pandas, spacy, matplotlib"),
        "import": ratio("import coding", "import spacy"),
        "help": ratio("coding --help", "import spacy"),
        "peak_mb": round(max(one["coding reproduce"][1] for one in rounds)),
    }
    print("\n".join(f"{name:24}{value}" for name, value in found.items()))
    if asked.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
