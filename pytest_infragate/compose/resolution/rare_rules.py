"""What has to fit together in parts that few files have: builds out of services, models, watching, devices."""

from __future__ import annotations

from collections.abc import Iterator

from ...results import Location
from ...suggest import did_you_mean
from ..node import Node
from ..values import Object, elements, inner, objects, text, whole
from .assembly import Assembly

Found = Iterator[tuple[str, Location]]
_OF_SERVICE = "service:"
_COPYING = ("sync", "sync+restart")
"""Actions of ``develop.watch`` that need to know where to."""


def builds_from_services(name: str, service: Object, assembly: Assembly) -> Found:
    """Tell contexts that are to come from a service that is not active, or is not built."""
    contexts = inner(service, "build", "additional_contexts")
    for key in contexts:
        source = text(contexts, key) or ""
        needed = source.removeprefix(_OF_SERVICE)
        if needed == source:
            continue
        place = _place(assembly.nodes[name], "build", "additional_contexts", key)
        if needed not in assembly.active:
            hint = did_you_mean(needed, assembly.active) or "."
            yield f"Service {name} builds with {needed!r}, which is no active service{hint}", place
        elif not assembly.active[needed].get("build"):
            yield f"Service {name} builds with the image of {needed}, which has no `build`.", place


def models(name: str, service: Object, assembly: Assembly) -> Found:
    """Tell models that no file declares."""
    declared = assembly.resources["models"]
    for used in inner(service, "models") or map(str, elements(service, "models")):
        if used not in declared:
            hint = did_you_mean(used, declared) or "."
            place = _place(assembly.nodes[name], "models", used)
            yield f"Service {name} uses the model {used!r}, which no file declares{hint}", place


def negative_replicas(name: str, service: Object, assembly: Assembly) -> Found:
    """Tell a number of containers below zero."""
    for path in (("scale",), ("deploy", "replicas")):
        count = whole(inner(service, *path[:-1]), path[-1])
        if count is not None and count < 0:
            yield (
                f"Service {name} has {'.'.join(path)} {count}, expected 0 or more.",
                _place(assembly.nodes[name], *path),
            )


def watching(name: str, service: Object, assembly: Assembly) -> Found:
    """Tell entries of ``develop.watch`` that copy to nowhere."""
    for entry in objects(inner(service, "develop"), "watch"):
        if text(entry, "action") in _COPYING and not text(entry, "target"):
            told = f"Service {name} watches files for the action {text(entry, 'action')!r}, which needs a `target`."
            yield told, _place(assembly.nodes[name], "develop", "watch")


def devices(name: str, service: Object, assembly: Assembly) -> Found:
    """Tell requests for devices that give both how many and which."""
    path = ("deploy", "resources", "reservations", "devices")
    for requests, place in (
        (objects(inner(service, *path[:-1]), path[-1]), path),
        (objects(service, "gpus"), ("gpus",)),
    ):
        if any(request.get("count") and request.get("device_ids") for request in requests):
            told = f"Service {name} has both `count` and `device_ids` in `{'.'.join(place)}`."
            yield told, _place(assembly.nodes[name], *place)


def _place(node: Node, *path: str) -> Location:
    """Return the place of the deepest known key of a path below a service; the last part may be a word in a list."""
    place = node.location
    for name in path:
        key, below = node.key(name), node.get(name)
        if key is None or below is None:
            named = (one.location for one in node.elements if one.text.partition("=")[0] == name)
            return next(named, place)
        node, place = below, key.location
    return place


RARE_RULES = (builds_from_services, models, negative_replicas, watching, devices)
