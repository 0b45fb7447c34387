"""A YAML or TOML document as frozen nodes that know where each key and value was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from ..results import Json, Location
from .credentials import without_passwords
from .scalars import Scalar


class NodeKind(str, Enum):
    """What a node is; the values are the words for messages."""

    SCALAR = "scalar"
    SEQUENCE = "list"
    MAPPING = "mapping"


@dataclass(frozen=True)
class Node:
    """One value with its place. Only the field of its kind is filled."""

    kind: NodeKind
    location: Location
    scalar: Scalar = None
    text: str = ""
    """The scalar as written, without quotes."""
    quoted: bool = False
    elements: tuple[Node, ...] = ()
    entries: tuple[tuple[Node, Node], ...] = ()
    """Keys and values in the order of the file; keys are unique scalars; merge keys (``<<``) are already applied."""
    tag: str = ""
    """An explicit tag such as ``!reset`` or ``!override``; empty when there is none."""
    size: int = field(default=1, compare=False, repr=False)
    """Number of nodes below and including this one, aliases expanded."""

    @property
    def is_mapping(self) -> bool:
        """Whether the node has keys."""
        return self.kind is NodeKind.MAPPING

    @property
    def is_sequence(self) -> bool:
        """Whether the node is a list."""
        return self.kind is NodeKind.SEQUENCE

    @property
    def is_null(self) -> bool:
        """Whether nothing (or ``null``) was written."""
        return self.kind is NodeKind.SCALAR and self.scalar is None

    def items(self) -> Iterator[tuple[str, Node]]:
        """Return keys and values of a mapping; other kinds have none."""
        return ((key.text, value) for key, value in self.entries)

    def key(self, name: str) -> Node | None:
        """Return the key node of a mapping's entry, which has the key's own place."""
        return next((key for key, _ in self.entries if key.text == name), None)

    def get(self, *path: str) -> Node | None:
        """Return the value below nested keys, or ``None`` when one of them is absent."""
        node: Node | None = self
        for name in path:
            node = None if node is None else next((value for key, value in node.entries if key.text == name), None)
        return node

    def plain(self) -> Json:
        """Return the value without places and tags."""
        if self.is_mapping:
            return {key: value.plain() for key, value in self.items()}
        if self.is_sequence:
            return [element.plain() for element in self.elements]
        return self.scalar

    def described(self) -> str:
        """Return the value as a message shows it: ``'strickt'``, ``5``, ``a list``, ``a mapping``, ``nothing``.

        A password inside a URL is left out.
        """
        if self.kind is not NodeKind.SCALAR:
            return f"a {self.kind.value}"
        if self.scalar is None:
            return "nothing"
        return repr(without_passwords(self.scalar)) if isinstance(self.scalar, str) else self.text


def combined(first: Node, second: Node) -> Node:
    """Return both values of a key that is given twice as one; of what cannot stand side by side the first stays."""
    if first.is_sequence and second.is_sequence:
        return replace(first, elements=first.elements + second.elements, size=first.size + second.size)
    if not (first.is_mapping and second.is_mapping):
        return first
    entries = {key.text: (key, value) for key, value in first.entries}
    for key, value in second.entries:
        known = entries.get(key.text)
        entries[key.text] = (key, value) if known is None else (known[0], combined(known[1], value))
    return replace(first, entries=tuple(entries.values()), size=first.size + second.size)
