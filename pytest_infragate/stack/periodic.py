"""Something done again and again in a thread of its own, until it is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_PATIENCE_S = 0.2
"""How long ``stop`` waits for a round that is under way; a longer one ends by itself in the background."""


class Periodic:
    """Calls ``act`` every ``interval_s`` seconds (start to start, never two at once) between ``start`` and ``stop``."""

    def __init__(self, name: str, interval_s: float, act: Callable[[], None]) -> None:
        self._interval_s = interval_s
        self._act = act
        self._over = threading.Event()
        self._due_now = threading.Event()
        self._ended_well = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start calling; the first call comes at once."""
        self._thread.start()

    def hasten(self) -> None:
        """Have the next call at once."""
        self._due_now.set()

    def change(self, interval_s: float) -> None:
        """Call every so many seconds; a call may say so for the next one."""
        self._interval_s = interval_s

    def stop(self) -> None:
        """Stop calling, without waiting long for a round that is under way."""
        self._over.set()
        self._due_now.set()
        if self._thread.ident is not None:
            self._thread.join(_PATIENCE_S)

    @property
    def died(self) -> bool:
        """Whether it ended by an error of its own, so that what it was to collect has a hole."""
        return self._thread.ident is not None and not self._thread.is_alive() and not self._ended_well

    def _run(self) -> None:
        while not self._over.is_set():
            begun = time.monotonic()
            self._act()
            self._due_now.wait(max(begun + self._interval_s - time.monotonic(), 0))
            self._due_now.clear()
        self._ended_well = True
