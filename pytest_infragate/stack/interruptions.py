"""Interruptions that a test causes on purpose: written down before they happen, so that the gate knows them as meant."""

from __future__ import annotations

import datetime
import fcntl
import json
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MeantInterruption:
    """One action on one service, from just before it happened until the service was proven again.

    ``end`` is ``None`` when it was never undone.
    """

    service: str
    action: str
    begin: datetime.datetime
    end: datetime.datetime | None = None


class Journal:
    """An append-only file of interruptions, shared by all processes that run tests."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, service: str, action: str, own: Collection[str] = ()) -> str | None:
        """Write down that an action is about to happen; returns its key for ``end``.

        Returns ``None``, and writes nothing, while somebody else interrupts the service; ``own`` are the keys of those
        who ask. Only one process at a time can pass.
        """
        with self._path.open("a+", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.seek(0)
            if _open_keys(stream.read().splitlines(), service) - set(own):
                return None
            key = f"{service}/{action}/{time.time_ns()}"
            self._append({"key": key, "service": service, "action": action, "begin": time.time()})
            return key

    def end(self, key: str) -> None:
        """Write down that the service is as it was before the action."""
        self._append({"key": key, "end": time.time()})

    def read(self) -> tuple[MeantInterruption, ...]:
        """Return every interruption written so far, in order."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ()
        entries = [json.loads(line) for line in lines]
        ends = {entry["key"]: entry["end"] for entry in entries if "end" in entry}
        return tuple(
            MeantInterruption(entry["service"], entry["action"], _time(entry["begin"]), _end(ends, entry["key"]))
            for entry in entries
            if "begin" in entry
        )

    def _append(self, entry: dict[str, str | float]) -> None:
        # One short write to a file opened for appending is not torn by other processes doing the same.
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")


def _open_keys(lines: Iterable[str], service: str) -> set[str]:
    """Return the keys of the interruptions of a service that have begun and not ended."""
    entries = [json.loads(line) for line in lines]
    ended = {entry["key"] for entry in entries if "end" in entry}
    return {entry["key"] for entry in entries if entry.get("service") == service} - ended


def _time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def _end(ends: dict[str, float], key: str) -> datetime.datetime | None:
    return _time(ends[key]) if key in ends else None
