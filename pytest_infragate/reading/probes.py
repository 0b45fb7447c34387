"""Parses readiness probes: a URL that is asked of the service itself, or an argument list that runs inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import SplitResult, urlsplit

from ..compose.node import Node
from ..results import Location
from ..settings import ProbeSettings
from ..suggest import did_you_mean, listed
from .notation import arguments, port_number
from .problems import ContradictionError, InvalidError, Trail
from .schema import Key, Table, list_of
from .values import text, whole

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
    }
)
"""Protocols of probes that are written as a URL, with the port that is asked when the URL has none."""


def probe(node: Node, trail: Trail) -> ProbeSettings:
    """Return a probe from its URL, or from a mapping with ``http`` (and ``status``) or ``exec``."""
    return _MAPPED(node, trail) if node.is_mapping else _url(node, trail)


def http_probe(node: Node, trail: Trail) -> ProbeSettings:
    """Return a probe that speaks HTTP, which is what ``http.*`` is measured on."""
    return _demand_http(probe(node, trail))


def _url(node: Node, trail: Trail) -> ProbeSettings:
    """Return the probe of a URL without host."""
    if not isinstance(node.scalar, str):
        raise InvalidError("expected a URL such as http://:8000/healthz, or a mapping with http or exec")
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


def _statuses(node: Node, trail: Trail) -> tuple[int, ...]:
    """Return one HTTP status or a list of them."""
    one = whole(100, 599)
    return list_of(one, "HTTP statuses")(node, trail) if node.is_sequence else (one(node, trail),)


def _build(
    http: ProbeSettings | None = None,
    status: tuple[int, ...] | None = None,
    argv: tuple[str, ...] | None = None,
    location: Location | None = None,
) -> ProbeSettings:
    """Return the probe of a mapping, which is either an HTTP request or a program."""
    if http is not None and argv is None:
        return replace(http, status=status or (), location=location)
    if argv is None or http is not None:
        raise ContradictionError("a probe has either http or exec: expected one of them")
    if status is not None:
        raise ContradictionError("a program has no HTTP status: expected status only beside http")
    return ProbeSettings("exec", argv=argv, text=" ".join(argv), location=location)


_MAPPED = Table(
    _build, (Key("http", _http_url), Key("status", _statuses), Key("exec", arguments, "argv")), located=True
)
