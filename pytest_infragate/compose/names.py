"""Which host names reach which service inside a project's networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from .model import NetworkUse, Project, Service

_REMEMBERED = 4
"""Of so many projects the names are remembered: every edge asks for them."""

OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104  (read, not bound)
_SHARED = "service:"


def host_names(project: Project) -> dict[str, str]:
    """Return every name that Docker's resolver knows, in lower case, with the service that it leads to.

    A service's own name wins over an alias, ``container_name`` or ``hostname`` of another one.
    """
    names = {name.lower(): name for name in project.services}
    for service in project.services.values():
        for name in _further_names(service):
            names.setdefault(name.lower(), service.name)
    return names


class Directory:
    """Whom a name leads to, which depends on who calls it: an alias is often that of one service on each network."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._first = fixed_addresses(project) | host_names(project)
        self._holders: dict[str, dict[str, set[str]]] = {}
        for service in project.services.values():
            for name, networks in _held(service):
                self._holders.setdefault(name.lower(), {}).setdefault(service.name, set()).update(networks)

    def target(self, caller: Service, host: str) -> str | None:
        """Return the service that a caller reaches by a name or fixed address: by a link, or on a network of its own."""
        name = host.lower()
        linked = link_names(self._project, caller).get(name) if caller.links else None
        first, holders = self._first.get(name), self._holders.get(name, {})
        if linked or first is None or len(holders) < 2:
            return linked or first
        own = network_keys(self._project, caller.name)
        return next((service for service in (first, *holders) if holders.get(service, set()) & own), first)

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every name and fixed address, with each service that it may lead to."""
        yield from self._first.items()
        for name, holders in self._holders.items():
            yield from ((name, service) for service in holders)


@lru_cache(maxsize=_REMEMBERED)
def directory(project: Project) -> Directory:
    """Return whom the names of a project lead to."""
    return Directory(project)


def _held(service: Service) -> Iterator[tuple[str, set[str]]]:
    """Yield the names of a service, each with the networks on which it holds."""
    everywhere = {use.key for use in service.networks}
    yield from ((name, everywhere) for name in _names_everywhere(service))
    yield from ((alias, {use.key}) for use in service.networks for alias in use.aliases)


def alias_networks(project: Project) -> dict[str, frozenset[str]]:
    """Return the networks on which each alias holds, in lower case; names that a service has everywhere are left out."""
    everywhere = {name.lower() for service in project.services.values() for name in _names_everywhere(service)}
    found: dict[str, set[str]] = {}
    for service in project.services.values():
        for use in service.networks:
            for alias in use.aliases:
                found.setdefault(alias.lower(), set()).add(use.key)
    return {alias: frozenset(networks) for alias, networks in found.items() if alias not in everywhere}


def hosts_file_names(service: Service) -> frozenset[str]:
    """Return the names that ``extra_hosts`` gives to a service alone, in lower case."""
    return frozenset(entry.replace(":", "=", 1).partition("=")[0].lower() for entry in service.extra_hosts)


def leads_out(project: Project, caller: str, hosts: Iterable[str]) -> bool:
    """Return whether all these names are in the ``extra_hosts`` of a caller: what is there, such as a published port, no network says."""
    own = hosts_file_names(project.services[namespace_owner(project, caller)])
    names = [host.lower() for host in hosts]
    return bool(names) and own.issuperset(names)


def link_names(project: Project, service: Service) -> dict[str, str]:
    """Return the aliases that only this service knows (``links: ["db:database"]``), in lower case.

    A link to a service that there is not leads nowhere; Compose refuses such files, of which what is sound is checked too.
    """
    pairs = (link.partition(":") for link in service.links)
    return {(alias or target).lower(): target for target, _, alias in pairs if target in project.services}


def fixed_addresses(project: Project) -> dict[str, str]:
    """Return the addresses that the file gives to services on networks, with the service."""
    services = project.services.values()
    found = ((address, service.name) for service in services for use in service.networks for address in _addresses(use))
    return dict(found)


def namespace_owner(project: Project, name: str) -> str:
    """Return the service whose network a service uses: itself, or the one of ``network_mode: service:x``."""
    seen = {name}
    mode = project.services[name].network_mode or ""
    while mode.startswith(_SHARED):
        owner = mode.removeprefix(_SHARED)
        if owner in seen or owner not in project.services:
            break
        seen.add(owner)
        name, mode = owner, project.services[owner].network_mode or ""
    return name


def network_keys(project: Project, name: str) -> frozenset[str]:
    """Return the keys of the networks through which a service reaches others by name."""
    owner = project.services[namespace_owner(project, name)]
    return frozenset(use.key for use in owner.networks)


def is_off_network(project: Project, name: str) -> bool:
    """Whether a service uses the host's network, none, or that of a foreign container: names of services mean nothing there."""
    return bool(project.services[namespace_owner(project, name)].network_mode)


def _addresses(use: NetworkUse) -> tuple[str, ...]:
    return tuple(address for address in (use.ipv4_address, use.ipv6_address) if address)


def _further_names(service: Service) -> tuple[str, ...]:
    aliases = tuple(alias for use in service.networks for alias in use.aliases)
    return aliases + _names_everywhere(service)[1:]


def _names_everywhere(service: Service) -> tuple[str, ...]:
    """Return the names that a service has on all its networks, its own first."""
    return (service.name, *(name for name in (service.container_name, service.hostname) if name))
