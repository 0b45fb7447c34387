"""A copy of the project in which edits are tried: the files that take part are copies, everything else is links to it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .. import private_folder
from ..compose.selection import Selection
from ..settings import ComposeSettings
from .candidate import Refusal

_ROOT = "root"


@dataclass(frozen=True)
class Mirror:
    """The tree of the host below another root, so that relative paths lead to the same things."""

    root: Path

    def path(self, original: Path | str) -> Path:
        """Return where a path of the host lies in the mirror."""
        return self.root / Path(original).relative_to(Path(original).anchor)

    def original(self, path: Path) -> Path | None:
        """Return which path of the host a path of the mirror stands for; ``None`` for one outside it."""
        return Path("/") / path.relative_to(self.root) if path.is_relative_to(self.root) else None

    def selection(self, selection: Selection) -> Selection:
        """Return the same choice of files, in the mirror."""
        return replace(
            selection,
            directory=str(self.path(selection.directory)),
            files=self._paths(selection.files),
            env_files=self._paths(selection.env_files),
        )

    def settings(self, settings: ComposeSettings) -> ComposeSettings:
        """Return the same settings, for the mirror."""
        return replace(settings, files=self._paths(settings.files), env_files=self._paths(settings.env_files))

    def take(self, file: Path) -> None:
        """Put a copy of a file into the mirror, and links to all that lies beside it and beside the folders above."""
        folder = self.root
        for original in (*reversed(file.parents),):
            folder = self.path(original)
            if folder.is_symlink():
                folder.unlink()
            folder.mkdir(exist_ok=True)
            _link_all(original, folder)
        copy = folder / file.name
        copy.unlink(missing_ok=True)
        copy.write_bytes(file.read_bytes())

    def unnamed(self, text: str) -> str:
        """Return a text that names files of the mirror with the names of their originals."""
        return text.replace(str(self.root), "")

    def refusal(self, refusal: Refusal) -> Refusal:
        """Return a refusal that names the originals."""
        place = replace(refusal.location, file=self.unnamed(refusal.location.file))
        return Refusal(place, self.unnamed(refusal.description), self.unnamed(refusal.reason))

    def _paths(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(str(self.path(path)) for path in paths)


@contextlib.contextmanager
def mirrored(files: Iterable[Path]) -> Iterator[Mirror]:
    """Yield a mirror with copies of some files (absolute paths); it is removed at the end."""
    folder = private_folder.make()
    try:
        mirror = Mirror(folder / _ROOT)
        mirror.root.mkdir()
        for file in files:
            mirror.take(file)
        yield mirror
    finally:
        private_folder.clear(folder)


def _link_all(original: Path, folder: Path) -> None:
    """Link what lies in a folder; one that may not be listed has nothing that Compose could read either."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(original):
            link = folder / entry.name
            if not os.path.lexists(link):
                link.symlink_to(original / entry.name)
