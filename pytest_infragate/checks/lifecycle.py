"""Checks of how services are started again, and of how they stop (IG5xx)."""

from __future__ import annotations

from collections.abc import Iterator

from ..compose.model import Project
from ..compose.ports import is_store
from ..compose.values import flag, seconds, text
from ..results import Severity
from .base import Draft, check
from .health_commands import script_of, simple_commands
from .lifetimes import ENDED, FOR_EVER, long_running

_KILL = frozenset({"KILL", "SIGKILL", "9"})


@check("IG543", Severity.INFO, strict=Severity.ERROR)
def restart_policy_missing(project: Project) -> Iterator[Draft]:
    """A service that runs for long is not started again when it ends.

    References: CIS Docker 5.15; OWASP Docker rule 7.

    Flagged::

        services:
          web:
            image: ours:1.0
            ports: ["80:80"]

    Accepted::

        services:
          web:
            image: ours:1.0
            ports: ["80:80"]
            restart: on-failure:5
    """
    for service in long_running(project):
        if service.restart in (None, "no"):
            message = "Nothing starts the service again when it ends."
            remedy = "Add restart: on-failure:5, or unless-stopped."
            yield Draft(service.name, message, remedy, service.place("restart"))


@check("IG544", Severity.INFO, strict=Severity.WARNING)
def restart_misses_dependant(project: Project) -> Iterator[Draft]:
    """After the engine was restarted a service comes back, but one that depends on it does not.

    The engine starts what has ``restart: always`` or ``unless-stopped``, in no order; ``depends_on`` is Compose's alone.

    References: Docker documentation, start containers automatically.

    Flagged::

        services:
          api:
            image: ours:1.0
            ports: ["80:80"]
            depends_on: [db]
          db:
            image: ours/db:1.0
            restart: always

    Accepted::

        services:
          api:
            image: ours:1.0
            ports: ["80:80"]
            depends_on: [db]
            restart: always
          db:
            image: ours/db:1.0
            restart: always
    """
    for service in long_running(project):
        if service.restart not in (None, "no"):
            continue
        for needed in service.depends_on:
            target = project.services.get(needed.service)
            if target is not None and target.restart in FOR_EVER and needed.condition != ENDED:
                message = (
                    f"When the engine starts again it starts {target.name!r}, but not this service, which needs it."
                )
                remedy = "Give both the same restart."
                yield Draft(service.name, message, remedy, needed.location or service.place("depends_on"))


@check("IG551", Severity.INFO, strict=Severity.WARNING)
def shell_swallows_stop_signal(project: Project) -> Iterator[Draft]:
    """A service runs its program below a shell that does not hand on the stop signal: after 10 s it is killed.

    Flagged are scripts after ``sh -c`` of several commands whose last one is not started with ``exec`` and that set
    no ``trap``.

    References: Compose documentation, services, stop_signal and init.

    Flagged::

        services:
          api:
            image: ours:1.0
            restart: always
            command: sh -c "./migrate && ./serve"

    Accepted::

        services:
          api:
            image: ours:1.0
            restart: always
            command: sh -c "./migrate && exec ./serve"
    """
    for service in long_running(project):
        argv = (*service.entrypoint, *service.command)
        if _swallows(script_of(argv)) and not flag(service.resolved, "init"):
            key = "entrypoint" if service.entrypoint else "command"
            message = "The shell that runs the program does not hand on the stop signal."
            yield Draft(service.name, message, "Start the last command with exec.", service.place(key))


@check("IG552", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def store_is_killed_at_stop(project: Project) -> Iterator[Draft]:
    """A database or queue is killed when it is to stop, so that it cannot write what it holds in memory.

    References: Compose documentation, services, stop_grace_period and stop_signal.

    Flagged::

        services:
          db:
            image: postgres:16
            stop_grace_period: 0s

    Accepted::

        services:
          db:
            image: postgres:16
            stop_grace_period: 1m
    """
    for service in project.services.values():
        signal = text(service.resolved, "stop_signal")
        if not is_store(service):
            continue
        if signal is not None and signal.upper() in _KILL:
            message, key = f"stop_signal is {signal}.", "stop_signal"
        elif seconds(service.resolved, "stop_grace_period") == 0:
            message, key = "stop_grace_period is 0 s.", "stop_grace_period"
        else:
            continue
        yield Draft(service.name, message, "Let the store end by itself: 10 s or more.", service.place(key))


def _swallows(script: str | None) -> bool:
    """Whether a shell stays above the last of several commands and takes the signals."""
    if script is None or "trap " in script or "exec " in script:
        return False
    return len(list(simple_commands(script))) > 1
