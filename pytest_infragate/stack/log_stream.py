"""The engine's log of one container as lines with their times, read in pieces and never twice."""

from __future__ import annotations

import calendar
import functools
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..errors import EngineError
from .event import NANOSECONDS

if TYPE_CHECKING:
    import requests

    from .engine import Engine
    from .state import ContainerState

LONGEST_LINE = 16 * 1024
"""Bytes kept of a line: the piece in which the engine itself keeps longer ones. The rest is counted and dropped."""
MARGIN_NS = NANOSECONDS
"""How far a reading goes back behind the last line known: both outputs are stamped before they are put in order."""
_ANSWER_S = 30.0
_HEADER = 8
_STDOUT, _STDERR, _TROUBLE = 1, 2, 3
_LONGEST_FRAME = 1024 * 1024
_STAMP = len("2027-01-01T00:00:00.000000000Z ")
_TO_SECONDS = len("2027-01-01T00:00:00")
_GONE = (404, 409)
_UNREADABLE = 501


class LogGoneError(EngineError):
    """The container was removed, and its log with it."""


class LogUnreadableError(EngineError):
    """The container's logging driver keeps nothing that could be read."""


class LogLine(NamedTuple):
    """One line as the service wrote it, without its end; a tuple, because there are many of them."""

    stream: int
    """1 for standard output (and for both on a terminal), 2 for standard error."""
    time_ns: int
    """The engine's time of it, since 1970."""
    text: str
    """At most the first ``LONGEST_LINE`` bytes; what is no UTF-8 is replaced."""
    size: int
    """Bytes as written, the end of the line included."""
    continued: bool = False
    """Whether this is a further piece of the line before, of which only the size is told."""

    @property
    def stamp(self) -> str:
        """The time as the engine writes it."""
        return f"{_stamp(self.time_ns // NANOSECONDS)}.{self.time_ns % NANOSECONDS:09d}Z"


class Position:
    """How far the log of a container was read: for each output the time of its last line and how many had that time."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[int, int]] = {}

    @property
    def since_ns(self) -> int | None:
        """From when on the log must be read again so that nothing is missed; ``None``: from its beginning."""
        return max(time_ns for time_ns, _ in self._last.values()) - MARGIN_NS if self._last else None

    def advance(self, stream: int, place: tuple[int, int], *, back: bool) -> bool:
        """Return whether the line at this place is new; ``back``: the engine's clock was set back just before it."""
        if not back and place <= self._last.get(stream, (0, 0)):
            return False
        self._last[stream] = place
        return True


