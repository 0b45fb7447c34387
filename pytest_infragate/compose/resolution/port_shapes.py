"""``ports`` and ``expose``: ``8080:80``, ``127.0.0.1:8000-8002:80-82/udp``, ``[::1]:5:6``, and the long form."""

from __future__ import annotations

import ipaddress
import re

from ...results import Json
from ..node import Node, NodeKind
from .number_shapes import between
from .shapes import (
    Reading,
    keys,
    text,
    text_or_whole,
)

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_HIGHEST = 65535
_PROTOCOLS = ("tcp", "udp", "sctp")


class _PortError(Exception):
    """A short port is not well-formed; the message says why."""


def _host_ip(node: Node, name: str, reading: Reading) -> Json:
    written = text(node, name, reading)
    if not isinstance(written, str):
        return written
    try:
        return _address(written)
    except _PortError as error:
        reading.refuse(f"`{name}`: {error}", node.location)
        return None


_LONG = keys(
    {
        "name": text,
        "mode": text,
        "host_ip": _host_ip,
        "target": between(0),
        "published": text_or_whole,
        "protocol": text,
        "app_protocol": text,
    }
)


def ports(node: Node, name: str, reading: Reading) -> Json:
    """A list of ports, each brought to the long form; the same port twice is one."""
    if not node.is_sequence:
        reading.unexpected(node, name, "a list")
        return None
    found: dict[tuple[Json, ...], Json] = {}
    for element in node.elements:
        for port in _port(element, reading):
            key = (port.get("host_ip"), port.get("published"), port.get("target"), port.get("protocol"))
            found[key] = dict(port)
    return list(found.values())


def _port(element: Node, reading: Reading) -> list[dict[str, Json]]:
    if element.is_mapping:
        return _long(element, reading)
    if element.kind is not NodeKind.SCALAR or element.is_null:
        reading.unexpected(element, "ports", "a list of texts such as '8080:80' or of mappings")
        return []
    try:
        return _short(element.text)
    except _PortError as error:
        reading.refuse(f"the port {element.text!r} is not well-formed: {error}", element.location)
        return []


def _long(element: Node, reading: Reading) -> list[dict[str, Json]]:
    port = _LONG(element, "ports", reading)
    if not isinstance(port, dict):
        return []
    if "target" not in port:
        reading.refuse("a port has no `target`", element.location)
        return []
    return [{"mode": "ingress", "protocol": "tcp", **port}]


def _short(written: str) -> list[dict[str, Json]]:
    """Return the ports of a short form. Raises _PortError."""
    spec, _, protocol = written.partition("/")
    protocol = protocol.lower() or "tcp"
    if protocol not in _PROTOCOLS:
        raise _PortError(f"its protocol is {protocol!r}, expected tcp, udp or sctp")
    before, _, container = spec.rpartition(":")
    host_ip, colon, published = before.rpartition(":")
    if not colon:
        host_ip, published = "", before
    base: dict[str, Json] = {"mode": "ingress", "protocol": protocol}
    if host_ip:
        base["host_ip"] = _address(host_ip)
    first, last = _range(container, "container port")
    if not published:
        return [{**base, "target": target} for target in range(first, last + 1)]
    return _published(base, published, first, last)


def _published(base: dict[str, Json], published: str, first: int, last: int) -> list[dict[str, Json]]:
    host_first, host_last = _range(published, "host port")
    if last - first == host_last - host_first:
        return [
            {**base, "target": first + step, "published": str(host_first + step)} for step in range(last - first + 1)
        ]
    if first != last:
        raise _PortError(f"{host_last - host_first + 1} host ports cannot stand for {last - first + 1} container ports")
    return [{**base, "target": first, "published": published}]


def _range(written: str, what: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(written)
    if match is None:
        raise _PortError(f"its {what} is {written!r}, expected a number or a range")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first or last > _HIGHEST:
        raise _PortError(f"its {what} is {written}, expected up to {_HIGHEST}, the lower one first")
    return first, last


def _address(written: str) -> str:
    address = written.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        raise _PortError(f"{address!r} is no IP address") from None
    return address
