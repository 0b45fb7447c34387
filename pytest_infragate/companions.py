"""Programs that run beside us, and are talked to through their input."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from .errors import ProcessError
from .process import start


class Detached:
    """A program that outlives us: a session of its own, no outputs, nothing inherited but its input, in ``/``.

    Its input ends when we do, whatever ends us: the writing end is closed in every program that we start. Raises
    ``ProcessError`` when it cannot be started.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = start(
            argv,
            cwd="/",
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self.pid = self._process.pid
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)

    def tell(self, line: str) -> None:
        """Write a line to its input; one that does not listen any more is not waited for."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self._process.stdin.write(f"{line}\n".encode())

    def part(self, within_s: float) -> None:
        """Close its input and give it a moment to end; what goes on then is no concern of ours any more."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            # It may live on: without this, its object would warn of that at the end.
            self._process.returncode = 0


class Companion:
    """A program that runs beside us and is talked to in lines: ``send`` writes one, ``on_line`` gets each answer.

    It should end when its input does, so that it does not outlive us; ``close`` kills it. Raises ``ProcessError`` when
    it cannot be started.
    """

    def __init__(self, argv: Sequence[str], on_line: Callable[[bytes], None]) -> None:
        self._process = start(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._input, self._output = _pipe(self._process.stdin), _pipe(self._process.stdout)
        self._on_line = on_line
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="companion", daemon=True)
        self._reader.start()

    def send(self, line: bytes) -> bool:
        """Write one line, waiting while the program is busy; return whether the program still takes any."""
        try:
            with self._sending:
                self._input.write(line + b"\n")
                self._input.flush()
        except (OSError, ValueError):
            return False
        return True

    def close(self) -> None:
        """Kill the program; what it has not said by now is not heard."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._input, self._output):
            with contextlib.suppress(OSError):
                pipe.close()

    def _read(self) -> None:
        for line in self._output:
            self._on_line(line)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ProcessError("a program was started without the pipe that was asked for")
    return pipe
