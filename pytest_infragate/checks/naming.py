"""How the checks of the environment speak of variables: by name, many of them at once, never by value."""

from __future__ import annotations

from collections.abc import Iterable

from ..suggest import listed

OF_TOOLS = ("COMPOSE_", "DOCKER_", "BUILDKIT_")
"""The beginnings of names that configure the tools themselves."""
_SHOWN = 12


def named(names: Iterable[str]) -> str:
    """Return the names in order as a sentence lists them; of many the first ones, and how many there are more."""
    ordered = sorted(names)
    rest = len(ordered) - _SHOWN
    return f"{', '.join(ordered[:_SHOWN])} and {rest} more" if rest > 0 else listed(ordered, "and")
