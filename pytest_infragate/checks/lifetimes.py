"""Which services are surely meant to run for long."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project, Service
from ..compose.ports import is_store

FOR_EVER = frozenset({"always", "unless-stopped"})
ENDED = "service_completed_successfully"


def long_running(project: Project) -> Iterator[Service]:
    """Yield the services that something in the file says are there to stay: ports, a test, a restart, others' needs."""
    ended: set[str] = set()
    needed: set[str] = set()
    for service in project.services.values():
        for need in service.depends_on:
            (ended if need.condition == ENDED else needed).add(need.service)
    for service in project.services.values():
        stays = service.ports or service.expose or service.healthcheck or service.restart in FOR_EVER
        if service.name not in ended and (stays or service.name in needed or _serves(service)):
            yield service


def _serves(service: Service) -> bool:
    return is_store(service) and not service.command and not service.entrypoint
