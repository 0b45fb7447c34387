"""Parses readiness probes: a URL that is asked of the service itself, or an argument list that runs inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ..compose.node import Node
from ..results import Location
from ..settings import ProbeSettings
from ..suggest import did_you_mean, listed
from . import asking
from .asking import refined
from .notation import port_number
from .problems import ContradictionError, InvalidError, Trail
from .schema import Key, Table
from .values import text

DEFAULT_PORTS: Mapping[str, int | None] = MappingProxyType(
    {
        "http": 80,
        "https": 443,
        "tcp": None,
        "redis": 6379,
        "postgres": 5432,
        "mysql": 3306,
        "amqp": 5672,
        "mongodb": 27017,
        "memcached": 11211,
        "nats": 4222,
        "mqtt": 1883,
        "smtp": 25,
        "kafka": 9092,
        "elasticsearch": 9200,
        "minio": 9000,
        "grpc": None,
        "grpcs": None,
        "smtps": 465,
    }
)
"""Protocols of probes that are written as a URL, with the port that is asked when the URL has none."""

SLOWEST, FASTEST = 0.1, 20.0
"""How often a performance probe may ask, per second: fast enough for a p(99) within the window, and never a load test."""


def probe(node: Node, trail: Trail) -> ProbeSettings:
    """Return a probe from its URL, or from a mapping with ``http``, ``url``, ``udp`` or ``exec`` and what is expected."""
    return _MAPPED(node, trail) if node.is_mapping else _url(node, trail)


def timed_probe(node: Node, trail: Trail) -> ProbeSettings:
    """Return a performance probe: one that asks over a connection, with ``rate`` beside what any probe has."""
    read = _TIMED(node, trail) if node.is_mapping else _url(node, trail)
    if read.protocol == "exec":
        raise ContradictionError("a program's own start would be timed: expected a URL such as http://:8000/items")
    return read


def http_probe(node: Node, trail: Trail) -> ProbeSettings:
    """Return a probe that speaks HTTP."""
    return _demand_http(probe(node, trail))


def _rate(node: Node, _: Trail) -> float:
    """Return how often is asked, per second."""
    rate = node.scalar
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not SLOWEST <= rate <= FASTEST:
        raise InvalidError(f"expected how often to ask per second, a number from {SLOWEST:g} to {FASTEST:g}")
    return float(rate)


def _url(node: Node, trail: Trail) -> ProbeSettings:
    """Return the probe of a URL without host."""
    if not isinstance(node.scalar, str):
        raise InvalidError("expected a URL such as http://:8000/healthz, or a mapping with http, url, udp or exec")
    written = text(node, trail)
    protocol, parts = _split(written)
    port = DEFAULT_PORTS[protocol] if parts.port is None else port_number(parts.port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.hostname or parts.username is not None:
        raise InvalidError(
            f"a probe asks its own service, so its URL has no host: expected {protocol}://:{port or 'PORT'}{path}"
        )
    if port is None:
        raise InvalidError(f"expected a port, such as {protocol}://:5432")
    return ProbeSettings(protocol, port, path, text=written, location=node.location)


def _split(url: str) -> tuple[str, SplitResult]:
    """Return the protocol and the parts of a probe's URL."""
    protocol, separator, _ = url.partition("://")
    if not separator or protocol not in DEFAULT_PORTS:
        schemes = [f"{name}://" for name in DEFAULT_PORTS]
        hint = did_you_mean(f"{protocol}://", schemes) if separator else ""
        raise InvalidError(f"expected a URL such as http://:8000/healthz, beginning with {listed(schemes)}{hint}")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise InvalidError(f"expected a URL such as http://:8000/healthz, but {error}") from None
    return protocol, parts


def _http_url(node: Node, trail: Trail) -> ProbeSettings:
    """Return the probe of the key ``http``."""
    return _demand_http(_url(node, trail))


def _demand_http(read: ProbeSettings) -> ProbeSettings:
    """Return the probe if it speaks HTTP."""
    if read.protocol not in ("http", "https"):
        raise InvalidError("expected a URL such as http://:8000/items, beginning with http:// or https://")
    return read


def _udp(node: Node, trail: Trail) -> ProbeSettings:
    """Return the probe of the key ``udp``, which holds a port such as ``:53``."""
    written = node.text if isinstance(node.scalar, int) else text(node, trail)
    digits = written.removeprefix(":")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidError("expected a port such as ':53'")
    return ProbeSettings("udp", port_number(int(digits)), text=f"udp://:{digits}")


def _build(
    http: ProbeSettings | None = None,
    url: ProbeSettings | None = None,
    udp: ProbeSettings | None = None,
    argv: tuple[str, ...] | None = None,
    location: Location | None = None,
    **wishes: Any,
) -> ProbeSettings:
    """Return the probe of a mapping, which is one question with what must come back, or a program."""
    program = None if argv is None else ProbeSettings("exec", argv=argv, text=" ".join(argv))
    given = [one for one in (http, url, udp, program) if one is not None]
    if len(given) != 1:
        raise ContradictionError("a probe has either http, url, udp or exec: expected one of them")
    return replace(refined(given[0], wishes), location=location)


_KEYS = (Key("http", _http_url), Key("url", _url), Key("udp", _udp), *asking.KEYS)
_MAPPED = Table(_build, _KEYS, located=True)
_TIMED = Table(_build, (*_KEYS, Key("rate", _rate)), located=True)
