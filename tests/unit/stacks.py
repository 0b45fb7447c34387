"""Projects for tests of pure parts, built from the JSON that ``docker compose config`` would print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_infragate.compose.model import Project
from pytest_infragate.compose.places import KeyPath, Places, ServicePlaces
from pytest_infragate.compose.resolve import build_project
from pytest_infragate.compose.selection import Selection
from pytest_infragate.results import Location

DEFAULT = {"networks": {"default": None}}


def project(services: Mapping[str, Any], *, env_file: Sequence[str] = (), **sections: Mapping[str, Any]) -> Project:
    """Return the project; services are on the default network unless they say otherwise.

    The variables of the services in ``env_file`` come from an env file, those of others from the Compose file.
    """
    written = {name: service if _has_network(service) else {**DEFAULT, **service} for name, service in services.items()}
    places = Places(Location("compose.yaml"))
    for line, name in enumerate(services, 1):
        places.services[name] = _places(name, services[name], line, shared=name in env_file)
    model: dict[str, Any] = {"name": "igt", "services": written, **sections}
    return build_project(model, Selection("/project", ("/project/compose.yaml",)), places)


def _has_network(service: Mapping[str, Any]) -> bool:
    return "networks" in service or "network_mode" in service


def _places(name: str, service: Mapping[str, Any], line: int, *, shared: bool) -> ServicePlaces:
    """Return places that name the service's line, and its keys in columns of their own."""
    keys: dict[KeyPath, Location] = {
        (key,): Location("compose.yaml", line, column) for column, key in enumerate(service, 1)
    }
    variables = () if shared else service.get("environment", ())
    keys |= {("environment", key): Location("compose.yaml", line, 100) for key in variables}
    keys |= {("depends_on", name): Location("compose.yaml", line, 101) for name in service.get("depends_on", ())}
    if shared:
        keys[("env_file",)] = Location("compose.yaml", line, 99)
    return ServicePlaces(Location(f"compose.yaml#{name}", line), keys)
