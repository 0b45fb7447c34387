"""Which keys of the settings speak of a service: its name, patterns, ``*``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from .results import WHOLE_STACK


def keys_for(service: str, keys: Collection[str]) -> Iterator[str]:
    """Yield the keys that speak of a service: its name, then patterns with ``*`` in their order, then ``*`` itself."""
    if service in keys:
        yield service
    patterns = [key for key in keys if is_pattern(key) and fnmatchcase(service, key)]
    yield from sorted(patterns, key=lambda key: key == WHOLE_STACK)


def is_pattern(key: str) -> bool:
    """Return whether a key under ``services`` may speak of several."""
    return WHOLE_STACK in key
