"""Writes small projects and resolves them without Compose."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_infragate.compose.resolution.alone import Alone, resolve_alone
from pytest_infragate.compose.selection import Selection
from pytest_infragate.compose.source import SourceError
from pytest_infragate.compose.trees import load_trees

ENVIRON = {"HOME": "/home/somebody", "SET": "shell", "EMPTY": ""}


def resolved(
    folder: Path,
    *texts: str,
    files: Mapping[str, str] | None = None,
    profiles: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
) -> Alone:
    """Resolve ``0.yaml``, ``1.yaml`` … with these texts; ``files`` lie beside them."""
    for name, content in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    names = []
    for number, content in enumerate(texts):
        path = folder / f"{number}.yaml"
        path.write_text(content, encoding="utf-8")
        names.append(str(path))
    selection = Selection(str(folder), tuple(names), profiles, project="own")
    try:
        trees = load_trees(selection.files, selection.directory)
    except SourceError:
        trees = ()
    return resolve_alone(selection, ENVIRON if environ is None else environ, str(folder), trees)


def model(folder: Path, *texts: str, **further: Any) -> dict[str, Any]:
    """Return the model of files that have no problem."""
    found = resolved(folder, *texts, **further)
    assert found.problems == ()
    return found.model


def service(folder: Path, *bodies: str, name: str = "web", **further: Any) -> dict[str, Any]:
    """Return one service that each file describes by the lines of its body."""
    texts = [f"services:\n  {name}:\n" + "".join(f"    {line}\n" for line in body.splitlines()) for body in bodies]
    texts[0] = texts[0].replace(f"  {name}:\n", f"  {name}:\n    image: app:1\n", 1)
    found: dict[str, Any] = model(folder, *texts, **further)["services"][name]
    return found


def services(found: Alone) -> dict[str, Any]:
    """Return the active services, also where there are problems."""
    known: Any = found.model["services"]
    return dict(known)


def told(found: Alone) -> list[str]:
    """Return the problems as ``file:line:column text``."""
    return [f"{problem.location} {problem.text}" for problem in found.problems]
