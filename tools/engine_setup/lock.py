"""One installation at a time: a second invocation waits for the first and then finds everything there."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from engine_setup.machine import STATE_DIR
from engine_setup.telling import MissingError, say

WAIT_SECONDS = 900.0
POLL_SECONDS = 0.2


@contextmanager
def only_one(folder: Path, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock of ``folder``, which is made if absent; the kernel frees it even when this process is killed.

    Raises `MissingError` when the folder cannot be written or another process keeps the lock for ``wait_seconds``.
    """
    with _open(folder) as handle:
        if not _try(handle):
            say("waiting for another invocation")
            _wait(handle, folder, wait_seconds)
        yield


def _open(folder: Path) -> TextIOWrapper:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "lock").open("w", encoding="ascii")
    except OSError as refusal:
        raise MissingError(
            f"The tools' state folder {folder} cannot be written: {refusal.strerror}.",
            f"Name another folder in {STATE_DIR}.",
        ) from refusal


def _try(handle: TextIOWrapper) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(handle: TextIOWrapper, folder: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not _try(handle):
        if time.monotonic() > deadline:
            raise MissingError(
                f"Another invocation has held {folder / 'lock'} for {wait_seconds:.0f} s.",
                "See whether it hangs, and end it.",
            )
        time.sleep(POLL_SECONDS)
