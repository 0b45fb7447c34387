"""How long each stage of a start took, container by container; pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..gates.waiting import Wait
from ..stack.state import ContainerState

Moments = Mapping[str, datetime.datetime]


@dataclass(frozen=True)
class Course:
    """When things happened in a start, by the engine's clock."""

    begun: datetime.datetime | None = None
    """When the start began; ``None``: nothing was started."""
    ready: Moments = field(default_factory=lambda: MappingProxyType({}))
    """When each container was ready, by its id."""
    connected: Moments = field(default_factory=lambda: MappingProxyType({}))
    """When the last caller of a service had connected to it, by service."""


def stages(wait: Wait, course: Course) -> dict[str, dict[str, tuple[float, ...]]]:
    """Return the seconds of each stage, by metric and service; of containers that this start has created."""
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for state in wait.containers:
        for metric, seconds in _of(state, course):
            of_metric = found.setdefault(metric, {})
            of_metric[state.service] = (*of_metric.get(state.service, ()), seconds)
    return found


def _of(state: ContainerState, course: Course) -> Iterator[tuple[str, float]]:
    if course.begun is None or state.created_at is None or state.created_at < course.begun:
        return
    yield "start.created", (state.created_at - course.begun).total_seconds()
    if state.started_at is None:
        return
    yield "start.started", (state.started_at - state.created_at).total_seconds()
    if state.health is not None and state.id in course.ready:
        yield "start.healthy", (course.ready[state.id] - state.started_at).total_seconds()
    if state.service in course.connected:
        yield "start.connected", max((course.connected[state.service] - state.started_at).total_seconds(), 0.0)
