"""A small process that outlives the run, and removes what is left when the run died without taking its stack down.

It is told on its standard input which programs run (``starting MARK``, ``begun MARK PID``, ``ended PID``), and ``bye`` when
the owner of the stack has removed everything itself. Started by ``custody``; everything heavy is imported only when there is something to do.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from pathlib import Path

from .. import identity, private_folder
from ..identity import Identity
from ..process import MARK

_PROC = Path("/proc")
BYE = "bye"
STARTING = "starting"
BEGUN = "begun"
ENDED = "ended"
REAP_S = 60.0
"""How long it goes on looking for what is left; after that the sweep of the next run removes it."""
_LOOK_S = 1.0
"""How often it looks whether the owner lives: a forked child of it may hold the other end of the input."""
_TICK_S = 0.05
_GRACE_S = 2.0
"""From SIGTERM to SIGKILL for programs of the dead owner."""
_STARTING_S = 1.0
"""How long a program that the owner was just starting is looked for."""
_RETRY_S = 1.0
_CALM, _CALM_AFTER_PROGRAMS = 2, 12
"""Looks that must find nothing; more where a program was ended whose last requests the engine may still carry out."""


class Programs:
    """The programs that the owner has told of and that run, with the time at which each started.

    Only what bears the mark of its start in its environment is taken up, and only a group that it leads is signalled. An
    owner that is killed while it starts a program has told the mark alone.
    """

    def __init__(self) -> None:
        self._running: dict[int, str] = {}
        self._starting: set[str] = set()

    def hear(self, line: str) -> None:
        """Take note of a line; others than those of programs are passed over."""
        match line.split():
            case [word, mark] if word == STARTING:
                self._starting.add(mark)
            case [word, mark, number] if word == BEGUN and number.isdigit():
                self._starting.discard(mark)
                self._take_up(int(number), mark)
            case [word, number] if word == ENDED and number.isdigit():
                self._running.pop(int(number), None)

    def end(self) -> bool:
        """End the process groups that still run, and return whether there were any; a PID given again is not touched."""
        self._find_marked()
        found = self._alive()
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_S
        while self._alive() and time.monotonic() < deadline:
            time.sleep(_TICK_S)
        self._signal(signal.SIGKILL)
        return bool(found)

    def _find_marked(self) -> None:
        """Find what was being started when the owner died; it takes a moment until a program has its environment."""
        deadline = time.monotonic() + _STARTING_S
        while self._starting and time.monotonic() < deadline:
            if any(self._take_up(pid, mark) for pid in _all_pids() for mark in self._starting):
                return
            time.sleep(_TICK_S)

    def _take_up(self, pid: int, mark: str) -> bool:
        """Take up a process that bears the mark; where there is no ``/proc``, what the owner says is believed."""
        bears_it = not _PROC.is_dir() or f"{MARK}={mark}".encode() in _environment(pid)
        if bears_it and pid > 1:
            self._running[pid] = identity.start_time(pid) or ""
        return bears_it

    def _alive(self) -> list[int]:
        return [pid for pid, started in self._running.items() if started and identity.start_time(pid) == started]

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if os.getpgid(pid) == pid:
                    os.killpg(pid, number)


def main(owner_text: str, folder: str) -> None:
    """Wait for the end of the owner and end what it left running; without a goodbye, remove its stack and its folder."""
    _ignore_signals()
    owner = Identity.read(owner_text)
    programs = Programs()
    if owner is None:
        return
    goodbye = _hears_goodbye(owner, programs)
    ended = programs.end()
    if goodbye:
        return
    _reap(owner, _CALM_AFTER_PROGRAMS if ended else _CALM)
    if folder:
        private_folder.clear(Path(folder))


def _all_pids() -> list[int]:
    """Return the PIDs that this process can see, none where there is no ``/proc``; the first of a group comes first."""
    return sorted(int(path.name) for path in _PROC.iterdir() if path.name.isdigit()) if _PROC.is_dir() else []


def _environment(pid: int) -> list[bytes]:
    """Return the environment with which a process was started, nothing where that is hidden."""
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _ignore_signals() -> None:
    """Outlive what is meant for the run: a supervisor may send it to every process that the run started."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _hears_goodbye(owner: Identity, programs: Programs) -> bool:
    """Return ``True`` when the owner says goodbye, ``False`` when it has died without; its last words are waited for."""
    rest, listening, dead = "", True, False
    while True:
        ready = listening and select.select([sys.stdin], [], [], 0 if dead else _LOOK_S)[0]
        data = os.read(sys.stdin.fileno(), 65536).decode() if ready else ""
        listening = listening and not (ready and not data)
        *lines, rest = (rest + data).split("\n")
        for line in lines:
            programs.hear(line)
        if BYE in lines:
            return True
        if dead and not data:
            return False
        dead = dead or identity.start_time(owner.pid) not in (owner.started, "")
        if not listening:
            time.sleep(_TICK_S)


def _reap(owner: Identity, calm: int) -> None:
    """Remove what the owner left on the engine; an engine that does not answer is asked again, it may be restarting."""
    from ..errors import InfragateError

    until = time.monotonic() + REAP_S
    while time.monotonic() < until:
        try:
            if _cleared(owner, until, calm):
                return
        except InfragateError:
            time.sleep(_RETRY_S)


def _cleared(owner: Identity, until: float, calm: int) -> bool:
    """Return whether nothing of the owner is left. Raises ``EngineError``."""
    from ..stack.claim import claims
    from ..stack.engine import Engine
    from ..stack.sweep import clear, remove_helpers

    with contextlib.closing(Engine.connect(os.environ)) as engine:
        done = [clear(engine, claim, until=until, calm=calm).done for claim in claims(engine) if claim.owner == owner]
        remove_helpers(engine, owner)
    return all(done)
