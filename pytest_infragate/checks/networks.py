"""Checks of how services name and reach each other (IG3xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..check_options import CheckOptions, fits
from ..compose.model import Project, Service
from ..compose.mounted.calls import SCRAPED
from ..compose.names import alias_networks, hosts_file_names, leads_out, link_names, network_keys
from ..compose.own_address import own_addresses
from ..compose.ports import family_ports, known_ports
from ..compose.references import Reference, file_references, infer_edges, references
from ..compose.unresolved import unresolved_hosts
from ..results import Severity
from ..suggest import listed
from .base import Draft, check, check_with_options

_LOWEST_LIKELY_PORT = 1024


@check("IG303", Severity.ERROR)
def services_share_no_network(project: Project) -> Iterator[Draft]:
    """A service needs another one, but no network that both are on has the name that it calls, so that it does not resolve.

    An alias holds on its own network alone.
    Needs are read off ``depends_on`` with ``service_healthy``, variables, commands and healthchecks, as the gate's connectivity does.

    Flagged::

        services:
          api:
            image: ours:1.0
            networks: [front]
            environment:
              DATABASE_URL: postgresql://app@db:5432/app
          db:
            image: postgres:16
            networks: [back]
        networks: {front: {}, back: {}}

    Accepted::

        services:
          api:
            image: ours:1.0
            networks: [front, back]
            environment:
              DATABASE_URL: postgresql://app@db:5432/app
          db:
            image: postgres:16
            networks: [back]
        networks: {front: {}, back: {}}
    """
    aliases = alias_networks(project)
    for edge in infer_edges(project):
        source, target = network_keys(project, edge.source), network_keys(project, edge.target)
        if leads_out(project, edge.source, edge.hosts):
            continue
        if source and target and not source & target:
            message = (
                f"It needs {edge.target!r} ({edge.why}), but is on {listed(sorted(source), 'and')} "
                f"while {edge.target!r} is on {listed(sorted(target), 'and')}."
            )
            yield Draft(edge.source, message, "Put both on one network.", edge.location)
        for host in edge.hosts if source & target else ():
            held = aliases.get(host.lower(), source)
            if not held & source and host.lower() not in _own_names(project, project.services[edge.source]):
                message = (
                    f"It calls {edge.target!r} by the alias {host!r} ({edge.why}), which holds on "
                    f"{listed(sorted(held), 'and')} alone, but is on {listed(sorted(source), 'and')}."
                )
                remedy = f"Call it {edge.target}, or give it the alias on {listed(sorted(source & target), 'or')} too."
                yield Draft(edge.source, message, remedy, edge.location)


def _own_names(project: Project, service: Service) -> frozenset[str]:
    """Return the names that only this service knows."""
    return hosts_file_names(service) | frozenset(link_names(project, service))


@check_with_options("IG304", Severity.ERROR)
def host_names_no_service(project: Project, options: CheckOptions) -> Iterator[Draft]:
    """A variable, command, healthcheck, label or mounted configuration names a host that no service has, but one nearly has.

    Configuration is that of nginx, HAProxy, Caddy, Traefik, Envoy, Kong, Grafana and the OpenTelemetry Collector; of scrape
    targets IG550 tells.
    Names with dots, ``extra_hosts``, names of inactive services, and services on external networks or on the host's
    own are not looked at: their names may lead elsewhere. Names that resemble none are IG310, whose option
    ``known_hosts`` holds here too.

    Flagged::

        services:
          api:
            image: ours:1.0
            environment:
              REDIS_URL: redis://cahce:6379/0
          cache:
            image: redis:7.4

    Accepted::

        services:
          api:
            image: ours:1.0
            environment:
              REDIS_URL: redis://cache:6379/0
              MAIL_URL: smtp://mail.example.com
          cache:
            image: redis:7.4
    """
    for unresolved in unresolved_hosts(project):
        if unresolved.nearest is not None and not fits(unresolved.host, options.known_hosts):
            message = f"{unresolved.why} names the host {unresolved.host!r}, which no service has."
            remedy = f"Did you mean {unresolved.nearest!r}?"
            yield Draft(unresolved.source, message, remedy, unresolved.location)


@check("IG305", Severity.ERROR)
def wrong_port_in_reference(project: Project) -> Iterator[Draft]:
    """A variable, command or mounted configuration names a service with a port on which it does not listen inside the networks.

    Flagged is the host's side of a published port (``15432:5432`` is 5432 for other services), and another port than
    a well-known image's own where nothing in the file changes it. Other ports are left to the running stack to prove.

    Flagged::

        services:
          api:
            image: ours:1.0
            environment:
              DATABASE_URL: postgresql://app@db:15432/app
          db:
            image: postgres:16
            ports: ["15432:5432"]

    Accepted::

        services:
          api:
            image: ours:1.0
            environment:
              DATABASE_URL: postgresql://app@db:5432/app
          db:
            image: postgres:16
            ports: ["15432:5432"]
    """
    of_scraping = (one for one in file_references(project) if one.why != SCRAPED)
    for reference in (*references(project), *of_scraping):
        if reference.target is None or reference.target == reference.source:
            continue
        why = _why_wrong(reference, project.services[reference.target])
        if why is not None and not leads_out(project, reference.source, [reference.mention.host]):
            port, target = reference.mention.port, reference.target
            ports = listed(map(str, known_ports(project.services[target])), "and")
            message = f"{reference.why} names {target}:{port}, but {why}; inside the networks it listens on {ports}."
            yield Draft(reference.source, message, f"Use {target}:{ports}.", reference.location)


@check("IG306", Severity.ERROR)
def localhost_means_the_container(project: Project) -> Iterator[Draft]:
    """A variable names ``localhost`` with a port on which another service listens, and this one does not.

    Inside a container ``localhost`` is the container itself. Addresses for a browser (``http`` with a port that is
    published to the host) and variables about the service's own address are not looked at; those of a service that
    itself publishes ports, which may serve them to a browser, are IG315.

    Flagged::

        services:
          api:
            image: ours:1.0
            environment:
              DATABASE_URL: postgresql://app@localhost:5432/app
          db:
            image: postgres:16

    Accepted::

        services:
          api:
            image: ours:1.0
            environment:
              DATABASE_URL: postgresql://app@db:5432/app
              PUBLIC_URL: http://localhost:8080
          db:
            image: postgres:16
    """
    for own in own_addresses(project):
        if not own.for_browser:
            yield Draft(own.service, own.message, f"Use {own.listener}:{own.port}.", own.location)


def _why_wrong(reference: Reference, target: Service) -> str | None:
    """Return why the target cannot listen on the port that is named, ``None`` when it may."""
    port = reference.mention.port
    if port is None or port in known_ports(target):
        return None
    if any(str(port) == published.published for published in target.ports):
        return f"{port} is its port on the host"
    likely = reference.mention.strong or port >= _LOWEST_LIKELY_PORT
    return "that is not its port" if family_ports(target) and likely else None
