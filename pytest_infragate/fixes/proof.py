"""Proves edits: the files, resolved as the gate resolves them, mean the same as before but for the intended changes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..compose.model import Project
from ..compose.resolve import Resolution, resolve
from ..compose.selection import Selection
from .candidate import Change, KeyPath

_SECTIONS = ("networks", "volumes", "secrets", "configs")
_MISSING = object()
EVERY_PROFILE = "with every profile"
"""Name of the use in which every profile is active."""


@dataclass(frozen=True, eq=False)
class Use:
    """One way in which the files are used, and what they meant in it before any edit; ``name`` is for messages."""

    name: str
    selection: Selection
    before: Resolution


class Prover:
    """Compares what the files of a mirror mean now with what they meant at the start.

    A use in which the files cannot be resolved at the start proves nothing and is left out.
    """

    def __init__(self, uses: Iterable[Use], environ: Mapping[str, str], base: str) -> None:
        self._before = {use: use.before.project for use in uses if use.before.project is not None}
        self._environ = environ
        self._base = base
        self._proven = {use.name: project for use, project in self._before.items()}

    @property
    def project(self) -> Project:
        """What the files meant when they were last proven, with every profile where that can be had."""
        return self._proven.get(EVERY_PROFILE) or self._proven[""]

    def fault(self, changes: Sequence[Change]) -> str | None:
        """Return what the files mean otherwise than the changes say, ``None`` when it is proven that nothing is."""
        found = {}
        for use, before in self._before.items():
            after = resolve(use.selection, self._environ, self._base)
            where = f" {use.name}" if use.name else ""
            if after.project is None:
                return f"the edited files cannot be used{where}: {' '.join(after.error.split())}"
            path = first_difference(changed(snapshot(before), changes), snapshot(after.project))
            if path is not None:
                return f"it would change {'.'.join(map(str, path))} as well{where}"
            if new := _complaints(after) - _complaints(use.before):
                return f"Compose would complain{where} about: {', '.join(sorted(new))}"
            found[use.name] = after.project
        self._proven = found
        return None


def _complaints(resolution: Resolution) -> set[str]:
    return {*(warning.text for warning in resolution.warnings), *(variable.name for variable in resolution.unset)}


def snapshot(project: Project) -> dict[str, Any]:
    """Return everything that Compose resolved."""
    services = {name: service.resolved for name, service in project.services.items()}
    resources = (project.networks, project.volumes, project.secrets, project.configs)
    sections = {
        section: {key: resource.resolved for key, resource in found.items()}
        for section, found in zip(_SECTIONS, resources, strict=True)
    }
    return {"name": project.name, "services": services, **sections}


def changed(model: dict[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """Return a model with the changes that find in it what they expect."""
    result = copy.deepcopy(model)
    for change in changes:
        *parents, last = change.path
        node: Any = result
        for part in parents:
            node = _below(node, part)
        if _value(node, last) == change.before and isinstance(node, (dict, list)):
            node[last] = change.after  # type: ignore[index]  # the part fits: a value was found there, or a key is added
    return result


def first_difference(one: Any, other: Any, path: KeyPath = ()) -> KeyPath | None:
    """Return the path of the first value that two models do not share, ``None`` when they are equal."""
    if one == other:
        return None
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys: Sequence[Any] = sorted({*one, *other})
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        keys = range(len(one))
    else:
        return path
    found = (first_difference(_below(one, key), _below(other, key), (*path, key)) for key in keys)
    return next((difference for difference in found if difference is not None), path)


def _below(node: Any, part: str | int) -> Any:
    """Return what is below a key or index, a mark of its own where there is nothing."""
    if isinstance(node, Mapping):
        return node.get(part, _MISSING)
    if isinstance(node, list) and isinstance(part, int) and part < len(node):
        return node[part]
    return _MISSING


def _value(node: Any, part: str | int) -> Any:
    found = _below(node, part)
    return None if found is _MISSING else found


def every_profile(selection: Selection) -> Selection:
    """Return the same choice with every profile active."""
    return replace(selection, profiles=("*",))
