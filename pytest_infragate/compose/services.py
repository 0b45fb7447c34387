"""Turns one service of Compose's resolved model into a ``Service`` with places."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from ..results import Location
from .model import Build, Dependency, Healthcheck, Mount, NetworkUse, Port, Service
from .node import Node
from .places import ServicePlaces, with_env_files
from .values import (
    Object,
    elements,
    flag,
    inner,
    number,
    objects,
    pairs,
    seconds,
    size,
    text,
    texts,
    whole,
)

_RESTART_WORDS = {"none": "no", "any": "always", "on-failure": "on-failure"}


def build_service(name: str, value: Object, place: ServicePlaces) -> Service:
    """Return the service that Compose's JSON describes."""
    environment = pairs(value, "environment")
    keys = with_env_files(place.keys, environment)
    limits, reservations = (inner(value, "deploy", "resources", part) for part in ("limits", "reservations"))
    return Service(
        name=name,
        location=place.location,
        image=text(value, "image"),
        build=_build(value, place),
        command=texts(value, "command"),
        entrypoint=texts(value, "entrypoint"),
        environment=MappingProxyType(environment),
        labels=MappingProxyType(pairs(value, "labels")),
        depends_on=_dependencies(value, place),
        ports=tuple(_port(port, place) for port in objects(value, "ports")),
        expose=_exposed(value, ("", "tcp")),
        expose_udp=_exposed(value, ("udp",)),
        healthcheck=_healthcheck(value, place),
        networks=_networks(value),
        network_mode=text(value, "network_mode"),
        restart=_restart(value),
        replicas=_replicas(value),
        memory_limit=size(value, "mem_limit") or size(limits, "memory"),
        memory_reservation=size(value, "mem_reservation") or size(reservations, "memory"),
        cpus=number(value, "cpus") or number(limits, "cpus"),
        pids_limit=whole(value, "pids_limit") or whole(limits, "pids"),
        container_name=text(value, "container_name"),
        hostname=text(value, "hostname"),
        user=text(value, "user"),
        privileged=flag(value, "privileged"),
        read_only=flag(value, "read_only"),
        cap_add=texts(value, "cap_add"),
        mounts=_mounts(value, place),
        secrets=_sources(value, "secrets"),
        configs=_sources(value, "configs"),
        links=texts(value, "links"),
        extra_hosts=texts(value, "extra_hosts"),
        profiles=texts(value, "profiles"),
        places=MappingProxyType(keys),
        resolved=value,
    )


def _at(place: ServicePlaces, *path: str) -> Location:
    """Return where a key was written, else the service."""
    return place.keys.get(path) or place.keys.get(path[:1]) or place.location


def _build(value: Object, place: ServicePlaces) -> Build | None:
    build = inner(value, "build")
    context = text(build, "context")
    if context is None:
        return None
    return Build(context, text(build, "dockerfile"), text(build, "dockerfile_inline") is not None, _at(place, "build"))


def _dependencies(value: Object, place: ServicePlaces) -> tuple[Dependency, ...]:
    needed = inner(value, "depends_on")
    return tuple(
        Dependency(
            name,
            text(inner(needed, name), "condition") or "service_started",
            inner(needed, name).get("required") is not False,
            _at(place, "depends_on", name),
        )
        for name in sorted(needed)
    )


def _port(port: Object, place: ServicePlaces) -> Port:
    target, published = whole(port, "target") or 0, text(port, "published")
    protocol = text(port, "protocol") or "tcp"
    element = _port_element(place.elements.get("ports", ()), target, published, protocol)
    location = element.location if element else _at(place, "ports")
    return Port(target, published, text(port, "host_ip"), protocol, location)


def _port_element(written: Sequence[Node], target: int, published: str | None, protocol: str) -> Node | None:
    """Return the list element that publishes a port; of several the one that names its host port, else the first."""
    found = [element for element in written if _names_port(element, target, protocol)]
    for element in found:
        host = element.get("published")
        written_host = host.text if host else element.text.rpartition(":")[0]
        if published in written_host.split(":"):
            return element
    return found[0] if found else None


