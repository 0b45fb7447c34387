"""The report folder: private to the user, written atomically, links not followed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TextIO

from ..errors import SettingsError
from . import gitlab, json, markdown, sarif
from .document import Report

FORMATS = {
    "verdict.json": json.render,
    "summary.md": markdown.render,
    "findings.sarif": sarif.render,
    "gl-code-quality-report.json": gitlab.render,
}
"""File names and their renderers; every format is a function from the report to text."""

_PART = ".infragate-"
"""How the names of files begin that are not written to their end."""


class ReportFolder:
    """Writes the reports of one run into one folder.

    Raises ``SettingsError`` when the folder cannot be made or is a link: a report that somebody else can redirect or
    that is never written would be found too late at the end of the run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.is_symlink():
            raise SettingsError([f"--infragate-report: {path} is a symbolic link; name the real folder"])
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
            self._remove_parts()
        except OSError as error:
            raise SettingsError([f"--infragate-report: {path} cannot be used as a folder: {error.strerror}"]) from error

    def write_reports(self, report: Report) -> None:
        """Write every format, each replaced in one step."""
        for name, render in FORMATS.items():
            self.write(name, render(report))

    def write(self, name: str, text: str) -> None:
        """Write one file below the folder; a link in its place is replaced, not followed."""
        target = self._path / name
        self._make_folder(target.parent)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=_PART)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
                stream.write(text)
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def create(self, name: str) -> TextIO:
        """Open a new file below the folder for writing as it comes, each line at once; what had its name is removed."""
        target = self._path / name
        self._make_folder(target.parent)
        target.unlink(missing_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        return os.fdopen(handle, "w", buffering=1, encoding="utf-8", errors="replace")

    def rename(self, name: str, new: str) -> None:
        """Give a file below the folder another name; what had that name is replaced."""
        (self._path / name).replace(self._path / new)

    def remove(self, name: str) -> None:
        """Remove a file below the folder, if it is there."""
        (self._path / name).unlink(missing_ok=True)

    def _remove_parts(self) -> None:
        """Remove what a run that was killed had not written to its end."""
        for part in self._path.rglob(f"{_PART}*"):
            part.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_symlink():
            folder.unlink()
        folder.mkdir(mode=0o700, exist_ok=True)
