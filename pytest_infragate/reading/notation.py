"""Parsers of the small notations that fill one line: edges, limits, argument lists."""

from __future__ import annotations

import re
from dataclasses import replace

from ..bounds import Limit
from ..compose.node import Node
from ..limits import parse_limit
from ..results import WHOLE_STACK
from ..service_keys import is_pattern
from ..settings import EdgeSettings
from .problems import InvalidError, Trail
from .schema import list_of
from .values import text, word

_MOST_PORT = 65535
_NAME = r"[A-Za-z0-9_*](?:[A-Za-z0-9._*-]*[A-Za-z0-9_*])?"
UDP = "/udp"
_TRANSPORTS = ("/tcp", UDP)
_TARGET = re.compile(rf"({_NAME}):(\d+)(/\S*)?")
_EDGE = re.compile(rf"({_NAME})\s*->\s*({_NAME})(?::(\d+)(/\S*)?)?")


def edge(node: Node, trail: Trail) -> EdgeSettings:
    """Return an edge written as ``api -> db:5432`` or ``edge -> api:8000/healthz``."""
    return replace(parse_edge(text(node, trail).strip()), location=node.location)


def parse_edge(written: str) -> EdgeSettings:
    """Return the edge that a text alone is. Raises InvalidError that says what was expected."""
    found = parse_ends(written)
    if is_udp(found):
        raise InvalidError(
            "an edge over UDP is proven by an exchange alone: expected a mapping such as "
            '{edge: "api -> dns:53/udp", send: "…", expect: "…"}'
        )
    return found


def parse_ends(written: str) -> EdgeSettings:
    """Return caller, target, port and path that a text names. Raises InvalidError that says what was expected."""
    match = _EDGE.fullmatch(written)
    if match is None:
        raise InvalidError("expected 'caller -> target', 'caller -> target:port' or 'caller -> target:port/path'")
    port = None if match[3] is None else port_number(int(match[3]))
    return EdgeSettings(match[1], match[2], port, None if match[4] in _TRANSPORTS else match[4], written)


def is_udp(edge: EdgeSettings) -> bool:
    """Return whether an edge is written as one over UDP."""
    return edge.text.endswith(UDP)


def target(node: Node, trail: Trail) -> EdgeSettings:
    """Return the target of an edge alone, written as ``edge:8080`` or ``edge:8080/items``; anybody may call it."""
    written = text(node, trail).strip()
    match = _TARGET.fullmatch(written)
    if match is None or is_pattern(match[1]):
        raise InvalidError("expected a service with port, 'edge:8080' or 'edge:8080/path'")
    return EdgeSettings(WHOLE_STACK, match[1], port_number(int(match[2])), match[3], written, node.location)


def port_number(number: int) -> int:
    """Return a port number that exists; raises InvalidError for any other."""
    if not 1 <= number <= _MOST_PORT:
        raise InvalidError(f"expected a port between 1 and {_MOST_PORT}")
    return number


def limit(node: Node, trail: Trail) -> Limit:
    """Return a limit in k6's notation."""
    return parse_limit(text(node, trail), node.location)


def arguments(node: Node, trail: Trail) -> tuple[str, ...]:
    """Return an argument list that names at least a program."""
    words = list_of(word, "arguments")(node, trail)
    if not node.elements:
        raise InvalidError("expected at least the program to run")
    return words
