"""A file that is written as it comes and never grows beyond three parts: the beginning, the newest, the one before."""

from __future__ import annotations

import threading
from typing import TextIO

from .folder import ReportFolder

PART_BYTES = 5 * 1024 * 1024
HEAD = ".head"
"""Ending of the first part, which is kept: how a service started explains most of what follows."""
BEFORE = ".1"
"""Ending of the part before the newest one."""


class RollingFile:
    """One such file; safe for several threads. Every method raises ``OSError`` when it cannot be written."""

    def __init__(self, folder: ReportFolder, name: str, part_bytes: int = PART_BYTES) -> None:
        self._folder = folder
        self._name = name
        self._part_bytes = part_bytes
        self._lock = threading.Lock()
        self._size = 0
        self._full_parts = 0
        self._before = 0
        self._dropped = 0
        for ending in (HEAD, BEFORE):
            folder.remove(name + ending)
        self._stream: TextIO | None = folder.create(name)

    def write(self, line: str) -> None:
        """Write one line; after ``close`` it is dropped."""
        with self._lock:
            if self._stream is None:
                return
            if self._size > self._part_bytes:
                self._stream = self._next_part(self._stream)
            self._stream.write(line + "\n")
            self._size += len(line) + 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._stream is not None:
                self._stream.close()
                self._stream = None

    def _next_part(self, full: TextIO) -> TextIO:
        full.close()
        if self._full_parts > 1:
            self._dropped += self._before
        self._folder.rename(self._name, self._name + (HEAD if not self._full_parts else BEFORE))
        self._before = self._size
        self._full_parts += 1
        self._size = 0
        stream = self._folder.create(self._name)
        if self._dropped:
            stream.write(
                f"[{self._dropped} characters between {self._name}{HEAD} and {self._name}{BEFORE} were dropped]\n"
            )
        return stream
