"""Runs a program inside a container: both outputs apart, bounded, and ended by a deadline."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import requests
from docker.api import APIClient
from docker.errors import APIError

KEPT_BYTES = 1024 * 1024
"""What is kept of each output; the rest is read and dropped."""
CUT_SHORT = -1
"""Exit code of a program that did not end in time."""
_HEADER = 8
_STDERR = 2
_END_POLL_S = 0.02


@dataclass(frozen=True)
class Execution:
    """What came of one program in a container; the engine gives 126 or 127 where it could not be started."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    duration_s: float
    timed_out: bool = False

    @property
    def text(self) -> str:
        """Both outputs as text, for messages."""
        return (self.stdout + self.stderr).decode("utf-8", errors="replace").strip()


def execute(api: APIClient, exec_id: str, timeout_s: float) -> Execution:
    """Start a created exec and wait for its end; at the deadline the outputs are closed and the program is left alone.

    The engine offers no way to end it: a program that outlives the deadline may go on inside the container.
    """
    begun = time.monotonic()
    response = _start(api, exec_id)
    expired = threading.Event()
    timer = threading.Timer(timeout_s, _expire, (response, expired))
    timer.daemon = True
    timer.start()
    try:
        outputs = _read(response)
    finally:
        timer.cancel()
        response.close()
    code = CUT_SHORT if expired.is_set() else _exit_code(api, exec_id, begun + timeout_s)
    return Execution(code, *outputs, time.monotonic() - begun, code == CUT_SHORT)


def cut(response: requests.Response) -> None:
    """End a streamed response that another thread reads: its next read finds the end."""
    try:
        with socket.socket(fileno=os.dup(response.raw.fileno())) as connection:
            connection.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError, AttributeError, io.UnsupportedOperation):
        # It has just ended by itself: urllib3 then knows no file any more.
        response.close()


def _start(api: APIClient, exec_id: str) -> requests.Response:
    """Start the exec without an upgrade of the connection.

    The SDK upgrades and then reads past its own buffer: output that comes together with the answer would be lost.
    """
    url = f"{api.base_url}/v{api.api_version}/exec/{exec_id}/start"
    response = api.post(url, json={"Detach": False, "Tty": False}, stream=True, timeout=None)
    if response.status_code >= requests.codes.bad_request:
        raise APIError(response.text.strip(), response=response, explanation=response.text.strip())
    return response


def _expire(response: requests.Response, expired: threading.Event) -> None:
    expired.set()
    cut(response)


def _read(response: requests.Response) -> tuple[bytes, bytes]:
    """Return standard output and standard error."""
    kept = {1: bytearray(), _STDERR: bytearray()}
    with contextlib.suppress(requests.RequestException, OSError):
        for stream, data in _frames(response):
            buffer = kept[_STDERR if stream == _STDERR else 1]
            buffer += data[: KEPT_BYTES - len(buffer)]
    return bytes(kept[1]), bytes(kept[_STDERR])


def _frames(response: requests.Response) -> Iterator[tuple[int, bytes]]:
    """Yield the engine's frames: one byte for the stream, three unused, four for the length, the data."""
    while True:
        header: Sequence[int] | bytes = response.raw.read(_HEADER)
        if len(header) < _HEADER:
            return
        data: bytes = response.raw.read(int.from_bytes(header[4:], "big"))
        yield header[0], data


def _exit_code(api: APIClient, exec_id: str, deadline: float) -> int:
    """Return the exit code; the engine may need a moment after the outputs have ended."""
    while True:
        state = api.exec_inspect(exec_id)
        if not state["Running"] and state["ExitCode"] is not None:
            return int(state["ExitCode"])
        if time.monotonic() >= deadline:
            return CUT_SHORT
        time.sleep(_END_POLL_S)
