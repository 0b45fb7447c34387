"""Reads the services of the merged document: what each says, and what follows from it without being written."""

from __future__ import annotations

from collections.abc import Callable

from ... import sightings
from ...results import Json, Location
from ..node import Node
from .env_files import EnvFiles
from .service_shapes import SERVICE
from .shapes import Reading, known_keys

_JOINING = ("network_mode", "ipc", "pid", "uts", "cgroup")
_OF_SERVICE = "service:"
_OF_CONTAINER = "container:"
DEFAULT_NETWORK = "default"
_FILES = ("env_file", "label_file")
Service = dict[str, Json]


def read_service(name: str, node: Node, reading: Reading) -> Service:
    """Return what a service says, in the form in which Compose prints it."""
    if not node.is_mapping:
        reading.unexpected(node, name, "a mapping")
        return {}
    service = known_keys(node, SERVICE, reading)
    if not service.get("networks") and not service.get("network_mode"):
        service["networks"] = {DEFAULT_NETWORK: None}
    implied = _implied(service)
    if implied:
        written = service.get("depends_on")
        service["depends_on"] = {**implied, **(written if isinstance(written, dict) else {})}
    return {key: value for key, value in service.items() if value != ""}


def with_environment(service: Service, node: Node, reading: Reading, env_files: EnvFiles) -> Service:
    """Return a service whose variables have their values: its own, then those of its env files.

    A name without a value takes it from the environment of Compose.
    """
    variables = reading.scope(node.get("environment") or node).variables
    own = _mapping(service.get("environment"))
    own = {name: variables.get(name) if value is None else value for name, value in own.items()}

    def lookup(name: str) -> str | None:
        found = variables.get(name, own.get(name))
        return found if isinstance(found, str) else None

    environment = {**_from_files(service, "env_file", node, lookup, env_files), **own}
    labels = {**_from_files(service, "label_file", node, lookup, env_files), **_mapping(service.get("labels"))}
    found = {key: value for key, value in service.items() if key not in _FILES}
    if environment:
        found["environment"] = environment
    if labels:
        found["labels"] = labels
    return found


def _from_files(
    service: Service, key: str, node: Node, lookup: Callable[[str], str | None], env_files: EnvFiles
) -> dict[str, Json]:
    """Return what the files under a key say, later ones first."""
    entries, found = service.get(key), dict[str, Json]()
    for entry in entries if isinstance(entries, list) else ():
        named = entry if isinstance(entry, dict) else {"path": entry}
        path = str(named.get("path"))
        if named.get("required") is False and not sightings.exists(path):
            continue
        found |= env_files.read(path, lookup, _written(node.get(key), path), raw=named.get("format") == "raw")
    return found


def _written(node: Node | None, path: str) -> Location | None:
    """Return where a file is named: the element that ends like its path, else the key."""
    for element in node.elements if node else ():
        named = element.get("path") if element.is_mapping else element
        if named is not None and path.endswith(named.text.removeprefix("./")):
            return named.location
    return node.location if node else None


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _implied(service: Service) -> dict[str, Json]:
    """Return the dependencies that follow from sharing namespaces, links and volumes."""
    implied: dict[str, Json] = {}
    for name in _texts(service.get("links")):
        implied.setdefault(name.partition(":")[0], _started(restart=True))
    for key in _JOINING:
        joined = service.get(key)
        if isinstance(joined, str) and joined.startswith(_OF_SERVICE):
            implied.setdefault(joined.removeprefix(_OF_SERVICE), _started(restart=True))
    for name in _texts(service.get("volumes_from")):
        if not name.startswith(_OF_CONTAINER):
            implied.setdefault(name.partition(":")[0], _started(restart=False))
    return implied


def _started(*, restart: bool) -> Json:
    started: dict[str, Json] = {"condition": "service_started", "required": True}
    return {**started, "restart": True} if restart else started


def _texts(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
