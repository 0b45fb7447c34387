"""What is seen of a service while it is scaled; pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..results import Json
from ..stack.state import ContainerState
from .spread import Spread


@dataclass(frozen=True)
class Throughput:
    """What a load came to: requests per second, in all and failed, and the reply times of the good ones in seconds."""

    rate: float
    requests: int
    failures: int
    latencies_s: tuple[float, ...] = ()
    first_failure: str = ""

    @property
    def failed_share(self) -> float:
        """Share of the requests that failed."""
        return self.failures / max(self.requests, 1)

    def to_dict(self) -> dict[str, Json]:
        """Return it for the report."""
        median = round(statistics.median(self.latencies_s), 6) if self.latencies_s else None
        return {
            "rate": round(self.rate, 3),
            "requests": self.requests,
            "failed": self.failures,
            "latency_median_s": median,
        }


@dataclass(frozen=True)
class Fault:
    """Something that must not be; ``text`` is a sentence."""

    text: str
    remedy: str


@dataclass(frozen=True)
class Trial:
    """Everything that was seen while a service was scaled; times in seconds."""

    standing: tuple[ContainerState, ...] = ()
    added: tuple[ContainerState, ...] = ()
    up_s: Mapping[str, float] = field(default_factory=dict)
    """From the call until each new replica was ready, by its name."""
    down_s: float | None = None
    askers: tuple[str, ...] = ()
    spreads: tuple[Spread, ...] = ()
    before: Throughput | None = None
    after: Throughput | None = None
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()
    """What is a warning only."""
    troubles: tuple[str, ...] = ()
    """What could not be evaluated."""
    details: str = ""
    """What containers that are not well have to show."""

    @property
    def gain(self) -> float | None:
        """Throughput with all replicas against that before; ``None`` where one of them is not known."""
        if self.before is None or self.after is None or not self.before.rate:
            return None
        return self.after.rate / self.before.rate


def evidence(trial: Trial) -> dict[str, Json]:
    """Return what was measured, for the report; times in seconds."""
    return {
        "replicas": len(trial.standing) + len(trial.added),
        "standing": [state.name for state in trial.standing],
        "added": [state.name for state in trial.added],
        "up_s": {name: round(seconds, 3) for name, seconds in trial.up_s.items()},
        "down_s": None if trial.down_s is None else round(trial.down_s, 3),
        "askers": [*trial.askers],
        "spreads": [one.to_dict() for one in trial.spreads],
        "before": trial.before.to_dict() if trial.before else None,
        "after": trial.after.to_dict() if trial.after else None,
        "gain": None if trial.gain is None else round(trial.gain, 3),
    }
