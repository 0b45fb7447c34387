"""A container as the engine tells of it, with everything that a test does not care about filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_infragate.stack.state import ContainerState


def running(service: str, **changes: Any) -> ContainerState:
    """Return the first container of a service, which runs and has no healthcheck."""
    state = ContainerState(
        id=service,
        name=f"p-{service}-1",
        service=service,
        number=1,
        status="running",
        running=True,
        paused=False,
        restarting=False,
        oom_killed=False,
        exit_code=0,
        error="",
        restart_count=0,
        created_at=None,
        started_at=None,
        finished_at=None,
        health=None,
    )
    return replace(state, **changes)
