"""The right name that a mistyped one is nearest to, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SIMILARITY = 0.6


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` most resembles, or ``None`` when none does; case does not count."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=_SIMILARITY)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` to end a message with, or nothing when no known name is near."""
    candidate = nearest(name, known)
    return "" if candidate is None else f"; did you mean {candidate!r}?"


def listed(names: Iterable[str], last: str = "or") -> str:
    """Return the names as a sentence lists them: ``a, b or c``."""
    *most, final = list(names) or [""]
    return f"{', '.join(most)} {last} {final}" if most else final


def unknown_service(name: str, services: Iterable[str]) -> str:
    """Return the sentence for a service name that the stack does not have."""
    known = tuple(services)
    return f"the stack has no service {name!r}: it has {listed(known, 'and') or 'none'}{did_you_mean(name, known)}"
