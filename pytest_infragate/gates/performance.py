"""Condition ``performance``: every metric with a limit had enough samples and stayed within it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .. import catalogue, runner
from ..compose.model import Project, Service
from ..errors import EngineError
from ..limits import METRICS, Unit, parse_limit
from ..results import CheckResult, Outcome, PlannedCheck, failed, passed, unevaluated
from ..settings import Limit, Settings
from ..stack.sampling import INTERVAL_S
from ..stack.state import ContainerState
from .aggregations import aggregate, hopeless, kept, needed
from .measures import Measurements, Readings
from .meters import is_sampled, read

if TYPE_CHECKING:
    from ..stack.engine import Engine

EVERY = "*"
LEAST_S = 3 * INTERVAL_S
"""Whatever the window is: two differences of a counter need three samples, and the third comes after two intervals."""
LONGEST_WINDOW_S = 60.0
"""How far percentile limits may lengthen the window; a limit that wants more is told so."""

DEFAULT_LIMITS = (
    # Beyond this the next allocation may end in the kernel's out-of-memory killer.
    "memory.ratio: max < 0.95",
    # In a healthy service bursts are cut now and then; held back in most periods of most seconds, it starves.
    "cpu.throttled: med < 0.5",
)
_RESTARTS = "restarts: max <= {}"
_REQUESTS = "http."


@dataclass(frozen=True)
class PlannedLimit:
    """One limit of one service with the check that it owes."""

    check: PlannedCheck
    service: str
    limit: Limit
    may_end: bool = False
    """Whether the service may turn out to be a one-shot, of which there is nothing to sample."""


def plan(
    project: Project,
    settings: Settings,
    one_shots: frozenset[str] = frozenset(),
    undecided: frozenset[str] = frozenset(),
) -> tuple[PlannedLimit, ...]:
    """Return the limits to hold: the user's, and default ones for the metrics of a service that the user left alone.

    ``one_shots`` run to completion: they get limits that name them, and that on restarts. ``undecided`` services may do
    so, and have all limits as long as they run.
    """
    found: dict[tuple[str, str], PlannedLimit] = {}
    for service in project.services.values():
        if service.replicas == 0:
            continue
        for limit in _limits(service, settings, one_shot=service.name in one_shots):
            text = limit.text if limit.phase is None else f"{limit.phase}.{limit.text}"
            check = catalogue.limit_kept(service.name, text)
            planned = PlannedLimit(check, service.name, limit, may_end=service.name in undecided)
            found.setdefault(planned.check.key, planned)
    return tuple(found.values())


def default_limits(service: Service, restarts: int, *, sampled: bool = True) -> tuple[Limit, ...]:
    """Return the limits that every long-running service has: restarts, memory, CPU throttling, and PIDs if limited.

    Without ``sampled`` only that on restarts, which needs no time to be measured.
    """
    texts = [_RESTARTS.format(restarts)]
    if sampled:
        texts = [*DEFAULT_LIMITS, *texts]
        if service.pids_limit and service.pids_limit > 0:
            texts.append(f"pids: max < {service.pids_limit}")
    return tuple(parse_limit(text, service.location) for text in texts)


def _limits(service: Service, settings: Settings, *, one_shot: bool) -> Iterator[Limit]:
    """Yield a service's limits: its own replace those of ``*``, and both the defaults, metric by metric."""
    limits = settings.performance.limits
    layers: list[Iterable[Limit]] = [limits.get(service.name, ())]
    restarts = settings.service(service.name).restarts
    if one_shot:
        layers.append((parse_limit(_RESTARTS.format(restarts), service.location),))
    else:
        probed = service.name in settings.performance.probes or not settings.performance.probes
        layers.append(one for one in limits.get(EVERY, ()) if probed or not one.metric.startswith(_REQUESTS))
        layers.append(default_limits(service, restarts, sampled=settings.performance.window_s > 0))
    settled: set[str] = set()
    for layer in layers:
        mine = [limit for limit in layer if limit.metric not in settled]
        settled |= {limit.metric for limit in mine}
        yield from mine


def window_s(planned: Sequence[PlannedLimit], wished_s: float) -> float:
    """Return how long to watch, in seconds: longer where a percentile needs more samples, bounded; 0 without limits."""
    if not any(is_sampled(one.limit.metric) for one in planned):
        return 0.0
    wished_s = max(wished_s, LEAST_S)
    before_suite = (one.limit for one in planned if one.limit.phase in {None, "idle"})
    wanted = [needed(limit, sampled=True) * INTERVAL_S for limit in before_suite if limit.aggregation.percentile]
    return max([wished_s, *(min(seconds + INTERVAL_S, LONGEST_WINDOW_S) for seconds in wanted)])


