"""Checks of what services call each other (IG31x)."""

from __future__ import annotations

from collections.abc import Iterator

from ..check_options import CheckOptions, fits
from ..compose.closure import Order
from ..compose.edges import Evidence
from ..compose.model import Project, Service
from ..compose.names import leads_out
from ..compose.own_address import own_addresses
from ..compose.ports import SCHEME_PORTS, declared_ports, family_ports
from ..compose.references import infer_edges, references
from ..compose.unresolved import unresolved_hosts
from ..results import Severity
from ..suggest import listed
from .base import Draft, check, check_with_options

_LONGEST_LABEL = 63


@check_with_options("IG310", Severity.WARNING, dev=Severity.INFO)
def host_unknown(project: Project, options: CheckOptions) -> Iterator[Draft]:
    """A variable, URL, label or mounted configuration names a host of one word that nothing in the files has.

    It may not resolve, then; nginx and HAProxy do not even start with such a host.
    Known are services, their aliases, ``container_name``, ``hostname``, ``links`` and ``extra_hosts``. Names with dots
    lead outside and are not looked at, nor is a service on an external network. Where a service has nearly that name,
    it is IG304, which fails.

    Options: ``known_hosts``, hosts that are there though no file has them, with ``*`` for any text (``build-*``).

    References: Compose documentation, "Networking in Compose".

    Flagged::

        services:
          api:
            image: ours:1.0
            environment:
              MAIL_URL: smtp://postbox:25

    Accepted::

        services:
          api:
            image: ours:1.0
            environment:
              MAIL_URL: smtp://postbox:25
            extra_hosts: ["postbox:10.0.0.7"]
    """
    told = set()
    for unresolved in unresolved_hosts(project):
        # One line of a shared env file is told once, not for each service that reads it.
        shared = project.services[unresolved.source].place("env_file") == unresolved.location
        key = (unresolved.host, unresolved.why, "" if shared else unresolved.source)
        if fits(unresolved.host, options.known_hosts):
            continue
        if unresolved.nearest is None and key not in told:
            told.add(key)
            message = f"{unresolved.why} names the host {unresolved.host!r}, which nothing in the files has."
            remedy = "Add the service, or say where the host is with extra_hosts, a network alias or its full name."
            yield Draft(unresolved.source, message, remedy, unresolved.location)


