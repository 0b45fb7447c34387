"""The baseline of performance in one run: which metrics are held against recorded runs, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .. import catalogue
from ..compose.model import Project
from ..past_runs import BaselineSettings, Distribution, MetricKey, OfMachine
from ..results import CheckResult, Location, PlannedCheck, passed, unevaluated
from .compared import Compared, PlannedComparison, held_against, result, statistics_of
from .distributions import distribution
from .measures import Measurements, Readings
from .meters import is_sampled, read
from .significance import holm

FEWEST_SAMPLES = 5
"""A median of fewer samples over time is one of luck."""


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
    now = measured([one.key for one in planned], measurements)
    compared = [one for item in planned if item.key in now for one in _compared(item, now[item.key], settings)]
    adjusted = holm([one.found.probability for one in compared])
    by_check: dict[PlannedCheck, list[Compared]] = {}
    for one, probability in zip(compared, adjusted, strict=True):
        by_check.setdefault(one.planned.check, []).append(replace(one, adjusted=probability))
    load = max((load for loads in measurements.host_load.values() for load in loads), default=None)
    return tuple(
        result(by_check[one.check], settings, load) if one.check in by_check else _unmeasured(one, measurements)
        for one in planned
    )


def _compared(planned: PlannedComparison, now: Distribution, settings: BaselineSettings) -> Iterator[Compared]:
    runs = [one.found for one in planned.past]
    for statistic in statistics_of(planned.metric, (now, *runs)):
        yield Compared(planned, statistic, now, held_against(runs, now, planned.metric, settings, statistic))


def _unmeasured(planned: PlannedComparison, measurements: Measurements) -> CheckResult:
    """Say why there is nothing to compare; of a service that has ended well nothing is owed."""
    states = measurements.states(planned.service)
    if states and all(state.status == "exited" and state.exit_code == 0 for state in states):
        return passed(planned.check, f"{planned.service} has ended with 0, so nothing of it is left to measure")
    lack = _lack(planned.metric, read(planned.metric, planned.service, None, measurements))
    text = f"{planned.service} {planned.metric} could not be held against the recorded runs: {lack}."
    return unevaluated(planned.check, text)
