"""Checks of services that leave the networks of the project (IG3xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Port, Project, Service
from ..results import Location, Severity
from .base import Draft, check

_JOINING = ("service:", "container:")
_HOST, _NONE, _BRIDGE = "host", "none", "bridge"


@check("IG330", Severity.ERROR)
def ports_in_joined_network(project: Project) -> Iterator[Draft]:
    """A service in the network of another container publishes or exposes ports; the engine refuses to create it.

    The ports belong to the service whose network it is.

    References: Compose documentation, services, network_mode.

    Flagged::

        services:
          vpn:
            image: ours/vpn:1.0
          app:
            image: ours:1.0
            network_mode: service:vpn
            ports: ["8080:80"]

    Accepted::

        services:
          vpn:
            image: ours/vpn:1.0
            ports: ["8080:80"]
          app:
            image: ours:1.0
            network_mode: service:vpn
    """
    for service in project.services.values():
        mode = service.network_mode or ""
        if mode.startswith(_JOINING) and service.ports:
            owner = mode.partition(":")[2]
            message = f"It publishes ports but uses the network of {owner!r}, which the engine refuses."
            yield Draft(service.name, message, f"Publish them on {owner!r}.", _place(service))


@check("IG331", Severity.ERROR, dev=Severity.WARNING)
def published_port_is_dropped(project: Project) -> Iterator[Draft]:
    """A service in the host's network, or in none, publishes a port; the engine drops that without a word.

    With ``network_mode: host`` the container listens on the host itself, so ``8080:80`` does not exist: it is 80. The
    same number on both sides is IG336.

    References: Compose documentation, services, ports.

    Flagged::

        services:
          web:
            image: ours:1.0
            network_mode: host
            ports: ["8080:80"]

    Accepted::

        services:
          web:
            image: ours:1.0
            ports: ["8080:80"]
    """
    for service in project.services.values():
        for port in service.ports:
            if service.network_mode == _NONE or (service.network_mode == _HOST and not _same(port)):
                shown = f"{port.published or '(any)'}:{port.target}"
                message = f"The published port {shown} is dropped because of network_mode: {service.network_mode}."
                remedy = "Remove network_mode, or the ports."
                yield Draft(service.name, message, remedy, port.location or service.place("ports"))


@check("IG336", Severity.WARNING, dev=Severity.INFO)
def ports_without_effect(project: Project) -> Iterator[Draft]:
    """A service in the host's network lists its ports as published, which has no effect.

    References: Compose documentation, services, ports.

    Flagged::

        services:
          web:
            image: ours:1.0
            network_mode: host
            ports: ["8080:8080"]

    Accepted::

        services:
          web:
            image: ours:1.0
            network_mode: host
    """
    for service in project.services.values():
        if service.network_mode == _HOST and service.ports and all(map(_same, service.ports)):
            message = "The entries of ports have no effect because of network_mode: host."
            yield Draft(service.name, message, "Remove ports.", _place(service))


@check("IG339", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def host_network(project: Project) -> Iterator[Draft]:
    """A service uses the host's own network: it reaches everything that listens there, and other services not by name.

    References: CIS Docker 5.10; OWASP Docker rule 5.

    Flagged::

        services:
          agent:
            image: ours/agent:1.0
            network_mode: host

    Accepted::

        services:
          agent:
            image: ours/agent:1.0
    """
    for service in project.services.values():
        if service.network_mode == _HOST:
            message = "It uses the host's own network."
            remedy = "Give it a network of the project, and publish the ports that it needs."
            yield Draft(service.name, message, remedy, service.place("network_mode"))


@check("IG341", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def default_bridge(project: Project) -> Iterator[Draft]:
    """A service uses the engine's default bridge, where services have no names and every foreign container is.

    References: CIS Docker 5.30; Docker documentation, bridge network driver.

    Flagged::

        services:
          app:
            image: ours:1.0
            network_mode: bridge

    Accepted::

        services:
          app:
            image: ours:1.0
    """
    for service in project.services.values():
        if service.network_mode == _BRIDGE:
            message = "It uses the engine's default bridge, on which names of services do not resolve."
            remedy = "Remove network_mode: Compose gives the project a network of its own."
            yield Draft(service.name, message, remedy, service.place("network_mode"))


@check("IG344", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def published_on_internal_network(project: Project) -> Iterator[Draft]:
    """A service publishes ports, but all its networks are internal, so the host cannot reach it there.

    References: Compose documentation, networks, internal.

    Flagged::

        services:
          web:
            image: ours:1.0
            ports: ["8080:80"]
            networks: [back]
        networks: {back: {internal: true}}

    Accepted::

        services:
          web:
            image: ours:1.0
            ports: ["8080:80"]
            networks: [front, back]
        networks: {front: {}, back: {internal: true}}
    """
    for service in project.services.values():
        used = [project.networks[use.key] for use in service.networks if use.key in project.networks]
        if service.ports and used and all(network.internal for network in used):
            message = "It publishes ports, but every network that it is on is internal."
            remedy = "Put it on a network that is not internal as well, or remove the ports."
            yield Draft(service.name, message, remedy, _place(service))


@check("IG345", Severity.WARNING, dev=Severity.INFO)
def settings_of_external_network(project: Project) -> Iterator[Draft]:
    """A network that exists outside the project has settings in the file, which have no effect.

    References: Compose documentation, networks, external.

    Flagged::

        services:
          web:
            image: ours:1.0
            networks: [shared]
        networks:
          shared: {external: true, internal: true}

    Accepted::

        services:
          web:
            image: ours:1.0
            networks: [shared]
        networks:
          shared: {external: true, name: company}
    """
    for network in project.networks.values():
        given = sorted(
            key for key, value in network.resolved.items() if value and key not in ("name", "external", "ipam")
        )
        if network.external and given:
            message = f"The network is external, so what the file says of it has no effect: {', '.join(given)}."
            yield Draft(network.key, message, "Remove these keys, or external.", network.location)


def _same(port: Port) -> bool:
    """Whether the host's side says nothing else than the container's."""
    return port.published in (None, "0", str(port.target))


def _place(service: Service) -> Location:
    return service.ports[0].location or service.place("ports")
