"""When each container of a start was ready, by the engine's clock; pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from ..gates.readiness import DECLARED_PROBE
from ..gates.waiting import Wait
from ..stack.clock import ClockDifference
from ..stack.event import HEALTHY, StackEvent
from ..stack.state import ContainerState


def ready_at(wait: Wait, events: Sequence[StackEvent], clock: ClockDifference) -> Mapping[str, datetime.datetime]:
    """Return for each container that was started, by its id, when it was ready.

    With a healthcheck that is its first success, by exec or told by the event stream; a one-shot is ready when it has ended,
    a service with a declared probe when that was answered; any other when all that was waited for was proven.
    """
    healthy: dict[str, datetime.datetime] = {}
    for event in events:
        if event.action == HEALTHY:
            healthy.setdefault(event.container_id, event.time)
    ahead = datetime.timedelta(seconds=clock.high_s)
    found = {}
    for state in wait.containers:
        if state.started_at is not None:
            known = [*_told(state, healthy), *(moment + ahead for moment in _seen(wait, state))]
            found[state.id] = max(min(known, default=wait.at), state.started_at)
    return found


def _told(state: ContainerState, healthy: Mapping[str, datetime.datetime]) -> Iterator[datetime.datetime]:
    """Yield what the engine has told."""
    told = state.finished_at if state.status == "exited" else healthy.get(state.id)
    if told is not None:
        yield told


def _seen(wait: Wait, state: ContainerState) -> Iterator[datetime.datetime]:
    """Yield what we have seen ourselves, by our clock."""
    readiness = wait.readiness.get(state.service)
    if state.id in wait.early:
        yield wait.early[state.id]
    elif readiness is not None and readiness.proof == DECLARED_PROBE and state.service in wait.seen_ready:
        yield wait.seen_ready[state.service]
