"""HTTP is up when it answers a GET with a status that counts: 200 to 399, or those that the settings list.

Where the settings say what its body must hold, the answer is read whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ..settings import ProbeSettings
from ..stack.exchange import Failure, Judgement
from ..stack.speech import HungUpError, Steps
from . import content, http_message
from .base import Protocol, good, not_ready, shown
from .wire import Wire

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: ([^\r\n]*))?")
_OK = range(200, 400)
READ = 1024


def request(settings: ProbeSettings, host: str) -> bytes:
    """Return a GET that asks the server to close the connection afterwards."""
    shown_host = f"[{host}]" if ":" in host else host
    name = shown_host if settings.port is None else f"{shown_host}:{settings.port}"
    lines = (f"GET {settings.path or '/'} HTTP/1.1", f"Host: {name}", "User-Agent: pytest-infragate", "Accept: */*")
    ends = ("Accept-Encoding: identity", "Connection: close", "", "")
    return "\r\n".join((*lines, *ends)).encode("latin-1", errors="replace")


def judge(reply: bytes, settings: ProbeSettings) -> Judgement:
    """Judge the status line."""
    match = _STATUS_LINE.match(reply)
    if match is None:
        return not_ready(f"the reply is not HTTP: {shown(reply)!r}")
    status = int(match[1])
    counts = status in settings.status if settings.status else status in _OK
    wanted = ", ".join(map(str, settings.status)) or "200 to 399"
    text = f"GET {settings.path or '/'} gives {status} {shown(match[2] or b'').replace('nothing', '')}".rstrip()
    return good(text) if counts else Judgement(False, f"{text}, expected {wanted}", Failure.STATUS)


def talk(settings: ProbeSettings, host: str) -> Steps[Judgement]:
    """Read the answer whole and judge status, then body. Raises ``ProcessError``: see ``content.fault``."""
    return (yield from whole(settings, host, lambda answer: content.fault(answer.body, settings)))


def whole(settings: ProbeSettings, host: str, fault: Callable[[http_message.Answer], str]) -> Steps[Judgement]:
    """Read the answer whole, judge its status, and where that counts ask ``fault`` what else is wrong; empty: nothing."""
    wire = Wire()
    wire.say(request(settings, host))
    try:
        answer = yield from http_message.head(wire)
    except HungUpError:
        return not_ready("the connection was closed before the answer was whole")
    except http_message.MessageError as error:
        return not_ready(f"the answer {error}")
    status = judge(answer.status_line, settings)
    if not status.ok:
        return status
    try:
        wrong = fault(replace(answer, body=(yield from http_message.body(wire, answer))))
    except http_message.MessageError as error:
        wrong = f"the answer {error}"
    text = f"{status.message}, and {wrong or 'its body is as expected'}"
    return Judgement(False, text, Failure.STATUS) if wrong else good(text)


def _wants_content(settings: ProbeSettings) -> bool:
    return settings.body is not None or bool(settings.json)


HTTP = Protocol("http", 80, request, judge, read=READ, line=True, talk=talk, talks=_wants_content)
HTTPS = replace(HTTP, name="https", default_port=443, tls=True)
