"""MySQL and MariaDB are up when they greet; with a password, when they let us in to the database.

The server speaks first. Packets are those of "Connection Phase" in MySQL's documentation of its protocol
(Protocol::HandshakeV10, SSLRequest, HandshakeResponse41, AuthSwitchRequest, AuthMoreData, ERR_Packet); the two ways of authentication are
``mysql_native_password`` and ``caching_sha2_password``. The second wants the whole password while the server has it not in its
cache: over TLS as it is, else mixed with the nonce and sealed with the server's RSA key.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from . import rsa
from .base import Protocol, good, has_password_or_tls, no_tls, not_let_in, not_ready, not_there, shown
from .wire import Wire

_READ = 1024
_VERSION = 10
_ERROR, _SWITCH, _MORE, _OK = 0xFF, 0xFE, 0x01, 0x00
_FAST_IS_OVER, _WANTS_ALL, _WANTS_KEY = b"\x03", b"\x04", b"\x02"
_NATIVE, _SHA2 = b"mysql_native_password", b"caching_sha2_password"
_KNOWN = (_NATIVE, _SHA2)
_LONG_PASSWORD, _PROTOCOL_41, _SECURE, _PLUGINS = 0x1, 0x200, 0x8000, 0x80000
_WITH_DATABASE, _SSL = 0x8, 0x800
_LARGEST = 1 << 24
_UTF8MB4 = 45
_NONCE = 20
_NO_CONNECTION_LEFT = 1040
_REFUSED = (1044, 1045, 1130, 1698)
_NO_DATABASE = 1049
_ENCRYPTED_ONLY = 3159
_PASSWORD = "that the password is right"  # noqa: S105  (what stays unproven)


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return nothing: the server speaks first."""
    return b""


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the first packet. A server that does not let our address in is up all the same."""
    if len(reply) < 7 or reply[3] != 0 or reply[4] not in (_VERSION, _ERROR):
        return not_ready(f"the first packet is not MySQL's: {shown(reply)!r}")
    if reply[4] == _VERSION:
        return good(f"greets as {shown(reply[5:].partition(bytes(1))[0])}")
    code, text = _error(reply[4:])
    if code == _NO_CONNECTION_LEFT:
        return not_ready(f"the server has no connection left ({code}: {text})")
    return good(f"answers, though it would not let us in ({code}: {text})")


def talk(settings: ProbeSettings, _host: str) -> Steps[Judgement]:
    """Begin TLS where it is wanted, and log in."""
    wire = Wire()
    number, packet = yield from _packet(wire)
    first = judge(len(packet).to_bytes(3, "little") + bytes([number]) + packet, settings)
    if not first.ok or packet[0] != _VERSION:
        return first if not first.ok else _refusal(packet, None)
    greeting = _Greeting.read(packet)
    if settings.tls:
        if not greeting.flags & _SSL:
            return no_tls("the server does not speak TLS, which is wanted here")
        number += 1
        wire.say(_framed(number, _head(settings)))
        yield from wire.secure()
    if settings.password is None:
        return first
    wire.say(_framed(number + 1, _login(settings, greeting)))
    return (yield from _logged_in(wire, settings, settings.password, greeting.nonce))


def _logged_in(wire: Wire, settings: ProbeSettings, password: str, nonce: bytes) -> Steps[Judgement]:
    """Answer what the server asks for behind the login."""
    while True:
        number, packet = yield from _packet(wire)
        kind = packet[0]
        if kind == _OK:
            where = f" to database {settings.database}" if settings.database else ""
            return good(f"lets {settings.user or 'root'} in{where}")
        if kind == _SWITCH:
            plugin, _, rest = packet[1:].partition(b"\x00")
            if plugin not in _KNOWN:
                return good(
                    f"answers; it wants a way to log in that this probe does not know ({shown(plugin)})", _PASSWORD
                )
            nonce = rest[:_NONCE]
            wire.say(_framed(number + 1, _proof(plugin, password, nonce)))
        elif kind != _MORE or packet[1:] not in (_WANTS_ALL, _FAST_IS_OVER):
            return _refusal(packet, settings.database)
        elif packet[1:] == _WANTS_ALL:
            told = yield from _told(wire, settings, password, nonce, number)
            if told is None:
                return good("answers; whether the password is right it tells on encrypted connections alone", _PASSWORD)
            wire.say(told)


def _told(wire: Wire, settings: ProbeSettings, password: str, nonce: bytes, number: int) -> Steps[bytes | None]:
    """Return what tells the server the whole password: over TLS itself, else sealed with the server's key, if it has one."""
    whole = password.encode() + b"\x00"
    if settings.tls:
        return _framed(number + 1, whole)
    wire.say(_framed(number + 1, _WANTS_KEY))
    number, packet = yield from _packet(wire)
    mixed = bytes(byte ^ nonce[at % len(nonce)] for at, byte in enumerate(whole)) if nonce else whole
    try:
        return _framed(number + 1, rsa.sealed(mixed, packet[1:]))
    except rsa.KeyFormError:
        return None


