"""Hosts outside the running stack that a service certainly calls, which nothing here can vouch for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..results import Location
from .mentions import Mention
from .model import Project
from .references import Reference, references
from .shared import is_from_env_file

_FOR_PEOPLE = frozenset({"http", "https", "ws", "wss"})
"""Addresses of the web in a variable are as often the service's own as somebody else's."""
_CLIENT = re.compile(
    r"(?:^|_)(?:DB|DATABASE|PG|POSTGRES\w*|MYSQL|MARIADB|MONGO\w*|REDIS|VALKEY|CACHE|SMTP|MAIL|EMAIL|LDAP|KAFKA|RABBITMQ"
    r"|AMQP|BROKER|MQTT|NATS|ELASTIC\w*|OPENSEARCH|MEMCACHED?|CLICKHOUSE)(?:_|$)",
    re.IGNORECASE,
)
_ENVIRONMENT = "environment "
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE)


@dataclass(frozen=True)
class ExternalCall:
    """A call that leads out of the stack; ``port`` is ``None`` where the text names none.

    ``is_inactive``: it leads to a service of the files that no active profile has.
    """

    source: str
    host: str
    port: int | None
    why: str
    location: Location
    is_inactive: bool = False

    def __str__(self) -> str:
        return f"{self.source} -> {self.host}" + ("" if self.port is None else f":{self.port}")


def external_calls(project: Project) -> tuple[ExternalCall, ...]:
    """Return each such call once, sorted: names with dots in URLs of databases, brokers and mail, and in their ``*_HOST``.

    Services of profiles that are not active are called by every URL and ``*_HOST`` that names them in the service itself;
    env files name what some other service may use.
    """
    found: dict[tuple[str, str, int | None], ExternalCall] = {}
    for one in _calls(project):
        found.setdefault((one.source, one.host, one.port), one)
    return tuple(sorted(found.values(), key=lambda one: (one.source, one.host, one.port or 0)))


def _calls(project: Project) -> Iterator[ExternalCall]:
    inactive = {name.lower() for name in project.inactive_services}
    for reference in references(project):
        mention, host = reference.mention, reference.mention.host.lower()
        variable = reference.why.removeprefix(_ENVIRONMENT)
        shared = is_from_env_file(project.services[reference.source], variable)
        is_inactive = mention.strong and host in inactive and not shared
        outside = is_inactive or (_DOMAIN.fullmatch(host) and _is_called(reference, mention))
        if reference.target is None and outside:
            place = (reference.why, reference.location)
            yield ExternalCall(reference.source, host, mention.port, *place, is_inactive=is_inactive)


def _is_called(reference: Reference, mention: Mention) -> bool:
    variable = reference.why.removeprefix(_ENVIRONMENT)
    if mention.scheme:
        return mention.scheme not in _FOR_PEOPLE and mention.port is not None
    return mention.strong and variable != reference.why and bool(_CLIENT.search(variable))
