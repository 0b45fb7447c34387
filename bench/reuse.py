"""How long a kept stack takes to be proven anew: the example, against a fresh start of it and against Compose, in turn.

Measured is the time from the beginning of the gate to the first test, with and without the commands that the project
itself declares; and what ``docker compose up --detach --build`` takes on the same kept stack, which proves nothing. Limit:
2 s without the commands, on an idle machine.

    python bench/reuse.py [ROUNDS]

Needs an engine and the images of ``tools/prepare_engine.py``. The images of the example are built before the first round.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 2.0
DEFAULT_ROUNDS = 5
EXAMPLE = Path(__file__).resolve().parents[1] / "example_project"
CLOCK = """
import time
import pytest

BEGUN = None

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop():
    global BEGUN
    BEGUN = time.perf_counter()
    return (yield)

def pytest_runtest_logstart(nodeid):
    global BEGUN
    if BEGUN is not None and not nodeid.startswith("infragate/"):
        with open("until_first_test", "w") as file:
            file.write(str(time.perf_counter() - BEGUN))
        BEGUN = None
"""


@dataclass(frozen=True)
class Start:
    """Seconds until the first test, and those of them that the project's own commands took."""

    total_s: float
    commands_s: float

    @property
    def own_s(self) -> float:
        """Seconds without the project's commands."""
        return self.total_s - self.commands_s


@dataclass(frozen=True)
class Round:
    """A fresh start, the same stack proven anew, and Compose's seconds for it."""

    fresh: Start
    kept: Start
    compose_s: float


def main(rounds: int = DEFAULT_ROUNDS) -> int:
    """Print the medians; the exit status is 1 when proving a kept stack anew takes longer than the limit."""
    with tempfile.TemporaryDirectory(prefix="igt-reuse-") as parent:
        folder = Path(parent, "example")
        shutil.copytree(EXAMPLE, folder)
        (folder / "clock.py").write_text(CLOCK)
        try:
            measured = _measured(folder, rounds)
        finally:
            _down(folder)
    _tell("fresh start", [one.fresh for one in measured])
    _tell("kept stack ", [one.kept for one in measured])
    print(f"docker compose up --detach --build on it {statistics.median(one.compose_s for one in measured):6.2f} s")
    against_fresh = statistics.median(one.kept.own_s / one.fresh.own_s for one in measured)
    against_compose = statistics.median(one.kept.own_s / one.compose_s for one in measured)
    print(
        f"kept stack without the commands, paired  {against_fresh:6.2f} of a fresh start, {against_compose:.2f} of Compose"
    )
    own = statistics.median(one.kept.own_s for one in measured)
    print(f"limit                                    {LIMIT_S:6.2f} s")
    return 0 if own <= LIMIT_S else 1


def _measured(folder: Path, rounds: int) -> list[Round]:
    _run(folder)
    measured = []
    for _ in range(rounds):
        _down(folder)
        measured.append(Round(_run(folder), _run(folder), _compose(folder)))
    return measured


def _compose(folder: Path) -> float:
    """Return the seconds of Compose's own look at the kept stack."""
    begun = time.perf_counter()
    command = ["docker", "compose", "-p", _project(folder), "up", "--detach", "--build"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begun


def _tell(name: str, starts: Sequence[Start]) -> None:
    total, own = (
        statistics.median(values) for values in zip(*((one.total_s, one.own_s) for one in starts), strict=True)
    )
    print(
        f"{name} {total:6.2f} s until the first test, {own:6.2f} s without the project's commands (median of {len(starts)})"
    )


def _run(folder: Path) -> Start:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "clock", "-p", "no:cacheprovider"]
    gate = ["--infragate", "--infragate-keep", "--infragate-report", "report"]
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, *gate],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"the example did not pass:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    verdict = json.loads((folder / "report" / "verdict.json").read_text())
    commands = sum(check["duration_s"] for check in verdict["checks"] if check["condition"] == "commands")
    return Start(float((folder / "until_first_test").read_text()), commands)


def _down(folder: Path) -> None:
    """Remove the stack of the last run."""
    if (folder / "report" / "verdict.json").exists():
        command = [
            "docker",
            "compose",
            "-p",
            _project(folder),
            "down",
            "--volumes",
            "--remove-orphans",
            "--timeout",
            "2",
        ]
        subprocess.run(command, check=True, capture_output=True)


def _project(folder: Path) -> str:
    return str(json.loads((folder / "report" / "verdict.json").read_text())["project"])


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
