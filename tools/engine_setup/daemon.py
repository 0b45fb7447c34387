"""Starts the engine's daemon in the background and waits for it. A daemon that runs is never touched."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from engine_setup.client import engine_version
from engine_setup.command import attempt, last_lines
from engine_setup.leftovers import clear_leftovers, running_daemon
from engine_setup.telling import MissingError, say

START_SECONDS = 90.0
POLL_SECONDS = 0.3
SYSTEMD = Path("/run/systemd/system")


def start_daemon(state: Path) -> None:
    """Start the daemon and wait until it answers; raise `MissingError` with its last words if it does not.

    ``state`` is the folder of its log. A daemon that already runs (still starting, or started by somebody else) is
    waited for and left alone.
    """
    pid = running_daemon()
    if pid is not None:
        say(f"waiting for the daemon that already runs (pid {pid})")
        _wait_for_foreign(pid)
        return
    clear_leftovers()
    if SYSTEMD.is_dir():
        say("starting the Docker daemon (systemctl start docker)")
        _wait_for_systemd()
        return
    log = state / "dockerd.log"
    say(f"starting the Docker daemon in the background, log: {log}")
    _wait_for_own(spawn(["dockerd"], log), log)


def spawn(argv: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a program that outlives this one: a session of its own, nothing inherited, output to ``log``."""
    with log.open("wb") as sink:
        return subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd="/", start_new_session=True
        )


def _wait_for_own(process: subprocess.Popen[bytes], log: Path) -> None:
    if _answers(process):
        return
    ended = "does not answer" if process.poll() is None else f"ended with {process.returncode}"
    tail = last_lines(log.read_text(encoding="utf-8", errors="replace"))
    raise MissingError(
        f"The Docker daemon was started but {ended}. Its last lines:\n{tail}",
        f"The whole log is {log}; repair what it names and run this again.",
    )


def _wait_for_foreign(pid: int) -> None:
    if not _answers():
        raise MissingError(
            f"A Docker daemon runs (pid {pid}) but has not answered for {START_SECONDS:.0f} s. It is left alone.",
            "Look into its log, repair or restart it, and run this again.",
        )


def _wait_for_systemd() -> None:
    started = attempt(["systemctl", "start", "docker"], seconds=START_SECONDS)
    if not _answers():
        raise MissingError(
            f"`systemctl start docker` ended with {started.code}, and no engine answers.\n{last_lines(started.output)}",
            "`journalctl -u docker` has the reason.",
        )


def _answers(process: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait until the engine answers; give up at the deadline or when ``process``, its daemon, ended."""
    deadline = time.monotonic() + START_SECONDS
    while not engine_version():
        if time.monotonic() > deadline or (process is not None and process.poll() is not None):
            return False
        time.sleep(POLL_SECONDS)
    return True
