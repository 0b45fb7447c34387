"""Which protocol an edge is asked in: as the caller's own URL says, else as the target's image speaks on its own port.

What is only guessed must not fail a good stack. So nothing is spoken where TLS may be wanted, and HTTP is not inferred from a
URL: what is behind may speak another version of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from ..compose.model import Project
from ..compose.names import fixed_addresses, host_names, link_names
from ..compose.ports import family_ports, image_name
from ..settings import ProbeSettings

_SCHEMES = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "redis": "redis",
    "amqp": "amqp",
    "mongodb": "mongodb",
    "nats": "nats",
    "memcached": "memcached",
    "mqtt": "mqtt",
    "smtp": "smtp",
}
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
_URL = re.compile(r"(?<![a-z0-9+.-])([a-z][a-z0-9]*)(?:\+[a-z0-9]+)?://[^\s\"',;<>]+", re.IGNORECASE)
_MAY_WANT_TLS = re.compile(r"(?:tls|ssl)[a-z_]*=(?!disable|prefer|allow|false|0|no)", re.IGNORECASE)
_REMEMBERED = 4
"""Of so many projects the names are remembered: every edge asks for them."""
_UNFINISHED = re.compile(r"[${}%<]")
"""In a decoded user or password: filled in by a program later, so it is not what is sent."""


def protocol_of(project: Project, source: str, target: str, port: int | None) -> ProbeSettings | None:
    """Return what is asked on an edge, with user and password where the caller's URL states them; ``None``: connect."""
    if port is None or _wants_tls(project, target):
        return None
    names = _names(project).get(target, frozenset()) | _linked(project, source, target)
    urls = [(name, url) for name, url in _urls(project, source) if (url.hostname or "") in names]
    for name, url in urls:
        if _port(url) in (port, None) and name in _SCHEMES:
            return None if _MAY_WANT_TLS.search(url.query) else _of_url(_SCHEMES[name], port, url)
    if urls and any(_port(url) == port for _, url in urls):
        return None
    return _of_family(project, target, port)


@lru_cache(maxsize=_REMEMBERED)
def _names(project: Project) -> Mapping[str, frozenset[str]]:
    """Return every name and fixed address that leads to a service on its networks, by service."""
    found: dict[str, set[str]] = {}
    for name, service in (fixed_addresses(project) | host_names(project)).items():
        found.setdefault(service, set()).add(name)
    return {service: frozenset(names) for service, names in found.items()}


def _linked(project: Project, source: str, target: str) -> frozenset[str]:
    """Return the names that links give to a target for one service alone."""
    links = link_names(project, project.services[source])
    return frozenset(name for name, service in links.items() if service == target)


def _of_family(project: Project, target: str, port: int) -> ProbeSettings | None:
    service = project.services[target]
    protocol = _FAMILIES.get(image_name(service.image or ""))
    return ProbeSettings(protocol, port) if protocol and family_ports(service)[:1] == (port,) else None


def _wants_tls(project: Project, target: str) -> bool:
    """Whether the target's command says something of TLS."""
    service = project.services[target]
    return any("tls" in word.lower() or "ssl" in word.lower() for word in (*service.command, *service.entrypoint))


def _urls(project: Project, source: str) -> Iterator[tuple[str, SplitResult]]:
    """Yield scheme and parts of every URL in the environment of a service."""
    for value in project.services[source].environment.values():
        for match in _URL.finditer(value or ""):
            try:
                yield match[1].lower(), urlsplit(match[0])
            except ValueError:
                continue


def _port(url: SplitResult) -> int | None:
    try:
        return url.port
    except ValueError:
        return None


def _of_url(protocol: str, port: int, url: SplitResult) -> ProbeSettings:
    user, password = unquote(url.username or ""), unquote(url.password or "")
    database = unquote(url.path.lstrip("/"))
    if not password or _UNFINISHED.search(user + password + database):
        return ProbeSettings(protocol, port)
    return ProbeSettings(protocol, port, user=user or None, password=password, database=database or None)
