"""Brings a Compose project up and takes it down through the ``docker compose`` CLI."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from testcontainers.compose import DockerCompose

from .. import process
from ..compose.model import Project, Service
from ..compose.selection import Selection
from ..errors import EngineError, StartError
from ..process import Completed
from .convergence import changes

if TYPE_CHECKING:
    from .engine import Engine

STALL_S = 300.0
"""How long build and pull may stay silent."""
STOP_GRACE_S = 2
"""How long a container gets to end by itself; it is disposable."""
_NO_DEADLINE_S = 24 * 3600.0
_DRY_RUN_S = 60.0
_UP = ("up", "--detach", "--no-build", "--pull", "never")
_CREATE = ("create", "--no-build", "--pull", "never")
_QUIET = ("--ansi", "never", "--progress", "plain")
_STEERING = frozenset(
    f"COMPOSE_{name}"
    for name in (
        "ANSI",
        "ENV_FILES",
        "FILE",
        "IGNORE_ORPHANS",
        "MENU",
        "PATH_SEPARATOR",
        "PROFILES",
        "PROGRESS",
        "PROJECT_NAME",
        "REMOVE_ORPHANS",
        "STATUS_STDOUT",
    )
)
"""Variables that would change which files, project or output a call of ours is about."""

OnLine = Callable[[str], None]


class ComposeStack:
    """One Compose project that this run starts and removes.

    The head of the command line (program and files) comes from testcontainers' ``DockerCompose``. Its ``start`` and
    ``stop`` are not used: they know no project name, no timeout, no streamed progress and no way to start without
    building or pulling; and what it takes for profiles and env files differs between its versions.
    """

    def __init__(self, selection: Selection, engine: Engine, environ: Mapping[str, str]) -> None:
        compose = DockerCompose(selection.directory, compose_file_name=list(selection.files))
        rest = replace(selection, files=()).arguments()
        self.project = selection.project
        self.command = (*compose.docker_compose_command(), *rest, *_QUIET)
        self.environment = child_environment(environ, engine)
        self._directory = selection.directory

    def build(self, project: Project, on_line: OnLine | None = None, stop: threading.Event | None = None) -> Completed:
        """Build every service that has a ``build`` section; ended after five silent minutes, not by a deadline.

        Raises ``StartError`` with the end of the build's output.
        """
        names = [service.name for service in project.services.values() if service.build]
        if not names:
            return Completed((), 0, "", "", 0.0)
        done = self._run("build", *names, on_line=on_line, stop=stop, stall_s=STALL_S)
        if not done.ok:
            raise StartError(
                f"Building {', '.join(names)} {_how_it_ended(done)}:\n{last_lines(done)}", _blamed(names, done)
            )
        return done

    def pull_missing(
        self,
        project: Project,
        engine: Engine,
        on_line: OnLine | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """Pull the images that the engine does not have; those of services that are built here are never pulled.

        Raises ``StartError`` that names each service whose image is still missing.
        """
        missing = missing_images(project, engine)
        if not missing:
            return
        names = [service.name for service in missing]
        done = self._run("pull", *names, on_line=on_line, stop=stop, stall_s=STALL_S)
        absent = missing_images(project, engine)
        if absent:
            named = ", ".join(f"{service.name} (image {service.image})" for service in absent)
            raise StartError(
                f"The engine does not have the image of {named}, and pulling it {_how_it_ended(done)}:\n"
                f"{last_lines(done)}",
                [service.name for service in absent],
            )

    def up(self, timeout_s: float, on_line: OnLine | None = None, stop: threading.Event | None = None) -> Completed:
        """Create and start everything, without building or pulling; Compose waits for ``depends_on`` conditions."""
        return self._run(*_UP, on_line=on_line, stop=stop, timeout_s=timeout_s)

    def create(self, timeout_s: float, on_line: OnLine | None = None, stop: threading.Event | None = None) -> Completed:
        """Create networks, volumes and containers as ``up`` does, and start nothing."""
        return self._run(*_CREATE, on_line=on_line, stop=stop, timeout_s=timeout_s)

    def start(
        self,
        services: Sequence[str],
        timeout_s: float,
        on_line: OnLine | None = None,
        stop: threading.Event | None = None,
    ) -> Completed:
        """Start services that ``create`` has made, without waiting for what they depend on.

        With ``up``, because ``docker compose start`` puts no inline configs and no secrets from the environment into
        them. The containers stay those of ``create``, whose labels tell all dependencies; made by ``up --no-deps``
        they would tell only those among ``services``.
        """
        return self._run(*_UP, "--no-deps", *services, on_line=on_line, stop=stop, timeout_s=timeout_s)

    def scale(self, service: str, count: int, timeout_s: float, on_line: OnLine | None = None) -> Completed:
        """Add containers to a service until it has so many; those that stand, and all other services, are left alone."""
        words = ("--no-deps", "--no-recreate", "--scale", f"{service}={count}", service)
        return self._run(*_UP, *words, on_line=on_line, timeout_s=timeout_s)

    def pending(self) -> frozenset[str]:
        """Return the names of the containers and networks that ``create`` would make, replace or remove.

        Nothing is changed, and nobody's health is waited for. Raises ``EngineError`` when Compose does not tell, and
        ``StartError`` when a volume was made from another definition.
        """
        done = self._run("--dry-run", *_CREATE, timeout_s=_DRY_RUN_S)
        output = f"{done.stdout}\n{done.stderr}"
        found = changes(output, self.project)
        if not done.ok:
            raise EngineError(
                f"Whether the running stack is what the files say could not be seen: `docker compose --dry-run create` "
                f"{_how_it_ended(done)}:\n{last_lines(done)}"
            )
        return found

    def recreate(self, services: Sequence[str], timeout_s: float) -> None:
        """Replace the containers of services by new ones, which are not started yet. Raises ``StartError``."""
        done = self._run(*_CREATE, "--force-recreate", *services, timeout_s=timeout_s)
        if not done.ok:
            raise StartError(f"Replacing {', '.join(services)} {_how_it_ended(done)}:\n{last_lines(done)}", services)

    def down(self, timeout_s: float, *, volumes: bool = True) -> Completed:
        """Remove the project's containers and networks, and all of its volumes unless told otherwise."""
        those = ("--volumes",) if volumes else ()
        return self._run("down", *those, "--remove-orphans", "--timeout", str(STOP_GRACE_S), timeout_s=timeout_s)

    def _run(
        self,
        *words: str,
        on_line: OnLine | None = None,
        stop: threading.Event | None = None,
        timeout_s: float | None = None,
        stall_s: float | None = None,
    ) -> Completed:
        """Run one Compose command to its end; without ``timeout_s`` only ``stall_s`` ends it."""
        return process.run(
            (*self.command, *words),
            directory=self._directory,
            environment=self.environment,
            timeout_s=timeout_s or _NO_DEADLINE_S,
            stall_s=stall_s,
            on_line=on_line,
            stop=stop,
        )


