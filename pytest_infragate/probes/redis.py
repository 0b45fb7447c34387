"""Redis is up when it answers PING, be it that it wants a password first; with a password, when it lets us in.

Where the settings name a database by its number, it must have that one.

Commands and replies are those of "Redis serialization protocol specification" in its documentation (RESP2).
"""

from __future__ import annotations

from ..settings import ProbeSettings
from ..stack.exchange import Judgement
from ..stack.speech import Steps
from .base import Protocol, good, not_let_in, not_ready, not_there, shown
from .wire import Wire

_ANSWERS = (b"+PONG", b"-NOAUTH", b"-NOPERM")
_REFUSALS = (b"-WRONGPASS", b"-ERR invalid password", b"-NOAUTH")
_NO_USERS = b"-ERR wrong number of arguments"
"""What servers before Redis 6 say to a name."""
_NEEDS_NONE = (b"-ERR AUTH", b"-ERR Client sent AUTH")
_READ = 256


def request(_settings: ProbeSettings, _host: str) -> bytes:
    """Return an inline PING, which needs no login on a server without one."""
    return b"PING\r\n"


def judge(reply: bytes, _settings: ProbeSettings) -> Judgement:
    """Judge the first line: a server that loads its data (``-LOADING``) or refuses us (``-DENIED``) is not up."""
    text = shown(reply.partition(b"\r\n")[0])
    return good(f"PING gives {text}") if reply.startswith(_ANSWERS) else not_ready(f"PING gives {text}, expected +PONG")


def talk(settings: ProbeSettings, _host: str) -> Steps[Judgement]:
    """Log in and ask for PONG.

    Where the name is not taken the password is tried alone: many clients drop the name. That a server has no password
    although one is given, some clients tell and others do not, so it is no failure.
    """
    wire, unproven = Wire(), ""
    if settings.password is not None:
        answer = yield from _log_in(wire, settings, settings.password)
        if isinstance(answer, Judgement):
            return answer
        unproven = answer
    if settings.database:
        wire.say(_command("SELECT", settings.database))
        reply = yield from wire.line()
        if reply.startswith(b"-ERR"):
            return not_there(f"has no database {settings.database}: SELECT gives {shown(reply)}")
    wire.say(_command("PING"))
    reply = yield from wire.line()
    found = judge(reply, settings)
    if settings.password is None:
        return found
    ready = reply.startswith((b"+PONG", b"-NOPERM"))
    text = f"lets us in, and PING gives {shown(reply)}"
    return good(text, unproven) if ready else not_ready(f"{text}, expected +PONG")


def _log_in(wire: Wire, settings: ProbeSettings, password: str) -> Steps[Judgement | str]:
    """Return why we are not let in; when we are, what that does not prove."""
    unproven = ""
    wire.say(_command("AUTH", *((settings.user, password) if settings.user else (password,))))
    reply = yield from wire.line()
    if settings.user and reply.startswith((b"-WRONGPASS", _NO_USERS)):
        if not reply.startswith(_NO_USERS):
            unproven = f"that it knows the user {settings.user}: it takes the password without a name alone"
        wire.say(_command("AUTH", password))
        reply = yield from wire.line()
    if reply.startswith(_REFUSALS):
        return not_let_in(f"AUTH gives {shown(reply)}")
    if not reply.startswith((b"+OK", *_NEEDS_NONE)):
        return not_ready(f"AUTH gives {shown(reply)}, expected +OK")
    return unproven


def _has_more_to_say(settings: ProbeSettings) -> bool:
    return settings.password is not None or bool(settings.database)


def _command(*words: str) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


REDIS = Protocol("redis", 6379, request, judge, read=_READ, line=True, talk=talk, talks=_has_more_to_say)
