"""Talks to a program in a container through the engine: bytes to its input, bytes from its output, for as long as it lives.

The engine is spoken to on a connection of its own, which it hands over to the program ("hijacking" in the documentation of
its API). The SDK can do that too, but reads past its own buffer, so that what comes together with the answer would be lost.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import select
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from ..errors import EngineError
from .address import Address

_CONNECT_S = 10.0
_ANSWER_S = 60.0
_HEAD = 8
_STDERR = 2
_CHUNK = 65536
_LONGEST_HEAD = 65536
_KEPT = 2000


class Line(Protocol):
    """A connection to the engine."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of the data."""

    def receive(self, timeout_s: float) -> bytes | None:
        """Return what has come, nothing at the end, ``None`` when the time is over."""

    def close(self) -> None:
        """Close it."""


class Channel:
    """The input and output of one program, which begins with ``open_channel``; not safe for several threads."""

    def __init__(self, line: Line, begun: bytes) -> None:
        self._line = line
        self._held = begun
        self.complaints = b""
        """What it wrote to its standard error, for messages."""

    def send(self, data: bytes) -> None:
        """Write to the program's input. Raises ``OSError`` when that is closed."""
        self._line.sendall(data)

    def receive(self, timeout_s: float) -> bytes | None:
        """Return what the program wrote to its output; nothing at its end, ``None`` when nothing came in time.

        Raises ``OSError``.
        """
        until = time.monotonic() + timeout_s
        while True:
            found = self._taken()
            if found:
                return found
            more = self._line.receive(max(until - time.monotonic(), 0))
            if not more:
                return more
            self._held += more

    def close(self) -> None:
        """Close both ends; a program that reads its input sees its end."""
        with contextlib.suppress(OSError):
            self._line.close()

    def _taken(self) -> bytes:
        """Take the next whole frame of the engine: the stream's number, three bytes, the length in four, the data."""
        while len(self._held) >= _HEAD:
            end = _HEAD + int.from_bytes(self._held[4:_HEAD], "big")
            if len(self._held) < end:
                return b""
            stream, data, self._held = self._held[0], self._held[_HEAD:end], self._held[end:]
            if stream != _STDERR:
                return data
            self.complaints = (self.complaints + data)[-_KEPT:]
        return b""


def open_channel(place: Address, path: str, body: Mapping[str, object] | None = None) -> Channel:
    """Ask the engine to hand over a connection (``/exec/ID/start``, ``/containers/ID/attach``).

    Raises EngineError, ``OSError`` where the engine cannot be reached.
    """
    line = _connected(place)
    try:
        content = json.dumps(body or {}).encode()
        line.sendall(_request(path, content))
        return Channel(line, _demand_handed_over(*_answer(line)))
    except (EngineError, OSError):
        line.close()
        raise


def _request(path: str, content: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1",
        "Host: docker",
        "Content-Type: application/json",
        "Connection: Upgrade",
        "Upgrade: tcp",
        f"Content-Length: {len(content)}",
    )
    return "\r\n".join((*head, "", "")).encode() + content


def _answer(line: Line) -> tuple[bytes, bytes]:
    """Return the head of the engine's answer, and what of the stream has come with it."""
    received, until = b"", time.monotonic() + _ANSWER_S
    while b"\r\n\r\n" not in received:
        more = line.receive(max(until - time.monotonic(), 0))
        if not more or len(received) > _LONGEST_HEAD:
            raise EngineError("The engine did not hand over a connection to a program in a container.")
        received += more
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _demand_handed_over(head: bytes, rest: bytes) -> bytes:
    """Return the beginning of the stream. Raises EngineError when the engine refuses."""
    status = head.split(b" ", 2)[1:2]
    if status in ([b"101"], [b"200"]):
        return rest
    length = http.client.parse_headers(io.BytesIO(head.partition(b"\r\n")[2] + b"\r\n\r\n")).get("Content-Length")
    said = rest[: int(length or 0)].decode("utf-8", errors="replace").strip() or head.decode("latin-1").splitlines()[0]
    raise EngineError(f"The engine was asked for a connection to a program in a container and refused: {said}")


def _connected(place: Address) -> Line:
    """Return a connection to the engine."""
    url = urlsplit(place.url)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_CONNECT_S)
        connection.connect(f"/{place.url.partition('://')[2].lstrip('/')}")
        return _Socket(connection)
    if url.scheme == "ssh":
        return _Ssh(place.url.partition("://")[2])
    if url.scheme not in ("tcp", "http", "https") or url.hostname is None:
        raise EngineError(f"Programs in containers cannot be talked to through an engine at {place.url}.")
    plain = socket.create_connection((url.hostname, url.port or (2376 if place.tls else 2375)), _CONNECT_S)
    return _Socket(_secured(plain, place, url.hostname) if place.tls else plain)


def _secured(plain: socket.socket, place: Address, host: str) -> ssl.SSLSocket:
    """Return the connection inside TLS, with the files that the address names."""
    tls = place.tls
    context = ssl.create_default_context(cafile=tls.ca_cert if tls and tls.ca_cert else None)
    if tls and not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls and tls.cert:
        context.load_cert_chain(*tls.cert)
    return context.wrap_socket(plain, server_hostname=host)


class _Socket:
    """A connection through a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def sendall(self, data: bytes, /) -> None:
        self._connection.settimeout(_ANSWER_S)
        self._connection.sendall(data)

    def receive(self, timeout_s: float) -> bytes | None:
        self._connection.settimeout(max(timeout_s, 0.001))
        try:
            return self._connection.recv(_CHUNK)
        except TimeoutError:
            return None

    def close(self) -> None:
        self._connection.close()


class _Ssh:
    """A connection through the ssh program, started as the SDK starts it."""

    def __init__(self, host: str) -> None:
        from docker.transport.sshconn import SSHSocket

        with SSHSocket(host) as starting:
            starting.connect()
            process = starting.proc
            # Without it, closing the SDK's socket leaves the program alone: it is ours from here on.
            starting.proc = None
        if process is None or process.stdin is None or process.stdout is None:
            raise EngineError(f"The ssh program to {host} was started without its pipes.")
        self._process, self._input, self._output = process, process.stdin, process.stdout

    def sendall(self, data: bytes, /) -> None:
        self._input.write(data)
        self._input.flush()

    def receive(self, timeout_s: float) -> bytes | None:
        number = self._output.fileno()
        return os.read(number, _CHUNK) if select.select([number], [], [], timeout_s)[0] else None

    def close(self) -> None:
        """End the program, which does not heed every signal; its other end sees the end of the line."""
        self._process.kill()
        self._process.wait()
        self._output.close()
        self._input.close()
