"""Checks of whom a healthcheck asks, and of whether what it asks for is there (IG5xx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ..compose.mentions import Mention, in_command
from ..compose.model import Project, Service
from ..compose.names import OWN_HOSTS, host_names, namespace_owner
from ..compose.ports import SCHEME_PORTS, known_ports
from ..results import Severity
from ..suggest import listed
from .base import Draft, check
from .health_commands import commands, program
from .image_families import MYSQL, POSTGRES, is_of
from .image_programs import missing_program

_REMEMBERED, _REMEMBERED_COMMANDS = 2, 4096
"""Of so many projects and commands what was found is remembered: several checks ask for it."""
_NO_PROBE = frozenset(
    {"exit", "echo", "grep", "true", "false", "test", "[", "sleep", "cat", "printf", "fi", "done", "}"}
)
_OTHER_PROTOCOLS = frozenset(SCHEME_PORTS.values()) - {80, 443} | {2222}
"""Ports on which nobody serves web pages."""
_PING = frozenset({"mysqladmin", "mariadb-admin"})
_POSTGRES_HOST = re.compile(r"-\w*h|--host")
_MYSQL_HOST = re.compile(r"(?:-h\s*|--host[= ]\s*)(?!localhost\b)\S|--protocol[= ]\s*tcp", re.IGNORECASE)


@check("IG513", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def healthcheck_program_missing(project: Project) -> Iterator[Draft]:
    """A healthcheck calls a program that its image is known not to contain, so the service never becomes healthy.

    Known are the usual cases alone: ``curl`` in images on Alpine, ``curl`` and ``wget`` in slim images on Debian, any
    shell in images without one. Built images, and services whose command installs the program, are not looked at.

    Flagged::

        services:
          db:
            image: postgres:16-alpine
            healthcheck:
              test: curl -f http://localhost:8008/health

    Accepted::

        services:
          db:
            image: postgres:16-alpine
            healthcheck:
              test: wget -qO- http://localhost:8008/health
    """
    for service in _tested(project):
        found = missing_program(service)
        if found is not None:
            message = f"The healthcheck calls {found.program!r}, which the image {service.image!r} does not contain."
            yield Draft(service.name, message, found.remedy, service.place("healthcheck", "test"))


@check("IG517", Severity.ERROR, dev=Severity.WARNING)
def healthcheck_asks_another_service(project: Project) -> Iterator[Draft]:
    """A healthcheck asks another service alone, so it says nothing about its own.

    The service counts as healthy while it is dead, and as unhealthy when only the other one is.

    Flagged::

        services:
          api:
            image: ours:1.0
            healthcheck:
              test: curl -f http://search:9200/
          search:
            image: ours/search:1.0
            expose: ["9200"]

    Accepted::

        services:
          api:
            image: ours:1.0
            healthcheck:
              test: curl -f http://localhost:8000/health
          search:
            image: ours/search:1.0
            expose: ["9200"]
    """
    names = host_names(project)
    for service in _tested(project):
        others = [_others(project, service, words, names) for words in _probes(service)]
        if others and all(others):
            asked = listed(sorted(set().union(*others)), "and")
            message = f"The healthcheck asks {asked} and nothing of {service.name!r} itself."
            remedy = "Ask the service itself, at localhost; wait for others with depends_on."
            yield Draft(service.name, message, remedy, service.place("healthcheck", "test"))


@check("IG518", Severity.WARNING, dev=Severity.INFO)
def healthcheck_port_unknown(project: Project) -> Iterator[Draft]:
    """A healthcheck asks a port of its own service that nothing else in the file speaks of.

    Looked at are services that declare ports, and not those of other protocols like SSH alone: the web page beside them
    may well be for a proxy. A port that a variable, the command or a label names is known.

    Flagged::

        services:
          web:
            image: ours:1.0
            expose: ["8000"]
            healthcheck:
              test: curl -f http://localhost:8080/health

    Accepted::

        services:
          web:
            image: ours:1.0
            expose: ["8000"]
            healthcheck:
              test: curl -f http://localhost:8000/health
    """
    for service, port in _odd_ports(project):
        if not _is_host_side(service, port) and not _OTHER_PROTOCOLS.issuperset(known_ports(service)):
            ports = listed(map(str, known_ports(service)), "and")
            message = f"The healthcheck asks port {port}, but the service declares {ports}."
            remedy = f"Ask {ports}, or declare {port} under expose."
            yield Draft(service.name, message, remedy, service.place("healthcheck", "test"))


@check("IG519", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def healthcheck_asks_host_port(project: Project) -> Iterator[Draft]:
    """A healthcheck asks the port under which the service is published on the host; it runs inside the container.

    Flagged::

        services:
          web:
            image: ours:1.0
            ports: ["8080:80"]
            healthcheck:
              test: curl -f http://localhost:8080/

    Accepted::

        services:
          web:
            image: ours:1.0
            ports: ["8080:80"]
            healthcheck:
              test: curl -f http://localhost:80/
    """
    for service, port in _odd_ports(project):
        if _is_host_side(service, port):
            ports = listed(map(str, known_ports(service)), "and")
            message = (
                f"The healthcheck asks port {port}, which is the port on the host; in the container it is {ports}."
            )
            yield Draft(service.name, message, f"Ask {ports}.", service.place("healthcheck", "test"))


@check("IG523", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def healthcheck_passes_during_setup(project: Project) -> Iterator[Draft]:
    """A database's healthcheck asks at its socket, where it also answers while it still sets up its data.

    On a fresh volume the images of PostgreSQL, MySQL and MariaDB first run a temporary server that listens at the
    socket alone. The test passes, others are started, and then that server stops.

    Flagged::

        services:
          db:
            image: postgres:16
            healthcheck:
              test: pg_isready -U postgres

    Accepted::

        services:
          db:
            image: postgres:16
            healthcheck:
              test: pg_isready -h 127.0.0.1 -U postgres
          other:
            image: mysql:8.4
            healthcheck:
              test: mysqladmin ping -h 127.0.0.1
    """
    for service in _tested(project):
        for words in _probes(service):
            name, arguments = program(words), " ".join(words[1:])
            if name == "pg_isready" and is_of(service, POSTGRES) and "PGHOST" not in service.environment:
                early, host = not _POSTGRES_HOST.search(arguments), "-h 127.0.0.1"
            elif name in _PING and is_of(service, MYSQL):
                early, host = not _MYSQL_HOST.search(arguments), "-h 127.0.0.1 (localhost means the socket)"
            else:
                continue
            if early:
                message = (
                    f"The healthcheck's {name} asks at the socket, where a server that sets itself up answers too."
                )
                yield Draft(service.name, message, f"Add {host}.", service.place("healthcheck", "test"))


def _tested(project: Project) -> Iterator[Service]:
    """Yield the services whose file gives a test."""
    for service in project.services.values():
        test = service.healthcheck
        if test is not None and test.test and not test.disabled:
            yield service


def _probes(service: Service) -> list[tuple[str, ...]]:
    """Return the commands of a healthcheck that ask something, as opposed to those that handle the answer."""
    test = service.healthcheck.test if service.healthcheck else ()
    return [words for words in commands(test) if program(words) not in _NO_PROBE]


@lru_cache(maxsize=_REMEMBERED_COMMANDS)
def _asked(words: tuple[str, ...]) -> tuple[Mention, ...]:
    """Return the hosts that a command names."""
    return tuple(in_command(words))


def _others(project: Project, service: Service, words: tuple[str, ...], names: dict[str, str]) -> set[str]:
    """Return the services that a command asks, none where it may ask the service itself as well."""
    asked = {mention.host.lower() for mention in _asked(words)}
    reached = {names.get(host) for host in asked}
    own = namespace_owner(project, service.name)
    if asked & _own_names(service) or None in reached:
        return set()
    others = {name for name in reached if name is not None}
    return set() if any(namespace_owner(project, name) == own for name in others) else others


@lru_cache(maxsize=_REMEMBERED)
def _odd_ports(project: Project) -> tuple[tuple[Service, int], ...]:
    """Return the ports of themselves that healthchecks ask and that nothing else in the file gives to the service."""
    return tuple(_find_odd_ports(project))


def _find_odd_ports(project: Project) -> Iterator[tuple[Service, int]]:
    """Yield the ports of themselves that healthchecks ask and that nothing else in the file gives to the service."""
    shared = any(service.network_mode for service in project.services.values())
    for service in () if shared else _tested(project):
        known = known_ports(service)
        asked = {mention.port for words in _probes(service) for mention in _asked(words) if _is_own(service, mention)}
        odd = {port for port in asked if port is not None and port not in known} if known else set()
        spoken = _numbers(service) if odd else frozenset()
        yield from ((service, port) for port in sorted(odd) if str(port) not in spoken)


def _is_own(service: Service, mention: Mention) -> bool:
    return mention.host.lower() in _own_names(service)


def _own_names(service: Service) -> frozenset[str]:
    """Return by which names a service reaches itself, in lower case."""
    aliases = (alias for use in service.networks for alias in use.aliases)
    names = (service.name, service.container_name, service.hostname, *aliases)
    return OWN_HOSTS | {name.lower() for name in names if name}


def _numbers(service: Service) -> frozenset[str]:
    """Return the numbers in variables, command and labels, any of which may set a port."""
    texts = (*service.environment.values(), *service.labels.values(), *service.command, *service.entrypoint)
    return frozenset(number for text in texts for number in re.findall(r"\d+", text))


def _is_host_side(service: Service, port: int) -> bool:
    return any(entry.published == str(port) and entry.target != port for entry in service.ports)
