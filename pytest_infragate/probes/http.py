"""HTTP is up when it answers a GET with a status that counts: 200 to 399, or those that the settings list."""

from __future__ import annotations

import re

from ..settings import ProbeSettings
from ..stack.exchange import Failure, Judgement
from .base import Protocol, good, not_ready, shown

_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: ([^\r\n]*))?")
_OK = range(200, 400)
READ = 1024


def request(settings: ProbeSettings, host: str) -> bytes:
    """Return a GET that asks the server to close the connection afterwards."""
    shown_host = f"[{host}]" if ":" in host else host
    name = shown_host if settings.port is None else f"{shown_host}:{settings.port}"
    lines = (f"GET {settings.path or '/'} HTTP/1.1", f"Host: {name}", "User-Agent: pytest-infragate", "Accept: */*")
    return "\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1", errors="replace")


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


HTTP = Protocol("http", 80, request, judge, read=READ, line=True)
HTTPS = Protocol("https", 443, request, judge, read=READ, line=True, tls=True)
