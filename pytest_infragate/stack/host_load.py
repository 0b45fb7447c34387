"""How busy the engine's host is while a stack is measured, where the engine runs on this machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine import Engine


class HostLoad:
    """Readings of the load average of the last minute, per core, by phase.

    None where the engine's host is another machine, or a virtual one on this machine: that runs another kernel.
    """

    def __init__(self, engine: Engine) -> None:
        self._known = engine.is_local and hasattr(os, "getloadavg") and engine.kernel == platform.release()
        self._readings: dict[str, tuple[float, ...]] = {}

    def note(self, phase: str) -> None:
        """Take a reading for a phase."""
        load = _load_per_core() if self._known else None
        if load is not None:
            self._readings[phase] = (*self._readings.get(phase, ()), load)

    def readings(self) -> Mapping[str, tuple[float, ...]]:
        """Return the readings so far, by phase."""
        return dict(self._readings)


def _load_per_core() -> float | None:
    """Return the load average of the last minute per core; ``None`` where the system does not tell it."""
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except OSError:
        return None
