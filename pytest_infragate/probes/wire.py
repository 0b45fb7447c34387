"""The two directions of a conversation, for protocols that are spoken in several steps."""

from __future__ import annotations

import contextlib

from ..stack.speech import HungUpError, Steps, Upgrade

_LONGEST_LINE = 65536


class Wire:
    """What is to be said, and what was heard and not used yet; its methods are parts of a conversation."""

    def __init__(self) -> None:
        self._said = b""
        self._heard = b""

    def say(self, data: bytes) -> None:
        """Say something before the next word of the peer is waited for."""
        self._said += data

    def exactly(self, count: int) -> Steps[bytes]:
        """Return so many bytes."""
        while len(self._heard) < count:
            yield from self._listen()
        found, self._heard = self._heard[:count], self._heard[count:]
        return found

    def line(self) -> Steps[bytes]:
        """Return a line without its end."""
        while b"\n" not in self._heard and len(self._heard) < _LONGEST_LINE:
            yield from self._listen()
        found, _, self._heard = self._heard.partition(b"\n")
        return found.rstrip(b"\r")

    def rest(self, most: int) -> Steps[bytes]:
        """Return all that comes until the peer closes the connection, at most so many bytes and the piece that exceeds them."""
        with contextlib.suppress(HungUpError):
            while len(self._heard) <= most:
                yield from self._listen()
        found, self._heard = self._heard, b""
        return found

    def secure(self) -> Steps[None]:
        """Say what is to be said yet, and go on over TLS. What the peer has said before is dropped: nobody vouches for it."""
        said, self._said, self._heard = self._said, b"", b""
        yield Upgrade(said)

    def _listen(self) -> Steps[None]:
        said, self._said = self._said, b""
        self._heard += yield said
