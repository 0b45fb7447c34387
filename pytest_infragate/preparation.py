"""What can be known before anything starts: which files take part and what they say. Needs no engine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .compose import discovery
from .compose.model import Project
from .compose.resolve import Resolution, resolve
from .compose.selection import Selection
from .errors import InfragateError
from .settings import Environment, Settings


@dataclass(frozen=True)
class Preparation:
    """The chosen files and what Compose made of them."""

    selection: Selection
    resolution: Resolution
    environments: tuple[tuple[str, Resolution], ...] = ()
    """What Compose made of each environment that the settings name."""

    @property
    def project(self) -> Project | None:
        """The project, or ``None`` when the files cannot be used."""
        return self.resolution.project


def prepare(settings: Settings, environ: Mapping[str, str]) -> Preparation:
    """Choose the Compose files and resolve them under the project name of this run.

    What goes wrong (no Compose file, no Compose) is kept as an error of the resolution: it closes the gate, and the
    verdict says so.
    """
    start = Path(settings.root)
    try:
        selection = discovery.discover(settings.compose, start, environ, settings.sources)
        selection = replace(selection, project=_project_name(settings, selection))
        resolution = resolve(selection, environ, settings.root)
    except InfragateError as error:
        return Preparation(Selection(settings.root, ()), Resolution(None, str(error)))
    if resolution.project is not None:
        selection = replace(selection, project=resolution.project.name)
    return Preparation(selection, resolution, _environments(settings, environ))


def _environments(settings: Settings, environ: Mapping[str, str]) -> tuple[tuple[str, Resolution], ...]:
    return tuple((name, _resolved(wanted, settings, environ)) for name, wanted in settings.environments.items())


def _resolved(wanted: Environment, settings: Settings, environ: Mapping[str, str]) -> Resolution:
    chosen = replace(settings.compose, files=wanted.files, env_files=wanted.env_files)
    try:
        selection = discovery.discover(chosen, Path(settings.root), environ)
        return resolve(replace(selection, project="infragate"), environ, settings.root)
    except InfragateError as error:
        return Resolution(None, str(error))


def _project_name(settings: Settings, selection: Selection) -> str:
    """Return the user's name; else one per checkout (keep) or per run; attach leaves the choice to Compose."""
    if selection.project or settings.attach:
        return selection.project
    if settings.keep:
        return discovery.kept_project_name(selection.directory)
    return discovery.project_name(selection.directory, uuid.uuid4().hex[:8])
