"""Merges the files of a project into one document: interpolated, extended, with what they include."""

from __future__ import annotations

from ..node import Node
from .documents import Documents
from .env_files import EnvFiles
from .extending import Extending
from .including import Including
from .merging import merge_documents, without_resets
from .problems import Problems
from .scope import Scope


class Loader:
    """Loads a project's files and what they extend and include."""

    def __init__(self, documents: Documents, env_files: EnvFiles, problems: Problems) -> None:
        self._documents = documents
        self._problems = problems
        self._extending = Extending(documents, problems)
        self._including = Including(self.load, env_files, problems)

    def load(self, files: tuple[str, ...], scope: Scope, above: tuple[str, ...] = ()) -> Node | None:
        """Return the one document that the files make; nothing when they say nothing. ``above``: who includes them."""
        merged: Node | None = None
        for file in files:
            for root in self._documents.of(file, scope):
                extended = self._extending.document(root, scope)
                whole = self._including.document(extended, scope, (*above, file))
                merged = without_resets(whole) if merged is None else merge_documents(merged, whole, self._problems)
        return merged
