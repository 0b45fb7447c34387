"""Where the keys and values of a TOML document stand; ``tomllib`` does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

Path: TypeAlias = "tuple[str | int, ...]"

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (r'"""(?:\\.|[^\\])*?"{3,5}', r"'''.*?'{3,5}", r'"(?:\\.|[^"\\])*"', r"'[^']*'")
_STRING = re.compile("|".join(_STRINGS), re.DOTALL)
_OTHER = re.compile(r"[^,\]}\n#]*")


class TomlPlaces:
    """The places of a document that ``tomllib`` has accepted; so this reads it without any check of its own."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._array_sizes: dict[Path, int] = {}
        self.keys: dict[Path, int] = {}
        """Offset of each key; elements of arrays are numbered from 0."""
        self.values: dict[Path, int] = {}
        """Offset of each value."""
        self._document()

    def _document(self) -> None:
        """Read tables and assignments to the end."""
        table: Path = ()
        self._skip(_BLANK)
        while self._position < len(self._text):
            if self._text[self._position] == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_BLANK)

    def _header(self) -> Path:
        """Read ``[table]`` or ``[[array]]`` and return the path of what follows."""
        begin = self._position
        array = self._text.startswith("[[", begin)
        self._position += 2 if array else 1
        *parents, last = self._dotted()
        table: Path = ()
        for name in parents:
            table = self._entered((*table, name))
        table = (*table, last)
        self._position += 2 if array else 1
        self._found(table, begin)
        if array:
            self._array_sizes[table] = self._array_sizes.get(table, 0) + 1
        table = self._entered(table)
        self._found(table, begin)
        return table

    def _entered(self, table: Path) -> Path:
        """Return the path of a table, or of the last element of an array of tables."""
        return (*table, self._array_sizes[table] - 1) if table in self._array_sizes else table

    def _assignment(self, table: Path) -> None:
        """Read ``key = value``."""
        begin = self._position
        path = table
        for name in self._dotted():
            path = (*path, name)
            self._found(path, begin)
        self._position += 1
        self._skip(_SPACES)
        self._value(path)

    def _found(self, path: Path, offset: int) -> None:
        """Remember where a key or a table is first written; what is written below it does not move it."""
        self.keys.setdefault(path, offset)
        self.values.setdefault(path, offset)

    def _dotted(self) -> list[str]:
        """Read the parts of a key."""
        return list(self._parts())

    def _parts(self) -> Iterator[str]:
        """Read a key part by part, up to what follows it."""
        while True:
            self._skip(_SPACES)
            quoted = self._text[self._position] in "\"'"
            part = self._skip(_STRING if quoted else _BARE_KEY)
            yield part[1:-1] if quoted else part
            self._skip(_SPACES)
            if self._text[self._position] != ".":
                return
            self._position += 1

    def _value(self, path: Path) -> None:
        """Read a value and what is in it."""
        self.values[path] = self._position
        first = self._text[self._position]
        if first == "[":
            self._members(path, "]")
        elif first == "{":
            self._members(path, "}")
        else:
            self._skip(_STRING if first in "\"'" else _OTHER)

    def _members(self, path: Path, end: str) -> None:
        """Read the elements of an array or the assignments of an inline table."""
        self._position += 1
        index = 0
        self._skip(_BLANK)
        while self._text[self._position] != end:
            if end == "]":
                self._value((*path, index))
            else:
                self._assignment(path)
            index += 1
            self._skip(_BLANK)
            if self._text[self._position] == ",":
                self._position += 1
                self._skip(_BLANK)
        self._position += 1

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Move behind what the pattern matches and return it."""
        match = pattern.match(self._text, self._position)
        self._position = match.end() if match else len(self._text)
        return match.group() if match else ""
