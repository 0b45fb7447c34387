"""Resolves a selection into a ``Project`` whose parts know where they were written.

The installed Compose is asked. Where there is none our own resolution stands in; where Compose refuses the files it finds
all that is wrong with them, of which Compose tells only the first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from .. import sightings
from ..errors import EngineError
from ..results import Location
from . import cli
from .damage import Damage
from .messages import Complaint, UnsetVariable, locate_error, read_warnings
from .model import Project, Resource
from .node import Node
from .places import Places, ServicePlaces, find_places
from .selection import Selection
from .services import build_service
from .source import SourceError
from .trees import Tree, load_trees, may_name_profiles
from .values import Object, flag, inner, objects, text
from .variables import Variables, gather

if TYPE_CHECKING:
    from .resolution.alone import Alone

BY_COMPOSE, BY_OURSELVES = "docker compose", "infragate"
"""Who resolved the files."""


@dataclass(frozen=True)
class Resolution:
    """What the files mean; ``project`` is ``None`` when they cannot be used, then ``error`` and ``problems`` say why."""

    project: Project | None
    error: str = ""
    location: Location | None = None
    """Where the error lies, as far as it can be found."""
    unset: tuple[UnsetVariable, ...] = ()
    """Variables that Compose replaced by nothing; known also when the files are refused."""
    warnings: tuple[Complaint, ...] = ()
    """Every other warning of Compose."""
    written: Object = field(default_factory=lambda: MappingProxyType({}))
    """The services as Compose printed them, to tell whether one of them changed between two runs."""
    trees: tuple[Tree, ...] = field(default=(), repr=False)
    """The documents as written, for what Compose leaves out or replaces: unused resources, defaults of variables."""
    extended: tuple[tuple[str, Node], ...] = field(default=(), repr=False)
    """The services of further files that ``extends`` brings in, each under the name of the service that it becomes."""
    selection: Selection | None = None
    """What was resolved, and who chose it."""
    shell: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """The environment that values were interpolated from, before any env file."""
    base: str = ""
    """The folder that places name files relative to."""

    problems: tuple[Complaint, ...] = ()
    """Everything that our own resolution found wrong, by place."""
    partial: Project | None = None
    """What could be read of a project that cannot be used; ``damage`` says what of it is not certain."""
    damage: Damage = field(default_factory=Damage)
    resolved_by: str = BY_COMPOSE
    not_asked: str = ""
    """Why Compose was not asked; empty when it was."""

    @cached_property
    def variables(self) -> Variables:
        """Where the variables of the files come from and where they go."""
        if self.selection is None:
            return Variables()
        return gather(self.trees, self.extended, self.selection, self.shell, self.base)


def resolve(
    selection: Selection,
    environment: Mapping[str, str] | None = None,
    base: str | None = None,
    written: tuple[str, ...] = (),
) -> Resolution:
    """Return the project that the selection means with these variables (``None``: ours).

    Places name files relative to ``base`` (else the project directory). ``written``: those of the files that the user
    wrote, where places are looked for (none: all). Where Compose is missing or does not answer, our own resolution stands
    in. Files that are not YAML, or whose aliases explode, are refused before Compose reads them.
    """
    base = base or selection.directory
    shell = os.environ if environment is None else environment
    files = written or selection.files
    mistakes: list[SourceError] = []
    trees = load_trees(files, base, mistakes)
    places = find_places(trees, files, base)
    extended = tuple(places.extended.values())
    read = Resolution(None, trees=trees, extended=extended, selection=selection, shell=shell, base=base)
    if mistakes or places.mistakes:
        return _refused_unread(read, (*mistakes, *places.mistakes)[0], _alone(selection, shell, base), places)
    with ThreadPoolExecutor(1, thread_name_prefix="infragate-profiles") as pool:
        profiles = pool.submit(_known_profiles, trees, selection, environment)
        try:
            result = cli.config(selection, environment)
        except EngineError as error:
            found = _by_ourselves(selection, _alone(selection, shell, base, trees), places, trees)
            return replace(found, not_asked=str(error), shell=shell, base=base)
    unset, warnings = read_warnings(result.warnings, trees, _env_files(selection), base)
    answered = replace(read, unset=unset, warnings=warnings)
    if result.model is None:
        place = locate_error(result.error, trees) or places.file
        refused = replace(answered, error=_short(result.error, trees), location=place)
        return _with_problems(refused, _alone(selection, shell, base, trees), places)
    project = build_project(result.model, selection, places)
    project = _with_profiles(project, profiles.result(), selection, environment)
    return replace(answered, project=project, written=inner(result.model, "services"))


def _refused_unread(read: Resolution, mistake: SourceError, alone: Alone, places: Places) -> Resolution:
    """Return the refusal of files that are not YAML as Compose reads it, so that Compose was not asked."""
    refused = replace(read, unset=alone.unset, resolved_by=BY_OURSELVES)
    told = Complaint(f"{mistake.problem[:1].upper()}{mistake.problem[1:]}.", mistake.location)
    first = next((one for one in alone.problems if one.location == mistake.location), told)
    return _with_problems(_told_by_ourselves(refused, first, alone), alone, places)


def _alone(selection: Selection, shell: Mapping[str, str], base: str, trees: tuple[Tree, ...] = ()) -> Alone:
    """Resolve the files ourselves; what that takes is loaded where it is needed."""
    from .resolution.alone import resolve_alone

    return resolve_alone(selection, shell, base, trees)


def _with_problems(refused: Resolution, alone: Alone, places: Places) -> Resolution:
    """Return a refusal with all that is wrong, and with what can be read of the project all the same.

    Where Compose alone knows what is wrong, nobody knows which parts are sound.
    """
    if not alone.problems or refused.selection is None:
        return replace(refused, problems=alone.problems)
    partial = _project_of(alone, refused.selection, places)
    return replace(refused, problems=alone.problems, partial=partial, damage=alone.damage)


def _told_by_ourselves(refused: Resolution, problem: Complaint, alone: Alone) -> Resolution:
    """Return a refusal for one of our own problems."""
    number = len(alone.problems)
    error = problem.text if number < 2 else f"{problem.text} (one of {number} problems)"
    return replace(refused, error=error, location=problem.location)


def _project_of(alone: Alone, selection: Selection, places: Places) -> Project:
    return replace(
        build_project(alone.model, selection, places),
        known_profiles=alone.known_profiles,
        inactive_services=alone.inactive,
    )


def _by_ourselves(selection: Selection, alone: Alone, places: Places, trees: tuple[Tree, ...]) -> Resolution:
    """Return what our own resolution found where Compose cannot be asked."""
    # Whether Compose can be asked next time, nothing that was looked at says.
    sightings.cannot_be_known("Docker Compose could not be asked")
    found = Resolution(
        None,
        unset=alone.unset,
        warnings=alone.warnings,
        trees=trees,
        extended=tuple(places.extended.values()),
        selection=selection,
        problems=alone.problems,
        resolved_by=BY_OURSELVES,
    )
    if alone.problems:
        refused = _told_by_ourselves(found, alone.problems[0], alone)
        return _with_problems(replace(refused, location=refused.location or places.file), alone, places)
    project = _project_of(alone, selection, places)
    return replace(found, project=project, written=inner(alone.model, "services"))


def build_project(model: Object, selection: Selection, places: Places) -> Project:
    """Return the project that Compose's JSON describes; nothing is asked or read."""
    name = text(model, "name") or selection.project
    services = inner(model, "services")
    built = {
        key: build_service(key, inner(services, key), places.services.get(key) or ServicePlaces(places.file))
        for key in sorted(services)
    }
    return Project(
        name=name,
        directory=selection.directory,
        files=selection.files,
        services=MappingProxyType(built),
        env_files=selection.env_files,
        profiles=selection.profiles,
        location=places.file,
        networks=_resources(model, "networks", name, places),
        volumes=_resources(model, "volumes", name, places),
        secrets=_resources(model, "secrets", name, places),
        configs=_resources(model, "configs", name, places),
    )


