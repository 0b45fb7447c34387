"""How reliably limits tell slow, leaking and starving services from sound ones, also on a machine that is busy.

    python bench/performance.py [RUNS] [LOAD]

Each run is ``tests/sabotage/test_measured.py`` in a pytest process of its own: one stack of ten services, sound, then with the
faults that show in the suite (a CPU hog, a leak of 4 MiB a second, a throttled service, a fork leak, answers after 3 s, 1 %
errors, a service that degrades under load, a noisy neighbour), then with a slow start and a slow healthcheck. A run is right
when exactly the limits on the broken metrics are broken. Beside the runs, ``LOAD`` busy loops hold the machine's cores
(default: one a core; 0: none). Printed is, for each of the three, in how many runs the gate was right; the exit status is 1
when it was wrong once.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from sabotage import DEFAULT_RUNS, main

CASES = "tests/sabotage/test_measured.py"
BUSY = "while True: pass"


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """Hold cores with loops that end with the block, or with this process."""
    started = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(loops)]
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


if __name__ == "__main__":
    runs, load = (*map(int, sys.argv[1:3]), *(DEFAULT_RUNS, os.cpu_count() or 1)[len(sys.argv[1:3]) :])
    with busy(load):
        status = main(runs, CASES, workers="0")
    sys.exit(status)
