"""What a server's configuration file says of whom it calls, and the notations of addresses in such files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ...results import Location
from ..mentions import Mention, in_text
from ..node import Node

_ADDRESS = re.compile(r"^(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[\w.-]*\w)?)\.?(?::(?P<port>\d{1,5}))?(?:/.*)?$")
_VARIABLE = re.compile(r"\$\{(?:env:|env\.)?(?P<name>\w+)(?::?-(?P<default>[^}]*))?\}")


@dataclass(frozen=True)
class Written:
    """A text that a program in a container reads; ``place`` is where it begins, its lines follow where ``is_file``."""

    path: str
    """Where the program finds it, in the container."""
    text: str
    place: Location
    is_file: bool
    environment: Mapping[str, str]
    beside: tuple[str, ...] = ()
    """The further texts of its kind that the same program reads."""

    def location(self, line: int) -> Location:
        """Return the place of a line of the text, counted from 1."""
        return Location(self.place.file, line) if self.is_file else self.place

    def at(self, node: Node) -> Location:
        """Return the place of a node of the text."""
        return node.location if self.is_file else self.place


@dataclass(frozen=True)
class Call:
    """A host that a configuration file makes its program call; ``key`` is the directive that says so."""

    mention: Mention
    key: str
    location: Location


SCRAPED = "prometheus scrape_configs"
"""The key of what is watched; it need not be there, and a target has ports for this alone."""
Reader: TypeAlias = Callable[[Written], Iterator[Call]]


def address(text: str, default: int | None = None) -> Mention | None:
    """Return the host of ``web``, ``web:80`` or ``http://web:80/x``; ``default`` is the port where the text names none."""
    written = text.strip().strip("\"'")
    if "://" in written:
        return next((one for one in in_text(written) if one.scheme), None)
    match = _ADDRESS.match(written)
    if match is None or not re.search("[A-Za-z.:]", match["host"]):
        return None
    number = int(match["port"]) if match["port"] else 0
    port = number if 0 < number < 65536 else None
    return Mention(match["host"].strip("[]"), port or default, implied=port is None)


def filled(text: str, environment: Mapping[str, str]) -> str:
    """Return a text with ``${NAME}``, ``${env:NAME}`` and ``${NAME:-default}`` replaced where their value is known."""
    return _VARIABLE.sub(lambda match: environment.get(match["name"]) or match["default"] or match[0], text)
