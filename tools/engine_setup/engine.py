"""Finds the engine, or gets the distribution's where that is allowed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from engine_setup import apt
from engine_setup.client import ask_engine, endpoint, engine_version
from engine_setup.command import last_lines
from engine_setup.daemon import start_daemon
from engine_setup.leftovers import RUN, is_forbidden_socket, is_live_socket
from engine_setup.machine import HOW_TO_GET_DOCKER, Machine
from engine_setup.telling import MissingError, say

DEFAULT_ENDPOINTS = frozenset({"", "unix:///var/run/docker.sock", "unix:///run/docker.sock"})
OWN_ENGINE = "engine-is-ours"


def ensure_engine(machine: Machine) -> str:
    """Return the version of a working engine; install and start one where there is none and that is allowed."""
    version = engine_version()
    if version:
        return version
    _refuse_chosen_engine()
    _refuse_forbidden_engine()
    _refuse_rootless_engine()
    machine.demand_permission(f"No Docker engine answers. The Docker client says:\n{_complaint()}")
    if shutil.which("dockerd") is None or shutil.which("docker") is None:
        _install()
    if not engine_version():
        start_daemon(machine.state)
    (machine.state / OWN_ENGINE).touch()
    return engine_version()


def engine_is_ours(machine: Machine) -> bool:
    """Return whether these tools started the engine: then the machine was bare."""
    return (machine.state / OWN_ENGINE).exists()


def rootless_sockets(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the sockets of a rootless engine that this user may have and that the client's default does not name."""
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return [Path(runtime) / "docker.sock", Path.home() / ".docker" / "run" / "docker.sock"]


def _install() -> None:
    packages = ["docker.io", "iptables"]
    if shutil.which("docker") is None and apt.candidate_version("docker-cli"):
        packages.append("docker-cli")
    say(f"installing the distribution's engine ({' '.join(packages)})")
    apt.install(packages)


def _refuse_chosen_engine() -> None:
    chosen = os.environ.get("DOCKER_HOST") or endpoint()
    if chosen not in DEFAULT_ENDPOINTS:
        raise MissingError(
            f"The engine that DOCKER_HOST or the Docker context names, {chosen}, does not answer:\n{_complaint()}",
            "Start it; or unset DOCKER_HOST and DOCKER_CONTEXT and run `docker context use default`.",
        )


def _refuse_forbidden_engine(path: Path = RUN / "docker.sock") -> None:
    if is_forbidden_socket(path):
        raise MissingError(
            f"There is an engine, but this user may not use its socket {path}.",
            "Add the user to the socket's group (usually `sudo usermod -aG docker $USER`), log in again, and repeat this.",
        )


def _refuse_rootless_engine() -> None:
    live = next((path for path in rootless_sockets() if is_live_socket(path)), None)
    if live is not None:
        raise MissingError(
            f"A rootless engine listens on {live}, but neither DOCKER_HOST nor the Docker context names it.",
            f"Run `export DOCKER_HOST=unix://{live}` and then this again.",
        )


def _complaint() -> str:
    if shutil.which("docker") is None:
        return f"    there is no program `docker` on PATH. {HOW_TO_GET_DOCKER}"
    return last_lines(ask_engine().output, 3)
