"""NATS is up when it says who it is; with a password, when it lets us in.

The server speaks first. Messages are those of "Client Protocol" in NATS's documentation.
"""

from __future__ import annotations

import json

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from .base import Protocol, good, has_password_or_tls, no_tls, not_let_in, not_ready, shown
from .wire import Wire

_READ = 4096


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return nothing: the server speaks first."""
    return b""


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the server's first line."""
    if reply.startswith(b"INFO {"):
        return good("tells its INFO")
    line = shown(reply.partition(b"\r\n")[0])
    return not_ready(f"the first line is not NATS's: {line!r}")


def talk(settings: ProbeSettings, _host: str) -> Steps[Judgement]:
    """Begin TLS where it is wanted, by us or by the server as all its clients heed it; log in and ask for PONG."""
    wire = Wire()
    greeting = yield from wire.line()
    first = judge(greeting, settings)
    if not first.ok:
        return first
    able, demanded = _tls(greeting)
    if settings.tls and not able:
        return no_tls("the server does not speak TLS, which is wanted here")
    if settings.tls or demanded:
        yield from wire.secure()
    if settings.password is None:
        return first
    login = {"verbose": False, "pedantic": False, "user": settings.user or "", "pass": settings.password}
    wire.say(f"CONNECT {json.dumps(login)}\r\nPING\r\n".encode())
    reply = yield from wire.line()
    if reply.startswith(b"-ERR") and b"authorization" in reply.lower():
        return not_let_in(f"CONNECT gives {shown(reply)}")
    return good("lets us in") if reply.startswith(b"PONG") else not_ready(f"PING gives {shown(reply)}, expected PONG")


def _tls(greeting: bytes) -> tuple[bool, bool]:
    """Return whether the server can speak TLS, and whether everybody has to."""
    try:
        told = json.loads(greeting.removeprefix(b"INFO "))
    except ValueError:
        return False, False
    demanded = bool(told.get("tls_required"))
    return demanded or bool(told.get("tls_available")), demanded


NATS = Protocol(
    "nats", 4222, request, judge, read=_READ, line=True, talk=talk, talks=has_password_or_tls, upgrades=True
)
