"""Runs the declared commands of a run, on the stack that it has."""

from __future__ import annotations

from collections.abc import Callable

from ..gates import commands
from ..gates.commands import Surroundings
from ..progress import Progress
from ..results import CheckResult
from ..settings import When
from .assignment import Assignment
from .site import Site


def run_commands(
    when: When, task: Assignment, site: Site, on_result: Callable[[CheckResult], None], progress: Progress
) -> None:
    """Run the commands of one moment; ``on_result`` gets each result as it comes."""
    planned = task.planned.commands
    if not any(one.command.when is when for one in planned.commands):
        return
    progress.phase(f"running the commands {when.value}")
    containers = () if when is When.BEFORE_UP else site.containers()
    environment = commands.environment(task.environ, task.selection, site.engine)
    around = Surroundings(task.project.directory, environment, site.engine, containers)
    commands.run(when, planned, around, on_result)
