"""Reads typed values out of the JSON that ``docker compose config`` prints; what has another type counts as absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..results import Json
from ..units import UnitError, parse_duration, parse_size

Object = Mapping[str, Json]


def unescaped(text: str) -> str:
    """Undo the doubling of ``$`` that Compose prints so that its output can be read again."""
    return text.replace("$$", "$")


def inner(value: Object, *path: str) -> Object:
    """Return the mapping below nested keys, empty when there is none."""
    for key in path:
        below = value.get(key)
        value = below if isinstance(below, dict) else {}
    return value


def elements(value: Object, key: str) -> Sequence[Json]:
    """Return the list under a key, empty when there is none."""
    found = value.get(key)
    return found if isinstance(found, list) else []


def objects(value: Object, key: str) -> list[Object]:
    """Return the mappings in the list under a key."""
    return [element for element in elements(value, key) if isinstance(element, dict)]


def texts(value: Object, key: str) -> tuple[str, ...]:
    """Return the strings in the list under a key; a single string is a list of one."""
    found = value.get(key)
    if isinstance(found, str):
        return (unescaped(found),)
    return tuple(unescaped(element) for element in elements(value, key) if isinstance(element, str))


def text(value: Object, key: str) -> str | None:
    """Return the string or number under a key as text; empty counts as absent."""
    found = value.get(key)
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return str(found)
    return unescaped(found) or None if isinstance(found, str) else None


def pairs(value: Object, key: str) -> dict[str, str]:
    """Return a mapping of strings; entries without a value are left out."""
    found = inner(value, key)
    return {name: word for name in found if (word := _word(found[name])) is not None}


def flag(value: Object, key: str) -> bool:
    """Return whether the value under a key is ``true``."""
    return value.get(key) is True


def whole(value: Object, key: str) -> int | None:
    """Return the whole number under a key, written as a number or as text."""
    found = text(value, key)
    return int(found) if found is not None and found.lstrip("-").isdigit() else None


def number(value: Object, key: str) -> float | None:
    """Return the number under a key, written as a number or as text."""
    found = text(value, key)
    try:
        return None if found is None else float(found)
    except ValueError:
        return None


def seconds(value: Object, key: str) -> float | None:
    """Return the duration under a key in seconds."""
    found = text(value, key)
    try:
        return None if found is None else parse_duration(found)
    except UnitError:
        return None


def size(value: Object, key: str) -> int | None:
    """Return the size under a key in bytes; 0 means no limit and counts as absent."""
    found = text(value, key)
    try:
        return None if found is None else parse_size(found) or None
    except UnitError:
        return None


def _word(value: Json) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return unescaped(value)
    return str(value) if isinstance(value, (int, float)) else None
