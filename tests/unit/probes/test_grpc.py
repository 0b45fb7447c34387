"""The health service of gRPC, asked in frames of HTTP/2."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import cast

import pytest

from pytest_infragate.probes import PROTOCOLS
from pytest_infragate.probes.hpack import Decoder, HpackError, encode
from pytest_infragate.settings import ProbeSettings
from pytest_infragate.stack.exchange import Failure, Judgement
from pytest_infragate.stack.speech import HungUpError

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
GONE = b""


def frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 0) -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack("!BBI", kind, flags, stream) + payload


def trailers(status: str, message: str = "") -> bytes:
    fields = (("grpc-status", status), ("grpc-message", message))
    return frame(HEADERS, encode(fields if message else fields[:1]), 0x5, 1)


def health(status: bytes) -> bytes:
    return frame(DATA, b"\0" + len(status).to_bytes(4, "big") + status, 0, 1)


HEAD = frame(HEADERS, encode(((":status", "200"), ("content-type", "application/grpc"))), 0x4, 1)
BEGUN = frame(SETTINGS, b"\0\3\0\0\0\x64")


def asked(says: Sequence[bytes], path: str = "/", *, guessed: bool = False) -> tuple[list[bytes], Judgement]:
    """Hold the conversation; return what our side said after its request, and its judgement."""
    talk = PROTOCOLS["grpc"].talk
    assert talk is not None
    steps = talk(ProbeSettings("grpc", 50051, path, guessed=guessed), "api")
    said = [cast("bytes", next(steps))]
    try:
        for piece in says:
            word = steps.send(piece) if piece else steps.throw(HungUpError("gone"))
            said.append(cast("bytes", word))
    except StopIteration as end:
        return said, cast("Judgement", end.value)
    raise AssertionError("the answer is not whole yet")


def test_the_request_is_what_the_protocol_wants() -> None:
    said, _ = asked([BEGUN, HEAD, health(b"\x08\x01"), trailers("0")], "/shop.Orders")
    assert said[0].startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS))
    for part in (b"/grpc.health.v1.Health/Check", b"api:50051", b"application/grpc", b"trailers"):
        assert part in said[0]


def test_the_service_is_named_in_the_message() -> None:
    said, _ = asked([BEGUN, HEAD, health(b"\x08\x01"), trailers("0")], "/shop.Orders")
    assert said[0].endswith(frame(DATA, b"\0\0\0\0\x0d\x0a\x0bshop.Orders", 1, 1))
    said, _ = asked([BEGUN, HEAD, health(b"\x08\x01"), trailers("0")])
    assert said[0].endswith(frame(DATA, bytes(5), 1, 1))


def test_settings_and_pings_are_acknowledged() -> None:
    said, judged = asked(
        [BEGUN, frame(SETTINGS, flags=1), frame(PING, b"12345678"), HEAD + health(b"\x08\x01"), trailers("0")]
    )
    assert said[1:4] == [frame(SETTINGS, flags=1), b"", frame(PING, b"12345678", 1)]
    assert judged.ok


@pytest.mark.parametrize(
    ("says", "failure", "told"),
    [
        ([HEAD, health(b"\x08\x01"), trailers("0")], None, "says SERVING"),
        ([HEAD, health(b"\x08\x02"), trailers("0")], Failure.STATUS, "says NOT_SERVING, expected SERVING"),
        ([HEAD, health(b""), trailers("0")], Failure.STATUS, "says UNKNOWN, expected SERVING"),
        ([trailers("12", "no%20such")], Failure.STATUS, "has no health service (grpc.health.v1.Health: UNIMPLEMENTED: no such)"),
        ([trailers("5")], Failure.STATUS, "knows no service ''"),
        ([trailers("14", "busy")], Failure.PROTOCOL, "answers with status 14: busy"),
        ([trailers("13")], Failure.STATUS, "answers with status 13"),
        ([trailers("16")], Failure.AUTHENTICATION, "does not let us in (status 16)"),
        ([frame(HEADERS, encode(((":status", "502"),)), 0x5, 1)], Failure.PROTOCOL, "HTTP 502 without a status of gRPC"),
        ([frame(RESET, b"\0\0\0\x07", 0, 1)], Failure.PROTOCOL, "refuses the request (error 7 of HTTP/2)"),
        ([frame(GOAWAY, b"\0\0\0\0\0\0\0\x0bcalm down")], Failure.PROTOCOL, "ends the connection (error 11: calm down)"),
        ([HEAD, GONE], Failure.PROTOCOL, "closed before the health service answered"),
        ([frame(HEADERS, b"\xff", 0x5, 1)], Failure.PROTOCOL, "a header field is cut off"),
        ([frame(PING, bytes(8), 1)] * 200, Failure.PROTOCOL, "did not answer within 100 frames"),
    ],
)  # fmt: skip
def test_answers_are_judged(says: list[bytes], failure: Failure | None, told: str) -> None:
    _, judged = asked([BEGUN, *says])
    assert (judged.ok, judged.failure) == (failure is None, failure), judged.message
    assert told in judged.message


@pytest.mark.parametrize("status", ["12", "16"])
def test_a_server_that_was_only_guessed_need_not_tell_its_health(status: str) -> None:
    assert asked([BEGUN, trailers(status)], guessed=True)[1].ok


def test_headers_may_come_padded_and_in_pieces() -> None:
    block = encode((("grpc-status", "0"),))
    padded = frame(HEADERS, b"\x03" + bytes(5) + block[:4] + bytes(3), 0x29, 1)
    pieces = [padded, frame(CONTINUATION, block[4:], 0x4, 1)]
    _, judged = asked([BEGUN, HEAD, health(b"\x08\x01"), *pieces])
    assert judged.ok, judged.message


@pytest.mark.parametrize("reply", [b"HTTP/1.1 400 Bad Request\r\n", b"-ERR unknown command\r\n", bytes(9)])
def test_what_is_not_http2_is_told(reply: bytes) -> None:
    _, judged = asked([reply])
    assert judged.failure is Failure.PROTOCOL
    assert "the reply is not HTTP/2" in judged.message


def test_fields_are_read_in_every_form() -> None:
    """Blocks as the hpack package for Python writes them: Huffman's code, and fields that later blocks refer to."""
    decoder = Decoder()
    first = decoder.decode(b"\x88@\x88\x9a\xca\xc8\xb2\x124\xda\x8f\x82\x08\xbf")
    assert first == [(":status", "200"), ("grpc-status", "12")]
    assert decoder.decode(b"\x20\xbe\x0f\x2f\x02ok") == [("grpc-status", "12"), ("grpc-status", "ok")]
    assert decoder.decode(encode((("x-long", "y" * 300),))) == [("x-long", "y" * 300)]


@pytest.mark.parametrize("block", [b"\xff", b"\xbf", b"\x00\x05ab", b"\xff\xff\xff\xff\xff\xff\xff\x01", b"\x00"])
def test_what_is_no_block_is_refused(block: bytes) -> None:
    with pytest.raises(HpackError):
        Decoder().decode(block)
