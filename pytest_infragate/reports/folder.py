"""The report folder: private to the user, written atomically, links not followed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..errors import SettingsError
from . import json, markdown
from .document import ReportDocument

FORMATS = {"verdict.json": json.render, "summary.md": markdown.render}
"""File names and their renderers; every format is a function from the document to text."""


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
        except OSError as error:
            raise SettingsError([f"--infragate-report: {path} cannot be used as a folder: {error.strerror}"]) from error

    def write_reports(self, document: ReportDocument) -> None:
        """Write every format, each replaced in one step."""
        for name, render in FORMATS.items():
            self.write(name, render(document))

    def write(self, name: str, text: str) -> None:
        """Write one file below the folder; a link in its place is replaced, not followed."""
        target = self._path / name
        self._make_folder(target.parent)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".infragate-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
                stream.write(text)
            Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        if folder.is_symlink():
            folder.unlink()
        folder.mkdir(mode=0o700, exist_ok=True)
