"""What it costs a run that nothing can be left of it: the sweep, the claim with the reaper's start, and the goodbye.

    python bench/custody.py [ROUNDS]

Needs an engine. Prints medians in milliseconds and the reaper's memory.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path

from pytest_infragate.compose.model import Project
from pytest_infragate.progress import Silent
from pytest_infragate.run.custody import Custody, sweep
from pytest_infragate.stack.claim import claims
from pytest_infragate.stack.engine import Engine
from pytest_infragate.stack.ownership import Before

DEFAULT_ROUNDS = 20
NAME = "infragate-bench-custody"


def main(rounds: int = DEFAULT_ROUNDS) -> None:
    """Print the medians."""
    times: dict[str, list[float]] = {"sweep": [], "begin": [], "end": []}
    memory = []
    with closing(Engine.connect(os.environ)) as engine:
        for _ in range(rounds):
            custody = Custody(engine, None)
            begun = time.perf_counter()
            sweep(engine, NAME, Silent())
            swept = time.perf_counter()
            custody.begin(Project(NAME, "", (), {}, {}, {}, {}, {}), Before(), reused=False)
            claimed = time.perf_counter()
            memory.append(_memory_mb(engine))
            again = time.perf_counter()
            custody.end(clean=True)
            ended = time.perf_counter()
            for name, seconds in (("sweep", swept - begun), ("begin", claimed - swept), ("end", ended - again)):
                times[name].append(seconds * 1000)
    for name, values in times.items():
        print(f"{name:<6} {statistics.median(values):6.1f} ms")
    print(f"reaper {max(memory):6.1f} MB")


def _memory_mb(engine: Engine) -> float:
    """Return what the reaper has for itself, half a second after its start, in MB (``Pss`` of ``smaps_rollup``)."""
    time.sleep(0.5)
    [reaper] = [one.reaper for one in claims(engine) if one.project == NAME and one.reaper]
    lines = Path(f"/proc/{reaper.pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