def _names_port(element: Node, target: int, protocol: str) -> bool:
    """Whether ``8080:80``, ``127.0.0.1:8000-8002:80-82/udp`` or the long form has this container port."""
    long_target, long_protocol = element.get("target"), element.get("protocol")
    written = long_target.text if long_target else element.text
    port, _, suffix = written.rpartition(":")[2].partition("/")
    spoken = long_protocol.text if long_protocol else suffix or "tcp"
    first, _, last = port.partition("-")
    if spoken != protocol or not first.isdigit():
        return False
    return int(first) <= target <= int(last if last.isdigit() else first)


def _exposed(value: Object, protocols: tuple[str, ...]) -> tuple[int, ...]:
    """``3000``, ``4000-4002``, ``53/udp``; ports of other protocols are left out."""
    ports: list[int] = []
    for entry in elements(value, "expose"):
        port, _, protocol = str(entry).partition("/")
        first, _, last = port.partition("-")
        if protocol in protocols and first.isdigit():
            ports.extend(range(int(first), int(last if last.isdigit() else first) + 1))
    return tuple(ports)


def _healthcheck(value: Object, place: ServicePlaces) -> Healthcheck | None:
    if "healthcheck" not in value:
        return None
    check = inner(value, "healthcheck")
    test = texts(check, "test")
    return Healthcheck(
        test=test,
        disabled=flag(check, "disable") or test[:1] == ("NONE",),
        interval_s=seconds(check, "interval"),
        timeout_s=seconds(check, "timeout"),
        retries=whole(check, "retries"),
        start_period_s=seconds(check, "start_period"),
        location=_at(place, "healthcheck", "test"),
    )


def _networks(value: Object) -> tuple[NetworkUse, ...]:
    uses = inner(value, "networks")
    return tuple(
        NetworkUse(
            key,
            texts(inner(uses, key), "aliases"),
            text(inner(uses, key), "ipv4_address"),
            text(inner(uses, key), "ipv6_address"),
        )
        for key in sorted(uses)
    )


def _restart(value: Object) -> str | None:
    """``restart`` as written, else what ``deploy.restart_policy`` means in its words."""
    policy = inner(value, "deploy", "restart_policy")
    if value.get("restart") or not policy:
        return text(value, "restart")
    word = _RESTART_WORDS.get(text(policy, "condition") or "any", "always")
    attempts = whole(policy, "max_attempts")
    return f"{word}:{attempts}" if attempts and word == "on-failure" else word


def _replicas(value: Object) -> int:
    written = [
        count for count in (whole(value, "scale"), whole(inner(value, "deploy"), "replicas")) if count is not None
    ]
    return written[0] if written else 1


def _mounts(value: Object, place: ServicePlaces) -> tuple[Mount, ...]:
    mounts = [_mount(volume, place) for volume in objects(value, "volumes")]
    memory = [Mount("tmpfs", entry.partition(":")[0], location=_at(place, "tmpfs")) for entry in texts(value, "tmpfs")]
    return (*mounts, *memory)


def _mount(volume: Object, place: ServicePlaces) -> Mount:
    target = text(volume, "target") or ""
    creates = flag(inner(volume, "bind"), "create_host_path") or "bind" not in volume
    return Mount(
        kind=text(volume, "type") or "volume",
        target=target,
        source=text(volume, "source"),
        read_only=flag(volume, "read_only"),
        create_host_path=creates,
        location=_mount_location(target, place),
    )


def _mount_location(target: str, place: ServicePlaces) -> Location:
    for element in place.elements.get("volumes", ()):
        long_target = element.get("target")
        if target in ((long_target.text,) if long_target else element.text.split(":")):
            return element.location
    return _at(place, "volumes")


def _sources(value: Object, key: str) -> tuple[str, ...]:
    return tuple(source for entry in objects(value, key) if (source := text(entry, "source")))
