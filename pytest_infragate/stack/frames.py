"""The frames in which the prober and the script for Python are talked to; pure.

The head of ``tools/prober/prober.c`` describes the layout and every kind.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import InfragateError

_HEAD_IN = struct.Struct("!IIc")
_HEAD_OUT = struct.Struct("!IIcI")
_LONGEST = 65536


class FrameError(InfragateError):
    """What came out of a container is not what was agreed."""


class Frame(NamedTuple):
    """One thing that the prober has to say about the question or connection with this number."""

    number: int
    kind: str
    seconds: float
    payload: bytes

    @property
    def text(self) -> str:
        """The payload of a frame that carries text."""
        return self.payload.decode("utf-8", errors="replace")


class Frames:
    """Puts the pieces of a stream together to frames."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield every frame that is whole now. Raises FrameError when the stream cannot be one of frames."""
        self._held += data
        while len(self._held) >= _HEAD_OUT.size:
            length, number, kind, micros = _HEAD_OUT.unpack_from(self._held)
            if length > _LONGEST:
                raise FrameError(f"the answer could not be understood: {self._held[:80]!r}")
            end = _HEAD_OUT.size + length
            if len(self._held) < end:
                return
            payload, self._held = self._held[_HEAD_OUT.size : end], self._held[end:]
            yield Frame(number, kind.decode("latin-1"), micros / 1e6, payload)


def resolve(number: int, host: str, timeout_s: float) -> bytes:
    """Return the frame that asks for the addresses of a name."""
    return _frame(number, b"r", f"{_ms(timeout_s)} {host}".encode())


def connect(number: int, address: str, port: int, timeout_s: float, protocol: str = "tcp") -> bytes:
    """Return the frame that opens a connection; ``protocol`` is ``tcp`` or ``udp``."""
    return _frame(number, b"o", f"{protocol} {_ms(timeout_s)} {address} {port}".encode())


def data(number: int, content: bytes) -> bytes:
    """Return the frame that sends bytes on a connection."""
    return _frame(number, b"d", content)


def close(number: int) -> bytes:
    """Return the frame that closes a connection."""
    return _frame(number, b"c", b"")


def read(number: int, path: str) -> bytes:
    """Return the frame that asks for the content of a file."""
    return _frame(number, b"f", path.encode())


def _frame(number: int, kind: bytes, payload: bytes) -> bytes:
    return _HEAD_IN.pack(len(payload), number, kind) + payload


def _ms(seconds: float) -> int:
    return max(int(seconds * 1000), 1)
