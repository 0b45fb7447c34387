"""Where the variables of a project come from and where they go: shell, env files, Compose files, services."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from .. import sightings
from ..results import Location
from .env_files import EnvFile, read_env_file
from .node import Node
from .selection import Selection
from .trees import Tree, shown
from .uses import Use, uses_in, uses_in_file


@dataclass(frozen=True)
class AbsentFile:
    """An env file that a service names and that is not there."""

    service: str
    path: Path
    name: str
    location: Location


@dataclass(frozen=True)
class Variables:
    """The facts; values in them are for comparison alone."""

    uses: tuple[Use, ...] = ()
    """Those of the Compose files."""
    shell: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    files: tuple[EnvFile, ...] = ()
    """What Compose files are interpolated from; the last that has a name wins, and the shell over all."""
    default: Path = Path(".env")
    """The env file that Compose reads unasked, whether it is there or not."""
    given: Mapping[str, tuple[EnvFile, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The env files whose variables a service gets (``env_file``), inactive services included; the last wins."""
    absent: tuple[AbsentFile, ...] = ()
    base: str = ""
    """What places name files relative to."""

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Use, ...]]:
        """The uses of each name in the Compose files."""
        found: dict[str, list[Use]] = defaultdict(list)
        for use in self.uses:
            found[use.name].append(use)
        return {name: tuple(uses) for name, uses in found.items()}

    @cached_property
    def accidental(self) -> Mapping[str, tuple[Use, ...]]:
        """Names that come from a dollar sign in the middle of a word and nowhere else."""
        found: dict[str, list[Use]] = defaultdict(list)
        files = dict.fromkeys((*self.files, *(file for files in self.given.values() for file in files)))
        for use in (*self.uses, *(use for file in files for use in uses_in_file(file))):
            found[use.name].append(use)
        return {name: tuple(uses) for name, uses in found.items() if all(use.accidental for use in uses)}

    @property
    def set_names(self) -> frozenset[str]:
        """Every name that the shell or an env file of the interpolation sets."""
        return frozenset(self.shell).union(*(file.last for file in self.files))


def gather(
    trees: tuple[Tree, ...],
    extended: tuple[tuple[str, Node], ...],
    selection: Selection,
    shell: Mapping[str, str],
    base: str,
) -> Variables:
    """Return the facts of a selection; ``shell`` is the environment that Compose was asked with.

    ``extended`` are the services of further files that ``extends`` brings in.
    """
    default = Path(selection.directory) / ".env"
    paths = tuple(map(Path, selection.env_files)) or (default,)
    read = _Reader(base)
    given: dict[str, list[EnvFile]] = defaultdict(list)
    absent = []
    for service, path, required, location in _named(trees, selection):
        file = read(path)
        if file is not None:
            given[service].append(file)
        elif required and not sightings.exists(path):
            absent.append(AbsentFile(service, path, shown(path, base), location))
    return Variables(
        uses=uses_in(trees, extended),
        shell=shell,
        files=tuple(file for path in paths if (file := read(path))),
        default=default,
        given=MappingProxyType({service: tuple(files) for service, files in given.items()}),
        absent=tuple(absent),
        base=base,
    )


class _Reader:
    """Reads each file once."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._read: dict[Path, EnvFile | None] = {}

    def __call__(self, path: Path) -> EnvFile | None:
        if path not in self._read:
            self._read[path] = read_env_file(path, self._base) if sightings.is_file(path) else None
        return self._read[path]


def _named(trees: tuple[Tree, ...], selection: Selection) -> Iterator[tuple[str, Path, bool, Location]]:
    """Yield service, path, whether it must exist, and place of each ``env_file``; paths with variables are left out.

    Those of the chosen files start from the project's folder, those of included ones from their own.
    """
    for tree in trees:
        chosen = Path(selection.directory) if str(tree.path) in selection.files else tree.path.parent
        folder = tree.folder or chosen
        services = tree.root.get("services")
        for service, node in services.items() if services else ():
            named = node.get("env_file")
            for element in (named.elements or (named,)) if named else ():
                path, required = _element(element)
                if path and "$" not in path:
                    yield service, Path(os.path.normpath(folder / path)), required, element.location


def _element(element: Node) -> tuple[str, bool]:
    if not element.is_mapping:
        return element.text, True
    path, required = element.get("path"), element.get("required")
    return (path.text if path else ""), required is None or required.scalar is not False
