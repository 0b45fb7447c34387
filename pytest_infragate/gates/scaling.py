"""Part of the condition ``performance``: a service that the settings scale works with so many containers; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from .. import catalogue, runner
from ..bounds import Limit
from ..checks.scaling import blockers, is_spared
from ..compose.model import Project, Service
from ..results import CheckResult, Finding, Location, PlannedCheck, Severity, failed, passed, unevaluated
from ..scaling_settings import ScalingSettings, only_by_pattern, wanted
from ..settings import ProbeSettings, Settings
from ..suggest import listed
from ..units import format_duration
from . import scaling_limits
from .edges import PlannedEdge
from .roles import Life, Role
from .scaling_trial import Fault, Trial, evidence

ATTACHED = "--infragate-attach alters nothing of a stack, so {service} was not scaled and nothing of it is proven"
_INSIDE = "exec"
_WITHOUT_CONNECTION = "udp"
_NOISE = 0.2


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


def plan(
    project: Project, settings: Settings, edges: Sequence[PlannedEdge], roles: Mapping[str, Role]
) -> tuple[PlannedScaling, ...]:
    """Return what is to be scaled; a pattern leaves out what it cannot be after."""
    found = []
    for service in project.services.values():
        wish = wanted(service.name, settings.scaling)
        if wish is not None and not _is_spared(project, service, settings, roles[service.name]):
            found.append(_planned(project, settings, wish, edges, roles[service.name]))
    return tuple(found)


def _is_spared(project: Project, service: Service, settings: Settings, role: Role) -> bool:
    """Whether only a pattern fits a service, and it cannot be after it: one that ends, or may turn out to."""
    may_end = role.life is not Life.LONG_RUNNING and only_by_pattern(service.name, settings.scaling)
    return may_end or is_spared(project, service, settings.scaling)


def _planned(
    project: Project, settings: Settings, wish: ScalingSettings, edges: Sequence[PlannedEdge], role: Role
) -> PlannedScaling:
    service = project.services[role.service]
    own = tuple(edge for edge in edges if service.name in (edge.source, edge.target))
    probe = wish.probe or _known_probe(settings, service.name)
    calls = [edge for edge in own if edge.target == service.name and _takes_connections(edge)]
    called = {edge.port for edge in calls if edge.port is not None}
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


def _takes_connections(edge: PlannedEdge) -> bool:
    return edge.must_be_open and (edge.probe is None or edge.probe.protocol != _WITHOUT_CONNECTION)


def _known_probe(settings: Settings, service: str) -> ProbeSettings | None:
    """Return what the settings have asked of the service anyway, over the network."""
    probe = settings.performance.probes.get(service) or settings.service(service).probe
    return None if probe is None or probe.protocol == _INSIDE else probe


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
    return (whole, *_unmeasured(planned))


def left_alone(planned: PlannedScaling, reason: str) -> tuple[CheckResult, ...]:
    """Return that nothing was tried, or not to the end, and why."""
    return (unevaluated(planned.check, reason), *_unmeasured(planned))


def judge(planned: PlannedScaling, trial: Trial) -> tuple[CheckResult, ...]:
    """Return what a trial has proven, and whether its limits were kept."""
    return (
        _judged(planned, trial),
        *(
            runner.evaluate(one.check, partial(scaling_limits.judge, one.check, planned.service, one.limit, trial))
            for one in planned.limits
        ),
    )


def _judged(planned: PlannedScaling, trial: Trial) -> CheckResult:
    facts = evidence(trial)
    warnings = tuple(_finding(planned, one, Severity.WARNING) for one in trial.remarks)
    if trial.faults:
        closing = tuple(_finding(planned, one, Severity.ERROR) for one in trial.faults)
        text = "\n".join(filter(None, (" ".join(one.text for one in trial.faults), trial.details)))
        return failed(planned.check, text, (*closing, *warnings), **facts)
    if trial.troubles:
        return unevaluated(planned.check, f"{planned.service} is not proven: {'; '.join(trial.troubles)}", **facts)
    return passed(planned.check, _proof(planned, trial), warnings, **facts)


def _finding(planned: PlannedScaling, fault: Fault, severity: Severity) -> Finding:
    check, place = planned.check, planned.location
    return Finding(check.id, check.name, severity, planned.service, fault.text, fault.remedy, place)


def _proof(planned: PlannedScaling, trial: Trial) -> str:
    """Say what was seen."""
    count, before = len(trial.added), len(trial.standing)
    last = format_duration(max(trial.up_s.values(), default=0.0))
    said = [
        f"{planned.service} ran with {before + count} containers instead of {before}, the last of them ready after {last}",
        *_asked(planned, trial),
        *map(str, trial.spreads),
    ]
    if trial.before and trial.after:
        gain = (
            f"gain {trial.gain:.2f}"
            if trial.gain is not None
            else f"the gain is not known: {trial.guessed or 'none was good'}"
        )
        said.append(f"{trial.before.rate:.0f} requests/s before, {trial.after.rate:.0f} with all ({gain})")
    back = format_duration(trial.down_s or 0.0)
    return f"{'; '.join(said)}; it was scaled back in {back}, and what stood before stands as it did"


def _asked(planned: PlannedScaling, trial: Trial) -> list[str]:
    if planned.probe is None and not planned.ports:
        return ["no port of it is known, so nobody asked it"]
    return [f"every one of them answers {listed(trial.askers, 'and')}"]


def needs_load(planned: PlannedScaling) -> bool:
    """Whether there is something to ask again and again: a request that the settings give."""
    return planned.probe is not None


def load_s(planned: PlannedScaling) -> float:
    """Return how long one of the loads of a trial lasts, of which there are two of each kind; less where no limit needs them."""
    is_judged = any(one.limit.metric in scaling_limits.OF_LOADS for one in planned.limits)
    return planned.wish.load_s / (2 if is_judged else 4)


def gain_is_close(planned: PlannedScaling, trial: Trial) -> bool:
    """Whether the gain is so near to a limit on it that noise may decide, or not known."""
    bounds = [one.limit.bound for one in planned.limits if one.limit.metric == "scale.gain"]
    gain = trial.gain
    return any(gain is None or abs(gain - bound) < _NOISE * bound for bound in bounds)


def _unmeasured(planned: PlannedScaling) -> tuple[CheckResult, ...]:
    return tuple(scaling_limits.unmeasured(one.check, planned.service, one.limit) for one in planned.limits)
