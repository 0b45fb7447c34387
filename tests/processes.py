"""Processes of this machine, found by what they were started with; empty where there is no ``/proc``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_infragate.identity import start_time

_PROC = Path("/proc")


def with_variable(name: str, value: str) -> tuple[int, ...]:
    """Return the PIDs of the living processes that were started with a variable, inherited or not."""
    entry = f"{name}={value}".encode()
    return tuple(pid for pid in _living() if entry in _read(pid, "environ").split(b"\0"))


def words(pid: int) -> tuple[str, ...]:
    """Return the command line of a process, nothing when it has ended."""
    return tuple(word.decode(errors="replace") for word in _read(pid, "cmdline").split(b"\0")[:-1])


def _living() -> Iterator[int]:
    if _PROC.is_dir():
        found = (int(path.name) for path in _PROC.iterdir() if path.name.isdigit())
        yield from (pid for pid in found if start_time(pid) is not None)


def _read(pid: int, name: str) -> bytes:
    try:
        return (_PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""
