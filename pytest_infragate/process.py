"""Starts programs: the only module that does.

Every program gets its own session, so that a terminal's Ctrl-C reaches only us. What ``run`` starts is ended with its
children on a timeout, on silence, on request and on any exception in the caller.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from . import sightings
from .deferral import Deferral
from .errors import ProcessError
from .output import Output

DEFAULT_KEEP_BYTES = 1024 * 1024
SHELL = ("/bin/sh", "-c")
MARK = "INFRAGATE_STARTED"
"""Variable by which a program is known to whoever outlives a kill of this process before it had told the PID."""
_TICK_S = 0.05
_GRACE_S = 3.0
"""From SIGTERM to SIGKILL."""
_LINGER_S = 0.5
"""How long the output may stay open after the program itself has ended."""


@dataclass(frozen=True)
class Completed:
    """What came of one program; ``exit_code`` is negative when a signal ended it (``-9``: SIGKILL)."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    duration_s: float
    timed_out: bool = False
    stalled: bool = False
    stopped: bool = False

    @property
    def cut_short(self) -> bool:
        """Whether we ended it, so that its exit code says nothing."""
        return self.timed_out or self.stalled or self.stopped

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with 0."""
        return self.exit_code == 0 and not self.cut_short


class Listener(Protocol):
    """Hears of every program that ``run`` starts and that has ended; may be called from several threads."""

    def starting(self, mark: str) -> None:
        """A program is about to be started, with this value of ``MARK`` in its environment."""

    def begun(self, mark: str, pid: int) -> None:
        """It runs; its PID is that of its process group as well."""

    def ended(self, pid: int) -> None:
        """It has ended, with its group."""


listeners: list[Listener] = []
"""Who wants to hear of the programs of this process."""


@dataclass(frozen=True)
class _Limits:
    """When a program is ended from outside; times in seconds."""

    timeout_s: float
    stall_s: float | None
    stop: threading.Event | None


def run(  # noqa: PLR0913  (one call says everything about one program)
    argv: Sequence[str],
    *,
    directory: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_s: float,
    stall_s: float | None = None,
    on_line: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
    shell_line: bool = False,
    keep_bytes: int = DEFAULT_KEEP_BYTES,
) -> Completed:
    """Run a program to its end and return what came of it; its input is empty.

    ``environment`` is the whole environment (``None``: ours). It is ended with its children after ``timeout_s``,
    after ``stall_s`` without output, when ``stop`` is set, and on any exception here. ``on_line`` gets each line of
    both outputs as it comes; of each output the first and last ``keep_bytes / 2`` bytes are kept.
    With ``shell_line``, ``argv`` holds one line for ``/bin/sh``.

    Raises ``ProcessError`` when the program cannot be started.
    """
    command = (*SHELL, *argv) if shell_line else tuple(argv)
    sightings.program_run(command)
    begun = time.monotonic()
    with _started(command, directory, environment) as process, closing(Output(process, on_line, keep_bytes)) as output:
        cut = _watch(process, output, _Limits(timeout_s, stall_s, stop), begun)
        stdout, stderr = output.texts()
    return Completed(command, process.returncode, stdout, stderr, time.monotonic() - begun, **cut)


@contextmanager
def _started(
    command: tuple[str, ...], directory: str | os.PathLike[str] | None, environment: Mapping[str, str] | None
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program; on leaving, whatever the way, it and its group have ended."""
    process, whole = None, False
    mark = os.urandom(8).hex()
    # A Ctrl-C in the midst of starting would leave a program that nobody knows of.
    deferral = Deferral()
    try:
        for listener in tuple(listeners):
            listener.starting(mark)
        process = start(
            command,
            cwd=directory,
            env={**(os.environ if environment is None else environment), MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for listener in tuple(listeners):
            listener.begun(mark, process.pid)
        deferral.release()
        yield process
        whole = True
    finally:
        with contextlib.ExitStack() as rest:
            if process is not None:
                rest.callback(_take_leave, process)
                if not whole:
                    rest.callback(_end_group, process, None)
            deferral.release()


def _take_leave(process: subprocess.Popen[bytes]) -> None:
    """Close what is still open of a program that has ended, and tell that it has."""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    for listener in tuple(listeners):
        listener.ended(process.pid)


def start(argv: Sequence[str], **how: Any) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own; ``how`` as for ``subprocess.Popen``. Raises ``ProcessError``."""
    try:
        return subprocess.Popen(tuple(argv), start_new_session=True, **how)
    except (OSError, ValueError) as error:
        raise ProcessError(_why_not_started(tuple(argv), how.get("cwd"), error)) from error


def _why_not_started(
    command: tuple[str, ...], directory: str | os.PathLike[str] | None, error: OSError | ValueError
) -> str:
    """Say in a sentence which part of the start failed."""
    program = command[0] if command else ""
    if directory is not None and not Path(directory).is_dir():
        return f"cannot run {program!r}: its working directory {os.fspath(directory)!r} does not exist"
    if isinstance(error, FileNotFoundError):
        return f"cannot run {program!r}: no such program was found; install it or correct the command"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot run {program!r}: {reason}"


def _watch(process: subprocess.Popen[bytes], output: Output, limits: _Limits, begun: float) -> dict[str, bool]:
    """Read until the program has ended or must be; return the reason as the flag of ``Completed``."""
    while process.poll() is None:
        reason = _reason_to_end(output, limits, begun)
        if reason is not None:
            _end_group(process, output)
            return {reason: True}
        output.read(_TICK_S)
    if not _drained(output, _LINGER_S):
        _end_group(process, output)
    return {}


def _reason_to_end(output: Output, limits: _Limits, begun: float) -> str | None:
    """Return the flag of ``Completed`` that says why the program must end now, if it must."""
    now = time.monotonic()
    if limits.stop is not None and limits.stop.is_set():
        return "stopped"
    if now - begun >= limits.timeout_s:
        return "timed_out"
    if limits.stall_s is not None and now - output.last_read >= limits.stall_s:
        return "stalled"
    return None


def _drained(output: Output, within_s: float) -> bool:
    """Read until both outputs are closed; ``False`` when somebody still holds one after ``within_s``."""
    deadline = time.monotonic() + within_s
    while output.open and time.monotonic() < deadline:
        output.read(_TICK_S)
    return not output.open


def _end_group(process: subprocess.Popen[bytes], output: Output | None) -> None:
    """Ask the group to end, then kill what is left of it, also when interrupted meanwhile."""
    _signal_group(process, signal.SIGTERM)
    try:
        deadline = time.monotonic() + _GRACE_S
        while time.monotonic() < deadline and not _gone(process, output):
            if output is None:
                time.sleep(_TICK_S)
            else:
                output.read(_TICK_S)
    finally:
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _gone(process: subprocess.Popen[bytes], output: Output | None) -> bool:
    """Whether the program has ended and nobody holds its outputs."""
    return process.poll() is not None and (output is None or not output.open)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the program and its children; nobody left is fine."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return
