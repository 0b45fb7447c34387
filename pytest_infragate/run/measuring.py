"""Measures a stack in the background, from before its first container until after the last test.

Phase ``suite`` is while tests run, ``idle`` before and after: what is measured on then must not thin out what the tests
did to the stack. The logs alone go on with ``suite``, because a line may come after the test that has caused it.
"""

from __future__ import annotations

import datetime
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from ..gates import performance
from ..gates.edge_plan import ConnectivityPlan
from ..gates.limit_plan import PlannedLimit
from ..gates.measures import Measurements, Warm
from ..gates.meters import needs_samples
from ..gates.outages import Outages
from ..gates.performance import IDLE
from ..gates.waiting import Wait
from ..limits import EXPOSED, OF_HOST
from ..probes.scraping import Scraper
from ..probes.timing import RequestTimer
from ..results import CheckResult, Outcome
from ..settings import PerformanceSettings
from ..stack.clock import ClockDifference
from ..stack.event import StackEvent
from ..stack.host_load import HostLoad
from ..stack.host_room import HostRoom
from ..stack.sampling import Sampler, Series
from ..stack.state import ContainerState
from .log_watch import LogWatch
from .moments import ready_at
from .site import Site
from .start_stages import Course, stages

SUITE = "suite"
PROOF = "proof"
"""The phase in which the stack stands and the gate asks it; no limit names it."""
_IMAGE = "image.size"
_ENOUGH = 3
"""Two differences of a counter need three samples."""
_START_S = 3.0
_TICK_S = 0.05
_NANOSECONDS = 1e9
_LAYERS = frozenset({"layer.size", "layer.growth"})

ByService = Mapping[str, tuple[float, ...]]


