"""Takes note of the files that Compose itself reads because a Compose file names them; we do not read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from .. import sightings
from .node import Node

_ELSEWHERE = re.compile(r"\$|^~|^git@|://|^(?:oci|github\.com)[:/]")
"""What is no path that can be read off the text: a variable, the home folder, a repository."""


def note_attachments(root: Node, folder: Path) -> None:
    """Take note of every file that a Compose file names and Compose reads; relative ones start from ``folder``."""
    sightings.content_matters(folder / ".env")
    for text in _named(root):
        if _ELSEWHERE.search(text):
            sightings.cannot_be_known(f"{text} names a file that is not known before Compose reads it")
        else:
            sightings.content_matters(folder / text)


def _named(root: Node) -> Iterator[str]:
    services = root.get("services")
    for _, service in services.items() if services else ():
        for key in ("env_file", "label_file"):
            yield from _paths(service.get(key))
        yield from _paths(service.get("extends", "file"))
    yield from _paths(root.get("include"))
    for element in _elements(root.get("include")):
        yield from _paths(element.get("env_file"))
        if element.get("project_directory") is not None:
            sightings.cannot_be_known("include with a project_directory of its own")


def _elements(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.elements if node.is_sequence else (node,)


def _paths(node: Node | None) -> Iterator[str]:
    """Yield the texts of a path, a list of paths, or mappings with ``path``."""
    for element in _elements(node):
        yield from (scalar.text for scalar in _elements(element.get("path") if element.is_mapping else element))
