"""Exchanges over UDP, through both relays."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from pytest_infragate.stack.exchange import Failure, Question
from pytest_infragate.stack.relay import Relay

from .servers import LOOPBACK


@contextlib.contextmanager
def datagrams(prefix: bytes | None) -> Iterator[int]:
    """Answer one datagram with the prefix and what it holds, ``None``: not at all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind((LOOPBACK, 0))
        listening.settimeout(5)

        def serve() -> None:
            said, peer = listening.recvfrom(512)
            if prefix is not None:
                listening.sendto(prefix + said, peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def asked(relay: Relay, port: int, send: bytes = b"\x01ping") -> tuple[Failure | None, bytes]:
    (exchange,) = relay.ask([Question(LOOPBACK, port, send, 64, udp=True, timeout_s=0.3)])
    return exchange.failure, exchange.reply


def test_a_datagram_is_answered(relay: Relay) -> None:
    with datagrams(b"you said ") as port:
        assert asked(relay, port) == (None, b"you said \x01ping")


def test_silence_proves_nobody(relay: Relay) -> None:
    with datagrams(None) as port:
        assert asked(relay, port) == (Failure.TIMED_OUT, b"")


def test_a_port_without_anybody_refuses(relay: Relay) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((LOOPBACK, 0))
        port = taken.getsockname()[1]
    assert asked(relay, port) == (Failure.REFUSED, b"")


def test_the_question_says_that_it_is_udp() -> None:
    assert str(Question("dns", 53, udp=True)) == "dns:53/udp"
