"""What was measured of a stack, and the numbers that a limit can be held against; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from ..probes.request_log import TimedRequest
from ..probes.scraping import Exposed
from ..stack.sampling import Series
from ..stack.state import ContainerState
from .log_tally import LogFlow

DEFAULT_PHASES = ("idle", "suite")
"""What a limit without a phase means."""
BUSY = ("startup", "proof", "suite")
"""The phases from which a step into another one would be taken for a part of that one."""
_Value = TypeVar("_Value")
_ByService = Mapping[str, tuple[_Value, ...]]


def _empty() -> Mapping[str, tuple[_Value, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Warm:
    """When the warm-up is over, in seconds since 1970 by the engine's clock and by ours; how long it lasts."""

    engine: float = 0.0
    here: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Measurements:
    """Everything that was measured of a stack, by service; times in seconds, sizes in bytes."""

    containers: tuple[ContainerState, ...] = ()
    series: _ByService[Series] = field(default_factory=_empty)
    requests: _ByService[TimedRequest] = field(default_factory=_empty)
    startup_s: _ByService[float] = field(default_factory=_empty)
    """From the start of each container until it was ready."""
    connect_s: _ByService[float] = field(default_factory=_empty)
    """Connects of the callers to the service."""
    image_bytes: _ByService[int] = field(default_factory=_empty)
    oom_kills: Mapping[str, Mapping[str, int]] | None = None
    """How often the kernel killed for want of memory, by service and phase; ``None``: it is not known."""
    logs: Mapping[str, LogFlow] = field(default_factory=lambda: MappingProxyType({}))
    stages_s: Mapping[str, _ByService[float]] = field(default_factory=lambda: MappingProxyType({}))
    """Seconds of the stages of the start, by metric."""
    layers: _ByService[tuple[int, int]] = field(default_factory=_empty)
    """The bytes that each container has in its own layer, and by how many they grew."""
    host: tuple[tuple[str, float | None, float | None], ...] = ()
    """Readings of the engine's machine: phase, bytes of available memory, bytes of free disk."""
    host_missing: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Why there are none, for ``memory`` and ``disk``."""
    exposed: Mapping[str, Exposed] = field(default_factory=lambda: MappingProxyType({}))
    """What services tell of themselves in Prometheus' format."""
    host_load: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Readings of the host's load average per core, by phase; none where it is not known."""
    warm: Warm = Warm()
    trouble: str = ""
    """Why samples are missing as a whole, such as a sampler that died."""

    def states(self, service: str) -> tuple[ContainerState, ...]:
        """Return the containers of a service."""
        return tuple(state for state in self.containers if state.service == service)


@dataclass(frozen=True)
class Readings:
    """The numbers of one metric of one service over some phases.

    ``values`` are single samples (or one number per container), ``lasts`` the last of each container, ``count`` and
    ``per`` what ``count`` and ``rate`` need. ``trouble`` says what is missing.
    """

    values: tuple[float, ...] = ()
    lasts: tuple[float, ...] = ()
    count: float = 0.0
    per: float = 0.0
    """What a rate is relative to: seconds, or the number of requests."""
    seconds: float = 0.0
    sampled: bool = False
    """Whether the values are samples over time, so that one alone proves little."""
    trouble: str = ""
    uncountable: str = ""
    """Why ``count`` and ``rate`` mean nothing."""
    container: str = ""
    """The name of the one container whose readings these are; empty: those of all of the service."""
    each: tuple[Readings, ...] = ()
    """The same of each container, where a service has several."""


@dataclass(frozen=True)
class Asked:
    """Which service and which phases are asked for."""

    service: str
    phases: tuple[str, ...]


def per_container(totals: Sequence[float], seconds: float, trouble: str = "") -> Readings:
    """Return readings of one number per container."""
    return Readings(tuple(totals), tuple(totals), sum(totals), seconds, seconds, trouble=trouble)
