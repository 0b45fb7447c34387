"""Brings the stack up and waits until it is proven ready, or until it is certain that it will not be."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial

from ..gates.own_tests import OwnTests
from ..gates.readiness import Readiness, State
from ..gates.waiting import Asking, Wait, wait_ready
from ..process import Completed
from ..progress import Progress
from ..settings import Settings
from ..stack import own_test
from ..stack.state import ContainerState
from . import kept
from .asking_ahead import AskingAhead, asking_ahead
from .kept import Kept
from .site import Site
from .starting import AtOnce, Call, InTurn, Start, awaited, worthwhile

WEAKER_LOOK_S = 2.0
"""How long a service is watched of which nothing but its running can be seen."""
_LULL_S = 30.0
_STILL_S = 1.0
_STARTING = frozenset({"create", "connect", "start"})
_ALARMING = frozenset({"die", "oom", "destroy", "health_status: unhealthy"})


@dataclass(frozen=True)
class Started:
    """What starting came to: how Compose ended, and where every service stood when the waiting ended."""

    up: Completed
    wait: Wait


@dataclass
class Startup:
    """One start. ``timeout_s`` counts from the end of pull and build until every service is proven ready."""

    site: Site
    progress: Progress
    timeout_s: float
    first_look_s: float
    callers: frozenset[str] = frozenset()
    """The services from inside which edges will be asked."""
    begun: float = field(default_factory=time.monotonic)
    _doing: dict[str, str] = field(default_factory=dict)
    _looked: float = field(default_factory=time.monotonic)
    _seen: int = 0
    _kept: Kept = field(default_factory=Kept)
    _standing: Wait | None = None

    def build(self) -> None:
        """Build and pull what the engine does not have. Raises ``StartError``.

        What an earlier run has kept is proven ready meanwhile, and looked at again when an image has changed.
        """
        if any(service.build for service in self.site.project.services.values()):
            self.progress.phase("building images")
        if not self.site.containers():
            self._make_images()
            return
        before = kept.images(self.site)
        self._look_while_building()
        if kept.images(self.site) != before:
            self._kept, self._standing = kept.look(self.site), None

    def _look_while_building(self) -> None:
        stop = threading.Event()
        with ThreadPoolExecutor(1, thread_name_prefix="infragate-build") as pool:
            building = pool.submit(self._make_images, stop)
            try:
                self._kept = kept.look(self.site)
                self._standing = self.watch_running() if self._kept.is_well else None
                building.result()
            finally:
                # Whoever interrupts the looking does not wait for a long build.
                stop.set()

    def _make_images(self, stop: threading.Event | None = None) -> None:
        self.site.stack.build(self.site.project, self.progress.waiting, stop)
        self.site.stack.pull_missing(self.site.project, self.site.engine, self.progress.waiting, stop)

    def up(self, meanwhile: Callable[[], None] = lambda: None) -> Started:
        """Start the stack and wait for its services at the same time; ends as soon as one has failed for good.

        ``meanwhile`` is done once while Compose is at work, which takes some tenths of a second before there is anything
        to look at. Where containers are there already (kept by an earlier run), Compose may stop one to replace it, so that they are
        looked at only when it is done. Where all of them stand as the files say, nothing is started.
        """
        if self._kept.stands:
            meanwhile()
            return Started(Completed((), 0, "", "", 0.0), self._standing or self.watch_running())
        self.progress.phase(f"starting {len(self.site.project.services)} services")
        deadline = time.monotonic() + self.timeout_s
        stop = threading.Event()
        there_already = bool(self._kept.containers)
        if self._kept.stale:
            self.site.stack.recreate(self._kept.stale, self.timeout_s)
        with self._own_tests() as own_tests:
            start = self._start(stop, own_tests)
            try:
                meanwhile()
                if there_already:
                    start.settle()
                wait = self._wait(deadline, own_tests, start)
            finally:
                # Whatever ended the waiting, Compose has nothing more to start.
                stop.set()
                done = start.completed()
        return Started(done, wait)

    def watch_running(self) -> Wait:
        """Wait for the services of a stack that somebody else has started."""
        self.progress.phase("looking at the running stack")
        with self._own_tests() as own_tests:
            return self._wait(time.monotonic() + self.timeout_s, own_tests, None)

    @contextlib.contextmanager
    def _own_tests(self) -> Iterator[OwnTests | None]:
        """Yield what runs the services' own tests, nothing when the settings leave that to the engine."""
        if not self.site.early:
            yield None
            return
        run = partial(own_test.run, self.site.engine)
        own_tests = OwnTests(run, self.site.reachable, self.site.watch.nudge)
        try:
            yield own_tests
        finally:
            own_tests.close()

    def _start(self, stop: threading.Event, own_tests: OwnTests | None) -> Start:
        call = Call(self.timeout_s, self.progress.waiting, stop, self.site.watch.nudge)
        if own_tests is None or not worthwhile(self.site.project):
            return AtOnce(self.site.stack, call)

        def healthy(state: ContainerState) -> bool:
            return state.health == "healthy" or own_tests.passed(state)

        return InTurn(self.site.stack, self.site.project, healthy, call)

    def _wait(self, deadline: float, own_tests: OwnTests | None, start: Start | None) -> Wait:
        up_done = start.done if start is not None else _at_once
        with asking_ahead(self.site.inside, self.callers) as ahead:
            looking = _Looking(start, up_done, ahead)
            return self._wait_ready(deadline, self._asking(own_tests, start, looking))

    def _asking(self, own_tests: OwnTests | None, start: Start | None, looking: _Looking) -> Asking:
        return Asking(
            self.site.listening,
            self.site.probe,
            silent=self.site.silent,
            own_tests=own_tests,
            first_look_s=self.first_look_s,
            on_change=self._changed,
            wake=partial(self._wake, start),
            up_done=looking.up_done,
            on_look=looking.hear,
            tested=lambda service: service in self._awaited or looking.up_done(),
        )

    def _wait_ready(self, deadline: float, asking: Asking) -> Wait:
        return wait_ready(
            self.site.engine,
            self.site.stack.project,
            self.site.roles,
            asking,
            deadline=deadline,
            since=self.begun,
        )

    @cached_property
    def _awaited(self) -> frozenset[str]:
        return awaited(self.site.project)

    def _changed(self, service: str, text: str) -> None:
        self._doing[service] = text
        self.progress.change(service, text)

    def _wake(self, start: Start | None, seconds: float) -> None:
        """Show what every service is doing, until something happens or the time is over.

        Looking costs the engine time that it needs for the start, so that at most half of the time is looked.
        """
        shown = ", ".join(f"{service} {text}" for service, text in self._doing.items())
        self.progress.waiting(f"{time.monotonic() - self.begun:.0f} s: {shown}")
        time.sleep(min(time.monotonic() - self._looked, seconds))
        if start is not None and start.lull() and not self._all_begun:
            self._sit_out(start)
        else:
            self.site.watch.wait(seconds, self._seen)
        self._looked, self._seen = time.monotonic(), self.site.watch.changes

    def _sit_out(self, start: Start) -> None:
        """Wait for the end of a lull, for something that breaks, or until nothing was started for a while.

        The engine answers what is asked of a container that is just being started when that is done. Compose itself
        goes on for some tenths of a second when the last one is started, or waits for the health of one of them.
        """
        watch, deadline = self.site.watch, time.monotonic() + _LULL_S
        known, changes, moved = watch.count, self._seen, time.monotonic()
        while start.lull() and not self._all_begun and (left := deadline - time.monotonic()) > 0:
            watch.wait(min(left, _STILL_S), changes)
            changes = watch.changes
            new = {one.action for one in watch.events() if one.number > known}
            known = watch.count
            if new & _STARTING:
                moved = time.monotonic()
            if new & _ALARMING or time.monotonic() - moved >= _STILL_S:
                return

    @property
    def _all_begun(self) -> bool:
        """Whether the engine has told of the start of so many containers as there will be."""
        begun = {one.container_id for one in self.site.watch.events() if one.action == "start"}
        return len(begun) >= sum(service.replicas for service in self.site.project.services.values())


def weaker_look_s(settings: Settings) -> float:
    """Return how long a service without healthcheck and probe must be seen running, in seconds."""
    return min(settings.health.stable_for_s, WEAKER_LOOK_S)


def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class _Looking:
    """Hears what every look at the services has shown, and does what follows from it."""

    start: Start | None
    up_done: Callable[[], bool]
    ahead: AskingAhead

    def hear(self, containers: Sequence[ContainerState], readiness: Mapping[str, Readiness]) -> None:
        """Start what has its turn; once all is started and some are still waited for, make ready to ask from inside."""
        if self.start is not None:
            self.start.advance(containers, readiness)
        if self.up_done() and any(one.state is State.PENDING for one in readiness.values()):
            self.ahead.consider(containers)
