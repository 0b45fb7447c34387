"""``deploy``: replicas, resources, restart policy, placement."""

from __future__ import annotations

from ...results import Json
from ..node import Node
from .number_shapes import between, duration, number, rounded, size_text, whole
from .shapes import (
    Reading,
    Shape,
    keys,
    labels,
    listed,
    one_of,
    pairs,
    text,
)

_texts = listed(text, unique=True)


def _count(node: Node, name: str, reading: Reading) -> Json:
    return -1 if node.scalar == "all" else whole(node, name, reading)


device_request: dict[str, Shape] = {
    "capabilities": _texts,
    "count": _count,
    "device_ids": _texts,
    "driver": text,
    "options": pairs,
}
"""The keys of a request for devices such as GPUs."""
_UPDATE = keys(
    {
        "parallelism": between(0),
        "delay": duration,
        "failure_action": text,
        "monitor": duration,
        "max_failure_ratio": number,
        "order": one_of("start-first", "stop-first"),
    }
)
_GENERIC = listed(keys({"discrete_resource_spec": keys({"kind": text, "value": rounded})}))
_RESOURCES = keys(
    {
        "limits": keys({"cpus": number, "memory": size_text, "pids": whole}),
        "reservations": keys(
            {
                "cpus": number,
                "memory": size_text,
                "generic_resources": _GENERIC,
                "devices": listed(keys(device_request, required=("capabilities",))),
            }
        ),
    }
)
_PLACEMENT = keys(
    {"constraints": _texts, "preferences": listed(keys({"spread": text})), "max_replicas_per_node": between(0)}
)
_DEPLOY = keys(
    {
        "mode": text,
        "endpoint_mode": text,
        "replicas": whole,
        "labels": labels,
        "rollback_config": _UPDATE,
        "update_config": _UPDATE,
        "resources": _RESOURCES,
        "restart_policy": keys({"condition": text, "delay": duration, "max_attempts": between(0), "window": duration}),
        "placement": _PLACEMENT,
    },
    empty=True,
)


def deploy(node: Node, name: str, reading: Reading) -> Json:
    """The deploy section, or nothing."""
    return None if node.is_null else _DEPLOY(node, name, reading)
