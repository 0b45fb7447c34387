"""How long a stack takes until the first test may run, and how long a whole run takes, against what people use instead.

    pip install pytest-docker==3.2.6
    python bench/startup.py [ROUNDS [STACK ...]]

Stacks: ``chain`` (three ``service_healthy`` dependencies in a row, healthchecks every 10 s) and so many services with a
healthcheck every second: ``4``, ``16``, ``48``. Every service is Redis with ``redis-cli ping``. All contenders start the
same stack in turn, in every round; medians are compared. What each has to do:

- first test: everything from the call until the body of the first test runs; for ``docker compose up`` that is the
  command and then a run of pytest without plugins;
- whole run: a run of pytest with one empty test, from the call until nothing of the stack is left.

The exit status is 1 when a goal is missed. The images of ``python tools/prepare_engine.py`` must be there.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

IMAGE = "infragate/services:1"
DEFAULT_ROUNDS = 3
STACKS = ("chain", "4", "16", "48")
LONGEST_RUN_S = 300.0
PLAIN = ("-p", "no:infragate", "-p", "no:docker")
GOALS = (
    # stack, what, ours, rival, at most so many times the rival
    ("chain", "first test", "infragate", "up --wait", 0.15),
    ("4", "first test", "infragate", "up --wait", 1.0),
    ("16", "first test", "infragate", "up --wait", 1.0),
    ("48", "first test", "infragate", "up --wait", 1.0),
    ("16", "first test", "infragate", "up", 1.15),
    ("48", "first test", "infragate", "up", 1.15),
    *((stack, "whole run", "infragate, windows 0s", "pytest-docker", 1.0) for stack in STACKS),
    *((stack, "whole run", "infragate, windows 0s", "testcontainers", 1.0) for stack in STACKS),
)
MARKED_TEST = """
import os, pathlib, time

def test_first():
    pathlib.Path(os.environ["MARK"]).write_text(repr(time.time()))
"""
PYTEST_DOCKER = """
import pathlib, pytest

@pytest.fixture(scope="session")
def docker_compose_file():
    return str(pathlib.Path(__file__).parent / "compose.yaml")

@pytest.fixture(scope="session")
def docker_compose_project_name():
    return "PROJECT"

@pytest.fixture(scope="session", autouse=True)
def stack(docker_services):
    return docker_services
"""
TESTCONTAINERS = """
import pathlib, pytest
from testcontainers.compose import DockerCompose

@pytest.fixture(scope="session", autouse=True)
def stack():
    with DockerCompose(str(pathlib.Path(__file__).parent), "compose.yaml"):
        yield
"""
NO_WINDOWS = "health: {stable_for: 0s}\nperformance: {window: 0s}\n"

Measure = Callable[["Stack"], float]


class Stack:
    """One stack in a folder of its own, whose name is that of its Compose project."""

    def __init__(self, parent: Path, kind: str) -> None:
        self.folder = parent / f"igb-{secrets.token_hex(4)}"
        self.folder.mkdir()
        self.write("compose.yaml", compose_file(kind))
        self.write("pytest.ini", "[pytest]\n")
        self.write("test_first.py", MARKED_TEST)
        self.mark = self.folder / "mark"
        # Where it is set, every run compiles the plugins anew, which nobody's does otherwise.
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {**environ, "MARK": str(self.mark), "COMPOSE_PROJECT_NAME": self.folder.name}

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self.folder / name).write_text(text.replace("PROJECT", self.folder.name))

    def call(self, *command: str) -> None:
        """Run a program to its end; it must succeed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN_S,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

    def pytest(self, *arguments: str) -> None:
        """Run pytest in the folder."""
        self.call(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)

    def remove(self) -> None:
        """Take the stack down, whatever has become of it."""
        self.call("docker", "compose", "down", "--volumes", "--timeout", "0")


