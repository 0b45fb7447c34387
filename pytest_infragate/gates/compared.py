"""One metric held against recorded runs: what comes of it, and how it is told; pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..limits import METRICS, Unit
from ..past_runs import UPDATE, BaselineSettings, Distribution, MetricKey, PastRun
from ..results import CheckResult, Finding, Json, Location, PlannedCheck, Severity, failed, passed
from .meters import is_sampled
from .regression import MEDIAN, TAIL, Comparison, Statistic, compare

_LESS_IS_WORSE = frozenset({"http.rate", "probe.rate"})
_FLOORS = {"startup": 0.5, "health.duration": 0.05}
_FLOORS_BY_UNIT = {Unit.SECONDS: 0.005, Unit.BYTES: float(8 << 20), Unit.RATIO: 0.05, Unit.COUNT: 5.0}
_WITH_TAIL = frozenset({"http.latency", "probe.latency"})
_TAIL_SAMPLES = 20
"""So many independent samples a run needs for its slowest twentieth to say something."""
_RUNS_OF_MOMENTS = 3
"""So many recorded runs show how far apart times lie that a run takes once; one such time against one is luck."""
_NOISE_OF_MOMENTS = 2.0
"""How far apart they lie in good runs, in what medians over time do: whatever held the machine at that moment is in them whole."""
_DIGITS = 3


@dataclass(frozen=True)
class PlannedComparison:
    """One metric of one service with the check that it owes and the runs that it is held against, oldest first."""

    check: PlannedCheck
    service: str
    metric: str
    past: tuple[PastRun, ...]
    location: Location | None = None

    @property
    def key(self) -> MetricKey:
        """Service and metric."""
        return (self.service, self.metric)


@dataclass(frozen=True)
class Compared:
    """A comparison that could be made; ``adjusted``: its probability, corrected for how many were made in the run."""

    planned: PlannedComparison
    statistic: Statistic
    now: Distribution
    found: Comparison
    adjusted: float = 1.0


def floor(metric: str, settings: BaselineSettings) -> float:
    """Return the change of a metric, in its unit, below which a difference does not matter."""
    default = _FLOORS.get(metric, _FLOORS_BY_UNIT[METRICS[metric].unit])
    return settings.floors.get(metric, default)


def statistics_of(metric: str, runs: Sequence[Distribution]) -> tuple[Statistic, ...]:
    """Return what stands for the runs of a metric: the median, and the slowest where every run has samples enough."""
    tail = metric in _WITH_TAIL and all(one.independent >= _TAIL_SAMPLES for one in runs)
    return (MEDIAN, TAIL) if tail else (MEDIAN,)


def held_against(
    past: Sequence[Distribution],
    now: Distribution,
    metric: str,
    settings: BaselineSettings,
    statistic: Statistic = MEDIAN,
) -> Comparison:
    """Hold a run of a metric against at least one recorded run."""
    apart = _NOISE_OF_MOMENTS if _is_of_a_moment(metric) else 1.0
    return compare(
        now,
        past,
        floor(metric, settings),
        less_is_worse=metric in _LESS_IS_WORSE,
        statistic=statistic,
        noise=settings.noise * apart,
    )


def _is_of_a_moment(metric: str) -> bool:
    """Return whether a metric is a time that a run takes once or a few times, as that of the start, and not over and over."""
    return METRICS[metric].unit is Unit.SECONDS and not is_sampled(metric)


def matters(one: Comparison, metric: str, settings: BaselineSettings) -> bool:
    """Return whether a change in either direction is large enough to be of interest."""
    return abs(one.shift) >= settings.shift and abs(one.change) >= floor(metric, settings)


def has_moved(one: Comparison, metric: str, settings: BaselineSettings) -> bool:
    """Return whether a change in either direction is large enough and hardly by chance, looked at alone."""
    return matters(one, metric, settings) and min(one.probability, one.opposite) <= settings.significance


def result(compared: Sequence[Compared], settings: BaselineSettings, host_load: float | None) -> CheckResult:
    """Return what the comparisons of one metric mean; ``host_load`` per core, where it is known."""
    planned = compared[0].planned
    worse = [one for one in compared if _is_worse(one, settings)]
    broken = [one for one in worse if one.adjusted <= settings.significance and not _lacks_runs(planned)]
    about = (broken or worse or compared)[0]
    told = _told(about, host_load)
    evidence = _evidence(compared, host_load)
    if broken:
        finding = _finding(planned, Severity.ERROR, told, f"Mend what has changed it, or record it with {UPDATE}.")
        return failed(planned.check, told, (finding,), **evidence)
    return passed(planned.check, told, tuple(_remarks(about, settings, told)), **evidence)


def _is_worse(one: Compared, settings: BaselineSettings) -> bool:
    return one.found.shift > 0 and has_moved(one.found, one.planned.metric, settings)


def _lacks_runs(planned: PlannedComparison) -> bool:
    return _is_of_a_moment(planned.metric) and len(planned.past) < _RUNS_OF_MOMENTS


def _remarks(one: Compared, settings: BaselineSettings, told: str) -> Iterator[Finding]:
    """Yield what is to be said of a change that is no proven regression."""
    if not has_moved(one.found, one.planned.metric, settings):
        return
    if one.found.shift > 0:
        more = f"at least {_RUNS_OF_MOMENTS} runs" if _lacks_runs(one.planned) else "more runs"
        advice = f"This may be chance. Run again; record {more}, and a change of this size is told for certain."
        yield _finding(one.planned, Severity.WARNING, told, advice)
    else:
        advice = f"Record it with {UPDATE}, so that it does not get lost again."
        yield _finding(one.planned, Severity.INFO, told, advice)


def _finding(planned: PlannedComparison, severity: Severity, message: str, remedy: str) -> Finding:
    check = planned.check
    return Finding(check.id, check.name, severity, check.subject, message, remedy, planned.location)


def _told(one: Compared, host_load: float | None) -> str:
    metric, samples = METRICS[one.planned.metric], one.now.samples
    of = f"{one.statistic.name} of {samples} samples" if samples > 1 else "1 sample"
    runs = len(one.planned.past)
    recorded = f"the last {runs} recorded runs" if runs > 1 else "the one recorded run"
    load = "" if host_load is None else f", host load {host_load:.2g} per core"
    return (
        f"{one.planned.service} {metric.name} is {metric.describe(one.found.value)} ({of}), {_difference(one.found)} the "
        f"{metric.describe(one.found.recorded)} of {recorded} ({_chance(one.adjusted)}{load})"
    )


def _difference(found: Comparison) -> str:
    """Say how a value relates to the recorded one."""
    if found.value == found.recorded:
        return "as"
    if not found.recorded:
        return "more than"
    share = abs(found.value / found.recorded - 1) * 100
    return f"{share:.0f} % {'more' if found.value > found.recorded else 'less'} than"


def _chance(probability: float) -> str:
    return f"p = {probability:.2g}" if probability >= 0.0001 else "p < 0.0001"


def _evidence(compared: Sequence[Compared], host_load: float | None) -> dict[str, Json]:
    first, *tail = compared
    return {
        **_numbers(first),
        **({"p95": _numbers(tail[0])} if tail else {}),
        "samples": first.now.samples,
        "runs": len(first.planned.past),
        "unit": METRICS[first.planned.metric].unit.value,
        "host_load": None if host_load is None else round(host_load, _DIGITS),
        "trend": [{"run": run.time, "median": run.found.median} for run in first.planned.past],
    }


def _numbers(one: Compared) -> dict[str, Json]:
    return {
        "value": one.found.value,
        "recorded": one.found.recorded,
        "shift": round(one.found.shift, _DIGITS) if math.isfinite(one.found.shift) else None,
        "p": float(f"{one.found.probability:.{_DIGITS}g}"),
        "p_adjusted": float(f"{one.adjusted:.{_DIGITS}g}"),
    }
