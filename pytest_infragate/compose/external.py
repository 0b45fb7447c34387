"""Hosts outside the stack that a service certainly calls, which nothing here can vouch for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..results import Location
from .mentions import Mention
from .model import Project
from .references import Reference, references

_FOR_PEOPLE = frozenset({"http", "https", "ws", "wss"})
"""Addresses of the web in a variable are as often the service's own as somebody else's."""
_CLIENT = re.compile(
    r"(?:^|_)(?:DB|DATABASE|PG|POSTGRES\w*|MYSQL|MARIADB|MONGO\w*|REDIS|VALKEY|CACHE|SMTP|MAIL|EMAIL|LDAP|KAFKA|RABBITMQ"
    r"|AMQP|BROKER|MQTT|NATS|ELASTIC\w*|OPENSEARCH|MEMCACHED?|CLICKHOUSE)(?:_|$)",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE)


@dataclass(frozen=True)
class ExternalCall:
    """A call that leads out of the stack; ``port`` is ``None`` where the text names none."""

    source: str
    host: str
    port: int | None
    why: str
    location: Location

    def __str__(self) -> str:
        return f"{self.source} -> {self.host}" + ("" if self.port is None else f":{self.port}")


def external_calls(project: Project) -> tuple[ExternalCall, ...]:
    """Return each such call once, sorted: names with dots in URLs of databases, brokers and mail, and in their ``*_HOST``."""
    found: dict[tuple[str, str, int | None], ExternalCall] = {}
    for one in _calls(project):
        found.setdefault((one.source, one.host, one.port), one)
    return tuple(sorted(found.values(), key=lambda one: (one.source, one.host, one.port or 0)))


def _calls(project: Project) -> Iterator[ExternalCall]:
    for reference in references(project):
        mention = reference.mention
        if reference.target is None and _DOMAIN.fullmatch(mention.host) and _is_called(reference, mention):
            yield ExternalCall(reference.source, mention.host.lower(), mention.port, reference.why, reference.location)


def _is_called(reference: Reference, mention: Mention) -> bool:
    variable = reference.why.removeprefix("environment ")
    if mention.scheme:
        return mention.scheme not in _FOR_PEOPLE and mention.port is not None
    return mention.strong and variable != reference.why and bool(_CLIENT.search(variable))
