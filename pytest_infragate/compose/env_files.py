"""Env files as their authors wrote them: which names they set, where, and which template stands beside them.

What Compose makes of the values is another module's business. A value is kept to be compared, never to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .. import sightings
from ..results import Location
from .source import SourceError, read_text
from .trees import shown

TEMPLATE_SUFFIXES = (".example", ".sample", ".template", ".dist")
_ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*(?P<value>.*)")
_HIDDEN = re.compile(r"[ \t]*#[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=")
_CLOSING = {"'": re.compile(r"(?:[^'\\]|\\.)*'"), '"': re.compile(r'(?:[^"\\]|\\.)*"')}
_COMMENT = re.compile(r"(?:^|\s+)#.*")


@dataclass(frozen=True)
class Assignment:
    """One ``NAME=value``; ``text`` is the value without its quotes, before references in it are replaced."""

    name: str
    text: str = field(repr=False)
    location: Location
    literal: bool = False
    """Whether it stands in single quotes, so that a dollar sign in it is one."""

    @property
    def is_plain(self) -> bool:
        """Whether the value is its text: it refers to no other name."""
        return self.literal or "$" not in self.text


@dataclass(frozen=True)
class EnvFile:
    """One env file; ``name`` is its path as messages show it."""

    path: Path
    name: str
    assignments: tuple[Assignment, ...]
    hidden: frozenset[str] = frozenset()
    """Names that stand in comments, as templates list what is optional."""

    @cached_property
    def last(self) -> dict[str, Assignment]:
        """The assignment of each name that wins."""
        return {one.name: one for one in self.assignments}


def read_env_file(path: Path, base: str) -> EnvFile | None:
    """Return what an env file sets, ``None`` when it cannot be read; lines that are no assignment are left to Compose."""
    name = shown(path, base)
    try:
        lines = read_text(path, name).splitlines()
    except SourceError:
        return None
    hidden = frozenset(match["name"] for line in lines if (match := _HIDDEN.match(line)))
    return EnvFile(path, name, tuple(_assignments(lines, name)), hidden)


def template_of(path: Path, base: str) -> EnvFile | None:
    """Return the template beside an env file: ``.env.example`` and its like."""
    candidates = (path.with_name(path.name + suffix) for suffix in TEMPLATE_SUFFIXES)
    return next((read_env_file(candidate, base) for candidate in candidates if sightings.is_file(candidate)), None)


def _assignments(lines: list[str], name: str) -> Iterator[Assignment]:
    """Yield the assignments; a quoted value may go on over several lines, none of which is one of its own."""
    number = 0
    while number < len(lines):
        match = _ASSIGNMENT.match(lines[number])
        place = Location(name, number + 1, match.start("name") + 1) if match else None
        text, quote, number = _value(match["value"] if match else "", lines, number)
        if match and place:
            yield Assignment(match["name"], text, place, quote == "'")


def _value(written: str, lines: list[str], number: int) -> tuple[str, str, int]:
    """Return a value without quotes and comment, its quote, and the number of the line after it."""
    quote = written[:1]
    if quote not in _CLOSING:
        return _COMMENT.sub("", written).strip(), "", number + 1
    text = "\n".join([written[1:], *lines[number + 1 :]]) if not _CLOSING[quote].match(written[1:]) else written[1:]
    match = _CLOSING[quote].match(text)
    if match is None:
        return written, "", number + 1
    return match[0][:-1], quote, number + 1 + match[0].count("\n")
