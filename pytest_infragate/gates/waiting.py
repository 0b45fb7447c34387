"""Waits until every service is ready, or until it is certain that one will not be."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ..errors import InfragateError
from ..stack.roster import Roster
from ..stack.state import ContainerState
from ..units import format_duration
from .own_tests import OwnTests
from .readiness import Ask, Look, Readiness, State, judge_all
from .roles import Role

if TYPE_CHECKING:
    from ..stack.engine import Engine

Containers = tuple[ContainerState, ...]

POLL_S = 0.25
ASK_EVERY_S = 1.0
"""A probe or a look at the listeners may start a program in the container, so it is soon repeated less often."""
_FIRST_ASK_S = 0.1
LET_SETTLE_S = 5.0
"""How long the others are still waited for once a service has failed for good."""


class End(str, Enum):
    """Why the waiting ended."""

    READY = "ready"
    FAILED = "failed"
    DEADLINE = "deadline"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Wait:
    """What the waiting came to; ``at`` is the engine's clock from which on everything is held against the services."""

    readiness: Mapping[str, Readiness]
    containers: tuple[ContainerState, ...]
    at: datetime.datetime
    end: End
    duration_s: float
    early: Mapping[str, datetime.datetime] = field(default_factory=dict)
    """When the containers whose own test passed before the engine's run of it did so: by id, by our clock."""
    seen_ready: Mapping[str, datetime.datetime] = field(default_factory=dict)
    """Since when each service was seen ready, by our clock: at most one look late."""

    def failed(self, service: str) -> bool:
        """Return whether a service has failed by itself."""
        one = self.readiness.get(service)
        return one is not None and one.state is State.FAILED and one.waits_for is None


@dataclass(frozen=True)
class Asking:
    """How services are asked for more than the engine says of them, and how the waiting is told and ended.

    ``wake`` waits a given time, less when something happened; ``up_done`` tells whether all starts have been tried.
    """

    listening: Ask
    probe: Ask
    silent: Callable[[Sequence[ContainerState]], str] = lambda _containers: ""
    own_tests: OwnTests | None = None
    """Finds services healthy before the engine has run their healthcheck; ``None``: the engine alone is believed."""
    first_look_s: float = 2.0
    on_change: Callable[[str, str], None] = lambda _service, _text: None
    wake: Callable[[float], object] = time.sleep
    stop: threading.Event = field(default_factory=threading.Event)
    up_done: Callable[[], bool] = lambda: True
    on_look: Callable[[Containers, Mapping[str, Readiness]], None] = lambda _containers, _readiness: None
    """Hears what every look has shown."""
    tested: Callable[[str], bool] = lambda _service: True
    """Whether a service's own test is worth its cost now."""


def wait_ready(
    engine: Engine,
    project: str,
    roles: Mapping[str, Role],
    asking: Asking,
    *,
    deadline: float,
    since: float | None = None,
) -> Wait:
    """Wait until all services are ready; ends before the ``deadline`` (monotonic) when one has failed for good.

    ``since`` (monotonic) is what the times told to ``on_change`` count from. All services are judged anew each time, so
    that one which was ready and fell back while others were waited for is not taken for ready. Readiness is seen twice,
    the second time after the moment that is returned as ``at``.
    """
    begun = time.monotonic()
    waiting = _Waiting(engine, project, roles, asking, since or begun)
    at: datetime.datetime | None = None
    while True:
        containers, readiness = waiting.look(closely=at is not None)
        end = waiting.end(readiness, deadline)
        if end not in (None, End.READY) and at is None:
            # What is told of a failure comes from the containers as they are now, not as they were two seconds ago.
            containers, readiness = waiting.look(closely=True)
            end = waiting.end(readiness, deadline)
        if end is not None and (at is not None or end is not End.READY):
            early = asking.own_tests.times() if asking.own_tests is not None else {}
            return Wait(
                readiness, containers, at or engine.now(), end, time.monotonic() - begun, early, waiting.seen_ready
            )
        at = engine.now() if end is End.READY else None
        if end is None:
            asking.wake(POLL_S)


