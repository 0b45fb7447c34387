"""Tells whether git ignores a file, from the files that say so; git itself is not asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import sightings
from ..compose.source import SourceError, read_text

_GLOB = re.compile(r"/\*\*$|\*\*/|\*\*|\*|\?|\[[^\]/]+\]|.")
_MEANINGS = {"/**": "/.+", "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True)
class _Rule:
    """One line: what it matches of paths relative to ``folder``, and whether it takes back what is ignored."""

    folder: Path
    pattern: re.Pattern[str]
    again: bool


def repository_of(path: Path) -> Path | None:
    """Return the folder of the git repository that a file lies in, ``None`` where it lies in none."""
    return next((folder for folder in path.parents if sightings.exists(folder / ".git")), None)


def is_ignored(path: Path, repository: Path) -> bool:
    """Return whether ``.gitignore`` files or ``.git/info/exclude`` name a file, or a folder that it lies in."""
    ignored = False
    for rule in _rules(path, repository):
        within = path.relative_to(rule.folder)
        names = [within.as_posix(), *(f"{folder.as_posix()}/" for folder in within.parents if folder.name)]
        if any(rule.pattern.fullmatch(name) for name in names):
            ignored = not rule.again
    return ignored


def _rules(path: Path, repository: Path) -> Iterator[_Rule]:
    """Yield the lines that concern a file; of those that match it the last decides."""
    folders = [folder for folder in reversed(path.parents) if folder.is_relative_to(repository)]
    files = [(repository, repository / ".git" / "info" / "exclude"), *((one, one / ".gitignore") for one in folders)]
    for folder, file in files:
        for line in _lines(file):
            written = line.rstrip()
            if written and not written.startswith("#"):
                again = written.startswith("!")
                yield _Rule(folder, _compiled(written.removeprefix("!")), again)


def _lines(file: Path) -> list[str]:
    if not sightings.is_file(file):
        return []
    try:
        return read_text(file).splitlines()
    except SourceError:
        return []


def _compiled(written: str) -> re.Pattern[str]:
    """Return the pattern of a line; folders end in a slash, and without a slash inside it is for any depth."""
    core = written.rstrip("/")
    anywhere = "/" not in core
    body = "".join(_meaning(part) for part in _GLOB.findall(core.removeprefix("/")))
    return re.compile(f"{'(?:.*/)?' if anywhere else ''}{body}{'/' if written.endswith('/') else '/?'}")


def _meaning(part: str) -> str:
    if part.startswith("[") and len(part) > 1:
        return part.replace("[!", "[^")
    return _MEANINGS.get(part, re.escape(part))
