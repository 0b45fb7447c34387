"""What stands on the engine for one run: its site, and its services as connectivity sees them."""

from __future__ import annotations

from ..gates.live import LiveStack
from ..gates.readiness import ENDED, State
from ..gates.symptoms import Logs
from ..gates.waiting import Wait
from ..stack.engine import Engine
from ..stack.events import EventWatch
from ..stack.inside import Inside
from ..stack.lifecycle import ComposeStack
from .assignment import Assignment
from .site import Site, calls_of, needed_ports


def site_of(task: Assignment, engine: Engine, stack: ComposeStack, watch: EventWatch, remembered: Logs) -> Site:
    """Return the site of a run; ``remembered`` gives the last log lines of containers that are gone."""
    settings = task.settings
    return Site(
        engine,
        task.project,
        stack,
        watch,
        Inside(engine, stack.project, settings.connectivity.helper_image),
        task.planned.roles,
        needed_ports(task.project, task.planned.connectivity),
        settings.health.early,
        remembered,
        calls_of(task.planned.connectivity),
    )


def live_stack(wait: Wait) -> LiveStack:
    """Return what connectivity is told of a stack that was waited for."""
    readiness = wait.readiness
    return LiveStack(
        wait.containers,
        {name: one.message for name, one in readiness.items() if one.state is not State.READY},
        frozenset(name for name, one in readiness.items() if one.proof == ENDED),
    )
