"""Checks of who can reach what from outside (IG3xx)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..check_options import WEB_PORTS, CheckOptions
from ..compose.model import Port, Project, Service
from ..compose.names import network_keys
from ..compose.ports import is_published, is_store
from ..compose.references import infer_edges
from ..results import Severity
from ..suggest import listed
from .base import Draft, check, check_with_options

_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  (compared, not bound)
_FIRST_FREE = 1024


@check_with_options("IG338", Severity.INFO, strict=Severity.ERROR)
def port_open_on_all_addresses(project: Project, options: CheckOptions) -> Iterator[Draft]:
    """A service publishes a port on every address of the host, so that the whole network reaches it.

    The engine's own rules come before those of a firewall like ufw. The web's ports 80 and 443 are not looked at, and
    databases are IG340.

    Options: ``public_ports``, the host ports that are meant for everybody, in place of 80 and 443.

    References: CIS Docker 5.14; OWASP Docker rule 5a.

    Flagged::

        services:
          admin:
            image: ours/admin:1.0
            ports: ["8080:80"]

    Accepted::

        services:
          admin:
            image: ours/admin:1.0
            ports: ["127.0.0.1:8080:80"]
          web:
            image: ours:1.0
            ports: ["80:80"]
    """
    for service in project.services.values():
        for port in _open_ports(service):
            if not is_store(service) and _number(port) not in options.public_ports:
                yield _exposed(service, port, f"The port {_shown(port)} is open on every address of the host.")


@check("IG340", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def store_open_on_all_addresses(project: Project) -> Iterator[Draft]:
    """A database, queue or object store is published on every address of the host.

    Other services reach it without a published port. The engine's own rules come before those of a firewall like ufw.

    References: CIS Docker 5.14; OWASP Docker rule 5a.

    Flagged::

        services:
          db:
            image: postgres:16
            ports: ["5432:5432"]

    Accepted::

        services:
          db:
            image: postgres:16
            ports: ["127.0.0.1:5432:5432"]
    """
    for service in project.services.values():
        for port in _open_ports(service):
            if is_store(service):
                what = f"The port {_shown(port)} of {service.image!r}"
                yield _exposed(service, port, f"{what} is open on every address of the host.")


@check("IG343", Severity.INFO, strict=Severity.WARNING)
def privileged_host_port(project: Project) -> Iterator[Draft]:
    """A service publishes a port of the host below 1024, which a rootless engine may not open.

    The web's ports 80 and 443 are not looked at.

    References: CIS Docker 5.8; OWASP Docker rule 11.

    Flagged::

        services:
          mail:
            image: ours/mail:1.0
            ports: ["127.0.0.1:25:25"]

    Accepted::

        services:
          mail:
            image: ours/mail:1.0
            ports: ["127.0.0.1:2525:25"]
    """
    for service in project.services.values():
        for port in service.ports:
            number = _number(port)
            if 0 < number < _FIRST_FREE and number not in WEB_PORTS:
                message = f"It needs the host port {port.published}/{port.protocol}, which only root may open."
                remedy = f"Publish it on a port from {_FIRST_FREE} on."
                yield Draft(service.name, message, remedy, port.location or service.place("ports"))


@check("IG342", Severity.INFO, strict=Severity.WARNING)
def store_beside_published_service(project: Project) -> Iterator[Draft]:
    """A service that the world reaches is on one network with a database that it does not need.

    Who breaks into the one reaches the other. Needs are read off ``depends_on``, variables, commands and healthchecks.

    References: CIS Docker 5.30; OWASP Docker rule 5.

    Flagged::

        services:
          edge:
            image: ours/edge:1.0
            ports: ["80:80"]
            environment: {UPSTREAM: "http://api:8000"}
          api:
            image: ours:1.0
            environment: {DATABASE_URL: "postgresql://app@db:5432/app"}
          db:
            image: postgres:16

    Accepted::

        services:
          edge:
            image: ours/edge:1.0
            ports: ["80:80"]
            networks: [front]
            environment: {UPSTREAM: "http://api:8000"}
          api:
            image: ours:1.0
            networks: [front, back]
            environment: {DATABASE_URL: "postgresql://app@db:5432/app"}
          db:
            image: postgres:16
            networks: [back]
        networks: {front: {}, back: {}}
    """
    stores: defaultdict[str, set[str]] = defaultdict(set)
    for service in project.services.values():
        if is_store(service):
            for key in network_keys(project, service.name):
                stores[key].add(service.name)
    needed: defaultdict[str, set[str]] = defaultdict(set)
    for edge in infer_edges(project) if stores else ():
        needed[edge.source].add(edge.target)
    for service in project.services.values():
        beside = set().union(*(stores[key] for key in network_keys(project, service.name) if key in stores))
        if not is_store(service) and any(_open_ports(service)) and beside - needed[service.name]:
            names = listed(map(repr, sorted(beside - needed[service.name])), "and")
            message = f"It is published, and on one network with {names}, which it does not need."
            yield Draft(service.name, message, "Put stores on a network of their own.", service.place("networks"))


def _open_ports(service: Service) -> Iterator[Port]:
    """Yield the ports that are published on all addresses."""
    if is_published(service):
        yield from (port for port in service.ports if _host(port) in _EVERYWHERE)


def _exposed(service: Service, port: Port, message: str) -> Draft:
    remedy = (
        f"Publish it on 127.0.0.1 ({port.target} inside), or not at all where only services of the project need it."
    )
    return Draft(service.name, message, remedy, port.location or service.place("ports"))


def _host(port: Port) -> str:
    """Return the address of a publication; Compose also takes it in front of ``published``."""
    return port.host_ip or (port.published or "").rpartition(":")[0]


def _number(port: Port) -> int:
    """Return the first host port, 0 where the engine chooses."""
    first = (port.published or "0").partition("-")[0]
    return int(first) if first.isdigit() else 0


def _shown(port: Port) -> str:
    return f"{port.published or '(any)'}:{port.target}/{port.protocol}"
