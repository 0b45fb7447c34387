"""What a URL in a caller's environment says of its target: protocol, TLS, user, password and what is to be opened there; pure.

Whoever connects with such a URL fails where it is wrong. What it leaves open is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ..compose.model import Service
from ..reading.probes import DEFAULT_PORTS
from ..settings import ProbeSettings

_PLAIN = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "postgis": "postgres",
    "pgsql": "postgres",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mariadb": "mysql",
    "redis": "redis",
    "valkey": "redis",
    "amqp": "amqp",
    "mongodb": "mongodb",
    "nats": "nats",
    "memcached": "memcached",
    "mqtt": "mqtt",
    "smtp": "smtp",
    "grpc": "grpc",
}
_SECURED = {"rediss": "redis", "valkeys": "redis", "amqps": "amqp", "mqtts": "mqtt", "smtps": "smtps", "grpcs": "grpcs"}
_OWN_PORTS_IN_TLS = {"amqps": 5671, "mqtts": 8883}
_SECURING_SUFFIXES = ("tls", "ssl")
_OTHER_SUFFIXES = ("srv", "unix", "socket", "sentinel", "cluster")
"""Behind the scheme: the name is not that of a host that is connected to, or what is there speaks in another way."""
_PORTS_IN_TLS = frozenset({465, 5671, 8883})
"""Where a scheme without TLS is written by programs that begin it by themselves, as their port is known for."""
_URL = re.compile(
    r"(?<![a-z0-9+.-])(?P<scheme>[a-z][a-z0-9]*)(?:\+(?P<suffix>[a-z0-9_]+))?://"
    r"(?P<authority>(?:(?!,\s*[a-z][a-z0-9+.-]*://)[^\s\"'<>;/?#])+)"
    r"(?P<tail>[^\s\"'<>;,?#]*(?:\?(?:(?!,\s*[a-z][a-z0-9+.-]*://)[^\s\"'<>;#])*)?)(?P<cut><?)",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"[${}]|\*{3}|%(?![0-9a-f]{2})", re.IGNORECASE)
"""In a user, password or name as it is written: filled in by a program later, so it is not what is sent."""
_FOR_TESTS = re.compile(r"(?:^|_)(?:TESTS?|SHADOW|EXAMPLE|SAMPLE|OLD|LEGACY)(?:_|$)", re.IGNORECASE)
_MAKES_ITS_DATABASE = "createdatabaseifnotexist"
_ABOUT_TLS = re.compile(r"tls|ssl", re.IGNORECASE)
_MODES = ("sslmode", "ssl-mode", "ssl_mode")
_SWITCHES = ("ssl", "tls", "requiressl")
_OFF = ("disable", "disabled", "prefer", "preferred", "allow", "false", "no", "0", "off")
_ON = ("require", "required", "verify-ca", "verify-full", "verify-identity", "true", "yes", "1", "on")
_OWN_LOGIN = ("authmechanism", "auth_mechanism")


class CallerUrl:
    """One host of a URL; ``scheme`` is in lower case, ``protocol`` empty where nothing of ours speaks it.

    ``variable`` is where it stands, empty for a command.
    """

    def __init__(self, scheme: str, suffix: str, url: str, variable: str = "") -> None:
        self.scheme = scheme.lower()
        self.variable = variable
        self.is_for_tests = bool(_FOR_TESTS.search(variable))
        self._parts: SplitResult = urlsplit(url)
        self._query = dict(parse_qsl(self._parts.query))
        self._secured = self.scheme in _SECURED or suffix.lower() in _SECURING_SUFFIXES
        known = {**_PLAIN, **_SECURED}.get(self.scheme, "")
        self.protocol = "" if suffix.lower() in _OTHER_SUFFIXES else known

    @property
    def host(self) -> str:
        """The host, in lower case as URLs have it."""
        return self._parts.hostname or ""

    def leads_to(self, port: int) -> bool:
        """Whether it means this port, which is its protocol's own where it names none."""
        try:
            named = self._parts.port
        except ValueError:
            return False
        return (named or _OWN_PORTS_IN_TLS.get(self.scheme) or _own_port(self.protocol)) == port

    @property
    def wants_tls(self) -> bool | None:
        """Whether the caller speaks TLS; ``None``: it may."""
        if self._secured:
            return True
        told = [_wish(key.lower(), value.lower()) for key, value in self._query.items() if _ABOUT_TLS.search(key)]
        return True if True in told else (None if None in told else False)

    def asked(self, port: int) -> ProbeSettings | None:
        """Return what is asked at this port; ``None`` where nobody knows whether over TLS."""
        if self.wants_tls is None or (port in _PORTS_IN_TLS and not self.wants_tls):
            return None
        tls = bool(self.wants_tls and self.protocol not in ("smtps", "grpcs"))
        settings = ProbeSettings(self.protocol, port, tls=tls, guessed=True)
        if self._is_unfinished() or self._logs_in_otherwise():
            return settings
        user, password, database = self._login("user"), self._login("password"), self._database()
        if password:
            return replace(settings, user=user or None, password=password, database=database or None)
        return replace(settings, database=database or None) if self.protocol == "redis" else settings

    def _is_unfinished(self) -> bool:
        written = (self._parts.username, self._parts.password, self._parts.path)
        return any(_UNFINISHED.search(part or "") for part in written)

    def _login(self, name: str) -> str:
        """Return user or password; drivers of PostgreSQL and MySQL take them as parameters as well."""
        written = self._parts.username if name == "user" else self._parts.password
        if not self._parts.username and self.protocol in ("postgres", "mysql"):
            found = self._query_value(name)
            return "" if _UNFINISHED.search(found) else found
        return unquote(written or "")

    def _logs_in_otherwise(self) -> bool:
        return any(self._query_value(key).upper() not in ("", *_SCRAM) for key in _OWN_LOGIN)

    def _database(self) -> str:
        """Return what is opened behind the login: a database, its number, a virtual host; MongoDB's is where users are kept."""
        path = self._parts.path[1:]
        if self.protocol == "mongodb":
            return self._query_value("authsource") or unquote(path)
        if self.protocol == "redis":
            path = self._query_value("db") or path
            # Number 0 is the one that every connection begins with.
            return path if path.isascii() and path.isdigit() and int(path) else ""
        if self.protocol == "amqp" and "/" in path.lstrip("/"):
            return ""  # Some programs name a queue behind the virtual host.
        return "" if self._query_value(_MAKES_ITS_DATABASE).lower() == "true" else unquote(path)

    def _query_value(self, name: str) -> str:
        return next((value for key, value in self._query.items() if key.lower() == name), "")


