"""Checks of lists of mounts as they are written, before Compose merges them (IG625)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from ..compose.node import Node
from ..results import Severity
from . import written
from .base import Draft, Material, check_of_material


@check_of_material("IG625", Severity.ERROR, dev=Severity.WARNING)
def mount_replaced_by_another(material: Material) -> Iterator[Draft]:
    """A service mounts two things at one place; Compose takes the last one, without a word.

    So the first is not there: data that was to be kept is gone with the container, or configuration is not read. Only
    entries of one list are compared: what an override file mounts in place of another is meant to be.

    References: Compose documentation on merging.

    Flagged::

        services:
          app:
            image: ours:1.0
            volumes:
              - data:/var/lib/app
              - ./seed:/var/lib/app
        volumes: {data: {}}

    Accepted::

        services:
          app:
            image: ours:1.0
            volumes:
              - data:/var/lib/app
              - ./seed:/var/lib/app/seed
        volumes: {data: {}}
    """
    for service, node in written.services(material.resolution):
        volumes = node.get("volumes")
        last: dict[str, tuple[str, Node]] = {}
        for element in reversed(volumes.elements if volumes else ()):
            source, target = _ends(element)
            if not target or "$" in target:
                continue
            later = last.setdefault(target, (source, element))
            if later[0] != source:
                message = (
                    f"{target} is given to another mount in line {later[1].location.line}, so this one is not made."
                )
                yield Draft(service, message, "Remove one of them, or mount it elsewhere.", element.location)


def _ends(element: Node) -> tuple[str, str]:
    """Return source and target of a mount as written, the target empty where it cannot be told."""
    if element.is_mapping:
        ends = (element.get(end) for end in ("source", "target"))
        source, target = (end.text if end else "" for end in ends)
        return source, _cleaned(target)
    parts = element.text.split(":")
    if "$" in element.text or len(parts) > 3:
        return "", ""
    return ("", _cleaned(parts[0])) if len(parts) == 1 else (parts[0], _cleaned(parts[1]))


def _cleaned(target: str) -> str:
    return posixpath.normpath(target) if target.startswith("/") else ""
