"""Reads a table of a TOML file into the same nodes as YAML."""

from __future__ import annotations

import datetime
import importlib
import re
import sys
from pathlib import Path
from typing import Any

from ..compose.node import Node, NodeKind
from ..compose.source import SourceError, read_text
from ..results import Location
from .toml_places import Path as Keys
from .toml_places import TomlPlaces

_tomllib: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def load_toml_table(path: Path, name: str, *keys: str) -> Node | None:
    """Return a table of a TOML file, or ``None`` when the file does not have it.

    ``name`` is the file's name in places. Raises SourceError when the file cannot be read or is not valid TOML.
    """
    text = read_text(path, name).replace("\r\n", "\n")
    try:
        value: Any = _tomllib.loads(text)
    except _tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), name) from None
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    return _Builder(text, name).node(value, keys)


class _Builder:
    """Gives plain TOML values their places."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._places = TomlPlaces(text)

    def node(self, value: Any, path: Keys) -> Node:
        """Return a value with its place."""
        place = self._place(self._places.values, path)
        if isinstance(value, dict):
            entries = tuple((self._key(key, path), self.node(below, (*path, key))) for key, below in value.items())
            return Node(NodeKind.MAPPING, place, entries=entries)
        if isinstance(value, list):
            elements = tuple(self.node(element, (*path, index)) for index, element in enumerate(value))
            return Node(NodeKind.SEQUENCE, place, elements=elements)
        if isinstance(value, datetime.date | datetime.time):
            return Node(NodeKind.SCALAR, place, value.isoformat(), value.isoformat())
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return Node(NodeKind.SCALAR, place, value, text, isinstance(value, str))

    def _key(self, key: str, path: Keys) -> Node:
        """Return the node of a key."""
        return Node(NodeKind.SCALAR, self._place(self._places.keys, (*path, key)), key, key)

    def _place(self, offsets: dict[Keys, int], path: Keys) -> Location:
        """Return the place of a path, or of the nearest table above it whose place is known."""
        while path and path not in offsets:
            path = path[:-1]
        if not path:
            return Location(self._name)
        offset = offsets[path]
        line_begin = self._text.rfind("\n", 0, offset) + 1
        return Location(self._name, self._text.count("\n", 0, offset) + 1, offset - line_begin + 1)


def _syntax_error(message: str, name: str) -> SourceError:
    """Return tomllib's error as a sentence with its place."""
    match = _PLACE.fullmatch(message)
    problem = match[1] if match else message
    place = Location(name, int(match[2]), int(match[3])) if match and match[2] else Location(name)
    return SourceError(place, f"this is not valid TOML: {problem[:1].lower()}{problem[1:]}")
