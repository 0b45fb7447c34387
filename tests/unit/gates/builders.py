"""Services, projects and containers for the tests of gates, with everything that a test does not care about filled in."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from pytest_infragate.compose.model import Dependency, Project, Service
from pytest_infragate.gates.readiness import Look
from pytest_infragate.results import Location
from pytest_infragate.stack.event import NANOSECONDS, StackEvent
from pytest_infragate.stack.state import ContainerState, HealthRun
from tests.unit.states import running

BEGIN = datetime.datetime(2026, 11, 22, 12, 0, 0, tzinfo=datetime.timezone.utc)


def at(seconds: float) -> datetime.datetime:
    """Return a moment so many seconds after the start."""
    return BEGIN + datetime.timedelta(seconds=seconds)


def container(service: str = "db", **changes: Any) -> ContainerState:
    """Return a container that runs well and has no healthcheck."""
    known = {"id": f"{service}-id", "name": f"shop-{service}-1", "created_at": BEGIN, "started_at": BEGIN}
    return running(service, **{**known, **changes})


def ended(service: str = "db", code: int = 0, **changes: Any) -> ContainerState:
    """Return a container that has ended after two seconds."""
    return container(service, status="exited", running=False, exit_code=code, finished_at=at(2), **changes)


def created(service: str = "db", error: str = "") -> ContainerState:
    """Return a container that was never started."""
    return container(service, status="created", running=False, started_at=None, error=error)


def health_run(code: int, output: str = "") -> HealthRun:
    """Return one run of the engine's healthcheck."""
    return HealthRun(at(1), 0.1, code, output)


def service(name: str = "db", **changes: Any) -> Service:
    """Return a service at line 3 of its file."""
    return replace(Service(name, Location("compose.yaml", 3)), **changes)


def waiting(name: str, condition: str = "service_started") -> tuple[Dependency, ...]:
    """Return the ``depends_on`` of a service that waits for one other."""
    return (Dependency(name, condition),)


def project(*services: Service, **changes: Any) -> Project:
    """Return a project of these services."""
    by_name = {one.name: one for one in services}
    made = Project("shop", "/srv/shop", ("compose.yaml",), by_name, {}, {}, {}, {})
    return replace(made, **changes)


def event(seconds: float, action: str, of: str = "db", code: int | None = None, detail: str = "") -> StackEvent:
    """Return an event so many seconds after the start."""
    time_ns = int(at(seconds).timestamp() * NANOSECONDS)
    return StackEvent(time_ns, action, of, f"{of}-id", code, detail)


def look(**changes: Any) -> Look:
    """Return a look at a stack where everything listens, answers and has been steady for long."""
    made = Look(
        listening=lambda own: (True, f"{own[0].service} listens"),
        probe=lambda _containers: (True, "answers"),
        steady_s=lambda _state: 60.0,
    )
    return replace(made, **changes)
