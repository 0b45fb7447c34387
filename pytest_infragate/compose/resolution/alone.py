"""Resolves a selection of files without Compose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...results import Json
from .. import discovery
from ..damage import Damage
from ..messages import Complaint, UnsetVariable
from ..node import Node
from ..selection import Selection
from ..trees import Tree
from .assembly import Assembly, assemble
from .consistency import check
from .damage import find_damage
from .documents import Documents
from .env_files import EnvFiles
from .loading import Loader
from .problems import Problems
from .scope import Scope
from .shapes import Reading
from .template import TemplateError, substitute

_PROJECT = "COMPOSE_PROJECT_NAME"
_NOT_IN_NAMES = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True)
class Alone:
    """What the files mean without asking Compose; with problems, ``model`` holds what could be read."""

    model: dict[str, Json]
    problems: tuple[Complaint, ...] = ()
    unset: tuple[UnsetVariable, ...] = ()
    warnings: tuple[Complaint, ...] = ()
    known_profiles: tuple[str, ...] = ()
    inactive: tuple[str, ...] = ()
    damage: Damage = field(default_factory=Damage)
    """What of the model is not certain for the problems."""


def resolve_alone(selection: Selection, environ: Mapping[str, str], base: str, trees: tuple[Tree, ...] = ()) -> Alone:
    """Return what the selection means with these variables; ``trees`` are documents that were read already.

    Everything that is wrong is in ``problems``; nothing is raised.
    """
    problems = Problems()
    env_files = EnvFiles(base, problems)
    variables = _variables(selection, environ, env_files)
    variables[_PROJECT] = name = _project_name(selection, variables, trees)
    scope = Scope(selection.directory, variables)
    documents = Documents(base, trees, scope, problems)
    root = Loader(documents, env_files, problems).load(selection.files, scope)
    if root is None:
        if not problems.incomplete:
            problems.add("The Compose files are empty.", None)
        return Alone({}, problems.found, damage=Damage(everything=True))
    assembly = assemble(root, name, selection.profiles, Reading(problems, documents.scopes), env_files)
    check(assembly, root, problems)
    return _told(assembly, root, trees, problems)


def _told(assembly: Assembly, root: Node, trees: tuple[Tree, ...], problems: Problems) -> Alone:
    damage = find_damage(assembly, root, problems.found, incomplete=problems.incomplete) if problems.found else Damage()
    return Alone(
        assembly.model(),
        problems.found,
        problems.unset_variables,
        tuple(_obsolete(trees)),
        assembly.known_profiles,
        assembly.inactive,
        damage,
    )


def _obsolete(trees: tuple[Tree, ...]) -> list[Complaint]:
    keys = [tree.root.key("version") for tree in trees]
    return [Complaint("the key `version` is obsolete and has no effect", key.location) for key in keys if key]


def _variables(selection: Selection, environ: Mapping[str, str], env_files: EnvFiles) -> dict[str, str]:
    """Return the variables for interpolation: the environment, then the env files, later ones first."""
    found = dict(environ)
    for file in discovery.env_files_of(selection, environ):
        read = env_files.read(file, environ.get, None)
        found |= {name: value for name, value in read.items() if name not in environ}
    return found


def _project_name(selection: Selection, variables: Mapping[str, str], trees: tuple[Tree, ...]) -> str:
    """Return the project's name: the chosen one, that of the variable, that of the files, else that of the folder."""
    if chosen := selection.project or variables.get(_PROJECT):
        return chosen
    for tree in reversed(trees):
        written = tree.root.get("name")
        if written is not None and str(tree.path) in selection.files and (name := _read_name(written, variables)):
            return name
    return _normalised(Path(selection.directory).name)


def _read_name(written: Node, variables: Mapping[str, str]) -> str:
    """Return a name with its references replaced; one that is not well-formed is told where documents are read."""
    try:
        return _normalised(substitute(written.text, variables.get, lambda _name: None))
    except TemplateError:
        return ""


def _normalised(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.lower()).lstrip("_-")
