"""A service over UDP is up when it answers what the settings send as they expect: UDP itself says nothing."""

from __future__ import annotations

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from . import matching
from .base import Protocol, good, not_ready, shown

_READ = 65536


def request(settings: ProbeSettings, _host: str) -> bytes:
    """Return what the settings send."""
    return settings.send


def judge(reply: bytes, settings: ProbeSettings) -> Judgement:
    """Judge one datagram. Raises ``ProcessError`` where the pattern cannot be searched."""
    text = f"answers with {len(reply)} bytes: {shown(reply)!r}"
    held = True if settings.expect is None else matching.found(settings.expect, reply)
    if held is None:
        return not_ready(
            f"{text}; the search for {settings.expect!r} in them took more than {matching.BUDGET_S:g} s of CPU time"
        )
    return good(text) if held else not_ready(f"{text}, and nothing of them matches {settings.expect!r}")


UDP = Protocol("udp", None, request, judge, read=_READ, udp=True)
