"""What relative paths and variables mean in a file: it depends on how the file came to take part."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..node import Node
from .problems import Problems

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


@dataclass(frozen=True)
class Scope:
    """The folder that relative paths start from, and the variables that are known."""

    folder: str
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def path(self, written: str) -> str:
        """Return a path as Compose prints it: absolute, ``~`` replaced."""
        if written == "~" or written.startswith("~/"):
            written = self.variables.get("HOME", "~") + written[1:]
        if os.path.isabs(written) or _WINDOWS.match(written):  # noqa: PTH117  (texts, as they are printed)
            return written
        return os.path.normpath(os.path.join(self.folder, written))  # noqa: PTH118


class Scopes:
    """The scope of each file; a file that takes part in two ways has to mean the same in both."""

    def __init__(self, main: Scope, problems: Problems) -> None:
        self._main = main
        self._problems = problems
        self._scopes: dict[str, Scope] = {}

    def enter(self, root: Node, scope: Scope) -> None:
        """Note the scope of a document's file."""
        known = self._scopes.setdefault(root.location.file, scope)
        if known.folder != scope.folder:
            self._problems.add(
                f"This file takes part twice, with relative paths that start from {known.folder} and from "
                f"{scope.folder}: what it means cannot be said without Docker Compose.",
                root.location,
            )

    def of(self, node: Node) -> Scope:
        """Return the scope in which a node was written."""
        return self._scopes.get(node.location.file, self._main)
