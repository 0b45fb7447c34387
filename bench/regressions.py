"""How often the baseline of performance fails equal runs, and how often it finds slower ones, by simulation.

    python bench/regressions.py [--trials 2000]

Runs differ from each other by so much (one standard deviation), and the samples of each resemble their neighbours. A trial is a
run with one or more metrics, each held against its recorded runs; of the slower runs the first metric alone is slower. The model
and what is demanded of it are in ``tests/unit/gates/test_regression.py``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.unit.gates.test_regression import alarms  # noqa: E402

FACTORS = (1.0, 1.5, 2.0)


def main() -> None:
    """Print the table of docs/performance-baseline.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000, help="runs of each line")
    trials = parser.parse_args().trials
    print("| runs differ by | recorded runs | metrics | equal runs failed | 50 % slower found | twice as slow found |")
    print("|---|---|---|---|---|---|")
    for noise in (0.05, 0.1, 0.2):
        for recorded in (1, 5, 10):
            for metrics in (1, 10):
                line(noise, recorded, metrics, trials)


def line(noise: float, recorded: int, metrics: int, trials: int) -> None:
    """Print one line of the table."""
    alarm, half, double = (
        alarms(recorded=recorded, metrics=metrics, factor=factor, noise=noise, trials=trials * metrics)
        for factor in FACTORS
    )
    print(
        f"| {noise:.0%} | {recorded} | {metrics} | {alarm:.1%} | {half:.0%} | {double:.0%} |".replace("%", " %"),
        flush=True,
    )


if __name__ == "__main__":
    main()
