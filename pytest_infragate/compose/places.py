"""Where each key of the merged project was written: the last file that writes it wins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..results import Location
from .node import Node
from .source import SourceError
from .trees import Tree, load_documents_of, named_files, shown

KeyPath = tuple[str, ...]
_LIST_KEY = re.compile(r"[=:]")
_COLON_LISTS = ("links", "extra_hosts")
RESOURCE_SECTIONS = ("networks", "volumes", "secrets", "configs")


@dataclass
class ServicePlaces:
    """The places of one service: its own, those of its keys, and the elements of its lists as written."""

    location: Location
    keys: dict[KeyPath, Location] = field(default_factory=dict)
    elements: dict[str, list[Node]] = field(default_factory=dict)


@dataclass
class Places:
    """The places of a project; ``file`` is its first file, for what no file writes (the default network)."""

    file: Location
    services: dict[str, ServicePlaces] = field(default_factory=dict)
    resources: dict[KeyPath, Location] = field(default_factory=dict)
    """Keyed by section and key, ``("volumes", "data")``."""
    extended: dict[tuple[Path, str], tuple[str, Node]] = field(default_factory=dict)
    """The services of other files that ``extends`` brings in, by file and name: who extends one, and what it says."""
    documents: dict[Path, tuple[Tree, ...]] = field(default_factory=dict)
    """The files that ``extends`` names, each read once."""
    mistakes: list[SourceError] = field(default_factory=list)
    """What keeps those files from being good YAML."""


def find_places(trees: tuple[Tree, ...], files: Sequence[str], base: str) -> Places:
    """Return the places of everything that the documents write, files of ``extends`` included."""
    places = Places(Location(shown(Path(files[0]), base) if files else ""))
    for tree in trees:
        for key, node in _entries(tree.root.get("services")):
            place = places.services.setdefault(key.text, ServicePlaces(key.location))
            place.location = key.location
            _add_service(places, key.text, node, tree, base, frozenset({(tree.path, key.text)}))
        for section in RESOURCE_SECTIONS:
            for key, _ in _entries(tree.root.get(section)):
                places.resources[(section, key.text)] = key.location
    return places


def _add_service(
    places: Places, service: str, node: Node, tree: Tree, base: str, above: frozenset[tuple[Path, str]]
) -> None:
    """Add the keys of one service in one file, those of the service that it extends first."""
    for parent_tree, name, parent in _extended(places, node, tree, base):
        known = (parent_tree.path, name)
        if known not in above:
            if parent_tree.path in places.documents:
                places.extended.setdefault(known, (service, parent))
            _add_service(places, service, parent, parent_tree, base, above | {known})
    place = places.services[service]
    for key, value in _entries(node):
        if value.tag:
            _forget(place, key.text)
        _add_keys(place.keys, (key.text,), key, value)
        place.elements.setdefault(key.text, []).extend(value.elements)


def _extended(places: Places, node: Node, tree: Tree, base: str) -> list[tuple[Tree, str, Node]]:
    """Return the service that ``extends`` names, with its tree; nothing where it cannot be read."""
    extends = node.get("extends")
    if extends is None:
        return []
    name = extends.get("service") if extends.is_mapping else extends
    files = list(named_files(tree, extends.get("file"))) if extends.get("file") else []
    sources = _documents(places, files[0], base) if files else (tree,)
    found = [(source, name.text, source.root.get("services", name.text)) for source in sources] if name else []
    return [(source, text, parent) for source, text, parent in found if parent is not None]


def _documents(places: Places, path: Path, base: str) -> tuple[Tree, ...]:
    if path not in places.documents:
        places.documents[path] = load_documents_of(path, base, places.mistakes)
    return places.documents[path]


def _add_keys(keys: dict[KeyPath, Location], path: KeyPath, key: Node, value: Node) -> None:
    """Add a key, the keys below it, and the names in a list (``DB_HOST=db`` is known as ``DB_HOST``)."""
    keys[path] = key.location
    for below, inner in value.entries:
        _add_keys(keys, (*path, below.text), below, inner)
    for element in value.elements:
        named = (*path, _element_name(path[-1], element))
        if named[-1]:
            keys[named] = element.location


def _element_name(key: str, element: Node) -> str:
    if element.is_mapping:
        named = element.get("source") or element.get("target") or element.get("path")
        return named.text if named else ""
    separator = _LIST_KEY if key in _COLON_LISTS else re.compile("=")
    return separator.split(element.text, maxsplit=1)[0].strip()


def _forget(place: ServicePlaces, key: str) -> None:
    """Drop what earlier files wrote under a key that ``!reset`` or ``!override`` replaces."""
    place.keys = {path: location for path, location in place.keys.items() if path[0] != key}
    place.elements.pop(key, None)


def _entries(node: Node | None) -> tuple[tuple[Node, Node], ...]:
    return node.entries if node else ()


def with_env_files(keys: Mapping[KeyPath, Location], variables: Mapping[str, str]) -> dict[KeyPath, Location]:
    """Return the places with that of ``env_file`` for each variable that the file itself does not write."""
    source = keys.get(("env_file",))
    added = {} if source is None else {("environment", name): source for name in variables}
    return added | dict(keys)
