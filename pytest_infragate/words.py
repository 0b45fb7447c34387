"""What exit codes and states of containers mean, in words."""

from __future__ import annotations

import re
import signal

_SIGNALLED = 128
_KILLED = 137
_MEANINGS = {
    0: "success",
    1: "a general failure",
    2: "a failure, or wrong use of the command",
    125: "the engine could not start the container",
    126: "the program may not be executed",
    127: "the program was not found",
    128: "it was never started",
    255: "a failure without a code of its own",
}
_SIGNALS = {
    signal.SIGHUP: "hung up",
    signal.SIGINT: "interrupted",
    signal.SIGQUIT: "quit with a core dump",
    signal.SIGILL: "an illegal instruction",
    signal.SIGABRT: "it aborted itself",
    signal.SIGBUS: "a bus error",
    signal.SIGFPE: "an arithmetic error",
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "a memory access violation",
    signal.SIGPIPE: "a broken pipe",
    signal.SIGTERM: "asked to end",
}
_STATES = {
    "created": "was created but never started",
    "running": "is running",
    "paused": "is paused",
    "restarting": "keeps being restarted",
    "removing": "is being removed",
    "exited": "has ended",
    "dead": "is dead: the engine could not remove it",
}


def exit_code(code: int, *, oom_killed: bool = False) -> str:
    """Return an exit code with its meaning: ``exit code 137 (killed: out of memory)``."""
    if oom_killed:
        return f"exit code {code} ({'killed: ' if code == _KILLED else 'after a kill: '}out of memory)"
    meaning = _meaning(code)
    return f"exit code {code} ({meaning})" if meaning else f"exit code {code}"


def signal_name(number: str) -> str:
    """Return the name of a signal that the engine tells as a number or a name: ``SIGTERM``."""
    if not number.isdigit():
        return number or "a signal"
    try:
        return signal.Signals(int(number)).name
    except ValueError:
        return f"signal {number}"


def state(status: str) -> str:
    """Return what a container's status says, to follow its name: ``is paused``."""
    return _STATES.get(status, f"is {status}")


def _meaning(code: int) -> str:
    if code in _MEANINGS:
        return _MEANINGS[code]
    try:
        number = signal.Signals(code - _SIGNALLED)
    except ValueError:
        return ""
    told = _SIGNALS.get(number)
    return f"{told}, {number.name}" if told else f"ended by {number.name}"


def printable(text: str) -> str:
    """Return a line without colours and cursor movements, and with other control characters spelled out."""
    return text if text.isprintable() else _STEERING.sub("", text).translate(_SPELLED)


_STEERING = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")
_SPELLED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code != ord("\t")}
