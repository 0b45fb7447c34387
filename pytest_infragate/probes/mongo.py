"""MongoDB is up when it answers hello as somebody who can be asked: a single server, a primary or secondary, or a router.

With a password, it is up when it lets us in. OP_MSG (code 2013) is that of "Wire Protocol" in MongoDB's documentation, the fields
are those of its commands ``hello``, ``saslStart`` and ``saslContinue``, and the ways of authentication those of its driver
specification "Authentication" (SCRAM-SHA-256 and SCRAM-SHA-1).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from . import bson
from .base import Protocol, good, not_let_in, not_ready, shown
from .scram import MECHANISM, Scram, ScramError
from .wire import Wire

_READ = 4096
_LONGEST = 65536
_OP_MSG = 2013
_OURS = 0x1F6A
_HEAD = struct.Struct("<iiii")
_DOCUMENT_AT = 21
_SERVES = ("isWritablePrimary", "secondary", "arbiterOnly")
_OLDER = "SCRAM-SHA-1"
_NOT_LET_IN = 18


def request(settings: ProbeSettings, _host: str) -> bytes:
    """Return ``{hello: 1, $db: "admin"}``, which needs no login; with a user, it also asks how that one logs in."""
    asked = {"saslSupportedMechs": f"{_database(settings)}.{settings.user}"} if settings.user else {}
    return _message({"hello": 1, **asked, "$db": "admin"})


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the document of the reply."""
    if len(reply) < _DOCUMENT_AT or _HEAD.unpack_from(reply)[2:] != (_OURS, _OP_MSG):
        return not_ready(f"the reply is not MongoDB's: {shown(reply)!r}")
    found = bson.decode(reply[_DOCUMENT_AT:])
    if found.get("ok") != 1:
        return not_ready("hello is refused")
    if any(found.get(name) for name in _SERVES):
        return good("answers hello")
    return not_ready("answers hello, but is neither a primary nor a secondary; its replica set may not be initiated")


def talk(settings: ProbeSettings, host: str) -> Steps[Judgement]:
    """Log in, in the best way that the server offers to the user; an arbiter knows no users."""
    wire = Wire()
    wire.say(request(settings, host))
    reply = yield from _next(wire)
    first = judge(reply, settings)
    told = bson.decode(reply[_DOCUMENT_AT:])
    if not first.ok or told.get("arbiterOnly"):
        return first
    offered = told.get("saslSupportedMechs", [MECHANISM])
    mechanism = next((one for one in (MECHANISM, _OLDER) if isinstance(offered, list) and one in offered), "")
    if not mechanism:
        return good(
            "answers hello; it lets the user in only in ways that this probe does not know",
            "that the password is right",
        )
    try:
        return (yield from _logged_in(wire, settings, mechanism))
    except ScramError as error:
        return not_ready(str(error))


def _logged_in(wire: Wire, settings: ProbeSettings, mechanism: str) -> Steps[Judgement]:
    """Hold the conversation of SCRAM. Raises ScramError."""
    scram, database = _scram(settings, mechanism), _database(settings)
    how: Mapping[str, bson.Field] = {"mechanism": mechanism, "options": {"skipEmptyExchange": True}}
    wire.say(_message({"saslStart": 1, **how, "payload": scram.first(), "$db": database}))
    found = bson.decode((yield from _next(wire))[_DOCUMENT_AT:])
    payload, number = found.get("payload"), found.get("conversationId", 1.0)
    if found.get("ok") == 1 and isinstance(payload, bytes) and isinstance(number, float):
        proof = scram.final(payload)
        wire.say(_message({"saslContinue": 1, "conversationId": int(number), "payload": proof, "$db": database}))
        found = bson.decode((yield from _next(wire))[_DOCUMENT_AT:])
    if found.get("ok") == 1:
        return good(f"lets {settings.user} in ({mechanism}, users of {database})")
    code, text = found.get("code", 0.0), shown(str(found.get("errmsg", "")).encode())
    told = f"does not let {settings.user} in (users of {database}; {code:g}: {text})"
    return not_let_in(told) if code == _NOT_LET_IN else not_ready(told)


def _scram(settings: ProbeSettings, mechanism: str) -> Scram:
    user, password = settings.user or "", settings.password or ""
    if mechanism == MECHANISM:
        return Scram(user, password)
    mixed = hashlib.md5(f"{user}:mongo:{password}".encode(), usedforsecurity=False).hexdigest()
    return Scram(user, mixed, algorithm="sha1")


def _database(settings: ProbeSettings) -> str:
    """Return the database whose users are meant."""
    return settings.database or "admin"


def _message(fields: Mapping[str, bson.Field]) -> bytes:
    body = struct.pack("<ib", 0, 0) + bson.encode(fields)
    return _HEAD.pack(_HEAD.size + len(body), _OURS, 0, _OP_MSG) + body


def _next(wire: Wire) -> Steps[bytes]:
    """Return the next message with its head."""
    length = yield from wire.exactly(4)
    rest = yield from wire.exactly(max(min(int.from_bytes(length, "little"), _LONGEST) - 4, 0))
    return length + rest


MONGO = Protocol("mongodb", 27017, request, judge, read=_READ, talk=talk)
