"""Reads an answer of HTTP whole: head, then a body by its length, in chunks, or up to the end of the connection.

RFC 9112, sections 4 to 7 (messages, transfer codings, framing), and RFC 9110, section 8.4 (content codings).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InfragateError
from ..stack.speech import HungUpError, Steps
from .wire import Wire

LONGEST_BODY = 1024 * 1024
"""How much of a body is read, in bytes."""
_MOST_FIELDS = 200
_MOST_DIGITS = 18
_BODILESS = (204, 304)
_INTERIM = range(100, 200)
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_STATUS_AT = slice(9, 12)


class MessageError(InfragateError):
    """An answer cannot be read as HTTP whole; the message ends the sentence "the answer …"."""


@dataclass(frozen=True)
class Answer:
    """An answer: its status line, its header by lower-case name, and its body, decoded."""

    status_line: bytes
    header: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def head(wire: Wire) -> Steps[Answer]:
    """Read status line and header; answers that only announce another one are passed over. Raises MessageError."""
    while True:
        line = yield from wire.line()
        if not line.startswith(b"HTTP/"):
            return Answer(line)
        header = yield from _fields(wire)
        if not (line[_STATUS_AT].isdigit() and int(line[_STATUS_AT]) in _INTERIM):
            return Answer(line, header)


def body(wire: Wire, answer: Answer) -> Steps[bytes]:
    """Read the body that follows a head, without its codings. Raises MessageError."""
    if answer.status_line[_STATUS_AT].isdigit() and int(answer.status_line[_STATUS_AT]) in _BODILESS:
        return b""
    try:
        coded = yield from _framed(wire, answer.header)
    except HungUpError:
        raise MessageError("ends before its body is whole") from None
    if len(coded) > LONGEST_BODY:
        raise MessageError(f"has a body of more than {LONGEST_BODY} bytes, which is not read")
    return _decoded(coded, answer.header.get("content-encoding", "identity").strip().lower())


def _fields(wire: Wire) -> Steps[dict[str, str]]:
    """Read the lines of a header, or of a trailer."""
    found: dict[str, str] = {}
    for _ in range(_MOST_FIELDS):
        line = yield from wire.line()
        if not line:
            return found
        name, _, value = line.decode("latin-1").partition(":")
        found[name.strip().lower()] = value.strip()
    raise MessageError(f"has a header of more than {_MOST_FIELDS} lines")


def _framed(wire: Wire, header: Mapping[str, str]) -> Steps[bytes]:
    coding, length = header.get("transfer-encoding", "").lower(), header.get("content-length", "")
    if coding not in ("", "identity", "chunked"):
        raise MessageError(f"has the transfer coding {coding!r}, which nobody asked for")
    if coding == "chunked":
        return (yield from _chunks(wire))
    if not length:
        return (yield from wire.rest(LONGEST_BODY))
    if not (length.isascii() and length.isdigit() and len(length) <= _MOST_DIGITS):
        raise MessageError(f"has the length {length!r}")
    return (yield from wire.exactly(min(int(length), LONGEST_BODY + 1)))


def _chunks(wire: Wire) -> Steps[bytes]:
    found = b""
    while len(found) <= LONGEST_BODY:
        line = yield from wire.line()
        try:
            size = int(line.partition(b";")[0].strip(), 16)
        except ValueError:
            raise MessageError("has a chunk without a length") from None
        if size <= 0:
            yield from _fields(wire)
            return found
        found += yield from wire.exactly(min(size, LONGEST_BODY + 1))
        if size <= LONGEST_BODY:
            yield from wire.line()
    return found


def _decoded(coded: bytes, coding: str) -> bytes:
    """Undo a content coding, which some servers use unasked."""
    if coding in ("", "identity"):
        return coded
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise MessageError(f"is compressed ({coding}) although it was asked for as it is, and cannot be read")
    try:
        return _inflated(coded, _GZIP_OR_ZLIB)
    except zlib.error:
        pass
    try:
        return _inflated(coded, -zlib.MAX_WBITS)
    except zlib.error:
        raise MessageError(f"says that it is compressed ({coding}), and is not") from None


def _inflated(coded: bytes, window: int) -> bytes:
    machine = zlib.decompressobj(window)
    found = machine.decompress(coded, LONGEST_BODY)
    if machine.unconsumed_tail:
        raise MessageError(f"has a body of more than {LONGEST_BODY} bytes, which is not read")
    if not machine.eof:
        raise zlib.error
    return found
