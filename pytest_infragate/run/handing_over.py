"""Tells the processes that run the tests where the stack of a run is."""

from __future__ import annotations

from pathlib import Path

from ..settings import Settings
from .handover import Handover, journal_path
from .live import LiveRun

PREFIX = "infragate_stack: "


def without_stack(problem: str, *, skip: bool = False) -> Handover:
    """Return why there is no stack; ``skip``: tests that need it are skipped for that, and do not fail."""
    return Handover(problem=PREFIX + problem, skip=skip)


def with_stack(live: LiveRun, settings: Settings, services: tuple[str, ...], path: Path, problem: str = "") -> Handover:
    """Return where the stack is; ``path`` is that of the file. A stack with a problem is there, but not to be used."""
    return Handover(
        project=live.site.stack.project,
        services=services,
        ended=live.ended,
        environment=live.environment,
        journal=str(journal_path(path)),
        early=settings.health.early,
        helper_image=settings.connectivity.helper_image,
        problem=PREFIX + problem if problem else "",
    )
