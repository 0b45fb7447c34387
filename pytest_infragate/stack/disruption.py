"""What tests do to services on purpose: written down before it happens, and undone after the test at the latest."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import StackError
from ..suggest import listed
from .interruptions import Journal
from .state import ContainerState

if TYPE_CHECKING:
    from docker.models.containers import Container
    from typing_extensions import Self

    from .engine import Engine

BACK_WITHIN_S = 60.0
"""How long a service may take to be good again, and a test waits for another one that interrupts the same service."""
_LOOK_EVERY_S = 0.1
_STOP_GRACE_S = 2

_Step = Callable[["Container"], object]


class Interruption:
    """One action on one service that is in force; ``undo`` it, or leave the ``with`` block that it opens."""

    def __init__(self, of: Disruption, service: str, action: str, key: str) -> None:
        self.service = service
        self.action = action
        self.key = key
        self._of = of
        self._steps: list[tuple[str, _Step]] = []

    def undo(self) -> None:
        """Undo the action and wait until the service is as good as before; once undone, do nothing.

        Raises ``StackError`` when it is not good again after a minute, ``EngineError`` when the engine refuses.
        """
        self._of.undo(self)

    def remember(self, container: str, undo: _Step) -> None:
        """Keep how the action on one container is undone, before it is done."""
        self._steps.append((container, undo))

    def take_steps(self) -> Sequence[tuple[str, _Step]]:
        """Return what undoes the action, last one first; it is handed out once."""
        steps, self._steps = self._steps[::-1], []
        return steps

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.undo()


class Disruption:
    """Stops, freezes, kills and disconnects services; the gate knows that these deaths are meant.

    An action concerns all running containers of a service. It waits up to a minute while a test in another process
    interrupts the same service. What is still in force is undone after the test. Raised are ``StackError`` (no such
    service, it does not run, it is not good again) and ``EngineError`` (the engine refuses).
    """

    def __init__(
        self,
        engine: Engine,
        project: str,
        journal: Journal,
        containers: Callable[[str], Iterable[ContainerState]],
        problem: Callable[[str], str | None],
    ) -> None:
        self._engine = engine
        self._project = project
        self._journal = journal
        self._containers = containers
        self._problem = problem
        self._in_force: list[Interruption] = []

    def stop(self, service: str) -> Interruption:
        """Stop a service, which has two seconds to end in order."""
        return self._act(service, "stop", lambda c: c.stop(timeout=_STOP_GRACE_S), lambda _: lambda c: c.start())

    def pause(self, service: str) -> Interruption:
        """Freeze a service: connections stand, and nothing answers."""
        return self._act(service, "pause", lambda c: c.pause(), lambda _: lambda c: c.unpause())

    def kill(self, service: str) -> Interruption:
        """Kill a service with SIGKILL, as a crash would end it; the engine's restart policy does not apply to that."""
        return self._act(service, "kill", lambda c: c.kill(), lambda _: lambda c: c.start())

    def restart(self, service: str) -> None:
        """Restart a service and wait until it is as good as before."""
        self._act(service, "restart", lambda c: c.restart(timeout=_STOP_GRACE_S), lambda _: lambda _c: None).undo()

    def disconnect(self, service: str, network: str | None = None) -> Interruption:
        """Take a service off one network, named as in the Compose file or as on the engine; ``None``: off all.

        Coming back it has its aliases and fixed addresses again; what the engine chose by itself, an address or the host
        port of a published port, may be another one.
        """
        action = "disconnect" if network is None else f"disconnect from {network} of"
        return self._act(
            service,
            action,
            lambda c: self._leave(c, self._endpoints(c, network)),
            lambda c: self._returning(self._endpoints(c, network)),
        )

    def end(self, service: str, action: str) -> None:
        """Undo the last action of this name on a service. Raises ``StackError`` when none is in force."""
        for one in reversed(self._in_force):
            if (one.service, one.action) == (service, action):
                return self.undo(one)
        raise StackError(f"nothing to undo: no {action} of service {service} is in force")

    def undo(self, one: Interruption) -> None:
        """Undo one action and wait until the service is good, unless another action on it is still in force."""
        if one not in self._in_force:
            return
        self._in_force.remove(one)
        for container, step in one.take_steps():
            self._do(container, f"undo {one.action}", step)
        if not any(other.service == one.service for other in self._in_force):
            self._wait_until_good(one)
        self._journal.end(one.key)

    def undo_all(self) -> None:
        """Undo every action that is still in force, last one first."""
        while self._in_force:
            self.undo(self._in_force[-1])

    def _act(self, service: str, action: str, do: _Step, undo: Callable[[Container], _Step]) -> Interruption:
        states = [state for state in self._containers(service) if state.running]
        if not states:
            raise StackError(f"cannot {action} service {service}: it is not running")
        one = Interruption(self, service, action, self._turn(service, action))
        self._in_force.append(one)
        with contextlib.ExitStack() as unless_done:
            unless_done.callback(self.undo, one)
            for state in states:
                self._do(state.id, action, lambda container: one.remember(str(container.id), undo(container)))
                self._do(state.id, action, do)
            unless_done.pop_all()
        return one

    def _turn(self, service: str, action: str) -> str:
        """Wait until no test in another process interrupts the service, and write the action down."""
        own = [one.key for one in self._in_force]
        deadline = time.monotonic() + BACK_WITHIN_S
        while (key := self._journal.begin(service, action, own)) is None:
            if time.monotonic() > deadline:
                raise StackError(
                    f"cannot {action} service {service}: a test in another process has interrupted it for "
                    f"{BACK_WITHIN_S:g} s"
                )
            time.sleep(_LOOK_EVERY_S)
        return key

    def _do(self, container: str, action: str, step: _Step) -> None:
        with self._engine.asking(f"to {action} container {container[:12]}"):
            step(self._engine.client.containers.get(container))

    def _wait_until_good(self, one: Interruption) -> None:
        deadline = time.monotonic() + BACK_WITHIN_S
        while problem := self._problem(one.service):
            if time.monotonic() > deadline:
                raise StackError(f"{problem}, {BACK_WITHIN_S:g} s after its {one.action} was undone")
            time.sleep(_LOOK_EVERY_S)

    def _endpoints(self, container: Container, network: str | None) -> dict[str, Any]:
        """Return the engine's settings of a container on a network, or on all, by the network's name."""
        there: dict[str, Any] = container.attrs["NetworkSettings"]["Networks"]
        if network is None:
            return there
        name = next((name for name in (network, f"{self._project}_{network}") if name in there), None)
        if name is None:
            known = listed(sorted(one.removeprefix(f"{self._project}_") for one in there), "and") or "none"
            raise StackError(f"{container.name} is not on network {network!r}; its networks: {known}")
        return {name: there[name]}

    def _leave(self, container: Container, endpoints: Iterable[str]) -> None:
        for name in endpoints:
            self._engine.client.api.disconnect_container_from_network(str(container.id), name, force=True)

    def _returning(self, endpoints: dict[str, Any]) -> _Step:
        def back(container: Container) -> None:
            connected = container.attrs["NetworkSettings"]["Networks"]
            for name, endpoint in endpoints.items():
                if name not in connected:
                    self._connect(container, name, endpoint)

        return back

    def _connect(self, container: Container, network: str, endpoint: dict[str, Any]) -> None:
        fixed = endpoint.get("IPAMConfig") or {}
        own = str(container.id)
        self._engine.client.api.connect_container_to_network(
            own,
            network,
            # The engine adds the short id by itself.
            aliases=[alias for alias in endpoint.get("Aliases") or () if alias != own[:12]],
            links=endpoint.get("Links"),
            ipv4_address=fixed.get("IPv4Address"),
            ipv6_address=fixed.get("IPv6Address"),
            link_local_ips=fixed.get("LinkLocalIPs"),
            driver_opt=endpoint.get("DriverOpts"),
        )
