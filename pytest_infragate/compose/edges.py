"""An edge: the directed need of one service to reach another, ``api -> db:5432``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}" + ("" if self.port is None else f":{self.port}")


def merged(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return each edge once, sorted; one with a port swallows the same without."""
    first: dict[tuple[str, str, int | None], Edge] = {}
    for edge in edges:
        first.setdefault((edge.source, edge.target, edge.port), edge)
    ported = {(source, target) for source, target, port in first if port is not None}
    kept = [edge for key, edge in first.items() if edge.port is not None or key[:2] not in ported]
    return tuple(sorted(kept, key=lambda edge: (edge.source, edge.target, edge.port or 0)))
