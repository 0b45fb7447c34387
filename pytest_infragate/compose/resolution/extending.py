"""``extends``: a service that is another one, from the same or another file, with changes."""

from __future__ import annotations

import os
from dataclasses import replace

from ... import sightings
from ...suggest import did_you_mean
from ..node import Node
from .documents import Documents
from .merging import merge_documents, merge_services, without_resets
from .problems import Problems
from .scope import Scope

_KEYS = ("service", "file")
_REMOTE = ("http://", "https://", "git@", "git://", "ssh://", "oci://", "github.com/")


def is_remote(path: str) -> bool:
    """Whether a file is to be had from a network."""
    return path.startswith(_REMOTE)


class Extending:
    """Resolves ``extends`` in one document after the other."""

    def __init__(self, documents: Documents, problems: Problems) -> None:
        self._documents = documents
        self._problems = problems
        self._files: dict[tuple[str, str], Node | None] = {}
        self._done: dict[tuple[int, str], tuple[Node, Node]] = {}

    def document(self, root: Node, scope: Scope) -> Node:
        """Return a document whose services are extended."""
        services = root.get("services")
        if services is None or not any(service.get("extends") for _, service in services.items()):
            return root
        entries = tuple((key, self._service(key.text, services, scope, ())) for key, _ in services.entries)
        extended = replace(services, entries=entries)
        return replace(
            root,
            entries=tuple((key, extended if key.text == "services" else value) for key, value in root.entries),
        )

    def _service(self, name: str, services: Node, scope: Scope, above: tuple[tuple[str, str], ...]) -> Node:
        """Return one service, extended; ``above`` are the services on the way to it."""
        known = (id(services), name)
        if known not in self._done:
            # The services are kept beside the result, so that their identity is not given to others.
            self._done[known] = (services, self._extended(name, services, scope, above))
        return self._done[known][1]

    def _extended(self, name: str, services: Node, scope: Scope, above: tuple[tuple[str, str], ...]) -> Node:
        service = services.get(name)
        assert service is not None  # noqa: S101  (the callers have looked)
        extends = service.get("extends")
        if extends is None:
            return service
        own = replace(service, entries=tuple(entry for entry in service.entries if entry[0].text != "extends"))
        here = (services.location.file, name)
        if here in above:
            self._problems.lose(f"Service {name} extends itself by way of others.", extends.location)
            return own
        if not self._is_well_formed(name, extends):
            return own
        base = self._base(name, extends, services, scope, (*above, here))
        return own if base is None else merge_services(base, own, self._problems)

    def _is_well_formed(self, name: str, extends: Node) -> bool:
        """Whether there is a name or a mapping with `service` and `file`; what is none is a problem."""
        if extends.is_null:
            return True
        # Compose accepts any other key here, and ignores it.
        named = [value for key, value in extends.items() if key in _KEYS] if extends.is_mapping else [extends]
        others = [value for value in named if not isinstance(value.scalar, str)]
        for other in others:
            told = f"Service {name}: `extends` must be a text or a mapping of texts, but this is {other.described()}."
            self._problems.lose(told, other.location)
        return not others

    def _base(
        self, name: str, extends: Node, services: Node, scope: Scope, above: tuple[tuple[str, str], ...]
    ) -> Node | None:
        """Return the service that is extended, itself extended; nothing when it cannot be found."""
        target = extends.get("service") if extends.is_mapping else extends
        file, beside = extends.get("file"), scope
        if target is None or not target.text:
            self._problems.lose(f"`extends` of service {name} names no service.", extends.location)
            return None
        if file is not None:
            scope, found = self._file(file, scope)
            if found is None:
                return None
            services = found
        if services.get(target.text) is None:
            if file is not None and self._documents.is_lost(beside.path(file.text)):
                return None
            known = did_you_mean(target.text, (key for key, _ in services.items()))
            where = "there" if file is None else f"in {file.text}"
            told = f"Service {name} extends {target.text}, which is not {where}{known or '.'}"
            self._problems.lose(told, target.location)
            return None
        return self._service(target.text, services, scope, above)

    def _file(self, file: Node, scope: Scope) -> tuple[Scope, Node | None]:
        """Return the services of another file, with its scope."""
        if is_remote(file.text):
            self._problems.lose(f"{file.text} is not on this machine: only Docker Compose can read it.", file.location)
            return scope, None
        path = scope.path(file.text)
        below = Scope(os.path.dirname(path), scope.variables)  # noqa: PTH120  (a text, as it is printed)
        if (path, scope.folder) not in self._files:
            self._files[path, scope.folder] = self._services(path, file, below)
        return below, self._files[path, scope.folder]

    def _services(self, path: str, file: Node, scope: Scope) -> Node | None:
        if not sightings.is_file(path):
            self._problems.lose(f"`extends` names the file {file.text}, which does not exist.", file.location)
            return None
        root: Node | None = None
        for document in self._documents.of(path, scope):
            root = document if root is None else merge_documents(root, document, self._problems)
        services = None if root is None else root.get("services")
        if services is None or not services.is_mapping:
            if self._documents.is_lost(path):
                return None
            self._problems.lose(f"`extends` names the file {file.text}, which has no services.", file.location)
            return None
        return without_resets(services)
