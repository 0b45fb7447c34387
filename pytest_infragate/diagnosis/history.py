"""How often a container was started and how each time ended, from the engine's events; pure."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from .. import words
from ..results import Json
from ..stack.event import StackEvent
from ..units import format_duration

_OOM_BEFORE_S = 2.0
_OOM_AFTER_S = 0.5
"""The engine tells of an out-of-memory kill beside the end that it caused, now and then just after it."""
_TOLD = 5


@dataclass(frozen=True)
class End:
    """One end of a container's main process; ``lasted_s`` is ``None`` where its start was not seen."""

    time: datetime.datetime
    exit_code: int
    oom_killed: bool = False
    lasted_s: float | None = None

    @property
    def code(self) -> str:
        """The exit code in words."""
        return words.exit_code(self.exit_code, oom_killed=self.oom_killed)

    def to_dict(self) -> dict[str, Json]:
        """Return the end for the report."""
        return {"time": self.time.isoformat(), "exit_code": self.exit_code, "oom_killed": self.oom_killed}


def ends(events: Sequence[StackEvent]) -> tuple[End, ...]:
    """Return every end that the events of one container tell, in the order of time."""
    found: list[End] = []
    started: datetime.datetime | None = None
    for event in sorted(events, key=lambda one: one.time_ns):
        if event.action == "start":
            started = event.time
        elif event.action == "die":
            lasted = None if started is None else (event.time - started).total_seconds()
            found.append(End(event.time, event.exit_code or 0, _was_oom(event, events), lasted))
    return tuple(found)


def told(found: Sequence[End]) -> str:
    """Say how a container ended each time; empty where it ended at most once, which its state tells as well."""
    if len(found) < 2:
        return ""
    if len({one.code for one in found}) == 1:
        when = ", ".join(f"{one.time:%H:%M:%S}" for one in found[-_TOLD:])
        earlier = "…, " if len(found) > _TOLD else ""
        return f"ended {len(found)} times with {found[0].code}, at {earlier}{when} UTC{_lasted(found)}"
    each = "; ".join(f"{one.time:%H:%M:%S} UTC {one.code}" for one in found[-_TOLD:])
    return f"ended {len(found)} times: {'…; ' if len(found) > _TOLD else ''}{each}"


def _lasted(found: Sequence[End]) -> str:
    times = [one.lasted_s for one in found if one.lasted_s is not None]
    if not times:
        return ""
    shortest, longest = format_duration(min(times)), format_duration(max(times))
    span = shortest if shortest == longest else f"{shortest} to {longest}"
    return f", each time {span} after its start"


def _was_oom(die: StackEvent, events: Sequence[StackEvent]) -> bool:
    """Whether the engine told of an out-of-memory kill beside this end."""
    begin, end = (die.time + datetime.timedelta(seconds=span) for span in (-_OOM_BEFORE_S, _OOM_AFTER_S))
    return any(
        one.action == "oom" and one.container_id == die.container_id and begin <= one.time <= end for one in events
    )
