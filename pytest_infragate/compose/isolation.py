"""Takes out of a project what only one stack at a time can have on an engine, as a Compose override file; pure.

Container names, host ports, names of networks and volumes, address ranges of networks. The tags ``!reset`` and
``!override`` need Compose 2.24.4 or newer (compose-spec/compose-go#552). A former container name stays a host name, as
an alias on the networks of its service.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..results import Json
from .model import Port, Project, Resource, Service

OLDEST_COMPOSE = (2, 24, 4)
"""The first Compose that knows both tags."""
_JOINED = "container:"
_RESET = "!reset null"
_HOST = "host"


def override(project: Project) -> str:
    """Return the text of the override file; without anything fixed it changes nothing."""
    services = {name: list(_service(project, service)) for name, service in project.services.items()}
    networks = {key: list(_network(project, network)) for key, network in project.networks.items()}
    volumes = {key: list(_resource(volume)) for key, volume in project.volumes.items()}
    sections = (("services", services), ("networks", networks), ("volumes", volumes))
    lines = [line for title, found in sections for line in _section(title, found)]
    return "\n".join(lines or ["services: {}"]) + "\n"


def joined_by(project: Project, service: Service) -> str:
    """Return the service that joins another one's network by its container name; empty when none does.

    Such a container name cannot be taken away.
    """
    mode = f"{_JOINED}{service.container_name}"
    return next((other.name for other in project.services.values() if other.network_mode == mode), "")


def on_host_network(project: Project) -> tuple[Service, ...]:
    """Return the services whose ports are those of the host, which nothing can move."""
    return tuple(service for service in project.services.values() if service.network_mode == _HOST)


def fixed_addresses(project: Project, network: Resource) -> bool:
    """Whether a service has an address of its own in a network."""
    uses = (use for service in project.services.values() for use in service.networks if use.key == network.key)
    return any(use.ipv4_address or use.ipv6_address for use in uses)


def is_fixed(port: Port) -> bool:
    """Whether the files choose the port of the host, or a range of them."""
    return port.published not in (None, "0")


def _section(title: str, entries: dict[str, list[str]]) -> Iterator[str]:
    changed = {key: lines for key, lines in entries.items() if lines}
    if changed:
        yield f"{title}:"
    for key, lines in changed.items():
        yield f"  {json.dumps(key)}:"
        yield from (f"    {line}" for line in lines)


def _service(project: Project, service: Service) -> Iterator[str]:
    if service.container_name and not joined_by(project, service):
        yield f"container_name: {_RESET}"
        if service.networks:
            alias = {use.key: {"aliases": [service.container_name]} for use in service.networks}
            yield f"networks: {json.dumps(alias)}"
    if any(map(is_fixed, service.ports)):
        yield "ports: !override"
        yield from (f"  - {port}" for port in dict.fromkeys(map(_anywhere, service.ports)))


def _anywhere(port: Port) -> str:
    """Return a publication of the same port on the same address, with a host port of the engine's choice."""
    told: dict[str, Json] = {"target": port.target, "protocol": port.protocol}
    return json.dumps({**told, "host_ip": port.host_ip} if port.host_ip else told)


def _resource(resource: Resource) -> Iterator[str]:
    """Let Compose name a network or volume after the project; an external one is shared on purpose."""
    if resource.name and not resource.external:
        yield f"name: {_RESET}"


def _network(project: Project, network: Resource) -> Iterator[str]:
    yield from _resource(network)
    if _movable(project, network):
        yield f"ipam: {_RESET}"


def _movable(project: Project, network: Resource) -> bool:
    """Whether a network may get another address range: nobody has an address in it, and the engine has others to give.

    By default it has none for IPv6, and the ranges of other drivers than bridge mean something outside.
    """
    plain = network.driver in (None, "bridge") and not any(":" in subnet for subnet in network.subnets)
    return bool(network.subnets) and plain and not network.external and not fixed_addresses(project, network)
