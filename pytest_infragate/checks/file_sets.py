"""Checks of the files together: which take part, what they add to each other, what nobody uses (IG110, IG113 to IG116)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

from .. import sightings
from ..compose.discovery import BY_COMPOSE, FILE_NAMES, OVERRIDE_NAMES
from ..compose.model import Project, Service
from ..compose.node import Node, NodeKind
from ..compose.places import RESOURCE_SECTIONS
from ..compose.resolve import Resolution
from ..compose.values import inner, objects, text
from ..results import WHOLE_STACK, Location, Severity
from ..suggest import listed
from . import written
from .base import Draft, Material, check_of_material

_PORT = re.compile(r"(?:(?P<host>.+):)?(?P<target>\d+)(?P<protocol>/\w+)?")
_CONTAINER_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_WORDS = re.compile(r"[\w.-]+")


@check_of_material("IG110", Severity.WARNING)
def several_candidate_files(material: Material) -> Iterator[Draft]:
    """The folder has several files that Compose would take by itself; it takes the first and ignores the others.

    The order is ``compose.yaml``, ``compose.yml``, ``docker-compose.yml``, ``docker-compose.yaml``; for override files it is
    alike. Whoever edits the other file changes nothing. With files that are named (``-f``, ``COMPOSE_FILE``, settings) there
    is no doubt, and nothing is flagged.

    Flagged::

        services:
          app:
            image: ours:1.0
        # file: docker-compose.yml
        services:
          app:
            image: ours:2.0

    Accepted::

        services:
          app:
            image: ours:1.0
        # file: compose.override.yaml
        services:
          app:
            image: ours:2.0
    """
    selection = material.resolution.selection
    if selection is None or dict(selection.sources).get("files") != BY_COMPOSE:
        return
    for names in (FILE_NAMES, OVERRIDE_NAMES):
        found = [name for name in names if sightings.is_file(Path(selection.directory) / name)]
        if len(found) > 1:
            message = f"The folder has {listed(found, 'and')}; Compose takes {found[0]} and ignores the rest."
            remedy = "Remove or rename the others, or name the files that are meant (compose.files, COMPOSE_FILE)."
            yield Draft(WHOLE_STACK, message, remedy, Location(found[0]))


@check_of_material("IG113", Severity.WARNING, strict=Severity.ERROR)
def override_adds_port(material: Material) -> Iterator[Draft]:
    """An override file publishes a port that another file publishes already; the service then has both.

    Lists of ports are joined, not replaced. To replace the list, tag it: ``ports: !override``.

    References: Compose documentation on merging.

    Flagged::

        services:
          app:
            image: ours:1.0
            ports: ["127.0.0.1:8080:80"]
        # file: compose.override.yaml
        services:
          app:
            ports: ["127.0.0.1:9090:80"]

    Accepted::

        services:
          app:
            image: ours:1.0
            ports: ["127.0.0.1:8080:80"]
        # file: compose.override.yaml
        services:
          app:
            ports: !override ["127.0.0.1:9090:80"]
    """
    for service, lists in _port_lists(material.resolution).items():
        for earlier, later in combinations(lists, 2):
            known = dict(map(_published, earlier.elements))
            for element in later.elements:
                target, host = _published(element)
                before = known.get(target)
                if before is not None and before != host:
                    message = f"The container port {target} is published as {before or 'any'} and as {host or 'any'}."
                    remedy = "Write ports: !override in the later file if it is meant to replace the list."
                    yield Draft(service, message, remedy, element.location)


@check_of_material("IG114", Severity.WARNING, dev=Severity.INFO, strict=Severity.ERROR)
def unused_resource(material: Material) -> Iterator[Draft]:
    """A network, volume, secret or config is declared, and no service uses it.

    Compose leaves it out without a word, so that a mistyped name or a forgotten line stays unnoticed. Services of inactive
    profiles count as users.

    References: Compose documentation on top-level elements.

    Flagged::

        services:
          db:
            image: postgres:16
            volumes: ["data:/var/lib/postgresql/data"]
        volumes:
          data:
          dta:

    Accepted::

        services:
          db:
            image: postgres:16
            volumes: ["data:/var/lib/postgresql/data"]
        volumes:
          data:
    """
    project = material.resolution.project
    if project is None:
        return
    for section in RESOURCE_SECTIONS:
        used = _used(section, project, material.resolution)
        for tree in material.resolution.trees:
            for key, _ in (tree.root.get(section) or _NOTHING).entries:
                if key.text not in used and key.text != "default":
                    message = f"The {section.removesuffix('s')} {key.text!r} is declared, but no service uses it."
                    yield Draft(WHOLE_STACK, message, "Use it, or remove it.", key.location)


@check_of_material("IG115", Severity.ERROR)
def container_name_refused(material: Material) -> Iterator[Draft]:
    """A ``container_name`` has characters that the engine does not allow, so that the container cannot be created.

    Compose lets some of them pass.

    References: Docker documentation on container names.

    Flagged::

        services:
          web:
            image: nginx:1.27
            container_name: our-web@2

    Accepted::

        services:
          web:
            image: nginx:1.27
            container_name: our-web_2.0
    """
    project = material.resolution.project
    for service in () if project is None else project.services.values():
        name = service.container_name
        if name is not None and not _CONTAINER_NAME.fullmatch(name):
            message = f"The engine does not accept the container name {name!r}."
            remedy = "Use letters, digits, '_', '.' and '-', beginning with a letter or digit, two characters at least."
            yield Draft(service.name, message, remedy, service.place("container_name"))


@check_of_material("IG116", Severity.INFO)
def project_name_left_to_folder(material: Material) -> Iterator[Draft]:
    """No file names the project, so that its name is that of the folder it lies in.

    Two checkouts in folders of one name then share containers, networks and volumes, and a renamed folder begins with
    empty ones. The gate itself always uses a name of its own.

    References: Compose documentation on name.

    Flagged::

        services:
          web:
            image: nginx:1.27

    Accepted::

        name: shop
        services:
          web:
            image: nginx:1.27
    """
    trees = material.resolution.trees
    if trees and not any(tree.root.get("name") for tree in trees):
        message = "No file gives the project a name (name:); it is that of the folder."
        yield Draft(
            WHOLE_STACK, message, "Add name: at the top of the file.", Location(trees[-1].root.location.file, 1)
        )


_NOTHING = Node(NodeKind.MAPPING, Location(""))


def _port_lists(resolution: Resolution) -> Mapping[str, list[Node]]:
    """Return the lists of ports that the files write for each service; a tagged one begins anew."""
    found: dict[str, list[Node]] = {}
    for tree in resolution.trees:
        for service, node in (tree.root.get("services") or _NOTHING).items():
            ports = node.get("ports")
            if ports is not None:
                found[service] = [ports] if ports.tag else [*found.get(service, []), ports]
    return found


def _published(element: Node) -> tuple[str, str]:
    """Return container port and host part of one entry as written."""
    target, host = element.get("target"), element.get("published")
    if target is not None:
        return target.text, host.text if host else ""
    match = _PORT.fullmatch(element.text)
    return (match["target"] + (match["protocol"] or ""), match["host"] or "") if match else (element.text, "")


def _used(section: str, project: Project, resolution: Resolution) -> set[str]:
    """Return the keys of a section that any service uses, by what Compose resolved and by what the files write."""
    used = {name for service in project.services.values() for name in _resolved_uses(section, service)}
    for name, node in written.services(resolution):
        if name not in project.services:
            used |= _words_below(node)
        elif section == "secrets":
            used |= _words_below(node.get("build", "secrets"))
    return used


def _resolved_uses(section: str, service: Service) -> Iterator[str]:
    if section == "networks":
        yield from (use.key for use in service.networks)
    elif section == "volumes":
        yield from (mount.source for mount in service.mounts if mount.kind == "volume" and mount.source)
    else:
        yield from (source for entry in objects(service.resolved, section) if (source := text(entry, "source")))
        for entry in objects(inner(service.resolved, "build"), section):
            yield text(entry, "source") or ""


def _words_below(node: Node | None) -> set[str]:
    """Return every word of a part of a file; a generous reading of what an inactive service uses."""
    if node is None:
        return set()
    found = set(_WORDS.findall(node.text))
    for key, value in node.entries:
        found |= {key.text} | _words_below(value)
    for element in node.elements:
        found |= _words_below(element)
    return found
