"""PostgreSQL is up when it goes on to authentication, or refuses us for any reason but not being ready.

This is what ``pg_isready`` asks. An SSLRequest alone would not do: a server that still starts up answers it. With a
password, it is up when it lets us in to the database; where TLS is wanted, an SSLRequest comes first. Layouts are those of "Message Formats", codes those of "PostgreSQL Error Codes" and
the ways of authentication those of "Message Flow", all in PostgreSQL's documentation.
"""

from __future__ import annotations

import hashlib
import struct

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from .base import Protocol, good, has_password_or_tls, no_tls, not_let_in, not_ready, not_there, shown
from .scram import MECHANISM, Scram, ScramError
from .wire import Wire

_PROTOCOL_3_0 = 196608
_READ = 512
_FIELDS_AT = 5
_LONGEST = 65536
_PASSED_OVER = b"RSKNv"
_OK, _CLEAR, _MD5, _SASL, _SASL_GOES_ON, _SASL_ENDS = 0, 3, 5, 10, 11, 12
_REFUSED = "28"
"""Class of the codes for a user or password that is not taken."""
_NO_DATABASE = "3D000"
"""Told only after the login."""
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_CERTIFICATE = "certificate"
_RULES = "pg_hba.conf"
_NOT_READY = {
    "57P03": "is not ready",
    "57P01": "is shutting down",
    "57P02": "has crashed",
    "53300": "has no connection left",
}


def request(settings: ProbeSettings, _host: str) -> bytes:
    """Return a startup message; where no password follows, no session ever begins."""
    user = settings.user or "postgres"
    named = {"user": user, "database": settings.database or user, "application_name": "pytest-infragate"}
    parameters = b"".join(f"{key}\0{value}\0".encode() for key, value in named.items()) + b"\0"
    return struct.pack("!ii", len(parameters) + 8, _PROTOCOL_3_0) + parameters


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the first message: ``R`` asks for authentication, ``E`` carries an error with its code."""
    if reply.startswith(b"R"):
        return good("asks for authentication")
    if not reply.startswith(b"E"):
        return not_ready(f"the reply is not PostgreSQL's: {shown(reply)!r}")
    fields = error_fields(reply)
    code, text = fields.get("C", ""), fields.get("M", "")
    if code in _NOT_READY or not code:
        return not_ready(f"the server {_NOT_READY.get(code, 'gives an error')}: {text}")
    return good(f"answers, though it would not let us in ({code}: {text})")


def talk(settings: ProbeSettings, host: str) -> Steps[Judgement]:
    """Begin TLS where it is wanted, and log in, up to the server's word that it is ready for a query."""
    wire = Wire()
    if settings.tls:
        wire.say(_SSL_REQUEST)
        if (yield from wire.exactly(1)) != b"S":
            return no_tls("the server does not speak TLS, which is wanted here")
        yield from wire.secure()
    wire.say(request(settings, host))
    if settings.password is not None:
        return (yield from _logged_in(wire, _Login(settings)))
    kind, body = yield from _next(wire)
    return judge(kind + bytes(_FIELDS_AT - 1) + body, settings)


def _logged_in(wire: Wire, login: _Login) -> Steps[Judgement]:
    while True:
        kind, body = yield from _next(wire)
        if kind == b"E":
            return _refusal(error_fields(bytes(_FIELDS_AT) + body), login)
        if kind == b"Z":
            return good(f"lets {login.user} in to database {login.database}")
        if kind not in _PASSED_OVER:
            return not_ready(f"the reply is not PostgreSQL's: {shown(kind)!r}")
        try:
            wire.say(login.answer(body) if kind == b"R" else b"")
        except ScramError as error:
            return not_ready(str(error))


def _next(wire: Wire) -> Steps[tuple[bytes, bytes]]:
    """Return kind and body of the next message; what is none of PostgreSQL's has a kind that it does not use."""
    kind = yield from wire.exactly(1)
    length = int.from_bytes((yield from wire.exactly(4)), "big")
    if not 4 <= length <= _LONGEST:
        return b"?", b""
    return kind, (yield from wire.exactly(length - 4))


class _Login:
    """What is said to the server's requests for authentication."""

    def __init__(self, settings: ProbeSettings) -> None:
        self.user = settings.user or "postgres"
        self.database = settings.database or self.user
        self.names_database = bool(settings.database)
        self._password = settings.password or ""
        self._scram = Scram("", self._password)

    def answer(self, body: bytes) -> bytes:
        """Return the message that answers one request. Raises ScramError for ways that we do not know."""
        way, data = int.from_bytes(body[:4], "big"), body[4:]
        if way in (_OK, _SASL_ENDS):
            return b""
        if way == _CLEAR:
            return _message(self._password.encode() + b"\0")
        if way == _MD5:
            return _message(self._md5(data[:4]) + b"\0")
        if way == _SASL and MECHANISM.encode() in data.split(b"\0"):
            first = self._scram.first()
            return _message(MECHANISM.encode() + b"\0" + struct.pack("!i", len(first)) + first)
        if way == _SASL_GOES_ON:
            return _message(self._scram.final(data))
        raise ScramError(f"the server asks for authentication in a way that this probe does not know ({way})")

    def _md5(self, salt: bytes) -> bytes:
        inner = hashlib.md5((self._password + self.user).encode(), usedforsecurity=False).hexdigest()
        return b"md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest().encode()


def _message(body: bytes) -> bytes:
    return b"p" + struct.pack("!i", len(body) + 4) + body


def _refusal(fields: dict[str, str], login: _Login) -> Judgement:
    code, text = fields.get("C", ""), fields.get("M", "")
    if code.startswith(_REFUSED) and _CERTIFICATE in text:
        return good(f"answers; it wants a certificate ({code}: {text})", "that it takes the caller's certificate")
    if code.startswith(_REFUSED) and _RULES in text:
        return good(f"answers; its rules let nobody in as we come, without encryption ({code}: {text})")
    if code.startswith(_REFUSED):
        return not_let_in(f"does not let us in ({code}: {text})")
    if code == _NO_DATABASE and not login.names_database:
        return good(f"lets us in; no database is named, and none has the user's name ({code}: {text})")
    if code == _NO_DATABASE:
        return not_there(f"lets us in, but does not have the database {login.database} ({code}: {text})")
    return not_ready(f"the server {_NOT_READY.get(code, 'gives an error')} ({code}: {text})")


def error_fields(reply: bytes) -> dict[str, str]:
    """Return the fields of an error message by their one-letter names."""
    fields = (field for field in reply[_FIELDS_AT:].split(b"\0") if field)
    return {chr(field[0]): field[1:].decode("utf-8", errors="replace") for field in fields}


POSTGRES = Protocol("postgres", 5432, request, judge, read=_READ, talk=talk, talks=has_password_or_tls, upgrades=True)
