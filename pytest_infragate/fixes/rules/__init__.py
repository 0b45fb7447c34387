"""The rules, one subject a module; each is registered here by hand, in the order in which their edits are shown."""

from __future__ import annotations

from ..view import Rule
from . import addresses, dependencies, healthchecks, logs, quoting, top_level

RULES: tuple[Rule, ...] = (
    top_level.obsolete_version,
    top_level.unused_entries,
    dependencies.conditions,
    healthchecks.asked_over_tcp,
    logs.rotation,
    addresses.loopback,
    quoting.quotes,
)
"""Where the edits of two meet, the first is made, and the other in the next pass if it is still needed."""
