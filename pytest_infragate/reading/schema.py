"""The parts that the tree of settings is made of: tables, lists and mappings of parsers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from ..compose.node import Node
from ..suggest import did_you_mean, listed
from .problems import InvalidError, Parser, ReportedError, Trail, attempt

T = TypeVar("T")


@dataclass(frozen=True)
class Key:
    """One key of a table. ``field``: the value's name in the dataclass, when it is not the key."""

    name: str
    parse: Parser[Any]
    field: str = ""
    missing: str = ""
    """Makes the key mandatory: ends the sentence ``commands[0] has no name: …``."""


@dataclass(frozen=True)
class Table(Generic[T]):
    """A mapping with fixed keys; ``null`` counts as not written."""

    build: Callable[..., T]
    """Takes the values by keyword; may raise ContradictionError."""
    keys: tuple[Key, ...]
    located: bool = False
    """Whether the value knows its place."""

    def __call__(self, node: Node, trail: Trail) -> T:
        """Return the value built from the keys; every key is looked at before ReportedError is raised."""
        names = [key.name for key in self.keys]
        if node.is_null:
            node = Node(node.kind.MAPPING, node.location)
        if not node.is_mapping:
            keys = "keys" if len(names) > 1 else "key"
            raise InvalidError(f"expected a mapping with the {keys} {listed(names, 'and')}")
        before = len(trail.context.problems)
        _note_unknown(node, names, trail)
        values = {key.field or key.name: value for key in self.keys if (value := _value(key, node, trail)) is not None}
        if len(trail.context.problems) > before:
            raise ReportedError
        return self.build(**values, **({"location": node.location} if self.located else {}))


def _note_unknown(node: Node, names: list[str], trail: Trail) -> None:
    """Note every key that the table does not have."""
    where = f" in {trail.path}" if trail.path else ""
    for key, _ in node.entries:
        if key.text not in names:
            hint = did_you_mean(key.text, names)
            trail.note(key.location, f"unknown key {key.text!r}{where}: expected {listed(names)}{hint}")


def _value(key: Key, node: Node, trail: Trail) -> object:
    """Return the parsed value of a key, or ``None`` when it is absent or wrong."""
    below = node.get(key.name)
    if below is not None and not below.is_null:
        return attempt(key.parse, below, trail.below(key.name), None)
    if key.missing:
        trail.note(node.location, f"{trail.path or 'the file'} has no {key.name!r}: {key.missing}")
    return None


def list_of(parse: Parser[T], what: str) -> Parser[tuple[T, ...]]:
    """Return a parser of lists; ``what`` names the elements in the plural, for messages."""

    def parse_list(node: Node, trail: Trail) -> tuple[T, ...]:
        if not node.is_sequence:
            raise InvalidError(f"expected a list of {what}")
        attempts = [attempt(parse, element, trail.at(index), None) for index, element in enumerate(node.elements)]
        return tuple(value for value in attempts if value is not None)

    return parse_list


def mapping_of(parse: Parser[T], what: str) -> Parser[Mapping[str, T]]:
    """Return a parser of mappings with free keys; ``what`` names keys and values, for messages."""

    def parse_mapping(node: Node, trail: Trail) -> Mapping[str, T]:
        if not node.is_mapping:
            raise InvalidError(f"expected a mapping of {what}")
        attempts = {key: attempt(parse, value, trail.below(key), None) for key, value in node.items()}
        return MappingProxyType({key: value for key, value in attempts.items() if value is not None})

    return parse_mapping
