"""Asks one question after the other through one relay, without waiting for the answers to earlier ones."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .conversation import Conversation
from .exchange import Exchange, Question, asked_with
from .relay import Relay

MOST = 100
"""How many questions may be under way: a prober holds 128 connections, and programs of the stack may need some."""
_AWAKE_S = 15.0
"""What starting a program may take in a container whose CPU limit holds it back."""


class Stream:
    """Questions to addresses, not names; ``via`` says with what they are asked. Not safe for several threads.

    Its methods raise RelayError and FrameError when the relay is lost, with everything that was under way.
    """

    def __init__(self, relay: Relay, via: str) -> None:
        self._relay = relay
        self._via = via
        self._under_way: dict[int, Conversation] = {}
        relay.read("/dev/null", _AWAKE_S)

    @property
    def room(self) -> bool:
        """Whether another question may be asked now."""
        return len(self._under_way) < MOST

    def begin(self, question: Question) -> int:
        """Ask; return the number under which ``hear`` will tell what came of it."""
        one = Conversation(self._relay.number(), question.host, question, time.monotonic())
        self._under_way[one.number] = one
        self._relay.tell(one.begin())
        return one.number

    def hear(self, until: float) -> Sequence[tuple[int, Exchange]]:
        """Return what has been answered, as soon as the relay says anything; nothing when the time (monotonic) is over."""
        deadlines = [one.deadline for one in self._under_way.values()]
        said = b""
        for frame in self._relay.hear(min([until, *deadlines])):
            one = self._under_way.get(frame.number)
            if one is not None and one.answer is None:
                said += one.hear(frame, time.monotonic())
        self._relay.tell(said + b"".join(one.expire(time.monotonic()) for one in self._under_way.values()))
        return self._finished()

    def _finished(self) -> list[tuple[int, Exchange]]:
        done = [one for one in self._under_way.values() if one.answer is not None]
        for one in done:
            del self._under_way[one.number]
        return [
            (one.number, asked_with(Exchange(one.question, (one.address,), answers=(one.answer,)), self._via))
            for one in done
            if one.answer is not None
        ]
