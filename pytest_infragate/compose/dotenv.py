"""Reads a ``.env`` file for the ``COMPOSE_*`` names that choose files and profiles; Compose itself reads all the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from .source import read_text

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*(.*?)\s*")
_QUOTED = re.compile(r"(['\"])(.*?)(?<!\\)\1")
_COMMENT = re.compile(r"(?:^|\s+)#.*")
_REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:(:?-)([^}]*))?\})")


def read_dotenv(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the names of an env file with their values, ``$NAME`` and ``${NAME:-default}`` replaced.

    References are looked up in ``environ`` first, as Compose does, then in earlier lines. Lines that are no assignment
    are left to Compose to refuse. Raises SourceError when the file cannot be read.
    """
    values: dict[str, str] = {}
    for line in read_text(path).splitlines():
        match = _LINE.fullmatch(line)
        if match is not None:
            values[match[1]] = _value(match[2], {**values, **environ})
    return values


def _value(written: str, known: Mapping[str, str]) -> str:
    """Return the value of one assignment without quotes and comment."""
    quoted = _QUOTED.match(written)
    if quoted is None:
        return _replaced(_COMMENT.sub("", written), known)
    if quoted[1] == "'":
        return quoted[2]
    return _replaced(quoted[2].replace('\\"', '"'), known)


def _replaced(text: str, known: Mapping[str, str]) -> str:
    """Return the text with references to other names replaced."""

    def value_of(match: re.Match[str]) -> str:
        value = known.get(match[1] or match[2])
        if value is None or (match[3] == ":-" and not value):
            return match[4] or ""
        return value

    return _REFERENCE.sub(value_of, text)
