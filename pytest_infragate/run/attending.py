"""Measures the services of a stack while one test runs; in the process that runs the test."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ..gates import marked
from ..gates.limit_plan import PlannedLimit
from ..gates.limit_words import TEST
from ..gates.measures import Measurements
from ..limits import REQUEST_METRICS
from ..probes.timing import RequestTimer
from ..settings import ProbeSettings
from ..stack.host_load import HostLoad
from ..stack.running import RunningStack
from ..stack.sampling import INTERVAL_S, STARTUP_INTERVAL_S, Sampler
from ..stack.state import ContainerState

_LONGEST_LOOK_S = 3 * INTERVAL_S
"""How long is waited for the first sample, and for the last; who gives none is told as not proven."""
_TICK_S = 0.02


class Attendance:
    """From ``begin`` to ``end`` around the call of one test: a sample before it and one after it, others meanwhile."""

    def __init__(
        self, stack: RunningStack, limits: Sequence[PlannedLimit], probes: Mapping[str, ProbeSettings]
    ) -> None:
        asked = {one.service for one in limits if one.limit.metric in REQUEST_METRICS}
        self._limits = tuple(limits)
        self._stack = stack
        self._probes = {name: probes[name] for name in asked}
        self._load = HostLoad(stack.engine)
        self._containers: list[ContainerState] = []
        self._running: list[ContainerState] = []
        self._sampler = Sampler(stack.engine, ())
        self._timer = RequestTimer(stack.inside, {}, ())
        self._begun = 0.0

    def begin(self) -> None:
        """Start measuring; every service has been looked at once when this returns. Raises ``EngineError``."""
        services = {one.service for one in self._limits}
        self._containers = [one for one in self._stack.containers() if one.service in services]
        self._running = [one for one in self._containers if one.running]
        self._sampler = Sampler(self._stack.engine, self._running, STARTUP_INTERVAL_S)
        self._timer = RequestTimer(self._stack.inside, self._probes, self._running)
        self._load.note(TEST)
        self._sampler.start(TEST)
        self._wait_for_samples_after(0.0)
        self._timer.start(TEST)
        self._begun = time.monotonic()

    def stop(self) -> None:
        """End measuring, whatever came of the test."""
        self._sampler.stop()
        self._timer.stop()

    def end(self) -> tuple[str, ...]:
        """Look once more, end measuring, and return a sentence for each limit that was not kept or not proven.

        Raises ``EngineError``.
        """
        seconds = time.monotonic() - self._begun
        self._load.note(TEST)
        self._timer.finish()
        self._sampler.mark(TEST)
        self._wait_for_samples_after(self._stack.engine.now().timestamp())
        self.stop()
        return tuple(marked.broken(self._limits, self._measured(), seconds))

    def _measured(self) -> Measurements:
        died = self._sampler.died or self._timer.died
        return Measurements(
            containers=tuple(self._containers),
            series=self._sampler.series(),
            requests=self._timer.requests(),
            host_load=self._load.readings(),
            trouble="the thread that takes the samples ended by an error of its own" if died else "",
        )

    def _wait_for_samples_after(self, moment: float) -> None:
        """Wait until every container has a sample that was taken after a moment of the engine's clock; bounded."""
        deadline = time.monotonic() + _LONGEST_LOOK_S
        while time.monotonic() < deadline and not self._sampler.died:
            series = [one for of_service in self._sampler.series().values() for one in of_service]
            if all(one.samples and one.samples[-1][1].time >= moment for one in series):
                return
            time.sleep(_TICK_S)
