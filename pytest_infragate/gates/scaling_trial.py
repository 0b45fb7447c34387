"""What is seen of a service while it is scaled; pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..results import Json
from ..stack.state import ContainerState
from .spread import Spread

MOST_OWN_SHARE = 0.5
"""Requests that have waited longer for us than for the service tell how busy this machine is, not what the service can do."""
FEWEST_ANSWERS = 10
"""So many answers each container must have given in a load, or its throughput is a guess."""


@dataclass(frozen=True)
class Request:
    """One request of a load: to which address, whether its answer was good, and when it was over, in seconds since it began."""

    address: str
    good: bool
    at_s: float


def rate(requests: Sequence[Request]) -> float:
    """Return how many good answers a second all addresses give together.

    Each has as long as all of its own requests took, those too that were under way when the time was over: a window that
    cuts them off miscounts slow services, and a slow address would hold up the others.
    """
    ends: dict[str, float] = {}
    for one in requests:
        ends[one.address] = max(one.at_s, ends.get(one.address, 0.0))
    good = Counter(one.address for one in requests if one.good)
    return sum(good[address] / end for address, end in ends.items() if end)


@dataclass(frozen=True)
class Throughput:
    """What loads came to: requests per second, in all and failed, and the reply times of the good ones in seconds."""

    rate: float
    requests: int
    failures: int
    latencies_s: tuple[float, ...] = ()
    first_failure: str = ""
    own_share: float = 0.0
    """The share of the requests' time that they have waited for us."""

    @property
    def answers(self) -> int:
        """How many requests had good answers."""
        return self.requests - self.failures

    @property
    def failed_share(self) -> float:
        """Share of the requests that failed."""
        return self.failures / max(self.requests, 1)

    @property
    def slowed_by_us(self) -> str:
        """What is to be said of requests that waited longer for us than for the service; empty when they did not."""
        if self.own_share <= MOST_OWN_SHARE:
            return ""
        return (
            f"the requests spent {self.own_share * 100:.0f} % of their time in the gate itself, so that this "
            "machine and not the service decided how many there were"
        )

    @property
    def is_lost(self) -> bool:
        """Whether no request at all went well."""
        return bool(self.requests) and self.failures == self.requests

    def to_dict(self) -> dict[str, Json]:
        """Return it for the report."""
        median = round(statistics.median(self.latencies_s), 6) if self.latencies_s else None
        return {
            "rate": round(self.rate, 3),
            "requests": self.requests,
            "failed": self.failures,
            "latency_median_s": median,
            "waited_for_us": round(self.own_share, 3),
        }


def together(parts: Sequence[Throughput]) -> Throughput:
    """Return what loads of the same kind came to: the rate of the best one, since what else a machine does only lowers it."""
    best = max(parts, key=lambda one: one.rate)
    return replace(
        best,
        requests=sum(one.requests for one in parts),
        failures=sum(one.failures for one in parts),
        latencies_s=tuple(seconds for one in parts for seconds in one.latencies_s),
        first_failure=next((one.first_failure for one in parts if one.first_failure), ""),
    )


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
        """Throughput with all replicas against that of those that stood before; ``None`` where that is not known."""
        if self.before is None or self.after is None or not self.before.rate or self.guessed:
            return None
        return self.after.rate / self.before.rate

    @property
    def guessed(self) -> str:
        """Why the throughput that was measured tells nothing of the service; empty when it does."""
        standing = len(self.standing)
        for load, count in ((self.before, standing), (self.after, standing + len(self.added))):
            if load is not None and load.answers < FEWEST_ANSWERS * count:
                return (
                    f"it takes {FEWEST_ANSWERS} good answers of each container, and {count} of them gave {load.answers} "
                    "in all; a longer load under scaling makes more"
                )
            if load is not None and load.slowed_by_us:
                return load.slowed_by_us
        return ""


def failures_of_load(before: Throughput | None, after: Throughput | None) -> Fault | None:
    """Return what is to be said of requests that failed with all replicas: where none did before, or where all do."""
    if after is None or not after.failures:
        return None
    if after.is_lost:
        text = f"All {after.requests} requests of the load failed with all replicas: {after.first_failure}."
        return Fault(text, "See in the logs of the replicas what the load does to them.")
    if before is not None and before.failures:
        return None
    text = f"{after.failures} of {after.requests} requests failed with all replicas, and none before: {after.first_failure}."
    return Fault(text, "A limit on scale.failed under scaling decides how many may.")


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
