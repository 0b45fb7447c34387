"""gRPC is up when its health service says SERVING.

``grpc.health.v1.Health/Check`` is that of "gRPC Health Checking Protocol", its framing and statuses those of "gRPC over HTTP2"
and "Status codes and their use in gRPC"; frames are those of RFC 9113, sections 4 and 6. It is a handshake of one request, so
no library is asked for it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from ..settings import ProbeSettings
from ..stack.exchange import Failure, Judgement
from ..stack.speech import HungUpError, Steps
from .base import Protocol, always, good, not_let_in, not_ready, shown
from .hpack import Decoder, HpackError, encode
from .wire import Wire

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY, _CONTINUATION = 0, 1, 3, 4, 6, 7, 9
_END_STREAM, _ACK, _END_HEADERS, _PADDED, _PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
_OURS = 1
_LONGEST = 65536
_MOST_FRAMES = 100
_CHECK = "/grpc.health.v1.Health/Check"
_OK, _NOT_FOUND, _DENIED, _UNIMPLEMENTED, _UNAVAILABLE, _UNAUTHENTICATED = "0", "5", "7", "12", "14", "16"
_SERVING = 1
_SAYS = {0: "UNKNOWN", _SERVING: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}


def request(settings: ProbeSettings, host: str) -> bytes:
    """Return everything that is to be said: preface, settings, and the request for the health of one service."""
    shown_host = f"[{host}]" if ":" in host else host
    fields = (
        (":method", "POST"),
        (":scheme", "https" if _is_secured(settings) else "http"),
        (":path", _CHECK),
        (":authority", f"{shown_host}:{settings.port}"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        ("user-agent", "pytest-infragate"),
    )
    service = _service(settings).encode()
    message = b"\x0a" + _varint(len(service)) + service if service else b""
    head = _frame(_HEADERS, _END_HEADERS, _OURS, encode(fields))
    body = _frame(_DATA, _END_STREAM, _OURS, struct.pack("!BI", 0, len(message)) + message)
    return _PREFACE + _frame(_SETTINGS, 0, 0, b"") + head + body


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the head of the first frame, which must hold the server's settings."""
    if len(reply) >= 9 and reply[3] == _SETTINGS and not any(reply[5:9]):
        return good("speaks HTTP/2")
    return not_ready(f"the reply is not HTTP/2: {shown(reply)!r}")


def talk(settings: ProbeSettings, host: str) -> Steps[Judgement]:
    """Ask, and read on until the answer is whole."""
    wire, answer = Wire(), _Answer()
    wire.say(request(settings, host))
    try:
        head = yield from wire.exactly(9)
        first = judge(head, settings)
        if not first.ok:
            return first
        for _ in range(_MOST_FRAMES):
            payload = yield from wire.exactly(min(int.from_bytes(head[:3], "big"), _LONGEST))
            wire.say(b"".join(answer.take(head, payload)))
            if answer.whole:
                return _judged(answer, settings)
            head = yield from wire.exactly(9)
    except HpackError as error:
        return not_ready(f"the answer is not HTTP/2: {error}")
    except HungUpError:
        return not_ready("the connection was closed before the health service answered")
    return not_ready(f"the health service did not answer within {_MOST_FRAMES} frames of HTTP/2")


@dataclass
class _Answer:
    """What has come of the one request."""

    header: dict[str, str] = field(default_factory=dict)
    message: bytes = b""
    broken: str = ""
    whole: bool = False
    _block: bytes = b""
    _last: bool = False
    _decoder: Decoder = field(default_factory=Decoder)

    def take(self, head: bytes, payload: bytes) -> Iterator[bytes]:
        """Take one frame and yield what is to be said to it. Raises HpackError."""
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:9], "big")
        if kind in (_SETTINGS, _PING) and not flags & _ACK:
            yield _frame(kind, _ACK, 0, b"" if kind == _SETTINGS else payload)
        elif kind == _GOAWAY:
            self._break(f"ends the connection (error {int.from_bytes(payload[4:8], 'big')}: {shown(payload[8:])})")
        elif stream == _OURS:
            self._take_own(kind, flags, payload)

    def _take_own(self, kind: int, flags: int, payload: bytes) -> None:
        """Take a frame of our request."""
        if kind == _RESET:
            self._break(f"refuses the request (error {int.from_bytes(payload, 'big')} of HTTP/2)")
        elif kind in (_HEADERS, _CONTINUATION):
            self._last = self._last or bool(kind == _HEADERS and flags & _END_STREAM)
            self._block += _bare(kind, flags, payload)
            if flags & _END_HEADERS:
                self.header.update(self._decoder.decode(self._block))
                self._block, self.whole = b"", self._last
        elif kind == _DATA:
            self.message += _bare(kind, flags, payload)
            self.whole = bool(flags & _END_STREAM)

    def _break(self, text: str) -> None:
        self.broken, self.whole = text, True


def _bare(kind: int, flags: int, payload: bytes) -> bytes:
    """Return a payload without padding and priority."""
    if kind == _CONTINUATION:
        return payload
    if flags & _PADDED and payload:
        payload = payload[1 : len(payload) - payload[0]]
    return payload[5:] if kind == _HEADERS and flags & _PRIORITY else payload


def _judged(answer: _Answer, settings: ProbeSettings) -> Judgement:
    status = answer.header.get("grpc-status", "")
    if answer.broken:
        return not_ready(f"the server {answer.broken}")
    if not status:
        return not_ready(f"the answer is HTTP {answer.header.get(':status', '')} without a status of gRPC")
    if status == _OK:
        return _of_health(answer.message, settings)
    text = shown(unquote(answer.header.get("grpc-message", "")).encode())
    return _of_status(status, "" if text == "nothing" else f": {text}", settings)


def _of_status(status: str, text: str, settings: ProbeSettings) -> Judgement:
    """Judge a status other than OK. A server that was only guessed to have a health service need not have one."""
    if status == _UNIMPLEMENTED:
        told = f"speaks gRPC, but has no health service (grpc.health.v1.Health: UNIMPLEMENTED{text})"
        return good(told) if settings.guessed else Judgement(False, told, Failure.STATUS)
    if status in (_DENIED, _UNAUTHENTICATED):
        told = f"speaks gRPC, but its health service does not let us in (status {status}{text})"
        return good(told) if settings.guessed else not_let_in(told)
    if status == _NOT_FOUND:
        return Judgement(False, f"the health service knows no service {_service(settings)!r}{text}", Failure.STATUS)
    told = f"the health service answers with status {status}{text}"
    return not_ready(told) if status == _UNAVAILABLE else Judgement(False, told, Failure.STATUS)


def _of_health(message: bytes, settings: ProbeSettings) -> Judgement:
    """Judge a HealthCheckResponse: field 1 is the status, which is 0 where it is absent."""
    body = message[5:]
    health = body[1] if body[:1] == b"\x08" and len(body) > 1 else 0
    whose = f" for {_service(settings)}" if _service(settings) else ""
    text = f"the health service says {_SAYS.get(health, str(health))}{whose}"
    return good(text) if health == _SERVING else Judgement(False, f"{text}, expected SERVING", Failure.STATUS)


def _service(settings: ProbeSettings) -> str:
    return settings.path.strip("/")


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + _varint(value >> 7)


def _is_secured(settings: ProbeSettings) -> bool:
    return settings.tls or settings.protocol == "grpcs"


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack("!BBI", kind, flags, stream) + payload


GRPC = Protocol("grpc", None, request, judge, read=_LONGEST, talk=talk, talks=always, offers=("h2",))
GRPCS = replace(GRPC, name="grpcs", tls=True)
