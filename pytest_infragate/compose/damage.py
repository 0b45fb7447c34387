"""Which parts of a project its problems concern, so that what only follows from them is told of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Damage:
    """What is not known for certain of a project that has problems."""

    everything: bool = False
    """Whether a part is lost of which nobody knows what it says; then all that is absent may be there."""
    services: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    """The keys with problems of each service that has any."""
    resources: frozenset[str] = frozenset()
    """The networks, volumes, secrets and configs that have problems."""
