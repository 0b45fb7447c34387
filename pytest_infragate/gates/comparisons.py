"""The baseline of performance in one run: which metrics are held against recorded runs, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .. import catalogue
from ..compose.model import Project, Service
from ..limits import METRICS, Unit
from ..past_runs import UPDATE, BaselineSettings, Distribution, MetricKey, OfMachine, PastRun
from ..results import CheckResult, Finding, Json, Location, PlannedCheck, Severity, failed, passed, unevaluated
from ..settings import Settings
from .connectivity import ConnectivityPlan
from .distributions import distribution
from .measures import Measurements, Readings
from .meters import is_sampled, read
from .regression import Comparison, compare
from .roles import Life, Role
from .significance import holm

FEWEST_SAMPLES = 5
"""A median of fewer samples over time is one of luck."""
LESS_IS_WORSE = frozenset({"http.rate", "probe.rate"})
_FLOORS = {"startup": 0.5, "health.duration": 0.05}
_FLOORS_BY_UNIT = {Unit.SECONDS: 0.005, Unit.BYTES: float(8 << 20), Unit.RATIO: 0.05, Unit.COUNT: 5.0}
_OF_REQUESTS = ("http.", "probe.")
_HTTP = ("http", "https")
_DIGITS = 3


@dataclass(frozen=True)
class PlannedComparison:
    """One metric of one service with the check that it owes and the runs that it is held against, oldest first."""

    check: PlannedCheck
    service: str
    metric: str
    past: tuple[PastRun, ...]
    location: Location | None = None


@dataclass(frozen=True)
class Compared:
    """A comparison that could be made."""

    planned: PlannedComparison
    now: Distribution
    found: Comparison


def floor(metric: str, settings: BaselineSettings) -> float:
    """Return the change of a metric, in its unit, below which a difference does not matter."""
    default = _FLOORS.get(metric, _FLOORS_BY_UNIT[METRICS[metric].unit])
    return settings.floors.get(metric, default)


def comparable(
    project: Project, settings: Settings, edges: ConnectivityPlan, roles: Mapping[str, Role]
) -> tuple[MetricKey, ...]:
    """Return the metrics whose values every run like this one has, whichever tests are chosen."""
    called = {edge.target for edge in edges.edges if edge.must_be_open}
    found = []
    for service in project.services.values():
        if service.replicas:
            own = (one for one in settings.performance.baseline.metrics)
            life = roles[service.name].life
            found += [(service.name, one) for one in own if _has(one, service, life, settings, called)]
    return tuple(found)


def _has(metric: str, service: Service, life: Life, settings: Settings, called: set[str]) -> bool:
    if metric.startswith(_OF_REQUESTS):
        probe = settings.performance.probes.get(service.name)
        return probe is not None and (probe.protocol in _HTTP or not metric.startswith("http."))
    if metric == "startup":
        return not (settings.attach or settings.keep)
    if metric == "connect.latency":
        return service.name in called
    if metric == "health.duration":
        # The engine runs it first after one interval, so in a shorter run there may be no value.
        interval_s = service.healthcheck.interval_s if service.healthcheck else None
        return interval_s is not None and interval_s <= settings.performance.window_s
    return life is not Life.ONE_SHOT


def plan(tracked: Sequence[MetricKey], past: OfMachine, project: Project) -> tuple[PlannedComparison, ...]:
    """Return one comparison for each metric of this run that was recorded."""
    return tuple(
        PlannedComparison(
            catalogue.baseline_held(service, metric), service, metric, past[service, metric], _place(project, service)
        )
        for service, metric in tracked
        if past.get((service, metric))
    )


def _place(project: Project, service: str) -> Location | None:
    return project.services[service].location if service in project.services else None


def measured(tracked: Sequence[MetricKey], measurements: Measurements) -> dict[MetricKey, Distribution]:
    """Return what this run has measured, as far as it has enough samples."""
    readings = {key: read(key[1], key[0], None, measurements) for key in tracked}
    return {key: distribution(one.values) for key, one in readings.items() if not _lack(key[1], one)}


def lacks_samples(tracked: Sequence[MetricKey], measurements: Measurements) -> bool:
    """Return whether measuring on can bring samples that are still missing."""
    running = {state.service for state in measurements.containers if state.running}
    return not measurements.trouble and any(
        service in running and is_sampled(metric) and _lack(metric, read(metric, service, None, measurements))
        for service, metric in tracked
    )


def _lack(metric: str, readings: Readings) -> str:
    """Say why readings are not enough to compare; empty where they are."""
    fewest = FEWEST_SAMPLES if readings.sampled else 1
    if readings.trouble:
        return readings.trouble
    if len(readings.values) < fewest:
        return f"there were {len(readings.values)} samples of {metric}, and fewer than {fewest} say nothing"
    return ""


def judge(
    planned: Sequence[PlannedComparison], measurements: Measurements, settings: BaselineSettings
) -> tuple[CheckResult, ...]:
    """Hold this run against the recorded ones; all metrics together are failed by chance in few runs."""
    now = measured([(one.service, one.metric) for one in planned], measurements)
    compared = [
        _compared(one, now[one.service, one.metric], settings) for one in planned if (one.service, one.metric) in now
    ]
    adjusted = holm([one.found.probability for one in compared])
    results = {one.planned.check: _result(one, p, settings) for one, p in zip(compared, adjusted, strict=True)}
    return tuple(results.get(one.check) or _unmeasured(one, measurements) for one in planned)


def _compared(planned: PlannedComparison, now: Distribution, settings: BaselineSettings) -> Compared:
    past = [one.found for one in planned.past]
    worse = planned.metric in LESS_IS_WORSE
    return Compared(planned, now, compare(now, past, floor(planned.metric, settings), less_is_worse=worse))


def _unmeasured(planned: PlannedComparison, measurements: Measurements) -> CheckResult:
    """Say why there is nothing to compare; of a service that has ended well nothing is owed."""
    states = measurements.states(planned.service)
    if states and all(state.status == "exited" and state.exit_code == 0 for state in states):
        return passed(planned.check, f"{planned.service} has ended with 0, so nothing of it is left to measure")
    lack = _lack(planned.metric, read(planned.metric, planned.service, None, measurements))
    text = f"{planned.service} {planned.metric} could not be held against the recorded runs: {lack}."
    return unevaluated(planned.check, text)


def matters(found: Comparison, metric: str, settings: BaselineSettings) -> bool:
    """Return whether a change in either direction is large enough to be of interest."""
    return abs(found.shift) >= settings.shift and abs(found.change) >= floor(metric, settings)


def _result(one: Compared, adjusted: float, settings: BaselineSettings) -> CheckResult:
    found, planned = one.found, one.planned
    evidence = _evidence(one, adjusted)
    told = _told(one, adjusted)
    large = matters(found, planned.metric, settings)
    if large and found.shift > 0 and adjusted <= settings.significance:
        finding = _finding(planned, Severity.ERROR, told, f"Mend what has changed it, or record it with {UPDATE}.")
        return failed(planned.check, told, (finding,), **evidence)
    return passed(planned.check, told, tuple(_remarks(one, settings, told) if large else ()), **evidence)


def _remarks(one: Compared, settings: BaselineSettings, told: str) -> Iterator[Finding]:
    """Yield what is to be said of a change that is no proven regression."""
    if one.found.shift > 0 and one.found.probability <= settings.significance:
        advice = "This may be chance. Run again; record more runs, and a change of this size is told for certain."
        yield _finding(one.planned, Severity.WARNING, told, advice)
    elif one.found.opposite <= settings.significance:
        advice = f"Record it with {UPDATE}, so that it does not get lost again."
        yield _finding(one.planned, Severity.INFO, told, advice)


def _finding(planned: PlannedComparison, severity: Severity, message: str, remedy: str) -> Finding:
    check = planned.check
    return Finding(check.id, check.name, severity, check.subject, message, remedy, planned.location)


def _told(one: Compared, adjusted: float) -> str:
    metric, found = METRICS[one.planned.metric], one.found
    runs, samples = len(one.planned.past), one.now.samples
    return (
        f"{one.planned.service} {metric.name} is {metric.describe(found.value)} "
        f"({f'median of {samples} samples' if samples > 1 else '1 sample'}), {_difference(found)} the "
        f"{metric.describe(found.recorded)} of {f'the last {runs} recorded runs' if runs > 1 else 'the one recorded run'} "
        f"({_chance(adjusted)})"
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


def _evidence(one: Compared, adjusted: float) -> dict[str, Json]:
    found = one.found
    return {
        "value": found.value,
        "recorded": found.recorded,
        "shift": round(found.shift, _DIGITS) if math.isfinite(found.shift) else None,
        "p": float(f"{found.probability:.{_DIGITS}g}"),
        "p_adjusted": float(f"{adjusted:.{_DIGITS}g}"),
        "samples": one.now.samples,
        "runs": len(one.planned.past),
        "unit": METRICS[one.planned.metric].unit.value,
        "trend": [{"run": run.time, "median": run.found.median} for run in one.planned.past],
    }
