"""A small load in a closed loop: so many requests at once, each followed by the next one, for a bounded time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from .conversation import Conversation
from .exchange import Answer, Question
from .relay import Relay

MOST_REQUESTS = 5000
_AWAKE_S = 15.0


@dataclass(frozen=True)
class Load:
    """What is asked of which addresses; ``at_once`` requests are under way for ``seconds``, or until ``most``.

    Each address has its share of them for itself, so that a slow one does not hold up those that go to others.
    """

    question: Question
    addresses: tuple[str, ...]
    at_once: int
    seconds: float
    most: int = MOST_REQUESTS


@dataclass(frozen=True)
class Timed:
    """One request: when it was over, in seconds since the load began, and how long it took by our own clock.

    What it took longer than its answer says, it has waited for us: the relay measures beside the peers.
    """

    at_s: float
    answer: Answer
    took_s: float = 0.0


def carried(relay: Relay, load: Load) -> tuple[Timed, ...]:
    """Carry a load out through a relay; return every request. Raises RelayError and FrameError."""
    relay.read("/dev/null", _AWAKE_S)
    return tuple(_Loop(relay, load).run())


class _Loop:
    def __init__(self, relay: Relay, load: Load) -> None:
        self._relay = relay
        self._load = load
        self._begun = time.monotonic()
        self._left = load.most
        self._open: dict[int, Conversation] = {}
        self._since: dict[int, float] = {}

    def run(self) -> Iterator[Timed]:
        """Yield every request as it ends; those under way at the end are waited for, up to their timeout."""
        places = self._load.addresses
        self._relay.tell(b"".join(self._next(places[at % len(places)]) for at in range(self._load.at_once)))
        while self._open:
            said = b""
            for frame in self._relay.hear(min(one.deadline for one in self._open.values())):
                one = self._open.get(frame.number)
                said += one.hear(frame, time.monotonic()) if one and one.answer is None else b""
            said += b"".join(one.expire(time.monotonic()) for one in self._open.values())
            ended = [one for one in self._open.values() if one.answer is not None]
            yield from self._noted(ended)
            self._relay.tell(said + b"".join(self._next(one.address) for one in ended))

    def _noted(self, ended: list[Conversation]) -> Iterator[Timed]:
        for one in ended:
            del self._open[one.number]
            if one.answer is not None:
                now = time.monotonic()
                yield Timed(now - self._begun, one.answer, now - self._since.pop(one.number))

    def _next(self, address: str) -> bytes:
        """Return what opens the next request to an address, nothing when the time is over."""
        if self._left <= 0 or time.monotonic() - self._begun >= self._load.seconds:
            return b""
        self._left -= 1
        now = time.monotonic()
        one = Conversation(self._relay.number(), address, self._load.question, now)
        self._open[one.number], self._since[one.number] = one, now
        return one.begin()
