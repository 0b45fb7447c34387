"""``include``: whole Compose files that take part with folders and variables of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ... import sightings
from ..discovery import fault_of_file
from ..node import Node
from .documents import environment_with
from .env_files import EnvFiles
from .extending import is_remote
from .merging import merge_documents
from .problems import Problems
from .scope import Scope

SECTIONS = ("services", "networks", "volumes", "secrets", "configs", "models")
"""The sections that are included."""

Load = Callable[[tuple[str, ...], Scope, tuple[str, ...]], "Node | None"]


@dataclass(frozen=True)
class _Entry:
    """One entry of ``include``; nodes as written."""

    place: Node
    paths: tuple[Node, ...]
    folder: Node | None = None
    env_files: tuple[Node, ...] = ()


class Including:
    """Adds what a document includes; ``load`` returns the merged documents of files."""

    def __init__(self, load: Load, env_files: EnvFiles, problems: Problems) -> None:
        self._load = load
        self._env_files = env_files
        self._problems = problems

    def document(self, root: Node, scope: Scope, above: tuple[str, ...]) -> Node:
        """Return a document with what it includes; nothing may say anything else of the same name in both.

        ``above``: the files on the way to it.
        """
        include = root.get("include")
        if include is None:
            return root
        own = replace(root, entries=tuple(entry for entry in root.entries if entry[0].text != "include"))
        for entry in self._entries(include):
            included = self._included(entry, scope, above)
            if included is not None:
                self._tell_conflicts(included, own)
                own = merge_documents(_resources(included), own, self._problems)
        return own

    def _tell_conflicts(self, included: Node, own: Node) -> None:
        """Compose accepts a name in two of them only when both say the same."""
        for section in SECTIONS:
            theirs, ours = included.get(section), own.get(section)
            known = dict(theirs.items()) if theirs else {}
            for key, value in ours.entries if ours else ():
                other = known.get(key.text)
                if other is not None and other.plain() != value.plain():
                    self._problems.add(
                        f"{section}.{key.text} is also in an included file, and differently (at {other.location}): change "
                        "it in a file that follows this one, such as an override file.",
                        key.location,
                    )

    def _entries(self, include: Node) -> Iterator[_Entry]:
        if not include.is_sequence:
            self._problems.lose(f"`include` is a list, but this is {include.described()}.", include.location)
        for element in include.elements:
            if element.is_sequence or element.is_null:
                self._problems.lose(
                    f"An entry of `include` is a path or a mapping with `path`, but this is {element.described()}.",
                    element.location,
                )
            elif element.is_mapping:
                yield _Entry(element, _all(element.get("path")), element.get("project_directory"), _env(element))
            else:
                yield _Entry(element, (element,))

    def _included(self, entry: _Entry, scope: Scope, above: tuple[str, ...]) -> Node | None:
        paths = tuple(scope.path(node.text) for node in entry.paths)
        for node, path in zip(entry.paths, paths, strict=True):
            if is_remote(node.text):
                self._problems.lose(
                    f"{node.text} is not on this machine: only Docker Compose can read it.", node.location
                )
                return None
            fault = fault_of_file(path)
            if fault is not None:
                self._problems.lose(f"The included file {node.text} {fault}.", node.location)
                return None
        if not paths:
            self._problems.lose("An entry of `include` has no `path`.", entry.place.location)
            return None
        if paths[0] in above:
            self._problems.lose("This file includes itself, or one that includes it.", entry.place.location)
            return None
        return self._load(paths, self._scope(entry, paths[0], scope), above)

    def _scope(self, entry: _Entry, path: str, scope: Scope) -> Scope:
        """Return the folder and the variables of an included project."""
        folder = scope.path(entry.folder.text) if entry.folder else os.path.dirname(path)  # noqa: PTH120
        variables = dict(scope.variables)
        default = os.path.join(folder, ".env")  # noqa: PTH118
        for node in entry.env_files:
            read = self._env_files.read(scope.path(node.text), variables.get, node.location)
            variables = environment_with(scope.variables, {**variables, **read})
        if not entry.env_files and sightings.is_file(default):
            read = self._env_files.read(default, variables.get, entry.place.location)
            variables = environment_with(variables, read)
        return Scope(folder, variables)


def _all(node: Node | None) -> tuple[Node, ...]:
    """Return the nodes of a text or a list of them."""
    if node is None:
        return ()
    return node.elements if node.is_sequence else (node,)


def _env(element: Node) -> tuple[Node, ...]:
    return tuple(node for node in _all(element.get("env_file")) if node.text not in ("", os.devnull))


def _resources(root: Node) -> Node:
    return replace(root, entries=tuple(entry for entry in root.entries if entry[0].text in SECTIONS))
