"""Checks of what a Prometheus of the stack is told to watch (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..compose.model import Project, Service
from ..compose.names import OWN_HOSTS, host_names, is_off_network, namespace_owner
from ..compose.ports import known_ports
from ..compose.references import may_be_given_files
from ..results import Severity
from ..suggest import nearest
from .base import Draft, check

if TYPE_CHECKING:
    from ..compose.mounted.calls import Call


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
                near = nearest(target.mention.host.lower(), names)
                remedy = f"Did you mean {near!r}?" if near else "Name the service that is to be watched."
                yield Draft(service.name, message, remedy, target.location)


def _wrong(project: Project, service: Service, target: Call, names: dict[str, str]) -> str:
    """Return in words why a target cannot be scraped; empty when it may."""
    host, port = target.mention.host.lower(), target.mention.port
    if host in OWN_HOSTS:
        listener = _listener(project, service, port)
        return f"It scrapes {host}:{port}, which is its own container; {listener!r} listens there." if listener else ""
    known = host in names or host in project.inactive_services or "." in host
    return "" if known else f"It scrapes {host!r}, which no service is called."


def _listener(project: Project, service: Service, port: int | None) -> str | None:
    """Return another service that listens on a port, unless one in the service's own network may do so."""
    owner = namespace_owner(project, service.name)
    listening = [other.name for other in project.services.values() if port in known_ports(other)]
    mine = any(namespace_owner(project, name) == owner for name in listening)
    return None if mine or not listening else listening[0]


def _targets(project: Project, service: Service) -> Iterator[Call]:
    """Yield what a service is told to scrape by name; nothing where names may lead out of the project."""
    external = any(use.key in project.networks and project.networks[use.key].external for use in service.networks)
    if external or is_off_network(project, service.name) or not may_be_given_files(service):
        return
    from ..compose.mounted.prometheus import prometheus, scraped  # loaded where there is something to read
    from ..compose.mounted.texts import configurations

    for written, read in configurations(project, service):
        if read is prometheus:
            yield from scraped(written)
