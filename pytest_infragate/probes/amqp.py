"""An AMQP broker is up when it begins to negotiate; with a password, when it lets us in, to the virtual host that is named.

Frames and methods are those of AMQP 0-9-1, sections 2.3.5 and 1.4 (class connection); a refusal is told because we say that we
understand it ("authentication_failure_close" in RabbitMQ's documentation of its extensions).
"""

from __future__ import annotations

import contextlib
import struct

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import HungUpError, Steps
from .base import Protocol, good, not_let_in, not_ready, not_there, shown
from .wire import Wire

_HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD = 1
_END = b"\xce"
_CONNECTION = 10
_START, _START_OK, _TUNE, _TUNE_OK, _OPEN, _OPEN_OK, _CLOSE = 10, 11, 30, 31, 40, 41, 50
_REPLY_SUCCESS = 200
_ACCESS_REFUSED, _NOT_ALLOWED = 403, 530
_LONGEST = 131072
_READ = 512
_CAPABILITIES = b"\x1cauthentication_failure_closet\x01"
_PROPERTIES = b"\x0ccapabilitiesF" + struct.pack("!I", len(_CAPABILITIES)) + _CAPABILITIES


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return the header that begins every connection."""
    return _HEADER


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the first frame, which begins the negotiation."""
    if reply[:1] == bytes([_METHOD]) and reply[7:11] == struct.pack("!HH", _CONNECTION, _START):
        return good("begins to negotiate")
    if reply.startswith(b"AMQP"):
        return not_ready("speaks another version of AMQP than 0-9-1")
    return not_ready(f"the reply is not AMQP's: {shown(reply)!r}")


def talk(settings: ProbeSettings, _host: str) -> Steps[Judgement]:
    """Log in, up to where the broker goes on to the parameters of the connection."""
    wire = Wire()
    wire.say(_HEADER)
    head = yield from wire.exactly(7)
    if head[0] != _METHOD:
        return judge(head, settings)
    yield from wire.exactly(_size(head) + len(_END))
    user = settings.user or "guest"
    wire.say(_method(_START_OK, _login(user, settings.password or "")))
    try:
        method, arguments = yield from _next(wire)
    except HungUpError:
        return not_let_in(f"does not let {user} in: it closes the connection")
    if method != _TUNE:
        return _refusal(method, arguments)
    if not settings.database:
        return good(f"lets {user} in")
    return (yield from _opened(wire, user, settings.database, arguments))


def _opened(wire: Wire, user: str, host: str, tuning: bytes) -> Steps[Judgement]:
    """Take the broker's parameters as they are, and open a virtual host."""
    name = host.encode()[:255]
    wire.say(_method(_TUNE_OK, tuning) + _method(_OPEN, bytes([len(name)]) + name + b"\0\0"))
    try:
        method, arguments = yield from _next(wire)
    except HungUpError:
        return not_let_in(f"lets {user} in, but closes the connection when virtual host {host!r} is opened")
    if method != _OPEN_OK:
        return _refusal(method, arguments, host)
    wire.say(_method(_CLOSE, struct.pack("!H", _REPLY_SUCCESS) + bytes(5)))
    with contextlib.suppress(HungUpError):
        yield from _next(wire)
    return good(f"lets {user} in to virtual host {host!r}")


def _login(user: str, password: str) -> bytes:
    """Return the arguments of start-ok: properties, mechanism, response, locale."""
    response = f"\0{user}\0{password}".encode()
    properties = struct.pack("!I", len(_PROPERTIES)) + _PROPERTIES
    return properties + b"\x05PLAIN" + struct.pack("!I", len(response)) + response + b"\x05en_US"


def _method(method: int, arguments: bytes) -> bytes:
    payload = struct.pack("!HH", _CONNECTION, method) + arguments
    return struct.pack("!BHI", _METHOD, 0, len(payload)) + payload + _END


def _size(head: bytes) -> int:
    return min(int.from_bytes(head[3:7], "big"), _LONGEST)


def _next(wire: Wire) -> Steps[tuple[int, bytes]]:
    """Return the next method of the connection and its arguments."""
    head = yield from wire.exactly(7)
    payload = yield from wire.exactly(_size(head))
    yield from wire.exactly(len(_END))
    return int.from_bytes(payload[2:4], "big"), payload[4:]


def _refusal(method: int, arguments: bytes, host: str = "") -> Judgement:
    if method != _CLOSE:
        return not_ready(f"goes on with method {method}, which is not expected")
    code, length = int.from_bytes(arguments[:2], "big"), arguments[2] if len(arguments) > 2 else 0
    told = shown(arguments[3 : 3 + length])
    if host and code == _NOT_ALLOWED and "not found" in told:
        return not_there(f"lets us in, but does not have the virtual host {host!r} ({code}: {told})")
    text = f"closes the connection ({code}: {told})"
    refused = code == _ACCESS_REFUSED or (host and code == _NOT_ALLOWED)
    return not_let_in(text) if refused else not_ready(text)


AMQP = Protocol("amqp", 5672, request, judge, read=_READ, talk=talk)
