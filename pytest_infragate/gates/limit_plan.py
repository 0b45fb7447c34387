"""Which limits condition ``performance`` holds of which service: the user's and the default ones; nothing is measured.

How they are judged is in ``performance``, which a run loads only when the stack is being started.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .. import catalogue
from ..bounds import Limit
from ..compose.model import Project, Service
from ..limits import EXPOSED, HTTP, OF_HOST, REQUEST_METRICS, parse_limit
from ..results import WHOLE_STACK, PlannedCheck
from ..service_keys import is_pattern, keys_for
from ..settings import PerformanceSettings, Settings
from ..stack.sampling import INTERVAL_S

DEFAULT_LIMITS = (
    # Beyond this the next allocation may end in the kernel's out-of-memory killer.
    "memory.ratio: max < 0.95",
    # In a healthy service bursts are cut now and then; held back in most periods of most seconds, it starves.
    "cpu.throttled: med < 0.5",
)
_RESTARTS = "restarts: max <= {}"


@dataclass(frozen=True)
class PlannedLimit:
    """One limit of one service with the check that it owes."""

    check: PlannedCheck
    service: str
    limit: Limit
    every_s: float = INTERVAL_S
    """How far its samples are apart, in seconds."""
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
    unasked = _unasked(settings.performance)
    for service in project.services.values():
        if service.replicas == 0:
            continue
        for limit in _limits(service, settings, unasked, one_shot=service.name in one_shots):
            text = limit.text if limit.phase is None else f"{limit.phase}.{limit.text}"
            owner = WHOLE_STACK if limit.metric.startswith(OF_HOST) else service.name
            check = catalogue.limit_kept(owner, text)
            every_s = _every_s(limit, service.name, settings.performance)
            # Whoever names a service wants it measured; what holds for all may find nothing of it left.
            may_end = service.name in undecided and limit not in settings.performance.limits.get(service.name, ())
            planned = PlannedLimit(check, owner, limit, every_s, may_end=may_end)
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


_OfKeys = Collection[tuple[str, Limit]]


def _limits(service: Service, settings: Settings, unasked: _OfKeys, *, one_shot: bool) -> Iterator[Limit]:
    """Yield a service's limits: its own replace those of patterns, these those of ``*``, and all the defaults.

    That is done metric by metric; a limit on the start-up stands beside those on the rest of the run.
    """
    settled: set[tuple[str, bool]] = set()
    for layer in _layers(service, settings, unasked, one_shot=one_shot):
        mine = [limit for limit in layer if _place(limit) not in settled]
        settled |= {_place(limit) for limit in mine}
        yield from mine


def _layers(service: Service, settings: Settings, unasked: _OfKeys, *, one_shot: bool) -> Iterator[Iterable[Limit]]:
    """Yield the limits that speak of a service, nearest first."""
    limits, restarts = settings.performance.limits, settings.service(service.name).restarts
    if one_shot:
        yield limits.get(service.name, ())
        yield (parse_limit(_RESTARTS.format(restarts), service.location),)
        return
    performance = settings.performance
    for key in keys_for(service.name, limits):
        mine = limits[key]
        yield [
            one
            for one in mine
            if key == service.name or (key, one) in unasked or _is_asked(one, service.name, performance)
        ]
    yield default_limits(service, restarts, sampled=settings.performance.window_s > 0)


def _is_asked(limit: Limit, service: str, settings: PerformanceSettings) -> bool:
    """Whether a limit for several services means this one, by what the settings have asked of it."""
    if limit.metric.startswith(EXPOSED):
        return service in settings.metrics
    if limit.metric not in REQUEST_METRICS:
        return True
    probe = settings.probes.get(service)
    return probe is not None and (not limit.metric.startswith("http.") or probe.protocol in HTTP)


def _unasked(settings: PerformanceSettings) -> frozenset[tuple[str, Limit]]:
    """Return the limits, with their patterns, of which no service that fits is asked anything.

    Each service that fits has such a limit, so that it is told as not proven; held against nobody, it would be forgotten.
    """
    asked = {*settings.probes, *settings.metrics}
    return frozenset(
        (key, limit)
        for key, limits in settings.limits.items()
        for limit in (limits if is_pattern(key) else ())
        if not any(_is_asked(limit, name, settings) for name in asked if fnmatchcase(name, key))
    )


def _every_s(limit: Limit, service: str, settings: PerformanceSettings) -> float:
    if limit.metric in REQUEST_METRICS and service in settings.probes:
        return 1 / settings.probes[service].rate
    if not limit.metric.startswith(EXPOSED):
        return INTERVAL_S
    from ..probes.scraping import SCRAPE_S  # few stacks have such a limit, and it brings all the probes

    return SCRAPE_S


def _place(limit: Limit) -> tuple[str, bool]:
    return limit.metric, limit.phase == "startup"
