"""TLS that somebody else carries: spoken from the beginning or in the midst, with the certificate checked or not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_infragate.stack.exchange import Failure, Judgement, Question
from pytest_infragate.stack.relay import Relay
from pytest_infragate.stack.speech import Steps, Upgrade
from pytest_infragate.stack.tls import ANYBODY, Trust
from tests.certificates import EXPIRED, GOOD, KEY

from .servers import LOOPBACK, hang_up, server


@contextlib.contextmanager
def tls_server(folder: Path, certificate: str = GOOD, plain: bytes = b"", *, wants: bool = False) -> Iterator[int]:
    """Serve one connection; where there are words in plain, they are waited for, and TLS begins behind them.

    ``wants``: a certificate of the client.
    """
    (folder / "key.pem").write_text(KEY)
    (folder / "certificate.pem").write_text(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    context.set_alpn_protocols(["h2"])
    if wants:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(folder / "certificate.pem")
    with socket.create_server((LOOPBACK, 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError), listening.accept()[0] as raw:
                if plain:
                    assert raw.recv(len(plain)) == plain
                    raw.sendall(b"S")
                with context.wrap_socket(raw, server_side=True) as one:
                    one.sendall(f"{one.selected_alpn_protocol()} ".encode() + one.recv(64))

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def question(port: int, trust: Trust = ANYBODY) -> Question:
    return Question(LOOPBACK, port, b"hello\n", 64, line=True, tls=True, trust=trust)


def authority(folder: Path, certificate: str = GOOD) -> str:
    """Return a file of those that are trusted."""
    (folder / "ca.pem").write_text(certificate)
    return str(folder / "ca.pem")


def test_tls_is_spoken_on_our_side(relay: Relay, tmp_path: Path) -> None:
    with tls_server(tmp_path) as port:
        (exchange,) = relay.ask([question(port, Trust(offers=("h2",)))])
    assert (exchange.failure, exchange.reply) == (None, b"h2 hello\n")


def test_a_handshake_alone_is_a_question_too(relay: Relay, tmp_path: Path) -> None:
    with tls_server(tmp_path) as port:
        (exchange,) = relay.ask([replace(question(port), read=0)])
    assert exchange.failure is None
    assert exchange.answers[0].tls_s is not None


def test_a_server_without_tls_fails_as_such(relay: Relay) -> None:
    def plain(connection: socket.socket) -> None:
        connection.recv(512)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with server(plain) as one, server(hang_up) as other:
        exchanges = relay.ask([question(port) for port in (one, other)])
    assert [exchange.failure for exchange in exchanges] == [Failure.TLS, Failure.TLS]
    assert exchanges[0].detail == "what it answers is not TLS"


@pytest.mark.parametrize(
    ("certificate", "name", "with_ca", "fault"),
    [
        (GOOD, None, True, ""),
        (GOOD, "secure", True, ""),
        (GOOD, "db.example", True, "its certificate is not for db.example (name mismatch)"),
        (GOOD, "10.0.0.7", True, "its certificate is not for 10.0.0.7 (name mismatch)"),
        (EXPIRED, None, True, "its certificate has expired"),
        (GOOD, None, False, "its certificate is signed by itself, and not one that we trust (unknown CA)"),
    ],
)
def test_a_certificate_is_checked_where_that_is_wanted(
    relay: Relay, tmp_path: Path, certificate: str, name: str | None, with_ca: bool, fault: str
) -> None:
    with tls_server(tmp_path, certificate) as port:
        (exchange,) = relay.ask(
            [question(port, Trust(True, name, authority(tmp_path, certificate) if with_ca else None))]
        )
    assert (exchange.failure, exchange.detail) == (Failure.TLS if fault else None, fault)


def test_a_file_of_authorities_that_is_gone_is_told(relay: Relay, tmp_path: Path) -> None:
    with server(hang_up) as port:
        (exchange,) = relay.ask([question(port, Trust(True, ca=str(tmp_path / "absent.pem")))])
    assert exchange.failure is Failure.TLS
    assert "No such file" in exchange.detail


@pytest.mark.parametrize("lenient", [True, False])
def test_a_server_that_wants_a_certificate_is_good_for_who_may_have_one(
    relay: Relay, tmp_path: Path, lenient: bool
) -> None:
    with tls_server(tmp_path, wants=True) as port:
        (exchange,) = relay.ask([question(port, Trust(lenient=lenient))])
    judgement = exchange.answers[0].judgement
    if lenient:
        assert judgement is not None
        assert (judgement.ok, judgement.unproven) == (True, "that it takes the caller's certificate")
    else:
        assert (exchange.failure, judgement) == (Failure.TLS, None)


class Upgrading:
    """A conversation that asks for TLS in its midst, as PostgreSQL's does."""

    def __call__(self) -> Steps[Judgement]:
        asked = yield b"tls?"
        nothing = yield Upgrade()
        reply = yield b"hello"
        return Judgement(ok=(asked, nothing) == (b"S", b""), message=reply.decode())


@pytest.mark.parametrize("name", ["secure", "other"])
def test_tls_begins_where_the_conversation_wants_it(relay: Relay, tmp_path: Path, name: str) -> None:
    with tls_server(tmp_path, plain=b"tls?") as port:
        asked = Question(LOOPBACK, port, speech=Upgrading(), trust=Trust(True, name, authority(tmp_path)))
        (exchange,) = relay.ask([asked])
    if name == "other":
        assert exchange.failure is Failure.TLS
    else:
        assert exchange.answers[0].judgement == Judgement(ok=True, message="None hello")
        assert exchange.answers[0].tls_s is not None
