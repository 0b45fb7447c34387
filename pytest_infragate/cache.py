"""Keeps what the gate remembers from run to run in pytest's own cache."""

from __future__ import annotations

import pytest

from .recall.recollection import Forgetful, Memory
from .results import Json

FOLDER = "infragate"
"""The folder of pytest's cache that is ours."""


class CacheMemory:
    """Keeps what the gate remembers in pytest's own cache."""

    def __init__(self, cache: pytest.Cache) -> None:
        self._cache = cache

    def load(self, key: str) -> object:
        """Return what an earlier run kept; a file that is no JSON counts as absent."""
        return self._cache.get(f"{FOLDER}/{key}", None)

    def save(self, key: str, value: Json) -> None:
        """Keep a value; pytest warns where its cache cannot be written."""
        self._cache.set(f"{FOLDER}/{key}", value)


def memory(config: pytest.Config) -> Memory:
    """Return the memory of this run: pytest's cache, or none with ``-p no:cacheprovider``."""
    cache = getattr(config, "cache", None)
    return Forgetful() if cache is None else CacheMemory(cache)
