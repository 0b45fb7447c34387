"""Which Compose files, profiles and env files take part, and how that is said to the Compose CLI and to children."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """What was chosen; all paths absolute. ``sources`` names for each part who chose it (for the report)."""

    directory: str
    files: tuple[str, ...]
    profiles: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    project: str = ""
    sources: tuple[tuple[str, str], ...] = ()

    def arguments(self) -> tuple[str, ...]:
        """Return the options for ``docker compose`` that repeat this choice exactly."""
        options = ["--project-directory", self.directory]
        for option, values in (("-f", self.files), ("--profile", self.profiles), ("--env-file", self.env_files)):
            for value in values:
                options += [option, value]
        if self.project:
            options += ["-p", self.project]
        return tuple(options)

    def environment(self) -> dict[str, str]:
        """Return the ``COMPOSE_*`` variables that repeat this choice in a child process."""
        return {
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": os.pathsep.join(self.files),
            "COMPOSE_PATH_SEPARATOR": os.pathsep,
            "COMPOSE_PROFILES": ",".join(self.profiles),
            "COMPOSE_ENV_FILES": ",".join(self.env_files),
        }
