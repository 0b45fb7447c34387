"""A user's project in a folder of its own, and pytest run in it as the user would run it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_infragate.stack.engine import Engine

from . import leftovers, processes, waiting
from .leftovers import Thing
from .reports import Report
from .witness import Witness, witness

RUN_S = 120.0
"""No run of these small stacks takes longer."""
SETTLED_S = 90.0
"""A reaper gives up after a minute."""
REPORT = "report"
NOT_SHUFFLED = "-p no:randomly"
"""For ``PYTEST_ADDOPTS``: pytest-randomly acts by being installed, and most suites here tell a story in their order."""
_STEERING = re.compile(r"(PYTEST|COMPOSE|INFRAGATE|DOCKER_DEFAULT)_")
"""Variables of the outer run that must not steer the inner one."""
_OWN = {"PYTHONUNBUFFERED": "1", "PYTEST_ADDOPTS": NOT_SHUFFLED}


@dataclass(frozen=True)
class Ended:
    """A run of pytest that is over: its exit status and all that it wrote."""

    status: int
    output: str


class Underway:
    """A run of pytest that has begun; its output is read as it comes."""

    def __init__(self, arguments: tuple[str, ...], directory: Path, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=directory,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._output = ""
        self._over = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """All that was written so far."""
        return self._output

    def wait_for(self, pattern: str, timeout_s: float = RUN_S) -> re.Match[str]:
        """Wait until the output matches a regular expression; fails the test when the run ends without."""
        with self._changed:
            found = self._changed.wait_for(lambda: re.search(pattern, self._output) or self._over, timeout_s)
        match = re.search(pattern, self._output)
        if match is None:
            why = "the run ended" if found else f"{timeout_s:g} s passed"
            pytest.fail(f"{why} without {pattern!r} in its output:\n{self._output}")
        return match

    def send(self, number: signal.Signals) -> None:
        """Send a signal to pytest alone, as a supervisor does."""
        self._process.send_signal(number)

    def press_ctrl_c(self) -> None:
        """Send SIGINT to the whole foreground group, as a terminal does."""
        os.killpg(self._process.pid, signal.SIGINT)

    def end(self, timeout_s: float = RUN_S) -> Ended:
        """Wait for the end; a run that hangs is killed and fails the test."""
        try:
            status = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"the run did not end within {timeout_s:g} s:\n{self._output}")
        self._reader.join()
        return Ended(status, self._output)

    def kill(self) -> None:
        """Kill pytest with all its workers, as if the machine had taken them away."""
        if self._process.returncode is None:  # Else its number may be another's by now.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join()

    @property
    def pid(self) -> int:
        """The PID of pytest."""
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            while data := os.read(stream.fileno(), 65536):
                self._note(data.decode(errors="replace"), over=False)
        self._note("", over=True)

    def _note(self, text: str, *, over: bool) -> None:
        with self._changed:
            self._output += text
            self._over = over
            self._changed.notify_all()


class UserProject:
    """One folder with a Compose file, settings and tests, whose name leads to a Compose project of its own."""

    def __init__(self, directory: Path, engine: Engine, seen_by: Witness) -> None:
        self.directory = directory
        self.engine = engine
        self._witness = seen_by
        self.name = directory.name
        self.temporary = directory.parent / "temporary"
        self.temporary.mkdir()
        self._runs: list[Underway] = []
        self.write(**{"pytest.ini": "[pytest]\n"})

    @property
    def report(self) -> Report:
        """The verdict that the last run left."""
        return Report.read(self.directory / REPORT / "verdict.json")

    def write(self, **files: str) -> None:
        """Write files, given by name."""
        for name, text in files.items():
            (self.directory / name).write_text(text, encoding="utf-8")

    def begin(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Underway:
        """Begin a run of pytest in the folder."""
        plain = {name: value for name, value in os.environ.items() if not _STEERING.match(name)}
        own = {**_OWN, "TMPDIR": str(self.temporary)}
        run = Underway(arguments, self.directory, {**plain, **own, **(environ or {})})
        self._runs.append(run)
        return run

    def begin_gate(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Underway:
        """Begin a gated run that writes its reports."""
        return self.begin("--infragate", "--infragate-report", REPORT, *arguments, environ=environ)

    def run(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Ended:
        """Run pytest in the folder to its end."""
        return self.begin(*arguments, environ=environ).end()

    def gate(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Ended:
        """Run the gate to its end."""
        return self.begin_gate(*arguments, environ=environ).end()

    def created(self) -> tuple[str, ...]:
        """Return the services of which a container was ever created, once for each container, sorted."""
        return self._witness.created(self.name)

    def left(self) -> tuple[Thing, ...]:
        """Return what stands on the engine of this folder's stacks."""
        return tuple(thing for thing in leftovers.things(self.engine) if self.name in thing.project)

    def left_behind(self) -> tuple[Thing, ...]:
        """Return what stands although no run is under way that may use it, and somebody could have removed it."""
        return leftovers.without_lost(self.engine, self.left())

    def left_folders(self) -> tuple[str, ...]:
        """Return the names of the temporary folders that our runs left."""
        return tuple(sorted(path.name for path in self.temporary.glob("infragate-*")))

    def processes(self) -> tuple[int, ...]:
        """Return the PIDs of all that runs began and that still lives: tests, workers, Compose, commands, reapers."""
        return processes.with_variable("TMPDIR", str(self.temporary))

    def settle(self) -> None:
        """Wait until nothing that a run began still lives, a reaper that is at work included."""
        waiting.until(lambda: not self.processes(), SETTLED_S, "every process of the run has ended")

    def remove(self) -> tuple[Thing, ...]:
        """End what still runs, as if the machine had taken it away; remove whatever is left then, and return it."""
        for run in self._runs:
            run.kill()
        self.settle()
        left = self.left_behind()
        leftovers.remove(self.engine, left)
        return left


@contextlib.contextmanager
def user_project(parent: Path, engine: Engine) -> Iterator[UserProject]:
    """Give an empty project; at the end nothing of it may be left on the engine."""
    directory = parent / leftovers.project_name()
    directory.mkdir()
    with witness(engine) as seen_by:
        project = UserProject(directory, engine, seen_by)
        try:
            yield project
        finally:
            left = project.remove()
            shutil.rmtree(directory, ignore_errors=True)
    assert not left, f"left behind: {leftovers.told(left)}"