def judge(planned: PlannedLimit, measured: Measurements) -> CheckResult:
    """Hold what was measured against one limit; without enough samples it is not proven."""
    limit = planned.limit
    readings = read(limit.metric, planned.service, limit.phase, measured)
    enough = needed(limit, sampled=readings.sampled)
    if readings.trouble:
        return unevaluated(planned.check, f"{planned.service}: {limit.metric} is not proven: {readings.trouble}.")
    if len(readings.values) < enough and planned.may_end and _has_ended(measured.states(planned.service)):
        return passed(planned.check, f"{planned.service} has ended with 0, so nothing of it is left to measure")
    if len(readings.values) < enough:
        return unevaluated(planned.check, _too_few(planned, len(readings.values), enough))
    value = aggregate(limit.aggregation, readings)
    make = passed if kept(limit, value) else failed
    return make(planned.check, _told(planned, value, readings), value=value, samples=len(readings.values))


def evaluate(
    planned: Sequence[PlannedLimit], measured: Measurements, on_result: Callable[[CheckResult], None] = lambda _: None
) -> tuple[CheckResult, ...]:
    """Judge every limit after the suite; ``on_result`` gets each result as it comes."""
    results = []
    for one in planned:
        results.append(runner.evaluate(one.check, partial(judge, one, measured)))
        on_result(results[-1])
    return tuple(results)


def early_verdict(planned: Sequence[PlannedLimit], measured: Measurements) -> tuple[CheckResult, ...]:
    """Return the failures that the suite cannot heal, so that it need not run; other limits are judged after it."""
    broken = []
    for one in planned:
        if one.limit.phase == "suite":
            continue
        result = runner.evaluate(one.check, partial(judge, one, measured))
        readings = read(one.limit.metric, one.service, one.limit.phase, measured)
        if result.outcome is Outcome.FAILED and hopeless(one.limit, readings):
            broken.append(result)
    return tuple(broken)


def lack_samples(planned: Iterable[PlannedLimit], measured: Measurements) -> frozenset[str]:
    """Return the running services that have limits with too few samples yet, where measuring on can bring more."""
    return frozenset(
        one.service
        for one in planned
        if not measured.trouble
        and one.limit.phase in (None, "suite")
        and is_sampled(one.limit.metric)
        and any(state.running for state in measured.states(one.service))
        and _lacks(one.limit, read(one.limit.metric, one.service, one.limit.phase, measured))
    )


def _lacks(limit: Limit, readings: Readings) -> bool:
    enough = needed(limit, sampled=True)
    return enough * INTERVAL_S <= LONGEST_WINDOW_S and (bool(readings.trouble) or len(readings.values) < enough)


def image_sizes(engine: Engine, containers: Iterable[ContainerState]) -> dict[str, tuple[int, ...]]:
    """Return the sizes of the services' images in bytes; one that the engine no longer knows is left out."""
    found: dict[str, tuple[int, ...]] = {}
    for container in containers:
        try:
            with engine.asking(f"for the image of {container.name}"):
                size = int(engine.client.images.get(container.image_id).attrs["Size"])
        except EngineError:
            continue
        found[container.service] = (*found.get(container.service, ()), size)
    return found


def _has_ended(states: Sequence[ContainerState]) -> bool:
    return bool(states) and all(state.status == "exited" and state.exit_code == 0 for state in states)


def _too_few(planned: PlannedLimit, had: int, enough: int) -> str:
    limit = planned.limit
    have = f"only {had} of them" if had else "no samples"
    advice = ""
    if limit.aggregation.percentile and enough * INTERVAL_S > LONGEST_WINDOW_S:
        advice = f" The window is at most {LONGEST_WINDOW_S:g} s long: bound a lower percentile, or max."
    return (
        f"{planned.service}: {limit.metric} is not proven: {limit.aggregation} needs {enough} "
        f"sample{'s' if enough > 1 else ''}, there were {have}.{advice}"
    )


def _told(planned: PlannedLimit, value: float, readings: Readings) -> str:
    """Say what was measured and against what, with the number of samples and the window."""
    limit = planned.limit
    phase = limit.phase or "idle and suite"
    count = len(readings.values)
    samples = f"{count} sample{'s' if count != 1 else ''}"
    window = f"{samples} in {readings.seconds:.0f} s, {phase}" if readings.seconds else samples
    place = f" ({limit.location})" if limit.location else ""
    return (
        f"{planned.service}: {limit.metric} {limit.aggregation} is {_shown(limit, value)}, "
        f"limit {limit.operator} {_shown(limit, limit.bound)}{place}; {window}"
    )


def _shown(limit: Limit, value: float) -> str:
    """Return a value in the metric's unit; a rate that is no ratio is per second."""
    metric = METRICS[limit.metric]
    if metric.unit_under(limit.aggregation.name) is not metric.unit:
        return f"{value:g}"
    per_second = limit.aggregation.name == "rate" and metric.unit is not Unit.RATIO
    return metric.describe(value) + ("/s" if per_second else "")
