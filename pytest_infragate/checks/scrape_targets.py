"""Checks of what a Prometheus of the stack is told to watch (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..compose.model import Project, Service
from ..compose.names import OWN_HOSTS, host_names, is_off_network, namespace_owner
from ..compose.node import Node
from ..compose.ports import known_ports
from ..compose.source import SourceError, load_documents, parse_documents
from ..compose.trees import shown
from ..compose.values import objects, text
from ..results import Location, Severity
from ..suggest import nearest
from .base import Draft, check

_CONFIGURATION = ("prometheus.yml", "prometheus.yaml")


@dataclass(frozen=True)
class _Target:
    """A host with its port that is to be scraped, and where that is written."""

    host: str
    port: int | None
    location: Location


@check("IG550", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def scrape_target_names_no_service(project: Project) -> Iterator[Draft]:
    """The ``prometheus.yml`` of a service names a target that no service has, or ``localhost`` where another one listens.

    Looked at are the ``static_configs`` of its ``scrape_configs``, in a file that is mounted and in ``configs``. Names
    with dots, names of inactive services, and a Prometheus on an external network or the host's are not looked at.

    References: Prometheus documentation, Configuration, static_config.

    Flagged::

        services:
          prometheus:
            image: prom/prometheus:v2.54.1
            configs: [{source: scrape, target: /etc/prometheus/prometheus.yml}]
          api:
            image: ours:1.0
        configs:
          scrape:
            content: "scrape_configs: [{job_name: api, static_configs: [{targets: ['appi:8000']}]}]"

    Accepted::

        services:
          prometheus:
            image: prom/prometheus:v2.54.1
            configs: [{source: scrape, target: /etc/prometheus/prometheus.yml}]
          api:
            image: ours:1.0
        configs:
          scrape:
            content: "scrape_configs: [{job_name: api, static_configs: [{targets: ['api:8000', 'localhost:9090']}]}]"
    """
    names: dict[str, str] = {}
    for service in project.services.values():
        for target in _targets(project, service):
            names = names or host_names(project)
            message = _wrong(project, service, target, names)
            if message:
                near = nearest(target.host, names)
                remedy = f"Did you mean {near!r}?" if near else "Name the service that is to be watched."
                yield Draft(service.name, message, remedy, target.location)


def _wrong(project: Project, service: Service, target: _Target, names: dict[str, str]) -> str:
    """Return in words why a target cannot be scraped; empty when it may."""
    if target.host in OWN_HOSTS:
        listener = _listener(project, service, target.port)
        where = f"{target.host}:{target.port}"
        return f"It scrapes {where}, which is its own container; {listener!r} listens there." if listener else ""
    known = target.host in names or target.host in project.inactive_services or "." in target.host
    return "" if known else f"It scrapes {target.host!r}, which no service is called."


def _listener(project: Project, service: Service, port: int | None) -> str | None:
    """Return another service that listens on a port, unless one in the service's own network may do so."""
    owner = namespace_owner(project, service.name)
    listening = [other.name for other in project.services.values() if port in known_ports(other)]
    mine = any(namespace_owner(project, name) == owner for name in listening)
    return None if mine or not listening else listening[0]


def _targets(project: Project, service: Service) -> Iterator[_Target]:
    """Yield what a service is told to scrape by name; nothing where names may lead out of the project."""
    external = any(use.key in project.networks and project.networks[use.key].external for use in service.networks)
    if external or is_off_network(project, service.name):
        return
    for document, place in _documents(project, service):
        for job in _list(document, "scrape_configs"):
            for group in _list(job, "static_configs"):
                for written in _list(group, "targets"):
                    host, _, port = written.text.rpartition(":")
                    yield _Target(
                        (host or port).lower(),
                        int(port) if host and port.isdigit() else None,
                        place or written.location,
                    )


def _documents(project: Project, service: Service) -> Iterator[tuple[Node, Location | None]]:
    """Yield what Prometheus reads, with the place to blame where it is no file of its own; what cannot be read is left out."""
    for mount in service.mounts:
        if mount.target.endswith(_CONFIGURATION) and mount.source:
            yield from ((root, None) for root in _loaded(project, mount.source))
    for use in objects(service.resolved, "configs"):
        config = project.configs.get(text(use, "source") or "")
        if config is None or not (text(use, "target") or "").endswith(_CONFIGURATION):
            continue
        if config.file:
            yield from ((root, None) for root in _loaded(project, config.file))
        yield from ((root, config.location) for root in _parsed(text(config.resolved, "content") or ""))


def _loaded(project: Project, file: str) -> tuple[Node, ...]:
    try:
        return load_documents(Path(file), shown(Path(file), project.directory))
    except SourceError:
        return ()


def _parsed(content: str) -> tuple[Node, ...]:
    try:
        return parse_documents(content, "")
    except SourceError:
        return ()


def _list(node: Node, key: str) -> tuple[Node, ...]:
    found = node.get(key)
    return found.elements if found is not None else ()
