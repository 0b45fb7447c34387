"""One connection that a relay opens on behalf of a question: its stages, their times and its outcome."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import frames
from .exchange import Answer, Failure, Judgement, Question, failure_named
from .frames import Frame
from .speech import HungUpError, Steps, Upgrade, once
from .tls import Tls, wants_certificate

_ON_THE_WAY_S = 2.0
"""What the way to a container and back may take beyond the time of a question."""


@dataclass
class Conversation:
    """A connection to one address; ``hear`` gets what the relay says of it and returns what is to be told to the relay."""

    number: int
    address: str
    question: Question
    deadline: float
    answer: Answer | None = None
    """What came of it, as soon as that is known."""
    _connect_s: float | None = None
    _talked_s: float = 0.0
    _waited_s: float = 0.0
    _tls: Tls | None = None
    _tls_s: float | None = None
    _has_begun: bool = False
    _steps: Steps[bytes | Judgement] = field(init=False)

    def __post_init__(self) -> None:
        question = self.question
        self._steps = question.speech() if question.speech else once(question.send, question.read, line=question.line)
        self.deadline += question.timeout_s + _ON_THE_WAY_S

    def begin(self) -> bytes:
        """Return what opens it."""
        question = self.question
        kind = "udp" if question.udp else "tcp"
        return frames.connect(self.number, self.address, question.port or 0, question.timeout_s, kind)

    def hear(self, frame: Frame, now: float) -> bytes:
        """Take what the relay says at ``now`` (monotonic)."""
        if frame.kind == "F":
            self._end(failure_named(frame.text), frame.text)
            return b""
        try:
            said = self._react(frame, now)
        except OSError as error:
            # Nothing but TLS (ssl.SSLError is one) and its files can raise it: the relay does the sending.
            self._end_of_tls(error)
            said = b""
        return (frames.data(self.number, said) if said else b"") + (frames.close(self.number) if self.answer else b"")

    def expire(self, now: float) -> bytes:
        """End it when its time is over."""
        if now < self.deadline or self.answer:
            return b""
        if self._connect_s is None:
            self._end(Failure.TIMED_OUT, "timed out")
        else:
            self._break_off(f"no reply within {self.question.timeout_s:g} s")
        return frames.close(self.number)

    def _react(self, frame: Frame, now: float) -> bytes:
        if frame.kind == "O":
            self._connect_s = frame.seconds
            self.deadline = now + self.question.timeout_s
            return self._opened()
        if frame.kind == "E":
            self._hang_up(frame.text)
            return b""
        self._waited_s = frame.seconds
        return self._heard(frame.payload)

    @property
    def _is_bare(self) -> bool:
        """Whether there is nothing to be said once the connection stands."""
        return not self.question.read and self.question.speech is None

    def _opened(self) -> bytes:
        if self.question.tls:
            return self._sent(self._secured())
        if self._is_bare:
            self._end(None, "")
            return b""
        return self._sent(self._begun())

    def _secured(self, said: bytes = b"") -> bytes:
        """Begin the handshake, after what is still said in plain."""
        self._tls = Tls(self.question.host, self.question.trust)
        return said + self._tls.shake()

    def _begun(self) -> bytes:
        """Return the first words. Those of a conversation that asks for TLS in its midst have been said by then."""
        self._has_begun = True
        return self._said(next(self._steps))

    def _heard(self, data: bytes) -> bytes:
        if self._tls is None:
            return self._sent(self._step(data))
        if self._tls.stands:
            plain = self._tls.open(data)
            return self._sent(self._tls.seal(self._step(plain)) if plain else b"")
        return self._sent(self._shaken(self._tls, data))

    def _shaken(self, tls: Tls, data: bytes) -> bytes:
        """Go on with the handshake; behind its end, the peer's first words may have come already."""
        said = tls.shake(data)
        if tls.stands:
            self._tls_s, self._talked_s, self._waited_s = self._talked_s + self._waited_s, 0.0, 0.0
            if self._is_bare:
                self._end(None, "")
                return said
            said += tls.seal(self._step(b"") if self._has_begun else self._begun())
            plain = tls.open(b"")
            said += tls.seal(self._step(plain)) if plain and not self.answer else b""
        return said

    def _step(self, data: bytes) -> bytes:
        try:
            return self._said(self._steps.send(data))
        except StopIteration as end:
            self._end(None, "", end.value)
            return b""

    def _said(self, word: bytes | Upgrade) -> bytes:
        return self._secured(word.said) if isinstance(word, Upgrade) else word

    def _sent(self, data: bytes) -> bytes:
        """Add up the waiting: the relay counts it from the last thing that was sent."""
        if data:
            self._talked_s, self._waited_s = self._talked_s + self._waited_s, 0.0
        return data

    def _hang_up(self, reason: str) -> None:
        """End it because the peer did."""
        if self._tls is not None and not self._tls.stands:
            self._end(Failure.TLS, f"the connection was closed during the handshake{reason and f': {reason}'}")
            return
        if self.question.udp:
            self._end(failure_named(reason) if reason else None, reason or "the reply was empty")
            return
        text = f"the connection broke: {reason}" if reason else "the connection was closed without a reply"
        try:
            self._steps.throw(HungUpError(text))
        except StopIteration as end:
            self._end(None, "", end.value)
            return
        except HungUpError:
            pass
        self._break_off(text)

    def _break_off(self, text: str) -> None:
        """End it although the peer has not said what was asked for. Over UDP nothing shows then that there is one."""
        if self.question.udp:
            self._end(Failure.TIMED_OUT, text)
            return
        shaking = self._tls is not None and not self._tls.stands
        self._end(Failure.TLS if shaking else None, text)

    def _end_of_tls(self, error: OSError) -> None:
        if self.question.trust.lenient and wants_certificate(error):
            text = "speaks TLS, and lets in only who has a certificate"
            self._end(None, "", Judgement(True, text, unproven="that it takes the caller's certificate"))
        else:
            self._end(Failure.TLS, self._tls.fault(error) if self._tls else f"TLS cannot be spoken here: {error}")

    def _end(self, failure: Failure | None, detail: str, result: bytes | Judgement = b"") -> None:
        took_s = self._talked_s + self._waited_s
        self.answer = Answer(
            self.address,
            connect_s=self._connect_s,
            tls_s=self._tls_s,
            reply_s=took_s if result else None,
            judgement=result if isinstance(result, Judgement) else None,
            reply=result if isinstance(result, bytes) else b"",
            failure=failure,
            detail=detail,
        )
