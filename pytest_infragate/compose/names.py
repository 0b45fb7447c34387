"""Which host names reach which service inside a project's networks."""

from __future__ import annotations

from .model import NetworkUse, Project, Service

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
