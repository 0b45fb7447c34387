"""Finds Compose v2, or gets it where that is allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine_setup import apt
from engine_setup.client import ask_compose, compose_version
from engine_setup.command import last_lines
from engine_setup.machine import HOW_TO_GET_DOCKER, Machine
from engine_setup.telling import MissingError, say

# Read by every Docker client on the machine whatever HOME and DOCKER_CONFIG are; the distribution's packages use others.
PLUGINS = Path("/usr/local/lib/docker/cli-plugins")
PLUGIN_NAMES = ("docker-compose-v2", "docker-compose")
NEWER_SUITE = "unstable"


def ensure_compose(machine: Machine) -> str:
    """Return the version of the Compose plugin; install one where there is none and that is allowed."""
    version = compose_version()
    if version:
        return version
    machine.demand_permission("The Docker client has no Compose v2 plugin (`docker compose version` fails).")
    package = _own_package()
    if package:
        say(f"installing the distribution's Compose v2 ({package})")
        apt.install([package])
    else:
        say(f"getting Compose v2 from the suite {NEWER_SUITE} of this machine's own mirror")
        _take_plugin(machine, "docker-compose")
    version = compose_version()
    if not version:
        raise MissingError(
            f"Compose v2 was installed but `docker compose version` fails:\n{last_lines(ask_compose().output)}",
            f"Repair that; what these tools put in place is in {PLUGINS}.",
        )
    return version


def _own_package() -> str:
    """Name the package of the machine's own suites that is Compose v2 (Debian 12's is the dead v1)."""
    return next((name for name in PLUGIN_NAMES if _major(apt.candidate_version(name)) >= 2), "")


def _major(version: str) -> int:
    digits = version.partition(":")[2] or version
    head = digits.partition(".")[0]
    return int(head) if head.isdigit() else 0


def _take_plugin(machine: Machine, package: str) -> None:
    files = apt.unpack_from_suite(machine, NEWER_SUITE, package)
    binary = next((path for path in files.rglob(f"cli-plugins/{package}") if path.is_file()), None)
    if binary is None:
        raise MissingError(
            f"The package {package} of the suite {NEWER_SUITE} holds no Docker client plugin.", HOW_TO_GET_DOCKER
        )
    PLUGINS.mkdir(parents=True, exist_ok=True)
    shutil.copy2(binary, PLUGINS / f".{package}.new")
    (PLUGINS / f".{package}.new").replace(PLUGINS / package)
    shutil.rmtree(files.parent)
