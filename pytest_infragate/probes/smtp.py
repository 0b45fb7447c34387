"""An SMTP server is up when it greets with 220; with a password, when it lets us in.

It speaks first (RFC 5321, sections 3.1 and 4.2). TLS is begun by STARTTLS (RFC 3207), or with the connection (``smtps``,
RFC 8314). The login is that of RFC 4954 in its two common ways, PLAIN (RFC 4616) and LOGIN.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from .base import Protocol, good, has_password, has_password_or_tls, no_tls, not_let_in, not_ready, shown
from .wire import Wire

_PASSWORD = "that user and password are right"  # noqa: S105  (what stays unproven)
_REFUSED = b"535"
_READ = 1024


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return nothing: the server speaks first."""
    return b""


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the greeting: 421 and 554 say that there is no service now."""
    text = shown(reply.partition(b"\r\n")[0])
    return good(f"greets with {text}") if reply.startswith(b"220") else not_ready(f"greets with {text}, expected 220")


def talk(settings: ProbeSettings, _host: str) -> Steps[Judgement]:
    """Begin TLS where it is wanted, or where it is offered and only then a login; log in."""
    wire = Wire()
    greeting = yield from _reply(wire)
    first = judge(greeting[0], settings)
    if not first.ok:
        return first
    offered = yield from _hello(wire)
    if settings.tls or (settings.password is not None and "AUTH" not in offered and "STARTTLS" in offered):
        wire.say(b"STARTTLS\r\n")
        line = (yield from _reply(wire))[0]
        if not line.startswith(b"220"):
            return no_tls(f"STARTTLS gives {shown(line)}, expected 220")
        yield from wire.secure()
        offered = {} if settings.password is None else (yield from _hello(wire))
    return first if settings.password is None else (yield from _logged_in(wire, settings, offered.get("AUTH", "")))


def _hello(wire: Wire) -> Steps[Mapping[str, str]]:
    """Return what the server offers: keywords with their parameters, in upper case."""
    wire.say(b"EHLO pytest-infragate\r\n")
    lines = yield from _reply(wire)
    pairs = (line[4:].decode("ascii", errors="replace").upper().partition(" ") for line in lines[1:])
    return {keyword: parameters for keyword, _, parameters in pairs}


def _logged_in(wire: Wire, settings: ProbeSettings, ways: str) -> Steps[Judgement]:
    user, password = (settings.user or "").encode(), (settings.password or "").encode()
    if "PLAIN" in ways.split():
        words = [b"AUTH PLAIN " + base64.b64encode(b"\0" + user + b"\0" + password)]
    elif "LOGIN" in ways.split():
        words = [b"AUTH LOGIN", base64.b64encode(user), base64.b64encode(password)]
    else:
        return good(f"greets; it offers no login that this probe knows ({ways or 'none at all'})", _PASSWORD)
    line = b""
    for word in words:
        wire.say(word + b"\r\n")
        line = (yield from _reply(wire))[0]
        if not line.startswith(b"334"):
            break
    if line.startswith(b"235"):
        return good(f"lets {settings.user} in")
    told = f"AUTH gives {shown(line)}, expected 235"
    return not_let_in(told) if line.startswith(_REFUSED) else not_ready(told)


def _reply(wire: Wire) -> Steps[list[bytes]]:
    """Return the lines of one reply, of which the last has no hyphen behind its number."""
    lines = [(yield from wire.line())]
    while lines[-1][3:4] == b"-":
        lines.append((yield from wire.line()))
    return lines


SMTP = Protocol("smtp", 25, request, judge, read=_READ, line=True, talk=talk, talks=has_password_or_tls, upgrades=True)
SMTPS = Protocol("smtps", 465, request, judge, read=_READ, line=True, tls=True, talk=talk, talks=has_password)
