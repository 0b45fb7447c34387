"""Advice about the start: the service that makes the others wait, and what the stack would gain without that; pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project
from ..units import format_duration
from .hint import Hint
from .schedule import Need, Step, Steps, bottlenecks, critical_path, whole_s

LEAST_GAIN_S = 1.0
LEAST_SHARE = 0.1
"""What gains less than a second, or less than a tenth of the start, is not worth a word."""
_STARTED = "service_started"
_MOST_TOLD = 2
_MOST_NAMES = 3


def steps(project: Project, times: dict[str, tuple[float, float]]) -> Steps:
    """Return the start of a project; ``times`` are when each service was started and ready, in seconds since it began."""
    return {
        service.name: Step(
            *times[service.name],
            tuple(Need(one.service, one.condition != _STARTED) for one in service.depends_on if one.service in times),
        )
        for service in project.services.values()
        if service.name in times
    }


def hints(project: Project, start: Steps) -> Iterator[Hint]:
    """Yield the services that the start would gain from, the greatest gain first."""
    whole, path = whole_s(start), " → ".join(critical_path(start))
    worth = [one for one in bottlenecks(start) if one.gain_s >= max(LEAST_GAIN_S, LEAST_SHARE * whole)]
    for one in worth[:_MOST_TOLD]:
        count = len(one.delayed)
        names = ", ".join(one.delayed[:_MOST_NAMES]) + (", …" if count > _MOST_NAMES else "")
        who = f"{names} waits" if count == 1 else f"{count} services ({names}) wait"
        waiting = f" and {who} for it" if count else ""
        yield Hint(
            "startup-critical-path",
            one.service,
            f"takes {format_duration(one.took_s)} until it is ready{waiting}; the whole start takes {format_duration(whole)}",
            f"ready at once, the start would take {format_duration(whole - one.gain_s)}: let it do less before it is ready"
            + (", or who can begin without it wait for service_started" if count else ""),
            f"critical path {path}; the schedule of this start, computed anew without that time",
            project.services[one.service].location,
            one.gain_s,
        )
