"""Measures a running stack in the background, from when it is ready until after the last test."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence

from .gates import performance
from .gates.connectivity import ConnectivityPlan
from .gates.measures import Measurements
from .gates.meters import is_sampled
from .gates.performance import PlannedLimit
from .gates.waiting import Wait
from .log_watch import LogWatch
from .probes.timing import RequestTimer
from .results import CheckResult, Outcome
from .settings import ProbeSettings
from .site import Site
from .stack.clock import ClockDifference
from .stack.event import HEALTHY, StackEvent
from .stack.sampling import Sampler
from .stack.state import ContainerState

_IMAGE = "image.size"

ByService = Mapping[str, tuple[float, ...]]


class Measuring:
    """Samples every service, where a limit needs samples, and times the declared requests; in phases ``idle`` and ``suite``."""

    def __init__(
        self,
        site: Site,
        logs: LogWatch,
        limits: Sequence[PlannedLimit],
        probes: Mapping[str, ProbeSettings],
        wait: Wait,
        connect_s: ByService,
    ) -> None:
        self._site = site
        self._logs = logs
        self._wait = wait
        self._metrics = {one.limit.metric for one in limits}
        running = [state for state in wait.containers if state.running]
        self._sampler = Sampler(site.engine, running if any(map(is_sampled, self._metrics)) else ())
        self._timer = RequestTimer(site.inside, probes, running)
        self._begun = 0.0
        self._connect_s = connect_s

    def start(self) -> None:
        """Begin with phase ``idle``."""
        self._begun = time.monotonic()
        self._logs.begin("idle")
        self._sampler.start("idle")
        self._timer.start("idle")

    def begin_suite(self) -> None:
        """Go on with phase ``suite``."""
        self._logs.begin("suite")
        self._sampler.mark("suite")
        self._timer.mark("suite")

    def left_s(self, window_s: float) -> float:
        """Return how much of the window is still to come, in seconds."""
        return max(self._begun + window_s - time.monotonic(), 0.0)

    def stop(self) -> None:
        """End both threads."""
        self._sampler.stop()
        self._timer.stop()

    def measured(self, containers: Sequence[ContainerState]) -> Measurements:
        """Return everything measured so far; ``containers`` as they are now."""
        died = self._sampler.died or self._timer.died
        return Measurements(
            containers=tuple(containers),
            series=self._sampler.series(),
            requests=self._timer.requests(),
            startup_s=startup_times(self._wait, self._site.watch.events(), self._site.engine.clock),
            connect_s=self._connect_s,
            image_bytes=performance.image_sizes(self._site.engine, containers) if _IMAGE in self._metrics else {},
            logs=self._logs.flows(),
            trouble="the thread that takes the samples ended by an error of its own" if died else "",
        )


def startup_times(wait: Wait, events: Sequence[StackEvent], clock: ClockDifference) -> dict[str, tuple[float, ...]]:
    """Return for each service how long its containers took from their start until they were ready, in seconds.

    With a healthcheck that is its first success, by exec or told by the event stream; a one-shot is ready when it ends;
    for any other service it is the moment at which the whole stack was proven.
    """
    healthy: dict[str, datetime.datetime] = {}
    for event in events:
        if event.action == HEALTHY:
            healthy.setdefault(event.container_id, event.time)
    found: dict[str, tuple[float, ...]] = {}
    for state in wait.containers:
        if state.started_at is not None:
            ready = state.finished_at if state.status == "exited" else healthy.get(state.id)
            seconds = [((ready or wait.at) - state.started_at).total_seconds()]
            if state.id in wait.early:
                seconds.append(wait.early[state.id].timestamp() - clock.here(state.started_at)[0])
            found[state.service] = (*found.get(state.service, ()), max(min(seconds), 0.0))
    return found


def connect_times(edges: ConnectivityPlan, results: Sequence[CheckResult]) -> ByService:
    """Return the connect times in seconds that the proven edges' evidence holds, by called service."""
    targets = {edge.check.key: edge.target for edge in edges.edges}
    found: dict[str, tuple[float, ...]] = {}
    for result in results:
        seconds, target = result.evidence.get("connect_s"), targets.get(result.check.key)
        if target is not None and result.outcome is Outcome.PASSED and isinstance(seconds, list):
            numbers = tuple(float(one) for one in seconds if isinstance(one, (int, float)))
            found[target] = (*found.get(target, ()), *numbers)
    return found
