"""An edge: the directed need of one service to reach another, ``api -> db:5432``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from ..results import Location


class Evidence(Enum):
    """What states a need: the text of the caller, a file that it reads, the callee's own labels, or an order of start."""

    TEXT = "text"
    FILE = "file"
    ANNOUNCED = "announced"
    ORDER = "order"


@dataclass(frozen=True)
class Edge:
    """A need that the files state; ``port`` is ``None`` where they name none, ``why`` says which key states it."""

    source: str
    target: str
    port: int | None
    why: str
    location: Location
    evidence: Evidence = Evidence.TEXT
    hosts: tuple[str, ...] = ()
    """The names and addresses by which the source calls the target, as written; empty: nothing names it but its key."""

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}" + ("" if self.port is None else f":{self.port}")


def merged(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return each edge once, with all names that lead to it, sorted; one with a port swallows the same without."""
    first: dict[tuple[str, str, int | None], Edge] = {}
    hosts: dict[tuple[str, str, int | None], dict[str, None]] = {}
    for edge in edges:
        key = (edge.source, edge.target, edge.port)
        first.setdefault(key, edge)
        hosts.setdefault(key, {}).update(dict.fromkeys(edge.hosts))
    ported = {(source, target) for source, target, port in first if port is not None}
    kept = [edge for key, edge in first.items() if edge.port is not None or key[:2] not in ported]
    named = [replace(edge, hosts=_hosts(edge, hosts)) for edge in kept]
    return tuple(sorted(named, key=lambda edge: (edge.source, edge.target, edge.port or 0)))


def _hosts(edge: Edge, hosts: Mapping[tuple[str, str, int | None], Iterable[str]]) -> tuple[str, ...]:
    """Return the names of an edge, those without a port too."""
    ported, bare = (hosts.get((edge.source, edge.target, port), ()) for port in (edge.port, None))
    return tuple(dict.fromkeys((*ported, *bare)))
