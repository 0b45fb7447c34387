"""Infers which service needs which other one, from ``depends_on``, variables, commands and healthchecks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ..results import Location
from .edges import Edge, merged
from .mentions import Mention, in_command, in_environment
from .model import Dependency, Project, Service
from .names import host_names, is_off_network, link_names, namespace_owner, network_keys
from .ports import family_ports, is_store, is_udp, known_ports

_REMEMBERED = 4
"""Of so many projects what was found is remembered: several checks ask for it."""
_STARTED = "service_started"
_ENDED = "service_completed_successfully"
"""A dependency on something that has ended is an order, not a need to reach it."""


@dataclass(frozen=True)
class Reference:
    """A host that one service names, where, and the service that the name leads to (``None``: none)."""

    source: str
    mention: Mention
    target: str | None
    why: str
    location: Location


@lru_cache(maxsize=_REMEMBERED)
def infer_edges(project: Project) -> tuple[Edge, ...]:
    """Return the needs that the files state, each once, sorted; a service never needs itself."""
    return merged((*_from_references(project), *_from_dependencies(project)))


@lru_cache(maxsize=_REMEMBERED)
def references(project: Project) -> tuple[Reference, ...]:
    """Return every host that a variable, command or healthcheck names, whether it leads to a service or not."""
    return tuple(_references(project))


def _references(project: Project) -> Iterator[Reference]:
    names = host_names(project)
    for service in project.services.values():
        links = link_names(service)
        for why, path, mention in _mentions(service):
            host = mention.host.lower()
            target = links.get(host) or names.get(host)
            meant = _meant(service, path, mention, project.services.get(target or ""))
            yield Reference(service.name, meant, target, why, service.place(*path))


def _from_references(project: Project) -> Iterator[Edge]:
    for reference in references(project):
        if reference.target is None or reference.target == reference.source:
            continue
        mention = reference.mention
        target = project.services[reference.target]
        port = mention.port or _family_port(target, mention)
        if port is not None and (mention.scheme == "udp" or is_udp(target, port)):
            # Nothing can be connected to; that the name resolves can still be proven.
            port = None
        yield Edge(reference.source, target.name, port, reference.why, reference.location)


def _from_dependencies(project: Project) -> Iterator[Edge]:
    """Yield what ``depends_on`` states, which names no port.

    A service in the network namespace of another one has no name of its own: it is reached as that other one.
    """
    for service in project.services.values():
        for needed in service.depends_on:
            if needed.service in project.services and _is_need(project, service.name, needed):
                place = needed.location or service.place("depends_on", needed.service)
                yield Edge(service.name, namespace_owner(project, needed.service), None, "depends_on", place)


def _is_need(project: Project, source: str, needed: Dependency) -> bool:
    """Whether a dependency means that one service calls the other, as opposed to the order of their start alone.

    It does not where one of them has no network of the project, where both share one network namespace, and where
    they have no network in common and nothing but the start is waited for.
    """
    if needed.condition == _ENDED or is_off_network(project, source) or is_off_network(project, needed.service):
        return False
    if namespace_owner(project, source) == namespace_owner(project, needed.service):
        return False
    common = network_keys(project, source) & network_keys(project, needed.service)
    return bool(common) or needed.condition != _STARTED


def _mentions(service: Service) -> Iterator[tuple[str, tuple[str, ...], Mention]]:
    """Yield (what names it, the key's path, the host) for all texts of a service."""
    for key, mention in in_environment(service.environment):
        if not _only_shared(service, key):
            yield f"environment {key}", ("environment", key), mention
    test = service.healthcheck.test[1:] if service.healthcheck else ()
    for why, words in (("command", service.command), ("entrypoint", service.entrypoint), ("healthcheck", test)):
        for mention in in_command(words):
            yield why, (why,), mention


def _only_shared(service: Service, key: str) -> bool:
    """Whether a variable comes to a datastore out of an env file that other services read too: it calls nobody."""
    return _from_env_file(service, key) and is_store(service)


def _from_env_file(service: Service, key: str) -> bool:
    source = service.places.get(("env_file",))
    return source is not None and service.places.get(("environment", key)) == source


def _meant(service: Service, path: tuple[str, ...], mention: Mention, target: Service | None) -> Mention:
    """Forget a ``*_PORT`` out of an env file that is the host's side of a publication: Compose itself uses it there."""
    if target is None or path[0] != "environment" or not mention.strong or mention.scheme:
        return mention
    host_side = any(port.published == str(mention.port) for port in target.ports)
    shared = _from_env_file(service, path[1]) and mention.port not in known_ports(target)
    return replace(mention, port=None) if host_side and shared else mention


def _family_port(target: Service, mention: Mention) -> int | None:
    """Return the port for clients of a well-known image, where a bare ``*_HOST`` names none."""
    return next(iter(family_ports(target)), None) if mention.strong and not mention.scheme else None
