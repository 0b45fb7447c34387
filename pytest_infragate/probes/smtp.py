"""An SMTP server is up when it greets with 220. It speaks first (RFC 5321, sections 3.1 and 4.2).

TLS is begun by STARTTLS (RFC 3207), or with the connection (``smtps``, RFC 8314).
"""

from __future__ import annotations

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from .base import Protocol, good, no_tls, not_ready, shown
from .wire import Wire

_READ = 1024


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return nothing: the server speaks first."""
    return b""


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the greeting: 421 and 554 say that there is no service now."""
    text = shown(reply.partition(b"\r\n")[0])
    return good(f"greets with {text}") if reply.startswith(b"220") else not_ready(f"greets with {text}, expected 220")


def talk(settings: ProbeSettings, _host: str) -> Steps[Judgement]:
    """Begin TLS behind the greeting."""
    wire = Wire()
    first = judge((yield from wire.line()), settings)
    if not first.ok:
        return first
    wire.say(b"EHLO pytest-infragate\r\n")
    while (yield from wire.line())[3:4] == b"-":
        pass
    wire.say(b"STARTTLS\r\n")
    line = yield from wire.line()
    if not line.startswith(b"220"):
        return no_tls(f"STARTTLS gives {shown(line)}, expected 220")
    yield from wire.secure()
    return first


def _wants_tls(settings: ProbeSettings) -> bool:
    return settings.tls


SMTP = Protocol("smtp", 25, request, judge, read=_READ, line=True, talk=talk, talks=_wants_tls, upgrades=True)
SMTPS = Protocol("smtps", 465, request, judge, read=_READ, line=True, tls=True)