class _Waiting:
    """What is remembered from one look to the next."""

    def __init__(self, engine: Engine, project: str, roles: Mapping[str, Role], asking: Asking, since: float) -> None:
        self._roster = Roster(engine, project)
        self._roles = roles
        self._asking = asking
        self._since = since
        self._steady = Steadiness()
        self._told: dict[str, str] = {}
        self.seen_ready: dict[str, datetime.datetime] = {}
        self._failed_at: float | None = None
        self._listening = _seldom(asking.listening)
        self._probe = _seldom(asking.probe)
        self._silent = _seldom(lambda containers: (True, asking.silent(containers)))

    def look(self, *, closely: bool) -> tuple[Containers, dict[str, Readiness]]:
        """Judge every service by what the engine says now, and tell what has changed."""
        up_done = self._asking.up_done()
        containers = self._roster.look_closely() if closely else self._roster.look()
        self._steady.see(containers)
        readiness = judge_all(self._roles, containers, self._look(up_done=up_done))
        for service, one in readiness.items():
            self._tell(service, one)
            self._note(service, one)
        self._asking.on_look(containers, readiness)
        if self._asking.own_tests is not None:
            self._asking.own_tests.consider(one for one in containers if self._asking.tested(one.service))
        return containers, readiness

    def _look(self, *, up_done: bool) -> Look:
        asking = self._asking
        return Look(
            self._listening,
            self._probe,
            self._steady.seconds,
            asking.first_look_s,
            up_done,
            silent=lambda containers: self._silent(containers)[1],
            own_test=asking.own_tests.passed if asking.own_tests is not None else lambda _state: False,
        )

    def end(self, readiness: Mapping[str, Readiness], deadline: float) -> End | None:
        """Return why there is nothing more to wait for, ``None`` when there is."""
        states = {one.state for one in readiness.values()}
        now = time.monotonic()
        if self._asking.stop.is_set():
            return End.STOPPED
        if states <= {State.READY}:
            return End.READY if self._asking.up_done() else None
        self._failed_at = (self._failed_at or now) if State.FAILED in states else None
        if self._failed_at is not None and (State.PENDING not in states or now - self._failed_at >= LET_SETTLE_S):
            return End.FAILED
        return End.DEADLINE if now >= deadline else None

    def _note(self, service: str, one: Readiness) -> None:
        """Remember since when a service is ready; one that fell back begins again."""
        if one.state is State.READY:
            self.seen_ready.setdefault(service, datetime.datetime.now(datetime.timezone.utc))
        else:
            self.seen_ready.pop(service, None)

    def _tell(self, service: str, one: Readiness) -> None:
        text = f"waits for {one.waits_for}" if one.waits_for and one.state is State.PENDING else one.message
        if self._told.get(service) == text:
            return
        self._told[service] = text
        elapsed = format_duration(time.monotonic() - self._since)
        self._asking.on_change(service, f"{text} after {elapsed}" if one.state is State.READY else text)


class Steadiness:
    """Remembers since when each container was seen running without being started anew, on our own clock."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, datetime.datetime | None], float] = {}

    def see(self, containers: tuple[ContainerState, ...]) -> None:
        """Take note of the containers that run now; one that does not run begins again."""
        now = time.monotonic()
        running = [(one.id, one.started_at) for one in containers if one.status == "running"]
        self._since = {key: self._since.get(key, now) for key in running}

    def seconds(self, state: ContainerState) -> float:
        """Return how long a container was seen running, in seconds."""
        begun = self._since.get((state.id, state.started_at))
        return 0.0 if begun is None else time.monotonic() - begun


def _seldom(ask: Ask) -> Ask:
    """Return the same question with each answer used for a while; one that cannot be asked has a bad answer."""
    answers: dict[str, _Answer] = {}

    def asked(containers: Sequence[ContainerState]) -> tuple[bool, str]:
        service = containers[0].service
        known = answers.get(service)
        if known is None or time.monotonic() >= known.until:
            pause = _FIRST_ASK_S if known is None else min(2 * known.pause_s, ASK_EVERY_S)
            try:
                said = ask(containers)
            except InfragateError as error:
                said = (False, str(error))
            answers[service] = known = _Answer(said, pause, time.monotonic() + pause)
        return known.said

    return asked


@dataclass(frozen=True)
class _Answer:
    """An answer and for how long it is used."""

    said: tuple[bool, str]
    pause_s: float
    until: float
