"""Asks questions through a relay: a program in a container that resolves, connects, and passes bytes to and fro."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from ..errors import EngineError
from . import frames
from .channel import Channel
from .conversation import Conversation
from .exchange import Exchange, Failure, Question, literal
from .frames import Frame, Frames

_AT_ONCE = 16
"""How many questions are asked at once; each may lead to several addresses."""
_AWAKE_S = 15.0
"""What starting a program may take in a container whose CPU limit holds it back."""
_ON_THE_WAY_S = 2.0
_FIRST = 1


class RelayError(EngineError):
    """A relay ended, or does not answer."""


class Relay:
    """A relay at the other end of a channel; not safe for several threads."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._frames = Frames()
        self._next = _FIRST

    def ask(self, questions: Sequence[Question]) -> tuple[Exchange, ...]:
        """Ask all questions; one exchange each, in their order. Raises RelayError and FrameError."""
        self.read("/dev/null", _AWAKE_S)
        found: list[Exchange] = []
        for first in range(0, len(questions), _AT_ONCE):
            found += _Round(self, questions[first : first + _AT_ONCE]).run()
        return tuple(found)

    def read(self, path: str, timeout_s: float) -> str:
        """Return the text of a file as the relay sees it, nothing where there is none. Raises RelayError."""
        number, content = self.number(), b""
        self.tell(frames.read(number, path))
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            for frame in self.hear(until):
                if frame.number == number and frame.kind == "E":
                    return content.decode("utf-8", errors="replace")
                content += frame.payload if frame.number == number else b""
        raise RelayError(f"A helper that asks from inside did not answer within {timeout_s:g} s.")

    def number(self) -> int:
        """Return a number that nothing has had yet."""
        self._next += 1
        return self._next

    def tell(self, said: bytes) -> None:
        """Send frames. Raises RelayError."""
        if said:
            try:
                self._channel.send(said)
            except OSError as error:
                raise RelayError(f"A helper that asks from inside could not be told anything: {error}.") from error

    def hear(self, until: float) -> Sequence[Frame]:
        """Return the next frames, none when the time (monotonic) is over. Raises RelayError and FrameError."""
        try:
            data = self._channel.receive(max(until - time.monotonic(), 0))
        except OSError as error:
            raise RelayError(f"A helper that asks from inside does not answer: {error}.") from error
        if data == b"":
            complaints = self._channel.complaints.decode("utf-8", errors="replace").strip()
            raise RelayError(f"A helper that asks from inside has ended{complaints and f': {complaints}'}.")
        return tuple(self._frames.feed(data)) if data else ()

    def close(self) -> None:
        """Close the channel; the program ends when its input does."""
        self._channel.close()


class _Round:
    """Some questions that are asked side by side."""

    def __init__(self, relay: Relay, questions: Sequence[Question]) -> None:
        self._relay = relay
        self._questions = questions
        self._exchanges = [Exchange(question) for question in questions]
        self._names: dict[int, tuple[int, float]] = {}
        """What waits for a name server: index of the question and deadline, by number."""
        self._conversations: dict[int, tuple[int, Conversation]] = {}

    def run(self) -> list[Exchange]:
        """Ask until everything is answered or its time is over."""
        self._relay.tell(b"".join(self._begun(index) for index in range(len(self._questions))))
        while self._deadlines():
            said = b"".join(self._hear(frame) for frame in self._relay.hear(min(self._deadlines())))
            self._relay.tell(said + self._expire(time.monotonic()))
        return [self._finished(index) for index in range(len(self._questions))]

    def _deadlines(self) -> list[float]:
        talking = [one.deadline for _, one in self._conversations.values() if one.answer is None]
        return talking + [deadline for _, deadline in self._names.values()]

    def _begun(self, index: int) -> bytes:
        question = self._questions[index]
        addresses = literal(question.host)
        if addresses:
            return self._resolved(index, addresses, None)
        number = self._relay.number()
        self._names[number] = (index, time.monotonic() + question.timeout_s + _ON_THE_WAY_S)
        return frames.resolve(number, question.host, question.timeout_s)

    def _hear(self, frame: Frame) -> bytes:
        if frame.number in self._names:
            index, _ = self._names.pop(frame.number)
            if frame.kind == "R":
                return self._resolved(index, tuple(dict.fromkeys(frame.text.split())), frame.seconds)
            self._unresolved(index, frame.text, frame.seconds)
        elif frame.number in self._conversations:
            conversation = self._conversations[frame.number][1]
            return b"" if conversation.answer else conversation.hear(frame, time.monotonic())
        return b""

    def _resolved(self, index: int, addresses: Sequence[str], seconds: float | None) -> bytes:
        """Note what a name stands for, and ask there."""
        question = self._questions[index]
        self._exchanges[index] = replace(self._exchanges[index], resolved=tuple(addresses), resolve_s=seconds)
        if question.port is None:
            return b""
        made = [Conversation(self._relay.number(), one, question, time.monotonic()) for one in addresses]
        self._conversations.update({one.number: (index, one) for one in made})
        return b"".join(one.begin() for one in made)

    def _unresolved(self, index: int, text: str, seconds: float | None) -> None:
        self._exchanges[index] = Exchange(
            self._questions[index], resolve_s=seconds, trouble=Failure.NOT_RESOLVABLE, trouble_detail=text
        )

    def _expire(self, now: float) -> bytes:
        late = [number for number, (_, deadline) in self._names.items() if now >= deadline]
        for number in late:
            index, _ = self._names.pop(number)
            timeout_s = self._questions[index].timeout_s
            self._unresolved(index, f"no answer from the name server within {timeout_s:g} s", None)
        return b"".join(one.expire(now) for _, one in self._conversations.values())

    def _finished(self, index: int) -> Exchange:
        mine = (one.answer for asked, one in self._conversations.values() if asked == index)
        return replace(self._exchanges[index], answers=tuple(answer for answer in mine if answer is not None))
