"""What connectivity is told about the running stack, and what it looks up there once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import InfragateError
from ..probes.listeners import Listener, listeners, told
from ..stack.state import ContainerState

if TYPE_CHECKING:
    from ..stack.inside import Inside


_JOINED = "container:"


@dataclass(frozen=True)
class LiveStack:
    """The containers of the stack now; ``not_ready`` gives the reason of each service that is not proven ready."""

    containers: tuple[ContainerState, ...]
    not_ready: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ended: frozenset[str] = frozenset()
    """One-shot services that have ended with 0."""

    def of(self, service: str) -> tuple[ContainerState, ...]:
        """Return the containers of a service."""
        return tuple(state for state in self.containers if state.service == service)

    def running(self, service: str) -> tuple[ContainerState, ...]:
        """Return the containers of a service that run."""
        return tuple(state for state in self.of(service) if state.running and not state.restarting)

    def at(self, address: str) -> ContainerState | None:
        """Return the running container that has an IP address."""
        return next((state for state in self.containers if state.running and address in state.every_address), None)

    def addresses(self, state: ContainerState) -> frozenset[str]:
        """Return the IP addresses of a container: its own, or those of the container whose network it uses."""
        if state.every_address or not state.network_mode.startswith(_JOINED):
            return state.every_address
        owner = state.network_mode.removeprefix(_JOINED)
        return next((one.every_address for one in self.containers if owner in {one.id, one.name}), frozenset())

    def networks(self, service: str) -> tuple[str, ...]:
        """Return the engine's names of the networks that a service's containers are on."""
        return tuple(sorted({name for state in self.of(service) for name in state.addresses}))


class Sight:
    """Looks at what the containers listen on, each at most once; safe for several threads."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._seen: dict[str, tuple[Listener, ...] | str] = {}
        self._lock = threading.Lock()

    def listeners(self, container: ContainerState) -> tuple[Listener, ...] | str:
        """Return what a container listens on, or why that cannot be seen."""
        with self._lock:
            known = self._seen.get(container.id)
        if known is None:
            known = self._look(container)
            with self._lock:
                self._seen[container.id] = known
        return known

    def known(self, container: ContainerState) -> tuple[Listener, ...]:
        """Return what a container listens on as far as it can be seen."""
        found = self.listeners(container)
        return () if isinstance(found, str) else found

    def told(self, container: ContainerState) -> str:
        """Say what a container listens on."""
        found = self.listeners(container)
        if isinstance(found, str):
            return f"what {container.service} listens on could not be seen: {found}"
        return told(found).replace("it listens", f"{container.service} listens", 1)

    def _look(self, container: ContainerState) -> tuple[Listener, ...] | str:
        try:
            return listeners(self._inside, container)
        except InfragateError as error:
            return str(error)
