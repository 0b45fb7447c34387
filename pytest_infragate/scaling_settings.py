"""What the user wants to see of a service that is scaled (``scaling:``), and the metrics that its limits may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType

from .bounds import Limit
from .limits import Metric, Unit
from .results import Location
from .service_keys import is_pattern, keys_for
from .settings import EdgeSettings, ProbeSettings

DEFAULT_WITHIN_S = 60.0
DEFAULT_LOAD_S = 2.0
MOST_LOAD_S = 30.0
MOST_REPLICAS = 50

_VALUES = ("min", "max", "avg", "med", "last")
_ONE = ("last", "max", "min")

SCALE_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric("scale.up", Unit.SECONDS, _VALUES, "from the call to scale until each new replica was ready"),
            Metric("scale.down", Unit.SECONDS, _ONE, "from the end of the trial until the new replicas were gone"),
            Metric("scale.share", Unit.RATIO, _VALUES, "share of the requests that each replica got"),
            Metric("scale.failed", Unit.RATIO, ("rate", "count"), "share of the requests that failed while scaled"),
            Metric("scale.rate", Unit.COUNT, _ONE, "requests per second with all replicas"),
            Metric("scale.gain", Unit.COUNT, _ONE, "requests per second with all replicas against those before"),
            Metric("scale.latency", Unit.SECONDS, (*_VALUES, "p(N)"), "reply time under load with all replicas"),
        )
    }
)
"""Every metric that ``scaling.NAME.limits`` may name, with its unit."""


@dataclass(frozen=True)
class ScalingSettings:
    """How many containers a service is tried with, and what is asked and demanded of them; times in seconds."""

    replicas: int
    within_s: float = DEFAULT_WITHIN_S
    """By when every new replica must be ready."""
    load_s: float = DEFAULT_LOAD_S
    """How long requests are made to measure throughput, with the containers as declared and with all replicas each."""
    probe: ProbeSettings | None = None
    """What is asked; ``None``: the performance probe, else the readiness probe, else a connect."""
    via: EdgeSettings | None = None
    """A service that passes requests on, with port and path, through which all replicas must be reached."""
    limits: tuple[Limit, ...] = ()
    location: Location | None = None


def wanted(name: str, scaling: Mapping[str, ScalingSettings]) -> ScalingSettings | None:
    """Return how a service is to be scaled: by its own entry, else by the first pattern that fits it."""
    return next((scaling[key] for key in keys_for(name, scaling)), None)


def only_by_pattern(name: str, scaling: Mapping[str, ScalingSettings]) -> bool:
    """Whether a service is scaled because a pattern fits it, not because it is named."""
    return name not in scaling and any(is_pattern(key) and fnmatchcase(name, key) for key in scaling)
