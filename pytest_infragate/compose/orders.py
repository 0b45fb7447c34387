"""Which entries of ``depends_on`` mean that one service calls the other, as opposed to the order of their start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .announced import announcing_proxies
from .edges import Edge, Evidence
from .model import Dependency, Project, Service
from .names import is_off_network, namespace_owner, network_keys
from .ports import is_store
from .programs import is_coordinated, is_helper, is_proxy, same_program

_STARTED = "service_started"
_ENDED = "service_completed_successfully"
"""A dependency on something that has ended is an order, not a need to reach it."""


def from_dependencies(project: Project, called: Iterable[Edge]) -> Iterator[Edge]:
    """Yield what ``depends_on`` states, which names no port, beside the edges that texts state.

    A service in the network namespace of another one has no name of its own: it is reached as that other one.
    """
    proxies = announcing_proxies(project)
    targets: defaultdict[str, set[str]] = defaultdict(set)
    for edge in called:
        targets[edge.source].add(edge.target)
    for service in project.services.values():
        for needed in service.depends_on:
            other = project.services.get(needed.service)
            if other is None or other.name in proxies or not _is_need(project, service, needed):
                # A proxy that looks for its services itself calls them, not the other way round.
                continue
            if _calls(service, other, alike=bool(targets[service.name] & targets[other.name])):
                place = needed.location or service.place("depends_on", other.name)
                yield Edge(
                    service.name, namespace_owner(project, other.name), None, "depends_on", place, Evidence.ORDER
                )


def _is_need(project: Project, service: Service, needed: Dependency) -> bool:
    """Whether a dependency can mean a call at all.

    It does not where one of them has no network of the project, where both share one network namespace, and where
    they have no network in common and nothing but the start is waited for.
    """
    source = service.name
    if needed.condition == _ENDED or is_off_network(project, source) or is_off_network(project, needed.service):
        return False
    if namespace_owner(project, source) == namespace_owner(project, needed.service):
        return False
    common = network_keys(project, source) & network_keys(project, needed.service)
    return bool(common) or needed.condition != _STARTED


def _calls(service: Service, other: Service, *, alike: bool) -> bool:
    """Whether what the two services are speaks for a call, where the dependency is all that is known.

    Datastores call only their like and what coordinates them. An application and its worker, which are one program and
    call the same services (``alike``), wait for each other's migrations, unless one of them hands requests on. What only
    prepares something is waited for.
    """
    if is_helper(other):
        return False
    same = same_program(service, other)
    if is_store(service):
        return same or is_coordinated(service, other)
    return not (same and alike) or is_proxy(service)