def main(rounds: int = DEFAULT_ROUNDS, *kinds: str) -> int:
    """Measure and print both tables and the goals."""
    if importlib.util.find_spec("pytest_docker") is None:
        sys.exit("pytest-docker is not installed: pip install pytest-docker==3.2.6")
    figures: dict[tuple[str, str, str], float] = {}
    for kind in kinds or STACKS:
        for what, contenders in (("first test", FIRST_TEST), ("whole run", WHOLE_RUN)):
            for name, seconds in measured(kind, contenders, rounds).items():
                figures[kind, what, name] = statistics.median(seconds)
                shown = " ".join(f"{one:.2f}" for one in seconds)
                print(f"{kind:6s} {what:10s} {name:24s} {figures[kind, what, name]:6.2f} s   ({shown})", flush=True)
    results = [met(figures, *goal) for goal in GOALS if (goal[0], goal[1], goal[2]) in figures]
    return 0 if all(results) else 1


def compose_file(kind: str) -> str:
    """Return the Compose file of a stack."""
    return "services:\n" + "".join(services(kind))


def services(kind: str) -> Iterator[str]:
    """Yield the services of a stack."""
    chain = kind == "chain"
    for number in range(4 if chain else int(kind)):
        yield f"  s{number}:\n    image: {IMAGE}\n"
        yield '    command: [redis-server, --save, "", --bind, 0.0.0.0]\n'
        yield f"    healthcheck: {{test: [CMD, redis-cli, ping], interval: {'10s' if chain else '1s'}}}\n"
        if chain and number:
            yield f"    depends_on: {{s{number - 1}: {{condition: service_healthy}}}}\n"


def measured(kind: str, contenders: dict[str, Measure], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each contender, which take turns."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as parent:
        for _ in range(rounds):
            for name, measure in contenders.items():
                stack = Stack(Path(parent), kind)
                try:
                    found[name].append(measure(stack))
                finally:
                    stack.remove()
    return found


def compose_then_pytest(*options: str) -> Measure:
    """Return a measure of ``docker compose up`` and what comes after it until the first test."""

    def measure(stack: Stack) -> float:
        begun = time.time()
        stack.call("docker", "compose", "up", "--detach", *options)
        stack.pytest(*PLAIN)
        return float(stack.mark.read_text()) - begun

    return measure


def until_first_test(stack: Stack) -> float:
    """Measure the gate with its defaults until the first test runs."""
    begun = time.time()
    stack.pytest("-p", "no:docker", "--infragate")
    return float(stack.mark.read_text()) - begun


def whole_run(arguments: Sequence[str], **files: str) -> Measure:
    """Return a measure of a whole run of pytest."""

    def measure(stack: Stack) -> float:
        for name, text in files.items():
            stack.write(name.replace("_", "."), text)
        begun = time.time()
        stack.pytest(*arguments)
        return time.time() - begun

    return measure


def met(figures: dict[tuple[str, str, str], float], kind: str, what: str, ours: str, rival: str, goal: float) -> bool:
    """Print and return whether a goal is met."""
    ratio = figures[kind, what, ours] / figures[kind, what, rival]
    print(f"{kind:6s} {what:10s} {ours} / {rival}: {ratio:.2f} (at most {goal:g}) {'' if ratio <= goal else 'MISSED'}")
    return ratio <= goal


FIRST_TEST: dict[str, Measure] = {
    "up": compose_then_pytest(),
    "up --wait": compose_then_pytest("--wait"),
    "infragate": until_first_test,
}
WHOLE_RUN: dict[str, Measure] = {
    "pytest-docker": whole_run(("-p", "no:infragate"), conftest_py=PYTEST_DOCKER),
    "testcontainers": whole_run(PLAIN, conftest_py=TESTCONTAINERS),
    "infragate, windows 0s": whole_run(("-p", "no:docker", "--infragate"), infragate_yaml=NO_WINDOWS),
    "infragate, defaults": whole_run(("-p", "no:docker", "--infragate")),
}


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2]), *sys.argv[2:]))
