"""What is expected of each service: to stay up or to end, with how many containers and which proof."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum

from ..compose.model import Project, Service
from ..results import Location
from ..settings import Level, ProbeSettings, Settings

_COMPLETED = "service_completed_successfully"
_NEVER_RESTARTED = (None, "", "no")


class Life(str, Enum):
    """How a service is expected to live; ``UNDECIDED``: a one-shot if it has ended with 0 before the first test."""

    ONE_SHOT = "one-shot"
    LONG_RUNNING = "long-running"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Role:
    """What one service must show; ``why`` says where its life was taken from."""

    service: str
    life: Life
    why: str = ""
    replicas: int = 1
    restarts: int = 0
    """Restarts allowed before it is ready."""
    probe: ProbeSettings | None = None
    needs_healthcheck: bool = False
    strict: bool = False
    needs: tuple[tuple[str, str], ...] = ()
    """Services that Compose waits for before it starts this one, each with its condition."""
    location: Location | None = None

    def lived_as(self, life: Life) -> Role:
        """Return the same role with its life decided."""
        return replace(self, life=life)


def roles(project: Project, settings: Settings, called: Collection[str] = ()) -> dict[str, Role]:
    """Return the role of every service; ``called`` are the services that an edge of the stack leads to."""
    return {name: _role(project, service, settings, called) for name, service in project.services.items()}


def _role(project: Project, service: Service, settings: Settings, called: Collection[str]) -> Role:
    said = settings.service(service.name)
    strict = settings.checks.level is Level.STRICT
    life, why = _life(project, service, settings, called)
    return Role(
        service.name,
        life,
        why,
        replicas=service.replicas,
        restarts=said.restarts,
        probe=said.probe,
        needs_healthcheck=settings.health.require_healthcheck or strict,
        strict=strict,
        needs=tuple((one.service, one.condition) for one in service.depends_on if one.service in project.services),
        location=service.location,
    )


def _life(project: Project, service: Service, settings: Settings, called: Collection[str]) -> tuple[Life, str]:
    """Return how the service is meant to live and who says so."""
    said = settings.service(service.name)
    if said.kind is not None:
        return Life(said.kind.value), "declared"
    waiting = _dependants(project, service.name)
    adopter = next((name for name, condition in waiting.items() if condition == _COMPLETED), None)
    if adopter is not None:
        return Life.ONE_SHOT, f"{adopter} waits for its completion"
    if said.probe is None and service.name not in called and not waiting and _asks_for_nothing(service):
        return Life.UNDECIDED, "nothing needs it running"
    return Life.LONG_RUNNING, "needed running, or restarted when it ends"


def _asks_for_nothing(service: Service) -> bool:
    """Whether the service itself gives no sign that it is meant to stay up."""
    checked = service.healthcheck is not None and not service.healthcheck.disabled
    return service.restart in _NEVER_RESTARTED and not (service.ports or service.expose or checked)


def _dependants(project: Project, name: str) -> dict[str, str]:
    """Return the services that depend on ``name``, each with its condition."""
    return {
        other.name: dependency.condition
        for other in project.services.values()
        for dependency in other.depends_on
        if dependency.service == name
    }
