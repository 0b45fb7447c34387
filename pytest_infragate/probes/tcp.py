"""A TCP port is open when it accepts a connection."""

from __future__ import annotations

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from .base import Protocol, good


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return nothing: connecting is the whole question."""
    return b""


def judge(_reply: bytes, settings: ProbeSettings) -> Judgement:
    """Accept any reply: it is only asked for once a connection stands."""
    return good(f"accepts connections on port {settings.port}")


TCP = Protocol("tcp", None, request, judge)
