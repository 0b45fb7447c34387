"""Condition ``performance``: every metric with a limit had enough samples and stayed within it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from .. import runner
from ..errors import EngineError
from ..results import CheckResult, Finding, Outcome, failed, passed, unevaluated
from ..stack.sampling import INTERVAL_S
from ..stack.state import ContainerState
from . import limit_words
from .aggregations import aggregate, deciding, hopeless, kept, needed
from .limit_plan import PlannedLimit
from .limit_words import LONGEST_WINDOW_S
from .measures import Measurements, Readings
from .meters import is_sampled, needs_samples, only_warm_up, read
from .noise import within_noise
from .warm_up import WARMED

if TYPE_CHECKING:
    from ..stack.engine import Engine

LEAST_S = 3 * INTERVAL_S
"""Whatever the window is: two differences of a counter need three samples, and the third comes after two intervals."""
IDLE = "idle"

_COUNTING = ("count", "rate")


def window_s(planned: Iterable[PlannedLimit], wished_s: float, warm_up_s: float = 0.0) -> float:
    """Return how long to watch, in seconds: longer where a percentile needs more samples, bounded; 0 without limits."""
    sampled = [one for one in planned if is_sampled(one.limit.metric) or needs_samples(one.limit.metric)]
    return max((_wanted_s(one, wished_s, warm_up_s) for one in sampled), default=0.0)


def idle_window_s(planned: Iterable[PlannedLimit], wished_s: float, warm_up_s: float = 0.0) -> float:
    """Return how long to watch the stack while no test runs, for limits that hold then alone."""
    return window_s([one for one in planned if one.limit.phase == IDLE], wished_s, warm_up_s)


def _wanted_s(planned: PlannedLimit, wished_s: float, warm_up_s: float) -> float:
    """Return the window of one limit: what is wished, and what its samples take."""
    limit = planned.limit
    before = warm_up_s if limit.metric in WARMED else 0.0
    wanted_s = max(LEAST_S, needed(limit, sampled=True) * planned.every_s) if planned.every_s > INTERVAL_S else LEAST_S
    if limit.aggregation.percentile and limit.phase in (None, IDLE):
        wanted_s = (needed(limit, sampled=True) + 1) * planned.every_s
    return max(wished_s, LEAST_S + before, min(wanted_s + before, LONGEST_WINDOW_S))


def judge(planned: PlannedLimit, measured: Measurements) -> CheckResult:
    """Hold what was measured against one limit; without enough samples it is not proven."""
    limit = planned.limit
    readings = _readings(planned, measured)
    had, enough = len(readings.values), needed(limit, sampled=readings.sampled)
    trouble = readings.trouble or (readings.uncountable if limit.aggregation.name in _COUNTING else "")
    if had < enough and only_warm_up(limit.metric, planned.service, limit.phase, measured, enough):
        trouble = limit_words.within_warm_up(limit, measured.warm.seconds)
    if trouble:
        return unevaluated(planned.check, f"{planned.service}: {limit.metric} is not proven: {trouble}.")
    if had < enough:
        ended = _has_ended(measured.states(planned.service))
        if ended and planned.may_end:
            return passed(planned.check, f"{planned.service} has ended with 0, so nothing of it is left to measure")
        text = limit_words.too_few(planned.service, limit, had, enough, planned.every_s, ended=ended)
        return unevaluated(planned.check, text, samples=had, needed=enough)
    return _judged(planned, readings, measured)


def _readings(planned: PlannedLimit, measured: Measurements) -> Readings:
    return read(planned.limit.metric, planned.service, planned.limit.phase, measured)


def _judged(planned: PlannedLimit, readings: Readings, measured: Measurements) -> CheckResult:
    limit, readings = planned.limit, deciding(planned.limit, readings)
    value, near = aggregate(limit, readings), within_noise(limit, readings)
    message = limit_words.told(planned.service, limit, value, readings, measured)
    findings: tuple[Finding, ...] = ()
    if near:
        message = f"{message}; {limit_words.NEAR}"
        findings = (limit_words.near_limit(planned.check, planned.service, limit, message),)
    make = passed if kept(limit, value) else failed
    proof = limit_words.evidence(limit, value, readings, measured, near=near)
    return make(planned.check, message, findings, **proof)


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
        readings = deciding(one.limit, _readings(one, measured))
        near = result.evidence.get("within_noise", False)
        if result.outcome is Outcome.FAILED and not near and hopeless(one.limit, readings):
            broken.append(result)
    return tuple(broken)


def undecided(planned: Iterable[PlannedLimit], measured: Measurements) -> frozenset[str]:
    """Return the limits, with their services, whose results are within noise, where measuring on can tell more."""
    return frozenset(
        one.check.subject
        for one in planned
        if _grows(one, measured) and within_noise(one.limit, deciding(one.limit, _readings(one, measured)))
    )


def lack_samples(planned: Iterable[PlannedLimit], measured: Measurements) -> frozenset[str]:
    """Return the running services that have limits with too few samples yet, where measuring on can bring more."""
    return frozenset(one.service for one in planned if _grows(one, measured) and _lacks(one, _readings(one, measured)))


def _grows(planned: PlannedLimit, measured: Measurements) -> bool:
    """Whether measuring on after the tests brings a limit further samples; who has a dead container never has enough."""
    states = measured.states(planned.service)
    return (
        not measured.trouble
        and planned.limit.phase in (None, IDLE)
        and is_sampled(planned.limit.metric)
        and bool(states)
        and all(state.running for state in states)
    )


def _lacks(planned: PlannedLimit, readings: Readings) -> bool:
    enough = needed(planned.limit, sampled=True)
    return enough * planned.every_s <= LONGEST_WINDOW_S and (bool(readings.trouble) or len(readings.values) < enough)


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
