"""How often a real stack fails its own recorded runs, and how often a slower one is found.

    python bench/recorded_runs.py [--recorded 5] [--good 20] [--slow 10] [--load 0]

One service that answers after 20 ms is recorded so many times, then gated so many times as it is and so many times with
40 ms. ``--load``: so many programs that want a whole core run beside it all. A run takes about 12 s. The exit status is 1 when a
good run was failed or a slow one was not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from tests.engine.test_performance_baseline import COMPOSE, SUITE  # noqa: E402

SETTINGS = """
health: {stable_for: 2s}
performance: {window: 5s, measure_on: 0s, probes: {web: {http: "http://:8000/", rate: 5}}}
"""
GOOD, SLOW = "0.02", "0.04"
BUSY = [sys.executable, "-c", "while True: pass"]


def main() -> int:
    """Record, gate, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("recorded", 5), ("good", 20), ("slow", 10), ("load", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    load = [subprocess.Popen(BUSY) for _ in range(wanted.load)]
    try:
        with tempfile.TemporaryDirectory(prefix="recorded-runs-") as folder:
            return measure(Path(folder), wanted)
    finally:
        for program in load:
            program.kill()
            program.wait()


def measure(folder: Path, wanted: argparse.Namespace) -> int:
    """Carry all runs out in one folder; return the exit status."""
    for name, text in (("compose.yaml", COMPOSE), ("infragate.yaml", SETTINGS), ("test_suite.py", SUITE)):
        (folder / name).write_text(text, encoding="utf-8")
    for _ in range(wanted.recorded):
        gate(folder, GOOD, "--infragate-baseline=update")
    alarms = [failed for _ in range(wanted.good) if (failed := gate(folder, GOOD))]
    found = [failed for _ in range(wanted.slow) if "web probe.latency" in (failed := gate(folder, SLOW))]
    beside = sum(len(failed) > 1 for failed in found)
    print(f"{wanted.recorded} recorded runs: {len(alarms)} of {wanted.good} good runs failed ({alarms})")
    print(f"{len(found)} of {wanted.slow} slow ones found, {beside} of these failed something else as well")
    return int(bool(alarms) or len(found) < wanted.slow)


def gate(folder: Path, delay: str, *options: str) -> tuple[str, ...]:
    """Run the gate; return the metrics that were failed."""
    environ = {**os.environ, "DELAY": delay}
    command = [sys.executable, "-m", "pytest", "-q", "--infragate", "--infragate-report", "report", *options]
    subprocess.run(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False)
    checks = json.loads((folder / "report" / "verdict.json").read_text(encoding="utf-8"))["checks"]
    return tuple(one["subject"] for one in checks if one["id"] == "IG938" and one["outcome"] == "failed")


if __name__ == "__main__":
    sys.exit(main())
