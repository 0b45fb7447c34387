"""MongoDB is up when it answers hello as somebody who can be asked: a single server, a primary or secondary, or a router.

OP_MSG (code 2013) is that of "Wire Protocol" in MongoDB's documentation, documents are those of the BSON specification 1.1, and the
fields those of its command ``hello``.
"""

from __future__ import annotations

import struct

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from .base import Protocol, good, not_ready, shown

_READ = 4096
_OP_MSG = 2013
_OURS = 0x1F6A
_HEAD = struct.Struct("<iiii")
_DOCUMENT_AT = 21
_WIDTHS = {0x01: 8, 0x07: 12, 0x08: 1, 0x09: 8, 0x0A: 0, 0x10: 4, 0x11: 8, 0x12: 8}
"""How long values of a fixed length are, by their type."""
_DOUBLE, _TEXT, _DOCUMENT, _ARRAY, _BINARY, _BOOL, _INT = 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x10
_SERVES = (b"isWritablePrimary", b"secondary", b"arbiterOnly")


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return ``{hello: 1, $db: "admin"}``, which needs no login."""
    fields = b"\x10hello\x00" + struct.pack("<i", 1) + b"\x02$db\x00" + struct.pack("<i", 6) + b"admin\x00"
    document = struct.pack("<i", len(fields) + 5) + fields + b"\x00"
    body = struct.pack("<ib", 0, 0) + document
    return _HEAD.pack(_HEAD.size + len(body), _OURS, 0, _OP_MSG) + body


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the document of the reply."""
    if len(reply) < _DOCUMENT_AT or _HEAD.unpack_from(reply)[2:] != (_OURS, _OP_MSG):
        return not_ready(f"the reply is not MongoDB's: {shown(reply)!r}")
    found = _fields(reply[_DOCUMENT_AT:])
    if found.get(b"ok") != 1:
        return not_ready("hello is refused")
    if any(found.get(name) for name in _SERVES):
        return good("answers hello")
    return not_ready("answers hello, but is neither a primary nor a secondary; its replica set may not be initiated")


def _fields(document: bytes) -> dict[bytes, float | bool]:
    """Return the numbers and truth values of a document, as far as it can be read."""
    found: dict[bytes, float | bool] = {}
    at = 4
    while at < len(document) and document[at]:
        kind, name_end = document[at], document.find(b"\x00", at + 1)
        width = _width(document, kind, name_end + 1)
        if name_end < 0 or width is None or name_end + 1 + width > len(document):
            break
        value = document[name_end + 1 : name_end + 1 + width]
        if kind in (_DOUBLE, _BOOL, _INT):
            found[document[at + 1 : name_end]] = _number(kind, value)
        at = name_end + 1 + width
    return found


def _width(document: bytes, kind: int, at: int) -> int | None:
    """Return how long the value at a place is; ``None`` for a type that is not known here."""
    if kind in _WIDTHS:
        return _WIDTHS[kind]
    length = int.from_bytes(document[at : at + 4], "little")
    return {_TEXT: 4 + length, _DOCUMENT: length, _ARRAY: length, _BINARY: 5 + length}.get(kind)


def _number(kind: int, value: bytes) -> float | bool:
    if kind == _BOOL:
        return value != b"\x00"
    return float(struct.unpack("<d" if kind == _DOUBLE else "<i", value)[0])


MONGO = Protocol("mongodb", 27017, request, judge, read=_READ)
