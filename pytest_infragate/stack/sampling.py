"""Collects statistics of all containers of a stack in the background."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from ..errors import InfragateError
from .periodic import Periodic
from .state import ContainerState
from .stats import Sample, convert, merged

INTERVAL_S = 1.05
"""The engine collects once a second for all containers together; whoever asks in between waits for the next time."""
_AT_ONCE = 32
"""Asked one after the other, every container but the first would wait that second (Engine 20.10)."""
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


class _Collected:
    """The growing samples of one container."""

    def __init__(self, container: ContainerState) -> None:
        self.container = container
        self.samples: list[PhasedSample] = []
        self.rounds: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()

    def add(self, phase: str, sample: Sample | None) -> None:
        self.rounds[phase] += 1
        if sample is None:
            self.misses[phase] += 1
            return
        self.samples.append((phase, sample))
        if len(self.samples) > KEPT_SAMPLES:
            self.samples = thinned(self.samples)

    def series(self) -> Series:
        return Series(self.container, tuple(self.samples), dict(self.rounds), dict(self.misses))


class Sampler:
    """Asks the engine for every container's statistics about once a second, in one thread.

    A container that is missing or stopped is counted as missed and asked again in the next round.
    """

    def __init__(
        self, source: StatsSource, containers: Sequence[ContainerState], interval_s: float = INTERVAL_S
    ) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._collected = {container.id: _Collected(container) for container in containers}
        self._phase = ""
        self._thread = Periodic("infragate-stats", interval_s, self._round)

    def start(self, phase: str) -> None:
        """Start sampling; ``phase`` is ``startup``, ``idle`` or ``suite``."""
        self._phase = phase
        self._thread.start()

    def mark(self, phase: str) -> None:
        """Begin another phase: what comes from now on belongs to it."""
        self._phase = phase

    def watch(self, containers: Sequence[ContainerState]) -> None:
        """Go on with these containers; what was collected of others is kept."""
        with self._lock:
            for container in containers:
                self._collected.setdefault(container.id, _Collected(container))

    def stop(self) -> None:
        """Stop sampling."""
        self._thread.stop()

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

    def _round(self) -> None:
        with self._lock:
            containers = tuple(self._collected)
        if not containers:
            return
        with ThreadPoolExecutor(min(len(containers), _AT_ONCE), thread_name_prefix="infragate-stats") as pool:
            samples = pool.map(self._sample, containers)
            for container, sample in zip(containers, samples, strict=True):
                with self._lock:
                    self._collected[container].add(self._phase, sample)

    def _sample(self, container_id: str) -> Sample | None:
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
