"""What a log line is a sign of: nothing, something suspicious, or certainly something fatal; pure.

Suspicious is what usually tells of an error. Certainly fatal is only what no healthy service writes: the end of a program
in words of its own runtime, or of one of its processes in words of the one that supervises it.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from ..stack.log_stream import LogLine


class Weight(IntEnum):
    """How much a line weighs against its service."""

    NONE = 0
    SUSPICIOUS = 1
    FATAL = 2


class FatalSign(NamedTuple):
    """A kind of line that is certainly fatal, and what it says."""

    what: str
    pattern: re.Pattern[str]


_CRASH = "(?:4|6|7|8|9|11)"
"""Signals by which a process ends against its will: SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGSEGV."""

FATAL_SIGNS = (
    FatalSign(
        "a server process of PostgreSQL was killed",
        re.compile(rf"\bserver process \(PID \d+\) was terminated by signal {_CRASH}\b"),
    ),
    FatalSign("a worker of nginx was killed", re.compile(rf"\bworker process \d+ exited on signal {_CRASH}\b")),
    FatalSign(
        "supervisord lost a program to a signal",
        re.compile(r"\bexited: \S+ \(terminated by SIG(?:KILL|SEGV|ABRT|BUS|ILL|FPE); not expected\)"),
    ),
    FatalSign(
        "a worker of Celery was killed",
        re.compile(rf"\bWorkerLostError: Worker exited prematurely: signal {_CRASH}\b"),
    ),
    FatalSign("Node ran out of memory", re.compile(r"^FATAL ERROR: .*JavaScript heap out of memory")),
    FatalSign(
        "the Java virtual machine crashed",
        re.compile(r"^# A fatal error has been detected by the Java Runtime Environment:"),
    ),
    FatalSign(
        "the Java virtual machine ended itself for want of memory",
        re.compile(r"^Terminating due to java\.lang\.OutOfMemoryError\b"),
    ),
)
"""Certain in one line. ``java.lang.OutOfMemoryError`` alone is not: the program may catch it and go on. Nor is the
kernel's ``Out of memory: Killed process``: only a service that relays the log of the machine writes it."""
GO_PANIC = "a Go program panicked"

_HINTS = (
    *(
        "err",
        "fatal",
        "panic",
        "crit",
        "alert",
        "emerg",
        "severe",
        "exception",
        "traceback",
        "segfault",
        "segmentation",
    ),
    *("core dumped", "memory", "oom", "no space", "unhandled", "uncaught", "sigkill", "signal", "killed", '"level":'),
    *('"s":"', "lvl"),
)
"""A line without any of these in small letters has no sign; looking for them first is ten times as fast."""
_LOOKED_AT = 2000
"""Characters of a line; a sign stands in front."""
_KLOG = re.compile(r"[EF]\d{4} \d\d:\d\d:\d\d\.\d")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_LEVEL = re.compile(
    r"""
    (?i:(?<![\w-])(?:level|lvl|severity|levelname)"?\s*[=:]\s*"?(?P<named>[a-z]+|\d+))
    | (?<![\w=./-])(?P<word>TRACE|DEBUG|INFO|NOTICE|LOG|WARN(?:ING)?|ERR(?:OR)?|SEVERE|CRIT(?:ICAL)?|ALERT|EMERG(?:ENCY)?
        |FATAL|PANIC)(?![\w=/-]|\.\w)
    | [\[<(](?:\w+:)?(?P<bracket>trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|panic)[\])>]
    | "s":"(?P<mongo>[A-Z]\d?)"
    """,
    re.VERBOSE,
)
_BAD_LEVELS = frozenset(
    {"err", "error", "severe", "crit", "critical", "alert", "emerg", "emergency", "fatal", "panic", "dpanic"}
    | {"50", "60"}  # error and fatal of pino and bunyan
    | {"e", "f"}  # of MongoDB
)
_SIGNS = re.compile(
    rf"""
    Traceback\ \(most\ recent\ call\ last\) | \bpanicked\ at\b | ^panic:\  | \b[Ff]atal\ error\b | ^(?:fatal|error):[ ]
    | ^(?:[\w.]+)?(?:Error|Exception):\  | ^Exception\ in\ thread\b
    | [Ss]egmentation\ fault | \bsegfault\b | core\ dumped | [Oo]ut\ of\ memory\b | OutOfMemory | OOMKilled | oom-kill
    | [Cc]annot\ allocate\ memory | [Nn]o\ space\ left\ on\ device | was\ sent\ SIGKILL
    | (?:terminated|killed)\ by\ signal\ {_CRASH}\b | exited\ on\ signal\ {_CRASH}\b | :\ line\ \d+:\ +\d+\ Killed\b
    | [Uu]nhandled\ (?:promise\ rejection|exception|error)\b | UnhandledPromiseRejection | [Uu]ncaught\ \w*(?:exception|Error)
    """,
    re.VERBOSE,
)


def weigh(line: str) -> tuple[Weight, str]:
    """Return how much one line weighs, with what it says where it is certainly fatal."""
    text = line[:_LOOKED_AT]
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS) and not _KLOG.match(text):
        return Weight.NONE, ""
    bare = _COLOUR.sub("", text) if "\x1b" in text else text
    for sign in FATAL_SIGNS:
        if sign.pattern.search(bare):
            return Weight.FATAL, sign.what
    suspicious = _has_bad_level(bare) or _SIGNS.search(bare) or _KLOG.match(bare)
    return (Weight.SUSPICIOUS if suspicious else Weight.NONE), ""


def _has_bad_level(text: str) -> bool:
    """Return whether the level of the line, which is the first that it names, is that of an error."""
    match = _LEVEL.search(text)
    return match is not None and str(match[match.lastgroup or 0]).lower() in _BAD_LEVELS


class GoPanics:
    """Recognises, in the lines of one output, the panic of a Go program: its message, then its first goroutine.

    A program that catches a panic and prints the stack by ``debug.PrintStack`` goes on; its first frame says so.
    """

    def __init__(self) -> None:
        self._message: LogLine | None = None
        self._left = 0
        self._at_goroutine = False

    def feed(self, line: LogLine) -> LogLine | None:
        """Take the next line; return the message of a panic as soon as it is certain."""
        if self._at_goroutine:
            message = self._message
            self._forget()
            if not line.text.startswith("runtime/debug."):
                return message
        within = next((count for begin, count in _GO_MESSAGES.items() if line.text.startswith(begin)), 0)
        if within and self._message is None:
            self._message, self._left = line, within
        elif self._message is not None:
            self._at_goroutine = _GOROUTINE.match(line.text) is not None
            self._left -= 1
            if not self._left and not self._at_goroutine:
                self._forget()
        return None

    def finish(self) -> LogLine | None:
        """Return the message of a panic whose first goroutine was the last line; nothing follows it any more."""
        message = self._message if self._at_goroutine else None
        self._forget()
        return message

    def _forget(self) -> None:
        self._message, self._at_goroutine = None, False


_GO_MESSAGES = {"panic: ": 20, "fatal error: ": 100}
"""How a message begins, and within how many lines the first goroutine follows; the runtime's own stack may come before."""
_GOROUTINE = re.compile(r"goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[")