@dataclass(frozen=True)
class _Greeting:
    """What the server's handshake says: what the password is mixed with, the way of authentication, what else it can."""

    nonce: bytes
    plugin: bytes
    flags: int

    @classmethod
    def read(cls, packet: bytes) -> _Greeting:
        """Read version, thread, nonce (8), filler, flags, ..., length of the nonce, reserved (10), nonce, plugin."""
        rest = packet[1:].partition(b"\x00")[2][4:]
        nonce, tail = rest[:8] + rest[27 : 27 + 12], rest[27 + 13 :]
        plugin = tail.partition(b"\x00")[0]
        return cls(nonce, plugin if plugin in _KNOWN else _NATIVE, int.from_bytes(rest[9:11], "little"))


def _login(settings: ProbeSettings, greeting: _Greeting) -> bytes:
    proof = _proof(greeting.plugin, settings.password or "", greeting.nonce)
    named = _head(settings) + (settings.user or "root").encode() + b"\x00"
    database = settings.database.encode() + b"\x00" if settings.database else b""
    return named + bytes([len(proof)]) + proof + database + greeting.plugin + b"\x00"


def _head(settings: ProbeSettings) -> bytes:
    """Return what a login begins with, and what alone asks for TLS."""
    flags = _LONG_PASSWORD | _PROTOCOL_41 | _SECURE | _PLUGINS
    flags |= (_SSL if settings.tls else 0) | (_WITH_DATABASE if settings.database else 0)
    return struct.pack("<IIB23x", flags, _LARGEST, _UTF8MB4)


def _proof(plugin: bytes, password: str, nonce: bytes) -> bytes:
    """Return what proves the password in one of the ways that are known here."""
    if not password:
        return b""
    if plugin == _SHA2:
        once = hashlib.sha256(password.encode()).digest()
        return _mixed(once, hashlib.sha256(hashlib.sha256(once).digest() + nonce).digest())
    once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    twice = hashlib.sha1(once, usedforsecurity=False).digest()
    return _mixed(once, hashlib.sha1(nonce + twice, usedforsecurity=False).digest())


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _framed(number: int, content: bytes) -> bytes:
    return len(content).to_bytes(3, "little") + bytes([number % 256]) + content


def _packet(wire: Wire) -> Steps[tuple[int, bytes]]:
    """Return the next packet's number and content, which has at least one byte."""
    head = yield from wire.exactly(4)
    content = yield from wire.exactly(max(int.from_bytes(head[:3], "little"), 1))
    return head[3], content


def _error(packet: bytes) -> tuple[int, str]:
    """Return code and text of an error; the text may begin with a state of five letters."""
    text = packet[3:]
    return int.from_bytes(packet[1:3], "little"), shown(text[6:] if text.startswith(b"#") else text)


def _refusal(packet: bytes, database: str | None) -> Judgement:
    if packet[0] != _ERROR:
        return not_ready(f"goes on with a packet that is not expected: {shown(packet)!r}")
    code, text = _error(packet)
    if code in _REFUSED:
        return not_let_in(f"does not let us in ({code}: {text})")
    if code == _NO_DATABASE:
        return not_there(f"lets us in, but does not have the database {database} ({code}: {text})")
    if code == _ENCRYPTED_ONLY:
        return good(f"answers; it lets nobody in without encryption ({code}: {text})", _PASSWORD)
    return not_ready(f"the server gives an error ({code}: {text})")


MYSQL = Protocol("mysql", 3306, request, judge, read=_READ, talk=talk, talks=has_password_or_tls, upgrades=True)
