"""Collects statistics of all containers of a stack in the background."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from ..errors import InfragateError
from .cgroup import ControlGroups
from .periodic import Periodic
from .state import ContainerState
from .stats import Sample, convert, merged

INTERVAL_S = 1.05
"""The engine collects once a second for all containers together; whoever asks in between waits for the next time."""
_AT_ONCE = 32
"""Asked one after the other, every container but the first would wait that second (Engine 20.10)."""
STARTUP_INTERVAL_S = 0.35
"""While a stack starts, containers whose control groups can be read here are looked at more often: many a start is over
within a second."""
KEPT_SAMPLES = 4000
"""Samples kept of one container; beyond it two neighbours become one."""

PhasedSample = tuple[str, Sample]


class StatsSource(Protocol):
    """Where statistics come from: the engine."""

    def stats(self, container_id: str) -> dict[str, object]:
        """Return one answer of the engine; raises EngineError."""
        ...


@dataclass(frozen=True)
class Series:
    """What was collected of one container: samples with their phase in order of time, rounds and misses by phase."""

    container: ContainerState
    samples: tuple[PhasedSample, ...] = ()
    rounds: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    misses: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    from_start: bool = False
    """Whether the container was started while it was looked at, so that its counters began with the first phase."""


class _Collected:
    """The growing samples of one container."""

    def __init__(self, container: ContainerState, *, from_start: bool) -> None:
        self.container = container
        self.from_start = from_start
        self.samples: list[PhasedSample] = []
        self.rounds: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()

    def add(self, phases: Sequence[str], sample: Sample | None) -> None:
        """Take what a round has brought; one at the border of two phases belongs to both."""
        # Who is seen for the first time at the border, and was not started before it, belongs to the new phase.
        for phase in phases if self.rounds or self.from_start else phases[-1:]:
            self.rounds[phase] += 1
            if sample is None:
                self.misses[phase] += 1
            else:
                self.samples.append((phase, sample))
        if len(self.samples) > KEPT_SAMPLES:
            self.samples = thinned(self.samples)

    def series(self) -> Series:
        return Series(
            self.container, tuple(self.samples), dict(self.rounds), dict(self.misses), from_start=self.from_start
        )


def _nobody() -> Sequence[ContainerState]:
    return ()


class Sampler:
    """Takes every container's statistics about once a second, in one thread: from its control group, else from the engine.

    A container that is missing or stopped is counted as missed and asked again in the next round. ``arriving`` gives
    the containers that were started so far; each is sampled from the next round on.
    """

    def __init__(
        self,
        source: StatsSource,
        containers: Sequence[ContainerState] = (),
        interval_s: float = INTERVAL_S,
        arriving: Callable[[], Sequence[ContainerState]] = _nobody,
        groups: ControlGroups | None = None,
    ) -> None:
        self._source = source
        self._groups = groups or ControlGroups()
        self._arriving = arriving
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._collected: dict[str, _Collected] = {}
        self._over: set[str] = set()
        """The containers that are sampled no longer."""
        self._phase = ""
        self._next: deque[str] = deque()
        self._pool: ThreadPoolExecutor | None = None
        self._thread = Periodic("infragate-stats", interval_s, self.take)
        self.watch(containers)

    def start(self, phase: str) -> None:
        """Start sampling; ``phase`` is ``startup``, ``idle`` or ``suite``."""
        self._phase = phase
        self._thread.start()

    def mark(self, phase: str) -> None:
        """Begin another phase: one more round at once is the end of the phase before and the beginning of this one."""
        self._next.append(phase)
        self._thread.hasten()

    def watch(self, containers: Sequence[ContainerState]) -> None:
        """Take samples of these containers too."""
        self._add(containers, from_start=False)

    def settle(self, containers: Sequence[ContainerState]) -> None:
        """Go on with these containers and those that come; what was collected of others is kept."""
        self._add(self._arriving(), from_start=True)
        self.watch(containers)
        going_on = {container.id for container in containers}
        with self._lock:
            self._over |= self._collected.keys() - going_on

    def _add(self, containers: Sequence[ContainerState], *, from_start: bool) -> None:
        with self._lock:
            for container in containers:
                if container.id not in self._collected:
                    self._collected[container.id] = _Collected(container, from_start=from_start)

    def stop(self) -> None:
        """Stop sampling."""
        self._thread.stop()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def fewest(self, phase: str, containers: Iterable[str]) -> int:
        """Return how many samples of a phase there are of that of the containers, by id, which has fewest."""
        with self._lock:
            known = [self._collected.get(name) for name in containers]
            return min((one.rounds[phase] - one.misses[phase] if one else 0 for one in known), default=0)

    @property
    def died(self) -> bool:
        """Whether sampling ended by an error of its own."""
        return self._thread.died

    def series(self) -> Mapping[str, tuple[Series, ...]]:
        """Return what was collected so far, by service."""
        found: dict[str, tuple[Series, ...]] = {}
        with self._lock:
            for one in self._collected.values():
                service = one.container.service
                found[service] = (*found.get(service, ()), one.series())
        return found

    def take(self) -> None:
        """Take one sample of each container now; for whoever does not want a thread of its own for it."""
        self._add(self._arriving(), from_start=True)
        with self._lock:
            containers = [one.container for name, one in self._collected.items() if name not in self._over]
        phases = [self._phase]
        while self._next:
            phases[1:] = [self._next.popleft()]
        self._phase = phases[-1]
        for container, sample in self._samples(containers).items():
            with self._lock:
                self._collected[container].add(phases, sample)
        quick = self._phase == "startup" and all(map(self._groups.knows, containers))
        self._thread.change(min(STARTUP_INTERVAL_S, self._interval_s) if quick else self._interval_s)

    def _samples(self, containers: Sequence[ContainerState]) -> dict[str, Sample | None]:
        """Return a sample of each container by its id: the engine is asked for those alone that cannot be seen here."""
        seen = [one for one in containers if self._groups.knows(one)]
        found = {one.id: self._groups.sample(one) for one in seen}
        others = [one.id for one in containers if one.id not in found]
        if others:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="infragate-stats")
            found.update(zip(others, self._pool.map(self._asked, others), strict=True))
        return found

    def _asked(self, container_id: str) -> Sample | None:
        try:
            return convert(self._source.stats(container_id))
        except InfragateError:
            return None


def thinned(samples: Sequence[PhasedSample]) -> list[PhasedSample]:
    """Return about half as many samples: neighbours of one phase become one, with the peaks of both."""
    kept: list[PhasedSample] = []
    waiting: PhasedSample | None = None
    for phase, sample in samples:
        if waiting is not None and waiting[0] == phase:
            kept.append((phase, merged(waiting[1], sample)))
            waiting = None
            continue
        kept += [waiting] if waiting is not None else []
        waiting = (phase, sample)
    return kept + ([waiting] if waiting is not None else [])
