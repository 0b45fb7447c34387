"""The YAML documents of every file that takes part, in the order in which Compose merges them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import sightings
from .attachments import note_attachments
from .node import Node
from .source import load_documents


@dataclass(frozen=True)
class Tree:
    """One document of one Compose file; ``path`` is absolute."""

    path: Path
    root: Node


def load_trees(files: Sequence[str], base: str) -> tuple[Tree, ...]:
    """Return the documents of the files and of what they include, included ones first, as Compose merges them.

    Places name files relative to ``base`` where they lie below it. An included file whose path cannot be read off
    the text (a variable in it) or that does not exist is left to Compose. Raises ``SourceError``.
    """
    trees: list[Tree] = []
    for file in files:
        _load(Path(file), base, trees, frozenset())
    for tree in trees:
        # In a file that was named after the first one, paths start from the folder of the first.
        note_attachments(tree.root, Path(files[0]).parent)
    return tuple(trees)


def load_documents_of(path: Path, base: str) -> tuple[Tree, ...]:
    """Return the documents of one file alone. Raises ``SourceError``."""
    roots = load_documents(path, shown(path, base))
    for root in roots:
        note_attachments(root, path.parent)
    return tuple(Tree(path, root) for root in roots)


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
            path = Path(os.path.normpath(tree.path.parent / scalar.text))
            if scalar.text and "$" not in scalar.text and sightings.is_file(path):
                yield path


def _load(path: Path, base: str, trees: list[Tree], above: frozenset[Path]) -> None:
    for tree in load_documents_of(path, base):
        for included in named_files(tree, tree.root.get("include")):
            if included not in above | {path}:
                _load(included, base, trees, above | {path})
        trees.append(tree)
