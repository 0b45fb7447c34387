"""``build``: a folder, or a mapping."""

from __future__ import annotations

from ...results import Json
from ..node import Node
from . import merging
from .host_shape import hosts
from .number_shapes import between, whole_size
from .shapes import (
    Reading,
    Shape,
    each,
    either,
    flag,
    is_scalar,
    keys,
    labels,
    listed,
    one_or_more,
    pairs,
    scalar,
    text,
    text_or_flag,
)

_URL = (
    "http://",
    "https://",
    "git://",
    "git@",
    "ssh://",
    "github.com/",
    "docker-image://",
    "oci-layout://",
    "service:",
)
_texts = listed(text, unique=True)


def _context(node: Node, name: str, reading: Reading) -> Json:
    """A folder, made absolute, or an address."""
    written = text(node, name, reading)
    if not isinstance(written, str) or written.startswith(_URL) or "://" in written:
        return written
    return reading.scope(node).path(written)


def _contexts(node: Node, name: str, reading: Reading) -> Json:
    if not (node.is_mapping or node.is_sequence):
        reading.unexpected(node, name, "a mapping or a list of NAME=PLACE")
        return None
    for element in node.elements:
        if not isinstance(element.scalar, str):
            reading.unexpected(element, name, "a list of texts NAME=PLACE")
            return None
    return {key.text: _context(value, name, reading) for key, value in merging.as_pairs(node).entries}


def _args(node: Node, name: str, reading: Reading) -> Json:
    """Build arguments; one without a value takes it from the environment, and is left out when there is none."""
    read = pairs(node, name, reading)
    if not isinstance(read, dict):
        return None
    variables = reading.scope(node).variables
    found = {key: variables.get(key) if value is None else value for key, value in read.items()}
    return {key: value for key, value in found.items() if value is not None}


def _secret(node: Node, name: str, reading: Reading) -> Json:
    if isinstance(node.scalar, str):
        return {"source": node.scalar}
    return keys({"source": text, "target": text, "uid": text, "gid": text, "mode": scalar})(node, name, reading)


def _ssh(node: Node, name: str, reading: Reading) -> Json:
    read = pairs(node, name, reading)
    for element in node.elements:
        if "=" not in element.text and element.text != "default":
            reading.refuse(f"`{name}` has {element.text!r}, expected default or ID=SOCKET", element.location)
    return (
        [key if value is None else f"{key}={value}" for key, value in read.items()] if isinstance(read, dict) else None
    )


_LIMIT = between(-1, as_text=False)
_FIELDS: dict[str, Shape] = {
    "additional_contexts": _contexts,
    "args": _args,
    "cache_from": _texts,
    "cache_to": _texts,
    "context": _context,
    "dockerfile": text,
    "dockerfile_inline": text,
    "entitlements": _texts,
    "extra_hosts": hosts,
    "isolation": text,
    "labels": labels,
    "network": text,
    "no_cache": flag,
    "no_cache_filter": one_or_more(text),
    "platforms": _texts,
    "privileged": flag,
    "provenance": text_or_flag,
    "pull": flag,
    "sbom": text_or_flag,
    "secrets": listed(_secret),
    "shm_size": whole_size,
    "ssh": _ssh,
    "tags": _texts,
    "target": text,
    "ulimits": each(either(is_scalar, _LIMIT, keys({"soft": _LIMIT, "hard": _LIMIT}, required=("soft", "hard")))),
}
_build = keys(_FIELDS)


def build(node: Node, name: str, reading: Reading) -> Json:
    """The build section; without a Dockerfile it is the context's own, without a context the project's folder."""
    if node.is_null:
        reading.unexpected(node, name, "a folder or a mapping")
        return None
    read = _build(merging.as_build(node), name, reading)
    if not isinstance(read, dict):
        return None
    default: dict[str, Json] = {"context": reading.scope(node).path(".")}
    if "dockerfile_inline" not in read:
        default["dockerfile"] = "Dockerfile"
    return {**default, **read}
