"""Turns termination signals into an orderly end, and keeps further ones from cutting the clean-up short."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import Any

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""SIGHUP does not exist on every system."""
_OVER = 0
"""No signal has this number."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end by a signal; pytest treats it like Ctrl-C."""


@contextmanager
def raising_on_termination() -> Iterator[None]:
    """Raise ``Terminated`` in the main thread on SIGTERM and SIGHUP, so that whatever was started is taken down.

    pytest leaves both signals at their default, which ends the process with nothing cleaned up
    (pytest-dev/pytest#5243). The previous handlers come back at the end. Outside the main thread nothing is changed.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        raise Terminated(signal.Signals(number).name)

    with _handlers(_ENDING, end):
        yield


@contextmanager
def shielded(notice: Callable[[], None]) -> Iterator[None]:
    """Answer Ctrl-C and termination with ``notice`` only: the clean-up that runs meanwhile has its own time limit.

    ``notice`` is called from a thread: a signal handler interrupts the main thread anywhere, also where it holds the
    lock or writes to the buffer that ``notice`` needs. A SimpleQueue is what may be filled from a handler.
    """
    seen: SimpleQueue[int] = SimpleQueue()
    teller = threading.Thread(target=_tell, args=(seen, notice), name="infragate-signals", daemon=True)
    teller.start()
    try:
        with _handlers((signal.SIGINT, *_ENDING), lambda number, _frame: seen.put(number)):
            yield
    finally:
        seen.put(_OVER)
        teller.join()


def _tell(seen: SimpleQueue[int], notice: Callable[[], None]) -> None:
    while seen.get() != _OVER:
        notice()


@contextmanager
def _handlers(numbers: tuple[int, ...], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous: dict[int, Any] = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in previous.items():
            signal.signal(number, old)
