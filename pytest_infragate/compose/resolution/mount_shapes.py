"""``volumes`` of a service: ``data:/data``, ``./conf:/etc/conf:ro,z``, ``/anonymous``, and the long form."""

from __future__ import annotations

import posixpath

from ...results import Json
from ..node import Node
from .number_shapes import free_size, not_negative, rounded
from .shapes import (
    Reading,
    flag,
    keys,
    one_of,
    pairs,
    text,
)

_PROPAGATIONS = ("rprivate", "private", "rshared", "shared", "rslave", "slave")
_SELINUX = ("z", "Z")
_LONG = keys(
    {
        "type": one_of("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
        "source": text,
        "target": text,
        "read_only": flag,
        "consistency": text,
        "bind": keys(
            {
                "propagation": text,
                "create_host_path": flag,
                "recursive": one_of("enabled", "disabled", "writable", "readonly"),
                "selinux": one_of(*_SELINUX),
            }
        ),
        "volume": keys({"labels": pairs, "nocopy": flag, "subpath": text}),
        "tmpfs": keys({"size": free_size, "mode": not_negative(rounded, as_text=False)}),
        "image": keys({"subpath": text}),
    },
    required=("type",),
)


def volumes(node: Node, name: str, reading: Reading) -> Json:
    """A list of mounts, each brought to the long form; of several on one target the last stays."""
    if not node.is_sequence:
        reading.unexpected(node, name, "a list")
        return None
    found: dict[Json, Json] = {}
    for element in node.elements:
        mount = _mount(element, reading)
        if mount is not None:
            found[str(mount.get("target"))] = mount
    return list(found.values())


def _mount(element: Node, reading: Reading) -> dict[str, Json] | None:
    if element.is_mapping:
        return _long(element, reading)
    if not isinstance(element.scalar, str):
        reading.unexpected(element, "volumes", "a list of texts such as 'data:/data' or of mappings")
        return None
    fields = _fields(element.text)
    if not all(fields) or len(fields) > 3:
        reading.refuse(
            f"the volume {element.text!r} is not well-formed, expected SOURCE:TARGET, SOURCE:TARGET:OPTIONS or TARGET",
            element.location,
        )
        return None
    if len(fields) == 1:
        return {"type": "volume", "target": _target(fields[0]), "volume": {}}
    return _short(fields[0], fields[1], fields[2].split(",") if len(fields) == 3 else [], element, reading)


def _fields(written: str) -> list[str]:
    """Split a short form at its colons; one letter before the first colon is a Windows drive, as Compose sees it."""
    if len(written) <= 2:
        return [written]
    fields = written.split(":")
    while fields and len(fields) > 1 and len(fields[0]) == 1 and fields[0].isalpha():
        fields[:2] = [":".join(fields[:2])]
    for number in range(1, len(fields) - 1):
        if number + 1 < len(fields) and len(fields[number]) == 1 and fields[number].isalpha():
            fields[number : number + 2] = [":".join(fields[number : number + 2])]
    return fields


def _short(source: str, target: str, options: list[str], element: Node, reading: Reading) -> dict[str, Json]:
    mount: dict[str, Json] = {"type": "volume", "source": source, "target": _target(target)}
    if _is_path(source):
        bind = {**_bind_options(options), "create_host_path": True}
        mount |= {"type": "bind", "source": reading.scope(element).path(source), "bind": bind}
    else:
        mount["volume"] = {"nocopy": True} if "nocopy" in options else {}
        if bind := _bind_options(options):
            mount["bind"] = bind
    if "ro" in options:
        mount["read_only"] = True
    return mount


def _bind_options(options: list[str]) -> dict[str, Json]:
    """Return what short options mean for a bind mount; of several the last counts."""
    found: dict[str, Json] = {}
    for option in options:
        if option in _PROPAGATIONS:
            found["propagation"] = option
        elif option in _SELINUX:
            found["selinux"] = option
    return found


def _long(element: Node, reading: Reading) -> dict[str, Json] | None:
    read = _LONG(element, "volumes", reading)
    if not isinstance(read, dict):
        return None
    if isinstance(read.get("target"), str):
        read["target"] = _target(str(read["target"]))
    elif read.get("type") is not None:
        reading.refuse("a volume has no `target`", element.location)
    source = read.get("source")
    if read.get("type") == "bind" and isinstance(source, str):
        read["source"] = reading.scope(element).path(source)
    return read


def _target(written: str) -> str:
    return posixpath.normpath(written) if written else written


def _is_path(source: str) -> bool:
    windows = len(source) > 1 and source[0].isalpha() and source[1] == ":"
    return source.startswith((".", "/", "~", "\\\\")) or windows