def child_environment(environ: Mapping[str, str], engine: Engine) -> dict[str, str]:
    """Return the environment of a Compose call: the caller's, on our engine, with nothing that overrules our options."""
    kept = {name: value for name, value in environ.items() if name not in _STEERING and name != "DOCKER_CONTEXT"}
    return {**kept, **engine.environment}


def missing_images(project: Project, engine: Engine) -> tuple[Service, ...]:
    """Return the services without ``build`` whose image the engine does not have."""
    users = [service for service in project.services.values() if service.image and not service.build]
    absent = {image for image in {service.image for service in users} if image and not engine.exists_image(image)}
    return tuple(service for service in users if service.image in absent)


def last_lines(done: Completed, count: int = 12) -> str:
    """Return the end of what a Compose command wrote, standard error first of all."""
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return "\n".join(f"  {line.rstrip()}" for line in lines[-count:])


def _blamed(names: list[str], done: Completed) -> list[str]:
    """Return the services that the end of the output names, all of them where it names none."""
    end = last_lines(done)
    return [name for name in names if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", end)] or names


def _how_it_ended(done: Completed) -> str:
    if done.stalled:
        return f"was ended after {STALL_S:g} s without output"
    if done.stopped:
        return "was interrupted"
    if done.ok:
        return "brought none"
    return f"failed with exit code {done.exit_code}"
