"""Resolves a selection with the installed Compose into a ``Project`` whose parts know where they were written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from .. import sightings
from ..results import Location
from . import cli
from .messages import Complaint, UnsetVariable, locate_error, read_warnings
from .model import Project, Resource
from .node import Node
from .places import Places, ServicePlaces, find_places
from .selection import Selection
from .services import build_service
from .source import SourceError
from .trees import Tree, load_trees
from .values import Object, flag, inner, objects, text
from .variables import Variables, gather


@dataclass(frozen=True)
class Resolution:
    """What Compose made of the files; ``project`` is ``None`` when it refuses them, then ``error`` says why."""

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

    @cached_property
    def variables(self) -> Variables:
        """Where the variables of the files come from and where they go."""
        return gather(self.trees, self.selection, self.shell, self.base) if self.selection else Variables()


def resolve(
    selection: Selection,
    environment: Mapping[str, str] | None = None,
    base: str | None = None,
    written: tuple[str, ...] = (),
) -> Resolution:
    """Return the project that the selection means with these variables (``None``: ours).

    Places name files relative to ``base`` (else the project directory). ``written``: those of the files that the user
    wrote, where places are looked for (none: all). Raises ``EngineError`` when Compose is missing. Files that are not
    YAML, or whose aliases explode, are refused before Compose reads them.
    """
    base = base or selection.directory
    shell = os.environ if environment is None else environment
    files = written or selection.files
    try:
        trees = load_trees(files, base)
        places = find_places(trees, files, base)
        extended = tuple(places.extended.values())
    except SourceError as error:
        return Resolution(None, str(error), error.location)
    with ThreadPoolExecutor(1, thread_name_prefix="infragate-profiles") as pool:
        profiles = pool.submit(cli.known_profiles, selection, environment)
        result = cli.config(selection, environment)
    unset, warnings = read_warnings(result.warnings, trees, _env_files(selection), base)
    if result.model is None:
        told = _short(result.error, trees)
        place = locate_error(result.error, trees) or places.file
        return Resolution(
            None,
            told,
            place,
            unset,
            warnings,
            trees=trees,
            extended=extended,
            selection=selection,
            shell=shell,
            base=base,
        )
    project = build_project(result.model, selection, places)
    project = _with_profiles(project, profiles.result(), selection, environment)
    services = inner(result.model, "services")
    return Resolution(project, "", None, unset, warnings, services, trees, extended, selection, shell, base)


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


def _env_files(selection: Selection) -> tuple[Path, ...]:
    """Return the files that values are interpolated from: the chosen ones, else Compose's ``.env``."""
    default = Path(selection.directory) / ".env"
    return tuple(map(Path, selection.env_files)) or ((default,) if sightings.is_file(default) else ())


def _short(error: str, trees: tuple[Tree, ...]) -> str:
    """Return Compose's error with files named as everywhere else."""
    for tree in trees:
        error = error.replace(str(tree.path), tree.root.location.file)
    return error
