"""How reliably the gate tells a broken stack from a good one: the sabotage suite, several times in a row.

    python bench/sabotage.py [RUNS]

Each run is the whole of ``tests/sabotage`` in a pytest process of its own with two workers, on real containers, with the
faults that the tests leave out. Printed is, for every case, in how many runs the gate gave the right verdict, and the
sums; the exit status is 1 when any case was missed once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_RUNS = 10
WORKERS = "2"
SUITE = "tests/sabotage"
_SHOWN = 3000
"""How many characters of each failure are shown."""
KINDS = {
    "test_a_single_fault_closes_the_gate": "one single fault, the right condition and service named",
    "test_a_sound_stack_passes": "sound stacks, no check failed",
    "test_a_sound_stack_keeps_all_limits": "the measured stack without a fault, no limit broken",
    "test_every_fault_breaks_the_limit_on_its_metric_and_no_other": "eight faults that show in the suite, exactly their limits broken",
    "test_a_slow_start_and_a_slow_healthcheck_are_told_before_the_suite": "a slow start and a slow healthcheck, told before the suite",
}
"""The tests that are counted together, and what they show."""
REST = "what a test does on purpose, and what Compose itself says"


def main(runs: int = DEFAULT_RUNS, cases: str = SUITE, workers: str = WORKERS) -> int:
    """Run the suite, or some cases of it, and print the table."""
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    begun = time.monotonic()
    for number in range(1, runs + 1):
        found = _one_run(cases, workers)
        seen.update(found.keys())
        right.update(name for name, trouble in found.items() if not trouble)
        wrong = {name: trouble for name, trouble in found.items() if trouble}
        print(f"run {number}: {len(found)} cases, {len(wrong)} wrong ({time.monotonic() - begun:.0f} s so far)")
        for name, trouble in wrong.items():
            print(f"  {name}:\n{textwrap.indent(trouble, '    ')}")
        sys.stdout.flush()
    for name in sorted(seen):
        print(f"{right[name]:3d} of {seen[name]:3d}  {name}")
    for kind in (*KINDS.values(), REST):
        those = [name for name in seen if _kind(name) == kind]
        if those:
            good, all_runs = (sum(counts[name] for name in those) for counts in (right, seen))
            print(f"{good} of {all_runs}: {kind} ({len(those)} cases)")
    print(f"{runs} runs, {len(seen)} cases, {(time.monotonic() - begun) / runs:.0f} s a run")
    return 0 if seen and right == seen else 1


def _kind(name: str) -> str:
    return KINDS.get(name.partition("[")[0], REST)


def _one_run(cases: str, workers: str) -> dict[str, str]:
    """Run the suite once; return for each case how it failed, which is empty where it came out right."""
    with tempfile.TemporaryDirectory() as folder:
        junit = Path(folder, "junit.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-n", workers, cases, f"--junitxml={junit}"]
        environ = {**os.environ, "IGT_SABOTAGE": "all"}
        subprocess.run(command, cwd=ROOT, env=environ, check=False, stdout=subprocess.DEVNULL)
        cases = ElementTree.parse(junit).iter("testcase")  # noqa: S314 - written by the run above
        return {case.get("name", ""): _trouble(case) for case in cases}


def _trouble(case: ElementTree.Element) -> str:
    """Return the end of what a case that failed says of it; the verdict's part of the output is there."""
    texts = (child.text or child.get("message") or "" for child in case if child.tag in ("failure", "error"))
    return "\n".join(text[-_SHOWN:] for text in texts)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
