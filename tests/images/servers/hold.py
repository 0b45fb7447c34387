"""Takes every connection that the limited servers give, and listens on a port on which nobody ever answers."""

from __future__ import annotations

import socket
import time

FULL = {3308: 2, 11213: 60, 4224: 1, 1885: 1}
"""Ports with how many connections to hold open there."""
MQTT_CONNECT = b"\x10\x1c\x00\x04MQTT\x04\xc2\x00\x00\x00\x03own\x00\x03app\x00\x06s3cret"
SAID = {1885: MQTT_CONNECT}
"""What keeps a connection from being closed as one that never logged in."""


def held(port: int) -> socket.socket:
    """Return a connection, as soon as the server is up."""
    while True:
        try:
            made = socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.1)
            continue
        made.sendall(SAID.get(port, b""))
        return made


if __name__ == "__main__":
    deaf = socket.create_server(("", 7000))
    connections = [held(port) for port, count in FULL.items() for _ in range(count)]
    time.sleep(3600)
