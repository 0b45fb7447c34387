"""Turns what ``inspect`` says of a container into a typed ``ContainerState``; pure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from .state import ContainerState, HealthRun, PublishedPort

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"
ONE_OFF_LABEL = "com.docker.compose.oneoff"

_NANOSECONDS = 1e9
_DEFAULT_PROBE_S = 30.0
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")
_NEVER = 1
_SHELL = ("/bin/sh", "-c")


def parse_time(text: str | None) -> datetime.datetime | None:
    """Return an engine's RFC 3339 time with nanoseconds as an aware time; ``None`` for its zero time or no time."""
    match = _TIME.fullmatch(text or "")
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    micros = (fraction or "").ljust(6, "0")[:6]
    time = datetime.datetime.fromisoformat(f"{day}T{clock}.{micros}{'+00:00' if zone == 'Z' else zone}")
    return None if time.year == _NEVER else time


def container_state(inspect: Mapping[str, Any]) -> ContainerState:
    """Return the state of one container from the mapping that ``GET /containers/ID/json`` gives (API 1.41 to 1.51)."""
    state, config, host = inspect["State"], inspect["Config"], inspect.get("HostConfig") or {}
    labels = config.get("Labels") or {}
    networks = (inspect.get("NetworkSettings") or {}).get("Networks") or {}
    mounts = inspect.get("Mounts") or ()
    return ContainerState(
        id=inspect["Id"],
        name=inspect["Name"].lstrip("/"),
        service=labels.get(SERVICE_LABEL, ""),
        number=int(labels.get(NUMBER_LABEL) or 1),
        status=state["Status"],
        running=bool(state["Running"]),
        paused=bool(state["Paused"]),
        restarting=bool(state["Restarting"]),
        oom_killed=bool(state["OOMKilled"]),
        exit_code=int(state["ExitCode"]),
        error=state.get("Error") or "",
        restart_count=int(inspect.get("RestartCount") or 0),
        created_at=parse_time(inspect.get("Created")),
        started_at=parse_time(state.get("StartedAt")),
        finished_at=parse_time(state.get("FinishedAt")),
        shell=tuple(config.get("Shell") or _SHELL),
        pid=int(state.get("Pid") or 0),
        image=config.get("Image") or "",
        image_id=inspect.get("Image") or "",
        user=config.get("User") or "",
        tty=bool(config.get("Tty")),
        network_mode=host.get("NetworkMode") or "",
        memory_limit=int(host.get("Memory") or 0),
        nano_cpus=_nano_cpus(host),
        bound_cpus=_bound_cpus(str(host.get("CpusetCpus") or "")),
        pids_limit=max(0, int(host.get("PidsLimit") or 0)),
        addresses=MappingProxyType({name: _address(net) for name, net in networks.items() if _address(net)}),
        further_addresses=_values(networks, "GlobalIPv6Address"),
        gateways=_values(networks, "Gateway"),
        ports=_ports(inspect),
        exposed=tuple(sorted(_port(text) for text in config.get("ExposedPorts") or ())),
        binds=tuple((mount["Source"], bool(mount["RW"])) for mount in mounts if mount["Type"] == "bind"),
        **_health(state, config),
    )


def _health(state: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields about the engine's healthcheck."""
    health, check = state.get("Health") or {}, config.get("Healthcheck") or {}
    status = health.get("Status")
    return {
        "health": None if status in (None, "", "none") else status,
        "health_runs": tuple(_health_run(run) for run in health.get("Log") or ()),
        "health_test": tuple(check.get("Test") or ()),
        "health_interval_s": (check.get("Interval") or 0) / _NANOSECONDS or _DEFAULT_PROBE_S,
        "health_timeout_s": (check.get("Timeout") or 0) / _NANOSECONDS or _DEFAULT_PROBE_S,
    }


def _health_run(run: Mapping[str, Any]) -> HealthRun:
    start, end = parse_time(run.get("Start")), parse_time(run.get("End"))
    duration = (end - start).total_seconds() if start and end else 0.0
    return HealthRun(start, duration, int(run["ExitCode"]), run.get("Output") or "")


def _address(network: Mapping[str, Any]) -> str:
    return str(network.get("IPAddress") or network.get("GlobalIPv6Address") or "")


def _values(networks: Mapping[str, Mapping[str, Any]], key: str) -> tuple[str, ...]:
    return tuple(str(network[key]) for network in networks.values() if network.get(key))


def _nano_cpus(host: Mapping[str, Any]) -> int:
    """Return the CPU limit; Compose's ``cpu_quota`` and ``cpu_period`` mean the same as ``cpus``."""
    quota = int(host.get("CpuQuota") or 0)
    if host.get("NanoCpus") or quota <= 0:
        return int(host.get("NanoCpus") or 0)
    return quota * 1_000_000_000 // int(host.get("CpuPeriod") or 100_000)


def _bound_cpus(cpuset: str) -> int:
    """Return how many processors ``0-2,5`` names; the engine has refused what is no such list."""
    ends = [part.split("-") for part in cpuset.split(",") if part]
    return sum(int(end[-1]) - int(end[0]) + 1 for end in ends)


def _port(text: str) -> tuple[int, str]:
    number, _, protocol = text.partition("/")
    return int(number), protocol or "tcp"


def _ports(inspect: Mapping[str, Any]) -> tuple[PublishedPort, ...]:
    """Return where each published port is bound on the engine's host."""
    bindings = (inspect.get("NetworkSettings") or {}).get("Ports") or {}
    return tuple(
        PublishedPort(*_port(text), host_ip=binding.get("HostIp") or "", host_port=int(binding["HostPort"]))
        for text, entries in sorted(bindings.items())
        for binding in entries or ()
        if binding.get("HostPort")
    )
