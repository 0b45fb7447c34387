"""An MQTT broker is up when it answers CONNECT, be it that it wants a user; with a password, when it lets us in.

Packets and return codes are those of MQTT 3.1.1, sections 3.1 and 3.2.
"""

from __future__ import annotations

import struct

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from .base import Protocol, good, not_let_in, not_ready, shown

_READ = 4
_KEEP_ALIVE_S = 10
_CLEAN, _PASSWORD, _USER = 0x02, 0x40, 0x80
_CONNACK = b"\x20\x02"
_UNAVAILABLE = 3
_REFUSED = {4: "bad user name or password", 5: "not authorized"}


def request(settings: ProbeSettings, _host: str) -> bytes:
    """Return a CONNECT with a session that ends with the connection."""
    words, flags = [""], _CLEAN
    if settings.user is not None:
        words, flags = [*words, settings.user], flags | _USER
    if settings.password is not None and settings.user is not None:
        words, flags = [*words, settings.password], flags | _PASSWORD
    head = _text("MQTT") + struct.pack("!BBH", 4, flags, _KEEP_ALIVE_S)
    body = head + b"".join(map(_text, words))
    return b"\x10" + _length(len(body)) + body


def judge(reply: bytes, settings: ProbeSettings) -> Judgement:
    """Judge the CONNACK by its return code."""
    if not reply.startswith(_CONNACK) or len(reply) < _READ:
        return not_ready(f"the reply is not MQTT's CONNACK: {shown(reply)!r}")
    code = reply[3]
    if code == 0:
        return good("accepts CONNECT")
    if code in _REFUSED:
        text = f"CONNECT is refused: {_REFUSED[code]}"
        return good(f"answers, though {text}") if settings.password is None else not_let_in(text)
    reason = "server unavailable" if code == _UNAVAILABLE else f"return code {code}"
    return not_ready(f"CONNECT is refused: {reason}")


def _text(text: str) -> bytes:
    content = text.encode()
    return struct.pack("!H", len(content)) + content


def _length(length: int) -> bytes:
    """Return a length in groups of seven bits, the lowest first."""
    found = b""
    while length >= 0x80:
        found, length = found + bytes([length % 0x80 | 0x80]), length // 0x80
    return found + bytes([length])


MQTT = Protocol("mqtt", 1883, request, judge, read=_READ)
