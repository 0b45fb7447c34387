"""The top-level sections beside ``services``, and the form of their entries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ...results import Json
from ..node import Node, NodeKind
from .shapes import (
    Reading,
    Shape,
    each,
    flag,
    keys,
    known_keys,
    labels,
    listed,
    path,
    text,
    text_or_number,
    text_or_whole,
)

_IPAM = keys(
    {
        "driver": text,
        "config": listed(keys({"subnet": text, "ip_range": text, "gateway": text, "aux_addresses": each(text)})),
        "options": each(text),
    }
)


def _external(node: Node, name: str, reading: Reading) -> Json:
    """A flag, or a mapping of which only `name` has a meaning."""
    if not node.is_mapping:
        return flag(node, name, reading)
    named = node.get("name")
    return {} if named is None else {"name": text(named, "name", reading)}


def _count(node: Node, name: str, reading: Reading) -> Json:
    """A whole number that is not written as a text."""
    if isinstance(node.scalar, int) and not isinstance(node.scalar, bool):
        return node.scalar
    reading.unexpected(node, name, "a whole number")
    return None


_COMMON: dict[str, Shape] = {"name": text, "external": _external, "labels": labels}
_DRIVEN: dict[str, Shape] = {**_COMMON, "driver": text, "driver_opts": each(text_or_number)}
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
        "secrets": {**_STORED, "driver": text, "driver_opts": each(text_or_whole)},
        "configs": {**_STORED, "content": text},
        "models": {"name": text, "model": text, "context_size": _count, "runtime_flags": listed(text)},
    }
)
"""The keys of an entry of each section."""
_REQUIRED = {"models": ("model",)}


def read_resource(section: str, key: str, node: Node, project: str, reading: Reading) -> dict[str, Json]:
    """Return an entry with the name that it has on the engine: its own, else that of the project and its key."""
    if node.kind is not NodeKind.MAPPING:
        if not node.is_null or section in _REQUIRED:
            reading.unexpected(node, key, "a mapping")
        return _with_name({}, key, project)
    for required in _REQUIRED.get(section, ()):
        if node.get(required) is None:
            reading.refuse(f"`{key}` needs the key `{required}`", node.location)
    return _with_name(known_keys(node, RESOURCES[section], reading), key, project)


def _with_name(found: dict[str, Json], key: str, project: str) -> dict[str, Json]:
    external = found.get("external")
    if isinstance(external, dict):
        found = {**found, "external": True, "name": found.get("name") or external.get("name") or key}
    elif external is False:
        del found["external"]
    default = key if found.get("external") else f"{project}_{key}"
    return {"name": default, **found}
