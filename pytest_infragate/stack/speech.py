"""Conversations as pure logic: what is said and what is made of the answers, without any connection."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from ..errors import InfragateError

T = TypeVar("T")


@dataclass(frozen=True)
class Upgrade:
    """Asks for TLS from here on, after this was said in plain; the next word that is got is empty, and TLS stands."""

    said: bytes = b""


Steps = Generator[bytes | Upgrade, bytes, T]
"""One side of a conversation: yields what is to be sent (nothing: only listens), gets what the peer says next.

``HungUpError`` is thrown into it when the peer has closed the connection.
"""


class HungUpError(InfragateError):
    """The peer has closed the connection."""


def once(send: bytes, read: int, *, line: bool) -> Steps[bytes]:
    """Say one thing and return the answer: what comes first, or with ``line`` all up to the end of a line."""
    reply = yield send
    try:
        while line and b"\n" not in reply and len(reply) < read:
            reply += yield b""
    except HungUpError:
        return reply
    return reply[:read]