class Reading:
    """One reading of a container's log; several may run at once and tell each line once between them."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self._at: dict[int, tuple[int, int]] = {}

    def is_new(self, line: LogLine) -> bool:
        """Return whether no reading has told this line yet."""
        before, count = self._at.get(line.stream, (0, 0))
        place = (line.time_ns, count + 1 if before == line.time_ns else 1)
        self._at[line.stream] = place
        return self._position.advance(line.stream, place, back=line.time_ns < before)


def open_log(
    engine: Engine, container_id: str, *, follow: bool, since_ns: int | None = None, tail: int | None = None
) -> requests.Response:
    """Ask for the log of a container; with ``follow`` the answer ends only when the container does.

    Raises ``LogGoneError``, ``LogUnreadableError`` or, when the engine does not answer, ``EngineError``.
    """
    api = engine.client.api
    wanted = {"stdout": "1", "stderr": "1", "timestamps": "1", "follow": str(int(follow)), "tail": str(tail or "all")}
    if since_ns is not None:
        wanted["since"] = f"{since_ns // NANOSECONDS}.{since_ns % NANOSECONDS:09d}"
    url = f"{api.base_url}/v{api.api_version}/containers/{container_id}/logs"
    with engine.asking(f"for the log of container {container_id[:12]}"):
        response: requests.Response = api.get(url, params=wanted, stream=True, timeout=None if follow else _ANSWER_S)
        if response.status_code == _UNREADABLE:
            raise LogUnreadableError(_reason(response))
        if response.status_code in _GONE:
            raise LogGoneError(_reason(response))
        response.raise_for_status()
    return response


def read_lines(engine: Engine, container: ContainerState, response: requests.Response) -> Iterator[LogLine]:
    """Yield the lines of an answer as they come; raises ``EngineError`` where it breaks off."""
    with engine.asking(f"for the log of container {container.name}"), response:
        chunks = response.iter_content(chunk_size=None)
        yield from lines(terminal_frames(chunks) if container.tty else frames(chunks))


def frames(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield output and content of each frame: one byte says which, three are unused, four hold the length.

    Raises ``EngineError`` for what is no frame, and for the engine's own word that it cannot go on.
    """
    buffer = bytearray()
    for chunk in chunks:
        buffer += chunk
        begin = 0
        while len(buffer) - begin >= _HEADER:
            size = int.from_bytes(buffer[begin + 4 : begin + _HEADER], "big")
            if buffer[begin] > _TROUBLE or size > _LONGEST_FRAME:
                raise EngineError(f"The engine's log holds something that is no frame: {bytes(buffer[begin:][:40])!r}")
            end = begin + _HEADER + size
            if len(buffer) < end:
                break
            data = bytes(buffer[begin + _HEADER : end])
            if buffer[begin] == _TROUBLE:
                raise EngineError(f"The engine cannot go on with the log: {data.decode(errors='replace').strip()}")
            yield _STDERR if buffer[begin] == _STDERR else _STDOUT, data
            begin = end
        del buffer[:begin]


def lines(pieces: Iterable[tuple[int, bytes]]) -> Iterator[LogLine]:
    """Turn frames into lines; the engine keeps a long line as several frames of which the last has a line end."""
    unfinished: dict[int, int] = {}
    for stream, data in pieces:
        begun_ns = unfinished.pop(stream, None)
        time_ns = _time_ns(data) if begun_ns is None else begun_ns
        if not data.endswith(b"\n"):
            unfinished[stream] = time_ns
        if begun_ns is not None:
            yield LogLine(stream, time_ns, "", len(data) - (_STAMP if _is_stamped(data) else 0), continued=True)
            continue
        text = data[_STAMP : _STAMP + LONGEST_LINE].rstrip(b"\r\n").decode("utf-8", errors="replace")
        yield LogLine(stream, time_ns, text, len(data) - _STAMP)


def terminal_frames(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield what a container with a terminal wrote, which comes without frames, in lines or pieces of long ones."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield from ((_STDOUT, piece) for piece in _pieces(line + b"\n"))
        *full, rest = _pieces(rest)
        yield from ((_STDOUT, piece) for piece in full)
    if rest:
        yield _STDOUT, rest


def _pieces(line: bytes) -> list[bytes]:
    longest = _STAMP + LONGEST_LINE
    return [line[at : at + longest] for at in range(0, len(line), longest)] or [b""]


def _is_stamped(data: bytes) -> bool:
    return data[_STAMP - 2 : _STAMP] == b"Z "


def _time_ns(data: bytes) -> int:
    """Return the time in front of a line, which the engine writes in UTC and with nine digits of a second."""
    if not _is_stamped(data):
        raise EngineError(f"The engine's log holds a line without a time: {data[:80]!r}")
    return _second(data[:_TO_SECONDS]) * NANOSECONDS + int(data[_TO_SECONDS + 1 : _STAMP - 2])


@functools.lru_cache(maxsize=256)
def _second(stamp: bytes) -> int:
    return calendar.timegm(time.strptime(stamp.decode(), "%Y-%m-%dT%H:%M:%S"))


@functools.lru_cache(maxsize=256)
def _stamp(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _reason(response: requests.Response) -> str:
    """Return what the engine says of a refusal."""
    with response:
        try:
            return str(response.json()["message"])
        except (ValueError, KeyError):
            return response.text.strip()
