"""What the user can change of single checks beside their severity, and what they are held against.

The defaults are what the checks are documented with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType

from .results import Location

MOVING_TAGS = frozenset(
    {"latest", "stable", "edge", "nightly", "main", "master", "dev", "develop", "canary", "rolling"}
)
WEB_PORTS = frozenset({80, 443})
SLOW_START_S = 60.0


@dataclass(frozen=True)
class Budget:
    """What the whole stack may ask for: memory in bytes, processors; ``None``: nothing is said."""

    memory: int | None = None
    cpus: float | None = None


@dataclass(frozen=True)
class AcceptedFindings:
    """How many findings of one check on one subject in one file were there when the baseline was written."""

    file: str
    subject: str
    check: str
    count: int
    location: Location | None = None


@dataclass(frozen=True)
class CheckOptions:
    """The options of all checks. Patterns are whole names in which ``*`` stands for any text."""

    moving_tags: frozenset[str] = MOVING_TAGS
    """IG201: tags that are made to move."""
    floating_images: tuple[str, ...] = ()
    """IG201: patterns of images that need no fixed version."""
    allowed_images: tuple[str, ...] = ()
    """IG224: patterns of the images that may be used; empty: every one."""
    known_hosts: tuple[str, ...] = ()
    """IG304 and IG310: patterns of hosts that are there though no file has them."""
    public_ports: frozenset[int] = WEB_PORTS
    """IG338: host ports that are meant for everybody."""
    slow_start: float = SLOW_START_S
    """IG522: how long, in seconds, an image that starts slowly must be given."""
    public_names: tuple[str, ...] = ()
    """IG610 and IG611: patterns of variables that hold no secret, whatever their names."""
    said: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The options that the user has set, by check."""


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a name is one of the patterns; case counts."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
