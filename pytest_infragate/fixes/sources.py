"""Every file that takes part, as written, and where in them the keys of a service stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..compose.node import Node
from ..compose.selection import Selection
from ..compose.trees import load_trees
from ..results import Location
from .written import Document, Written, beside, read_document


@dataclass(frozen=True)
class Writer:
    """One place that writes a key of a service; ``owner`` is the service's mapping there."""

    document: Document
    name: Written
    """The key under which the service stands."""
    owner: Written
    key: Written
    value: Written


@dataclass(frozen=True)
class ServiceText:
    """A service as one file writes it."""

    document: Document
    name: Written
    mapping: Written


@dataclass(frozen=True)
class Sources:
    """The files of a selection; ``merged`` are those that Compose merges, in its order."""

    chosen: tuple[Path, ...]
    """The files that were named or found, not those that they include."""
    merged: tuple[Document, ...]
    extended: tuple[Document, ...]
    """Files that are only named by ``extends``."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of them, each once."""
        return self.merged + self.extended

    @cached_property
    def _services(self) -> dict[tuple[Path, str], list[ServiceText]]:
        found: dict[tuple[Path, str], list[ServiceText]] = {}
        for document in self.documents:
            for root in document.roots:
                services = root.get("services")
                for key, value in services.entries if services else ():
                    found.setdefault((document.path, key.text), []).append(ServiceText(document, key, value))
        return found

    def service(self, name: str) -> Iterator[ServiceText]:
        """Yield the places that write a service, what it extends before itself."""
        for document in self.merged:
            for text in self._services.get((document.path, name), ()):
                yield from self._with_extended(text, frozenset({(document.path, name)}))

    def writers(self, name: str, key: str) -> tuple[Writer, ...]:
        """Return the places that write a key of a service; the last one wins."""
        found = []
        for text in self.service(name):
            entry = text.mapping.entry(key)
            if entry is not None:
                found.append(Writer(text.document, text.name, text.mapping, *entry))
        return tuple(found)

    def _with_extended(self, text: ServiceText, above: frozenset[tuple[Path, str]]) -> Iterator[ServiceText]:
        extends = text.mapping.get("extends")
        if extends is not None:
            file, service = extends.get("file"), extends.get("service") or extends
            path = beside(text.document, file.text) if file else text.document.path
            where = (path, service.text)
            if where not in above:
                for parent in self._services.get(where, ()):
                    yield from self._with_extended(parent, above | {where})
        yield text


def read_sources(selection: Selection, base: str) -> Sources:
    """Return the texts of all files that take part. Raises ``SourceError`` for one that cannot be read."""
    trees = load_trees(selection.files, base)
    roots: dict[Path, dict[Location, Node]] = {}
    for tree in trees:
        # A file that two others include is there twice, each of its documents at the same place.
        roots.setdefault(tree.path, {})[tree.root.location] = tree.root
    merged = {path: read_document(path, base, tuple(own.values())) for path, own in roots.items()}
    extended: dict[Path, Document] = {}
    queue = list(merged.values())
    while queue:
        for path in _extended_files(queue.pop()):
            if path not in merged and path not in extended and path.is_file():
                extended[path] = read_document(path, base)
                queue.append(extended[path])
    return Sources(tuple(map(Path, selection.files)), tuple(merged.values()), tuple(extended.values()))


def _extended_files(document: Document) -> Iterator[Path]:
    for root in document.roots:
        services = root.get("services")
        for _, service in services.entries if services else ():
            file = service.get("extends", "file")
            if file is not None and file.text and "$" not in file.text:
                yield beside(document, file.text)
