"""``devices`` and ``gpus`` of a service."""

from __future__ import annotations

from dataclasses import replace

from ...results import Json
from ..node import Node
from .deploy_shape import device_request
from .shapes import Reading, keys, listed, text

_LONG_DEVICE = keys({"source": text, "target": text, "permissions": text}, required=("source", "target"))


def devices(node: Node, name: str, reading: Reading) -> Json:
    """A list of devices; of several with one target the last stays."""
    read = listed(_device)(node, name, reading)
    return list({_target(one): one for one in read}.values()) if isinstance(read, list) else None


def _device(node: Node, name: str, reading: Reading) -> Json:
    if not isinstance(node.scalar, str):
        long = _LONG_DEVICE(node, name, reading)
        return {"permissions": "rwm", **long} if isinstance(long, dict) else None
    source, _, rest = node.text.partition(":")
    target, _, permissions = rest.partition(":")
    return {"source": source, "target": target or source, "permissions": permissions or "rwm"}


def _target(device: Json) -> str:
    return str(device.get("target") or device.get("source")) if isinstance(device, dict) else ""


def _gpu(node: Node, name: str, reading: Reading) -> Json:
    """A request for a device; the specification allows any further keys here."""
    if not node.is_mapping:
        return keys(device_request)(node, name, reading)
    known = tuple(entry for entry in node.entries if entry[0].text in device_request)
    return keys(device_request)(replace(node, entries=known), name, reading)


def gpus(node: Node, name: str, reading: Reading) -> Json:
    """``all``, or a list of requests."""
    return [{"count": -1}] if node.scalar == "all" else listed(_gpu)(node, name, reading)