@check("IG311", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def service_name_no_host_name(project: Project) -> Iterator[Draft]:
    """A URL names a service by a name that is no valid host name: with an underscore, or with more than 63 letters.

    Docker resolves it, but many programs refuse such a host in a URL or in the ``Host`` header (Java's ``URI``, Django,
    Tomcat), and DNS has no longer names. Only names inside URLs are looked at.

    References: RFC 1123 section 2.1; RFC 3986 section 3.2.2.

    Flagged::

        services:
          web:
            image: ours:1.0
            environment:
              BACKEND_URL: http://api_backend:8000
          api_backend:
            image: theirs:1.0

    Accepted::

        services:
          web:
            image: ours:1.0
            environment:
              BACKEND_URL: http://api-backend:8000
          api_backend:
            image: theirs:1.0
            networks:
              default:
                aliases: [api-backend]
    """
    for reference in references(project):
        fault = _fault_of_name(reference.mention.host)
        if fault and reference.mention.scheme and reference.target not in (None, reference.source):
            host = reference.mention.host
            remedy = f"Rename the service, or give it an alias such as {host.replace('_', '-')[:_LONGEST_LABEL]!r} and use that."
            yield Draft(reference.source, f"{reference.why} calls {host!r}, {fault}.", remedy, reference.location)


@check("IG312", Severity.WARNING, dev=Severity.INFO)
def port_not_declared(project: Project) -> Iterator[Draft]:
    """A variable or command calls a service on a port that its ``ports`` and ``expose`` do not name, though they name others.

    Inside the networks every port can be reached, declared or not, so this proves nothing; but it often is a typing
    error. What certainly fails is IG305. A port that the target's own healthcheck, command or variables name is fine.

    Flagged::

        services:
          web:
            image: ours:1.0
            environment:
              API_URL: http://api:9000
          api:
            image: theirs:1.0
            expose: ["8000"]

    Accepted::

        services:
          web:
            image: ours:1.0
            environment:
              API_URL: http://api:8000
          api:
            image: theirs:1.0
            expose: ["8000"]
    """
    for reference in references(project):
        target = project.services.get(reference.target or "")
        port = reference.mention.port
        if target is None or target.name == reference.source or port is None or not _is_undeclared(port, target):
            continue
        if port == SCHEME_PORTS.get(reference.mention.scheme):
            # Programs that are told a port elsewhere are given such addresses without one.
            continue
        if leads_out(project, reference.source, [reference.mention.host]):
            continue
        ports = listed(map(str, sorted(declared_ports(target))), "and")
        message = f"{reference.why} names {target.name}:{port}, but {target.name!r} declares {ports} alone."
        yield Draft(reference.source, message, f"Correct the port, or add {port} to expose.", reference.location)


@check("IG313", Severity.INFO, strict=Severity.WARNING)
def dependency_not_declared(project: Project) -> Iterator[Draft]:
    """A service calls another one, but no ``depends_on`` puts it behind that one, so that it may start too early.

    Needs are read off variables, commands and healthchecks, and dependencies of dependencies count. A service on which
    the other one depends in turn is not asked to wait for it, and variables out of env files, which services often share,
    do not count.

    References: Compose documentation, "Control startup and shutdown order".

    Flagged::

        services:
          api:
            image: ours:1.0
            environment:
              DATABASE_URL: postgresql://app@db:5432/app
          db:
            image: postgres:16

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on: [db]
            environment:
              DATABASE_URL: postgresql://app@db:5432/app
          db:
            image: postgres:16
    """
    order = Order(project)
    told = set()
    for edge in infer_edges(project):
        if edge.evidence is not Evidence.TEXT:
            continue
        pair = (edge.source, edge.target)
        shared = project.services[edge.source].place("env_file") == edge.location
        if pair not in told and not shared and not order.waits(*pair) and not order.waits(edge.target, edge.source):
            told.add(pair)
            message = f"It needs {edge.target!r} ({edge.why}), but does not wait for it."
            remedy = f"Add {edge.target} to depends_on, with condition: service_healthy where it has a healthcheck."
            yield Draft(edge.source, message, remedy, edge.location)


@check("IG314", Severity.INFO, strict=Severity.WARNING)
def links_are_obsolete(project: Project) -> Iterator[Draft]:
    """A service uses ``links``, which Docker calls a legacy feature: on the same network names resolve without it.

    References: Compose documentation, "Networking in Compose"; Docker documentation, "Legacy container links".

    Flagged::

        services:
          api:
            image: ours:1.0
            links: ["db:database"]
          db:
            image: postgres:16

    Accepted::

        services:
          api:
            image: ours:1.0
            depends_on: [db]
          db:
            image: postgres:16
            networks:
              default:
                aliases: [database]
    """
    for service in project.services.values():
        for link in service.links:
            target, _, alias = link.partition(":")
            kept = f", give {target} the network alias {alias!r}" if alias and alias != target else ""
            remedy = f"Remove the link{kept} and put {target} under depends_on, whose order the link gave."
            yield Draft(service.name, f"links names {link!r}.", remedy, service.place("links", target))


@check("IG315", Severity.WARNING, dev=Severity.INFO)
def localhost_for_a_browser(project: Project) -> Iterator[Draft]:
    """A web address names ``localhost`` with a port on which another service listens, but which the host does not have.

    It may be meant for a browser, since the service publishes ports itself; then the port must be published too. If the
    service itself calls it, it calls its own container. What a browser cannot be meant to call is IG306, which fails.

    Flagged::

        services:
          web:
            image: ours:1.0
            ports: ["8080:80"]
            environment:
              API_URL: http://localhost:8000
          api:
            image: theirs:1.0
            expose: ["8000"]

    Accepted::

        services:
          web:
            image: ours:1.0
            ports: ["8080:80"]
            environment:
              API_URL: http://localhost:8000
          api:
            image: theirs:1.0
            ports: ["8000:8000"]
    """
    for own in own_addresses(project):
        if own.for_browser:
            message = f"{own.message} A browser cannot reach it either: no service publishes the host port {own.port}."
            remedy = f"Use {own.listener}:{own.port} if the service calls it, or publish the port for browsers."
            yield Draft(own.service, message, remedy, own.location)


def _fault_of_name(host: str) -> str:
    """Return why a name is no host name, as the end of a sentence; empty when it is one."""
    if "_" in host:
        return "which has an underscore and so is no valid host name"
    too_long = any(len(label) > _LONGEST_LABEL for label in host.split("."))
    return f"which is longer than the {_LONGEST_LABEL} letters of a host name" if too_long else ""


def _is_undeclared(port: int, target: Service) -> bool:
    """Whether a service declares ports of its own, and nothing that the file says of it names this one."""
    declared = declared_ports(target)
    if not declared or port in declared or family_ports(target) or _is_host_side(port, target):
        return False
    test = target.healthcheck.test if target.healthcheck else ()
    texts = (*target.environment.values(), *target.command, *target.entrypoint, *target.labels.values(), *test)
    return not any(str(port) in text for text in texts)


def _is_host_side(port: int, target: Service) -> bool:
    """Whether it is a host port of the service, which IG305 tells."""
    return any(str(port) == entry.published for entry in target.ports)
