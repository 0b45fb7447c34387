"""Judges the body of an answer: the pattern that it must hold, and what its JSON must say.

Pointers into JSON are those of RFC 6901.
"""

from __future__ import annotations

import json
from typing import Any

from ..settings import ProbeSettings
from . import matching
from .base import shown

_SHOWN = 100


def fault(body: bytes, settings: ProbeSettings) -> str:
    """Say what of the body is not as the settings want it, to end a sentence; empty when nothing is.

    Raises ``ProcessError`` where the pattern cannot be searched.
    """
    if settings.body is not None:
        held = matching.found(settings.body, body)
        if held is None:
            return f"the search of its body for {settings.body!r} took more than {matching.BUDGET_S:g} s of CPU time and was given up"
        if not held:
            return f"its body has nothing that matches {settings.body!r}: {shown(body)!r}"
    return _fault_of_json(body, settings) if settings.json else ""


def _fault_of_json(body: bytes, settings: ProbeSettings) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return f"its body is no JSON: {shown(body)!r}"
    for pointer, expected in settings.json:
        try:
            value = _at(document, pointer)
        except LookupError:
            return f"its JSON has nothing at {pointer!r}, expected {expected}"
        if _canonical(value) != _canonical(json.loads(expected)):
            return f"its JSON has {_cut(json.dumps(value))} at {pointer!r}, expected {expected}"
    return ""


def _canonical(value: object) -> str:
    """Return a value as JSON in which equal values are written alike: keys sorted, 1.0 as 1."""
    return json.dumps(_plain(value), sort_keys=True)


def _at(document: Any, pointer: str) -> Any:
    """Return what a pointer leads to. Raises LookupError where it leads nowhere."""
    for word in pointer.split("/")[1:]:
        step = word.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict):
            document = document[step]
        elif isinstance(document, list) and step.isascii() and step.isdigit():
            document = document[int(step)]
        else:
            raise LookupError(pointer)
    return document


def _plain(value: object) -> object:
    """Return a value whose whole numbers are all of one type."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
