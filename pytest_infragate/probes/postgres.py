"""PostgreSQL is up when it goes on to authentication, or refuses us for any reason but not being ready.

This is what ``pg_isready`` asks. An SSLRequest alone would not do: a server that still starts up answers it.
Layouts are those of "Message Formats" in PostgreSQL's documentation of its protocol.
"""

from __future__ import annotations

import struct

from ..settings import ProbeSettings
from .base import Judgement, Protocol, shown

_PROTOCOL_3_0 = 196608
_READ = 512
_FIELDS_AT = 5
_NOT_READY = {
    "57P03": "is not ready",
    "57P01": "is shutting down",
    "57P02": "has crashed",
    "53300": "has no connection left",
}


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return a startup message; no password follows, so no session ever begins."""
    parameters = b"user\0postgres\0database\0postgres\0application_name\0pytest-infragate\0\0"
    return struct.pack("!ii", len(parameters) + 8, _PROTOCOL_3_0) + parameters


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the first message: ``R`` asks for authentication, ``E`` carries an error with its code."""
    if reply.startswith(b"R"):
        return Judgement(ok=True, message="asks for authentication")
    if not reply.startswith(b"E"):
        return Judgement(ok=False, message=f"the reply is not PostgreSQL's: {shown(reply)!r}")
    fields = error_fields(reply)
    code, text = fields.get("C", ""), fields.get("M", "")
    if code in _NOT_READY or not code:
        return Judgement(ok=False, message=f"the server {_NOT_READY.get(code, 'gives an error')}: {text}")
    return Judgement(ok=True, message=f"answers, though it would not let us in ({code}: {text})")


def error_fields(reply: bytes) -> dict[str, str]:
    """Return the fields of an error message by their one-letter names."""
    fields = (field for field in reply[_FIELDS_AT:].split(b"\0") if field)
    return {chr(field[0]): field[1:].decode("utf-8", errors="replace") for field in fields}


POSTGRES = Protocol("postgres", 5432, request, judge, read=_READ)
