"""The broker for tests that librdkafka carries ("Mock cluster" in its introduction), opened to others.

Neither Debian nor the package index has Kafka itself. The mock cluster listens on loopback, so its bytes are passed on.
"""

from __future__ import annotations

import contextlib
import ctypes
import socket
import threading

API_VERSIONS = 18
NOT_AVAILABLE = 15
"""COORDINATOR_NOT_AVAILABLE: any error that a broker may give to the first request."""
ERRORS = 1000
PRODUCER = 0


def mock_cluster(errors: int = 0) -> tuple[str, int]:
    """Return the address of a new cluster of one broker, which answers so many requests for versions with an error."""
    library = ctypes.CDLL("librdkafka.so.1")
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    trouble = ctypes.create_string_buffer(512)
    client = library.rd_kafka_new(PRODUCER, ctypes.c_void_p(library.rd_kafka_conf_new()), trouble, 512)
    cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 1))
    array = (ctypes.c_int * errors)(*([NOT_AVAILABLE] * errors))
    library.rd_kafka_mock_push_request_errors_array(
        cluster, ctypes.c_int16(API_VERSIONS), ctypes.c_size_t(errors), array
    )
    host, _, port = library.rd_kafka_mock_cluster_bootstraps(cluster).decode().partition(":")
    return host, int(port)


def forward(port: int, broker: tuple[str, int], host: str = "") -> None:
    """Pass on every connection to a port; never returns."""
    server = socket.create_server((host, port))
    while True:
        caller, _ = server.accept()
        behind = socket.create_connection(broker)
        for pair in ((caller, behind), (behind, caller)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes until either side closes."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    good = mock_cluster()
    threading.Thread(target=forward, args=(9093, good, "127.0.0.1")).start()
    threading.Thread(target=forward, args=(9094, mock_cluster(ERRORS))).start()
    forward(9092, good)