class Measuring:
    """Measures every service from before the first container on, in phases.

    ``begin`` (phase ``startup``), ``ready`` (what comes until ``start`` belongs to no phase that limits know, because
    asking from inside costs the asked containers CPU time), ``start`` (``idle``), ``begin_suite`` (``suite``),
    ``end_suite`` (``idle``), ``stop``.
    """

    def __init__(
        self,
        site: Site,
        logs: LogWatch,
        limits: Sequence[PlannedLimit],
        asked: PerformanceSettings,
        warm_up_s: float = 0.0,
        further: Collection[str] = (),
        outages: Callable[[], Outages] = Outages,
    ) -> None:
        """``further`` are metrics to be measured that have no limit; ``outages`` tells what tests have meant so far."""
        self._site = site
        self._logs = logs
        self._asked = asked
        self._outages = outages
        self._exposed = exposed_metrics(limits)
        self._metrics = {one.limit.metric for one in limits} | set(further)
        self._sampler = Sampler(site.engine, arriving=self._arriving)
        self._samples_start = any(one.limit.phase == "startup" and needs_samples(one.limit.metric) for one in limits)
        self._sampling = False
        self._timer = RequestTimer(site.inside, {}, ())
        self._scraper = Scraper(site.inside, {}, {}, ())
        self._load = HostLoad(site.engine)
        self._room = HostRoom(site.engine)
        self._connected: dict[str, datetime.datetime] = {}
        self._layers: list[Mapping[str, int]] = []
        self._phase = ""
        self._marks: list[tuple[int, str]] = []
        self._wait: Wait | None = None
        self._begun = self._suite_begun = self._suite_ended = 0.0
        self._warm_up_s = warm_up_s
        self._warm = Warm()
        self._connect_s: ByService = {}

    def begin(self, since_ns: int) -> None:
        """Begin with phase ``startup``; ``since_ns`` is the engine's time at which the start began, a moment ago."""
        self._mark("startup", since_ns)

    def ready(self, wait: Wait) -> None:
        """Go on with the containers that were proven ready."""
        self._wait = wait
        running = [state for state in wait.containers if state.running]
        self._wait_for_samples_of_start([state.id for state in running if state.id in self._started()])
        self._sampler.settle(running)
        self._mark(PROOF)

    def _wait_for_samples_of_start(self, containers: Sequence[str]) -> None:
        """Let a start that was over within a moment have as many samples as a limit on it needs; bounded."""
        if not (containers and self._marks and self._samples_start):
            return
        deadline = time.monotonic() + _START_S
        while self._sampler.fewest("startup", containers) < _ENOUGH and time.monotonic() < deadline:
            time.sleep(_TICK_S)

    def note_connect(self, service: str) -> None:
        """Take note that a caller has just connected to a service."""
        moment = self._site.engine.clock.now_ns() / _NANOSECONDS
        self._connected[service] = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)

    def start(self, connect_s: ByService) -> None:
        """Go on with phase ``idle``; ``connect_s`` is how long connects took."""
        self._begun = time.monotonic()
        engine_now = self._site.engine.clock.now_ns() / _NANOSECONDS
        self._warm = Warm(engine_now + self._warm_up_s, time.time() + self._warm_up_s, self._warm_up_s)
        self._connect_s = connect_s
        running = [state for state in self._wait.containers if state.running] if self._wait else []
        self._timer = RequestTimer(self._site.inside, self._asked.probes, running)
        self._scraper = Scraper(self._site.inside, self._asked.metrics, self._exposed, running)
        self._weigh_layers()
        self._logs.begin(IDLE)
        self._mark(IDLE)
        self._timer.start(IDLE)
        self._scraper.start(IDLE)

    def begin_suite(self) -> None:
        """Go on with phase ``suite``."""
        self._suite_begun = time.monotonic()
        self._logs.begin(SUITE)
        self._mark(SUITE)

    def end_suite(self) -> None:
        """Go on with phase ``idle``; the tests are over."""
        self._suite_ended = time.monotonic()
        self._mark(IDLE)

    def left_s(self, window_s: float) -> float:
        """Return how much of the window is still to come, in seconds."""
        return max(self._begun + window_s - time.monotonic(), 0.0)

    def idle_left_s(self, window_s: float) -> float:
        """Return how much of a window that counts no tests is still to come, in seconds, after the last test."""
        before = self._suite_begun - self._begun if self._suite_begun else 0.0
        after = time.monotonic() - self._suite_ended if self._suite_ended else 0.0
        return max(window_s - before - after, 0.0)

    def stop(self) -> None:
        """End all threads at once."""
        self._sampler.stop()
        self._scraper.stop()
        self._room.stop()
        self._timer.stop()

    def finish(self) -> None:
        """End all threads, when the requests that are under way are answered, or their time is over."""
        self._sampler.stop()
        self._scraper.stop()
        self._room.stop()
        self._timer.finish()
        self._weigh_layers()

    def _weigh_layers(self) -> None:
        """Ask for the sizes of the containers' layers, where a limit needs them."""
        if _LAYERS & self._metrics:
            self._layers.append(self._site.engine.layer_sizes(self._site.stack.project))

    @property
    def series(self) -> Mapping[str, tuple[Series, ...]]:
        """The samples of every service so far."""
        return self._sampler.series()

    def measured(self, containers: Sequence[ContainerState]) -> Measurements:
        """Return everything measured so far; ``containers`` as they are now."""
        died = self._sampler.died or self._timer.died or self._scraper.died
        self._load.note(self._phase)
        watch, clock = self._site.watch, self._site.engine.clock
        return Measurements(
            containers=tuple(containers),
            series=self._sampler.series(),
            requests=self._outages().left_out(self._timer.requests()),
            startup_s=startup_times(self._wait, watch.events(), clock) if self._wait else {},
            connect_s=self._connect_s,
            image_bytes=performance.image_sizes(self._site.engine, containers) if _IMAGE in self._metrics else {},
            stages_s=stages(self._wait, self._course()) if self._wait else {},
            layers=layer_growth(self._layers[0], self._layers[-1], containers) if len(self._layers) > 1 else {},
            host=self._room.readings,
            host_missing=self._room.missing,
            oom_kills=None if watch.gaps else oom_kills(watch.events(), self._marks),
            logs=self._logs.flows(),
            exposed=self._scraper.exposed(),
            host_load=self._load.readings(),
            warm=self._warm,
            trouble="the thread that takes the samples ended by an error of its own" if died else "",
        )

    def _course(self) -> Course:
        """Return how the start went, where there was one."""
        begun = next((moment for moment, phase in self._marks if phase == "startup"), None)
        if self._wait is None or begun is None:
            return Course()
        since = datetime.datetime.fromtimestamp(begun / _NANOSECONDS, datetime.timezone.utc)
        ready = ready_at(self._wait, self._site.watch.events(), self._site.engine.clock)
        return Course(since, ready, dict(self._connected))

    def _mark(self, phase: str, at_ns: int | None = None) -> None:
        self._load.note(self._phase)
        self._phase = phase
        self._load.note(phase)
        self._marks.append((at_ns or self._site.engine.clock.now_ns(), phase))
        self._timer.mark(phase)
        self._scraper.mark(phase)
        self._room.mark(phase)
        if any(one.startswith(OF_HOST) for one in self._metrics) and len(self._marks) == 1:
            self._room.start(phase)
        if self._sampling:
            self._sampler.mark(phase)
        elif any(map(needs_samples, self._metrics)):
            self._sampling = True
            self._sampler.start(phase)

    def _arriving(self) -> list[ContainerState]:
        """Return the containers that were started in this run so far, without asking the engine for any."""
        started = self._started()
        return [state for state in self._logs.containers if state.id in started]

    def _started(self) -> set[str]:
        return {event.container_id for event in self._site.watch.events() if event.action == "start"}


