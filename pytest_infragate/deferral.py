"""Signals put off for a moment, in which an exception out of a signal handler would lose what is just being made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Deferral:
    """Puts off Ctrl-C, SIGTERM and SIGHUP from now until ``release``, where they take effect.

    Python runs signal handlers in the main thread between any two steps; in other threads there is nothing to put off. A
    mask would do as well, but the programs that are started would inherit it.
    """

    def __init__(self) -> None:
        self._seen: list[int] = []
        self._handlers: dict[int, Callable[[int, FrameType | None], object]] = {}
        if threading.current_thread() is threading.main_thread():
            for number in _ENDING:
                handler = signal.getsignal(number)
                if callable(handler):
                    self._handlers[number] = handler
                    signal.signal(number, self._note)

    def release(self) -> None:
        """Bring the handlers back and carry out what was put off; may be called again."""
        for number in tuple(self._handlers):
            signal.signal(number, self._handlers[number])
            del self._handlers[number]
        seen, self._seen = self._seen, []
        for number in seen:
            signal.raise_signal(number)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._seen.append(number)
