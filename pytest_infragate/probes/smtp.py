"""An SMTP server is up when it greets with 220. It speaks first (RFC 5321, sections 3.1 and 4.2)."""

from __future__ import annotations

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from .base import Protocol, good, not_ready, shown

_READ = 1024


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return nothing: the server speaks first."""
    return b""


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the greeting: 421 and 554 say that there is no service now."""
    text = shown(reply.partition(b"\r\n")[0])
    return good(f"greets with {text}") if reply.startswith(b"220") else not_ready(f"greets with {text}, expected 220")


SMTP = Protocol("smtp", 25, request, judge, read=_READ, line=True)
