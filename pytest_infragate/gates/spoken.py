"""Which protocol an edge is asked in: as the caller's own URL says, else as the target's image speaks on its own port.

What is only guessed must not fail a good stack. So nothing is spoken where TLS may be wanted and nobody says so for certain,
and HTTP is not inferred from a URL: what is behind may speak another version of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from ..compose.model import Project, Service
from ..compose.names import directory, link_names
from ..compose.ports import family_ports, image_name
from ..settings import ProbeSettings
from .caller_urls import CallerUrl, urls_of

_FAMILIES = {
    "postgres": "postgres",
    "postgis": "postgres",
    "timescaledb": "postgres",
    "pgvector": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "redis": "redis",
    "valkey": "redis",
    "mongo": "mongodb",
    "rabbitmq": "amqp",
    "nats": "nats",
    "memcached": "memcached",
}
_TLS = re.compile(r"tls|ssl", re.IGNORECASE)
_OFF = frozenset(
    {"", "0", "false", "no", "off", "disable", "disabled", "none", "never", "prefer", "preferred", "allow"}
)
_CERTIFICATES = re.compile(r"(?:^|[/._-])(?:tls|ssl|certs?|pki)(?:[/._-]|$)|\.(?:pem|crt)$", re.IGNORECASE)
_TELL_OF_TLS = ("postgres", "nats")
"""Servers that say themselves, in plain, when they want TLS, so that asking them without it refuses nobody wrongly."""
_REMEMBERED = 4
"""Of so many projects the names are remembered: every edge asks for them."""


def protocol_of(project: Project, source: str, target: str, port: int | None) -> ProbeSettings | None:
    """Return what is asked on an edge, with user and password where the caller's URL states them; ``None``: connect."""
    if port is None:
        return None
    here = _urls(project, source, target, port)
    for url in here:
        if url.protocol:
            return url.asked(port) if _is_certain(project, url, target) else None
    return None if here or _wants_tls(project, target) else _of_family(project, target, port)


def further_logins(project: Project, source: str, target: str, port: int) -> Mapping[str, ProbeSettings]:
    """Return what else URLs of the caller open at the target, by variable (empty: the command): one login proves no other.

    Those for tests are left out, as what they open may be made by the tests.
    """
    asked = [protocol_of(project, source, target, port)]
    found: dict[str, ProbeSettings] = {}
    for url in _urls(project, source, target, port):
        wanted = url.asked(port) if url.protocol and _is_certain(project, url, target) else None
        if wanted and (wanted.password or wanted.database) and wanted not in asked and not url.is_for_tests:
            found.setdefault(url.variable, wanted)
            asked.append(wanted)
    return found


def _urls(project: Project, source: str, target: str, port: int) -> list[CallerUrl]:
    """Return the caller's URLs that lead to a port of the target."""
    names = _names(project).get(target, frozenset()) | _linked(project, source, target)
    return [url for url in urls_of(project.services[source]) if url.host in names and url.leads_to(port)]


def _is_certain(project: Project, url: CallerUrl, target: str) -> bool:
    """Whether a URL decides about TLS, or the target does, which tells callers itself or says nothing of it."""
    return bool(url.wants_tls) or url.protocol in _TELL_OF_TLS or not _wants_tls(project, target)


@lru_cache(maxsize=_REMEMBERED)
def _names(project: Project) -> Mapping[str, frozenset[str]]:
    """Return every name and fixed address that leads to a service on its networks, by service."""
    found: dict[str, set[str]] = {}
    for name, service in directory(project).names():
        found.setdefault(service, set()).add(name)
    return {service: frozenset(names) for service, names in found.items()}


def _linked(project: Project, source: str, target: str) -> frozenset[str]:
    """Return the names that links give to a target for one service alone."""
    links = link_names(project, project.services[source])
    return frozenset(name for name, service in links.items() if service == target)


def _of_family(project: Project, target: str, port: int) -> ProbeSettings | None:
    """Return the protocol of a well-known image on its own port; nothing may hint at TLS, as no caller says otherwise."""
    service = project.services[target]
    protocol = _FAMILIES.get(image_name(service.image or ""))
    if protocol is None or family_ports(service)[:1] != (port,) or _may_be_given_certificates(service):
        return None
    return ProbeSettings(protocol, port, guessed=True)


def _may_be_given_certificates(service: Service) -> bool:
    """Whether a variable switches TLS on, or something is mounted that may be a certificate."""
    switched = any(
        _TLS.search(name) and (value or "").lower() not in _OFF for name, value in service.environment.items()
    )
    given = (*(mount.target for mount in service.mounts), *service.secrets, *service.configs)
    return switched or any(_CERTIFICATES.search(name) for name in given)


def _wants_tls(project: Project, target: str) -> bool:
    """Whether the target's command says something of TLS."""
    service = project.services[target]
    return any(_TLS.search(word) for word in (*service.command, *service.entrypoint))
