"""NATS is up when it answers PING, or says who it is and wants a login first; with a password, when it lets us in.

The server speaks first, and greets even whom it sends away at once because it has no connection left. Messages are those of "Client Protocol" in NATS's documentation.
"""

from __future__ import annotations

import json

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from .base import Protocol, always, good, no_tls, not_let_in, not_ready, shown
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
    told = _told(greeting)
    if settings.tls and not (told.get("tls_required") or told.get("tls_available")):
        return no_tls("the server does not speak TLS, which is wanted here")
    if settings.password is None and not settings.tls and (told.get("tls_required") or told.get("auth_required")):
        return first
    if settings.tls or told.get("tls_required"):
        yield from wire.secure()
    if settings.password is None and told.get("auth_required"):
        return first
    wire.say(f"CONNECT {json.dumps(_login(settings))}\r\nPING\r\n".encode())
    reply = yield from wire.line()
    if reply.startswith(b"-ERR") and b"authorization" in reply.lower():
        return not_let_in(f"CONNECT gives {shown(reply)}")
    lets = "lets us in" if settings.password is not None else "answers PING"
    return good(lets) if reply.startswith(b"PONG") else not_ready(f"PING gives {shown(reply)}, expected PONG")


def _login(settings: ProbeSettings) -> dict[str, str | bool]:
    asked: dict[str, str | bool] = {"verbose": False, "pedantic": False}
    return asked if settings.password is None else {**asked, "user": settings.user or "", "pass": settings.password}


def _told(greeting: bytes) -> dict[str, object]:
    """Return what the server says of itself."""
    try:
        told = json.loads(greeting.removeprefix(b"INFO "))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


NATS = Protocol(
    *("nats", 4222, request, judge, _READ),
    line=True,
    talk=talk,
    talks=always,
    upgrades=True,
    plain_will_do=True,
)
