"""Clears what a killed daemon left behind: a pid file or socket that would keep the next daemon from starting."""

from __future__ import annotations

import socket
from pathlib import Path

from engine_setup.telling import say

RUN = Path("/var/run")
PROC = Path("/proc")
CONNECT_SECONDS = 2.0


def clear_leftovers(run: Path = RUN, proc: Path = PROC) -> list[Path]:
    """Remove stale pid files and sockets of dockerd and of its containerd below ``run``; return what was removed.

    A pid file is stale when its process is gone or is another program (dockerd itself only looks whether the pid is
    in use, and then refuses to start). A socket is stale when nobody listens on it.
    """
    containerd = run / "docker" / "containerd"
    stale = [
        *_stale_pid_files(run / "docker.pid", "dockerd", proc),
        *_stale_pid_files(containerd / "containerd.pid", "containerd", proc),
        *(path for path in (run / "docker.sock", *sorted(containerd.glob("*.sock*"))) if is_dead_socket(path)),
    ]
    for path in stale:
        say(f"removing {path}, left by a daemon that is gone")
        path.unlink(missing_ok=True)
    return stale


def running_daemon(run: Path = RUN, proc: Path = PROC) -> int | None:
    """Return the pid of the live dockerd that the pid file names, None when there is none."""
    pid = _read_pid(run / "docker.pid")
    return pid if pid is not None and _program(pid, proc) == "dockerd" else None


def is_live_socket(path: Path) -> bool:
    """Return whether somebody listens on the Unix socket ``path``."""
    return path.is_socket() and _connect_error(path) is None


def is_dead_socket(path: Path) -> bool:
    """Return whether ``path`` is a Unix socket that refuses connections."""
    return path.is_socket() and isinstance(_connect_error(path), ConnectionRefusedError)


def is_forbidden_socket(path: Path) -> bool:
    """Return whether this user may not use the Unix socket ``path``."""
    return isinstance(_connect_error(path), PermissionError)


def _connect_error(path: Path) -> OSError | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(CONNECT_SECONDS)
        try:
            probe.connect(str(path))
        except OSError as refusal:
            return refusal
    return None


def _stale_pid_files(path: Path, program: str, proc: Path) -> list[Path]:
    if not path.is_file():
        return []
    pid = _read_pid(path)
    return [] if pid is not None and _program(pid, proc) == program else [path]


def _read_pid(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _program(pid: int, proc: Path) -> str:
    try:
        return (proc / str(pid) / "comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
