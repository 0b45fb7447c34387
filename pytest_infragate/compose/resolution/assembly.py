"""Makes of the merged document what Compose prints: active services, resources in use, names on the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...results import Json, Location
from ..node import Node
from ..values import elements, inner, objects, text
from .env_files import EnvFiles
from .resource_shapes import RESOURCES, read_resource
from .services import DEFAULT_NETWORK, Service, read_service, with_environment
from .shapes import Reading
from .shapes import text as text_shape

_TOP = ("version", "name", "services", "include", *RESOURCES)
_EVERY_PROFILE = "*"


@dataclass(frozen=True)
class Assembly:
    """What the documents say: every service, those that are active, and every declared resource by section."""

    name: str
    services: Mapping[str, Service]
    active: Mapping[str, Service]
    resources: Mapping[str, Mapping[str, Json]]
    known_profiles: tuple[str, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    """The services as written."""
    places: Mapping[str, Location] = field(default_factory=dict)
    """Where the names of the services are written."""

    @property
    def inactive(self) -> tuple[str, ...]:
        """The services that the active profiles leave out, sorted."""
        return tuple(sorted(set(self.services) - set(self.active)))

    def model(self) -> dict[str, Json]:
        """Return the model as ``docker compose config`` prints it, dollar signs doubled."""
        services: dict[str, Json] = {name: dict(service) for name, service in self.active.items()}
        found: dict[str, Json] = {"name": self.name, "services": services}
        for section, used in _used(self.active).items():
            kept = {key: value for key, value in self.resources.get(section, {}).items() if key in used}
            if kept:
                found[section] = kept
        escaped = _escaped(found)
        assert isinstance(escaped, dict)  # noqa: S101  (it is one, escaping keeps the kind)
        return escaped


def assemble(root: Node, name: str, profiles: Sequence[str], reading: Reading, env_files: EnvFiles) -> Assembly:
    """Read the merged document; problems go to the reading."""
    _top_level(root, reading)
    nodes = _section(root, "services", reading)
    services, active = {}, {}
    for key, node in nodes.items():
        reading.subject = f"Service {key}"
        services[key] = read_service(key, node, reading)
        if _is_active(services[key], profiles):
            active[key] = with_environment(services[key], node, reading, env_files)
    resources = {section: _resources(root, section, name, reading) for section in RESOURCES}
    resources["networks"].setdefault(DEFAULT_NETWORK, {"name": f"{name}_{DEFAULT_NETWORK}"})
    for network in resources["networks"].values():
        if isinstance(network, dict):
            network.setdefault("ipam", {})
    reading.subject = ""
    known = sorted({profile for service in services.values() for profile in _profiles(service)})
    return Assembly(name, services, active, resources, tuple(known), nodes, _key_places(root))


def _top_level(root: Node, reading: Reading) -> None:
    """Tell unknown keys, and texts that are none."""
    for top, value in root.entries:
        if top.text not in _TOP and not top.text.startswith("x-"):
            reading.unknown(top, _TOP)
        elif top.text in ("version", "name"):
            text_shape(value, top.text, reading)


def _key_places(root: Node) -> dict[str, Location]:
    services = root.get("services")
    return {key.text: key.location for key, _ in services.entries} if services else {}


def _section(root: Node, section: str, reading: Reading) -> dict[str, Node]:
    node = root.get(section)
    reading.subject = ""
    if node is None:
        return {}
    if not node.is_mapping:
        reading.unexpected(node, section, "a mapping")
        return {}
    return dict(node.items())


def _resources(root: Node, section: str, project: str, reading: Reading) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, node in _section(root, section, reading).items():
        reading.subject = f"{section[:-1].capitalize()} {key}"
        found[key] = read_resource(section, key, node, project, reading)
    return found


def _profiles(service: Service) -> list[str]:
    return [str(profile) for profile in elements(service, "profiles")]


def _is_active(service: Service, profiles: Sequence[str]) -> bool:
    """Whether a service has no profile, or one that is active."""
    own = _profiles(service)
    return not own or _EVERY_PROFILE in profiles or any(profile in profiles for profile in own)


def _used(services: Mapping[str, Service]) -> dict[str, set[str]]:
    """Return the resources that active services use, by section."""
    used: dict[str, set[str]] = {section: set() for section in RESOURCES}
    for service in services.values():
        used["networks"].update(inner(service, "networks"))
        used["models"].update(inner(service, "models") or map(str, elements(service, "models")))
        used["volumes"].update(
            str(mount.get("source")) for mount in objects(service, "volumes") if mount.get("type") == "volume"
        )
        for mounted in (*objects(service, "secrets"), *objects(inner(service, "build"), "secrets")):
            used["secrets"].add(str(mounted.get("source")))
        used["configs"].update(str(mounted.get("source")) for mounted in objects(service, "configs"))
        used["configs"].add(text(inner(service, "credential_spec"), "config") or "")
    return used


def _escaped(value: Json) -> Json:
    """Double every dollar sign, as Compose does so that its output can be read again."""
    if isinstance(value, str):
        return value.replace("$", "$$") if "$" in value else value
    if isinstance(value, dict):
        return {key: _escaped(below) for key, below in value.items()}
    return [_escaped(below) for below in value] if isinstance(value, list) else value
