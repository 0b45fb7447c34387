"""Puts the values of variables into texts: ``$NAME``, ``${NAME}``, ``:-``, ``-``, ``:?``, ``?``, ``:+``, ``+``, ``$$``."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...errors import ComposeError

Lookup = Callable[[str], "str | None"]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR = re.compile(r":?[-?+]")
_OPENING = "${"


class TemplateError(ComposeError):
    """A text cannot be interpolated; the message is the end of a sentence about it, without the text: it may be a secret."""


def substitute(text: str, lookup: Lookup, missing: Callable[[str], object]) -> str:
    """Return the text with references replaced; ``missing`` hears of names that are replaced by nothing.

    A dollar sign that begins no reference stays. Raises TemplateError for a reference that is not well-formed, and for
    a variable that is demanded and has no value.
    """
    parts: list[str] = []
    position = 0
    while (found := text.find("$", position)) >= 0:
        parts.append(text[position:found])
        value, position = _reference(text, found, lookup, missing)
        parts.append(value)
    parts.append(text[position:])
    return "".join(parts)


def _reference(text: str, start: int, lookup: Lookup, missing: Callable[[str], object]) -> tuple[str, int]:
    """Return the value of what begins at a dollar sign, and where it ends."""
    if text.startswith("$$", start):
        return "$", start + 2
    if text.startswith(_OPENING, start):
        end = _closing(text, start)
        if end < 0:
            raise TemplateError("a reference '${…' in it has no closing brace")
        return _braced(text[start + 2 : end], lookup, missing), end + 1
    name = _NAME.match(text, start + 1)
    if name is None:
        return "$", start + 1
    return _plain(name[0], lookup, missing), name.end()


def _closing(text: str, start: int) -> int:
    """Return the position of the brace that closes the one at ``start``; every other brace needs its own. Or -1."""
    depth = 0
    for position in range(start + 1, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if not depth:
            return position
    return -1


def _plain(name: str, lookup: Lookup, missing: Callable[[str], object]) -> str:
    value = lookup(name)
    if value is None:
        missing(name)
    return value or ""


def _braced(inside: str, lookup: Lookup, missing: Callable[[str], object]) -> str:
    """Return the value of what stands between braces."""
    name = _NAME.match(inside)
    if name is None:
        raise TemplateError("a reference '${…}' in it names no variable (write $$ where a dollar sign is meant)")
    rest = inside[name.end() :]
    if not rest:
        return _plain(name[0], lookup, missing)
    operator = _OPERATOR.match(rest)
    if operator is None:
        raise TemplateError(f"'${{{name[0]}…}}' has no operator that is known (write $$ where a dollar sign is meant)")
    value = lookup(name[0])
    has_value = bool(value) if operator[0].startswith(":") else value is not None
    return _by_operator(operator[0][-1], name[0], value if has_value else None, rest[operator.end() :], lookup, missing)


def _by_operator(
    operator: str, name: str, value: str | None, argument: str, lookup: Lookup, missing: Callable[[str], object]
) -> str:
    """Return what a default (``-``), a replacement (``+``) or a demand (``?``) gives."""
    if operator == "+":
        return "" if value is None else substitute(argument, lookup, missing)
    if value is not None:
        return value
    if operator == "-":
        return substitute(argument, lookup, missing)
    told = substitute(argument, lookup, missing)
    raise TemplateError(f"the variable {name} is required and has no value{': ' if told else ''}{told}")
