"""What has to fit together across the project: references, cycles, values that exclude each other.

Each rule tells all that it finds, with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ...results import Json, Location
from ...suggest import did_you_mean
from ..node import Node
from ..values import Object, elements, inner, number, objects, text, texts, whole
from .assembly import Assembly
from .problems import Problems
from .rare_rules import RARE_RULES

Found = Iterator[tuple[str, Location]]
_NETWORK_OF = "service:"
_ORIGINS = ("image", "build", "provider")
_TWINS = (
    ("cpus", ("limits", "cpus"), number),
    ("mem_limit", ("limits", "memory"), number),
    ("mem_reservation", ("reservations", "memory"), number),
    ("pids_limit", ("limits", "pids"), number),
)
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "secrets": ("file", "environment"),
    "configs": ("file", "environment", "content"),
}
_FREE_BESIDE_EXTERNAL = ("name", "external")


def check(assembly: Assembly, root: Node, problems: Problems) -> None:
    """Tell everything that does not fit together; where a part is lost, only what what is there says by itself."""
    service_rules = _OF_WHAT_IS_THERE if problems.incomplete else _SERVICE_RULES
    project_rules = (_cycles, _container_names) if problems.incomplete else _PROJECT_RULES
    for name, service in assembly.active.items():
        if not assembly.nodes[name].is_mapping:
            continue
        for rule in service_rules:
            for told, place in rule(name, service, assembly):
                problems.add(told, place)
    for project_rule in project_rules:
        for told, place in project_rule(assembly, root):
            problems.add(told, place)


def _place(node: Node, *path: str) -> Location:
    """Return the place of the deepest known part of a path below a node; the last part may be an element of a list."""
    place = node.location
    for name in path:
        key, below = node.key(name), node.get(name)
        if key is None or below is None:
            return next((element.location for element in node.elements if _names(element, name)), place)
        node, place = below, key.location
    return place


def _names(element: Node, name: str) -> bool:
    """Whether an element of a list is a name, or a mapping or a short form that begins with it."""
    written = element.get("source") or element.get("target") if element.is_mapping else element
    return written is not None and name in (written.text, written.text.partition(":")[0])


def _image_or_build(name: str, service: Object, assembly: Assembly) -> Found:
    if any(key in service for key in _ORIGINS):
        return
    node = assembly.nodes[name]
    # What was meant as one of them is told as what it is.
    misspelt = any(key.text not in service and did_you_mean(key.text, _ORIGINS) for key, _ in node.entries)
    if not misspelt or any(value.text == "" for key, value in node.entries if key.text == "image"):
        yield f"Service {name} has neither `image` nor `build`.", assembly.places[name]


def _networks(name: str, service: Object, assembly: Assembly) -> Found:
    node, declared = assembly.nodes[name], assembly.resources["networks"]
    for network in inner(service, "networks"):
        if network not in declared:
            yield _undefined(name, "network", network, declared), _place(node, "networks", network)
    if service.get("network_mode") and service.get("networks"):
        yield f"Service {name} has both `network_mode` and `networks`.", _place(node, "network_mode")


def _undefined(name: str, kind: str, used: str, declared: Mapping[str, Json]) -> str:
    hint = did_you_mean(used, declared)
    return f"Service {name} uses the {kind} {used!r}, which no file declares{hint or '.'}"


def _volumes(name: str, service: Object, assembly: Assembly) -> Found:
    declared, node = assembly.resources["volumes"], assembly.nodes[name]
    for mount in objects(service, "volumes"):
        source = text(mount, "source")
        if mount.get("type") == "volume" and source and source not in declared:
            yield _undefined(name, "volume", source, declared), _place(node, "volumes", source)
    taken = {str(mount.get("target")) for mount in objects(service, "volumes")}
    for entry in texts(service, "tmpfs"):
        if entry.partition(":")[0] in taken:
            told = f"Service {name} mounts both a volume and a tmpfs on {entry.partition(':')[0]}."
            yield told, _place(node, "tmpfs")


def _mounted(name: str, service: Object, assembly: Assembly) -> Found:
    node = assembly.nodes[name]
    for section, kind in (("secrets", "secret"), ("configs", "config")):
        declared = assembly.resources[section]
        for mounted in objects(service, section):
            used = text(mounted, "source") or ""
            if used not in declared:
                yield _undefined(name, kind, used, declared), _place(node, section, used)
    for mounted in objects(inner(service, "build"), "secrets"):
        used = text(mounted, "source") or ""
        if used not in assembly.resources["secrets"]:
            told = _undefined(name, "build secret", used, assembly.resources["secrets"])
            yield told, _place(node, "build", "secrets", used)


def _dependencies(name: str, service: Object, assembly: Assembly) -> Found:
    node = assembly.nodes[name]
    for needed, how in inner(service, "depends_on").items():
        if needed in assembly.active or (isinstance(how, dict) and how.get("required") is False):
            continue
        place = _place(node, "depends_on", needed)
        if place == _place(node, "depends_on"):
            place = _mention(node, needed)
        if needed in assembly.services:
            told = ", ".join(texts(assembly.services[needed], "profiles"))
            yield f"Service {name} needs {needed}, which belongs to profiles that are not active ({told}).", place
        else:
            yield (
                f"Service {name} needs {needed!r}, which is no service{did_you_mean(needed, assembly.services) or '.'}",
                place,
            )


def _mention(node: Node, needed: str) -> Location:
    """Return where a service is named outside ``depends_on``."""
    for key in ("links", "volumes_from"):
        place = _place(node, key, needed)
        if place not in (node.location, _place(node, key)):
            return place
    for joined, value in node.entries:
        if value.text == f"{_NETWORK_OF}{needed}":
            return joined.location
    return node.location


def _twins(name: str, service: Object, assembly: Assembly) -> Found:
    node, resources = assembly.nodes[name], inner(service, "deploy", "resources")
    for key, path, read in _TWINS:
        own, other = read(service, key), read(inner(resources, path[0]), path[1])
        if other is None and path[0] in resources:
            other = 0  # where the section stands, Compose compares with what is not in it
        if own is not None and other is not None and own != other:
            told = f"Service {name} must have one value in `{key}` and `deploy.resources.{'.'.join(path)}`."
            yield told, _place(node, key)


def _scale(name: str, service: Object, assembly: Assembly) -> Found:
    node = assembly.nodes[name]
    scale, replicas = whole(service, "scale"), whole(inner(service, "deploy"), "replicas")
    if scale is not None and replicas is not None and scale != replicas:
        yield (
            f"Service {name} has scale {scale} and deploy.replicas {replicas}: expected one of them.",
            _place(node, "scale"),
        )
    count = scale if scale is not None else replicas
    if "container_name" in service and count is not None and count > 1:
        told = f"Service {name} has {count} replicas and one container name, which only one of them can have."
        yield told, _place(node, "container_name")


def _build(name: str, service: Object, assembly: Assembly) -> Found:
    node, build = assembly.nodes[name], inner(service, "build")
    if "dockerfile_inline" in build and "dockerfile" in build:
        yield (
            f"Service {name} has both `dockerfile` and `dockerfile_inline`.",
            _place(node, "build", "dockerfile_inline"),
        )
    platform, platforms = text(service, "platform"), elements(build, "platforms")
    if platform and platforms and platform not in platforms:
        yield f"Service {name} runs on {platform}, which `build.platforms` does not name.", _place(node, "platform")


_OF_WHAT_IS_THERE: tuple[Callable[[str, Object, Assembly], Found], ...] = (_twins, _scale, _build)
_SERVICE_RULES = (_image_or_build, _networks, _volumes, _mounted, _dependencies, *_OF_WHAT_IS_THERE, *RARE_RULES)


def _cycles(assembly: Assembly, root: Node) -> Found:  # noqa: ARG001  (the signature of a rule)
    """Tell each cycle of dependencies once."""
    done: set[str] = set()
    for name in sorted(assembly.active):
        cycle = _cycle_from(name, assembly, done)
        if cycle:
            told = f"Services need each other in a circle: {' -> '.join((*cycle, cycle[0]))}."
            yield told, _place(assembly.nodes[cycle[0]], "depends_on", cycle[1 % len(cycle)])


def _cycle_from(first: str, assembly: Assembly, done: set[str]) -> tuple[str, ...]:
    """Return a cycle that is reached from a service; ``done`` are services that lead to none that was not told."""
    path: dict[str, None] = {}
    pending: list[tuple[str, Iterator[str]]] = []

    def enter(name: str) -> None:
        done.add(name)
        path[name] = None
        pending.append((name, iter(inner(assembly.active.get(name, {}), "depends_on"))))

    if first not in done:
        enter(first)
    while pending:
        needed = next(pending[-1][1], None)
        if needed is None:
            pending.pop()
            path.popitem()
        elif needed in path:
            return tuple(path)[tuple(path).index(needed) :]
        elif needed not in done and needed in assembly.active:
            enter(needed)
    return ()


def _container_names(assembly: Assembly, root: Node) -> Found:  # noqa: ARG001
    owners: dict[str, str] = {}
    for name, service in assembly.active.items():
        wanted = text(service, "container_name")
        if wanted and owners.setdefault(wanted, name) != name:
            told = f"Services {owners[wanted]} and {name} have one container name, {wanted!r}."
            yield told, _place(assembly.nodes[name], "container_name")


def _external(assembly: Assembly, root: Node) -> Found:
    """Compose refuses that of volumes alone."""
    volumes = assembly.resources["volumes"]
    for key in volumes:
        entry = inner(volumes, key)
        beside = [name for name in entry if name not in _FREE_BESIDE_EXTERNAL and entry[name]]
        if entry.get("external") is True and beside:
            told = f"Volume {key} is external, so that `{beside[0]}` has no meaning for it."
            yield told, _place(root, "volumes", key, beside[0])


def _sources(assembly: Assembly, root: Node) -> Found:
    for section, allowed in _SOURCES.items():
        for key in assembly.resources.get(section, {}):
            entry = inner(assembly.resources[section], key)
            given = [name for name in allowed if name in entry]
            if entry.get("external") is not True and len(given) != 1 and "driver" not in entry:
                told = f"{section[:-1].capitalize()} {key} needs exactly one of {', '.join(allowed)}, but has {', '.join(given) or 'none'}."
                yield told, _place(root, section, key)


_PROJECT_RULES = (_cycles, _container_names, _external, _sources)
