"""How long a static run takes and how much memory it needs, against other checkers of Compose files, as whole processes.

    python bench/static.py [ROUNDS] [--dclint PROGRAM] [--compose-lint PROGRAM] [--corpus FOLDER]

Generated stacks of 3, 50, 500 and 2,000 services, checked in turn, in every round, by ``pytest --infragate-static``, by
``docker compose config -q``, and by dclint and compose-lint where their programs are given. Beside them stands a run of
pytest that has nothing to do, because that part of ours is pytest's. ``--corpus`` is a folder of real projects with a
``MANIFEST.tsv`` (columns ``id``, ``path`` and ``entry_files``, which are separated by commas); each is checked once, alone,
and told is whatever ends in a traceback, has a check that could not be evaluated, or takes longer than the limit.

Our own work is what is left where the answer of ``docker compose`` is at hand: a script in its place prints what it has
said before. Seconds by the clock mean something on a quiet machine only; the time of the processors, children included, is
much the same on a busy one. The goals are compared with the smaller of both.

The exit status is 1 when a goal is missed or a project of the corpus was not answered.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SIZES = (3, 50, 500, 2000)
DEFAULT_ROUNDS = 3
LONGEST_S = 180.0
LONGEST_PROJECT_S = 20.0
GOALS = (
    # services, seconds of our own work and MB, both on top of an empty pytest run
    (50, 0.2, 30.0),
    (500, 0.9, None),
    (2000, 3.0, None),
)
CACHED_S = 0.05
"""At most so long, on top of an empty pytest run, may an answer from the cache take."""
EMPTY, WHOLE, OWN, CACHED = "empty pytest run", "infragate", "infragate, own work", "infragate, cached"
STAND_IN = """\
#!/bin/sh
case "$*" in
  *"--format json"*) cat "{model}" ;;
esac
"""
"""In the place of the docker CLI: prints a model that Compose has printed before."""
PYTEST = (sys.executable, "-m", "pytest", "-q")
NOTHING = ("-p", "no:infragate", "--collect-only")
STATIC = ("--infragate-static",)


@dataclass(frozen=True)
class Cost:
    """What one process took, its children included: seconds by the clock and of the processors, MB at the most."""

    seconds: float
    cpu_s: float
    megabytes: float
    status: int
    output: str


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables and the goals."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", nargs="?", type=int, default=DEFAULT_ROUNDS)
    parser.add_argument("--dclint")
    parser.add_argument("--compose-lint")
    parser.add_argument("--corpus", type=Path)
    given = parser.parse_args(arguments)
    good = [measure(size, contenders(given.dclint, given.compose_lint), given.rounds) for size in SIZES]
    if given.corpus:
        good.append(check_corpus(given.corpus))
    return 0 if all(good) else 1


def contenders(dclint: str | None, compose_lint: str | None) -> dict[str, Callable[[Path], tuple[str, ...]]]:
    """Return the command of each contender for a folder with a Compose file."""
    uncached = (*PYTEST, "-p", "no:cacheprovider", *STATIC)
    found: dict[str, Callable[[Path], tuple[str, ...]]] = {
        EMPTY: lambda _folder: (*PYTEST, "-p", "no:cacheprovider", *NOTHING),
        WHOLE: lambda _folder: uncached,
        OWN: lambda folder: ("env", f"PATH={folder / 'bin'}{os.pathsep}{os.environ['PATH']}", *uncached),
        CACHED: lambda _folder: (*PYTEST, *STATIC),
        "docker compose config -q": lambda _folder: ("docker", "compose", "config", "-q"),
    }
    if dclint:
        found["dclint"] = lambda folder: (dclint, str(folder / "compose.yaml"))
    if compose_lint:
        found["compose-lint"] = lambda folder: (compose_lint, str(folder / "compose.yaml"))
    return found


def measure(size: int, commands: dict[str, Callable[[Path], tuple[str, ...]]], rounds: int) -> bool:
    """Measure one size; return whether its goals are met."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        (folder / "compose.yaml").write_text(compose_file(size))
        (folder / "pytest.ini").write_text("[pytest]\n")
        stand_in(folder)
        run((*PYTEST, *STATIC), folder, LONGEST_S)  # fills the cache and compiles what is not compiled yet
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(run(command(folder), folder, LONGEST_S))
    middle = {name: typical(found) for name, found in costs.items()}
    for name, one in middle.items():
        print(
            f"{size:5d} services  {name:26s} {one.seconds:7.2f} s {one.cpu_s:7.2f} s of CPU {one.megabytes:5.0f} MB"
            f"  {middle[WHOLE].cpu_s / one.cpu_s:5.2f} times its CPU is ours  (status {one.status})",
            flush=True,
        )
    return met(size, middle)


def stand_in(folder: Path) -> None:
    """Put a program in the place of the docker CLI that prints what Compose says of this folder's file."""
    asked = ("docker", "compose", "config", "--format", "json")
    answer = subprocess.run(asked, cwd=folder, capture_output=True, check=True)
    model, program = folder / "bin" / "model.json", folder / "bin" / "docker"
    model.parent.mkdir()
    model.write_bytes(answer.stdout)
    program.write_text(STAND_IN.format(model=model))
    program.chmod(0o755)


def typical(costs: Sequence[Cost]) -> Cost:
    """Return the median of each time, and the most memory."""
    return Cost(
        statistics.median(one.seconds for one in costs),
        statistics.median(one.cpu_s for one in costs),
        max(one.megabytes for one in costs),
        costs[0].status,
        costs[0].output,
    )


