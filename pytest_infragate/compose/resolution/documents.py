"""Reads the documents of files, each file once, with what is wrong with each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..node import Node
from ..source import SourceError
from ..trees import Tree, load_documents_of
from .interpolation import interpolated
from .problems import Problems
from .scope import Scope, Scopes


class Documents:
    """The documents of Compose files, interpolated; ``base`` is what places name files relative to."""

    def __init__(self, base: str, trees: tuple[Tree, ...], main: Scope, problems: Problems) -> None:
        self.base = base
        self.scopes = Scopes(main, problems)
        self._problems = problems
        self._read: dict[str, tuple[Node, ...]] = {}
        self._lost: set[str] = set()
        for tree in trees:
            path = str(tree.path)
            self._read[path] = (*self._read.get(path, ()), tree.root)

    def of(self, path: str, scope: Scope) -> tuple[Node, ...]:
        """Return the documents of a file with the variables of a scope; empty ones are left out."""
        found = []
        for root in self._documents(path):
            self.scopes.enter(root, scope)
            if root.is_null:
                continue
            if root.is_mapping:
                found.append(interpolated(root, scope.variables, self._problems))
            elif not self.is_lost(path):
                self._problems.lose(f"A Compose file is a mapping, but this is {root.described()}.", root.location)
        return tuple(found)

    def _documents(self, path: str) -> tuple[Node, ...]:
        if path not in self._read:
            self._read[path] = self._load(path)
        return self._read[path]

    def is_lost(self, path: str) -> bool:
        """Whether a part of a file could not be read, so that nobody knows what else it says."""
        return path in self._lost

    def _load(self, path: str) -> tuple[Node, ...]:
        mistakes: list[SourceError] = []
        trees = load_documents_of(Path(path), self.base, mistakes)
        for mistake in mistakes:
            told = f"{mistake.problem[:1].upper()}{mistake.problem[1:]}."
            if mistake.loses:
                self._problems.lose(told, mistake.location)
                self._lost.add(path)
            else:
                self._problems.add(told, mistake.location)
        return tuple(tree.root for tree in trees)


def environment_with(variables: Mapping[str, str], further: Mapping[str, str]) -> dict[str, str]:
    """Return variables with further ones, which do not replace those that are there."""
    return {**further, **variables}
