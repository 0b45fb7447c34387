"""Parses the edges of the settings: a line such as ``api -> db:5432``, or a mapping that also says how it is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..compose.node import Node
from ..results import Location
from ..settings import EdgeSettings, ProbeSettings
from ..suggest import did_you_mean, listed
from . import asking, notation
from .asking import refined
from .notation import is_udp, parse_ends
from .probes import DEFAULT_PORTS
from .problems import ContradictionError, InvalidError, Trail
from .schema import Key, Table
from .values import text


def expected_edge(node: Node, trail: Trail) -> EdgeSettings:
    """Return an edge that must be open."""
    return _EXPECTED(node, trail) if node.is_mapping else notation.edge(node, trail)


def forbidden_edge(node: Node, trail: Trail) -> EdgeSettings:
    """Return an edge that must be closed; over UDP it says what would be answered if it were open."""
    return _FORBIDDEN(node, trail) if node.is_mapping else notation.edge(node, trail)


def _ends(node: Node, trail: Trail) -> EdgeSettings:
    return parse_ends(text(node, trail).strip())


def _protocol(node: Node, trail: Trail) -> str:
    """Return the name of a protocol that can be asked over TCP."""
    name = text(node, trail)
    if name not in DEFAULT_PORTS:
        raise InvalidError(f"expected {listed(DEFAULT_PORTS)}{did_you_mean(name, DEFAULT_PORTS)}")
    return name


def _build(
    edge: EdgeSettings,
    location: Location | None = None,
    protocol: str | None = None,
    argv: tuple[str, ...] | None = None,
    **wishes: Any,
) -> EdgeSettings:
    """Return an edge with the probe that the keys describe."""
    if argv is None and protocol is None and not wishes and not is_udp(edge):
        return replace(edge, location=location)
    probe = replace(
        _chosen(edge, protocol, argv), port=edge.port, path=edge.path or "/", argv=argv or (), location=location
    )
    return replace(edge, location=location, probe=refined(probe, wishes))


def _chosen(edge: EdgeSettings, protocol: str | None, argv: tuple[str, ...] | None) -> ProbeSettings:
    """Return the protocol that is meant; one with an empty name is whatever suits the edge."""
    if argv is not None:
        if protocol is not None or edge.path is not None:
            raise ContradictionError("a program asks in its own way: expected exec without protocol and without a path")
        return ProbeSettings("exec")
    if edge.port is None:
        raise ContradictionError("nobody can be asked without a port: expected an edge such as 'api -> db:5432'")
    if is_udp(edge):
        if protocol is not None:
            raise ContradictionError("an edge over UDP has no further protocol: expected send and expect")
        return ProbeSettings("udp")
    return ProbeSettings(protocol or ("" if edge.path is None else "http"))


def _build_forbidden(edge: EdgeSettings, location: Location | None = None, **wishes: Any) -> EdgeSettings:
    if not is_udp(edge):
        raise ContradictionError(
            "only an edge over UDP needs an exchange to be forbidden: expected one such as 'api -> dns:53/udp'"
        )
    return _build(edge, location, **wishes)


_EDGE = Key("edge", _ends, missing="expected caller and target, such as 'api -> db:5432'")
_EXPECTED = Table(_build, (_EDGE, Key("protocol", _protocol), *asking.KEYS), located=True)
_OF_EXCHANGE = tuple(key for key in asking.KEYS if key.name in ("send", "expect"))
_FORBIDDEN = Table(_build_forbidden, (_EDGE, *_OF_EXCHANGE), located=True)
