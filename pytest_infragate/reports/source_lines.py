"""The source lines that findings are about, without the secrets in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..masking import MASK, Masker, is_secret_name
from ..results import Location
from .quoting import SourceLine

_LARGEST = 5_000_000
"""Larger files are not read, in bytes."""
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML counts as the end of a line; ``str.splitlines`` knows more."""
_STRUCTURED = (".yaml", ".yml", ".toml", ".json")
_NAME = r"(?P<name>[A-Za-z_][\w.-]*)"
_ASSIGNED = re.compile(_NAME + r"[\"']?\s*[:=]\s*(?P<value>\S)")
_OPTION = re.compile(r"(?<![\w-])--?" + _NAME + r"[\"']?[=,\s]\s*(?P<value>\S)")
_VARIABLE = re.compile(r"\s*(?:export\s+)?" + _NAME + r"\s*[:=]\s*(?P<value>\S)")
_NO_SECRET = re.compile(r"[\"']?\$(?:\w+|\{\w+(?::?\?[^}]*)?\})[\"']?[\s,}\]]*(?:#.*)?|[&!]\S+|#.*")
"""A value that only names a variable (one with a default may hold the secret), an anchor, a tag, a comment."""
_TOP_LEVEL = frozenset({"secrets"})
"""Keys with a secret's name that hold names."""


@dataclass(frozen=True)
class _File:
    lines: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()
    """Numbers, from 0, of the lines that continue a secret."""


class SourceLines:
    """Reads lines of the files below ``root``, each file once; what the masker knows as secret is not in them.

    Also masked are values of keys and options that have a secret's name, where Compose has refused the files and nobody knows
    the values; and in env files every value.
    """

    def __init__(self, root: Path, masker: Masker) -> None:
        self._root = root
        self._masker = masker
        self._files: dict[str, _File] = {}

    def quoted(self, place: Location | None, width: int) -> tuple[str, ...]:
        """Return the line at a place and a caret below it, in at most ``width`` columns; nothing where there is no such line."""
        line = self.line(place)
        return line.quoted(width) if line else ()

    def line(self, place: Location | None) -> SourceLine | None:
        """Return the line at a place; ``None`` where there is none, or nothing is on it."""
        if place is None or place.line is None:
            return None
        file = self._files.get(place.file) or self._files.setdefault(place.file, _read(self._root / place.file))
        if not 0 < place.line <= len(file.lines) or not file.lines[place.line - 1].strip():
            return None
        written = file.lines[place.line - 1]
        hidden = place.line - 1 in file.hidden
        shown = f"{_indent(written) * ' '}{MASK}" if hidden else self._masked(written, place.file)
        column = place.column or _indent(written) + 1
        return SourceLine(shown, place.line, min(column, _common(written, shown) + 1))

    def _masked(self, written: str, file: str) -> str:
        line = self._masker.text(written)
        if not file.endswith(_STRUCTURED) and (variable := _VARIABLE.match(line)):
            return _without(line, variable)
        secret = next((named for named in _named(line) if _is_secret(named)), None)
        return line if secret is None else _without(line, secret)


def _read(path: Path) -> _File:
    """Return a file; an empty one where it cannot be read."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return _File()
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return _File()
    lines = tuple(_LINE_END.split(text))
    return _File(lines, frozenset(_inside_secrets(lines)))


def _inside_secrets(lines: tuple[str, ...]) -> Iterator[int]:
    """Yield the numbers of lines that continue a value from above, under a key with a secret's name (``PASSWORD: |``)."""
    begun = -1
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if 0 <= begun < _indent(line):
            yield number
        else:
            begun = _indent(line) if any(map(_is_secret, _ASSIGNED.finditer(line))) else -1


def _named(line: str) -> Iterator[re.Match[str]]:
    """Yield what has a name in a line: keys and variables, then options."""
    yield from _ASSIGNED.finditer(line)
    yield from _OPTION.finditer(line)


def _is_secret(named: re.Match[str]) -> bool:
    """Whether a value stands after a secret's name: ``POSTGRES_PASSWORD``, ``--require-pass``, ``db.password``."""
    name = re.sub("[.-]", "_", named["name"])
    value = named.string[named.start("value") :]
    return name not in _TOP_LEVEL and is_secret_name(name) and not _NO_SECRET.fullmatch(value)


def _without(line: str, named: re.Match[str]) -> str:
    """Return a line without a value and what follows it."""
    return f"{line[: named.start('value')]}{MASK}"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), max(len(one), len(other)))
