"""What this machine is and what may be done to it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine_setup.telling import MissingError

NO_INSTALL = "INFRAGATE_NO_INSTALL"
NO_PULL = "INFRAGATE_NO_PULL"
STATE_DIR = "INFRAGATE_STATE_DIR"
INSTALLABLE = ("debian", "ubuntu")
HOW_TO_GET_DOCKER = (
    "Install Docker Engine 20.10 or newer with the Compose v2 plugin (on a laptop: Docker Desktop; on Debian or Ubuntu, "
    "root may simply run this again and everything is installed), start it, and check it with `docker info` and "
    "`docker compose version`."
)


@dataclass(frozen=True)
class Machine:
    """The facts that decide whether anything may be installed here."""

    distribution: str
    codename: str
    root: bool
    forbidden: bool
    may_pull: bool
    state: Path

    def demand_permission(self, absent: str) -> None:
        """Raise `MissingError` for ``absent`` (a sentence) unless it may be installed on this machine."""
        if self.forbidden:
            raise MissingError(absent, f"{NO_INSTALL} is set, so nothing is installed or started. {HOW_TO_GET_DOCKER}")
        if self.distribution not in INSTALLABLE:
            raise MissingError(
                absent, f"This system ({self.distribution or 'unknown'}) is left alone. {HOW_TO_GET_DOCKER}"
            )
        if not self.root:
            raise MissingError(absent, f"Only root may install it, and this user is not root. {HOW_TO_GET_DOCKER}")


def this_machine(environ: Mapping[str, str] = os.environ, os_release: Path = Path("/etc/os-release")) -> Machine:
    """Return the facts about the machine that this runs on."""
    release = parse_os_release(os_release.read_text(encoding="utf-8")) if os_release.is_file() else {}
    return Machine(
        distribution=release.get("ID", ""),
        codename=release.get("VERSION_CODENAME", ""),
        root=os.geteuid() == 0,
        forbidden=is_set(environ, NO_INSTALL),
        may_pull=not is_set(environ, NO_PULL),
        state=state_folder(environ),
    )


def parse_os_release(text: str) -> dict[str, str]:
    """Parse os-release(5)."""
    pairs = (line.partition("=")[::2] for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def is_set(environ: Mapping[str, str], name: str) -> bool:
    """Return whether a switch is on: set, and neither empty nor 0."""
    return environ.get(name, "") not in {"", "0"}


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder for the lock, the daemon's log and the extra package lists."""
    chosen = environ.get(STATE_DIR)
    if chosen:
        return Path(chosen)
    base = environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "pytest-infragate"
