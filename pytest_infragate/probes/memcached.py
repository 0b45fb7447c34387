"""Memcached is up when it tells its version.

Command and reply are those of "Versions" in ``doc/protocol.txt`` of memcached.
"""

from __future__ import annotations

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from .base import Protocol, good, not_ready, shown

_READ = 256


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return the command that changes nothing."""
    return b"version\r\n"


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the line of the reply."""
    text = shown(reply.partition(b"\r\n")[0])
    return good(f"is {text}") if reply.startswith(b"VERSION ") else not_ready(f"version gives {text}")


MEMCACHED = Protocol("memcached", 11211, request, judge, read=_READ, line=True)
