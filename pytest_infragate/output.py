"""Collects what a program writes: bounded memory, lines passed on as they come."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Callable

_CHUNK = 64 * 1024
_LONGEST_LINE = 64 * 1024


class Capture:
    """Keeps the head and the tail of one output; what lies between is counted and dropped."""

    def __init__(self, keep_bytes: int, on_line: Callable[[str], None] | None = None) -> None:
        self._half = keep_bytes // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0
        self._line = bytearray()
        self._on_line = on_line

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the output."""
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._half:
            self._trim()
        if self._on_line is not None:
            self._pass_lines(data, self._on_line)

    def finish(self) -> None:
        """Pass on a last line that has no line end."""
        if self._on_line is not None and self._line:
            line, self._line = bytes(self._line), bytearray()
            self._on_line(_text(line))

    def text(self) -> str:
        """Return what was kept, with a note where something was dropped."""
        self._trim()
        if not self._dropped:
            return _text(bytes(self._head + self._tail))
        return f"{_text(bytes(self._head))}\n[{self._dropped} bytes left out]\n{_text(bytes(self._tail))}"

    def _trim(self) -> None:
        surplus = max(0, len(self._tail) - self._half)
        self._dropped += surplus
        del self._tail[:surplus]

    def _pass_lines(self, data: bytes, on_line: Callable[[str], None]) -> None:
        self._line += data
        *lines, rest = bytes(self._line).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            lines.append(rest)
            rest = b""
        self._line = bytearray(rest)
        for line in lines:
            on_line(_text(line.rstrip(b"\r")))


class Output:
    """Both outputs of a started program, read by the thread that asks.

    ``last_read`` is the monotonic time of the last output (or of the start).
    """

    def __init__(
        self, process: subprocess.Popen[bytes], on_line: Callable[[str], None] | None, keep_bytes: int
    ) -> None:
        self._process = process
        self._selector = selectors.DefaultSelector()
        self._captures = (Capture(keep_bytes, on_line), Capture(keep_bytes, on_line))
        for pipe, capture in zip((process.stdout, process.stderr), self._captures, strict=True):
            if pipe is not None:
                self._selector.register(pipe, selectors.EVENT_READ, capture)
        self.last_read = time.monotonic()

    def close(self) -> None:
        """Stop reading; whoever still writes gets a broken pipe."""
        self._selector.close()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    @property
    def open(self) -> bool:
        """Whether somebody can still write to one of the outputs."""
        return bool(self._selector.get_map())

    def read(self, wait_s: float) -> None:
        """Take what is there, waiting for it up to ``wait_s`` seconds."""
        if not self.open:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(wait_s)
            return
        for key, _ in self._selector.select(wait_s):
            data = os.read(key.fd, _CHUNK)
            if data:
                self.last_read = time.monotonic()
                key.data.feed(data)
            else:
                self._selector.unregister(key.fileobj)
                key.data.finish()

    def texts(self) -> tuple[str, str]:
        """Return the kept text of standard output and of standard error."""
        for capture in self._captures:
            capture.finish()
        stdout, stderr = self._captures
        return stdout.text(), stderr.text()


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
