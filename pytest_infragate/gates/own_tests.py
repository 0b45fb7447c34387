"""Runs the services' own healthcheck tests while the engine still waits for its first interval to pass."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..errors import InfragateError
from ..stack import own_test
from ..stack.state import ContainerState, HealthRun

AT_ONCE = 4
"""Tests at the same time: each starts a program, and so does every container that still starts."""
SOON_S = 0.5
LATE_S = 3.0
"""When the engine's own run of a test is expected so soon, or is so late, no other one is begun: a test costs what
starting a program costs, and with many services that is what the engine is busy with."""
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 1.0
_LENGTHENED = 1.5

_Start = tuple[str, "datetime.datetime | None"]
"""One start of one container: what passed before a restart says nothing about the time after it."""


@dataclass
class _Turn:
    """Where the tests of one start of a container stand; ``due`` is on the monotonic clock."""

    passed_at: datetime.datetime | None = None
    going: bool = False
    given_up: bool = False
    due: float = 0.0
    pause_s: float = _FIRST_PAUSE_S


class OwnTests:
    """Tests starting containers beside the waiting and remembers which passed. Safe for use from several threads.

    ``run`` runs a test once (``None``: it did not end in time). A test counts only when it began after ``listening``
    was true: databases that set themselves up first run a server that their own test takes for the real one, but
    which nobody outside can reach. A test that does not end in time is left to the engine, which can end it.
    """

    def __init__(
        self,
        run: Callable[[ContainerState], HealthRun | None],
        listening: Callable[[ContainerState], bool],
        on_pass: Callable[[], None] = lambda: None,
    ) -> None:
        self._run = run
        self._listening = listening
        self._on_pass = on_pass
        self._lock = threading.Lock()
        self._turns: dict[_Start, _Turn] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="infragate-own-test")

    def consider(self, containers: Iterable[ContainerState]) -> None:
        """Begin the test of every container whose turn it is; returns at once.

        The latest start comes first: the engine will be the last to come to it.
        """
        for state in sorted(containers, key=_started, reverse=True):
            if own_test.waits_for_engine(state) and not is_due(state) and self._take_turn(_start(state)):
                self._pool.submit(self._attempt, state)

    def passed(self, state: ContainerState) -> bool:
        """Whether a container's own test has passed since its last start, and the engine does not contradict."""
        with self._lock:
            turn = self._turns.get(_start(state))
        return turn is not None and turn.passed_at is not None and state.running and state.health == "starting"

    def times(self) -> dict[str, datetime.datetime]:
        """Return when each container's test has passed, by our clock and by the container's id; the last start counts."""
        with self._lock:
            return {container: turn.passed_at for (container, _), turn in self._turns.items() if turn.passed_at}

    def close(self) -> None:
        """Begin no more tests."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take_turn(self, start: _Start) -> bool:
        with self._lock:
            turn = self._turns.setdefault(start, _Turn())
            if turn.passed_at or turn.going or turn.given_up or time.monotonic() < turn.due:
                return False
            turn.going = True
            return True

    def _attempt(self, state: ContainerState) -> None:
        passed = given_up = False
        try:
            if self._listening(state):
                done = self._run(state)
                passed, given_up = done is not None and done.exit_code == own_test.PASSED, done is None
        except InfragateError:
            # It has stopped meanwhile, or the engine does not answer: the next look at it tells which.
            passed = False
        with self._lock:
            turn = self._turns[_start(state)]
            turn.going, turn.given_up = False, given_up
            turn.passed_at = datetime.datetime.now(datetime.timezone.utc) if passed else None
            turn.due = time.monotonic() + turn.pause_s
            turn.pause_s = min(turn.pause_s * _LENGTHENED, _LONGEST_PAUSE_S)
        if passed:
            self._on_pass()


def _started(state: ContainerState) -> float:
    return state.started_at.timestamp() if state.started_at else 0.0


def is_due(state: ContainerState) -> bool:
    """Whether the engine is about to run the test itself; by our clock, which only costs time where it is another."""
    runs = [run.start.timestamp() for run in state.health_runs if run.start]
    left_s = max([_started(state), *runs]) + state.health_interval_s - time.time()
    return -LATE_S < left_s < SOON_S


def _start(state: ContainerState) -> _Start:
    return (state.id, state.started_at)
