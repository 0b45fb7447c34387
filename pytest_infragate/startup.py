"""Brings the stack up and waits until it is proven ready, or until it is certain that it will not be."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from .compose.model import Project
from .errors import EngineError
from .gates.connectivity import ConnectivityPlan
from .gates.roles import Role
from .gates.symptoms import LOG_LINES
from .gates.waiting import Asking, Wait, wait_ready
from .probes import probe
from .probes.base import Target
from .probes.listeners import listening
from .process import Completed
from .progress import Progress
from .stack.engine import Engine
from .stack.events import EventWatch
from .stack.inside import Inside
from .stack.lifecycle import ComposeStack
from .stack.state import ContainerState

_PROBE_S = 5.0

PortsOf = Mapping[str, frozenset[tuple[int, str]]]
"""The ports, with protocol, on which a service is expected to listen."""


@dataclass(frozen=True)
class Site:
    """One stack on one engine: what steers it, what watches it, and what is expected of its services."""

    engine: Engine
    project: Project
    stack: ComposeStack
    watch: EventWatch
    inside: Inside
    roles: Mapping[str, Role]
    ports: PortsOf

    def containers(self) -> tuple[ContainerState, ...]:
        """Return the containers of the stack as the engine sees them now."""
        return self.engine.containers(self.stack.project)

    def running(self, service: str) -> tuple[ContainerState, ...]:
        """Return the running containers of a service."""
        return tuple(state for state in self.containers() if state.service == service and state.running)

    def listening(self, service: str) -> tuple[bool, str]:
        """Return whether a service listens on every port that others use or that it publishes, and what was found."""
        containers = self.running(service)
        answers = []
        for protocol in ("tcp", "udp"):
            ports = sorted(port for port, spoken in self.ports.get(service, ()) if spoken == protocol)
            if ports:
                answers.append(listening(self.inside, containers, ports, protocol))
        return all(answer.ok for answer in answers), "; ".join(answer.message for answer in answers)

    def probe(self, service: str) -> tuple[bool, str]:
        """Return whether every container of a service answers the probe that the settings declare, and the answer."""
        declared = self.roles[service].probe
        if declared is None:
            return False, "no probe is declared"
        answers = [probe(Target(self.inside, one), declared, _PROBE_S) for one in self.running(service)]
        bad = [answer.message for answer in answers if not answer.ok]
        return bool(answers) and not bad, "; ".join(bad or [answer.message for answer in answers[:1]]) or "not running"

    def logs(self, state: ContainerState) -> tuple[str, ...]:
        """Return the last log lines of a container, or why it has none that can be read, which is no fault of it."""
        try:
            return tuple(self.engine.logs(state.id, tail=LOG_LINES).splitlines())
        except EngineError as error:
            return (f"not available: {error}",)


def needed_ports(project: Project, edges: ConnectivityPlan) -> PortsOf:
    """Return the ports that services must listen on: those that edges lead to and those that are published."""
    ports: dict[str, set[tuple[int, str]]] = {name: set() for name in project.services}
    for edge in edges.edges:
        if edge.must_be_open and edge.port is not None:
            ports.setdefault(edge.target, set()).add((edge.port, "tcp"))
    for service in project.services.values():
        ports[service.name] |= {(port.target, port.protocol) for port in service.ports}
    return {name: frozenset(found) for name, found in ports.items()}


@dataclass(frozen=True)
class Started:
    """What starting came to: how Compose ended, and where every service stood when the waiting ended."""

    up: Completed
    wait: Wait


@dataclass
class Startup:
    """One start. ``timeout_s`` counts from the end of pull and build until every service is proven ready."""

    site: Site
    progress: Progress
    timeout_s: float
    first_look_s: float
    begun: float = field(default_factory=time.monotonic)
    _doing: dict[str, str] = field(default_factory=dict)

    def build(self) -> None:
        """Build and pull what the engine does not have. Raises ``StartError``."""
        if any(service.build for service in self.site.project.services.values()):
            self.progress.phase("building images")
        self.site.stack.build(self.site.project, self.progress.waiting)
        self.site.stack.pull_missing(self.site.project, self.site.engine, self.progress.waiting)

    def up(self) -> Started:
        """Start the stack and wait for its services at the same time; ends as soon as one has failed for good.

        Where containers are there already (kept by an earlier run), Compose may stop one to replace it, so that they are
        looked at only when it is done.
        """
        self.progress.phase(f"starting {len(self.site.project.services)} services")
        deadline = time.monotonic() + self.timeout_s
        stop = threading.Event()
        there_already = self.site.containers()
        with ThreadPoolExecutor(1, thread_name_prefix="infragate-up") as pool:
            going = pool.submit(self.site.stack.up, self.timeout_s, self.progress.waiting, stop)
            try:
                if there_already:
                    futures.wait([going])
                wait = self._wait(deadline, going)
            finally:
                # Leaving the block waits for Compose; whatever ended the waiting, it has nothing more to start.
                stop.set()
        return Started(going.result(), wait)

    def watch_running(self) -> Wait:
        """Wait for the services of a stack that somebody else has started."""
        self.progress.phase("looking at the running stack")
        return self._wait(time.monotonic() + self.timeout_s, None)

    def _wait(self, deadline: float, going: Future[Completed] | None) -> Wait:
        asking = Asking(
            self.site.listening,
            self.site.probe,
            first_look_s=self.first_look_s,
            on_change=self._changed,
            wake=self._wake,
            up_done=going.done if going is not None else lambda: True,
        )
        return wait_ready(
            self.site.engine,
            self.site.stack.project,
            self.site.roles,
            asking,
            deadline=deadline,
            since=self.begun,
        )

    def _changed(self, service: str, text: str) -> None:
        self._doing[service] = text
        self.progress.change(service, text)

    def _wake(self, seconds: float) -> None:
        """Show what every service is doing, until something happens or the time is over."""
        shown = ", ".join(f"{service} {text}" for service, text in self._doing.items())
        self.progress.waiting(f"{time.monotonic() - self.begun:.0f} s: {shown}")
        self.site.watch.wait(seconds)
