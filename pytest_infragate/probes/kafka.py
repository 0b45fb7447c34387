"""Kafka is up when it tells which versions of its protocol it speaks.

Header, ApiVersions (key 18) and error codes are those of "Kafka protocol guide" in its documentation.
"""

from __future__ import annotations

import struct

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from .base import Protocol, good, not_ready, shown

_READ = 1024
_API_VERSIONS = 18
_OURS = 0x1F6A
_CLIENT = b"pytest-infragate"
_OK, _OTHER_VERSION = 0, 35
_HEAD = struct.Struct("!iih")


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return an ApiVersions request of version 0."""
    body = struct.pack("!hhih", _API_VERSIONS, 0, _OURS, len(_CLIENT)) + _CLIENT
    return struct.pack("!i", len(body)) + body


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the head of the reply, which carries our number, and its error code."""
    if len(reply) < _HEAD.size or _HEAD.unpack_from(reply)[1] != _OURS:
        return not_ready(f"the reply is not Kafka's: {shown(reply)!r}")
    code = _HEAD.unpack_from(reply)[2]
    if code in (_OK, _OTHER_VERSION):
        return good("tells the versions of its protocol")
    return not_ready(f"ApiVersions gives error code {code}")


KAFKA = Protocol("kafka", 9092, request, judge, read=_READ)
