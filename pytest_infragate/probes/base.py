"""What every probe gets and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..stack.exchange import Failure, Judgement
from ..stack.speech import Steps

if TYPE_CHECKING:
    from ..settings import ProbeSettings
    from ..stack.inside import Inside
    from ..stack.state import ContainerState

SHOWN_BYTES = 120
"""How much of a reply a message shows at most."""


@dataclass(frozen=True)
class Target:
    """The container that is asked, and the access to its inside; ``beside``: a helper asks (see ``Inside.ask``)."""

    inside: Inside
    container: ContainerState
    beside: bool = False


@dataclass(frozen=True)
class ProbeResult:
    """What one probe found; ``proven`` is ``False`` where nothing could be learned (no tools, engine trouble)."""

    ok: bool
    message: str
    duration_s: float | None
    """From the connect to the reply, as measured inside; ``None`` where the tools there cannot tell or nobody answered."""
    detail: str = ""
    """With what and where it was asked."""
    proven: bool = True
    reached: bool = True
    """Whether a connection stood (or the program ran), so that the message is about the service itself."""
    failure: Failure | None = None
    """The class of what went wrong, where it is known."""


def always(_settings: ProbeSettings) -> bool:
    """Return that more than one exchange is wanted, whatever the settings say."""
    return True


def has_password(settings: ProbeSettings) -> bool:
    """Return whether the settings have a password to log in with."""
    return settings.password is not None


def has_password_or_tls(settings: ProbeSettings) -> bool:
    """Return the same for protocols that ask for TLS in words of their own."""
    return settings.password is not None or settings.tls


@dataclass(frozen=True)
class Protocol:
    """How one protocol is spoken: pure functions of bytes, so that anybody can carry the bytes.

    ``request`` gets the probe's settings and the host; ``judge`` gets the reply and the settings. ``talk`` holds the same
    conversation in as many steps as it takes, where ``talks`` says that the settings want more than one exchange.
    """

    name: str
    default_port: int | None
    request: Callable[[ProbeSettings, str], bytes]
    judge: Callable[[bytes, ProbeSettings], Judgement]
    read: int = 0
    line: bool = False
    tls: bool = False
    talk: Callable[[ProbeSettings, str], Steps[Judgement]] | None = None
    talks: Callable[[ProbeSettings], bool] = has_password
    udp: bool = False
    upgrades: bool = False
    """Whether TLS begins in the midst of ``talk``, where the settings want it, and not with the connection."""
    plain_will_do: bool = False
    """Whether, without password and TLS, one exchange will do where nobody can hold the ``talk``."""
    offers: tuple[str, ...] = ()
    """What is offered to speak by ALPN of TLS."""


@dataclass(frozen=True)
class Spoken:
    """A conversation that a protocol is to hold."""

    talk: Callable[[ProbeSettings, str], Steps[Judgement]]
    settings: ProbeSettings
    host: str

    def __call__(self) -> Steps[Judgement]:
        """Begin it."""
        return self.talk(self.settings, self.host)


def good(message: str, unproven: str = "") -> Judgement:
    """Return that a service is ready; ``unproven`` is what it could not be made to answer."""
    return Judgement(ok=True, message=message, unproven=unproven)


def not_ready(message: str) -> Judgement:
    """Return that what a service says is not what its protocol says when it is ready."""
    return Judgement(ok=False, message=message, failure=Failure.PROTOCOL)


def not_let_in(message: str) -> Judgement:
    """Return that a service speaks its protocol, but refuses user or password."""
    return Judgement(ok=False, message=message, failure=Failure.AUTHENTICATION)


def no_tls(message: str) -> Judgement:
    """Return that a service does not speak TLS, although it is wanted."""
    return Judgement(ok=False, message=message, failure=Failure.TLS)


def not_there(message: str) -> Judgement:
    """Return that a service lets us in, but has not what is to be opened there."""
    return Judgement(ok=False, message=message, failure=Failure.STATUS)


def shown(reply: bytes) -> str:
    """Return the beginning of a reply as text that is safe to show."""
    text = reply[:SHOWN_BYTES].decode("utf-8", errors="replace")
    return "".join(letter if letter.isprintable() else " " for letter in text).strip() or "nothing"
