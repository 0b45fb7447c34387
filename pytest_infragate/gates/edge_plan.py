"""What condition ``connectivity`` owes an answer to: the edges of a stack, or its published ports; nothing is asked.

How they are proven is in ``connectivity``, which a run loads only when the stack is being started.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import catalogue
from ..compose.external import external_calls
from ..compose.model import Port, Project
from ..compose.references import infer_edges
from ..results import CheckResult, Finding, PlannedCheck, Severity
from ..settings import ConnectivityPolicy, ConnectivitySettings
from .edge_entries import idle_ignores, told_external, unprovable
from .edges import PlannedEdge, closed_edges, open_edges

_NOTHING = "no service needs another one, and none publishes a port"


@dataclass(frozen=True)
class PlannedPort:
    """One published port of a service with the check that it owes."""

    check: PlannedCheck
    service: str
    port: Port


@dataclass(frozen=True)
class ConnectivityPlan:
    """What connectivity owes an answer to; ``not_applicable`` is the reason when that is nothing."""

    edges: tuple[PlannedEdge, ...] = ()
    ports: tuple[PlannedPort, ...] = ()
    unprovable: tuple[CheckResult, ...] = ()
    """The answers to edges of the settings that name no pair of services."""
    not_applicable: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def checks(self) -> tuple[PlannedCheck, ...]:
        """The planned checks."""
        answered = (result.check for result in self.unprovable)
        return (*(edge.check for edge in self.edges), *(port.check for port in self.ports), *answered)


def plan(project: Project, settings: ConnectivitySettings) -> ConnectivityPlan:
    """Return the edges to prove under the policy; without any, the published ports."""
    inferred = infer_edges(project)
    wanted = open_edges(project, settings, inferred)
    edges = (*wanted, *closed_edges(project, settings, wanted))
    external = external_calls(project)
    findings = (*idle_ignores(project, settings, inferred, external), *told_external(settings, external))
    impossible = unprovable(project, settings)
    ports = () if edges else planned_ports(project)
    if edges or ports or impossible:
        return ConnectivityPlan(edges, ports, impossible, findings=findings)
    return ConnectivityPlan(not_applicable=_NOTHING, findings=(*findings, _nothing_to_prove(settings)))


def _nothing_to_prove(settings: ConnectivitySettings) -> Finding:
    policy = "" if settings.policy is ConnectivityPolicy.INFERRED else f" (policy {settings.policy.value})"
    return Finding(
        check="IG921",
        name="edge-open",
        severity=Severity.WARNING,
        subject="*",
        message=f"Nothing was proven about connectivity{policy}: {_NOTHING}.",
        remedy='Name what must be reachable in the settings, such as connectivity: {expect: ["api -> db:5432"]}.',
    )


def planned_ports(project: Project) -> tuple[PlannedPort, ...]:
    """Return every port that the project publishes, each once."""
    found: dict[str, PlannedPort] = {}
    for service in project.services.values():
        for port in service.ports if service.replicas else ():
            check = catalogue.published_port_answers(f"{service.name}:{port.target}/{port.protocol}")
            found.setdefault(check.subject, PlannedPort(check, service.name, port))
    return tuple(found.values())
