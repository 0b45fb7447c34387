"""Parses ``checks.options``: for each check that has any, a table of its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..check_options import CheckOptions
from ..compose.node import Node
from .notation import port_number
from .problems import Parser, Trail
from .schema import Key, Table, list_of
from .values import deadline, text, whole

_PATTERNS = list_of(text, "names, in which * stands for any text")


def _tags(node: Node, trail: Trail) -> frozenset[str]:
    return frozenset(list_of(text, "tags")(node, trail))


def _ports(node: Node, trail: Trail) -> frozenset[int]:
    return frozenset(list_of(_port, "port numbers")(node, trail))


def _port(node: Node, trail: Trail) -> int:
    return port_number(whole(1)(node, trail))


_OPTIONS: Mapping[str, Mapping[str, Parser[Any]]] = {
    "IG201": {"moving_tags": _tags, "floating_images": _PATTERNS},
    "IG224": {"allowed_images": _PATTERNS},
    "IG310": {"known_hosts": _PATTERNS},
    "IG338": {"public_ports": _ports},
    "IG522": {"slow_start": deadline},
    "IG610": {"public_names": _PATTERNS},
}
"""The options of each check; each is a field of ``CheckOptions``."""


def _built(**by_check: dict[str, Any]) -> CheckOptions:
    values = {name: value for options in by_check.values() for name, value in options.items()}
    return CheckOptions(**values, said={check: tuple(options) for check, options in by_check.items() if options})


check_options = Table(
    _built,
    tuple(
        Key(check, Table(dict, tuple(Key(name, parse) for name, parse in options.items())))
        for check, options in _OPTIONS.items()
    ),
)
"""Returns the options of all checks."""
