"""Finds policies that match nothing in the stack: settings that name a service which the Compose files do not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..compose.model import Project, Service
from ..results import WHOLE_STACK, Location
from ..service_keys import is_pattern
from ..settings import EdgeSettings, PerformanceSettings, Settings
from ..suggest import did_you_mean, listed


@dataclass(frozen=True)
class Unmatched:
    """One policy that matches nothing; ``subject`` is the name that nothing in the stack has."""

    subject: str
    message: str
    location: Location | None = None


_IGNORE = "connectivity.ignore"


@dataclass(frozen=True)
class _Use:
    """One mention of a service in the settings."""

    name: str
    key: str
    location: Location | None


def unmatched(settings: Settings, project: Project) -> tuple[Unmatched, ...]:
    """Return every policy of the settings that names a service which the stack does not have.

    A target of an edge may also be a network alias, a host name or a name outside the stack (one with a dot), and one that is
    ignored a service of a profile that is not active.
    Waivers are matched against findings, not here.
    """
    services = (use for use in _uses(settings, project.services) if not _fits(use.name, project.services))
    reachable = _reachable_names(project)
    targets = (use for use in _targets(settings) if not _fits(use.name, reachable) and "." not in use.name)
    wrong = (use for use in (*services, *targets) if use.name != WHOLE_STACK and not _is_ignored_call(use, project))
    return tuple(_told(use, project) for use in wrong)


def _is_ignored_call(use: _Use, project: Project) -> bool:
    return use.key.startswith(f"{_IGNORE} (") and use.name in project.inactive_services


def _fits(name: str, known: Collection[str]) -> bool:
    """Return whether a name is a known one, or a pattern that fits one."""
    return name in known or (is_pattern(name) and any(fnmatchcase(one, name) for one in known))


def _uses(settings: Settings, services: Collection[str]) -> Iterator[_Use]:
    """Return every mention of a name that must be a service; a pattern is one where it fits none."""
    for name, service in settings.services.items():
        if not any(fnmatchcase(one, name) for one in services if is_pattern(name)):
            yield _Use(name, "services", service.location)
    yield from _further_uses(settings)


def _performance_uses(settings: PerformanceSettings) -> Iterator[_Use]:
    for name, limits in settings.limits.items():
        yield _Use(name, "performance.limits", limits[0].location if limits else None)
    for key, probes in (("probes", settings.probes), ("metrics", settings.metrics)):
        for name, probe in probes.items():
            yield _Use(name, f"performance.{key}", probe.location)


def _further_uses(settings: Settings) -> Iterator[_Use]:
    yield from _performance_uses(settings.performance)
    for name, wish in settings.scaling.items():
        yield _Use(name, "scaling", wish.location)
        if wish.via is not None:
            yield _Use(wish.via.target, f"scaling.{name}.via", wish.via.location)
    for command in settings.commands:
        if command.service is not None:
            yield _Use(command.service, f"the command {command.name!r}", command.location)
    for key, edge in _edges(settings):
        yield _Use(edge.source, f"{key} ({edge.text})", edge.location)


def _targets(settings: Settings) -> Iterator[_Use]:
    """Return every mention of a name that an edge leads to."""
    return (_Use(edge.target, f"{key} ({edge.text})", edge.location) for key, edge in _edges(settings))


def _edges(settings: Settings) -> Iterator[tuple[str, EdgeSettings]]:
    """Return the edges of the settings with the keys that they stand under."""
    connectivity = settings.connectivity
    for key, edges in (
        ("connectivity.expect", connectivity.expect),
        ("connectivity.forbid", connectivity.forbid),
        (_IGNORE, connectivity.ignore),
    ):
        yield from ((key, edge) for edge in edges)


def _reachable_names(project: Project) -> frozenset[str]:
    """Return every name under which one service can reach another."""
    return frozenset(name for service in project.services.values() for name in _names(service))


def _names(service: Service) -> Iterator[str]:
    """Return the names of one service on its networks, and those that it gives to others."""
    yield service.name
    yield from (name for name in (service.container_name, service.hostname) if name)
    yield from (alias for network in service.networks for alias in network.aliases)
    yield from (link.rpartition(":")[2] for link in service.links)
    yield from (host.replace("=", ":").partition(":")[0] for host in service.extra_hosts)


def _told(use: _Use, project: Project) -> Unmatched:
    """Return the sentence for one name."""
    message = f"{use.key} names {use.name!r}, but {_why(use.name, project.services, project.inactive_services)}"
    return Unmatched(use.name, message, use.location)


def _why(name: str, services: Mapping[str, Service], inactive: tuple[str, ...]) -> str:
    """Return what the stack has instead."""
    if name in inactive:
        return "no active profile includes this service: activate one of its profiles (--infragate-profile)"
    return f"the stack has no such service: it has {listed(services, 'and') or 'none'}{did_you_mean(name, services)}"
