"""Checks of ports on the host (IG3xx)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ..compose.model import Port, Project
from ..results import Severity
from .base import Draft, check

_ANY = ""


@check("IG301", Severity.ERROR)
def host_port_conflict(project: Project) -> Iterator[Draft]:
    """Two services publish the same port of the host, and only one of them can have it.

    Protocol and host address count: ``127.0.0.1:80`` and ``127.0.0.2:80`` go together, ``80`` and ``127.0.0.1:80`` do
    not, and ``53/udp`` is another port than ``53``. A range for one container port lets the engine choose, and is not
    looked at.

    Flagged::

        services:
          web:
            image: nginx:1.27
            ports: ["8080:80"]
          admin:
            image: nginx:1.27
            ports: ["127.0.0.1:8080:8080"]

    Accepted::

        services:
          web:
            image: nginx:1.27
            ports: ["127.0.0.1:8080:80"]
          admin:
            image: nginx:1.27
            ports: ["127.0.0.2:8080:80", "8080:80/udp"]
    """
    published = [(service, port) for service in project.services.values() for port in service.ports]
    for (first, one), (second, other) in combinations(published, 2):
        if _conflict(one, other):
            name = f"{other.published}/{other.protocol}"
            owner = "also published by this service" if first is second else f"already published by {first.name!r}"
            message = f"The host port {name} is {owner} ({one.location})."
            remedy = "Give one of them another host port, or leave the host port away and let the engine choose."
            yield Draft(second.name, message, remedy, other.location or second.place("ports"))


@check("IG302", Severity.ERROR)
def replicas_share_host_port(project: Project) -> Iterator[Draft]:
    """A service runs several times but publishes one fixed port of the host; only one replica can have it.

    Flagged::

        services:
          web:
            image: nginx:1.27
            ports: ["8080:80"]
            deploy: {replicas: 2}

    Accepted::

        services:
          web:
            image: nginx:1.27
            ports: ["8080-8081:80"]
            deploy: {replicas: 2}
          api:
            image: nginx:1.27
            ports: ["80"]
            deploy: {replicas: 3}
    """
    for service in project.services.values():
        for port in service.ports:
            if _width(port) < service.replicas:
                message = f"{service.replicas} replicas share the host port {port.published}."
                remedy = "Publish a range that has a port for each replica, or none and let the engine choose."
                yield Draft(service.name, message, remedy, port.location or service.place("ports"))


def _conflict(one: Port, other: Port) -> bool:
    """Whether two publications of fixed ports cannot both be had."""
    if one.protocol != other.protocol or one.published != other.published or _width(one) != 1:
        return False
    return any(
        family == other_family and (address == other_address or _ANY in (address, other_address))
        for family, address in _addresses(one)
        for other_family, other_address in _addresses(other)
    )


def _addresses(port: Port) -> tuple[tuple[str, str], ...]:
    """Return the address families with the address (any: empty) that a publication binds."""
    if not port.host_ip:
        return (("4", _ANY), ("6", _ANY))
    family = "6" if ":" in port.host_ip else "4"
    return ((family, _ANY if port.host_ip in ("0.0.0.0", "::") else port.host_ip),)  # noqa: S104  (compared, not bound)


def _width(port: Port) -> float:
    """Return how many host ports a publication may use; without bound where the engine chooses."""
    published = port.published or "0"
    if published == "0":
        return float("inf")
    first, _, last = published.partition("-")
    return int(last) - int(first) + 1 if first.isdigit() and last.isdigit() else 1
