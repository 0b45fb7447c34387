"""Reads the comments of Compose files that are meant for us: ``# infragate: ignore[IG201, IG402] reason``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..results import Location
from .model import Project
from .selection import Selection
from .source import SourceError, read_text
from .trees import shown

_MARK = "infragate:"
_COMMENT = re.compile(r"(?:^|(?<=\s))#+\s*infragate:\s*(?P<said>.*?)\s*$", re.ASCII)
_IGNORE = re.compile(r"ignore\s*\[(?P<ids>[^\]]*)\]\s*(?P<reason>.*)")
_ALONE = re.compile(r"\s*#")
EXPECTED = "expected `# infragate: ignore[IG201] reason`, several ids with commas between them"


@dataclass(frozen=True)
class Ignore:
    """One comment: the ids that it names, why, and the line of the file that it speaks of."""

    checks: tuple[str, ...]
    reason: str
    location: Location
    line: int
    """Its own line, or the next one where it stands alone."""
    problem: str = ""
    """What keeps it from ignoring anything; a sentence without a full stop."""


def find_ignores(selection: Selection, project: Project | None, base: str) -> tuple[Ignore, ...]:
    """Return the comments of every Compose file that takes part, files of ``include`` and ``extends`` too.

    Places name files relative to ``base``. A file that cannot be read has none; that it cannot is told elsewhere.
    """
    found: list[Ignore] = []
    for name in _names(selection, project, base):
        try:
            text = read_text(Path(base) / name, name)
        except SourceError:
            continue
        found += read_ignores(text, name)
    return tuple(found)


def read_ignores(text: str, name: str) -> Iterator[Ignore]:
    """Yield the comments of one file in the order of its lines."""
    if _MARK not in text:
        return
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line) if _MARK in line else None
        if match is not None:
            place = Location(name, number, match.start() + 1)
            yield _ignore(match["said"], place, _next(lines, number) if _ALONE.match(line) else number)


def _ignore(said: str, place: Location, line: int) -> Ignore:
    match = _IGNORE.fullmatch(said)
    if match is None:
        return Ignore((), "", place, line, f"the comment cannot be read: {EXPECTED}")
    ids = tuple(word.strip().upper() for word in match["ids"].split(",") if word.strip())
    reason = match["reason"].strip(" \t-:")
    if not ids:
        return Ignore((), reason, place, line, f"the comment names no check: {EXPECTED}")
    problem = "" if reason else "the comment gives no reason, so it ignores nothing: write after the ids why"
    return Ignore(ids, reason, place, line, problem)


def _next(lines: list[str], number: int) -> int:
    """Return the number of the first line after a comment that is none; lines count from 1."""
    while number < len(lines) and _ALONE.match(lines[number]):
        number += 1
    return number + 1


def _names(selection: Selection, project: Project | None, base: str) -> Iterable[str]:
    """Return the files, each once, as places name them."""
    names = dict.fromkeys(shown(Path(file), base) for file in selection.files)
    if project is not None:
        places = [place for service in project.services.values() for place in service.places.values()]
        sections = (project.networks, project.volumes, project.secrets, project.configs)
        places += [resource.location for section in sections for resource in section.values()]
        names |= dict.fromkeys(place.file for place in places if place.file)
    return names
