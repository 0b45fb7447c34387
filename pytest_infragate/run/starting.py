"""Starts the services of a stack: all by one ``docker compose up``, or each as soon as what it waits for is ready."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from ..compose.model import Dependency, Project
from ..gates.readiness import Readiness, State
from ..process import Completed
from ..stack.lifecycle import ComposeStack, OnLine
from ..stack.state import ContainerState

STARTED = "service_started"
HEALTHY = "service_healthy"
COMPLETED = "service_completed_successfully"
_CALLS_AT_ONCE = 4

Containers = Sequence[ContainerState]
Healthy = Callable[[ContainerState], bool]


class Start(Protocol):
    """A start that goes on beside the waiting."""

    def settle(self) -> None:
        """Wait until Compose has replaced the containers of an earlier run that it replaces."""

    def advance(self, containers: Containers, readiness: Mapping[str, Readiness]) -> None:
        """Go on, with what the last look has shown."""

    def lull(self) -> bool:
        """Whether it goes on by itself for now, so that looking brings nothing unless something breaks."""

    def done(self) -> bool:
        """Whether everything that will be started has been tried."""

    def completed(self) -> Completed:
        """Wait for the end; return how Compose ended."""


@dataclass(frozen=True)
class Call:
    """How Compose is called: its deadline in seconds, who hears its lines, what ends it, who hears that it has ended."""

    timeout_s: float
    on_line: OnLine
    stop: threading.Event
    on_end: Callable[[], None]


class AtOnce:
    """One ``docker compose up``: Compose itself waits for what ``depends_on`` demands."""

    def __init__(self, stack: ComposeStack, call: Call) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="infragate-up")
        self._going = self._pool.submit(stack.up, call.timeout_s, call.on_line, call.stop)
        self._going.add_done_callback(lambda _: call.on_end())

    def settle(self) -> None:
        """Wait for Compose, which replaces and starts in one go."""
        futures.wait([self._going])

    def advance(self, containers: Containers, readiness: Mapping[str, Readiness]) -> None:
        """Compose needs nothing from us."""

    def lull(self) -> bool:
        """Until Compose has ended."""
        return not self.done()

    def done(self) -> bool:
        """Whether Compose has ended."""
        return self._going.done()

    def completed(self) -> Completed:
        """Wait for Compose."""
        self._pool.shutdown()
        return self._going.result()


class InTurn:
    """Creates everything with one call, then starts each service when its dependencies are ready.

    Compose would look at a dependency every half second, and learn of its health when the engine has run the first
    healthcheck, one interval after the start. ``healthy`` may know it sooner.
    """

    def __init__(self, stack: ComposeStack, project: Project, healthy: Healthy, call: Call) -> None:
        self._stack = stack
        self._project = project
        self._healthy = healthy
        self._call = call
        self._pool = ThreadPoolExecutor(_CALLS_AT_ONCE, thread_name_prefix="infragate-up")
        self._waiting = frozenset(project.services)
        self._hopeless: frozenset[str] = frozenset()
        self._calls: list[Future[Completed]] = []
        self._submit(self._stack.create, call.timeout_s, call.on_line, call.stop)

    def settle(self) -> None:
        """Wait until everything is created."""
        futures.wait(self._calls)

    def advance(self, containers: Containers, readiness: Mapping[str, Readiness]) -> None:
        """Start what can be started now; what an earlier run has left running needs no start."""
        if not self._calls[0].done() or not self._calls[0].result().ok or self._call.stop.is_set():
            return
        if len(self._calls) == 1:
            self._waiting -= running(self._project, containers)
        known = Known(containers, frozenset(_failed(readiness)), self._healthy)
        names = startable(self._project, self._waiting, known)
        self._waiting -= names
        self._hopeless = hopeless(self._project, self._waiting, known)
        if names:
            self._submit(self._stack.start, sorted(names), self._call.timeout_s, self._call.on_line, self._call.stop)

    def lull(self) -> bool:
        """Never: each look may give the next service its turn."""
        return False

    def done(self) -> bool:
        """Whether every call has ended and no service can still have its turn."""
        if not all(call.done() for call in self._calls):
            return False
        return not self._calls[0].result().ok or self._waiting == self._hopeless

    def completed(self) -> Completed:
        """Wait for all calls; return them as one, which was stopped when services never had their turn."""
        self._pool.shutdown()
        results = [call.result() for call in self._calls]
        cut_off = bool(self._waiting) and all(result.ok for result in results)
        return merged(results, stopped=cut_off)

    def _submit(self, function: Callable[..., Completed], *arguments: object) -> None:
        call = self._pool.submit(function, *arguments)
        call.add_done_callback(lambda _: self._call.on_end())
        self._calls.append(call)


@dataclass(frozen=True)
class Known:
    """What a look has shown: the containers, the services that have failed for good, and how health is seen."""

    containers: Containers
    failed: frozenset[str]
    healthy: Healthy

    def of(self, service: str) -> list[ContainerState]:
        """Return the containers of a service."""
        return [state for state in self.containers if state.service == service]


def worthwhile(project: Project) -> bool:
    """Whether any service waits for another one's health or end, so that Compose would lose time over it."""
    return any(one.condition != STARTED for service in project.services.values() for one in service.depends_on)


