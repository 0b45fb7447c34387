"""How much memory and disk the engine's machine has left, where the engine runs on this one."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .periodic import Periodic

if TYPE_CHECKING:
    from .engine import Engine

INTERVAL_S = 1.0
_MEMORY = Path("/proc/meminfo")
_KIB = 1024


class HostRoom:
    """Takes a reading a second. ``readings`` are phases with bytes of available memory and bytes of free disk.

    ``missing`` says of ``memory`` and ``disk`` why they cannot be read.
    """

    def __init__(self, engine: Engine) -> None:
        self._root = engine.root
        self.missing = missing(engine)
        self._readings: list[tuple[str, float | None, float | None]] = []
        self._phase = ""
        self._thread = Periodic("infragate-host", INTERVAL_S, self._look)

    def start(self, phase: str) -> None:
        """Start reading."""
        self._phase = phase
        self._thread.start()

    def mark(self, phase: str) -> None:
        """Begin another phase."""
        self._phase = phase

    def stop(self) -> None:
        """Stop reading."""
        self._thread.stop()

    @property
    def readings(self) -> tuple[tuple[str, float | None, float | None], ...]:
        """What was read so far."""
        return tuple(self._readings)

    def _look(self) -> None:
        memory = None if "memory" in self.missing else available_memory(_text(_MEMORY))
        disk = None if "disk" in self.missing else _free(self._root)
        self._readings.append((self._phase, memory, disk))


def missing(engine: Engine) -> Mapping[str, str]:
    """Return why the memory and the disk of an engine's machine cannot be read from here."""
    elsewhere = _elsewhere(engine)
    if elsewhere:
        return {"memory": elsewhere, "disk": elsewhere}
    if not engine.root or _free(engine.root) is None:
        return {"disk": f"the engine's folder {engine.root or '(it tells none)'} cannot be seen from here"}
    return {}


def _elsewhere(engine: Engine) -> str:
    """Return why the engine's machine is not this one; a local socket may lead to a virtual machine."""
    if not engine.is_local:
        return "the engine runs on another machine"
    here = number_of("MemTotal", _text(_MEMORY))
    if engine.kernel != platform.release() or here is None or int(here) != engine.memory:
        return "the engine runs in a machine of its own"
    return ""


def available_memory(meminfo: str) -> float | None:
    """Return the bytes that programs can still get without swapping (``MemAvailable``)."""
    return number_of("MemAvailable", meminfo)


def number_of(name: str, meminfo: str) -> float | None:
    """Return one number of ``/proc/meminfo`` in bytes."""
    for line in meminfo.splitlines():
        if line.startswith(f"{name}:"):
            return float(line.split()[1]) * _KIB
    return None


def _free(folder: str) -> float | None:
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return float(found.f_bavail * found.f_frsize)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
