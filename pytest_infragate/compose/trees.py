"""The YAML documents of every file that takes part, in the order in which Compose merges them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import sightings
from .attachments import note_attachments
from .node import Node
from .source import SourceError, load_source


@dataclass(frozen=True)
class Tree:
    """One document of one Compose file; ``path`` is absolute."""

    path: Path
    root: Node
    folder: Path | None = None
    """Where its relative paths start, if that is not the folder that it lies in."""


def load_trees(files: Sequence[str], base: str, mistakes: list[SourceError] | None = None) -> tuple[Tree, ...]:
    """Return the documents of the files and of what they include, included ones first, as Compose merges them.

    Places name files relative to ``base`` where they lie below it. An included file whose path cannot be read off
    the text (a variable in it) or that does not exist is left to Compose. The mistakes of all files are added to
    ``mistakes``, and what can be read of them is returned; without that list the first is raised as ``SourceError``.
    """
    trees: list[Tree] = []
    for file in files:
        # In a file that was named after the first one, paths start from the folder of the first.
        _load(Path(file), Path(files[0]).parent, base, trees, frozenset(), mistakes)
    for tree in trees:
        note_attachments(tree.root, Path(files[0]).parent)
    return tuple(trees)


def load_documents_of(path: Path, base: str, mistakes: list[SourceError] | None = None) -> tuple[Tree, ...]:
    """Return the documents of one file alone; ``mistakes`` as above. Raises ``SourceError``."""
    found = load_source(path, shown(path, base))
    if mistakes is None and found.mistakes:
        raise found.mistakes[0]
    if mistakes is not None:
        mistakes += found.mistakes
    for root in found.documents:
        note_attachments(root, path.parent)
    return tuple(Tree(path, root) for root in found.documents)


def may_name_profiles(trees: Sequence[Tree]) -> bool:
    """Return whether a service of the documents names profiles itself, or takes what another file may say of them."""
    services = (section.entries for tree in trees if (section := tree.root.get("services")))
    keys = {key.text for entries in services for _, service in entries for key, _ in service.entries}
    return not keys.isdisjoint(("profiles", "extends")) or any(tree.root.get("include") for tree in trees)


def shown(path: Path, base: str) -> str:
    """Return a path as messages show it: relative to ``base`` where it lies below."""
    relative = os.path.relpath(path, base)
    return str(path) if relative.startswith("..") else relative


def named_files(tree: Tree, node: Node | None) -> Iterator[Path]:
    """Yield the existing files that a node names: a path, a list of paths, or mappings with ``path``."""
    for element in (node.elements or (node,)) if node else ():
        written = element.get("path") if element.is_mapping else element
        for scalar in (written.elements or (written,)) if written else ():
            path = Path(os.path.normpath((tree.folder or tree.path.parent) / scalar.text))
            if scalar.text and "$" not in scalar.text and sightings.is_file(path):
                yield path


def _load(
    path: Path, folder: Path, base: str, trees: list[Tree], above: frozenset[Path], mistakes: list[SourceError] | None
) -> None:
    for read in load_documents_of(path, base, mistakes):
        tree = replace(read, folder=folder)
        for included, below in _included(tree):
            if included not in above | {path}:
                _load(included, below, base, trees, above | {path}, mistakes)
        trees.append(tree)


def _included(tree: Tree) -> Iterator[tuple[Path, Path]]:
    """Yield the included files, each with the folder that its relative paths start from."""
    include = tree.root.get("include")
    for element in include.elements if include else ():
        files = tuple(named_files(tree, element))
        chosen = element.get("project_directory")
        own = chosen is not None and chosen.text and "$" not in chosen.text
        folder = Path(os.path.normpath((tree.folder or tree.path.parent) / chosen.text)) if chosen and own else None
        yield from ((file, folder or files[0].parent) for file in files)
