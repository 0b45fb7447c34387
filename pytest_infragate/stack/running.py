"""The running stack as tests see it: the object behind the ``infragate_stack`` fixture."""

from __future__ import annotations

import datetime
import ipaddress
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import StackError
from ..suggest import unknown_service
from . import own_test
from .connection import Connection, connect
from .disruption import BACK_WITHIN_S, Disruption
from .inside import Inside
from .interruptions import Journal
from .state import ContainerState

if TYPE_CHECKING:
    from .engine import Engine

_LOOK_EVERY_S = 0.1
_ECHO_S = 10.0
"""How long a service that needs an interrupted one may take to recover after it is back."""


@dataclass(frozen=True)
class Endpoint:
    """Where a published port is reached from the machine that runs the tests."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The endpoint as an ``http://`` URL without a path; IPv6 addresses in brackets."""
        return f"http://{self}"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class ExecResult:
    """What a program inside a service did: its exit code, both outputs as text, and its duration in seconds."""

    exit_code: int
    stdout: str
    stderr: str
    duration_s: float


class RunningStack:
    """Asks and steers the services of the proven stack.

    Every service argument is a name from the Compose file; an unknown one raises ``StackError`` with the nearest name.
    Actions (stop, pause, …) are written down as meant before they happen and undone after the test. ``ended`` are the
    one-shot services, which are good when they have ended with 0. ``early``: a service whose health the engine has not
    judged yet is good when its own healthcheck test passes.
    """

    def __init__(
        self,
        engine: Engine,
        project: str,
        services: Sequence[str],
        journal: Journal,
        ended: Sequence[str] = (),
        *,
        early: bool = False,
        helper_image: str | None = None,
    ) -> None:
        self.engine = engine
        """The engine that the stack runs on."""
        self._project = project
        self._services = tuple(services)
        self._journal = journal
        self._ended = frozenset(ended)
        self._early = early
        self.inside = Inside(engine, project, helper_image)
        """Asks the network from inside the containers."""
        self.disruption = Disruption(engine, project, journal, self.containers, self.problem)
        """What tests may do to the services; behind the ``infragate_disrupt`` fixture."""

    @property
    def project(self) -> str:
        """The Compose project name of the running stack."""
        return self._project

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the services, as in the Compose file."""
        return self._services

    def containers(self, service: str | None = None) -> tuple[ContainerState, ...]:
        """Return the containers of a service, or of all, as the engine sees them now, ordered by replica number."""
        if service is not None:
            self._known(service)
        found = [state for state in self.engine.containers(self._project) if service in (None, state.service)]
        return tuple(sorted(found, key=lambda state: (state.service, state.number)))

    @property
    def ended(self) -> frozenset[str]:
        """The one-shot services, which have ended with 0."""
        return self._ended

    def endpoint(self, service: str, port: int, protocol: str = "tcp", *, replica: int = 1) -> Endpoint:
        """Return host and port under which a service's published port is reached from here.

        Prefers an IPv4 address where the port is published on both; on a remote engine the host is the engine's.
        """
        state = self._replica(service, replica)
        published = [entry for entry in state.ports if (entry.target, entry.protocol) == (port, protocol)]
        if not published:
            offered = ", ".join(sorted({f"{p.target}/{p.protocol}" for p in state.ports})) or "none"
            raise StackError(f"service {service} publishes no port {port}/{protocol}; published: {offered}")
        chosen = min(published, key=lambda entry: ":" in entry.host_ip)
        return Endpoint(self._host(chosen.host_ip), chosen.host_port)

    def exec(
        self, service: str, argv: Sequence[str], *, user: str | None = None, timeout: float = 30.0, replica: int = 1
    ) -> ExecResult:
        """Run a program inside a service and wait for it; its exit code, whatever it is, raises nothing.

        Raises ``StackError`` when it has not ended after ``timeout`` seconds.
        """
        done = self.engine.execute(self._replica(service, replica).id, list(argv), user=user, timeout_s=timeout)
        if done.timed_out:
            raise StackError(f"{argv[0]} in service {service} did not end within {timeout:g} s")
        return ExecResult(done.exit_code, _text(done.stdout), _text(done.stderr), done.duration_s)

    def connect(self, caller: str, target: str, *, timeout: float = 3.0) -> Connection:
        """Ask from inside every container of ``caller`` whether it reaches ``target``: ``db:5432``, or ``db`` to resolve alone.

        Whatever comes of it raises nothing; see ``ok`` and ``message`` of the result. ``timeout`` in seconds bounds the
        resolution and each address. Raises ``StackError`` for a target that is none.
        """
        return connect(self.inside, caller, self.containers(caller), target, timeout)

    def close(self) -> None:
        """Remove what asking has left on the engine; done at the end of the run by itself."""
        self.inside.close()

    def logs(self, service: str, tail: int | None = None) -> str:
        """Return what a service has logged so far (all replicas, one after the other); ``tail``: only its last lines."""
        return "".join(self.engine.logs(state.id, tail=tail) for state in self.containers(service))

    def stop(self, service: str) -> None:
        """Stop a service until the test is over (or ``start``)."""
        self.disruption.stop(service)

    def start(self, service: str) -> None:
        """Start a stopped service and wait until it is as good as before."""
        self._known(service)
        self.disruption.end(service, "stop")

    def pause(self, service: str) -> None:
        """Freeze a service until the test is over (or ``unpause``)."""
        self.disruption.pause(service)

    def unpause(self, service: str) -> None:
        """Let a paused service go on and wait until it is as good as before."""
        self._known(service)
        self.disruption.end(service, "pause")

    def restart(self, service: str) -> None:
        """Restart a service and wait until it is as good as before."""
        self.disruption.restart(service)

    def undo(self) -> None:
        """Undo every action that is still in force, last one first."""
        self.disruption.undo_all()

    def problem(self, service: str) -> str | None:
        """Return in one line why a service is not good right now, or ``None`` when it is."""
        states = self.containers(service)
        if not states:
            return f"{service} has no container"
        found = ((state, _problem(state, ends=service in self._ended)) for state in states)
        return next((text for state, text in found if text and not self._passes_early(state)), None)

    def problem_unless_meant(self, service: str) -> str | None:
        """Return why a service is not good, but first wait out what a test in another process is doing to the stack."""
        return self.unless_meant(lambda: self.problem(service))

    def unless_meant(self, ask: Callable[[], str | None]) -> str | None:
        """Return the problem that ``ask`` tells, but ask again while a test interrupts the stack or has only just done so."""
        deadline = time.monotonic() + BACK_WITHIN_S
        while (problem := ask()) and self._is_interrupted() and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)
        return problem

    def _passes_early(self, state: ContainerState) -> bool:
        return self._early and own_test.waits_for_engine(state) and own_test.passes(self.engine, state)

    def _is_interrupted(self) -> bool:
        """Return whether an interruption that a test means is in force, or has only just been undone."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return any(one.end is None or (now - one.end).total_seconds() < _ECHO_S for one in self._journal.read())

    def _replica(self, service: str, number: int) -> ContainerState:
        for state in self.containers(service):
            if state.number == number:
                return state
        raise StackError(f"service {service} has no container number {number}")

    def _known(self, service: str) -> None:
        if service not in self._services:
            raise StackError(unknown_service(service, self._services))

    def _host(self, host_ip: str) -> str:
        if not host_ip or ipaddress.ip_address(host_ip).is_unspecified:
            return self.engine.published_host
        return host_ip if self.engine.place.is_local else self.engine.published_host


def _problem(state: ContainerState, *, ends: bool) -> str | None:
    """Return what is wrong with a container now; ``ends``: it is meant to have ended."""
    if ends and state.status == "exited" and state.exit_code == 0:
        return None
    if not state.running or state.paused or state.restarting:
        return f"{state.service} is {state.status} (exit code {state.exit_code})"
    if state.health not in (None, "healthy"):
        return f"{state.service} is running, but {state.health}"
    return None


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
