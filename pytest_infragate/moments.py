"""When each container of a start was ready, by the engine's clock; pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from .gates.waiting import Wait
from .stack.clock import ClockDifference
from .stack.event import HEALTHY, StackEvent


def ready_at(wait: Wait, events: Sequence[StackEvent], clock: ClockDifference) -> Mapping[str, datetime.datetime]:
    """Return for each container that was started, by its id, when it was ready.

    With a healthcheck that is its first success since the last start, by exec or told by the event stream; a one-shot is
    ready when it has ended; any other container when all that was waited for was proven.
    """
    healthy: dict[str, datetime.datetime] = {}
    for event in events:
        if event.action == HEALTHY:
            healthy.setdefault(event.container_id, event.time)
    early = {key: moment + datetime.timedelta(seconds=clock.high_s) for key, moment in wait.early.items()}
    found = {}
    for state in wait.containers:
        if state.started_at is not None:
            told = state.finished_at if state.status == "exited" else healthy.get(state.id)
            moments = [moment for moment in (told or wait.at, early.get(state.id)) if moment is not None]
            found[state.id] = max(min(moments), state.started_at)
    return found
