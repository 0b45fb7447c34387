"""What came of a connection that a test had made from inside a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import StackError
from .exchange import Exchange, Failure, Question
from .inside import Inside
from .state import ContainerState

_MOST_PORT = 65535


@dataclass(frozen=True)
class Connection:
    """What every container of the caller was told; the first that failed speaks for all."""

    caller: str
    target: str
    exchanges: tuple[Exchange, ...]
    """One for each container of the caller, in the order of the replicas."""

    @property
    def _first(self) -> Exchange:
        return next((one for one in self.exchanges if one.failure), self.exchanges[0])

    @property
    def ok(self) -> bool:
        """Whether every container got through to every address that the name stands for."""
        return self.failure is None

    @property
    def failure(self) -> Failure | None:
        """Why not, such as ``not-resolvable``, ``refused`` or ``timed-out``; ``None`` when it is ok."""
        return self._first.failure

    @property
    def message(self) -> str:
        """The outcome in one line."""
        one = self._first
        if one.failure:
            return f"{self.target} is {one.failure.value} from inside {self.caller}: {one.detail}"
        how = "resolves" if one.question.port is None else "accepts connections from"
        return f"{self.target} {how} inside {self.caller} ({one.via})"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that the name stands for inside the caller, sorted."""
        return tuple(sorted({address for one in self.exchanges for address in one.resolved}))

    @property
    def connect_s(self) -> float | None:
        """How long the slowest connect took in seconds; ``None`` where the caller's tools cannot tell."""
        return max((one.connect_s for one in self.exchanges if one.connect_s is not None), default=None)


def connect(
    inside: Inside, caller: str, containers: Sequence[ContainerState], target: str, timeout_s: float
) -> Connection:
    """Ask from inside each container of a caller. Raises ``StackError`` for a target that is none, ``EngineError``."""
    asked = question(target, timeout_s)
    if not containers:
        raise StackError(f"service {caller} has no container to connect from")
    told = inside.ask_each({one.id: (one, (asked,)) for one in containers})
    return Connection(caller, target, tuple(told[one.id]()[0] for one in containers))


def question(target: str, timeout_s: float) -> Question:
    """Return what ``db:5432``, ``[::1]:80`` or ``db`` (resolve alone) asks for. Raises ``StackError``."""
    host, colon, port = target.rpartition(":") if target.count(":") == 1 or "]:" in target else (target, "", "")
    if not host or (colon and not (port.isdigit() and 0 < int(port) <= _MOST_PORT)):
        raise StackError(
            f"cannot connect to {target!r}: expected a host and a port, such as 'db:5432', or a host alone"
        )
    return Question(host.strip("[]"), int(port) if colon else None, timeout_s=timeout_s)
