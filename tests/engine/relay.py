"""A relay on loopback in front of the engine's socket, so that a test can cut the line and never touches the daemon."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class Relay:
    """Passes bytes between loopback and the engine until it is cut; ``restore`` lets new connections through again."""

    def __init__(self, engine_url: str) -> None:
        self._engine_url = engine_url
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = True
        self._pairs: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """The relay as a value for DOCKER_HOST."""
        return f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._open = False
        self.drop()

    def drop(self) -> None:
        """Break every connection; new ones go through."""
        while self._pairs:
            end = self._pairs.pop()
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        """Let new connections through again."""
        self._open = True

    def close(self) -> None:
        """End the relay for good."""
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                if self._open:
                    self._join(caller)
                else:
                    caller.close()

    def _join(self, caller: socket.socket) -> None:
        engine = _connect(self._engine_url)
        self._pairs += [caller, engine]
        threading.Thread(target=_carry, args=(caller, engine), daemon=True).start()


def _carry(caller: socket.socket, engine: socket.socket) -> None:
    with caller, engine:
        back = threading.Thread(target=_pump, args=(engine, caller), daemon=True)
        back.start()
        _pump(caller, engine)
        back.join()


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return socket.create_connection((parts.hostname, parts.port or 2375))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(parts.path)
    return connection


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relayed(engine_url: str) -> Iterator[Relay]:
    """Give a relay in front of an engine and end it."""
    relay = Relay(engine_url)
    try:
        yield relay
    finally:
        relay.close()
