"""How the metrics of a stack went over its last runs; told, never judged. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..limits import METRICS
from ..past_runs import BaselineSettings, Distribution, MetricKey, PastRun
from ..results import Json
from .compared import has_moved, held_against

LAST_RUNS = 10
FORMAT = 1


@dataclass(frozen=True)
class TrendRow:
    """One metric of one service: its median in the last runs, oldest first; the last one is this run."""

    service: str
    metric: str
    points: tuple[tuple[str, float], ...]
    shift: float
    """The relative change of this run against the runs before; positive: worse."""
    moved: bool
    """Whether the change is large enough to matter and more than the runs before differ among themselves."""

    @property
    def now(self) -> float:
        """The median of this run."""
        return self.points[-1][1]

    @property
    def before(self) -> float:
        """The value in the middle of the runs before."""
        earlier = sorted(value for _, value in self.points[:-1])
        return (earlier[(len(earlier) - 1) // 2] + earlier[len(earlier) // 2]) / 2

    def described(self) -> str:
        """Return the change as people read it: ``web http.latency 21 ms → 51 ms``."""
        metric = METRICS[self.metric]
        return f"{self.service} {self.metric} {metric.describe(self.before)} → {metric.describe(self.now)}"

    def to_dict(self) -> dict[str, Json]:
        """Return the row in the shape of ``verdict.json``."""
        return {
            "service": self.service,
            "metric": self.metric,
            "unit": METRICS[self.metric].unit.value,
            "runs": [{"run": time, "median": value} for time, value in self.points],
            "moved": self.moved,
        }


Earlier = Sequence[tuple[str, Mapping[MetricKey, float]]]
"""Earlier runs: when each began, and its medians."""


def rows(
    now: Mapping[MetricKey, Distribution],
    time: str,
    recorded: Mapping[MetricKey, Sequence[PastRun]],
    earlier: Earlier,
    settings: BaselineSettings,
) -> tuple[TrendRow, ...]:
    """Return the metrics of this run that earlier runs have measured too, recorded ones and those of this checkout."""
    found = []
    for key, distribution in sorted(now.items()):
        points = {run.time: run.found.median for run in recorded.get(key, ())}
        points |= {then: medians[key] for then, medians in earlier if key in medians}
        points.pop(time, None)
        if points:
            found.append(_row(key, distribution, time, sorted(points.items())[1 - LAST_RUNS :], settings))
    return tuple(found)


def _row(
    key: MetricKey, now: Distribution, time: str, earlier: Sequence[tuple[str, float]], settings: BaselineSettings
) -> TrendRow:
    service, metric = key
    past = [Distribution(1, 1.0, (value,) * len(now.quantiles)) for _, value in earlier]
    found = held_against(past, now, metric, settings)
    return TrendRow(service, metric, (*earlier, (time, now.median)), found.shift, has_moved(found, metric, settings))


def line(moved: Sequence[TrendRow], most: int = 3) -> str:
    """Return what has moved in one line; empty where nothing has."""
    if not moved:
        return ""
    earlier = max(len(row.points) for row in moved) - 1
    told = "; ".join(row.described() for row in moved[:most])
    more = f"; and {len(moved) - most} more" if len(moved) > most else ""
    against = f"the last {earlier} runs" if earlier > 1 else "the last run"
    return f"Moved against {against}: {told}{more}."


def remembered(earlier: Earlier, now: Mapping[MetricKey, Distribution], time: str) -> Json:
    """Return what is kept of the last runs, this one included."""
    medians = {key: one.median for key, one in now.items()}
    runs: list[Json] = [
        {"run": then, "metrics": {" ".join(key): value for key, value in sorted(found.items())}}
        for then, found in (*earlier, (time, medians))[-LAST_RUNS:]
    ]
    return {"format": FORMAT, "runs": runs}


def recalled(value: object) -> Earlier:
    """Return the runs in a value from a cache; none of one that is damaged, foreign or of another format."""
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("runs"), list):
        return ()
    runs = [(run.get("run"), run.get("metrics")) for run in value["runs"] if isinstance(run, dict)]
    return tuple((time, _medians(found)) for time, found in runs if isinstance(time, str) and isinstance(found, dict))


def _medians(found: Mapping[str, object]) -> dict[MetricKey, float]:
    medians: dict[MetricKey, float] = {}
    for name, value in found.items():
        service, _, metric = name.partition(" ")
        if metric in METRICS and isinstance(value, (int, float)) and value >= 0:
            medians[service, metric] = float(value)
    return medians