def _own_port(protocol: str) -> int | None:
    return DEFAULT_PORTS.get(protocol)


_SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-1", "DEFAULT")


def urls_of(service: Service) -> tuple[CallerUrl, ...]:
    """Return every URL in the variables and the command of a service; those of variables for tests come last."""
    texts = [*service.environment.items(), ("", " ".join((*service.entrypoint, *service.command)))]
    return tuple(sorted((url for name, text in texts for url in _in(name, text)), key=lambda url: url.is_for_tests))


def _in(variable: str, text: str) -> Iterator[CallerUrl]:
    for match in _URL.finditer(text or ""):
        for authority in () if match["cut"] else _hosts(match["authority"]):
            try:
                yield CallerUrl(match["scheme"], match["suffix"] or "", f"//{authority}{match['tail']}", variable)
            except ValueError:
                continue


def _hosts(authority: str) -> Iterator[str]:
    """Yield each host of a list with its login: its own, else that of the first."""
    first, *others = authority.split(",")
    if "@" in authority and "@" not in first:
        # The comma is part of the password.
        first, *others = (authority.rpartition("@")[2]).split(",")
        first = f"{authority.rpartition('@')[0]}@{first}"
    login, at, _ = first.rpartition("@")
    yield first
    yield from (other if "@" in other else f"{login}{at}{other}" for other in others)


def _wish(key: str, value: str) -> bool | None:
    """Return what one parameter says of TLS; those that name files and the like say nothing for certain."""
    if key not in (*_MODES, *_SWITCHES):
        return None
    if value.replace("_", "-") in _OFF:
        return False
    return True if value.replace("_", "-") in _ON else None