def _resources(model: Object, section: str, project: str, places: Places) -> Mapping[str, Resource]:
    found = inner(model, section)
    return MappingProxyType(
        {
            key: _resource(key, inner(found, key), project, places.resources.get((section, key), places.file))
            for key in sorted(found)
        }
    )


def _resource(key: str, value: Object, project: str, location: Location) -> Resource:
    """Compose names what the file does not name ``<project>_<key>``."""
    name = text(value, "name")
    return Resource(
        key=key,
        location=location,
        name=None if name == f"{project}_{key}" else name,
        external=flag(value, "external"),
        file=text(value, "file"),
        environment=text(value, "environment"),
        internal=flag(value, "internal"),
        driver=text(value, "driver"),
        subnets=tuple(found for pool in objects(inner(value, "ipam"), "config") if (found := text(pool, "subnet"))),
        resolved=value,
    )


def _with_profiles(
    project: Project, known: tuple[str, ...], selection: Selection, environment: Mapping[str, str] | None
) -> Project:
    """Return the project with what only the files say of profiles; asks Compose again where there are any."""
    if not known:
        return project
    inactive = set(cli.all_services(selection, environment)) - set(project.services)
    return replace(project, known_profiles=known, inactive_services=tuple(sorted(inactive)))


def _known_profiles(
    trees: tuple[Tree, ...], selection: Selection, environment: Mapping[str, str] | None
) -> tuple[str, ...]:
    """Return every profile; Compose, whose answer takes a quarter of a second, is asked only where there may be one."""
    return cli.known_profiles(selection, environment) if may_name_profiles(trees) else ()


def _env_files(selection: Selection) -> tuple[Path, ...]:
    """Return the files that values are interpolated from: the chosen ones, else Compose's ``.env``."""
    default = Path(selection.directory) / ".env"
    return tuple(map(Path, selection.env_files)) or ((default,) if sightings.is_file(default) else ())


def _short(error: str, trees: tuple[Tree, ...]) -> str:
    """Return Compose's error with files named as everywhere else."""
    for tree in trees:
        error = error.replace(str(tree.path), tree.root.location.file)
    return error