def on_top(one: Cost, ground: Cost) -> float:
    """Return how much longer one takes than the other, in seconds: by the clock or of the processors, whatever is less."""
    return min(one.seconds - ground.seconds, one.cpu_s - ground.cpu_s)


def met(size: int, costs: dict[str, Cost]) -> bool:
    """Print what is on top of an empty pytest run, and whether that is within the goals."""
    ground = costs[EMPTY]
    own_s, cached_s = on_top(costs[OWN], ground), on_top(costs[CACHED], ground)
    own_mb = costs[OWN].megabytes - ground.megabytes
    print(
        f"{size:5d} services  on top of pytest: own work {own_s:.2f} s, {own_mb:.0f} MB; with Compose"
        f" {on_top(costs[WHOLE], ground):.2f} s; from the cache {cached_s:.3f} s"
    )
    wanted = [
        within
        for services, most_s, most_mb in GOALS
        if services == size
        for within in (own_s <= most_s, most_mb is None or own_mb <= most_mb)
    ]
    good = all(wanted) and cached_s <= CACHED_S
    print(f"{size:5d} services  goals {'met' if good else 'MISSED'}", flush=True)
    return good


def compose_file(size: int) -> str:
    """Return a stack of so many services: a database each ten, the others use the last one."""
    return "services:\n" + "".join(service(number) for number in range(size)) + "volumes:\n" + volumes(size)


def service(number: int) -> str:
    """Return one service with what real files have."""
    database = number - number % 10
    if number == database:
        return (
            f"  db{number}:\n    image: postgres:16.4\n    restart: unless-stopped\n"
            f'    environment: {{POSTGRES_PASSWORD_FILE: /run/secrets/db}}\n    volumes: ["data{number}:/var/lib/postgresql/data"]\n'
            "    healthcheck: {test: [CMD, pg_isready, -h, 127.0.0.1], interval: 5s, timeout: 3s, retries: 5}\n"
        )
    return (
        f"  api{number}:\n    image: example/api:1.{number}\n    restart: unless-stopped\n    environment:\n"
        f'      DATABASE_URL: postgresql://app@db{database}:5432/app\n      LOG_LEVEL: info\n      WORKERS: "{number % 8 + 1}"\n'
        f'    ports: ["127.0.0.1:{20000 + number}:8000"]\n    mem_limit: 256m\n'
        f"    depends_on:\n      db{database}:\n        condition: service_healthy\n"
        '    healthcheck:\n      test: ["CMD", "curl", "-fsS", "http://127.0.0.1:8000/healthz"]\n      interval: 10s\n'
    )


def volumes(size: int) -> str:
    """Return the volumes of the databases."""
    return "".join(f"  data{number}: {{}}\n" for number in range(0, size, 10))


def check_corpus(corpus: Path) -> bool:
    """Check every project of a corpus; return whether each was answered in time, without a traceback."""
    seconds: list[float] = []
    cpu: list[float] = []
    unanswered: list[str] = []
    with (corpus / "MANIFEST.tsv").open(newline="") as stream:
        entries = list(csv.DictReader(stream, delimiter="\t"))
    for entry in entries:
        owner = entry["id"].partition("::")[0]
        folder = corpus / owner / entry["path"]
        files = [f"--infragate-file={folder / name}" for name in entry["entry_files"].split(",")]
        rest = ("-p", "no:cacheprovider", f"--rootdir={folder}", *STATIC)
        with tempfile.TemporaryDirectory() as report:
            cost = run((*PYTEST, *rest, f"--infragate-report={report}", *files), folder, LONGEST_PROJECT_S)
            trouble = unevaluated(Path(report) / "verdict.json")
        seconds.append(cost.seconds)
        cpu.append(cost.cpu_s)
        if cost.status not in (0, 1) or "Traceback" in cost.output or "INTERNALERROR" in cost.output or trouble:
            unanswered.append(f"{entry['id']} (status {cost.status}{trouble})")
    print(f"corpus: {len(entries)} projects, median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s")
    print(f"corpus: of CPU: median {statistics.median(cpu):.2f} s, longest {max(cpu):.2f} s")
    print(f"corpus: not answered: {', '.join(unanswered) or 'none'}", flush=True)
    return not unanswered


def unevaluated(verdict: Path) -> str:
    """Return which checks could not be evaluated, for the end of a sentence."""
    try:
        checks = json.loads(verdict.read_text())["checks"]
    except (OSError, ValueError, KeyError):
        return ", no verdict"
    broken = [check["id"] for check in checks if check["outcome"] == "error"]
    return f", not evaluated: {' '.join(broken)}" if broken else ""


def run(command: Sequence[str], folder: Path, longest_s: float) -> Cost:
    """Run one process to its end, in a group of its own, and measure it; one that takes too long is ended."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
        status, used = wait(process, begun + longest_s)
        seconds = time.perf_counter() - begun
        stream.seek(0)
        return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, status, stream.read())


def wait(process: subprocess.Popen[bytes], until: float) -> tuple[int, resource.struct_rusage]:
    """Wait for a process; return its status and what it used. One that is still there at the end of its time is killed."""
    while time.perf_counter() < until:
        pid, raw, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(raw)
            return process.returncode, used
        time.sleep(0.002)
    os.killpg(process.pid, 9)
    _, raw, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(raw)
    return process.returncode, used


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