def awaited(project: Project) -> frozenset[str]:
    """Return the services whose health others wait for before they are started."""
    waits = (one for service in project.services.values() for one in service.depends_on)
    return frozenset(one.service for one in waits if one.condition == HEALTHY)


def running(project: Project, containers: Containers) -> frozenset[str]:
    """Return the services all of whose containers run."""
    counts = Counter(state.service for state in containers if state.running)
    return frozenset(name for name, service in project.services.items() if counts[name] >= service.replicas)


def startable(project: Project, waiting: Collection[str], known: Known) -> frozenset[str]:
    """Return the waiting services that one call can start now; within it, Compose keeps their order.

    What only waits for the start of others in the same call goes with them.
    """
    batch = frozenset(waiting)
    while True:
        ready = frozenset(name for name in batch if _has_all(project, name, batch, known))
        if ready == batch:
            return batch
        batch = ready


def hopeless(project: Project, waiting: Collection[str], known: Known) -> frozenset[str]:
    """Return the waiting services that will never have their turn, because of what they wait for."""
    found: frozenset[str] = frozenset()
    while True:
        lost = known.failed | found
        more = frozenset(name for name in waiting if any(_is_lost(one, lost, known) for one in _needs(project, name)))
        if more == found:
            return found
        found = more


def merged(results: Sequence[Completed], *, stopped: bool) -> Completed:
    """Return several calls as one: the first that failed decides, what they wrote stands in their order."""
    worst = next((one for one in results if not one.ok), results[-1])
    return Completed(
        worst.argv,
        worst.exit_code,
        "".join(one.stdout for one in results),
        "".join(one.stderr for one in results),
        sum(one.duration_s for one in results),
        timed_out=worst.timed_out,
        stalled=worst.stalled,
        stopped=worst.stopped or stopped,
    )


def _failed(readiness: Mapping[str, Readiness]) -> list[str]:
    return [name for name, one in readiness.items() if one.state is State.FAILED]


def _needs(project: Project, name: str) -> list[Dependency]:
    """Return what a service waits for; a service outside of the project or with no containers holds up nobody."""
    return [
        one
        for one in project.services[name].depends_on
        if one.service in project.services and project.services[one.service].replicas
    ]


def _has_all(project: Project, name: str, batch: Collection[str], known: Known) -> bool:
    return all(
        (one.condition == STARTED and one.service in batch)
        or _is_met(one, project.services[one.service].replicas, known)
        for one in _needs(project, name)
    )


def _is_met(need: Dependency, replicas: int, known: Known) -> bool:
    if not need.required and need.service in known.failed:
        return True
    states = known.of(need.service)
    if len(states) < replicas:
        return False
    if need.condition == HEALTHY:
        return all(state.running and known.healthy(state) for state in states)
    if need.condition == COMPLETED:
        return all(state.status == "exited" and state.exit_code == 0 for state in states)
    return all(state.started_at is not None for state in states)


def _is_lost(need: Dependency, lost: Collection[str], known: Known) -> bool:
    """Whether a need can never be met: its service has failed or was never started, or it runs without a healthcheck."""
    if need.service in lost:
        return need.required
    without = need.condition == HEALTHY and any(one.running and one.health is None for one in known.of(need.service))
    return without and need.required
