"""What a URL in a caller's environment says of its target: protocol, TLS, user, password and what is to be opened there; pure.

Whoever connects with such a URL fails where it is wrong. What it leaves open is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ..probes import PROTOCOLS
from ..settings import ProbeSettings

_PLAIN = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
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
_URL = re.compile(r"(?<![a-z0-9+.-])([a-z][a-z0-9]*)(?:\+([a-z0-9]+))?://[^\s\"',;<>]+(,?)", re.IGNORECASE)
_UNFINISHED = re.compile(r"[${}%<]")
"""In a decoded user, password or name: filled in by a program later, so it is not what is sent."""
_ABOUT_TLS = re.compile(r"tls|ssl", re.IGNORECASE)
_MODES = ("sslmode", "ssl-mode", "ssl_mode")
_SWITCHES = ("ssl", "tls", "requiressl")
_OFF = ("disable", "disabled", "prefer", "preferred", "allow", "false", "no", "0", "off")
_ON = ("require", "required", "verify-ca", "verify-full", "verify-identity", "true", "yes", "1", "on")
_OWN_LOGIN = ("authmechanism", "auth_mechanism")


class CallerUrl:
    """One URL; ``scheme`` is in lower case, ``protocol`` empty where nothing of ours speaks it."""

    def __init__(self, match: re.Match[str]) -> None:
        suffix = (match[2] or "").lower()
        self.scheme = match[1].lower()
        self._parts: SplitResult = urlsplit(match[0].removesuffix(","))
        self._query = dict(parse_qsl(self._parts.query))
        self._is_list = bool(match[3])
        self._secured = self.scheme in _SECURED or suffix in _SECURING_SUFFIXES
        known = {**_PLAIN, **_SECURED}.get(self.scheme, "")
        self.protocol = "" if suffix in _OTHER_SUFFIXES else known

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
        if self.wants_tls is None:
            return None
        tls = bool(self.wants_tls and self.protocol not in ("smtps", "grpcs"))
        settings = ProbeSettings(self.protocol, port, tls=tls, guessed=True)
        user, password = unquote(self._parts.username or ""), unquote(self._parts.password or "")
        database = self._database()
        if _UNFINISHED.search(user + password + database) or self._is_list or self._logs_in_otherwise():
            return settings
        if password:
            return replace(settings, user=user or None, password=password, database=database or None)
        return replace(settings, database=database or None) if self.protocol == "redis" else settings

    def _logs_in_otherwise(self) -> bool:
        return any(self._query_value(key).upper() not in ("", *_SCRAM) for key in _OWN_LOGIN)

    def _database(self) -> str:
        """Return what is opened behind the login: a database, its number, a virtual host; MongoDB's is where users are kept."""
        path = unquote(self._parts.path[1:])
        if self.protocol == "mongodb":
            return self._query_value("authsource") or path
        if self.protocol == "redis":
            path = self._query_value("db") or path
            # Number 0 is the one that every connection begins with.
            return path if path.isascii() and path.isdigit() and int(path) else ""
        return path

    def _query_value(self, name: str) -> str:
        return next((value for key, value in self._query.items() if key.lower() == name), "")


def _own_port(protocol: str) -> int | None:
    return PROTOCOLS[protocol].default_port if protocol else None


_SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-1", "DEFAULT")


def urls_in(environment: Mapping[str, str]) -> Iterator[CallerUrl]:
    """Yield every URL in the values of variables."""
    for value in environment.values():
        for match in _URL.finditer(value):
            try:
                yield CallerUrl(match)
            except ValueError:
                continue


def _wish(key: str, value: str) -> bool | None:
    """Return what one parameter says of TLS; those that name files and the like say nothing for certain."""
    if key not in (*_MODES, *_SWITCHES):
        return None
    if value.replace("_", "-") in _OFF:
        return False
    return True if value.replace("_", "-") in _ON else None
