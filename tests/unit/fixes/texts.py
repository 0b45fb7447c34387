"""Documents of texts, for the tests of fixes."""

from __future__ import annotations

from pathlib import Path

from pytest_infragate.fixes.planner import FileEdit
from pytest_infragate.fixes.written import Document, Written, read_document


def document(folder: Path, text: str) -> Document:
    """Return a document with this text."""
    file = folder / "compose.yaml"
    file.write_bytes(text.encode())
    return read_document(file, str(folder))


def below(found: Document, *path: str) -> Written:
    """Return a value in the first YAML document."""
    node = found.roots[0].get(*path)
    assert node is not None
    return node


def file_edit(path: Path, before: str, after: str) -> FileEdit:
    """Return the edit of a file that has the first text."""
    path.write_bytes(before.encode())
    return FileEdit(path, path.name, before.encode(), after.encode())