def exposed_metrics(limits: Sequence[PlannedLimit]) -> dict[str, list[str]]:
    """Return the metrics that services tell themselves and limits name, by service."""
    found: dict[str, list[str]] = {}
    for one in limits:
        if one.limit.metric.startswith(EXPOSED):
            found.setdefault(one.service, []).append(one.limit.metric)
    return found


def layer_growth(
    before: Mapping[str, int], after: Mapping[str, int], containers: Sequence[ContainerState]
) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return size and growth of each container's own layer in bytes, by service; of containers that were there both times."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for state in containers:
        if state.id in before and state.id in after:
            pair = (after[state.id], max(after[state.id] - before[state.id], 0))
            found[state.service] = (*found.get(state.service, ()), pair)
    return found


def oom_kills(events: Sequence[StackEvent], marks: Sequence[tuple[int, str]]) -> dict[str, Counter[str]]:
    """Return how often the kernel killed for want of memory, by service and phase; ``marks``: when each phase began."""
    found: dict[str, Counter[str]] = {}
    for event in events:
        if event.action == "oom":
            phase = next((name for begun, name in reversed(marks) if begun <= event.time_ns), "")
            found.setdefault(event.service, Counter())[phase] += 1
    return found


def startup_times(wait: Wait, events: Sequence[StackEvent], clock: ClockDifference) -> dict[str, tuple[float, ...]]:
    """Return for each service how long its containers took from their start until they were ready, in seconds."""
    ready = ready_at(wait, events, clock)
    found: dict[str, tuple[float, ...]] = {}
    for state in wait.containers:
        if state.started_at is not None:
            seconds = (ready[state.id] - state.started_at).total_seconds()
            found[state.service] = (*found.get(state.service, ()), seconds)
    return found


def connect_times(edges: ConnectivityPlan, results: Sequence[CheckResult]) -> ByService:
    """Return the connect times in seconds that the proven edges' evidence holds, by called service and by ``caller -> called``."""
    keys = {edge.check.key: (edge.target, f"{edge.source} -> {edge.target}") for edge in edges.edges}
    found: dict[str, tuple[float, ...]] = {}
    for result in results:
        seconds = result.evidence.get("connect_s")
        if result.outcome is Outcome.PASSED and isinstance(seconds, list):
            numbers = tuple(float(one) for one in seconds if isinstance(one, (int, float)))
            found.update({key: (*found.get(key, ()), *numbers) for key in keys.get(result.check.key, ())})
    return found
