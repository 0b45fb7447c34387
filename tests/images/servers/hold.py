"""Takes every connection that the limited servers give, and listens on a port on which nobody ever answers."""

from __future__ import annotations

import socket
import time

FULL = {3308: 2, 11213: 60, 4224: 1, 1885: 1}
"""Ports with how many connections to hold open there."""
MQTT_CONNECT = b"\x10\x1c\x00\x04MQTT\x04\xc2\x00\x00\x00\x03own\x00\x03app\x00\x06s3cret"
SAID = {1885: MQTT_CONNECT}
"""What keeps a connection from being closed as one that never logged in."""


class Place:
    """One connection to a port, made anew whenever the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._held: socket.socket | None = None

    def hold(self) -> None:
        """Connect where there is no connection."""
        if self._is_held():
            return
        try:
            self._held = socket.create_connection(("127.0.0.1", self._port))
            self._held.sendall(SAID.get(self._port, b""))
            self._held.setblocking(False)
        except OSError:
            self._held = None

    def _is_held(self) -> bool:
        """Whether the server has not closed the connection; what it says is of no interest."""
        try:
            return self._held is not None and self._held.recv(65536) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False


if __name__ == "__main__":
    deaf = socket.create_server(("", 7000))
    places = [Place(port) for port, count in FULL.items() for _ in range(count)]
    while True:
        for place in places:
            place.hold()
        time.sleep(0.2)
