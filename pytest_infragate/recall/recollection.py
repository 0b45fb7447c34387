"""What keeps values from one run to the next; which values these are is the business of others."""

from __future__ import annotations

from typing import Protocol

from ..results import Json

ENGINE, COMPOSE = "Docker Engine", "Docker Compose"
"""What versions are remembered of."""


class Memory(Protocol):
    """Keeps JSON values by name from one run to the next; may forget."""

    def load(self, key: str) -> object:
        """Return what was kept under a name, ``None`` when there is nothing that can be read."""

    def save(self, key: str, value: Json) -> None:
        """Keep a value under a name."""


class Forgetful:
    """Remembers nothing."""

    def load(self, _key: str) -> object:
        """Return nothing."""
        return None

    def save(self, _key: str, _value: Json) -> None:
        """Keep nothing."""
