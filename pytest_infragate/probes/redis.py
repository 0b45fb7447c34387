"""Redis is up when it answers PING, be it that it wants a password first."""

from __future__ import annotations

from ..settings import ProbeSettings
from .base import Judgement, Protocol, shown

_ANSWERS = (b"+PONG", b"-NOAUTH", b"-NOPERM")
_READ = 256


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return an inline PING, which needs no login on a server without one."""
    return b"PING\r\n"


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the first line: a server that loads its data (``-LOADING``) or refuses us (``-DENIED``) is not up."""
    ok = reply.startswith(_ANSWERS)
    text = shown(reply.partition(b"\r\n")[0])
    return Judgement(ok, f"PING gives {text}" + ("" if ok else ", expected +PONG"))


REDIS = Protocol("redis", 6379, request, judge, read=_READ, line=True)
