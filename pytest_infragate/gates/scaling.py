"""Part of the condition ``performance``: a service that the settings scale works with so many containers; pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from .. import catalogue, runner
from ..checks import BY_ID
from ..checks.scaling import blockers, is_spared
from ..compose.model import Project
from ..results import CheckResult, Finding, Json, Location, PlannedCheck, Severity, failed, passed, unevaluated
from ..scaling_settings import SCALE_METRICS, ScalingSettings, wanted
from ..settings import Limit, ProbeSettings, Settings
from ..stack.state import ContainerState
from ..suggest import listed
from ..units import format_duration
from . import aggregations
from .edges import PlannedEdge
from .measures import Readings
from .roles import Life, Role
from .spread import Spread

ATTACHED = "--infragate-attach alters nothing of a stack, so {service} was not scaled and nothing of it is proven"
_BLOCKED = BY_ID["IG504"]
_OF_LOAD = ("scale.rate", "scale.gain", "scale.latency")
_OUTSIDE_OF_SERVICES = "exec"


@dataclass(frozen=True)
class LimitOfScaling:
    """One limit on what the trial measures, with the check that it owes."""

    check: PlannedCheck
    limit: Limit


@dataclass(frozen=True)
class PlannedScaling:
    """One service that is to be scaled, with the checks that it owes."""

    check: PlannedCheck
    service: str
    wish: ScalingSettings
    declared: int = 1
    probe: ProbeSettings | None = None
    """What is asked of every replica; ``None``: a connect, where a port is known."""
    ports: tuple[int, ...] = ()
    edges: tuple[PlannedEdge, ...] = ()
    """The edges that begin or end at the service."""
    limits: tuple[LimitOfScaling, ...] = ()
    refusals: tuple[Finding, ...] = ()
    """What keeps it from being scaled at all."""
    location: Location | None = None

    @property
    def checks(self) -> tuple[PlannedCheck, ...]:
        """Everything that it owes an answer to."""
        return (self.check, *(one.check for one in self.limits))


@dataclass(frozen=True)
class Throughput:
    """What a load came to: requests per second, in all and failed, and the reply times of the good ones in seconds."""

    rate: float
    requests: int
    failures: int
    latencies_s: tuple[float, ...] = ()
    first_failure: str = ""

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

    @property
    def gain(self) -> float | None:
        """Throughput with all replicas against that before; ``None`` where one of them is not known."""
        if self.before is None or self.after is None or not self.before.rate:
            return None
        return self.after.rate / self.before.rate


def plan(
    project: Project, settings: Settings, edges: Sequence[PlannedEdge], roles: Mapping[str, Role]
) -> tuple[PlannedScaling, ...]:
    """Return what is to be scaled; a pattern leaves out what it cannot be after."""
    found = []
    for service in project.services.values():
        wish = wanted(service.name, settings.scaling)
        if wish is not None and not is_spared(project, service, settings.scaling):
            found.append(_planned(project, settings, wish, edges, roles[service.name]))
    return tuple(found)


def _planned(
    project: Project, settings: Settings, wish: ScalingSettings, edges: Sequence[PlannedEdge], role: Role
) -> PlannedScaling:
    service = project.services[role.service]
    own = tuple(edge for edge in edges if service.name in (edge.source, edge.target))
    probe = wish.probe or _known_probe(settings, service.name)
    called = {edge.port for edge in own if edge.target == service.name and edge.must_be_open and edge.port is not None}
    declared = {port.target for port in service.ports if port.protocol == "tcp"} | set(service.expose)
    ports = {probe.port} if probe is not None and probe.port is not None else called or declared
    return PlannedScaling(
        catalogue.scaling_proven(service.name),
        service.name,
        wish,
        service.replicas,
        probe,
        tuple(sorted(ports)),
        own,
        tuple(LimitOfScaling(catalogue.limit_kept(service.name, one.text), one) for one in wish.limits),
        _refusals(project, settings, wish, role),
        service.location,
    )


def _known_probe(settings: Settings, service: str) -> ProbeSettings | None:
    """Return what the settings have asked of the service anyway, over the network."""
    probe = settings.performance.probes.get(service) or settings.service(service).probe
    return None if probe is None or probe.protocol == _OUTSIDE_OF_SERVICES else probe


def _refusals(project: Project, settings: Settings, wish: ScalingSettings, role: Role) -> tuple[Finding, ...]:
    check = catalogue.scaling_proven(role.service)
    service = project.services[role.service]
    found = [
        Finding(check.id, check.name, Severity.ERROR, draft.subject, draft.message, draft.remedy, draft.location)
        for draft in blockers(project, service, wish, isolated=settings.compose.isolate)
    ]
    if role.life is Life.ONE_SHOT:
        message = f"{role.service} runs to completion ({role.why}), so there is nothing to scale."
        remedy = "Remove the entry under scaling."
        found.append(Finding(check.id, check.name, Severity.ERROR, role.service, message, remedy, wish.location))
    return tuple(found)


def refused(planned: PlannedScaling) -> tuple[CheckResult, ...]:
    """Return that a service cannot be scaled at all, and was not."""
    said = " ".join(f"{one.location}: {one.message}" if one.location else one.message for one in planned.refusals)
    whole = failed(planned.check, f"{planned.service} was not scaled: {said}", planned.refusals)
    return (whole, *_unmeasured(planned, "it was not scaled"))


def left_alone(planned: PlannedScaling, reason: str) -> tuple[CheckResult, ...]:
    """Return that nothing was tried, and why."""
    return tuple(unevaluated(check, reason) for check in planned.checks)


def judge(planned: PlannedScaling, trial: Trial) -> tuple[CheckResult, ...]:
    """Return what a trial has proven, and whether its limits were kept."""
    return (
        _judged(planned, trial),
        *(runner.evaluate(one.check, partial(_limit_kept, planned, one, trial)) for one in planned.limits),
    )


def _judged(planned: PlannedScaling, trial: Trial) -> CheckResult:
    facts = evidence(trial)
    warnings = tuple(_finding(planned, one, Severity.WARNING) for one in trial.remarks)
    if trial.faults:
        closing = tuple(_finding(planned, one, Severity.ERROR) for one in trial.faults)
        return failed(planned.check, " ".join(one.text for one in trial.faults), (*closing, *warnings), **facts)
    if trial.troubles:
        return unevaluated(planned.check, f"{planned.service} is not proven: {'; '.join(trial.troubles)}", **facts)
    return passed(planned.check, _proof(planned, trial), warnings, **facts)


def _finding(planned: PlannedScaling, fault: Fault, severity: Severity) -> Finding:
    check, place = planned.check, planned.location
    return Finding(check.id, check.name, severity, planned.service, fault.text, fault.remedy, place)


def _proof(planned: PlannedScaling, trial: Trial) -> str:
    """Say what was seen."""
    slowest = max(trial.up_s.values(), default=0.0)
    count = len(trial.added)
    said = [
        f"{planned.service} ran with {len(trial.standing) + count} containers instead of {len(trial.standing)}: "
        f"{count} new, the last of them ready after {format_duration(slowest)}"
    ]
    if trial.askers and (planned.probe or planned.ports):
        said.append(f"every replica answers {listed(trial.askers, 'and')}")
    elif not planned.ports and planned.probe is None:
        said.append("no port of it is known, so no requests were made")
    said += map(str, trial.spreads)
    if trial.before and trial.after:
        gain = f" (× {trial.gain:.2f})" if trial.gain is not None else ""
        said.append(f"{trial.before.rate:.0f} requests/s before, {trial.after.rate:.0f} with all{gain}")
    back = f" after {format_duration(trial.down_s)}" if trial.down_s is not None else ""
    return f"{'; '.join(said)}; scaled back{back}, and what stood before stands as it did"


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


def needs_load(planned: PlannedScaling) -> bool:
    """Whether there is something to ask again and again: a request that the settings give."""
    return planned.probe is not None


def readings(metric: str, trial: Trial) -> Readings:
    """Return the numbers of one metric of scaling; without any, ``trouble`` says why."""
    values = _VALUES[metric](trial)
    if metric == "scale.failed":
        loads = [trial.after] if trial.after else []
        made, broken = sum(one.requests for one in loads), float(sum(one.failures for one in loads))
        return Readings(values, values, broken, float(made), trouble="" if made else _NO_REQUESTS)
    trouble = "" if values else (_NO_REQUESTS if metric in _OF_LOAD else "it was not measured")
    return Readings(values, values[-1:], trouble=trouble)


_NO_REQUESTS = "no requests were made (scaling.NAME.probe says which)"


def _of_after(trial: Trial) -> tuple[float, ...]:
    return () if trial.after is None else (trial.after.failures / max(trial.after.requests, 1),)


_VALUES = {
    "scale.up": lambda trial: tuple(trial.up_s.values()),
    "scale.down": lambda trial: () if trial.down_s is None else (trial.down_s,),
    "scale.share": lambda trial: tuple(share for one in trial.spreads for share in one.shares),
    "scale.failed": _of_after,
    "scale.rate": lambda trial: (trial.after.rate,) if trial.after else (),
    "scale.gain": lambda trial: () if trial.gain is None else (trial.gain,),
    "scale.latency": lambda trial: trial.after.latencies_s if trial.after else (),
}


def _unmeasured(planned: PlannedScaling, why: str) -> tuple[CheckResult, ...]:
    return tuple(
        unevaluated(one.check, f"{planned.service}: {one.limit.metric} is not proven: {why}.") for one in planned.limits
    )


def _limit_kept(planned: PlannedScaling, one: LimitOfScaling, trial: Trial) -> CheckResult:
    limit, metric = one.limit, SCALE_METRICS[one.limit.metric]
    found = readings(limit.metric, trial)
    enough = aggregations.needed(limit, sampled=False)
    if found.trouble:
        return unevaluated(one.check, f"{planned.service}: {limit.metric} is not proven: {found.trouble}.")
    if len(found.values) < enough:
        text = f"{limit.aggregation} needs {enough} samples, there were {len(found.values)}"
        return unevaluated(one.check, f"{planned.service}: {limit.metric} is not proven: {text}.")
    value = aggregations.aggregate(limit.aggregation, found)
    place = f" ({limit.location})" if limit.location else ""
    make = passed if aggregations.kept(limit, value) else failed
    shown, bound = (_shown(one, number) for number in (value, limit.bound))
    said = f"{planned.service}: {limit.metric} {limit.aggregation} is {shown}, limit {limit.operator} {bound}{place}"
    return make(one.check, said, value=value, samples=len(found.values))


def _shown(one: LimitOfScaling, value: float) -> str:
    metric = SCALE_METRICS[one.limit.metric]
    return metric.describe(value) if metric.unit_under(one.limit.aggregation.name) is metric.unit else f"{value:g}"
