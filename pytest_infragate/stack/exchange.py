"""What is asked from inside a container, and what came of it."""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .speech import Steps
from .tls import ANYBODY, Trust


class Failure(str, enum.Enum):
    """Why a caller did not get through; the value is how messages name it."""

    NOT_RESOLVABLE = "not-resolvable"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    PROTOCOL = "protocol"
    """The connection stands, but what the target says is not what its protocol says when it is ready."""
    AUTHENTICATION = "authentication"
    """The target speaks its protocol, but does not let the caller in."""
    STATUS = "status"
    """The target answers, with a status or a content that does not count."""
    COMMAND = "command"
    """The command that the settings declare did not end with 0."""
    CALLER_DOWN = "caller-down"
    """The caller itself does not run (or is paused), so nothing could be asked from it."""
    NO_TOOLS = "no-tools"
    """Neither the caller nor any local image has what is needed to ask."""
    BROKEN = "broken"
    """The asking itself went wrong: no evidence about the network."""

    @property
    def proves_nothing(self) -> bool:
        """Whether nothing was learned about the network, so that the check could not be evaluated."""
        return self in {Failure.NO_TOOLS, Failure.BROKEN}


@dataclass(frozen=True)
class Judgement:
    """What a protocol says of a conversation; ``failure`` is its class, where it is not good."""

    ok: bool
    message: str
    failure: Failure | None = None
    unproven: str = ""
    """What of the question it could not answer, such as whether the password is right; empty: nothing."""


Speech = Callable[[], Steps[bytes | Judgement]]
"""Begins a conversation of several steps."""


@dataclass(frozen=True)
class Question:
    """Whom to ask: ``port`` ``None`` resolves only; ``read`` bytes at most are read (0: connect only) after ``send``.

    With ``line`` reading goes on until the first line is whole; without it one read is enough. ``timeout_s`` bounds the
    resolution and each address on its own. ``tls`` wraps the connection from its beginning, with what ``trust`` demands.
    A ``speech``, equal to others of the same content, is held in place of the one exchange of ``send`` and ``read``.
    With ``udp`` there is no connection: only a reply shows that somebody is there. With ``plain_will_do`` the one exchange is
    made where nobody can hold the speech.
    """

    host: str
    port: int | None = None
    send: bytes = b""
    read: int = 0
    line: bool = False
    tls: bool = False
    timeout_s: float = 3.0
    speech: Speech | None = None
    trust: Trust = ANYBODY
    udp: bool = False
    plain_will_do: bool = False

    @property
    def needs_relay(self) -> bool:
        """Whether more than one exchange of plain bytes over TCP is needed."""
        return self.tls or self.udp or (self.speech is not None and not self.plain_will_do)

    def __str__(self) -> str:
        named = self.host if self.port is None else f"{self.host}:{self.port}"
        return f"{named}/udp" if self.udp else named


@dataclass(frozen=True)
class Answer:
    """What one address answered; times in seconds, ``None`` where the stage was not reached or the tools cannot tell."""

    address: str
    connect_s: float | None = None
    tls_s: float | None = None
    """How long the handshake of TLS took."""
    reply_s: float | None = None
    """From then until the reply was read, or until a speech was over."""
    judgement: Judgement | None = None
    """How a speech ended."""
    reply: bytes = b""
    failure: Failure | None = None
    detail: str = ""


@dataclass(frozen=True)
class Exchange:
    """What came of one question: every address that the name stands for was asked."""

    question: Question
    resolved: tuple[str, ...] = ()
    resolve_s: float | None = None
    answers: tuple[Answer, ...] = ()
    trouble: Failure | None = None
    """Why not even an address was asked."""
    trouble_detail: str = ""
    via: str = ""
    """With what it was asked, such as ``python3 in the caller``."""

    @property
    def counting(self) -> tuple[Answer, ...]:
        """The answers that count: those of one family of addresses that all accepted, else all.

        A program that is given addresses of both families tries the other one where one does not answer.
        """
        families = [[one for one in self.answers if (":" in one.address) is six] for six in (False, True)]
        whole = (family for family in families if family and not any(one.failure for one in family))
        return tuple(next(whole, self.answers))

    @property
    def _first(self) -> Answer:
        """The answer that speaks for the exchange: the first that failed, else the first."""
        failed = [answer for answer in self.counting if answer.failure]
        return (failed or list(self.counting) or [Answer("", failure=self.trouble, detail=self.trouble_detail)])[0]

    @property
    def failure(self) -> Failure | None:
        """Why it failed, or ``None`` when every address of one family accepted (or, without a port, the name resolved)."""
        return self.trouble or self._first.failure

    @property
    def detail(self) -> str:
        """What the caller's system said about the failure or the reply."""
        return self.trouble_detail if self.trouble else self._first.detail

    @property
    def failed_at(self) -> str:
        """The address that speaks for the failure; empty where none was asked, or all accepted."""
        return self._first.address if self._first.failure else ""

    @property
    def reply(self) -> bytes:
        """What was read from the address that speaks for the exchange."""
        return self._first.reply

    @property
    def connect_s(self) -> float | None:
        """The slowest connect in seconds, where the caller's tools can tell."""
        return max((answer.connect_s for answer in self.answers if answer.connect_s is not None), default=None)

    @property
    def accepted(self) -> bool:
        """Whether any address accepted a connection."""
        return any(answer.failure is None for answer in self.answers)


def lost(question: Question, failure: Failure, detail: str) -> Exchange:
    """Return the exchange of a question that could not be asked."""
    return Exchange(question, trouble=failure, trouble_detail=detail)


def all_lost(questions: Sequence[Question], failure: Failure, detail: str) -> tuple[Exchange, ...]:
    """Return the exchanges of questions that could not be asked."""
    return tuple(lost(question, failure, detail) for question in questions)


def asked_with(exchange: Exchange, via: str) -> Exchange:
    """Return the exchange with a note of how it was asked."""
    return replace(exchange, via=via)


def literal(host: str) -> list[str]:
    """Return the address when the host is one, so that nobody needs to resolve it."""
    try:
        return [str(ipaddress.ip_address(host.strip("[]")))]
    except ValueError:
        return []


def failure_named(text: str) -> Failure:
    """Return the class of failure that an error text of a system or a tool tells of."""
    lowered = text.lower()
    for marks, failure in _MARKS:
        if any(mark in lowered for mark in marks):
            return failure
    return Failure.BROKEN


_MARKS = (
    (("refused",), Failure.REFUSED),
    (("timed out", "timeout"), Failure.TIMED_OUT),
    (("unreachable", "no route", "not assign", "not available", "not permitted"), Failure.UNREACHABLE),
    (("reset",), Failure.REFUSED),
)
