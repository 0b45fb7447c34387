"""The limits on what a trial of a scaled service has measured; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ..bounds import Limit
from ..results import CheckResult, PlannedCheck, failed, passed, unevaluated
from ..scaling_settings import SCALE_METRICS
from . import aggregations
from .measures import Readings
from .scaling_trial import Trial

_NO_REQUESTS = "no requests were made (scaling.NAME.probe says which)"
_CUT_SHORT = "the trial was not made, or ended before that was measured"
_AT_LEAST = (">", ">=")
"""What a rate keeps for certain that may be more than was measured."""
OF_LOADS = ("scale.failed", "scale.rate", "scale.gain", "scale.latency")
"""The metrics that a load gives."""


def judge(check: PlannedCheck, service: str, limit: Limit, trial: Trial) -> CheckResult:
    """Hold what was measured against one limit; without enough numbers it is not proven."""
    found = readings(limit.metric, trial)
    if not found.values and (trial.faults or trial.troubles):
        return unmeasured(check, service, limit)
    enough = aggregations.needed(limit, sampled=False)
    trouble = found.trouble
    if not trouble and len(found.values) < enough:
        trouble = f"{limit.aggregation} needs {enough} samples, there were {len(found.values)}"
    if trouble:
        return unevaluated(check, f"{service}: {limit.metric} is not proven: {trouble}.")
    value = aggregations.aggregate(limit, found)
    is_kept = aggregations.kept(limit, value)
    shown, bound = (_shown(limit, number) for number in (value, limit.bound))
    place = f" ({limit.location})" if limit.location else ""
    said = f"{service}: {limit.metric} {limit.aggregation} is {shown}, limit {limit.operator} {bound}{place}"
    is_certain = is_kept if limit.operator in _AT_LEAST else not is_kept
    if limit.metric == "scale.rate" and trial.after and trial.after.slowed_by_us and not is_certain:
        return unevaluated(check, f"{said}; that is not proven, it may be more: {trial.after.slowed_by_us}.")
    return (passed if is_kept else failed)(check, said, value=value, samples=len(found.values))


def unmeasured(check: PlannedCheck, service: str, limit: Limit) -> CheckResult:
    """Return that a limit is not proven because of what became of the trial, which is told there."""
    result = unevaluated(check, f"{service}: {limit.metric} is not proven: {_CUT_SHORT}.")
    return replace(result, because=service)


def readings(metric: str, trial: Trial) -> Readings:
    """Return the numbers of one metric of scaling; without any, ``trouble`` says why."""
    values = _VALUES[metric](trial)
    trouble = "" if values else _why_none(metric, trial)
    made, broken = (trial.after.requests, trial.after.failures) if trial.after else (0, 0)
    if metric == "scale.latency" and broken * 2 > made:
        trouble = f"{broken} of {made} requests failed, which has no latency"
    lasts = values[-1:] if metric == "scale.latency" else values
    return Readings(values, lasts, float(broken), float(made), trouble=trouble)


def _why_none(metric: str, trial: Trial) -> str:
    if metric == "scale.gain" and trial.before and trial.after:
        return trial.guessed or "no answer was good before"
    return _NO_REQUESTS if metric in OF_LOADS else "it was not measured"


def _shown(limit: Limit, value: float) -> str:
    metric = SCALE_METRICS[limit.metric]
    return metric.describe(value) if metric.unit_under(limit.aggregation.name) is metric.unit else f"{value:g}"


_VALUES: Mapping[str, Callable[[Trial], tuple[float, ...]]] = MappingProxyType(
    {
        "scale.up": lambda trial: tuple(trial.up_s.values()),
        "scale.down": lambda trial: () if trial.down_s is None else (trial.down_s,),
        "scale.share": lambda trial: tuple(share for one in trial.spreads for share in one.shares),
        "scale.failed": lambda trial: (trial.after.failed_share,) if trial.after else (),
        "scale.rate": lambda trial: (trial.after.rate,) if trial.after else (),
        "scale.gain": lambda trial: () if trial.gain is None else (trial.gain,),
        "scale.latency": lambda trial: trial.after.latencies_s if trial.after else (),
    }
)
"""How each metric is read."""
