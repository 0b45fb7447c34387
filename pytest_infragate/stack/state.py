"""What the engine says of the containers of a project, as typed values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class HealthRun:
    """One run of the engine's healthcheck, as kept in ``State.Health.Log`` (the engine keeps the last five)."""

    start: datetime.datetime | None
    duration_s: float
    exit_code: int
    output: str


@dataclass(frozen=True)
class PublishedPort:
    """Where the engine published a container port on the host."""

    target: int
    protocol: str
    host_ip: str
    host_port: int


@dataclass(frozen=True)
class ContainerState:
    """One container of the project, as ``inspect`` gives it; times are aware, ``None`` where the engine has none."""

    id: str
    name: str
    service: str
    number: int
    status: str
    """``created running paused restarting removing exited dead``"""
    running: bool
    paused: bool
    restarting: bool
    oom_killed: bool
    exit_code: int
    error: str
    restart_count: int
    created_at: datetime.datetime | None
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None
    health: str | None
    """``starting healthy unhealthy``, or ``None`` without a healthcheck (compose file or image)."""
    health_runs: tuple[HealthRun, ...] = ()
    health_test: tuple[str, ...] = ()
    health_interval_s: float = 30.0
    health_timeout_s: float = 30.0
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    """What the engine runs a healthcheck of form ``CMD-SHELL`` with."""
    pid: int = 0
    """The main process as the engine's machine numbers it; 0 when there is none."""
    image: str = ""
    image_id: str = ""
    user: str = ""
    memory_limit: int = 0
    """Bytes; 0 where there is none."""
    nano_cpus: int = 0
    bound_cpus: int = 0
    """How many processors it may use (``cpuset``); 0 where that is all."""
    pids_limit: int = 0
    network_mode: str = ""
    tty: bool = False
    """Whether it writes to a terminal, so that its log has no frames."""
    addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """IP address by network name; an IPv6 one where there is no other."""
    further_addresses: tuple[str, ...] = ()
    """The IPv6 addresses beside them."""
    gateways: tuple[str, ...] = ()
    """Where it reaches the engine's host on its networks."""
    ports: tuple[PublishedPort, ...] = ()
    exposed: tuple[tuple[int, str], ...] = ()
    """Ports that image or file expose, with protocol."""
    binds: tuple[tuple[str, bool], ...] = ()
    """Host paths bound, each with whether it is writable."""

    @property
    def every_address(self) -> frozenset[str]:
        """All IP addresses that it has on its networks."""
        return frozenset((*self.addresses.values(), *self.further_addresses))
