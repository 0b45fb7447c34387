"""Finds variables that name ``localhost``, where another service listens on the port."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..results import Location
from .mentions import Mention, in_environment
from .model import Project, Service
from .names import OWN_HOSTS, is_off_network, namespace_owner
from .ports import known_ports

_BROWSER_SCHEMES = frozenset({"http", "https", "ws", "wss"})
_OWN_PORT_KEY = re.compile(r"LISTEN|BIND|PUBLIC|EXTERNAL|BROWSER|^VITE_|^REACT_APP_|FRONTEND", re.IGNORECASE)
"""Variables that speak of the service's own address or of one for the user's browser."""


@dataclass(frozen=True)
class OwnAddress:
    """A variable that names the container itself with a port of another service, ``listener``."""

    service: str
    key: str
    host: str
    port: int
    listener: str
    for_browser: bool
    """Whether it may be an address for a browser: one of the web, in a service that browsers use."""
    location: Location

    @property
    def message(self) -> str:
        """What is wrong, as a sentence."""
        return f"{self.key} names {self.host}:{self.port}, which is this container itself; {self.listener!r} listens there."


@lru_cache(maxsize=4)
def own_addresses(project: Project) -> tuple[OwnAddress, ...]:
    """Return the variables that name ``localhost`` with a port that only another service listens on."""
    return tuple(_own_addresses(project))


def _own_addresses(project: Project) -> Iterator[OwnAddress]:
    listeners = _listeners(project)
    published = {entry.published for service in project.services.values() for entry in service.ports}
    for service in project.services.values():
        if is_off_network(project, service.name):
            continue
        for key, mention in in_environment(service.environment):
            browser = mention.scheme in _BROWSER_SCHEMES
            if not _is_own_port(key, mention) or (browser and str(mention.port) in published):
                continue
            other = _other(project, service, listeners.get(mention.port or 0, {}))
            if other is not None:
                place = service.place("environment", key)
                for_browser = browser and _serves_browsers(service)
                yield OwnAddress(service.name, key, mention.host, mention.port or 0, other, for_browser, place)


def _is_own_port(key: str, mention: Mention) -> bool:
    return mention.host in OWN_HOSTS and mention.port is not None and not _OWN_PORT_KEY.search(key)


def _serves_browsers(service: Service) -> bool:
    """Whether the service publishes ports, or has a word to say on which pages may call it."""
    return bool(service.ports) or any("CORS" in key.upper() for key in service.environment)


def _listeners(project: Project) -> Mapping[int, dict[str, str]]:
    """Return for each port who listens on it: the first service of each network namespace, by its owner."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for service in project.services.values():
        for port in known_ports(service):
            found[port].setdefault(namespace_owner(project, service.name), service.name)
    return found


def _other(project: Project, service: Service, listeners: Mapping[str, str]) -> str | None:
    """Return another service that listens, unless something in the service's own network may do so."""
    owner = namespace_owner(project, service.name)
    return None if owner in listeners else next(iter(listeners.values()), None)
