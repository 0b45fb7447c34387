"""What stands on the engine for one run, before any of it is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..gates.symptoms import Logs
from ..stack.engine import Engine
from ..stack.events import EventWatch
from ..stack.lifecycle import ComposeStack
from .assignment import Assignment
from .site import Site, calls_of, needed_ports

if TYPE_CHECKING:
    from ..stack.inside import Inside


def site_of(task: Assignment, engine: Engine, stack: ComposeStack, watch: EventWatch, remembered: Logs) -> Site:
    """Return the site of a run; ``remembered`` gives the last log lines of containers that are gone."""
    settings = task.settings

    def opened() -> Inside:
        from ..stack.inside import Inside  # loaded when the stack is being started

        return Inside(engine, stack.project, settings.connectivity.helper_image)

    return Site(
        engine,
        task.project,
        stack,
        watch,
        opened,
        task.planned.roles,
        needed_ports(task.project, task.planned.connectivity),
        settings.health.early,
        remembered,
        calls_of(task.project, task.planned.connectivity),
    )
