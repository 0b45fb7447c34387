"""What can be known before anything starts: which files take part and what they say. Needs no engine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .compose import cli, discovery
from .compose.model import Project
from .compose.resolve import Resolution, resolve
from .compose.selection import Selection
from .errors import ComposeError, EngineError, InfragateError
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


def isolated(preparation: Preparation, settings: Settings, environ: Mapping[str, str], file: Path) -> Preparation:
    """Return the same stack without what only one at a time can have; ``file`` is written and joins the selection.

    Places stay those of the user's files. Raises ``EngineError`` when the installed Compose is too old for it, and
    ``ComposeError`` when it refuses the result.
    """
    project = preparation.project
    if project is None:
        return preparation
    from .compose import isolation

    _demand_compose(cli.version(environ), isolation.OLDEST_COMPOSE)
    file.write_text(isolation.override(project), encoding="utf-8")
    selection = replace(preparation.selection, files=(*preparation.selection.files, str(file)))
    resolution = resolve(selection, environ, settings.root, written=preparation.selection.files)
    if resolution.project is None:
        raise ComposeError(f"compose.isolate: Compose refuses its own names and ports: {resolution.error}")
    return replace(preparation, selection=selection, resolution=resolution)


def _demand_compose(version: str, oldest_usable: tuple[int, ...]) -> None:
    oldest = ".".join(map(str, oldest_usable))
    if cli.numbers(version) < oldest_usable:
        raise EngineError(
            f"compose.isolate needs Docker Compose {oldest} or newer, which can take names and ports out of a file; "
            f"installed is {version}. Update Compose, or leave out compose.isolate."
        )


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
    return discovery.project_name(selection.directory, os.urandom(4).hex())
