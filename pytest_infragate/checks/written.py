"""What the Compose files themselves write for each service, before variables are replaced and files are merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..compose.node import Node, NodeKind
from ..compose.resolve import Resolution
from ..results import Location


@dataclass(frozen=True)
class Assignment:
    """A name with its value as written, ``None`` where there is none (``- DB_PASSWORD``)."""

    service: str
    name: str
    value: str | None
    location: Location
    node: Node


def services(resolution: Resolution) -> Iterator[tuple[str, Node]]:
    """Yield the services of all documents by name, what ``extends`` brings in first.

    One that several files write comes several times.
    """
    yield from resolution.extended
    for tree in resolution.trees:
        below = tree.root.get("services")
        if below is not None:
            yield from ((name, node) for name, node in below.items() if node.is_mapping)


def assignments(resolution: Resolution, *path: str) -> Iterator[Assignment]:
    """Yield the names and values below a key of each service, a list of ``NAME=value`` included.

    What an anchor hands to several services comes once.
    """
    seen: set[int] = set()
    for service, node in services(resolution):
        for found in _below(service, node.get(*path)):
            if id(found.node) not in seen:
                seen.add(id(found.node))
                yield found


def words(node: Node | None) -> tuple[str, ...]:
    """Return a command as written: the text, or the texts of a list."""
    if node is None:
        return ()
    found = node.elements or (node,)
    return tuple(element.text for element in found if element.kind is NodeKind.SCALAR)


def _below(service: str, node: Node | None) -> Iterator[Assignment]:
    if node is None:
        return
    for key, value in node.entries:
        if value.kind is NodeKind.SCALAR:
            yield Assignment(service, key.text, None if value.is_null else value.text, value.location, value)
    for element in node.elements:
        if element.kind is NodeKind.SCALAR:
            name, separator, text = element.text.partition("=")
            yield Assignment(service, name.strip(), text if separator else None, element.location, element)
