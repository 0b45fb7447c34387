"""Paths as CI systems want them: relative to the top of the repository, not to the folder in which pytest runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_MARK = ".git"
"""A folder, or in a worktree or submodule a file."""


@dataclass(frozen=True)
class Paths:
    """Turns the files of places, which are relative to ``root``, into paths below ``top``; both are absolute."""

    root: Path
    top: Path

    def relative(self, file: str) -> str:
        """Return the path below the top of the repository; a file that lies elsewhere keeps its absolute path."""
        whole = os.path.normpath(self.root / file)
        below = os.path.relpath(whole, self.top)
        return Path(whole if below.startswith("..") else below).as_posix()

    def uri(self, file: str) -> str:
        """Return the same as a relative URI reference, or as a ``file:`` URI."""
        path = self.relative(file)
        return f"file://{quote(path)}" if Path(path).is_absolute() else quote(path)


def paths_of(root: Path) -> Paths:
    """Return the paths of a run in ``root``: the top is the nearest folder above that git knows, else ``root`` itself."""
    whole = Path(os.path.abspath(root))  # noqa: PTH100  (links stay as the user wrote them)
    tops = (folder for folder in (whole, *whole.parents) if (folder / _MARK).exists())
    return Paths(whole, next(tops, whole))
