"""One stack on one engine, and what can be asked of its services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ..compose.model import Project, Service
from ..compose.names import leads_out
from ..errors import EngineError, InfragateError
from ..gates.edge_plan import ConnectivityPlan
from ..gates.roles import Role
from ..gates.symptoms import LOG_LINES, Logs, no_logs
from ..stack.engine import Engine
from ..stack.events import EventWatch
from ..stack.lifecycle import ComposeStack
from ..stack.state import ContainerState

if TYPE_CHECKING:
    from ..stack.inside import Inside

_PROBE_S = 5.0

PortsOf = Mapping[str, frozenset[tuple[int, str]]]
"""The ports, with protocol, on which a service is expected to listen."""
Calls = Mapping[tuple[str, int, str], str]
"""Who calls a service on a port, in a protocol, and where that is written."""


@dataclass(frozen=True)
class Site:
    """One stack on one engine: what steers it, what watches it, and what is expected of its services."""

    engine: Engine
    project: Project
    stack: ComposeStack
    watch: EventWatch
    open_inside: Callable[[], Inside]
    roles: Mapping[str, Role]
    ports: PortsOf
    early: bool = True
    """Whether services' own healthcheck tests are run before the engine does it."""
    remembered: Logs = no_logs
    """Gives the last log lines of a container that the engine no longer has."""
    calls: Calls = field(default_factory=dict)

    @cached_property
    def inside(self) -> Inside:
        """Asks from inside the containers; opened when it is first needed, to be closed at the end."""
        return self.open_inside()

    def containers(self) -> tuple[ContainerState, ...]:
        """Return the containers of the stack as the engine sees them now."""
        return self.engine.containers(self.stack.project)

    def listening(self, containers: Sequence[ContainerState]) -> tuple[bool, str]:
        """Return whether the containers of a service listen on every port that they should, and what was found."""
        return self._listen(containers, self.ports.get(containers[0].service, frozenset()))

    def silent(self, containers: Sequence[ContainerState]) -> str:
        """Return what is wrong with the ports of which its own section says that a service listens there.

        Empty too where nobody can look. Whether others ask the right port is for connectivity to say.
        """
        try:
            good, answer = self._listen(containers, declared_ports(self.project.services[containers[0].service]))
        except InfragateError:
            return ""
        return "" if good else answer

    def _listen(self, containers: Sequence[ContainerState], ports: frozenset[tuple[int, str]]) -> tuple[bool, str]:
        from ..probes.listeners import listening  # loaded, as all that asks services, when there is one to ask

        service, answers = containers[0].service, []
        for protocol in ("tcp", "udp"):
            wanted = _of(protocol, ports)
            if wanted:
                found = listening(self.inside, _running(containers), wanted, protocol)
                called = (self.calls.get((service, port, protocol), "") for port in found.silent)
                answers.append((found.ok, "; ".join([found.message, *filter(None, called)])))
        return all(ok for ok, _ in answers), "; ".join(answer for _, answer in answers)

    def reachable(self, state: ContainerState) -> bool:
        """Whether a container listens on every port that it should, or on one of its image's where none is known.

        Raises ``InfragateError`` when it cannot be looked into.
        """
        from ..probes.listeners import judge, listeners

        known = self.ports.get(state.service, frozenset())
        ports = {protocol: _of(protocol, known) for protocol in ("tcp", "udp")}
        exposed = [port for port, protocol in state.exposed if protocol == "tcp"]
        if not any(ports.values()) and not exposed:
            return True
        found = listeners(self.inside, state)
        if any(ports.values()):
            return all(judge(found, wanted, protocol).ok for protocol, wanted in ports.items())
        return any(judge(found, [port]).ok for port in exposed)

    def pass_own_tests(self, containers: Iterable[ContainerState]) -> frozenset[str]:
        """Return the ids of those that the engine has not judged yet and whose own healthcheck test passes now."""
        from ..gates.own_tests import AT_ONCE
        from ..stack import own_test

        open_ones = [state for state in containers if self.early and own_test.waits_for_engine(state)]
        if not open_ones:
            return frozenset()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="infragate-own-test") as pool:
            passed = pool.map(partial(own_test.passes, self.engine), open_ones)
            return frozenset(state.id for state, good in zip(open_ones, passed, strict=True) if good)

    def probe(self, containers: Sequence[ContainerState]) -> tuple[bool, str]:
        """Return whether every container of a service answers the probe that the settings declare, and the answer."""
        from ..probes import probe
        from ..probes.base import Target

        declared = self.roles[containers[0].service].probe
        if declared is None:
            return False, "no probe is declared"
        answers = [probe(Target(self.inside, one), declared, _PROBE_S) for one in _running(containers)]
        bad = [answer.message for answer in answers if not answer.ok]
        return bool(answers) and not bad, "; ".join(bad or [answer.message for answer in answers[:1]]) or "not running"

    def logs(self, state: ContainerState) -> tuple[str, ...]:
        """Return the last log lines of a container, or why it has none that can be read, which is no fault of it."""
        try:
            return tuple(self.engine.logs(state.id, tail=LOG_LINES).splitlines())
        except EngineError as error:
            return tuple(self.remembered(state)) or (f"not available: {error}",)


def _running(containers: Sequence[ContainerState]) -> list[ContainerState]:
    return [state for state in containers if state.running]


def _of(protocol: str, ports: frozenset[tuple[int, str]]) -> list[int]:
    return sorted(port for port, spoken in ports if spoken == protocol)


def declared_ports(service: Service) -> frozenset[tuple[int, str]]:
    """Return the ports, with protocol, of which a service's own section says that it listens there."""
    exposed = {*((port, "tcp") for port in service.expose), *((port, "udp") for port in service.expose_udp)}
    return frozenset({(port.target, port.protocol) for port in service.ports} | exposed)


def asking_services(edges: ConnectivityPlan) -> frozenset[str]:
    """Return the services from inside which the network is asked; a command of the settings needs nothing for that."""
    return frozenset(edge.source for edge in edges.edges if not edge.command)


def needed_ports(project: Project, edges: ConnectivityPlan) -> PortsOf:
    """Return the ports that services must listen on: those that edges lead to, that are published or exposed."""
    ports: dict[str, set[tuple[int, str]]] = {name: set() for name in project.services}
    for target, port, protocol in calls_of(project, edges):
        ports.setdefault(target, set()).add((port, protocol))
    for service in project.services.values():
        ports[service.name] |= declared_ports(service)
    return {name: frozenset(found) for name, found in ports.items()}


def calls_of(project: Project, edges: ConnectivityPlan) -> Calls:
    """Return who calls each port of a service.

    What a command of the settings does with it nobody knows, and what ``extra_hosts`` leads elsewhere may be a port of the host.
    """
    found: dict[tuple[str, int, str], str] = {}
    for edge in edges.edges:
        if edge.port is None or edge.command or not edge.must_be_open:
            continue
        if not leads_out(project, edge.source, edge.names):
            protocol = "udp" if edge.probe is not None and edge.probe.protocol == "udp" else "tcp"
            told = f"{edge.source} calls {edge.port}/{protocol}: {edge.origin}"
            found.setdefault((edge.target, edge.port, protocol), told)
    return found
