"""The Compose project as typed, frozen values that know where they were written.

Short and long Compose syntax end here. What few ask for has no field of its own: it is in ``resolved``, in the one form
to which Compose brings every syntax, and is read with the functions of ``values``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..results import Json, Location


@dataclass(frozen=True)
class Port:
    """One published port; ``published`` is ``None`` when the engine chooses, or a number, or a range as written."""

    target: int
    published: str | None = None
    host_ip: str | None = None
    protocol: str = "tcp"
    location: Location | None = None


@dataclass(frozen=True)
class Mount:
    """One entry of ``volumes``: ``kind`` is ``volume``, ``bind``, ``tmpfs``, …; ``source`` a volume key or a host path."""

    kind: str
    target: str
    source: str | None = None
    read_only: bool = False
    create_host_path: bool = True
    location: Location | None = None


@dataclass(frozen=True)
class Healthcheck:
    """The healthcheck as written in the Compose file; times in seconds, ``None`` where the file says nothing."""

    test: tuple[str, ...] = ()
    disabled: bool = False
    interval_s: float | None = None
    timeout_s: float | None = None
    retries: int | None = None
    start_period_s: float | None = None
    location: Location | None = None


@dataclass(frozen=True)
class Dependency:
    """One entry of ``depends_on`` with its condition as Compose names it (``service_healthy`` …)."""

    service: str
    condition: str = "service_started"
    required: bool = True
    location: Location | None = None


@dataclass(frozen=True)
class Build:
    """The ``build`` section; ``context`` is an absolute path or a URL."""

    context: str
    dockerfile: str | None = None
    inline: bool = False
    location: Location | None = None


@dataclass(frozen=True)
class NetworkUse:
    """A service's membership in one network: its key in the file and the service's aliases there."""

    key: str
    aliases: tuple[str, ...] = ()
    ipv4_address: str | None = None
    ipv6_address: str | None = None


@dataclass(frozen=True)
class Service:
    """One service, resolved as ``docker compose config`` resolves it (interpolated, merged, profiles applied)."""

    name: str
    location: Location
    image: str | None = None
    build: Build | None = None
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    depends_on: tuple[Dependency, ...] = ()
    ports: tuple[Port, ...] = ()
    expose: tuple[int, ...] = ()
    """TCP ports."""
    expose_udp: tuple[int, ...] = ()
    healthcheck: Healthcheck | None = None
    networks: tuple[NetworkUse, ...] = ()
    network_mode: str | None = None
    restart: str | None = None
    replicas: int = 1
    memory_limit: int | None = None
    memory_reservation: int | None = None
    cpus: float | None = None
    pids_limit: int | None = None
    container_name: str | None = None
    hostname: str | None = None
    user: str | None = None
    privileged: bool = False
    read_only: bool = False
    cap_add: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    secrets: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    places: Mapping[tuple[str, ...], Location] = field(default_factory=lambda: MappingProxyType({}))
    """Where keys were written: ``("environment", "DB_HOST")``, ``("ports",)``, ``("image",)`` …"""
    resolved: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """The whole service as Compose resolves it."""

    def place(self, *path: str) -> Location:
        """Return the place of the longest known prefix of ``path``, else that of the service."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return self.location


@dataclass(frozen=True)
class Resource:
    """A top-level network, volume, secret or config; ``name`` is its name on the engine when the file fixes one."""

    key: str
    location: Location
    name: str | None = None
    external: bool = False
    file: str | None = None
    environment: str | None = None
    internal: bool = False
    driver: str | None = None
    subnets: tuple[str, ...] = ()
    """The address ranges that the file fixes for a network, ``10.5.0.0/24``."""
    resolved: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """The whole entry as Compose resolves it."""


@dataclass(frozen=True, eq=False)
class Project:
    """One Compose project: what ``docker compose config`` says of it, with places.

    Two are equal only when they are the same one, so that what is read off a project can be remembered for it.
    """

    name: str
    directory: str
    files: tuple[str, ...]
    services: Mapping[str, Service]
    networks: Mapping[str, Resource]
    volumes: Mapping[str, Resource]
    secrets: Mapping[str, Resource]
    configs: Mapping[str, Resource]
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    known_profiles: tuple[str, ...] = ()
    """Every profile that any service of the files names, active or not."""
    inactive_services: tuple[str, ...] = ()
    """Services of the files that the active profiles leave out."""
    location: Location | None = None
    """The first file, as places name it."""
