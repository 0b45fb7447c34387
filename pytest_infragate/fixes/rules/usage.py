"""Which networks, volumes, secrets and configs anything in the files uses, services of other profiles included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ...compose.model import Project, Resource
from ...compose.node import Node
from ...compose.places import RESOURCE_SECTIONS
from ...compose.source import SourceError, load_documents
from ..view import View

_YAML = ("*.yaml", "*.yml")
_MOST_BYTES = 1_000_000
"""A larger file beside a Compose file is no Compose file."""


def used_names(view: View, section: str) -> frozenset[str] | None:
    """Return the names in one section that are used; ``None`` when a name is made of variables, so that nobody can tell."""
    names = set(_resolved(view.project, section))
    for document in view.sources.documents:
        for root in document.nodes:
            names |= set(_mentioned(root, section, top=True))
    return None if any("$" in name for name in names) else frozenset(names)


def names_beside(folders: frozenset[Path], known: frozenset[Path]) -> frozenset[str]:
    """Return the names that the other YAML files in some folders use; they may be merged with the known ones some day.

    A file that cannot be read uses every word in it.
    """
    names: set[str] = set()
    for folder in folders:
        for pattern in _YAML:
            for path in folder.glob(pattern):
                if path not in known and path.is_file() and path.stat().st_size < _MOST_BYTES:
                    names |= _names_in(path)
    return frozenset(names)


def _names_in(path: Path) -> set[str]:
    try:
        roots = load_documents(path)
    except SourceError:
        return set(path.read_text(errors="replace").replace(":", " ").replace(",", " ").split())
    return {name for root in roots for section in RESOURCE_SECTIONS for name in _mentioned(root, section, top=True)}


def _resolved(project: Project, section: str) -> Mapping[str, Resource]:
    sections = {
        "networks": project.networks,
        "volumes": project.volumes,
        "secrets": project.secrets,
        "configs": project.configs,
    }
    return sections[section]


def _mentioned(node: Node, section: str, *, top: bool = False) -> Iterator[str]:
    """Yield the names below every key of the section's name, other than the section itself."""
    for key, value in node.items():
        if top and key in RESOURCE_SECTIONS:
            continue
        if key == section:
            yield from _names(value, section)
        yield from _mentioned(value, section)
    for element in node.elements:
        yield from _mentioned(element, section)


def _names(value: Node, section: str) -> Iterator[str]:
    yield from (key for key, _ in value.items())
    for element in value.elements:
        source = element.get("source") if element.is_mapping else element
        if source is not None:
            yield _source(source.text) if section == "volumes" else source.text


def _source(volume: str) -> str:
    """``data:/var/lib:ro`` is the volume ``data``, ``${NAME:-data}:/x`` one that nobody knows."""
    head = volume.partition(":")[0]
    return head if "/" not in head and not head.startswith((".", "~")) else ""
