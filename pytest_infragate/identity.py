"""Who a process is, in a form that others can store, and whether it still lives.

A PID alone says little: it is given again, and another container or machine on the same engine has PIDs of its own.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass, fields
from enum import Enum
from pathlib import Path

from .errors import ProcessError
from .process import run

_PROC = Path("/proc")
_MACHINE_ID = Path("/etc/machine-id")
_BOOT_ID = _PROC / "sys/kernel/random/boot_id"
_NAMESPACE = _PROC / "self/ns/pid"
_STATE, _START_TIME = 0, 19
"""Positions in ``/proc/PID/stat`` after the program's name, which may hold spaces and brackets (``man 5 proc``)."""
_ENDED = frozenset("ZXx")
"""States of a process that has ended and was not asked for its exit code yet."""
_RANDOM_ADDRESS = 1 << 40
"""Set in what ``uuid.getnode`` makes up where it finds no hardware address (RFC 4122)."""
_ANSWER_S = 5.0


class Life(Enum):
    """Whether a process lives, as far as it can be proven from here."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Identity:
    """One process: its machine (name and id), the machine's boot, its PID namespace, its PID and when it started.

    ``started`` is in the system's own notation (clock ticks since the boot, or a date) and only good for comparison.
    """

    host: str
    machine: str
    boot: str
    namespace: str
    pid: int
    started: str

    def text(self) -> str:
        """Return the identity as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Identity | None:
        """Return the identity that ``text`` wrote, or ``None`` for anything else."""
        try:
            data = json.loads(text)
            found = {field.name: data[field.name] for field in fields(cls)}
        except (ValueError, TypeError, KeyError):
            return None
        well_formed = all(isinstance(value, int if name == "pid" else str) for name, value in found.items())
        return cls(**found) if well_formed else None


def mine() -> Identity:
    """Return the identity of this process."""
    return of(os.getpid())


def of(pid: int) -> Identity:
    """Return the identity of a process beside this one; ``started`` is empty when it has ended already."""
    return Identity(
        host=socket.gethostname(),
        machine=_machine(),
        boot=_boot(),
        namespace=str(_NAMESPACE.readlink()) if _NAMESPACE.is_symlink() else "",
        pid=pid,
        started=start_time(pid) or "",
    )


def life(process: Identity) -> Life:
    """Return whether a process lives."""
    return judge(process, mine(), start_time(process.pid))


def judge(process: Identity, here: Identity, started: str | None) -> Life:
    """Return whether a process lives, seen from the process ``here``.

    ``started`` is when the process that now has its PID here started, ``None`` where there is none, empty where that
    is hidden. Dead is only what is proven dead: on the same machine after another boot, or in the same PID namespace
    with its PID free or given again. Two machines may bear one name, so another boot proves nothing where the machine
    has no id.
    """
    if (process.host, process.machine) != (here.host, here.machine) or not process.boot or not here.boot:
        return Life.UNKNOWN
    if process.boot != here.boot:
        return Life.DEAD if process.machine else Life.UNKNOWN
    if process.namespace != here.namespace or started == "":
        return Life.UNKNOWN
    return Life.ALIVE if started is not None and started == process.started else Life.DEAD


def start_time(pid: int) -> str | None:
    """Return when a process of this PID namespace started, ``None`` when there is none or it has ended.

    From ``/proc``; where there is none (macOS), from ``ps``. Empty when it lives and its start is hidden, as that of
    another user's process may be (``hidepid``, ``man 5 proc``).
    """
    if not _BOOT_ID.exists():
        return _asked("ps", "-o", "lstart=", "-p", str(pid)) or None
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "" if _there(pid) else None
    return read_stat(text)


def read_stat(text: str) -> str | None:
    """Return the start time in a line of ``/proc/PID/stat``, ``None`` for a process that has ended."""
    words = text.rpartition(")")[2].split()
    return None if words[_STATE] in _ENDED else words[_START_TIME]


def _there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _machine() -> str:
    """Return the machine's id; where it has none on file and no ``/proc``, its hardware address."""
    if _MACHINE_ID.is_file():
        return _MACHINE_ID.read_text(encoding="ascii", errors="replace").strip()
    if _BOOT_ID.exists():
        return ""
    address = uuid.getnode()
    return "" if address & _RANDOM_ADDRESS else f"{address:012x}"


def _boot() -> str:
    """Return what is new with every boot, from ``/proc`` or (macOS) ``sysctl``; empty where neither tells."""
    if _BOOT_ID.exists():
        return _BOOT_ID.read_text(encoding="ascii").strip()
    return _asked("sysctl", "-n", "kern.bootsessionuuid")


def _asked(*argv: str) -> str:
    """Return what a program of the system prints, or nothing when it fails."""
    try:
        done = run(argv, environment={**os.environ, "LC_ALL": "C"}, timeout_s=_ANSWER_S)
    except ProcessError:
        return ""
    return done.stdout.strip() if done.ok else ""
