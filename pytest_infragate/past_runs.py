"""What earlier good runs have measured, and what the settings say of holding later runs against it.

This is the baseline of performance. That of accepted findings (``baseline``, ``checks.baseline``) has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from .results import Location

FILE_NAME = "infragate-baseline.json"
SCHEMA = "infragate.performance-baseline/1"
PERCENTS = (5, 25, 50, 75, 95)
"""The quantiles that are kept of a run."""
DEFAULT_METRICS = ("startup", "health.duration", "connect.latency", "probe.latency", "memory.bytes")
"""Whose values say how the stack is made. ``cpu.ratio`` and counts of lines follow what the tests do: they are for who wants them."""
DEFAULT_RUNS = 5
DEFAULT_SHIFT = 0.2
DEFAULT_SIGNIFICANCE = 0.02
DEFAULT_NOISE = 0.1
OPTION = "--infragate-baseline"
UPDATE = f"`pytest --infragate {OPTION}=update`"

MetricKey = tuple[str, str]
"""Service and metric."""


class BaselineUse(str, Enum):
    """What a run does with the file: it is held against it, it leaves it alone, or it adds itself."""

    CHECK = "check"
    OFF = "off"
    UPDATE = "update"


@dataclass(frozen=True)
class Distribution:
    """The values of one metric of one service in one run, in the metric's own unit."""

    samples: int
    independent: float
    """What so many samples are worth where neighbours resemble each other."""
    quantiles: tuple[float, ...]
    """At ``PERCENTS``."""

    @property
    def median(self) -> float:
        """The value in the middle."""
        return self.at(50)

    def at(self, percent: int) -> float:
        """Return a quantile that is kept."""
        return self.quantiles[PERCENTS.index(percent)]


@dataclass(frozen=True)
class PastRun:
    """What one run has measured of one metric; ``time`` is when it began, RFC 3339 in UTC."""

    time: str
    found: Distribution


OfMachine = Mapping[MetricKey, tuple[PastRun, ...]]
"""The runs of each metric on one class of machines, oldest first."""


@dataclass(frozen=True)
class PastRuns:
    """What the file holds, by stack (its Compose files and profiles) and class of machine."""

    stacks: Mapping[str, Mapping[str, OfMachine]] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, stack: str, machine: str) -> OfMachine:
        """Return the runs of one stack on one class of machines; none where there are none."""
        return self.stacks.get(stack, {}).get(machine, {})

    def machines(self, stack: str) -> tuple[str, ...]:
        """Return the classes of machines on which a stack was recorded."""
        return tuple(self.stacks.get(stack, {}))


@dataclass(frozen=True)
class BaselineSettings:
    """What the settings say of the baseline of performance, and what its file holds."""

    file: str | None = None
    """Absolute; ``None`` where neither the settings nor the default name lead to one that is used."""
    use: BaselineUse = BaselineUse.CHECK
    required: bool = False
    runs: int = DEFAULT_RUNS
    """How many runs the file keeps."""
    shift: float = DEFAULT_SHIFT
    """The relative change from which on a difference is one that matters."""
    significance: float = DEFAULT_SIGNIFICANCE
    """How often at most a run may be failed by chance, all of its metrics together."""
    noise: float = DEFAULT_NOISE
    """How far apart good runs lie, as a share (one standard deviation), before anything is known of them."""
    metrics: tuple[str, ...] = DEFAULT_METRICS
    floors: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """By metric: the change in its own unit below which a difference does not matter, whatever its share."""
    past: PastRuns = PastRuns()
    location: Location | None = None

    @property
    def is_held(self) -> bool:
        """Whether this run is held against recorded ones, or has to say that there are none."""
        return self.use is BaselineUse.CHECK and (self.required or self.file is not None)
