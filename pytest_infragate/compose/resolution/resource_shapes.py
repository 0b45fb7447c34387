"""The top-level sections beside ``services``, and the form of their entries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ...results import Json
from ..node import Node, NodeKind
from .shapes import Reading, Shape, anything, each, flag, keys, known_keys, labels, listed, path, scalar, text

_NAMED_EXTERNAL = keys({"name": text})
_IPAM = keys(
    {
        "driver": text,
        "config": listed(keys({"subnet": text, "ip_range": text, "gateway": text, "aux_addresses": each(text)})),
        "options": each(scalar),
    }
)


def _external(node: Node, name: str, reading: Reading) -> Json:
    return _NAMED_EXTERNAL(node, name, reading) if node.is_mapping else flag(node, name, reading)


_COMMON: dict[str, Shape] = {"name": text, "external": _external, "labels": labels}
_DRIVEN: dict[str, Shape] = {**_COMMON, "driver": text, "driver_opts": each(scalar)}
_STORED: dict[str, Shape] = {**_COMMON, "file": path, "environment": text, "template_driver": text}
RESOURCES: Final[Mapping[str, Mapping[str, Shape]]] = MappingProxyType(
    {
        "networks": {
            **_DRIVEN,
            "ipam": _IPAM,
            "internal": flag,
            "attachable": flag,
            "enable_ipv4": flag,
            "enable_ipv6": flag,
        },
        "volumes": _DRIVEN,
        "secrets": {**_STORED, "driver": text, "driver_opts": each(scalar)},
        "configs": {**_STORED, "content": text},
        "models": {"name": text, "model": text, "context_size": anything, "runtime_flags": anything},
    }
)
"""The keys of an entry of each section."""


def read_resource(section: str, key: str, node: Node, project: str, reading: Reading) -> dict[str, Json]:
    """Return an entry with the name that it has on the engine: its own, else that of the project and its key."""
    if node.kind is not NodeKind.MAPPING:
        if not node.is_null:
            reading.unexpected(node, key, "a mapping")
        return _with_name({}, key, project)
    return _with_name(known_keys(node, RESOURCES[section], reading), key, project)


def _with_name(found: dict[str, Json], key: str, project: str) -> dict[str, Json]:
    external = found.get("external")
    if isinstance(external, dict):
        found = {**found, "external": True, "name": found.get("name") or external.get("name") or key}
    elif external is False:
        del found["external"]
    default = key if found.get("external") else f"{project}_{key}"
    return {"name": default, **found}
