"""How long a static run takes and how much memory it needs, against other checkers of Compose files, as whole processes.

    python bench/static.py [ROUNDS] [--dclint PROGRAM] [--compose-lint PROGRAM] [--corpus FOLDER]

Generated stacks of 3, 50, 500 and 2,000 services, checked in turn, in every round, by ``pytest --infragate-static``, by
``docker compose config -q``, and by dclint and compose-lint where their programs are given. Beside them stands a run of
pytest that has nothing to do, because that part of ours is pytest's. ``--corpus`` is a folder of real projects with a
``MANIFEST.tsv`` (columns ``path`` and ``entry_files``, which are separated by commas); each is checked once, alone, and
whatever ends in a traceback, or takes longer than the limit, is told. ``docker compose`` runs beside our own work; what
it alone takes is in its own row.

The exit status is 1 when a goal is missed or a project of the corpus was not answered.
"""

from __future__ import annotations

import argparse
import csv
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
    # services, seconds and MB on top of an empty pytest run
    (50, 0.2, 30.0),
    (500, 0.9, None),
    (2000, 3.0, None),
)
CACHED_S = 0.05
"""At most so long, on top of an empty pytest run, may an answer from the cache take."""
PYTEST = (sys.executable, "-m", "pytest", "-q")
NOTHING = ("-p", "no:infragate", "--collect-only")
STATIC = ("--infragate-static",)


@dataclass(frozen=True)
class Cost:
    """What one process took, its children included: seconds by the clock, MB at the most."""

    seconds: float
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
    found: dict[str, Callable[[Path], tuple[str, ...]]] = {
        "empty pytest run": lambda _folder: (*PYTEST, "-p", "no:cacheprovider", *NOTHING),
        "infragate": lambda _folder: (*PYTEST, "-p", "no:cacheprovider", *STATIC),
        "infragate, cached": lambda _folder: (*PYTEST, *STATIC),
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
        run((*PYTEST, *STATIC), folder, LONGEST_S)  # fills the cache and compiles what is not compiled yet
        for _ in range(rounds):
            for name, command in commands.items():
                costs[name].append(run(command(folder), folder, LONGEST_S))
    seconds = {name: statistics.median(one.seconds for one in found) for name, found in costs.items()}
    memory = {name: max(one.megabytes for one in found) for name, found in costs.items()}
    for name, found in costs.items():
        print(
            f"{size:5d} services  {name:26s} {seconds[name]:7.2f} s {memory[name]:5.0f} MB"
            f"  {seconds['infragate'] / seconds[name]:5.2f} times it is ours  (status {found[0].status})",
            flush=True,
        )
    return met(size, seconds, memory)


def met(size: int, seconds: dict[str, float], memory: dict[str, float]) -> bool:
    """Print what is on top of an empty pytest run, and whether that is within the goals."""
    ours, ground = "infragate", "empty pytest run"
    own_s, own_mb = seconds[ours] - seconds[ground], memory[ours] - memory[ground]
    cached_s = seconds["infragate, cached"] - seconds[ground]
    print(f"{size:5d} services  on top of pytest: {own_s:.2f} s, {own_mb:.0f} MB; from the cache {cached_s:.2f} s")
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
    unanswered: list[str] = []
    with (corpus / "MANIFEST.tsv").open(newline="") as stream:
        entries = list(csv.DictReader(stream, delimiter="\t"))
    for entry in entries:
        owner = entry["id"].partition("::")[0]
        folder = corpus / owner / entry["path"]
        files = [f"--infragate-file={folder / name}" for name in entry["entry_files"].split(",")]
        rest = ("-p", "no:cacheprovider", f"--rootdir={folder}", *STATIC)
        cost = run((*PYTEST, *rest, *files), folder, LONGEST_PROJECT_S)
        seconds.append(cost.seconds)
        if cost.status not in (0, 1) or "Traceback" in cost.output or "INTERNALERROR" in cost.output:
            unanswered.append(f"{entry['id']} (status {cost.status})")
    print(f"corpus: {len(entries)} projects, median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s")
    print(f"corpus: not answered: {', '.join(unanswered) or 'none'}", flush=True)
    return not unanswered


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
        return Cost(seconds, used.ru_maxrss / 1024, status, stream.read())


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
