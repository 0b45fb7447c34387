"""Servers on loopback that the asking is tried against."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

LOOPBACK = "127.0.0.1"
Serve = Callable[[socket.socket], None]


@contextlib.contextmanager
def server(serve: Serve) -> Iterator[int]:
    """Serve every connection on a free port, which is yielded."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        listening.settimeout(0.05)
        over = threading.Event()

        def accept() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listening.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.settimeout(5)
                        serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Yield a port that is bound, so that nobody else gets it, but does not listen."""
    with socket.socket() as bound:
        bound.bind((LOOPBACK, 0))
        yield bound.getsockname()[1]


def pong(connection: socket.socket) -> None:
    if connection.recv(64).startswith(b"PING\r\n"):
        connection.sendall(b"+PONG\r\n")


def silent(connection: socket.socket) -> None:
    connection.recv(64)
    connection.recv(64)


def hang_up(_connection: socket.socket) -> None:
    return
