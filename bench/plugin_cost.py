"""What the plugin costs a run that does not use it: an empty pytest run with it, against ``-p no:infragate``.

Both run in turn, whole processes, after a warm-up; the medians are compared. Limit: 5 ms.

    python bench/plugin_cost.py [RUNS]

The plugin must be installed, so that pytest finds it as it does for a user. Compiled modules are used and kept, as they
are wherever nobody forbids it: without them pytest rewrites the plugin's assertions anew in every run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_MS = 5.0
DEFAULT_RUNS = 40
WARM_UP = 3
WITHOUT = ("-p", "no:infragate")


def main(runs: int = DEFAULT_RUNS) -> int:
    """Print both medians and their difference; the exit status is 1 when it is above the limit."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_empty():\n    pass\n")
        for _ in range(WARM_UP):
            _run(folder), _run(folder, *WITHOUT)
        pairs = [(_run(folder), _run(folder, *WITHOUT)) for _ in range(runs)]
    with_plugin, without = (statistics.median(column) for column in zip(*pairs, strict=True))
    difference = statistics.median(one - other for one, other in pairs)
    print(f"with the plugin     {with_plugin * 1000:7.1f} ms (median of {runs})")
    print(f"-p no:infragate     {without * 1000:7.1f} ms")
    print(f"difference, paired  {difference * 1000:7.1f} ms (limit {LIMIT_MS:g} ms)")
    return 0 if difference * 1000 <= LIMIT_MS else 1


def _run(folder: str, *arguments: str) -> float:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
